"""Which claims of a card are of the repository, by the names and sizes they are said of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards.claims import Claim
from gpai_scan.evidence.cards.subjects import (
    Identity,
    close,
    identity,
    relation,
    sizes_of,
    squeeze,
    words,
)


def by_name(claims: list[Claim], own: Identity, base: str | None) -> list[Claim]:
    """The claims held against the names and sizes they are said of."""
    resolved = [_of_base(_subject(claim, own), own, base) for claim in claims]
    resolved = _ambiguous(_exact_rows(resolved, own), own)
    return [_parameters(c, own) for c in resolved]


def _subject(claim: Claim, own: Identity) -> Claim:
    labels = claim.draft.labels
    if not labels:
        return claim
    relations = [relation(label, own) for label in labels]
    if claim.draft.rejected == "base_model" and set(relations) == {"exact"}:
        return claim._replace(draft=replace(claim.draft, rejected=None))  # "Orca-7B itself was …"
    if any(r in {"exact", "own"} for r in relations):
        return claim
    if all(r == "none" for r in relations):
        return claim
    kind = next(r for r in relations if r != "none")
    text = ", ".join(labels)[:100]
    return claim._replace(
        subject=text, rejected="ambiguous_member" if kind == "unresolved" else kind
    )


def _of_base(claim: Claim, own: Identity, base: str | None) -> Claim:
    """A figure said by name of the base model is not of what was made from it."""
    if not base or not claim.usable or squeeze(own.name) == squeeze(base.rpartition("/")[2]):
        return claim
    root = identity(base)
    named = [label for label in claim.draft.labels if relation(label, own) != "exact"]
    if any(relation(label, root) == "exact" for label in named):
        return claim._replace(subject=base, rejected="base_model")
    return claim


def _exact_rows(claims: list[Claim], own: Identity) -> list[Claim]:
    """Where a table has a row of exactly the repository's name, its other rows are of others."""
    exact = {
        c.draft.quantity
        for c in claims
        if c.draft.method == "card_table"
        and any(relation(label, own) == "exact" for label in c.draft.labels)
    }
    found = []
    for claim in claims:
        d = claim.draft
        if (
            d.method == "card_table"
            and d.labels
            and claim.usable
            and d.quantity in exact
            and not any(relation(label, own) == "exact" for label in d.labels)
        ):
            claim = claim._replace(subject=", ".join(d.labels)[:100], rejected="other_member")
        found.append(claim)
    return found


def _ambiguous(claims: list[Claim], own: Identity) -> list[Claim]:
    """A lone size in the card is the repository's; of several, none is unless its name says so."""
    groups: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        if claim.rejected == "ambiguous_member":
            for label in claim.draft.labels:
                groups[claim.draft.quantity].add(f"{sizes_of(label)}")
    found = []
    for claim in claims:
        if claim.rejected == "ambiguous_member" and len(groups[claim.draft.quantity]) <= 1:
            claim = claim._replace(subject=None, rejected=None)
        found.append(claim)
    return found


def _parameters(claim: Claim, own: Identity) -> Claim:
    """Parameters that contradict the repository's name are another member's, or a slip."""
    d = claim.draft
    if (
        d.quantity not in {"parameters_total", "parameters_active"}
        or not claim.usable
        or d.value is None
    ):
        return claim
    expected = own.sizes if d.quantity == "parameters_total" else own.active
    if d.quantity == "parameters_total" and own.counts_active:
        return claim
    if d.quantity == "parameters_active" and not own.active:
        too_large = own.sizes and not own.counts_active and d.value > 1.3 * max(own.sizes)
        return (
            claim._replace(subject=f"{d.value:.3g} parameters", rejected="other_member")
            if too_large
            else claim
        )
    if not expected or any(close(d.value, e, 1.45) for e in expected):
        return claim
    return claim._replace(subject=f"{d.value:.3g} parameters", rejected="other_member")


def _rank(claim: Claim, own: Identity) -> int:
    """How plainly a claim names the repository: the pieces of its name in the claim's label."""
    best = 0
    for label in claim.draft.labels:
        kind = relation(label, own)
        if kind == "exact":
            return 99
        if kind == "own" and sizes_of(label):
            best = max(best, 1 + len(words(label)[0] & own.tokens))
    return best


def most_specific(claims: list[Claim], own: Identity) -> list[Claim]:
    """What is said of this very model wins over what is said of the family, where they differ."""
    groups: dict[tuple[str, str], list[tuple[int, Claim]]] = defaultdict(list)
    for claim in claims:
        if claim.usable and claim.draft.value:
            stage = claim.draft.stage or "pretraining"
            groups[claim.draft.quantity, stage].append((_rank(claim, own), claim))
    weaker: set[int] = set()
    for ranked in groups.values():
        top = max(rank for rank, _ in ranked)
        best = [c.draft.value or 0.0 for rank, c in ranked if rank == top]
        weaker |= {
            id(c)
            for rank, c in ranked
            if rank < top and not any(close(c.draft.value or 0.0, b, 1.05) for b in best)
        }
    return [c._replace(rejected="less_specific") if id(c) in weaker else c for c in claims]


def many_sizes(claims: list[Claim]) -> list[Claim]:
    """Several totals in one line, none of them named as the repository's, are of several models."""
    lines: dict[int, set[float]] = defaultdict(set)
    for claim in claims:
        d = claim.draft
        if claim.usable and d.quantity == "parameters_total" and d.value and not d.labels:
            lines[claim.line].add(d.value)
    several = {line for line, found in lines.items() if max(found) > 1.15 * min(found)}
    return [
        c._replace(subject=f"{c.draft.value:.3g} parameters", rejected="ambiguous_member")
        if c.line in several
        and c.usable
        and c.draft.quantity == "parameters_total"
        and c.draft.value
        else c
        for c in claims
    ]


def family_totals(claims: list[Claim]) -> list[Claim]:
    """A figure that equals the total row of a table of several models is of all of them.

    So are hours that are no fewer than those of several members together.
    """
    totals = [
        (c.draft.quantity, c.draft.value)
        for c in claims
        if c.draft.rejected == "total_row" and c.draft.value
    ]
    hours = _hours_of_members(claims)
    if not totals and hours is None:
        return claims

    def total(quantity: str, value: float) -> bool:
        if any(q == quantity and v and close(v, value, 1.01) for q, v in totals):
            return True
        return hours is not None and quantity == "accelerator_hours" and value >= 0.99 * hours

    return [
        c._replace(subject="all models together", rejected="family_total")
        if c.usable and c.draft.value and total(c.draft.quantity, c.draft.value)
        else c
        for c in claims
    ]


def _hours_of_members(claims: list[Claim]) -> float | None:
    """The sum of the hours that a table gives of several members; None where it does not."""
    rows = [
        c
        for c in claims
        if c.draft.quantity == "accelerator_hours"
        and c.draft.method == "card_table"
        and c.draft.labels
        and c.draft.rejected is None
        and c.draft.value
    ]
    members = {c.draft.labels: c.draft.value or 0.0 for c in rows}
    several = len(members) > 1 and any(c.rejected in _OF_OTHERS for c in rows)
    return sum(members.values()) if several else None


_OF_OTHERS: Final = frozenset({"other_member", "ambiguous_member"})

"""Holds the claims of a card against the name of the repository that carries it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Final, NamedTuple

from gpai_scan.evidence.cards.drafts import HOURS_USED, NUMBERED_STAGE, PART_OF_DATA, Draft
from gpai_scan.evidence.cards.subjects import (
    Identity,
    close,
    identity,
    relation,
    sizes_of,
    squeeze,
    words,
)


class Claim(NamedTuple):
    """A draft with its place in the card and the model it is about."""

    draft: Draft
    line: int
    start: int
    end: int
    quote: str
    subject: str | None = None
    rejected: str | None = None

    def row(self, repo_id: str, revision: str | None, file: str) -> tuple[object, ...]:
        """The claim in the order of the columns of `schema.EVIDENCE`."""
        d = self.draft
        return (
            repo_id,
            revision,
            d.quantity,
            d.stage,
            self.subject,
            d.value,
            d.low,
            d.high,
            d.text,
            d.bound,
            d.method,
            self.rejected or d.rejected,
            file,
            self.line,
            self.start,
            self.end,
            self.quote,
            d.note,
        )

    @property
    def usable(self) -> bool:
        """Whether the claim may be used for the repository."""
        return self.subject is None and self.rejected is None and self.draft.rejected is None


def resolve(repo_id: str, claims: list[Claim], base: str | None = None) -> list[Claim]:
    """The claims with subject and rejection set, in order of place.

    `base` is the repository that the front matter names as base model.
    """
    said = {claim.draft.quantity for claim in claims}
    # Most cards state settings alone, for which the repository's name need not be taken apart.
    named = any(c.draft.labels for c in claims) or any(q.startswith("parameters") for q in said)
    resolved = _by_name(claims, identity(repo_id), base) if named else claims
    resolved = _parts_of_data(resolved) if "tokens" in said else resolved
    resolved = _family_totals(resolved)
    resolved = _many_sizes(resolved) if "parameters_total" in said else resolved
    resolved = _total_batch(resolved) if "batch_sequences" in said else resolved
    resolved = _hours_used(resolved) if "accelerator_count" in said else resolved
    resolved = _most_specific(resolved, identity(repo_id)) if named else resolved
    resolved = _settings(resolved) if "sequence_length" in said else resolved
    resolved = _consistent_steps(resolved) if "steps" in said else resolved
    resolved = _whole_of_parts(_repeated(resolved)) if "tokens" in said else resolved
    return [c for c in resolved if c.draft.rejected != "no_training_context"]


def _by_name(claims: list[Claim], own: Identity, base: str | None) -> list[Claim]:
    """The claims held against the names and sizes they are said of."""
    resolved = [_of_base(_subject(claim, own), own, base) for claim in claims]
    resolved = _ambiguous(_exact_rows(resolved, own), own)
    return [_parameters(c, own) for c in resolved]


def _subject(claim: Claim, own: Identity) -> Claim:
    labels = claim.draft.labels
    if not labels:
        return claim
    relations = [relation(label, own) for label in labels]
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


def _settings(claims: list[Claim]) -> list[Claim]:
    """A sequence length is one of training only where steps or a batch size stand in the card."""
    training = any(
        c.draft.quantity in {"steps", "batch_tokens", "batch_sequences"} and not c.draft.rejected
        for c in claims
    )
    found = []
    for claim in claims:
        d = claim.draft
        if d.quantity == "sequence_length" and not training and d.rejected is None:
            claim = claim._replace(draft=replace(d, quantity="context_length"))
        found.append(claim)
    return found


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


def _most_specific(claims: list[Claim], own: Identity) -> list[Claim]:
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


def _many_sizes(claims: list[Claim]) -> list[Claim]:
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


def _family_totals(claims: list[Claim]) -> list[Claim]:
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


def _parts_of_data(claims: list[Claim]) -> list[Claim]:
    """Data of one language or kind is a part where the card states more tokens seen."""
    seen = [
        c.draft.value for c in claims if c.usable and c.draft.quantity == "tokens" and c.draft.value
    ]
    return [
        c._replace(rejected="part")
        if c.draft.note == PART_OF_DATA and c.usable and any(t > (c.draft.value or 0) for t in seen)
        else c
        for c in claims
    ]


_FIRST: Final = (None, "pretraining", "all_training")


def _seen(claims: list[Claim], stages: tuple[str | None, ...]) -> list[Claim]:
    """The usable claims of tokens seen in some stages."""
    found = [c for c in claims if c.usable and c.draft.quantity == "tokens" and c.draft.value]
    return [c for c in found if c.draft.stage in stages]


def _repeated(claims: list[Claim]) -> list[Claim]:
    """Tokens that the epochs multiply to other tokens of the card are those of the data."""
    epochs = _lone_value(claims, "epochs") or 1.0
    seen = _seen(claims, (*_FIRST, "continued_pretraining"))
    data = {
        id(c)
        for c in seen
        if epochs > 1
        and any(close((c.draft.value or 0) * epochs, o.draft.value or 0, 1.03) for o in seen)
    }
    return [
        c._replace(draft=replace(c.draft, quantity="unique_tokens")) if id(c) in data else c
        for c in claims
    ]


def _whole_of_parts(claims: list[Claim]) -> list[Claim]:
    """Tokens that add up to a larger figure of the card are its parts: those of a table or line."""
    seen = _seen(claims, (*_FIRST, "continued_pretraining"))
    whole = max((c.draft.value or 0.0 for c in seen if c.draft.stage in _FIRST), default=0.0)
    smaller = [c for c in seen if c.draft.value != whole]
    groups = [smaller, [c for c in smaller if c.draft.method == "card_table"]]
    groups += [[c for c in smaller if c.line == line] for line in {c.line for c in smaller}]
    parts = {id(c) for group in groups if _add_up(group, whole) for c in group}
    numbered = [c for c in seen if c.draft.note == NUMBERED_STAGE]
    if whole > max((c.draft.value or 0.0 for c in numbered), default=whole):
        parts |= {id(c) for c in numbered}
    return [c._replace(rejected="part") if id(c) in parts else c for c in claims]


def _add_up(parts: list[Claim], whole: float) -> bool:
    """Whether figures add up to another; one that is said twice may count once."""
    values = [value or 0.0 for value, _, _ in {(c.draft.value, c.line, c.start) for c in parts}]
    several = len(set(values)) > 1
    return several and any(close(total, whole, 1.03) for total in (sum(values), sum(set(values))))


def _total_batch(claims: list[Claim]) -> list[Claim]:
    """`train_batch_size` is of one device where `total_train_batch_size` stands beside it."""
    if not any("total_train_batch_size" in c.quote for c in claims):
        return claims
    return [
        c._replace(rejected="per_device")
        if c.usable
        and c.draft.quantity == "batch_sequences"
        and "total_train_batch_size" not in c.quote
        and "train_batch_size" in c.quote
        else c
        for c in claims
    ]


# "Hours used" of the usual template: up to this many, beside several devices, are hours of the
# clock; nobody trains for longer, so above it they are hours of devices.
_CLOCK_HOURS: Final = 5000.0


def _hours_used(claims: list[Claim]) -> list[Claim]:
    """Reads the template's `Hours used` as a duration where its `Hardware Type` has a count."""
    count = _lone_value(claims, "accelerator_count")
    if count is None or count <= 1:
        return claims
    return [
        c._replace(draft=replace(c.draft, quantity="training_hours"))
        if c.draft.note == HOURS_USED and (c.draft.value or 0.0) <= _CLOCK_HOURS
        else c
        for c in claims
    ]


def _lone_value(claims: list[Claim], quantity: str) -> float | None:
    """The one value that the usable claims of a quantity agree on."""
    values = {
        c.draft.value for c in claims if c.usable and c.draft.quantity == quantity and c.draft.value
    }
    return values.pop() if len(values) == 1 else None


def _consistent_steps(claims: list[Claim]) -> list[Claim]:
    """Of steps that differ, those that miss the stated tokens at the stated batch are slips.

    So are steps in the very line that states the tokens.
    """
    batch, tokens = _lone_value(claims, "batch_tokens"), _lone_value(claims, "tokens")
    if batch is None or tokens is None:
        return claims
    lines = {c.line for c in claims if c.usable and c.draft.quantity == "tokens"}
    stated = [c for c in claims if c.usable and c.draft.quantity == "steps" and c.draft.value]
    fits = {id(c): close((c.draft.value or 0) * batch, tokens, 3.0) for c in stated}
    slips = {id(c) for c in stated if not fits[id(c)] and (any(fits.values()) or c.line in lines)}
    return [c._replace(rejected="implausible") if id(c) in slips else c for c in claims]

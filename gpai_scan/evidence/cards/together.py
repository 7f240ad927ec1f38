"""What claims of one card make of one another: parts and wholes, settings, slips."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Final

from gpai_scan.evidence.cards.claims import Claim, lone_value
from gpai_scan.evidence.cards.drafts import HOURS_USED, NUMBERED_STAGE, PART_OF_DATA
from gpai_scan.evidence.cards.rules import stage
from gpai_scan.evidence.cards.subjects import (
    close,
)

_NEAR: Final = 8  # lines between the settings of one list or table, at most
_LONGEST: Final = 32_768.0  # tokens; longer ones are what a model was extended to
_OF_RUNS: Final = frozenset({"batch_sequences", "batch_tokens", "steps", "epochs"})


def lengths(claims: list[Claim]) -> list[Claim]:
    """A length among the settings of a run, `Max length | 4096`, is that of its sequences."""
    contexts = [c for c in claims if c.usable and c.draft.quantity == "context_length"]
    if any(c.usable and c.draft.quantity == "sequence_length" for c in claims):
        return claims
    runs = [c.line for c in claims if c.usable and c.draft.quantity in _OF_RUNS]
    near = [c for c in contexts if any(abs(c.line - line) <= _NEAR for line in runs)]
    near = [c for c in near if c.draft.method == "card_table" or c.line in runs]
    if len({c.draft.value for c in near}) != 1 or (near[0].draft.value or 0.0) > _LONGEST:
        return claims
    chosen = {id(c) for c in near}
    return [
        c._replace(draft=replace(c.draft, quantity="sequence_length")) if id(c) in chosen else c
        for c in claims
    ]


def settings(claims: list[Claim]) -> list[Claim]:
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


def parts_of_data(claims: list[Claim]) -> list[Claim]:
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


def repeated(claims: list[Claim]) -> list[Claim]:
    """Tokens that the epochs multiply to other tokens of the card are those of the data."""
    epochs = lone_value(claims, "epochs") or 1.0
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


def whole_of_parts(claims: list[Claim]) -> list[Claim]:
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


def continued_sum(claims: list[Claim]) -> list[Claim]:
    """Several continued stages that one table or line tells apart add up."""
    stages = _seen(claims, ("continued_pretraining",))
    stages = [c for c in stages if (c.draft.value or 0.0) >= _A_STAGE]
    values = [c.draft.value or 0.0 for c in stages]
    if len(set(values)) < 2 or len({c.draft.labels for c in stages}) > 1:
        return claims
    if not all(_next_to(a, b) for a, b in pairwise(stages)):
        return claims
    total = sum(values)
    low, high = (sum(getattr(c.draft, n) or 0.0 for c in stages) for n in ("low", "high"))
    note = " + ".join(f"{value:g}" for value in values)
    whole = replace(
        stages[0].draft, value=total, low=low, high=high, method="card_derived", note=note
    )
    parts = {id(c) for c in stages}
    found = [c._replace(rejected="part") if id(c) in parts else c for c in claims]
    return [*found, stages[0]._replace(draft=whole)]


def _next_to(first: Claim, second: Claim) -> bool:
    """Whether two stages are rows of one table, or told apart by name in one line."""
    if first.draft.method == second.draft.method == "card_table":
        return 0 < second.line - first.line <= _APART
    if first.line != second.line or len(first.quote) < second.start:
        return False
    between = first.quote[first.end : second.start].lower()
    return stage(between, "") == "continued_pretraining" and not _INSIDE.search(between)


_A_STAGE: Final = 1e8  # tokens; fewer are no stage of a training
_APART: Final = 3  # lines between the rows of a table of stages, at most
_INSIDE: Final = re.compile(r"\b(?:of which|includ\w+|contain\w+)\b|[:=]")


def _add_up(parts: list[Claim], whole: float) -> bool:
    """Whether figures add up to another; one that is said twice may count once."""
    values = [value or 0.0 for value, _, _ in {(c.draft.value, c.line, c.start) for c in parts}]
    several = len(set(values)) > 1
    return several and any(close(total, whole, 1.03) for total in (sum(values), sum(set(values))))


def total_batch(claims: list[Claim]) -> list[Claim]:
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


def hours_used(claims: list[Claim]) -> list[Claim]:
    """Reads the template's `Hours used` as a duration where its `Hardware Type` has a count."""
    count = lone_value(claims, "accelerator_count")
    if count is None or count <= 1:
        return claims
    return [
        c._replace(draft=replace(c.draft, quantity="training_hours"))
        if c.draft.note == HOURS_USED and (c.draft.value or 0.0) <= _CLOCK_HOURS
        else c
        for c in claims
    ]


def consistent_steps(claims: list[Claim]) -> list[Claim]:
    """Of steps that differ, those that miss the stated tokens at the stated batch are slips.

    So are steps in the very line that states the tokens.
    """
    batch, tokens = lone_value(claims, "batch_tokens"), lone_value(claims, "tokens")
    if batch is None or tokens is None:
        return claims
    lines = {c.line for c in claims if c.usable and c.draft.quantity == "tokens"}
    stated = [c for c in claims if c.usable and c.draft.quantity == "steps" and c.draft.value]
    fits = {id(c): close((c.draft.value or 0) * batch, tokens, 3.0) for c in stated}
    slips = {id(c) for c in stated if not fits[id(c)] and (any(fits.values()) or c.line in lines)}
    return [c._replace(rejected="implausible") if id(c) in slips else c for c in claims]

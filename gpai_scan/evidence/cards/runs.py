"""How long a run lasted whose first and last day a card gives apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards.claims import Claim
from gpai_scan.evidence.cards.dates import day_of, run_between
from gpai_scan.evidence.cards.drafts import BEGAN, ENDED, UNSAID

_APART: Final = 15  # lines from a day of who knows what to the machines that tell what it is of


def lasted(claims: list[Claim]) -> list[Claim]:
    """The claims with a duration for each pair of days, and without the days.

    A pair is the one first and the one last day that a card gives of a model; of several nobody
    knows which belong together.
    """
    days = [claim for claim in claims if claim.draft.quantity in {BEGAN, ENDED}]
    if not days:
        return claims
    others = [claim for claim in claims if claim.draft.quantity not in {BEGAN, ENDED}]
    machines = [c.line for c in others if c.draft.quantity.startswith("accelerator_")]
    of_training = [
        claim
        for claim in days
        if claim.draft.note != UNSAID or any(abs(line - claim.line) <= _APART for line in machines)
    ]
    return sorted([*others, *_pairs(of_training)], key=lambda claim: (claim.line, claim.start))


def _pairs(days: list[Claim]) -> Iterator[Claim]:
    groups: dict[tuple[str, ...], dict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in days:
        groups[claim.draft.labels][claim.draft.quantity].append(claim)
    for ends in groups.values():
        if any(len({claim.draft.text for claim in ends[end]}) != 1 for end in (BEGAN, ENDED)):
            continue
        began, ended = ends[BEGAN][0], ends[ENDED][0]
        run = run_between(day_of(began.draft.text or ""), day_of(ended.draft.text or ""))
        if run is not None:
            told = run.draft()
            draft = replace(
                told,
                start=ended.draft.start,
                end=ended.draft.end,
                stage=ended.draft.stage or began.draft.stage,
                labels=ended.draft.labels,
                rejected=ended.draft.rejected or began.draft.rejected,
                method="card_derived",
                note=f"{told.note} (lines {began.line} and {ended.line})",
            )
            yield ended._replace(draft=draft)

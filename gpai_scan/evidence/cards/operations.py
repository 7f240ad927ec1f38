"""Operations of a training as a text states them: in FLOP, zettaFLOP, or petaFLOP/s-days."""

from __future__ import annotations

import re
from typing import Final

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.units import Mention, Sentence

_PREFIXES: Final = {"p": 1e15, "e": 1e18, "z": 1e21, "y": 1e24}
_SECONDS: Final = 86400.0  # of a day
_LEAST: Final = 1e17
"""No training worth a figure takes less; below it a figure is a rate or of one pass."""
_MACHINE: Final = re.compile(r"\b(?:peak|cluster|super ?computer|offers?|delivers?|capab\w+)\b")
# "Models above 10^25 FLOP are presumed to have …": a line that the law draws.
_LAW: Final = re.compile(
    r"\b(?:thresholds?|systemic|presum\w+|regulat\w+|(?:ai|eu) act|executive order|guidelines?)\b"
)


def operations(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    """Training compute in FLOP; None where the figure is too small to be of any training."""
    number = mention.number
    unit = source.text[number.end : mention.end].strip(" -\u00a0").lower()
    factor = 1.0
    if mention.unit == "flop_days":
        factor = _PREFIXES[unit[0]] * _SECONDS
    elif unit.startswith(("zetta", "yotta", "zflop", "yflop")):
        factor = _PREFIXES[unit[0]]
    if number.value * factor < 1e12:
        return None
    value, low, high = (figure * factor for figure in (number.value, number.low, number.high))
    return Draft(
        "training_flop",
        0,
        0,
        value,
        low,
        high,
        bound=number.bound,
        rejected=_reason(value, factor, source, left),
        stage=rules.stage(left, right, source.heading),
        note=f"stated as {number.value:g} {unit}" if factor != 1.0 else None,
    )


def _reason(value: float, factor: float, source: Sentence, left: str) -> str | None:
    if value < _LEAST:
        return "rate"
    if factor != 1.0 and _MACHINE.search(source.lower):
        return "facility"
    if _LAW.search(source.lower) and not re.search(rules.TRAIN, left):
        return "threshold"
    return None

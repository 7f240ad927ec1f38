"""Products of figures that a card states apart: steps x batch, epochs x data, count x duration."""

from __future__ import annotations

from gpai_scan.evidence.cards.resolve import Claim


def derived(claims: list[Claim]) -> list[Claim]:
    """Claims of method `card_derived` that follow from the usable ones."""
    return []

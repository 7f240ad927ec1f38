"""A phrase by which cards say what a model was made from, and what must stand around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpai_scan.evidence.cards.folded import Folded
from gpai_scan.evidence.stated.words import folded, rx


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase before a name, and the kind of derivation it tells (None: none).

    `strong` phrases are followed by a model and by nothing else; after the others a name must be
    an identifier or hold a number. Where `numbered`, only a name with a number in it or an
    identifier counts; where there is a `tail`, it must follow a name that is no link to a model;
    what fits `without` must not stand before the phrase.
    """

    pattern: Folded
    relation: str | None
    strong: bool
    numbered: bool
    tail: re.Pattern[str] | None
    without: re.Pattern[str] | None


def phrase(
    pattern: str,
    relation: str | None,
    strong: bool = True,
    numbered: bool = False,
    tail: str | None = None,
    without: str | None = None,
) -> Phrase:
    """A phrase of a verbose pattern without regard to case."""
    following, barred = (rx(part) if part else None for part in (tail, without))
    return Phrase(folded(pattern), relation, strong, numbered, following, barred)

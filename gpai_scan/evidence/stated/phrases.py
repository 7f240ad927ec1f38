"""The phrases by which cards say what a model was made from; rules of language, no names.

A phrase is tried on sentences whose markup is blanked, and only where it may fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gpai_scan.evidence.cards.folded import Gate
from gpai_scan.evidence.stated import copies, languages, origins, trainings
from gpai_scan.evidence.stated.phrase import Phrase

PHRASES: Final = (*copies.PHRASES, *trainings.PHRASES, *origins.PHRASES, *languages.PHRASES)
"""In the order in which they are believed where several stand before one name."""

GATE: Final = Gate([phrase.pattern for phrase in PHRASES])


def possible(words: Iterable[str]) -> Iterator[Phrase]:
    """The phrases that a sentence with some words may hold."""
    return (PHRASES[place] for place in GATE.open(words))

"""The words that are read off a pattern stand in every text the pattern fits."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpai_scan.evidence.cards.folded import Folded, Gate, lower
from gpai_scan.evidence.cards.needed import needed
from gpai_scan.evidence.stated import phrases

PATTERNS = [
    r"\b(?:fine-?tun(?:ed|ing)|pruned)\b(?:\s\w+){0,3}?\s(?:of|from)\b",
    r"(?:(?:mono|multi)lingual|(?:in){2}put|[xy]-axis){1,3}",
    r"on(?:e|ce|ly)? (?=thousand)|[^a]?forty",
]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("Merged (?:with|into)", (("merged into", "merged with"),)),
        (r"trained\s\w+ from", ((" from",), ("trained",))),
        ("tokens?|parameters?", (("parameter", "token"),)),
        ("(?:tokens)?", ()),
        (r"[0-9]+\s?[a-z]", ()),
        ("обучен", (("обучен",),)),
    ],
)
def test_words_are_read_off_the_parts_that_must_be_there(
    pattern: str, words: tuple[tuple[str, ...], ...]
) -> None:
    assert set(needed(pattern)) == set(words)


@pytest.mark.parametrize(
    "pattern", [*PATTERNS, *(phrase.pattern.source for phrase in phrases.PHRASES)]
)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_fits_holds_a_word_of_each_set(pattern: str, data: st.DataObject) -> None:
    verbose = pattern not in PATTERNS
    plain = re.compile(pattern, re.IGNORECASE | (re.VERBOSE if verbose else re.NOFLAG))
    letters = st.characters(codec="ascii" if pattern.isascii() else "utf-8")
    text = data.draw(st.from_regex(plain, alphabet=letters))
    folded = Folded(pattern, verbose=verbose)
    assert [m.span() for m in folded.finditer(text)] == [m.span() for m in plain.finditer(text)]
    assert bool(folded.search(text)) == bool(plain.search(text))
    gate = Gate([folded])
    assert gate.open([word for word in gate.words if word in lower(text)]) == [0]

"""Patterns without regard to case find in ASCII text what the engine's own folding finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpai_scan.evidence.cards.folded import Folded

PATTERNS = [
    r"(?P<Unit>GPU|TPU)s?\W*(?:of )?[A-Z]+\d",
    r"\bNVIDIA\B|(?<=Cloud)TPU\s?GPU|\S\?GiB",
    r"[^A-Z0-9\W]{2}|Größe|\d\s?H100",
]
TEXTS = st.lists(
    st.sampled_from(
        [
            "GPUs",
            "tpu",
            "of ",
            "A1",
            "h100",
            "NVIDIAX",
            "cloud",
            "GIB",
            "?",
            "größe",
            " ",
            "\n",
            "K",
        ]
    )
).map("".join)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.one_of(TEXTS, st.text(max_size=12)))
def test_the_same_places_as_the_engine_finds(pattern: str, text: str) -> None:
    folded, plain = Folded(pattern), re.compile(pattern, re.IGNORECASE)
    assert [m.span() for m in folded.finditer(text)] == [m.span() for m in plain.finditer(text)]
    for found, expected in (
        (folded.search(text), plain.search(text)),
        (folded.match(text, 1), plain.match(text, 1)),
    ):
        assert (found and found.span()) == (expected and expected.span())

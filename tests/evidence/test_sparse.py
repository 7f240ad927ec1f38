"""What is done to few texts alone comes out as if it were done to all."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from gpai_scan.evidence import sparse

TEXTS = st.lists(st.text(alphabet="ab`\n", max_size=12), max_size=12)
TEXT = pl.col("text")


@given(TEXTS)
def test_texts_that_the_test_holds_for_are_changed_in_their_places(texts: list[str]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String}).with_row_index("document")
    changed = sparse.changed(frame, TEXT.str.contains("`"), TEXT.str.replace_all("`", "c"))
    assert changed["document"].to_list() == frame["document"].to_list()
    assert changed["text"].to_list() == [text.replace("`", "c") for text in texts]


@given(TEXTS)
def test_signs_are_counted_in_every_text(texts: list[str]) -> None:
    counted = sparse.count(pl.Series(texts, dtype=pl.String), ["```"], "```")
    assert counted.to_list() == [text.count("```") for text in texts]


@given(TEXTS)
def test_no_text_but_a_candidate_is_found(texts: list[str]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    candidates = series.str.starts_with("a")
    found = sparse.contains(series, candidates, "b$")
    assert found.to_list() == [text.startswith("a") and text.endswith("b") for text in texts]

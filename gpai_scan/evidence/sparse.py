"""What few texts of many need, done to those alone.

`pl.when` reckons a branch for every row and then leaves most of it out; what is dear on text is
therefore done on the rows that a cheap test leaves.
"""

from __future__ import annotations

import polars as pl


def changed(frame: pl.DataFrame, test: pl.Expr, text: pl.Expr) -> pl.DataFrame:
    """The frame with another `text` where the test holds, sorted by `document` as it was."""
    met = frame.select(test.fill_null(value=False)).to_series()
    if not met.any():
        return frame
    parts = [frame.filter(~met), frame.filter(met).with_columns(text.alias("text"))]
    return pl.concat(parts).sort("document")


def contains(texts: pl.Series, candidates: pl.Series, pattern: str) -> pl.Series:
    """Whether each text is among the candidates and fits the pattern."""
    places = candidates.arg_true()
    return candidates.scatter(places, texts.gather(places).str.contains(pattern))


def count(texts: pl.Series, signs: list[str], pattern: str) -> pl.Series:
    """How often each text fits a pattern that needs one of the signs, which few texts hold."""
    places = texts.str.contains_any(signs).arg_true()
    found = texts.gather(places).str.count_matches(pattern).cast(pl.Int64)
    return pl.zeros(texts.len(), pl.Int64, eager=True).scatter(places, found)

"""Reads a card given as text, for the tests of the card reader."""

from __future__ import annotations

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence import card
from gpai_scan.sources import Raw


def raw(cards: dict[str, str]) -> Raw:
    """A shard whose repositories have these cards."""
    rows = [
        {"repo_id": repo_id, "path": "README.md", "status": "ok", "text": text}
        for repo_id, text in cards.items()
    ]
    documents = schema.DOCUMENTS.conform(pl.LazyFrame(rows, schema_overrides={"text": pl.String}))
    repositories = schema.REPOSITORIES.conform(pl.LazyFrame({"repo_id": list(cards)}))
    return Raw(repositories, documents, schema.PROBLEMS.empty().lazy())


def claims(text: str, repo_id: str = "some/model-7b") -> pl.DataFrame:
    """All claims of one card."""
    return card.evidence(raw({repo_id: text})).collect()


def used(text: str, repo_id: str = "some/model-7b") -> dict[str, list[float | str]]:
    """What may be used of one card: quantity -> values in order of place."""
    frame = claims(text, repo_id).filter(pl.col("rejected").is_null() & pl.col("subject").is_null())
    found: dict[str, list[float | str]] = {}
    for quantity, value, words in frame.select("quantity", "value", "text").iter_rows():
        found.setdefault(quantity, []).append(words if value is None else value)
    return found


def rejected(text: str, repo_id: str = "some/model-7b") -> set[tuple[str, float, str]]:
    """What must not be used: quantity, value and reason."""
    frame = claims(text, repo_id).filter(
        pl.col("rejected").is_not_null() & pl.col("value").is_not_null()
    )
    return set(frame.select("quantity", "value", "rejected").iter_rows())

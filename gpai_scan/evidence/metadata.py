"""What the hub's own metadata states: licence, base, data sets, languages, architecture.

The hub fills these from the front matter of the card, from `config.json` and from what its users
entered by hand, so they speak where the files themselves could not be read.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.sources import Raw

_ABSENT: Final = ("", "unknown", "none", "null", "n/a")


def _lists(repositories: pl.LazyFrame, column: str, quantity: str, key: str) -> pl.LazyFrame:
    """One claim for each entry of a list column."""
    return (
        repositories.filter(pl.col(column).list.len() > 0)
        .select(
            "repo_id",
            "revision",
            "listing_file",
            text=pl.col(column).list.unique(maintain_order=True),
        )
        .explode("text")
        .with_columns(quantity=pl.lit(quantity), key=pl.lit(key))
    )


def _scalar(repositories: pl.LazyFrame, text: pl.Expr, quantity: str, key: str) -> pl.LazyFrame:
    return repositories.select(
        "repo_id", "revision", "listing_file", text.alias("text")
    ).with_columns(quantity=pl.lit(quantity), key=pl.lit(key))


def _licence() -> pl.Expr:
    """The identifier, or the licence's own name where the identifier is `other`."""
    named = (pl.col("licence") == "other") & pl.col("licence_name").is_not_null()
    return pl.when(named).then(pl.col("licence_name").str.to_lowercase()).otherwise("licence")


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the listing, method `listing` (`schema.EVIDENCE`)."""
    rows = raw.repositories
    relation = pl.col("base_relation").str.to_lowercase()
    claims = pl.concat(
        [
            _scalar(rows, _licence(), "licence", "license"),
            _scalar(
                rows,
                pl.when(relation.is_in(schema.RELATIONS)).then(relation),
                "relation",
                "base_model_relation",
            ),
            _lists(rows, "base_repo_ids", "base_model", "base_model"),
            _lists(rows, "datasets", "dataset", "datasets"),
            _lists(rows, "languages", "language", "language"),
            _lists(rows, "architectures", "architecture", "architectures"),
        ]
    ).filter(~pl.col("text").str.to_lowercase().is_in(_ABSENT))
    return schema.EVIDENCE.conform(
        claims.with_columns(
            pl.lit("equal").alias("bound"),
            pl.lit("listing").alias("method"),
            pl.col("listing_file").alias("file"),
            pl.concat_str("key", pl.lit(": "), "text").str.slice(0, 200).alias("quote"),
        )
    )

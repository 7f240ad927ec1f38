"""Claims over the header of a GGUF file, as the hub lists it.

`gguf.total` counts parameters of one file's header; `totalFileSize` is bytes over all files of
the repository and says nothing about one of them, except that a file cannot hold fewer bits than
parameters.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.sources import Raw

_LARGEST: Final = 1e14
_FEWEST_BITS: Final = 0.9
"""Bits a stored weight takes at the very least."""


def _claim(rows: pl.LazyFrame, quantity: str, key: str, **columns: pl.Expr) -> pl.LazyFrame:
    said = columns.get("value", columns.get("text", pl.lit(None)))
    return rows.select(
        "repo_id",
        "revision",
        pl.lit(quantity).alias("quantity"),
        pl.lit("gguf").alias("method"),
        pl.col("listing_file").alias("file"),
        (pl.lit(f"gguf.{key}=") + _text(said)).alias("quote"),
        *(expr.alias(name) for name, expr in columns.items()),
    )


def _text(value: pl.Expr) -> pl.Expr:
    number = value.cast(pl.Float64, strict=False).round(0).cast(pl.Int64, strict=False)
    return pl.coalesce(number.cast(pl.String), value.cast(pl.String))


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the GGUF header (`schema.EVIDENCE`), method `gguf`."""
    rows = raw.repositories
    total, size = pl.col("gguf_total"), pl.col("gguf_bytes")
    possible = total.is_between(1.0, _LARGEST) & (
        (size * 8.0 >= total * _FEWEST_BITS).fill_null(True)
    )
    odd = pl.when(~possible).then(pl.lit("implausible"))
    claims = [
        _claim(rows, "parameters_total", "total", value=total, low=total, high=total, rejected=odd),
        _claim(rows, "context_length", "context_length", value=pl.col("gguf_context_length")),
        _claim(rows, "architecture", "architecture", text=pl.col("gguf_architecture")),
    ]
    given = (pl.col("value").is_finite() & (pl.col("value") > 0)) | (pl.col("text") != "")
    stacked = pl.concat(claims, how="diagonal").filter(given.fill_null(False))
    return schema.EVIDENCE.conform(stacked)

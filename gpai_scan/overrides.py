"""The user's own figures: a table that goes before everything that was read.

A CSV file with the columns `repo_id, quantity, value, text, stage, source`; `text` and `stage` may
be absent or empty. Every row needs a source: a figure without one is no evidence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.errors import InvalidInput, UnknownName

REQUIRED: Final = ("repo_id", "quantity", "value", "source")
_KEY: Final = ["repo_id", "quantity", "stage"]


def facts(path: Path) -> pl.LazyFrame:
    """The table as facts (`schema.FACTS`) of method `override`.

    `InvalidInput` for a file that cannot be read, lacks a column, or holds a row without source or
    with a value that is no number; `UnknownName` for an unknown quantity.
    """
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InvalidInput(f"{path} cannot be read as a table of figures: {error}.") from error
    absent = [name for name in REQUIRED if name not in table.columns]
    if absent:
        raise InvalidInput(f"{path} lacks the column {absent[0]}; it needs {', '.join(REQUIRED)}.")
    for name in table["quantity"].drop_nulls().unique(maintain_order=True):
        if name not in schema.QUANTITIES:
            raise UnknownName("quantity", name, schema.QUANTITIES)
    numbered = table.with_row_index("line", offset=2).with_columns(
        pl.col("value").alias("_written"), pl.col("value").cast(pl.Float64, strict=False)
    )
    wrong = numbered.filter(
        pl.col("source").is_null() | (pl.col("_written").is_not_null() & pl.col("value").is_null())
    )
    if wrong.height:
        line = wrong.item(0, "line")
        raise InvalidInput(f"{path}, line {line}: every row needs a source and a plain number.")
    return schema.FACTS.conform(
        numbered.lazy().with_columns(
            pl.lit("override").alias("method"),
            pl.lit(path.name).alias("file"),
            pl.col("source").alias("quote"),
            pl.lit(1).alias("claims"),
        )
    )


def applied(known: pl.LazyFrame, own: pl.LazyFrame) -> pl.LazyFrame:
    """The facts with the user's own in the place of what was read."""
    rest = known.join(own.select(_KEY), on=_KEY, how="anti", nulls_equal=True)
    return pl.concat([rest, own])

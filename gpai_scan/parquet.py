"""Tables to Parquet files: declared columns, units in the field metadata, the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from gpai_scan import schema

COMPRESSION: Final = "zstd"
COMPRESSION_LEVEL: Final = 3
"""Level 9 gains 3 % for three times the time."""


def scan(table: schema.Table, *paths: Path) -> pl.LazyFrame:
    """The rows of Parquet files that `write` left, in the declared types.

    Other programs read an Enum back as a dictionary of strings; the cast makes it an Enum again.
    """
    if not paths:
        return table.empty().lazy()
    return table.conform(pl.scan_parquet(list(paths)))


def write(table: schema.Table, frame: pl.LazyFrame, path: Path) -> int:
    """Write a frame as one Parquet file with the table's field metadata; its number of rows.

    The file appears under its name only when it is whole.
    """
    collected = table.conform(frame).collect()
    arrow = collected.to_arrow().cast(schema.arrow_schema(table))
    fresh = path.with_name(f".{path.name}.new")
    pq.write_table(arrow, fresh, compression=COMPRESSION, compression_level=COMPRESSION_LEVEL)
    fresh.replace(path)
    return collected.height

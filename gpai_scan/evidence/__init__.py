"""The places a number can come from: one module each, one signature for all.

A reader takes the raw frames of a shard and returns claims with the columns of
`schema.EVIDENCE`. It is pure, vectorised, and never raises on what a repository contains.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.sources import Raw

Reader = Callable[[Raw], pl.LazyFrame]

MODULES: Final = (
    "config",  # first: it reads all configurations, of which others ask for some
    "safetensors",
    "gguf",
    "adapters",
    "front_matter",
    "metadata",
    "card",
    "statements",
    "datasets",
    "task",
    "name",
    "reference",
)
"""Every module of this folder that reads claims. `reference` is not a reading of the repository:
it looks published figures up, and `--no-reference` leaves it out."""

_ORDER: Final = tuple(dict.fromkeys((*schema.EVIDENCE.key, *schema.EVIDENCE.names)))
"""The key, then every other column: readers join and group, and their rows come in any order."""
_ROUNDING: Final = 1e-9
QUOTE: Final = 200
"""Characters of a quote that are kept."""


def readers(reference: bool = True) -> dict[str, Reader]:
    """The readers by the name of their place; `reference` looks published figures up."""
    wanted = [name for name in MODULES if reference or name != "reference"]
    return {name: importlib.import_module(f"gpai_scan.evidence.{name}").evidence for name in wanted}


def read(raw: Raw, reference: bool = True) -> pl.LazyFrame:
    """All claims about the repositories of a shard, in the order of the schema's key.

    Each reader is collected on its own: one plan over all of them is slower to make than to run.
    """
    claims = [
        schema.EVIDENCE.conform(reader(raw)).collect() for reader in readers(reference).values()
    ]
    return in_order(sound(pl.concat(claims).lazy()).collect()).lazy()


def in_order(claims: pl.DataFrame) -> pl.DataFrame:
    """The claims by the schema's key; by all columns the few that share a key with another.

    Rows are wide, so their places are sorted first and the rows put there once.
    """
    key = claims.select(schema.EVIDENCE.key)
    place = key.select(pl.arg_sort_by(schema.EVIDENCE.key, nulls_last=True)).to_series()
    alike = pl.all_horizontal(pl.all().eq_missing(pl.all().shift(1)))
    same = key[place].select(alike).to_series()
    shared = (same | same.shift(-1, fill_value=False)).arg_true()
    rows = place.gather(shared)
    order = claims[rows].select(pl.arg_sort_by(_ORDER, nulls_last=True)).to_series()
    return claims[place.scatter(shared, rows.gather(order))]


def sound(claims: pl.LazyFrame) -> pl.LazyFrame:
    """The claims with figures that can be stored and reckoned with, whatever a file said.

    A figure that is infinite, not a number or below zero becomes null and its claim `implausible`,
    as do ends that do not hold the value between them: the quote still shows what was written.
    Quotes end after 200 characters.
    """
    figures, ends = pl.col("value", "low", "high"), pl.col("low", "high")
    spoilt = pl.any_horizontal(~figures.is_finite() | (figures < 0)).fill_null(False)
    value = pl.col("value")
    low, high = pl.col("low") * (1 - _ROUNDING), pl.col("high") * (1 + _ROUNDING)
    crossed = (low > value).fill_null(False) | (value > high).fill_null(False)
    return claims.with_columns(
        pl.when(~spoilt).then(value),
        pl.when(~spoilt & ~crossed).then(ends),
        pl.when(spoilt | crossed)
        .then(pl.lit("implausible"))
        .otherwise("rejected")
        .alias("rejected"),
        pl.col("quote").str.head(QUOTE),
    )

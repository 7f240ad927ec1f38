"""Signs of what a model was trained on, beside its task: biological sequences."""

from __future__ import annotations

from functools import cache

import polars as pl

from gpai_scan import assets


@cache
def _signs(kind: str) -> list[str]:
    """The signs of one kind in `data/biological_signs.csv`: tags or model types."""
    table = pl.read_csv(assets.folder("data") / "biological_signs.csv")
    return table.filter(pl.col("kind") == kind)["sign"].to_list()


def tagged_biological() -> pl.Expr:
    """Whether `tags` say that a model reads proteins, DNA or RNA."""
    tags = pl.col("tags").list.eval(pl.element().str.to_lowercase().is_in(_signs("tag")))
    return tags.list.any().fill_null(value=False)


def built_biological() -> pl.Expr:
    """Whether `model_type`, else `architecture`, says that a model reads proteins, DNA or RNA.

    A model of text about biology has none of the signs.
    """
    built = pl.coalesce("model_type", "architecture").str.to_lowercase()
    return built.is_in(_signs("model_type")).fill_null(value=False)

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


def biological() -> pl.Expr:
    """Whether tags or the architecture say that a model reads proteins, DNA or RNA.

    Reads `tags`, `model_type` and `architecture`. A model of text about biology has none of the
    signs.
    """
    tags = pl.col("tags").list.eval(pl.element().str.to_lowercase().is_in(_signs("tag")))
    built = pl.coalesce("model_type", "architecture").str.to_lowercase()
    return tags.list.any().fill_null(value=False) | built.is_in(_signs("model_type")).fill_null(
        value=False
    )

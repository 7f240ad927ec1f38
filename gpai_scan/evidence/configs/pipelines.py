"""Pipelines of several networks: their parts put together.

A pipeline's `model_index.json` names its parts, each with a configuration in a folder of its own.
Only the denoiser is trained where a pipeline is made; text encoder and autoencoder are taken
over, so the denoiser is what is active.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import polars as pl

DENOISERS: Final = (
    "unet",
    "transformer",
    "transformer_2",
    "prior",
    "decoder",
    "dit",
    "denoiser",
    "flow",
)
UNCOUNTED: Final = ("safety_checker", "feature_extractor", "watermarker")
"""Parts beside the model: filters and pre-processing."""

_INDEX: Final = "model_index.json"
_WEIGHTLESS: Final = ("scheduler", "tokenizer", "processor", "extractor", "filter", "checker")


def _parts(text: str) -> list[str]:
    """The parts with weights that an index names."""
    try:
        index: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return []
    if not isinstance(index, dict):
        return []
    return sorted(
        name
        for name, value in index.items()
        if isinstance(value, list)
        and len(value) == 2
        and isinstance(value[1], str)
        and not any(word in name for word in _WEIGHTLESS)
    )


def _indexes(documents: pl.LazyFrame) -> pl.DataFrame:
    found = (
        documents.filter((pl.col("path") == _INDEX) & pl.col("text").is_not_null())
        .select("repo_id", "text")
        .unique("repo_id", keep="first", maintain_order=True)
        .collect()
    )
    named = pl.Series("named", [_parts(text) for text in found["text"]], pl.List(pl.String))
    return found.select("repo_id", named=named)


def whole(parts: pl.DataFrame, documents: pl.LazyFrame) -> pl.DataFrame:
    """One row a pipeline: its parts added up.

    `parts` are configurations with `folder` and sizes. A repository counts as a pipeline where it
    has an index or a part that is named as a denoiser.
    """
    counted = parts.filter(
        "plausible", ~pl.col("folder").str.contains("/"), ~pl.col("folder").is_in(UNCOUNTED)
    )
    drawing = pl.col("folder").is_in(DENOISERS)
    summed = counted.group_by("repo_id", maintain_order=True).agg(
        pl.col("revision").first(),
        pl.col("total").sum(),
        pl.col("low").sum(),
        pl.col("high").sum(),
        pl.col("total").filter(drawing).max().alias("denoiser"),
        pl.col("generic").any(),
        pl.col("folder").sort().alias("found"),
        (pl.col("folder") + "=" + pl.col("total").round(0).cast(pl.Int64).cast(pl.String))
        .sort()
        .str.join(", ")
        .alias("quote"),
        pl.col("path").sort().first(),
    )
    joined = summed.join(_indexes(documents), on="repo_id", how="left", maintain_order="left")
    indexed = pl.col("named").is_not_null()
    return joined.filter(indexed | pl.col("denoiser").is_not_null()).with_columns(
        file=pl.when(indexed).then(pl.lit(_INDEX)).otherwise("path"),
        missing=pl.col("named").list.set_difference("found").list.sort(),
    )


def claims(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Claims of whole pipelines: all parts, and the denoiser as what is active."""
    short = (pl.col("missing").list.len() > 0).fill_null(False)
    note = pl.when(short).then(
        pl.lit("without ") + pl.col("missing").list.join(", ") + pl.lit(", which could not be read")
    )
    shared = [
        pl.col("repo_id"),
        pl.col("revision"),
        pl.col("file"),
        pl.when("generic")
        .then(pl.lit("config_generic"))
        .otherwise(pl.lit("config"))
        .alias("method"),
        pl.col("quote").str.slice(0, 200),
        pl.when(short).then(pl.lit("at_least")).otherwise(pl.lit("equal")).alias("bound"),
    ]
    total = frame.select(
        *shared,
        pl.lit("parameters_total").alias("quantity"),
        pl.col("total").alias("value"),
        pl.col("low"),
        pl.col("high"),
        pl.concat_str(pl.lit("all parts of a pipeline"), note, separator="; ", ignore_nulls=True)
        .alias("note"),
    )  # fmt: skip
    active = frame.filter(pl.col("denoiser").is_not_null()).select(
        *shared[:-1],
        pl.lit("parameters_active").alias("quantity"),
        pl.col("denoiser").alias("value"),
        pl.lit("the denoiser; text encoder and autoencoder are taken over").alias("note"),
    )
    return [total, active]

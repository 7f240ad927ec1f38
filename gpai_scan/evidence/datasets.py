"""Known training sets named by a card or its metadata, as weak claims about tokens.

A listed data set proves neither full nor single use: the range of a claim reaches from a
twentieth of the named sets to four passes over all of them. Sets of words, pairs, images or
hours give no token claim.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import assets, schema
from gpai_scan.evidence import front_matter
from gpai_scan.sources import Raw

LEAST_SHARE: Final = 0.05
"""Share of the named sets that a run has used at the least; our choice: samples are common."""
MOST_PASSES: Final = 4.0
"""Passes beyond which repeating data stops paying (Muennighoff et al. 2023, section 5)."""
_MENTION: Final = (
    r"(?:huggingface\.co|hf\.co)/datasets/((?-u:[A-Za-z0-9][\w.-]*)(?:/(?-u:[A-Za-z0-9][\w.-]*))?)"
)


def known() -> pl.LazyFrame:
    """`data/datasets.csv`, one row a hub identifier of a set measured in tokens."""
    table = pl.scan_csv(assets.folder("data") / "datasets.csv", infer_schema=False)
    return (
        table.filter(
            pl.col("hf_ids").is_not_null()
            & (pl.col("unit") == "tokens")
            & (pl.col("preferred_for_hf_id") == "yes")
        )
        .select(
            "name",
            "tokenizer",
            pl.col("hf_ids").str.split(";"),
            pl.col("size").cast(pl.Float64),
            (pl.col("pool") == "yes").alias("pool"),
        )
        .explode("hf_ids")
        .with_columns(pl.col("hf_ids").str.strip_chars().str.to_lowercase().alias("key"))
        .unique("key", keep="first", maintain_order=True)
        .drop("hf_ids")
    )


def named(raw: Raw) -> pl.LazyFrame:
    """Data sets a repository names: `repo_id, revision, key, file, line, start, end, quote`."""
    listed = (
        raw.repositories.filter(pl.col("datasets").list.len() > 0)
        .select("repo_id", "revision", pl.col("listing_file").alias("file"), key="datasets")
        .explode("key")
        .with_columns(quote=pl.concat_str(pl.lit("datasets: "), "key"), rank=pl.lit(1))
    )
    in_card = (
        front_matter.entries(raw.documents)
        .filter(pl.col("key") == "datasets")
        .select(
            "repo_id",
            "revision",
            pl.col("value").alias("key"),
            pl.lit(front_matter.CARD).alias("file"),
            "line",
            "start",
            pl.col("quote").str.strip_chars(),
            rank=pl.lit(0),
        )
    )
    every = pl.concat([in_card, listed], how="diagonal_relaxed")
    return every.with_columns(pl.col("key").str.strip_chars().str.to_lowercase())


def evidence(raw: Raw) -> pl.LazyFrame:
    """One claim about `tokens` a repository: the sum of the known sets it names (`dataset`)."""
    found = (
        named(raw)
        .join(known(), on="key")
        .sort("repo_id", "rank", "line", "name", nulls_last=True)
        .unique(["repo_id", "name"], keep="first", maintain_order=True)
    )
    total = (
        found.with_columns(
            pl.concat_str("name", pl.lit(" ("), "tokenizer", pl.lit(")")).alias("_set")
        )
        .group_by("repo_id", maintain_order=True)
        .agg(
            *(pl.col(c).first() for c in ("revision", "file", "line", "start")),
            pl.col("quote").first().str.slice(0, 200),
            pl.col("size").sum().alias("value"),
            pl.col("pool").any(),
            pl.col("_set").unique(maintain_order=True).str.join("; ").alias("sets"),
        )
        .with_columns(
            (pl.col("value") * LEAST_SHARE).alias("low"),
            pl.when("pool").then("value").otherwise(pl.col("value") * MOST_PASSES).alias("high"),
            pl.when("pool").then(pl.lit("at_most")).otherwise(pl.lit("about")).alias("bound"),
            (pl.lit("size of named sets, use not stated: ") + pl.col("sets")).alias("note"),
            pl.lit("tokens").alias("quantity"),
            pl.lit("dataset").alias("method"),
        )
    )
    return schema.EVIDENCE.conform(total)

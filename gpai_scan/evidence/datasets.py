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
from gpai_scan.evidence.stated import passages
from gpai_scan.sources import Raw

LEAST_SHARE: Final = 0.05
"""Share of the named sets that a run has used at the least; our choice: samples are common."""
MOST_PASSES: Final = 4.0
"""Passes beyond which repeating data stops paying (Muennighoff et al. 2023, section 5)."""
_LINK: Final = (
    r"(?:huggingface\.co|hf\.co)/datasets/"
    r"([A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)?)"
)
_TRAINED: Final = (
    r"(?i)(?-u:\b)(?:pre-?\s?)?train(?:ed|ing)(?-u:\b)[^.|]{0,80}?"
    r"(?-u:\b)(?:on|data|dataset|datasets|corpus)(?-u:\b)"
)
_ELSEWHERE: Final = (
    r"(?i)(?-u:\b)(?:fine-?tun|evaluat|benchmark|compar|tokenizer|you can|to train|embedding"
    r"|similar to|such as|ablat|experiment)"
)


def known() -> pl.LazyFrame:
    """`data/datasets.csv`, one row a key of a set measured in tokens: hub identifiers and names.

    The key of a name is the name in lower case, without a remark in parentheses.
    """
    table = pl.scan_csv(assets.folder("data") / "datasets.csv", infer_schema=False)
    sets = table.filter(pl.col("unit") == "tokens").select(
        "name",
        "tokenizer",
        pl.col("hf_ids").str.split(";"),
        pl.col("size").cast(pl.Float64),
        (pl.col("pool") == "yes").alias("pool"),
        (pl.col("preferred_for_hf_id") == "yes").alias("_preferred"),
    )
    listed = sets.filter("_preferred").explode("hf_ids").with_columns(key="hf_ids")
    called = sets.with_columns(key=pl.col("name").str.replace(r"\s*\(.*$", ""))
    return (
        pl.concat([listed, called.drop("hf_ids")], how="diagonal")
        .with_columns(pl.col("key").str.strip_chars().str.to_lowercase())
        .filter(pl.col("key").is_not_null())
        .unique("key", keep="first", maintain_order=True)
        .select("name", "tokenizer", "size", "pool", "key")
    )


def _names() -> list[str]:
    """Names as they stand in prose, longest first; ordinary words are not among them."""
    table = pl.read_csv(assets.folder("data") / "datasets.csv", infer_schema=False)
    bare = table.filter(pl.col("unit") == "tokens")["name"].str.replace(r"\s*\(.*$", "").unique()
    telling = bare.filter(
        bare.str.contains(r"[a-z][A-Z]|[A-Za-z].*[0-9]|^The ") & (bare.str.len_chars() > 2)
    )
    return sorted(
        [*telling, *(n.replace("The ", "the ") for n in telling if n.startswith("The "))],
        key=lambda n: (-len(n), n),
    )


def _in_prose(documents: pl.LazyFrame) -> pl.LazyFrame:
    """Sets that a line names as what the model was trained on: linked, or by a telling name."""
    cards = passages.cards(documents).lazy()
    lines = (
        cards.filter(pl.col("text").str.contains(_TRAINED))
        .select("repo_id", "revision", "skipped", line_text=pl.col("text").str.split("\n"))
        .with_columns(row=pl.int_ranges(pl.col("line_text").list.len()))
        .explode("line_text", "row")
        .filter(
            pl.col("line_text").str.contains(_TRAINED)
            & ~pl.col("line_text").str.contains(_ELSEWHERE)
        )
    )
    named = pl.concat_list(
        pl.col("line_text").str.extract_all(_LINK).list.eval(pl.element().str.extract(_LINK)),
        pl.col("line_text").str.extract_many(_names(), leftmost=True),
    )
    return (
        lines.with_columns(key=named)
        .explode("key")
        .filter(pl.col("key").is_not_null())
        .select(
            "repo_id",
            "revision",
            "key",
            pl.lit(front_matter.CARD).alias("file"),
            (pl.col("row") + pl.col("skipped") + 1).cast(pl.Int32).alias("line"),
            pl.col("line_text").str.find(pl.col("key"), literal=True).cast(pl.Int32).alias("start"),
            quote=pl.col("line_text").str.strip_chars().str.slice(0, 200),
            rank=pl.lit(2),
        )
    )


def named(raw: Raw) -> pl.LazyFrame:
    """Data sets a repository names: `repo_id, revision, key, file, line, start, quote, rank`.

    Front matter (0) goes before the listing (1) and prose (2).
    """
    listed = (
        raw.repositories.filter(pl.col("datasets").list.len() > 0)
        .select("repo_id", "revision", pl.col("listing_file").alias("file"), key="datasets")
        .explode("key")
        .with_columns(quote=pl.concat_str(pl.lit("datasets: "), "key"), rank=pl.lit(1))
    )
    in_card = (
        front_matter.entries(raw.documents)
        .collect()
        .lazy()
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
    every = pl.concat([in_card, listed, _in_prose(raw.documents)], how="diagonal_relaxed")
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

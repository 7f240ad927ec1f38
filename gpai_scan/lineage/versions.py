"""Later stages of one model that name no parent: told by name within one namespace.

`Model-7B-Instruct` beside `Model-7B`, `Model-Chat-0324` beside `Model-Base`: the same provider,
the same name but for words of a stage or a date, no shape that contradicts, and no pre-training
of its own stated. Without this sign every chat version would count as a large pre-training run.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.lineage import names

STAGE_WORDS: Final = (
    "instruct",
    "instruction",
    "chat",
    "it",
    "sft",
    "dpo",
    "rlhf",
    "ppo",
    "grpo",
    "orpo",
    "kto",
    "rlvr",
    "thinking",
    "think",
    "reasoning",
    "reasoner",
    "aligned",
    "assistant",
    "conversational",
)
"""Words of a name that say a stage after pre-training."""

BASE_WORDS: Final = ("base", "pt", "pretrained", "pretrain", "foundation")
"""Words of a name that say the stage is pre-training."""

_DATES: Final = ("(?:20)?2[3-9](?:0[1-9]|1[0-2])", "(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])")
_STAGE: Final = f"-(?:{'|'.join(STAGE_WORDS)})-"
_BASE: Final = f"-(?:{'|'.join(BASE_WORDS)})-"
_DATE: Final = f"-(?:{'|'.join(_DATES)})-"
SAME_SIZE: Final = 0.05
"""Relative difference up to which two counts of stored elements can be one model."""


def versions(
    orphans: pl.LazyFrame, index: pl.LazyFrame, shapes: pl.LazyFrame, trained: pl.LazyFrame
) -> pl.LazyFrame:
    """Parents of later stages among the orphans of `index`.

    `shapes` has `row, _shape`; `trained` the repositories that state pre-training of their own
    (`row`). Columns of the answer: `row, repo_id, base_repo_id, relation, method, known, note`.
    """
    keyed = _keyed(index).join(shapes, on="row", how="left")
    originals = (
        keyed.filter(~pl.col("_staged"))
        .sort(~pl.col("_based"), pl.col("_dated"), "created_at", "repo_id", nulls_last=True)
        .unique(["_space", "_stem"], keep="first", maintain_order=True)
        .select(
            "_space", "_stem", "_size", "_shape", "_based", pl.col("repo_id").alias("_original")
        )
    )
    pairs = (
        keyed.filter(pl.col("_staged") | pl.col("_dated") | ~pl.col("_based"))
        .join(orphans.select("row"), on="row", how="semi")
        .join(trained, on="row", how="anti")
        .join(originals, on=["_space", "_stem"], suffix="_original")
        .filter(pl.col("_original") != pl.col("repo_id"))
    )
    differs = (pl.col("_size") / pl.col("_size_original") - 1.0).abs() > SAME_SIZE
    reshaped = pl.col("_shape") != pl.col("_shape_original")
    return pairs.filter(~(differs | reshaped).fill_null(value=False)).select(
        "row",
        "repo_id",
        pl.col("_original").alias("base_repo_id"),
        pl.when(pl.col("_staged") | pl.col("_dated") | pl.col("_based_original"))
        .then(pl.lit("finetune"))
        .otherwise(pl.lit("mirror"))
        .alias("relation"),
        pl.lit("name").alias("method"),
        pl.lit(value=True).alias("known"),
        pl.lit("not stated: by its name a later stage or copy of the provider's own").alias("note"),
    )


def absent(missing: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """Known models of which a parent that the scan does not have is by its name a later stage.

    `missing` has `repo_id`: identifiers, or `?/<name>`. Of an identifier the namespace must be the
    same; a bare name is matched with known developers' only. Columns as of `versions`, without
    `row`: the scan has no such repository, only others that name it.
    """
    named = missing.with_columns(
        pl.col("repo_id").str.extract(r"^([^/]+)/").str.to_lowercase().alias("_space"),
        _stem_of(names.level(names.last_part(pl.col("repo_id")))).alias("_stem"),
    )
    spaces = named.select("_space").unique().with_columns(pl.lit(value=True).alias("_asked"))
    here = (
        index.filter(~pl.col("_quantised"))
        .join(spaces, on="_space", how="left")
        .filter(pl.col("_asked") | pl.col("_developer"))
        .with_columns(_stem_of(pl.col("_name")).alias("_stem"))
        .sort("created_at", "repo_id", nulls_last=True)
    )
    within = here.unique(["_space", "_stem"], keep="first", maintain_order=True).select(
        "_space", "_stem", pl.col("repo_id").alias("_within")
    )
    anywhere = (
        here.filter(pl.col("_developer"))
        .unique("_stem", keep="first", maintain_order=True)
        .select("_stem", pl.col("repo_id").alias("_anywhere"))
    )
    bare = pl.col("_space") == "?"
    return (
        named.filter(pl.col("_stem").is_not_null())
        .join(within, on=["_space", "_stem"], how="left")
        .join(anywhere, on="_stem", how="left")
        .with_columns(pl.when(bare).then("_anywhere").otherwise("_within").alias("base_repo_id"))
        .filter(pl.col("base_repo_id").is_not_null())
        .select(
            "repo_id",
            "base_repo_id",
            pl.lit("finetune").alias("relation"),
            pl.lit("name").alias("method"),
            pl.lit(value=True).alias("known"),
            pl.lit("not in the scan: by its name a stage of this model").alias("note"),
        )
    )


def _stem_of(key: pl.Expr) -> pl.Expr:
    """A levelled name without words of stage, date, quantisation and format."""
    stem = names.words(key)
    for pattern in (_STAGE, _STAGE, _DATE, _BASE):
        stem = stem.str.replace_all(pattern, "--")
    return names.without_marks(stem)


def _keyed(index: pl.LazyFrame) -> pl.LazyFrame:
    """Repositories whose stem somebody with a telling name shares, with `_stem` and the signs.

    A name without any telling word is its own stem; stems are worked out for the others only.
    """
    worded = names.words(pl.col("_name"))
    signs = {"_staged": _STAGE, "_based": _BASE, "_dated": _DATE}
    rows = index.filter(~pl.col("_quantised") & pl.col("_name").is_not_null()).select(
        "row",
        "repo_id",
        "_space",
        "_name",
        "_plain",
        "_size",
        "created_at",
        *(worded.str.contains(pattern).alias(name) for name, pattern in signs.items()),
    )
    telling = pl.any_horizontal(*signs) | (pl.col("_plain") != pl.col("_name"))
    special = rows.filter(telling).with_columns(_stem_of(pl.col("_name")).alias("_stem"))
    plain = (
        rows.filter(~telling)
        .with_columns(pl.col("_plain").alias("_stem"))
        .join(special.select("_space", "_stem").unique(), on=["_space", "_stem"], how="semi")
    )
    return pl.concat([special, plain]).drop("_name", "_plain")

"""Compute along the lineage: each distinct ancestor once, then the repository's own."""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import compute

FLOOR_SIGMA: Final = 0.01
"""Spread of an estimate that is exact but for rounding: 2 %."""
STATED_BASE_SIGMA: Final = 0.1
"""Spread of 6·N·D where a derivative's card states the tokens of its base."""
STATED_TOTAL_SIGMA: Final = 0.11
"""Spread of a published total; as `training_flop, reference` of data/spreads.csv."""
SHORT: Final = 1.5
"""A chain whose sum is this many times below a published total lacks a link."""
_OWN: Final = ("own_flop", "_own_sigma")


def behind(ancestors: pl.LazyFrame, parents: pl.LazyFrame) -> pl.LazyFrame:
    """What the ancestors of each repository add up to, one row a repository that has any.

    `ancestors` has `repo_id` and `ancestor_id`, each pair once, without the repository itself;
    `parents` has `repo_id`, `relation`, `own_flop` and `_own_sigma` of every ancestor, also of
    those that are only named. Columns `repo_id, _sum, _variance, _root_unknown, _link_unknown`.
    """
    unknown = pl.col("own_flop").is_null()
    is_root = pl.col("relation").cast(pl.String) == "base"
    told = parents.select(pl.col("repo_id").alias("ancestor_id"), "relation", *_OWN)
    links = (
        ancestors.join(told, on="ancestor_id", how="left")
        .select(
            "repo_id",
            "ancestor_id",
            pl.col("own_flop").fill_null(0.0).alias("_sum"),
            (pl.col("own_flop") * pl.col("_own_sigma")).pow(2).fill_null(0.0).alias("_variance"),
            (unknown & is_root.fill_null(value=True)).alias("_root_unknown"),
            (unknown & ~is_root).fill_null(value=False).alias("_link_unknown"),
        )
        .collect(engine="in-memory")
    )
    alone = links["repo_id"].is_unique()
    several = links.lazy().filter(~alone).group_by("repo_id").agg(_together())
    added_up = several.with_columns(pl.col("_sum", "_variance").list.sum())
    return pl.concat([links.lazy().filter(alone).drop("ancestor_id"), added_up])


def _together() -> list[pl.Expr]:
    """Terms in order of name: a sum of floating-point numbers depends on the order."""
    terms = pl.col("_sum", "_variance").sort_by("ancestor_id")
    return [terms, pl.col("_root_unknown", "_link_unknown").any()]


def with_base(own: pl.LazyFrame, behind: pl.LazyFrame) -> pl.LazyFrame:
    """Base plus own.

    `own` has a row for every repository: `repo_id`, `relation`, `own_flop`, `_own_sigma`,
    `stated_base_flop` (what the repository itself says of its base's pre-training) and
    `stated_total_flop` (a published figure for all of it; it stands where the chain is unknown or
    falls short of it). `behind` is that of `behind` above.

    Adds `base_flop` (null unless every root behind it is known), `compute_flop`, `sigma_log10`,
    `inherited` (whether any base counts) and `own_unknown` (whether a link states no own compute;
    it then counts as nothing, since practically no derivative adds a share that matters).
    """
    joined = own.join(behind, on="repo_id", how="left", maintain_order="left").with_columns(
        pl.when(~pl.col("_root_unknown"))
        .then("_sum")
        .otherwise("stated_base_flop")
        .alias("base_flop"),
        pl.when(~pl.col("_root_unknown"))
        .then("_variance")
        .otherwise((pl.col("stated_base_flop") * STATED_BASE_SIGMA).pow(2))
        .alias("_base_variance"),
    )
    return joined.with_columns(_sum()).with_columns(_total())


def _sum() -> list[pl.Expr]:
    """Base plus own along the chain, and its variance."""
    derived = pl.col("relation").cast(pl.String) != "base"
    own = pl.col("own_flop")
    variance = pl.when(derived).then(pl.col("_base_variance")).otherwise(0.0) + (
        own * pl.col("_own_sigma")
    ).pow(2).fill_null(0.0)
    total = pl.when(derived).then(pl.col("base_flop") + own.fill_null(0.0)).otherwise(own)
    short = (total * SHORT < pl.col("stated_total_flop")).fill_null(value=False)
    return [
        total.alias("_chain"),
        variance.alias("_variance"),
        (derived & pl.col("stated_total_flop").is_not_null() & (total.is_null() | short)).alias(
            "_published"
        ),
        short.alias("chain_short"),
    ]


def _total() -> list[pl.Expr]:
    derived = pl.col("relation").cast(pl.String) != "base"
    unknown = pl.col("own_flop").is_null() | pl.col("_link_unknown").fill_null(value=False)
    total = pl.when("_published").then("stated_total_flop").otherwise("_chain")
    sigma = (
        pl.when("_published")
        .then(STATED_TOTAL_SIGMA)
        .otherwise(pl.col("_variance").sqrt() / pl.col("_chain"))
    )
    return [
        total.alias("compute_flop"),
        pl.max_horizontal(sigma, pl.lit(FLOOR_SIGMA)).fill_nan(FLOOR_SIGMA).alias("sigma_log10"),
        (derived & total.is_not_null()).alias("inherited"),
        (derived & unknown).alias("own_unknown"),
    ]


def with_interval(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the 90 % interval of `compute_flop` from `sigma_log10`; both null where it is."""
    low, high = compute.interval(pl.col("compute_flop"), pl.col("sigma_log10"))
    known = pl.col("compute_flop").is_not_null()
    return frame.with_columns(
        low.alias("compute_flop_low"),
        high.alias("compute_flop_high"),
        pl.when(known).then("sigma_log10").alias("sigma_log10"),
    )

"""What changed since the scan before, and why.

Every step is `LazyFrame -> LazyFrame`. A difference is put down to the first cause that explains
it: the repository has another revision; the claims read from the same revision differ; the rule
set, the reference data, the code or the settings of the run differ. A derivative whose own
revision and claims are the same takes the cause from the model it was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.report.causes import Snapshot, causes, words

FIGURE_CHANGE: Final = 1.01
"""Ratio from which a changed compute figure is listed though it crosses no line."""


def changes(before: Snapshot, after: Snapshot, thresholds: Sequence[float]) -> pl.LazyFrame:
    """The rows of `schema.CHANGES` between two scans.

    `thresholds` are lines of training compute in FLOP, crossed when `compute_flop` exceeds one
    in only one of the two scans.
    """
    pairs = _pairs(before, after).collect().lazy()
    turned = _turned(before, after).collect().lazy()
    put_down = causes(before, after, pairs, turned).collect().lazy()
    rows = [
        _appeared(before, after, pairs),
        _crossed(pairs, put_down, thresholds),
        _verdicts(before, after, pairs, turned, put_down),
        _figures(pairs, put_down),
    ]
    table = pl.concat([schema.CHANGES.conform(frame) for frame in rows])
    return table.with_columns(pl.lit(str(before.scan["scan_id"])).alias("previous_scan_id")).sort(
        schema.CHANGES.key, nulls_last=True
    )


def _pairs(before: Snapshot, after: Snapshot) -> pl.LazyFrame:
    """One row a repository of either scan, with what both say of it."""
    columns = ["repo_id", "revision", "model_id", "entity_id", "compute_flop"]
    return (
        after.estimates.select(columns)
        .join(before.estimates.select(columns), on="repo_id", how="full", suffix="_before")
        .select(
            pl.coalesce("repo_id", "repo_id_before").alias("repo_id"),
            pl.coalesce("model_id", "model_id_before").alias("model_id"),
            pl.coalesce("entity_id", "entity_id_before").alias("entity_id"),
            pl.col("repo_id").is_not_null().alias("is_after"),
            pl.col("repo_id_before").is_not_null().alias("is_before"),
            (pl.col("revision") != pl.col("revision_before")).fill_null(value=False).alias("moved"),
            (pl.col("revision").is_null() & pl.col("revision_before").is_null()).alias(
                "unversioned"
            ),
            pl.col("compute_flop").alias("compute_flop_after"),
            pl.col("compute_flop_before"),
        )
    )


def _turned(before: Snapshot, after: Snapshot) -> pl.LazyFrame:
    """Verdicts that differ between the scans, with both verdicts and values."""
    key = ["regime", "rule", "repo_id"]
    return (
        after.verdicts.select(*key, "threshold", "verdict", "value")
        .join(before.verdicts.select(*key, "verdict", "value"), on=key, suffix="_before")
        .filter(pl.col("verdict") != pl.col("verdict_before"))
    )


def _appeared(before: Snapshot, after: Snapshot, pairs: pl.LazyFrame) -> pl.LazyFrame:
    other_run = before.differs(after, "source") or before.differs(after, "settings")
    gone = pl.col("is_before") & ~pl.col("is_after")
    said = {
        "upstream": ("listed for the first time", "no longer listed"),
        "settings": ("the run read more than the one before", "the run did not read it"),
    }
    cause = "settings" if other_run else "upstream"
    return pairs.filter(~(pl.col("is_after") & pl.col("is_before"))).with_columns(
        pl.when(gone).then(pl.lit("vanished")).otherwise(pl.lit("new")).alias("change"),
        pl.lit(cause).alias("cause"),
        pl.when(gone)
        .then(pl.lit(said[cause][1]))
        .otherwise(pl.lit(said[cause][0]))
        .alias("detail"),
    )


def _side(column: str) -> pl.Expr:
    above = pl.col(column) > pl.col("threshold")
    return (
        pl.when(above.is_null())
        .then(pl.lit("unknown"))
        .when(above)
        .then(pl.lit("above"))
        .otherwise(pl.lit("not above"))
    )


def _crossed(
    pairs: pl.LazyFrame, causes: pl.LazyFrame, thresholds: Sequence[float]
) -> pl.LazyFrame:
    """Repositories on another side of a line than before."""
    lines = pl.LazyFrame({"threshold": sorted(set(thresholds))}, schema={"threshold": pl.Float64})
    moved = pairs.filter(
        pl.col("is_after")
        & pl.col("is_before")
        & pl.col("compute_flop_after").ne_missing(pl.col("compute_flop_before"))
    )
    return (
        moved.join(lines, how="cross")
        .with_columns(
            _side("compute_flop_before").alias("before"), _side("compute_flop_after").alias("after")
        )
        .filter(pl.col("before") != pl.col("after"))
        .with_columns(pl.lit("threshold").alias("change"))
        .join(causes, on="repo_id", how="left")
    )


def _verdicts(
    before: Snapshot,
    after: Snapshot,
    pairs: pl.LazyFrame,
    turned: pl.LazyFrame,
    causes: pl.LazyFrame,
) -> pl.LazyFrame:
    """Verdicts that differ; with the same value and other rules, the rules are the cause."""
    same = pl.col("value").eq_missing(pl.col("value_before"))
    rules = pl.lit(before.differs(after, "rules_version"))
    said = words(before, after)["rules"]
    figures = pairs.select(
        "repo_id", "model_id", "entity_id", "compute_flop_after", "compute_flop_before"
    )
    return (
        turned.join(causes, on="repo_id", how="left")
        .join(figures, on="repo_id", how="left")
        .with_columns(
            pl.lit("verdict").alias("change"),
            pl.col("verdict_before").cast(pl.String).alias("before"),
            pl.col("verdict").cast(pl.String).alias("after"),
            pl.when(same & rules).then(pl.lit("rules")).otherwise("cause").alias("cause"),
            pl.when(same & rules).then(pl.lit(said)).otherwise("detail").alias("detail"),
        )
    )


def _figures(pairs: pl.LazyFrame, causes: pl.LazyFrame) -> pl.LazyFrame:
    """Compute figures that moved by more than `FIGURE_CHANGE`, became known or unknown."""
    new, old = pl.col("compute_flop_after"), pl.col("compute_flop_before")
    ratio = pl.max_horizontal(new / old, old / new)
    appeared = new.is_null() != old.is_null()
    return (
        pairs.filter(pl.col("is_after") & pl.col("is_before"))
        .filter(appeared | (ratio > FIGURE_CHANGE).fill_null(value=False))
        .with_columns(pl.lit("figure").alias("change"))
        .join(causes, on="repo_id", how="left")
    )

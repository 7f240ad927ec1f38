"""What a report says: the frames behind the page and the summary.

Pure steps from the tables of one scan. The counts themselves come from `answers` and from a sweep
over thresholds in the same columns; nothing is counted a second time by another definition.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from gpai_scan import schema
from gpai_scan.report import listing

Frames = Mapping[str, pl.LazyFrame]

LOWEST: Final = 1e18
HIGHEST: Final = 1e27
STEPS_PER_DECADE: Final = 20

PLAIN: Final = "threshold"
"""Tier of the answers that belong to no rule but to a plain threshold."""

LISTED: Final = 10_000
"""Models listed one by one; the rest is in the counts and in the tables."""

GROUPS: Final = 12
"""Groups of a breakdown shown by name; smaller ones together as `other`."""

FRONTIER_POINTS: Final = 600


@dataclass(frozen=True, slots=True)
class Content:
    """The frames of one report; every count is as `gpai-scan count` gives it."""

    scan: Mapping[str, Any]
    answers: pl.DataFrame
    sweep: pl.DataFrame
    coverage: pl.DataFrame
    reasons: pl.DataFrame
    breakdown: pl.DataFrame
    frontier: pl.DataFrame
    models: pl.DataFrame
    models_total: int
    evidence: pl.DataFrame
    verdicts: pl.DataFrame
    changes: pl.DataFrame
    history: pl.DataFrame
    """Counts of this and earlier scans: `as_of, threshold, models_in`; empty for a first scan."""


def positions(named: Iterable[float] = ()) -> list[float]:
    """Thresholds of the slider in FLOP: twenty a decade with three digits, and the named ones."""
    low, high = (round(math.log10(end) * STEPS_PER_DECADE) for end in (LOWEST, HIGHEST))
    grid = {float(f"{10 ** (step / STEPS_PER_DECADE):.3g}") for step in range(low, high + 1)}
    return sorted(grid | {t for t in named if LOWEST <= t <= HIGHEST})


def moved_threshold() -> pl.Expr:
    """Whether a row of answers counts by plain training compute above a threshold."""
    return (pl.col("metric") == "training_compute") & (pl.col("tier") == PLAIN)


def content(
    frames: Frames,
    scan: Mapping[str, Any],
    *,
    sweep: pl.LazyFrame | None = None,
    changes: pl.LazyFrame | None = None,
    history: pl.DataFrame | None = None,
    listed: int = LISTED,
) -> Content:
    """Everything a report says about one scan.

    `sweep` holds rows of `schema.ANSWERS`, one a rule, counting unit and threshold; without it
    the thresholds of `answers` stand in. `changes` holds rows of `schema.CHANGES`.
    """
    answers = schema.ANSWERS.conform(frames["answers"]).collect()
    moved = answers.lazy().filter(moved_threshold()) if sweep is None else sweep
    curve = schema.ANSWERS.conform(moved).collect()
    models = listing.models(frames)
    ordered = models.sort(
        "compute_flop", "downloads_30d", "repo_id", descending=[True, True, False], nulls_last=True
    )
    shown = ordered.head(listed).collect()
    thresholds = curve["threshold"].unique().sort()
    return Content(
        scan=scan,
        answers=answers,
        sweep=curve,
        coverage=_coverage(frames["estimates"]),
        reasons=_reasons(frames),
        breakdown=breakdown(models, thresholds),
        frontier=frontier(models),
        models=shown,
        models_total=models.select(pl.len()).collect().item(),
        evidence=listing.evidence(frames["facts"], shown),
        verdicts=listing.verdicts(frames["verdicts"], shown),
        changes=schema.CHANGES.empty() if changes is None else changes.collect(),
        history=_history(history),
    )


def _coverage(estimates: pl.LazyFrame) -> pl.DataFrame:
    """How far reading gets: repositories, models, and how many have which figure."""
    base = pl.col("relation").cast(pl.String) == "base"
    kinds = {
        "repositories": pl.len(),
        "made from no other repository": base.sum(),
        "repositories with parameters": pl.col("parameters_total").count(),
        "repositories with training tokens": pl.col("tokens").count(),
        "repositories with accelerator-hours": pl.col("accelerator_hours").count(),
        "repositories with training compute": pl.col("compute_flop").count(),
        "made from no other, with training compute": (
            base & pl.col("compute_flop").is_not_null()
        ).sum(),
    }
    return (
        estimates.select(e.cast(pl.Int64).alias(name) for name, e in kinds.items())
        .unpivot(variable_name="kind", value_name="count")
        .collect()
    )


def _reasons(frames: Frames) -> pl.DataFrame:
    """Repositories by the reason there is no compute, and problems by kind."""
    skipped = (
        frames["estimates"]
        .filter(pl.col("skip_reason").is_not_null())
        .group_by(pl.col("skip_reason").alias("reason"))
        .agg(pl.len().cast(pl.Int64).alias("cases"))
        .with_columns(pl.lit("no training compute").alias("kind"))
    )
    problems = (
        frames["problems"]
        .group_by("reason")
        .agg(pl.len().cast(pl.Int64).alias("cases"))
        .with_columns(pl.lit("could not be read").alias("kind"))
    )
    both = pl.concat([f.select("kind", "reason", "cases") for f in (skipped, problems)])
    return both.sort(["kind", "cases", "reason"], descending=[True, True, False]).collect()


def _dimensions(models: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    single = {
        "country": "country",
        "entity type": "entity_type",
        "licence": "licence",
    }
    made = {
        name: models.select(pl.col(column).alias("group"), "compute_flop")
        for name, column in single.items()
    }
    made["modality"] = models.select(pl.col("outputs").alias("group"), "compute_flop").explode(
        "group", empty_as_null=True, keep_nulls=True
    )
    return made


def breakdown(models: pl.LazyFrame, thresholds: pl.Series) -> pl.DataFrame:
    """Models above each threshold by group: `dimension`, `group`, `threshold`, `models`.

    A model of several modalities counts once in each. A group nothing is known of is `unknown`.
    """
    frames = [
        _by_group(frame, thresholds).with_columns(pl.lit(name).alias("dimension"))
        for name, frame in _dimensions(models).items()
    ]
    order = ["dimension", "group", "threshold"]
    return pl.concat(frames).select(*order, "models").sort(order).collect()


def _by_group(frame: pl.LazyFrame, thresholds: pl.Series) -> pl.LazyFrame:
    """Count once: each model falls below one first threshold, and counts add up from the top."""
    values = thresholds.to_list()
    named = frame.with_columns(
        pl.col("group").fill_null("unknown"),
        pl.lit(thresholds).search_sorted(pl.col("compute_flop"), side="left").alias("passed")
        if values
        else pl.lit(0, pl.UInt32).alias("passed"),
    ).filter(pl.col("compute_flop").is_not_null())
    largest = (
        named.group_by("group")
        .agg(pl.len().alias("size"))
        .sort(["size", "group"], descending=[True, False])
        .head(GROUPS)
        .select("group", pl.lit(value=True).alias("large"))
    )
    counted = (
        named.join(largest, on="group", how="left")
        .with_columns(pl.when("large").then("group").otherwise(pl.lit("other")).alias("group"))
        .group_by("group", "passed")
        .agg(pl.len().cast(pl.Int64).alias("models"))
    )
    steps = pl.LazyFrame(
        {"threshold": values, "step": range(1, len(values) + 1)},
        schema={"threshold": pl.Float64, "step": pl.UInt32},
    )
    return (
        counted.join(steps, how="cross")
        .group_by("group", "threshold")
        .agg(pl.col("models").filter(pl.col("passed") >= pl.col("step")).sum())
    )


def frontier(models: pl.LazyFrame) -> pl.DataFrame:
    """The largest models over time, and whether each was the largest so far when it appeared."""
    return (
        models.filter(pl.col("compute_flop").is_not_null() & pl.col("created_at").is_not_null())
        .sort("created_at", "compute_flop", "repo_id")
        .with_columns(pl.col("compute_flop").cum_max().alias("frontier_flop"))
        .with_columns((pl.col("compute_flop") == pl.col("frontier_flop")).alias("record"))
        .sort(["record", "compute_flop", "repo_id"], descending=[True, True, False])
        .head(FRONTIER_POINTS)
        .sort("created_at", "repo_id")
        .select(
            "repo_id",
            "entity",
            "created_at",
            "compute_flop",
            "compute_flop_low",
            "compute_flop_high",
            "frontier_flop",
            "record",
        )
        .collect()
    )


def _history(history: pl.DataFrame | None) -> pl.DataFrame:
    """Counts of models over scans that have a date; empty where there are fewer than two."""
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        "as_of": schema.TIME,
        "threshold": pl.Float64,
        "models_in": pl.Int64,
    }
    if history is None:
        return pl.DataFrame(schema=kinds)
    rows = history.filter(pl.col("as_of").is_not_null(), pl.col("unit") == "models")
    dated = rows.select(pl.col(name).cast(kind) for name, kind in kinds.items())
    return dated if dated["as_of"].n_unique() > 1 else dated.clear()

"""The models a page lists one by one, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from gpai_scan.rules import subjects
from gpai_scan.rules.units import units

FIGURES: Final = (
    "parameters_total",
    "parameters_active",
    "tokens",
    "accelerator_hours",
    "training_flop",
)
"""Quantities whose evidence is listed beside a model."""


def models(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Estimates of the roots that count as models, with their entity and hub."""
    who = units(subjects(frames["estimates"], frames["entities"])).lazy()
    namespace = pl.col("repo_id").str.split("/").list.first().str.to_lowercase()
    owners = frames["entities"].select("namespace", "entity", "country", "entity_type")
    hubs = frames["repositories"].select("repo_id", "hub")
    return (
        frames["estimates"]
        .join(who.filter("root", "counted").select("repo_id"), on="repo_id", how="semi")
        .with_columns(namespace.alias("namespace"))
        .join(owners, on="namespace", how="left")
        .join(hubs, on="repo_id", how="left")
    )


def evidence(facts: pl.LazyFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """The winning claims behind the figures of the listed models, with place and quote."""
    return (
        facts.filter(pl.col("quantity").cast(pl.String).is_in(list(FIGURES)))
        .join(shown.lazy().select("repo_id"), on="repo_id", how="semi")
        .select("repo_id", "quantity", "stage", "value", "method", "file", "line", "quote", "note")
        .sort("repo_id", "quantity", "stage", nulls_last=False)
        .collect()
    )


def verdicts(judged: pl.LazyFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """What each rule says of the listed models: `model` (row of the list), rule, verdict."""
    rows = shown.lazy().select("repo_id").with_row_index("model")
    return (
        judged.select("repo_id", "regime", "rule", "verdict")
        .join(rows, on="repo_id")
        .select("model", "regime", "rule", pl.col("verdict").cast(pl.String))
        .sort("regime", "rule", "model")
        .collect()
    )

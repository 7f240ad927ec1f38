"""Counts at every position of the page's slider, by the code behind `gpai-scan count`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from gpai_scan import counting, schema
from gpai_scan.errors import InvalidInput
from gpai_scan.rules import subjects
from gpai_scan.rules.model import Regime, Rule
from gpai_scan.rules.sweep import split, sweep
from gpai_scan.rules.tree import Compare, compares
from gpai_scan.rules.units import units

_METRIC: Final = "training_compute"
_ANY: Final = Regime(id=counting.PLAIN, title="any training compute")


def curves(
    frames: Mapping[str, pl.LazyFrame], regimes: Sequence[Regime], thresholds: Sequence[float]
) -> pl.LazyFrame:
    """Rows of `schema.ANSWERS`, one a population and threshold [FLOP].

    Populations are all models and all repositories by plain training compute, base included, and
    those of every rule on models whose training compute can be moved. Point counts are exactly
    those of `counting.answers`; expected counts come from a histogram, within 1.5 %.
    Rows that `answers` holds for a threshold stand as they are.
    """
    frame = subjects(frames["estimates"], frames["entities"]).collect()
    who = units(frame.lazy())
    plain = Rule(
        regime=counting.PLAIN, id=counting.PLAIN, tier=counting.PLAIN, when=_above(thresholds[0])
    )
    whole = frame.with_columns(pl.col("compute_flop").alias("cumulative_flop"))
    made = [
        _swept(whole, who, plain, _ANY, thresholds, "models"),
        _swept(whole, _every(who), plain, _ANY, thresholds, "repositories"),
    ]
    made += [
        _swept(frame, who, rule, regime, thresholds, "models")
        for regime in regimes
        for rule in regime.rules
        if _movable(rule)
    ]
    return _with_exact(pl.concat(made), frames["answers"]).lazy()


def _above(threshold: float) -> Compare:
    return Compare(metric=_METRIC, comparator=">", value=threshold)


def _movable(rule: Rule) -> bool:
    if rule.subject != "model" or rule.kind == "sweep":
        return False
    try:
        test, _ = split(rule)
    except InvalidInput:
        return False
    compared = {part.metric for part in compares(rule.when)} if rule.when is not None else set()
    return test.metric == _METRIC and compared == {_METRIC}


def _every(who: pl.DataFrame) -> pl.DataFrame:
    """Every repository as a unit of its own, with the entity behind its namespace."""
    return who.with_columns(
        pl.col("owner").alias("entity"),
        *(pl.lit(value=True).alias(name) for name in ("root", "counted", "alone", "first")),
    )


def _swept(
    frame: pl.DataFrame,
    who: pl.DataFrame,
    rule: Rule,
    regime: Regime,
    thresholds: Sequence[float],
    unit: str,
) -> pl.DataFrame:
    test, _ = split(rule)
    words = {
        "regime": regime.id,
        "rule": rule.id,
        "tier": rule.tier,
        "metric": test.metric,
        "comparator": test.comparator,
        "unit": unit,
        "definition": _definition(rule, regime),
    }
    counts = sweep(frame.lazy(), who, rule, regime, thresholds)
    named = counts.with_columns(pl.lit(value).alias(name) for name, value in words.items())
    return schema.ANSWERS.conform(named.lazy()).collect()


def _definition(rule: Rule, regime: Regime) -> str:
    if regime is _ANY:
        return f"training compute, base included, above the threshold; {counting.COUNTED}"
    return f"with the threshold moved: {counting.define(rule, regime)}"


def _with_exact(swept: pl.DataFrame, answers: pl.LazyFrame) -> pl.DataFrame:
    """The swept rows, with expected counts from `answers` where it has the threshold."""
    key = ["regime", "rule", "unit", "threshold"]
    exact = ["expected", "expected_low", "expected_high", "entities_unknown"]
    known = schema.ANSWERS.conform(answers).select(*key, *exact).unique(key).collect()
    joined = swept.join(
        known, on=key, how="left", suffix="_exact", nulls_equal=True, maintain_order="left"
    )
    return joined.with_columns(
        pl.coalesce(f"{name}_exact", name).alias(name) for name in exact
    ).select(swept.columns)

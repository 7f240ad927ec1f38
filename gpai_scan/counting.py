"""Verdicts to answers: how many models and entities are in, out and unknown, and how sure.

A *model* is one large pre-training run (see `rules.units`); `repositories` counts everything that
carries it, derivatives and copies included. The expected number is the sum of the probabilities
that are known; a unit nothing is known of is not in it. Its interval is that of a sum of
independent yes-or-no variables, which says nothing of an error all estimates share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from gpai_scan import schema
from gpai_scan.compute import above
from gpai_scan.rules import clauses, tree
from gpai_scan.rules.frame import Options, subjects
from gpai_scan.rules.model import Regime, Rule
from gpai_scan.rules.tally import aligned, interval, merged, rule_units, tally
from gpai_scan.rules.units import number, units
from gpai_scan.rules.words import (
    COUNTED,
    DERIVATIVES,
    PLAIN,
    TIER,
    define,
    rule_row,
    tier_row,
)

__all__ = [
    "COUNTED",
    "DERIVATIVES",
    "PLAIN",
    "TIER",
    "aligned",
    "answers",
    "counts",
    "define",
    "interval",
    "merged",
    "rule_units",
    "tally",
]


def answers(
    verdicts: pl.LazyFrame,
    estimates: pl.LazyFrame,
    entities: pl.LazyFrame,
    regimes: Sequence[Regime],
    thresholds: Sequence[float] = (),
) -> pl.LazyFrame:
    """One row a regime, rule and counting unit (`schema.ANSWERS`), sorted by its key.

    Besides the rules, a row for each plain threshold of training compute [FLOP], base included,
    and one for each tier that several rules of a rule set decide together. Both frames must be
    sorted by `repo_id`, as they are stored.
    """
    frame = subjects(estimates, entities)
    who = units(frame)

    def stored(regime: Regime, rule: Rule) -> pl.DataFrame:
        here = (pl.col("regime") == regime.id) & (pl.col("rule") == rule.id)
        return _judged(verdicts.filter(here), who, rule)

    rows = [_tallied(stored, who, regime) for regime in regimes]
    rows += [_swept(frame, who, regime, Options()) for regime in regimes]
    rows += _plain(estimates, who, thresholds)
    table = pl.concat([*rows, _silent(regimes)], how="diagonal_relaxed")
    return schema.ANSWERS.conform(table.lazy()).sort(schema.ANSWERS.key)


def counts(
    frame: pl.LazyFrame,
    who: pl.DataFrame,
    regimes: Sequence[Regime],
    thresholds: Sequence[float] = (),
    options: Options | None = None,
) -> pl.DataFrame:
    """The answers judged now, from a frame of `rules.subjects` and its `units`."""
    chosen = options or Options()

    def judged(regime: Regime, rule: Rule) -> pl.DataFrame:
        made = clauses.rows(frame, rule, regime, chosen)
        return _judged(schema.VERDICT_TABLE.empty().lazy() if made is None else made, who, rule)

    rows = [_tallied(judged, who, regime) for regime in regimes]
    rows += [_swept(frame, who, regime, chosen) for regime in regimes]
    rows += _plain(frame, who, thresholds)
    table = pl.concat([*rows, _silent(regimes)], how="diagonal_relaxed")
    return schema.ANSWERS.conform(table.lazy()).sort(schema.ANSWERS.key).collect()


def _tallied(
    verdicts: Callable[[Regime, Rule], pl.DataFrame], who: pl.DataFrame, regime: Regime
) -> pl.DataFrame:
    """The counts of every rule of a rule set that gave verdicts, and of its joint tiers."""
    judged = {rule.id: verdicts(regime, rule) for rule in regime.rules}
    rows = []
    for rule in regime.rules:
        found = judged[rule.id]
        if found.is_empty():
            continue
        counted = rule_units(found, who, rule)
        for unit, frame in (("models", counted), ("repositories", found)):
            rows.append(_described(tally(frame), unit, rule_row(rule, define(rule, regime))))
    rows += [
        _described(tally(frame), "models", tier_row(regime, tier))
        for tier, frame in tier_units(judged, who, regime)
    ]
    return pl.concat(rows, how="diagonal_relaxed") if rows else schema.ANSWERS.empty()


def _swept(
    frame: pl.LazyFrame, who: pl.DataFrame, regime: Regime, options: Options
) -> pl.DataFrame:
    """The counts of the presets that are no rule but a list of values: a row for each value."""
    rows = [schema.ANSWERS.empty()]
    for rule in regime.rules:
        test = rule.threshold
        if test is None:
            continue
        for value in rule.sweep:
            one = replace(rule, kind="test", when=replace(test, value=value))
            made = clauses.rows(frame, one, regime, options)
            if made is None:
                continue
            found = _judged(made, who, one)
            words = rule_row(one, define(one, regime))
            for unit, counted in (("models", rule_units(found, who, one)), ("repositories", found)):
                rows.append(_described(tally(counted), unit, words))
    return pl.concat(rows, how="diagonal_relaxed")


def _judged(verdicts: pl.LazyFrame, who: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The verdicts of one rule; `entity` is a number for the entity behind the repository.

    A rule asked of every repository has its rows in the order of `who`: whose they are need not
    be read again, which takes more time than the verdicts themselves.
    """
    answer = ("verdict", "probability", "value")
    if rule.subject not in DERIVATIVES:
        rows = verdicts.select(answer).collect()
        if rows.height == who.height:
            return pl.concat([_owned(who), rows], how="horizontal")
    entity = number(pl.col("entity_id")).alias("entity")
    return verdicts.select("repo_id", "model_id", entity, *answer).collect()


def _owned(who: pl.DataFrame) -> pl.DataFrame:
    """Every repository with a number for the entity behind it."""
    return who.select("repo_id", pl.col("owner").alias("entity"))


def tier_units(
    judged: Mapping[str, pl.DataFrame], who: pl.DataFrame, regime: Regime
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The units of each tier that rules on models and on derivatives decide together.

    A modification by the same entity is a distinct model, one by another makes that one a
    provider, where the result itself is in by the tier's rule on models (a model below the line
    is tested on the sum of base and modification).
    """
    for tier in sorted({rule.tier for rule in regime.rules}):
        rules = [r for r in regime.rules if r.tier == tier and not judged[r.id].is_empty()]
        made = [judged[r.id] for r in rules if r.subject in DERIVATIVES]
        main = [r for r in rules if r.subject == "model"]
        if not made or not main:
            continue
        models = [rule_units(judged[r.id], who, r) for r in main]
        is_in = pl.col("verdict") == "in"
        results = pl.concat([judged[r.id].filter(is_in).select("repo_id") for r in main])
        makers = (
            pl.concat([rows.filter(is_in) for rows in made])
            .join(results.unique(), on="repo_id", how="semi")
            .unique(["model_id", "entity"])
            .select("entity", "verdict", "probability")
        )
        yield tier, pl.concat([*models, makers])


def _plain(
    estimates: pl.LazyFrame, who: pl.DataFrame, thresholds: Sequence[float]
) -> list[pl.DataFrame]:
    """The counts of `compute_flop` > each threshold [FLOP]; `estimates` in the order of `who`."""
    if not thresholds:
        return []
    told = estimates.select("compute_flop", "compute_flop_high", "sigma_log10").collect()
    figures = pl.concat([_owned(who), told], how="horizontal")
    return [_above(figures, who, threshold) for threshold in thresholds]


def _above(figures: pl.DataFrame, who: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """The counts of `compute_flop` > threshold [FLOP], for models and for repositories."""
    value = pl.col("compute_flop")
    verdict = (
        pl.when(value > threshold)
        .then(pl.lit("in", schema.VERDICT))
        .when((value <= threshold) | (pl.col("compute_flop_high") <= threshold))
        .then(pl.lit("out", schema.VERDICT))
        .otherwise(pl.lit("unknown", schema.VERDICT))
    )
    rows = figures.select(
        "repo_id",
        "entity",
        verdict.alias("verdict"),
        above(threshold, value, pl.col("sigma_log10")).alias("probability"),
        value.alias("value"),
    )
    plain = Rule(regime=PLAIN, id=PLAIN, tier=PLAIN)
    words = {
        "regime": PLAIN,
        "rule": PLAIN,
        "tier": PLAIN,
        "metric": "training_compute",
        "comparator": ">",
        "threshold": threshold,
        "definition": f"training compute, base included, > {tree.number(threshold)} FLOP; "
        + COUNTED,
    }
    return pl.concat(
        [
            _described(tally(rule_units(rows, who, plain)), "models", words),
            _described(tally(rows), "repositories", words),
        ]
    )


def _described(counts: pl.DataFrame, unit: str, words: Mapping[str, object]) -> pl.DataFrame:
    kinds = schema.ANSWERS.schema
    return counts.with_columns(
        pl.lit(unit).alias("unit"),
        *(pl.lit(value, kinds[name]).alias(name) for name, value in words.items()),
    )


def _silent(regimes: Sequence[Regime]) -> pl.DataFrame:
    """Rules that no repository can be asked about: a row that says so, with nulls, never zeros."""
    rows = [
        {**rule_row(rule, f"{define(rule, regime)}; not observable on a hub"), "unit": "models"}
        for regime in regimes
        for rule in regime.rules
        if rule.subject == "cluster" or rule.kind == "criteria"
    ]
    names = ("regime", "rule", "tier", "metric", "comparator", "threshold", "definition", "unit")
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names},
        schema={name: schema.ANSWERS.schema[name] for name in names},
    )

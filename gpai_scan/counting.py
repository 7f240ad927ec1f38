"""Verdicts to answers: how many models and entities are in, out and unknown, and how sure.

A *model* is one large pre-training run (see `rules.units`); `repositories` counts everything that
carries it, derivatives and copies included. The expected number is the sum of the probabilities
that are known; a unit nothing is known of is not in it. Its interval is that of a sum of
independent yes-or-no variables, which says nothing of an error all estimates share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.compute import Z_90, above, exact_sum
from gpai_scan.rules import clauses, tree
from gpai_scan.rules.frame import Options, subjects
from gpai_scan.rules.model import Regime, Rule, metrics
from gpai_scan.rules.units import number, units

DERIVATIVES: Final = ("same-entity-derivative", "downstream-derivative", "any-derivative")
PLAIN: Final = "threshold"
"""Rule set and rule under which plain thresholds stand."""
TIER: Final = "tier:"
"""Prefix of the rows that join the rules of one tier."""


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
        return _judged(verdicts.filter(here))

    rows = [_tallied(stored, who, regime) for regime in regimes]
    rows += [_swept(frame, who, regime, Options()) for regime in regimes]
    rows += [_plain(estimates, who, value) for value in thresholds]
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
        return _judged(schema.VERDICT_TABLE.empty().lazy() if made is None else made)

    rows = [_tallied(judged, who, regime) for regime in regimes]
    rows += [_swept(frame, who, regime, chosen) for regime in regimes]
    rows += [_plain(frame, who, value) for value in thresholds]
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
            rows.append(_described(tally(frame), unit, _row(rule, define(rule, regime))))
    rows += [
        _described(tally(frame), "models", _tier_row(regime, tier))
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
            found = made.with_columns(number(pl.col("entity_id")).alias("entity")).collect()
            words = _row(one, define(one, regime))
            for unit, counted in (("models", rule_units(found, who, one)), ("repositories", found)):
                rows.append(_described(tally(counted), unit, words))
    return pl.concat(rows, how="diagonal_relaxed")


def _judged(verdicts: pl.LazyFrame) -> pl.DataFrame:
    """The verdicts of one rule; `entity` is a number for the entity."""
    return verdicts.select(
        "repo_id",
        "model_id",
        number(pl.col("entity_id")).alias("entity"),
        "verdict",
        "probability",
        "value",
    ).collect()


def aligned(judged: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """Verdicts beside the units they are about: side by side where sorted alike, else joined."""
    rest = judged.select("repo_id", "verdict", "probability", "value")
    if rest.height == who.height and bool((rest["repo_id"] == who["repo_id"]).all()):
        return pl.concat([who, rest.drop("repo_id")], how="horizontal")
    return rest.join(who, on="repo_id")


def rule_units(judged: pl.DataFrame, who: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """One row a counted unit: `entity, verdict, probability`.

    For rules on models the unit is the model: what its root says, or `in` where any version by
    its provider is. For rules on derivatives it is one entity's modification of one model,
    however many repositories it fills.
    """
    if rule.subject in DERIVATIVES:
        pair = pl.struct("model_id", "entity").hash().alias("model")
        return merged(judged.with_columns(pair, pl.lit(value=True).alias("first")))
    rows = aligned(judged, who).filter("counted")
    alone = rows.filter("alone").select("entity", "verdict", "probability")
    return pl.concat([alone, merged(rows.filter(~pl.col("alone")))])


def merged(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a `model`: in where any repository is in, else what those say that decide (`first`).

    The probability is that of the largest value: the figures of one model's repositories are not
    independent, and the model's own is the one that holds all its provider did.
    """
    is_in = pl.col("verdict") == "in"
    is_unknown = (pl.col("verdict") == "unknown") & pl.col("first")
    possible = pl.when(pl.col("probability") > 0.0).then("value")
    largest = pl.col("probability").filter(possible == possible.max()).max()
    decided = (
        pl.when(is_in.any())
        .then(pl.lit("in", schema.VERDICT))
        .when(is_unknown.any())
        .then(pl.lit("unknown", schema.VERDICT))
        .otherwise(pl.lit("out", schema.VERDICT))
    )
    return (
        rows.lazy()
        .group_by("model")
        .agg(
            pl.col("entity").drop_nulls().min(),
            decided.alias("verdict"),
            pl.coalesce(largest, pl.col("probability").max()).alias("probability"),
        )
        .select("entity", "verdict", "probability")
        .collect()
    )


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
        results = pl.concat([judged[r.id].filter(pl.col("verdict") == "in") for r in main])
        makers = (
            pl.concat(made)
            .filter(pl.col("verdict") == "in")
            .join(results.select("repo_id").unique(), on="repo_id", how="semi")
            .unique(["model_id", "entity"])
            .select("entity", "verdict", "probability")
        )
        yield tier, pl.concat([*models, makers])


def _plain(estimates: pl.LazyFrame, who: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """The counts of `compute_flop` > threshold [FLOP], for models and for repositories."""
    value = pl.col("compute_flop")
    verdict = (
        pl.when(value > threshold)
        .then(pl.lit("in", schema.VERDICT))
        .when((value <= threshold) | (pl.col("compute_flop_high") <= threshold))
        .then(pl.lit("out", schema.VERDICT))
        .otherwise(pl.lit("unknown", schema.VERDICT))
    )
    rows = estimates.select(
        "repo_id",
        number(pl.col("entity_id")).alias("entity"),
        verdict.alias("verdict"),
        above(threshold, value, pl.col("sigma_log10")).alias("probability"),
        value.alias("value"),
    ).collect()
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


def tally(counted: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Counts of units, by `by`: in, out, unknown, entities, expected number with interval."""
    verdict, chance = pl.col("verdict"), pl.col("probability")
    is_in, is_unknown = verdict == "in", verdict == "unknown"
    entity = pl.col("entity")
    inside = entity.filter(is_in).drop_nulls().n_unique()
    either = entity.filter(is_in | is_unknown).drop_nulls().n_unique()
    skew = chance * (1 - chance) * (1 - 2 * chance)
    sums = [
        is_in.sum().cast(pl.Int64).alias("models_in"),
        (verdict == "out").sum().cast(pl.Int64).alias("models_out"),
        is_unknown.sum().cast(pl.Int64).alias("models_unknown"),
        inside.cast(pl.Int64).alias("entities_in"),
        (either.cast(pl.Int64) - inside.cast(pl.Int64)).alias("entities_unknown"),
        exact_sum(chance).alias("expected"),
        exact_sum(chance * (1 - chance)).alias("_variance"),
        exact_sum(skew).alias("_skew"),
        (chance >= 1.0).sum().cast(pl.Float64).alias("_certain"),
        (chance > 0.0).sum().cast(pl.Float64).alias("_possible"),
    ]
    summed = counted.lazy().group_by(*by).agg(sums) if by else counted.lazy().select(sums)
    helpers = ("_variance", "_skew", "_certain", "_possible")
    return summed.with_columns(interval()).drop(*helpers).collect()


def _described(counts: pl.DataFrame, unit: str, words: Mapping[str, object]) -> pl.DataFrame:
    kinds = schema.ANSWERS.schema
    return counts.with_columns(
        pl.lit(unit).alias("unit"),
        *(pl.lit(value, kinds[name]).alias(name) for name, value in words.items()),
    )


def interval() -> list[pl.Expr]:
    """The 90 % interval of a sum of independent yes-or-no variables (Poisson binomial).

    Normal approximation with the skewness term of Cornish and Fisher and a continuity
    correction, rounded outwards to whole numbers and kept within what is possible. Needs the sums
    `expected`, `_variance`, `_skew` and the counts `_certain`, `_possible`.
    """
    spread = pl.col("_variance").sqrt()
    skewness = (pl.col("_skew") / spread.pow(3)).fill_nan(0.0).clip(-1.5, 1.5)
    lean = spread * skewness * (Z_90**2 - 1.0) / 6.0
    low = pl.col("expected") - Z_90 * spread + lean
    high = pl.col("expected") + Z_90 * spread + lean
    still, whole = pl.col("_variance") < 1e-12, pl.col("expected").round()
    return [
        pl.when(still)
        .then(whole)
        .otherwise((low + 0.5).floor().clip(lower_bound=pl.col("_certain")))
        .alias("expected_low"),
        pl.when(still)
        .then(whole)
        .otherwise((high - 0.5).ceil().clip(pl.col("_certain"), pl.col("_possible")))
        .alias("expected_high"),
    ]


COUNTED: Final = (
    "a model is one large pre-training run, with its provider's versions; repositories are all "
    "that carry one; expected: sum of probabilities, unknown left out"
)


def _tier_row(regime: Regime, tier: str) -> dict[str, object]:
    words = f"all rules of tier {tier} of {regime.id} together: models, and modifications "
    return {
        "regime": regime.id,
        "rule": f"{TIER}{tier}",
        "tier": tier,
        "definition": words + "whose result is in by the rule on models; " + COUNTED,
    }


def _row(rule: Rule, definition: str) -> dict[str, object]:
    test = rule.threshold
    return {
        "regime": rule.regime,
        "rule": rule.id,
        "tier": rule.tier,
        "metric": test.metric if test else None,
        "comparator": test.comparator if test else None,
        "threshold": test.value if test else None,
        "definition": definition,
    }


def define(rule: Rule, regime: Regime) -> str:
    """Exactly what is counted under a rule, in words."""
    parts = [f"{regime.id}, {rule.id}" + (f" (section {rule.section})" if rule.section else "")]
    if rule.when is not None:
        parts.append(tree.text(rule.when))
    if rule.outputs_any:
        parts.append(f"generates {' or '.join(rule.outputs_any)}")
    if rule.rebuttal_flags and rule.rebuttal_effect == "out":
        parts.append(f"narrow models out ({', '.join(rule.rebuttal_flags)})")
    if rule.subject in DERIVATIVES:
        parts.append("a model here is one entity's modification of one original")
    else:
        parts.append(COUNTED)
    if rule.conditions:
        parts.append(f"not tested, since nothing public tells: {'; '.join(rule.conditions)}")
    proxies = sorted(
        {
            f"{test.metric} stands in for {metrics()[test.metric].proxy_for}"
            for test in (tree.compares(rule.when) if rule.when is not None else ())
            if test.metric in metrics() and metrics()[test.metric].proxy_for
        }
    )
    return "; ".join([*parts, *proxies])


def _silent(regimes: Sequence[Regime]) -> pl.DataFrame:
    """Rules that no repository can be asked about: a row that says so, with nulls, never zeros."""
    rows = [
        {**_row(rule, f"{define(rule, regime)}; not observable on a hub"), "unit": "models"}
        for regime in regimes
        for rule in regime.rules
        if rule.subject == "cluster" or rule.kind == "criteria"
    ]
    names = ("regime", "rule", "tier", "metric", "comparator", "threshold", "definition", "unit")
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names},
        schema={name: schema.ANSWERS.schema[name] for name in names},
    )

"""Verdicts to answers: how many models and entities are in, out and unknown, and how sure.

A *model* is one large pre-training run (see `rules.units`); `repositories` counts everything that
carries it, derivatives and copies included. The expected number is the sum of probabilities over
units with a verdict; unknown units are in neither. Its interval is that of a sum of independent
yes-or-no variables, which says nothing of an error all estimates share.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.compute import Z_90, above
from gpai_scan.rules import tree
from gpai_scan.rules.frame import subjects
from gpai_scan.rules.load import Regime, Rule, metrics
from gpai_scan.rules.units import units

DERIVATIVES: Final = ("same-entity-derivative", "downstream-derivative", "any-derivative")
PLAIN: Final = "threshold"
"""Rule set and rule under which plain thresholds stand."""
TIER: Final = "tier:"
"""Prefix of the rows that join the rules of one tier."""
_COLUMNS: Final = ["regime", "rule", "unit", "model_id", "provider", "verdict", "probability"]


def answers(
    verdicts: pl.LazyFrame,
    estimates: pl.LazyFrame,
    entities: pl.LazyFrame,
    regimes: Sequence[Regime],
    thresholds: Sequence[float] = (),
) -> pl.LazyFrame:
    """One row a regime, rule and counting unit (`schema.ANSWERS`), sorted by its key.

    Besides the rules, a row for each plain threshold of training compute [FLOP], base included,
    and one for each tier that several rules of a rule set decide together.
    """
    who = units(subjects(estimates, entities)).collect().lazy()
    counted = counted_units(verdicts, who, regimes).collect().lazy()
    found = [tally(counted), tally(repositories(verdicts, who))]
    found += [
        tally(tier) for r in regimes if (tier := tier_units(counted, verdicts, r)) is not None
    ]
    found += [tally(plain_units(estimates, who, value)) for value in thresholds]
    table = pl.concat(found, how="diagonal_relaxed").join(
        _descriptions(regimes, thresholds), on=["regime", "rule"], how="left"
    )
    joined = pl.concat([table, _silent(regimes)], how="diagonal_relaxed").with_columns(
        pl.when(pl.col("regime") == PLAIN).then(pl.lit(PLAIN)).otherwise("rule").alias("rule")
    )
    return schema.ANSWERS.conform(joined).sort(schema.ANSWERS.key)


def is_rule_of(regimes: Sequence[Regime], subjects_of: Sequence[str]) -> pl.Expr:
    """Whether a verdict belongs to a rule asked of one of these subjects."""
    found = [
        (pl.col("regime") == regime.id) & (pl.col("rule") == rule.id)
        for regime in regimes
        for rule in regime.rules
        if rule.subject in subjects_of
    ]
    return reduce(lambda a, b: a | b, found, pl.lit(value=False))


def counted_units(
    verdicts: pl.LazyFrame, who: pl.LazyFrame, regimes: Sequence[Regime]
) -> pl.LazyFrame:
    """One row a rule and counted unit, with its entity, verdict and probability.

    For rules on models the unit is the model. For rules on derivatives it is one entity's
    modification of one model, however many repositories it fills.
    """
    derived = is_rule_of(regimes, DERIVATIVES)
    made = verdicts.filter(derived & (pl.col("verdict") != "out")).join(
        who.select("repo_id", "provider"), on="repo_id", how="left"
    )
    settled = verdicts.filter(derived & (pl.col("verdict") == "out")).join(
        who.select("repo_id", "provider"), on="repo_id", how="left"
    )
    modified = merged(pl.concat([made, settled]), ["model_id", "provider"])
    models = models_of(verdicts.filter(~derived), who)
    return (
        pl.concat([models, modified]).with_columns(pl.lit("models").alias("unit")).select(_COLUMNS)
    )


def models_of(verdicts: pl.LazyFrame, who: pl.LazyFrame) -> pl.LazyFrame:
    """Verdicts on models: those of the roots, or of the provider's versions where these are in.

    Where the root is not in the scan its provider's versions speak for it. Only models that have
    versions are grouped; the others are their own row already.
    """
    spoken = who.filter(pl.col("counted"))
    roots = spoken.filter(pl.col("repo_id") == pl.col("model_id"))
    versions = spoken.filter(pl.col("repo_id") != pl.col("model_id"))
    orphans = versions.join(roots.select("model_id"), on="model_id", how="anti")
    own = pl.col("repo_id") == pl.col("model_id")
    silent = who.filter(~pl.col("counted") & own).select("repo_id")
    at_root = verdicts.filter(own).join(silent, on="repo_id", how="anti")
    unmapped = who.filter(own & pl.col("provider").is_null()).select("repo_id")
    nobody = unmapped.with_columns(pl.lit(value=True).alias("_nobody"))
    first = at_root.join(nobody, on="repo_id", how="left").with_columns(
        pl.when(pl.col("_nobody").is_null()).then("entity_id").alias("provider")
    )
    others = pl.concat(
        [
            verdicts.filter(~own & (pl.col("verdict") == "in")).join(
                versions.select("repo_id", "provider"), on="repo_id"
            ),
            verdicts.filter(~own & (pl.col("verdict") != "in")).join(
                orphans.select("repo_id", "provider"), on="repo_id"
            ),
        ]
    )
    keys = ["regime", "rule", "model_id"]
    several = others.select(keys).unique()
    grouped = merged(
        pl.concat(
            [
                first.join(several, on=keys, how="semi").drop("_nobody"),
                others.select(pl.exclude("_nobody")),
            ],
            how="diagonal_relaxed",
        ),
        ["model_id"],
    )
    single = first.join(several, on=keys, how="anti")
    columns = ["regime", "rule", "model_id", "provider", "verdict", "probability"]
    return pl.concat([single.select(columns), grouped.select(columns)])


def merged(verdicts: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    """One row a rule and key: in where any is in, else unknown where any is, else out.

    The probability is the largest: the figures of one model's repositories are not independent.
    """
    is_in, is_unknown = pl.col("verdict") == "in", pl.col("verdict") == "unknown"
    return (
        verdicts.group_by("regime", "rule", *keys)
        .agg(
            pl.when(is_in.any())
            .then(pl.lit("in", schema.VERDICT))
            .when(is_unknown.any())
            .then(pl.lit("unknown", schema.VERDICT))
            .otherwise(pl.lit("out", schema.VERDICT))
            .alias("verdict"),
            pl.col("probability").max(),
            *([] if "provider" in keys else [pl.col("provider").drop_nulls().min()]),
        )
        .with_columns(
            pl.when(pl.col("verdict") != "unknown").then("probability").alias("probability")
        )
        .select("regime", "rule", "model_id", "provider", "verdict", "probability")
    )


def repositories(verdicts: pl.LazyFrame, who: pl.LazyFrame) -> pl.LazyFrame:
    """Every repository with a verdict as a unit of its own: derivatives and copies included."""
    return verdicts.select(
        "regime",
        "rule",
        pl.lit("repositories").alias("unit"),
        pl.col("repo_id").alias("model_id"),
        pl.col("entity_id").alias("provider"),
        "verdict",
        "probability",
    )


def tier_units(
    counted: pl.LazyFrame, verdicts: pl.LazyFrame, regime: Regime
) -> pl.LazyFrame | None:
    """The obligations of one tier: models, and modifications that make another of them.

    A modification by the same entity is a distinct model, one by another makes that one a
    provider, where the result itself is in by the tier's rule on models (a model below the line
    is tested on the sum of base and modification).
    """
    parts = []
    for tier in sorted({rule.tier for rule in regime.rules}):
        made = [r.id for r in regime.rules if r.tier == tier and r.subject in DERIVATIVES]
        main = [
            r.id for r in regime.rules
            if r.tier == tier and r.subject == "model" and r.when is not None and r.kind != "sweep"
        ]  # fmt: skip
        if not made or not main:
            continue
        here = pl.col("regime") == regime.id
        models = counted.filter(here & pl.col("rule").is_in(main))
        results = verdicts.filter(
            here & pl.col("rule").is_in(main) & (pl.col("verdict") == "in")
        ).select("repo_id")
        makers = (
            verdicts.filter(here & pl.col("rule").is_in(made) & (pl.col("verdict") == "in"))
            .join(results, on="repo_id", how="semi")
            .select(
                "regime",
                pl.concat_str(["model_id", "entity_id"], separator=" by ").alias("model_id"),
                pl.col("entity_id").alias("provider"),
                "verdict",
                "probability",
            )
            .unique("model_id")
        )
        both = pl.concat(
            [models.select(pl.exclude("rule", "unit")), makers], how="diagonal_relaxed"
        )
        parts.append(
            both.with_columns(pl.lit(f"{TIER}{tier}").alias("rule"), pl.lit("models").alias("unit"))
        )
    return pl.concat(parts, how="diagonal_relaxed").select(_COLUMNS) if parts else None


def plain_units(estimates: pl.LazyFrame, who: pl.LazyFrame, threshold: float) -> pl.LazyFrame:
    """Verdicts on `compute_flop` > threshold [FLOP], for models and for repositories."""
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
        "model_id",
        "entity_id",
        pl.lit(PLAIN).alias("regime"),
        pl.lit(f"{PLAIN} {tree.number(threshold)}").alias("rule"),
        verdict.alias("verdict"),
        above(threshold, value, pl.col("sigma_log10")).alias("probability"),
    )
    models = models_of(rows, who).with_columns(pl.lit("models").alias("unit"))
    return pl.concat([models.select(_COLUMNS), repositories(rows, who).select(_COLUMNS)])


def tally(counted: pl.LazyFrame, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Counts a regime, rule, unit and `by`: in, out, unknown, entities, expected with interval."""
    verdict, chance = pl.col("verdict"), pl.col("probability")
    is_in, is_unknown = verdict == "in", verdict == "unknown"
    entity = pl.col("provider")
    inside = entity.filter(is_in).drop_nulls().n_unique()
    either = entity.filter(is_in | is_unknown).drop_nulls().n_unique()
    skew = chance * (1 - chance) * (1 - 2 * chance)
    return (
        counted.group_by("regime", "rule", "unit", *by)
        .agg(
            is_in.sum().cast(pl.Int64).alias("models_in"),
            (verdict == "out").sum().cast(pl.Int64).alias("models_out"),
            is_unknown.sum().cast(pl.Int64).alias("models_unknown"),
            inside.cast(pl.Int64).alias("entities_in"),
            (either - inside).cast(pl.Int64).alias("entities_unknown"),
            chance.sum().alias("expected"),
            (chance * (1 - chance)).sum().alias("_variance"),
            skew.sum().alias("_skew"),
            (chance >= 1.0).sum().cast(pl.Float64).alias("_certain"),
            (chance > 0.0).sum().cast(pl.Float64).alias("_possible"),
        )
        .with_columns(interval())
        .drop("_variance", "_skew", "_certain", "_possible")
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
    still = pl.col("_variance") < 1e-12
    return [
        pl.when(still)
        .then("expected")
        .otherwise((low + 0.5).floor().clip(lower_bound=pl.col("_certain")))
        .alias("expected_low"),
        pl.when(still)
        .then("expected")
        .otherwise((high - 0.5).ceil().clip(upper_bound=pl.col("_possible")))
        .alias("expected_high"),
    ]


def _descriptions(regimes: Sequence[Regime], thresholds: Sequence[float]) -> pl.LazyFrame:
    """What stands beside the counts of each rule: tier, metric, comparator, threshold, words."""
    rows = [_row(rule, define(rule, regime)) for regime in regimes for rule in regime.rules]
    for regime in regimes:
        for tier in sorted({rule.tier for rule in regime.rules}):
            words = f"all rules of tier {tier} of {regime.id} together: models, and modifications "
            rows.append(
                {
                    "regime": regime.id,
                    "rule": f"{TIER}{tier}",
                    "tier": tier,
                    "definition": words + "whose result is in by the rule on models",
                }
            )
    for value in thresholds:
        rows.append(
            {
                "regime": PLAIN,
                "rule": f"{PLAIN} {tree.number(value)}",
                "tier": PLAIN,
                "metric": "training_compute",
                "comparator": ">",
                "threshold": value,
                "definition": f"training compute, base included, > {tree.number(value)} FLOP; "
                + COUNTED,
            }
        )
    fields = ("regime", "rule", "tier", "metric", "comparator", "threshold", "definition")
    return pl.LazyFrame(
        {name: [row.get(name) for row in rows] for name in fields},
        schema={name: pl.Float64 if name == "threshold" else pl.String for name in fields},
    )


COUNTED: Final = (
    "models: one a large pre-training run, versions by its provider and copies not counted again; "
    "repositories: derivatives and copies included; expected: sum of probabilities over known units"
)


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
        parts.append(f"counted: one a {rule.subject.replace('-', ' ')}, entity and original model")
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


def _silent(regimes: Sequence[Regime]) -> pl.LazyFrame:
    """Rules that no repository can be asked about: a row that says so, with nulls, never zeros."""
    rows = []
    for regime in regimes:
        for rule in regime.rules:
            if rule.subject == "cluster" or rule.kind == "criteria":
                words = f"{define(rule, regime)}; not observable on a hub"
                rows.append({**_row(rule, words), "unit": "models"})
    names = ("regime", "rule", "tier", "metric", "comparator", "threshold", "definition", "unit")
    return pl.LazyFrame(
        {name: [row.get(name) for row in rows] for name in names},
        schema={name: pl.Float64 if name == "threshold" else pl.String for name in names},
    )

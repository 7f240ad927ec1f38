"""Which missing facts would change a count most: what a researcher would look into next.

For every model whose verdict is not settled the chance of being in is p; looking it up removes
p·(1-p) of the count's variance. Where nothing about compute is known, p comes from the size: the
tokens a model of unknown training saw are spread as wide as those of published models. Where it is
unknown what a model generates, p is the share of the known ones above the threshold that fit.
"""

from __future__ import annotations

import math
from typing import Final

import polars as pl

from gpai_scan.rules.logic import judge
from gpai_scan.rules.model import Rule
from gpai_scan.rules.sweep import split
from gpai_scan.rules.tree import Has

TOKENS_PER_PARAMETER: Final = 42.0
"""Centre of the prior: the median of 477 language models since 2022 in data/reference_models.csv
(`EPOCH-CSV`) that give parameters and data."""
TOKENS_SIGMA: Final = 1.5
"""Spread of the prior in log10: that of the same models, fine-tunes among them."""
SIZE_SIGMA: Final = 1.0
"""Spread in log10 where not even the size is known, around a size of 1e8 parameters."""
UNKNOWN_SIZE: Final = 1e8


def most_informative(
    frame: pl.LazyFrame,
    who: pl.DataFrame,
    rule: Rule,
    limit: int = 50,
) -> pl.DataFrame:
    """The models whose missing facts would change the count most, the first first.

    Columns `model, entity_id, missing, probability, gain` (variance of the count that knowing
    would remove), `value`, `parameters_total`, `downloads_30d`, `carriers` (repositories of the
    scan that carry the model). `frame` and `who` are those of `rules.subjects` and `rules.units`.
    """
    names, spoken = _spoken(frame, who, rule)
    never = vague = pl.lit(value=False)
    if names:
        never = pl.any_horizontal([~pl.col(n) for n in names]).fill_null(value=False)
        vague = pl.any_horizontal([pl.col(n).is_null() for n in names])
    told_above = pl.col("told") > 0.5
    usual = (told_above & ~vague & ~never).sum() + 1.0
    share = usual / ((told_above & (~vague | never)).sum() + 2.0)
    chance = pl.coalesce("told", "guess") * pl.when(vague).then(share).otherwise(1.0)
    return (
        spoken.with_columns(chance.alias("probability"), _missing(vague).alias("missing"))
        .filter(~never)
        .with_columns((pl.col("probability") * (1 - pl.col("probability"))).alias("gain"))
        .join(who.group_by("model").len("carriers"), on="model", how="left")
        .sort(
            ["gain", "carriers", "downloads_30d", "repo_id"],
            descending=[True, True, True, False],
            nulls_last=True,
        )
        .head(limit)
        .select(
            pl.col("repo_id").alias("model"),
            "entity_id",
            "missing",
            "probability",
            "gain",
            "value",
            "parameters_total",
            "downloads_30d",
            "carriers",
        )
    )


def _spoken(frame: pl.LazyFrame, who: pl.DataFrame, rule: Rule) -> tuple[list[str], pl.DataFrame]:
    """The repositories that decide for their model, with the rule's limbs as columns."""
    test, rest = split(rule)
    known = frame.collect_schema()
    limbs = [judge(part, known).holds for part in rest]
    if rule.outputs_any:
        limbs.append(judge(Has("outputs", rule.outputs_any), known).holds)
    if rule.rebuttal_effect == "out" and rule.rebuttal_flags:
        limbs.append(~judge(Has("narrow", rule.rebuttal_flags), known).holds)
    names = [f"limb{n}" for n in range(len(limbs))]
    columns = frame.select(
        "repo_id",
        "entity_id",
        "parameters_total",
        "parameters_active",
        "tokens",
        "downloads_30d",
        judge(test, known).probability.alias("told"),
        _prior(test.value).alias("guess"),
        *(limb.alias(name) for name, limb in zip(names, limbs, strict=True)),
        pl.col("compute_flop").alias("value"),
        pl.col("_derived"),
    ).collect()
    rows = pl.concat([who.select("model", "counted", "first"), columns], how="horizontal")
    return names, rows.filter(pl.col("counted") & pl.col("first"))


def _prior(threshold: float) -> pl.Expr:
    """Chance of lying above the threshold [FLOP] given the size alone: 6·P·D with D unknown."""
    size = pl.coalesce("parameters_active", "parameters_total")
    central = 6.0 * size * size * TOKENS_PER_PARAMETER
    guess = 6.0 * UNKNOWN_SIZE**2 * TOKENS_PER_PARAMETER
    spread = pl.when(size.is_not_null()).then(TOKENS_SIGMA).otherwise(
        math.hypot(TOKENS_SIGMA, 2 * SIZE_SIGMA)
    )  # fmt: skip
    told = pl.coalesce(6.0 * size * pl.col("tokens"), central, pl.lit(guess))
    distance = (math.log10(threshold) - told.log10()) / (spread * math.sqrt(2.0))
    return 0.5 * distance.erfc()


def _missing(vague: pl.Expr) -> pl.Expr:
    """Which fact would settle it."""
    return (
        pl.when(pl.col("told").is_null() & pl.col("_derived"))
        .then(pl.lit("compute of the original model"))
        .when(pl.col("told").is_null() & pl.col("parameters_total").is_null())
        .then(pl.lit("number of parameters, tokens seen"))
        .when(pl.col("told").is_null() & pl.col("tokens").is_null())
        .then(pl.lit("tokens seen or accelerator-hours"))
        .when(pl.col("told").is_null())
        .then(pl.lit("training compute"))
        .when(vague)
        .then(pl.lit("what the model generates"))
        .otherwise(pl.lit("a narrower estimate: tokens, stages, utilisation"))
    )

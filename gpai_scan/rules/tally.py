"""Units and their sums: from the verdicts of one rule to how many are in, out and unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.compute import Z_90, exact_sum
from gpai_scan.rules.model import Rule
from gpai_scan.rules.words import DERIVATIVES

_UNIT: Final = ("entity", "verdict", "probability")


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
    rows = aligned(judged, who).lazy().filter("counted")
    alone, several = pl.collect_all(
        [
            rows.filter("alone").select(_UNIT),
            rows.filter(~pl.col("alone")).select("model", *_UNIT, "value", "first"),
        ]
    )
    return pl.concat([alone, merged(several)])


def merged(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a `model`: in where any repository is in, else what those say that decide (`first`).

    The probability is that of the largest value: the figures of one model's repositories are not
    independent, and the model's own is the one that holds all its provider did.
    """
    asked = rows.select("model", *_UNIT, "value", "first")
    alone = asked["model"].is_unique()
    is_in = pl.col("verdict") == "in"
    is_unknown = (pl.col("verdict") == "unknown") & pl.col("first")
    of_one = asked.filter(alone).select("entity", _decided(is_in, is_unknown), "probability")
    possible = pl.when(pl.col("probability") > 0.0).then("value")
    largest = pl.col("probability").filter(possible == possible.max()).max()
    of_several = (
        asked.filter(~alone)
        .lazy()
        .group_by("model")
        .agg(
            pl.col("entity").min(),
            _decided(is_in.any(), is_unknown.any()),
            pl.coalesce(largest, pl.col("probability").max()).alias("probability"),
        )
        .select(_UNIT)
        .collect()
    )
    return pl.concat([of_one, of_several])


def _decided(is_in: pl.Expr, is_unknown: pl.Expr) -> pl.Expr:
    """The verdict of a unit."""
    return (
        pl.when(is_in)
        .then(pl.lit("in", schema.VERDICT))
        .when(is_unknown)
        .then(pl.lit("unknown", schema.VERDICT))
        .otherwise(pl.lit("out", schema.VERDICT))
        .alias("verdict")
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
        .otherwise(((high - 0.5).ceil() + 0.0).clip(pl.col("_certain"), pl.col("_possible")))
        .alias("expected_high"),
    ]

"""A rule over many thresholds in one pass: a histogram of units, never a row a threshold.

Each counted unit falls into one bin of the sorted thresholds; sums from the right give the counts
at every threshold. The expected number comes, where there are many units, from a histogram of
centre and spread: the probabilities of a bin are computed once for all units in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from gpai_scan.counting import DERIVATIVES, interval
from gpai_scan.errors import InvalidInput
from gpai_scan.rules.clauses import subject
from gpai_scan.rules.frame import Options, measure
from gpai_scan.rules.logic import judge
from gpai_scan.rules.model import Regime, Rule
from gpai_scan.rules.tree import All, Compare, Has, Node

EXACT_UNTIL: Final = 20_000
"""Units up to which every probability is computed for itself, without bins."""
CENTRE_BIN: Final = 0.125
"""Width of a bin of the centre as a share of the spread; what it shifts averages out."""
SPREAD_BIN: Final = 0.1
"""Relative width of a bin of the spread."""
REACH: Final = 6.0
"""Spreads beyond which a probability is zero or one."""


def grid(low: float, high: float, steps: int = 200) -> list[float]:
    """Thresholds evenly spaced on a logarithmic scale, both ends included."""
    if not (0 < low < high < math.inf) or not 2 <= steps <= 10_000:
        raise InvalidInput(
            f"a sweep needs 0 < from < to and 2 to 10,000 steps, not {low:g}, {high:g}, {steps}."
        )
    first, last = math.log10(low), math.log10(high)
    return [10 ** (first + (last - first) * i / (steps - 1)) for i in range(steps)]


def sweep(
    frame: pl.LazyFrame,
    who: pl.DataFrame,
    rule: Rule,
    regime: Regime,
    thresholds: Sequence[float],
    options: Options | None = None,
) -> pl.DataFrame:
    """The counts of a rule with other thresholds in place of its own, one row a threshold.

    `frame` is that of `rules.subjects`, `who` that of `rules.units`. Columns `threshold,
    models_in, models_out, models_unknown, entities_in, expected, expected_low, expected_high`.
    The rule's condition must be one comparison, or one joined to others by `and`.
    """
    values = sorted(set(thresholds))
    units = _units(frame, who, rule, regime, options or Options())
    test, _ = split(rule)
    strict = test.comparator == ">"
    binned = units.with_columns(
        _bin("value", values, strict), _bin("maybe", values, strict), _bin("most", values, strict)
    ).with_columns(
        pl.max_horizontal(
            "value_bin",
            "maybe_bin",
            pl.when(pl.col("blank")).then(pl.coalesce("most_bin", pl.lit(len(values)))),
        ).alias("reach")
    )
    above = _from_right(binned, "value_bin", len(values))
    open_ = _from_right(binned, "reach", len(values))
    people = (
        binned.filter(pl.col("value_bin") > 0)
        .group_by("entity")
        .agg(pl.col("value_bin").max())
        .drop_nulls("entity")
    )
    table = pl.DataFrame(
        {
            "threshold": values,
            "models_in": above,
            "models_unknown": open_ - above,
            "entities_in": _from_right(people, "value_bin", len(values)),
        }
    )
    counted = table.with_columns(
        (units.height - pl.col("models_in") - pl.col("models_unknown")).alias("models_out")
    )
    return pl.concat([counted, expected(units, values)], how="horizontal").select(
        "threshold",
        "models_in",
        "models_out",
        "models_unknown",
        "entities_in",
        "expected",
        "expected_low",
        "expected_high",
    )


def split(rule: Rule) -> tuple[Compare, tuple[Node, ...]]:
    """The comparison that is swept, and the other parts that must hold with it."""
    node = rule.when
    if isinstance(node, Compare):
        return node, ()
    if isinstance(node, All):
        tests = [part for part in node.parts if isinstance(part, Compare)]
        if tests:
            rest = tuple(part for part in node.parts if part is not tests[0])
            return tests[0], rest
    raise InvalidInput(
        f"rule '{rule.id}' cannot be swept: it needs one comparison, alone or joined by 'and'."
    )


def _units(
    frame: pl.LazyFrame, who: pl.DataFrame, rule: Rule, regime: Regime, options: Options
) -> pl.DataFrame:
    """One row a counted unit: its value, spread, and what keeps it unknown.

    `value` is the largest of a repository for which every other limb holds; `maybe` the largest
    where a limb is unknown; `blank` says that the value itself is unknown, `most` its bound.
    """
    known = frame.collect_schema()
    test, rest = split(rule)
    m = measure(test, known)
    derived = rule.subject in DERIVATIVES
    rows = pl.concat(
        [
            who.drop("repo_id"),
            frame.select(
                subject(rule, regime, options).alias("_asked"),
                m.value.alias("_value"),
                pl.max_horizontal(m.sigma, 0.0).alias("_sigma"),
                m.high.alias("_high"),
                _limb(rule, rest, known).alias("_limb"),
            ).collect(),
        ],
        how="horizontal",
    ).filter(pl.col("_asked") if derived else pl.col("counted"))
    columns = ["entity", "value", "sigma", "maybe", "blank", "most"]
    full = rows.with_columns(_single())
    if derived:
        pair = pl.struct("model", "entity").hash().alias("model")
        return _grouped(full.with_columns(pair, pl.lit(value=True).alias("first"))).select(columns)
    alone = full.filter("alone").select(columns)
    return pl.concat([alone, _grouped(full.filter(~pl.col("alone"))).select(columns)])


def _limb(rule: Rule, rest: tuple[Node, ...], known: pl.Schema) -> pl.Expr:
    limb = pl.lit(value=True)
    for node in rest:
        limb = limb & judge(node, known).holds
    if rule.outputs_any:
        limb = limb & judge(Has("outputs", rule.outputs_any), known).holds
        if rule.other_outputs_effect == "case-by-case":
            limb = pl.when(limb).then(pl.lit(value=True))
        if rule.rebuttal_effect == "out" and rule.rebuttal_flags:
            limb = limb & ~judge(Has("narrow", rule.rebuttal_flags), known).holds
    return limb


def _single() -> list[pl.Expr]:
    yes, unsure = pl.col("_limb"), pl.col("_limb").is_null()
    return [
        pl.when(yes).then("_value").alias("value"),
        pl.when(yes).then("_sigma").alias("sigma"),
        pl.when(unsure).then("_value").alias("maybe"),
        (pl.col("_value").is_null() & pl.col("_limb").fill_null(value=True)).alias("blank"),
        pl.col("_high").alias("most"),
    ]


def _grouped(rows: pl.DataFrame) -> pl.DataFrame:
    """Units of several repositories: the largest value, unknown as the deciding ones are."""
    best = pl.col("value") == pl.col("value").max()
    return rows.group_by("model").agg(
        pl.col("entity").drop_nulls().min(),
        pl.col("sigma").filter(best).min(),
        pl.col("value").max(),
        pl.col("maybe").filter("first").max(),
        pl.col("blank").filter("first").any(),
        pl.col("most").filter(pl.col("first") & pl.col("_value").is_null()).max(),
    )


def _bin(name: str, thresholds: Sequence[float], strict: bool) -> pl.Expr:
    """How many of the thresholds lie below a value; null where there is no value."""
    column = pl.col(name)
    place = pl.lit(pl.Series(thresholds)).search_sorted(column, side="left" if strict else "right")
    return pl.when(column.is_not_null()).then(place.cast(pl.Int64)).alias(f"{name}_bin")


def _from_right(frame: pl.DataFrame, name: str, size: int) -> pl.Series:
    """For each threshold the number of rows whose bin lies above it."""
    counts = (
        frame.lazy()
        .group_by(pl.col(name).fill_null(0).cast(pl.Int64).alias("bin"))
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )
    bins = pl.LazyFrame({"bin": range(1, size + 1)}, schema={"bin": pl.Int64})
    joined = bins.join(counts, on="bin", how="left", maintain_order="left").collect()
    return joined["n"].fill_null(0).reverse().cum_sum().reverse()


def expected(units: pl.DataFrame, thresholds: Sequence[float]) -> pl.DataFrame:
    """Expected number above each threshold, with its 90 % interval."""
    logs = [math.log10(t) for t in thresholds]
    bins = _bins(units, logs[0])
    n = pl.lit(bins["n"])
    distances = (
        ((log - pl.col("mu")) / (pl.col("sigma") * math.sqrt(2.0))).alias(str(j))
        for j, log in enumerate(logs)
    )
    chances = bins.select(distances).select(pl.all().erfc() * 0.5)
    sums = {
        "expected": pl.all() * n,
        "_variance": pl.all() * (1 - pl.all()) * n,
        "_skew": pl.all() * (1 - pl.all()) * (1 - pl.all() * 2) * n,
        "_certain": (pl.all() >= 1.0).cast(pl.Float64) * n,
        "_possible": (pl.all() > 0.0).cast(pl.Float64) * n,
    }
    table = pl.DataFrame(
        {name: chances.select(terms.sum()).row(0) for name, terms in sums.items()},
        schema=dict.fromkeys(sums, pl.Float64),
    )
    return table.with_columns(interval()).select("expected", "expected_low", "expected_high")


def _bins(units: pl.DataFrame, lowest: float) -> pl.DataFrame:
    """How many units share a centre and a spread: `mu, sigma, n`, rounded where there are many.

    Units too far below the lowest threshold to matter are left out.
    """
    known = units.lazy().filter(pl.col("value") > 0).select(
        pl.col("value").log10().alias("mu"), pl.col("sigma").clip(lower_bound=1e-9)
    ).filter(pl.col("mu") + REACH * pl.col("sigma") > lowest).collect()  # fmt: skip
    if known.height > EXACT_UNTIL:
        spread = ((pl.col("sigma").log() / SPREAD_BIN).round() * SPREAD_BIN).exp()
        width = (CENTRE_BIN * spread).clip(lower_bound=1e-3)
        known = known.select(((pl.col("mu") / width).round() * width).alias("mu"), sigma=spread)
    return known.group_by("mu", "sigma").agg(pl.len().cast(pl.Float64).alias("n")).sort(
        "mu", "sigma"
    )  # fmt: skip


def relative(rule: Rule) -> Rule:
    """The rule with compute measured against the largest run known at the model's date."""
    test, rest = split(rule)
    ratio = replace(test, metric="compute_ratio_to_frontier", value=0.1)
    return replace(rule, when=All((ratio, *rest)) if rest else ratio)

"""All rule sets and 200 thresholds over millions of estimates: time and memory.

    python -m benchmarks.rules_sweep --repositories 3000000

Estimates are synthetic and seeded: 45 % derivatives, 40 % without compute, two in five without a
statement of what they generate. Measured are the making of the frame, the verdicts of every
preset, the counts of every preset, and the sweep of one rule over 200 thresholds; the sweep also
against a cross join of units and thresholds, both on the same part of the estimates, since the
cross join of all would not fit into memory.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import polars as pl

from benchmarks.measure import Result, Watch, record
from gpai_scan import counting, rules, schema
from gpai_scan.rules.sweep import grid, sweep
from gpai_scan.rules.units import units

THRESHOLDS: Final = 200
CROSSED: Final = 100_000
"""Repositories of the side-by-side comparison with the cross join."""
T = TypeVar("T")


def estimates(repositories: int) -> pl.LazyFrame:
    """Synthetic rows of `schema.ESTIMATES`, sorted by `repo_id`; the same for the same size."""
    number = pl.col("i")
    share = {name: (number.hash(seed) % 1_000_000) / 1e6 for seed, name in enumerate("uvw")}
    base = pl.DataFrame({"i": pl.int_range(repositories, eager=True)}).with_columns(
        (number.hash(7) % max(repositories // 8, 1)).alias("space"),
        (number.hash(8) % (number + 1)).cast(pl.UInt32).alias("parent"),
        **share,
    )
    named = base.with_columns(
        pl.format("user{}/model-{}", "space", number.cast(pl.String).str.zfill(8)).alias("repo_id"),
        (pl.col("u") < 0.45).alias("derived"),
    )
    held = named.with_columns(
        (pl.col("derived") & ~pl.col("derived").gather("parent")).alias("derived")
    )
    parent = pl.when(pl.col("derived")).then(pl.col("repo_id").gather("parent"))
    flop = pl.when(pl.col("w") < 0.6).then(10.0 ** (17 + 9 * pl.col("v").pow(3)))
    own = pl.when(~pl.col("derived")).then(flop).when(pl.col("w") < 0.1).then(flop * 0.01)
    outputs = (
        pl.when(pl.col("v") < 0.5)
        .then(pl.lit(["text"]))
        .when(pl.col("v") < 0.6)
        .then(pl.lit(["none"]))
    )
    frame = held.with_columns(parent.alias("base_repo_id")).select(
        "repo_id",
        pl.format("hub:user{}", "space").alias("entity_id"),
        pl.coalesce("base_repo_id", "repo_id").alias("model_id"),
        "base_repo_id",
        pl.col("derived").cast(pl.Int32).alias("depth"),
        pl.when("derived").then(pl.lit("finetune")).otherwise(pl.lit("base")).alias("relation"),
        (10.0 ** (6 + 5 * pl.col("v"))).alias("parameters_total"),
        own.alias("own_flop"),
        own.alias("direct_flop"),
        flop.alias("cumulative_flop"),
        flop.alias("compute_flop"),
        (flop / 3).alias("compute_flop_low"),
        (flop * 3).alias("compute_flop_high"),
        pl.when(flop.is_not_null()).then(0.03 + pl.col("u") / 2).alias("sigma_log10"),
        outputs.alias("outputs"),
        (pl.col("v") * 1e6).floor().alias("downloads_30d"),
        pl.when(flop.is_null()).then(pl.lit("no_tokens")).alias("skip_reason"),
    )
    return schema.ESTIMATES.conform(frame.lazy()).sort("repo_id").collect().lazy()


def timed(work: Callable[[], T]) -> tuple[T, float, float | None]:
    """What the work gives, its seconds, and the peak memory of the process meanwhile."""
    watch = Watch(os.getpid())
    start = time.perf_counter()
    made = work()
    seconds = time.perf_counter() - start
    return made, seconds, watch.stop()


def cross_join(frame: pl.LazyFrame, who: pl.DataFrame, thresholds: Sequence[float]) -> pl.DataFrame:
    """The straightforward way: a row for every unit and threshold, judged and summed."""
    value = pl.col("cumulative_flop")
    rows = frame.join(who.lazy().filter("counted").select("repo_id"), on="repo_id", how="semi")
    lines = pl.LazyFrame({"threshold": list(thresholds)})
    distance = (pl.col("threshold").log10() - value.log10()) / (pl.col("sigma_log10") * 2**0.5)
    return (
        rows.select("cumulative_flop", "sigma_log10")
        .join(lines, how="cross")
        .with_columns((0.5 * distance.erfc()).alias("p"))
        .group_by("threshold")
        .agg((value > pl.col("threshold")).sum().alias("models_in"), pl.col("p").sum())
        .sort("threshold")
        .collect()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=300_000)
    size = parser.parse_args().repositories
    held = estimates(size)
    nobody = schema.ENTITIES.empty().lazy()
    regimes = [rules.load(name) for name in rules.names()]
    results = []

    def note(variant: str, seconds: float, peak: float | None, **more: object) -> None:
        results.append(
            Result("rules", variant, size, "repositories", seconds, peak_bytes=peak, **more)  # type: ignore[arg-type]
        )
        print(results[-1].line())

    frame, seconds, peak = timed(lambda: rules.subjects(held, nobody).collect().lazy())
    note("frame", seconds, peak)
    who, seconds, peak = timed(lambda: units(frame))
    note("units", seconds, peak)

    def every_verdict() -> int:
        judged = rules.verdicts(held, nobody, regimes)
        sums = [
            pl.len(),
            (pl.col("verdict") == "in").sum().alias("in"),
            pl.col("probability").sum(),
        ]
        return int(judged.select(sums).collect(engine="streaming").item(0, 0))

    rows, seconds, peak = timed(every_verdict)
    note("verdicts of all presets", seconds, peak, note=f"{rows} rows, {len(regimes)} rule sets")
    _, seconds, peak = timed(lambda: counting.counts(frame, who, regimes[:0], [1e23]))
    note("one plain threshold", seconds, peak)
    counted, seconds, peak = timed(lambda: [_counted(frame, who, regime) for regime in regimes])
    note("counts of all presets", seconds, peak, note=f"{sum(counted)} answers")
    final = rules.load("eu-guidelines-final")
    lines = grid(1e20, 1e27, THRESHOLDS)
    for name in ("gpai", "systemic"):
        one = final.rule(name)
        _, seconds, peak = timed(lambda one=one: sweep(frame, who, one, final, lines))  # type: ignore[misc]
        note(f"sweep of {name}, {THRESHOLDS} lines", seconds, peak)
    _, swept, peak = timed(lambda: _sweep_presets(frame, who, regimes, lines))
    note(f"sweep of all presets, {THRESHOLDS} lines", swept, peak)
    _side_by_side(held, nobody, final, lines)
    record(results, "rules")


def _counted(frame: pl.LazyFrame, who: pl.DataFrame, regime: rules.Regime) -> int:
    return counting.counts(frame, who, [regime]).height


def _sweep_presets(
    frame: pl.LazyFrame, who: pl.DataFrame, regimes: Sequence[rules.Regime], lines: list[float]
) -> int:
    """Every rule on training compute of every rule set, at every threshold."""
    done = 0
    for regime in regimes:
        for rule in regime.rules:
            test = rule.threshold
            if rule.kind in ("test", "sweep") and test and test.metric == "training_compute":
                done += sweep(frame, who, rule, regime, lines).height
    return done


def _side_by_side(
    held: pl.LazyFrame, nobody: pl.LazyFrame, final: rules.Regime, lines: list[float]
) -> None:
    part = rules.subjects(held.head(CROSSED), nobody).collect().lazy()
    who = units(part)
    one = final.rule("systemic")
    ours, seconds, _ = timed(lambda: sweep(part, who, one, final, lines))
    theirs, baseline, peak = timed(lambda: cross_join(part, who, lines))
    apart = (ours["expected"] - theirs["p"]).abs().max()
    result = Result(
        "rules", f"sweep, {THRESHOLDS} lines", CROSSED, "repositories", seconds, "cross join",
        baseline, peak, note=f"expected numbers at most {apart:.3g} apart",
    )  # fmt: skip
    print(result.line())
    record([result], "rules")


if __name__ == "__main__":
    main()

"""The slider's counts are those of the counting itself."""

import polars as pl
import pytest
import synthetic

from gpai_scan import counting, rules, schema
from gpai_scan.report.content import positions
from gpai_scan.report.curves import curves

KEY = ["regime", "rule", "unit", "threshold"]
COUNTS = ["models_in", "models_out", "models_unknown", "entities_in"]


def mixed() -> synthetic.Frames:
    """A scan with derivatives of the same and of other entities, copies and unknown bounds."""
    frames = synthetic.scan(400)
    rows = frames["estimates"].collect().with_row_index("i")
    made = pl.col("i") % 3 == 1
    frames["estimates"] = schema.ESTIMATES.conform(
        rows.with_columns(
            pl.when(made)
            .then(pl.lit("finetune"))
            .otherwise(pl.col("relation").cast(pl.String))
            .alias("relation"),
            pl.when(made).then(pl.col("repo_id").shift(1)).alias("base_repo_id"),
            pl.when(made).then(pl.col("repo_id").shift(1)).otherwise("model_id").alias("model_id"),
            pl.when(made).then(1).otherwise(0).alias("depth"),
            pl.when(pl.col("i") % 10 == 4).then(3e22).alias("compute_flop_high"),
        ).lazy()
    )
    return frames


@pytest.mark.parametrize("frames", [synthetic.scan(60), mixed()], ids=["roots", "mixed"])
def test_plain_counts_are_those_of_answers_at_every_position(frames: synthetic.Frames) -> None:
    thresholds = positions([1e23 / 3])
    swept = curves({**frames, "answers": schema.ANSWERS.empty().lazy()}, [], thresholds).collect()
    some = thresholds[::9]
    counted = counting.answers(
        schema.VERDICT_TABLE.empty().lazy(), frames["estimates"], frames["entities"], [], some
    ).collect()
    both = counted.join(swept, on=KEY)
    assert both.height == counted.height == 2 * len(some)
    for name in COUNTS:
        assert both[name].to_list() == both[f"{name}_right"].to_list(), name
    apart = (pl.col("expected") - pl.col("expected_right")).abs()
    assert both.select((apart <= 0.02 + 0.015 * pl.col("expected")).all()).item()


def test_counts_of_a_rule_set_are_those_of_its_own_threshold() -> None:
    frames = mixed()
    regimes = [rules.load("eu-guidelines-final"), rules.load("eu-draft-2025-04")]
    verdicts = rules.verdicts(frames["estimates"], frames["entities"], regimes)
    counted = counting.answers(verdicts, frames["estimates"], frames["entities"], regimes).collect()
    swept = curves(frames, regimes, positions()).collect()
    both = counted.join(swept, on=KEY)
    assert {"gpai", "systemic"} <= set(both["rule"])
    for name in COUNTS:
        assert both[name].to_list() == both[f"{name}_right"].to_list(), name


def test_rows_that_were_counted_stand_as_they_are() -> None:
    frames = synthetic.scan(60)
    swept = curves(frames, [], positions()).collect()
    at = swept.filter(pl.col("threshold") == 1e23, pl.col("unit") == "models")
    stored = frames["answers"].filter(pl.col("threshold") == 1e23).collect()
    assert at["expected"].to_list() == stored["expected"].to_list()

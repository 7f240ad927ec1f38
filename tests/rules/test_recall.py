"""Nothing above a line is missed without a stated reason, on the sample and on labelled mirrors.

A reason is a missing fact, an interval that holds the published figure, a flagged doubt, or the
other of the two methods on the other side of the line.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from gpai_scan import settings as pipeline_settings
from gpai_scan.run import run

ROOT = Path(__file__).parents[3]
EVALUATION = ROOT / "shared" / "eval"
REASONED = ("no_tokens", "no_parameters", "no_base_compute", "unknown_architecture", "gated",
            "bad_config", "implausible", "disabled", "no_files")  # fmt: skip


@pytest.fixture(scope="module", params=["sample", "mirror"])
def estimates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> pl.DataFrame:
    if not EVALUATION.is_dir():
        pytest.skip("no labelled repositories beside the checkout")
    source = "sample" if request.param == "sample" else str(EVALUATION / "repos")
    out = tmp_path_factory.mktemp(request.param)
    run(
        pipeline_settings.load(
            "sample", source=source, db=out / "scan.duckdb", out=out / "tables", executor="serial"
        )
    )
    return pl.read_parquet(out / "tables" / "estimates.parquet")


@pytest.mark.parametrize("line", [1e23, 1e24])
def test_open_models_above_a_line_are_found_or_explained(
    estimates: pl.DataFrame, line: float
) -> None:
    truth = pl.read_csv(EVALUATION / "groundtruth.csv", infer_schema_length=None).filter(
        (pl.col("training_compute_flop") > line)
        & ~pl.col("known_bad").fill_null("").str.contains("training_compute_flop")
    )
    both = truth.select("repo_id", truth="training_compute_flop").join(estimates, on="repo_id")
    assert both.height > 5
    missed = both.filter((pl.col("compute_flop") <= line).fill_null(value=True))
    other_method = pl.any_horizontal(
        (pl.col(name) > line).fill_null(value=False)
        for name in ("architecture_flop", "hardware_flop")
    )
    silent = missed.filter(
        ~pl.col("skip_reason").is_in(REASONED).fill_null(value=False)
        & ~(pl.col("compute_flop_high") >= pl.col("truth")).fill_null(value=False)
        & (pl.col("flags").list.len() == 0)
        & ~other_method
    )
    assert silent.select("repo_id", "truth", "compute_flop", "skip_reason").rows() == []
    found = 1 - missed.height / both.height
    assert found >= 0.75, missed.select("repo_id", "truth", "compute_flop", "skip_reason").rows()

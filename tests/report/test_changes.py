"""What changed between two scans, and the cause it is put down to."""

import polars as pl
import synthetic

from gpai_scan.report.causes import Snapshot
from gpai_scan.report.changes import changes


def snapshot(frames: synthetic.Frames) -> Snapshot:
    row = frames["scans"].collect().row(0, named=True)
    return Snapshot(row, frames["estimates"], frames["evidence"], frames["verdicts"])


def difference(before: synthetic.Frames, after: synthetic.Frames) -> pl.DataFrame:
    return changes(snapshot(before), snapshot(after), [1e22, 1e23]).collect()


def with_compute(frames: synthetic.Frames, repo: str, flop: float | None, **also: object) -> None:
    here = pl.col("repo_id") == repo
    frames["estimates"] = frames["estimates"].with_columns(
        pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in ({"compute_flop": flop} | also).items()
    )
    verdict = "unknown" if flop is None else "in" if flop > 1e23 else "out"
    frames["verdicts"] = frames["verdicts"].with_columns(
        pl.when(here).then(pl.lit(flop)).otherwise("value").alias("value"),
        pl.when(here)
        .then(pl.lit(verdict))
        .otherwise(pl.col("verdict").cast(pl.String))
        .alias("verdict"),
    )


def causes(found: pl.DataFrame) -> set[str]:
    return set(found["cause"].cast(pl.String))


def test_nothing_changes_between_equal_scans() -> None:
    assert difference(synthetic.scan(), synthetic.scan(day=1)).is_empty()


def test_new_and_vanished_repositories_come_from_upstream() -> None:
    found = difference(synthetic.scan(40), synthetic.scan(40, names=["other/new"], day=1))
    assert found.select("repo_id", pl.col("change").cast(pl.String)).rows() == [
        ("other/new", "new"),
        ("lab0/model-00000", "vanished"),
    ]
    assert causes(found) == {"upstream"}
    assert found["previous_scan_id"].unique().to_list() == ["nightly-2026-11-20-0000"]


def test_another_selection_is_not_blamed_on_the_hub() -> None:
    found = difference(synthetic.scan(40), synthetic.scan(30, day=1, settings='{"limit": 30}'))
    assert found.height == 10
    assert causes(found) == {"settings"}


def test_a_new_revision_that_crosses_a_line_is_upstream() -> None:
    before, after = synthetic.scan(), synthetic.scan(day=1)
    repo = "lab0/model-00000"
    with_compute(after, repo, 5e22, revision="f" * 40)
    found = difference(before, after)
    lines = found.filter(pl.col("change") == "threshold")
    assert lines.select("threshold", "before", "after").rows() == [(1e23, "above", "not above")]
    verdicts = found.filter(pl.col("change") == "verdict")
    assert verdicts.select("before", "after").rows() == [("in", "out")]
    assert causes(found) == {"upstream"}


def test_a_figure_that_is_lost_becomes_unknown_not_below() -> None:
    before, after = synthetic.scan(), synthetic.scan(day=1, code_version="0.2.0")
    with_compute(after, "lab0/model-00000", None)
    lines = difference(before, after).filter(pl.col("change") == "threshold")
    assert lines["after"].to_list() == ["unknown", "unknown"]
    assert lines["detail"][0] == "gpai-scan 0.1.0 → 0.2.0"


def test_claims_of_the_same_revision_tell_evidence_from_reference_data_and_code() -> None:
    for method, row, cause in (
        ("card_text", {}, "evidence"),
        ("card_text", {"code_version": "0.2.0"}, "code"),
        ("reference", {"data_version": "d2"}, "reference_data"),
    ):
        before, after = synthetic.scan(), synthetic.scan(day=1, **row)
        repo = "lab0/model-00000"
        with_compute(after, repo, 2e26)
        claim = after["evidence"].filter(pl.col("repo_id") == repo).head(1)
        changed = claim.with_columns(
            pl.lit(1.0).alias("value"), pl.lit(method).cast(pl.String).alias("method")
        )
        claims = after["evidence"].with_columns(pl.col("method").cast(pl.String))
        table = pl.concat([claims, changed])
        after["evidence"] = table.with_columns(
            pl.col("method").cast(before["evidence"].collect_schema()["method"])
        )
        assert causes(difference(before, after)) == {cause}


def test_files_without_revisions_that_read_differently_have_changed() -> None:
    before, after = synthetic.scan(), synthetic.scan(day=1)
    repo = "lab0/model-00000"
    for frames in (before, after):
        frames["estimates"] = frames["estimates"].with_columns(revision=pl.lit(None, pl.String))
    with_compute(after, repo, 2e26)
    after["evidence"] = after["evidence"].with_columns(pl.col("value") * 2)
    found = difference(before, after)
    assert causes(found) == {"upstream"}
    assert found["detail"][0] == "the repository changed"


def test_a_changed_rule_is_told_from_a_changed_figure() -> None:
    before, after = synthetic.scan(), synthetic.scan(day=1, rules_version="r2")
    after["verdicts"] = after["verdicts"].with_columns(
        pl.when(pl.col("repo_id") == "lab0/model-00000")
        .then(pl.lit("out"))
        .otherwise(pl.col("verdict").cast(pl.String))
        .alias("verdict")
    )
    found = difference(before, after)
    assert found.height == 1
    assert causes(found) == {"rules"}
    assert found["detail"][0] == "rule sets r1 → r2"


def test_a_derivative_takes_the_cause_of_its_base_and_names_it() -> None:
    before, after = synthetic.scan(), synthetic.scan(day=1)
    base, child = "lab0/model-00000", "lab1/model-00001"
    for frames in (before, after):
        with_compute(frames, child, 3e23, model_id=base)
    with_compute(after, base, 3e24, revision="f" * 40)
    with_compute(after, child, 4e24, model_id=base)
    found = difference(before, after).filter(pl.col("repo_id") == child)
    assert causes(found) == {"upstream"}
    assert found["detail"][0].endswith(f"through {base}")


def test_a_difference_nothing_explains_is_called_so() -> None:
    before, after = synthetic.scan(), synthetic.scan(day=1)
    with_compute(after, "lab0/model-00000", 2e26)
    assert causes(difference(before, after)) == {"unexplained"}

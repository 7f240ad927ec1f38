"""Nights that run themselves: gate, atomic switch, kills, locks, full disks, retention, status."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
import synthetic

from gpai_scan import gate, health, nightly, store
from gpai_scan.errors import CheckFailed, Interrupted, StoreError
from gpai_scan.settings import Settings
from gpai_scan.store import Store

pytest.importorskip("vl_convert", reason="needs `pip install 'gpai-scan[report]'`")
ROOT = Path(__file__).parents[1]


def settings(folder: Path, **changed: object) -> Settings:
    return Settings(db=folder / "scans.duckdb", reports=folder / "reports", **changed)  # type: ignore[arg-type]


def put(folder: Path, day: int, frames: synthetic.Frames | None = None, **row: object) -> str:
    """Store the scan of a day as a run does; its id."""
    made = frames or synthetic.scan(**{**synthetic.scan_row(day), **row})
    scan_id = str(made["scans"].collect().item(0, "scan_id"))
    paths = synthetic.write(made, folder / "tables")
    store.write_scan(folder / "scans.duckdb", scan_id, paths)
    return scan_id


def shown(folder: Path) -> str | None:
    return nightly.published(folder / "reports")


def whole(report: Path) -> bool:
    """Whether every file of a report is as its checksums say."""
    lines = (report / "SHA256SUMS").read_text().splitlines()
    return bool(lines) and all(
        hashlib.sha256((report / name).read_bytes()).hexdigest() == digest
        for digest, name in (line.split("  ") for line in lines)
    )


def changed_answers(day: int, factor: float, **row: object) -> synthetic.Frames:
    frames = synthetic.scan(**{**synthetic.scan_row(day), **row})
    frames["answers"] = frames["answers"].with_columns(
        (pl.col("models_in") * factor).cast(pl.Int64).alias("models_in"),
        pl.lit(0, pl.Int64).alias("entities_in"),
    )
    return frames


def test_a_release_shows_the_newest_scan_and_says_so(tmp_path: Path) -> None:
    first = put(tmp_path, 0)
    made = nightly.release(settings(tmp_path))
    assert (made.scan_id, made.new, shown(tmp_path)) == (first, True, first)
    second = put(tmp_path, 1)
    nightly.release(settings(tmp_path))
    assert shown(tmp_path) == second
    assert whole(tmp_path / "reports/latest")
    state = nightly.status(tmp_path / "reports")
    assert (state["outcome"], state["scan_id"], state["published"]) == ("published", second, second)
    assert state["compared_with"] == first
    assert state["completeness"] == 1.0
    assert state["reasons"] == [
        {"reason": "no_tokens", "repositories": 8, "repositories_before": 8}
    ]


def test_the_same_scan_is_not_released_twice(tmp_path: Path) -> None:
    put(tmp_path, 0)
    nightly.release(settings(tmp_path))
    before = (tmp_path / "reports/latest").resolve()
    made = nightly.release(settings(tmp_path))
    assert not made.new
    assert (tmp_path / "reports/latest").resolve() == before


@pytest.mark.parametrize(
    ("row", "check"),
    [
        ({"complete": False, "shards_present": 3}, "incomplete"),
        ({"shards_present": 97, "shards_expected": 100}, "incomplete"),
        ({"repositories": 30}, "fewer_repositories"),
    ],
)
def test_a_scan_with_gaps_is_held_back(tmp_path: Path, row: dict[str, object], check: str) -> None:
    first = put(tmp_path, 0)
    nightly.release(settings(tmp_path))
    put(tmp_path, 1, **row)
    with pytest.raises(CheckFailed, match=check) as raised:
        nightly.release(settings(tmp_path))
    assert raised.value.exit_code == 1
    assert shown(tmp_path) == first
    state = nightly.status(tmp_path / "reports")
    assert state["outcome"] == "held back"
    assert state["published"] == first
    assert [finding["check"] for finding in state["findings"]] == [check]


def test_counts_that_fall_are_held_back_until_accepted(tmp_path: Path) -> None:
    first = put(tmp_path, 0)
    nightly.release(settings(tmp_path))
    second = put(tmp_path, 1, changed_answers(1, 0.5))
    with pytest.raises(CheckFailed, match="count_drop"):
        nightly.release(settings(tmp_path))
    third = put(tmp_path, 2, changed_answers(2, 0.5))
    with pytest.raises(CheckFailed, match="count_drop"):
        nightly.release(settings(tmp_path))
    assert shown(tmp_path) == first
    nightly.release(settings(tmp_path), accept=True)
    assert shown(tmp_path) == third != second


def test_counts_that_grow_or_waver_are_published(tmp_path: Path) -> None:
    put(tmp_path, 0, changed_answers(0, 1.0))
    nightly.release(settings(tmp_path))
    put(tmp_path, 1, changed_answers(1, 0.97))
    nightly.release(settings(tmp_path))
    third = put(tmp_path, 2, changed_answers(2, 1.0))
    nightly.release(settings(tmp_path))
    assert shown(tmp_path) == third


def broken(name: str) -> synthetic.Frames:
    """A scan that one check must find, and only that one where it can be so."""
    frames = synthetic.scan()
    estimates = frames["estimates"]
    first = pl.col("repo_id") == "lab0/model-00000"
    changes = {
        "duplicate_repositories": pl.concat([estimates, estimates.filter(first)]),
        "lost_repositories": estimates.filter(~first),
        "unexplained_unknown": estimates.with_columns(skip_reason=pl.lit(None, pl.String)),
        "compute_without_method": estimates.with_columns(compute_method=pl.lit(None, pl.String)),
        "interval_order": estimates.with_columns(compute_flop_low=pl.col("compute_flop") * 2),
        "impossible_compute": estimates.with_columns(
            compute_flop=pl.when(first).then(1e40).otherwise("compute_flop"),
            compute_flop_high=pl.when(first).then(1e41).otherwise("compute_flop_high"),
        ),
    }
    if name in changes:
        frames["estimates"] = changes[name]
    if name == "no_answers":
        frames["answers"] = frames["answers"].head(0)
    if name == "counts_do_not_add_up":
        frames["answers"] = frames["answers"].with_columns(models_in=pl.lit(0, pl.Int64))
    if name == "verdict_on_nothing":
        frames["verdicts"] = frames["verdicts"].with_columns(
            verdict=pl.lit("in"),
            value=pl.lit(None, pl.Float64),
            reason=pl.lit(None, pl.String),
        )
    return frames


@pytest.mark.parametrize(
    "check",
    [
        "duplicate_repositories",
        "lost_repositories",
        "unexplained_unknown",
        "compute_without_method",
        "interval_order",
        "impossible_compute",
        "no_answers",
        "counts_do_not_add_up",
        "verdict_on_nothing",
    ],
)
def test_every_check_finds_what_it_is_for(tmp_path: Path, check: str) -> None:
    good = put(tmp_path, 0)
    with Store.open(tmp_path / "scans.duckdb") as opened:
        assert gate.check(opened, good) == []
    bad = put(tmp_path, 1, broken(check))
    with Store.open(tmp_path / "scans.duckdb") as opened:
        found = gate.check(opened, bad)
    assert [finding.check for finding in found] == [check]
    assert found[0].question.endswith("?")


def test_two_nights_never_meet(tmp_path: Path) -> None:
    put(tmp_path, 0)
    with nightly.lock(tmp_path / "reports"):
        with pytest.raises(Interrupted, match="another run") as raised:
            nightly.release(settings(tmp_path))
        assert raised.value.exit_code == 75
    nightly.release(settings(tmp_path))
    assert whole(tmp_path / "reports/latest")


RELEASE = """
import sys
from pathlib import Path
from gpai_scan import nightly
from gpai_scan.settings import Settings
folder = Path(sys.argv[1])
print("ready", flush=True)
nightly.release(Settings(db=folder / "scans.duckdb", reports=folder / "reports"))
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_report(tmp_path: Path) -> None:
    """Killed at eight moments spread over a release, then once more undisturbed."""
    first = put(tmp_path, 0)
    nightly.release(settings(tmp_path))
    second = put(tmp_path, 1)
    seen = set()
    for attempt in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", RELEASE, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.35 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        seen.add(shown(tmp_path))
        assert whole(tmp_path / "reports/latest")
    assert seen <= {first, second}
    nightly.release(settings(tmp_path))
    assert shown(tmp_path) == second
    left = {p.name for p in (tmp_path / "reports").iterdir()}
    assert left == {".lock", "latest", "status.json", first, second}


def test_a_full_disk_leaves_yesterday_and_says_what_to_do(tmp_path: Path) -> None:
    """A limit on the size of a file stands in for the disk: writes fail half way."""
    first = put(tmp_path, 0)
    nightly.release(settings(tmp_path))
    put(tmp_path, 1)
    limited = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    done = subprocess.run(
        [sys.executable, "-c", limited + RELEASE, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cannot write the report" in done.stderr
    assert "free some space" in done.stderr
    assert shown(tmp_path) == first
    assert whole(tmp_path / "reports/latest")
    assert nightly.status(tmp_path / "reports")["outcome"] == "failed"


READER = """
import sys
from pathlib import Path
from gpai_scan.store import Store
with Store.open(Path(sys.argv[1])) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    print(len(store.scan_ids()), flush=True)
"""


def test_a_reader_of_the_database_neither_hinders_nor_is_hindered(tmp_path: Path) -> None:
    put(tmp_path, 0)
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path / "scans.duckdb")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        second = put(tmp_path, 1)
        nightly.release(settings(tmp_path))
        said, _ = reader.communicate("go on\n")
    assert said == "1\n"
    assert shown(tmp_path) == second


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    put(tmp_path, 0)
    (tmp_path / "reports").write_text("a file in the way")
    with pytest.raises(StoreError, match="cannot write into the folder of reports"):
        nightly.release(settings(tmp_path))


def test_old_reports_go_but_never_the_published_one(tmp_path: Path) -> None:
    names = []
    for day in range(4):
        names.append(put(tmp_path, day))
        nightly.release(settings(tmp_path, keep_reports=2))
    folders = {p.name for p in (tmp_path / "reports").iterdir() if p.is_dir()}
    assert folders == {"latest", *names[-2:]}
    nightly.release(settings(tmp_path, keep_reports=1), names[2])
    os.utime(tmp_path / "reports" / names[2], (1, 1))
    nightly.retain(tmp_path / "reports", 1)
    assert shown(tmp_path) == names[2]
    assert whole(tmp_path / "reports/latest")


def test_the_newest_reports_stay_though_a_copy_turned_the_times_of_the_folders(
    tmp_path: Path,
) -> None:
    names = []
    for day in range(3):
        names.append(put(tmp_path, day))
        nightly.release(settings(tmp_path))
        os.utime(tmp_path / "reports" / names[day], (100 - day, 100 - day))
    assert nightly.retain(tmp_path / "reports", 2) == names[:1]


def test_health_tells_age_gaps_reasons_and_drift(tmp_path: Path) -> None:
    first = put(tmp_path, 0, changed_answers(0, 1.0))
    put(tmp_path, 1, changed_answers(1, 2.0, complete=False, shards_present=2))
    now = synthetic.START + timedelta(hours=30)
    with Store.open(tmp_path / "scans.duckdb") as opened:
        state = health.health(opened, tmp_path / "reports", now)
    assert state["last_whole_scan"] == first
    assert state["age_hours"] == 30
    assert (state["completeness"], state["shards_missing"]) == (0.5, 2)
    assert state["published"] is None
    assert state["problems"] == [{"reason": "bad_json", "cases": 1}]
    assert [row["threshold"] for row in state["drift"]] == [1e22, 1e23, 1e24, 1e25]
    assert [finding["check"] for finding in state["findings"]] == ["incomplete"]


def test_the_status_is_json_without_a_clock(tmp_path: Path) -> None:
    put(tmp_path, 0)
    nightly.release(settings(tmp_path))
    once = (tmp_path / "reports/status.json").read_bytes()
    nightly.release(settings(tmp_path))
    assert (tmp_path / "reports/status.json").read_bytes() == once
    assert json.loads(once)["as_of"] == "2026-11-20T03:00:00Z"

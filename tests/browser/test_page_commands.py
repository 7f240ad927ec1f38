"""The page against the public commands: both give the same counts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import synthetic

from gpai_scan import store
from gpai_scan.report.content import positions

pytest.importorskip("vl_convert", reason="needs `pip install 'gpai-scan[report]'`")
pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


def command(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gpai_scan", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_slider_shows_what_the_count_command_prints(
    tmp_path: Path, visit: Callable[..., Any]
) -> None:
    frames = synthetic.scan(250)
    paths = synthetic.write(frames, tmp_path / "tables")
    db = str(tmp_path / "scans.duckdb")
    store.write_scan(tmp_path / "scans.duckdb", "nightly-2026-11-20-0000", paths)
    command("report", "--db", db, "--out", str(tmp_path / "report"))
    thresholds = positions()
    steps = [7, 30, 60, 80, 90, 100, 110, 120, 140, 155]
    options = [word for step in steps for word in ("--threshold", repr(thresholds[step]))]
    rows = json.loads(
        command("count", "--db", db, *options, "--unit", "models", "--format", "json")
    )
    printed = {row["threshold"]: row for row in rows}
    assert len(printed) == 10
    here = visit(tmp_path / "report/index.html")
    for step in steps:
        here.move(step)
        row = printed[thresholds[step]]
        for name in ("models-in", "models-out", "models-unknown", "entities-in"):
            shown = int(here.text(f"#{name}").replace(",", ""))
            assert shown == row[name.replace("-", "_")], (thresholds[step], name)
    assert here.complaints == []
    assert len({row["models_in"] for row in rows}) > 4


def test_counts_of_several_scans_are_drawn(tmp_path: Path, visit: Callable[..., Any]) -> None:
    for day in range(3):
        frames = synthetic.scan(**synthetic.scan_row(day))
        scan_id = str(frames["scans"].collect().item(0, "scan_id"))
        paths = synthetic.write(frames, tmp_path / "tables")
        store.write_scan(tmp_path / "scans.duckdb", scan_id, paths)
    command("report", "--db", str(tmp_path / "scans.duckdb"), "--out", str(tmp_path / "report"))
    here = visit(tmp_path / "report/index.html")
    assert here.page.locator("#history svg path").count() > 8
    assert "in 3 scans" in here.text("#changed")
    assert here.complaints == []

"""The Python interface says what the commands say, and its documented example runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import synthetic

import gpai_scan
from gpai_scan import store
from gpai_scan.errors import GpaiScanError, InvalidInput, StoreError

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    paths = synthetic.write(synthetic.scan(80), folder / "tables")
    store.write_scan(folder / "gpai-scan.duckdb", "nightly-2026-11-20-0000", paths)
    return folder / "gpai-scan.duckdb"


def command(db: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gpai_scan", *words, "--db", str(db)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


def test_counts_are_those_of_the_command(db: Path) -> None:
    thresholds = [3e21, 1e23, 7e24]
    options = [word for t in thresholds for word in ("--threshold", repr(t))]
    printed = json.loads(command(db, "count", *options, "--format", "json").stdout)
    ours = gpai_scan.Scans(db).count(thresholds)
    key = ["threshold", "unit"]
    both = pl.DataFrame(printed, infer_schema_length=None).join(ours, on=key)
    assert both.height == 6
    for name in ("models_in", "models_out", "models_unknown", "entities_in"):
        assert both[name].to_list() == both[f"{name}_right"].to_list()


def test_a_sweep_agrees_with_counts(db: Path) -> None:
    scans = gpai_scan.Scans(db)
    swept = scans.sweep(1e21, 1e25, steps=5)
    counted = scans.count(swept["threshold"].to_list(), unit="models").sort("threshold")
    assert swept["models_in"].to_list() == counted["models_in"].to_list()


def test_groups_add_up_to_the_count(db: Path) -> None:
    scans = gpai_scan.Scans(db)
    rule = "training_compute > 1e23"
    whole = scans.count(rule=rule, unit="models")["models_in"].item(0)
    assert scans.count(rule=rule, by="licence")["models_in"].sum() == whole > 0


def test_questions_sql_and_tables(db: Path) -> None:
    scans = gpai_scan.Scans(db)
    above = scans.ask("above", threshold=1e24, rows=1000)
    statement = "select count(*) as n from models where compute_flop > $line"
    assert scans.sql(statement, line=1e24)["n"].item() == above.height > 0
    table = scans.table("estimates").filter(pl.col("compute_flop") > 1e24).collect()
    assert table.height == above.height
    assert set(scans.why(above["repo_id"].item(0))["step"]) >= {"repository"}
    assert scans.status("/nowhere")["repositories"] == 80
    assert "eu-guidelines-final" in scans.regimes()


def test_wrong_use_is_explained(db: Path, tmp_path: Path) -> None:
    scans = gpai_scan.Scans(db)
    with pytest.raises(InvalidInput, match="not both"):
        scans.count(regime="eu-guidelines-final", rule="tokens > 1")
    with pytest.raises(InvalidInput, match="There are: scans, repositories"):
        scans.table("nonsense")
    with pytest.raises(StoreError, match="gpai-scan run"):
        gpai_scan.Scans(tmp_path / "none.duckdb").count(1e23)
    with pytest.raises(gpai_scan.GpaiScanError):
        scans.ask("nonsense")
    assert issubclass(InvalidInput, GpaiScanError)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = gpai_scan.nonsense


def test_the_documented_example_runs_and_says_what_it_prints(
    db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) >= 3
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gpai-scan.duckdb").symlink_to(db)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)


def test_the_package_loads_nothing_until_it_is_used() -> None:
    code = "import sys, gpai_scan; print('polars' in sys.modules, 'duckdb' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False False\n"


def test_sql_reads_statements_from_standard_input_and_changes_nothing(db: Path) -> None:
    asked = command(db, "sql", "--format", "csv", stdin="select 1 as one;\n")
    assert asked.stdout == "one\n1\n"
    before = db.read_bytes()
    for statement in ("delete from scans", "drop table answers", "create table x (y int)"):
        refused = command(db, "sql", statement)
        assert refused.returncode == 2
        assert "read-only" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert db.read_bytes() == before
    assert command(db, "sql", "").returncode == 2


def test_a_prompt_answers_and_survives_mistakes(db: Path) -> None:
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    os.write(parent, b"select nonsense;\nselect count(*)\nfrom estimates;\n.tables\n\x04")
    done = subprocess.run(
        [sys.executable, "-m", "gpai_scan", "sql", "--db", str(db), "--format", "csv"],
        cwd=ROOT,
        stdin=child,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(child)
    os.close(parent)
    assert done.returncode == 0, done.stderr
    assert "80" in done.stdout
    assert "estimates," in done.stdout
    assert "Error:" in done.stderr
    assert "models" in done.stderr


def test_status_exits_with_one_where_the_scan_is_old(db: Path) -> None:
    fresh = command(db, "status", "--fail-if-older", "1e9", "--format", "json")
    assert fresh.returncode == 0
    assert json.loads(fresh.stdout)["completeness"] == 1.0
    assert command(db, "status", "--fail-if-older", "-1e9").returncode == 1
    assert "no_tokens" in command(db, "status").stdout


def test_messages_are_json_lines_where_programs_read_them(db: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "report")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "gpai_scan",
            "--log",
            "json",
            "report",
            "--no-page",
            "--db",
            str(db),
            "--out",
            out,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines[0]["message"].startswith(f"Wrote {out}: 12 tables")
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    failed = subprocess.run(
        [sys.executable, "-m", "gpai_scan", "status", "--db", "/nowhere"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GPAI_SCAN_LOG": "json"},
    )
    assert failed.returncode == 2
    assert json.loads(failed.stderr)["level"] == "error"

"""The database: scans with history, all or nothing, readable while written."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from gpai_scan import parquet, questions, schema, store
from gpai_scan.errors import InvalidInput, StoreError


@pytest.fixture
def tables(tmp_path: Path) -> Mapping[str, Path]:
    return one_scan(tmp_path, 1e23)


def one_scan(folder: Path, flop: float) -> dict[str, Path]:
    rows = pl.LazyFrame({"repo_id": ["a/b"], "relation": ["base"], "compute_flop": [flop]})
    path = folder / f"estimates-{flop}.parquet"
    parquet.write(schema.ESTIMATES, rows, path)
    return {"estimates": path}


def test_a_scan_comes_back_as_it_was_stored(tmp_path: Path, tables: Mapping[str, Path]) -> None:
    db = tmp_path / "s.duckdb"
    store.write_scan(db, "one", tables)
    with store.Store.open(db) as opened:
        frame = opened.table("estimates").collect()
    assert frame.schema == schema.ESTIMATES.schema
    assert frame.select("repo_id", "compute_flop").row(0) == ("a/b", 1e23)


def test_history_is_kept_and_a_repeated_scan_replaces_itself(tmp_path: Path) -> None:
    db = tmp_path / "s.duckdb"
    store.write_scan(db, "one", one_scan(tmp_path, 1e22))
    store.write_scan(db, "two", one_scan(tmp_path, 1e23))
    store.write_scan(db, "one", one_scan(tmp_path, 1e24))
    with store.Store.open(db) as opened:
        assert opened.scan_ids() == ["two", "one"]
        assert opened.latest() == "one"
        flops = {
            scan: opened.table("estimates", scan).collect().item(0, "compute_flop")
            for scan in opened.scan_ids()
        }
    assert flops == {"one": 1e24, "two": 1e23}


def test_old_scans_lose_their_tables_but_stay_listed(tmp_path: Path) -> None:
    db = tmp_path / "s.duckdb"
    for number in range(4):
        store.write_scan(db, f"scan{number}", one_scan(tmp_path, 10.0**number), keep=2)
    with store.Store.open(db) as opened:
        assert len(opened.scan_ids()) == 4
        heights = [opened.table("estimates", s).collect().height for s in opened.scan_ids()]
    assert heights == [0, 0, 1, 1]


def test_comments_carry_unit_and_meaning(tmp_path: Path, tables: Mapping[str, Path]) -> None:
    db = tmp_path / "s.duckdb"
    store.write_scan(db, "one", tables)
    with store.Store.open(db) as opened:
        comment = opened.query(
            "select comment from duckdb_columns() "
            "where table_name = 'estimates' and column_name = 'tokens'"
        ).item()
    assert comment == "Tokens seen in this repository's own training. [tokens]"


@pytest.mark.parametrize("question", questions.all_questions(), ids=lambda q: q.name)
def test_every_question_runs_on_an_empty_schema(
    question: questions.Question, tmp_path: Path, tables: Mapping[str, Path]
) -> None:
    db = tmp_path / "s.duckdb"
    store.write_scan(db, "one", tables)
    given = {p.name: "x/y" for p in question.parameters if p.default is None}
    values = question.bind(given)
    if question.of_scan:
        values["scan"] = "one"
    with store.Store.open(db) as opened:
        answer = opened.query(question.sql, **values)
    assert answer.width >= 2
    assert question.text.endswith(("?", "."))


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="make one with `gpai-scan run`"):
        store.Store.open(tmp_path / "none.duckdb")
    foreign = tmp_path / "foreign.duckdb"
    foreign.write_text("not a database at all" * 100)
    with pytest.raises(StoreError, match="cannot be read as a database"):
        store.Store.open(foreign)


def test_an_unknown_scan_is_answered_with_the_known_ones(
    tmp_path: Path, tables: Mapping[str, Path]
) -> None:
    db = tmp_path / "s.duckdb"
    store.write_scan(db, "one", tables)
    with store.Store.open(db) as opened, pytest.raises(StoreError, match="There are: one"):
        opened.resolve("nope")


def test_a_wrong_statement_is_one_sentence(tmp_path: Path, tables: Mapping[str, Path]) -> None:
    db = tmp_path / "s.duckdb"
    store.write_scan(db, "one", tables)
    with store.Store.open(db) as opened, pytest.raises(InvalidInput) as caught:
        opened.query("select nothing from nowhere")
    assert "\n" not in str(caught.value)


def test_a_reader_does_not_stop_a_writer_and_sees_the_old_scan(tmp_path: Path) -> None:
    db = tmp_path / "s.duckdb"
    store.write_scan(db, "one", one_scan(tmp_path, 1e22))
    with store.Store.open(db) as reader:
        store.write_scan(db, "two", one_scan(tmp_path, 1e23))
        assert reader.scan_ids() == ["one"]
    with store.Store.open(db) as reader:
        assert reader.scan_ids() == ["one", "two"]


def test_a_second_writer_is_refused(tmp_path: Path, tables: Mapping[str, Path]) -> None:
    db = tmp_path / "s.duckdb"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys, time\n"
            f"f = open({str(db) + '.lock'!r}, 'w')\n"
            "fcntl.flock(f, fcntl.LOCK_EX)\n"
            "print('held', flush=True)\n"
            "time.sleep(60)\n",
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(StoreError, match="another run is writing"):
            store.write_scan(db, "one", tables)
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout:
            holder.stdout.close()

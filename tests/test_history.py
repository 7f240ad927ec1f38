"""Rows are kept once, and every scan comes back as if it were the only one in its database."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from gpai_scan import parquet, schema, store
from gpai_scan.layout import HISTORY, rows

Rows = dict[str, list[dict[str, object]]]
REPOSITORIES = 60


def value(dtype: object, chance: random.Random) -> object:
    """Any value of a type, from so few that rows come more than once."""
    if chance.random() < 0.3:
        return None
    if isinstance(dtype, pl.Enum):
        return chance.choice(dtype.categories.to_list())
    if isinstance(dtype, pl.List):
        return [value(dtype.inner, chance) for _ in range(chance.randrange(3))]
    if isinstance(dtype, pl.Struct):
        return {field.name: value(field.dtype, chance) for field in dtype.fields}
    if dtype == pl.String:
        return chance.choice(["", "a", "words that are longer than twelve bytes"])
    return chance.choice([True, False]) if dtype == pl.Boolean else chance.randrange(3)


def row(table: schema.Table, repo_id: str, chance: random.Random) -> dict[str, object]:
    made = {column.name: value(column.dtype, chance) for column in table.columns}
    named = repo_id if table != schema.PROBLEMS or chance.random() < 0.8 else None
    return made | {name: named for name in ("repo_id", "namespace") if name in made}


def first(chance: random.Random) -> Rows:
    """A scan: one to three rows a repository in every table, some of them twice."""
    found: Rows = {}
    for table in HISTORY:
        made = [
            row(table, f"lab/model-{number:02}", chance)
            for number in range(REPOSITORIES)
            for _ in range(chance.randint(1, 3))
        ]
        found[table.name] = made + chance.sample(made, 20)
    return found


def later(scan: Rows, chance: random.Random) -> Rows:
    """A scan in which some rows are changed, gone, new, or there once more."""
    found: Rows = {}
    for table in HISTORY:
        kept = [old for old in scan[table.name] if chance.random() > 0.05]
        again = chance.sample(kept, 3)
        new = [row(table, f"lab/model-{chance.randrange(99):02}", chance) for _ in range(3)]
        found[table.name] = kept + again + new
        chance.shuffle(found[table.name])
    return found


def files(folder: Path, scan: Rows) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for table in HISTORY:
        frame = pl.DataFrame(scan[table.name], schema=table.schema, orient="row")
        paths[table.name] = folder / f"{table.name}.parquet"
        parquet.write(table, frame.lazy(), paths[table.name])
    return paths


def exported(db: Path, scan_id: str, folder: Path) -> Mapping[str, bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    with store.Store.open(db) as opened:
        return {
            table.name: opened.export(table.name, folder / table.name, scan_id).read_bytes()
            for table in HISTORY
        }


def alone(folder: Path, scan_id: str, scan: Rows) -> Mapping[str, bytes]:
    """What a database gives that has stored this scan and no other."""
    store.write_scan(folder / "alone.duckdb", scan_id, files(folder, scan))
    return exported(folder / "alone.duckdb", scan_id, folder / "exported")


def held(db: Path, table: schema.Table) -> int:
    with duckdb.connect(str(db), read_only=True) as connection:
        return int(connection.sql(f"select count(*) from {rows(table)}").fetchall()[0][0])


@pytest.mark.parametrize("seed", range(3))
def test_every_kept_scan_comes_back_as_if_it_were_the_only_one(seed: int, tmp_path: Path) -> None:
    """Scans that differ in little and in all, stored again, and dropped when they are old."""
    chance = random.Random(seed)
    db, scan = tmp_path / "s.duckdb", first(chance)
    expected: dict[str, Mapping[str, bytes]] = {}
    for night, scan_id in enumerate(("a", "b", "b", "c", "a", "d", "e")):
        scan = first(chance) if scan_id == "d" else later(scan, chance)
        store.write_scan(db, scan_id, files(tmp_path / "given", scan), keep=3)
        expected.pop(scan_id, None)
        expected[scan_id] = alone(tmp_path / str(night), scan_id, scan)
        kept = list(expected)[-3:]
        for known in kept:
            assert exported(db, known, tmp_path / "exported") == expected[known], (night, known)
    with store.Store.open(db) as opened:
        assert opened.scan_ids() == list(expected)
        gone = [scan_id for scan_id in expected if scan_id not in kept]
        assert gone
        assert all(opened.table("evidence", old).collect().is_empty() for old in gone)


def test_a_scan_like_the_one_before_adds_no_row(tmp_path: Path) -> None:
    chance = random.Random(1)
    db, scan = tmp_path / "s.duckdb", first(chance)
    store.write_scan(db, "one", files(tmp_path, scan))
    before = {table.name: held(db, table) for table in HISTORY}
    store.write_scan(db, "two", files(tmp_path, scan))
    assert {table.name: held(db, table) for table in HISTORY} == before
    scan["estimates"] = [*scan["estimates"], row(schema.ESTIMATES, "lab/new", chance)]
    store.write_scan(db, "three", files(tmp_path, scan))
    assert held(db, schema.ESTIMATES) == before["estimates"] + 1


def test_rows_that_no_kept_scan_holds_are_dropped(tmp_path: Path) -> None:
    chance = random.Random(2)
    db, scan = tmp_path / "s.duckdb", first(chance)
    for night in range(5):
        scan = later(scan, chance)
        store.write_scan(db, f"scan-{night}", files(tmp_path, scan), keep=1)
        for table in HISTORY:
            assert held(db, table) == len(scan[table.name])


@pytest.mark.parametrize(("before", "after"), [(None, []), ([], [None]), ([""], [None])])
def test_lists_that_look_alike_are_told_apart(
    before: list[str | None] | None, after: list[str | None] | None, tmp_path: Path
) -> None:
    db, scan = tmp_path / "s.duckdb", first(random.Random(3))
    tables = scan["estimates"]
    for scan_id, flags in (("before", before), ("after", after)):
        tables[7] = tables[7] | {"repo_id": "lab/it", "flags": flags}
        store.write_scan(db, scan_id, files(tmp_path, scan))
    with store.Store.open(db) as opened:
        for scan_id, flags in (("before", before), ("after", after)):
            frame = opened.table("estimates", scan_id).filter(pl.col("repo_id") == "lab/it")
            assert frame.select("flags").collect()["flags"].to_list() == [flags]


def test_what_is_the_same_in_two_scans_is_left_out_of_their_comparison(tmp_path: Path) -> None:
    chance = random.Random(5)
    db, scan = tmp_path / "s.duckdb", first(chance)
    store.write_scan(db, "before", files(tmp_path, scan))
    scan["evidence"][0] |= {"quote": "other words"}
    scan["estimates"].append(row(schema.ESTIMATES, "lab/new", chance))
    store.write_scan(db, "after", files(tmp_path, scan))
    one = str(scan["evidence"][0]["repo_id"])
    with store.Store.open(db) as opened:
        for table in (schema.EVIDENCE, schema.ESTIMATES):
            for scan_id, against in (("before", "after"), ("after", "before")):
                path = opened.export(table.name, tmp_path / "part", scan_id, against)
                whole = opened.table(table.name, scan_id)
                expected = whole.filter(pl.col("repo_id").is_in([one, "lab/new"]))
                assert_frame_equal(parquet.scan(table, path), expected)


def test_a_database_of_whole_scans_is_read_and_taken_over(tmp_path: Path) -> None:
    """As version 0.1 wrote them: one table with `scan_id` in front for all scans."""
    chance = random.Random(4)
    scans = {"old": first(chance)}
    scans["newer"] = later(scans["old"], chance)
    db = tmp_path / "s.duckdb"
    for scan_id, scan in scans.items():
        store.write_scan(db, scan_id, files(tmp_path / "given", scan))
    whole = tmp_path / "whole.duckdb"
    with duckdb.connect(str(whole)) as connection:
        connection.execute(f"attach '{db}' as given (read_only)")
        for table in schema.TABLES:
            connection.execute(f'create table "{table.name}" as from given."{table.name}"')
        connection.execute("create table scan_order (scan_id varchar primary key, stored bigint)")
        connection.execute("insert into scan_order from given.scan_order")
    expected = {name: alone(tmp_path / name, name, scan) for name, scan in scans.items()}
    for name in scans:
        assert exported(whole, name, tmp_path / "exported") == expected[name]
    scans["newest"] = later(scans["newer"], chance)
    store.write_scan(whole, "newest", files(tmp_path / "given", scans["newest"]))
    expected["newest"] = alone(tmp_path / "newest", "newest", scans["newest"])
    for name in scans:
        assert exported(whole, name, tmp_path / "exported") == expected[name]
    assert held(whole, schema.EVIDENCE) < sum(len(scan["evidence"]) for scan in scans.values())

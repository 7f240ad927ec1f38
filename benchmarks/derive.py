"""What follows reading, step by step, over copies of read shards under other names.

    gpai-scan run --source CRAWL --work WORK --db WORK/scan.duckdb
    python -m benchmarks.derive --shards WORK/read/SOURCE-all --copies 10 --data FOLDER

Reading three million repositories takes minutes that say nothing of the steps behind it. Here a
folder of read shards is copied: every copy has namespaces of its own, and its links stay inside.
Reported are wall time, processor time and the peak memory of each step.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.measure import Result, Watch, record
from gpai_scan import parquet, rules, schema, settings, shards, store
from gpai_scan import run as chain

STEPS: Final = ("collect", "lineage", "facts", "estimate", "verdicts", "answers", "store")
"""In the order in which `run.derive` tells of them, each as it begins; the store comes last."""


def copied(source: Path, copy: int, into: Path) -> shards.Finished:
    """One shard under other names, copy 0 under its own; what is there is taken as it is."""
    if copy == 0:
        return shards.Finished(source)
    folder = into / f"{copy:03}-{source.name}"
    if not folder.is_dir():
        fresh = folder.with_name(f".{folder.name}")
        fresh.mkdir(parents=True, exist_ok=True)
        for file in source.glob("*.parquet"):
            table = {one.name: one for one in schema.TABLES}[file.stem]
            parquet.write(table, renamed(parquet.scan(table, file), copy), fresh / file.name)
        fresh.replace(folder)
    return shards.Finished(folder)


def renamed(rows: pl.LazyFrame, copy: int) -> pl.LazyFrame:
    """The rows with namespaces of their own, also where they name their parents."""
    known = rows.collect_schema().names()
    mark = pl.lit(f"copy{copy}-")
    parent = (pl.col("quantity") == "base_model") & pl.col("text").str.contains("^[^/]+/[^/]+$")
    changed = {
        "repo_id": pl.concat_str(mark, "repo_id"),
        "namespace": pl.concat_str(mark, "namespace"),
        "base_repo_ids": pl.col("base_repo_ids").list.eval(pl.concat_str(mark, pl.element())),
        "text": pl.when(parent).then(pl.concat_str(mark, "text")).otherwise("text"),
    }
    return rows.with_columns(**{name: made for name, made in changed.items() if name in known})


def measure(finished: list[shards.Finished], out: Path) -> list[Result]:
    """Each step of `run.derive`, and the store, with the memory held while it went on."""
    asked = settings.load("sample", source="copies", db=out / "scan.duckdb", out=out / "tables")
    asked.out.mkdir(parents=True, exist_ok=True)
    marks: list[tuple[float, float, float | None]] = []
    watch = Watch(os.getpid())

    def mark(_: chain.Progress | None = None) -> None:
        nonlocal watch
        marks.append((time.perf_counter(), time.process_time(), watch.stop()))
        watch = Watch(os.getpid())

    regimes = [rules.load(name) for name in asked.regimes]
    tables = chain.derive(finished, regimes, asked, mark)
    store.write_scan(asked.db, "copies", {k: v for k, v in tables.items() if v.exists()})
    mark()
    watch.stop()
    rows = parquet.rows(tables["repositories"])
    return [
        Result(
            "derive", step, rows, "repositories", end[0] - begin[0], peak_bytes=end[2],
            note="copies of read shards under other names", cpu_seconds=end[1] - begin[1],
        )
        for step, (begin, end) in zip(STEPS, pairwise(marks), strict=True)
    ]  # fmt: skip


def main() -> None:
    """Copies the shards, measures what follows them and removes what it made."""
    options = argparse.ArgumentParser(description="Measure what follows reading.")
    options.add_argument("--shards", type=Path, required=True, help="folder of read shards")
    options.add_argument("--copies", type=int, default=10)
    options.add_argument("--data", type=Path, required=True, help="folder for the copies")
    options.add_argument("--out", type=Path, help="folder for tables and database, which stay")
    options.add_argument("--record", action="store_true")
    chosen = options.parse_args()
    chosen.data.mkdir(parents=True, exist_ok=True)
    read = sorted(path for path in chosen.shards.iterdir() if path.is_dir())
    finished = [copied(one, copy, chosen.data) for copy in range(chosen.copies) for one in read]
    with tempfile.TemporaryDirectory(dir=chosen.data) as place:
        found = measure(finished, chosen.out or Path(place))
    for result in found:
        print(result.line())
    if chosen.record:
        record(found, "derive")


if __name__ == "__main__":
    main()

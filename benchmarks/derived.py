"""What follows reading, each step against a named baseline on the same rows in the same run.

    python -m benchmarks.derived --repositories 30000

A synthetic crawl is read once. Roots and estimates are held against the straightforward loop over
rows, which must come to the same figures. Database and report have no sensible slow way, so they
are held against the least that writes the same rows: a bare insert, and bare Parquet files.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

import duckdb
import polars as pl

from benchmarks.crawled import write_crawl
from benchmarks.measure import Result, record
from benchmarks.synthetic_hub import Hub
from gpai_scan import lineage, parquet, schema, settings, store
from gpai_scan import run as chain
from gpai_scan.estimate import estimate
from gpai_scan.report import stored

CARDS: Final = 0.05
"""Share of repositories with a card, as where only what could matter is fetched."""
T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What the work gives and the processor seconds it takes, all threads together."""
    start = time.process_time()
    made = work()
    return made, time.process_time() - start


def roots_by_row(rows: list[tuple[str, str | None, int]]) -> dict[str, str]:
    """Each repository's root, followed parent by parent."""
    parents: dict[str, str] = {}
    for repo_id, base, _ in sorted(rows, key=lambda row: (row[0], row[2], row[1] or "")):
        if base is not None:
            parents.setdefault(repo_id, base)
    found = {}
    for repo_id in parents:
        root, seen = repo_id, {repo_id}
        while (above := parents.get(root)) is not None and above not in seen:
            root = above
            seen.add(above)
        found[repo_id] = root
    return found


def roots(tables: Mapping[str, pl.LazyFrame]) -> Result:
    """Roots of all repositories, by pointer jumping and by following parents in a loop."""
    links, every = tables["lineage"].collect(), tables["repositories"].collect()
    made, seconds = timed(lambda: lineage.roots(links.lazy(), every.lazy()).collect())
    asked = links.select("repo_id", "base_repo_id", "position")
    plain, naive = timed(lambda: roots_by_row(asked.rows()))
    ours = dict(made.select("repo_id", "model_id").iter_rows())
    if any(ours.get(repo_id, root) != root for repo_id, root in plain.items()):
        raise SystemExit("the roots disagree")
    return _result("roots", every.height, seconds, "loop over parents", naive)


def flop_by_row(facts: list[tuple[str, str, str | None, float | None]]) -> dict[str, float]:
    """6 · active parameters · tokens of pre-training, fact by fact."""
    known: dict[str, dict[str, float]] = {}
    for repo_id, quantity, stage, value in facts:
        if value is not None and stage in (None, "pretraining"):
            known.setdefault(repo_id, {})[f"{quantity}:{stage or ''}"] = value
    flop = {}
    for repo_id, of in known.items():
        active = of.get("parameters_active:", of.get("parameters_total:"))
        tokens = of.get("tokens:pretraining", of.get("tokens:"))
        if active is not None and tokens is not None:
            flop[repo_id] = 6.0 * active * tokens
    return flop


def estimates(tables: Mapping[str, pl.LazyFrame]) -> Result:
    """All columns of `estimates`, against a loop over facts that works out 6·N·D alone."""
    every, facts = tables["repositories"].collect(), tables["facts"].collect()
    links, owners = tables["lineage"].collect().lazy(), tables["entities"].collect().lazy()

    def ours() -> pl.DataFrame:
        return estimate(
            every.lazy(),
            facts.lazy(),
            lineage.roots(links, every.lazy()),
            lineage.ancestors(links),
            owners,
        ).collect()

    made, seconds = timed(ours)
    asked = facts.select("repo_id", "quantity", "stage", "value")
    plain, naive = timed(lambda: flop_by_row(asked.rows()))
    models = made.filter(
        (pl.col("relation") == "base") & (pl.col("compute_method") == "architecture")
    )
    near = [
        0.5 < plain[repo_id] / flop < 2
        for repo_id, flop in models.select("repo_id", "own_flop").iter_rows()
        if repo_id in plain
    ]
    if not near or sum(near) < 0.9 * len(near):
        raise SystemExit("the estimates disagree")
    return _result("estimates", every.height, seconds, "loop of 6·N·D alone", naive)


def load(files: Mapping[str, Path], rows: int, folder: Path) -> Result:
    """A scan stored whole or not at all, against bare inserts of the same files."""
    _, seconds = timed(lambda: store.write_scan(folder / "ours.duckdb", "scan", files))

    def bare() -> None:
        with duckdb.connect(str(folder / "bare.duckdb")) as connection:
            for name, file in files.items():
                connection.execute(f"create table \"{name}\" as from read_parquet('{file}')")

    return _result("load", rows, seconds, "bare inserts", timed(bare)[1])


def report(db: Path, tables: Mapping[str, pl.LazyFrame], rows: int, folder: Path) -> Result:
    """Page, data package and all that describes them, against the bare Parquet files."""
    with store.Store.open(db) as opened:
        _, seconds = timed(lambda: stored.report(opened, folder / "report"))

    def bare() -> None:
        for name, frame in tables.items():
            frame.sink_parquet(folder / f"{name}.parquet", compression="zstd")

    return _result("report", rows, seconds, "bare Parquet files", timed(bare)[1])


def _result(variant: str, rows: int, seconds: float, baseline: str, naive: float) -> Result:
    note = "processor seconds on both sides"
    return Result(
        "derived", variant, rows, "repositories", seconds, baseline, naive, note=note,
        cpu_seconds=seconds,
    )  # fmt: skip


def main() -> None:
    """Reads a synthetic hub and measures what follows."""
    options = argparse.ArgumentParser(description="Measure what follows reading.")
    options.add_argument("--repositories", type=int, default=30_000)
    options.add_argument("--record", action="store_true")
    chosen = options.parse_args()
    hub = Hub(chosen.repositories, int(chosen.repositories * CARDS))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_crawl(hub, folder / "crawl")
        asked = settings.load(
            "sample", source=str(folder / "crawl"), db=folder / "scan.duckdb", out=folder / "tables"
        )
        chain.run(asked)
        files = {one.name: asked.out / f"{one.name}.parquet" for one in schema.TABLES}
        tables = {one.name: parquet.scan(one, files[one.name]) for one in schema.TABLES}
        found = [
            roots(tables),
            estimates(tables),
            load(files, chosen.repositories, folder),
            report(asked.db, tables, chosen.repositories, folder),
        ]
    for result in found:
        print(result.line())
    if chosen.record:
        record(found, "derived")


if __name__ == "__main__":
    main()

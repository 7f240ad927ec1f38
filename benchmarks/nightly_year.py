"""Whether a year of nights keeps the database and the time for a report in bounds.

    python -m benchmarks.nightly_year [--nights 365] [--repositories 300] [--page-every 30]

Stores one small synthetic scan a night in one database with the retention of `run nightly`
(tables of 30 scans, counts for ever), and on every night of `--page-every` releases the report. The
baseline of a night is the first night whose retention has something to delete.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from benchmarks import measure
from gpai_scan import counting, nightly, parquet, rules, schema, store
from gpai_scan.settings import Settings

START = datetime(2026, 1, 1, 3, tzinfo=UTC)
REGIMES = ("eu-guidelines-final", "eu-draft-2025-04")
THRESHOLDS = (1e22, 1e23, 1e24, 1e25)


def tables(night: int, repositories: int) -> dict[str, pl.LazyFrame]:
    """A scan of a night: one repository in a hundred is new, one in fifty has changed."""
    chance = random.Random(night)
    names = [f"lab{i % 40}/model-{i + night // 3}" for i in range(repositories)]
    flop = [10 ** (25.5 - 7 * i / repositories) for i in range(repositories)]
    moved = [chance.random() < 0.02 for _ in names]
    base = pl.DataFrame(
        {
            "repo_id": names,
            "revision": [f"{night if m else 0:08x}{i:032x}" for i, m in enumerate(moved)],
            "compute_flop": [f * (1.2 if m else 1.0) for f, m in zip(flop, moved, strict=True)],
        }
    )
    names_of = pl.col("repo_id").str.split("/").list.first()
    size = (pl.col("compute_flop") / 120.0).sqrt()
    estimates = base.with_columns(
        names_of.alias("entity_id"),
        pl.col("repo_id").alias("model_id"),
        pl.lit("base").alias("relation"),
        size.alias("parameters_total"),
        (20.0 * size).alias("tokens"),
        (pl.col("compute_flop") / 1.8).alias("compute_flop_low"),
        (pl.col("compute_flop") * 1.8).alias("compute_flop_high"),
        pl.lit("architecture").alias("compute_method"),
        pl.lit(0.15).alias("sigma_log10"),
        pl.lit(START).cast(schema.TIME).alias("created_at"),
        pl.lit(["text"]).alias("outputs"),
    )
    claims = base.with_columns(
        pl.lit("tokens").alias("quantity"),
        (20.0 * size).alias("value"),
        pl.lit("card_text").alias("method"),
        pl.lit("README.md").alias("file"),
        pl.format("trained on {} tokens", 20.0 * size).alias("quote"),
    )
    owners = estimates.select(
        pl.col("entity_id").alias("namespace"), "entity_id", pl.col("entity_id").alias("entity")
    ).unique("namespace")
    listed = base.with_columns(names_of.alias("namespace"), pl.lit("huggingface").alias("hub"))
    given = {
        "repositories": listed,
        "estimates": estimates,
        "evidence": claims,
        "facts": claims,
        "entities": owners,
    }
    made = {
        table.name: table.conform(given[table.name].lazy()).sort(table.key).collect().lazy()
        if table.name in given
        else table.empty().lazy()
        for table in schema.TABLES
    }
    return made | _judged(made) | {"scans": _scan(night, repositories)}


def _judged(made: dict[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    regimes = [rules.load(name) for name in REGIMES]
    verdicts = rules.verdicts(made["estimates"], made["entities"], regimes).collect().lazy()
    answers = counting.answers(verdicts, made["estimates"], made["entities"], regimes, THRESHOLDS)
    return {"verdicts": verdicts, "answers": answers}


def _scan(night: int, repositories: int) -> pl.LazyFrame:
    as_of = START + timedelta(days=night)
    row = {
        "scan_id": f"nightly-{as_of:%Y-%m-%d}",
        "source": "synthetic",
        "as_of": as_of,
        "code_version": "0.1.0",
        "data_version": "d",
        "rules_version": "r",
        "settings": json.dumps({"regimes": REGIMES}),
        "repositories": repositories,
        "quarantined": 0,
        "shards_expected": 1,
        "shards_present": 1,
        "complete": True,
    }
    return pl.LazyFrame([row], schema=schema.SCANS.schema)


def night(folder: Path, number: int, repositories: int) -> float:
    """Store the scan of one night; seconds of storing alone."""
    made = tables(number, repositories)
    paths = {}
    for table in schema.TABLES:
        paths[table.name] = folder / f"{table.name}.parquet"
        parquet.write(table, made[table.name], paths[table.name])
    scan_id = str(made["scans"].collect().item(0, "scan_id"))
    started = time.perf_counter()
    store.write_scan(folder / "year.duckdb", scan_id, paths, keep=30)
    return time.perf_counter() - started


def report(folder: Path) -> float:
    """Release the report of the newest scan; seconds."""
    settings = Settings(db=folder / "year.duckdb", reports=folder / "reports", keep_reports=3)
    started = time.perf_counter()
    nightly.release(settings)
    return time.perf_counter() - started


def main() -> None:
    """Run the year and print how store, report and file sizes develop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--repositories", type=int, default=300)
    parser.add_argument("--page-every", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stored, reports, sizes = [], [], []
        for number in range(options.nights):
            stored.append(night(folder, number, options.repositories))
            sizes.append((folder / "year.duckdb").stat().st_size)
            if number % options.page_every == options.page_every - 1:
                reports.append(report(folder))
                print(
                    f"night {number + 1:4}: {sizes[-1] / 1e6:6.1f} MB, "
                    f"stored in {statistics.median(stored[-30:]):.2f} s, "
                    f"report in {reports[-1]:.2f} s",
                    flush=True,
                )
        kept = (folder / "reports").rglob("*")
        on_disk = sum(p.stat().st_size for p in kept if p.is_file() and not p.is_symlink())
    results = [
        measure.Result(
            "nightly_year",
            "store a scan",
            options.repositories,
            "repositories",
            statistics.median(stored[-30:]),
            "nights 31 to 60",
            statistics.median(stored[30:60]),
            note=f"database {sizes[-1] / 1e6:.1f} MB, at night 60 {sizes[59] / 1e6:.1f} MB",
        ),
        measure.Result(
            "nightly_year",
            "release a report",
            options.repositories,
            "repositories",
            statistics.median(reports[-3:]),
            "nights 60 to 90",
            statistics.median(reports[1:3]),
            note=f"{on_disk / 1e6:.1f} MB of reports kept",
        ),
    ]
    for result in results:
        print(result.line(), result.note)
    measure.record(results, "nightly_year")


if __name__ == "__main__":
    main()

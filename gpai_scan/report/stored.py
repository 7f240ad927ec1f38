"""The report of a scan that is in the database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from gpai_scan import assets, parquet, rules, schema
from gpai_scan.errors import StoreError, UnknownName
from gpai_scan.report import Report, Snapshot, write
from gpai_scan.report.content import LISTED, positions
from gpai_scan.report.curves import curves
from gpai_scan.store import Store


class StoredFrames(Mapping[str, pl.LazyFrame]):
    """The tables of one stored scan, as Parquet files beside the report while it is written.

    A table is exported when it is first asked for; nothing is held in memory. With `against`
    repositories are left out that are the same in that scan.
    """

    def __init__(self, store: Store, scan_id: str, spool: Path, against: str | None = None) -> None:
        self._store = store
        self._scan_id = scan_id
        self._against = against
        self._spool = spool / ("whole" if against is None else "compared") / scan_id
        self._tables = {table.name: table for table in schema.TABLES}

    def __getitem__(self, name: str) -> pl.LazyFrame:
        path = self._spool / f"{name}.parquet"
        if not path.exists():
            self._spool.mkdir(parents=True, exist_ok=True)
            self._store.export(name, path, self._scan_id, self._against)
        return parquet.scan(self._tables[name], path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


@contextmanager
def spooled(out: Path) -> Iterator[Path]:
    """A folder for tables beside `out`, gone afterwards; one left by a kill is taken over."""
    spool = out.with_name(f".{out.name}.spool")
    shutil.rmtree(spool, ignore_errors=True)
    try:
        yield spool
    finally:
        shutil.rmtree(spool, ignore_errors=True)


def scan_row(store: Store, scan_id: str) -> dict[str, Any]:
    """The row of `scans` of one scan."""
    rows = store.table("scans", scan_id).collect()
    if rows.is_empty():
        raise StoreError(f"scan '{scan_id}' has no row in the table of scans.")
    return rows.row(0, named=True)


def snapshot(store: Store, scan_id: str, against: str, spool: Path) -> Snapshot:
    """What a comparison of a stored scan with another needs of it."""
    frames = StoredFrames(store, scan_id, spool, against)
    row = scan_row(store, scan_id)
    return Snapshot(row, frames["estimates"], frames["evidence"], frames["verdicts"])


def before(store: Store, scan_id: str) -> str | None:
    """The complete scan before this one, of the same source; None where there is none."""
    rows = store.query(_sql("previous"), scan=scan_id)
    return None if rows.is_empty() else str(rows.item(0, "scan_id"))


def _sql(name: str) -> str:
    return assets.find("sql/report", name, ".sql").read_text(encoding="utf-8")


def thresholds(frames: Mapping[str, pl.LazyFrame]) -> list[float]:
    """The positions of the slider, with every line of training compute that was counted at."""
    answers = schema.ANSWERS.conform(frames["answers"])
    compute = answers.filter(pl.col("metric") == "training_compute")
    return positions(compute.select("threshold").unique().collect()["threshold"].drop_nulls())


def regimes(scan: Mapping[str, Any]) -> list[rules.Regime]:
    """The rule sets a scan was judged by, those that are still known."""
    found = []
    for name in json.loads(scan.get("settings") or "{}").get("regimes", []):
        try:
            found.append(rules.load(name))
        except UnknownName:
            continue
    return found


def report(
    store: Store,
    out: Path,
    scan_id: str | None = None,
    previous: str | None = None,
    *,
    listed: int = LISTED,
    page: bool = True,
) -> Report:
    """Write the report of a stored scan into a folder.

    `scan_id` is the newest scan by default, `previous` the complete one before it. `StoreError`
    where one of them is not there or its tables are no longer kept.
    """
    chosen = store.resolve(scan_id)
    scan = scan_row(store, chosen)
    other = store.resolve(previous) if previous else before(store, chosen)
    if not store.holds(chosen):
        raise StoreError(f"the tables of scan '{chosen}' are no longer kept; only its counts are.")
    with spooled(out) as spool:
        frames = StoredFrames(store, chosen, spool)
        compared = other if other is not None and store.holds(other) else None
        return write(
            frames,
            scan,
            out,
            snapshot(store, compared, chosen, spool) if compared else None,
            current=snapshot(store, chosen, compared, spool) if compared else None,
            sweep=curves(frames, regimes(scan), thresholds(frames)) if page else None,
            history=store.query(_sql("history"), scan=chosen),
            listed=listed,
            page=page,
            ordered=True,
        )

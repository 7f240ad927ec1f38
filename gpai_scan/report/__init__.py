"""The report of one scan: a folder with the page, the tables and what describes them.

    index.html           the answer, in a browser and offline
    summary.md           the answer in words
    README.md            the folder explained; the card of a published data set
    tables/              Parquet, one file a table; `<table>/scan_date=…/` where scans add up
    data-dictionary.md   every column
    datapackage.json     Frictionless; croissant.json: Croissant
    CITATION.cff, sources.csv, versions.json, SHA256SUMS

Time stamps are those of the scan, so the same scan gives the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from gpai_scan import dictionary, parquet, schema
from gpai_scan.report import content as contents
from gpai_scan.report import croissant, html, metadata, text
from gpai_scan.report.causes import Snapshot
from gpai_scan.report.changes import changes
from gpai_scan.report.metadata import TableFile

__all__ = ["Report", "Snapshot", "write"]

GROWING: Final = ("scans", "answers", "changes")
"""Tables every scan adds to; they are partitioned by the day of the scan."""


@dataclass(frozen=True, slots=True)
class Report:
    """A written report: its folder, what it says, and its tables."""

    folder: Path
    content: contents.Content
    tables: tuple[TableFile, ...]


def write(
    frames: Mapping[str, pl.LazyFrame],
    scan: Mapping[str, Any],
    out: Path,
    previous: Snapshot | None = None,
    *,
    current: Snapshot | None = None,
    sweep: pl.LazyFrame | None = None,
    history: pl.DataFrame | None = None,
    listed: int = contents.LISTED,
    page: bool = True,
    ordered: bool = False,
) -> Report:
    """Write the report of a scan into the folder `out`, whole or not at all.

    `frames` are the tables of `schema.TABLES`; `scan` the row of `scans`; `previous` the scan to
    compare with and `current` what of this one is compared, all by default; `sweep` rows of
    `schema.ANSWERS` over many thresholds, for the page's slider; `history` the answer of
    `sql/report/history`.
    `ordered` says that the frames are sorted by their keys already, so that large tables need not
    be held in memory. A folder that is already there is replaced. Without `page` the HTML page is
    left out, which needs the extra `report`.
    """
    fresh = out.with_name(f".{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        changed = _changes(frames, scan, previous, current)
        said = contents.content(
            frames, scan, sweep=sweep, changes=changed.lazy(), history=history, listed=listed
        )
        files = _tables(dict(frames) | {"changes": changed.lazy()}, scan, fresh, ordered)
        if page:
            _text(fresh / "index.html", html.page(said, files))
        _describe(said, files, fresh)
        _checksums(fresh)
        _replace(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Report(out, said, tuple(files))


def _changes(
    frames: Mapping[str, pl.LazyFrame],
    scan: Mapping[str, Any],
    previous: Snapshot | None,
    current: Snapshot | None,
) -> pl.DataFrame:
    if previous is None:
        return schema.CHANGES.empty()
    lines = (
        frames["answers"]
        .filter(contents.moved_threshold())
        .select("threshold")
        .unique()
        .collect()["threshold"]
        .to_list()
    )
    if current is None:
        current = Snapshot(scan, frames["estimates"], frames["evidence"], frames["verdicts"])
    return changes(previous, current, lines).collect()


def _tables(
    frames: Mapping[str, pl.LazyFrame], scan: Mapping[str, Any], folder: Path, ordered: bool
) -> list[TableFile]:
    files = []
    for table in dictionary.TABLES:
        stored = schema.stored(table) if table.name in GROWING else table
        frame = frames[table.name]
        name = f"{table.name}.parquet"
        if table.name in GROWING:
            name = f"{table.name}/scan_date={metadata.day(scan)}/{scan['scan_id']}.parquet"
            frame = frame.with_columns(pl.lit(str(scan["scan_id"])).alias("scan_id"))
        path = folder / "tables" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sorted_frame = frame if ordered else frame.sort(table.key, maintain_order=True)
        parquet.write(stored, sorted_frame, path)
        rows = parquet.rows(path)
        files.append(
            TableFile(stored, f"tables/{name}", path.stat().st_size, metadata.checksum(path), rows)
        )
    return files


def _describe(said: contents.Content, files: Sequence[TableFile], folder: Path) -> None:
    scan = said.scan
    _text(folder / "summary.md", text.summary(said))
    _text(folder / "README.md", text.card(said, files))
    _text(folder / "data-dictionary.md", dictionary.markdown())
    _text(folder / "CITATION.cff", metadata.citation(scan))
    _text(folder / "sources.csv", metadata.sources().write_csv())
    _json(folder / "datapackage.json", metadata.datapackage(scan, files))
    _json(folder / "croissant.json", croissant.croissant(scan, files))
    _json(folder / "versions.json", metadata.versions(scan))


def _checksums(folder: Path) -> None:
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    lines = [f"{metadata.checksum(folder / name)}  {name}\n" for name in names]
    _text(folder / "SHA256SUMS", "".join(lines))


def _replace(fresh: Path, out: Path) -> None:
    """Put the finished folder in place; the old one stays whole until then."""
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.replace(old)
    fresh.replace(out)
    shutil.rmtree(old, ignore_errors=True)


def _text(path: Path, words: str) -> None:
    path.write_text(words, encoding="utf-8", newline="\n")


def _json(path: Path, values: Mapping[str, Any]) -> None:
    _text(path, json.dumps(values, indent=2, ensure_ascii=False, default=str) + "\n")

"""Where a crawl keeps what the hub said: files that are whole or absent.

<folder>/scans/<time>-<kind>/
    manifest.json            what is asked, and up to when; written first
    pages/000001.json.gz     a page as received; 000001.json: checksum, place, next address
    index/00000.parquet      what the bounds need of a group of pages
    decisions.parquet        what to do with each repository, and why
    details/plan.json        how many files each group expects
    details/00000.parquet    the files of a group; 00000.plan.parquet says where each one is
    done.json                written last
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import polars as pl


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan asks of which hub."""

    kind: str
    hub: str
    api: str = "huggingface"
    """How the hub speaks: a name in `settings.APIS`."""
    boundary: datetime
    """Repositories created later belong to the next scan."""
    since: datetime | None = None
    """Start of a delta: only what changed later is asked for."""
    base: str | None = None
    """The scan a delta continues."""
    query: dict[str, Any] = msgspec.field(default_factory=dict)
    limit: int | None = None
    expand: tuple[str, ...] = ()
    bounds: dict[str, Any] = msgspec.field(default_factory=dict)
    """What decides which files are fetched; another choice needs no new pages."""
    pages_per_shard: int = 10
    """Pages in one group: the unit of work of everything after the pages."""
    expected_repositories: int | None = None
    """Repositories the previous sweep held: what this one is likely to."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A stored page: its checksum, what it holds and where the next one is."""

    number: int
    address: str
    """Path and query it was asked at."""
    sha256: str
    """Of the page as it was before compression."""
    size: int
    items: int
    take: int
    """Leading items that belong to the scan."""
    first_id: str | None
    last_id: str | None
    next: str | None
    """Path and query of the next page; None: the scan ends here."""


class Done(msgspec.Struct, frozen=True):
    """The end of a finished scan."""

    pages: int
    repositories: int
    documents: int


@dataclass(frozen=True, slots=True)
class ScanFolder:
    """One scan on disk."""

    path: Path

    @property
    def name(self) -> str:
        """`<time>-<kind>`."""
        return self.path.name

    @property
    def manifest(self) -> Manifest:
        """What the scan asks."""
        return msgspec.json.decode((self.path / "manifest.json").read_bytes(), type=Manifest)

    @property
    def done(self) -> Done | None:
        """The end of the scan, or None where it has not come yet."""
        file = self.path / "done.json"
        return msgspec.json.decode(file.read_bytes(), type=Done) if file.exists() else None

    @property
    def decisions(self) -> Path:
        """What to do with each repository of the scan."""
        return self.path / "decisions.parquet"

    def pages(self, first: int = 0, last: int | None = None) -> list[Page]:
        """The stored pages in order, or those from one place among them up to another."""
        files = sorted((self.path / "pages").glob("[0-9]*.json"))[first:last]
        return [msgspec.json.decode(file.read_bytes(), type=Page) for file in files]

    def page_file(self, number: int) -> Path:
        """A stored page."""
        return self.path / "pages" / f"{number:06d}.json.gz"

    def page_record(self, number: int) -> Path:
        """What is known of a stored page; the page counts once this is there."""
        return self.path / "pages" / f"{number:06d}.json"

    def index(self, group: int) -> Path:
        """What the bounds need of a group of pages."""
        return self.path / "index" / f"{group:05d}.parquet"

    def details(self, group: int) -> Path:
        """The files fetched for a group of pages."""
        return self.path / "details" / f"{group:05d}.parquet"

    def plan(self, group: int) -> Path:
        """Which files a group needs, and where each of them is stored."""
        return self.path / "details" / f"{group:05d}.plan.parquet"

    def journal(self, group: int) -> Path:
        """Files of a group as they arrive; gone once the group is whole."""
        return self.path / "details" / f"{group:05d}.journal"

    def expected(self) -> list[int] | None:
        """Files each group expects, or None where that is not known yet."""
        file = self.path / "details" / "plan.json"
        return list(json.loads(file.read_bytes())) if file.exists() else None


def write(path: Path, content: bytes) -> None:
    """Write a file that is whole or absent, and on disk before it is named."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame as a Parquet file that is whole or absent."""
    buffer = BytesIO()  # on a full disk Polars raises what it also raises for a damaged file
    frame.write_parquet(buffer, compression="zstd", compression_level=3)
    write(path, buffer.getvalue())


def write_json(path: Path, value: msgspec.Struct) -> None:
    """Write a record as indented JSON."""
    write(path, msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")


def scans(folder: Path) -> list[ScanFolder]:
    """The scans of a work folder, oldest first."""
    found = (folder / "scans").glob("*/manifest.json")
    return [ScanFolder(file.parent) for file in sorted(found)]


def chain(folder: Path, scan: ScanFolder) -> list[ScanFolder]:
    """The scans a state of the hub is put together from: a sweep and the deltas up to `scan`."""
    links = [scan]
    while (base := links[0].manifest.base) is not None:
        links.insert(0, ScanFolder(folder / "scans" / base))
    return links

"""The order of a crawl: pages, bounds, files; each step goes on where it stopped."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl
from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

from gpai_scan.crawl import bounds, details, pages
from gpai_scan.crawl.begin import open_scan
from gpai_scan.crawl.client import Client
from gpai_scan.crawl.dialect import find
from gpai_scan.crawl.governor import Governor
from gpai_scan.crawl.settings import CrawlSettings, OnProgress, Progress, quiet
from gpai_scan.crawl.shards import (
    Done,
    Page,
    ScanFolder,
    scans,
    write,
    write_frame,
    write_json,
)
from gpai_scan.errors import Interrupted, InvalidInput
from gpai_scan.sources.documents import Document
from gpai_scan.sources.hub import HubSource

logger = logging.getLogger(__name__)


def run(settings: CrawlSettings, on_progress: OnProgress = quiet) -> HubSource:
    """Crawl a hub, or go on with a crawl that stopped, and give the source to read.

    Raises `Interrupted` (exit code 75) where the hub stops answering: the same call goes on from
    there. `InvalidInput` where the hub refuses the question or cannot be addressed. A sweep or
    delta that was finished less than `settings.fresh_hours` ago is used as it is.
    """
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(settings.folder / ".lock", timeout=1):
            scan, ready = open_scan(settings, datetime.now(UTC))
            if not ready:
                _crawl(scan, settings, on_progress)
    except TimeoutError as error:
        raise InvalidInput(
            f"another crawl works in '{settings.folder}'; wait for it or choose another folder."
        ) from error
    except OSError as error:
        raise Interrupted(
            f"the crawl cannot write to '{settings.folder}' ({error.strerror or error}); make room "
            "or allow it, then run the same command again to go on from there."
        ) from error
    return HubSource(settings.folder, scan.name)


def _crawl(scan: ScanFolder, settings: CrawlSettings, on_progress: OnProgress) -> None:
    client = Client(settings, Governor(settings.quota_share, settings.workers))
    teller = _Teller(client, on_progress, scan)
    stored = pages.walk(scan, client, settings, teller.page)
    grouped = bounds.groups(stored, scan.manifest.pages_per_shard)
    for number, group in enumerate(grouped):
        bounds.index(scan, number, group, HubSource(settings.folder, scan.name).name)
        teller.tell("bounds", number + 1, len(grouped), None)
    bounds.decide(scan, len(grouped), settings)
    fetched = _fetch(scan, len(grouped), client, settings, teller)
    _compare(scan, settings)
    listed = sum(page.take for page in stored)
    write_json(scan.path / "done.json", Done(len(stored), listed, fetched))


def _fetch(
    scan: ScanFolder, count: int, client: Client, settings: CrawlSettings, teller: _Teller
) -> int:
    """The files of all groups; how many there are, those of earlier scans included."""
    if not settings.details:
        return 0
    hub = scan.manifest.hub
    earlier = [
        other
        for other in scans(settings.folder)
        if other.name != scan.name and other.manifest.hub == hub
    ]
    expected = scan.expected()
    if expected is None:
        expected = _expected(scan, count)
        write(scan.path / "details" / "plan.json", repr(expected).encode())
    fetcher = details.Fetcher(client, find(scan.manifest.api))
    before = 0
    for group in range(count):
        teller.expect(sum(expected), before)
        if scan.plan(group).exists() and scan.details(group).exists():
            scan.journal(group).unlink(missing_ok=True)  # of a run that ended just before it did
        else:
            wanted = details.plan(scan, group, earlier)
            details.fetch(scan, group, wanted, fetcher, settings.workers, teller.file)
        before += expected[group]
    return sum(expected)


def _expected(scan: ScanFolder, count: int) -> list[int]:
    """Files each group needs, asked for or known from earlier scans."""
    kept = pl.scan_parquet(scan.decisions).filter("keep").select("group", "repo_id")
    sizes = []
    for group in range(count):
        listed = pl.scan_parquet(scan.index(group)).unique("repo_id", keep="first")
        own = kept.filter(pl.col("group") == group)
        needed = listed.join(own, on="repo_id", how="semi").select(
            pl.col("wanted").list.len().sum()
        )
        sizes.append(int(needed.collect().item() or 0))
    return sizes


def _compare(scan: ScanFolder, settings: CrawlSettings) -> None:
    """After a sweep: what was deleted, renamed, gated or opened since the sweep before."""
    manifest = scan.manifest
    if manifest.kind != "sweep" or settings.partial:
        return
    before = [
        other
        for other in scans(settings.folder)
        if other.done is not None
        and (other.manifest.kind, other.manifest.hub) == ("sweep", manifest.hub)
        and not other.manifest.query
        and other.manifest.limit is None
    ]
    if before:
        write_frame(scan.path / "changes.parquet", bounds.changes(before[-1], scan))


@dataclass(slots=True)
class _Teller:
    """Turns events into `Progress`, with the time left as the hub's quota and our pace allow."""

    client: Client
    on_progress: OnProgress
    scan: ScanFolder
    repositories: int = 0
    _started: float = field(default_factory=time.monotonic)
    _new: int = 0
    _files: int = 0
    _expected_files: int = 0
    _expected_pages: int | None = None

    def __post_init__(self) -> None:
        stored = self.scan.pages()
        self.repositories = sum(page.take for page in stored)
        expected = self.scan.manifest.expected_repositories
        if expected and stored:
            self._expected_pages = -(-expected // max(1, stored[0].items))

    def page(self, page: Page) -> None:
        """A page has been stored."""
        self.repositories += page.take
        self._new += 1
        expected = self.scan.manifest.expected_repositories
        if self._expected_pages is None and expected:
            self._expected_pages = -(-expected // max(1, page.items))
        total = page.number if page.next is None else self._expected_pages
        self.tell("pages", page.number, total, "api")

    def expect(self, files: int, before: int) -> None:
        """So many files are needed, and so many of them are there."""
        if self._expected_files == 0:
            self._new, self._started = 0, time.monotonic()
        self._expected_files, self._files = files, before

    def file(self, _: Document) -> None:
        """A file has been stored; called from several threads, so that counts are approximate."""
        self._files += 1
        self._new += 1
        self.tell(
            "details", min(self._files, self._expected_files), self._expected_files, "resolvers"
        )

    def tell(self, stage: str, done: int, expected: int | None, kind: str | None) -> None:
        """Report."""
        left, quota = self.client.governor.state(kind) if kind else (None, None)
        seconds = None
        if kind and expected is not None and self._new:
            pace = self._new / max(1e-3, time.monotonic() - self._started)
            allowed = self.client.governor.rate(kind)
            pace = min(pace, allowed) if allowed else pace
            seconds = max(0, expected - done) / pace
        self.on_progress(
            Progress(
                stage,
                done,
                expected,
                self.repositories,
                self.client.governor.requests,
                self.client.retries,
                left,
                quota,
                seconds,
            )
        )

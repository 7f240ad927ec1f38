"""A synthetic hub as a finished crawl leaves it, written through the crawl's own functions.

    python -m benchmarks.crawled OUT --repositories 300000 --cards 15000

Pages, bounds and decisions are made by the code a crawl runs; only the requests are left out.
Cards and configurations are stored for as many repositories as asked, models of their own first,
whatever the bounds decide, so that the amount of text is the one that is named.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl

from benchmarks import texts
from benchmarks.population import Model
from benchmarks.synthetic_hub import PAGE, Hub, revision
from gpai_scan import schema
from gpai_scan.crawl import CrawlSettings, bounds
from gpai_scan.crawl.shards import (
    Done,
    Manifest,
    Page,
    ScanFolder,
    write,
    write_frame,
    write_json,
)
from gpai_scan.executor import map_shards, open_executor
from gpai_scan.sources.hub import HubSource

BOUNDARY = datetime(2026, 11, 1, tzinfo=UTC)
HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of pages to write: the hub, where to, and which."""

    hub: Hub
    scan: ScanFolder
    number: int
    pages_per_shard: int

    @property
    def pages(self) -> range:
        """The numbers of its pages, counted from 0."""
        first = self.number * self.pages_per_shard
        return range(first, min(first + self.pages_per_shard, self.hub.pages))


def write_crawl(
    hub: Hub, folder: Path, *, executor: str = "processes", pages_per_shard: int | None = None
) -> HubSource:
    """Writes a hub as one finished sweep below a work folder, and gives the source to read it."""
    per_shard = pages_per_shard or CrawlSettings().pages_per_shard
    scan = ScanFolder(folder / "scans" / "20261101T000000Z-sweep")
    manifest = {
        "kind": "sweep",
        "hub": HUB,
        "boundary": BOUNDARY,
        "pages_per_shard": per_shard,
        "expected_repositories": hub.repositories,
    }
    write_json(scan.path / "manifest.json", msgspec.convert(manifest, Manifest))
    numbers = range(-(-hub.pages // per_shard))
    groups = [Group(hub, scan, number, per_shard) for number in numbers]
    with open_executor(executor) as pool:
        written = dict(map_shards(pool, write_group, groups))
    bounds.decide(scan, len(groups), CrawlSettings())
    expected = [written[number] for number in numbers]
    write(scan.path / "details" / "plan.json", json.dumps(expected).encode())
    write_json(scan.path / "done.json", Done(hub.pages, hub.repositories, sum(expected)))
    return HubSource(folder, scan.name)


def write_group(group: Group) -> tuple[int, int]:
    """Writes one group of pages with its details; its number and the files it holds."""
    pages = [_page(group, number) for number in group.pages]
    bounds.index(group.scan, group.number, pages, "huggingface")
    files = pl.DataFrame(
        [row for row in _details(group)], schema=schema.DOCUMENTS.schema, orient="row"
    ).sort(schema.DOCUMENTS.key)
    write_frame(group.scan.details(group.number), files)
    plan = files.select(
        "repo_id",
        "revision",
        "path",
        pl.lit(None, pl.String).alias("gated"),
        pl.lit(None, pl.String).alias("stored_in"),
    )
    write_frame(group.scan.plan(group.number), plan)
    return group.number, files.height


def _page(group: Group, number: int) -> Page:
    content = group.hub.page(number)
    items = min(PAGE, group.hub.repositories - number * PAGE)
    page = Page(
        number=number + 1,
        address=f"/api/models?limit={PAGE}&page={number}",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        items=items,
        take=items,
        first_id=None,
        last_id=None,
        next=None if number + 1 == group.hub.pages else f"/api/models?page={number + 1}",
    )
    write(group.scan.page_file(page.number), gzip.compress(content, 1, mtime=0))
    write_json(group.scan.page_record(page.number), page)
    return page


def _details(group: Group) -> Iterator[tuple[object, ...]]:
    for number in group.pages:
        for made in group.hub.models(number):
            if group.hub.has_details(made):
                yield document(made, "README.md", texts.card(made))
                yield document(made, "config.json", json.dumps(texts.configuration(made)))


def document(made: Model, path: str, text: str) -> tuple[object, ...]:
    """A row of `schema.DOCUMENTS`."""
    size = len(text.encode())
    return made.repo_id, path, revision(made), "ok", size, f"{made.mix:x}", text


def main() -> None:
    """Writes a crawl as the options say."""
    options = argparse.ArgumentParser(description="Write a synthetic hub as a finished crawl.")
    options.add_argument("out", type=Path)
    options.add_argument("--repositories", type=int, default=30_000)
    options.add_argument("--cards", type=int, default=1_500)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--executor", default="processes")
    chosen = options.parse_args()
    hub = Hub(chosen.repositories, chosen.cards, chosen.seed)
    write_crawl(hub, chosen.out, executor=chosen.executor)


if __name__ == "__main__":
    main()

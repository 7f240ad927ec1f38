"""A night: a delta of changed repositories over a stored hub, from its pages to the report.

    python -m benchmarks.nightly --repositories 300000 --changed 20000

The hub has been read once. Then so many repositories change (new revision, new time, and the card
and configuration anew where there are any), and what is measured is `gpai-scan run nightly`:
reading what changed, lineage, estimates, verdicts, answers, the database of the whole hub, checks
and the report. The baseline is the first night. Requests are not part of it. `--crawl` names a
stored hub as `benchmarks.crawled` writes it, which gets the delta; without it one is written.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import msgspec
import polars as pl

from benchmarks import texts
from benchmarks.crawled import BOUNDARY, HUB, document, write_crawl
from benchmarks.measure import Measured, Result, command, record
from benchmarks.population import mix
from benchmarks.synthetic_hub import PAGE, Hub
from gpai_scan import schema
from gpai_scan.crawl import CrawlSettings, bounds
from gpai_scan.crawl.shards import Done, Manifest, Page, ScanFolder, write, write_frame, write_json

SWEEP = "20261101T000000Z-sweep"


def write_delta(hub: Hub, folder: Path, changed: int) -> None:
    """Writes a finished delta in which every n-th repository has changed."""
    scan = ScanFolder(folder / "scans" / "20261102T000000Z-delta")
    per_shard = CrawlSettings().pages_per_shard
    manifest = {
        "kind": "delta",
        "hub": HUB,
        "boundary": BOUNDARY + timedelta(days=1),
        "since": BOUNDARY,
        "base": SWEEP,
        "pages_per_shard": per_shard,
    }
    write_json(scan.path / "manifest.json", msgspec.convert(manifest, Manifest))
    step = max(hub.repositories // changed, 1)
    places = range(0, step * changed, step)
    pages = [
        _page(hub, scan, number, places[number * PAGE : (number + 1) * PAGE], -(-changed // PAGE))
        for number in range(-(-changed // PAGE))
    ]
    files = 0
    groups = bounds.groups(pages, per_shard)
    for number, group in enumerate(groups):
        bounds.index(scan, number, group, "huggingface")
        first = number * per_shard * PAGE
        held = places[first : first + per_shard * PAGE]
        files += _details(hub, scan, number, held)
    bounds.decide(scan, len(groups), CrawlSettings())
    write_json(scan.path / "done.json", Done(len(pages), changed, files))


def _page(hub: Hub, scan: ScanFolder, number: int, places: range, pages: int) -> Page:
    items = []
    for place in places:
        answer = hub.answer(hub.model(place))
        answer["sha"] = _revision(place)
        answer["lastModified"] = "2026-11-01T12:00:00.000Z"
        items.append(json.dumps(answer, ensure_ascii=False))
    content = f"[{','.join(items)}]".encode()
    page = Page(
        number=number + 1,
        address=f"/api/models?sort=lastModified&page={number}",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        items=len(items),
        take=len(items),
        first_id=None,
        last_id=None,
        next=None if number + 1 == pages else f"/api/models?page={number + 1}",
    )
    write(scan.page_file(page.number), gzip.compress(content, 1, mtime=0))
    write_json(scan.page_record(page.number), page)
    return page


def _details(hub: Hub, scan: ScanFolder, group: int, places: range) -> int:
    rows = []
    for made in filter(hub.has_details, map(hub.model, places)):
        for path, text in (
            ("README.md", texts.card(made)),
            ("config.json", json.dumps(texts.configuration(made))),
        ):
            repo_id, _, _, *rest = document(made, path, text)
            rows.append((repo_id, path, _revision(made.place), *rest))
    files = pl.DataFrame(rows, schema=schema.DOCUMENTS.schema, orient="row")
    files = files.sort(schema.DOCUMENTS.key)
    write_frame(scan.details(group), files)
    nothing = pl.lit(None, pl.String)
    plan = files.select(
        "repo_id", "revision", "path", nothing.alias("gated"), nothing.alias("stored_in")
    )
    write_frame(scan.plan(group), plan)
    return files.height


def _revision(place: int) -> str:
    return f"{mix(9, place):040x}"


def scan(folder: Path, out: Path) -> Measured:
    """Runs the nightly pipeline over a crawl's newest state, in a folder of its own."""
    words = (sys.executable, "-m", "gpai_scan", "run", "nightly", "--source", str(folder.resolve()))
    done = command(words, cwd=out)
    if done.exit_code:
        raise SystemExit(done.output)
    return done


def main() -> None:
    """Measures a first run and the night after it."""
    options = argparse.ArgumentParser(description="Measure a nightly delta.")
    options.add_argument("--repositories", type=int, default=300_000)
    options.add_argument("--changed", type=int, default=20_000)
    options.add_argument("--crawl", type=Path, help="a stored hub of 5 % cards")
    options.add_argument("--record", action="store_true")
    chosen = options.parse_args()
    hub = Hub(chosen.repositories, chosen.repositories // 20)
    with tempfile.TemporaryDirectory() as place:
        folder = chosen.crawl or Path(place) / "crawl"
        if not chosen.crawl:
            write_crawl(hub, folder)
        first = scan(folder, Path(place))
        write_delta(hub, folder, chosen.changed)
        night = scan(folder, Path(place))
    result = Result(
        "nightly",
        f"{chosen.changed} changed",
        chosen.repositories,
        "repositories",
        night.seconds,
        baseline="first night",
        baseline_seconds=first.seconds,
        peak_bytes=night.peak_bytes,
        note=f"first night {first.cpu_seconds:.0f} s of processors",
        cpu_seconds=night.cpu_seconds,
    )
    print(result.line())
    if chosen.record:
        record([result], "nightly")


if __name__ == "__main__":
    main()

"""From stored pages to decisions: what each repository's bound is and whether it is looked into."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from gpai_scan.crawl import prune
from gpai_scan.crawl.dialect import find
from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.crawl.shards import Page, ScanFolder, write_frame
from gpai_scan.sources import listing


def groups(pages: Sequence[Page], size: int) -> list[list[Page]]:
    """The pages in groups of `size`: the units of work."""
    found = iter(pages)
    return [part for _ in range(0, len(pages), size) if (part := list(islice(found, size)))]


def read(scan: ScanFolder, pages: Sequence[Page], hub: str) -> listing.Listed:
    """The rows of stored pages, as far as they belong to the scan."""
    dialect = find(scan.manifest.api)
    whole: list[listing.ListPage] = []
    spoilt: list[listing.Problem] = []
    for page in pages:
        file = scan.page_file(page.number)
        name = f"{scan.name}/pages/{file.name}"
        received = _received(file, page.sha256)
        if received is None:
            said = "the stored page is not what was received; remove the scan to list it again"
            spoilt.append((None, name, "spoilt_page", said))
        else:
            whole.append(listing.ListPage(dialect.page(received), name, page.take))
    listed = listing.of_pages(whole, hub=hub)
    problems = pl.concat([listing.problem_rows(spoilt), listed.problems])
    return listing.Listed(listed.repositories, problems)


def _received(file: Path, sha256: str) -> bytes | None:
    """The page as received; None where the stored one has been spoilt or is gone."""
    try:
        content = gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error):
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def index(scan: ScanFolder, group: int, pages: Sequence[Page], hub: str) -> None:
    """Store what the bounds need of a group of pages; does nothing where that is there."""
    if not scan.index(group).exists():
        rows = read(scan, pages, hub).repositories
        write_frame(scan.index(group), prune.index(rows.lazy()).collect())


def decide(scan: ScanFolder, count: int, settings: CrawlSettings) -> None:
    """Store the decision about each repository of a scan; does nothing where they are there.

    `count` is the number of groups; all of them are indexed.
    """
    if scan.decisions.exists():
        return
    parts = [
        pl.scan_parquet(scan.index(group))
        .drop("wanted")
        .with_columns(pl.lit(group, pl.Int32).alias("group"))
        for group in range(count)
    ]
    write_frame(scan.decisions, prune.decide(pl.concat(parts), settings).collect())


def changes(before: ScanFolder, after: ScanFolder) -> pl.DataFrame:
    """What a sweep finds that no delta can: repositories gone, renamed, gated or opened.

    One row a change: `hub_id, repo_id, change, now`.
    """
    known = pl.scan_parquet(before.decisions).filter(pl.col("reason") != "twice")
    found = pl.scan_parquet(after.decisions).filter(pl.col("reason") != "twice")
    both = known.join(found, on="hub_id", how="left", suffix="_now").with_columns(
        pl.when(pl.col("repo_id_now").is_null())
        .then(pl.lit("deleted"))
        .when(pl.col("repo_id") != pl.col("repo_id_now"))
        .then(pl.lit("renamed"))
        .when(pl.col("gated") != pl.col("gated_now"))
        .then(pl.lit("access"))
        .alias("change")
    )
    now = pl.when(pl.col("change") == "access").then("gated_now").otherwise("repo_id_now")
    return (
        both.filter(pl.col("change").is_not_null() & pl.col("hub_id").is_not_null())
        .select("hub_id", "repo_id", "change", now.alias("now"))
        .sort("repo_id", "hub_id")
        .collect()
    )

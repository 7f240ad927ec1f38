"""Crawling a hub: polite, resumable, complete.

    settings = crawl.from_values(pipeline["crawl"], limit=20)
    source = crawl.run(settings, on_progress)   # a sources.Source: shards() and read()

`run` lists the hub page by page, bounds what each repository could amount to, fetches the files
of what could matter, and answers with the source to read. Stopped at any point, the same call
goes on. `status` tells what of each scan is whole, partial or missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gpai_scan.crawl.settings import CrawlSettings, OnProgress, Progress, from_values, quiet

if TYPE_CHECKING:
    import polars as pl

    from gpai_scan.sources.hub import HubSource

__all__ = ["CrawlSettings", "OnProgress", "Progress", "from_values", "run", "status"]


def run(settings: CrawlSettings, on_progress: OnProgress = quiet) -> HubSource:
    """Crawl a hub, or go on with a crawl that stopped, and give the source to read.

    Raises `Interrupted` (exit code 75) where the hub stops answering: the same call goes on from
    there. `InvalidInput` where the hub refuses the question or cannot be addressed. A sweep or
    delta that was finished less than `settings.fresh_hours` ago is used as it is.
    """
    from gpai_scan.crawl.running import run as go

    return go(settings, on_progress)


def status(folder: Path) -> pl.DataFrame:
    """What is whole, partial or missing of every scan in a work folder: one row a scan and part.

    Columns: `scan`, `kind`, `hub`, `as_of`, `part` (pages or files), `present`, `expected` (null
    where not known yet), `gaps` (units of work without anything), `state`.
    """
    from gpai_scan.crawl.state import status as look

    return look(folder)

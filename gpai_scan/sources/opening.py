"""From the word or path a user gives to the source it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gpai_scan import assets
from gpai_scan.crawl.settings import Progress, from_values, quiet
from gpai_scan.sources import Source
from gpai_scan.sources.folder import FolderSource

HUB = ("hub", "huggingface")


def open_source(
    spec: str, crawl: Mapping[str, Any], on_progress: Callable[[Progress], None] | None
) -> Source:
    """See `gpai_scan.sources.open_source`."""
    if spec == "sample":
        return FolderSource(assets.folder("data/sample"), "sample")
    if spec in HUB:
        from gpai_scan.crawl.running import run

        return run(from_values(crawl), on_progress or quiet)
    return FolderSource(Path(spec))

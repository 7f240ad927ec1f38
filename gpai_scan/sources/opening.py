"""From the word or path a user gives to the source it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gpai_scan import assets
from gpai_scan.crawl.settings import Progress, from_values, quiet
from gpai_scan.errors import InvalidInput
from gpai_scan.sources import Source
from gpai_scan.sources.folder import FolderSource

APIS = {"hub": "huggingface", "huggingface": "huggingface", "modelscope": "modelscope"}


def open_source(
    spec: str, crawl: Mapping[str, Any], on_progress: Callable[[Progress], None] | None
) -> Source:
    """See `gpai_scan.sources.open_source`."""
    if spec == "sample":
        return FolderSource(assets.folder("data/sample"), "sample")
    if spec in APIS:
        from gpai_scan.crawl.running import run

        return run(from_values({"api": APIS[spec], **crawl}), on_progress or quiet)
    if spec.startswith("hf://") or (spec.endswith(".parquet") and not Path(spec).is_dir()):
        from gpai_scan.sources.dump import DumpSource, fetch

        return fetch(spec, from_values(crawl)) if "://" in spec else DumpSource(Path(spec))
    return _crawled(Path(spec)) or FolderSource(Path(spec))


def _crawled(folder: Path) -> Source | None:
    """The newest finished scan where a folder is a crawl's, read again without any request."""
    if not any((folder / "scans").glob("*/manifest.json")):
        return None
    from gpai_scan.crawl.shards import scans
    from gpai_scan.sources.hub import HubSource

    whole = [scan for scan in scans(folder) if scan.done is not None]
    if not whole:
        raise InvalidInput(f"the crawl in '{folder}' is not finished; run it again to go on.")
    return HubSource(folder, whole[-1].name)

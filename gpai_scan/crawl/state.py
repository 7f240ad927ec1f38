"""How complete the scans of a work folder are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import polars as pl

from gpai_scan.crawl.shards import ScanFolder, scans

_SCHEMA: Final[dict[str, Any]] = {
    "scan": pl.String,
    "kind": pl.String,
    "hub": pl.String,
    "as_of": pl.Datetime("ms", "UTC"),
    "part": pl.String,
    "present": pl.Int64,
    "expected": pl.Int64,
    "gaps": pl.Int64,
    "state": pl.Enum(["whole", "partial", "gap", "damaged"]),
}


def status(folder: Path) -> pl.DataFrame:
    """One row a scan and part (`pages`, `files`): what is there, what is expected, what is missing.

    The number of pages is known once the last one has
    come; until then the size of the previous sweep stands for it, where there is one.
    """
    rows = [row for scan in scans(folder) for row in (_pages(scan), _files(scan))]
    return pl.DataFrame(rows, schema=pl.Schema(_SCHEMA), orient="row")


def _pages(scan: ScanFolder) -> tuple[Any, ...]:
    manifest, stored = scan.manifest, scan.pages()
    whole = bool(stored) and stored[-1].next is None
    guess = manifest.expected_repositories
    expected = len(stored) if whole else None
    if expected is None and guess and stored:
        expected = max(len(stored) + 1, -(-guess // max(1, stored[0].items)))
    missing = [page for page in stored if not scan.page_file(page.number).exists()]
    state = "whole" if whole else "partial" if stored else "gap"
    return (
        *_head(scan),
        "pages",
        len(stored) - len(missing),
        expected,
        len(missing),
        "damaged" if missing else state,
    )


def _files(scan: ScanFolder) -> tuple[Any, ...]:
    expected = scan.expected()
    if expected is None:
        return (*_head(scan), "files", 0, None, 0, "whole" if scan.done else "gap")
    here = [scan.details(group).exists() for group in range(len(expected))]
    present = sum(size for size, there in zip(expected, here, strict=True) if there)
    begun = [scan.journal(group).exists() for group in range(len(expected))]
    gaps = sum(not a and not b for a, b in zip(here, begun, strict=True))
    state = "whole" if all(here) else "partial" if present or any(begun) else "gap"
    return (*_head(scan), "files", present, sum(expected), gaps, state)


def _head(scan: ScanFolder) -> tuple[Any, ...]:
    manifest = scan.manifest
    return scan.name, manifest.kind, manifest.hub, manifest.boundary

"""Which source a path stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpai_scan.errors import InvalidInput
from gpai_scan.sources import open_source
from gpai_scan.sources.folder import FolderSource

MANIFEST = '{"kind": "sweep", "hub": "https://hub.example", "boundary": "2026-11-01T00:00:00Z"}'


def test_a_folder_is_a_mirror(tmp_path: Path) -> None:
    assert isinstance(open_source(str(tmp_path)), FolderSource)


def test_a_crawl_that_is_not_finished_says_so(tmp_path: Path) -> None:
    scan = tmp_path / "scans/20261101T000000Z-sweep"
    scan.mkdir(parents=True)
    (scan / "manifest.json").write_text(MANIFEST)
    with pytest.raises(InvalidInput, match="not finished"):
        open_source(str(tmp_path))


def test_the_newest_finished_scan_of_a_crawl_is_read_again(tmp_path: Path) -> None:
    done = '{"pages": 0, "repositories": 0, "documents": 0, "finished": "2026-11-01T00:00:00Z"}'
    for day in (1, 2, 3):
        scan = tmp_path / f"scans/2026110{day}T000000Z-sweep"
        scan.mkdir(parents=True)
        (scan / "manifest.json").write_text(MANIFEST)
        if day < 3:
            (scan / "done.json").write_text(done)
    source = open_source(str(tmp_path))
    assert getattr(source, "scan", None) == "20261102T000000Z-sweep"

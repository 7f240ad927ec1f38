"""A clock that is wrong, or that is set between two nights: nothing is missed in silence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import world as worlds
from standin.catalogue import repository
from standin.hub import StandIn

from gpai_scan import crawl
from gpai_scan.crawl.shards import ScanFolder, scans
from gpai_scan.errors import InvalidInput


@pytest.fixture
def hub() -> Iterator[StandIn]:
    with StandIn([repository(i) for i in range(30)]) as hub:
        yield hub


def settings(hub: StandIn, folder: Path, **changes: object) -> crawl.CrawlSettings:
    return crawl.CrawlSettings(
        folder=folder, endpoint=hub.url, page_size=20, details=False, patience=5.0,
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip


def ahead(hours: float) -> datetime:
    """What a clock shows that is so many hours ahead."""
    return datetime.now(UTC) + timedelta(hours=hours)


def test_a_clock_set_back_is_said_before_anything_is_asked(hub: StandIn, tmp_path: Path) -> None:
    crawl.run(settings(hub, tmp_path, boundary=ahead(48)))
    (first,) = scans(tmp_path)
    asked = len(hub.log)
    for kind in ("sweep", "delta"):
        with pytest.raises(InvalidInput, match="the clock of this machine says") as said:
            crawl.run(settings(hub, tmp_path, kind=kind))
        assert str(first.path) in str(said.value)
    assert (len(hub.log), scans(tmp_path)) == (asked, [first])
    shutil.rmtree(first.path)  # what the message says to do
    assert crawl.run(settings(hub, tmp_path)).shards()


def test_a_clock_set_back_by_minutes_changes_nothing(hub: StandIn, tmp_path: Path) -> None:
    first = crawl.run(settings(hub, tmp_path, boundary=ahead(0.25)))
    asked = len(hub.log)
    assert crawl.run(settings(hub, tmp_path)) == first  # still young enough to serve again
    assert len(hub.log) == asked
    second = crawl.run(settings(hub, tmp_path, kind="delta", fresh_hours=0.0))
    assert [scan.name for scan in scans(tmp_path)] == [first.scan, second.scan]
    delta = ScanFolder(tmp_path / "scans" / second.scan).manifest
    assert (delta.base, delta.since) == (first.scan, first.as_of)
    assert delta.boundary > first.as_of


def test_a_scan_from_the_future_is_not_taken_for_a_fresh_one(tmp_path: Path) -> None:
    place = tmp_path / "mirror/lab/model-7b"
    place.mkdir(parents=True)
    said = {"id": "lab/model-7b", "lastModified": "2999-01-01T00:00:00.000Z"}
    (place / "model_info.json").write_text(json.dumps(said))
    world = worlds.make(tmp_path / "world", tmp_path / "mirror")
    assert world.run().returncode == 0
    words = [sys.executable, "-m", "gpai_scan", "status", "--fail-if-older", "48"]
    done = subprocess.run(
        [*words, "--db", str(world.db)],
        capture_output=True,
        text=True,
        cwd=worlds.ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert "ahead of this machine's clock" in done.stderr

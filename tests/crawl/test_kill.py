"""Kill -9 at random points: what is stored in the end is what an undisturbed run stores.

`GPAI_SCAN_KILLS=50 GPAI_SCAN_PAGES=200` makes it the full trial.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
from standin.catalogue import catalogue
from standin.hub import StandIn

from gpai_scan.crawl.shards import scans

KILLS = int(os.environ.get("GPAI_SCAN_KILLS", "4"))
PAGES = int(os.environ.get("GPAI_SCAN_PAGES", "30"))
WORKERS = 4
CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gpai_scan import crawl
folder, endpoint, contact = sys.argv[1:]
crawl.run(crawl.CrawlSettings(
    folder=Path(folder), endpoint=endpoint, contact=contact, page_size=10, pages_per_shard=10,
    boundary=datetime(2026, 1, 1, tzinfo=UTC), prune=False, workers=4, fresh_hours=1e9,
))
"""


def start(folder: Path, hub: StandIn, name: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-c", CHILD, str(folder), hub.url, name]
    return subprocess.Popen(command, env=environment)


def stored(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(f.relative_to(folder)): f.read_bytes() for f in files if f.name != ".lock"}


def addresses(folder: Path) -> set[str]:
    """Addresses of everything that is stored, and therefore must not be asked for again."""
    found: set[str] = set()
    for scan in scans(folder):
        found |= {page.address for page in scan.pages()}
        kept: list[dict[str, Any]] = []
        for journal in (scan.path / "details").glob("*.journal"):
            whole = journal.read_bytes().rpartition(b"\n")[0]
            kept += [json.loads(line) for line in whole.splitlines()]
        for file in (scan.path / "details").glob("[0-9][0-9][0-9][0-9][0-9].parquet"):
            kept += pl.read_parquet(file, columns=["repo_id", "revision", "path"]).to_dicts()
        for one in kept:
            name, commit = quote(one["repo_id"]), one["revision"]
            direct = f"/api/resolve-cache/models/{name}/{commit}/{one['path']}"
            found.add(direct if commit else f"/{name}/resolve/main/{one['path']}")
    return found


def test_killed_at_random_points_the_result_is_the_same(tmp_path: Path) -> None:
    chance = random.Random(20260101)
    folder = tmp_path / "killed"
    with StandIn(catalogue(PAGES * 10 - 13), latency=0.002) as hub:
        assert start(tmp_path / "undisturbed", hub, "undisturbed").wait(300) == 0
        total = len(hub.log)
        assert max((hub.paths("file") + hub.paths("list")).values()) == 1
        hub.log.clear()
        points = sorted(chance.sample(range(1, total), KILLS))
        killed, again = 0, set()
        for number, point in enumerate([*points, None]):
            before, asked = addresses(folder), len(hub.log)
            child = start(folder, hub, f"run-{number}")
            if point is None:
                assert child.wait(300) == 0
            else:
                while len(hub.log) < point + killed * WORKERS and child.poll() is None:
                    time.sleep(0.001)
                time.sleep(chance.random() ** 4 * 0.5)  # also while files are written
                killed += child.poll() is None
                child.send_signal(signal.SIGKILL)
                child.wait(30)
            again |= before & {request.path for request in hub.log[asked:]}
        repeated = sum(count - 1 for count in (hub.paths("file") + hub.paths("list")).values())
    assert killed >= KILLS * 0.9
    assert again == set()  # nothing that was stored is asked for again
    assert repeated <= killed * WORKERS  # only what was under way
    expected, found = stored(tmp_path / "undisturbed"), stored(folder)
    assert found.keys() == expected.keys()
    assert [name for name in expected if expected[name] != found[name]] == []


def test_a_kill_between_the_last_writes_of_a_group_loses_no_file(tmp_path: Path) -> None:
    """Plan, files, journal: whichever of them is there or not, the next run makes them whole."""
    with StandIn(catalogue(87)) as hub:
        assert start(tmp_path, hub, "night").wait(300) == 0
        whole = stored(tmp_path)
        (scan,) = scans(tmp_path)
        for lost in ([scan.plan(0)], [scan.plan(0), scan.details(0)], [scan.details(0)]):
            (scan.path / "done.json").unlink()
            for file in lost:
                file.unlink()
            assert start(tmp_path, hub, "night").wait(300) == 0
            assert stored(tmp_path) == whole
        (scan.path / "done.json").unlink()
        scan.journal(0).write_bytes(b"")
        asked = len(hub.log)
        assert start(tmp_path, hub, "night").wait(300) == 0
        assert (stored(tmp_path), len(hub.log)) == (whole, asked)

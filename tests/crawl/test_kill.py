"""Kill -9 at random points: what is stored in the end is what an undisturbed run stores.

`GPAI_SCAN_KILLS=50 GPAI_SCAN_PAGES=200` makes it the full trial.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from standin.catalogue import catalogue
from standin.hub import Request, StandIn

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


def runs_of(log: list[Request]) -> dict[str, list[Request]]:
    runs: dict[str, list[Request]] = defaultdict(list)
    for request in log:
        runs[request.agent].append(request)
    return runs


def test_killed_at_random_points_the_result_is_the_same(tmp_path: Path) -> None:
    chance = random.Random(20260101)
    with StandIn(catalogue(PAGES * 10 - 13), latency=0.002) as hub:
        whole = start(tmp_path / "undisturbed", hub, "undisturbed")
        assert whole.wait(300) == 0
        total = len(hub.log)
        assert max((hub.paths("file") + hub.paths("list")).values()) == 1
        hub.log.clear()
        points = sorted(chance.sample(range(1, total), KILLS))
        killed = 0
        for number, point in enumerate(points):
            child = start(tmp_path / "killed", hub, f"run-{number}")
            while len(hub.log) < point + killed * WORKERS and child.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.random() ** 4 * 0.5)  # also between requests, while files are written
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
                killed += 1
            child.wait(30)
        assert start(tmp_path / "killed", hub, "last").wait(300) == 0
        runs, counts = runs_of(list(hub.log)), hub.paths("file") + hub.paths("list")
    assert killed >= KILLS * 0.9
    before, after = stored(tmp_path / "undisturbed"), stored(tmp_path / "killed")
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == []
    in_flight = {request.path for run in runs.values() for request in run[-2 * WORKERS :]}
    repeated = {path for path, count in counts.items() if count > 1}
    assert repeated <= in_flight
    assert len(repeated) <= killed * WORKERS

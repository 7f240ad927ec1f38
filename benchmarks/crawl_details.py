"""100,000 files of 50,000 repositories: requests a file, files a second, memory, and who limits.

    python benchmarks/crawl_details.py [FILES]

The stand-in hub runs in a process of its own. First without quotas, to see what the client can
do; then with a quota a few times that of an Enterprise plan in windows of 10 seconds, to see
that the governor and not the client sets the pace and that no request is refused.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
WINDOW = 10


def serve(repositories: int, quota: int) -> None:
    from standin.catalogue import repository
    from standin.hub import Quota, StandIn

    quotas = {"resolvers": Quota(quota, WINDOW)} if quota else {}
    with StandIn([repository(i) for i in range(repositories)], quotas=quotas) as hub:
        print(hub.url, flush=True)
        sys.stdin.readline()
        paths = hub.paths("file")
        told = {
            "requests": sum(paths.values()),
            "distinct": len(paths),
            "refused": hub.refused(),
            "seconds": hub.log[-1].time - next(r.time for r in hub.log if r.route == "file"),
        }
        print(json.dumps(told), flush=True)


def fetch(url: str, folder: str) -> None:
    from gpai_scan import crawl

    settings = crawl.CrawlSettings(folder=Path(folder), endpoint=url, prune=False, quota_share=0.8)
    began, cpu = time.monotonic(), time.process_time()
    crawl.run(settings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = {"wall": time.monotonic() - began, "cpu": time.process_time() - cpu, "memory": peak}
    print(json.dumps(spent))


def trial(repositories: int, quota: int) -> dict[str, float]:
    command = [sys.executable, __file__, "serve", str(repositories), str(quota)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server,
    ):
        assert server.stdout is not None
        assert server.stdin is not None
        url = server.stdout.readline().strip()
        child = [sys.executable, __file__, "fetch", url, folder]
        environment = os.environ | {"HF_HUB_DISABLE_TELEMETRY": "1"}
        out = subprocess.run(child, check=True, capture_output=True, text=True, env=environment)
        print("\n", file=server.stdin, flush=True)
        return json.loads(out.stdout) | json.loads(server.stdout.readline())


def main(files: int) -> None:
    for quota, label in ((0, "no quota"), (1500, f"quota 1500 in {WINDOW} s, share 0.8")):
        count = min(files, 12_000) if quota else files
        found = trial(count // 2, quota)
        pace = found["distinct"] / found["seconds"]
        print(f"{label}: {found['distinct']:.0f} files in {found['seconds']:.0f} s")
        print(f"  {pace:.0f} files a second")
        print(f"  {found['requests'] / found['distinct']:.4f} requests a file")
        print(f"  {found['refused']:.0f} requests refused")
        print(f"  {found['cpu'] / found['distinct'] * 1e6:.0f} µs CPU a file")
        print(f"  {found['memory']:.0f} MB at most")
        if quota:
            allowed = 0.8 * quota / WINDOW
            print(f"  {allowed:.0f} a second allowed: {pace / allowed:.0%} of it reached")


if __name__ == "__main__":
    first = sys.argv[1] if len(sys.argv) > 1 else "100000"
    if first == "serve":
        serve(int(sys.argv[2]), int(sys.argv[3]))
    elif first == "fetch":
        fetch(sys.argv[2], sys.argv[3])
    else:
        main(int(first))

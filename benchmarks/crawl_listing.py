"""CPU per listed repository, and memory over pages: the sweep against the client's own generator.

    python benchmarks/crawl_listing.py [PAGES]

Both walk the same pages of the stand-in hub, which runs in a process of its own; each way runs in
a fresh process and reports its own CPU time and peak memory. `sweep` fetches, checks and stores
every page; `rows` turns stored pages into the frames everything after them reads.
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


def serve(pages: int) -> None:
    from standin.catalogue import repository
    from standin.hub import StandIn

    with StandIn([repository(i, heavy=True) for i in range(pages * 1000)]) as hub:
        query = {"limit": "1000", "sort": "createdAt", "direction": "1"}
        body, _ = hub.page(query, [])
        print(json.dumps({"url": hub.url, "bytes": len(body) / 1000}), flush=True)
        sys.stdin.read()


def generator(url: str, _: str, pages: int) -> int:
    from huggingface_hub import HfApi

    from gpai_scan.crawl.settings import EXPAND

    api = HfApi(endpoint=url, token=False)
    asked = [key for key in EXPAND if key not in ("usedStorage",)]
    return sum(1 for _ in api.list_models(expand=asked, sort="created_at", limit=pages * 1000))


def sweep(url: str, folder: str, pages: int) -> int:
    from gpai_scan.crawl import pages as listing_pages
    from gpai_scan.crawl.begin import open_scan
    from gpai_scan.crawl.client import Client
    from gpai_scan.crawl.governor import Governor
    from gpai_scan.crawl.settings import CrawlSettings

    settings = CrawlSettings(folder=Path(folder), endpoint=url)
    scan, _ = open_scan(settings, settings.start())
    client = Client(settings, Governor())
    stored = listing_pages.walk(scan, client, settings, lambda _: None)
    assert client.governor.requests == len(stored) == pages
    return sum(page.items for page in stored)


def rows(_: str, folder: str, __: int) -> int:
    from gpai_scan.crawl import bounds
    from gpai_scan.crawl.shards import scans

    (scan,) = scans(Path(folder))
    groups = bounds.groups(scan.pages(), 10)
    return sum(bounds.read(scan, group, "hub").repositories.height for group in groups)


WAYS = {"generator": generator, "sweep": sweep, "rows": rows}


def measure(way: str, url: str, folder: str, pages: int) -> dict[str, float]:
    command = [sys.executable, __file__, way, url, folder, str(pages)]
    environment = os.environ | {"HF_HUB_DISABLE_TELEMETRY": "1"}
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return dict(json.loads(out.stdout))


def main(pages: int) -> None:
    command = [sys.executable, __file__, "serve", str(pages)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        about = json.loads(server.stdout.readline())
        print(f"{pages} pages, {about['bytes']:.0f} bytes a repository")
        found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(3):
            with tempfile.TemporaryDirectory() as folder:
                for way in WAYS:
                    found[way].append(measure(way, about["url"], folder, pages))
        server.stdin.close()
    base = min(one["cpu"] for one in found["generator"])
    for way, runs in found.items():
        cpu = min(one["cpu"] for one in runs)
        memory = max(one["memory"] for one in runs)
        print(f"{way:10} {cpu:7.1f} µs CPU a repository   1/{base / cpu:4.1f}   {memory:5.0f} MB")
    both = min(one["cpu"] for one in found["sweep"]) + min(one["cpu"] for one in found["rows"])
    print(f"sweep+rows {both:7.1f} µs CPU a repository   1/{base / both:4.1f}")


if __name__ == "__main__":
    first = sys.argv[1] if len(sys.argv) > 1 else "30"
    if first == "serve":
        serve(int(sys.argv[2]))
    elif first in WAYS:
        url, folder, pages = sys.argv[2], sys.argv[3], int(sys.argv[4])
        import huggingface_hub  # imports are not what is measured

        import gpai_scan.crawl.running  # noqa: F401

        huggingface_hub.HfApi  # noqa: B018
        before = time.process_time()
        count = WAYS[first](url, folder, pages)
        spent = time.process_time() - before
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"cpu": spent / count * 1e6, "memory": peak, "count": count}))
    else:
        main(int(first))

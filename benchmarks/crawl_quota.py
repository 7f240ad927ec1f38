"""A sweep under a quota that counts: requests for N pages, refusals, and how near the pace comes.

    python benchmarks/crawl_quota.py [PAGES]

The stand-in hub gives 100 requests in windows of 5 seconds, and the crawl may spend half of them,
alone and then with somebody else behind the same address who takes a third.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from standin.catalogue import catalogue  # noqa: E402
from standin.hub import Quota, StandIn  # noqa: E402

from gpai_scan import crawl  # noqa: E402

QUOTA, WINDOW, SHARE = 100, 5, 0.5


def trial(pages: int, others: float) -> None:
    quota = Quota(QUOTA, WINDOW)
    with (
        tempfile.TemporaryDirectory() as folder,
        StandIn(catalogue(pages * 10 - 13), quotas={"api": quota}) as hub,
    ):
        over = threading.Event()

        def somebody_else() -> None:
            while not over.wait(WINDOW / QUOTA / others):
                quota.spend()

        if others:
            threading.Thread(target=somebody_else, daemon=True).start()
        began = time.monotonic()
        settings = crawl.CrawlSettings(
            folder=Path(folder), endpoint=hub.url, page_size=10, details=False, quota_share=SHARE
        )
        crawl.run(settings)
        spent = time.monotonic() - began
        over.set()
        allowed = QUOTA * SHARE / WINDOW
        print(f"{pages} pages, others take {others:.0%}: {hub.count('list')} requests")
        print(f"  {hub.refused()} refused, {pages / spent:.1f} of {allowed:.0f} a second")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    trial(count, 0.0)
    trial(count, 1 / 3)

"""A small round of every benchmark, each in a process of its own, then the drawings.

    python -m benchmarks.run_all            about five minutes on two cores
    python -m benchmarks.run_all --full     the sizes of the targets: an hour and 60 GB of disk

Every script names its baseline and measures it in the same run. What is kept stands as rows in
`benchmarks/results/`; this command does not change it: give a script `--record` for that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

SIZES: Final = ("30000", "300000", "3000000")

# Script, options of the small round, options of the full one.
ROUNDS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("crawl_listing", ("10",), ("200",)),
    ("crawl_details", ("3000",), ("100000",)),
    ("crawl_quota", ("100",), ("400",)),
    ("card_reader", ("--megabytes", "10", "--naive-megabytes", "1"), ()),
    ("config_parameters", ("--documents", "5000", "--rounds", "2"), ()),
    ("rules_sweep", ("--repositories", "100000"), ("--repositories", "3000000")),
    ("derived", ("--repositories", "30000"), ("--repositories", "300000")),
    ("chain", ("--repositories", "10000", "30000"), ("--repositories", *SIZES)),
    ("nightly", ("--repositories", "20000", "--changed", "1000"), ()),
    ("nightly_year", ("--nights", "40", "--repositories", "100"), ()),
    ("draw", (), ()),
)  # fmt: skip


def main() -> int:
    """Runs the rounds; 1 where a script fails."""
    options = argparse.ArgumentParser(description="Run every benchmark.")
    options.add_argument("--full", action="store_true")
    options.add_argument("--only", nargs="*", help="names of scripts")
    chosen = options.parse_args()
    failed = []
    for name, small, full in ROUNDS:
        if chosen.only and name not in chosen.only:
            continue
        print(f"\n== {name}", flush=True)
        start = time.perf_counter()
        words = [sys.executable, "-m", f"benchmarks.{name}", *(full if chosen.full else small)]
        done = subprocess.run(words, cwd=ROOT, check=False)
        print(f"   {time.perf_counter() - start:.0f} s", flush=True)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())

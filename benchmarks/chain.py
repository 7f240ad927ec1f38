"""The whole chain from stored pages to the database and the tables, at any size.

    python -m benchmarks.chain --repositories 30000 300000 --cards 0.05 --data FOLDER

For each size a synthetic crawl is written (once a folder), then `gpai-scan run` reads it in a
process of its own. Reported are wall time for each step, processor time, and the peak memory of
the whole process tree. Growth is the time per repository against the smallest size.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.crawled import write_crawl
from benchmarks.measure import Measured, Result, command, record
from benchmarks.synthetic_hub import Hub
from gpai_scan import run as chain
from gpai_scan import settings as pipeline_settings

Steps = dict[str, tuple[float, float]]
"""Wall and processor seconds of each step."""


def child(source: str, out: Path, executor: str) -> None:
    """Runs the chain on a stored crawl and prints the seconds of each step as JSON."""
    marks: list[tuple[str, float, float]] = []
    settings = pipeline_settings.load(
        "sample", source=source, db=out / "scan.duckdb", out=out / "tables", executor=executor
    )
    start = time.perf_counter()

    def mark(step: str) -> None:
        marks.append((step, time.perf_counter() - start, _processor_seconds()))

    chain.run(settings, lambda step: mark(step.step))
    mark("end")
    steps: dict[str, tuple[float, float]] = {}
    before, spent, previous = 0.0, 0.0, "open"
    for step, moment, used in marks:
        name = step if step == previous or step == "read" else previous
        wall, processor = steps.get(name, (0.0, 0.0))
        steps[name] = wall + moment - before, processor + used - spent
        before, spent, previous = moment, used, step
    sys.stdout.write(json.dumps(steps) + "\n")


def _processor_seconds() -> float:
    """Of this process and of the workers that have ended."""
    return sum(os.times()[:4])


def measure(hub: Hub, data: Path, executor: str) -> tuple[Measured, Steps]:
    """The chain over a hub, whose crawl is written below `data` where it is not there yet."""
    source = data / f"crawl-{hub.repositories}-{hub.cards}-{hub.seed}"
    if not any(source.glob("scans/*/done.json")):
        shutil.rmtree(source, ignore_errors=True)
        write_crawl(hub, source)
    with tempfile.TemporaryDirectory(dir=data) as out:
        words = (sys.executable, "-m", "benchmarks.chain", "--child", str(source))
        measured = command([*words, "--out", out, "--executor", executor])
    if measured.exit_code:
        raise SystemExit(measured.output)
    return measured, json.loads(measured.output.splitlines()[-1])


def results(hub: Hub, measured: Measured, steps: Steps) -> list[Result]:
    """One result for the whole chain and one for each step."""
    cards = f"{hub.cards} cards"
    whole = Result(
        "chain",
        "whole",
        hub.repositories,
        "repositories",
        measured.seconds,
        peak_bytes=measured.peak_bytes,
        note=cards,
        cpu_seconds=measured.cpu_seconds,
    )
    parts = [
        Result(
            "chain",
            step,
            hub.repositories,
            "repositories",
            wall,
            note=cards,
            cpu_seconds=processor,
        )
        for step, (wall, processor) in steps.items()
        if wall > 0
    ]
    return [whole, *parts]


def main() -> None:
    """Measures the sizes asked for, smallest first, and records them."""
    options = argparse.ArgumentParser(description="Measure the whole chain.")
    options.add_argument("--repositories", type=int, nargs="+", default=[30_000])
    options.add_argument("--cards", type=float, default=0.05, help="share of repositories")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "gpai-bench")
    options.add_argument("--executor", default="processes")
    options.add_argument("--record", action="store_true")
    options.add_argument("--child")
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    if chosen.child:
        child(chosen.child, chosen.out, chosen.executor)
        return
    chosen.data.mkdir(parents=True, exist_ok=True)
    for count in sorted(chosen.repositories):
        hub = Hub(count, int(count * chosen.cards), chosen.seed)
        found = results(hub, *measure(hub, chosen.data, chosen.executor))
        for result in found:
            print(result.line())
        if chosen.record:
            record(found, "chain")


if __name__ == "__main__":
    main()

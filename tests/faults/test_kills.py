"""kill -9 anywhere: the same command again gives what an undisturbed run gives.

GPAI_SCAN_FAULT_ROUNDS sets the number of kills of each test (default 2), GPAI_SCAN_FAULT_SEED the
seed; `-s` shows in which step each kill came.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
import world as worlds
from standin.catalogue import catalogue
from standin.hub import StandIn
from world import World

ROUNDS = int(os.environ.get("GPAI_SCAN_FAULT_ROUNDS", "2"))
SEED = int(os.environ.get("GPAI_SCAN_FAULT_SEED", "1"))


def kill_after(world: World, seconds: float) -> bool:
    """Starts the run and kills it with all its workers; whether it was still running."""
    process = world.start()
    time.sleep(seconds)
    running = process.poll() is None
    if running:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    return running


def duration(world: World) -> float:
    start = time.monotonic()
    done = world.run()
    assert done.returncode == 0, done.stderr
    return time.monotonic() - start


def test_a_killed_run_goes_on_to_the_same_result(
    mirror: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    whole = duration(worlds.make(tmp_path / "timing", mirror, "processes:2"))
    chance = random.Random(SEED)
    kills = 0
    while kills < ROUNDS:
        world = worlds.make(tmp_path / f"round-{kills}", mirror, "processes:2")
        moments = [chance.uniform(0.1, whole) for _ in range(min(3, ROUNDS - kills))]
        kills += sum(kill_after(world, moment) for moment in moments) or 1
        done = world.run()
        assert done.returncode == 0, f"after kills at {moments}: {done.stderr}"
        assert world.result() == expected, f"another result after kills at {moments}"
        left = [p.name for p in world.base.rglob(".*") if p.is_file()]
        assert not left, f"left behind: {left}"


STEPS = (
    *("listing the hub", "bounding", "fetching cards", "reading", "tracing", "estimating"),
    *("applying", "counting", "storing: 0", "storing: 1"),
)
"""How the lines of progress begin, in their order; after the last one the report is written."""
PER_WORLD = 10


def kill_in(world: World, wanted: str, chance: random.Random) -> str | None:
    """Kills a run a moment after it told of a step, or of a later one; the step it was in."""
    process = world.start()
    told: list[str] = []
    reader = threading.Thread(target=_follow, args=(process.stderr, told))
    reader.start()
    first = STEPS.index(wanted)
    while process.poll() is None and not any(_step(line) >= first for line in list(told)):
        time.sleep(0.002)
    time.sleep(chance.random() ** 2 * (2.0 if wanted == STEPS[-1] else 0.6))
    running = process.poll() is None
    if running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    reader.join(60)
    process.communicate()
    return STEPS[max(map(_step, told))] if running and told else None


def _follow(lines: Iterable[str], told: list[str]) -> None:
    for line in lines:
        if _step(line) >= 0:
            told.append(line)


def _step(line: str) -> int:
    return max((n for n, step in enumerate(STEPS) if line.startswith(step)), default=-1)


def test_a_killed_night_goes_on_to_the_same_report(tmp_path: Path) -> None:
    """From the crawl over reading, deriving and storing to the published report."""
    pytest.importorskip("vl_convert", reason="needs `pip install 'gpai-scan[report]'`")
    chance = random.Random(SEED)
    came: Counter[str] = Counter()
    with StandIn(catalogue(187), latency=0.002) as hub:
        undisturbed = worlds.night(tmp_path / "undisturbed", hub.url)
        done = undisturbed.run()
        assert done.returncode == 0, done.stderr
        expected = undisturbed.result()
        assert any(name.startswith("reports/latest") for name in expected)
        while came.total() < ROUNDS:
            world = worlds.night(tmp_path / f"night-{came.total()}", hub.url)
            number = min(PER_WORLD, ROUNDS - came.total())
            wanted = sorted((chance.choice(STEPS) for _ in range(number)), key=STEPS.index)
            came.update(step for one in wanted if (step := kill_in(world, one, chance)))
            done = world.run()
            assert done.returncode == 0, f"after kills in {wanted}: {done.stderr}"
            assert world.result() == expected, f"another result after kills in {wanted}"
    sys.stdout.write(f"kills: {dict(came)}\n")


def test_two_worker_counts_and_another_time_give_the_same_bytes(
    mirror: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    """Threads, processes and a clock that went backwards change nothing."""
    world = worlds.make(tmp_path / "again", mirror, "processes:3")
    (world.base / "state").mkdir()
    future = time.time() + 10**7
    os.utime(world.base / "state", (future, future))
    done = world.run()
    assert done.returncode == 0, done.stderr
    assert world.result() == expected

"""kill -9 anywhere: the same command again gives what an undisturbed run gives.

GPAI_SCAN_FAULT_ROUNDS sets the number of kills (default 2).
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import world as worlds
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

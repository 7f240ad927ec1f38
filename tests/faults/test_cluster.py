"""The same scan on a Dask cluster: the same bytes, also where a worker is killed on the way."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
import world as worlds
from test_storage import LONG, children

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")

from test_dask import cluster


@pytest.mark.parametrize("killed", [False, True] if LONG else [True])
def test_a_cluster_gives_the_same_bytes(
    killed: bool, mirror: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    base = tmp_path / "cluster"
    base.mkdir()
    with cluster(base) as spec:
        world = worlds.make(tmp_path / "scan", mirror, spec)
        process = world.start()
        if killed:
            _kill_one(os.getpid(), world.base / "state")
        _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert world.result() == expected


def _kill_one(pid: int, state: Path) -> None:
    """Kills a worker process of the cluster as soon as a shard is being written."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        nannies = [c for c in _below(pid) if children(c)]
        if nannies and any(state.rglob(".*")):
            os.kill(children(nannies[0])[0], signal.SIGKILL)
            return
        time.sleep(0.02)
    raise AssertionError("no worker was seen at work")


def _below(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == pid and b"worker" in words:
                found.append(int(entry.name))
    return found

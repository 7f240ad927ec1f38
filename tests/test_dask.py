"""A Dask cluster of worker processes: same results, a killed worker harmless."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_executor import Task, refuse, write

from gpai_scan.errors import Interrupted, InvalidInput
from gpai_scan.executor import map_shards, open_executor

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own on closing

ROOT = Path(__file__).parents[1]


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[str]:
    """A scheduler and its workers as their own commands, as on a real cluster."""
    place = folder / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    worker = ("worker", "--nworkers", str(workers), "--nthreads", "1", "--no-dashboard")
    commands = [("scheduler", "--no-dashboard", "--port", "0", "--host", "127.0.0.1"), worker]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--scheduler-file", str(place)],
            env=environment,
            cwd=folder,
            stderr=subprocess.DEVNULL,
        )
        for words in commands
    ]
    try:
        deadline = time.monotonic() + 60
        while not place.exists():
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.1)
        yield f"dask:{place}"
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def test_results_lost_workers_and_errors(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    tasks = [Task(f"n{i}", folder, kills={3: 1, 5: 99}.get(i, 0)) for i in range(12)]
    results: list[str] = []
    with cluster(tmp_path) as spec, open_executor(spec) as executor:
        with pytest.raises(Interrupted, match=r"1 of 12.*n5"):
            for result in map_shards(executor, write, tasks):
                results.append(result)
        with pytest.raises(InvalidInput, match="is refused"):
            list(map_shards(executor, refuse, tasks[:2]))
        (folder / "n0.done").unlink()
        assert list(map_shards(executor, write, tasks[:1])) == ["n0"]
        assert (folder / "n0.done").exists(), "a call was answered from memory"
    assert sorted(results) == sorted(task.name for task in tasks if task.name != "n5")


def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpai_scan.dask.PATIENCE_SECONDS", 1)
    with (
        pytest.raises(InvalidInput, match="no Dask scheduler answers"),
        open_executor("dask://127.0.0.1:9"),
    ):
        pass

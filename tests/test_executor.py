"""The executor seam: same results everywhere, lost workers harmless, clear words otherwise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from gpai_scan.errors import Interrupted, InvalidInput, UnknownName
from gpai_scan.executor import map_shards, open_executor, processors


@dataclass(frozen=True)
class Task:
    name: str
    folder: Path
    kills: int = 0


def write(task: Task) -> str:
    """Leaves a file, after killing its own process the first `kills` times it is called."""
    tries = len(list(task.folder.glob(f"{task.name}.try*")))
    (task.folder / f"{task.name}.try{tries}").touch()
    if tries < task.kills:
        os.kill(os.getpid(), signal.SIGKILL)
    (task.folder / f"{task.name}.done").write_text(task.name)
    return task.name


def refuse(task: Task) -> str:
    raise InvalidInput(f"{task.name} is refused.")


def unknown(task: Task) -> str:
    raise UnknownName("shard", task.name, ["a", "b"])


def threads(_: int) -> int:
    return processors()


@pytest.mark.parametrize("spec", ["serial", "processes:2"])
def test_results_of_every_item_and_each_reported_once(spec: str, tmp_path: Path) -> None:
    tasks = [Task(str(i), tmp_path) for i in range(7)]
    seen: list[Task] = []
    with open_executor(spec) as executor:
        results = list(map_shards(executor, write, tasks, seen.append))
    assert sorted(results) == [task.name for task in tasks]
    assert sorted(task.name for task in seen) == sorted(results)
    assert len(list(tmp_path.glob("*.done"))) == 7


def test_a_killed_worker_costs_one_more_try(tmp_path: Path) -> None:
    tasks = [Task(str(i), tmp_path, kills=int(i == 3)) for i in range(8)]
    with open_executor("processes:2") as executor:
        assert sorted(map_shards(executor, write, tasks)) == [task.name for task in tasks]


def test_an_item_that_always_kills_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    tasks = [Task(f"n{i}", tmp_path, kills=99 * (i == 1)) for i in range(12)]
    results: list[str] = []
    with open_executor("processes:2") as executor, pytest.raises(Interrupted, match="n1") as error:
        for result in map_shards(executor, write, tasks):
            results.append(result)
    assert sorted(results) == sorted(task.name for task in tasks if task.name != "n1")
    assert error.value.exit_code == 75
    assert "1 of 12" in str(error.value)


@pytest.mark.parametrize("spec", ["serial", "processes:2"])
def test_an_error_on_purpose_arrives_as_it_was_raised(spec: str, tmp_path: Path) -> None:
    tasks = [Task(str(i), tmp_path) for i in range(4)]
    with open_executor(spec) as executor:
        with pytest.raises(InvalidInput, match="is refused"):
            list(map_shards(executor, refuse, tasks))
        with pytest.raises(UnknownName, match="There are: a, b"):
            list(map_shards(executor, unknown, tasks))


def test_workers_share_the_threads_of_the_machine() -> None:
    with open_executor(f"processes:{processors()}") as executor:
        assert set(map_shards(executor, threads, range(4))) == {1}
    assert "POLARS_MAX_THREADS" not in os.environ or processors() == int(
        os.environ["POLARS_MAX_THREADS"]
    )


def test_what_the_user_sets_of_the_allocator_reaches_the_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("_RJEM_MALLOC_CONF", "narenas:3")
    with open_executor("processes:1") as executor:
        options = executor.submit(os.getenv, "_RJEM_MALLOC_CONF").result()
    assert options is not None and "narenas:3" in options.split(",")
    assert os.environ["_RJEM_MALLOC_CONF"] == "narenas:3"


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        ("proceses", UnknownName, "did you mean 'processes'"),
        ("processes:0", InvalidInput, "names no number"),
        ("processes:many", InvalidInput, "processes:4"),
        ("dask:nowhere.json", InvalidInput, "Dask"),
    ],
)
def test_a_wrong_name_is_answered_in_words(spec: str, error: type, words: str) -> None:
    with pytest.raises(error, match=words), open_executor(spec):
        pass


PARENT = """
import sys, time
from pathlib import Path
from gpai_scan.executor import map_shards, open_executor
sys.path.insert(0, {tests!r})
from test_executor import linger
if __name__ == "__main__":
    with open_executor("processes:2") as executor:
        list(map_shards(executor, linger, [Path(f"{folder}/{{i}}.pid") for i in range(2)]))
"""


def linger(path: Path) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(60)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent(blow: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(tests=str(Path(__file__).parent), folder=tmp_path))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    parent = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stderr=subprocess.DEVNULL
    )
    pids = [_wait_for(path) for path in (tmp_path / "0.pid", tmp_path / "1.pid")]
    for pid in [parent.pid, *pids] if blow == signal.SIGINT else [parent.pid]:
        os.kill(pid, blow)
    parent.wait(30)
    deadline = time.monotonic() + 20
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.05)


def _wait_for(path: Path) -> int:
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, "the worker did not start"
        time.sleep(0.05)
    return int(path.read_text())


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"

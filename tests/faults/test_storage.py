"""Disk full, read-only folders, two instances, readers, spoilt files: nothing is lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pytest
import world as worlds
from world import World

from gpai_scan import crawl
from gpai_scan.sources.hub import HubSource


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a failed command said: one sentence, no traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ""


# GPAI_SCAN_FAULT_ROUNDS asks for the long round, as in `test_kills.py`.
LONG = "GPAI_SCAN_FAULT_ROUNDS" in os.environ


@pytest.mark.parametrize("kilobytes", [8, 200, 900] if LONG else [200])
def test_a_full_disk_is_said_and_the_next_run_finishes(
    kilobytes: int, mirror: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    """A limit on the size of files stands for the full disk: writes fail in the same way."""
    world = worlds.make(tmp_path / "full", mirror)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    done = world.run(preexec_fn=limit)
    assert done.returncode == 2, done.stderr
    assert "space" in sentence(done) or "write" in sentence(done), done.stderr
    again = world.run()
    assert again.returncode == 0, again.stderr
    assert world.result() == expected


def test_a_folder_that_cannot_be_written_is_named(mirror: Path, tmp_path: Path) -> None:
    """A file where a folder should be fails for every user, as a read-only folder does."""
    world = worlds.make(tmp_path / "locked", mirror)
    world.db.parent.write_text("not a folder")
    done = world.run()
    assert done.returncode == 2, done.stderr
    assert "state" in sentence(done), done.stderr


@pytest.mark.parametrize("place", ["tables", "state"])
def test_a_read_only_file_system_is_named(place: str, mirror: Path, tmp_path: Path) -> None:
    """Nobody may write there, not even root."""
    world = worlds.make(tmp_path / "locked", mirror)
    with worlds.disk(world.base / place, 1000):
        worlds.change(world.base / place, "ro")
        done = world.run()
        assert done.returncode == 2, done.stderr
        assert place in sentence(done), done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(mirror: Path, tmp_path: Path) -> None:
    world = worlds.make(tmp_path / "locked", mirror)
    world.out.mkdir()
    world.out.chmod(0o555)
    done = world.run()
    assert done.returncode == 2, done.stderr
    assert "tables" in sentence(done), done.stderr


def test_two_instances_do_no_harm(mirror: Path, expected: dict[str, str], tmp_path: Path) -> None:
    world = worlds.make(tmp_path / "two", mirror, "processes:2")
    both = [world.start(), world.start()]
    said = [process.communicate(timeout=300)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 2]), said
    assert not any("Traceback" in text for text in said), said
    assert world.result() == expected


def test_a_reader_holding_the_database_is_not_disturbed(
    mirror: Path, expected: dict[str, str], undisturbed: World, tmp_path: Path
) -> None:
    world = worlds.copy(undisturbed, tmp_path / "reader")
    with duckdb.connect(str(world.db), read_only=True) as reader:
        before = reader.sql("select count(*) from estimates").fetchall()
        done = world.run()
        assert done.returncode == 0, done.stderr
        assert reader.sql("select count(*) from estimates").fetchall() == before
    assert world.result() == expected


@pytest.mark.parametrize("how", ["bits", "cut", "empty"] if LONG else ["bits"])
def test_a_spoilt_shard_is_read_again(
    how: str, undisturbed: World, expected: dict[str, str], tmp_path: Path
) -> None:
    world = worlds.copy(undisturbed, tmp_path / "spoilt")
    for shard, name in zip(world.shards, ("evidence", "facts", "repositories"), strict=False):
        spoil(shard / f"{name}.parquet", how)
    done = world.run()
    assert done.returncode == 0, done.stderr
    assert world.result() == expected


def spoil(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    if how == "bits":
        for place in range(40, len(content) - 40, 97):
            content[place] ^= 0x55
    path.write_bytes(
        b"" if how == "empty" else content[: len(content) // (2 if how == "cut" else 1)]
    )


def test_a_worker_that_runs_out_of_memory_costs_its_shards_only(
    mirror: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    """The kernel kills a worker in the middle of its shard; the run goes on without a word."""
    world = worlds.make(tmp_path / "memory", mirror, "processes:2")
    process = world.start()
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        workers = children(process.pid)
        if workers and list((world.base / "state").rglob("*.parquet")):
            os.kill(workers[0], signal.SIGKILL)
            break
        time.sleep(0.02)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert world.result() == expected


def test_memory_that_really_runs_out_in_the_workers_is_said(
    mirror: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    """The kernel's own doing: every worker stands in a memory group that is too small for it."""
    world = worlds.make(tmp_path / "memory", mirror, "processes:2")
    with memory_group(30_000_000) as group:
        process = world.start()
        while process.poll() is None:
            for pid in children(process.pid):
                with suppress(OSError):  # it has just ended
                    (group / "cgroup.procs").write_text(str(pid))
            time.sleep(0.005)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 75, err
    assert "Traceback" not in err, err
    assert "memory runs out: 000000, 000001." in err
    done = world.run()
    assert done.returncode == 0, done.stderr
    assert world.result() == expected


@contextmanager
def memory_group(most: int) -> Iterator[Path]:
    """A memory group of the kernel; the test is skipped where none may be made."""
    base = Path("/sys/fs/cgroup")
    first = (base / "cgroup.controllers").exists()
    group = (base if first else base / "memory") / f"gpai-scan-{os.getpid()}"
    try:
        group.mkdir()
        (group / ("memory.max" if first else "memory.limit_in_bytes")).write_text(str(most))
    except OSError as error:
        with suppress(OSError):
            group.rmdir()
        pytest.skip(f"no memory group can be made: {error}")
    try:
        yield group
    finally:
        group.rmdir()


def children(pid: int) -> list[int]:
    """Worker processes of a process: those that run Python's spawn."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == pid and b"spawn_main" in words:
                found.append(int(entry.name))
    return found


def test_a_spoilt_page_is_noted_and_the_rest_goes_on(tmp_path: Path) -> None:
    from benchmarks.crawled import write_crawl
    from benchmarks.synthetic_hub import Hub

    source = write_crawl(Hub(3000, 0), tmp_path, executor="serial", pages_per_shard=1)
    page = sorted(tmp_path.rglob("000002.json.gz"))[0]
    content = bytearray(page.read_bytes())
    content[len(content) // 2] ^= 0xFF
    page.write_bytes(content)
    again = HubSource(tmp_path, source.scan)
    raws = [again.read(shard) for shard in again.shards()]
    rows = sum(raw.repositories.collect().height for raw in raws)
    reasons = [reason for raw in raws for reason in raw.problems.collect()["reason"]]
    assert 1990 < rows <= 2000
    assert any("page" in reason or "checksum" in reason for reason in reasons), reasons
    assert not crawl.status(tmp_path).is_empty()

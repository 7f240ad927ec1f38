"""Shards in an object store: the same bytes, whole or absent, whatever becomes of writer and store.

The store is a stand-in over real HTTP that speaks S3.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import world as worlds
from standin.bucket import Bucket
from test_storage import LONG, sentence
from world import World


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with Bucket() as bucket:
        for name, value in bucket.environment().items():
            monkeypatch.setenv(name, value)
        yield bucket


def make(base: Path, mirror: Path, store: Bucket, executor: str = "serial") -> World:
    world = worlds.make(base, mirror, executor)
    with world.pipeline.open("a") as file:
        file.write(f'bucket = "{store.address("night/shards")}"\n')
    return world


def whole(store: Bucket) -> set[str]:
    """Shards that are marked whole; each has its files."""
    marked = {key.rpartition("/")[0] for key in store.objects if key.endswith("/checksums.json")}
    assert all(f"{shard}/evidence.parquet" in store.objects for shard in marked)
    return marked


def test_shards_in_a_bucket_give_the_same_bytes(
    mirror: Path, expected: dict[str, str], store: Bucket, tmp_path: Path
) -> None:
    world = make(tmp_path / "one", mirror, store, "processes:2")
    done = world.run()
    assert done.returncode == 0, done.stderr
    assert world.result() == expected
    assert len(whole(store)) == 2
    written = len([1 for method, _ in store.log if method in ("PUT", "POST")])
    other = make(tmp_path / "two", mirror, store)  # as on another machine
    assert other.run().returncode == 0
    assert other.result() == expected
    assert len([1 for method, _ in store.log if method in ("PUT", "POST")]) == written


def test_a_spoilt_or_cut_shard_in_a_bucket_is_read_again(
    mirror: Path, expected: dict[str, str], store: Bucket, tmp_path: Path
) -> None:
    assert make(tmp_path / "one", mirror, store).run().returncode == 0
    before = dict(store.objects)
    first, second = sorted(whole(store))
    store.objects[f"{first}/evidence.parquet"] = store.objects[f"{first}/evidence.parquet"][:-9]
    del store.objects[f"{second}/checksums.json"]
    store.objects["night/shards/" + second.split("/")[-2] + "/of-yesterday/facts.parquet"] = b"old"
    other = make(tmp_path / "two", mirror, store)
    done = other.run()
    assert done.returncode == 0, done.stderr
    assert other.result() == expected
    assert {k: v for k, v in store.objects.items() if v} == before


def test_a_store_that_takes_no_more_is_said_and_the_next_run_finishes(
    mirror: Path, expected: dict[str, str], store: Bucket, tmp_path: Path
) -> None:
    world = make(tmp_path / "one", mirror, store)
    store.refuse_after = 8
    done = world.run()
    assert done.returncode == 2
    assert "s3://shared/night/shards" in sentence(done)
    assert len(whole(store)) == 1
    store.refuse_after = None
    done = world.run()
    assert done.returncode == 0, done.stderr
    assert world.result() == expected


def test_a_store_nobody_answers_for_is_said(mirror: Path, tmp_path: Path, store: Bucket) -> None:
    world = make(tmp_path / "one", mirror, store)
    store.__exit__()
    done = world.run()
    assert done.returncode == 2
    assert "cannot be used" in sentence(done)


@pytest.mark.parametrize("kills", [12 if LONG else 1])
def test_a_kill_while_shards_are_sent_leaves_them_whole_or_absent(
    kills: int, mirror: Path, expected: dict[str, str], store: Bucket, tmp_path: Path
) -> None:
    for number in range(kills):
        store.objects.clear()
        world = make(tmp_path / f"world-{number}", mirror, store, "processes:2")
        process = world.start()
        while process.poll() is None and len(store.objects) <= number % 12:
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert len(whole(store)) <= 2
        done = world.run()
        assert done.returncode == 0, done.stderr
        assert world.result() == expected


@pytest.mark.skipif(not LONG, reason="a cluster takes long to start; asked for by the long round")
def test_a_cluster_without_a_shared_folder(
    mirror: Path, expected: dict[str, str], store: Bucket, tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    from test_dask import cluster

    base = tmp_path / "cluster"
    base.mkdir()
    with cluster(base) as spec:
        world = make(tmp_path / "scan", mirror, store, spec)
        done = world.run()
    assert done.returncode == 0, done.stderr
    assert world.result() == expected
    assert len(whole(store)) == 2

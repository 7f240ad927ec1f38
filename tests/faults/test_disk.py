"""A small real disk that fills up in every step of a night, and is then made larger.

Needs the right to mount (root on Linux); skipped elsewhere. `test_storage.py` has the same fault
without a mount, by a limit on the size of files.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import world as worlds
from standin.catalogue import catalogue
from standin.hub import StandIn
from test_storage import LONG, sentence

PLACES = {
    ".": range(60, 20_000, 170) if LONG else (60, 300, 1500),
    "state/work/crawl": range(8, 2000, 8) if LONG else (40, 136),
    "reports": range(8, 4000, 90) if LONG else (60, 200),
}
"""What stands on the small disk, and the kilobytes it has, one run after the other."""


@contextmanager
def disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A file system of its own in memory; the test is skipped where that is not allowed."""
    folder.mkdir(parents=True)
    options = f"size={kilobytes}k"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def enlarge(folder: Path, kilobytes: int) -> None:
    words = ["mount", "-o", f"remount,size={kilobytes}k", str(folder)]
    subprocess.run(words, check=True)


@pytest.fixture(scope="module")
def hub() -> Iterator[StandIn]:
    with StandIn(catalogue(187)) as hub:
        yield hub


@pytest.fixture(scope="module")
def result(hub: StandIn, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a night leaves that has all the room it needs."""
    pytest.importorskip("vl_convert", reason="needs `pip install 'gpai-scan[report]'`")
    world = worlds.night(tmp_path_factory.mktemp("room"), hub.url, "serial")
    done = world.run()
    assert done.returncode == 0, done.stderr
    return world.result()


@pytest.mark.parametrize("place", PLACES)
def test_a_disk_that_fills_up_costs_no_more_than_the_step(
    place: str, hub: StandIn, result: dict[str, str], tmp_path: Path
) -> None:
    executor = "processes:2" if place == "." else "serial"
    base, sizes = tmp_path / "small", PLACES[place]
    with disk(base / place, sizes[0]):
        world = worlds.night(base, hub.url, executor)
        failed = 0
        for kilobytes in sizes:
            enlarge(base / place, kilobytes)
            done = world.run()
            if done.returncode == 0:
                break
            assert done.returncode in (2, 75), done.stderr
            assert re.search("space|room|write", sentence(done)), done.stderr
            failed += 1
        assert failed, "the disk was large enough from the start"
        enlarge(base / place, 500_000)
        done = world.run()
        assert done.returncode == 0, done.stderr
        assert world.result() == result

"""A small real disk that fills up in every step of a night, and is then made larger.

Needs the right to mount (root on Linux); skipped elsewhere. `test_storage.py` has the same fault
without a mount, by a limit on the size of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    with worlds.disk(base / place, sizes[0]):
        world = worlds.night(base, hub.url, executor)
        failed = 0
        for kilobytes in sizes:
            worlds.change(base / place, f"size={kilobytes}k")
            done = world.run()
            if done.returncode == 0:
                break
            assert done.returncode in (2, 75), done.stderr
            assert re.search("space|room|write", sentence(done)), done.stderr
            failed += 1
        assert failed, "the disk was large enough from the start"
        worlds.change(base / place, "size=500m")
        done = world.run()
        assert done.returncode == 0, done.stderr
        assert world.result() == result

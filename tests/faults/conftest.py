from __future__ import annotations

from pathlib import Path

import pytest
import world as worlds
from world import World


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worlds.mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="session")
def undisturbed(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A finished run nobody disturbed; read it, never change it."""
    world = worlds.make(tmp_path_factory.mktemp("undisturbed"), mirror)
    done = world.run()
    assert done.returncode == 0, done.stderr
    return world


@pytest.fixture(scope="session")
def expected(undisturbed: World) -> dict[str, str]:
    return undisturbed.result()

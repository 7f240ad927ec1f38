"""A small scan to break: repositories, a pipeline, and what an undisturbed run leaves."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from benchmarks.synthetic_hub import Hub, write_folder
from gpai_scan import schema
from gpai_scan.store import Store

ROOT = Path(__file__).parents[2]
HUB = Hub(repositories=40, cards=40, seed=5)
PER_SHARD = 20


@dataclass(frozen=True)
class World:
    """Folders of one scan; every fault works on a copy of its own."""

    base: Path
    mirror: Path

    @property
    def pipeline(self) -> Path:
        return self.base / "small.toml"

    @property
    def db(self) -> Path:
        return self.base / "state/scan.duckdb"

    @property
    def out(self) -> Path:
        return self.base / "tables"

    @property
    def shards(self) -> list[Path]:
        """Finished shards, in order of name."""
        found = (self.base / "state/work").rglob("repositories.parquet")
        return sorted(file.parent for file in found if not file.parent.name.startswith("."))

    def words(self, *more: str) -> list[str]:
        """The command that runs the scan."""
        words = [sys.executable, "-m", "gpai_scan", "run", str(self.pipeline), *more]
        return [*words, "--db", str(self.db), "--out", str(self.out)]

    def start(self, *more: str, **options: object) -> subprocess.Popen[str]:
        """Start the scan without waiting for it."""
        return subprocess.Popen(
            self.words(*more),
            cwd=self.base,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,  # type: ignore[call-overload]
        )

    def run(self, *more: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Run the scan to its end, whatever that is."""
        process = self.start(*more, **options)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def result(self) -> dict[str, str]:
        """Digests of every table file, of the published report and of each table in the database.

        Of a crawl also of everything that is stored.
        """
        found = {path.name: _sum(path) for path in sorted(self.out.glob("*.parquet"))}
        for name in ("reports/latest", "state/work/crawl"):
            folder = (self.base / name).resolve()
            files = (path for path in sorted(folder.rglob("*")) if path.is_file())
            known = {f"{name}/{path.relative_to(folder)}": path for path in files}
            found |= {name: _sum(path) for name, path in known.items() if path.name != ".lock"}
        with Store.open(self.db) as store:
            for table in schema.TABLES:
                frame = store.table(table.name).collect()
                found[f"db {table.name}"] = _digest(frame)
        return found


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(frame: pl.DataFrame) -> str:
    return hashlib.sha256(frame.write_json().encode()).hexdigest()


def make(base: Path, mirror: Path, executor: str = "serial") -> World:
    """A world whose repositories stand in `mirror`; nothing has run yet."""
    base.mkdir(parents=True, exist_ok=True)
    world = World(base, mirror)
    world.pipeline.write_text(
        f'source = "{mirror}"\nwork = "{base / "state/work"}"\nexecutor = "{executor}"\n'
        f'repositories_per_shard = {PER_SHARD}\nregimes = ["eu-guidelines-final"]\n'
    )
    return world


def night(base: Path, hub: str, executor: str = "processes:2") -> World:
    """A world that crawls a hub and publishes a report; nothing has run yet.

    The boundary is fixed, so that a later run lists the same repositories.
    """
    world = make(base, base, executor)
    world.pipeline.write_text(
        f'source = "hub"\nwork = "{base / "state/work"}"\nexecutor = "{executor}"\n'
        f'report = true\nreports = "{base / "reports"}"\nregimes = ["eu-guidelines-final"]\n'
        f'[crawl]\nendpoint = "{hub}"\npage_size = 20\npages_per_shard = 2\nprune = false\n'
        "workers = 4\nfresh_hours = 1e9\nbackoff = 0.05\nboundary = 2026-01-01T00:00:00Z\n"
    )
    return world


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


def change(folder: Path, option: str) -> None:
    """Mount a `disk` anew with another option: `size=500m`, or `ro`."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)


def mirror(folder: Path) -> Path:
    """The repositories every world reads."""
    write_folder(HUB, folder)
    return folder


def copy(world: World, base: Path, executor: str = "serial") -> World:
    """Another world over the same repositories, with what the first one has left so far."""
    made = make(base, world.mirror, executor)
    for name in ("state", "tables"):
        if (world.base / name).exists():
            shutil.copytree(world.base / name, base / name)
    return made

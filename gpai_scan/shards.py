"""The unit of work: one shard of a source, read into claims and facts, whole or absent.

`read_shard` takes files and leaves files. What it leaves is a folder that appears under its final
name only when everything in it is written, so a kill at any point costs at most one shard, and
the same function runs in a process, on a cluster, or twice without harm.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from gpai_scan import __version__, assets, documentation, evidence, parquet, schema
from gpai_scan.facts import facts
from gpai_scan.sources import Raw, Shard, Source


@dataclass(frozen=True, slots=True)
class Task:
    """One shard to read: where from, where to, and whether published figures may be used."""

    source: Source
    shard: Shard
    folder: Path
    reference: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A finished shard: its folder and how many repositories it holds."""

    folder: Path
    repositories: int


def readers_version() -> str:
    """A digest of everything the content of a shard depends on besides its source."""
    state = hashlib.sha256(__version__.encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*.py")):
        state.update(path.relative_to(package).as_posix().encode())
        state.update(path.read_bytes())
    state.update(assets.digest("data", "*.*").encode())
    return state.hexdigest()[:12]


def read_shard(task: Task) -> Done:
    """Read one shard into `repositories`, `evidence`, `facts`, `documentation`, `problems`."""
    final = task.folder
    if not final.is_dir():
        fresh = final.with_name(f".{final.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _read_into(task, fresh)
        _put(fresh, final)
    return Done(final, parquet.rows(final / "repositories.parquet"))


def _read_into(task: Task, folder: Path) -> None:
    raw = task.source.read(task.shard)
    raw = Raw(
        schema.REPOSITORIES.conform(raw.repositories).sort("repo_id").collect().lazy(),
        schema.DOCUMENTS.conform(raw.documents).collect().lazy(),
        raw.problems,
    )
    claims = evidence.read(raw, task.reference).collect().lazy()
    for table, frame in (
        (schema.REPOSITORIES, raw.repositories),
        (schema.PROBLEMS, raw.problems),
        (schema.EVIDENCE, claims),
        (schema.FACTS, facts(claims)),
        (schema.DOCUMENTATION, documentation.elements(raw)),
    ):
        parquet.write(table, frame, folder / f"{table.name}.parquet")


def _put(fresh: Path, final: Path) -> None:
    """Give a finished folder its name, unless another worker was faster."""
    try:
        fresh.replace(final)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not final.is_dir():
            raise


def tidy(base: Path, wanted: set[Path]) -> None:
    """Remove what killed runs and older versions left beside the wanted shards."""
    for path in base.iterdir() if base.is_dir() else ():
        if path not in wanted:
            shutil.rmtree(path, ignore_errors=True)

"""The unit of work: one shard of a source, read into claims and facts, whole or absent.

`read_shard` takes files and leaves files. What it leaves is a folder that appears under its final
name only when everything in it is written, so a kill at any point costs at most one shard, and
the same function runs in a process, on a cluster, or twice without harm.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

from gpai_scan import __version__, assets, objects, parquet, reading, schema
from gpai_scan.errors import InvalidInput, StoreError
from gpai_scan.garbage import uncollected
from gpai_scan.sources import Raw, Shard, Source

CHECKSUMS: Final = "checksums.json"
"""File of a shard that names the SHA-256 of its others."""


@dataclass(frozen=True, slots=True)
class Task:
    """One shard to read: where from, where to, and whether published figures may be used.

    With `bucket`, the address a shard gets in an object store, the worker leaves it there and
    `folder` is where `fetch` puts it afterwards: no folder has to be shared.
    """

    source: Source
    shard: Shard
    folder: Path
    reference: bool
    bucket: str | None = None

    @property
    def name(self) -> str:
        """The shard's name, for messages."""
        return self.shard.name


@dataclass(frozen=True, slots=True)
class Done:
    """A finished shard: its folder and how many repositories it holds."""

    folder: Path
    repositories: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished shard as a scan uses it: its folder, and what counts in a later one instead."""

    folder: Path
    gone: tuple[str, ...] = ()

    def table(self, table: schema.Table) -> pl.LazyFrame:
        """The shard's rows of a table, without the repositories that are gone."""
        rows = parquet.scan(table, self.folder / f"{table.name}.parquet")
        if not self.gone:
            return rows
        return rows.filter(~pl.col("repo_id").is_in(self.gone).fill_null(value=False))


def tables(table: schema.Table, finished: Sequence[Finished]) -> pl.LazyFrame:
    """The rows of a table over all shards, in their order."""
    parts = []
    for whole, group in groupby(finished, lambda shard: not shard.gone):
        if whole:
            files = (shard.folder / f"{table.name}.parquet" for shard in group)
            parts.append(parquet.scan(table, *files))
        else:
            parts.extend(shard.table(table) for shard in group)
    return pl.concat(parts) if parts else table.empty().lazy()


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
    if task.bucket is not None:
        return _read_away(task, task.bucket)
    final = task.folder
    if not is_whole(final):
        fresh = _fresh(final)
        _read_into(task, fresh)
        _put(fresh, final)
    return Done(final, parquet.rows(final / "repositories.parquet"))


def _read_away(task: Task, bucket: str) -> Done:
    """Read a shard into a folder of the worker's own, and leave it in the bucket, marked last."""
    with TemporaryDirectory(prefix="gpai-scan-") as scratch:
        folder = Path(scratch)
        _read_into(task, folder)
        files = sorted(file.name for file in folder.glob("*.parquet"))
        for _ in objects.put(folder, [*files, CHECKSUMS], bucket):
            pass
        return Done(task.folder, parquet.rows(folder / "repositories.parquet"))


def fetch(task: Task) -> bool:
    """Bring a shard from its bucket into its folder; whether it is whole there."""
    if task.bucket is None or is_whole(task.folder):
        return is_whole(task.folder)
    fresh = _fresh(task.folder)
    objects.get(task.bucket, fresh)
    if not is_whole(fresh):
        shutil.rmtree(fresh)
        return False
    _put(fresh, task.folder)
    return True


def fetched(task: Task) -> None:
    """`StoreError` where a shard that was read is not whole in its folder."""
    if not fetch(task):
        raise StoreError(
            f"shard {task.folder.name} is not whole in {task.bucket or task.folder}: run the same "
            "command again to read it anew."
        )


def _fresh(final: Path) -> Path:
    """An empty folder to build a shard in, beside where it goes."""
    fresh = final.with_name(f".{final.name}.{os.getpid()}")
    for folder in (final, fresh):
        shutil.rmtree(folder, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def _read_into(task: Task, folder: Path) -> None:
    known = {table.name: table for table in schema.TABLES}
    digests = {}
    for name, frame in _read(task).items():
        file = folder / f"{name}.parquet"
        parquet.write(known[name], frame.lazy(), file)
        digests[file.name] = _digest(file)
    (folder / CHECKSUMS).write_text(json.dumps(digests, indent=1), encoding="utf-8")


def _read(task: Task) -> reading.Tables:
    """The tables of a shard: of many small frames, which the streaming engine would only delay."""
    with pl.Config(engine_affinity="in-memory"), uncollected():
        raw = task.source.read(task.shard)
        repositories = schema.REPOSITORIES.conform(raw.repositories).sort("repo_id")
        return reading.read(Raw(repositories, raw.documents, raw.problems), task.reference)


def is_whole(folder: Path) -> bool:
    """Whether a finished shard is there and its files are as they were written."""
    try:
        digests = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
        return all(_digest(folder / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, AttributeError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(fresh: Path, final: Path) -> None:
    """Give a finished folder its name, unless another worker was faster."""
    try:
        fresh.replace(final)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not final.is_dir():
            raise


@contextmanager
def alone(work: Path) -> Iterator[None]:
    """Keep a second run out of a work folder; the lock goes with the process that holds it."""
    work.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(WeakFileLock(work / "run.lock", timeout=1))
        except TimeoutError as error:
            raise InvalidInput(
                f"another run works in '{work}'; wait for it, or choose another --db or --work."
            ) from error
        yield


def tidy(tasks: Sequence[Task]) -> None:
    """Remove what killed runs and older versions left beside the shards of these tasks."""
    wanted = {task.folder for task in tasks}
    for base in {folder.parent for folder in wanted}:
        for path in base.iterdir() if base.is_dir() else ():
            if path not in wanted:
                shutil.rmtree(path, ignore_errors=True)
    kept = {task.bucket for task in tasks if task.bucket is not None}
    for address in {objects.above(bucket) for bucket in kept}:
        for name in objects.names(address):
            if objects.under(address, name) not in kept:
                objects.remove(objects.under(address, name))

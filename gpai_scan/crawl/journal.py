"""Fetched files as they arrive, safe against a kill after each of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from gpai_scan.sources import documents
from gpai_scan.sources.documents import Document

_BATCH_BYTES: Final = 64_000_000


@dataclass(slots=True)
class Journal:
    """Files as they arrive, one JSON line each; a line cut by a kill is dropped on opening."""

    path: Path
    done: dict[tuple[str, str], str] = field(default_factory=dict)
    failed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _file: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        good = 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                one = _HEAD.decode(line)
                self.done[one.repo_id, one.path] = one.status
                good += len(line)
        failed = [key for key, status in self.done.items() if status == "unavailable"]
        self.failed = len(failed)
        for key in failed:  # asked for again
            del self.done[key]
        with self.path.open("r+b") as file:
            file.truncate(good)
        self._file = self.path.open("ab")

    def add(self, document: Document) -> None:
        """Note a file; safe against a kill once this returns."""
        line = _LINE.encode(document) + b"\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()
            self.done[document.repo_id, document.path] = document.status

    def close(self) -> None:
        """Stop writing."""
        self._file.close()

    def store(self, target: Path) -> None:
        """The journal as a Parquet file in order of repository and path, in bounded memory."""
        places: dict[tuple[str, str], tuple[int, int]] = {}
        with self.path.open("rb") as file:
            offset = 0
            for line in file:
                one = _HEAD.decode(line)
                places[one.repo_id, one.path] = (offset, len(line))
                offset += len(line)
            fresh = target.with_name(f".{target.name}.new")
            kind = _table([]).schema
            with pq.ParquetWriter(fresh, kind, compression="zstd", compression_level=3) as writer:
                for batch in _batches([place for _, place in sorted(places.items())]):
                    found: list[Document] = []
                    for start, length in batch:
                        file.seek(start)
                        found.append(_DOCUMENT.decode(file.read(length)))
                    writer.write_table(_table(found))
        fresh.replace(target)


class _Head(msgspec.Struct):
    repo_id: str
    path: str
    status: str


_HEAD: Final = msgspec.json.Decoder(_Head)
_DOCUMENT: Final = msgspec.json.Decoder(Document)
_LINE: Final = msgspec.json.Encoder()


def _batches(places: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    batch: list[tuple[int, int]] = []
    size = 0
    for place in places:
        batch.append(place)
        size += place[1]
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _table(found: list[Document]) -> pa.Table:
    return documents.rows(found).with_columns(pl.col("status").cast(pl.String)).to_arrow()

"""Where repositories come from.

A source is two small methods: `shards` names the units of work, `read` returns one of them as
two frames. Everything after a source is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from gpai_scan import assets


@dataclass(frozen=True, slots=True)
class Shard:
    """A unit of work that is whole or absent.

    `fingerprint` changes whenever the content it would read changes, so that finished work is
    kept exactly as long as it is right.
    """

    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Raw:
    """What a source gives for one shard, before anything is interpreted.

    `repositories` has the columns of `schema.REPOSITORIES`, `documents` of `schema.DOCUMENTS`,
    `problems` of `schema.PROBLEMS`.
    """

    repositories: pl.LazyFrame
    documents: pl.LazyFrame
    problems: pl.LazyFrame


class Source(Protocol):
    """A place repositories come from. Must be picklable: shards are read in other processes."""

    @property
    def name(self) -> str:
        """What the source is called in a scan: `sample`, `folder:…`, `huggingface`."""
        ...

    def shards(self) -> Sequence[Shard]:
        """All units of work, in a stable order. `InvalidInput` where the place is unusable."""
        ...

    def read(self, shard: Shard) -> Raw:
        """One unit of work. What is wrong with one repository is a row, not an error."""
        ...


def open_source(spec: str) -> Source:
    """The source a word or path stands for: `sample`, or the folder of a mirror.

    `InvalidInput` from `shards` where the folder is unusable.
    """
    from gpai_scan.sources.folder import FolderSource

    if spec == "sample":
        return FolderSource(assets.folder("data/sample"), "sample")
    return FolderSource(Path(spec))

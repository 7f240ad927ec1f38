"""Where repositories come from.

A source is two small methods: `shards` names the units of work, `read` returns one of them as
two frames. Everything after a source is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

if TYPE_CHECKING:
    from gpai_scan.crawl.settings import Progress


@dataclass(frozen=True, slots=True)
class Shard:
    """A unit of work that is whole or absent.

    `fingerprint` changes whenever the content it would read changes, so that finished work is
    kept exactly as long as it is right.
    """

    name: str
    fingerprint: str
    gone: tuple[str, ...] = ()
    """Repositories read with it that a later shard holds anew: they count there and not here.

    No part of the fingerprint, so that a night's changes leave finished shards as they are.
    """


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


def open_source(
    spec: str,
    crawl: Mapping[str, Any] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Source:
    """The source a word or path stands for.

    `sample`; `hub` (a crawl of the Hugging Face Hub, or of the one `HF_ENDPOINT` names, which is
    done here as far as it is not done yet); `modelscope`; a Parquet dump of hub metadata, local or
    `hf://datasets/…`; the folder of a crawl, whose newest finished scan is read again without
    requests; else the folder of a mirror.

    `crawl` holds the fields of `crawl.CrawlSettings` that are set: a pipeline's `[crawl]` table
    and what options add to it. Raises `InvalidInput` where the place is unusable, and for crawls
    `Interrupted`, after which the same call goes on.
    """
    from gpai_scan.sources import opening

    return opening.open_source(spec, crawl or {}, on_progress)

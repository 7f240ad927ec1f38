"""A crawled hub as a source: stored pages and files, read without any request.

The state of the hub is put together from a sweep and the deltas after it: of each repository,
told apart by the hub's own identifier, the latest listing counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import polars as pl

from gpai_scan import schema
from gpai_scan.crawl import bounds
from gpai_scan.crawl.shards import ScanFolder, chain
from gpai_scan.errors import InvalidInput
from gpai_scan.sources import Raw, Shard

_HUBS: Final = {"huggingface.co": "huggingface", "modelscope.cn": "modelscope"}


@dataclass(frozen=True, slots=True)
class HubSource:
    """The hub as of one scan in a crawl's work folder."""

    folder: Path
    scan: str
    changed_only: bool = False
    """Only what the last delta found, in place of the whole hub."""

    @property
    def name(self) -> str:
        """`huggingface`, `modelscope`, or the host of another hub."""
        host = urlsplit(self._scan.manifest.hub).hostname or "hub"
        return _HUBS.get(host, host)

    @property
    def as_of(self) -> datetime:
        """The time the scan speaks of: its boundary."""
        return self._scan.manifest.boundary

    def shards(self) -> Sequence[Shard]:
        """Groups of pages of the sweep, then of each delta, oldest first."""
        if self._scan.done is None:
            raise InvalidInput(
                f"the crawl in '{self.folder}' is not finished; run it again to go on from there."
            )
        found: list[Shard] = []
        for place, scan in enumerate(self._chain()):
            later = self._later(place)
            pages = bounds.groups(scan.pages(), scan.manifest.pages_per_shard)
            decided = _decided(scan)
            for group, members in enumerate(pages):
                state = hashlib.sha256()
                for page in members:
                    state.update(f"{page.sha256}:{page.take}:{page.number}\n".encode())
                for file in (scan.details(group), scan.plan(group)):
                    if file.exists():
                        state.update(hashlib.sha256(file.read_bytes()).digest())
                state.update(decided.get(group, b""))
                gone = tuple(_superseded(scan, group, later))
                found.append(Shard(f"{scan.name}-{group:05d}", state.hexdigest()[:32], gone))
        return found

    def read(self, shard: Shard) -> Raw:
        """The listing of a group of pages, and the files fetched for it."""
        name, _, number = shard.name.rpartition("-")
        group = int(number)
        scan = ScanFolder(self.folder / "scans" / name)
        size = scan.manifest.pages_per_shard
        listed = bounds.read(scan, scan.pages(group * size, (group + 1) * size), self.name)
        repositories = _current(listed.repositories, _decisions(scan, group))
        files = _documents(self.folder, scan, group)
        return Raw(
            repositories.lazy(),
            files.join(repositories, on="repo_id", how="semi").sort(schema.DOCUMENTS.key).lazy(),
            pl.concat([listed.problems, _twice(scan, group)]).lazy(),
        )

    @property
    def _scan(self) -> ScanFolder:
        return ScanFolder(self.folder / "scans" / self.scan)

    def _chain(self) -> list[ScanFolder]:
        return [self._scan] if self.changed_only else chain(self.folder, self._scan)

    def _later(self, place: int) -> pl.DataFrame:
        """Identifiers of everything listed by the scans after one of the chain."""
        parts = [
            pl.scan_parquet(scan.path / "index" / "*.parquet").select("hub_id", "repo_id")
            for scan in self._chain()[place + 1 :]
        ]
        if not parts:
            return pl.DataFrame(schema={"hub_id": pl.String, "repo_id": pl.String})
        return pl.concat(parts).unique().collect()


def _superseded(scan: ScanFolder, group: int, later: pl.DataFrame) -> list[str]:
    """Identifiers in a group that a later scan lists again, sorted."""
    if later.is_empty():
        return []
    own = pl.read_parquet(scan.index(group), columns=["hub_id", "repo_id"])
    by_id = own.join(later, on="hub_id", how="semi")
    by_name = own.join(later, on="repo_id", how="semi")
    return pl.concat([by_id, by_name])["repo_id"].unique().sort().to_list()


_PRUNED: Final = pl.when(~pl.col("keep")).then(pl.col("reason").cast(pl.String)).alias("pruned")
_ONCE: Final = pl.col("reason").cast(pl.String) != "twice"


def _decisions(scan: ScanFolder, group: int) -> pl.DataFrame:
    """Bounds and reasons of a group's repositories, each once."""
    found = pl.scan_parquet(scan.decisions).filter((pl.col("group") == group) & _ONCE)
    return found.select("repo_id", "bound_flop", _PRUNED).collect()


def _decided(scan: ScanFolder) -> dict[int, bytes]:
    """What `_decisions` says of each group, as bytes to take a digest of."""
    found = pl.scan_parquet(scan.decisions).filter(_ONCE)
    rows = found.select("group", "repo_id", "bound_flop", _PRUNED).collect()
    return {
        int(group): part.drop("group").write_csv().encode()
        for (group,), part in rows.partition_by("group", as_dict=True).items()
    }


def _twice(scan: ScanFolder, group: int) -> pl.DataFrame:
    """Problems for what the hub listed again in the same scan."""
    reason = pl.col("reason").cast(pl.String)
    found = pl.scan_parquet(scan.decisions).filter((pl.col("group") == group) & (reason == "twice"))
    told = found.with_columns(
        pl.lit(scan.name).alias("file"), pl.lit("listed before in this scan").alias("detail")
    )
    return schema.PROBLEMS.conform(told).collect()


def _current(rows: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The rows that count, each repository once, with its bound and why it was left out."""
    return (
        rows.unique("repo_id", keep="first", maintain_order=True)
        .drop("bound_flop", "pruned")
        .join(decisions, on="repo_id", how="inner", maintain_order="left")
        .select(schema.REPOSITORIES.names)
    )


def _documents(folder: Path, scan: ScanFolder, group: int) -> pl.DataFrame:
    """The files of a group, those stored by earlier scans included."""
    if not scan.plan(group).exists():
        return schema.DOCUMENTS.empty()
    parts = [pl.scan_parquet(scan.details(group))]
    planned = pl.scan_parquet(scan.plan(group)).filter(pl.col("stored_in").is_not_null())
    key = ["repo_id", "revision", "path"]
    places = planned.select("stored_in").unique().sort("stored_in").collect()
    for (place,) in places.iter_rows():
        own = planned.filter(pl.col("stored_in") == place).select(key)
        stored = pl.scan_parquet(folder / "scans" / place)
        parts.append(stored.join(own, on=key, how="semi", nulls_equal=True))
    return schema.DOCUMENTS.conform(pl.concat(parts)).collect()

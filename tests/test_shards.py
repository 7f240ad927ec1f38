"""Shards are put together: what a later shard holds anew counts once, finished work stays."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.crawled import write_crawl
from benchmarks.nightly import write_delta
from benchmarks.synthetic_hub import Hub
from gpai_scan import run, schema, settings, shards, sources


def test_a_night_reads_only_what_changed(tmp_path: Path) -> None:
    hub = Hub(3000, 20)
    write_crawl(hub, tmp_path / "crawl", executor="serial", pages_per_shard=1)
    asked = settings.load(
        "sample", source=str(tmp_path / "crawl"), db=tmp_path / "x.duckdb", executor="serial"
    )

    def read() -> tuple[list[shards.Finished], int]:
        worked: list[int] = []
        found = run.read(
            sources.open_source(asked.source), asked, lambda step: worked.append(step.done)
        )
        return found, worked[-1] - worked[0]

    before, first = read()
    write_delta(hub, tmp_path / "crawl", changed=100)
    after, second = read()
    assert (first, second) == (3, 1)
    assert [shard.folder for shard in before] == [shard.folder for shard in after[:-1]]
    rows = shards.tables(schema.REPOSITORIES, after).select("repo_id", "revision").collect()
    old = shards.tables(schema.REPOSITORIES, before).select("repo_id", "revision").collect()
    assert rows["repo_id"].is_unique().all()
    assert set(rows["repo_id"]) == set(old["repo_id"])
    changed = rows.join(old, on="repo_id", suffix="_old").filter(
        pl.col("revision") != pl.col("revision_old")
    )
    assert 95 <= changed.height <= 100
    facts = shards.tables(schema.FACTS, after).select("repo_id", "revision").unique().collect()
    assert facts.join(rows, on=["repo_id", "revision"], how="anti", nulls_equal=True).is_empty()

"""Walks over the graph of repositories and their parents, whole frames at a time."""

from __future__ import annotations

from typing import Final

import polars as pl

DEPTH_LIMIT: Final = 64
"""Links followed when all ancestors are collected; real chains have fewer than twenty."""


def cycles(edges: pl.LazyFrame, priority: pl.LazyFrame) -> pl.DataFrame:
    """Repositories at which a cycle of first parents has to be cut: `repo_id`.

    `edges` has `repo_id, base_repo_id`, one row a repository; `priority` gives `repo_id,
    created_at`. Of each cycle the oldest repository loses its parent, of equally old ones the
    first by name: a parent cannot be younger than what was made from it.
    """
    graph = _Graph.of(edges, priority)
    return graph.nodes.filter(graph.cuts()).select("repo_id")


def walk(edges: pl.LazyFrame, priority: pl.LazyFrame) -> pl.DataFrame:
    """Root and depth of every repository and parent: `repo_id, model_id, depth`.

    Pointer jumping: each round doubles the distance every pointer has moved, so the number of
    rounds is the logarithm of the longest chain. Cycles are cut as in `cycles`.
    """
    graph = _Graph.of(edges, priority)
    cut = graph.cuts()
    up = pl.select(pl.when(cut).then(graph.own).otherwise(graph.parent)).to_series()
    depth = (up != graph.own).cast(pl.Int32)
    while True:
        further = up.gather(up)
        if (further == up).all():
            break
        depth = depth + depth.gather(up)
        up = further
    return graph.nodes.select(
        "repo_id",
        pl.col("repo_id").gather(up).alias("model_id"),
        depth.alias("depth"),
    )


class _Graph:
    """Repositories as numbers in order of age, and the number of each one's first parent."""

    def __init__(self, nodes: pl.DataFrame, parent: pl.Series) -> None:
        self.nodes = nodes
        self.parent = parent
        self.own = pl.int_range(nodes.height, dtype=pl.UInt32, eager=True)

    @classmethod
    def of(cls, edges: pl.LazyFrame, priority: pl.LazyFrame) -> _Graph:
        every = pl.concat(
            [edges.select("repo_id"), edges.select(pl.col("base_repo_id").alias("repo_id"))]
        ).unique()
        nodes = (
            every.join(priority.select("repo_id", "created_at"), on="repo_id", how="left")
            .sort("created_at", "repo_id", nulls_last=True)
            .select("repo_id")
            .with_row_index("_number")
        )
        numbers = nodes.collect()
        parents = (
            numbers.lazy()
            .join(edges.select("repo_id", "base_repo_id"), on="repo_id", how="left")
            .join(
                numbers.lazy().select(
                    pl.col("repo_id").alias("base_repo_id"), pl.col("_number").alias("_parent")
                ),
                on="base_repo_id",
                how="left",
            )
            .sort("_number")
            .select(pl.coalesce("_parent", "_number"))
            .collect()
            .to_series()
        )
        return cls(numbers.select("repo_id"), parents)

    def cuts(self) -> pl.Series:
        """Whether each repository is the oldest of a cycle it is in.

        After as many doublings as it takes to pass every repository, whoever is still moving
        stands on a cycle, and every member of the cycle is stood on by somebody. Numbers follow
        age, so the smallest number seen on the way round is the oldest member.
        """
        up, oldest, steps = self.parent, self.own, 1
        while steps <= self.own.len():
            if (self.parent.gather(up) == up).all():
                return pl.zeros(self.own.len(), dtype=pl.Int8, eager=True).cast(pl.Boolean)
            oldest = pl.select(pl.min_horizontal(oldest, oldest.gather(up))).to_series()
            up, steps = up.gather(up), steps * 2
        moving = up != self.parent.gather(up)
        on_cycle = self.own.is_in(up.filter(moving).unique().implode())
        return on_cycle & (oldest == self.own) & (self.parent != self.own)


def closure(edges: pl.LazyFrame, start: pl.LazyFrame, limit: int = DEPTH_LIMIT) -> pl.DataFrame:
    """All ancestors of the repositories in `start`: `repo_id, ancestor_id, distance`.

    Each ancestor stands once for each repository, at its shortest distance, however many ways
    lead to it; a repository is never its own ancestor. Stops after `limit` links.
    """
    links = edges.select("repo_id", "base_repo_id").collect()
    parents = links.rename({"repo_id": "ancestor_id"})
    found = start.select("repo_id").unique().collect().join(links, on="repo_id")
    frontier = found.select("repo_id", pl.col("base_repo_id").alias("ancestor_id")).unique()
    seen = [frontier.with_columns(pl.lit(1, pl.Int32).alias("distance"))]
    for distance in range(2, limit + 1):
        further = (
            frontier.join(parents, on="ancestor_id")
            .select("repo_id", pl.col("base_repo_id").alias("ancestor_id"))
            .filter(pl.col("ancestor_id") != pl.col("repo_id"))
            .unique()
        )
        for earlier in seen:
            further = further.join(earlier, on=["repo_id", "ancestor_id"], how="anti")
        if further.is_empty():
            break
        seen.append(further.with_columns(pl.lit(distance, pl.Int32).alias("distance")))
        frontier = further
    return pl.concat(seen).sort("repo_id", "distance", "ancestor_id")

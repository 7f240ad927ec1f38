"""Walks over the graph of repositories and their parents, whole frames at a time."""

from __future__ import annotations

from typing import Final

import polars as pl

DEPTH_LIMIT: Final = 64
"""Links followed when all ancestors are collected; real chains have fewer than twenty."""


def cycles(edges: pl.DataFrame, priority: pl.LazyFrame) -> pl.DataFrame:
    """Repositories at which a cycle of first parents has to be cut: `repo_id`.

    `edges` has `repo_id, base_repo_id`, one row a repository; `priority` gives `repo_id,
    created_at`. Of each cycle the oldest repository loses its parent, of equally old ones the
    first by name: a parent cannot be younger than what was made from it.
    """
    nodes, parent = _numbered(edges)
    cut = _cuts(nodes, parent, priority)
    return pl.DataFrame({"repo_id": nodes if cut is None else nodes.filter(cut)}).head(
        0 if cut is None else nodes.len()
    )


def walk(edges: pl.DataFrame, priority: pl.LazyFrame) -> pl.DataFrame:
    """`edges` with the root and depth of each repository: adds `model_id, depth`.

    Pointer jumping: each round doubles the distance every pointer has moved, so the number of
    rounds is the logarithm of the longest chain. Cycles are cut as in `cycles`.
    """
    nodes, parent = _numbered(edges)
    cut = _cuts(nodes, parent, priority)
    own = pl.int_range(nodes.len(), dtype=pl.UInt32, eager=True)
    up = parent if cut is None else pl.select(pl.when(cut).then(own).otherwise(parent)).to_series()
    depth = (up != own).cast(pl.Int32)
    while True:
        further = up.gather(up)
        if (further == up).all():
            break
        depth = depth + depth.gather(up)
        up = further
    return edges.with_columns(
        nodes.gather(up.head(edges.height)).alias("model_id"),
        depth.head(edges.height).alias("depth"),
    )


def _numbered(edges: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """All repositories of the graph, those of `edges` first, and the number of each one's parent.

    A repository without parent is its own.
    """
    bases = (
        edges.lazy()
        .select(pl.col("base_repo_id").alias("repo_id"))
        .unique()
        .join(edges.lazy(), on="repo_id", how="anti")
        .sort("repo_id")
        .collect()
    )
    nodes = pl.concat([edges.select("repo_id"), bases]).with_row_index("number")
    parents = (
        edges.lazy()
        .select("base_repo_id")
        .join(
            nodes.lazy(), left_on="base_repo_id", right_on="repo_id", how="left",
            maintain_order="left",
        )
        .select("number")
        .collect()
        .to_series()
    )  # fmt: skip
    return nodes["repo_id"], pl.concat([parents, nodes["number"].tail(bases.height)])


def _cuts(nodes: pl.Series, parent: pl.Series, priority: pl.LazyFrame) -> pl.Series | None:
    """Whether each repository is the oldest of a cycle it is in; None where there is no cycle.

    After as many doublings as it takes to pass every repository, whoever is still moving stands
    on a cycle, and every member of the cycle is stood on by somebody. The smallest rank by age
    seen on the way round is that of the oldest member.
    """
    up, steps = parent, 1
    while not (parent.gather(up) == up).all():
        if steps > nodes.len():
            break
        up, steps = up.gather(up), steps * 2
    else:
        return None
    moving = up.filter(up != parent.gather(up)).unique()
    members = pl.DataFrame({"number": moving, "repo_id": nodes.gather(moving)})
    ranks = (
        members.lazy()
        .join(priority.select("repo_id", "created_at"), on="repo_id", how="left")
        .sort("created_at", "repo_id", nulls_last=True)
        .with_row_index("rank")
        .collect()
    )
    to_rank = ranks.select("number", "rank")
    ring = ranks.select("rank", parent.gather(ranks["number"]).alias("number")).join(
        to_rank.rename({"rank": "next"}), on="number", how="left", maintain_order="left"
    )
    oldest, following, steps = ring["rank"], ring["next"], 1
    while steps <= ring.height:
        oldest = pl.select(pl.min_horizontal(oldest, oldest.gather(following))).to_series()
        following, steps = following.gather(following), steps * 2
    cut = ranks["number"].filter(oldest == ring["rank"])
    return pl.int_range(nodes.len(), dtype=pl.UInt32, eager=True).is_in(cut.implode())


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

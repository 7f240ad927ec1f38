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
    nodes, parent, _ = _numbered(edges)
    cut = _cuts(nodes, parent, priority)
    return pl.DataFrame({"repo_id": nodes.clear() if cut is None else nodes.filter(cut)})


def walk(edges: pl.DataFrame, priority: pl.LazyFrame) -> pl.DataFrame:
    """`edges` with the root and depth of each repository: adds `model_id, depth`.

    Pointer jumping: each round doubles the distance every pointer has moved, so the number of
    rounds is the logarithm of the longest chain. Cycles are cut as in `cycles`.
    """
    nodes, parent, place = _numbered(edges)
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
        nodes.gather(up.gather(place)).alias("model_id"),
        depth.gather(place).alias("depth"),
    )


def _numbered(edges: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.Series]:
    """All repositories of the graph by name, the number of each one's parent, those of `edges`.

    A repository without parent is its own.
    """
    nodes, own, bases = _coded(edges["repo_id"], edges["base_repo_id"])
    parent = pl.int_range(nodes.len(), dtype=pl.UInt32, eager=True)
    return nodes, parent.scatter(own, bases), own


def _coded(names: pl.Series, others: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Every name of both once, sorted; and both with its place there instead of each name.

    Places sort as names do, and cost a fraction of them to join and to compare.
    """
    both = pl.concat([names, others])
    order = both.arg_sort()
    ranked = both.gather(order)
    run = ranked.rle_id()
    place = pl.zeros(both.len(), dtype=pl.UInt32, eager=True).scatter(order, run)
    nodes = ranked.filter(run.ne_missing(run.shift(1)))
    return nodes, place.head(names.len()), place.tail(others.len())


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


def closure(
    edges: pl.LazyFrame, start: pl.LazyFrame | None = None, limit: int = DEPTH_LIMIT
) -> pl.DataFrame:
    """All ancestors of the repositories in `start`: `repo_id, ancestor_id, distance`.

    Of all repositories that have any where there is no `start`. Each ancestor stands once for each
    repository, at its shortest distance, however many ways lead to it; a repository is never its
    own ancestor. Stops after `limit` links.
    """
    links = edges.select("repo_id", "base_repo_id").collect(engine="in-memory")
    nodes, own, bases = _coded(links["repo_id"], links["base_repo_id"])
    parents = pl.DataFrame({"repo_id": own, "base_repo_id": bases})
    asked = parents
    if start is not None:
        wanted = start.select("repo_id").collect()["repo_id"]
        asked = parents.filter(links["repo_id"].is_in(wanted.implode()))
    found = _distances(asked, parents, limit).sort("repo_id", "distance", "ancestor_id")
    return found.with_columns(
        nodes.gather(found[name]).alias(name) for name in ("repo_id", "ancestor_id")
    )


def _distances(asked: pl.DataFrame, parents: pl.DataFrame, limit: int) -> pl.DataFrame:
    """`closure` over numbers: link by link, what was reached before left out."""
    above = parents.rename({"repo_id": "ancestor_id"})
    pair = pl.col("repo_id").cast(pl.UInt64) * 2**32 + pl.col("ancestor_id")
    first = asked.rename({"base_repo_id": "ancestor_id"}).with_columns(pair.alias("pair"))
    seen = [first.unique("pair")]
    for _ in range(limit - 1):
        further = (
            seen[-1]
            .join(above, on="ancestor_id")
            .select("repo_id", pl.col("base_repo_id").alias("ancestor_id"))
            .filter(pl.col("ancestor_id") != pl.col("repo_id"))
            .with_columns(pair.alias("pair"))
            .unique("pair")
        )
        for earlier in seen:
            again = earlier.filter(pl.col("pair").is_in(further["pair"].implode()))["pair"]
            further = further.filter(~pl.col("pair").is_in(again.implode()))
        if further.is_empty():
            break
        seen.append(further)
    return pl.concat(
        rows.drop("pair").with_columns(pl.lit(distance, pl.Int32).alias("distance"))
        for distance, rows in enumerate(seen, start=1)
    )

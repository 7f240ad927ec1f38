"""Which repository was made from which, and how.

`lineage` reads what is stated (hub metadata, front matter, prose, `_name_or_path`) and infers
what is not (marks in names, re-uploads, equal shapes). `roots` follows first parents to the large
pre-training run; `ancestors` collects every distinct ancestor for cumulative compute. A parent
the scan does not have keeps its identifier; one that is known by a bare name only is `?/<name>`.
"""

from __future__ import annotations

import polars as pl

from gpai_scan import schema
from gpai_scan.lineage import claims, graph, names
from gpai_scan.lineage.inferred import inferred

__all__ = ["ancestors", "lineage", "roots"]


def lineage(
    repositories: pl.LazyFrame,
    facts: pl.LazyFrame,
    entities: pl.LazyFrame | None = None,
    *,
    infer: bool = True,
) -> pl.LazyFrame:
    """Repositories and their parents (`schema.LINEAGE`), sorted by its key.

    `repositories` has the columns of `schema.REPOSITORIES`; `facts` those of `schema.EVIDENCE`
    or `schema.FACTS`, of which `base_model`, `relation` and `shape_fingerprint` are read;
    `entities` (`schema.ENTITIES`) tells developers from copiers and renames from strangers.
    With `infer` false only what somebody states is kept.
    """
    if entities is None:
        entities = schema.ENTITIES.empty().lazy()
    index = claims.index(repositories, entities).collect().lazy()
    stated = claims.stated(repositories, facts)
    said = (
        claims.resolved(stated, index, entities)
        .with_columns(pl.lit(value=False).alias("inferred"))
        .collect()
        .lazy()
    )
    kinds = claims.stated_relation(repositories, facts)
    rows = _with_relation(said, index, kinds)
    if infer:
        guessed = inferred(index, said.select("repo_id").unique(), facts).with_columns(
            pl.lit(value=True).alias("inferred"), pl.lit(1, pl.Int64).alias("position")
        )
        rows = pl.concat([rows, guessed], how="diagonal_relaxed")
    unique = rows.sort("repo_id", "position", "base_repo_id").unique(
        ["repo_id", "base_repo_id"], keep="first", maintain_order=True
    )
    return schema.LINEAGE.conform(_without_cycles(unique, repositories)).sort(schema.LINEAGE.key)


def _with_relation(said: pl.LazyFrame, index: pl.LazyFrame, kinds: pl.LazyFrame) -> pl.LazyFrame:
    """How each parent was used: what is stated, corrected by what the files and names show."""
    own = index.select(
        "repo_id",
        "_plain",
        "_name",
        names.is_packed(pl.col("_words")).alias("_packed"),
        pl.col("_quantised"),
        "_gguf",
        "_adapter",
        names.has_word(pl.col("_words"), "merge", "merged", "slerp", "ties", "dare").alias("_mix"),
        names.has_word(pl.col("_words"), "pruned", "reap", "minitron").alias("_cut"),
        pl.col("_copier"),
    )
    frame = said.join(own, on="repo_id", how="left").join(kinds, on="repo_id", how="left")
    parent = names.words(names.last_part(pl.col("base_repo_id")))
    same = (pl.col("_plain") == names.without_marks(parent)).fill_null(value=False)
    vague = pl.col("stated").is_null() | pl.col("stated").is_in(["finetune", "unknown", "base"])
    several = pl.len().over("repo_id") > 1
    relation = (
        pl.when(vague & (pl.col("_packed") | pl.col("_gguf") | (pl.col("_quantised") & same)))
        .then(pl.lit("quantized"))
        .when(vague & pl.col("_adapter"))
        .then(pl.lit("adapter"))
        .when(vague & same & pl.col("_copier"))
        .then(pl.lit("mirror"))
        .when(vague & several & pl.col("_mix"))
        .then(pl.lit("merge"))
        .when(vague & pl.col("_cut"))
        .then(pl.lit("pruned"))
        .when(pl.col("stated") == "base")
        .then(pl.lit("unknown"))
        .otherwise(pl.col("stated").fill_null("finetune"))
    )
    return frame.with_columns(relation.alias("relation")).select(
        "repo_id",
        "base_repo_id",
        "relation",
        "method",
        "inferred",
        "known",
        "file",
        "quote",
        "note",
        "position",
    )


def _without_cycles(rows: pl.LazyFrame, repositories: pl.LazyFrame) -> pl.LazyFrame:
    """Drop the link at which a cycle of first parents is cut, and say so on the repository's row.

    The cut repository keeps its row with the relation `unknown` and a note, so that nothing is
    lost, but its parent becomes null.
    """
    held = rows.collect().lazy()
    first = held.unique("repo_id", keep="first", maintain_order=True)
    cut = graph.cycles(first, repositories).lazy().with_columns(pl.lit(value=True).alias("_cut"))
    is_cut = pl.col("_cut").fill_null(value=False) & (
        pl.col("position") == pl.col("position").min().over("repo_id")
    )
    note = pl.concat_str(
        [pl.col("note"), pl.lit("cycle cut here; it named "), pl.col("base_repo_id")],
        ignore_nulls=True,
    )
    return held.join(cut, on="repo_id", how="left", maintain_order="left").with_columns(
        pl.when(is_cut).then(note).otherwise("note").alias("note"),
        pl.when(is_cut).then(pl.lit("unknown")).otherwise("relation").alias("relation"),
        pl.when(is_cut).then(None).otherwise("base_repo_id").alias("base_repo_id"),
    )


def roots(lineage: pl.LazyFrame, repositories: pl.LazyFrame) -> pl.LazyFrame:
    """Root, first parent, relation and depth of every repository of the scan.

    Columns `repo_id, model_id, base_repo_id, relation, depth` [links]. A repository without
    parent is its own root with depth 0 and relation `base`; a root the scan does not have is
    named by its identifier.
    """
    first = (
        lineage.filter(pl.col("base_repo_id").is_not_null())
        .sort("repo_id", "position", "base_repo_id")
        .unique("repo_id", keep="first", maintain_order=True)
        .select("repo_id", "base_repo_id", "relation")
        .collect()
        .lazy()
    )
    walked = graph.walk(first, repositories).lazy()
    return (
        repositories.select("repo_id")
        .join(first, on="repo_id", how="left")
        .join(walked, on="repo_id", how="left")
        .select(
            "repo_id",
            pl.coalesce("model_id", "repo_id").alias("model_id"),
            pl.when(pl.col("depth") > 0).then("base_repo_id").alias("base_repo_id"),
            pl.when(pl.col("depth") > 0)
            .then(pl.col("relation").cast(pl.String))
            .otherwise(pl.lit("base"))
            .cast(schema.RELATION)
            .alias("relation"),
            pl.col("depth").fill_null(0),
        )
        .sort("repo_id")
    )


def ancestors(
    lineage: pl.LazyFrame, of: pl.LazyFrame | None = None, *, limit: int = graph.DEPTH_LIMIT
) -> pl.LazyFrame:
    """Every distinct ancestor, each once: `repo_id, ancestor_id, distance` [links].

    `of` names the repositories asked about (`repo_id`). By default those in whose ancestry
    somebody has several parents: for all others the chain of `roots` says the same.
    """
    edges = lineage.filter(pl.col("base_repo_id").is_not_null()).select("repo_id", "base_repo_id")
    if of is None:
        of = _with_mixed_ancestry(edges)
    return graph.closure(edges, of, limit).lazy()


def _with_mixed_ancestry(edges: pl.LazyFrame) -> pl.LazyFrame:
    """Repositories with several parents, and everything made from them."""
    links = edges.collect()
    found = links.group_by("repo_id").len().filter(pl.col("len") > 1).select("repo_id")
    new = found
    while not new.is_empty():
        children = links.join(new, left_on="base_repo_id", right_on="repo_id", how="semi")
        new = children.select("repo_id").unique().join(found, on="repo_id", how="anti")
        found = pl.concat([found, new])
    return found.lazy()

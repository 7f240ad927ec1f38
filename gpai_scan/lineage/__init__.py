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
from gpai_scan.lineage.versions import absent

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
    linked = _linked(claims.stated(repositories, facts, index), index, entities)
    told = claims.told(facts, index)
    rows = _with_relation(linked, index, told)
    if infer:
        guessed = inferred(index, linked.select("row").unique(), told).collect().lazy()
        missing = linked.filter(~pl.col("known")).select(pl.col("base_repo_id").alias("repo_id"))
        stages = absent(missing.unique(), index).with_columns(_OUTSIDE)
        rows = pl.concat(
            [rows, pl.concat([guessed, stages], how="diagonal_relaxed").with_columns(_NOBODY_SAYS)],
            how="diagonal_relaxed",
        )
    cut = _without_cycles(rows.collect(), repositories)
    return schema.LINEAGE.conform(cut).sort(schema.LINEAGE.key)


def _linked(said: pl.LazyFrame, index: pl.LazyFrame, entities: pl.LazyFrame) -> pl.LazyFrame:
    """What is said of parents, with the repository that is meant; of equal links the first."""
    held = said.collect()
    meant = claims.resolved(said.select("text").unique(), index, entities).collect()
    places = meant.lazy().select("text").with_row_index("meant")
    found = (
        held.lazy()
        .select("text")
        .join(places, on="text", how="left", maintain_order="left")
        .collect(engine="in-memory")["meant"]
    )
    base = meant["base_repo_id"].rank("dense").cast(pl.UInt64).gather(found)
    link = held["row"].cast(pl.UInt64) * 2**32 + base
    own = meant["base_repo_id"].gather(found) == held["repo_id"]
    kept = found.is_not_null() & ~own.fill_null(value=True) & link.is_first_distinct()
    parents = meant.drop("text")[found.filter(kept)]
    return pl.concat([held.filter(kept), parents], how="horizontal").lazy()


_OUTSIDE = (pl.int_range(pl.len(), dtype=pl.UInt32) + pl.lit(2**31, pl.UInt32)).alias("row")
"""Numbers of repositories that are named but not in the index: beyond all that are."""
_NOBODY_SAYS = (
    pl.lit(value=True).alias("inferred"),
    pl.lit(1, pl.Int64).alias("position"),
)


def _with_relation(linked: pl.LazyFrame, index: pl.LazyFrame, told: pl.LazyFrame) -> pl.LazyFrame:
    """How each parent was used: what is stated, corrected by what the files and names show.

    A word that says something goes before one that anybody writes, the repository's own before
    the hub's guess.
    """
    own = index.select(
        "row", "_hub_relation", "_plain", "_name", "_quantised", "_gguf", "_adapter", "_copier"
    )
    frame = linked.join(own, on="row", how="left", maintain_order="left").join(
        claims.stated_relation(told), on="row", how="left", maintain_order="left"
    )
    filed = pl.col("row").is_in(claims.adapters(told).collect()["row"].implode())
    hub, said = pl.col("_hub_relation"), pl.col("said")
    stated = (
        pl.when(said.is_in(claims.VAGUE) & hub.is_not_null() & ~hub.is_in(claims.VAGUE))
        .then(hub)
        .otherwise(pl.coalesce(said, hub))
    )
    vague = stated.is_null() | stated.is_in(claims.VAGUE)
    worded = names.words(pl.col("_name"))
    packed = names.is_packed(worded) | pl.col("_gguf")
    same = (pl.col("_plain") == pl.col("_parent_plain")).fill_null(value=False)
    several = pl.len().over("row") > 1
    relation = (
        pl.when(vague & (packed | (pl.col("_quantised") & same)))
        .then(pl.lit("quantized"))
        .when(vague & (pl.col("_adapter") | filed))
        .then(pl.lit("adapter"))
        .when(vague & same & pl.col("_copier"))
        .then(pl.lit("mirror"))
        .when(vague & several & names.has_word(worded, *names.MERGE_WORDS))
        .then(pl.lit("merge"))
        .when(vague & names.has_word(worded, *names.PRUNING_WORDS))
        .then(pl.lit("pruned"))
        .when(stated == "base")
        .then(pl.lit("unknown"))
        .otherwise(stated.fill_null("finetune"))
    )
    return frame.select(
        "row",
        "repo_id",
        "base_repo_id",
        relation.alias("relation"),
        "method",
        pl.lit(value=False).alias("inferred"),
        "known",
        "file",
        "quote",
        "note",
        "position",
    )


def _without_cycles(rows: pl.DataFrame, repositories: pl.LazyFrame) -> pl.LazyFrame:
    """Cut each cycle of first parents at its oldest repository, which keeps a row that says so.

    Its parent becomes null and its relation `unknown`; the note names whom it named.
    """
    first = rows.select("row", "repo_id", "base_repo_id").unique(
        "row", keep="first", maintain_order=True
    )
    cut = graph.cycles(first.drop("row"), repositories)
    if cut.is_empty():
        return rows.lazy()
    is_cut = pl.col("repo_id").is_in(cut["repo_id"].implode()) & (
        pl.col("position") == pl.col("position").min().over("row")
    )
    words = [pl.col("note"), pl.concat_str(pl.lit("cycle cut here; it named "), "base_repo_id")]
    note = pl.concat_str(words, separator="; ", ignore_nulls=True)
    return rows.lazy().with_columns(
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
        .select("repo_id", "position", "base_repo_id", "relation")
        .sort("repo_id", "position", "base_repo_id")
        .unique("repo_id", keep="first", maintain_order=True)
        .drop("position")
        .collect(engine="in-memory")
    )
    walked = graph.walk(first, repositories).lazy()
    derived = pl.col("depth") > 0
    return (
        repositories.select("repo_id")
        .join(walked, on="repo_id", how="left")
        .select(
            "repo_id",
            pl.coalesce("model_id", "repo_id").alias("model_id"),
            pl.when(derived).then("base_repo_id").alias("base_repo_id"),
            pl.when(derived)
            .then("relation")
            .otherwise(pl.lit("base", schema.RELATION))
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

    `of` names the repositories asked about (`repo_id`); all that have any by default.
    """
    edges = lineage.filter(pl.col("base_repo_id").is_not_null())
    return graph.closure(edges, of, limit).lazy()

"""Parents nobody states, told from names, sizes and shapes; every row is marked as inferred.

Three signs, weakest last, and only for repositories that name no parent themselves:

1. **name**: the name carries a mark of quantisation and, without it, is another repository's name;
2. **mirror**: the namespace is known for copies, or size and name equal a known developer's;
3. **versions**: in one namespace, the name of another but for words of a later stage;
4. **shapes**: the shapes of the configuration equal those of an older repository of a known
   developer, the namespace is not a known developer's, and no training of its own is stated.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.lineage.claims import OWN_TRAINING, first_of_name
from gpai_scan.lineage.versions import versions

_OWN_STAGES: Final = ("pretraining", "all_training")


def inferred(index: pl.LazyFrame, claimed: pl.LazyFrame, told: pl.LazyFrame) -> pl.LazyFrame:
    """Inferred parents of the repositories of the index that are not in `claimed` (`row`).

    `told` is that of `claims.told`. Columns `row, repo_id, base_repo_id, relation, method, known,
    note`; one row a repository.
    """
    orphans = index.join(claimed, on="row", how="anti").collect(engine="in-memory").lazy()
    shaped, own = shapes(told), trained(told)
    rows = pl.concat(
        [
            by_name(orphans, index),
            mirrors(orphans, index),
            versions(orphans, index, shaped, own),
            by_shape(orphans, index, shaped, own),
        ]
    )
    strength = pl.col("method").replace_strict({"name": 0, "listing": 1, "config": 2})
    return (
        rows.filter(pl.col("base_repo_id") != pl.col("repo_id"))
        .sort("row", strength)
        .unique("row", keep="first", maintain_order=True)
    )


def by_name(orphans: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """Quantised copies told by their name; where nobody has the plain name, `?/<name>`."""
    marked = orphans.filter(pl.col("_quantised") & pl.col("_plain").is_not_null()).select(
        "row", "repo_id", "_plain"
    )
    wanted = index.join(marked.select("_plain").unique(), on="_plain", how="semi")
    originals = first_of_name(wanted, "_plain").rename({"repo_id": "_original"})
    missing = pl.concat_str([pl.lit("?/"), pl.col("_plain")])
    found = pl.col("_original").is_not_null()
    return marked.join(originals, on="_plain", how="left").select(
        "row",
        "repo_id",
        pl.when(found).then("_original").otherwise(missing).alias("base_repo_id"),
        pl.lit("quantized").alias("relation"),
        pl.lit("name").alias("method"),
        found.alias("known"),
        pl.lit("told by the name: a quantised copy that names no parent").alias("note"),
    )


def mirrors(orphans: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """Re-uploads: same name as a developer's repository, by a copier or with equal size."""
    originals = (
        index.filter(pl.col("_developer") & pl.col("_plain").is_not_null())
        .sort("created_at", "repo_id", nulls_last=True)
        .unique("_plain", keep="first", maintain_order=True)
        .select("_plain", "_size", pl.col("repo_id").alias("_original"), "entity_id")
    )
    pairs = orphans.filter(~pl.col("_quantised") & ~pl.col("_developer")).join(
        originals, on="_plain", how="inner", suffix="_original"
    )
    same_size = (pl.col("_size") == pl.col("_size_original")).fill_null(value=False)
    other = (pl.col("entity_id") != pl.col("entity_id_original")).fill_null(value=True)
    return pairs.filter((pl.col("_copier") | same_size) & other).select(
        "row",
        "repo_id",
        pl.col("_original").alias("base_repo_id"),
        pl.lit("mirror").alias("relation"),
        pl.lit("listing").alias("method"),
        pl.lit(value=True).alias("known"),
        pl.when(same_size)
        .then(pl.lit("same name and same number of stored elements"))
        .otherwise(pl.lit("same name in a namespace known for copies"))
        .alias("note"),
    )


def by_shape(
    orphans: pl.LazyFrame, index: pl.LazyFrame, shaped: pl.LazyFrame, own: pl.LazyFrame
) -> pl.LazyFrame:
    """Undeclared derivatives: the shapes of a developer's older repository, nothing of its own."""
    originals = (
        index.filter(pl.col("_developer"))
        .join(shaped, on="row")
        .sort("created_at", "repo_id", nulls_last=True)
        .unique("_shape", keep="first", maintain_order=True)
        .select("_shape", pl.col("repo_id").alias("_original"), pl.col("created_at").alias("_born"))
    )
    return (
        orphans.filter(~pl.col("_developer"))
        .join(shaped, on="row")
        .join(own, on="row", how="anti")
        .join(originals, on="_shape")
        .filter(pl.col("created_at") >= pl.col("_born"))
        .select(
            "row",
            "repo_id",
            pl.col("_original").alias("base_repo_id"),
            pl.lit("finetune").alias("relation"),
            pl.lit("config").alias("method"),
            pl.lit(value=True).alias("known"),
            pl.lit("not stated: same shapes as an older model of a known developer").alias("note"),
        )
    )


def shapes(told: pl.LazyFrame) -> pl.LazyFrame:
    """The shape fingerprint of every repository that has one: `row, _shape`."""
    fingerprint = pl.col("quantity") == "shape_fingerprint"
    return (
        told.filter(fingerprint, pl.col("text").is_not_null())
        .select("row", pl.col("text").alias("_shape"))
        .unique("row", keep="first")
    )


def trained(told: pl.LazyFrame) -> pl.LazyFrame:
    """The repositories that state pre-training of their own: `row`."""
    return told.filter(
        pl.col("quantity").is_in(OWN_TRAINING), pl.col("stage").is_in(_OWN_STAGES)
    ).select("row")

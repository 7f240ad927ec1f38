"""Weighing claims: one best-supported value a repository, quantity and stage.

The order of `schema.METHODS` is the precedence. For parameters, where several kinds of place
answer, the strongest claim that another kind of place bears out goes before a stronger one that
stands alone: stored tensors are right until a packed format halves them, a card is right until it
quotes a sibling.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import schema

AGREEMENT: Final = 1.35
"""Ratio within which two counts of parameters bear each other out: names round 1.3B to 1B."""

KEY: Final = ["repo_id", "quantity", "stage"]
_PARAMETERS: Final = ("parameters_total", "parameters_active")
_RANK: Final = "_rank"
_ALONE: Final = "_alone"
_PARENT: Final = "_parent"
_LISTING: Final = ("front_matter", "listing")


def usable(evidence: pl.LazyFrame) -> pl.LazyFrame:
    """The claims that may be used: about this repository, with a value, not rejected."""
    finite = pl.col("value").is_finite() & (pl.col("value") > 0)
    return evidence.filter(
        pl.col("rejected").is_null()
        & pl.col("subject").is_null()
        & (finite.fill_null(value=False) | pl.col("text").is_not_null())
    )


def facts(evidence: pl.LazyFrame) -> pl.LazyFrame:
    """Claims (`schema.EVIDENCE`) to facts (`schema.FACTS`); ties go to the earlier line.

    Only what is claimed more than once has to be weighed, which is the smaller part.
    """
    ranked = usable(evidence).with_columns(_rank().alias(_RANK)).collect()
    alone = ranked.select(pl.struct(KEY).is_unique()).to_series()
    weighed = _weighed(ranked.filter(~alone).lazy())
    return schema.FACTS.conform(
        pl.concat([_single(ranked.filter(alone).lazy()), weighed]).sort(
            KEY, nulls_last=True, maintain_order=True
        )
    )


def _rank() -> pl.Expr:
    """The precedence of a claim; a licence called `other` gives way to any name."""
    nameless = (pl.col("quantity") == "licence") & (pl.col("text") == "other")
    last = pl.lit(len(schema.METHODS), pl.UInt32)
    return pl.when(nameless).then(last).otherwise(pl.col("method").to_physical().cast(pl.UInt32))


def _single(claims: pl.LazyFrame) -> pl.LazyFrame:
    """Facts of claims that nothing else speaks to."""
    return schema.FACTS.conform(
        claims.with_columns(
            pl.lit(1, pl.UInt32).alias("claims"),
            pl.when(pl.col("value").is_not_null()).then(1.0).alias("disagreement"),
        )
    )


def _weighed(ranked: pl.LazyFrame) -> pl.LazyFrame:
    """Facts of claims of which several speak to one thing."""
    weighed = _parents(_borne_out(ranked))
    order = [_ALONE, _RANK, "bound", "file", "line", "start", "value", "text"]
    ratio = (pl.col("value").log() - pl.col("value").log().first()).abs()
    best = (
        weighed.sort([*KEY, *order], nulls_last=True)
        .group_by([*KEY, _PARENT], maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in ("revision", "value", "low", "high", "text")),
            *(pl.col(name).first() for name in ("method", "file", "line", "quote", "note")),
            pl.len().cast(pl.UInt32).alias("claims"),
            ratio.max().exp().alias("disagreement"),
            (pl.col(_RANK).first() > pl.col(_RANK).min()).alias("_outranked"),
        )
    )
    return schema.FACTS.conform(best.with_columns(_reason()))


def _parents(claims: pl.LazyFrame) -> pl.LazyFrame:
    """Keep a merge's parents apart: each one the strongest metadata lists is a fact of its own."""
    listed = claims.filter(
        (pl.col("quantity") == pl.lit("base_model", dtype=schema.QUANTITY))
        & pl.col("method").cast(pl.String).is_in(_LISTING)
    )
    strongest = listed.group_by("repo_id").agg(pl.col(_RANK).min())
    parents = (
        listed.join(strongest, on=["repo_id", _RANK], how="semi")
        .select(*KEY, _RANK, "text", pl.col("text").alias(_PARENT))
        .unique()
    )
    apart = claims.join(parents, on=[*KEY, _RANK, "text"], how="left", nulls_equal=True)
    several = parents.select("repo_id", pl.lit(value=True).alias("_several")).unique()
    weaker = (
        (pl.col("quantity") == pl.lit("base_model", dtype=schema.QUANTITY))
        & pl.col(_PARENT).is_null()
        & pl.col("_several")
    )
    return apart.join(several, on="repo_id", how="left").filter(~weaker.fill_null(value=False))


def _borne_out(claims: pl.LazyFrame) -> pl.LazyFrame:
    """Mark the parameter claims that stand alone while others of their group agree."""
    numbers = claims.filter(pl.col("quantity").cast(pl.String).is_in(_PARAMETERS))
    pairs = numbers.select(*KEY, _RANK, "value").unique()
    other = pairs.rename({_RANK: "_other", "value": "_value"})
    ratio = (pl.col("value") / pl.col("_value")).log().abs()
    supported = (
        pairs.join(other, on=KEY, nulls_equal=True)
        .filter((pl.col(_RANK) != pl.col("_other")) & (ratio <= pl.lit(AGREEMENT).log()))
        .select(*KEY, _RANK, "value", pl.lit(value=False).alias(_ALONE))
        .unique()
    )
    return claims.join(
        supported, on=[*KEY, _RANK, "value"], how="left", nulls_equal=True
    ).with_columns(pl.col(_ALONE).fill_null(pl.col("quantity").cast(pl.String).is_in(_PARAMETERS)))


def _reason() -> pl.Expr:
    """The winner's note, with a word where it went before a stronger kind of place."""
    word = pl.lit("goes before a stronger source because another source bears it out")
    return (
        pl.when(pl.col("_outranked"))
        .then(pl.concat_str([pl.col("note"), word], separator="; ", ignore_nulls=True))
        .otherwise(pl.col("note"))
        .alias("note")
    )

"""The published table of models as something rules can be judged over: the yardstick of a scan.

Epoch AI's rows, open and closed, become estimates with their own compute, so that any rule can be
counted on them (`gpai-scan count --published`). A scan of open models that finds fewer above a
threshold than the open rows here has a gap.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.compute import interval
from gpai_scan.evidence.reference import INTERVAL_FACTOR, UNGRADED_FACTOR, models

_OUTPUTS: Final = {
    "Language": "text",
    "Multimodal": "text",
    "Image generation": "text_to_image",
    "Video": "text_to_video",
    "Speech": "speech",
    "Audio": "audio_other",
}
"""What the rows' domains stand for. A domain says what a model is about, not whether it generates
it: a speech recogniser and a synthesiser are both `Speech`."""


def published(*, open_weights: bool | None = None, joint: str = "lead") -> tuple[
    pl.LazyFrame, pl.LazyFrame
]:  # fmt: skip
    """Estimates (`schema.ESTIMATES`) and entities of the published table, sorted by `repo_id`.

    `open_weights` keeps only rows said to be open (true) or closed (false). The entity is the
    organisation named first; with `joint` as `shared` a derivative that has any organisation in
    common with its base belongs to the base's. A derivative's base is the one named first.
    """
    if joint not in ("lead", "shared"):
        raise ValueError(joint)
    rows = models().with_columns(
        _named().alias("repo_id"),
        _people("organisation").alias("_people"),
        pl.col("base_model").str.split(";").list.first().str.strip_chars().alias("_base"),
    )
    base = (
        rows.select(
            pl.col("model").alias("_base"),
            pl.col("repo_id").alias("base_repo_id"),
            pl.col("training_compute_flop").alias("_base_flop"),
            pl.col("_people").alias("_base_people"),
        )
        .sort("_base_flop", nulls_last=True)
        .unique("_base", keep="first", maintain_order=True)
    )
    joined = rows.join(base, on="_base", how="left")
    if open_weights is not None:
        joined = joined.filter(pl.col("open_weights") == ("yes" if open_weights else "no"))
    shared = pl.col("_people").list.set_intersection("_base_people").list.len() > 0
    lead = pl.col("_people").list.first()
    person = lead if joint == "lead" else pl.when(shared).then(
        pl.col("_base_people").list.first()
    ).otherwise(lead)  # fmt: skip
    frame = joined.with_columns(person.alias("entity_id"), *_figures())
    return (
        schema.ESTIMATES.conform(frame).sort("repo_id"),
        schema.ENTITIES.conform(_entities(rows)).sort("namespace"),
    )


def _people(column: str) -> pl.Expr:
    split = pl.col(column).str.split(";").list.eval(pl.element().str.strip_chars())
    return split.list.filter(pl.element() != "")


def _named() -> pl.Expr:
    """`organisation/model`, with the row's line where two rows share a name."""
    name = pl.col("model").str.replace_all("/", "-")
    lead = pl.col("organisation").str.split(";").list.first().str.strip_chars()
    plain = pl.concat_str([lead.fill_null("unknown").str.replace_all("/", "-"), name],
                          separator="/")  # fmt: skip
    numbered = pl.concat_str([plain, pl.lit(", row "), pl.col("line").cast(pl.String)])
    return pl.when(plain.is_duplicated()).then(numbered).otherwise(plain)


def _figures() -> list[pl.Expr]:
    flop, own = pl.col("training_compute_flop"), pl.col("finetune_compute_flop")
    derived = pl.col("base_model").is_not_null()
    factor = pl.col("confidence").replace_strict(
        INTERVAL_FACTOR, default=UNGRADED_FACTOR, return_dtype=pl.Float64
    )
    sigma = factor.log10() / 1.6448536269514722
    low, high = interval(flop, sigma)
    known = flop.is_not_null()
    outputs = [
        pl.when(pl.col("domain").str.contains(domain)).then(pl.lit(word))
        for domain, word in _OUTPUTS.items()
    ]
    listed = pl.concat_list(outputs).list.drop_nulls().list.unique(maintain_order=True)
    own_part = pl.when(derived).then(own).otherwise(flop)
    return [
        pl.when(derived).then(pl.coalesce("base_repo_id", pl.concat_str(pl.lit("?/"), "_base")))
        .otherwise("repo_id").alias("model_id"),
        pl.when(derived).then(pl.coalesce("base_repo_id", pl.concat_str(pl.lit("?/"), "_base")))
        .alias("base_repo_id"),
        pl.when(derived).then(1).otherwise(0).alias("depth"),
        pl.when(derived).then(pl.lit("finetune")).otherwise(pl.lit("base")).alias("relation"),
        pl.col("parameters").alias("parameters_total"),
        own_part.alias("own_flop"),
        own_part.alias("direct_flop"),
        flop.alias("cumulative_flop"),
        flop.alias("compute_flop"),
        low.alias("compute_flop_low"),
        high.alias("compute_flop_high"),
        pl.when(known).then(sigma).alias("sigma_log10"),
        pl.when(derived).then(own_part / pl.col("_base_flop")).alias("own_to_base_ratio"),
        pl.when(pl.col("domain").is_null()).then(None)
        .when(listed.list.len() == 0).then(pl.lit(["none"])).otherwise(listed).alias("outputs"),
        pl.lit([], pl.List(pl.String)).alias("narrow"),
        pl.lit([], pl.List(pl.String)).alias("flags"),
        pl.col("publication_date").str.to_datetime("%Y-%m-%d", strict=False, time_zone="UTC")
        .alias("created_at"),
        pl.when(~known).then(pl.lit("no_tokens")).alias("skip_reason"),
    ]  # fmt: skip


def _entities(rows: pl.LazyFrame) -> pl.LazyFrame:
    lead = pl.col("_people").list.first()
    return (
        rows.filter(lead.is_not_null())
        .group_by(lead.alias("entity_id"))
        .agg(
            pl.col("country")
            .str.split(";")
            .list.first()
            .drop_nulls()
            .mode()
            .min()
            .alias("country"),
            pl.col("organisation_type").drop_nulls().mode().min().alias("entity_type"),
        )
        .with_columns(
            pl.col("entity_id").str.replace_all("/", "-").str.to_lowercase().alias("namespace"),
            pl.col("entity_id").alias("entity"),
            pl.lit("EPOCH-CSV").alias("source"),
            pl.lit("verified").alias("status"),
        )
        .unique("namespace", keep="first")
    )

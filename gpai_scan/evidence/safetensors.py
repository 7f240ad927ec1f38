"""Parameters from stored tensors: the hub's counts by dtype, corrected, and weight indexes.

Counts by dtype hold more and less than parameters. Masks and position indexes (`BOOL`, unsigned
bytes of a network that is not quantised, 64-bit integers) are no parameters. Packed low-bit
weights hide several parameters in one stored element, with scales beside them. The hub unpacks
some formats and not others, and not always alike, so where the file's own configuration is at
hand it decides between the readings; else the quantisation does.
"""

from __future__ import annotations

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence.weights import packing
from gpai_scan.evidence.weights.index import indexed
from gpai_scan.evidence.weights.packing import LARGEST, whole_number
from gpai_scan.sources import Raw


def _notes() -> pl.Expr:
    dropped = pl.col("stored") - pl.col("plain")
    buffers = pl.when((pl.col("reading") == "plain") & (dropped > 0)).then(
        pl.lit("left out ") + whole_number(dropped) + pl.lit(" elements of buffers")
    )
    opened = pl.when(pl.col("reading") == "opened").then(
        pl.lit("unpacked weights of ")
        + whole_number(pl.col("bits"))
        + pl.lit(" bits (")
        + pl.col("packing").fill_null("dtype")
        + pl.lit("), scales left out")
    )
    by = (
        pl.lit("reading chosen by the configuration, whose own count of ")
        + whole_number(pl.col("expected"))
        + pl.lit(" is exact and goes before it")
    )
    by = pl.when(pl.col("by_config")).then(by)
    part = pl.when("pipeline").then(pl.lit("one component of a pipeline"))
    odd = pl.when(pl.col("odd_total")).then(
        pl.lit("the listed total ")
        + whole_number(pl.col("safetensors_total"))
        + pl.lit(" disagrees with the tensors")
    )
    return pl.concat_str([buffers, opened, by, odd, part], separator="; ", ignore_nulls=True)


def listed(raw: Raw) -> pl.LazyFrame:
    """Claims over the listed counts by dtype, method `weights`.

    What a correction replaces is kept as a rejected claim: `buffers`, `packed_weights` or
    `implausible`; so is a count of packed elements where the configuration counts exactly. An
    adapter's own tensors are `parameters_trainable`.
    """
    frame = packing.read(raw)
    total, stored = pl.col("safetensors_total"), pl.col("stored")
    kind = pl.coalesce("base_relation", pl.lit(""))
    adapter = (
        (kind == "adapter")
        | (pl.col("library_name") == "peft")
        | pl.col("files").list.contains("adapter_config.json").fill_null(False)
    ).fill_null(False)
    frame = frame.with_columns(
        adapter.alias("adapter"),
        (pl.col("library_name") == "diffusers").fill_null(False).alias("pipeline"),
        ((total < stored * 0.98) | (total > stored * 16.5)).fill_null(False).alias("odd_total"),
    ).with_columns(packing.value().alias("value"))
    return pl.concat([_accepted(frame), _replaced(frame)], how="diagonal")


def _quoted() -> pl.Expr:
    total = pl.lit("total=") + whole_number(pl.col("safetensors_total"))
    return pl.concat_str(["listed", total], separator=", ", ignore_nulls=True).str.slice(0, 200)


def _common(quantity: pl.Expr) -> list[pl.Expr]:
    return [
        pl.col("repo_id"),
        pl.col("revision"),
        quantity.alias("quantity"),
        pl.lit("weights").alias("method"),
        pl.col("listing_file").alias("file"),
        _quoted().alias("quote"),
    ]


def _accepted(frame: pl.LazyFrame) -> pl.LazyFrame:
    adapter = pl.when("adapter").then(pl.lit("parameters_trainable"))
    bound = pl.when("pipeline").then(pl.lit("at_least")).otherwise(pl.lit("equal"))
    bad = ~pl.col("value").is_between(1.0, LARGEST)
    opened = pl.col("reading") == "opened"
    return frame.filter(pl.col("value") > 0).select(
        *_common(adapter.otherwise(pl.lit("parameters_total"))),
        pl.col("value"),
        pl.when(opened).then(pl.col("value") * 0.97).otherwise("value").alias("low"),
        pl.when(opened).then(pl.col("value") * 1.04).otherwise("value").alias("high"),
        bound.alias("bound"),
        pl.when(bad)
        .then(pl.lit("implausible"))
        .when("by_config")
        .then(pl.lit("packed_weights"))
        .alias("rejected"),
        _notes().alias("note"),
    )


def _replaced(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The listed total where the accepted reading is another."""
    reason = (
        pl.when("odd_total")
        .then(pl.lit("implausible"))
        .when(pl.col("reading") == "opened")
        .then(pl.lit("packed_weights"))
        .otherwise(pl.lit("buffers"))
    )
    total = pl.col("safetensors_total")
    return frame.filter(((total - pl.col("value")).abs() > 0.5) & (total > 0)).select(
        *_common(pl.lit("parameters_total")),
        total.alias("value"),
        reason.alias("rejected"),
        pl.lit("the listed total as it stands").alias("note"),
    )


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of stored tensors (`schema.EVIDENCE`), methods `weights` and `weights_index`."""
    claims = pl.concat([listed(raw), indexed(raw)], how="diagonal_relaxed")
    return schema.EVIDENCE.conform(claims)

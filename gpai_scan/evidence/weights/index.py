"""Weight indexes: the byte size or the count that stands beside sharded weights."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
import polars as pl

from gpai_scan.evidence import config
from gpai_scan.evidence.weights.packing import LARGEST, whole_number
from gpai_scan.sources import Raw


class _Metadata(msgspec.Struct):
    total_size: float | None = None
    total_parameters: float | None = None


class _Index(msgspec.Struct):
    metadata: _Metadata | None = None


_INDEX: Final = msgspec.json.Decoder(_Index, strict=False)
_WIDTHS: Final = {"float64": 8.0, "float32": 4.0, "float16": 2.0, "bfloat16": 2.0}


def _metadata(text: str) -> _Metadata:
    """The metadata of a weight index; of the first document where a file holds two."""
    try:
        return _INDEX.decode(text).metadata or _Metadata()
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return _tolerant(text)


def _tolerant(text: str) -> _Metadata:
    try:
        value: Any = json.JSONDecoder(strict=False).raw_decode(text.lstrip("\ufeff \t\r\n"))[0]
        return msgspec.convert(value.get("metadata") or {}, _Metadata, strict=False)
    except (ValueError, AttributeError, RecursionError):
        return _Metadata()


def _indexes(documents: pl.LazyFrame) -> pl.DataFrame:
    """One row a weight index: its folder, bytes and count."""
    path = pl.col("path")
    found = (
        documents.filter(
            path.str.contains(r"\.(safetensors|bin)(\.[a-z0-9_]+)?\.index(\.[a-z0-9_]+)?\.json$")
            & pl.col("text").is_not_null()
        )
        .select("repo_id", "revision", "path", "text")
        .sort("repo_id", "path")
        .collect()
    )
    read = [_metadata(text) for text in found["text"]]
    return found.with_columns(
        pl.Series("bytes", [m.total_size for m in read], dtype=pl.Float64),
        pl.Series("count", [m.total_parameters for m in read], dtype=pl.Float64),
        pl.col("text").str.contains(r'"[a-z._]*mtp[._]').alias("ahead"),
        folder=pl.when(path.str.contains("/")).then(path.str.replace(r"/[^/]*$", "")).otherwise(
            pl.lit("")
        ),
    ).drop("text")  # fmt: skip


def indexed(raw: Raw) -> pl.LazyFrame:
    """Claims over weight indexes, method `weights_index`: stated counts, bytes by stored width.

    The stored width is the one that makes bytes and configuration agree, since the precision a
    configuration names is not always the one the weights are stored in; where no configuration
    can tell, the named precision is taken, and a range over two widths where none is named.
    Several indexes of one repository describe the same weights: claims of their own, never added.
    """
    rows = _indexes(raw.documents)
    wanted = raw.documents.filter(pl.col("path").str.ends_with("config.json"))
    holders = rows.lazy().select("repo_id").unique()
    sizes = config.read(config.files(wanted.join(holders, on="repo_id", how="semi"))).filter(
        "plausible"
    )
    known = sizes.select("repo_id", "folder", "generic", "precision", expected="total")
    rows = rows.join(known, on=["repo_id", "folder"], how="left", maintain_order="left")
    named = pl.col("precision").str.strip_prefix("torch.").replace_strict(
        _WIDTHS, default=None, return_dtype=pl.Float64
    )  # fmt: skip
    per = pl.col("bytes") / pl.when(~pl.col("generic")).then("expected")
    matched = pl.coalesce(
        pl.when((per / width).log().abs() < 0.06).then(width) for width in (2.0, 4.0, 1.0, 8.0)
    )
    rows = rows.with_columns(matched.alias("matched"), named.alias("named"))
    return pl.concat([_by_count(rows), _by_bytes(rows)], how="diagonal").lazy()


def _index_columns() -> list[pl.Expr]:
    return [
        pl.col("repo_id"),
        pl.col("revision"),
        pl.lit("parameters_total").alias("quantity"),
        pl.lit("weights_index").alias("method"),
        pl.col("path").alias("file"),
        pl.when(pl.col("folder") != "").then("folder").alias("subject"),
    ]


def _by_count(rows: pl.DataFrame) -> pl.DataFrame:
    count, size = pl.col("count"), pl.col("bytes")
    fits = (size / count).is_between(0.25, 8.5).fill_null(True) & count.is_between(1, LARGEST)
    return rows.filter(pl.col("count") > 0).select(
        *_index_columns(),
        count.alias("value"),
        count.alias("low"),
        count.alias("high"),
        pl.when(~fits).then(pl.lit("implausible")).alias("rejected"),
        (pl.lit("total_parameters=") + whole_number(count)).alias("quote"),
        pl.when("ahead").then(pl.lit("with multi-token-prediction layers")).alias("note"),
    )


def _by_bytes(rows: pl.DataFrame) -> pl.DataFrame:
    width = pl.coalesce("matched", "named", pl.lit(2.0))
    value = pl.col("bytes") / width
    sure = pl.col("matched").is_not_null()
    bad = ~value.is_between(1.0, LARGEST)
    low = pl.when(sure).then(value).otherwise(pl.col("bytes") / 4.0)
    high = pl.when(sure | pl.col("named").is_not_null()).then(value).otherwise("bytes")
    told = (
        pl.when(sure)
        .then(pl.lit("stored width of "))
        .when(pl.col("named").is_not_null())
        .then(pl.lit("width of the named precision, "))
        .otherwise(pl.lit("width assumed, "))
    )
    mtp = pl.when("ahead").then(pl.lit("with multi-token-prediction layers"))
    note = told + whole_number(width) + pl.lit(" bytes")
    return rows.filter(pl.col("bytes") > 0).select(
        *_index_columns(),
        value.alias("value"),
        low.alias("low"),
        high.alias("high"),
        pl.when(bad).then(pl.lit("implausible")).alias("rejected"),
        (pl.lit("total_size=") + whole_number(pl.col("bytes"))).alias("quote"),
        pl.concat_str([note, mtp], separator="; ", ignore_nulls=True).alias("note"),
    )

"""Parameters from stored tensors: the hub's counts by dtype, corrected, and weight indexes.

Counts by dtype hold more and less than parameters. Masks and position indexes (`BOOL`, unsigned
bytes of a network that is not quantised, 64-bit integers) are no parameters. Packed low-bit
weights hide several parameters in one stored element, with scales beside them. The hub unpacks
some formats and not others, and not always alike, so where the file's own configuration is at
hand it decides between the readings; else the quantisation does.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
import polars as pl

from gpai_scan import schema
from gpai_scan.evidence import config
from gpai_scan.sources import Raw

_FLOATS: Final = r"^(F64|F32|F16|BF16|C64)$"
_EIGHT: Final = r"^F8_E[45]"
_LARGEST: Final = 1e14
_TOLERANCE: Final = 1.25
"""Ratio within which a count and the arithmetic of a configuration mean the same network."""

CONTAINERS: Final = {"U8": 8.0, "I8": 8.0, "I16": 16.0, "I32": 32.0, "U32": 32.0}
"""Bits of the integer types that packed weights are stored in."""

GROUPS: Final = {
    "gptq": 128.0,
    "awq": 128.0,
    "auto-round": 128.0,
    "mlx": 64.0,
    "compressed-tensors": 32.0,
    "mxfp4": 32.0,
    "hqq": 64.0,
}
"""Weights that share one scale, by the method's usual setting."""

_MASKED: Final = r"^(gpt|codegen|imagegpt)"
_WORDS: Final = (
    r"(?:^|[-_./ ])(awq|gptq|mlx|[2-8]-?bit|int4|int8|w4a16|w8a8|bnb|nf4|fp4|mxfp4|nvfp4|hqq|exl2)"
    r"(?:$|[-_./ ])"
)


def unpacked(elements: pl.Expr, container: pl.Expr, bits: pl.Expr) -> pl.Expr:
    """Parameters in packed elements: elements · container bits / bits of one weight."""
    return elements * container / bits


def without_double_scales(elements: pl.Expr) -> pl.Expr:
    """4-bit parameters of unsigned bytes that also hold one byte of scale for 64 weights.

    Bytes = P/2 + P/64, hence P = bytes · 64/33. Source: QLoRA (arXiv:2305.14314), section 3.
    """
    return elements * 64.0 / 33.0


def _counts(repositories: pl.LazyFrame) -> pl.LazyFrame:
    """One row a repository with counts: weights in floats and eights, containers, buffers."""
    sums = {
        "floats": pl.col("dtype").str.contains(_FLOATS),
        "eights": pl.col("dtype").str.contains(_EIGHT),
        "buffers": pl.col("dtype").is_in(["BOOL", "I64", "U64", "U16"]),
        **{name: pl.col("dtype") == name for name in CONTAINERS},
    }
    listed = repositories.select("repo_id", pl.col("safetensors_by_dtype").alias("pair"))
    by_dtype = (
        listed.explode("pair")
        .with_columns(pl.col("pair").struct.field("dtype"), pl.col("pair").struct.field("count"))
        .filter(pl.col("count").is_finite() & (pl.col("count") >= 0))
        .sort("repo_id", "count", "dtype", descending=[False, True, False])
        .group_by("repo_id", maintain_order=True)
        .agg(
            *(pl.col("count").filter(where).sum().alias(name) for name, where in sums.items()),
            pl.col("count").sum().alias("stored"),
            (pl.col("dtype") + "=" + _whole_number(pl.col("count"))).str.join(", ").alias("listed"),
        )
    )
    return repositories.join(by_dtype, on="repo_id", how="left").filter(
        pl.col("stored").is_not_null() | pl.col("safetensors_total").is_not_null()
    )


def _method(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `packing` (method of quantisation, null where none is known) and `bits`."""
    words = pl.concat_str(
        "repo_id",
        pl.col("tags").list.join(" "),
        pl.col("library_name"),
        separator=" ",
        ignore_nulls=True,
    ).str.to_lowercase()
    word = words.str.extract(_WORDS, 1)
    four_bit = pl.col("config").str.contains(r'"load_in_4bit"\s*:\s*true')
    stated = pl.coalesce(
        pl.col("quantisation_method").str.to_lowercase(),
        pl.when(four_bit).then(pl.lit("bitsandbytes")),
    )
    mlx = pl.when(words.str.contains(r"\bmlx\b") & (pl.col("U32") > 0)).then(pl.lit("mlx"))
    bits = pl.coalesce(
        "quantisation_bits",
        pl.when(four_bit).then(4.0),
        word.str.extract(r"([2-8])-?bit").cast(pl.Float64, strict=False),
        pl.when(word.is_in(["int8", "w8a8"])).then(8.0),
        4.0,
    )
    return frame.with_columns(
        pl.coalesce(mlx, stated, word).alias("packing"), bits.clip(1.0, 8.0).alias("bits")
    )


def _expected(raw: Raw, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `expected` and `masks`: what the repository's configuration says of its tensors.

    Asked of packed candidates, and of families that store attention masks as floats.
    """
    packed = pl.sum_horizontal(*CONTAINERS) > 0
    masked = pl.col("model_type").str.contains(_MASKED).fill_null(False)
    holders = frame.filter(packed | masked).select("repo_id")
    wanted = raw.documents.filter(pl.col("path") == "config.json").join(
        holders, on="repo_id", how="semi"
    )
    found = config.read(config.files(wanted))
    known = found.filter("plausible", ~pl.col("generic")).select(
        "repo_id",
        expected="total",
        masks=pl.col("layers") * pl.col("positions") ** 2,
    )
    return frame.join(known.unique("repo_id").lazy(), on="repo_id", how="left")


def _readings(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the readings of the counts: `plain`, `whole` (elements as they are), `opened`."""
    containers = pl.sum_horizontal(*CONTAINERS)
    group = pl.col("packing").replace_strict(GROUPS, default=128.0)
    opened = pl.sum_horizontal(
        unpacked(pl.col(name), pl.lit(width), pl.col("bits")) for name, width in CONTAINERS.items()
    )
    blocks = (pl.col("packing") == "bitsandbytes") & (pl.col("bits") == 4.0) & (pl.col("U8") > 0)
    opened = pl.when(blocks).then(without_double_scales(containers)).otherwise(opened)
    scales = opened / group * pl.when(pl.col("packing") == "mlx").then(2.0).otherwise(1.0)
    plain = pl.col("floats") + pl.col("eights")
    surplus = plain - pl.col("expected")
    masks = pl.when((surplus / pl.col("masks")).is_between(0.999, 1.01)).then("masks")
    plain -= masks.fill_null(0.0)
    return frame.with_columns(
        plain.alias("plain"),
        (plain + containers).alias("whole"),
        (plain + opened - pl.min_horizontal(scales, pl.col("floats"))).alias("opened"),
        containers.alias("containers"),
    )


def _nearest(expected: pl.Expr, names: tuple[str, ...]) -> pl.Expr:
    """The name of the reading nearest to the expected count, null where none is near."""
    distance = [(pl.col(n) / expected).log().abs() for n in names]
    least = pl.min_horizontal(distance)
    chosen = pl.coalesce(
        pl.when(d == least).then(pl.lit(n)) for n, d in zip(names, distance, strict=True)
    )
    return pl.when(least < pl.lit(_TOLERANCE).log()).then(chosen)


def _chosen(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `reading`, which of the readings counts parameters, and `by_config`.

    The latter says that a configuration showed the elements to be packed.
    """
    has = pl.col("containers") > 0
    total, stored = pl.col("safetensors_total"), pl.col("stored")
    unpacked_by_hub = (total > stored * 1.02) & (total < stored * 16.5)
    by_config = _nearest(pl.col("expected"), ("plain", "whole", "opened", "safetensors_total"))
    eight = pl.col("bits") >= 8.0
    by_rule = (
        pl.when(unpacked_by_hub)
        .then(pl.lit("safetensors_total"))
        .when(pl.col("packing").is_not_null() & eight)
        .then(pl.lit("whole"))
        .when(pl.col("packing").is_not_null())
        .then(pl.lit("opened"))
        .when(pl.col("containers") > 4.0 * pl.col("plain"))
        .then(pl.lit("whole"))
        .otherwise(pl.lit("plain"))
    )
    reading = (
        pl.when(stored.is_null())
        .then(pl.lit("safetensors_total"))
        .when(~has)
        .then(pl.lit("plain"))
        .otherwise(pl.coalesce(by_config, by_rule))
    )
    packed = has & by_config.is_not_null() & (by_config != "plain")
    return frame.with_columns(reading.alias("reading"), packed.alias("by_config"))


def _value() -> pl.Expr:
    names = ("plain", "whole", "opened", "safetensors_total")
    return pl.coalesce(pl.when(pl.col("reading") == n).then(pl.col(n)) for n in names)


def _whole_number(value: pl.Expr) -> pl.Expr:
    return value.round(0).cast(pl.Int64, strict=False).cast(pl.String)


def _notes() -> pl.Expr:
    dropped = pl.col("stored") - pl.col("plain")
    buffers = pl.when((pl.col("reading") == "plain") & (dropped > 0)).then(
        pl.lit("left out ") + _whole_number(dropped) + pl.lit(" elements of buffers")
    )
    opened = pl.when(pl.col("reading") == "opened").then(
        pl.lit("unpacked weights of ")
        + _whole_number(pl.col("bits"))
        + pl.lit(" bits (")
        + pl.col("packing").fill_null("dtype")
        + pl.lit("), scales left out")
    )
    by = (
        pl.lit("reading chosen by the configuration, whose own count of ")
        + _whole_number(pl.col("expected"))
        + pl.lit(" is exact and goes before it")
    )
    by = pl.when(pl.col("by_config")).then(by)
    part = pl.when("pipeline").then(pl.lit("one component of a pipeline"))
    odd = pl.when(pl.col("odd_total")).then(
        pl.lit("the listed total ")
        + _whole_number(pl.col("safetensors_total"))
        + pl.lit(" disagrees with the tensors")
    )
    return pl.concat_str([buffers, opened, by, odd, part], separator="; ", ignore_nulls=True)


def listed(raw: Raw) -> pl.LazyFrame:
    """Claims over the listed counts by dtype, method `weights`.

    What a correction replaces is kept as a rejected claim: `buffers`, `packed_weights` or
    `implausible`; so is a count of packed elements where the configuration counts exactly. An
    adapter's own tensors are `parameters_trainable`.
    """
    frame = _method(_counts(raw.repositories))
    frame = _chosen(_readings(_expected(raw, frame)))
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
    ).with_columns(_value().alias("value"))
    return pl.concat([_accepted(frame), _replaced(frame)], how="diagonal")


def _quoted() -> pl.Expr:
    total = pl.lit("total=") + _whole_number(pl.col("safetensors_total"))
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
    bad = ~pl.col("value").is_between(1.0, _LARGEST)
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
    fits = (size / count).is_between(0.25, 8.5).fill_null(True) & count.is_between(1, _LARGEST)
    return rows.filter(pl.col("count") > 0).select(
        *_index_columns(),
        count.alias("value"),
        count.alias("low"),
        count.alias("high"),
        pl.when(~fits).then(pl.lit("implausible")).alias("rejected"),
        (pl.lit("total_parameters=") + _whole_number(count)).alias("quote"),
        pl.when("ahead").then(pl.lit("with multi-token-prediction layers")).alias("note"),
    )


def _by_bytes(rows: pl.DataFrame) -> pl.DataFrame:
    width = pl.coalesce("matched", "named", pl.lit(2.0))
    value = pl.col("bytes") / width
    sure = pl.col("matched").is_not_null()
    bad = ~value.is_between(1.0, _LARGEST)
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
    note = told + _whole_number(width) + pl.lit(" bytes")
    return rows.filter(pl.col("bytes") > 0).select(
        *_index_columns(),
        value.alias("value"),
        low.alias("low"),
        high.alias("high"),
        pl.when(bad).then(pl.lit("implausible")).alias("rejected"),
        (pl.lit("total_size=") + _whole_number(pl.col("bytes"))).alias("quote"),
        pl.concat_str([note, mtp], separator="; ", ignore_nulls=True).alias("note"),
    )


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of stored tensors (`schema.EVIDENCE`), methods `weights` and `weights_index`."""
    claims = pl.concat([listed(raw), indexed(raw)], how="diagonal_relaxed")
    return schema.EVIDENCE.conform(claims).sort(schema.EVIDENCE.key)

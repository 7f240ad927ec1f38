"""Counts by dtype to parameters: what is a buffer, what is packed, and into how many bits."""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.evidence import config
from gpai_scan.sources import Raw

_FLOATS: Final = r"^(F64|F32|F16|BF16|C64)$"
_EIGHT: Final = r"^F8_E[45]"
LARGEST: Final = 1e14
"""Parameters no repository can honestly hold."""

_TOLERANCE: Final = 1.25
"""Ratio within which a count and the arithmetic of a configuration mean the same network."""

CONTAINERS: Final = {"U8": 8.0, "I8": 8.0, "I16": 16.0, "I32": 32.0, "U32": 32.0}
"""Bits of the integer types that packed weights are stored in."""

GROUPS: Final = {
    "gptq": 128.0,
    "awq": 128.0,
    "auto-round": 128.0,
    "mlx": 64.0,
    "compressed-tensors": 64.0,
    "hqq": 64.0,
}
"""Weights that share one scale, by the method's usual setting."""

_NAMES: Final = {"bnb": "bitsandbytes", "nf4": "bitsandbytes"}
_BITS: Final = {"bitnet": 2.0}
"""Bits of methods that have one setting other than four."""

_SCALE_SHARE: Final = (0.11, 0.14)
"""Eight-bit floats to packed bytes where the former are scales of sixteen weights each."""

_MASKED: Final = r"^(gpt|codegen|imagegpt)"
_WORDS: Final = (
    r"(?:^|[-_./ ])(awq|gptq|mlx|[2-8]-?bit|int4|int8|w4a16|w8a8|bnb|nf4|fp4|mxfp4|nvfp4|hqq|exl2)"
    r"(?:$|[-_./ ])"
)
_SAID_BITS: Final = (
    r"(?:^|[-_./ ])([2-8])-?bits?(?:$|[-_./ ])",
    r"(?:^|[-_./ ])int([2-8])(?:$|[-_./ ])",
    r"(?:^|[-_./ ])w([2-8])a(?:8|16)(?:$|[-_./ ])",
)
"""How names tell the bits of a weight."""


def unpacked(elements: pl.Expr, container: pl.Expr, bits: pl.Expr) -> pl.Expr:
    """Parameters in packed elements: elements · container bits / bits of one weight."""
    return elements * container / bits


def without_double_scales(elements: pl.Expr) -> pl.Expr:
    """4-bit parameters of unsigned bytes that also hold one byte of scale for 64 weights.

    Bytes = P/2 + P/64, hence P = bytes · 64/33. Source: QLoRA (arXiv:2305.14314), section 3.
    """
    return elements * 64.0 / 33.0


def without_block_scales(elements: pl.Expr) -> pl.Expr:
    """4-bit parameters of unsigned bytes that also hold one byte of scale for 32 weights.

    Bytes = P/2 + P/32, hence P = bytes · 32/17. Source: OCP Microscaling Formats, version 1.0.
    """
    return elements * 32.0 / 17.0


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
            (pl.col("dtype") + "=" + whole_number(pl.col("count"))).str.join(", ").alias("listed"),
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
    scaled = (pl.col("eights") / pl.col("U8")).is_between(*_SCALE_SHARE)
    paired = pl.when(scaled).then(pl.lit("nvfp4"))
    packing = pl.coalesce(paired, mlx, stated, word).replace(_NAMES)
    wide = pl.col("I32") + pl.col("U32") + pl.col("I16")
    bits = pl.coalesce(
        "quantisation_bits",
        pl.when(four_bit | scaled).then(4.0),
        packing.replace_strict(_BITS, default=None, return_dtype=pl.Float64),
        *(words.str.extract(said).cast(pl.Float64, strict=False) for said in _SAID_BITS),
        pl.when(packing.is_not_null() & (pl.col("I8") > pl.col("U8")) & (wide == 0)).then(8.0),
        4.0,
    )
    return frame.with_columns(packing.alias("packing"), bits.clip(1.0, 8.0).alias("bits"))


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


def _opened() -> pl.Expr:
    """Parameters in all packed elements, by method and bits."""
    elements = pl.sum_horizontal(*CONTAINERS)
    packing = pl.col("packing")
    four = (pl.col("bits") == 4.0) & (pl.col("U8") > 0)
    plain = pl.sum_horizontal(
        unpacked(pl.col(name), pl.lit(width), pl.col("bits")) for name, width in CONTAINERS.items()
    )
    return (
        pl.when(four & (packing == "bitsandbytes")).then(without_double_scales(elements))
        .when(four & (packing == "mxfp4")).then(without_block_scales(elements))
        .otherwise(plain)
    )  # fmt: skip


def _scales() -> pl.Expr:
    """Scales among the floats: one a group, two where there are zero points, or none there."""
    packing = pl.col("packing")
    group = packing.replace_strict(GROUPS, default=128.0)
    whole_bytes = (pl.col("bits") >= 8.0) & (pl.col("I8") + pl.col("U8") > 0)
    apart = whole_bytes | pl.col("scales_beside") | packing.is_in(["mxfp4", "nvfp4"])
    scales = _opened() / group * pl.when(packing == "mlx").then(2.0).otherwise(1.0)
    return pl.when(apart.fill_null(False)).then(0.0).otherwise(
        pl.min_horizontal(scales, pl.col("floats"))
    )  # fmt: skip


def _readings(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the readings of the counts: `plain`, `whole` (elements as they are), `opened`.

    Bytes beside wide words are the scales of what is packed in those.
    """
    beside = (pl.col("U8") > 0) & (pl.col("U32") > pl.col("U8"))
    frame = frame.with_columns(
        beside.alias("scales_beside"), pl.when(beside).then(0.0).otherwise("U8").alias("U8")
    )
    containers = pl.sum_horizontal(*CONTAINERS)
    scaled = (pl.col("packing") == "nvfp4").fill_null(False)
    plain = pl.col("floats") + pl.when(scaled).then(0.0).otherwise("eights")
    surplus = plain - pl.col("expected")
    masks = pl.when((surplus / pl.col("masks")).is_between(0.999, 1.01)).then("masks")
    plain -= masks.fill_null(0.0)
    return frame.with_columns(
        plain.alias("plain"),
        (plain + containers).alias("whole"),
        (plain + _opened() - _scales()).alias("opened"),
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
    by_rule = (
        pl.when(unpacked_by_hub)
        .then(pl.lit("safetensors_total"))
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


def value() -> pl.Expr:
    """The count under the reading that was chosen."""
    names = ("plain", "whole", "opened", "safetensors_total")
    return pl.coalesce(pl.when(pl.col("reading") == n).then(pl.col(n)) for n in names)


def whole_number(count: pl.Expr) -> pl.Expr:
    """A count as text, without exponent or decimals; null where it has none."""
    return count.round(0).cast(pl.Int64, strict=False).cast(pl.String)


def read(raw: Raw) -> pl.LazyFrame:
    """The listed repositories that have counts, with every reading of them and the chosen one."""
    frame = _method(_counts(raw.repositories))
    return _chosen(_readings(_expected(raw, frame)))

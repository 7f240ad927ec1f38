"""What could matter, told from the list alone, without a request.

For each repository an upper bound of its training compute: 6 · N · D with N the most parameters
its metadata allow and D the most tokens any run of that size could have seen. Where the bound
lies below the threshold, or where the repository carries no training of its own, its files are
not asked for. What the list says nothing about is unknown, and kept.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.sources import documents

KEEP: Final = ("large", "unknown_size", "not_asked")
"""Reasons for fetching: the bound reaches the threshold; there is no bound; no pruning asked."""
DROP: Final = (
    "twice",  # listed before in the same scan
    "disabled",
    "joins_base",  # quantised, adapter or merge: no pre-training of its own
    "adapter",  # the same, of a base nobody names
    "mirror",  # same name and same tensors as a repository used more
    "no_weights",  # nothing but text and pictures
    "below_bound",
)
REASON = pl.Enum([*KEEP, *DROP])

_JOINED: Final = ("quantized", "adapter", "merge")
_BITS: Final = {"U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64, "I64": 64}
_FEWEST_BITS: Final = 2.0
"""Bits of a packed weight where the configuration does not tell: the fewest in use."""
_QUANTISED_TAGS: Final = ("gptq", "awq", "4-bit", "8-bit", "2-bit", "3-bit", "bitsandbytes", "mlx")
_LIGHT: Final = (
    r"(?i)\.(?:md|txt|json|jsonl|ya?ml|toml|cfg|ini|csv|tsv|py|sh|ipynb|jinja|html|pdf|png|jpe?g"
    r"|gif|svg|webp|mp4|wav|mp3|flac)$|(?:^|/)(?:\.git[a-z]+|licen[sc]e|notice|readme)$"
)
_WHOLE: Final = r"^(?:model|pytorch_model|consolidated)[^/]*\.(?:safetensors|bin|pth)$"
_INDEX: Final = r"\.index\.json$"
# Billions in a name are doubled, millions taken tenfold: they may be rounded, or mean tokens.
_NAMED_SIZE: Final = (
    r"(?:^|[^a-z0-9.])(?:[0-9]{1,3}x)?[0-9]{1,4}(?:\.[0-9]{1,3})?[bmt](?:$|[^a-z0-9])"
)
_NAME_MARGIN: Final = {"m": 1e7, "b": 2e9, "t": 2e12}


def index(repositories: pl.LazyFrame) -> pl.LazyFrame:
    """What the bounds need of listed repositories, with columns of `schema.REPOSITORIES`."""
    total, summed, unpacked = _tensors()
    files, tags = pl.col("files"), pl.col("tags")
    pipeline = _has(files, r"^model_index\.json$") | pl.col("library_name").eq("diffusers")
    stored = (
        pl.when(pipeline.fill_null(False))  # the total is that of one part
        .then(None)
        .when(_quantised(tags) & (total.is_null() | (total <= summed * 1.001)))
        .then(unpacked)
        .otherwise(pl.max_horizontal(total, summed))
    )
    return repositories.select(
        "hub_id",
        "repo_id",
        "revision",
        "created_at",
        "gated",
        "downloads_30d",
        "downloads_all_time",
        "likes",
        pl.col("disabled").fill_null(False),
        pl.col("base_relation").alias("relation"),
        pl.col("base_repo_ids").list.first().alias("base"),
        pl.col("repo_id").str.split("/").list.last().str.to_lowercase().alias("name"),
        pl.when(pl.col("safetensors_total").is_not_null())
        .then(
            pl.col("safetensors_by_dtype")
            .cast(pl.List(pl.Struct({"dtype": pl.String, "count": pl.Float64})))
            .hash()
        )
        .alias("tensors"),
        pl.coalesce(pl.max_horizontal(stored, "gguf_total"), _named()).alias("own_bound"),
        (_has(files, r"^adapter_config\.json$") & ~_has(files, _WHOLE))
        .fill_null(False)
        .alias("adapter"),
        (files.list.eval(~pl.element().str.contains(_LIGHT)).list.any() == False)  # noqa: E712
        .fill_null(False)
        .alias("no_weights"),
        _wanted(pipeline).alias("wanted"),
    )


def decide(index: pl.LazyFrame, settings: CrawlSettings) -> pl.LazyFrame:
    """One row a listed repository: whether its files are fetched (`keep`), and the `reason`.

    `index` has the rows of a whole scan in the order listed, since bases and mirrors are looked up
    in it, and the number of each row's `group`. `bound_parameters` and `bound_flop` are upper
    bounds; null where nothing bounds them.
    """
    sizes = index.filter(pl.col("own_bound").is_not_null()).select(
        pl.col("repo_id").alias("base"), pl.col("own_bound").alias("base_bound")
    )
    with_base = index.join(
        sizes.unique("base", keep="first"), on="base", how="left", maintain_order="left"
    )
    marked = with_base.join(
        _leaders(index), on=["name", "tensors"], how="left", maintain_order="left"
    )
    n = pl.max_horizontal("own_bound", "base_bound")
    tokens = pl.min_horizontal(
        pl.lit(settings.tokens_bound), settings.tokens_per_parameter_bound * n
    )
    bounded = marked.with_columns(n.alias("bound_parameters")).with_columns(
        pl.when(n.is_not_null()).then(6.0 * n * tokens).alias("bound_flop")
    )
    reason = _reason(settings)
    return bounded.select(
        "group",
        "hub_id",
        "repo_id",
        "revision",
        "gated",
        reason.alias("reason"),
        reason.cast(pl.String).is_in(KEEP).alias("keep"),
        pl.when(reason == "mirror").then("leader").otherwise("base").alias("base"),
        "bound_parameters",
        "bound_flop",
    )


def _reason(settings: CrawlSettings) -> pl.Expr:
    listed = pl.col("hub_id").is_not_null() & ~pl.col("hub_id").is_first_distinct()
    first = pl.when(listed | ~pl.col("repo_id").is_first_distinct()).then(pl.lit("twice"))
    if not settings.prune:
        return first.otherwise(pl.lit("not_asked")).cast(REASON)
    return (
        first.when("disabled")
        .then(pl.lit("disabled"))
        .when(pl.col("relation").is_in(_JOINED) & pl.col("base").is_not_null())
        .then(pl.lit("joins_base"))
        .when("adapter")
        .then(pl.lit("adapter"))
        .when(pl.col("leader").is_not_null() & (pl.col("leader") != pl.col("repo_id")))
        .then(pl.lit("mirror"))
        .when("no_weights")
        .then(pl.lit("no_weights"))
        .when(pl.col("bound_flop") < settings.threshold)
        .then(pl.lit("below_bound"))
        .when(pl.col("bound_flop").is_not_null())
        .then(pl.lit("large"))
        .otherwise(pl.lit("unknown_size"))
        .cast(REASON)
    )


def _leaders(index: pl.LazyFrame) -> pl.LazyFrame:
    """Of repositories with one name and the same tensors, the one used most; ties to the oldest."""
    order = ["downloads_all_time", "downloads_30d", "likes", "created_at", "hub_id", "repo_id"]
    return (
        index.filter(pl.col("tensors").is_not_null())
        .group_by("name", "tensors")
        .agg(
            pl.col("repo_id")
            .sort_by(order, descending=[True, True, True, False, False, False], nulls_last=True)
            .first()
            .alias("leader"),
            pl.len().alias("copies"),
        )
        .filter(pl.col("copies") > 1)
        .drop("copies")
    )


def _tensors() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Elements as the hub totals them, as they add up, and with packed ones counted as weights."""
    by_dtype = pl.col("safetensors_by_dtype")
    count, dtype = pl.element().struct.field("count"), pl.element().struct.field("dtype")
    bits = dtype.replace_strict(_BITS, default=None, return_dtype=pl.Float64)
    summed = by_dtype.list.eval(count).list.sum()
    packed = by_dtype.list.eval(count * bits).list.sum()  # in bits; others are null and fall out
    plain = by_dtype.list.eval(count.filter(bits.is_null())).list.sum()
    unpacked = plain + packed / pl.col("quantisation_bits").fill_null(_FEWEST_BITS)
    return pl.col("safetensors_total"), summed, unpacked


def _quantised(tags: pl.Expr) -> pl.Expr:
    tagged = tags.list.eval(pl.element().is_in(_QUANTISED_TAGS)).list.any().fill_null(False)
    stated = pl.col("quantisation_method").is_not_null() | pl.col("quantisation_bits").is_not_null()
    return stated | tagged


def _has(files: pl.Expr, pattern: str) -> pl.Expr:
    return files.list.eval(pl.element().str.contains(pattern)).list.any()


def _named() -> pl.Expr:
    """The largest size a name gives, `7b` or `8x7b` or `135m`, with a margin."""
    name = pl.col("repo_id").str.split("/").list.last().str.to_lowercase()
    spaced = name.str.replace_all(r"[-_ ]", "  ")  # so that neighbours do not share a separator
    found = spaced.str.extract_all(_NAMED_SIZE)
    one = pl.element()
    experts = one.str.extract(r"([0-9]{1,3})x").cast(pl.Float64).fill_null(1.0)
    size = one.str.extract(r"([0-9]+(?:\.[0-9]+)?)[bmt]").cast(pl.Float64)
    unit = one.str.extract(r"[0-9]([bmt])").replace_strict(
        _NAME_MARGIN, default=None, return_dtype=pl.Float64
    )
    return found.list.eval(experts * size * unit).list.max()


def _wanted(pipeline: pl.Expr) -> pl.Expr:
    """The files to ask for: those listed that can hold a figure, each only where it is needed.

    Parts' configurations are needed for pipelines, weight indexes where the hub gives no total.
    """
    sized = pl.col("safetensors_total").is_not_null() & ~pipeline.fill_null(False)
    can = pl.element().filter(pl.element().str.contains(documents.WANTED))
    listed = pl.col("files").list.eval(can)
    top = pl.element().filter(~pl.element().str.contains(r"/") & ~pl.element().str.contains(_INDEX))
    without_parts = pl.element().filter(
        ~pl.element().str.contains(r"/") | pl.element().str.contains(r"^original/")
    )
    return (
        pl.when(pl.col("files").is_null())
        .then(pl.lit(list(documents.EXPECTED)))
        .when(sized)
        .then(listed.list.eval(top))
        .when(pipeline.fill_null(False))
        .then(listed)
        .otherwise(listed.list.eval(without_parts))
    )

"""How many layers of each kind a section has: lists, patterns, intervals and offsets."""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.evidence.configs.shapes import number

# A word of a list of layers to the part that mixes tokens.
_WORDS: Final = {
    "linear_layers": r"linear|delta|kda|lightning|gla|^0$",
    "ssm_layers": r"mamba|ssm|recurrent|hybrid|^M$",
    "conv_layers": r"conv",
    "listed_experts": r"^(moe|sparse)$|^E$",
    "listed_dense": r"^(mlp|dense)$",
    "attention_layers": r"attention|attn|global|local|hybrid|^full|sliding|window|^\*$|^0$|^1$",
}


def _count(words: pl.Expr, pattern: str) -> pl.Expr:
    return words.list.eval(pl.element().str.contains(pattern)).list.sum().cast(pl.Float64)


def _cycled(pattern: str) -> pl.Expr:
    """Layers of a kind, where the list may be a cycle shorter than the stack."""
    words, layers = pl.col("words"), pl.col("layers")
    length = words.list.len().cast(pl.Float64)
    whole = (layers / length).floor()
    rest = words.list.head((layers % length).cast(pl.Int64, strict=False))
    return whole * _count(words, pattern) + _count(rest, pattern).fill_null(0.0)


def _ceil_div(value: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    return (value / divisor).ceil()


def _words() -> pl.Expr:
    """The list of layers as words, whichever way it is written, cut to the layers there are."""
    pattern = (
        pl.col("pattern")
        .str.split("")
        .list.eval(
            pl.element().filter(pl.element().is_in(["M", "*", "-", "E"])).replace({"-": "mlp"})
        )
    )
    known = pl.coalesce("layer_types", pattern)
    return pl.when(known.list.len() > 0).then(known)


def token_mixing(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the number of attention, linear, state-space and convolution layers."""
    frame = frame.with_columns(_words().alias("words"))
    listed = pl.col("words").list.len().cast(pl.Float64)
    frame = frame.with_columns(pl.coalesce("layers", listed).alias("layers"))
    frame = frame.with_columns(_cycled(p).alias(n) for n, p in _WORDS.items())
    linear = pl.col("linear_layers")
    frame = frame.with_columns((pl.col("attention_layers") - linear).alias("attention_layers"))
    frame = _sharing(frame)
    interval, offset = number("attention_interval"), number("attention_offset")
    by_interval = (
        pl.when(pl.col("attention_offset").is_not_null())
        .then(_ceil_div(pl.col("layers") - offset, interval))
        .otherwise((pl.col("layers") / interval).floor())
    )
    by_list = pl.col("attention_layers_listed").list.len().cast(pl.Float64)
    attention = (
        pl.when(pl.col("words").is_not_null())
        .then("attention_layers")
        .when(pl.col("block_attention").is_not_null())
        .then("block_attention")
        .when(pl.col("attention_layers_listed").is_not_null())
        .then(by_list)
        .when(interval > 0)
        .then(by_interval)
        .when(pl.col("mixing") == "attention")
        .then("layers")
        .otherwise(0.0)
    )
    frame = frame.with_columns(attention.alias("attention_layers"))
    unlisted = pl.col("words").is_null() & pl.col("block_attention").is_null()
    rest = pl.col("layers") - pl.col("attention_layers")
    return frame.with_columns(
        _of_kind(kind, pl.when(unlisted).then(rest)).alias(f"{kind}_layers")
        for kind in ("linear", "ssm", "conv")
    ).pipe(_global)


def _sharing(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `shared_uses`: layers that run a shared block; all layers are then state spaces."""
    by_list = pl.col("attention_layers_listed").list.len().cast(pl.Float64)
    hybrid = pl.col("words").list.eval(pl.element() == "hybrid").list.sum().cast(pl.Float64)
    uses = pl.coalesce(by_list, hybrid)
    shared = pl.col("shared_block")
    return frame.with_columns(
        pl.when(shared).then(uses).alias("shared_uses"),
        pl.when(shared).then(None).otherwise("words").alias("words"),
        pl.when(shared).then(None).otherwise("attention_interval").alias("attention_interval"),
        pl.when(shared).then(None).otherwise("attention_layers_listed").alias(
            "attention_layers_listed"
        ),
    )  # fmt: skip


def _of_kind(kind: str, rest: pl.Expr) -> pl.Expr:
    """Layers of a kind: those listed, and those its family makes of the rest.

    Lists of newer files say `linear_attention` for whatever is not attention.
    """
    own = pl.col("other_mixing") == kind
    listed = pl.col(f"{kind}_layers").fill_null(0.0)
    vague = pl.when(own).then(pl.col("linear_layers")).otherwise(0.0).fill_null(0.0)
    if kind == "linear":
        vague, listed = pl.lit(0.0), pl.when(
            pl.col("other_mixing").is_in(["ssm", "conv"])
        ).then(0.0).otherwise(listed)  # fmt: skip
    beside = pl.when((kind == "ssm") & pl.col("parallel_ssm")).then("layers")
    return pl.coalesce(beside, pl.when(own).then(rest), listed + vague)


def _global(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `global_layers`: attention over everything where it has sizes of its own."""
    full = _count(pl.col("words").list.head(pl.col("layers")), "^full_attention$")
    own = pl.col("global_head_dim").is_not_null()
    return frame.with_columns(
        pl.when(own).then(full).otherwise(0.0).fill_null(0.0).alias("global_layers"),
        pl.coalesce("global_key_value_heads", "key_value_heads").alias("global_key_value_heads"),
        pl.coalesce("global_head_dim", "head_dim").alias("global_head_dim"),
    )


def _sparse_by_rule() -> pl.Expr:
    """Layers with experts from first dense layers, a step and an offset."""
    layers, step = pl.col("layers"), number("sparse_step", 1.0).clip(1.0)
    first = number("first_dense")
    stated = number("last_sparse", 1e9)
    last = pl.min_horizontal(layers, pl.when(stated < 0).then(layers).otherwise(stated + 1.0))
    plain = (last / step).floor() - (first / step).floor()
    offset = pl.col("sparse_offset")
    shifted = _ceil_div(layers - offset, step)
    chosen = pl.when(offset.is_not_null()).then(shifted).otherwise(plain)
    listed = pl.col("dense_layers_listed").list.len().fill_null(0).cast(pl.Float64)
    return (chosen - listed).clip(0.0, layers)


def feed_forward(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the number of layers with experts and with a dense feed-forward block."""
    mlp_words = pl.col("mlp_layer_types").list.head(pl.col("layers"))
    enabled = pl.col("experts_enabled").fill_null(True)
    has_experts = (number("experts") > 0) & enabled
    one_part_a_layer = pl.col("listed_dense").fill_null(0) + pl.col("listed_experts").fill_null(0)
    sparse = (
        pl.when(~has_experts)
        .then(0.0)
        .when(pl.col("mlp_layer_types").list.len() > 0)
        .then(_count(mlp_words, "sparse|moe"))
        .when(one_part_a_layer > 0)
        .then("listed_experts")
        .when(pl.col("sparse_layers_listed").list.len() > 0)
        .then(pl.col("sparse_layers_listed").list.len().cast(pl.Float64))
        .otherwise(_sparse_by_rule())
    )
    frame = frame.with_columns(sparse.alias("sparse_layers"))
    mixers = pl.when(pl.col("mixer_only")).then(number("ssm_layers")).otherwise(0.0)
    dense = (
        pl.when(one_part_a_layer > 0)
        .then("listed_dense")
        .when(pl.col("block_ffn").is_not_null())
        .then("block_ffn")
        .otherwise(pl.col("layers") - pl.col("sparse_layers") - mixers)
    )
    return frame.with_columns(dense.clip(0.0).alias("dense_layers"))

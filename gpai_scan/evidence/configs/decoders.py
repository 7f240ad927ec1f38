"""Decoders, and encoders of text, which are built alike: sums over layers and what is outside."""

from __future__ import annotations

import polars as pl

from gpai_scan.evidence.configs import blocks, parts
from gpai_scan.evidence.configs.shapes import number

Expr = pl.Expr
_MASKED = r"ForMaskedLM|ForPreTraining"
_CHOSEN = 2.0
"""Experts of a token where neither file nor type says; what most classes assume."""


def _if(condition: Expr, value: Expr) -> Expr:
    """The value where the condition holds and it is known, else nothing."""
    return pl.when(condition).then(value).otherwise(0.0)


def _some(count: str, each: Expr) -> Expr:
    """So many parts of a kind; nothing where there are none, whatever the part would be."""
    return _if(number(count) > 0, pl.col(count) * each)


def _mixing() -> Expr:
    """All parts that mix tokens: attention, linear attention, state spaces, convolutions."""
    hidden = pl.col("hidden_size")
    shared = pl.min_horizontal(number("shared_key_value_layers"), number("attention_layers"))
    conv = blocks.short_convolution(hidden, number("ssm_kernel", 3.0))
    width = pl.col("global_key_value_heads") * pl.col("global_head_dim")
    same = _if(pl.col("key_equals_value").fill_null(False), hidden * width)
    widened = parts.grouped("global_head_dim", "global_key_value_heads") - parts.grouped() - same
    return (
        _some("attention_layers", (pl.col("attention_repeat") + crossed()) * parts.attention())
        + _some("attention_layers", pl.col("extra_projections") * hidden * hidden)
        + _some("global_layers", widened)
        - _if(shared > 0, shared * parts.keys_and_values())
        + _some("linear_layers", parts.linear())
        + _some("ssm_layers", parts.state_space())
        + _some("conv_layers", conv)
        + _some("block_linear", hidden * hidden)
    )


def crossed() -> Expr:
    """1 where each layer also attends to an encoder, else 0."""
    beside = pl.col("parent_kind").str.ends_with("encoder-decoder") & (pl.col("name") == "decoder")
    return (parts.is_on("cross_attention") + beside.fill_null(False).cast(pl.Float64)).clip(0, 1)


def _alternating() -> Expr:
    """Alternating updates and low-rank residual layers of a layer.

    n inputs, rank r: n² + n³ + n·h + 3h for the updates, 2·r·h + h for the residual.
    Source: modelling code of Gemma 3n.
    """
    hidden, inputs = pl.col("hidden_size"), number("altup_inputs")
    updates = inputs.pow(2) + inputs.pow(3) + inputs * hidden + 2.0 * hidden
    residual = 2.0 * number("laurel_rank") * hidden + hidden
    return _if(inputs > 0, updates + residual)


def _layered_inputs() -> Expr:
    """Inputs of their own for each layer, the table excepted: two matrices and a norm a layer."""
    hidden, size, layers = pl.col("hidden_size"), number("per_layer_size"), pl.col("layers")
    each = 2.0 * size * hidden + hidden
    return _if(size > 0, layers * each + layers * size * hidden + size)


def layered_table() -> Expr:
    """The table of inputs of their own for each layer: rows · layers · width."""
    rows = number("per_layer_vocabulary")
    return rows * pl.col("layers") * number("per_layer_size")


def _shared_blocks() -> Expr:
    """Transformer blocks over twice the width that several layers share, and what each use adds.

    A block: 14h² of attention, 3·h·i of feed-forward, 3h of norms. A use: h² and, with a rank r,
    an adapter of r·(h + 2i). Source: Zamba2, arXiv:2411.15242.
    """
    hidden, width = pl.col("hidden_size"), pl.col("intermediate_size")
    uses, rank = number("shared_uses"), number("adapter_rank")
    block = 14.0 * hidden * hidden + 3.0 * hidden * width + 3.0 * hidden
    use = hidden * hidden + rank * (hidden + 2.0 * width)
    return _if(pl.col("shared_block"), number("memory_blocks", 1.0) * block + uses * use)


def _table() -> Expr:
    width = pl.coalesce("embedding_width", "hidden_size")
    return number("vocabulary_size") * width


def _outside() -> Expr:
    """What stands outside the layers, the output layer and the input table excepted."""
    hidden, vectors = pl.col("hidden_size"), pl.col("norm_vectors")
    width = pl.coalesce("embedding_width", "hidden_size")
    norms = (pl.col("final_norms") * hidden + pl.col("embedding_norms") * width) * vectors
    types = _if(pl.col("token_type_table"), number("token_types"))
    masked = pl.col("root_architecture").str.contains(_MASKED).fill_null(False)
    transform = hidden * width + width * (1.0 + vectors) + number("vocabulary_size")
    head = _if(pl.col("masked_head") & masked, transform)
    pooler = _if(pl.col("pooler") & ~masked, hidden * hidden + hidden)
    factor = _if(width != hidden, width * hidden + hidden)
    inputs = number("altup_inputs")
    updates = _if(inputs > 0, 2.0 * (inputs - 1.0) * hidden * hidden)
    positions = (parts.position_rows() + types) * width
    beside = updates + _layered_inputs() + _shared_blocks()
    return norms + positions + head + pooler + factor + beside


def _dense() -> Expr:
    """Dense feed-forward blocks, those beside experts and those of double width included."""
    beside = _if(number("sparse_layers") > 0, pl.col("dense_beside") * pl.col("layers"))
    wide = pl.col("double_wide").fill_null(False) & (number("shared_key_value_layers") > 0)
    more = _if(wide, number("shared_key_value_layers"))
    return (pl.col("dense_layers") + beside + more) * parts.dense()


def _routing() -> Expr:
    """A sparse layer's router, shared experts and projections into the experts' space."""
    hidden, narrow = pl.col("hidden_size"), pl.col("expert_hidden_size")
    rows = number("experts") + number("zero_experts")
    shared = parts.shared().fill_null(0.0)
    return hidden * rows + shared + _if((narrow > 0).fill_null(False), 2.0 * hidden * narrow)


def _norms() -> Expr:
    """Norms of all layers and their shares of alternating updates."""
    norms = pl.col("layer_norms") + crossed()
    each = norms * pl.col("norm_vectors") * pl.col("hidden_size")
    return pl.col("layers") * (each + _alternating())


def _chosen() -> Expr:
    """Experts a token passes through; identity experts take their share of the choices."""
    real = number("experts") / (number("experts") + number("zero_experts"))
    each = number("experts_per_token", _CHOSEN)
    return each * pl.when(number("experts") > 0).then(real).otherwise(1.0)


def decoder(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the parameters: `total`, `active`, `embedding`, `ahead`.

    total = table·(1 or 2) + outside + Σ layers·parts. Active: k of the routed experts, and no
    tables of inputs for each layer, which are only looked up. `ahead` are multi-token-prediction
    layers, a whole layer and a projection of 2h² each; they are not in the total.
    """
    frame = frame.with_columns(
        _mixing().alias("mixers"), _routing().alias("routing"), parts.expert().alias("expert")
    )
    hidden, sparse = pl.col("hidden_size"), pl.col("sparse_layers")
    others = pl.coalesce("experts_second", "experts")  # of another modality, narrower
    second = others * number("expert_size_second") / pl.col("expert_size")
    everyone = number("experts") + second.fill_nan(0.0).fill_null(0.0)
    head = pl.when("is_tied").then(0.0).otherwise(_table())
    head += parts.is_on("head_bias") * number("vocabulary_size")
    stack = pl.col("mixers") + _norms() + _dense()
    once = pl.when("shared_layers").then(number("layer_groups", 1.0) / pl.col("layers"))
    common = _table() + head + _outside() + stack * once.otherwise(1.0)
    common += _some("sparse_layers", pl.col("routing"))
    each = pl.col("mixers") / pl.col("layers") + 2.0 * hidden * hidden
    each += pl.when(sparse > 0).then(
        pl.col("routing") + number("experts") * pl.col("expert")
    ).otherwise(parts.dense())  # fmt: skip
    total = common + _some("sparse_layers", pl.col("expert") * everyone)
    active = common + _some("sparse_layers", pl.col("expert") * _chosen())
    partial = (sparse > 0) | (layered_table() > 0)
    return frame.with_columns(
        (total + layered_table()).alias("total"),
        pl.when(partial).then(active).alias("active"),
        _table().alias("embedding"),
        (number("prediction_layers") * each).alias("ahead"),
    )

"""One layer's parts as columns say: `blocks.py` applied to the quantities of a section."""

from __future__ import annotations

import polars as pl

from gpai_scan.evidence.configs import blocks
from gpai_scan.evidence.configs.shapes import number

Expr = pl.Expr


def is_on(name: str) -> Expr:
    """1 where a flag is set, else 0."""
    return pl.col(name).fill_null(False).cast(pl.Float64)


def bias(policy: str, stated: str) -> Expr:
    """1 where a projection has a bias: by its family's policy, a key of the file deciding."""
    said = pl.col(stated).fill_null(False) & ~pl.col("no_bias").fill_null(False)
    return ((pl.col(policy) == "always") | ((pl.col(policy) == "stated") & said)).cast(pl.Float64)


def _normed() -> Expr:
    """Whether queries and keys have a norm of a head's size."""
    norm = pl.col("query_norm")
    return (norm == "head") | ((norm == "stated") & pl.col("qk_norm_stated").fill_null(False))


def grouped(size: str = "head_dim", groups: str = "key_value_heads") -> Expr:
    """One layer of grouped-query attention with its biases and norms of queries and keys.

    `size` and `groups` name the columns of head size and key-value heads, since some models have
    other ones in their global layers.
    """
    heads, hidden = pl.col("heads"), pl.col("hidden_size")
    query, key = heads * pl.col(size), pl.col(groups) * pl.col(size)
    each = pl.col("value_head_dim") if size == "head_dim" else pl.col(size)
    value = pl.col(groups) * each
    full, single = pl.col("attention_gate") == "full", pl.col("attention_gate") == "head"
    stated = (pl.col("attention_gate") == "stated") & pl.col("gated_output").fill_null(False)
    gate = pl.when(full | stated).then(query).when(single).then(heads).otherwise(0.0)
    weights = blocks.grouped_attention(hidden, query, key, value, gate=gate)
    weights += hidden * heads * (each - pl.col(size))
    biases = bias("qkv_policy", "attention_bias") * (query + key + value)
    biases += bias("out_policy", "attention_bias") * hidden
    full_norm = pl.col("query_norm") == "full"
    norms = pl.when(_normed()).then(2.0 * pl.col(size)).when(full_norm).then(query + key)
    return weights + biases + norms.otherwise(0.0) * pl.col("norm_vectors")


def keys_and_values() -> Expr:
    """What a layer saves that takes keys and values from an earlier one."""
    width = pl.col("key_value_heads") * (pl.col("head_dim") + pl.col("value_head_dim"))
    norm = pl.when(_normed()).then("head_dim").otherwise(0.0)
    return pl.col("hidden_size") * width + norm


def latent() -> Expr:
    """One layer of latent attention, with the indexer where the file states one."""
    hidden, rank = pl.col("hidden_size"), number("query_rank")
    weights = blocks.latent_attention(
        hidden,
        pl.col("heads"),
        nope=number("head_dim_nope"),
        rope=number("head_dim_rope"),
        value=pl.col("value_head_dim"),
        query_rank=rank,
        key_rank=number("key_rank"),
    )
    heads, size = number("index_heads"), number("index_head_dim")
    index = blocks.sparse_indexer(hidden, rank, heads, size)
    gate = pl.when(pl.col("attention_gate") == "full").then(
        hidden * pl.col("heads") * pl.col("value_head_dim")
    ).otherwise(0.0)  # fmt: skip
    return weights + pl.when(heads > 0).then(index).otherwise(0.0) + gate


def compressed() -> Expr:
    """One layer of compressed attention; the compressors by the mean over all layers."""
    hidden, size = pl.col("hidden_size"), pl.col("head_dim")
    heads, rank = pl.col("heads"), number("query_rank")
    weights = blocks.compressed_attention(
        hidden,
        heads * size,
        size,
        query_rank=rank,
        output_rank=number("output_rank"),
        output_groups=number("output_groups"),
    )
    ratios = pl.col("compress_ratios").list.head(pl.col("layers"))
    low = ratios.list.eval((pl.element() > 0) & (pl.element() < 64)).list.sum()
    high = ratios.list.eval(pl.element() >= 64).list.sum()
    words = pl.col("words").list
    fine = pl.coalesce(low, words.count_matches("compressed_sparse_attention"))
    coarse = pl.coalesce(high, words.count_matches("heavily_compressed_attention"))
    index = number("index_head_dim")
    narrow = 4.0 * hidden * size + 4.0 * hidden * index + rank * number("index_heads") * index
    narrow += hidden * number("index_heads")
    wide = 2.0 * hidden * size
    extra = (fine * narrow + coarse * wide) / pl.col("layers")
    return weights + extra.fill_nan(0.0).fill_null(0.0)


def attention() -> Expr:
    """One attention layer, by the kind its family has."""
    kind = pl.col("attention")
    ranked = (kind == "latent") & (number("key_rank") > 0)
    return (
        pl.when(ranked).then(latent())
        .when(kind == "compressed").then(compressed())
        .otherwise(grouped())
    )  # fmt: skip


def linear() -> Expr:
    """One layer of linear attention, by the kind its family has."""
    hidden = pl.col("hidden_size")
    heads = number("linear_value_heads")
    delta = blocks.delta_network(
        hidden,
        key_width=number("linear_key_heads") * number("linear_key_dim"),
        value_width=heads * number("linear_value_dim"),
        value_heads=heads,
        value_size=number("linear_value_dim"),
        kernel=number("linear_kernel", 4.0),
    )
    kimi = blocks.delta_attention(
        hidden,
        number("linear_heads"),
        number("linear_head_dim"),
        number("linear_kernel", 4.0),
        full_gate=pl.col("full_rank_gate").fill_null(False),
    )
    width = pl.col("heads") * pl.col("head_dim")
    lightning = 5.0 * hidden * width + width
    return (
        pl.when(pl.col("linear") == "kimi").then(kimi)
        .when(pl.col("linear") == "lightning").then(lightning)
        .otherwise(delta)
    )  # fmt: skip


def state_space() -> Expr:
    """One state-space or recurrent layer, by the kind its family has."""
    hidden, inner, state = pl.col("hidden_size"), number("ssm_inner"), number("ssm_state")
    kernel, rank = number("ssm_kernel", 4.0), number("ssm_rank")
    first = blocks.mamba1(hidden, inner, state, rank, kernel)
    first += is_on("ssm_has_norms") * (rank + 2.0 * state)
    groups = number("ssm_groups", 1.0)
    second = blocks.mamba2(hidden, inner, state, number("ssm_heads"), groups, kernel)
    wide = pl.coalesce("recurrent_width", "hidden_size")
    receptance = blocks.receptance(hidden, pl.coalesce("attention_hidden", "hidden_size"))
    gated = blocks.gated_recurrence(hidden, wide, pl.col("heads"), kernel)
    matrix = blocks.matrix_receptance(hidden, dynamic=pl.col("ssm") == "rwkv6")
    return (
        pl.when(pl.col("ssm") == "mamba1").then(first)
        .when(pl.col("ssm") == "rwkv").then(receptance)
        .when(pl.col("ssm").is_in(["rwkv5", "rwkv6"])).then(matrix)
        .when(pl.col("ssm") == "rwkv7").then(blocks.delta_receptance(hidden))
        .when(pl.col("ssm") == "griffin").then(gated)
        .otherwise(second)
    )  # fmt: skip


def expert() -> Expr:
    """One routed expert; where experts work in a narrower space, its projections are apart."""
    inner = pl.coalesce("expert_hidden_size", "hidden_size")
    weights = blocks.feed_forward(inner, pl.col("expert_size"), pl.col("mlp_matrices"))
    vectors = (pl.col("mlp_matrices") - 1.0) * pl.col("expert_size") + inner
    return weights + is_on("expert_biased") * vectors


def shared() -> Expr:
    """All shared experts of a layer."""
    count = pl.coalesce("shared_experts", "shared_always")
    stated = pl.coalesce("shared_size", count * pl.col("expert_size"))
    width = pl.when(pl.col("shared_each")).then(
        number("shared_experts") * pl.coalesce("shared_size", "expert_size")
    ).otherwise(stated)  # fmt: skip
    gate = is_on("shared_gate") * pl.col("hidden_size")
    return blocks.feed_forward(pl.col("hidden_size"), width, pl.col("mlp_matrices")) + gate


def dense() -> Expr:
    """One dense feed-forward block with its biases."""
    width, hidden, matrices = pl.col("dense_size"), pl.col("hidden_size"), pl.col("mlp_matrices")
    vectors = bias("mlp_policy", "mlp_bias") * ((matrices - 1.0) * width + hidden)
    return blocks.feed_forward(hidden, width, matrices) + vectors


def position_rows() -> Expr:
    """Rows of the table of positions, none where there is no table."""
    relative = pl.col("position_kind").str.contains("rotary|rope|alibi").fill_null(False)
    return pl.when(pl.col("position_table") & ~relative).then(
        number("positions") + pl.col("position_offset")
    ).otherwise(0.0)  # fmt: skip

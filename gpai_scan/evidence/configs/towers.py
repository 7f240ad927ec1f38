"""Sections to parameters: the parts of `blocks.py`, as often as `layers.py` says.

Adds `total`, `active` (parameters a token passes through), `embedding` (input table), and the
`ahead` parameters of multi-token-prediction heads, which are not in the total.
"""

from __future__ import annotations

import polars as pl

from gpai_scan.evidence.configs import blocks, layers
from gpai_scan.evidence.configs.shapes import number

Expr = pl.Expr
_HEADLESS = (
    r"ForSequenceClassification|ForTokenClassification|ForReward|RewardModel|ForQuestion|"
    r"[a-z0-9]Model$|ForScore|ForImageClassification|Embedding$"
)
_MASKED = r"ForMaskedLM|ForPreTraining"


def _on(name: str) -> Expr:
    """1 where a flag is set, else 0."""
    return pl.col(name).fill_null(False).cast(pl.Float64)


def _bias(policy: str, stated: str) -> Expr:
    """1 where a projection has a bias: by its family's policy, a key of the file deciding."""
    said = pl.col(stated).fill_null(False) & ~pl.col("no_bias").fill_null(False)
    return ((pl.col(policy) == "always") | ((pl.col(policy) == "stated") & said)).cast(pl.Float64)


def sizes(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the widths that files leave to be derived: head size, key-value heads, experts."""
    multi_query = pl.col("multi_query").fill_null(False) & ~pl.col("new_decoder").fill_null(False)
    heads = pl.coalesce("heads", "encoder_heads", "decoder_heads")
    key_value = pl.when(multi_query).then(1.0).otherwise(pl.coalesce("key_value_heads", heads))
    hidden = pl.col("hidden_size")
    stated_width = pl.coalesce("encoder_ffn", "decoder_ffn")
    ratio = pl.coalesce("mlp_ratio", "ff_multiple") * hidden
    padded = pl.col("embedding_width") >= pl.col("vocabulary_size")  # rows of the table, not width
    frame = frame.with_columns(
        pl.when(padded)
        .then("embedding_width")
        .otherwise("vocabulary_size")
        .alias("vocabulary_size"),
        pl.when(~padded).then("embedding_width").alias("embedding_width"),
        heads.alias("heads"),
        key_value.alias("key_value_heads"),
        pl.coalesce("head_dim", hidden / heads).alias("head_dim"),
        pl.coalesce("intermediate_size", stated_width, ratio).alias("intermediate_size"),
        pl.coalesce("layers", "encoder_layers", "decoder_layers").alias("layers"),
    )
    return frame.with_columns(
        pl.coalesce("value_head_dim", "head_dim").alias("value_head_dim"),
        pl.coalesce("expert_size", "intermediate_size").alias("expert_size"),
        pl.coalesce("dense_size", "intermediate_size").alias("dense_size"),
        pl.coalesce(
            "ssm_inner", pl.col("ssm_heads") * pl.col("ssm_head_dim"), pl.col("ssm_expand") * hidden
        ).alias("ssm_inner"),
        pl.coalesce("ssm_rank", (hidden / 16.0).ceil()).alias("ssm_rank"),
    )


def _grouped() -> Expr:
    """One layer of grouped-query attention with its biases and norms of queries and keys."""
    heads, groups = pl.col("heads"), pl.col("key_value_heads")
    query, key = heads * pl.col("head_dim"), groups * pl.col("head_dim")
    value = groups * pl.col("value_head_dim")
    full, single = pl.col("attention_gate") == "full", pl.col("attention_gate") == "head"
    stated = (pl.col("attention_gate") == "stated") & pl.col("gated_output").fill_null(False)
    gate = pl.when(full | stated).then(query).when(single).then(heads).otherwise(0.0)
    weights = blocks.grouped_attention(pl.col("hidden_size"), query, key, value, gate=gate)
    weights += pl.col("hidden_size") * heads * (pl.col("value_head_dim") - pl.col("head_dim"))
    biases = _bias("qkv_policy", "attention_bias") * (query + key + value)
    biases += _bias("out_policy", "attention_bias") * pl.col("hidden_size")
    norm = pl.col("query_norm")
    on = (norm == "head") | ((norm == "stated") & pl.col("qk_norm_stated").fill_null(False))
    norms = (
        pl.when(on).then(2.0 * pl.col("head_dim"))
        .when(norm == "full").then(query + key)
        .otherwise(0.0)
    )  # fmt: skip
    return weights + biases + norms * pl.col("norm_vectors")


def _latent() -> Expr:
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


def _compressed() -> Expr:
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
    count = ratios.list.len()
    fine = ratios.list.eval(((pl.element() > 0) & (pl.element() < 64)).cast(pl.Float64))
    coarse = ratios.list.eval((pl.element() >= 64).cast(pl.Float64))
    index = number("index_head_dim")
    narrow = 4.0 * hidden * size + 4.0 * hidden * index + rank * number("index_heads") * index
    narrow += hidden * number("index_heads")
    wide = 2.0 * hidden * size
    extra = (fine.list.sum() * narrow + coarse.list.sum() * wide) / count
    return weights + extra.fill_nan(0.0).fill_null(0.0)


def _attention() -> Expr:
    kind = pl.col("attention")
    latent = (kind == "latent") & (number("key_rank") > 0)
    return (
        pl.when(latent).then(_latent())
        .when(kind == "compressed").then(_compressed())
        .otherwise(_grouped())
    )  # fmt: skip


def _linear() -> Expr:
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


def _state_space() -> Expr:
    hidden, inner, state = pl.col("hidden_size"), number("ssm_inner"), number("ssm_state")
    kernel = number("ssm_kernel", 4.0)
    first = blocks.mamba1(hidden, inner, state, number("ssm_rank"), kernel)
    first += _on("ssm_has_norms") * (number("ssm_rank") + 2.0 * state)
    second = blocks.mamba2(
        hidden, inner, state, number("ssm_heads"), number("ssm_groups", 1.0), kernel
    )
    return pl.when(pl.col("ssm") == "mamba1").then(first).otherwise(second)


def _expert() -> Expr:
    """One routed expert; where experts work in a narrower space, its projections are apart."""
    inner = pl.coalesce("expert_hidden_size", "hidden_size")
    weights = blocks.feed_forward(inner, pl.col("expert_size"), pl.col("mlp_matrices"))
    bias = (pl.col("mlp_matrices") - 1.0) * pl.col("expert_size") + inner
    return weights + _on("expert_biased") * bias


def _shared() -> Expr:
    """All shared experts of a layer."""
    stated = pl.coalesce("shared_size", number("shared_experts") * pl.col("expert_size"))
    width = pl.when(pl.col("shared_each")).then(
        number("shared_experts") * pl.coalesce("shared_size", "expert_size")
    ).otherwise(stated)  # fmt: skip
    gate = _on("shared_gate") * pl.col("hidden_size")
    return blocks.feed_forward(pl.col("hidden_size"), width, pl.col("mlp_matrices")) + gate


def _dense() -> Expr:
    """One dense feed-forward block with its biases."""
    width, hidden, matrices = pl.col("dense_size"), pl.col("hidden_size"), pl.col("mlp_matrices")
    bias = _bias("mlp_policy", "mlp_bias") * ((matrices - 1.0) * width + hidden)
    return blocks.feed_forward(hidden, width, matrices) + bias


def _position_rows() -> Expr:
    return pl.when(pl.col("position_table")).then(
        number("positions") + pl.col("position_offset")
    ).otherwise(0.0)  # fmt: skip


def _outside() -> Expr:
    """What stands outside the layers, the output layer and the input table excepted."""
    hidden, vectors = pl.col("hidden_size"), pl.col("norm_vectors")
    norms = (pl.col("final_norms") + pl.col("embedding_norms")) * vectors * hidden
    types = pl.when(pl.col("token_type_table")).then(number("token_types")).otherwise(0.0)
    masked = pl.col("root_architecture").str.contains(_MASKED).fill_null(False)
    head = pl.when(pl.col("masked_head") & masked).then(
        hidden * hidden + hidden * (1.0 + vectors) + number("vocabulary_size")
    ).otherwise(0.0)  # fmt: skip
    pooler = pl.when(pl.col("pooler") & ~masked).then(hidden * hidden + hidden).otherwise(0.0)
    return norms + (_position_rows() + types) * hidden + head + pooler


def tied(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `is_tied`: own statement, the document's, what the type or the family assumes."""
    said = pl.coalesce("embedding_tied", "root_tied", "default_embedding_tied", "tied")
    headless = pl.col("root_architecture").str.contains(_HEADLESS).fill_null(False)
    return frame.with_columns((said | headless | (pl.col("masked_head"))).alias("is_tied"))


def decoder(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the parameters of decoders and encoders alike: `total`, `active`, `embedding`, `ahead`.

    total = V·h·(1 or 2) + outside + Σ layers·parts; active counts top-k of the routed experts.
    """
    hidden, vectors = pl.col("hidden_size"), pl.col("norm_vectors")
    mixing = (
        pl.col("attention_layers") * _attention()
        + pl.col("linear_layers").fill_null(0.0) * _linear().fill_null(0.0)
        + pl.col("ssm_layers").fill_null(0.0) * _state_space().fill_null(0.0)
        + pl.col("conv_layers").fill_null(0.0)
        * blocks.short_convolution(hidden, number("ssm_kernel", 3.0))
        + number("block_linear") * hidden * hidden
    )
    norms = pl.col("layers") * pl.col("layer_norms") * vectors * hidden
    experts, chosen = number("experts"), number("experts_per_token")
    second = number("experts_second") * number("expert_size_second") / pl.col("expert_size")
    second_share = second.fill_null(0.0).fill_nan(0.0)
    latent = pl.col("expert_hidden_size")
    through = pl.when(latent > 0).then(2.0 * hidden * latent).otherwise(0.0)
    each_sparse = hidden * experts + _shared().fill_null(0.0) + through
    table = number("vocabulary_size") * pl.coalesce("embedding_width", "hidden_size")
    head = pl.when(pl.col("is_tied")).then(0.0).otherwise(table)
    head += _on("head_bias") * number("vocabulary_size")
    dense = pl.col("dense_layers") * _dense()
    sparse = pl.col("sparse_layers")
    common = table + head + _outside() + mixing + norms + dense + sparse * each_sparse
    routed = sparse * _expert()
    per_layer = (mixing / pl.col("layers")) + each_sparse + experts * _expert()
    plain = (mixing / pl.col("layers")) + _dense()
    one_ahead = pl.when(sparse > 0).then(per_layer).otherwise(plain) + 2.0 * hidden * hidden
    return frame.with_columns(
        (common + routed * (experts + second_share)).alias("total"),
        pl.when(sparse > 0).then(common + routed * chosen).alias("active"),
        table.alias("embedding"),
        (number("prediction_layers") * one_ahead).alias("ahead"),
    )


def vision(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `total` of image encoders: patches, positions, layers, and the merger into the text."""
    hidden, width = pl.col("hidden_size"), pl.col("intermediate_size")
    frames = number("temporal_patch_size", 1.0)
    patch, channels = number("patch_size"), number("channels", 3.0)
    stem = blocks.patches(hidden, patch, channels, frames) + _on("patch_bias") * hidden
    by_image = (number("image_size") / patch).floor().pow(2) + _on("class_token")
    rows = pl.when(pl.col("position_table")).then(
        pl.coalesce("source_positions", by_image)
    ).otherwise(0.0)  # fmt: skip
    each = _grouped() + blocks.feed_forward(hidden, width, pl.col("mlp_matrices"))
    each += _bias("mlp_policy", "mlp_bias") * ((pl.col("mlp_matrices") - 1.0) * width + hidden)
    each += (pl.col("layer_norms") * pl.col("norm_vectors") + pl.col("layer_scale")) * hidden
    norms = pl.col("final_norms") * pl.col("norm_vectors") * hidden
    extra = (rows + _on("class_token")) * hidden
    total = stem + extra + pl.col("layers") * each + norms + _merger()
    return frame.with_columns(total.alias("total"))


def _merger() -> Expr:
    """Two-matrix projection of merged patches into the text's width, where a family has one."""
    merged = pl.col("hidden_size") * number("merge_size", 1.0).pow(2)
    out = number("output_size")
    count = 1.0 + pl.col("deepstack_listed").list.len().fill_null(0).cast(pl.Float64)
    one = merged * merged + merged + merged * out + out + 2.0 * pl.col("hidden_size")
    return pl.when(pl.col("projector") == "merger").then(count * one).otherwise(0.0)


def parameters(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the parameters of each section by the arithmetic of its family."""
    frame = frame.pipe(sizes).pipe(layers.token_mixing).pipe(layers.feed_forward).pipe(tied)
    as_decoder, as_vision = frame.pipe(decoder), frame.pipe(vision)
    kind = pl.col("arithmetic")
    return pl.concat(
        [
            as_decoder.filter(kind == "decoder"),
            as_vision.filter(kind == "vision"),
        ],
        how="diagonal",
    )

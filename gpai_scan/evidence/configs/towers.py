"""Sections to parameters: the parts of `blocks.py`, as often as `layers.py` says.

Adds `total`, `active` (parameters a token passes through), `embedding` (input table), and the
`ahead` parameters of multi-token-prediction heads, which are not in the total.
"""

from __future__ import annotations

import polars as pl

from gpai_scan.evidence.configs import blocks, decoders, diffusion, encoders, layers, parts
from gpai_scan.evidence.configs.shapes import number

Expr = pl.Expr
_HEADLESS = (
    r"ForSequenceClassification|ForTokenClassification|ForReward|ForQuestion|ForScore|"
    r"ForImageClassification|Embedding$"
)
_BARE = r"(Model|Encoder)$"


def _heads(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds heads, key-value heads and head size; listed layers give the mean of their groups."""
    multi_query = pl.col("multi_query").fill_null(False) & ~pl.col("new_decoder").fill_null(False)
    tower = pl.when(pl.col("role").is_in(["vision", "audio"])).then(pl.col("hidden_size") / 64.0)
    heads = pl.coalesce("heads", "encoder_heads", "decoder_heads", tower)
    listed = pl.when(pl.col("block_attention") > 0).then(
        heads * pl.col("block_inverse_group") / pl.col("block_attention")
    )
    single = pl.coalesce("query_groups", pl.lit(1.0))
    stated = pl.when(multi_query).then(single).otherwise(pl.coalesce("key_value_heads", heads))
    return frame.with_columns(
        heads.alias("heads"),
        pl.coalesce(listed, stated).alias("key_value_heads"),
        pl.coalesce("head_dim", pl.col("hidden_size") / heads).alias("head_dim"),
        pl.coalesce("layers", "encoder_layers", "decoder_layers").alias("layers"),
    )


def _widths(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the feed-forward width: stated, by a ratio, or by the factors of listed layers."""
    hidden = pl.col("hidden_size")
    factor = pl.col("block_width") / pl.col("block_ffn")
    listed = pl.when(pl.col("block_width") > 0).then(2.0 * factor * hidden / 3.0)
    inner = pl.when(pl.col("hidden_dim") != hidden).then("hidden_dim")
    stated = pl.coalesce("intermediate_size", inner, "encoder_ffn", "decoder_ffn")
    ratio = pl.coalesce("mlp_ratio", "ff_multiple") * hidden * number("width_factor", 1.0)
    halved = pl.col("doubled_width") / 2.0
    width = pl.coalesce(listed, halved, stated, ratio) * pl.col("mlp_scale")
    multiple = pl.coalesce("width_multiple", pl.lit(256.0))
    adjusted = ((2.0 / 3.0 * width).floor() / multiple).ceil() * multiple
    auto = (pl.col("adjusts_width") & pl.col("auto_width").fill_null(True)).fill_null(False)
    chosen = pl.when(auto).then(adjusted).otherwise(width)
    return frame.with_columns(_matrices().alias("mlp_matrices"), chosen.alias("intermediate_size"))


def sizes(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the widths that files leave to be derived: heads, feed-forward, experts, states."""
    padded = pl.col("embedding_width") >= pl.col("vocabulary_size")  # rows of the table, not width
    rows = pl.when(padded).then("embedding_width").otherwise("vocabulary_size")
    narrow = pl.col("hidden_is_output") & pl.col("embed_dim").is_not_null()
    frame = frame.with_columns(
        pl.when(narrow)
        .then("embed_dim")
        .otherwise(pl.coalesce("hidden_size", "embed_dim", "hidden_dim"))
        .alias("hidden_size"),
        pl.when(narrow).then("hidden_size").otherwise("output_size").alias("output_size"),
        rows.alias("vocabulary_size"),
        pl.when(~padded).then("embedding_width").alias("embedding_width"),
        pl.when("inner_is_width").then("intermediate_size").alias("stated_inner"),
    )
    return frame.pipe(_heads).pipe(_widths).pipe(_states)


def _states(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds widths of experts and of states, and the number of state-space heads."""
    hidden = pl.col("hidden_size")
    product = pl.col("ssm_heads") * pl.col("ssm_head_dim")
    inner = pl.coalesce("ssm_inner", "stated_inner", product, pl.col("ssm_expand") * hidden)
    square = pl.when("dense_is_hidden").then(hidden)
    return frame.with_columns(
        pl.coalesce("value_head_dim", "head_dim").alias("value_head_dim"),
        pl.coalesce("expert_size", "intermediate_size").alias("expert_size"),
        pl.coalesce("dense_size", square, "intermediate_size").alias("dense_size"),
        inner.alias("ssm_inner"),
        pl.coalesce("ssm_heads", inner / pl.col("ssm_head_dim")).alias("ssm_heads"),
        pl.coalesce("ssm_rank", (hidden / 16.0).ceil()).alias("ssm_rank"),
    )


def tied(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `is_tied`: own statement, the document's, what the type or the family assumes."""
    said = pl.coalesce("embedding_tied", "root_tied", "default_embedding_tied", "tied")
    own = pl.when(pl.col("role") == "text").then("architecture")
    name = pl.coalesce(own, "root_architecture").fill_null("")
    bare = name.str.contains(_BARE) & ~name.str.contains("LMHead|Double|ChatModel$")
    bare &= ~pl.col("bare_is_whole")
    headless = name.str.contains(_HEADLESS) | bare | pl.col("masked_head") | ~pl.col("has_head")
    return frame.with_columns((said | headless).alias("is_tied"))


def vision(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `total` of image encoders: patches, positions, layers, and the merger into the text."""
    hidden = pl.col("hidden_size")
    width = pl.when("width_is_output").then("output_size").otherwise("intermediate_size")
    frames = number("temporal_patch_size", 1.0)
    patch, channels = number("patch_size"), number("channels", 3.0)
    stem = blocks.patches(hidden, patch, channels, frames) + parts.is_on("patch_bias") * hidden
    by_image = (number("image_size") / patch).floor().pow(2) + parts.is_on("class_token")
    rows = pl.when(pl.col("position_table")).then(
        pl.coalesce("source_positions", by_image)
    ).otherwise(0.0)  # fmt: skip
    each = parts.grouped() + blocks.feed_forward(hidden, width, pl.col("mlp_matrices"))
    each += parts.bias("mlp_policy", "mlp_bias") * ((pl.col("mlp_matrices") - 1.0) * width + hidden)
    each += (pl.col("layer_norms") * pl.col("norm_vectors") + pl.col("layer_scale")) * hidden
    norms = pl.col("final_norms") * pl.col("norm_vectors") * hidden
    extra = (rows + parts.is_on("class_token")) * hidden
    layers = pl.col("layers") + number("extra_layers")
    total = stem + extra + layers * each + norms + _merger() + _pool()
    return frame.with_columns(total.alias("total"))


def connector(kind: Expr, tower: Expr, text: Expr, factor: Expr, width: Expr) -> Expr:
    """Projection of a tower's width v into the text's width t, by its kind.

    linear: v·t + t. two: v·t + t² + 2t. shuffle: f²·v·t, where f² neighbours are put together.
    shuffle_two: a norm of 2·f²·v, then f²·v·t + t² + 2t. shuffle_gated: f²·v·w + w/2·t of a stated
    width w. Sources: LLaVA (arXiv:2304.08485), Idefics3 (arXiv:2408.12637), InternVL
    (arXiv:2312.14238), Aya Vision (arXiv:2505.08751).
    """
    gathered = tower * factor * factor
    two = tower * text + text * text + 2.0 * text
    return (
        pl.when(kind == "linear").then(tower * text + text)
        .when(kind == "two").then(two)
        .when(kind == "shuffle").then(gathered * text)
        .when(kind == "shuffle_gated").then(gathered * width + width * text / 2.0)
        .when(kind == "shuffle_two").then(2.0 * gathered + gathered * text + two - tower * text)
        .otherwise(0.0)
    )  # fmt: skip


def _pool() -> Expr:
    """Attention pooling at the end of an image encoder that stands for itself: 4h² + 2h·i + ….

    Left out where the encoder is a tower of another model, which reads the patches instead.
    """
    hidden, width = pl.col("hidden_size"), pl.col("intermediate_size")
    alone = (pl.col("role") == "root") | pl.col("root_type").str.starts_with("siglip")
    used = pl.col("attention_pool") & alone & pl.col("multilayer_head").fill_null(True)
    pool = 4.0 * hidden * hidden + 2.0 * hidden * width + width + 8.0 * hidden
    return pl.when(used).then(pool).otherwise(0.0)


def _merger() -> Expr:
    """Projection of merged patches into the text's width, where a family has one.

    Of m merged channels into o: m² + m + m·o + o, or gated m·o + o² + 3·o·i.
    """
    merged = pl.col("hidden_size") * number("merge_size", 1.0).pow(2)
    out = number("output_size")
    count = 1.0 + pl.col("deepstack_listed").list.len().fill_null(0).cast(pl.Float64)
    one = merged * merged + merged + merged * out + out + 2.0 * pl.col("hidden_size")
    gated = merged * out + out * out + 3.0 * out * pl.col("intermediate_size")
    return (
        pl.when(pl.col("projector") == "merger").then(count * one)
        .when(pl.col("projector") == "gated_merger").then(gated)
        .otherwise(0.0)
    )  # fmt: skip


_PLAIN = r"^(gelu|relu|gelu_new|gelu_fast|quick_gelu|relu2|gelu_python)$"


def _matrices() -> Expr:
    """Matrices of a feed-forward block, where the family leaves it to the activation's name."""
    rule, name = pl.col("gated_by"), pl.col("activation").str.to_lowercase()
    return (
        pl.when(pl.col("gated_mlp") | (rule == "name") & name.str.contains("gated"))
        .then(3.0)
        .when((rule == "guess") & name.str.contains(_PLAIN))
        .then(2.0)
        .when((rule == "guess_plain") & ~name.str.contains("silu|swi|glu").fill_null(False))
        .then(2.0)
        .otherwise("mlp_matrices")
    )


def fixed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `total` of parts that have one size in every file: all of it is the family's."""
    return frame.with_columns(pl.lit(0.0).alias("total"))


ARITHMETIC = {
    "fixed": fixed,
    "decoder": decoders.decoder,
    "encoder_decoder": encoders.encoder_decoder,
    "vision": vision,
    "audio": encoders.audio,
    "unet": diffusion.unet,
    "autoencoder": diffusion.autoencoder,
    "diffusion_transformer": diffusion.diffusion_transformer,
}


def parameters(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the parameters of each section by the arithmetic of its family.

    Collected in between: a plan over every arithmetic is slower to make than to run, and most
    shards hold a few.
    """
    sized = frame.pipe(sizes).pipe(layers.token_mixing).pipe(layers.feed_forward).pipe(tied)
    rows = sized.with_columns(coarse=pl.lit(False)).collect()
    groups = [
        count(rows.lazy().filter(pl.col("arithmetic") == name))
        for name, count in ARITHMETIC.items()
        if name == "decoder" or (rows["arithmetic"] == name).any()
    ]
    whole = pl.concat(groups, how="diagonal")
    beside = pl.col("fixed")
    return whole.with_columns(pl.col("total") + beside, pl.col("active") + beside)

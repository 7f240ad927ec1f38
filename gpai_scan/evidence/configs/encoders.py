"""Encoder-decoder models and encoders of sound: sums over the parts of `blocks.py`."""

from __future__ import annotations

import polars as pl

from gpai_scan.evidence.configs import parts
from gpai_scan.evidence.configs.shapes import number

Expr = pl.Expr


def convolution(inputs: Expr, outputs: Expr, kernel: Expr | float) -> Expr:
    """One convolution over time with bias: in·out·kernel + out."""
    return inputs * outputs * kernel + outputs


def _stem() -> Expr:
    """Two convolutions of width three from mel bands to the hidden size."""
    hidden, bands = pl.col("hidden_size"), number("mel_bins")
    both = convolution(bands, hidden, 3.0) + convolution(hidden, hidden, 3.0)
    return pl.when(pl.col("stem") == "mel").then(both).otherwise(0.0)


def _wave() -> Expr:
    """Convolutions over the waveform, projection to the hidden size, positional convolution.

    Equal channel counts c over n layers with kernels k: k₁·c + Σ c²·kᵢ, then c·h + h and
    h²·p/g + h. Source: wav2vec 2.0, arXiv:2006.11477.
    """
    hidden = pl.col("hidden_size")
    channels = pl.col("conv_dims").list.first().fill_null(512.0)
    kernels = pl.coalesce("conv_kernels", pl.lit([10.0, 3.0, 3.0, 3.0, 3.0, 2.0, 2.0]))
    later = kernels.list.sum() - kernels.list.first()
    extractor = kernels.list.first() * channels + later * channels * channels
    project = channels * hidden + hidden + 2.0 * channels
    position = hidden * hidden / number("position_groups", 16.0) * number("position_kernel", 128.0)
    whole = extractor + project + position + hidden
    return pl.when(pl.col("stem") == "wave").then(whole).otherwise(0.0)


def _experts(layers: Expr, sparse: Expr) -> tuple[Expr, Expr]:
    """Feed-forward parameters of a stack, all and active, with experts in some layers."""
    experts = number("experts")
    plain = (layers - sparse) * parts.dense() + sparse * pl.col("hidden_size") * experts
    chosen = number("experts_per_token", 1.0)
    return plain + sparse * experts * parts.expert(), plain + sparse * chosen * parts.expert()


def _sparse(layers: Expr, count: str, step: str) -> Expr:
    """Layers of a stack with experts: stated, or every step-th."""
    by_step = (layers / pl.col(step)).floor()
    stated = pl.coalesce(count, by_step, pl.lit(0.0))
    return pl.when(number("experts") > 1).then(stated).otherwise(0.0)


def encoder_decoder(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the parameters of an encoder and a decoder that share one input table.

    Encoder layer: attention, feed-forward, norms. Decoder layer: the same and attention over the
    encoder's output with a norm of its own. Source: Raffel et al. 2020 (arXiv:1910.10683), Lewis
    et al. 2020 (arXiv:1910.13461).
    """
    hidden, vectors = pl.col("hidden_size"), pl.col("norm_vectors")
    second = (pl.col("name") == "decoder").fill_null(False)
    up = pl.when(second).then(0.0).otherwise(pl.coalesce("encoder_layers", "layers"))
    alone = pl.col("root_architecture").str.contains("EncoderModel$").fill_null(False)
    alone |= pl.col("name").is_in(["encoder", "text_encoder"])
    down = pl.when(alone).then(0.0).otherwise(pl.coalesce("decoder_layers", "layers"))
    sparse_up = _sparse(up, "encoder_sparse_layers", "encoder_sparse_step")
    sparse_down = _sparse(down, "decoder_sparse_layers", "sparse_step")
    ff_up, active_up = _experts(up, sparse_up)
    ff_down, active_down = _experts(down, sparse_down)
    norm = vectors * hidden
    attention = (up + 2.0 * down) * parts.grouped()
    norms = norm * (up * pl.col("layer_norms") + down * (pl.col("layer_norms") + 1.0))
    stacks = pl.when(alone | second).then(1.0).otherwise(2.0)
    outside = stacks * norm * (pl.col("final_norms") + pl.col("embedding_norms"))
    buckets = stacks * number("relative_buckets") * pl.col("heads")
    decoder_rows = pl.when(alone).then(0.0).otherwise(parts.position_rows())
    encoder_rows = pl.when(pl.col("position_table") & ~second).then(
        pl.coalesce("source_positions", "positions") + pl.col("position_offset")
    ).otherwise(0.0)  # fmt: skip
    table = number("vocabulary_size") * hidden
    head = pl.when(pl.col("is_tied")).then(0.0).otherwise(table)
    common = attention + norms + outside + buckets + table + head + _stem() + _wave()
    common += (decoder_rows + encoder_rows) * hidden
    return frame.with_columns(
        (common + ff_up + ff_down).alias("total"),
        pl.when(sparse_up + sparse_down > 0).then(common + active_up + active_down).alias("active"),
        table.alias("embedding"),
        (up + down).alias("layers"),
        (up + down).alias("attention_layers"),
    )


def audio(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `total` of encoders of sound: a convolutional stem, positions, layers, final norm."""
    hidden, vectors = pl.col("hidden_size"), pl.col("norm_vectors")
    layers = pl.coalesce("layers", "encoder_layers")
    each = parts.grouped() + parts.dense() + pl.col("layer_norms") * vectors * hidden
    each += number("conformer") * _conformer() + pl.col("extra_projections") * hidden * hidden
    rows = pl.when(pl.col("position_table")).then(
        pl.coalesce("source_positions", "positions")
    ).otherwise(0.0)  # fmt: skip
    norms = (pl.col("final_norms") + pl.col("embedding_norms")) * vectors * hidden
    total = _stem() + _wave() + rows * hidden + layers * each + norms
    return frame.with_columns(
        total.alias("total"), layers.alias("layers"), layers.alias("attention_layers")
    )


def _conformer() -> Expr:
    """What a conformer layer has beside a transformer's: a second feed-forward, convolutions.

    Feed-forward once more, 2h² + h² of pointwise and h·k of depthwise convolution, h² of relative
    positions. Source: Gulati et al. 2020 (arXiv:2005.08100).
    """
    hidden = pl.col("hidden_size")
    kernel = number("ssm_kernel", 31.0)
    return parts.dense() + 4.0 * hidden * hidden + hidden * kernel

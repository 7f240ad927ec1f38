"""Parts of image and video generators: U-Nets, autoencoders, diffusion transformers."""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from gpai_scan import assets
from gpai_scan.evidence.configs.shapes import number

Expr = pl.Expr
_STAGES: Final = 6
"""Most stages of a U-Net that are counted; published ones have three to five."""

UNKNOWN_SQUARES: Final = 24.0
"""Squares of the width a layer has in a diffusion transformer of unknown class: between a plain
block with cross-attention (16) and two joint streams with their modulation (36)."""


def convolution(inputs: Expr, outputs: Expr, size: float = 3.0) -> Expr:
    """Two-dimensional convolution with bias: in·out·size² + out."""
    return inputs * outputs * size * size + outputs


def residual(inputs: Expr, outputs: Expr, time: Expr) -> Expr:
    """Residual block: two norms, two convolutions, projection of time, shortcut where needed.

    2i + (9io + o) + (t·o + o) + 2o + (9o² + o) + (io + o if i ≠ o); without time t is 0 and the
    projection is left out. Source: Dhariwal and Nichol 2021 (arXiv:2105.05233).
    """
    shortcut = pl.when(inputs != outputs).then(convolution(inputs, outputs, 1.0)).otherwise(0.0)
    timed = pl.when(time > 0).then(time * outputs + outputs).otherwise(0.0)
    both = convolution(inputs, outputs) + convolution(outputs, outputs)
    return 2.0 * inputs + both + timed + 2.0 * outputs + shortcut


def spatial_transformer(width: Expr, context: Expr, layers: Expr) -> Expr:
    """Attention over positions and text: projections in and out around `layers` blocks.

    Around: 2c + 2(c² + c). A block: 6c of norms, self-attention 4c² + c, cross-attention
    2c² + 2·c·x + c, gated feed-forward 12c² + 9c, with x the width of the text.
    Source: Rombach et al. 2022 (arXiv:2112.10752).
    """
    squares = 18.0 * width * width + 2.0 * width * context
    return 2.0 * width + 2.0 * (width * width + width) + layers * (squares + 17.0 * width)


def attention_block(width: Expr) -> Expr:
    """Single attention of an autoencoder: a norm and four projections: 2c + 4(c² + c)."""
    return 2.0 * width + 4.0 * (width * width + width)


def _stage(place: int) -> Expr:
    """Channels of a stage, null beyond the last."""
    return pl.col("block_channels").list.get(place, null_on_oob=True)


def _at(name: str, place: int) -> Expr:
    """A stage's entry of a list; a single entry speaks for all stages."""
    values = pl.col(name).list
    return pl.coalesce(values.get(place, null_on_oob=True), values.first())


def _attends(words: str, place: int) -> Expr:
    return pl.col(words).list.get(place, null_on_oob=True).str.contains("CrossAttn")


def _present(condition: Expr, value: Expr) -> Expr:
    return pl.when(condition).then(value).otherwise(0.0).fill_null(0.0)


def unet(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `total` of a conditional U-Net: stem, time embedding, stages down, middle, stages up.

    Each stage up has one residual block more than down and reads the skip connections. Source:
    Ronneberger et al. 2015 (arXiv:1505.04597); layout of UNet2DConditionModel.
    """
    first, channels = _stage(0), number("channels", 4.0)
    out, time = number("channels_out", 4.0), 4.0 * _stage(0)
    added = number("projection_class")
    embeds = first * time + time + time * time + time
    embeds += _present(added > 0, added * time + time + time * time + time)
    ends = convolution(channels, first) + 2.0 * first + convolution(first, out)
    total = embeds + ends + _middle(time)
    for place in range(_STAGES):
        total += _down(place, time) + _up(place, time)
    count = pl.col("block_channels").list.len().cast(pl.Float64)
    return frame.with_columns(
        total.alias("total"),
        count.alias("layers"),
        pl.lit(0.0).alias("attention_layers"),
        pl.coalesce("hidden_size", first).alias("hidden_size"),
    )


def _depth(place: int) -> Expr:
    return pl.coalesce(_at("transformer_depths", place), pl.lit(1.0))


def _context(place: int) -> Expr:
    return pl.coalesce(_at("context_widths", place), pl.lit(768.0))


def _middle(time: Expr) -> Expr:
    last = pl.col("block_channels").list.last()
    depth = pl.coalesce(pl.col("transformer_depths").list.last(), pl.lit(1.0))
    text = pl.coalesce(pl.col("context_widths").list.last(), pl.lit(768.0))
    return 2.0 * residual(last, last, time) + spatial_transformer(last, text, depth)


def _down(place: int, time: Expr) -> Expr:
    here = _stage(place)
    before = _stage(max(place - 1, 0))
    count = pl.coalesce(_at("stage_layers", place), pl.lit(2.0))
    blocks = residual(before, here, time) + (count - 1.0) * residual(here, here, time)
    attention = count * spatial_transformer(here, _context(place), _depth(place))
    more = _stage(place + 1).is_not_null()
    steps = _present(more, convolution(here, here))
    attending = _present(_attends("down_blocks", place), attention)
    return _present(here.is_not_null(), blocks + attending + steps)


def _up(place: int, time: Expr) -> Expr:
    """The stage up beside stage `place` down: it reads the stage below and skips of both."""
    here, below = _stage(place), pl.coalesce(_stage(place + 1), _stage(place))
    skip = _stage(max(place - 1, 0))
    count = pl.coalesce(_at("stage_layers", place), pl.lit(2.0))
    inner = (count - 1.0) * residual(2.0 * here, here, time)
    blocks = residual(below + here, here, time) + inner + residual(here + skip, here, time)
    attention = (count + 1.0) * spatial_transformer(here, _context(place), _depth(place))
    steps = _present(pl.lit(place > 0), convolution(here, here))
    attending = _present(_attends("down_blocks", place), attention)
    return _present(here.is_not_null(), blocks + attending + steps)


def autoencoder(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `total` of an image autoencoder: encoder, decoder, attention in the middle of each.

    Source: Esser et al. 2021 (arXiv:2012.09841); layout of AutoencoderKL.
    """
    zero = pl.lit(0.0)
    first, last = _stage(0), pl.col("block_channels").list.last()
    latent = number("latent_channels", 4.0)
    image, out = number("channels", 3.0), number("channels_out", 3.0)
    middle = 2.0 * residual(last, last, zero) + attention_block(last)
    encoder = convolution(image, first) + 2.0 * last + convolution(last, 2.0 * latent)
    decoder = convolution(latent, last) + 2.0 * first + convolution(first, out)
    between = convolution(2.0 * latent, 2.0 * latent, 1.0) + convolution(latent, latent, 1.0)
    total = encoder + decoder + 2.0 * middle
    total += _present(pl.col("latent_convolution").fill_null(True), between)
    for place in range(_STAGES):
        here, count = _stage(place), pl.coalesce(_at("stage_layers", place), pl.lit(1.0))
        before, below = _stage(max(place - 1, 0)), pl.coalesce(_stage(place + 1), _stage(place))
        down = residual(before, here, zero) + (count - 1.0) * residual(here, here, zero)
        up = residual(below, here, zero) + count * residual(here, here, zero)
        down += _present(_stage(place + 1).is_not_null(), convolution(here, here))
        up += _present(pl.lit(place > 0), convolution(here, here))
        total += _present(here.is_not_null(), down + up)
    return frame.with_columns(total.alias("total"), pl.lit(0.0).alias("attention_layers"))


@cache
def transformers() -> pl.DataFrame:
    """Coefficients of the known classes, `data/diffusion_transformers.csv`."""
    path = assets.folder("data") / "diffusion_transformers.csv"
    table = pl.read_csv(path, schema_overrides={"source": pl.String})
    numbers = [c for c in table.columns if c not in ("class_name", "source")]
    return table.select("class_name", pl.col(numbers).cast(pl.Float64))


def diffusion_transformer(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `total` of a diffusion transformer of width w = heads · head size.

    w²·(L·a + S·b + c − d) + L·e·w·f + L·g·t·w + w·(x + r), where L layers have a squares, S
    single-stream layers b, c stand outside and d are missing from the last; e feed-forward
    matrices of stated width f, g modulations of time width t, x channels of text and r further
    rows. The coefficients are data/diffusion_transformers.csv. Sources: Peebles and Xie 2023
    (arXiv:2212.09748), Esser et al. 2024 (arXiv:2403.03206).
    """
    known = transformers().lazy()
    frame = frame.join(known, on="class_name", how="left", maintain_order="left")
    heads_wide = pl.col("heads") * pl.col("head_dim")
    width = pl.coalesce("hidden_size", heads_wide)
    square = width * width
    each = pl.col("layer_squares").fill_null(UNKNOWN_SQUARES)
    layers, single = number("layers"), number("single_layers")
    dual = 7.0 * pl.col("dual_layers").list.len().fill_null(0)
    stack = layers * each + single * number("single_squares", UNKNOWN_SQUARES / 2.0) + dual
    outside = number("once_squares", 8.0) - number("less_squares")
    wide = layers * number("layer_widths") * width * number("intermediate_size")
    timed = layers * number("layer_time") * number("time_width", 512.0) * width
    text = number("text_width") + number("pooled_width") + number("once_rows")
    total = square * (stack + outside) + wide + timed + width * text
    return frame.with_columns(
        total.alias("total"),
        pl.col("layer_squares").is_null().alias("coarse"),
        width.alias("hidden_size"),
        (layers + single).alias("layers"),
        (layers + single).alias("attention_layers"),
    )

r"""Formulas of training compute, `Expr -> Expr`, in FLOP.

One FLOP is one multiplication or one addition; a multiply-accumulate is two. The backward pass
costs twice the forward pass. Activation recomputation is not counted, which is why utilisation
means model FLOP utilisation (MFU) throughout. A null argument gives a null answer.

Sources: the AI Office's guidelines on general-purpose AI models, Annex A (`EU-GL-JUL25`,
`EU-DRAFT-APR25` in data/sources.csv); Kaplan et al. 2020, section 2.1; "How to Scale Your Model",
chapter on transformers (`SCALINGBOOK`); Epoch AI's documentation (`EPOCH-METHOD`).
"""

from __future__ import annotations

import math
from typing import Final

import polars as pl

SECONDS_PER_HOUR: Final = 3600.0
Z_90: Final = 1.6448536269514722
"""Standard normal quantile of 0.95: a 90 % interval is the centre ± Z_90 standard deviations."""

ATTENTION_SHARE: Final = 0.05
"""Share of the attention term above which it is added: below, 6·N·D stays within the 5 % the
AI Office's draft of April 2025 (section 3.4.1) accepted as a shift without consequence."""


def transformer_flop(parameters_active: pl.Expr, tokens: pl.Expr) -> pl.Expr:
    """Training compute of a large transformer [FLOP]: C = 6·P·D.

    `parameters_active` P are the parameters used in a forward pass [parameters]: all of them in a
    dense model, the dense part, shared experts and chosen experts in a mixture of experts.
    `tokens` D are the tokens seen, repetitions included [tokens]. Forward 2·P, backward 4·P a
    token. Left out: attention scores (see `attention_flop`), which errs low where the context is
    wide against the model; input embeddings are counted though they are only looked up, which
    errs high in small models.

    Source: EU guidelines, Annex A.2 (architecture-based method); Kaplan et al. 2020, eq. 2.2.
    """
    return 6.0 * parameters_active * tokens


def attention_flop(
    layers: pl.Expr, attention_width: pl.Expr, context: pl.Expr, tokens: pl.Expr
) -> pl.Expr:
    """Attention scores and their weighted sum in causal training [FLOP]: 6·L·d·T·D.

    `layers` L; `attention_width` d = query heads × head width [channels]; `context` T = length of
    a training sequence or of the attention window, whichever is shorter [tokens]; `tokens` D.
    The full matrix costs 12·L·d·T a token; a causal kernel computes half of it.

    Source: "How to Scale Your Model", transformer FLOPs: 24·B·T·D² + 12·B·T²·D a layer.
    """
    return 6.0 * layers * attention_width * context * tokens


def architecture_flop(
    parameters_active: pl.Expr,
    tokens: pl.Expr,
    layers: pl.Expr,
    attention_width: pl.Expr,
    context: pl.Expr,
) -> pl.Expr:
    """6·P·D, plus the attention term where it is above 5 % of it [FLOP].

    Where layers, width or context are unknown, 6·P·D alone. The draft's test of a "large" model
    (parameters far above a twelfth of the context) never fails; the share is what matters.
    """
    core = transformer_flop(parameters_active, tokens)
    attention = attention_flop(layers, attention_width, context, tokens)
    counts = attention / core > ATTENTION_SHARE
    return pl.when(counts.fill_null(value=False)).then(core + attention).otherwise(core)


def hardware_flop(
    accelerator_hours: pl.Expr, peak_flop_per_s: pl.Expr, utilisation: pl.Expr
) -> pl.Expr:
    """Training compute from hardware time [FLOP]: C = N·L·H·U.

    `accelerator_hours` is N·L [hours]; `peak_flop_per_s` H the dense peak rate of one accelerator
    at the training precision, without sparsity [FLOP/s]; `utilisation` U the share of it spent on
    model FLOP [fraction].

    Source: EU guidelines, Annex A.2 (hardware-based method).
    """
    return accelerator_hours * SECONDS_PER_HOUR * peak_flop_per_s * utilisation


def adapter_flop(
    parameters_active: pl.Expr, parameters_trainable: pl.Expr, tokens: pl.Expr
) -> pl.Expr:
    """Compute of training an adapter on frozen weights [FLOP]: 4·N·D + 6·R·D.

    `parameters_active` N of the frozen model, `parameters_trainable` R of the adapter. Forward
    2·N and the gradient of activations 2·N, none for frozen weights. Measured on GPT-3 175B the
    time is 0.75 of full fine-tuning where this gives 0.67.

    Source: counting passes; Hu et al. 2021 (LoRA), section 5 (`LORA-PAPER`).
    """
    return (4.0 * parameters_active + 6.0 * parameters_trainable) * tokens


def encoder_decoder_flop(parameters: pl.Expr, tokens: pl.Expr) -> pl.Expr:
    """Training compute of an encoder-decoder of equal halves [FLOP]: 3·N·D.

    A token passes the encoder or the decoder, not both; `tokens` counts both sides.

    Source: counting passes over 6·(N_enc·D_enc + N_dec·D_dec).
    """
    return 3.0 * parameters * tokens


def above(threshold: float, flop: pl.Expr, sigma_log10: pl.Expr) -> pl.Expr:
    """P(C > T) of a log-normal estimate: ½·erfc((log10 T − log10 C)/(σ·√2)), 0 to 1.

    A null estimate has a null probability: unknown is not below.
    """
    distance = (math.log10(threshold) - flop.log10()) / (sigma_log10 * math.sqrt(2.0))
    return 0.5 * distance.erfc()


def interval(flop: pl.Expr, sigma_log10: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The 90 % interval of a log-normal estimate: C·10^(±1.645·σ) [FLOP]."""
    factor = (sigma_log10 * (Z_90 * math.log(10.0))).exp()
    return flop / factor, flop * factor


def exact_sum(values: pl.Expr) -> pl.Expr:
    """The sum of values between -1 and 1, the same in whatever order they are added.

    Floating-point sums depend on the order, and threads add in any. Here each value is a whole
    number of 2^-36 (1.5e-11), of which 10^8 fit into 64 bits.
    """
    whole = (values * 2.0**36).round().cast(pl.Int64, strict=False)
    return whole.sum().cast(pl.Float64) / 2.0**36

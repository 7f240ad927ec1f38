"""Parameters of the parts a network is built of: formulas, `Expr -> Expr`, in parameters.

Each counts the weights of one instance; how many there are is `layers.py`, which of them a
family has is `data/architectures.toml`. Symbols: h hidden size, q query width (heads times head
size), k key-value width, i feed-forward width.
"""

from __future__ import annotations

import polars as pl

Expr = pl.Expr


def grouped_attention(hidden: Expr, query: Expr, key: Expr, value: Expr, *, gate: Expr) -> Expr:
    """Multi-head, grouped-query and multi-query attention: h·q + h·k + h·v + o·h + h·gate.

    `query`, `key` and `value` are the widths of the projections in channels; the output
    projection reads `query / key-head size · value-head size`, which equals the query width where
    both head sizes are one. `gate` is the width of an output gate, 0 where there is none.
    Source: Vaswani et al. 2017 (arXiv:1706.03762); Ainslie et al. 2023 (arXiv:2305.13245).
    """
    return hidden * (2.0 * query + key + value + gate)


def latent_attention(
    hidden: Expr,
    heads: Expr,
    *,
    nope: Expr,
    rope: Expr,
    value: Expr,
    query_rank: Expr,
    key_rank: Expr,
) -> Expr:
    """Multi-head latent attention, norms of the latents included.

    Queries through a rank r_q: h·r_q + r_q + r_q·a·(n + r), or h·a·(n + r) where the rank is 0.
    Keys and values: h·(r_kv + r) + r_kv + r_kv·a·(n + v). Output: a·v·h, with a heads, n and r
    the head sizes without and with rotation. Source: DeepSeek-V2, arXiv:2405.04434, section 2.1.
    """
    width = heads * (nope + rope)
    queries = (
        pl.when(query_rank > 0)
        .then(hidden * query_rank + query_rank + query_rank * width)
        .otherwise(hidden * width)
    )
    keys = hidden * (key_rank + rope) + key_rank + key_rank * heads * (nope + value)
    return queries + keys + heads * value * hidden


def sparse_indexer(hidden: Expr, query_rank: Expr, heads: Expr, size: Expr) -> Expr:
    """Indexer that picks the tokens to attend to: r_q·a·s + h·s + h·a and a norm of 2·s.

    Source: DeepSeek-V3.2-Exp technical report (2025), section 2.
    """
    return query_rank * heads * size + hidden * (size + heads) + 2.0 * size


def compressed_attention(
    hidden: Expr,
    query: Expr,
    size: Expr,
    *,
    query_rank: Expr,
    output_rank: Expr,
    output_groups: Expr,
) -> Expr:
    """Attention over one shared key-value head with a grouped low-rank output.

    h·r_q + r_q + r_q·q, one head of keys that are also the values h·s + s, output
    (q / g)·g·r_o + g·r_o·h with g groups of rank r_o. Source: modelling code of DeepSeek-V4.
    """
    queries = hidden * query_rank + query_rank + query_rank * query
    output = query * output_rank + output_groups * output_rank * hidden
    return queries + hidden * size + size + output


def feed_forward(hidden: Expr, width: Expr, matrices: Expr) -> Expr:
    """Feed-forward block: matrices·h·i, three where it is gated (SwiGLU, GeGLU), else two.

    Source: Shazeer 2020 (arXiv:2002.05202).
    """
    return matrices * hidden * width


def delta_network(
    hidden: Expr,
    *,
    key_width: Expr,
    value_width: Expr,
    value_heads: Expr,
    value_size: Expr,
    kernel: Expr,
) -> Expr:
    """Gated delta network: queries, keys, values, gate, two scalars a head, short convolution.

    h·(2k + 2v + 2a) + (2k + v)·kernel + 2a + s + v·h, a value heads of size s.
    Source: Yang et al. 2024 (arXiv:2412.06464).
    """
    projections = hidden * (2.0 * key_width + 2.0 * value_width + 2.0 * value_heads)
    convolution = (2.0 * key_width + value_width) * kernel
    return projections + convolution + 2.0 * value_heads + value_size + value_width * hidden


def delta_attention(
    hidden: Expr, heads: Expr, size: Expr, kernel: Expr, *, full_gate: Expr
) -> Expr:
    """Kimi delta attention: q, k, v, o of width w = heads·size, low-rank decay and gate.

    4·h·w + 3·w·kernel + (h·s + s·w) + gate + h·a + w + a + s, where the gate is h·w in full rank,
    else h·s + s·w. Source: Kimi Linear, arXiv:2510.26692.
    """
    width = heads * size
    low_rank = hidden * size + size * width
    gate = pl.when(full_gate).then(hidden * width).otherwise(low_rank)
    rest = hidden * heads + width + heads + size
    return 4.0 * hidden * width + 3.0 * width * kernel + low_rank + gate + rest


def mamba1(hidden: Expr, inner: Expr, state: Expr, rank: Expr, kernel: Expr) -> Expr:
    """Selective state space layer: 3·h·d + d·(kernel + 1) + d·(r + 2n) + r·d + d + d·n + d.

    d inner width, n state size, r rank of the step size. Source: Gu and Dao 2023
    (arXiv:2312.00752).
    """
    projections = 3.0 * hidden * inner + inner * (rank + 2.0 * state) + rank * inner
    return projections + inner * (kernel + 1.0) + inner * state + 2.0 * inner


def mamba2(hidden: Expr, inner: Expr, state: Expr, heads: Expr, groups: Expr, kernel: Expr) -> Expr:
    """State space duality layer: h·(2d + 2gn + a) + (d + 2gn)·(kernel + 1) + 3a + d + d·h.

    Source: Dao and Gu 2024 (arXiv:2405.21060).
    """
    mixed = inner + 2.0 * groups * state
    projections = hidden * (inner + mixed + heads) + inner * hidden
    return projections + mixed * (kernel + 1.0) + 3.0 * heads + inner


def receptance(hidden: Expr, width: Expr) -> Expr:
    """Receptance-weighted layer of the fourth version: 4·h·w + 5·h, and h² + 2h of its channels.

    The two matrices of its channel mixing are counted as a feed-forward block.
    Source: Peng et al. 2023 (arXiv:2305.13048).
    """
    return 4.0 * hidden * width + 5.0 * hidden + hidden * hidden + 2.0 * hidden


def matrix_receptance(hidden: Expr, *, dynamic: Expr) -> Expr:
    """Layer of the fifth and sixth version: 5·h² of time mixing, h² of channels, about 12·h.

    The sixth adds low-rank shifts and decay, 448·h. The two matrices of the channel mixing are
    counted as a feed-forward block. Source: Peng et al. 2024 (arXiv:2404.05892).
    """
    low_rank = pl.when(dynamic).then(448.0 * hidden).otherwise(0.0)
    return 6.0 * hidden * hidden + 12.0 * hidden + low_rank


def delta_receptance(hidden: Expr) -> Expr:
    """Layer of the seventh version: 4·h² and low-rank decay, rate, values and gate.

    The ranks follow from the width: 1.8·√h twice, 1.3·√h, and 0.6·h^0.8. Source: Peng et al. 2025
    (arXiv:2503.14456) and its modelling code.
    """
    root = hidden.sqrt()
    ranks = 2.0 * 1.8 * root + 1.3 * root + 0.6 * hidden.pow(0.8)
    return 4.0 * hidden * hidden + 2.0 * hidden * ranks + 15.0 * hidden


def gated_recurrence(hidden: Expr, width: Expr, heads: Expr, kernel: Expr) -> Expr:
    """Gated linear recurrence: 3·h·w + 2·w²/a + w·(kernel + 1) + biases, a block-diagonal heads.

    Source: Griffin, arXiv:2402.19427.
    """
    gates = 2.0 * (width * width / heads + width) + width
    return 3.0 * hidden * width + 2.0 * width + hidden + gates + width * (kernel + 1.0)


def short_convolution(hidden: Expr, kernel: Expr) -> Expr:
    """Gated short convolution: 3·h² in, h·kernel, h² out. Source: LFM2, arXiv:2511.23404."""
    return 4.0 * hidden * hidden + hidden * kernel


def patches(hidden: Expr, patch: Expr, channels: Expr, frames: Expr) -> Expr:
    """Projection of image patches: channels·frames·patch²·h. Source: arXiv:2010.11929."""
    return channels * frames * patch * patch * hidden

"""Layers listed one by one (`block_configs`), as architecture search leaves them, added up."""

from __future__ import annotations

from typing import Any, Final

LISTED: Final = (
    "block_attention",
    "block_inverse_group",
    "block_linear",
    "block_ffn",
    "block_width",
)
"""What the list adds up to: layers with attention; the sum of one over their group sizes, so that
heads times it are all key-value heads; layers with one matrix instead of attention; layers with a
feed-forward block; the sum of their width factors. Single matrices in the place of a feed-forward
block count with the former."""

_NOTHING: Final[tuple[float | None, ...]] = (None,) * len(LISTED)


def _positive(value: object) -> float:
    """A number above zero, else nothing."""
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if real and 0 < value < 1e9 else 0.0  # type: ignore[arg-type, operator]


def _parts(blocks: list[Any], name: str) -> list[dict[str, Any]]:
    """The parts of a name that are there: neither absent nor without effect."""
    found = [b.get(name) for b in blocks if isinstance(b, dict)]
    return [p for p in found if isinstance(p, dict) and not p.get("no_op")]


def listed(blocks: object) -> tuple[float | None, ...]:
    """The sums of `LISTED` over a list of layers; nothing where there is no such list."""
    if not isinstance(blocks, list) or not blocks:
        return _NOTHING
    attention, ffn = _parts(blocks, "attention"), _parts(blocks, "ffn")
    softmax = [p for p in attention if not p.get("replace_with_linear")]
    wide = [p for p in ffn if not p.get("replace_with_linear")]
    groups = [_positive(p.get("n_heads_in_group")) for p in softmax]
    single = len(attention) - len(softmax) + len(ffn) - len(wide)
    return (
        float(len(softmax)),
        sum(1.0 / g for g in groups if g),
        float(single),
        float(len(wide)),
        sum(_positive(p.get("ffn_mult")) for p in wide),
    )

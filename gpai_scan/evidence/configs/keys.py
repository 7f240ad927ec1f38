"""What configurations state: quantities, the keys that spell them, how values are read.

`data/config_keys.csv` names the quantities and their spellings, `data/config_sections.csv` the
nested sections and their roles.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import polars as pl

from gpai_scan import assets

NUMBER, FLAG, WORDS, NUMBERS, TEXT = "number", "flag", "words", "numbers", "text"
LARGEST: Final = 1e15
"""Larger than any stated count can be; it keeps products of six factors finite."""

_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{0,18})?([eE][+-]?[0-9]{1,3})?")

POLARS: Final[dict[str, Any]] = {
    NUMBER: pl.Float64,
    FLAG: pl.Boolean,
    WORDS: pl.List(pl.String),
    NUMBERS: pl.List(pl.Float64),
    TEXT: pl.String,
}


@dataclass(frozen=True, slots=True)
class Key:
    """A quantity of a configuration: its name, kind and spellings, the preferred one first.

    `section.key` spells a key inside a section that only carries keys of its parent, `key[1]` the
    second of a pair, `key[]` the places of a list of marks that are set.
    """

    quantity: str
    kind: str
    spellings: tuple[str, ...]


@cache
def keys() -> tuple[Key, ...]:
    """The quantities of `data/config_keys.csv`, in its order."""
    with (assets.folder("data") / "config_keys.csv").open(encoding="utf-8") as lines:
        return tuple(
            Key(row["quantity"], row["kind"], tuple(row["spellings"].split()))
            for row in csv.DictReader(lines)
        )


@cache
def sections() -> dict[str, str]:
    """Name of a nested section to the role it plays, from `data/config_sections.csv`."""
    with (assets.folder("data") / "config_sections.csv").open(encoding="utf-8") as lines:
        return {row["section"]: row["role"] for row in csv.DictReader(lines)}


def _number(value: object) -> float | None:
    """A number out of anything: a list gives its mean, so that layers times mean is the sum."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value) if -LARGEST <= value <= LARGEST else None
    if isinstance(value, str):
        return _number(float(value)) if _PLAIN.fullmatch(value.strip()) else None
    if isinstance(value, list):
        numbers = [n for n in map(_number, value) if n is not None]
        return sum(numbers) / len(numbers) if numbers else None
    return None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _words(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [item if isinstance(item, str) else str(item)[:40] for item in value]


def _numbers(value: object) -> list[float] | None:
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, (int, float)):
        value = [value]
    if not isinstance(value, list):
        return None
    return [n for n in map(_number, value) if n is not None]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


CONVERT: Final[dict[str, Callable[[object], object]]] = {
    NUMBER: _number,
    FLAG: _flag,
    WORDS: _words,
    NUMBERS: _numbers,
    TEXT: _text,
}


QUOTED: Final = (
    "hidden_size",
    "embed_dim",
    "hidden_dim",
    "layers",
    "encoder_layers",
    "decoder_layers",
    "single_layers",
    "heads",
    "encoder_heads",
    "key_value_heads",
    "head_dim",
    "key_rank",
    "intermediate_size",
    "encoder_ffn",
    "experts",
    "experts_per_token",
    "expert_size",
    "block_channels",
    "vocabulary_size",
)
"""Quantities that decide a count, in the order they are quoted."""

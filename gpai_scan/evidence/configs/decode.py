"""Configuration files to columns: one row for each section of a document.

A composite model keeps its towers in nested sections (`text_config`, `vision_config`, ...), so
a document gives one row for its root and one for each section that `data/config_sections.csv`
names. The spellings of `data/config_keys.csv` become the columns, each read once, by a typed
decoder that skips everything else. A key that is not stated is NaN, one that is stated as null
is null. A value of the wrong type costs that value, never the document: such documents are read
a second time without types.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec
import polars as pl

from gpai_scan import assets

NUMBER, FLAG, WORDS, NUMBERS, TEXT = "number", "flag", "words", "numbers", "text"
_MOST = 1e15  # larger than any stated count; keeps products of six factors finite
_PLAIN = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?")
_DEEPEST = 6

_PYTHON: Final[dict[str, Any]] = {
    NUMBER: float | None,
    FLAG: bool | None,
    WORDS: list[str] | None,
    NUMBERS: list[float] | None,
    TEXT: str | None,
}
_POLARS: Final[dict[str, Any]] = {
    NUMBER: pl.Float64,
    FLAG: pl.Boolean,
    WORDS: pl.List(pl.String),
    NUMBERS: pl.List(pl.Float64),
    TEXT: pl.String,
}


@dataclass(frozen=True, slots=True)
class Key:
    """A quantity of a configuration: its name, kind and spellings, the preferred one first."""

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


@cache
def _kinds() -> dict[str, str]:
    """Each spelling once, with its kind."""
    return {spelling: key.kind for key in keys() for spelling in key.spellings}


class _Part(msgspec.Struct):
    """Attention or feed-forward part of a layer listed one by one."""

    no_op: bool | None = None
    replace_with_linear: bool | None = None
    n_heads_in_group: float | None = None
    num_key_value_heads: float | None = None
    ffn_mult: float | None = None
    intermediate_size: float | None = None


class _Block(msgspec.Struct):
    """A layer listed one by one (`block_configs`)."""

    attention: _Part | None = None
    ffn: _Part | None = None


LISTED = ("block_attention", "block_inverse_group", "block_linear", "block_ffn", "block_mult")
"""What a list of layers adds up to: layers with attention, the sum of one over their group
sizes, attention layers replaced by a matrix, layers with a feed-forward part, the sum of their
width factors."""


@cache
def _section_type() -> type[Any]:
    """The decoder's type: every spelling, every nested section, the architectures."""
    absent: dict[str, Any] = {NUMBER: math.nan}
    fields: list[Any] = [(name, _PYTHON[kind], absent.get(kind)) for name, kind in _kinds().items()]
    fields.append(("architectures", list[str] | None, None))
    fields.append(("block_configs", list[_Block] | None, None))
    fields.extend((name, msgspec.Raw, msgspec.Raw()) for name in sections())
    return msgspec.defstruct("Section", fields)


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_section_type(), strict=False)


def _number(value: object) -> float | None:
    """A number out of anything: a list gives its mean, so that layers times mean is the sum."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return float(value) if _PLAIN.fullmatch(value.strip()) else None
    if isinstance(value, (int, float)):
        return float(value) if abs(value) <= _MOST else None
    if isinstance(value, list):
        numbers = [n for n in map(_number, value) if n is not None]
        return sum(numbers) / len(numbers) if numbers else None
    return None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _words(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [item if isinstance(item, str) else str(item) for item in value]


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


_LENIENT: Final[dict[str, Callable[[object], object]]] = {
    NUMBER: _number,
    FLAG: _flag,
    WORDS: _words,
    NUMBERS: _numbers,
    TEXT: _text,
}


def _lenient(value: dict[str, Any]) -> object:
    """A section from untyped JSON: what has the wrong type is dropped."""
    section = _section_type()()
    for name, kind in _kinds().items():
        if name in value:
            setattr(section, name, _LENIENT[kind](value[name]))
    for name in _kinds():  # two modalities with experts of their own: the second pair apart
        second = name.removesuffix("_second")
        if second != name and isinstance(value.get(second), list):
            pair = value[second]
            setattr(section, second, _number(pair[0]) if pair else None)
            setattr(section, name, _number(pair[1]) if len(pair) > 1 else None)
    if isinstance(value.get("moe_layer_freq"), list):
        marks = _numbers(value["moe_layer_freq"]) or []
        section.moe_layer_freq = math.nan
        section.moe_layers = [float(place) for place, mark in enumerate(marks) if mark]
    section.architectures = _words(value.get("architectures"))
    blocks = value.get("block_configs")
    section.block_configs = _blocks(blocks) if isinstance(blocks, list) else None
    for name in sections():
        if isinstance(value.get(name), dict):
            setattr(section, name, value[name])
    return section


def _blocks(listed: list[Any]) -> list[_Block] | None:
    try:
        return msgspec.convert(listed, list[_Block], strict=False)
    except msgspec.ValidationError:
        return None


def _first_document(text: str) -> dict[str, Any] | None:
    """The first JSON document of a text, tolerating NaN and whatever follows; else None."""
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip("\ufeff \t\r\n"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _decode(value: object) -> Any:  # noqa: ANN401  the section type is made from data
    """A section of a document or of the untyped remainder; None where nothing can be read."""
    if isinstance(value, dict):
        return _lenient(value)
    text = value if isinstance(value, str) else bytes(value)  # type: ignore[call-overload]
    if not text:
        return None
    try:
        return _decoder().decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        whole = text if isinstance(text, str) else text.decode("utf-8", "replace")
        first = _first_document(whole)
        return None if first is None else _lenient(first)


def _listed(blocks: list[_Block] | None) -> tuple[float | None, ...]:
    """The sums of `LISTED` over a list of layers."""
    if not blocks:
        return (None,) * len(LISTED)
    kept = [b.attention for b in blocks if b.attention and not b.attention.no_op]
    softmax = [a for a in kept if not a.replace_with_linear]
    ffn = [b.ffn for b in blocks if b.ffn and not b.ffn.no_op]
    groups = [a.n_heads_in_group or math.inf for a in softmax]
    return (
        float(len(softmax)),
        sum(1 / g for g in groups),
        float(len(kept) - len(softmax)),
        float(len(ffn)),
        sum(f.ffn_mult or 0.0 for f in ffn),
    )


def _walk(value: object, row: int, name: str, parent: int | None) -> Iterator[tuple[Any, ...]]:
    """The rows of a document, depth first: document, section, parent section, then the keys."""
    waiting: list[tuple[object, str, int | None, int]] = [(value, name, parent, 0)]
    number = 0
    while waiting:
        value, name, parent, depth = waiting.pop()
        section = _decode(value)
        if section is None:
            continue
        given = section.architectures
        architecture = given[0] if given else None
        cells = (getattr(section, spelling) for spelling in _kinds())
        yield (row, number, parent, name, architecture, *_listed(section.block_configs), *cells)
        if depth < _DEEPEST:
            for nested in sections():
                below = getattr(section, nested)
                if isinstance(below, dict) or len(memoryview(below)) > 2:
                    waiting.append((below, nested, number, depth + 1))
        number += 1


def decode(texts: Sequence[str | None]) -> pl.DataFrame:
    """One row a section of each text: `document` (its place in `texts`), `section` (number),
    `parent`, `name`, `architecture`, the sums of listed layers and one column a spelling.

    Unreadable texts give no row. Time is proportional to the length of the texts.
    """  # noqa: D205
    rows = [
        cells
        for place, text in enumerate(texts)
        if text is not None
        for cells in _walk(text, place, "", None)
    ]
    head: dict[str, Any] = {
        "document": pl.Int64,
        "section": pl.Int64,
        "parent": pl.Int64,
        "name": pl.String,
        "architecture": pl.String,
        **dict.fromkeys(LISTED, pl.Float64),
    }
    schema = {**head, **{name: _POLARS[kind] for name, kind in _kinds().items()}}
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pl.DataFrame(
        [
            pl.Series(name, values, dtype=dtype)
            for (name, dtype), values in zip(schema.items(), columns, strict=True)
        ]
    )

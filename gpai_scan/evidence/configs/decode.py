"""Configuration files to columns: one row for each section of a document.

A composite model keeps its towers in nested sections (`text_config`, `vision_config`, ...), so
a document gives one row for its root and one for each section that `data/config_sections.csv`
names. The spellings of `data/config_keys.csv` become one column a quantity. A number that is not
stated is NaN, one that is stated as null is null: the two mean different things where a type has
defaults. A value of the wrong type costs that value, never the document.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec
import polars as pl

from gpai_scan.evidence.configs.blockwise import LISTED, listed
from gpai_scan.evidence.configs.keys import CONVERT, NUMBER, POLARS, QUOTED, keys, sections
from gpai_scan.sources.documents import whole_pairs

_DEEPEST: Final = 6
_UNSTATED: Final = 1_000
_MERGED: Final = 100
_FEWEST_BYTES: Final = 2
_MODALITIES: Final = 2
"""Values of a pair; a longer list has one value a layer."""

_Place = tuple[int, int, Callable[[object], object], str]
_Row = dict[int, object]


@cache
def _places() -> dict[str, _Place]:
    """Spelling to column, rank among its column's spellings, and conversion."""
    return {
        spelling: (column, rank, CONVERT[key.kind], spelling)
        for column, key in enumerate(keys())
        for rank, spelling in enumerate(key.spellings)
    }


@dataclass(slots=True)
class _Section:
    """What a section states: values by column, with the rank and spelling each came under."""

    row: _Row
    ranks: dict[int, int]
    spelled: dict[int, str]


def _fill(into: _Section, place: _Place, value: object, behind: int) -> None:
    """Puts a value into its column unless a preferred spelling is there; null if nothing is."""
    column, rank, convert, spelling = place
    row, ranks = into.row, into.ranks
    if value is None:
        row.setdefault(column, None)
        return
    converted = convert(value)
    if converted is not None and rank + behind < ranks.get(column, _UNSTATED):
        row[column] = converted
        ranks[column] = rank + behind
        into.spelled[column] = spelling


@cache
def _quoted() -> list[int]:
    """The columns of `QUOTED`."""
    names = [key.quantity for key in keys()]
    return [names.index(name) for name in QUOTED]


def _plain(value: object) -> str:
    """A value as a file writes it: whole numbers without a point, the start of a list."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:g}"
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in value[:6]) + "]"
    return str(value)


def _quote(section: _Section) -> str | None:
    """The keys that decide a count, as the file spells them: `n_embd=768, n_layer=12`."""
    said = [
        f"{section.spelled[column]}={_plain(section.row[column])}"
        for column in _quoted()
        if column in section.spelled
    ]
    return ", ".join(said)[:200] or None


def _read(section: dict[str, Any]) -> _Section:
    """The stated columns of a section, sections that only carry its keys folded in."""
    places, roles = _places(), sections()
    into = _Section({}, {}, {})
    for key, value in section.items():
        place = places.get(key)
        if isinstance(value, list):
            place = _listed(into, key, value, place)
        if place is not None:
            _fill(into, place, value, 0)
        elif isinstance(value, dict) and roles.get(key) in ("merge", "dotted"):
            for inner, below in value.items():
                plain = places.get(inner) if roles[key] == "merge" else None
                place = places.get(f"{key}.{inner}", plain)
                if place is not None:
                    _fill(into, place, below, _MERGED)
    return into


def _listed(into: _Section, key: str, value: list[Any], place: _Place | None) -> _Place | None:
    """Lists under a key that is usually one number; what is left to fill under the plain key."""
    second = _places().get(f"{key}[1]")
    marks = _places().get(f"{key}[]")
    if second is not None and 0 < len(value) <= _MODALITIES:
        if len(value) > 1:
            _fill(into, second, value[1], 0)
        if place is not None:
            _fill(into, place, value[0], 0)
        return None
    if marks is not None:
        _fill(into, marks, [n for n, mark in enumerate(value) if mark], 0)
        return None
    return place


def _first_document(text: str) -> object:
    """The first JSON document of a text, tolerating NaN and whatever follows; else None."""
    whole = whole_pairs(text.lstrip("\ufeff \t\r\n"))
    try:
        return json.JSONDecoder(strict=False).raw_decode(whole)[0]
    except (ValueError, RecursionError):
        return None


def document(text: str) -> dict[str, Any]:
    """The JSON object a text holds; empty where it holds none. Never raises."""
    try:
        value: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        value = _first_document(text)
    return value if isinstance(value, dict) else {}


_Head = tuple[int, int, int | None, str, str | None]
_LongHead = tuple[int, int, int | None, str, str | None, str | None]


def _walk(place: int, root: dict[str, Any]) -> Iterator[tuple[_Head, dict[str, Any]]]:
    """The sections of a document with document, number, parent, name and architecture."""
    roles = sections()
    waiting: list[tuple[dict[str, Any], str, int | None, int]] = [(root, "", None, 0)]
    number = 0
    while waiting:
        section, name, parent, depth = waiting.pop()
        given = section.get("architectures")
        first = given[0] if isinstance(given, list) and given else None
        yield (place, number, parent, name, first if isinstance(first, str) else None), section
        if depth < _DEEPEST:
            for key, value in section.items():
                if isinstance(value, dict) and roles.get(key) not in (None, "merge", "dotted"):
                    waiting.append((value, key, number, depth + 1))
        number += 1


_HEADS: Final[dict[str, Any]] = {
    "document": pl.Int64,
    "section": pl.Int64,
    "parent": pl.Int64,
    "name": pl.String,
    "architecture": pl.String,
    "quote": pl.String,
}


def _columns(rows: list[_Row]) -> list[pl.Series]:
    """One column a quantity; a column nobody states is made without looking at the rows."""
    stated: list[list[tuple[int, object]]] = [[] for _ in keys()]
    for number, row in enumerate(rows):
        for column, value in row.items():
            stated[column].append((number, value))
    series = []
    for key, cells in zip(keys(), stated, strict=True):
        blank = math.nan if key.kind == NUMBER else None
        if cells:
            values: list[Any] = [blank] * len(rows)
            for number, value in cells:
                values[number] = value
            series.append(pl.Series(key.quantity, values, dtype=POLARS[key.kind]))
        else:
            whole = pl.repeat(blank, len(rows), dtype=POLARS[key.kind], eager=True)
            series.append(whole.alias(key.quantity))
    return series


def decode(texts: Sequence[str | None]) -> pl.DataFrame:
    """One row a section of each text that holds a JSON object; other texts give no row.

    Columns: `document` (place in `texts`), `section`, `parent`, `name`, `architecture`, `quote`
    (the deciding keys as spelled), the sums of listed layers (`blockwise.LISTED`) and one a
    quantity of `keys`. Time is proportional to
    the length of the texts.
    """
    heads: list[_LongHead] = []
    rows: list[_Row] = []
    blocks: list[tuple[float | None, ...]] = []
    for place, text in enumerate(texts):
        if text is None or len(text) < _FEWEST_BYTES:
            continue
        for head, section in _walk(place, document(text)):
            read = _read(section)
            heads.append((*head, _quote(read)))
            rows.append(read.row)
            blocks.append(listed(section.get("block_configs")))
    front = pl.DataFrame(heads, schema=_HEADS, orient="row")
    sums = pl.DataFrame(blocks, schema=dict.fromkeys(LISTED, pl.Float64), orient="row")
    return pl.concat([front, sums, pl.DataFrame(_columns(rows))], how="horizontal")

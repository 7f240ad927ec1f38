"""Bases and licences in tables: a row or a column that a label promises them in.

A row `Base model | X | Y` says of each column's model, a column `Base model` of each row's, what
it was made from; where one model alone stands in the table, it is the card's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards import tables
from gpai_scan.evidence.cards.folded import Folded
from gpai_scan.evidence.stated import (
    derivations,
    fields,
    licence_phrases,
    licences,
    names,
    passages,
)
from gpai_scan.evidence.stated.passages import Plain
from gpai_scan.evidence.stated.statement import Statement

_MOST_ROWS: Final = 200
_OTHER: Final = re.compile(
    r"^(?:data\s?sets?|datasets?|data|corpus|corpora|sources?|component|library|package|code|tool|benchmark)"
    r"|数据|データ",
    re.IGNORECASE,
)
"""What stands over a column of other things, which have licences and sources of their own."""
_LABEL: Final = re.compile(
    r"^(?:models?|names?|variants?|versions?|checkpoints?|模型|モデル)\b", re.IGNORECASE
)
"""What stands over a column of models."""

_PROMISED: Final = Folded(
    rf"(?m:^|[|>])[\s*_`]*(?:{fields.ANY_KEY}|{licence_phrases.ANY_KEY})[\s*_`:：]*(?m:[|<]|$)"
)
"""A label of a base or licence where a cell may begin; a table without one is not looked at."""

Grid = list[list[Plain | None]]


def read(piece: str) -> Iterator[Statement]:
    """Statements of the tables of a piece, positions within the piece."""
    for grid in _grids(piece) if _PROMISED.search(piece) else ():
        head = grid[0]
        promised = [c for c, cell in enumerate(head) if c and cell and _promises(cell.text)]
        if promised and len(grid) > 1:
            for column in promised:
                yield from _column(grid, column)
        else:
            for row in grid:
                yield from _row(row, head)


def _grids(piece: str) -> Iterator[Grid]:
    """The tables of a piece, their cells without markup."""
    if "<t" in piece.lower():
        for grid, _ in tables.html_grids(piece):
            yield _clean(grid, 0)
    begin = position = 0
    for line in [*piece.split("\n"), ""]:
        if not (line.lstrip(" \t>").startswith("|") or line.count("|") >= 2):
            if position > begin:
                yield _clean(tables.pipe_grid(piece[begin : position - 1])[0], begin)
            begin = position + len(line) + 1
        position += len(line) + 1


def _clean(grid: tables.Grid, offset: int) -> Grid:
    return [
        [passages.plain(cell.text, offset + cell.start) if cell else None for cell in row]
        for row in grid[:_MOST_ROWS]
    ] or [[]]


def _promises(text: str) -> bool:
    """Whether a cell is a label whose value is a base or a licence."""
    plain = text.strip(" \t*:：")
    keys = (fields.KEY, licence_phrases.KEY, fields.METHOD_KEY)
    return any(key.fullmatch(plain) for key in keys)


def _row(row: list[Plain | None], head: list[Plain | None]) -> Iterator[Statement]:
    """The values of a row whose first cell is a label, of the models over them."""
    label = next((c for c, cell in enumerate(row[:2]) if cell and _promises(cell.text)), None)
    if label is None:
        return
    promise = row[label]
    values = [(c, cell) for c, cell in enumerate(row) if c > label and cell and cell.text.strip()]
    if not values:
        return
    of = [_name(head[c]) if c < len(head) and row is not head else None for c, _ in values]
    several = len({cell.text for _, cell in values}) > 1 and sum(map(bool, of)) > 1
    for (_, cell), about in zip(values, of, strict=True) if several else [(values[0], None)]:
        if promise and (about or not several):
            yield from _cell(promise.text, cell, about, certain=row is not head)


def _column(grid: Grid, column: int) -> Iterator[Statement]:
    """The values below a label, of the models their rows are about."""
    head = grid[0]
    titled = [c for c, cell in enumerate(head) if cell and _LABEL.match(cell.text.strip(" \t*"))]
    about = next((c for c in titled if c != column), 0)
    over = head[about]
    if over is not None and _OTHER.match(over.text.strip(" \t*")):
        return
    body = [row for row in grid[1:] if len(row) > column and row[column] is not None]
    promise = head[column]
    for row in body:
        cell = row[column]
        label = _name(row[about]) if about < len(row) else None
        if cell and promise and (label or len(body) == 1):
            yield from _cell(promise.text, cell, label if len(body) > 1 else None, certain=True)


def _name(cell: Plain | None) -> str | None:
    """What a cell calls a model."""
    text = cell.text.strip(" \t|") if cell else ""
    name = names.at(text, 0)
    return name.text if name is not None and name.specific else text[:60] or None


def _cell(label: str, cell: Plain, about: str | None, *, certain: bool) -> Iterator[Statement]:
    """The statements of one value, `about` a model of the table or the card's own."""
    key = label.strip(" \t*:：")
    if fields.KEY.fullmatch(key):
        found = derivations.of_value(key, cell.text, 0)
    elif licence_phrases.KEY.fullmatch(key):
        found = licences.of_value(cell.text, 0)
    else:
        found = derivations.of_method(cell.text, 0)
    labels = (about,) if about else ()
    for one in found:
        if certain or one.linked or any(c.isdigit() for c in one.text):
            start = cell.place(one.start)
            end = cell.place(max(one.end - 1, one.start)) + 1
            yield replace(one, start=start, end=end, labels=labels, row=True, strict=bool(labels))

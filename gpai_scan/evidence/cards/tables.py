"""Markdown and HTML tables as grids: spans resolved, each cell with where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise

_MOST_CELLS = 40_000
_MOST_SPAN = 200
_RULE = re.compile(r"^[\s|:\-=+]+$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its raw text and where that text begins in the block."""

    text: str
    start: int


Grid = list[list[Cell | None]]


def pipe_grid(block: str) -> tuple[Grid, bool]:
    """The grid of a pipe table and whether a rule under the first row makes it a header."""
    grid: Grid = []
    header = False
    position = 0
    for line in block.split("\n"):
        if "|" in line and not _RULE.match(line):
            grid.append(_pipe_row(line, position))
        elif grid and len(grid) == 1 and _RULE.match(line):
            header = True
        position += len(line) + 1
        if sum(map(len, grid[-1:])) * len(grid) > _MOST_CELLS:
            break
    return _filled_down(grid), header


def _filled_down(grid: Grid) -> Grid:
    """A row whose first cell is blank goes on with the one above: its blanks mean the same."""
    for above, row in pairwise(grid[1:]):
        if (
            len(row) != len(above)
            or not row
            or _text(row[0])
            or sum(map(bool, map(_text, row))) < 1
        ):
            continue
        for i, cell in enumerate(row):
            if not _text(cell):
                row[i] = above[i]
    return grid


def _text(cell: Cell | None) -> str:
    return cell.text.strip(" *_") if cell is not None else ""


def _pipe_row(line: str, position: int) -> list[Cell | None]:
    row: list[Cell | None] = []
    begin = 0
    for i, char in enumerate(line):
        if char == "|" and (i == 0 or line[i - 1] != "\\"):
            row.append(Cell(line[begin:i], position + begin))
            begin = i + 1
    row.append(Cell(line[begin:], position + begin))
    if row and row[0] is not None and not row[0].text.strip(" >\t"):
        row = row[1:]
    if row and row[-1] is not None and not row[-1].text.strip():
        row = row[:-1]
    return row


class _TableParser(HTMLParser):
    """Collects the cells of the tables of a block; tolerant of what is never closed."""

    def __init__(self, block: str) -> None:
        super().__init__(convert_charrefs=False)
        self.block = block
        self.lines = [0]
        for i, char in enumerate(block):
            if char == "\n":
                self.lines.append(i + 1)
        self.tables: list[list[list[tuple[int, int, int, int, bool]]]] = []
        self.open: tuple[int, int, int, bool] | None = None

    def _place(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def _close(self, end: int) -> None:
        if self.open is not None and self.tables and self.tables[-1]:
            start, rows, columns, head = self.open
            self.tables[-1][-1].append((start, end, rows, columns, head))
        self.open = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._close(self._place())
            self.tables.append([])
        elif tag == "tr":
            self._close(self._place())
            if self.tables:
                self.tables[-1].append([])
        elif tag in {"td", "th"} and self.tables:
            self._close(self._place())
            if not self.tables[-1]:
                self.tables[-1].append([])
            start = self._place() + len(self.get_starttag_text() or "")
            given = dict(attrs)
            self.open = (
                start,
                _span(given.get("rowspan")),
                _span(given.get("colspan")),
                tag == "th",
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr", "table"}:
            self._close(self._place())


def _span(text: str | None) -> int:
    plain = text and re.fullmatch(r"\s*([0-9]{1,9})\s*", text)
    return min(_MOST_SPAN, max(1, int(plain[1]))) if plain else 1


def html_grids(block: str) -> list[tuple[Grid, bool]]:
    """The grids of a block's HTML tables and whether their first row is a head."""
    parser = _TableParser(block)
    parser.feed(block)
    parser.close()
    parser._close(len(block))
    return [_fill(rows, block) for rows in parser.tables if rows]


def _fill(rows: list[list[tuple[int, int, int, int, bool]]], block: str) -> tuple[Grid, bool]:
    grid: list[dict[int, Cell]] = [{} for _ in rows]
    cells = 0
    for r, row in enumerate(rows):
        column = 0
        for start, end, height, width, _ in row:
            while column in grid[r]:
                column += 1
            cell = Cell(block[start:end], start)
            for dr in range(min(height, len(rows) - r)):
                for dc in range(width):
                    grid[r + dr].setdefault(column + dc, cell)
                    cells += 1
            column += width
            if cells > _MOST_CELLS:
                break
    width = 1 + max((max(row) for row in grid if row), default=0)
    head = bool(rows[0]) and all(cell[4] for cell in rows[0])
    return [[row.get(c) for c in range(width)] for row in grid], head

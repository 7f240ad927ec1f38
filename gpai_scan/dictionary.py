"""The data dictionary: every stored table and column in words, from `gpai_scan.schema`.

`python -m gpai_scan.dictionary docs/data-dictionary.md` writes it; a test holds the
documented copy to the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan import schema

TABLES: Final = (*schema.TABLES, schema.CHANGES)
"""The tables of a report: those of the database, and what changed since the scan before."""

_TYPES: Final = {
    "String": "text",
    "Enum": "text",
    "Float64": "number",
    "Int64": "integer",
    "Int32": "integer",
    "UInt32": "integer",
    "Boolean": "boolean",
    "Datetime": "time (UTC)",
    "List": "list",
}

_HEAD: Final = """# Data dictionary

Every table of the database and of the report, from `gpai_scan/schema.py`; made by
`python -m gpai_scan.dictionary docs/data-dictionary.md`, not written by hand.

Null means *unknown*; it is never a zero. Counts are floating-point numbers in base units. In the
database every table has `scan_id` in front, which names the scan that stored the row; `changes`
is in the report only.
"""


def type_name(dtype: pl.DataType | type[pl.DataType]) -> str:
    """The kind of a column in words a reader of any tool knows."""
    if isinstance(dtype, pl.List):
        if isinstance(dtype.inner, pl.Struct):
            return "list of records"
        return f"list of {_TYPES[str(dtype.inner)]}"
    name = dtype.__name__ if isinstance(dtype, type) else type(dtype).__name__
    return _TYPES[name]


def _cells(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _table(table: schema.Table) -> str:
    rows = [_cells(f"`{c.name}`", type_name(c.dtype), c.unit, c.about) for c in table.columns]
    head = [_cells("column", "type", "unit", "meaning"), "| --- | --- | --- | --- |"]
    order = ", ".join(f"`{name}`" for name in table.key)
    return "\n".join([f"## {table.name}", "", table.about, f"Sorted by {order}.", "", *head, *rows])


def _words(title: str, about: str, words: Iterable[str]) -> str:
    return f"### {title}\n\n{about}\n\n" + "\n".join(f"* {word}" for word in words)


def _vocabularies() -> str:
    quantities = (f"`{name}` [{unit}]" for name, unit in schema.QUANTITIES.items())
    parts = [
        "## Words of fixed lists",
        _words("quantity", "What a claim is about, with the unit of its value.", quantities),
        _words(
            "method",
            "Where a claim comes from; of two claims the earlier method wins.",
            (f"`{name}`" for name in schema.METHODS),
        ),
    ]
    for title, about, names in (
        ("stage", "Part of a model's training.", schema.STAGES),
        ("relation", "How a repository was made from its base.", schema.RELATIONS),
        ("bound", "How a stated figure is meant.", schema.BOUNDS),
        ("verdict", "Answer of a rule.", schema.VERDICTS),
        ("skip_reason", "Why there is no estimate.", schema.SKIP_REASONS),
        ("change", "Kind of difference from the scan before.", schema.CHANGE_KINDS),
        ("cause", "What a difference is put down to.", schema.CAUSES),
    ):
        parts.append(_words(title, about, (f"`{name}`" for name in names)))
    return "\n\n".join(parts)


def markdown() -> str:
    """The data dictionary as Markdown."""
    return "\n\n".join([_HEAD.strip(), *map(_table, TABLES), _vocabularies()]) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(markdown(), encoding="utf-8")

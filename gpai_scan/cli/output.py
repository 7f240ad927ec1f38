"""How results reach standard output: a table for people, four formats for programs."""

from __future__ import annotations

import io
import math
import sys
from collections import Counter

import polars as pl
from rich.console import Console
from rich.table import Table

from gpai_scan.cli import logs
from gpai_scan.cli.options import Format


def console(stderr: bool = False) -> Console:
    """A console on one of the two streams; plain where piped and with `NO_COLOR`."""
    return Console(stderr=stderr, soft_wrap=not (sys.stderr if stderr else sys.stdout).isatty())


def say(text: str) -> None:
    """A sentence on standard error: for the person at the terminal, or a line of JSON."""
    if logs.as_json():
        logs.PACKAGE.info(text.strip())
        return
    console(stderr=True).print(text, markup=False, highlight=False)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        if math.isnan(value):
            return "–"
        if abs(value) < 1e-9:
            return "0"
        if abs(value) >= 1e6 or abs(value) < 1e-3:
            return f"{value:.3g}"
        return f"{value:,.6g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value)
    return printable(str(value))


def printable(text: str) -> str:
    """Text of a repository with control and direction marks made visible."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _noted(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Long definitions as notes below a table instead of a column in it, each part said once."""
    if "definition" not in frame.columns:
        return frame, []
    texts = frame["definition"].drop_nulls().unique(maintain_order=True).to_list()
    parts = Counter(part for text in texts for part in text.split("; "))
    shared = [part for part, times in parts.items() if times > 1]
    number = {text: index for index, text in enumerate(texts, start=1)}
    column = pl.Series("note", [number.get(text) for text in frame["definition"]], pl.Int64)
    alone = ["; ".join(p for p in text.split("; ") if p not in shared) for text in texts]
    notes = [
        f"{number[text]}. {said or 'as below'}" for text, said in zip(texts, alone, strict=True)
    ]
    return frame.drop("definition").with_columns(column), [*notes, *(f"– {s}" for s in shared)]


def _table(whole: pl.DataFrame, title: str | None) -> None:
    frame, notes = _noted(whole)
    table = Table(title=title, title_justify="left", header_style="bold")
    for name, dtype in frame.schema.items():
        numeric = dtype.is_numeric()
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*(_cell(value) for value in row))
    out = console()
    if not out.is_terminal:
        out = Console(width=max(120, 24 * frame.width))
    out.print(table, markup=False)
    for text in notes:
        out.print(printable(text), markup=False, highlight=False)


def _markdown(frame: pl.DataFrame) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    rule = ["---:" if dtype.is_numeric() else "---" for dtype in frame.dtypes]
    rows = [line([_cell(value) for value in row]) for row in frame.iter_rows()]
    return "\n".join([line(frame.columns), line(rule), *rows])


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with text that a spreadsheet would run as a formula made harmless.

    Cells that begin with `= + - @` or a tab get an apostrophe in front; lists become text.
    """
    lists = [
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List)
    ]
    flat = frame.with_columns(lists)
    texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
    return flat.with_columns(
        pl.when(pl.col(name).str.contains(r"^[=+\-@\t\r]"))
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(name)
        .alias(name)
        for name in texts
    )


def emit(frame: pl.DataFrame, fmt: Format, title: str | None = None) -> None:
    """Write a result to standard output in the chosen format.

    Parquet goes out as bytes, for `> file.parquet`; on a terminal it is refused by the shell of
    the caller, not by us. JSON is one array of objects.
    """
    out = sys.stdout
    match fmt:
        case Format.table:
            _table(frame, title)
        case Format.json:
            out.write(frame.write_json() + "\n")
        case Format.csv:
            out.write(neutral(frame).write_csv())
        case Format.markdown:
            out.write(_markdown(frame) + "\n")
        case Format.parquet:
            buffer = io.BytesIO()
            frame.write_parquet(buffer, compression="zstd", statistics=True)
            out.buffer.write(buffer.getvalue())
    out.flush()

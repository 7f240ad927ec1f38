"""Options that several commands share, each declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_DB = Path("gpai-scan.duckdb")
DEFAULT_OUT = Path("out")


class Format(StrEnum):
    """How a result is written to standard output."""

    table = "table"
    json = "json"
    csv = "csv"
    parquet = "parquet"
    markdown = "markdown"


Db = Annotated[
    Path, typer.Option("--db", envvar="GPAI_SCAN_DB", help="Database of the scans.", metavar="FILE")
]
Out = Annotated[Path, typer.Option("--out", help="Folder for the results.", metavar="DIR")]
OutputFormat = Annotated[
    Format, typer.Option("--format", "-f", help="How to print the result.", show_default=True)
]
Regime = Annotated[
    str | None,
    typer.Option("--regime", "-r", help="Rule set; `gpai-scan regimes` lists them.", metavar="ID"),
]
Scan = Annotated[
    str | None,
    typer.Option("--scan", help="Scan to answer from; the newest by default.", metavar="ID"),
]
Threshold = Annotated[
    list[float] | None,
    typer.Option("--threshold", "-t", help="Training compute in FLOP; repeatable.", metavar="FLOP"),
]

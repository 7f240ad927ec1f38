"""`gpai-scan sql`: ask the database in SQL, read-only."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from gpai_scan import assets
from gpai_scan.cli.app import app
from gpai_scan.cli.options import DEFAULT_DB, Db, Format, OutputFormat
from gpai_scan.cli.output import emit, say
from gpai_scan.errors import InvalidInput
from gpai_scan.store import Store

PROMPT = "gpai-scan> "
MORE = "      ...> "


@app.command()
def sql(
    statement: Annotated[
        str | None,
        typer.Argument(help="A statement; without one a prompt opens, or standard input is read."),
    ] = None,
    db: Db = DEFAULT_DB,
    fmt: OutputFormat = Format.table,
) -> None:
    """Run a SQL statement on the scans, or open a prompt. The database cannot be changed.

    Tables are those of docs/data-dictionary.md, each with `scan_id`; the views `models`,
    `derivatives`, `figures`, `in_scope`, `funnel`, `history` and `latest_scan` answer for the
    newest scan.

    Examples: `gpai-scan sql "select count(*) from models where compute_flop > 1e24"`;
    `gpai-scan sql < question.sql`.
    """
    with Store.open(db) as store:
        if statement is None and not sys.stdin.isatty():
            statement = sys.stdin.read()
        if statement is not None:
            emit(store.query(_one(statement)), fmt)
            return
        _prompt(store, fmt)


def _one(statement: str) -> str:
    text = statement.strip().rstrip(";").strip()
    if not text:
        raise InvalidInput('there is no statement; try `gpai-scan sql "select * from models"`.')
    return text


_TABLES: Final = (
    "select table_name, comment from duckdb_tables() where schema_name = 'main' union all "
    "select view_name, comment from duckdb_views() where not internal order by 1;"
)


def _prompt(store: Store, fmt: Format) -> None:
    say(f"{store.path}, read-only. Views: {', '.join(assets.names('sql/view', '.sql'))}.")
    say("End a statement with a semicolon; `.tables` lists tables; Ctrl-D leaves.")
    lines: list[str] = []
    while True:
        try:
            line = input(MORE if lines else PROMPT)
        except EOFError:
            say("")
            return
        if line.strip() == ".tables":
            line = _TABLES
        lines.append(line)
        if not line.rstrip().endswith(";"):
            continue
        text, lines = "\n".join(lines), []
        try:
            emit(store.query(_one(text)), fmt)
        except InvalidInput as error:
            say(f"Error: {error}")

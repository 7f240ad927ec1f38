"""`gpai-scan ask`: the questions of `sql/ask`."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from gpai_scan import questions
from gpai_scan.cli.app import app
from gpai_scan.cli.options import DEFAULT_DB, Db, Format, OutputFormat, Scan
from gpai_scan.cli.output import emit, say
from gpai_scan.errors import InvalidInput
from gpai_scan.store import Store


@app.command()
def ask(
    question: Annotated[
        str | None, typer.Argument(help="A name of sql/ask; without one they are listed.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", help="A parameter of the question.", metavar="NAME=VALUE"),
    ] = None,
    db: Db = DEFAULT_DB,
    scan: Scan = None,
    fmt: OutputFormat = Format.table,
) -> None:
    """Ask one of the prepared questions, or list them.

    Example: `gpai-scan ask above --param threshold=1e24 --format csv`.
    """
    if question is None:
        emit(_listed(), fmt, title="Questions")
        say("Ask one with `gpai-scan ask NAME --param NAME=VALUE`.")
        return
    asked = questions.find(question)
    values = asked.bind(_pairs(param or []))
    with Store.open(db) as store:
        if asked.of_scan:
            values["scan"] = store.resolve(scan)
        emit(store.query(asked.sql, **values), fmt, title=asked.text)


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise InvalidInput(f"--param takes NAME=VALUE, not '{text}'.")
        pairs[name] = value
    return pairs


def _listed() -> pl.DataFrame:
    rows = [
        {
            "name": q.name,
            "question": q.text,
            "parameters": ", ".join(
                f"{p.name}={p.default or '…'}" for p in q.parameters if p.name != "scan"
            ),
        }
        for q in questions.all_questions()
    ]
    return pl.DataFrame(rows)

"""Every statement of sql/ says its question and its parameters, and binds to the empty schema."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from gpai_scan import assets, layout

FILES = sorted(assets.folder("sql").rglob("*.sql"))


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    layout.create_tables(connection)
    return connection


def test_there_is_something_in_every_folder() -> None:
    assert {path.parent.name for path in FILES} == {"ask", "check", "report", "view"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_statement_is_documented_and_binds(path: Path, empty: duckdb.DuckDBPyConnection) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert first.startswith("-- ")
    assert ("." if path.parent.name == "view" else "?") in first
    used = set(re.findall(r"\$(\w+)", body))
    said = dict(re.findall(r"^-- \$(\w+) (text|double|bigint)", text, re.M))
    assert used == set(said)
    values = {"text": "x", "double": 1.0, "bigint": 1}
    empty.sql(text, params={name: values[said[name]] for name in used} or None).fetchall()


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.parent.name == "view"], ids=lambda p: p.stem
)
def test_a_view_can_be_asked(path: Path, empty: duckdb.DuckDBPyConnection) -> None:
    assert empty.sql(f'select * from "{path.stem}"').fetchall() == []

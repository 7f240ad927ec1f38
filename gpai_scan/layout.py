"""What stands where in the database: the tables of the schema, and how their history is kept.

Most tables are kept as history (`history.py`): a row stands once in `kept.NAME_rows`, however many
scans hold it, and names a span; `kept.NAME_spans` says which scans a span covers. What users ask
is a view under the table's own name, with `scan_id` in front, as if every scan stood in it whole.
`scans` and `answers` are small, stay for ever, and are plain tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import duckdb
import polars as pl
from polars._typing import PolarsDataType

from gpai_scan import assets, schema

_DUCKDB_TYPES: Final[dict[str, str]] = {
    "String": "VARCHAR",
    "Enum": "VARCHAR",
    "Float64": "DOUBLE",
    "Int64": "BIGINT",
    "Int32": "INTEGER",
    "UInt32": "UINTEGER",
    "Boolean": "BOOLEAN",
    "Datetime": "TIMESTAMPTZ",
}
PLAIN: Final = (schema.SCANS, schema.ANSWERS)
"""Tables whose rows stay for ever."""
HISTORY: Final = tuple(table for table in schema.TABLES if table not in PLAIN)
"""Tables of which the newest scans are kept, each row once."""


def rows(table: schema.Table) -> str:
    """Where the rows of a table with history stand."""
    return f'kept."{table.name}_rows"'


def spans(table: schema.Table) -> str:
    """Where it is written which scans hold the rows of a span."""
    return f'kept."{table.name}_spans"'


def columns(table: schema.Table) -> str:
    """The columns of a table as a list in SQL, without `scan_id`."""
    return ", ".join(f'"{c.name}"' for c in table.columns if c != schema.SCAN_ID)


def order(table: schema.Table) -> str:
    """The order of a table's rows in SQL: its key, and where that leaves it open, all the rest."""
    rest = (name for name in table.names if name not in table.key)
    return ", ".join(f'"{name}" nulls first' for name in (*table.key, *rest))


def differing(tables: Iterable[schema.Table]) -> str:
    """Repositories of which the scans `$scan` and `$against` hold different rows in any table."""
    return " union ".join(
        f"select repo_id from {rows(table)} where span in (select span from {spans(table)} "
        "where scan_id in ($scan, $against) group by span having count(*) = 1)"
        for table in tables
    )


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is not there of the tables, and every view anew."""
    connection.execute(
        "create table if not exists scan_order (scan_id varchar primary key, stored bigint)"
    )
    connection.execute("create schema if not exists kept")
    for table in schema.TABLES:
        statements = _plain(table) if table in PLAIN else _kept(connection, table)
        for statement in (*statements, *_comments(table)):
            connection.execute(statement)
    _create_views(connection)


def _plain(table: schema.Table) -> list[str]:
    return [f'create table if not exists "{table.name}" ({_typed(schema.stored(table))})']


def _kept(connection: duckdb.DuckDBPyConnection, table: schema.Table) -> list[str]:
    """The statements that create a table with history, from one that holds whole scans if any."""
    whole = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'main' and table_name = $name",
        {"name": table.name},
    ).fetchall()
    names = ", ".join(f'r."{name}"' for name in table.names)
    return [
        f"create table if not exists {rows(table)} (span uinteger, {_typed(table)})",
        f"create table if not exists {spans(table)} (span uinteger, scan_id varchar)",
        *(_converted(table) if whole else ()),
        f'create or replace view "{table.name}" as select s.scan_id, {names} '
        f"from {rows(table)} as r inner join {spans(table)} as s on s.span = r.span",
    ]


def _converted(table: schema.Table) -> list[str]:
    """Take over what version 0.1 stored: whole scans under their ids, each a span of its own."""
    return [
        f"insert into {spans(table)} select stored, scan_id from scan_order "
        f'where scan_id in (select scan_id from "{table.name}")',
        f"insert into {rows(table)} by name select s.span, w.* exclude (scan_id) "
        f'from "{table.name}" as w inner join {spans(table)} as s on s.scan_id = w.scan_id',
        f'drop table "{table.name}"',
    ]


def _comments(table: schema.Table) -> list[str]:
    kind = "table" if table in PLAIN else "view"
    statements = [f'comment on {kind} "{table.name}" is {_quoted(table.about)}']
    for column in schema.stored(table).columns:
        about = f"{column.about} [{column.unit}]" if column.unit else column.about
        statements.append(f'comment on column "{table.name}"."{column.name}" is {_quoted(about)}')
    return statements


def _typed(table: schema.Table) -> str:
    return ", ".join(f'"{c.name}" {_duckdb_type(c.dtype)}' for c in table.columns)


def _duckdb_type(dtype: PolarsDataType) -> str:
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        if isinstance(inner, pl.Struct):
            fields = ", ".join(f"{f.name} {_duckdb_type(f.dtype)}" for f in inner.fields)
            return f"STRUCT({fields})[]"
        return f"{_duckdb_type(inner)}[]"
    name = dtype.__name__ if isinstance(dtype, type) else type(dtype).__name__
    return _DUCKDB_TYPES[name]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views of `sql/view` in an order in which each finds those it stands on."""
    waiting = assets.names("sql/view", ".sql")
    while waiting:
        later = []
        for name in waiting:
            body = assets.find("sql/view", name, ".sql").read_text(encoding="utf-8")
            try:
                connection.execute(f'create or replace view "{name}" as {body}')
            except duckdb.CatalogException:
                later.append(name)
                if len(later) == len(waiting):
                    raise
        waiting = later

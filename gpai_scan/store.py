"""The only room that says duckdb: scans in one file, with their history.

A scan is written into a new file beside the old one, which is then renamed into place. Readers
with the old file open go on undisturbed, a kill at any moment leaves the old file whole, and a
second writer is refused by a lock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import duckdb
import polars as pl
from polars._typing import PolarsDataType

from gpai_scan import assets, schema
from gpai_scan.errors import InvalidInput, StoreError

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
_UNWRITABLE: Final = (
    OSError,
    duckdb.IOException,
    duckdb.TransactionException,
    duckdb.FatalException,
    duckdb.OutOfMemoryException,
)
"""What a full disk shows as, depending on the moment it fills up."""
_SORTED_AT_ONCE: Final = 1_500_000
"""Rows of verdicts sorted together. One repository's verdicts side by side take half the room
of one rule's, and no more time with the sorting."""
_COPIED_AT_ONCE: Final = 2**30
_TABLES_AT_ONCE: Final = 2
_MEMORY_PER_THREAD: Final = 1e9
"""Bytes DuckDB may hold while it writes, for each thread and for two at least."""
_MISSING_PARAMETER: Final = "Values were not provided for the following prepared statement"


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


def ddl(table: schema.Table) -> list[str]:
    """The statements that create a table with its comments in DuckDB, if it is not there."""
    stored = schema.stored(table)
    columns = ", ".join(f'"{c.name}" {_duckdb_type(c.dtype)}' for c in stored.columns)
    statements = [f'create table if not exists "{stored.name}" ({columns})']
    statements.append(f'comment on table "{stored.name}" is {_quoted(stored.about)}')
    for column in stored.columns:
        about = f"{column.about} [{column.unit}]" if column.unit else column.about
        statements.append(f'comment on column "{stored.name}"."{column.name}" is {_quoted(about)}')
    return statements


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every table of the schema that is not there, and every view of `sql/view` anew."""
    for table in schema.TABLES:
        for statement in ddl(table):
            connection.execute(statement)
    connection.execute(
        "create table if not exists scan_order (scan_id varchar primary key, stored bigint)"
    )
    _create_views(connection)


def _create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views in an order in which each finds the views it stands on."""
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


class Store:
    """A database of scans, opened for reading."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a database read-only.

        `StoreError` where there is none, it is not a database, or a writer holds it.
        """
        if not path.is_file():
            raise StoreError(f"there is no database at {path}; make one with `gpai-scan run`.")
        try:
            connection = duckdb.connect(str(path), read_only=True)
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise StoreError(f"{path} is held by another program; try again later.") from error
            raise StoreError(f"{path} cannot be read as a database of scans.") from error
        except duckdb.Error as error:
            raise StoreError(f"{path} cannot be read as a database of scans.") from error
        connection.execute("set TimeZone = 'UTC'")
        store = cls(connection, path)
        if not store._has("scans"):
            connection.close()
            raise StoreError(f"{path} is a database, but not of scans; use another --db.")
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def _has(self, table: str) -> bool:
        return bool(
            self._connection.sql(
                "select 1 from duckdb_tables() where table_name = $name", params={"name": table}
            ).fetchall()
        )

    def query(self, sql: str, /, **parameters: object) -> pl.DataFrame:
        """The answer of one statement; `InvalidInput` repeats what the database says of it."""
        try:
            relation = self._connection.sql(sql, params=parameters or None)
        except duckdb.Error as error:
            raise InvalidInput(_one_line(error)) from error
        if relation is None:
            return pl.DataFrame()
        try:
            answer: pl.DataFrame = relation.pl()
            return answer
        except duckdb.Error as error:
            raise InvalidInput(_one_line(error)) from error

    def latest(self) -> str:
        """The newest scan; `StoreError` where there is none."""
        rows = self._connection.sql("select max_by(scan_id, stored) from scan_order").fetchall()
        if not rows or rows[0][0] is None:
            raise StoreError(f"{self.path} holds no scan yet; make one with `gpai-scan run`.")
        return str(rows[0][0])

    def resolve(self, scan_id: str | None) -> str:
        """The scan asked for, or the newest; `StoreError` names the known ones."""
        if scan_id is None:
            return self.latest()
        known = self.scan_ids()
        if scan_id not in known:
            raise StoreError(f"no scan '{scan_id}' in {self.path}. There are: {', '.join(known)}.")
        return scan_id

    def scan_ids(self) -> list[str]:
        """All scans, oldest first."""
        rows = self._connection.sql("select scan_id from scan_order order by stored").fetchall()
        return [str(row[0]) for row in rows]

    def table(self, name: str, scan_id: str | None = None) -> pl.LazyFrame:
        """A stored table of one scan (the newest by default), without `scan_id`, as declared."""
        known = {table.name: table for table in schema.TABLES}
        table = known[name]
        columns = ", ".join(f'"{column}"' for column in table.names)
        order = ", ".join(f'"{column}" nulls first' for column in table.key)
        frame = self.query(
            f'select {columns} from "{name}" where scan_id = $scan order by {order}, rowid',
            scan=self.resolve(scan_id),
        )
        return table.conform(frame.lazy())

    def export(self, name: str, path: Path, scan_id: str | None = None) -> Path:
        """Write a table of one scan, as `table` gives it, to a Parquet file without loading it."""
        known = {table.name: table for table in schema.TABLES}
        table = known[name]
        columns = ", ".join(f'"{column}"' for column in table.names)
        order = ", ".join(f'"{column}" nulls first' for column in table.key)
        rows = self._connection.sql(
            f'select {columns} from "{name}" where scan_id = $scan order by {order}, rowid',
            params={"scan": self.resolve(scan_id)},
        )
        try:
            rows.write_parquet(str(path), compression="zstd", row_group_size=100_000)
        except _UNWRITABLE as error:
            path.unlink(missing_ok=True)
            raise StoreError(
                f"cannot write {path}: {_one_line(error)}. Free some space or choose another "
                "folder, and run the same command again."
            ) from error
        return path


def _one_line(error: Exception) -> str:
    text = str(error).strip().split("\n\n")[0].replace("\n", " ")
    if _MISSING_PARAMETER in text:
        return f"{text}. Give each with --param NAME=VALUE."
    return text


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Exclude a second writer; the lock goes with the process that holds it."""
    import fcntl

    lock = path.with_name(path.name + ".lock")
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"another run is writing {path}; wait for it or choose another --db."
            ) from error
        yield
        with suppress(FileNotFoundError):
            lock.unlink()


def _copy_or_create(path: Path, fresh: Path) -> None:
    for stale in (fresh, fresh.with_name(fresh.name + ".wal")):
        stale.unlink(missing_ok=True)
    shutil.rmtree(fresh.with_name(fresh.name + ".tmp"), ignore_errors=True)
    if path.exists():
        Store.open(path).__exit__(None, None, None)
        _copy(path, fresh)


def _copy(path: Path, fresh: Path) -> None:
    """Copy a file inside the system: file systems that can share blocks copy none."""
    try:
        with path.open("rb") as source, fresh.open("wb") as target:
            while os.copy_file_range(source.fileno(), target.fileno(), _COPIED_AT_ONCE):
                pass
    except (AttributeError, OSError):  # not every system and file system has it
        shutil.copyfile(path, fresh)


def write_scan(
    path: Path, scan_id: str, tables: Mapping[str, Path | Iterable[Path]], keep: int = 30
) -> None:
    """Store one scan: each table from its Parquet files, all or nothing.

    `tables` maps a table's name to its Parquet file or files, which hold the columns of the
    schema without `scan_id`. A scan stored before under the same id is replaced. The rows of all
    but the newest `keep` scans are dropped, except in `scans` and `answers`, which stay for ever.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path):
        fresh = path.with_name(f".{path.name}.new")
        try:
            _copy_or_create(path, fresh)
            with duckdb.connect(str(fresh)) as connection:
                _prepare(connection)
                connection.execute("begin")
                create_tables(connection)
                _make_room(connection, scan_id, keep)
                connection.execute("commit")
                _load(connection, scan_id, tables)
                connection.execute("checkpoint")
            fresh.replace(path)
        except _UNWRITABLE as error:
            fresh.unlink(missing_ok=True)
            raise StoreError(
                f"cannot write {path}: {_one_line(error)}. The database is as it was before; "
                "free some space or choose another --db, and run the same command again."
            ) from error


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Set up a database for writing, and all its cursors.

    It holds no more than loading needs, and never more than DuckDB itself thinks right. Tables
    that are loaded at once share the threads: on two cores each has one, which puts rows in their
    order with a seventh less work than two that have to agree on it.
    """
    threads, held = connection.execute(
        "select current_setting('threads'), "
        "least(parse_formatted_bytes(current_setting('memory_limit')), "
        "greatest(2, current_setting('threads')) * $each)",
        {"each": _MEMORY_PER_THREAD},
    ).fetchall()[0]
    connection.execute(f"set memory_limit = '{held:.0f}B'")
    connection.execute(f"set threads = {max(1, threads // _TABLES_AT_ONCE)}")
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set global preserve_insertion_order = true")


def _make_room(connection: duckdb.DuckDBPyConnection, scan_id: str, keep: int) -> None:
    """Make a scan the newest; drop the rows stored under its id before, and those too old."""
    given = {"scan": scan_id}
    again = connection.execute("select 1 from scan_order where scan_id = $scan", given).fetchall()
    connection.execute(
        "insert or replace into scan_order "
        "select $scan, coalesce(max(stored), 0) + 1 from scan_order",
        given,
    )
    for table in schema.TABLES if again else ():
        connection.execute(f'delete from "{table.name}" where scan_id = $scan', given)
    _retain(connection, keep)


def _load(
    connection: duckdb.DuckDBPyConnection,
    scan_id: str,
    tables: Mapping[str, Path | Iterable[Path]],
) -> None:
    """Insert every table, the largest first and several at once.

    Each is a transaction of its own; together they are one, since the file has no name yet.
    """
    known = {table.name: table for table in schema.TABLES}
    files = {
        name: [given] if isinstance(given, Path) else list(given) for name, given in tables.items()
    }
    sizes = {name: sum(file.stat().st_size for file in files[name]) for name in files}

    def load(name: str) -> None:
        with connection.cursor() as own:
            _insert(own, scan_id, known[name], [str(file) for file in files[name]])

    with ThreadPoolExecutor(_TABLES_AT_ONCE) as threads:
        list(threads.map(load, sorted(filter(sizes.get, sizes), key=lambda name: -sizes[name])))


def _insert(
    connection: duckdb.DuckDBPyConnection, scan_id: str, table: schema.Table, files: list[str]
) -> None:
    """Add the rows of Parquet files; verdicts by repository, range after range."""
    names = ", ".join(f'"{c.name}"' for c in table.columns if c.name != "scan_id")
    statement = (
        f'insert into "{table.name}" (scan_id, {names}) '
        f"select $scan, {names} from read_parquet($files)"
    )
    given: dict[str, object] = {"scan": scan_id, "files": files}
    if table != schema.VERDICT_TABLE:
        connection.execute(statement, given)
        return
    for ends in pairwise([None, *_bounds(connection, files), None]):
        tests = {"low": "repo_id >= $low", "high": "repo_id < $high"}
        known = {name: end for name, end in zip(tests, ends, strict=True) if end is not None}
        within = " and ".join(tests[name] for name in known) or "true"
        connection.execute(
            f"{statement} where {within} order by repo_id, regime, rule", {**given, **known}
        )


def _bounds(connection: duckdb.DuckDBPyConnection, files: list[str]) -> list[str]:
    """Identifiers that divide the rows of files into ranges that can be sorted in memory.

    Taken from the smallest ones of the row groups: whatever they are, the ranges follow each other.
    """
    smallest, rows = connection.execute(
        "select list(stats_min_value order by stats_min_value), sum(row_group_num_rows) "
        "from parquet_metadata($files) "
        "where path_in_schema = 'repo_id' and stats_min_value is not null",
        {"files": files},
    ).fetchall()[0]
    ranges = int((rows or 0) // _SORTED_AT_ONCE) + 1
    return sorted({smallest[len(smallest) * n // ranges] for n in range(1, ranges)})


def _retain(connection: duckdb.DuckDBPyConnection, keep: int) -> None:
    scans = connection.execute("select count(*) from scan_order").fetchall()[0][0]
    if scans <= keep:
        return  # looking through every row of every scan for nothing takes seconds
    for table in schema.TABLES:
        if table.name in ("scans", "answers"):
            continue
        connection.execute(
            f'delete from "{table.name}" where scan_id not in '
            "(select scan_id from scan_order order by stored desc limit $keep)",
            {"keep": keep},
        )

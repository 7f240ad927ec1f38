"""Scans in one file, with their history: reading them, and writing one more.

A scan is written into a new file beside the old one, which is then renamed into place. Readers
with the old file open go on undisturbed, a kill at any moment leaves the old file whole, and a
second writer is refused by a lock.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import duckdb
import polars as pl

from gpai_scan import history, layout, schema
from gpai_scan.errors import InvalidInput, StoreError

_UNWRITABLE: Final = (
    OSError,
    duckdb.IOException,
    duckdb.TransactionException,
    duckdb.FatalException,
    duckdb.OutOfMemoryException,
)
"""What a full disk shows as, depending on the moment it fills up."""
_SHARE_BLOCKS: Final = 0x40049409
"""`FICLONE` of `linux/fs.h`."""
_TABLES_AT_ONCE: Final = 2
_MEMORY_PER_THREAD: Final = 1e9
"""Bytes DuckDB may hold while it works on whole tables, for each thread and for two at least."""
_KNOWN: Final = {table.name: table for table in schema.TABLES}
_COMPARED: Final = (schema.ESTIMATES, schema.EVIDENCE, schema.VERDICT_TABLE)
"""Tables in which two scans are compared."""
_MISSING_PARAMETER: Final = "Values were not provided for the following prepared statement"


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
        if not os.access(path.resolve().parent, os.W_OK):  # large sorts want room beside it
            connection.execute("set temp_directory = $folder", {"folder": tempfile.gettempdir()})
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
        table = _KNOWN[name]
        frame = self.query(_rows_of(table), scan=self.resolve(scan_id))
        return table.conform(frame.lazy())

    def holds(self, scan_id: str) -> bool:
        """Whether the tables of a scan are kept, not its counts alone."""
        asked = "select 1 from estimates where scan_id = $scan limit 1"
        return not self.query(asked, scan=scan_id).is_empty()

    def export(
        self, name: str, path: Path, scan_id: str | None = None, against: str | None = None
    ) -> Path:
        """Write a table of one scan, as `table` gives it, to a Parquet file without loading it.

        With `against`, another scan, repositories are left out that are the same in both: those
        of which both hold the same estimates, claims and verdicts. A database of version 0.1
        cannot tell, and leaves out none.
        """
        given, statement = {"scan": self.resolve(scan_id)}, _rows_of(_KNOWN[name])
        if against is not None and self._has(f"{name}_rows"):
            given |= {"against": against}
            statement = _rows_of(_KNOWN[name], f"repo_id in ({layout.differing(_COMPARED)})")
        try:
            self._connection.execute(f"set memory_limit = '{_memory(self._connection):.0f}B'")
            rows = self._connection.sql(statement, params=given)
            rows.write_parquet(str(path), compression="zstd", row_group_size=100_000)
        except _UNWRITABLE as error:
            path.unlink(missing_ok=True)
            raise StoreError(
                f"cannot write {path}: {_one_line(error)}. Free some space or choose another "
                "folder, and run the same command again."
            ) from error
        return path


def _rows_of(table: schema.Table, which: str = "true") -> str:
    """The rows of one scan in an order that does not depend on when each was stored."""
    names = ", ".join(f'"{name}"' for name in table.names)
    return (
        f'select {names} from "{table.name}" where scan_id = $scan and {which} '
        f"order by {layout.order(table)}"
    )


def _one_line(error: Exception) -> str:
    text = str(error).strip().split("\n\n")[0].replace("\n", " ")
    if _MISSING_PARAMETER in text:
        return f"{text}. Give each with --param NAME=VALUE."
    return text


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Exclude a second writer; the lock goes with the process that holds it."""
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
    """Copy a file; file systems that can share blocks copy none."""
    with path.open("rb") as source, fresh.open("wb") as target:
        try:
            fcntl.ioctl(target, _SHARE_BLOCKS, source.fileno())
        except OSError:
            shutil.copyfile(path, fresh)


def write_scan(
    path: Path, scan_id: str, tables: Mapping[str, Path | Iterable[Path]], keep: int = 30
) -> None:
    """Store one scan: each table from its Parquet files, all or nothing.

    `tables` maps a table's name to its Parquet file or files, which hold the columns of the
    schema without `scan_id`. A scan stored before under the same id is replaced. Rows that none of
    the newest `keep` scans holds are dropped, except in `scans` and `answers`, which stay for ever.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path):
        fresh = path.with_name(f".{path.name}.new")
        try:
            _copy_or_create(path, fresh)
            with duckdb.connect(str(fresh)) as connection:
                _prepare(connection)
                connection.execute("begin")
                layout.create_tables(connection)
                turn = _turn(connection, scan_id, keep)
                connection.execute("commit")
                _load(connection, turn, tables)
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
    threads = connection.execute("select current_setting('threads')").fetchall()[0][0]
    connection.execute(f"set memory_limit = '{_memory(connection):.0f}B'")
    connection.execute(f"set threads = {max(1, threads // _TABLES_AT_ONCE)}")
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set global preserve_insertion_order = true")
    connection.execute("set write_buffer_row_group_count = 1")


def _memory(connection: duckdb.DuckDBPyConnection) -> float:
    """Bytes a database may hold while it works on whole tables."""
    held: float = connection.execute(
        "select least(parse_formatted_bytes(current_setting('memory_limit')), "
        "greatest(2, current_setting('threads')) * $each)",
        {"each": _MEMORY_PER_THREAD},
    ).fetchall()[0][0]
    return held


def _turn(connection: duckdb.DuckDBPyConnection, scan_id: str, keep: int) -> history.Turn:
    """Make a scan the newest of those whose tables are kept, and forget what it said before."""
    given = {"scan": scan_id}
    newest = connection.execute("select max_by(scan_id, stored) from scan_order").fetchall()[0][0]
    connection.execute(
        "insert or replace into scan_order "
        "select $scan, coalesce(max(stored), 0) + 1 from scan_order",
        given,
    )
    for table in layout.PLAIN:
        connection.execute(f'delete from "{table.name}" where scan_id = $scan', given)
    kept = connection.execute(
        "select scan_id from scan_order order by stored desc limit $keep", {"keep": keep}
    ).fetchall()
    return history.Turn(scan_id, newest, frozenset(row[0] for row in kept))


def _load(
    connection: duckdb.DuckDBPyConnection,
    turn: history.Turn,
    tables: Mapping[str, Path | Iterable[Path]],
) -> None:
    """Store every table, the largest first and several at once.

    Each is a transaction of its own; together they are one, since the file has no name yet.
    """
    files = {
        name: [given] if isinstance(given, Path) else list(given) for name, given in tables.items()
    }

    def size(table: schema.Table) -> int:
        return sum(file.stat().st_size for file in files.get(table.name, ()))

    def load(table: schema.Table) -> None:
        found = [str(file) for file in files.get(table.name, ())]
        with connection.cursor() as own:
            own.execute("begin")
            if table in layout.HISTORY:
                history.store(own, table, found, turn)
            elif found:
                _append(own, table, found, turn.scan_id)
            own.execute("commit")

    with ThreadPoolExecutor(_TABLES_AT_ONCE) as threads:
        list(threads.map(load, sorted(schema.TABLES, key=size, reverse=True)))


def _append(
    connection: duckdb.DuckDBPyConnection, table: schema.Table, files: list[str], scan_id: str
) -> None:
    names = layout.columns(table)
    connection.execute(
        f'insert into "{table.name}" (scan_id, {names}) '
        f"select $scan, {names} from read_parquet($files)",
        {"scan": scan_id, "files": files},
    )

"""The rows of a scan, beside those of the scans before it: each row once.

A row that stands in the newest scan unchanged is left where it is, and its span is said to cover
the new scan too. A row that is new or changed is added with a span of its own; a row that ended
gets a span that covers the scans that held it. So a night adds what changed, and no more.

Rows are compared by a hash of all their columns (64 bits), first added up over buckets of
repositories, then one by one in the buckets whose sums differ. Rows that stand in a scan more than
once are counted: where the numbers differ, all of them end and all are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise
from typing import Final

import duckdb
import polars as pl

from gpai_scan import schema
from gpai_scan.layout import columns, rows, spans

_BUCKETS: Final = 2**20
"""Few enough to be added up in the processors' caches, many enough to hold a few rows each."""
_MOSTLY: Final = 0.5
"""Share of buckets that differ from which on a table is stored anew instead of compared."""
_SORTED_AT_ONCE: Final = 1_500_000
"""Rows of verdicts sorted together. One repository's verdicts side by side take half the room
of one rule's, and no more time with the sorting."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A scan that is stored, the newest scan before it, and all that are kept, it among them."""

    scan_id: str
    newest: str | None
    kept: frozenset[str]


def store(
    connection: duckdb.DuckDBPyConnection, table: schema.Table, files: list[str], turn: Turn
) -> None:
    """Add a scan's rows of one table from Parquet files, and drop those no kept scan holds."""
    covered = _covered(connection, table)
    standing = {span for span, scans in covered.items() if turn.newest in scans}
    covered = {span: (scans - {turn.scan_id}) & turn.kept for span, scans in covered.items()}
    numbers = count(max(covered, default=0) + 1)
    added = next(numbers)
    if standing and files and _few_differ(connection, table, files, standing):
        ending = {scans: next(numbers) for scans in {covered[span] for span in standing}}
        becomes = {span: ending[covered[span]] for span in standing}
        _exchange(connection, table, files, added, becomes)
        covered |= {span: covered[span] | {turn.scan_id} for span in standing}
        covered |= {span: scans for scans, span in ending.items()}
    elif files:
        _add(connection, table, files, added)
    covered[added] = frozenset({turn.scan_id})
    _settle(connection, table, covered)


def _covered(
    connection: duckdb.DuckDBPyConnection, table: schema.Table
) -> dict[int, frozenset[str]]:
    """The scans that hold the rows of each span."""
    found = connection.execute(
        f"select span, list(scan_id) from {spans(table)} group by span order by span"
    ).fetchall()
    return {span: frozenset(scans) for span, scans in found}


def _settle(
    connection: duckdb.DuckDBPyConnection, table: schema.Table, covered: dict[int, frozenset[str]]
) -> None:
    """Write down which scans the spans cover, and delete the rows of those that cover none."""
    pairs = [(span, scan) for span in sorted(covered) for scan in sorted(covered[span])]
    connection.execute(f"delete from {spans(table)}")
    connection.execute(
        f"insert into {spans(table)} select unnest($spans), unnest($scans)",
        {"spans": [span for span, _ in pairs], "scans": [scan for _, scan in pairs]},
    )
    gone = [span for span, scans in covered.items() if not scans]
    if gone:
        connection.execute(
            f"delete from {rows(table)} where span in (select unnest($gone))", {"gone": gone}
        )


def _bucket(table: schema.Table) -> str:
    """The bucket of a row: rows of one repository or namespace share it."""
    return f'hash("{_owner(table)}") % {_BUCKETS}'


def _owner(table: schema.Table) -> str:
    return "repo_id" if "repo_id" in table.names else table.key[0]


def _hash(table: schema.Table) -> str:
    """A hash of all columns of a row; that of a list does not tell an empty one from none."""
    lengths = [f'len("{c.name}")' for c in table.columns if isinstance(c.dtype, pl.List)]
    return f"hash({', '.join([columns(table), *lengths])})"


def _few_differ(
    connection: duckdb.DuckDBPyConnection,
    table: schema.Table,
    files: list[str],
    standing: set[int],
) -> bool:
    """Put the buckets and whether they differ into the table `buckets`; whether few do."""
    added_up = f"select {_bucket(table)} as bucket, sum({_hash(table)}) as total"
    connection.execute(
        "create temp table buckets as "
        "select bucket, new.total is distinct from old.total as differs "
        f"from ({added_up} from read_parquet($files) group by all) as new "
        f"full join ({added_up} from {rows(table)} "
        "where span in (select unnest($standing)) group by all) as old using (bucket)",
        {"files": files, "standing": sorted(standing)},
    )
    differing, whole = connection.execute(
        "select count(*) filter (differs), count(*) from buckets"
    ).fetchall()[0]
    return bool(differing <= _MOSTLY * whole)


def _exchange(
    connection: duckdb.DuckDBPyConnection,
    table: schema.Table,
    files: list[str],
    added: int,
    becomes: dict[int, int],
) -> None:
    """Add the rows that are new or changed, and give those that ended the span they become."""
    within = f"{_bucket(table)} in (select bucket from buckets where differs)"
    given = {"was": list(becomes), "becomes": list(becomes.values())}
    connection.execute(
        f"create temp table new as select *, {_hash(table)} as hash_of_row "
        f"from read_parquet($files) where {within}",
        {"files": files},
    )
    connection.execute(
        f"create temp table old as select rowid as place, {_hash(table)} as hash_of_row "
        f"from {rows(table)} where span in (select unnest($was)) and {within}",
        {"was": given["was"]},
    )
    connection.execute(
        "create temp table uneven as select hash_of_row from "
        "(select hash_of_row, 1 as number from new union all select hash_of_row, -1 from old) "
        "group by hash_of_row having sum(number) <> 0"
    )
    connection.execute(
        f"update {rows(table)} set span = becoming.becomes "
        "from (select unnest($was) as was, unnest($becomes) as becomes) as becoming "
        "where span = becoming.was and rowid in (select place from old semi join uneven "
        "using (hash_of_row))",
        given,
    )
    connection.execute(
        f"insert into {rows(table)} (span, {columns(table)}) select $added, {columns(table)} "
        f'from new semi join uneven using (hash_of_row) order by "{_owner(table)}"',
        {"added": added},
    )


def _add(
    connection: duckdb.DuckDBPyConnection, table: schema.Table, files: list[str], added: int
) -> None:
    """Add all rows of Parquet files; verdicts by repository, range after range."""
    names = columns(table)
    statement = (
        f"insert into {rows(table)} (span, {names}) "
        f"select $added, {names} from read_parquet($files)"
    )
    given: dict[str, object] = {"added": added, "files": files}
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
    smallest, height = connection.execute(
        "select list(stats_min_value order by stats_min_value), sum(row_group_num_rows) "
        "from parquet_metadata($files) "
        "where path_in_schema = 'repo_id' and stats_min_value is not null",
        {"files": files},
    ).fetchall()[0]
    ranges = int((height or 0) // _SORTED_AT_ONCE) + 1
    return sorted({smallest[len(smallest) * n // ranges] for n in range(1, ranges)})

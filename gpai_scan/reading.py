"""Everything that is read from a shard's raw frames, so that no repository can stop a scan.

Readers never raise on what a repository contains; this is what holds if one does all the same. A
shard that cannot be read is halved until the repository that causes it stands alone. It keeps its
row and gets one in `problems`; the rest of the shard is read as if it were not there.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import documentation, evidence, schema
from gpai_scan.errors import GpaiScanError
from gpai_scan.facts import facts
from gpai_scan.sources import Raw

REASON: Final = "unreadable"
MOST: Final = 20
"""Repositories set aside in one shard; with more, the fault is not theirs and is raised."""

Tables = dict[str, pl.DataFrame]


def read(raw: Raw, reference: bool = True) -> Tables:
    """The tables of a shard by name: repositories, problems, evidence, facts, documentation.

    `raw.repositories` must be sorted by `repo_id`. What more than `MOST` repositories of a shard
    cause is raised as it is.
    """
    problems = schema.PROBLEMS.conform(raw.problems).collect()
    whole = schema.REPOSITORIES.conform(raw.repositories).collect()
    held = Raw(whole.lazy(), schema.DOCUMENTS.conform(raw.documents).collect().lazy(), raw.problems)
    tables, failed = _contained(held, reference, [])
    noted = pl.concat([problems, *failed])
    return {schema.REPOSITORIES.name: whole, schema.PROBLEMS.name: noted, **tables}


def _contained(
    raw: Raw, reference: bool, failed: list[pl.DataFrame]
) -> tuple[Tables, list[pl.DataFrame]]:
    """The tables read from a part, and rows of problems for what could not be."""
    try:
        return _tables(raw, reference), failed
    except (GpaiScanError, OSError, MemoryError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        names = raw.repositories.select("repo_id").collect().to_series()
        if names.len() == 0 or len(failed) >= MOST:
            raise
        if names.len() == 1:
            detail = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
            row = {"repo_id": names[0], "reason": REASON, "detail": detail}
            failed.append(schema.PROBLEMS.conform(pl.LazyFrame([row])).collect())
            return _nothing(), failed
    middle = names[names.len() // 2]
    parts = []
    for side in (pl.col("repo_id") < middle, pl.col("repo_id") >= middle):
        half = Raw(raw.repositories.filter(side), raw.documents.filter(side), raw.problems)
        parts.append(_contained(half, reference, failed)[0])
    return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}, failed


def _tables(raw: Raw, reference: bool) -> Tables:
    claims = evidence.read(raw, reference).collect()
    return {
        schema.EVIDENCE.name: schema.EVIDENCE.conform(claims.lazy()).collect(),
        schema.FACTS.name: schema.FACTS.conform(facts(claims.lazy())).collect(),
        schema.DOCUMENTATION.name: schema.DOCUMENTATION.conform(
            documentation.elements(raw)
        ).collect(),
    }


def _nothing() -> Tables:
    return {
        table.name: table.empty() for table in (schema.EVIDENCE, schema.FACTS, schema.DOCUMENTATION)
    }

"""Rule sets: data with citations, compiled to expressions.

    regime = load("eu-guidelines-final")
    verdicts(estimates, entities, [regime])     # rows of schema.VERDICT_TABLE

Verdicts are three-valued: in, out, unknown. `probability` is that of `in`, given the spread of the
estimate; null where nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from gpai_scan import schema
from gpai_scan.rules import clauses
from gpai_scan.rules.explain import explain
from gpai_scan.rules.frame import Options, frontier_of, subjects
from gpai_scan.rules.load import default, inline, load, names, parse
from gpai_scan.rules.model import Regime, Rule

__all__ = [
    "Options",
    "Regime",
    "Rule",
    "default",
    "explain",
    "frontier_of",
    "inline",
    "load",
    "names",
    "parse",
    "subjects",
    "verdicts",
]


def verdicts(
    estimates: pl.LazyFrame,
    entities: pl.LazyFrame,
    regimes: Sequence[Regime],
    options: Options | None = None,
    *,
    extra: pl.LazyFrame | None = None,
    frontier: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row a repository, regime and rule (`schema.VERDICT_TABLE`), sorted by its key.

    Rules on models have a row for every repository: whether the model it carries is in. Rules on
    derivatives have rows only for derivatives they are asked of. Lists of criteria, sweeps and
    rules that only steer the counting have none. See `subjects` for `extra` and `frontier`.
    """
    frame = subjects(estimates.sort("repo_id"), entities, extra, frontier).collect().lazy()
    found = [
        rows
        for regime in sorted(regimes, key=lambda r: r.id)
        for rule in sorted(regime.rules, key=lambda r: r.id)
        if (rows := clauses.rows(frame, rule, regime, options or Options())) is not None
    ]
    return schema.VERDICT_TABLE.conform(
        pl.concat(found) if found else schema.VERDICT_TABLE.empty().lazy()
    )

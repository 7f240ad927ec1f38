"""The Python interface: the commands' words as methods, with Polars frames for answers.

    import gpai_scan

    scans = gpai_scan.Scans("gpai-scan.duckdb")
    scans.run("sample", out="out")
    scans.count(threshold=[1e23, 1e25])
    scans.why("openai-community/gpt2")

Errors are those of `gpai_scan.errors`; their text says what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from gpai_scan import counting, health, questions, schema
from gpai_scan import publish as publishing
from gpai_scan import run as running
from gpai_scan import settings as pipelines
from gpai_scan import why as reasons
from gpai_scan.errors import InvalidInput
from gpai_scan.publish import Plan
from gpai_scan.report import Report, stored
from gpai_scan.rules import Regime, default, inline, load, names, sweep
from gpai_scan.rules.scope import Scope
from gpai_scan.run import OnProgress, Scan
from gpai_scan.store import Store

THRESHOLDS: Final = (1e22, 1e23, 1e24, 1e25)
"""Training compute [FLOP] counted at where nothing else is asked."""


def _quiet(_: object) -> None:
    """Tell nobody."""


def _several(value: float | Sequence[float] | None) -> tuple[float, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, Sequence) else (float(value),)


class Scans:
    """The scans of one database file."""

    def __init__(self, db: str | Path = "gpai-scan.duckdb") -> None:
        self.db = Path(db)

    def __repr__(self) -> str:
        return f"Scans({str(self.db)!r})"

    def run(
        self, pipeline: str = "sample", *, on_progress: OnProgress = _quiet, **options: object
    ) -> Scan:
        """Do the main job and store the scan here; `options` are fields of `Settings`.

        `pipeline` is a name in `pipelines/` or a TOML file.
        """
        return running.run(pipelines.load(pipeline, db=self.db, **options), on_progress)

    def count(
        self,
        threshold: float | Sequence[float] | None = None,
        *,
        regime: str | Path | None = None,
        rule: str | None = None,
        by: str | None = None,
        unit: str | None = None,
        scan: str | None = None,
    ) -> pl.DataFrame:
        """Models and entities in, out and unknown, one row a rule or threshold [FLOP] and unit.

        `regime` is a rule set or a rule file, `rule` a condition in words such as
        `training_compute > 3e22 and outputs has text`; without any of the three the default rule
        set is counted. `by` divides the first rule by country, licence, modality and so on;
        `unit` is `models` or `repositories`.
        """
        thresholds = _several(threshold)
        chosen = _chosen(regime, rule, default_too=not thresholds)
        regimes = [] if chosen is None else [chosen]
        with Store.open(self.db) as store:
            rules = [r for each in regimes for r in each.rules]
            scope = Scope.of(store, store.resolve(scan), rules)
            if by is not None:
                if chosen is None:
                    raise InvalidInput("`by` divides a rule: give a regime or a rule with it.")
                first = next(r for r in chosen.rules if r.when is not None)
                return scope.by(first, chosen, by, unit or "models")
            found = counting.counts(scope.frame, scope.who, regimes, thresholds, scope.options)
        return found if unit is None else found.filter(pl.col("unit") == unit)

    def sweep(
        self,
        start: float = 1e20,
        end: float = 1e27,
        *,
        steps: int = 200,
        regime: str | Path | None = None,
        rule: str | None = None,
        scan: str | None = None,
    ) -> pl.DataFrame:
        """The counts at many thresholds [FLOP]: one row each, `start` and `end` included."""
        chosen = _chosen(regime, rule, default_too=False) or inline("training_compute > 1e23")
        first = next(r for r in chosen.rules if r.when is not None)
        with Store.open(self.db) as store:
            scope = Scope.of(store, store.resolve(scan), [first])
            values = sweep.grid(start, end, steps)
            return sweep.sweep(scope.frame, scope.who, first, chosen, values)

    def ask(self, question: str, *, scan: str | None = None, **parameters: object) -> pl.DataFrame:
        """The answer to a question of `sql/ask`; `regimes` and `sql` list and go beyond them."""
        asked = questions.find(question)
        values = asked.bind({name: str(value) for name, value in parameters.items()})
        with Store.open(self.db) as store:
            if asked.of_scan:
                values["scan"] = store.resolve(scan)
            return store.query(asked.sql, **values)

    def why(
        self,
        repository: str,
        *,
        regime: str | None = None,
        threshold: float | Sequence[float] = THRESHOLDS,
        scan: str | None = None,
    ) -> pl.DataFrame:
        """The chain behind a repository's figures: file, line, quote, formula and verdict."""
        with Store.open(self.db) as store:
            lines = _several(threshold)
            return reasons.why(store, repository, store.resolve(scan), regime, lines)

    def sql(self, statement: str, **parameters: object) -> pl.DataFrame:
        """The answer of a SQL statement with `$name` parameters; the database stays as it is."""
        with Store.open(self.db) as store:
            return store.query(statement, **parameters)

    def table(self, name: str, *, scan: str | None = None) -> pl.LazyFrame:
        """A stored table of one scan, as docs/data-dictionary.md describes it."""
        known = [table.name for table in schema.TABLES]
        if name not in known:
            raise InvalidInput(f"there is no table '{name}'. There are: {', '.join(known)}.")
        with Store.open(self.db) as store:
            return store.table(name, scan)

    def status(self, reports: str | Path = "reports") -> dict[str, Any]:
        """How fresh and how complete the scans are."""
        with Store.open(self.db) as store:
            return health.health(store, Path(reports), datetime.now(UTC))

    def report(
        self, out: str | Path, *, scan: str | None = None, since: str | None = None
    ) -> Report:
        """Write the report of a scan into a folder."""
        with Store.open(self.db) as store:
            return stored.report(store, Path(out), scan, since)

    @staticmethod
    def publish(folder: str | Path, to: str, *, yes: bool = False) -> Plan:
        """Publish a report folder; without `yes` only say what would be sent."""
        return publishing.publish(Path(folder), to, confirmed=yes)

    @staticmethod
    def regimes() -> dict[str, Regime]:
        """The rule sets that ship with the package, by name."""
        return {name: load(name) for name in names()}


def _chosen(regime: str | Path | None, rule: str | None, *, default_too: bool) -> Regime | None:
    if regime is not None and rule is not None:
        raise InvalidInput("give a regime or a rule, not both.")
    if rule is not None:
        return inline(rule)
    if regime is not None:
        return load(regime)
    return load(default()) if default_too else None

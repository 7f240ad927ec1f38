"""`gpai-scan count`: how many are in, out and unknown, and what stands behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import polars as pl
import typer

from gpai_scan import counting, schema
from gpai_scan.cli.app import app
from gpai_scan.cli.asking import (
    Assume,
    Clause,
    Published,
    RuleText,
    Supplied,
    chosen_clause,
    chosen_regime,
    opened,
    scope_of,
)
from gpai_scan.cli.options import DEFAULT_DB, Db, Format, OutputFormat, Scan, Threshold
from gpai_scan.cli.options import Regime as RegimeName
from gpai_scan.cli.output import emit, say
from gpai_scan.errors import CheckFailed, InvalidInput
from gpai_scan.rules import Options, Regime, Rule, load, names, tree
from gpai_scan.rules.bridge import bridge, changes
from gpai_scan.rules.scope import Scope
from gpai_scan.rules.sensitivity import most_informative
from gpai_scan.store import Store


class Unit(StrEnum):
    """What is counted."""

    models = "models"
    repositories = "repositories"
    both = "both"


FailIf = Annotated[
    str | None,
    typer.Option(
        "--fail-if", help="Exit with 1 where a row fulfils it: 'models_in > 300'.", metavar="TEST"
    ),
]


@app.command()
def count(
    db: Db = DEFAULT_DB,
    regime: RegimeName = None,
    threshold: Threshold = None,
    rule: RuleText = None,
    clause: Clause = None,
    by: Annotated[
        str | None,
        typer.Option(help="Divide by entity_type, country, licence, modality, year, …"),
    ] = None,
    unit: Annotated[Unit, typer.Option(help="What is counted.")] = Unit.both,
    against: Annotated[
        str | None,
        typer.Option(help="Another rule set: why the counts differ, step by step.", metavar="ID"),
    ] = None,
    moved: Annotated[
        bool, typer.Option("--moved", help="With --against: the models that change sides.")
    ] = False,
    models: Annotated[
        bool, typer.Option("--models", help="List the models that are in, with reasons.")
    ] = False,
    exempt: Annotated[
        bool, typer.Option("--exempt", help="The open-source exemption of those that are in.")
    ] = False,
    investigate: Annotated[
        int | None,
        typer.Option(help="The N models whose missing facts would change the count most."),
    ] = None,
    any_establishment: Annotated[
        bool,
        typer.Option("--any-establishment", help="EU where an entity has any establishment there."),
    ] = False,
    assume: Assume = None,
    metrics: Supplied = None,
    published: Published = False,
    fail_if: FailIf = None,
    scan: Scan = None,
    fmt: OutputFormat = Format.table,
) -> None:
    """Count models and entities that are in, out and unknown under a rule set or a threshold.

    For example `gpai-scan count --threshold 1e23 --threshold 1e25`;
    `gpai-scan count --regime eu-guidelines-final --by country`;
    `gpai-scan count --rule 'training_compute > 3e22 and outputs has text' --against
    eu-guidelines-final`.
    """
    chosen = chosen_regime(regime, rule, default=not threshold)
    views = View(by, against, moved, models, exempt, investigate)
    with opened(db, published) as store:
        if chosen is None or not (views.any or metrics or clause or assume or any_establishment):
            table = _answers(store, scan, chosen, tuple(threshold or ()), unit)
            _counted(table, fmt, fail_if)
            return
        picked = chosen_clause(chosen, clause)
        other = None if against is None else _named(against)
        scope = scope_of(
            store,
            scan,
            [picked] if other is None else [picked, other[0]],
            metrics,
            Options.of(assume or ()),
            any_establishment=any_establishment,
        )
        title = f"{chosen.id}, {picked.id}"
        listed = views.table(scope, (picked, chosen), other)
        if listed is not None:
            emit(listed, fmt, title=f"{title}{views.words(other)}")
            return
        _counted(_divided(scope, picked, chosen, by, unit), fmt, fail_if, title=title)
        say(counting.define(picked, chosen))


@dataclass(frozen=True)
class View:
    """What is shown of a rule beside its counts."""

    by: str | None
    against: str | None
    moved: bool
    models: bool
    exempt: bool
    investigate: int | None

    @property
    def any(self) -> bool:
        """Whether anything but the counts is asked for."""
        return bool(
            self.by or self.against or self.moved or self.models or self.exempt or self.investigate
        )

    def table(
        self, scope: Scope, asked: tuple[Rule, Regime], other: tuple[Rule, Regime] | None
    ) -> pl.DataFrame | None:
        """The table asked for; None where it is the counts."""
        if other is not None:
            differ = changes if self.moved else bridge
            return differ(scope.frame, scope.who, asked, other, scope.options)
        if self.exempt:
            return scope.exemption(*asked)
        if self.models:
            return scope.models(*asked)
        if self.investigate:
            return most_informative(scope.frame, scope.who, asked[0], self.investigate)
        return None

    def words(self, other: tuple[Rule, Regime] | None) -> str:
        """What the table is, for its title."""
        if other is not None:
            return f" against {other[1].id}, {other[0].id}"
        return (
            ": exemption" if self.exempt else ": what to look up next" if self.investigate else ""
        )


def _divided(
    scope: Scope, picked: Rule, chosen: Regime, by: str | None, unit: Unit
) -> pl.DataFrame:
    """Counts of one rule, by a property or for each unit."""
    if by is not None:
        counted = "repositories" if unit is Unit.repositories else "models"
        return scope.by(picked, chosen, by, counted)
    rows = [
        scope.count(picked, chosen, u).select(pl.lit(u).alias("unit"), pl.all())
        for u in ("models", "repositories")
        if unit in (Unit.both, u)
    ]
    return pl.concat(rows)


def _named(name: str) -> tuple[Rule, Regime]:
    """A rule set, a rule file, or one rule as `regime.rule`."""
    regime_id, _, rule_id = name.rpartition(".")
    if regime_id in names():
        regime = load(regime_id)
        return regime.rule(rule_id), regime
    regime = load(name)
    return chosen_clause(regime, None), regime


def _answers(
    store: Store | None,
    scan: str | None,
    regime: Regime | None,
    thresholds: tuple[float, ...],
    unit: Unit,
) -> pl.DataFrame:
    """Stored answers where there are any, else counted now from the stored estimates."""
    stored = schema.ANSWERS.empty()
    if store is not None:
        stored = store.table("answers", store.resolve(scan)).collect()
    wanted = [] if regime is None else [regime]
    have_rule = regime is None or not stored.filter(pl.col("regime") == regime.id).is_empty()
    lines = stored.filter(pl.col("regime") == counting.PLAIN)["threshold"].to_list()
    if not have_rule or not set(thresholds).issubset(lines):
        scope = scope_of(store, scan, [r for g in wanted for r in g.rules], None)
        stored = counting.counts(scope.frame, scope.who, wanted, thresholds, scope.options)
    ours = pl.lit(value=False)
    for each in wanted:
        ours = ours | (pl.col("regime") == each.id)
    ours = ours | ((pl.col("regime") == counting.PLAIN) & pl.col("threshold").is_in(thresholds))
    kept = stored.filter(ours & ((pl.col("unit") == unit) | (unit is Unit.both)))
    return kept.sort("regime", "tier", "rule", "threshold", "unit")


def _counted(
    table: pl.DataFrame, fmt: Format, fail_if: str | None, title: str | None = None
) -> None:
    shown = table
    if fmt is Format.table and "definition" in table.columns:
        words = table.select("regime", "rule", "definition").unique(maintain_order=True)
        for definition in words["definition"].unique(maintain_order=True).to_list():
            say(f"Counted: {definition}")
        line = pl.concat_str([pl.col("comparator"), pl.lit(" "), _plain("threshold")])
        shown = table.select(
            pl.when(pl.col("regime") == pl.col("rule"))
            .then("rule")
            .otherwise(pl.concat_str(["regime", "rule"], separator=": "))
            .alias("rule"),
            line.alias("line"),
            "unit",
            pl.col("models_in").alias("in"),
            pl.col("models_out").alias("out"),
            pl.col("models_unknown").alias("unknown"),
            pl.col("entities_in").alias("entities"),
            pl.col("expected").round(1),
            pl.concat_str([_plain("expected_low"), _plain("expected_high")], separator=" to ")
            .alias("90 % interval"),
        )  # fmt: skip
    emit(shown, fmt, title=title)
    if fail_if is not None:
        _fail(table, fail_if)


def _plain(column: str) -> pl.Expr:
    return pl.col(column).map_elements(tree.number, return_dtype=pl.String)


def _fail(table: pl.DataFrame, test: str) -> None:
    """Exit code 1 where any row fulfils `column comparator number`."""
    found = re.fullmatch(r"\s*([a-z_]+)\s*(>=|<=|>|<)\s*([0-9.eE+]+)\s*", test)
    if found is None or found.group(1) not in table.columns:
        numeric = [n for n, d in table.schema.items() if d.is_numeric()]
        raise InvalidInput(
            f"--fail-if takes a column, a comparator and a number, not '{test}'; columns: "
            f"{', '.join(numeric)}."
        )
    name, op, value = found.group(1), found.group(2), float(found.group(3))
    column = pl.col(name)
    hit = {">": column > value, ">=": column >= value, "<": column < value, "<=": column <= value}
    rows = table.filter(hit[op])
    if not rows.is_empty():
        raise CheckFailed(f"{test}: so it is in {rows.height} of {table.height} rows.")

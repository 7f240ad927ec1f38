"""`gpai-scan count`, `sweep` and `regimes`: rules applied to a stored scan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from gpai_scan import counting, schema
from gpai_scan.cli.app import app
from gpai_scan.cli.options import (
    DEFAULT_DB,
    Db,
    Format,
    OutputFormat,
    Scan,
    Threshold,
)
from gpai_scan.cli.options import Regime as RegimeName
from gpai_scan.cli.output import emit, say
from gpai_scan.errors import CheckFailed, InvalidInput
from gpai_scan.rules import Options, Regime, Rule, inline, load, names, sweep, tree
from gpai_scan.rules import default as default_regime
from gpai_scan.rules.bridge import bridge, changes
from gpai_scan.rules.scope import Scope
from gpai_scan.rules.sensitivity import most_informative
from gpai_scan.store import Store


class Unit(StrEnum):
    """What is counted."""

    models = "models"
    repositories = "repositories"
    both = "both"


RuleText = Annotated[
    str | None,
    typer.Option("--rule", help="A rule in words: 'training_compute > 3e22 and outputs has text'."),
]
Clause = Annotated[
    str | None, typer.Option("--clause", help="One rule of the rule set.", metavar="RULE")
]
Supplied = Annotated[
    Path | None,
    typer.Option("--metrics", help="CSV of figures no hub shows: revenue, users.", metavar="FILE"),
]
Published = Annotated[
    bool,
    typer.Option(
        "--published", help="Count Epoch AI's table of models instead of a scan: the yardstick."
    ),
]
Assume = Annotated[
    list[str] | None,
    typer.Option(
        "--assume",
        help="What a text leaves open: thirds=exact, unknown_original=systemic, other_outputs=out.",
        metavar="NAME=VALUE",
    ),
]
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
    chosen = _regime(regime, rule, default=not threshold)
    special = (
        by or against or models or exempt or investigate or moved or metrics or clause or assume
    )
    with _opened(db, published) as store:
        if chosen is None or not special:
            table = _answers(store, scan, chosen, tuple(threshold or ()), unit)
            _counted(table, fmt, fail_if)
            return
        picked = _clause(chosen, clause)
        other = None if against is None else _named(against)
        tested = [picked] if other is None else [picked, other[0]]
        options = Options.of(assume or ())
        scope = _scope(store, scan, tested, metrics, options, any_establishment=any_establishment)
        title = f"{chosen.id}, {picked.id}"
        if other is not None:
            differ = changes if moved else bridge
            table = differ(scope.frame, scope.who, (picked, chosen), other, scope.options)
            emit(table, fmt, title=f"{title} against {other[1].id}, {other[0].id}")
        elif exempt:
            emit(scope.exemption(picked, chosen), fmt, title=f"{title}: exemption")
        elif models:
            emit(scope.models(picked, chosen), fmt, title=title)
        elif investigate:
            table = most_informative(scope.frame, scope.who, picked, chosen, investigate)
            emit(table, fmt, title=f"{title}: what to look up next")
        else:
            _counted(_divided(scope, picked, chosen, by, unit), fmt, fail_if, title=title)
            say(counting.define(picked, chosen))


@contextmanager
def _opened(db: Path, published: bool) -> Iterator[Store | None]:
    """The database, or nothing where the published table is counted."""
    if published:
        yield None
        return
    with Store.open(db) as store:
        yield store


def _scope(
    store: Store | None,
    scan: str | None,
    tested: list[Rule],
    metrics: Path | None,
    options: Options | None = None,
    *,
    relative: bool = False,
    any_establishment: bool = False,
) -> Scope:
    if store is None:
        return Scope.of_published(options=options)
    return Scope.of(
        store,
        store.resolve(scan),
        tested,
        metrics,
        options,
        relative=relative,
        any_establishment=any_establishment,
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
    return _clause(regime, None), regime


def _regime(name: str | None, rule: str | None, *, default: bool) -> Regime | None:
    if name is not None and rule is not None:
        raise InvalidInput("give --regime or --rule, not both; --against compares two.")
    if rule is not None:
        return inline(rule)
    if name is not None:
        return load(name)
    return load(default_regime()) if default else None


def _clause(regime: Regime, name: str | None) -> Rule:
    """The rule asked for; else the one that decides who has duties under the rule set."""
    if name is not None:
        return regime.rule(name)
    tests = [rule for rule in regime.rules if rule.when is not None]
    if not tests:
        raise InvalidInput(f"{regime.id} has no rule with a number: {regime.legal_status}.")
    return tests[0]


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
        scope = _scope(store, scan, [r for g in wanted for r in g.rules], None)
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


@app.command("sweep")
def sweep_command(
    db: Db = DEFAULT_DB,
    regime: RegimeName = None,
    rule: RuleText = None,
    clause: Clause = None,
    start: Annotated[float | None, typer.Option("--from", help="Lowest threshold.")] = None,
    end: Annotated[float | None, typer.Option("--to", help="Highest threshold.")] = None,
    steps: Annotated[int, typer.Option(help="Thresholds, evenly spaced in powers.")] = 29,
    relative: Annotated[
        bool,
        typer.Option(help="Against the largest run known at each model's date, from 1e-4 to 1."),
    ] = False,
    assume: Assume = None,
    metrics: Supplied = None,
    published: Published = False,
    scan: Scan = None,
    fmt: OutputFormat = Format.table,
) -> None:
    """Count at many thresholds at once: the curve of models and entities.

    Without a rule set plain training compute is swept, base included. Examples: `gpai-scan sweep
    --from 1e20 --to 1e27 --steps 200 --format csv`; `gpai-scan sweep --regime
    eu-guidelines-final --relative`.
    """
    given = _regime(regime, rule, default=False)
    chosen = given if given is not None else inline("training_compute > 1e23")
    picked = _clause(chosen, clause)
    low, high = (1e-4, 1.0) if relative else (1e20, 1e27)
    if relative:
        picked = sweep.relative(picked)
    values = sweep.grid(start or low, end or high, steps)
    if picked.sweep and start is None and end is None:
        values = list(picked.sweep)
    with _opened(db, published) as store:
        options = Options.of(assume or ())
        scope = _scope(store, scan, [picked], metrics, options, relative=relative)
        table = sweep.sweep(scope.frame, scope.who, picked, chosen, values, options)
    emit(table, fmt, title=f"{chosen.id}, {picked.id}")
    say(counting.define(picked, chosen))


@app.command()
def regimes(
    regime: Annotated[
        str | None, typer.Argument(help="A rule set, or a rule file of your own to check.")
    ] = None,
    fmt: OutputFormat = Format.table,
) -> None:
    """List the rule sets, or show the rules of one with their sections and sources.

    A file of your own is checked: what is wrong is named with its line.
    """
    if regime is None:
        emit(_listed(), fmt, title="Rule sets")
        say("Show one with `gpai-scan regimes ID`; count with `gpai-scan count --regime ID`.")
        return
    one = load(regime)
    emit(_rules(one), fmt, title=f"{one.id}: {one.title}")
    say(f"Status: {one.legal_status}. Sources: {'; '.join(one.source)} ({one.status}).")


def _listed() -> pl.DataFrame:
    rows = [
        {
            "id": one.id,
            "title": one.title,
            "jurisdiction": one.jurisdiction,
            "legal_status": one.legal_status,
            "rules": len(one.rules),
            "status": one.status,
            "default": one.default,
        }
        for one in map(load, names())
    ]
    return pl.DataFrame(rows)


def _rules(regime: Regime) -> pl.DataFrame:
    rows = [
        {
            "rule": one.id,
            "tier": one.tier,
            "asked of": one.subject,
            "test": tree.text(one.when) if one.when is not None else one.kind,
            "generates": ", ".join(one.outputs_any),
            "section": one.section,
            "effect": one.effect,
            "not tested": "; ".join(one.conditions),
            "source": "; ".join(one.source),
            "status": one.status,
        }
        for one in regime.rules
    ]
    return pl.DataFrame(rows, schema=_RULE_SCHEMA)


_RULE_SCHEMA = {
    name: pl.String
    for name in (
        "rule",
        "tier",
        "asked of",
        "test",
        "generates",
        "section",
        "effect",
        "not tested",
        "source",
        "status",
    )
}

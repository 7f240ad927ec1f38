"""`gpai-scan sweep`: the curve of a rule over many thresholds."""

from __future__ import annotations

from typing import Annotated

import typer

from gpai_scan import counting
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
from gpai_scan.cli.options import DEFAULT_DB, Db, Format, OutputFormat, Scan
from gpai_scan.cli.options import Regime as RegimeName
from gpai_scan.cli.output import emit, say
from gpai_scan.rules import Options, inline
from gpai_scan.rules import sweep as curves


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
    given = chosen_regime(regime, rule, default=False)
    chosen = given if given is not None else inline("training_compute > 1e23")
    picked = chosen_clause(chosen, clause)
    low, high = (1e-4, 1.0) if relative else (1e20, 1e27)
    if relative:
        picked = curves.relative(picked)
    values = curves.grid(start or low, end or high, steps)
    if picked.sweep and start is None and end is None:
        values = list(picked.sweep)
    with opened(db, published) as store:
        options = Options.of(assume or ())
        scope = scope_of(store, scan, [picked], metrics, options, relative=relative)
        table = curves.sweep(scope.frame, scope.who, picked, chosen, values, options)
    emit(table, fmt, title=f"{chosen.id}, {picked.id}")
    say(counting.define(picked, chosen))

"""`gpai-scan regimes`: the rule sets and their rules."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from gpai_scan.cli.app import app
from gpai_scan.cli.options import Format, OutputFormat
from gpai_scan.cli.output import emit, say
from gpai_scan.rules import Regime, load, names, tree


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

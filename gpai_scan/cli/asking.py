"""What `count` and `sweep` share: which rule is asked, over which scan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gpai_scan.errors import InvalidInput
from gpai_scan.rules import Options, Regime, Rule, inline, load
from gpai_scan.rules import default as default_regime
from gpai_scan.rules.scope import Scope
from gpai_scan.store import Store

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


@contextmanager
def opened(db: Path, published: bool) -> Iterator[Store | None]:
    """The database, or nothing where the published table is counted."""
    if published:
        yield None
        return
    with Store.open(db) as store:
        yield store


def scope_of(
    store: Store | None,
    scan: str | None,
    tested: list[Rule],
    metrics: Path | None,
    options: Options | None = None,
    *,
    relative: bool = False,
    any_establishment: bool = False,
) -> Scope:
    """The scan made ready for the rules, or the published table where there is no scan."""
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


def chosen_regime(name: str | None, rule: str | None, *, default: bool) -> Regime | None:
    """The rule set named, or that of the rule in words; the default one only where wanted."""
    if name is not None and rule is not None:
        raise InvalidInput("give --regime or --rule, not both; --against compares two.")
    if rule is not None:
        return inline(rule)
    if name is not None:
        return load(name)
    return load(default_regime()) if default else None


def chosen_clause(regime: Regime, name: str | None) -> Rule:
    """The rule asked for; else the one that decides who has duties under the rule set."""
    if name is not None:
        return regime.rule(name)
    tests = [rule for rule in regime.rules if rule.when is not None]
    if not tests:
        raise InvalidInput(f"{regime.id} has no rule with a number: {regime.legal_status}.")
    return tests[0]

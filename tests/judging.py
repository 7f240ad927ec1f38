"""Builders the tests of the rules share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from gpai_scan import counting, rules, schema
from gpai_scan.rules import Options

Row = dict[str, Any]


def made(**fields: Any) -> Row:  # noqa: ANN401
    """One estimate; `flop` fills the columns a root fills."""
    flop = fields.pop("flop", None)
    repo_id = fields.setdefault("repo_id", "lab/model")
    row: Row = {
        "model_id": repo_id,
        "entity_id": f"hub:{repo_id.split('/')[0]}",
        "relation": "base",
        "depth": 0,
        "direct_flop": flop,
        "own_flop": flop,
        "cumulative_flop": flop,
        "compute_flop": flop,
        "compute_flop_low": flop and flop / 1.5,
        "compute_flop_high": flop and flop * 1.5,
        "sigma_log10": 0.1 if flop else None,
        "outputs": ["text"],
        "narrow": [],
        "flags": [],
        "skip_reason": None if flop else "no_tokens",
    }
    return row | fields


def derived(base: Row, repo_id: str, own: float | None, **fields: Any) -> Row:  # noqa: ANN401
    """A repository made from another: its compute is the base's plus its own."""
    below = base["compute_flop"]
    total = None if below is None else below + (own or 0.0)
    row = made(
        repo_id=repo_id,
        flop=total,
        model_id=base["model_id"],
        base_repo_id=base["repo_id"],
        depth=base["depth"] + 1,
        relation="finetune",
        outputs=base["outputs"],
    )
    row |= {"own_flop": own, "direct_flop": own, "sigma_log10": base["sigma_log10"]}
    return row | fields


def frame(rows: Sequence[Row]) -> pl.LazyFrame:
    known = {k: v for k, v in schema.ESTIMATES.schema.items() if any(k in row for row in rows)}
    return schema.ESTIMATES.conform(pl.LazyFrame(list(rows), schema=known)).sort("repo_id")


def people(**mapping: str | Row) -> pl.LazyFrame:
    """Entities: namespace = entity, or namespace = fields. Underscores stand for dashes."""
    rows = [
        {"namespace": name.replace("_", "-"), "entity_id": value, "source": "TEST"}
        if isinstance(value, str)
        else {"namespace": name.replace("_", "-"), "source": "TEST", **value}
        for name, value in mapping.items()
    ]
    known = schema.ENTITIES.schema
    return schema.ENTITIES.conform(
        pl.LazyFrame(rows, schema={k: v for k, v in known.items() if any(k in r for r in rows)})
        if rows
        else schema.ENTITIES.empty().lazy()
    )


def judged(
    rows: Sequence[Row],
    regime: str | rules.Regime = "eu-guidelines-final",
    entities: pl.LazyFrame | None = None,
    options: Options | None = None,
    **frames: pl.LazyFrame,
) -> pl.DataFrame:
    """The verdicts of one rule set."""
    loaded = rules.load(regime) if isinstance(regime, str) else regime
    return rules.verdicts(
        frame(rows), entities if entities is not None else people(), [loaded], options, **frames
    ).collect()


def verdict(
    rows: Sequence[Row],
    rule: str,
    repo_id: str | None = None,
    **arguments: Any,  # noqa: ANN401
) -> Row | None:
    """The row of one rule and repository; None where the rule is not asked of it."""
    wanted = repo_id or rows[-1]["repo_id"]
    found = judged(rows, **arguments).filter(rule=rule, repo_id=wanted)
    return found.row(0, named=True) if found.height else None


def answer(
    rows: Sequence[Row],
    rule: str,
    regime: str = "eu-guidelines-final",
    unit: str = "models",
    entities: pl.LazyFrame | None = None,
) -> Row:
    """The counts of one rule."""
    owners = entities if entities is not None else people()
    loaded = [rules.load(regime)]
    estimates = frame(rows)
    verdicts = rules.verdicts(estimates, owners, loaded)
    table = counting.answers(verdicts, estimates, owners, loaded, [1e23]).collect()
    return table.row(by_predicate=(pl.col("rule") == rule) & (pl.col("unit") == unit), named=True)

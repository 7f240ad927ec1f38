"""The verdicts on one repository in words that a lawyer and an engineer both follow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from gpai_scan.rules import tree
from gpai_scan.rules.load import Regime, Rule, load
from gpai_scan.store import Store

SCHEMA: Final = pl.Schema({name: pl.String for name in ("step", "what", "value", "where", "words")})
Row = dict[str, Any]

_METHOD_WORDS: Final = {
    "architecture": "operations counted from active parameters and tokens seen "
    "(architecture-based approach)",
    "hardware": "accelerator-hours × peak rate × utilisation (hardware-based approach)",
    "stated": "the figure the provider states",
    "published": "the figure a published table gives",
    "inherited": "compute of the original model; the derivation adds none",
    "no_training": "the operation updates no weights",
}


def explain(store: Store, repo_id: str, scan_id: str, regime: str | None = None) -> pl.DataFrame:
    """Clause, verdict, reason and threshold for each rule, ending with the figure to notify.

    Columns `step, what, value, where, words`, one row a clause. `regime` limits it to one rule
    set, which is judged from the stored estimate where the scan holds no verdicts of it.
    """
    verdicts = _verdicts(store, repo_id, scan_id, regime)
    estimate = store.query(
        "select * from estimates where scan_id = $scan and lower(repo_id) = lower($repository)",
        scan=scan_id,
        repository=repo_id,
    )
    rows: list[Row] = []
    for regime_id in verdicts["regime"].unique(maintain_order=True).to_list():
        rules = _regime(regime_id)
        for row in verdicts.filter(pl.col("regime") == regime_id).iter_rows(named=True):
            rows.append(clause(row, rules))
        if estimate.height and rules is not None:
            rows.extend(around(estimate.row(0, named=True), rules))
    if estimate.height:
        rows.append(notification(estimate.row(0, named=True)))
    return pl.DataFrame(rows, schema=SCHEMA)


def _verdicts(store: Store, repo_id: str, scan_id: str, regime: str | None) -> pl.DataFrame:
    stored = store.query(
        "select * from verdicts where scan_id = $scan and lower(repo_id) = lower($repository) "
        "order by regime, tier, rule",
        scan=scan_id,
        repository=repo_id,
    )
    if regime is None or regime in stored["regime"].to_list():
        return stored if regime is None else stored.filter(pl.col("regime") == regime)
    from gpai_scan.rules import verdicts  # the package builds on this module

    one = store.query(
        "select * exclude (scan_id) from estimates "
        "where scan_id = $scan and lower(repo_id) = lower($repository)",
        scan=scan_id,
        repository=repo_id,
    )
    people = store.query("select * exclude (scan_id) from entities where scan_id = $scan",
                         scan=scan_id)  # fmt: skip
    return verdicts(one.lazy(), people.lazy(), [load(regime)]).collect()


def _regime(regime_id: str) -> Regime | None:
    from gpai_scan.rules.load import names

    return load(regime_id) if regime_id in names() else None


def clause(row: Row, regime: Regime | None) -> Row:
    """One verdict as a sentence: what was found, what the clause asks, and what follows."""
    rule = None
    if regime is not None:
        rule = next((r for r in regime.rules if r.id == row["rule"]), None)
    chance = row["probability"]
    sure = f", probability {chance:.2g}" if chance is not None and 0 < chance < 1 else ""
    words = [row["reason"] + "."]
    if row["value"] is not None and row["threshold"] is not None:
        sign = rule.threshold.comparator if rule and rule.threshold else ">"
        words.append(
            f"{row['metric'].replace('_', ' ')} {tree.number(row['value'])}, "
            f"asked: {sign} {tree.number(row['threshold'])}."
        )
    if rule is not None:
        words.extend(_consequence(rule, row["verdict"]))
    return {
        "step": "verdict",
        "what": f"{row['regime']}, {row['rule']}",
        "value": f"{row['verdict']}{sure}",
        "where": _where(rule, regime),
        "words": " ".join(words),
    }


def _where(rule: Rule | None, regime: Regime | None) -> str:
    if rule is None or regime is None:
        return ""
    section = f"section {rule.section}, " if rule.section else ""
    return f"{section}{'; '.join(rule.source)} ({rule.status})"


def _consequence(rule: Rule, verdict: str) -> Iterator[str]:
    if verdict == "in" and rule.effect:
        yield f"Effect: {rule.effect}."
    if verdict != "out" and rule.conditions:
        yield f"Not tested, since nothing public tells: {'; '.join(rule.conditions)}."


def around(estimate: Row, regime: Regime) -> Iterator[Row]:
    """What stands beside the clauses: when the duties began, and what the count calls a model."""
    dates = regime.dates
    cutoff, created = dates.get("legacy_cutoff"), estimate["created_at"]
    if cutoff and created is not None:
        legacy = created.date().isoformat() < cutoff
        by = dates.get("legacy_models_comply_by", "")
        yield {
            "step": "date",
            "what": f"{regime.id}, placing on the market",
            "value": created.date().isoformat(),
            "where": "creation on the hub, a proxy for placing on the market",
            "words": f"Before {cutoff}: comply by {by}." if legacy
            else f"On or after {cutoff}: duties from placing on the market.",
        }  # fmt: skip
    for rule in regime.rules:
        if rule.id == "same-provider-lifecycle" and estimate["model_id"] != estimate["repo_id"]:
            yield {
                "step": "model",
                "what": f"{regime.id}, {rule.id}",
                "value": estimate["model_id"],
                "where": _where(rule, regime),
                "words": "Belongs to this large pre-training run where the provider is the same: "
                "one model, not another.",
            }


def significant(value: float, figures: int = 2) -> str:
    """A number rounded to so many significant figures, as notified: 2.34e25 -> 2.3e25."""
    exponent = math.floor(math.log10(value))
    mantissa = round(value / 10.0**exponent, figures - 1)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    return f"{mantissa:.{figures - 1}f}e{exponent}"


def notification(estimate: Row) -> Row:
    """The figure ready for a notification: two significant figures, the method, the assumptions."""
    flop = estimate["cumulative_flop"]
    if flop is None or flop <= 0:
        reason = estimate["skip_reason"] or "nothing is stated"
        return {
            "step": "notification",
            "what": "cumulative training compute",
            "value": "–",
            "where": "",
            "words": f"No figure can be given: {reason.replace('_', ' ')}.",
        }
    low, high = estimate["compute_flop_low"], estimate["compute_flop_high"]
    method = estimate["compute_method"] or ""
    parts = [_METHOD_WORDS.get(part.strip(), part.strip()) for part in method.split("+")]
    words = [f"Method: {'; plus '.join(parts)}."]
    if estimate["parameters_active"] and estimate["tokens"]:
        words.append(
            f"{tree.number(estimate['parameters_active'])} active parameters "
            f"({estimate['parameters_active_method']}), "
            f"{tree.number(estimate['tokens'])} tokens ({estimate['tokens_method']})."
        )
    if low and high:
        words.append(f"90 % interval {significant(low)} to {significant(high)} FLOP.")
    if estimate["flags"]:
        words.append(f"Doubts: {', '.join(estimate['flags']).replace('_', ' ')}.")
    return {
        "step": "notification",
        "what": "cumulative training compute, two significant figures",
        "value": f"{significant(flop)} FLOP",
        "where": "all number formats counted equally; base included",
        "words": " ".join(words),
    }

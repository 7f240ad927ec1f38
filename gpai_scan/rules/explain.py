"""The verdicts on one repository in words that a lawyer and an engineer both follow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Set
from typing import Any, Final

import polars as pl

from gpai_scan.rules import tree
from gpai_scan.rules.exemption import exemption, exemptions
from gpai_scan.rules.load import load, names
from gpai_scan.rules.model import Regime, Rule
from gpai_scan.schema import DOCUMENTATION, ESTIMATES, LINEAGE, REPOSITORIES, SIGNS
from gpai_scan.store import Store

SCHEMA: Final = pl.Schema({name: pl.String for name in ("step", "what", "value", "where", "words")})
Row = dict[str, Any]

_METHOD_WORDS: Final = {
    "architecture": "operations counted from active parameters and tokens seen "
    "(architecture-based approach)",
    "hardware": "accelerator-hours × peak rate × utilisation (hardware-based approach)",
    "stated": "the figure the provider states",
    "published": "the figure a published table gives",
    "inherited": "compute of the original model",
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
            asked = set(verdicts.filter(pl.col("regime") == regime_id)["rule"])
            rows.extend(around(estimate.row(0, named=True), rules, asked))
            rows.extend(_open_source(store, repo_id, scan_id, rules))
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
    return load(regime_id) if regime_id in names() else None


def clause(row: Row, regime: Regime | None) -> Row:
    """One verdict as a sentence: what was found, what the clause asks, and what follows."""
    rule = None
    if regime is not None:
        rule = next((r for r in regime.rules if r.id == row["rule"]), None)
    chance = row["probability"]
    close = chance is not None and 0.001 < chance < 0.999
    sure = f", probability {chance:.2g}" if close else ""
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


def around(estimate: Row, regime: Regime, asked: Set[str]) -> Iterator[Row]:
    """What stands beside the clauses: when the duties began, and what the count calls a model.

    `asked` are the rules that gave a verdict; one on downstream modifications tells that the
    original is another entity's.
    """
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
    foreign = any(r.id in asked and r.subject == "downstream-derivative" for r in regime.rules)
    for rule in regime.rules:
        version = estimate["model_id"] != estimate["repo_id"] and not foreign
        if rule.id == "same-provider-lifecycle" and version:
            yield {
                "step": "model",
                "what": f"{regime.id}, {rule.id}",
                "value": estimate["model_id"],
                "where": _where(rule, regime),
                "words": "Belongs to this large pre-training run where the provider is the same: "
                "one model, not another.",
            }


_BEHIND: Final = """
with recursive behind(repo_id) as (
    select $repository
    union
    select l.base_repo_id from lineage l join behind b on l.repo_id = b.repo_id
    where l.scan_id = $scan and l.base_repo_id is not null
)
"""


def _open_source(store: Store, repo_id: str, scan_id: str, regime: Regime) -> Iterator[Row]:
    """Both readings of the open-source exemption, and whether a licence excludes the Union."""
    exempting = next((e for e in exemptions() if regime.id in e["regimes"]), None)
    if exempting is None:
        return
    tables = {
        table.name: table.conform(
            store.query(
                f"{_BEHIND} select * from {table.name} where scan_id = $scan "
                "and repo_id in (select repo_id from behind) order by all",
                scan=scan_id,
                repository=repo_id,
            ).lazy()
        )
        for table in (ESTIMATES, REPOSITORIES, LINEAGE, DOCUMENTATION)
    }
    asked = pl.LazyFrame({"repo_id": [repo_id]})
    found = exemption(
        asked,
        tables["estimates"],
        tables["repositories"],
        tables["lineage"],
        tables["documentation"],
        systemic=regime.systemic_threshold or 1e25,
    ).collect()
    row = found.row(0, named=True)
    words = {True: "yes", False: "no", None: "unknown"}
    sources = "; ".join(exempting["source"])
    yield {
        "step": "exemption",
        "what": f"{regime.id}, open-source exemption",
        "value": f"strict {words[row['exempt_strict']]}, lenient {words[row['exempt_lenient']]}",
        "where": f"licence {row['licence_id']}, {sources} ({exempting['status']})",
        "words": f"{row['reason']}. It would lift {', '.join(exempting['removes'])}; "
        f"{', '.join(exempting['keeps'])} stay. Monetisation cannot be seen on a hub.",
    }
    if row["excludes_eu"]:
        yield {
            "step": "market",
            "what": f"{regime.id}, exclusion of the Union market",
            "value": "hint",
            "where": f"licence {row['licence_id']}",
            "words": "A licence on its path withholds rights in the Union. Where that excludes "
            "distribution and use there clearly, who brings the model in becomes its provider.",
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
    doubts = [flag for flag in estimate["flags"] or () if flag not in SIGNS]
    if doubts:
        words.append(f"Doubts: {', '.join(doubts).replace('_', ' ')}.")
    return {
        "step": "notification",
        "what": "cumulative training compute, two significant figures",
        "value": f"{significant(flop)} FLOP",
        "where": "all number formats counted equally; base included",
        "words": " ".join(words),
    }

"""The chain behind a figure: which file, revision, span and words gave it, and what lost.

Every row of the answer is one link: `step`, `what`, `value`, `where` it was read and the `words`
that state it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

import polars as pl

from gpai_scan import compute, schema
from gpai_scan.errors import InvalidInput
from gpai_scan.rules.explain import SCHEMA, explain
from gpai_scan.store import Store

_LEADING: Final = (
    "parameters_total",
    "parameters_active",
    "tokens",
    "accelerator_hours",
    "accelerator_model",
    "utilisation",
    "training_flop",
    "base_model",
    "relation",
    "licence",
    "task",
)
"""Facts an estimate or a verdict stands on; the others follow them."""
Row = dict[str, Any]


def why(
    store: Store,
    repo_id: str,
    scan_id: str,
    regime: str | None = None,
    thresholds: tuple[float, ...] = (1e22, 1e23, 1e24, 1e25),
) -> pl.DataFrame:
    """The chain for one repository; `InvalidInput` names near ones where it is not in the scan."""
    estimate = _estimate(store, repo_id, scan_id)
    links = [
        *_repository(estimate),
        *_facts(store, estimate["repo_id"], scan_id),
        *_set_aside(store, estimate["repo_id"], scan_id),
        *_formulas(estimate),
        *_behind(store, estimate, scan_id),
        *_result(estimate),
        *_thresholds(estimate, thresholds),
    ]
    verdicts = explain(store, estimate["repo_id"], scan_id, regime)
    return pl.concat([pl.DataFrame(links, schema=SCHEMA), verdicts])


def _estimate(store: Store, repo_id: str, scan_id: str) -> Row:
    rows = store.query(
        "select * from estimates where scan_id = $scan and lower(repo_id) = lower($repository)",
        scan=scan_id,
        repository=repo_id,
    )
    if rows.height:
        return rows.row(0, named=True)
    known = store.query("select repo_id from estimates where scan_id = $scan", scan=scan_id)
    near = get_close_matches(repo_id, known["repo_id"].to_list(), n=3)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    raise InvalidInput(f"'{repo_id}' is not in scan {scan_id}.{hint}")


def number(value: float | None) -> str:
    """A figure to three digits, or a dash for what is not known."""
    if value is None:
        return "–"
    return f"{value:.3g}" if abs(value) >= 1e5 or 0 < abs(value) < 1e-2 else f"{value:,.4g}"


def _link(step: str, what: str, value: str = "", where: str = "", words: str = "") -> Row:
    return {"step": step, "what": what, "value": value, "where": where, "words": words}


def _repository(row: Row) -> Iterator[Row]:
    revision = f" at revision {row['revision']}" if row["revision"] else ", revision not known"
    yield _link("repository", row["repo_id"] + revision, row["relation"] or "")
    if row["base_repo_id"]:
        yield _link("repository", "made from", row["base_repo_id"])
    if row["model_id"] and row["model_id"] != row["repo_id"]:
        yield _link("repository", "pre-training run", row["model_id"])
    yield _link("repository", "entity", row["entity_id"] or "–")


def _place(row: Row) -> str:
    line = f":{row['line']}" if row["line"] else ""
    ours = (row["file"] or "").startswith("data/")  # our own table has no revision of theirs
    revision = f"@{row['revision'][:12]}" if row["revision"] and not ours else ""
    return f"{row['file'] or row['method']}{line}{revision}"


def _figure(row: Row) -> str:
    if row["value"] is None:
        return str(row["text"] or "–")
    span = ""
    if row["low"] is not None and row["high"] is not None and row["low"] != row["high"]:
        span = f" ({number(row['low'])} to {number(row['high'])})"
    return number(row["value"]) + span


def _name(row: Row) -> str:
    stage = f", {row['stage'].replace('_', ' ')}" if row["stage"] else ""
    return str(row["quantity"]).replace("_", " ") + stage


def _facts(store: Store, repo_id: str, scan_id: str) -> Iterator[Row]:
    rows = store.query(
        "select * from facts where scan_id = $scan and repo_id = $repository "
        "order by quantity, stage nulls first, columns(*)",
        scan=scan_id,
        repository=repo_id,
    )
    order = {name: place for place, name in enumerate(_LEADING)}
    found = sorted(rows.iter_rows(named=True), key=lambda row: order.get(row["quantity"], 99))
    for row in found:
        others = f"; of {row['claims']} claims" if row["claims"] > 1 else ""
        far = row["disagreement"]
        apart = f", up to {far:.2g} times apart" if far and far > 1.05 else ""
        note = f" [{row['note']}]" if row["note"] else ""
        words = (row["quote"] or "") + note
        yield _link(
            "fact" if row["quantity"] in _LEADING else "further fact",
            _name(row),
            _figure(row),
            f"{_place(row)} ({row['method']}{others}{apart})",
            words,
        )


def _set_aside(store: Store, repo_id: str, scan_id: str) -> Iterator[Row]:
    rows = store.query(
        "select * from evidence where scan_id = $scan and repo_id = $repository "
        "and (rejected is not null or subject is not null) "
        "order by quantity, file, line, columns(*) limit 40",
        scan=scan_id,
        repository=repo_id,
    )
    for row in rows.iter_rows(named=True):
        reason = row["rejected"] or "other_model"
        about = f" (about {row['subject']})" if row["subject"] else ""
        yield _link(
            f"set aside: {reason.replace('_', ' ')}{about}",
            _name(row),
            _figure(row),
            _place(row),
            row["quote"] or "",
        )


def _formulas(row: Row) -> Iterator[Row]:
    if row["architecture_flop"] is not None:
        yield _link(
            "formula",
            "operations: 6 × active parameters × tokens, and attention above 5 %",
            f"{number(row['architecture_flop'])} FLOP",
            "gpai_scan.compute.architecture_flop",
            f"{number(row['parameters_active'])} parameters, {number(row['tokens'])} tokens",
        )
    if row["hardware_flop"] is not None:
        yield _link(
            "formula",
            "hardware: accelerator-hours × 3600 × peak rate × utilisation",
            f"{number(row['hardware_flop'])} FLOP",
            "gpai_scan.compute.hardware_flop",
            f"{number(row['accelerator_hours'])} hours of {row['accelerator_model']}, "
            f"utilisation {row['utilisation']:.2g}",
        )
    if row["methods_ratio"] is not None:
        yield _link("formula", "hardware ÷ operations", number(row["methods_ratio"]))


def _behind(store: Store, row: Row, scan_id: str) -> Iterator[Row]:
    base, seen = row["base_repo_id"], {row["repo_id"]}
    while base and base not in seen:
        seen.add(base)
        rows = store.query(
            "select repo_id, base_repo_id, own_flop, compute_flop, compute_method "
            "from estimates where scan_id = $scan and repo_id = $repository",
            scan=scan_id,
            repository=base,
        )
        if not rows.height:
            yield _link("base", base, "not in the scan")
            return
        found = rows.row(0, named=True)
        yield _link(
            "base",
            base,
            f"{number(found['compute_flop'])} FLOP",
            f"gpai-scan why {base}",
            found["compute_method"] or "",
        )
        base = found["base_repo_id"]


def _result(row: Row) -> Iterator[Row]:
    if row["compute_flop"] is None:
        yield _link("estimate", "no training compute", row["skip_reason"] or "–")
    else:
        low, high = number(row["compute_flop_low"]), number(row["compute_flop_high"])
        yield _link(
            "estimate",
            "training compute, 90 % interval",
            f"{number(row['compute_flop'])} FLOP ({low} to {high})",
            row["compute_method"] or "",
            f"own {number(row['own_flop'])}, cumulative {number(row['cumulative_flop'])}",
        )
    for flag in row["flags"] or []:
        kind = "sign" if flag in schema.SIGNS else "doubt"
        yield _link("estimate", kind, flag.replace("_", " "))


def _thresholds(row: Row, thresholds: tuple[float, ...]) -> Iterator[Row]:
    if row["compute_flop"] is None:
        return
    flop, sigma = pl.lit(row["compute_flop"]), pl.lit(row["sigma_log10"])
    for threshold in thresholds:
        chance = pl.select(compute.above(threshold, flop, sigma)).item()
        side = "above" if row["compute_flop"] > threshold else "not above"
        far = math.log10(row["compute_flop"] / threshold)
        yield _link(
            "threshold",
            f"{threshold:.3g} FLOP",
            side,
            "",
            f"probability {chance:.3f}, 10^{far:+.2f}",
        )

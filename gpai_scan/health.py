"""How fresh and how complete the scans of a database are."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from gpai_scan import assets, gate
from gpai_scan.report import stored
from gpai_scan.store import Store


def health(store: Store, reports: Path, now: datetime) -> dict[str, Any]:
    """The state of the newest and of the last whole scan, as plain values.

    `age_hours` is from the time the last whole scan speaks of to `now`; None where the source has
    no time. `completeness` is the share of shards that are whole [fraction]. `drift` lists counts
    that moved against the whole scan before.
    """
    from gpai_scan import nightly

    newest = store.latest()
    scan = stored.scan_row(store, newest)
    whole = newest if scan["complete"] else stored.before(store, newest)
    as_of = stored.scan_row(store, whole)["as_of"] if whole else None
    previous = stored.before(store, newest)
    expected, present = scan["shards_expected"], scan["shards_present"]
    night = nightly.status(reports)
    return {
        "newest_scan": newest,
        "last_whole_scan": whole,
        "as_of": as_of,
        "age_hours": (now - as_of).total_seconds() / 3600 if as_of else None,
        "published": nightly.published(reports),
        "last_night": night.get("outcome"),
        "last_night_reason": night.get("reason"),
        "source": scan["source"],
        "repositories": scan["repositories"],
        "completeness": present / expected if expected else None,
        "shards_missing": expected - present,
        "items_set_aside": scan["quarantined"],
        "scans_stored": len(store.scan_ids()),
        "code_version": scan["code_version"],
        "rules_version": scan["rules_version"],
        "data_version": scan["data_version"],
        "reasons": _ask(store, "reasons", newest, previous).to_dicts(),
        "problems": _problems(store, newest),
        "drift": _drift(store, newest, previous),
        "findings": [asdict(finding) for finding in gate.check(store, newest, previous)],
    }


def _ask(store: Store, name: str, scan_id: str, previous: str | None) -> pl.DataFrame:
    text = assets.find("sql/report", name, ".sql").read_text(encoding="utf-8")
    return store.query(text, scan=scan_id, previous=previous or "")


def _problems(store: Store, scan_id: str) -> list[dict[str, Any]]:
    problems = store.table("problems", scan_id)
    counted = problems.group_by("reason").agg(pl.len().alias("cases"))
    return counted.sort(["cases", "reason"], descending=[True, False]).collect().to_dicts()


def _drift(store: Store, scan_id: str, previous: str | None) -> list[dict[str, Any]]:
    if previous is None:
        return []
    moved = pl.any_horizontal(
        pl.col(f"{name}_before").ne_missing(pl.col(f"{name}{end}"))
        for name, end in (("models", "_in"), ("entities", "_in"))
    ) | pl.col("unknown_before").ne_missing(pl.col("models_unknown"))
    return _ask(store, "drift", scan_id, previous).filter(moved).to_dicts()

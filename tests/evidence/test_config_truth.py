"""Parameters read from configurations against hand-checked counts."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from gpai_scan import schema
from gpai_scan.evidence import config
from gpai_scan.sources import Raw

EVAL = Path(__file__).parents[3] / "shared" / "eval"

pytestmark = pytest.mark.skipif(not EVAL.is_dir(), reason="no labelled repositories beside")


def raw(rows: list[dict[str, str]]) -> Raw:
    documents = schema.DOCUMENTS.conform(pl.LazyFrame(rows))
    return Raw(schema.REPOSITORIES.empty().lazy(), documents, schema.PROBLEMS.empty().lazy())


def claims() -> pl.DataFrame:
    rows = []
    for path in sorted((EVAL / "repos").rglob("config.json")):
        namespace, name, *rest = path.relative_to(EVAL / "repos").parts
        text = path.read_text(encoding="utf-8")
        rows.append(
            dict(repo_id=f"{namespace}/{name}", path="/".join(rest), text=text, status="ok")
        )
    return config.evidence(raw(rows)).collect()


def truths() -> list[dict[str, str]]:
    with (EVAL / "param_truth.csv").open(encoding="utf-8") as lines:
        return [r for r in csv.DictReader(lines) if r["has_config"] == "yes"]


def shares(quantity: str, low: str, high: str, slack: float) -> tuple[int, list[str]]:
    """How many truths there are, and those not met within `slack` of the accepted range."""
    found = {
        (repo, subject or ""): value
        for repo, subject, value in claims()
        .filter(pl.col("quantity") == quantity, pl.col("rejected").is_null())
        .select("repo_id", "subject", "value")
        .iter_rows()
    }
    judged = [t for t in truths() if t[low]]
    missed = [
        f"{t['repo']} {t['component']}"
        for t in judged
        if not float(t[low]) * (1 - slack)
        <= found.get((t["repo"], t["component"]), 0.0)
        <= float(t[high]) * (1 + slack)
    ]
    return len(judged), missed


def test_total_is_within_one_percent_for_98_percent() -> None:
    judged, missed = shares("parameters_total", "total_low", "total_high", 0.01)
    assert judged >= 60
    assert len(missed) <= 0.02 * judged, missed


def test_active_is_within_three_percent_for_95_percent() -> None:
    judged, missed = shares("parameters_active", "active_low", "active_high", 0.03)
    assert judged >= 25
    assert len(missed) <= 0.05 * judged, missed

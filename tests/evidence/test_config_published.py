"""Counts of published checkpoints, reproduced from the sizes their configurations state.

Totals are the elements of the published tensors (multi-token-prediction layers left out), active
parameters as their publishers round them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from gpai_scan.evidence.configs.decode import decode
from gpai_scan.evidence.configs.documents import documents


@dataclass(frozen=True)
class Published:
    kind: str
    total: float
    active: float | None
    stated: dict[str, Any]


_LINES = (Path(__file__).parent / "published_configs.jsonl").read_text(encoding="utf-8")
CHECKPOINTS = [Published(**json.loads(line)) for line in _LINES.splitlines()]


@pytest.fixture(scope="module")
def counted() -> pl.DataFrame:
    return documents(decode([json.dumps(each.stated) for each in CHECKPOINTS])).collect()


@pytest.mark.parametrize("place", range(len(CHECKPOINTS)), ids=[c.kind for c in CHECKPOINTS])
def test_totals_agree_within_a_thousandth(counted: pl.DataFrame, place: int) -> None:
    row = counted.filter(pl.col("document") == place).row(0, named=True)
    assert row["total"] == pytest.approx(CHECKPOINTS[place].total, rel=1e-3)
    assert row["low"] <= row["total"] <= row["high"]
    assert not row["generic"]


@pytest.mark.parametrize(
    "place",
    [n for n, each in enumerate(CHECKPOINTS) if each.active],
    ids=[each.kind for each in CHECKPOINTS if each.active],
)
def test_active_parameters_reach_the_published_figure(counted: pl.DataFrame, place: int) -> None:
    row = counted.filter(pl.col("document") == place).row(0, named=True)
    published = CHECKPOINTS[place].active
    assert published is not None
    low = row["active"] - row["embedding"]
    assert low * 0.9 <= published <= row["active"] * 1.1

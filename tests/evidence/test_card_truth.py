"""The card reader against hand-labelled cards, read under the name of the model in question."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import reading

from gpai_scan.evidence import card

EVAL = Path(__file__).parents[3] / "shared" / "eval"

pytestmark = pytest.mark.skipif(not EVAL.is_dir(), reason="no labelled cards beside")

MAIN = ("pretraining", None, "all_training")
FIELDS = {
    "tokens_pretrain": ("tokens", MAIN),
    "tokens_cpt": ("tokens", ("continued_pretraining",)),
    "gpu_hours": ("accelerator_hours", ("pretraining", None)),
    "gpu_count": ("accelerator_count", (*MAIN, "post_training")),
    "epochs": ("epochs", (*MAIN, "post_training")),
    "steps": ("steps", (*MAIN, "post_training", "continued_pretraining")),
}
FORBIDDEN = {
    "NEG_tokens": "tokens",
    "NEG_params": "parameters_total",
    "NEG_gpu_hours": "accelerator_hours",
    "NEG_gpu_count": "accelerator_count",
    "NEG_steps": "steps",
    "NEG_epochs": "epochs",
    "NEG_audio_hours": "audio_hours",
    "NEG_seq_len": "sequence_length",
    "NEG_flop_stated": "training_flop",
}
GROUPS = {
    "parameters": {"parameters_total", "parameters_active"},
    "tokens": {"tokens", "unique_tokens"},
    "hours_or_hardware_time": {"accelerator_hours", "training_hours"},
}


def rows(name: str) -> list[dict[str, str]]:
    with (EVAL / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def read(repo: str, as_name: str) -> pl.DataFrame:
    text = (EVAL / "repos" / repo / "README.md").read_text(encoding="utf-8", errors="replace")
    frame = card.evidence(reading.raw({as_name: text})).collect()
    return frame.filter(pl.col("rejected").is_null() & pl.col("subject").is_null())


def values(repo: str, as_name: str, quantity: str, stages: tuple[str | None, ...]) -> list[float]:
    frame = read(repo, as_name).filter(quantity=quantity).filter(pl.col("method") != "card_derived")
    return [v for v, stage in frame.select("value", "stage").iter_rows() if stage in stages]


def near(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance * abs(b)


@pytest.mark.parametrize(
    ("field", "precision", "recall"),
    [
        ("tokens_pretrain", 0.97, 0.92),
        ("gpu_hours", 0.95, 0.90),
        ("gpu_count", 0.95, 0.30),  # most of the labelled counts are products
        ("epochs", 0.95, 0.90),
        ("steps", 0.95, 0.85),
    ],
)
def test_precision_and_recall(field: str, precision: float, recall: float) -> None:
    quantity, stages = FIELDS[field]
    gold: dict[tuple[str, str], float] = {}
    stated: dict[str, set[float]] = defaultdict(set)
    for row in rows("card_facts.csv"):
        if row["field"] in {field, "tokens_cpt" if field == "tokens_pretrain" else field}:
            stated[row["repo"]].add(float(row["value"]))
        if row["field"] == field:
            gold[row["repo"], row["hf_id"]] = float(row["value"])
    found = right = wrong = 0
    for (repo, hf_id), value in gold.items():
        got = values(repo, hf_id, quantity, stages) or values(repo, repo, quantity, stages)
        found += any(near(v, value, 0.05) for v in got)
        for v in got:
            known = any(near(v, s, 0.05) for s in stated[repo])
            right, wrong = right + known, wrong + (not known)
    assert right / (right + wrong) >= precision
    assert found / len(gold) >= recall


def test_no_forbidden_figure_is_used() -> None:
    used = []
    for row in rows("card_facts.csv"):
        quantity = FORBIDDEN.get(row["field"])
        if quantity is None or not row["value"].replace(".", "").isdigit():
            continue
        for v in values(row["repo"], row["hf_id"], quantity, (*MAIN, "continued_pretraining")):
            if near(v, float(row["value"]), 0.01):
                used.append((row["repo"], row["hf_id"], row["field"], v))
    assert not used


def test_cards_that_state_nothing_yield_nothing() -> None:
    silent = [
        r for r in rows("card_coverage.csv") if r["stated"] == "no" and r["field_group"] in GROUPS
    ]
    loud = [
        (r["repo"], r["field_group"])
        for r in silent
        if set(read(r["repo"], r["repo"])["quantity"].cast(pl.String)) & GROUPS[r["field_group"]]
    ]
    assert len(loud) <= 0.02 * len(silent), loud


def test_every_quote_is_in_its_line() -> None:
    for path in sorted((EVAL / "repos").glob("*/*/README.md")):
        text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        lines = text.replace("\r", "\n").replace("\ufeff", "").replace("\x00", " ").split("\n")
        repo = path.parent.relative_to(EVAL / "repos").as_posix()
        frame = card.evidence(reading.raw({repo: text})).collect()
        for line, start, end, quote in frame.select("line", "start", "end", "quote").iter_rows():
            assert quote in lines[line - 1]
            assert 0 <= start < end <= len(lines[line - 1])

"""Scores of a labelled set: what counts as right, wrong, missed and forbidden."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from gpai_scan.errors import InvalidInput
from gpai_scan.evaluate import (
    FINDINGS,
    SCORES,
    Evaluation,
    LabelledSet,
    cards,
    estimates,
    evaluate,
    labels,
)

EVAL = Path(__file__).parents[2] / "shared" / "eval"

CARD = """---
license: apache-2.0
base_model: x/base-7b
---
# Falco 7B

Falco-7B is a 7 billion parameter model trained on 2 trillion tokens.
"""
FAMILY = """# Wren

Wren-9B was continually pre-trained from Wren-6B. Wren-6B was trained on 3 trillion tokens.
"""


def write(folder: Path, facts: str, truth: str = "repo_id,training_compute_flop\n") -> LabelledSet:
    for repo, card in (("acme/falco-7b", CARD), ("acme/wren", FAMILY)):
        path = folder / "repos" / repo
        path.mkdir(parents=True)
        (path / "README.md").write_text(card, encoding="utf-8")
    (folder / "facts.csv").write_text("repo,hf_id,field,value,note\n" + facts, encoding="utf-8")
    (folder / "truth.csv").write_text(truth, encoding="utf-8")
    return LabelledSet(folder / "repos", folder / "facts.csv", folder / "truth.csv")


def score(result: Evaluation, measure: str, field: str) -> float | None:
    found = result.scores.filter(
        (pl.col("part") == "cards") & (pl.col("measure") == measure) & (pl.col("slice") == field)
    )
    return found["value"].item() if found.height else None


def test_right_wrong_and_missed_are_told_apart(tmp_path: Path) -> None:
    labelled = write(
        tmp_path,
        "acme/falco-7b,acme/falco-7b,licence,apache-2.0,\n"
        "acme/falco-7b,acme/falco-7b,base_model,x/other-7b,\n"
        "acme/falco-7b,acme/falco-7b,epochs,3,\n"
        "acme/wren,acme/wren-9b,base_model,Wren-6B,\n",
    )
    result = evaluate(labelled)
    assert score(result, "precision", "licence") == 1.0
    assert score(result, "recall", "licence") == 1.0
    assert score(result, "recall", "base_model") == 0.5
    assert score(result, "precision", "base_model") == 0.5
    assert score(result, "recall", "epochs") == 0.0
    kinds = result.findings.filter(pl.col("field") == "base_model").select("kind", "repo").rows()
    assert set(kinds) == {("missed", "acme/falco-7b"), ("wrong", "acme/falco-7b")}
    assert result.findings.schema == FINDINGS
    assert result.scores.schema == SCORES


def test_findings_do_not_depend_on_the_order_of_the_labels(tmp_path: Path) -> None:
    rows = [
        f"acme/{name},acme/{name},{field},{value},\n"
        for name in ("falco-7b", "wren")
        for field, value in (("licence", "mit"), ("gpu_hours", 5e4), ("tokens_pretrain", 9e12))
    ]
    one = evaluate(write(tmp_path / "one", "".join(rows))).findings
    other = evaluate(write(tmp_path / "other", "".join(reversed(rows)))).findings
    assert one.height >= len(rows)
    assert one.equals(other)


def test_a_forbidden_figure_that_is_used_is_listed(tmp_path: Path) -> None:
    labelled = write(tmp_path, "acme/falco-7b,acme/falco-7b,NEG_licence,apache-2.0,the code only\n")
    result = evaluate(labelled)
    broken = result.findings.filter(pl.col("kind") == "forbidden")
    assert broken.select("repo", "field", "found", "line").rows() == [
        ("acme/falco-7b", "licence", "apache-2.0", 2)
    ]


def test_coverage_counts_finds_where_nothing_is_stated(tmp_path: Path) -> None:
    labelled = write(tmp_path, "acme/falco-7b,acme/falco-7b,licence,apache-2.0,\n")
    table = tmp_path / "coverage.csv"
    table.write_text(
        "repo,field_group,stated\nacme/falco-7b,licence,no\nacme/wren,licence,no\n",
        encoding="utf-8",
    )
    result = evaluate(LabelledSet(labelled.repos, labelled.facts, labelled.truth, coverage=table))
    row = result.scores.filter((pl.col("part") == "coverage") & (pl.col("slice") == "licence")).row(
        0, named=True
    )
    assert (row["value"], row["wrong"], row["labelled"]) == (0.5, 1, 2)


def found(**columns: object) -> pl.DataFrame:
    row = {"card": "a/f", "repo_id": "a/f", "field": "tokens_pretrain", "number": None}
    row |= {"key": None, "found": "x", "method": "card_text", "line": 1, "quote": ""} | columns
    types = {"number": pl.Float64, "key": pl.String, "line": pl.Int32}
    return pl.DataFrame([row], schema_overrides=types)


def gold(
    value: str, field: str = "tokens_pretrain", hf_id: str = "a/f", note: str = ""
) -> pl.DataFrame:
    row = {"card": "a/f", "hf_id": hf_id, "label": field, "value": value, "note": note, "line": "1"}
    return cards.gold(pl.DataFrame([row]))


@pytest.mark.parametrize(
    ("number", "label", "verdict"),
    [
        (1.04e12, gold("1000000000000"), "right"),
        (1.06e12, gold("1000000000000"), "wrong"),
        (3e12, gold("1000000000000", note="or 3000000000000 with repeats"), "right"),
        (1e12, gold("1000000000000", hf_id="a/f-7b"), "other_member"),
        (2e12, gold("1000000000000", hf_id="a/f-7b"), "wrong"),
    ],
)
def test_tolerance_alternatives_and_members(
    number: float, label: pl.DataFrame, verdict: str
) -> None:
    assert cards.judged(found(number=number), label)["verdict"].to_list() == [verdict]


@pytest.mark.parametrize("method", ["name", "card_derived", "card_data"])
def test_what_no_card_states_is_not_asked(method: str) -> None:
    judged = cards.judged(found(number=1.0, method=method), gold("2", "epochs"))
    assert judged["verdict"].to_list() == ["unasked"]


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("base_model", "https://huggingface.co/X/Base-7B", "x/base-7b", True),
        ("base_model", "Base 7B", "x/base-7b", True),
        ("base_model", "y/base-7b", "x/base-7b", False),
        ("licence", "the Modified MIT License", "Modified MIT", True),
        ("licence", "MIT", "Modified MIT", False),
        ("relation", "continued_pretraining", "cpt", True),
        ("gpu_model", "A100 SXM4 80GB", "NVIDIA A100 80 GB", True),
        ("gpu_model", "H100", "A100", False),
    ],
)
def test_texts_are_compared_by_what_they_mean(field: str, one: str, other: str, same: bool) -> None:
    kind = next(f for f in labels.FIELDS if f.name == field)
    read = pl.DataFrame({"text": [one]}).select(cards._key(pl.col("text"), kind))["text"].item()
    judged = cards.judged(found(field=field, key=read), gold(other, field))
    assert (judged["verdict"].item() == "right") == same


def test_hardware_time_is_hours_or_accelerators_times_duration() -> None:
    rows = [
        {"card": "a/f", "hf_id": "a/f", "label": "gpu_count", "value": "10"},
        {"card": "a/f", "hf_id": "a/f", "label": "train_hours", "value": "48"},
    ]
    table = pl.DataFrame([{**row, "note": None, "line": None} for row in rows])
    named = cards.gold(table).select("field", "number").rows()
    assert ("hardware_time", 480.0) in named
    assert ("train_days", 2.0) in named


def test_parameters_are_held_against_the_accepted_range() -> None:
    truth = pl.DataFrame(
        {
            "repo": ["a/f"],
            "component": [None],
            "parameters_total": ["100"],
            "total_low": ["90"],
            "total_high": ["110"],
        },
        schema_overrides={"component": pl.String},
    )
    winners = pl.DataFrame({"repo_id": ["a/f"], "quantity": ["parameters_total"], "value": [121.0]})
    empty = pl.DataFrame(
        schema={n: pl.String for n in ("repo_id", "quantity", "method", "subject", "rejected")}
        | {"value": pl.Float64}
    )
    row = estimates.parameters(empty, winners, truth).row(0, named=True)
    assert row["source"] == "all"
    assert row["off"] == pytest.approx(0.1)


def compared(rows: list[tuple[float, float | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "tier": ["A"] * len(rows),
            "truth": [truth for truth, _ in rows],
            "compute_flop": [found for _, found in rows],
            "compute_flop_low": [found and found / 2 for _, found in rows],
            "compute_flop_high": [found and found * 2 for _, found in rows],
            "naive_flop": [found for _, found in rows],
        },
        schema_overrides={"compute_flop": pl.Float64, "naive_flop": pl.Float64},
    ).with_columns(
        (pl.col("compute_flop") / pl.col("truth")).log10().alias("error_log10"),
        (pl.col("naive_flop") / pl.col("truth")).log10().alias("naive_log10"),
    )


def test_compute_and_thresholds_count_only_what_was_estimated() -> None:
    rows = compared([(1e23, 1.9e23), (2e23, 9e22), (1e22, 1e22), (1e24, None)])
    scores = {(m, s): (v, n) for m, s, v, n in estimates.compute_scores(rows)}
    assert scores["compute: within 2x", "A"] == (pytest.approx(2 / 3), 3)
    assert scores["compute: within 3x", "A"] == (1.0, 3)
    assert scores["compute: truth inside the 90 % interval", "A"] == (pytest.approx(2 / 3), 3)
    verdicts = {(m, s): (v, n) for m, s, v, n in estimates.threshold_scores(rows)}
    assert verdicts["compute ≥ 1e+23: precision", "A"] == (1.0, 1)
    assert verdicts["compute ≥ 1e+23: recall", "A"] == (0.5, 2)


def test_missing_files_and_columns_are_named(tmp_path: Path) -> None:
    labelled = write(tmp_path, "")
    (tmp_path / "facts.csv").write_text("repo,field\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"lacks hf_id, value"):
        evaluate(labelled)
    gone = LabelledSet(labelled.repos, tmp_path / "none.csv", labelled.truth)
    with pytest.raises(InvalidInput, match="there is no labelled file"):
        evaluate(gone)


def test_the_command_prints_scores_as_json(tmp_path: Path) -> None:
    labelled = write(tmp_path, "acme/falco-7b,acme/falco-7b,licence,apache-2.0,\n")
    command = [sys.executable, "-m", "gpai_scan", "evaluate", str(labelled.repos)]
    command += ["--facts", str(labelled.facts), "--truth", str(labelled.truth), "-f", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout)
    assert {"precision", "recall"} <= {row["measure"] for row in rows}


@pytest.mark.slow
@pytest.mark.skipif(not EVAL.is_dir(), reason="needs ../shared/eval")
def test_statements_reach_what_was_asked_for_on_real_cards() -> None:
    labelled = LabelledSet(
        EVAL / "repos",
        EVAL / "card_facts.csv",
        EVAL / "groundtruth.csv",
        coverage=EVAL / "card_coverage.csv",
    )
    result = evaluate(labelled)
    for field in ("base_model", "relation", "licence"):
        precision, recall = score(result, "precision", field), score(result, "recall", field)
        assert precision is not None and precision >= 0.97, field
        assert recall is not None and recall >= 0.95, field
    silent = result.scores.filter(
        (pl.col("part") == "coverage") & pl.col("slice").is_in(["base_model", "licence"])
    )
    assert (silent["value"] >= 0.98).all()

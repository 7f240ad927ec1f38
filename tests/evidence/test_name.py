from __future__ import annotations

import polars as pl
import pytest
import reading

from gpai_scan.evidence import name


def found(repo_id: str) -> dict[str, float]:
    frame = name.evidence(reading.raw({repo_id: ""})).collect()
    usable = frame.filter(pl.col("rejected").is_null())
    return dict(usable.select("quantity", "value").iter_rows())


@pytest.mark.parametrize(
    ("repo_id", "expected"),
    [
        ("a/heron-7b", {"parameters_total": 7e9}),
        ("a/heron2.5-0.5B-Instruct", {"parameters_total": 0.5e9}),
        ("a/heron-1_8B-Chat", {"parameters_total": 1.8e9}),
        ("a/heron_2_13B_chat", {"parameters_total": 13e9}),
        ("a/heron_mini_v3_7b", {"parameters_total": 7e9}),
        ("a/heron2_137m_code", {"parameters_total": 137e6}),
        ("a/heron-7b1-mt", {"parameters_total": 7.1e9}),
        ("a/heron-.5B-chat", {"parameters_total": 0.5e9}),
        ("a/heron7b-chat", {"parameters_total": 7e9}),
        ("a/heron125m_10e5", {"parameters_total": 125e6}),
        ("a/HERON3bv0.15", {"parameters_total": 3e9}),
        ("a/heron-7Bx4-MoE", {"parameters_total": pytest.approx(4 * 7e9 * 0.83)}),
        ("a/Heron8x7B", {"parameters_total": pytest.approx(8 * 7e9 * 0.83)}),
        ("a/heron-3m", {"parameters_total": 3e6}),
        ("a/heron3m", {}),
        ("a/heron-lite-3T-chat", {}),
        ("a/heron-7b-250b-tokens", {"parameters_total": 7e9, "tokens": 250e9}),
        ("a/heron-22B-token-500B", {"parameters_total": 22e9, "tokens": 500e9}),
        ("a/heron-70m-deduped", {"parameters_total": 70e6}),
        ("a/heron-7B-Instruct-1M", {"parameters_total": 7e9}),
        ("a/heron-34B-200K-4bits", {"parameters_total": 34e9}),
        ("a/heron-7b-w4a16-q4", {"parameters_total": 7e9}),
        ("a/heron-2-0425-1B", {"parameters_total": 1e9}),
        ("a/heron3-30B-A3B", {"parameters_total": 30e9, "parameters_active": 3e9}),
        ("a/heron-1b-a400m-base", {"parameters_total": 1e9, "parameters_active": 400e6}),
        ("a/heron-17B-16E", {"parameters_active": 17e9}),
        ("a/heron-1.1B-3T", {"parameters_total": 1.1e9, "tokens": 3e12}),
        ("a/heron-1.1B-step-50K-105b", {"parameters_total": 1.1e9, "steps": 5e4, "tokens": 105e9}),
        ("a/stage1-step1907359-tokens4001B", {"steps": 1907359.0, "tokens": 4001e9}),
        ("a/clip-H-14-laion2B-s32B-b79K", {"samples_seen": 32e9, "batch_sequences": 79e3}),
        ("a/clip-B-32-laion-2b", {}),
        ("a/heron-v0.1", {}),
        ("a/heron-E2B-it", {}),
        ("a/heron-int4", {}),
    ],
)
def test_what_a_name_says(repo_id: str, expected: dict[str, float]) -> None:
    assert found(repo_id) == {k: pytest.approx(v) for k, v in expected.items()}


def test_a_mixture_shares_layers_between_its_experts() -> None:
    frame = name.evidence(reading.raw({"a/heron-8x7B": ""})).collect()
    row = frame.filter(quantity="parameters_total").row(0, named=True)
    assert row["low"] < row["value"] < row["high"] == 56e9


def test_two_sizes_are_ambiguous() -> None:
    frame = name.evidence(reading.raw({"a/heron-7b-13b": ""})).collect()
    assert frame["rejected"].unique().to_list() == ["ambiguous_name"]

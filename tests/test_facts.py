"""Weighing claims: precedence, corroboration, and what may not be used."""

import polars as pl
import pytest

from gpai_scan import schema
from gpai_scan.facts import facts


def claims(*rows: dict[str, object]) -> pl.LazyFrame:
    return schema.EVIDENCE.conform(pl.LazyFrame([{"repo_id": "a/b"} | row for row in rows]))


def winner(*rows: dict[str, object]) -> dict[str, object]:
    frame = facts(claims(*rows)).collect()
    assert frame.height == 1
    return frame.row(0, named=True)


def test_the_stronger_kind_of_place_wins() -> None:
    won = winner(
        {"quantity": "tokens", "value": 2e12, "method": "card_text"},
        {"quantity": "tokens", "value": 1e12, "method": "dataset"},
    )
    assert (won["value"], won["method"], won["claims"]) == (2e12, "card_text", 2)
    assert won["disagreement"] == pytest.approx(2.0)


def test_a_packed_count_loses_to_two_that_agree() -> None:
    won = winner(
        {"quantity": "parameters_total", "value": 8.8e10, "method": "weights"},
        {"quantity": "parameters_total", "value": 3.148e11, "method": "config"},
        {"quantity": "parameters_total", "value": 3.15e11, "method": "name"},
    )
    assert won["value"] == 3.148e11
    assert "bears it out" in str(won["note"])


def test_a_lone_count_still_wins_over_one_it_contradicts() -> None:
    won = winner(
        {"quantity": "parameters_total", "value": 7e9, "method": "weights"},
        {"quantity": "parameters_total", "value": 70e9, "method": "name"},
    )
    assert won["method"] == "weights"


def test_a_licence_called_other_gives_way_to_a_name() -> None:
    other: dict[str, object] = {"quantity": "licence", "text": "other", "method": "front_matter"}
    named: dict[str, object] = {"quantity": "licence", "text": "Oak 1.0", "method": "card_text"}
    assert winner(other, named)["text"] == "Oak 1.0"
    assert winner(other)["text"] == "other"


def test_claims_about_another_model_or_set_aside_are_not_used() -> None:
    frame = facts(
        claims(
            {"quantity": "tokens", "value": 1e12, "method": "card_text", "subject": "13B"},
            {"quantity": "tokens", "value": 4096.0, "method": "card_text", "rejected": "context"},
            {"quantity": "tokens", "value": -1.0, "method": "card_text"},
            {"quantity": "tokens", "value": float("inf"), "method": "card_text"},
        )
    ).collect()
    assert frame.height == 0


def test_stages_are_facts_of_their_own() -> None:
    rows = [
        {"quantity": "tokens", "stage": stage, "value": value, "method": "card_text"}
        for stage, value in (("pretraining", 1e12), ("post_training", 1e9))
    ]
    assert facts(claims(*rows)).collect().height == 2


def test_the_order_of_claims_changes_nothing() -> None:
    rows = [
        {"quantity": "tokens", "value": float(value), "method": "card_text", "line": line}
        for line, value in ((9, 5e9), (2, 7e9), (4, 6e9))
    ]
    first = facts(claims(*rows)).collect()
    again = facts(claims(*reversed(rows))).collect()
    assert first.equals(again)
    assert first.item(0, "value") == 7e9


def test_every_parent_the_metadata_lists_is_a_fact() -> None:
    parents = [
        {"quantity": "base_model", "text": name, "method": method}
        for name, method in (
            ("x/one", "front_matter"),
            ("x/two", "front_matter"),
            ("x/one", "listing"),
            ("x/three", "card_text"),
        )
    ]
    assert facts(claims(*parents)).collect()["text"].to_list() == ["x/one", "x/two"]
    said = [{"quantity": "base_model", "text": t, "method": "card_text"} for t in ("x/a", "x/b")]
    assert facts(claims(*said)).collect().height == 1

"""Three-valued logic and probabilities."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import derived, frame, judged, made, people, verdict

from gpai_scan import rules
from gpai_scan.rules.logic import judge

KNOWN = {"likes": pl.Float64, "downloads_30d": pl.Float64}


def holds(condition: str, **values: float | None) -> bool | None:
    node = rules.inline(condition).rules[0].when
    assert node is not None
    one = pl.DataFrame({name: [value] for name, value in values.items()}, schema=KNOWN)
    found = judge(node, KNOWN)
    answer = one.select(holds=found.holds, chance=found.probability).row(0)
    if answer[0] is not None:
        assert answer[1] == (1.0 if answer[0] else 0.0)
    return answer[0]


def kleene(word: str, a: bool | None, b: bool | None) -> bool | None:
    if word == "and":
        return False if a is False or b is False else None if a is None or b is None else True
    return True if a or b else None if a is None or b is None else False


@pytest.mark.parametrize(
    ("word", "first", "second"),
    list(itertools.product(["and", "or"], [True, False, None], [True, False, None])),
)
def test_and_or_follow_kleene(word: str, first: bool | None, second: bool | None) -> None:
    value = {True: 10.0, False: 1.0, None: None}
    found = holds(
        f"likes > 5 {word} downloads_30d > 5", likes=value[first], downloads_30d=value[second]
    )
    assert found is kleene(word, first, second)


def test_not_keeps_the_unknown() -> None:
    assert holds("not likes > 5", likes=None, downloads_30d=None) is None
    assert holds("not likes > 5", likes=3.0, downloads_30d=None) is True


@given(st.floats(18, 27), st.floats(0.01, 0.6), st.floats(18, 27))
def test_the_probability_is_that_of_the_log_normal(
    centre: float, sigma: float, line: float
) -> None:
    rule = rules.inline(f"training_compute > {10**line:.6e}")
    row = judged([made(flop=10**centre, sigma_log10=sigma)], rule).row(0, named=True)
    exact = 0.5 * math.erfc((math.log10(float(f"{10**line:.6e}")) - math.log10(10**centre))
                            / (sigma * math.sqrt(2)))  # fmt: skip
    assert row["probability"] == pytest.approx(exact, abs=1e-9)
    assert 0.0 <= row["probability"] <= 1.0


def test_parts_about_one_metric_are_not_independent() -> None:
    rule = rules.inline("training_compute > 1e23 and training_compute > 1e22")
    row = judged([made(flop=1e23)], rule).row(0, named=True)
    assert row["probability"] == pytest.approx(0.5)
    either = rules.inline("training_compute > 1e23 or training_compute > 1e24")
    assert judged([made(flop=1e23)], either)["probability"][0] == pytest.approx(0.5)


def test_a_bound_decides_what_it_can() -> None:
    pruned = made(compute_flop_high=1e21, skip_reason="pruned")
    row = verdict([pruned], "gpai")
    assert row is not None and (row["verdict"], row["probability"]) == ("out", 0.0)
    wide = made(compute_flop_high=1e24, skip_reason="pruned")
    row = verdict([wide], "gpai")
    assert row is not None and (row["verdict"], row["probability"]) == ("unknown", None)


def test_strict_and_not_strict_at_equality() -> None:
    above = judged([made(flop=1e26)], "us-ca-sb53")
    assert above.filter(rule="frontier-model")["verdict"][0] == "out"
    assert judged([made(flop=1e26)], "kr-ai-basic-act")["verdict"][0] == "in"


def test_what_no_hub_shows_stays_unknown_until_supplied() -> None:
    rows = [made(repo_id="a/x", flop=2e26), made(repo_id="b/y", flop=2e26)]
    before = judged(rows, "us-ca-sb53").filter(rule="large-frontier-developer")
    assert before["verdict"].to_list() == ["unknown", "unknown"]
    assert "cannot be observed" in before["reason"][0]
    extra = pl.LazyFrame({"repo_id": ["a/x", "b/y"], "entity_revenue_usd": [6e8, 4e8]})
    after = judged(rows, "us-ca-sb53", extra=extra).filter(rule="large-frontier-developer")
    assert after["verdict"].to_list() == ["in", "out"]
    below = judged([made(flop=1e24)], "us-ca-sb53").filter(rule="large-frontier-developer")
    assert below["verdict"].to_list() == ["out"]


def test_published_weights_are_outside_a_rule_on_unpublished_ones() -> None:
    row = judged([made(flop=2e26)], "us-ai-diffusion-4e091").row(0, named=True)
    assert (row["verdict"], row["probability"]) == ("out", 0.0)
    assert "published" in row["reason"]


def test_biological_models_have_a_lower_line() -> None:
    rows = [made(repo_id="a/bio", flop=2e23, flags=["biological_sequences"]),
            made(repo_id="b/text", flop=2e23)]  # fmt: skip
    found = judged(rows, "us-eo-14110").filter(rule="bio")
    assert found["verdict"].to_list() == ["in", "out"]


def test_a_covered_fine_tune_needs_a_covered_original() -> None:
    base, small = made(repo_id="lab/base", flop=2e26), made(repo_id="lab/small", flop=2e25)
    rows = [base, small, derived(base, "x/a", 4e25), derived(small, "x/b", 4e25)]
    found = judged(rows, "us-ca-sb1047-vetoed").filter(rule="covered-fine-tune")
    assert found.select("repo_id", "verdict").rows() == [("x/a", "unknown"), ("x/b", "out")]


def test_the_frontier_moves_with_time() -> None:
    frontier = pl.LazyFrame(
        {"date": [date(2022, 1, 1), date(2025, 1, 1)], "frontier_flop": [1e24, 1e26]}
    )
    rows = [
        made(repo_id="a/early", flop=2e23, created_at=datetime(2023, 5, 1, tzinfo=UTC)),
        made(repo_id="a/late", flop=2e23, created_at=datetime(2025, 5, 1, tzinfo=UTC)),
        made(repo_id="a/undated", flop=2e25),
    ]
    found = judged(rows, "alt-frontier-1oom", frontier=frontier)
    assert found.select("repo_id", "verdict", "value").rows() == [
        ("a/early", "in", pytest.approx(0.2)),
        ("a/late", "out", pytest.approx(0.002)),
        ("a/undated", "in", pytest.approx(0.2)),
    ]


def test_words_of_the_entity_and_the_licence() -> None:
    owners = people(lab={"entity_id": "lab", "country": "FR", "entity_type": "academia",
                         "eu_status": "EU"})  # fmt: skip
    rows = [made(flop=1e24, entity_id="lab", licence="apache-2.0")]
    for condition, expected in {
        "country is FR": "in",
        "country in DE, IT": "out",
        "entity_type is company": "out",
        "licence is apache-2.0": "in",
        "licence_class is yes": "in",
        "role is developer": "unknown",
    }.items():
        found = judged(rows, rules.inline(condition), owners)
        assert found["verdict"][0] == expected, condition


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [made(repo_id=f"a/{n}", flop=10.0 ** (20 + n)) for n in range(6)]
    turned = judged(list(reversed(rows)))
    assert judged(rows).equals(turned)
    assert frame(rows).collect().height == 6

"""Metrics beside compute: reach, place in the value chain, documentation, the user's own."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from judging import derived, frame, judged, made

from gpai_scan import counting, rules, schema
from gpai_scan.errors import InvalidInput
from gpai_scan.rules import metrics


def family() -> tuple[pl.LazyFrame, pl.LazyFrame]:
    ids = ["lab/base", "x/tuned", "y/more", "x/copy", "z/alone"]
    roots = pl.LazyFrame({"repo_id": ids, "model_id": ["lab/base"] * 4 + ["z/alone"]})
    repositories = schema.REPOSITORIES.conform(
        pl.LazyFrame(
            {
                "repo_id": ids,
                "namespace": ["lab", "x", "y", "X", "z"],
                "downloads_30d": [100.0, 50.0, None, 50.0, 7.0],
                "downloads_all_time": [1e6, None, None, None, 10.0],
                "spaces": [12.0, 0.0, None, 1.0, None],
            }
        )
    )
    return roots, repositories


def test_reach_is_that_of_the_whole_family() -> None:
    found = metrics.reach(*family()).sort("repo_id").collect()
    base = found.row(by_predicate=pl.col("repo_id") == "lab/base", named=True)
    assert base["descendants"] == 3
    assert base["descendant_namespaces"] == 3
    assert base["family_downloads_30d"] == 200
    assert base["downloads_share"] == 0.5
    assert (base["spaces"], base["downloads_all_time"]) == (12, 1e6)
    alone = found.row(by_predicate=pl.col("repo_id") == "z/alone", named=True)
    assert (alone["descendants"], alone["downloads_share"]) == (0, 0)


def test_reach_is_a_metric_of_rules_and_says_what_it_stands_for() -> None:
    rule = rules.inline("descendants >= 2 and documentation_elements >= 3")
    extra = pl.LazyFrame(
        {"repo_id": ["a/x", "b/y"], "descendants": [5.0, 1.0], "documentation_elements": [4.0, 9.0]}
    )
    rows = [made(repo_id="a/x"), made(repo_id="b/y"), made(repo_id="c/z")]
    found = judged(rows, rule, extra=extra)
    assert found["verdict"].to_list() == ["in", "out", "unknown"]
    words = counting.define(rule.rules[0], rule)
    assert "descendants stands in for centrality in the value chain" in words


def test_documentation_counts_what_the_card_states() -> None:
    stated = pl.LazyFrame(
        {"repo_id": ["a/x", "a/x", "b/y"], "element": ["licence", "energy", "energy"],
         "stated": [True, False, True]}
    )  # fmt: skip
    found = metrics.documentation(stated).sort("repo_id").collect()
    assert found["documentation_elements"].to_list() == [1.0, 1.0]


def test_added_tokens_are_measured_against_the_direct_base() -> None:
    base = made(repo_id="lab/base", flop=1e23, tokens=1e12)
    rows = [base, derived(base, "x/tuned", 1e21, tokens=5e10), derived(base, "y/mute", None)]
    found = metrics.added_tokens(frame(rows)).collect()
    assert found.rows() == [("x/tuned", pytest.approx(0.05))]


def test_the_published_frontier_only_grows_and_ends_at_the_largest_run() -> None:
    found = metrics.published_frontier().collect()
    assert found["frontier_flop"].is_sorted()
    assert found["date"].is_sorted()
    assert found["frontier_flop"][-1] == 5e26
    rows = frame([made(repo_id="a/x", flop=1e27)])
    with_scan = metrics.published_frontier(rows).collect()
    assert with_scan["frontier_flop"][-1] == 5e26  # a run without a date moves nothing


@pytest.mark.parametrize("key", ["repo_id", "model_id", "entity_id", "namespace"])
def test_the_user_s_figures_by_any_key(tmp_path: Path, key: str) -> None:
    base = made(repo_id="Lab/base", flop=1e23)
    names = {"repo_id": "Lab/base", "model_id": "Lab/base", "entity_id": "hub:Lab",
             "namespace": "LAB"}  # fmt: skip
    path = tmp_path / "own.csv"
    path.write_text(f"{key},monthly_users,note\n{names[key]},1e7,ours\n", encoding="utf-8")
    rows = [base, made(repo_id="b/other", flop=1e23)]
    found = metrics.supplied(path, frame(rows)).collect()
    assert found.select("repo_id", "monthly_users").rows() == [("Lab/base", 1e7)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("repo_id,monthly_user\na/b,1\n", "line 1: 'monthly_user' is no metric; did you mean"),
        ("name,monthly_users\na/b,1\n", "needs one of repo_id"),
        ("repo_id,monthly_users\na/b,many\n", "line 2: monthly_users 'many' is no number"),
        ("repo_id,monthly_users\na/b,1\na/b,2\n", "'a/b' stands more than once"),
    ],
)
def test_a_wrong_table_is_one_clear_error(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as error:
        metrics.supplied(path, frame([made()]))
    assert words in str(error.value)


def test_frames_of_metrics_are_put_together() -> None:
    one = pl.LazyFrame({"repo_id": ["a", "b"], "likes": [1.0, 2.0], "spaces": [1.0, 1.0]})
    two = pl.LazyFrame({"repo_id": ["b", "c"], "likes": [9.0, 9.0]})
    joined = metrics.together(one, two)
    assert joined is not None
    found = joined.select("repo_id", "spaces", "likes").sort("repo_id").collect()
    assert found.rows() == [("a", 1.0, None), ("b", 1.0, 9.0), ("c", None, 9.0)]
    assert metrics.together() is None

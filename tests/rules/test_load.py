"""Rule files: all presets load with their citations; what is wrong is named with its line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpai_scan import assets, rules
from gpai_scan.errors import GpaiScanError, InvalidInput, UnknownName
from gpai_scan.rules import tree
from gpai_scan.rules.model import metrics

GOOD = """
id = "mine"
title = "A rule of my own"

[[rule]]
id = "large"
metric = "training_compute"
comparator = ">"
value = 3e22
outputs_any = ["text"]
"""


def test_every_preset_loads_with_sources_that_exist() -> None:
    with (assets.folder("data") / "sources.csv").open(encoding="utf-8") as handle:
        known = {row["key"] for row in csv.DictReader(handle)}
    found = [rules.load(name) for name in rules.names()]
    assert len(found) == 20
    assert sum(len(regime.rules) for regime in found) >= 41
    for regime in found:
        assert set(regime.source) <= known
        assert all(rule.source for rule in regime.rules)
    assert rules.default() == "eu-guidelines-final"


def test_comparators_are_those_of_the_texts() -> None:
    tests = {
        (regime.id, rule.id): rule.threshold.comparator
        for regime in map(rules.load, rules.names())
        for rule in regime.rules
        if rule.threshold is not None
    }
    at_least = {key for key, comparator in tests.items() if comparator == ">="}
    assert ("kr-ai-basic-act", "high-performance") in at_least
    assert ("us-ca-sb1047-vetoed", "covered-fine-tune") in at_least
    assert not {key for key in at_least if key[0].startswith(("eu-guid", "eu-draft", "us-ca-sb53"))}


def test_a_file_of_a_few_lines_is_enough() -> None:
    regime = rules.parse(GOOD)
    rule = regime.rule("large")
    assert (rule.subject, rule.kind) == ("model", "test")
    assert rule.threshold == tree.Compare("training_compute", ">", 3e22)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("metric", "metrik"), 7, "unknown key 'metrik' of a rule; did you mean 'metric'?"),
        (("training_compute", "trainig_compute"), 7, "did you mean 'training_compute'?"),
        (('">"', '"=>"'), 8, "'comparator' cannot be '=>'"),
        (("3e22", '"much"'), 9, "'value' must be a number"),
        (('["text"]', '["txt"]'), 10, "'outputs_any' cannot hold 'txt'"),
        (("title", "titel"), 3, "unknown key 'titel' of a rule set; did you mean 'title'?"),
        (("value = 3e22\n", ""), 7, "no 'value'"),
        (('comparator = ">"\n', ""), 7, "no 'comparator'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    change: tuple[str, str], line: int, words: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        rules.parse(GOOD.replace(*change), "mine.toml")
    assert f"mine.toml, line {line}: " in str(error.value)
    assert words in str(error.value)


def test_a_second_rule_is_told_from_the_first() -> None:
    second = '\n[[rule]]\nid = "b"\nwhen = "likes > 5 and"\n'
    with pytest.raises(InvalidInput, match=r"mine\.toml, line 14: .*ends there"):
        rules.parse(GOOD + second, "mine.toml")


def test_a_file_that_is_not_toml_names_the_line() -> None:
    with pytest.raises(InvalidInput, match=r"not a TOML file.*line 2"):
        rules.parse('id = "a"\ntitle = \n')


def test_unknown_rule_sets_name_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'eu-draft-2025-04'"):
        rules.load("eu-draft-2025")


def test_a_reference_to_another_rule_is_checked() -> None:
    with pytest.raises(InvalidInput, match=r"line 11: 'requires' names no rule"):
        rules.parse(GOOD + 'requires = "larger"\n')


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("training_compute > 3e22", "training_compute > 3e22"),
        ("training_compute < 3e22", "not (training_compute >= 3e22)"),
        (
            "training_compute > 3e22 and outputs has text",
            "training_compute > 3e22 and outputs has text",
        ),
        (
            "likes >= 1K and (country in FR, DE or eu_status is EU)",
            "likes >= 1000 and (country in FR, DE or eu_status is EU)",
        ),
        ("modification_ratio > 1/3", "modification_ratio > 0.3333"),
        ("modification_ratio > 30%", "modification_ratio > 0.3"),
        (
            "modification_compute > 1/3 of eu-guidelines-final.gpai",
            "modification_compute > 3.333e22",
        ),
        ("parameters_total >= 7B and not gated is no", "parameters_total >= 7e9 and not (gated"),
        ("created_at >= 2025-08-02", "created_at >= 2025-08-02"),
    ],
)
def test_the_short_form(source: str, words: str) -> None:
    node = rules.inline(source).rules[0].when
    assert node is not None
    assert tree.text(node).startswith(words)


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ("traning_compute > 1", UnknownName, "did you mean 'training_compute'"),
        ("training_compute >", InvalidInput, "it ends there"),
        ("training_compute 3", InvalidInput, "expected a op at character 18"),
        ("outputs > 3", InvalidInput, "expected"),
        ("likes > 5 or", InvalidInput, "it ends there"),
        ("(likes > 5", InvalidInput, "expected ')'"),
        ("likes > 5 likes", InvalidInput, "'and', 'or' or the end"),
        ("likes > 1/0", InvalidInput, "divides by zero"),
        ("created_at >= 2025-13-40", InvalidInput, "not a day"),
        ("likes > $5", InvalidInput, "cannot read '$5' at character 8"),
        ("(" * 60 + "likes > 5" + ")" * 60, InvalidInput, "more than 50 brackets"),
        ("x" * 5000, InvalidInput, "4000 characters"),
    ],
)
def test_the_short_form_says_what_it_cannot_read(
    source: str, error: type[GpaiScanError], words: str
) -> None:
    with pytest.raises(error) as found:
        rules.inline(source)
    assert words in str(found.value)


@given(st.text(max_size=200))
def test_any_text_is_a_rule_or_one_clear_error(source: str) -> None:
    for read in (rules.inline, rules.parse):
        try:
            assert isinstance(read(source), rules.Regime)
        except GpaiScanError as error:
            assert str(error)


def conditions() -> st.SearchStrategy[tree.Node]:
    value = st.floats(1e-3, 1e27)
    compare = st.builds(
        tree.Compare, st.sampled_from(sorted(metrics())), st.sampled_from([">", ">="]), value
    )
    has = st.builds(tree.Has, st.just("outputs"), st.just(("text", "speech")))

    def joined(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
        parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.builds(tree.All, parts), st.builds(tree.Either, parts), st.builds(tree.Not, inner)
        )

    return st.recursive(st.one_of(compare, has), joined, max_leaves=6)


@given(conditions())
def test_a_condition_reads_back_as_it_is_written(node: tree.Node) -> None:
    written = tree.text(node)
    again = rules.inline(written).rules[0].when
    assert again is not None
    assert tree.text(again) == written


def test_a_file_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert rules.load(path).id == "mine"
    with pytest.raises(InvalidInput, match="cannot be read"):
        rules.load(tmp_path / "none.toml")


def test_the_example_of_the_documentation_is_a_rule_file() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    regime = rules.parse(example)
    assert [rule.id for rule in regime.rules] == ["large-text", "reach-or-compute"]
    conditions = [line.split("--rule '")[1].split("'")[0]
                  for line in text.splitlines() if "--rule '" in line]  # fmt: skip
    assert len(conditions) == 4
    for condition in conditions:
        assert rules.inline(condition).rules


def test_a_rule_on_what_was_added_is_asked_of_modifications() -> None:
    assert rules.inline("modification_ratio > 1/3").rules[0].subject == "downstream-derivative"
    assert rules.inline("training_compute > 1e23").rules[0].subject == "model"

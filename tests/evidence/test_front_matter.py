"""Front matter: simple keys by expressions, the rest through libyaml, nothing by trust."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpai_scan import schema
from gpai_scan.evidence import front_matter, metadata
from gpai_scan.sources import Raw


def raw(*cards: str) -> Raw:
    documents = pl.LazyFrame(
        {
            "repo_id": [f"acme/model-{i}" for i in range(len(cards))],
            "path": ["README.md"] * len(cards),
            "text": list(cards),
            "status": ["ok"] * len(cards),
        }
    )
    return Raw(
        schema.REPOSITORIES.empty().lazy(),
        schema.DOCUMENTS.conform(documents),
        schema.PROBLEMS.empty().lazy(),
    )


def read(yaml: str, quantity: str) -> list[str | float]:
    found = front_matter.evidence(raw(f"---\n{yaml}\n---\n# Title\n")).collect()
    rows = found.with_columns(pl.col("quantity").cast(pl.String)).filter(
        pl.col("quantity") == quantity
    )
    return [
        text if text is not None else value for text, value in rows.select("text", "value").rows()
    ]


@pytest.mark.parametrize(
    ("yaml", "quantity", "expected"),
    [
        ("license: Apache-2.0", "licence", ["apache-2.0"]),
        ("license: 'mit' # short", "licence", ["mit"]),
        ("license: other\nlicense_name: falco-terms", "licence", ["falco-terms"]),
        ("license: other", "licence", ["other"]),
        ("license: unknown", "licence", []),
        ("license:\n- mit\n- apache-2.0", "licence", ["mit", "apache-2.0"]),
        ("license: >-\n  apache-2.0", "licence", ["apache-2.0"]),
        ('license: "ap\\u0061che-2.0"', "licence", ["apache-2.0"]),
        ("base_model: x/base", "base_model", ["x/base"]),
        ("base_model:\n  - x/a\n  # said twice\n\n  - x/b", "base_model", ["x/a", "x/b"]),
        ("base_model: [x/a, 'x/b']", "base_model", ["x/a", "x/b"]),
        ("base_model: [x/a,\n  x/b]", "base_model", ["x/a", "x/b"]),
        ("base_model: null", "base_model", []),
        ("base_model: []", "base_model", []),
        ("base_model_relation: Quantized", "relation", ["quantized"]),
        ("base_model_relation: cousin", "relation", []),
        ("library_name: peft", "relation", ["adapter"]),
        ("library_name: kitchen", "relation", []),
        ("library_name: peft\nbase_model_relation: merge", "relation", ["merge"]),
        ("language: no", "language", ["no"]),
        ("language:\n- en\n- no\n- on", "language", ["en", "no", "on"]),
        ("datasets: &d [x/a]\nbase_model: *d", "dataset", ["x/a"]),
        ("co2_eq_emissions: 12.5", "emissions", [12.5]),
        ("co2_eq_emissions: 1e3", "emissions", [1000.0]),
        ("co2_eq_emissions:\n  emissions: 24_700_000\n  source: a", "emissions", [24_700_000.0]),
        ("co2_eq_emissions:\n  emissions: 2 kg", "emissions", [2000.0]),
        (
            "co2_eq_emissions:\n  hardware_used: 8 x NVIDIA A100 80GB",
            "accelerator_model",
            ["A100 SXM4 80GB"],
        ),
        ("model-index:\n- name: x\n  license: mit", "licence", []),
    ],
)
def test_keys_are_read_as_written(yaml: str, quantity: str, expected: list[str | float]) -> None:
    assert read(yaml, quantity) == expected


def test_line_and_span_lead_back_to_the_words() -> None:
    card = "---\ntags:\n- a\nbase_model:\n- x/a\n- 'x/b'\nlicense: >\n  mit\n---\n"
    lines = card.split("\n")
    for row in front_matter.evidence(raw(card)).collect().iter_rows(named=True):
        line = lines[row["line"] - 1]
        assert row["text"] in line
        assert line.strip() == row["quote"]


@pytest.mark.parametrize(
    "card",
    [
        "# No front matter\nlicense: mit",
        "---\nlicense: mit\nnever ends",
        "text\n---\nlicense: mit\n---\n",
        "",
        "---",
        "---\n---\n",
    ],
)
def test_what_is_no_front_matter_states_nothing(card: str) -> None:
    assert front_matter.evidence(raw(card)).collect().height == 0


def test_malformed_yaml_keeps_what_can_be_read() -> None:
    found = read("license: mit\ntags: [a, b\nwidget: {'\nbase_model: x/base", "licence")
    assert found == ["mit"]


@pytest.mark.parametrize(
    "yaml",
    [
        "base_model: " + "[" * 100_000,
        "base_model:\n" + "".join(f"{' ' * i}a:\n" for i in range(400)),
        "a: &a [x]\n"
        + "\n".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{('*' + chr(97 + i) + ',') * 9}]" for i in range(9)
        )
        + "\nbase_model: *j",
        "base_model: |\n" + "x\n" * 50_000,
        "datasets:\n" + "- a\n" * 40_000,
    ],
    ids=["brackets", "depth", "aliases", "block", "items"],
)
def test_hostile_yaml_costs_little(yaml: str) -> None:
    start = time.perf_counter()
    found = front_matter.evidence(raw(f"---\n{yaml}\n---\n")).collect()
    assert time.perf_counter() - start < 5
    assert found.height <= 500


@settings(max_examples=80)
@given(st.text(alphabet="abcxyz:-[]{}&*!|>'\"#%@`, \n\t\\019é", max_size=200))
def test_any_front_matter_is_read_without_error(noise: str) -> None:
    card = f"---\nlicense: {noise}\nbase_model:\n- {noise}\n---\n{noise}"
    found = front_matter.evidence(raw(card)).collect()
    assert found.schema == schema.EVIDENCE.schema


def test_cards_do_not_disturb_one_another() -> None:
    found = front_matter.evidence(raw("---\nlicense: mit\n---\n", "---\nlicense: >\n  isc\n---\n"))
    assert dict(found.collect().select("repo_id", "text").rows()) == {
        "acme/model-0": "mit",
        "acme/model-1": "isc",
    }


def test_listing_columns_become_claims() -> None:
    repositories = schema.REPOSITORIES.conform(
        pl.LazyFrame(
            {
                "repo_id": ["acme/a"],
                "licence": ["other"],
                "licence_name": ["Falco-Terms"],
                "base_repo_ids": [["x/a", "x/b", "x/a"]],
                "base_relation": ["merge"],
                "languages": [["en"]],
                "listing_file": ["page.json"],
            }
        )
    )
    one = raw()
    found = metadata.evidence(Raw(repositories, one.documents, one.problems)).collect()
    pairs = found.select(pl.col("quantity").cast(pl.String), "text").rows()
    assert sorted(pairs) == [
        ("base_model", "x/a"),
        ("base_model", "x/b"),
        ("language", "en"),
        ("licence", "falco-terms"),
        ("relation", "merge"),
    ]
    assert found["method"].cast(pl.String).unique().to_list() == ["listing"]
    assert found["file"].unique().to_list() == ["page.json"]

"""Elements of Annexes XI and XII: what states one, what only looks like it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpai_scan import documentation, schema
from gpai_scan.sources import Raw
from gpai_scan.sources.folder import FolderSource

EVAL = Path(__file__).parents[2] / "shared" / "eval" / "repos"

STATING = {
    "intended_tasks": "## Intended Use\n\nDrafting of recipes.",
    "acceptable_use": "## Out-of-Scope Use\n\nMedical advice.",
    "release_date": "**Model Release Date:** July 18, 2024",
    "distribution": "The weights are available on the hub under this name.",
    "architecture": "It is a decoder-only transformer.",
    "parameters": "A model of 7.3 billion parameters.",
    "modality": "**Input:** text only; the model generates text.",
    "licence": "---\nlicense: mit\n---\n",
    "integration": "```python\nmodel = AutoModel.from_pretrained('acme/a')\n```",
    "context_length": "The context length is 8192.",
    "training_process": "AdamW with a learning rate of 3e-4.",
    "training_data": "It was trained on a corpus of recipes.",
    "training_data_size": "The corpus has 300 billion tokens.",
    "bias_measures": "The data was deduplicated and toxic pages were removed.",
    "training_compute": "Training took 21,000 A100-hours.",
    "training_time": "It was trained for 14 days.",
    "energy": "Estimated emissions: 12 t CO2eq.",
    "evaluation": "## Results\n\n| task | accuracy |\n|---|---|\n| a | 0.7 |",
    "adversarial_testing": "We ran red teaming with experts.",
    "system_architecture": "## System architecture\n\nA guard and a writer.",
}


def stated(card: str) -> dict[str, bool]:
    documents = pl.LazyFrame(
        {"repo_id": ["acme/a"], "path": ["README.md"], "text": [card], "status": ["ok"]}
    )
    raw = Raw(
        schema.REPOSITORIES.empty().lazy(),
        schema.DOCUMENTS.conform(documents),
        schema.PROBLEMS.empty().lazy(),
    )
    return dict(documentation.elements(raw).collect().select("element", "stated").rows())


def test_every_element_has_an_example_here() -> None:
    assert set(STATING) == {element.name for element in documentation.known()}


@pytest.mark.parametrize("element", sorted(STATING))
def test_an_element_is_found_where_it_is_stated(element: str) -> None:
    assert stated(STATING[element])[element]


def test_an_empty_template_states_nothing() -> None:
    card = (
        "# Model Card for A\n\n## Uses\n\n### Direct Use\n\n[More Information Needed]\n\n"
        "## Bias, Risks, and Limitations\n\n[More Information Needed]\n\n"
        "## Training Details\n\n### Training Data\n\n[More Information Needed]\n\n"
        "#### Hardware\n\n[More Information Needed]\n\n#### Software\n\n"
        "[More Information Needed]\n\n## Environmental Impact\n\n"
        "Carbon emissions can be estimated using the calculator.\n\n"
        "- **Hardware Type:** [More Information Needed]\n"
        "- **Hours used:** [More Information Needed]\n"
        "- **Carbon Emitted:** [More Information Needed]\n"
        "- **License:** [More Information Needed]\n"
    )
    assert [name for name, said in stated(card).items() if said] == []


@pytest.mark.parametrize(
    ("card", "element"),
    [
        ("See https://acme.org/7b-parameters-and-red-teaming for more.", "parameters"),
        ("See https://acme.org/7b-parameters-and-red-teaming for more.", "adversarial_testing"),
        ("```\nlearning rate = 3e-4\n```", "training_process"),
        ("This section tells release date, developers, and contacts.", "release_date"),
        ("## Evaluation\n\n## Citation\n\nNone.", "evaluation"),
    ],
)
def test_what_only_looks_like_a_statement_is_none(card: str, element: str) -> None:
    assert not stated(card)[element]


def test_every_element_cites_a_point_of_an_annex() -> None:
    table = pl.read_csv(
        Path(documentation.assets.folder("data")) / "documentation_elements.csv",
        infer_schema=False,
    )
    assert table.filter(pl.col("annex_xi").is_null() & pl.col("annex_xii").is_null()).height == 0
    assert table.filter(pl.col("headings").is_null() & pl.col("phrases").is_null()).height == 0


def test_repositories_without_a_card_have_no_rows() -> None:
    raw = Raw(
        schema.REPOSITORIES.empty().lazy(),
        schema.DOCUMENTS.empty().lazy(),
        schema.PROBLEMS.empty().lazy(),
    )
    assert documentation.elements(raw).collect().height == 0


@settings(max_examples=40)
@given(st.text(alphabet="#*-`|\n ab1:.,()[]é許", max_size=300))
def test_any_card_is_read_without_error(card: str) -> None:
    found = stated(f"{card}\nlicense: x")
    assert set(found) == set(STATING)


@pytest.mark.skipif(not EVAL.is_dir(), reason="needs ../shared/eval")
def test_quotes_stand_on_their_lines_in_real_cards() -> None:
    source = FolderSource(EVAL)
    raw = source.read(source.shards()[0])
    cards = dict(
        raw.documents.filter(pl.col("path") == "README.md")
        .select("repo_id", "text")
        .collect()
        .rows()
    )
    found = documentation.elements(raw).filter(pl.col("stated")).collect()
    assert found.height > 300
    wrong = [
        (row["repo_id"], row["element"], row["line"])
        for row in found.iter_rows(named=True)
        if row["quote"][:12].strip("# ") not in cards[row["repo_id"]].split("\n")[row["line"] - 1]
    ]
    assert len(wrong) < 0.05 * found.height, wrong[:5]

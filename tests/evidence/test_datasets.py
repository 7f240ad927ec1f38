"""Named training sets: weak claims with wide ranges, tokens only."""

from __future__ import annotations

import polars as pl
import pytest

from gpai_scan import schema
from gpai_scan.evidence import datasets
from gpai_scan.sources import Raw


def raw(card: str | None = None, listed: list[str] | None = None) -> Raw:
    repositories = {"repo_id": ["acme/a"], "datasets": [listed], "listing_file": ["page.json"]}
    documents = {
        "repo_id": ["acme/a"],
        "path": ["README.md"],
        "text": [card],
        "status": ["ok" if card else "missing"],
    }
    return Raw(
        schema.REPOSITORIES.conform(pl.LazyFrame(repositories)),
        schema.DOCUMENTS.conform(pl.LazyFrame(documents)),
        schema.PROBLEMS.empty().lazy(),
    )


def size_of(key: str) -> float:
    found = datasets.known().filter(pl.col("key") == key.lower()).collect()
    return float(found["size"].item())


def claim(card: str | None = None, listed: list[str] | None = None) -> dict[str, object] | None:
    found = datasets.evidence(raw(card, listed)).collect()
    assert found.height <= 1
    return found.row(0, named=True) if found.height else None


@pytest.mark.parametrize(
    "card",
    [
        "---\ndatasets:\n- cerebras/SlimPajama-627B\n---\n",
        "---\ndatasets: [CEREBRAS/slimpajama-627b]\n---\n",
        "It was trained on [a set](https://huggingface.co/datasets/cerebras/SlimPajama-627B).",
        "The model was pre-trained on the SlimPajama-627B corpus.",
    ],
)
def test_a_known_set_gives_a_wide_weak_claim(card: str) -> None:
    row = claim(card)
    assert row is not None
    size = size_of("cerebras/SlimPajama-627B")
    assert (row["quantity"], row["method"], row["value"]) == ("tokens", "dataset", size)
    assert row["low"] == pytest.approx(size * datasets.LEAST_SHARE)
    assert row["high"] == pytest.approx(size * datasets.MOST_PASSES)
    assert row["stage"] is None
    assert row["bound"] == "about"
    assert "SlimPajama-627B" in str(row["note"])


def test_a_pool_is_an_upper_bound_only() -> None:
    row = claim("---\ndatasets:\n- HuggingFaceFW/fineweb\n---\n")
    assert row is not None
    assert row["bound"] == "at_most"
    assert row["high"] == row["value"]


def test_several_sets_add_up_once_each() -> None:
    card = "---\ndatasets:\n- cerebras/SlimPajama-627B\n- bigcode/starcoderdata\n---\n"
    row = claim(card, ["cerebras/SlimPajama-627B"])
    assert row is not None
    assert row["value"] == size_of("cerebras/SlimPajama-627B") + size_of("bigcode/starcoderdata")
    assert (row["file"], row["line"]) == ("README.md", 3)


def test_the_listing_is_read_where_there_is_no_card() -> None:
    row = claim(None, ["cerebras/SlimPajama-627B"])
    assert row is not None
    assert row["file"] == "page.json"


@pytest.mark.parametrize(
    "card",
    [
        "---\ndatasets:\n- acme/unheard-of\n---\n",
        "---\ndatasets:\n- laion/laion2B-en\n---\n",  # pairs, not tokens
        "---\ndatasets:\n- HuggingFaceFW/fineweb-2\n---\n",  # words, not tokens
        "We evaluate what was trained on SlimPajama-627B.",
        "You can train it on SlimPajama-627B.",
        "SlimPajama-627B is a data set.",
    ],
)
def test_other_units_and_other_sentences_give_no_tokens(card: str) -> None:
    assert claim(card) is None


def test_every_key_is_there_once() -> None:
    keys = datasets.known().collect()["key"]
    assert keys.n_unique() == keys.len()
    assert keys.null_count() == 0

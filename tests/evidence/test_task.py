"""What a repository is for, where the hub's tag is missing."""

import json

import polars as pl
import pytest

from gpai_scan import assets, schema
from gpai_scan.evidence import task
from gpai_scan.sources import Raw


def tasks(path: str, text: str | None, architectures: list[str] | None = None) -> list[str]:
    repositories = schema.REPOSITORIES.conform(
        pl.LazyFrame({"repo_id": ["a/b"], "architectures": [architectures]})
    )
    documents = schema.DOCUMENTS.conform(
        pl.LazyFrame({"repo_id": ["a/b"], "path": [path], "text": [text]})
    )
    raw = Raw(repositories, documents, schema.PROBLEMS.empty().lazy())
    return task.evidence(raw).collect()["text"].to_list()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OlmoForCausalLM", ["text-generation"]),
        ("WhisperForConditionalGeneration", ["automatic-speech-recognition"]),
        ("MT5ForConditionalGeneration", ["text2text-generation"]),
        ("Qwen2VLForConditionalGeneration", ["text-generation"]),
        ("BertForMaskedLM", ["fill-mask"]),
        ("SomethingElse", []),
    ],
)
def test_the_class_of_a_configuration_tells(name: str, expected: list[str]) -> None:
    assert tasks("config.json", json.dumps({"architectures": [name]})) == expected
    assert tasks("README.md", None, [name]) == expected


def test_a_pipeline_and_a_front_matter_tell() -> None:
    assert tasks("model_index.json", '{"_class_name": "StableDiffusionPipeline"}') == [
        "text-to-image"
    ]
    assert tasks("README.md", "---\nlicense: mit\npipeline_tag: text-to-video\n---\n") == [
        "text-to-video"
    ]
    assert tasks("README.md", "We set\npipeline_tag: text-to-film\n") == []


@pytest.mark.parametrize("text", ["", "\x00", "[", '{"architectures": 3}', '{"architectures": []}'])
def test_what_is_no_configuration_says_nothing(text: str) -> None:
    assert tasks("config.json", text) == []


def test_every_mapped_task_is_one_of_the_hubs() -> None:
    known = pl.read_csv(assets.folder("data") / "pipeline_outputs.csv")["pipeline_tag"]
    mapped = pl.read_csv(assets.folder("data") / "architecture_tasks.csv")["pipeline_tag"]
    assert set(mapped) <= set(known)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Tree\n\nTree is a large language model of 7B.", ["text-generation"]),
        ("---\nlicense: mit\n---\nA latent diffusion model.", ["text-to-image"]),
        ("A masked language model for Dutch.", ["fill-mask"]),
        ("Weights of a chess engine.", []),
        ("Nothing. " * 500 + "It is no language model.", []),
    ],
)
def test_the_introduction_of_a_card_tells_where_nothing_else_does(
    text: str, expected: list[str]
) -> None:
    assert tasks("README.md", text) == expected

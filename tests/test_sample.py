"""The embedded sample: wide enough, well formed, and every figure in it has a sourced row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from gpai_scan import assets

SAMPLE = assets.folder("data/sample")

# Open systems named by the consultation papers, by repositories that stand for them.
NAMED_BY_THE_CONSULTATION = [
    "CohereForAI/c4ai-command-r-v01",
    "CompVis/stable-diffusion-v1-4",
    "EleutherAI/pythia-1b",
    "HuggingFaceM4/idefics2-8b",
    "HuggingFaceTB/SmolLM-1.7B",
    "HuggingFaceTB/SmolLM2-1.7B",
    "LLM360/Amber",
    "LLM360/CrystalCoder",
    "LLM360/K2",
    "PleIAs/Pleias-1.2b-Preview",
    "PleIAs/Pleias-350m-Preview",
    "TinyLlama/TinyLlama-1.1B-intermediate-step-1431k-3T",
    "allenai/OLMo-7B",
    "bigcode/starcoder2-15b",
    "bigscience/bloom",
    "deepseek-ai/DeepSeek-R1",
    "deepseek-ai/DeepSeek-V3",
    "marin-community/marin-8b-base",
    "meta-llama/Llama-2-7b-hf",
    "meta-llama/Llama-3.1-405B",
    "meta-llama/Meta-Llama-3-8B",
    "microsoft/Phi-3-mini-4k-instruct",
    "microsoft/phi-2",
    "mistralai/Mixtral-8x7B-v0.1",
    "stabilityai/stable-diffusion-2-1",
]


@cache
def repositories() -> dict[str, Path]:
    return {p.relative_to(SAMPLE).as_posix(): p for p in sorted(SAMPLE.glob("*/*")) if p.is_dir()}


@cache
def info() -> dict[str, dict[str, Any]]:
    return {
        name: json.loads((path / "model_info.json").read_text(encoding="utf-8"))
        for name, path in repositories().items()
    }


@cache
def configs() -> dict[str, dict[str, Any]]:
    found = {name: path / "config.json" for name, path in repositories().items()}
    return {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name, path in found.items()
        if path.exists()
    }


@cache
def facts() -> list[dict[str, str]]:
    with (SAMPLE / "facts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def facts_of(repository: str, file: str) -> tuple[dict[str, str], ...]:
    return tuple(f for f in facts() if f["repo_id"] == repository and f["file"] == file)


def cards() -> dict[str, str]:
    found = {name: path / "README.md" for name, path in repositories().items()}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items() if path.exists()}


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Numbers of a JSON value with their path; a list of numbers is one leaf."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        if value and all(isinstance(v, int | float) for v in value):
            yield path, ";".join(str(v) for v in value)
        else:
            for number, inner in enumerate(value):
                if isinstance(inner, dict):
                    yield from leaves(inner, f"{path}[{number}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, str(value)


def same(left: str, right: str) -> bool:
    a, b = left.split(";"), right.split(";")
    return len(a) == len(b) and all(float(x) == float(y) for x, y in zip(a, b, strict=True))


def test_there_are_at_least_two_hundred_named_repositories() -> None:
    assert len(repositories()) >= 200
    assert all(info()[name]["id"] == name for name in repositories())


@pytest.mark.parametrize("repository", NAMED_BY_THE_CONSULTATION)
def test_systems_named_by_the_consultation_papers_are_there(repository: str) -> None:
    assert repository in repositories()


def _relation(name: str) -> str:
    return str(info()[name].get("baseModels", {}).get("relation", ""))


def _has(name: str, *words: str) -> bool:
    return bool(set(words) & set(info()[name].get("tags", [])))


CATEGORIES: dict[str, Callable[[str], bool]] = {
    "fine-tunes": lambda n: _relation(n) == "finetune",
    "adapters": lambda n: (repositories()[n] / "adapter_config.json").exists(),
    "quantised": lambda n: _relation(n) == "quantized",
    "gguf": lambda n: "gguf" in info()[n],
    "merges": lambda n: _has(n, "merge", "mergekit") or _relation(n) == "merge",
    "text": lambda n: info()[n].get("pipeline_tag") == "text-generation",
    "code": lambda n: _has(n, "code"),
    "image": lambda n: info()[n].get("pipeline_tag") == "text-to-image",
    "image reading": lambda n: info()[n].get("pipeline_tag") == "image-text-to-text",
    "speech": lambda n: (
        info()[n].get("pipeline_tag") in {"automatic-speech-recognition", "text-to-speech"}
    ),
    "multilingual": lambda n: len(info()[n].get("cardData", {}).get("language", "")) > 3,
    "experts": lambda n: any("expert" in key for key in configs().get(n, {})),
    "encoder-decoder": lambda n: bool(configs().get(n, {}).get("is_encoder_decoder")),
    "diffusion": lambda n: (repositories()[n] / "model_index.json").exists(),
    "gated": lambda n: bool(info()[n]["gated"]),
    "permissive": lambda n: _has(n, "license:apache-2.0", "license:mit"),
    "restricted": lambda n: _has(n, "license:cc-by-nc-4.0", "license:other", "license:llama2"),
    "no card": lambda n: not (repositories()[n] / "README.md").exists(),
    "sharded": lambda n: (repositories()[n] / "model.safetensors.index.json").exists(),
}
AT_LEAST = {
    "fine-tunes": 20,
    "adapters": 5,
    "quantised": 10,
    "gguf": 4,
    "merges": 5,
    "text": 100,
    "code": 8,
    "image": 8,
    "image reading": 5,
    "speech": 6,
    "multilingual": 30,
    "experts": 15,
    "encoder-decoder": 10,
    "diffusion": 8,
    "gated": 20,
    "permissive": 60,
    "restricted": 30,
    "no card": 4,
    "sharded": 5,
}


@pytest.mark.parametrize("category", AT_LEAST)
def test_every_kind_of_repository_is_there(category: str) -> None:
    members = [name for name in repositories() if CATEGORIES[category](name)]
    assert len(members) >= AT_LEAST[category], members


def test_hybrid_architectures_are_there() -> None:
    types = {config.get("model_type") for config in configs().values()}
    assert {"jamba", "granitemoehybrid", "qwen3_next"} <= types
    assert {"mamba", "rwkv", "falcon_mamba"} <= types


def test_entities_of_every_kind_are_there() -> None:
    with (assets.folder("data") / "entities.csv").open(encoding="utf-8", newline="") as file:
        known = {row["namespace"].lower(): row for row in csv.DictReader(file)}
    namespaces = {name.split("/")[0].lower() for name in repositories()}
    mapped = [known[namespace] for namespace in namespaces if namespace in known]
    types = {row["org_type"] for row in mapped}
    assert {"company", "academia", "non-profit", "collective", "individual"} <= types
    assert {"EU", "non-EU", "CH"} <= {row["eu_status"] for row in mapped}
    assert "re-uploader" in {row["role"] for row in mapped}
    assert len(namespaces) > len(mapped) > 40


@pytest.mark.parametrize("name", sorted(cards()))
def test_front_matter_agrees_with_the_listing(name: str) -> None:
    text = cards()[name]
    if not text.startswith("---\n"):
        assert "cardData" not in info()[name]
        return
    front = yaml.safe_load(text.split("---\n")[1])
    assert front == info()[name]["cardData"]


FIGURES_APART = re.compile(
    r"`[^`]*`"  # names of models and files
    r"|^#.*$"  # headings
    r"|\]\([^)]*\)|<[^>]*>"  # links and tags
    r"|\b20[12][0-9]\b"  # years
    r"|\b[A-Za-z][A-Za-z.-]*-?[0-9][\w.-]*",  # names such as A100
    re.MULTILINE,
)


@pytest.mark.parametrize("name", sorted(cards()))
def test_every_figure_of_a_card_has_a_row(name: str) -> None:
    text = re.sub(r"\A---\n.*?\n---\n", "", cards()[name], flags=re.DOTALL)
    written = {fact["as_written"] for fact in facts_of(name, "README.md")}
    assert all(words in text for words in written)
    for words in sorted(written, key=len, reverse=True):
        text = text.replace(words, " ")
    left = re.findall(r"\S*[0-9]\S*", FIGURES_APART.sub(" ", text))
    assert left == []


@pytest.mark.parametrize("name", sorted(repositories()))
def test_every_figure_of_a_configuration_has_a_row(name: str) -> None:
    for path in sorted(repositories()[name].rglob("*.json")):
        if path.name == "model_info.json":
            continue
        file = path.relative_to(repositories()[name]).as_posix()
        known = {fact["quantity"]: fact["value"] for fact in facts_of(name, file)}
        for quantity, value in leaves(json.loads(path.read_text(encoding="utf-8"))):
            assert same(known[quantity], value), (file, quantity)


@pytest.mark.parametrize("name", sorted(repositories()))
def test_every_count_of_a_listing_has_a_row(name: str) -> None:
    known = {fact["quantity"]: fact["value"] for fact in facts_of(name, "model_info.json")}
    listing = {key: info()[name][key] for key in ("safetensors", "gguf") if key in info()[name]}
    for quantity, value in leaves(listing):
        assert same(known[quantity], value), quantity


def test_facts_have_known_sources_and_statuses() -> None:
    with (assets.folder("data") / "sources.csv").open(encoding="utf-8", newline="") as file:
        keys = {row["key"] for row in csv.DictReader(file)}
    for fact in facts():
        assert fact["repo_id"] in repositories()
        assert set(fact["source"].split(";")) <= keys, fact
        assert fact["status"] in {"verified", "partly", "unverified"}, fact
        assert (fact["source"] == "KNOW") == (fact["status"] == "unverified"), fact


def test_the_readme_gives_the_number_of_repositories() -> None:
    text = (assets.folder("data") / "README.md").read_text(encoding="utf-8")
    assert f"A mirror of {len(repositories())} real, named repositories" in text


def test_the_sample_is_small() -> None:
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) < 3_000_000


def test_card_facts_verified_against_the_reference_table_are_in_it() -> None:
    with (assets.folder("data") / "reference_models.csv").open(encoding="utf-8", newline="") as f:
        models = {row["model"] for row in csv.DictReader(f)}
    named = {
        fact["source_detail"].removeprefix("row ")
        for fact in facts()
        if fact["source"] == "EPOCH-CSV"
    }
    assert len(named) > 50
    assert named <= models

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpai_scan.crawl import prune
from gpai_scan.crawl.settings import CrawlSettings, from_values
from gpai_scan.sources import listing


def decide(*items: dict[str, Any], **settings: object) -> dict[str, dict[str, Any]]:
    numbered = [{"_id": f"{place:024x}"} | item for place, item in enumerate(items)]
    page = json.dumps(numbered).encode()
    rows = listing.of_page(page, hub="hub", listing_file="page").repositories.lazy()
    index = prune.index(rows).with_columns(pl.lit(0).alias("group"))
    found = prune.decide(index, from_values(settings)).collect()
    return {row["repo_id"]: row for row in found.iter_rows(named=True)}


def tensors(count: float, dtype: str = "BF16") -> dict[str, Any]:
    return {"parameters": {dtype: count}, "total": count}


def files(*paths: str) -> list[dict[str, str]]:
    return [{"rfilename": path} for path in paths]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"safetensors": tensors(8e9)}, "large"),
        ({"safetensors": tensors(1e6)}, "below_bound"),
        ({"gguf": {"total": 8e9}}, "large"),
        ({"safetensors": tensors(8e9), "disabled": True}, "disabled"),
        ({}, "unknown_size"),
        ({"siblings": files("README.md", ".gitattributes", "a.png")}, "no_weights"),
        ({"siblings": files("README.md", "weights.xyz")}, "unknown_size"),
        ({"siblings": files("adapter_config.json", "adapter_model.safetensors")}, "adapter"),
        ({"library_name": "diffusers", "safetensors": tensors(1e6)}, "unknown_size"),
    ],
)
def test_reason(item: dict[str, Any], reason: str) -> None:
    assert decide({"id": "a/model"} | item)["a/model"]["reason"] == reason


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("SmolLM2-135M-Instruct", 1.35e9),  # millions may mean tokens: tenfold
        ("Mixtral-8x7B-v0.1", 1.12e11),
        ("qwen2.5-0.5b", 1e9),
        ("Qwen3-30B-A3B", 6e10),
        ("kimi-1t", 2e12),
        ("model-4bit", None),
        ("bert-base", None),
    ],
)
def test_a_name_bounds_what_has_no_count(name: str, parameters: float | None) -> None:
    bound = decide({"id": f"a/{name}"})[f"a/{name}"]["bound_parameters"]
    assert bound == (pytest.approx(parameters) if parameters else None)


def test_packed_weights_are_counted_unpacked() -> None:
    packed = {"parameters": {"I32": 1e9, "F16": 1e8}, "total": 1.1e9}
    config = {"quantization_config": {"quant_method": "gptq", "bits": 4}}
    found = decide({"id": "a/q", "safetensors": packed, "config": config})["a/q"]
    assert found["bound_parameters"] == pytest.approx(8.1e9)
    already = {"parameters": {"I32": 1e9, "F16": 1e8}, "total": 8.1e9}
    found = decide({"id": "a/q", "safetensors": already, "config": config})["a/q"]
    assert found["bound_parameters"] == pytest.approx(8.1e9)


def test_copies_join_their_base_and_derivatives_take_its_size() -> None:
    def of(relation: str) -> dict[str, Any]:
        return {"baseModels": {"relation": relation, "models": [{"id": "a/base"}]}}

    found = decide(
        {"id": "a/base", "safetensors": tensors(7e10), "downloads": 9},
        {"id": "b/copy"} | of("quantized"),
        {"id": "b/merge"} | of("merge"),
        {"id": "b/tuned"} | of("finetune"),
        {"id": "c/base", "safetensors": tensors(7e10), "downloads": 1},
    )
    assert found["b/copy"]["reason"] == found["b/merge"]["reason"] == "joins_base"
    assert found["b/copy"]["base"] == "a/base"
    assert found["b/tuned"]["reason"] == "large"
    assert found["b/tuned"]["bound_parameters"] == 7e10
    assert (found["c/base"]["reason"], found["c/base"]["base"]) == ("mirror", "a/base")
    assert found["a/base"]["keep"]


def test_a_repository_counts_once() -> None:
    page = [{"_id": "x", "id": "a/b"}, {"_id": "x", "id": "a/renamed"}, {"_id": "y", "id": "a/b"}]
    rows = listing.of_page(json.dumps(page).encode(), hub="hub", listing_file="page").repositories
    index = prune.index(rows.lazy()).with_columns(pl.lit(0).alias("group"))
    found = prune.decide(index, CrawlSettings()).collect()
    assert found["reason"].to_list() == ["unknown_size", "twice", "twice"]


@given(st.floats(1e3, 1e13), st.floats(1e3, 1e13), st.floats(1e18, 1e26))
def test_more_parameters_never_lower_the_bound(a: float, b: float, threshold: float) -> None:
    low, high = sorted((a, b))
    found = decide(
        {"id": "a/low", "safetensors": tensors(low)},
        {"id": "a/high", "safetensors": tensors(high)},
        threshold=threshold,
    )
    assert found["a/low"]["bound_flop"] <= found["a/high"]["bound_flop"]
    assert found["a/high"]["keep"] or not found["a/low"]["keep"]


def test_without_pruning_everything_is_kept() -> None:
    found = decide({"id": "a/tiny", "safetensors": tensors(10)}, prune=False)
    assert found["a/tiny"]["reason"] == "not_asked"
    assert found["a/tiny"]["keep"]


def test_files_are_asked_for_only_where_needed() -> None:
    everything = files(
        "README.md", "config.json", "model.safetensors.index.json", "model-1.safetensors",
        "unet/config.json", "model_index.json",
    )  # fmt: skip
    plain = [f for f in everything if f["rfilename"] != "model_index.json"]
    rows = listing.of_page(
        json.dumps(
            [
                {"id": "a/sized", "siblings": plain, "safetensors": tensors(1e9)},
                {"id": "a/unsized", "siblings": plain},
                {"id": "a/pipeline", "siblings": everything},
                {"id": "a/unlisted"},
            ]
        ).encode(),
        hub="hub",
        listing_file="page",
    ).repositories
    wanted = dict(prune.index(rows.lazy()).select("repo_id", "wanted").collect().iter_rows())
    assert wanted["a/sized"] == ["README.md", "config.json"]
    assert wanted["a/unsized"] == ["README.md", "config.json", "model.safetensors.index.json"]
    assert set(wanted["a/pipeline"]) == {f["rfilename"] for f in everything} - {
        "model-1.safetensors"
    }
    assert wanted["a/unlisted"] == ["README.md", "config.json"]

from __future__ import annotations

import json
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from gpai_scan import schema
from gpai_scan.sources import listing

FULL: dict[str, Any] = {
    "_id": "621ffdc036468d709f174338",
    "id": "org/model-7b",
    "sha": "a" * 40,
    "createdAt": "2022-03-02T23:29:04.000Z",
    "lastModified": "2024-02-19T11:06:12.000Z",
    "gated": False,
    "private": False,
    "disabled": False,
    "downloads": 12,
    "downloadsAllTime": 34,
    "likes": 5,
    "library_name": "transformers",
    "pipeline_tag": "text-generation",
    "tags": ["license:mit", "region:us"],
    "cardData": {
        "license": "Other",
        "license_name": "own-terms",
        "datasets": "wikipedia",
        "language": ["en", False],
    },
    "config": {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "tokenizer_config": {"chat_template": "long"},
        "quantization_config": {"quant_method": "gptq", "bits": 4},
    },
    "safetensors": {"parameters": {"BF16": 7, "U8": 1}, "total": 8},
    "gguf": {"total": 9, "totalFileSize": 10, "architecture": "llama", "context_length": 11},
    "baseModels": {"relation": "quantized", "models": [{"_id": "x", "id": "org/base"}]},
    "siblings": [{"rfilename": "README.md"}, {"rfilename": "model.safetensors"}],
}


def read(*items: object) -> listing.Listed:
    return listing.of_page(json.dumps(items).encode(), hub="hub", listing_file="page")


def row(item: dict[str, Any]) -> dict[str, Any]:
    listed = read(item)
    assert listed.problems.height == 0
    return listed.repositories.row(0, named=True)


def test_every_field_has_its_column() -> None:
    found = row(FULL)
    assert found["revision"] == "a" * 40
    assert found["hub_id"] == "621ffdc036468d709f174338"
    assert found["namespace"] == "org"
    assert found["gated"] == "no"
    assert found["licence"] == "other"
    assert found["licence_name"] == "own-terms"
    assert found["datasets"] == ["wikipedia"]
    assert found["languages"] == ["en", "no"]
    assert found["base_relation"] == "quantized"
    assert found["base_repo_ids"] == ["org/base"]
    assert found["quantisation_method"] == "gptq"
    assert found["quantisation_bits"] == 4
    assert found["safetensors_by_dtype"] == [
        {"dtype": "BF16", "count": 7},
        {"dtype": "U8", "count": 1},
    ]
    assert found["gguf_bytes"] == 10
    assert found["files"] == ["README.md", "model.safetensors"]
    assert found["created_at"].year == 2022
    assert found["last_modified"].year == 2024
    assert found["reason"] is None
    assert "tokenizer_config" not in found["config"]
    absent = [name for name, value in found.items() if value is None]
    assert absent == ["spaces", "bound_flop", "pruned", "reason"]


def test_columns_are_those_of_the_schema() -> None:
    for listed in (read(), read(FULL), read(7)):
        assert listed.repositories.schema == schema.REPOSITORIES.schema
        assert listed.problems.schema == schema.PROBLEMS.schema


def test_absent_is_null_and_not_zero() -> None:
    found = row({"id": "org/bare"})
    given_values = {name for name, value in found.items() if value is not None}
    assert given_values == {"repo_id", "namespace", "hub", "listing_file"}


def test_an_odd_item_does_not_touch_its_neighbours() -> None:
    odd = FULL | {
        "id": "org/odd",
        "downloads": -1,
        "tags": ["ok", 3],
        "siblings": [{"rfilename": "a"}, {}],
        "safetensors": {"parameters": {"F32": 5, "F16": "many"}},
        "cardData": [1],
    }
    listed = read(FULL, odd, 7, None, {"no": "id"}, FULL | {"id": "org/last"})
    assert listed.repositories["repo_id"].to_list() == ["org/model-7b", "org/odd", "org/last"]
    assert listed.problems["reason"].to_list() == ["bad_item"] * 3
    first, second, last = listed.repositories.iter_rows(named=True)
    assert first["reason"] is None
    assert last | {"repo_id": first["repo_id"]} == first
    assert second["downloads_30d"] is None
    assert second["tags"] == ["ok"]
    assert second["files"] == ["a"]
    assert second["safetensors_by_dtype"] == [{"dtype": "F32", "count": 5}]
    assert second["likes"] == 5
    for name in ("downloads", "tags", "siblings", "safetensors", "cardData"):
        assert f"bad {name}" in second["reason"]


def test_card_key_self_is_harmless() -> None:
    assert row({"id": "a/b", "cardData": {"self": 1, "license": "MIT"}})["licence"] == "mit"


def test_base_from_card_then_from_tags() -> None:
    card = {"base_model": "https://huggingface.co/org/base/", "base_model_relation": "merge"}
    found = row({"id": "a/b", "cardData": card, "tags": ["base_model:other/one"]})
    assert (found["base_relation"], found["base_repo_ids"]) == ("merge", ["org/base"])
    tags = ["base_model:org/x", "base_model:finetune:org/x"]
    found = row({"id": "a/b", "tags": tags})
    assert (found["base_relation"], found["base_repo_ids"]) == ("finetune", ["org/x"])
    found = row({"id": "a/b", "cardData": {"base_model": ["/content/drive", "../x", 3]}})
    assert found["base_repo_ids"] is None


def test_unsafe_names_are_set_aside_and_odd_ones_kept() -> None:
    unsafe = ["a/../b", "../x", "a/b/c", "x" * 10_000, "a/\u0000", "", "a/", "a/b\n", "a/\ud800"]
    listed = read(*({"id": name} for name in unsafe))
    kept = listed.repositories["repo_id"].to_list()
    assert all(listing.unusable(name) is None for name in kept)
    assert kept == ["a/?"]  # a lone surrogate is replaced
    assert listed.problems.height == len(unsafe) - 1
    odd = ["it's/a\"b", "名/前", "a/b c", "a/%2e%2e"]
    assert read(*({"id": n} for n in odd)).repositories["repo_id"].to_list() == odd


def test_a_cut_page_gives_its_whole_items_and_says_so() -> None:
    page = json.dumps([FULL, FULL | {"id": "org/second"}]).encode()
    listed = listing.of_page(page[:-30], hub="hub", listing_file="page")
    assert listed.repositories["repo_id"].to_list() == ["org/model-7b"]
    assert listed.problems["repo_id"].to_list() == ["org/second"]


def test_nesting_without_end_stays_alone() -> None:
    deep = b'{"id":"a/deep","cardData":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    page = b'[{"id":"a/x"},' + deep + b',{"id":"a/y","config":{"a":NaN}}]'
    listed = listing.of_page(page, hub="hub", listing_file="page")
    assert listed.repositories["repo_id"].to_list() == ["a/x", "a/y"]
    assert listed.problems["repo_id"].to_list() == ["a/deep"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150)
@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FULL, JSON)) | JSON, max_size=4))
def test_each_item_is_a_row_or_a_problem(items: list[object]) -> None:
    listed = read(*items)
    assert listed.repositories.height + listed.problems.height == len(items)


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(page: bytes) -> None:
    listed = listing.of_page(page, hub="hub", listing_file="page")
    assert isinstance(listed.problems, pl.DataFrame)

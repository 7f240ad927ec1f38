"""Adapters: what they train and what they adapt."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from gpai_scan import schema
from gpai_scan.evidence import adapters
from gpai_scan.sources import Raw

LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 32,
    "vocab_size": 32000,
    "tie_word_embeddings": False,
}


def claims(adapter: object, base: dict[str, Any] | None = LLAMA) -> dict[str, dict[str, Any]]:
    rows = [{"repo_id": "a/lora", "path": "adapter_config.json", "text": json.dumps(adapter)}]
    if base is not None:
        rows.append({"repo_id": "meta/base", "path": "config.json", "text": json.dumps(base)})
    documents = schema.DOCUMENTS.conform(pl.LazyFrame(rows).with_columns(status=pl.lit("ok")))
    raw = Raw(schema.REPOSITORIES.empty().lazy(), documents, schema.PROBLEMS.empty().lazy())
    found = adapters.evidence(raw).collect()
    return {row["quantity"]: row for row in found.iter_rows(named=True)}


def test_query_and_value_at_rank_eight_train_the_published_count() -> None:
    """The 7B model with r = 8 on q and v trains 4,194,304 parameters."""
    found = claims(
        {
            "peft_type": "LORA",
            "r": 8,
            "target_modules": ["q_proj", "v_proj"],
            "base_model_name_or_path": "meta/base",
        }
    )
    assert found["parameters_trainable"]["value"] == 4_194_304
    assert found["base_model"]["text"] == "meta/base"
    assert found["relation"]["text"] == "adapter"
    assert found["parameters_trainable"]["quote"] == "r=8, target_modules=q_proj,v_proj"


def test_all_linear_layers_count_seven_matrices() -> None:
    found = claims(
        {"r": 16, "target_modules": "all-linear", "base_model_name_or_path": "meta/base"}
    )
    assert found["parameters_trainable"]["value"] == 39_976_960


def test_grouped_queries_make_keys_narrower() -> None:
    base = LLAMA | {"num_key_value_heads": 8}
    adapter = {"r": 8, "target_modules": ["k_proj"], "base_model_name_or_path": "meta/base"}
    assert claims(adapter, base)["parameters_trainable"]["value"] == 32 * 8 * (4096 + 1024)


def test_unknown_modules_make_a_lower_bound() -> None:
    adapter = {
        "r": 8,
        "target_modules": ["q_proj", "mystery"],
        "base_model_name_or_path": "meta/base",
    }
    claim = claims(adapter)["parameters_trainable"]
    assert claim["bound"] == "at_least"
    assert "1 of 2 target modules of unknown width" in claim["note"]


def test_without_the_base_only_base_and_relation_are_claimed() -> None:
    adapter = {"r": 8, "target_modules": ["q_proj"], "base_model_name_or_path": "meta/base"}
    assert set(claims(adapter, None)) == {"base_model", "relation"}


def test_a_local_path_is_no_base_model() -> None:
    found = claims({"r": 8, "target_modules": ["q_proj"], "base_model_name_or_path": "./out/x"})
    assert "base_model" not in found


@pytest.mark.parametrize(
    "adapter",
    [
        {"r": "eight", "target_modules": ["q_proj"]},
        {"r": -8, "target_modules": None},
        {"r": True, "target_modules": 3},
        {"r": 1e300, "target_modules": [None, 4, ["q_proj"]]},
        [],
        None,
        {"target_modules": {"q_proj": 1}, "base_model_name_or_path": 7},
    ],
)
def test_nonsense_claims_no_parameters(adapter: object) -> None:
    assert "parameters_trainable" not in claims(adapter)

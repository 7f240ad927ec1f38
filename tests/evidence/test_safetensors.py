"""Stored tensors and weight indexes: what is counted, what is corrected, what is set aside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpai_scan import schema
from gpai_scan.evidence import safetensors
from gpai_scan.sources import Raw

EVAL = Path(__file__).parents[3] / "shared" / "eval" / "repos"

LLAMA_8B = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 32,
    "vocab_size": 128256,
    "torch_dtype": "float16",
    "tie_word_embeddings": False,
}
PARAMETERS = 8_030_261_248.0
LINEAR = PARAMETERS - 2 * 128256 * 4096 - 65 * 4096


def raw(listing: dict[str, Any], files: dict[str, str] | None = None) -> Raw:
    counts = listing.pop("counts", None)
    if counts is not None:
        listing["safetensors_by_dtype"] = [{"dtype": k, "count": v} for k, v in counts.items()]
        listing.setdefault("safetensors_total", sum(counts.values()))
    row = {"repo_id": "a/b", "listing_file": "page.json", **listing}
    rows = [{"repo_id": "a/b", "path": p, "text": t} for p, t in (files or {}).items()]
    documents = pl.LazyFrame(rows) if rows else schema.DOCUMENTS.empty().lazy()
    return Raw(
        schema.REPOSITORIES.conform(pl.LazyFrame([row])),
        schema.DOCUMENTS.conform(documents),
        schema.PROBLEMS.empty().lazy(),
    )


def claims(listing: dict[str, Any], files: dict[str, str] | None = None) -> pl.DataFrame:
    return safetensors.evidence(raw(listing, files)).collect()


def accepted(listing: dict[str, Any], files: dict[str, str] | None = None) -> dict[str, Any]:
    found = claims(listing, files).filter(pl.col("rejected").is_null())
    assert found.height == 1
    return found.row(0, named=True)


def test_plain_weights_are_counted_as_they_are() -> None:
    claim = accepted({"counts": {"BF16": 6738415616.0, "F32": 2048.0}})
    assert claim["value"] == 6738417664
    assert claim["quote"] == "BF16=6738415616, F32=2048, total=6738417664"
    assert claim["file"] == "page.json"


@pytest.mark.parametrize("buffer", ["U8", "BOOL", "I64"])
def test_buffers_are_left_out(buffer: str) -> None:
    found = claims({"counts": {"F16": 70_426_672.0, buffer: 25_165_824.0}})
    kept = {r["rejected"]: r["value"] for r in found.iter_rows(named=True)}
    assert kept == {None: 70_426_672, "buffers": 95_592_496}
    assert "25165824 elements of buffers" in found["note"].str.join(" ")[0]


def test_eight_bit_floats_are_one_parameter_each() -> None:
    counts = {"F8_E4M3": 6_979_321_856.0, "BF16": 1_050_939_392.0}
    assert accepted({"counts": counts, "quantisation_method": "fp8"})["value"] == PARAMETERS


@pytest.mark.parametrize(
    ("counts", "listing"),
    [
        (
            {"I32": LINEAR / 8, "F16": PARAMETERS - LINEAR + LINEAR / 128},
            {"quantisation_method": "awq", "quantisation_bits": 4.0},
        ),
        (
            {"U32": LINEAR / 8, "BF16": PARAMETERS - LINEAR + LINEAR / 32},
            {"tags": ["mlx", "4-bit"]},
        ),
        (
            {"U8": LINEAR * 33 / 64, "BF16": PARAMETERS - LINEAR},
            {"config": '{"quantization_config": {"load_in_4bit": true}}'},
        ),
        (
            {"I8": LINEAR, "F16": PARAMETERS - LINEAR},
            {"quantisation_method": "bitsandbytes", "quantisation_bits": 8.0},
        ),
        (
            {"I8": LINEAR, "F16": PARAMETERS - LINEAR},
            {"quantisation_method": "bitsandbytes"},
        ),
        (
            {"I32": LINEAR / 4, "F16": PARAMETERS - LINEAR + LINEAR / 128},
            {"quantisation_method": "gptq", "quantisation_bits": 8.0},
        ),
        (
            {"U32": LINEAR * 6 / 32, "BF16": PARAMETERS - LINEAR + LINEAR / 32},
            {"repo_id": "mlx-people/falco-6bit"},
        ),
        (
            {"U32": LINEAR / 8, "U8": LINEAR / 32, "BF16": PARAMETERS - LINEAR},
            {"repo_id": "mlx-people/falco-mxfp4"},
        ),
        (
            {"U8": LINEAR / 2, "F8_E4M3": LINEAR / 16, "BF16": PARAMETERS - LINEAR},
            {},
        ),
        (
            {"U8": LINEAR * 17 / 32, "BF16": PARAMETERS - LINEAR},
            {"quantisation_method": "mxfp4"},
        ),
        ({"U8": LINEAR / 4, "BF16": PARAMETERS - LINEAR}, {"quantisation_method": "bitnet"}),
        ({"U8": LINEAR * 33 / 64, "BF16": PARAMETERS - LINEAR}, {"repo_id": "a/falco-bnb-4bit"}),
    ],
    ids=[
        "awq",
        "mlx",
        "bitsandbytes",
        "eight bits",
        "eight bits by the container",
        "eight bits in wide words",
        "six bits by the name",
        "scales beside wide words",
        "scales as eight-bit floats",
        "scales as bytes",
        "ternary",
        "bitsandbytes by the name",
    ],
)
def test_packed_weights_are_unpacked(counts: dict[str, float], listing: dict[str, Any]) -> None:
    claim = accepted({"counts": counts, **listing})
    assert claim["value"] == pytest.approx(PARAMETERS, rel=0.02)


def test_packing_can_be_told_by_the_name_alone() -> None:
    counts = {"I32": LINEAR / 8, "F16": PARAMETERS - LINEAR}
    listing = {"repo_id": "someone/model-8B-GPTQ", "counts": counts}
    assert accepted(listing)["value"] == pytest.approx(PARAMETERS, rel=0.02)


def test_a_configuration_goes_before_packed_counts() -> None:
    counts = {"I8": LINEAR / 2 + LINEAR / 32, "BF16": PARAMETERS - LINEAR}
    found = claims({"counts": counts}, {"config.json": json.dumps(LLAMA_8B)})
    assert set(found["rejected"]) == {"packed_weights"}
    assert found["note"].str.contains("8030261248").any()


def test_an_unpacked_total_of_the_hub_is_taken() -> None:
    counts = {"I32": LINEAR / 8, "F16": PARAMETERS - LINEAR}
    listing = {"counts": counts, "safetensors_total": PARAMETERS, "quantisation_method": "gptq"}
    assert accepted(listing)["value"] == PARAMETERS


def test_an_absurd_total_is_set_aside() -> None:
    found = claims({"counts": {"BF16": 7.6e9}, "safetensors_total": 333_312.0})
    kept = {r["rejected"]: r["value"] for r in found.iter_rows(named=True)}
    assert kept == {None: 7.6e9, "implausible": 333_312}


def test_stored_masks_are_told_by_the_configuration() -> None:
    gpt2 = {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "n_embd": 768,
        "n_head": 12,
        "n_layer": 12,
        "n_positions": 1024,
        "vocab_size": 50257,
    }
    listing = {"counts": {"F32": 137_022_720.0}, "model_type": "gpt2"}
    found = claims(listing, {"config.json": json.dumps(gpt2)})
    kept = found.filter(pl.col("rejected").is_null())["value"][0]
    assert kept == pytest.approx(124_439_808, rel=1e-6)


def test_adapters_claim_what_they_train() -> None:
    found = claims({"counts": {"F32": 4_194_304.0}, "library_name": "peft"})
    assert found["quantity"].cast(pl.String).to_list() == ["parameters_trainable"]


def test_one_part_of_a_pipeline_is_a_lower_bound() -> None:
    claim = accepted({"counts": {"F16": 859_520_964.0}, "library_name": "diffusers"})
    assert claim["bound"] == "at_least"


INDEX = '{"metadata": {"total_size": 16060522496}, "weight_map": {"lm_head.weight": "a"}}'


@pytest.mark.parametrize(("dtype", "size"), [("float16", 2), ("bfloat16", 4), ("float32", 2)])
def test_bytes_divide_by_the_stored_width(dtype: str, size: int) -> None:
    """Whatever precision the configuration names, its arithmetic tells the stored width."""
    index = json.dumps({"metadata": {"total_size": PARAMETERS * size}})
    stated = json.dumps({**LLAMA_8B, "torch_dtype": dtype})
    found = claims({}, {"model.safetensors.index.json": index, "config.json": stated})
    assert found["value"].to_list() == [PARAMETERS]
    assert f"stored width of {size} bytes" in found["note"][0]


def test_bytes_alone_give_a_range() -> None:
    claim = accepted({}, {"model.safetensors.index.json": INDEX})
    assert (claim["low"], claim["value"], claim["high"]) == (4015130624, 8030261248, 16060522496)


def test_several_formats_are_never_added_up() -> None:
    files = {"model.safetensors.index.json": INDEX, "pytorch_model.bin.index.json": INDEX}
    found = claims({}, files)
    assert found["value"].to_list() == [8030261248, 8030261248]
    assert found["file"].n_unique() == 2


def test_a_stated_count_is_checked_against_the_bytes() -> None:
    index = json.dumps({"metadata": {"total_size": 15.2e9, "total_parameters": 333_312}})
    found = claims({}, {"model.safetensors.index.json": index})
    wrong = found.filter(pl.col("quote") == "total_parameters=333312")
    assert wrong["rejected"].to_list() == ["implausible"]


def test_two_documents_in_one_index_read_as_the_first() -> None:
    assert accepted({}, {"model.safetensors.index.json": INDEX + INDEX})["value"] == 8030261248


def test_prediction_layers_in_an_index_are_named() -> None:
    index = INDEX.replace("lm_head.weight", "mtp.layers.0.weight")
    note = accepted({}, {"model.safetensors.index.json": index})["note"]
    assert "multi-token-prediction" in note


@pytest.mark.skipif(not EVAL.is_dir(), reason="no labelled repositories beside")
def test_the_malformed_index_of_a_real_model_is_read() -> None:
    path = EVAL / "bigscience/bloom/model.safetensors.index.json"
    config = (EVAL / "bigscience/bloom/config.json").read_text(encoding="utf-8")
    files = {path.name: path.read_text(encoding="utf-8"), "config.json": config}
    assert accepted({}, files)["value"] == 176_247_271_424


sizes = st.none() | st.floats(allow_nan=True) | st.integers(-(10**20), 10**20).map(float)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(["F16", "U8", "I32", "BOOL", "?", ""]), sizes, max_size=4),
    sizes,
    sizes,
    st.text(max_size=30),
)
def test_any_listing_is_read_without_error(
    counts: dict[str, float | None], total: float | None, bits: float | None, text: str
) -> None:
    listing = {
        "safetensors_by_dtype": [{"dtype": k, "count": v} for k, v in counts.items()],
        "safetensors_total": total,
        "quantisation_bits": bits,
    }
    found = claims(listing, {"model.safetensors.index.json": text, "config.json": text})
    kept = found.filter(pl.col("rejected").is_null())
    assert kept["value"].is_finite().all()
    assert (kept["value"] > 0).all()

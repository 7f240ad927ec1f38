"""Parameters of published models from the sizes their configurations state."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpai_scan import schema
from gpai_scan.evidence import config
from gpai_scan.evidence.configs import families
from gpai_scan.evidence.configs.decode import decode
from gpai_scan.evidence.configs.keys import keys
from gpai_scan.sources import Raw


def raw(files: dict[str, str], repo: str = "a/b") -> Raw:
    rows = [
        {"repo_id": repo, "path": path, "text": text, "status": "ok"}
        for path, text in files.items()
    ]
    documents = schema.DOCUMENTS.conform(pl.LazyFrame(rows))
    return Raw(schema.REPOSITORIES.empty().lazy(), documents, schema.PROBLEMS.empty().lazy())


def claims(*configs: object, path: str = "config.json") -> pl.DataFrame:
    texts = [c if isinstance(c, str) else json.dumps(c) for c in configs]
    return config.evidence(raw({path: texts[0]})).collect()


def value(stated: object, quantity: str = "parameters_total", column: str = "value") -> Any:  # noqa: ANN401
    found = claims(stated).filter(
        pl.col("quantity") == quantity, pl.col("rejected").is_null(), pl.col("subject").is_null()
    )
    return found[column][0] if found.height else None


LLAMA_8B = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 32,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}

# Counts of the tensors of published checkpoints, with the sizes their configurations state.
PUBLISHED: dict[str, tuple[dict[str, Any], float]] = {
    "dense with grouped queries": (LLAMA_8B, 8_030_261_248),
    "multi-query attention": (
        {
            "model_type": "falcon",
            "architectures": ["FalconForCausalLM"],
            "hidden_size": 4544,
            "num_attention_heads": 71,
            "num_hidden_layers": 32,
            "multi_query": True,
            "new_decoder_architecture": False,
            "parallel_attn": True,
            "bias": False,
            "vocab_size": 65024,
        },
        6_921_720_704,
    ),
    "learned positions": (
        {
            "model_type": "gpt2",
            "architectures": ["GPT2LMHeadModel"],
            "n_embd": 768,
            "n_head": 12,
            "n_layer": 12,
            "n_positions": 1024,
            "vocab_size": 50257,
        },
        124_439_808,
    ),
    "positions with an offset": (
        {
            "model_type": "opt",
            "architectures": ["OPTForCausalLM"],
            "hidden_size": 2048,
            "ffn_dim": 8192,
            "num_attention_heads": 32,
            "num_hidden_layers": 24,
            "max_position_embeddings": 2048,
            "vocab_size": 50272,
            "word_embed_proj_dim": 2048,
        },
        1_315_758_080,
    ),
    "experts in every layer": (
        {
            "model_type": "mixtral",
            "architectures": ["MixtralForCausalLM"],
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "num_hidden_layers": 32,
            "num_local_experts": 8,
            "num_experts_per_tok": 2,
            "vocab_size": 32000,
            "tie_word_embeddings": False,
        },
        46_702_792_704,
    ),
    "encoder with a masked head": (
        {
            "model_type": "bert",
            "architectures": ["BertForMaskedLM"],
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_attention_heads": 12,
            "num_hidden_layers": 12,
            "max_position_embeddings": 512,
            "type_vocab_size": 2,
            "vocab_size": 30522,
        },
        109_514_298,
    ),
    "encoder and decoder": (
        {
            "model_type": "t5",
            "architectures": ["T5ForConditionalGeneration"],
            "d_model": 512,
            "d_ff": 2048,
            "d_kv": 64,
            "num_heads": 8,
            "num_layers": 6,
            "num_decoder_layers": 6,
            "relative_attention_num_buckets": 32,
            "vocab_size": 32128,
        },
        60_506_624,
    ),
    "shared layers": (
        {
            "model_type": "albert",
            "architectures": ["AlbertForMaskedLM"],
            "embedding_size": 128,
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_attention_heads": 12,
            "num_hidden_layers": 12,
            "num_hidden_groups": 1,
            "max_position_embeddings": 512,
            "type_vocab_size": 2,
            "vocab_size": 30000,
        },
        11_221_680,
    ),
    "state space": (
        {
            "model_type": "mamba",
            "architectures": ["MambaForCausalLM"],
            "hidden_size": 2560,
            "num_hidden_layers": 64,
            "state_size": 16,
            "expand": 2,
            "conv_kernel": 4,
            "time_step_rank": 160,
            "vocab_size": 50280,
        },
        2_768_345_600,
    ),
    "speech": (
        {
            "model_type": "whisper",
            "architectures": ["WhisperForConditionalGeneration"],
            "d_model": 1280,
            "encoder_layers": 32,
            "decoder_layers": 32,
            "encoder_attention_heads": 20,
            "decoder_attention_heads": 20,
            "encoder_ffn_dim": 5120,
            "decoder_ffn_dim": 5120,
            "max_source_positions": 1500,
            "max_target_positions": 448,
            "num_mel_bins": 128,
            "vocab_size": 51866,
        },
        1_543_490_560,
    ),
}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_counts_agree_with_published_checkpoints(kind: str) -> None:
    stated, published = PUBLISHED[kind]
    assert value(stated) == pytest.approx(published, rel=2e-3)
    found = claims(stated).filter(pl.col("quantity") == "parameters_total")
    assert found["method"].cast(pl.String).to_list() == ["config"]


def test_a_generic_count_says_so_and_is_wider() -> None:
    unknown = {**LLAMA_8B, "model_type": "nobody_knows", "architectures": ["NobodyForCausalLM"]}
    claim = claims(unknown).filter(pl.col("quantity") == "parameters_total").row(0, named=True)
    assert claim["method"] == "config_generic"
    assert claim["low"] < claim["value"] / 1.2 < claim["value"] * 1.2 < claim["high"]
    assert "unknown architecture nobody_knows" in claim["note"]
    assert claim["value"] == pytest.approx(8_030_261_248, rel=0.01)


def test_a_known_class_speaks_for_an_unknown_type() -> None:
    renamed = {**LLAMA_8B, "model_type": "our_own_name"}
    claim = claims(renamed).filter(pl.col("quantity") == "parameters_total").row(0, named=True)
    assert (claim["method"], claim["value"]) == ("config", 8_030_261_248)


@pytest.mark.parametrize(
    "experts",
    ["n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts"],
)
def test_experts_have_four_spellings(experts: str) -> None:
    stated = {**LLAMA_8B, experts: 16, "num_experts_per_tok": 2, "moe_intermediate_size": 1024}
    stated.update(model_type="whatever", architectures=["WhateverForCausalLM"])
    one = 3 * 4096 * 1024 * 32
    total, active = value(stated), value(stated, "parameters_active")
    assert total - active == pytest.approx(14 * one)


def test_dense_layers_come_first() -> None:
    stated = {
        **PUBLISHED["experts in every layer"][0],
        "model_type": "qwen3_moe",
        "architectures": ["Qwen3MoeForCausalLM"],
        "num_experts": 64,
        "moe_intermediate_size": 1024,
        "mlp_only_layers": [0, 1],
        "decoder_sparse_step": 1,
    }
    sparse_everywhere = value({**stated, "mlp_only_layers": []})
    layer = 64 * 3 * 4096 * 1024 + 64 * 4096 - 3 * 4096 * 14336
    assert sparse_everywhere - value(stated) == pytest.approx(2 * layer)


def test_dense_models_claim_no_active_parameters() -> None:
    assert value(LLAMA_8B, "parameters_active") is None


def test_prediction_layers_widen_the_range_and_are_named() -> None:
    stated = {
        "model_type": "deepseek_v3",
        "architectures": ["DeepseekV3ForCausalLM"],
        "hidden_size": 7168,
        "intermediate_size": 18432,
        "moe_intermediate_size": 2048,
        "num_attention_heads": 128,
        "num_hidden_layers": 61,
        "n_routed_experts": 256,
        "n_shared_experts": 1,
        "num_experts_per_tok": 8,
        "first_k_dense_replace": 3,
        "moe_layer_freq": 1,
        "kv_lora_rank": 512,
        "q_lora_rank": 1536,
        "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64,
        "v_head_dim": 128,
        "num_nextn_predict_layers": 1,
        "vocab_size": 129280,
        "tie_word_embeddings": False,
    }
    claim = claims(stated).filter(pl.col("quantity") == "parameters_total").row(0, named=True)
    assert claim["value"] == pytest.approx(671_026_404_352, rel=1e-4)
    assert claim["high"] > claim["value"] + 1e10
    assert "multi-token-prediction" in claim["note"]
    assert value(stated, "parameters_active") == pytest.approx(37.55e9, rel=0.01)


def test_a_layer_pattern_counts_each_kind() -> None:
    stated = {
        "model_type": "nemotron_h",
        "architectures": ["NemotronHForCausalLM"],
        "hidden_size": 4096,
        "intermediate_size": 21504,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "hybrid_override_pattern": "M-M*-",
        "num_hidden_layers": 5,
        "mamba_num_heads": 128,
        "mamba_head_dim": 64,
        "n_groups": 8,
        "ssm_state_size": 128,
        "conv_kernel": 4,
        "vocab_size": 131072,
        "tie_word_embeddings": False,
    }
    without = value({**stated, "hybrid_override_pattern": "M-M-", "num_hidden_layers": 4})
    attention = 2 * 4096 * (4096 + 1024) + 4096
    assert value(stated) - without == pytest.approx(attention)


def test_listed_layers_add_up() -> None:
    block = {
        "attention": {"n_heads_in_group": 4, "no_op": False},
        "ffn": {"ffn_mult": 5.25, "no_op": False},
    }
    none = {"attention": {"no_op": True}, "ffn": {"no_op": True}}
    stated = {**LLAMA_8B, "model_type": "nemotron-nas", "architectures": ["DeciLMForCausalLM"]}
    del stated["num_key_value_heads"], stated["intermediate_size"]
    full = value({**stated, "block_configs": [block] * 32})
    half = value({**stated, "block_configs": [block, none] * 16})
    assert full == pytest.approx(8_030_261_248, rel=0.001)
    assert full - half == pytest.approx(16 * (full - 2 * 128256 * 4096) / 32, rel=0.001)


def test_towers_are_added_and_named() -> None:
    tower = {"model_type": "clip_vision_model"}
    stated = {
        "model_type": "llava",
        "architectures": ["LlavaForConditionalGeneration"],
        "text_config": {k: v for k, v in LLAMA_8B.items() if k != "architectures"},
        "vision_config": {
            **tower,
            "hidden_size": 1024,
            "intermediate_size": 4096,
            "num_attention_heads": 16,
            "num_hidden_layers": 24,
            "image_size": 336,
            "patch_size": 14,
        },
    }
    total = value(stated)
    assert total == pytest.approx(8_030_261_248 + 303.5e6 + 21e6, rel=0.002)
    assert "vision_config" in value(stated, column="note")


def test_copies_share_a_fingerprint() -> None:
    copy = {
        **LLAMA_8B,
        "torch_dtype": "float16",
        "_name_or_path": "meta-llama/Meta-Llama-3-8B",
        "quantization_config": {"quant_method": "awq", "bits": 4},
    }
    fingerprint = value(LLAMA_8B, "shape_fingerprint", "text")
    assert value(copy, "shape_fingerprint", "text") == fingerprint
    assert value({**copy, "hidden_size": 5120}, "shape_fingerprint", "text") != fingerprint
    assert value(copy, "base_model", "text") == "meta-llama/Meta-Llama-3-8B"
    assert value(copy) == value(LLAMA_8B)


@pytest.mark.parametrize("path", ["/data/llama", "./x/y", "output/checkpoint-5", "llama", "", 3])
def test_a_local_path_is_no_base(path: object) -> None:
    assert value({**LLAMA_8B, "_name_or_path": path}, "base_model", "text") is None


def test_claims_say_where_they_were_read() -> None:
    claim = claims(LLAMA_8B).filter(pl.col("quantity") == "parameters_total").row(0, named=True)
    assert claim["file"] == "config.json"
    assert claim["quote"].startswith("hidden_size=4096, num_hidden_layers=32, num_attention_heads")
    small = claims(PUBLISHED["learned positions"][0])["quote"].drop_nulls()
    assert "n_embd=768, n_layer=12, n_head=12, vocab_size=50257" in small.to_list()
    assert value(LLAMA_8B, "attention_width") == 4096
    assert value(LLAMA_8B, "context_length") == 8192
    assert value(LLAMA_8B, "precision", "text") == "bfloat16"


OWN_FORMAT: list[tuple[dict[str, Any], float]] = [
    (
        {"dim": 4096, "n_layers": 32, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 128256}
        | {"multiple_of": 1024, "ffn_dim_multiplier": 1.3, "norm_eps": 1e-05},
        8_030_261_248,
    ),
    (
        {"dim": 4096, "n_layers": 32, "head_dim": 128, "hidden_dim": 14336, "n_heads": 32}
        | {"n_kv_heads": 8, "norm_eps": 1e-05, "vocab_size": 32000},
        7_241_732_096,
    ),
]


@pytest.mark.parametrize(("stated", "published"), OWN_FORMAT, ids=["rounded", "stated"])
def test_the_makers_own_format_stands_in(stated: dict[str, Any], published: float) -> None:
    found = claims(stated, path="original/params.json")
    total = found.filter(pl.col("quantity") == "parameters_total").row(0, named=True)
    assert (total["value"], total["subject"]) == (published, None)
    both = {"params.json": json.dumps(stated), "config.json": json.dumps(LLAMA_8B)}
    read = config.evidence(raw(both)).collect()
    assert read["file"].unique().to_list() == ["config.json"]


PIPELINE = {
    "model_index.json": json.dumps(
        {
            "_class_name": "StableDiffusionPipeline",
            "unet": ["diffusers", "UNet2DConditionModel"],
            "vae": ["diffusers", "AutoencoderKL"],
            "text_encoder": ["transformers", "CLIPTextModel"],
            "scheduler": ["diffusers", "PNDMScheduler"],
            "safety_checker": [None, None],
        }
    ),
    "unet/config.json": json.dumps(
        {
            "_class_name": "UNet2DConditionModel",
            "block_out_channels": [320, 640, 1280, 1280],
            "cross_attention_dim": 768,
            "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
            "in_channels": 4,
            "layers_per_block": 2,
            "out_channels": 4,
        }
    ),
    "vae/config.json": json.dumps(
        {
            "_class_name": "AutoencoderKL",
            "block_out_channels": [128, 256, 512, 512],
            "in_channels": 3,
            "latent_channels": 4,
            "layers_per_block": 2,
            "out_channels": 3,
        }
    ),
}


def test_a_pipeline_is_the_sum_of_its_parts_and_trains_its_denoiser() -> None:
    found = config.evidence(raw(PIPELINE)).collect()
    total = found.filter(pl.col("quantity") == "parameters_total")
    by_subject = {s: v for s, v in total.select("subject", "value").iter_rows()}
    assert by_subject == {"unet": 859_520_964, "vae": 83_653_863, None: 943_174_827}
    whole = total.filter(pl.col("subject").is_null()).row(0, named=True)
    assert whole["bound"] == "at_least"
    assert "without text_encoder" in whole["note"]
    active = found.filter(pl.col("quantity") == "parameters_active").row(0, named=True)
    assert (active["value"], active["subject"]) == (859_520_964, None)


def test_sizes_repeated_at_the_root_count_once() -> None:
    below = {"model_type": "qwen2_5_vl", "text_config": LLAMA_8B | {"model_type": "llama"}}
    assert value({**LLAMA_8B, **below}) == value(below)


def test_a_tower_without_its_text_is_a_lower_bound() -> None:
    tower = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24}
    tower |= {"num_attention_heads": 16, "image_size": 336, "patch_size": 14}
    stated = {"model_type": "unheard_of", "vision_config": tower, "speech": {"hidden_size": 9}}
    assert value(stated, column="bound") == "at_least"


def test_a_text_model_beside_an_encoder_of_unknown_build_is_a_lower_bound() -> None:
    stated = {"model_type": "never_met", "text_config": LLAMA_8B}
    assert value(stated, column="bound") == "equal"
    unread = {"vision_config": {"model_type": "never_met_encoder", "stages": [1, 2]}}
    assert value({**stated, **unread}, column="bound") == "at_least"


def test_an_image_encoder_may_only_be_named() -> None:
    named = {**LLAMA_8B, "mm_vision_tower": "./checkpoints/clip-vit-large-patch14-336"}
    projection = 1024 * 4096 + 4096**2 + 2 * 4096
    assert value(named) == 8_030_261_248 + 303_507_456 + projection
    assert value(named, column="low") == 8_030_261_248


def test_a_container_with_the_sizes_of_its_text_at_the_root_is_that_text() -> None:
    sizes = {k: v for k, v in LLAMA_8B.items() if k not in ("model_type", "architectures")}
    assert value({"model_type": "llava", **sizes}) == 8_030_261_248


def test_experts_of_a_token_are_two_where_nothing_is_said() -> None:
    moe = {**LLAMA_8B, "num_local_experts": 8}
    said = value({**moe, "num_experts_per_tok": 2}, "parameters_active")
    assert value(moe, "parameters_active") == said > 8_030_261_248


def test_numbers_may_be_written_as_text() -> None:
    stated = {**LLAMA_8B, "hidden_size": "4096", "num_hidden_layers": " 32 "}
    assert value(stated) == 8_030_261_248


def test_two_documents_in_one_file_read_as_the_first() -> None:
    assert value(json.dumps(LLAMA_8B) + "\n" + json.dumps(PUBLISHED["speech"][0])) == 8_030_261_248


NONSENSE = [
    "",
    "{",
    "[]",
    "null",
    '"hidden_size"',
    "\x00\x01",
    "[" * 100_000,
    '{"text_config":' * 20_000,
    '{"hidden_size": NaN, "num_hidden_layers": Infinity}',
    '{"hidden_size": 1e999, "num_hidden_layers": 2}',
    '{"hidden_size": ' + "9" * 400 + ', "num_hidden_layers": 2, "vocab_size": 5}',
    '{"hidden_size": null, "num_hidden_layers": null}',
    '{"hidden_size": [], "num_hidden_layers": {}}',
    '{"hidden_size": {"a": [null]}, "text_config": [1], "vision_config": "x"}',
    '{"model_type": 4, "architectures": [null, 3], "hidden_size": true}',
    '{"block_out_channels": [null], "_class_name": "UNet2DConditionModel"}',
    '{"layer_types": [[[]]], "hidden_size": 8, "num_hidden_layers": 0}',
    '{"block_configs": [{"attention": 5}, null, {"ffn": {"ffn_mult": "x"}}]}',
]


@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_claims_no_parameters(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_size": -4096},
        {"num_hidden_layers": -32},
        {"num_hidden_layers": 1e9},
        {"hidden_size": 1e12},
        {"vocab_size": 1e14},
        {"vocab_size": -5},
    ],
)
def test_impossible_sizes_are_rejected(wrong: dict[str, float]) -> None:
    found = claims({**LLAMA_8B, **wrong}).filter(pl.col("quantity") == "parameters_total")
    assert set(found["rejected"]) <= {"implausible"}
    assert value({**LLAMA_8B, **wrong}, "layers") is None


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
spellings = st.sampled_from(sorted({s for key in keys() for s in key.spellings}))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(spellings, anything, max_size=12), max_size=4))
def test_any_values_are_read_without_error(stated: list[dict[str, Any]]) -> None:
    files = {f"{n}/config.json": json.dumps(each) for n, each in enumerate(stated)}
    files["config.json"] = json.dumps(stated[0]) if stated else ""
    found = config.evidence(raw(files)).collect()
    assert found.schema == schema.EVIDENCE.schema
    kept = found.filter(pl.col("rejected").is_null() & pl.col("value").is_not_null())
    assert kept["value"].is_finite().all()
    assert (kept["value"] > 0).all()


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_any_text_decodes(text: str) -> None:
    assert decode([text, None]).height <= 1


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["hidden_size", "intermediate_size", "num_hidden_layers", "vocab_size"]),
    st.integers(1, 6),
)
def test_more_of_anything_is_more_parameters(key: str, factor: int) -> None:
    larger = {**LLAMA_8B, key: LLAMA_8B[key] * (factor + 1)}  # type: ignore[operator]
    assert value(larger) > value(LLAMA_8B)


def test_order_and_neighbours_change_nothing() -> None:
    texts = [json.dumps(stated) for stated, _ in PUBLISHED.values()]

    def totals(order: list[str]) -> dict[str, float]:
        rows = [
            {"repo_id": f"a/{n}", "path": "config.json", "text": t, "status": "ok"}
            for n, t in enumerate(order)
        ]
        documents = schema.DOCUMENTS.conform(pl.LazyFrame(rows))
        whole = Raw(schema.REPOSITORIES.empty().lazy(), documents, schema.PROBLEMS.empty().lazy())
        found = config.evidence(whole).collect().filter(pl.col("quantity") == "parameters_total")
        return {order[int(r[2:])]: v for r, v in found.select("repo_id", "value").iter_rows()}

    assert totals(texts) == totals(texts[::-1])
    assert totals(texts)[texts[0]] == value(texts[0])


def test_every_type_belongs_to_one_family() -> None:
    table = families.table()
    assert table["kind"].is_unique().all()
    known = {"decoder", "encoder_decoder", "vision", "audio", "unet", "autoencoder", ""}
    assert set(table["arithmetic"]) <= known | {"diffusion_transformer", "fixed"}


def test_spellings_belong_to_one_quantity() -> None:
    listed = [s for key in keys() for s in key.spellings]
    assert len(listed) == len(set(listed))

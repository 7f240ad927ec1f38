"""Hostile input that is well formed: values exchanged in sound documents, sentences put together.

Flipped bits mostly break the syntax, and what is broken is refused early. What is exchanged here
reaches the readers: a figure of another kind or size, a key twice, a list where a name should be,
a card of sentences and tables with absurd figures in them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

EVIDENCE: Final = Path(__file__).parents[1] / "evidence"
SAMPLE: Final = Path(__file__).parents[2] / "data/sample"
_SAMPLED: Final = {
    "config": "config.json",
    "component": "*/config.json",
    "model_index": "model_index.json",
    "info": "model_info.json",
}
"""Files of the sample that show the shape of a kind."""


class Written(str):
    """JSON text that stands for itself."""


SCALARS: Final[tuple[Any, ...]] = (
    *(Written(text) for text in ("1e999", "-1e999", "NaN", "1" + "0" * 400, "-0.0", "1e-400")),
    *(0, -1, 1, 2, 3, 0.5, 1.5, -7.25, 1e15, 1e17, 1e18, 1e300, 2**31, 2**53 + 1, 2**63, -(2**63)),
    *(
        True,
        False,
        None,
        "",
        " ",
        [],
        {},
        [[]],
        [None],
        [0],
        [1, "a", None, {}],
        {"": 1},
        {"a": []},
    ),
    *(
        "4096",
        "1e999",
        "NaN",
        "auto",
        "7B",
        "../../x",
        "a/b",
        "a\0b",
        "\u202e7B",
        "١٢٣",
        "x" * 3000,
    ),
    *("'; drop table estimates; --", "<b>", "%s", "no", "null", "-", "=1+1", "a/b/c", "\ud800"),
)
"""What a value is exchanged for."""

_NUMBERS: Final = (
    *("0", "-3", "1", "7.1", "1.4", "15", "2,000", "1.500,5", "1e3", "1e40", "10^40", "1e999"),
    *(
        "1" + "0" * 40,
        "9" * 400,
        "1.5.5",
        "½",
        "٣٫٥",
        "１２３",
        "五百",
        "two",
        "about 3",
        "3-5",
        "3±1",
    ),
    *(
        "5 to 3",
        "1/0",
        "0x10",
        "1_000",
        "NaN",
        "∞",
        "~2",
        "<1",
        ">10",
        "+4",
        "1.4e",
        "e5",
        "2×10^12",
    ),
)
_UNITS: Final = (
    *(
        "",
        "B",
        "T",
        "M",
        "K",
        " trillion",
        " billion",
        " million",
        " quadrillion",
        "bn",
        " 万亿",
        "%",
    ),
    *(" 億", " Mrd.", " billones", "GB", " PFLOP/s-days", " exaFLOP", " days", " epochs", " steps"),
)
_NOUNS: Final = (
    *(
        " tokens",
        " parameters",
        " GPU hours",
        " A100 GPUs",
        " H100 hours",
        " FLOPs",
        " TPU v4 chips",
    ),
    *(" samples", " active parameters", " tokens per step", " batch size", " words", " images", ""),
)
_FRAMES: Final = (
    *("The model was trained on {}.", "It has {} and {}.", "Trained for {} on {}.", "- **{}**: {}"),
    *("| {} | {} |\n|---|---|\n| {} | {} |", "{} of {} over {}", "> {}\n> {}", "## {}\n\n{}"),
    *(
        "<table><tr><td>{}</td><td rowspan=3>{}</td></tr></table>",
        "`{}`",
        "```\n{}\n```",
        "({}) {}",
    ),
    *(
        "该模型使用 {} 训练，参数量为 {}。",
        "Training compute: {}.",
        "{} → {}",
        "[{}](x) {}",
        "* {}: {}",
    ),
    *(
        "global batch of {} for {}",
        "{}x{}",
        "{}×{} = {}",
        "| Model | {} |\n|:-:|--:|\n| a/b | {} |",
    ),
)


_ADAPTER: Final = {
    "peft_type": "LORA", "r": 16, "target_modules": ["q_proj", "v_proj", "x.gate_proj"],
    "base_model_name_or_path": "lab/base-7b", "lora_alpha": 32, "modules_to_save": ["lm_head"],
    "task_type": "CAUSAL_LM", "num_virtual_tokens": 20,
}  # fmt: skip
_FRONT: Final = {
    "license": "other", "license_name": "own", "language": ["en", "no"], "tags": ["a", "moe"],
    "base_model": ["lab/base-7b"], "base_model_relation": "merge", "pipeline_tag": "text",
    "datasets": ["lab/data"], "co2_eq_emissions": {"emissions": 12.5, "hardware_used": "A100"},
    "model-index": [{"name": "x", "results": [{"task": {"type": "t"}, "metrics": [{"v": 1}]}]}],
}  # fmt: skip
_ITEM: Final = {
    "_id": "650b0fc00000000000002710", "id": "lab/model-7b", "sha": "e" * 40, "likes": 3,
    "createdAt": "2024-01-01T00:00:00.000Z", "lastModified": "2024-02-01T00:00:00.000Z",
    "gated": False, "private": False, "downloads": 5, "library_name": "transformers",
    "tags": ["base_model:finetune:lab/base", "license:mit"], "cardData": _FRONT,
    "config": {"architectures": ["LlamaForCausalLM"], "model_type": "llama",
               "quantization_config": {"quant_method": "gptq", "bits": 4}},
    "baseModels": {"relation": "finetune", "models": [{"_id": "1", "id": "lab/base"}]},
    "siblings": [{"rfilename": "README.md"}, {"rfilename": "model.safetensors"}],
}  # fmt: skip
_TENSORS: Final = [
    {"parameters": {"BF16": 7000000000, "U8": 5, "I64": 12}, "total": 7000000017},
    {"parameters": {"I32": 800000000, "F16": 500000000, "F8_E4M3": 9}, "total": 1300000009},
    {"parameters": {"U8": 3500000000, "F32": 20000000, "BOOL": 4}, "total": 3520000004},
    {"total": 6738415616},
]
_HEADER: Final = {"total": 7241732096, "architecture": "llama", "context_length": 32768,
          "totalFileSize": 4368439552, "causal": True, "bos_token": "<s>"}  # fmt: skip
_SCOPE: Final = {
    "id": "lab/model-7b", "created_at": 1.7e9, "last_modified": "2024-01-01T00:00:00Z",
    "gated": False, "private": False, "downloads": 4, "likes": 1, "params": 7e9,
    "tags": ["library:transformers"], "tasks": ["text-generation"], "license": "mit",
}  # fmt: skip
_LAYERS: Final = {
    f"model.layers.{i}.w": f"model-0000{i % 3}-of-00003.safetensors" for i in range(9)
}
_SHAPES: Final[dict[str, list[Any]]] = {
    "params": [{"dim": 4096, "n_layers": 32, "n_heads": 32, "n_kv_heads": 8, "multiple_of": 256,
                "vocab_size": 32000, "ffn_dim_multiplier": 1.3, "moe": {"num_experts": 8}}],
    "adapter": [_ADAPTER, {**_ADAPTER, "target_modules": "all-linear"},
                {**_ADAPTER, "peft_type": "PREFIX_TUNING", "target_modules": r".*\.(q|k)_proj"}],
    "index": [{"metadata": {"total_size": 14483464192, "total_parameters": 7241732096},
               "weight_map": _LAYERS}],
    "model_index": [{"_class_name": "P", "unet": ["diffusers", "UNet2DConditionModel"],
                     "vae": ["diffusers", "AutoencoderKL"], "scheduler": [None, None]}],
    "front_matter": [_FRONT],
    "merge": [{"merge_method": "slerp", "base_model": {"model": {"path": "a/b"}}, "slices": [
        {"sources": [{"model": "a/b", "layer_range": [0, 32]}, {"model": "c/d+e/f"}]}],
        "models": [{"model": "a/b", "parameters": {"weight": 0.5}}]}],
    "page": [[_ITEM, {**_ITEM, "id": "lab/other"}], [{"id": "lab/bare"}]],
    "safetensors": [{**_ITEM, "safetensors": one} for one in _TENSORS],
    "gguf": [{**_ITEM, "gguf": _HEADER}, {"id": "lab/only-GGUF", "gguf": _HEADER}],
    "modelscope": [{"success": True, "data": {"models": [_SCOPE], "total_count": 1}}],
}  # fmt: skip


def known(kind: str) -> list[Any]:
    """Sound values of a kind, in the shape its files have; none of cards and rules."""
    found = list(_SHAPES.get(kind, []))
    if kind == "config":
        lines = (EVIDENCE / "published_configs.jsonl").read_text(encoding="utf-8").splitlines()
        found += [json.loads(line)["stated"] for line in lines]
    if pattern := _SAMPLED.get(kind):
        files = sorted(SAMPLE.glob(f"*/*/{pattern}"))
        found += [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return found


def document(chance: random.Random, kind: str, values: Sequence[Any]) -> bytes:
    """One sound document of a kind with some of its values exchanged."""
    value = chance.choice(values)
    focus = kind if kind in ("safetensors", "gguf") else None
    for _ in range(1 + int(chance.expovariate(0.7))):
        value = vary(chance, value, focus)
    text = write(value)
    if kind == "front_matter":
        text = f"---\n{text}\n---\n# Card\n"
    return text.encode("utf-8", "replace")


def vary(chance: random.Random, value: Any, focus: str | None = None) -> Any:  # noqa: ANN401
    """The value with one of its parts exchanged, dropped, repeated or under another key.

    Where `focus` is a key of an object, only what stands below that key is changed.
    """
    if isinstance(value, dict) and value:
        key = focus if focus in value else chance.choice(list(value))
        if focus in value or (value[key] not in ({}, []) and chance.random() < 0.75):
            return {**value, key: vary(chance, value[key])}
        changed = dict(value)
        what = changed.pop(key)
        match chance.randrange(4):
            case 0:
                return changed
            case 1:
                return {**changed, chance.choice(list(value)): what}
            case 2:
                return {**value, str(chance.choice(SCALARS)): chance.choice(SCALARS)}
            case _:
                return {**value, key: chance.choice(SCALARS)}
    if isinstance(value, list) and value:
        at = chance.randrange(len(value))
        if focus is not None or chance.random() < 0.75:
            return [*value[:at], vary(chance, value[at], focus), *value[at + 1 :]]
        return value[:at] + value[at:] * chance.randrange(4)
    if isinstance(value, int | float) and not isinstance(value, bool) and chance.random() < 0.4:
        return value * 10 ** chance.randrange(-12, 20) * chance.choice((1, 1, -1))
    return chance.choice(SCALARS)


def write(value: Any) -> str:  # noqa: ANN401
    """JSON text, also of what JSON has no word for."""
    if isinstance(value, Written):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {write(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write, value)) + "]"
    return json.dumps(value)


def wordings() -> list[str]:
    """Sentences of cards the readers understand."""
    lines = (EVIDENCE / "card_wordings.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def card(chance: random.Random, sentences: Sequence[str]) -> bytes:
    """A card of sound sentences, some with another figure, and of sentences put together."""
    parts = []
    for _ in range(1 + int(chance.expovariate(0.4))):
        if chance.random() < 0.4:
            words = chance.choice(sentences).split(" ")
            for _ in range(chance.randrange(3)):
                words[chance.randrange(len(words))] = _amount(chance)
            parts.append(" ".join(words))
        else:
            frame = chance.choice(_FRAMES)
            parts.append(frame.format(*(_amount(chance) for _ in range(frame.count("{}")))))
    text = chance.choice(("\n\n", "\n\n", "\n", " ")).join(parts)
    return f"# model-7b\n\n{text}\n".encode("utf-8", "replace")


def _amount(chance: random.Random) -> str:
    return chance.choice(_NUMBERS) + chance.choice(_UNITS) + chance.choice(_NOUNS)


_TOML: Final = (
    *(
        "1e999",
        "-1e23",
        "nan",
        "inf",
        "0",
        "-0.0",
        "1e-400",
        "9" * 400,
        "9223372036854775808",
        "0x10",
    ),
    *(
        "true",
        "[]",
        "{}",
        '""',
        '["text"]',
        "[1, [2, []]]",
        "[nan]",
        "[1e22, -1, inf]",
        "2024-02-30",
    ),
    *('"1/3 of own.a"', '"1/3 of eu-guidelines-final.gpai"', '"../../x"', '"training_compute"'),
    *('">="', '"within"', '"derivative"', '"a\\u0000b"', '"\\u202ex"', "1979-05-27", "{a = 1}"),
)
_WORDS: Final = (
    *("training_compute", "likes", "parameters_total", "outputs", "derivatives", "text", "licence"),
    *(
        "and",
        "or",
        "not",
        "(",
        ")",
        ">",
        ">=",
        "<",
        "<=",
        "=",
        "!=",
        "has",
        "in",
        "is",
        "of",
        "1/3",
    ),
    *("1e23", "1e999", "-1", "0", "nan", "9" * 400, "eu-guidelines-final.gpai", "systemic", "'a'"),
    *(
        '"',
        ",",
        "1/0",
        "\u0000",
        "\u202e",
        "x" * 900,
        "٣",
        "%",
        "$id",
        ";",
        "--",
        "direct",
        "cumulative",
    ),
)


def rule(chance: random.Random, sets: Sequence[str]) -> bytes:
    """A rule set with some values exchanged, or lines repeated, moved or left out."""
    lines = chance.choice(sets).splitlines()
    for _ in range(1 + int(chance.expovariate(0.7))):
        at = chance.randrange(len(lines))
        key, sign, _ = lines[at].partition(" = ")
        match chance.randrange(6) if sign else 5:
            case 0 | 1 | 2:
                lines[at] = f"{key} = {chance.choice(_TOML)}"
            case 3:
                other = chance.choice(lines).partition(" = ")[2]
                lines[at] = f"{key} = {other or 1}"
            case 4:
                lines[at] = f"when = {json.dumps(condition(chance).decode())}"
            case _:
                lines[at : at + 1] = [lines[at]] * (2 * chance.randrange(2))
        lines = lines or ["a = 1"]
    return "\n".join(lines).encode("utf-8", "replace")


def condition(chance: random.Random) -> bytes:
    """A condition in the short form: comparisons that hold together, and loose words."""
    parts = []
    for place in range(1 + int(chance.expovariate(0.5))):
        if chance.random() < 0.7:
            sign = chance.choice((">", ">=", "<"))
            parts.append(f"{chance.choice(_WORDS[:3])} {sign} 1e2{place % 9}")
        else:
            parts.append(" ".join(chance.choice(_WORDS) for _ in range(chance.randrange(1, 6))))
    return chance.choice((" and ", " or ", " and not ", " ")).join(parts).encode("utf-8", "replace")

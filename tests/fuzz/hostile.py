"""Hostile input: seeds that once broke somebody's parser, and mutations of them, from a seed.

Every kind of input is a file a repository can hold or an answer a hub can give. `generate` gives
any number of them, always the same for the same seed, so that a finding is named by three words.
Half of them are mutations here, half are well formed (`shapes.py`), where a kind has a shape.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import shapes

CASES: Final = Path(__file__).parent / "cases"
RULES: Final = Path(__file__).parents[2] / "data/regimes"

PATHS: Final = {
    "card": "README.md",
    "front_matter": "README.md",
    "config": "config.json",
    "index": "model.safetensors.index.json",
    "model_index": "model_index.json",
    "component": "unet/config.json",
    "adapter": "adapter_config.json",
    "params": "params.json",
    "merge": "mergekit_config.yml",
}
"""Kinds of file and the path each stands under in a repository."""

_UNET: Final = (
    '{"_class_name": "UNet2DConditionModel", "block_out_channels": [320, 640, 1280, 1280], '
    '"cross_attention_dim": 768, "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], '
    '"in_channels": 4, "layers_per_block": 2, "out_channels": 4}'
)
BESIDE: Final[dict[str, dict[str, bytes]]] = {
    "model_index": {"unet/config.json": _UNET.encode()},
    "component": {"model_index.json": b'{"unet": ["diffusers", "UNet2DConditionModel"]}'},
}
"""Sound files that stand beside the hostile one, where it means nothing alone."""

ITEMS: Final = ("info", "safetensors", "gguf")
"""Answers about one repository; of the latter two it is the metadata of weights that is hostile."""

KINDS: Final = (*PATHS, "page", "modelscope", *ITEMS, "rule", "condition")

_BOMB: Final = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(f'*{chr(97 + i)}' for _ in range(9))}]\n"
    for i in range(8)
)
_SQL: Final = "'; drop table estimates; --"
_SWAP: Final = "\u202e\u2066T 5.1\u2069"

# Short pieces that mutations splice in anywhere.
PIECES: Final[tuple[bytes, ...]] = tuple(
    piece.encode("utf-8", "surrogatepass")
    for piece in (
        *(
            "1e999",
            "-1e999",
            "1" + "0" * 400,
            "NaN",
            "Infinity",
            "-0",
            "0x10",
            "1_000",
            "1,5",
            ".5",
        ),
        *("9223372036854775808", "-1", "0", "1e-400", "٣٫٥", "१२३", "１２３", "五百", "1.5.5", "³"),
        *("null", "true", "[]", "{}", '""', "\\u0000", "\\ud800", "\ud800", "\ufeff", "\u2028"),
        *("\0", "\r", "\r\n", "\t", "\x1b[31m", "\u202e", "\u200f", "\u00ad", "\u0600", "👩‍👩‍👧"),
        *("---\n", "---", "...\n", "```", "|", "||||", "|---|", "<table>", "<td rowspan=99999>"),
        *("trained on ", " tokens", "T", "B", " trillion", "GPU hours", "A100", "parameters"),
        *("1" * 40 + " tokens", "trained on 10^40 tokens", "trained on 1e40T tokens", _SQL, _SWAP),
        *("x" * 5000, "(" * 500, "[" * 500, '{"a":' * 300, "*" * 999, "9" * 999, "\n" * 500),
        *(
            "../../etc/passwd",
            "a/b/c",
            "%s%n",
            "${HOME}",
            "`id`",
            "{{ 7*7 }}",
            "<script>",
            '"',
            "'",
        ),
        *(
            "- ",
            "? ",
            "&a ",
            "*a",
            "!!python/object:os.system",
            "!!binary x",
            "<<: *a",
            "%YAML 9\n",
        ),
        *("base_model: ", "license: ", "co2_eq_emissions: ", "datasets:\n- ", "language: no\n"),
    )
)

_CARD: Final = (
    "---\nlicense: mit\nbase_model: lab/base-7b\n---\n# lab/model-7b\n\nThe model has 7.2B "
    "parameters and was trained on 1.5 trillion tokens with a context of 8,192 tokens.\n"
    "It took 120,000 A100 GPU hours on 256 GPUs for 20 days at 41 % MFU.\n\n"
    "| Model | Params | Tokens |\n|---|---|---|\n"
    "| model-7b | 7.2B | 1.5T |\n\n- **Hours used:** 12000\n- batch size 4M tokens, 300k steps\n",
    "该模型使用 2.6 万亿 tokens 训练，参数量为 11 亿。\n"
    "総パラメータ数は130億です。\n3 billones de tokens\n",
    "<table><tr><th rowspan=2>Model</th><th>Tokens</th></tr>"
    "<tr><td colspan=3>15T+</td></tr></table>",
    "# x\n\n" + "trained on " * 400 + "5 tokens\n",
    "| " * 3000 + "\n" + "|-" * 3000 + "\n" + "| 1T " * 3000,
    "The model\nwas trained\non 3\ntrillion\ntokens.\n\n    trained on 4T tokens\n> on 5T tokens\n",
)
_FRONT: Final = (
    f"---\n{_BOMB}---\n",
    "---\nlicense: [mit, apache-2.0]\nlanguage:\n- no\n- en\nbase_model:\n- a/b\n- c/d\n---\n",
    "---\n" + "  " * 300 + "a: 1\n---\n",
    "---\n" + "[" * 3000 + "]" * 3000 + "\n---\n",
    "---\nco2_eq_emissions:\n  emissions: 1e999\n  source: >\n    folded\n    text\n---\n",
    "---\ndatasets: {a: {b: {c: [1, 2, {d: &x 1, e: *x}]}}}\n"
    "base_model: !!python/name:os.system\n---\n",
    "---\nlicense: mit\nlicense: gpl\n? complex key\n: value\n'quoted': \"a\\x00b\\ud800\"\n---\n",
    "---\nlicense: mit\n",
    "---\r\nlicense: mit\r\nbase_model: ../../x\r\n---\r\n# card\r\n",
)
_CONFIG: Final = (
    json.dumps(
        {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": 4096,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "intermediate_size": 14336,
            "vocab_size": 128256,
            "tie_word_embeddings": False,
        }
    ),
    '{"model_type": "mixtral", "hidden_size": 1e999, "num_local_experts": NaN, "num_layers": -3}',
    '{"model_type": ["llama"], "hidden_size": "4096", "num_layers": 1e400, "vocab_size": {}}',
    '{"text_config": {"text_config": {"llm_config": {"model_type": "qwen2", "hidden_size": 10}}}}',
    '{"model_type": "deepseek_v3", "n_routed_experts": 256, "q_lora_rank": null, "hidden_size": 7}',
    '{"hybrid_override_pattern": "M-M*-", "block_configs": [null, {"ffn": {"no_op": true}}, 3]}',
    '{"layer_types": ["full_attention", 3, null], "quantization_config": {"bits": "4", "x": []}}',
    '{"a":' * 2000 + "1" + "}" * 2000,
    "[" * 100_000,
    '{"model_type":"gpt2","n_embd":768,"n_layer":12,"n_head":0,"vocab_size":50257,"n_embd":1}',
    '{"vocab_size": ' + "9" * 500 + ', "hidden_size": 0.5, "num_hidden_layers": true}',
)
_INDEX: Final = (
    '{"metadata": {"total_size": 14483464192}, "weight_map": {"layers.0.w": "a.safetensors"}}',
    '{"metadata": {"total_size": "1e999", "total_parameters": -1}, "weight_map": []}',
    '{"metadata": {"total_size": 5}}{"metadata": {"total_size": 6}}',
    '{"weight_map": {"\\u0000": null, "' + "x" * 3000 + '": 3}}',
)
_PAGE: Final = (
    json.dumps(
        [
            {
                "_id": "650b0fc00000000000002710",
                "id": "lab/model-7b",
                "sha": "e" * 40,
                "createdAt": "2024-01-01T00:00:00.000Z",
                "gated": False,
                "tags": ["transformers", "base_model:finetune:lab/base", "license:mit"],
                "cardData": {"license": "mit", "base_model": "lab/base", "language": ["no"]},
                "config": {"architectures": ["LlamaForCausalLM"], "model_type": "llama"},
                "safetensors": {"parameters": {"BF16": 7000000000, "U8": 5}, "total": 7000000005},
                "gguf": {"total": 7000000000, "architecture": "llama", "context_length": 4096},
                "baseModels": {"relation": "finetune", "models": [{"_id": "1", "id": "lab/base"}]},
                "siblings": [{"rfilename": "README.md"}, {"rfilename": "model.safetensors"}],
            },
            {"id": "lab/other", "safetensors": {"total": 1e30}, "gguf": None, "tags": None},
        ]
    ),
    '[{"id": "a/b", "cardData": {"self": 1}, "safetensors": {}}, null, 3, "x", [], {"id": 5}]',
    '[{"id": "../../x"}, {"id": "a\\u0000b/c"}, {"id": "' + "a" * 999 + '"}, {"id": "a/b/c"}]',
    '[{"id": "a/b", "safetensors": {"parameters": {"F32": 1e999}}, "gguf": {"total": -1}}]',
    '{"id": "a/b", "safetensors": {"parameters": {"F32": 1e30}}, "gguf": {"total": NaN}}',
    '{"error": "no"}',
    '[{"id": "a/b", "config": ' + '{"a":' * 900 + "1" + "}" * 900 + "}]",
    '[{"id":"a/b","downloads":"many","likes":1.5,"createdAt":"soon","gated":{"x":1}},{"id":"c/d"}',
)
_RULE: Final = (
    'id = "own"\ntitle = "Mine"\n[[rule]]\nid = "a"\nmetric = "training_flop"\ncomparator = ">"\n'
    "threshold = 1e23\n",
    'id = "own"\n[[rule]]\nid = "a"\nall = [{any = [{all = []}]}]\n',
    "a = [" * 400,
    'id = "../../x"\nthreshold = nan\n[rule]\n',
    *(path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.toml"))[:6]),
)
SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    kind: tuple(seed.encode("utf-8", "surrogatepass") for seed in seeds)
    for kind, seeds in {
        "card": _CARD,
        "front_matter": _FRONT,
        "config": _CONFIG,
        "index": _INDEX,
        "model_index": (
            '{"_class_name": "P", "unet": ["diffusers", "UNet2DConditionModel"]}',
            *_CONFIG,
        ),
        "component": (_UNET, *_CONFIG),
        "adapter": ('{"peft_type": "LORA", "r": 16, "base_model_name_or_path": "a/b"}', *_CONFIG),
        "params": ('{"dim": 4096, "n_layers": 32, "n_heads": 32, "vocab_size": -1}', *_CONFIG),
        "merge": ("merge_method: slerp\nmodels:\n- model: a/b\n- model: c/d\n", _BOMB, *_FRONT),
        **dict.fromkeys(("page", "modelscope", *ITEMS), _PAGE),
        "rule": _RULE,
        "condition": (
            "training_compute > 1e23",
            "not (likes > 5 or outputs has text)",
            "((((((",
            "training_compute >= 1/3 of eu-guidelines-final.systemic and likes < 5",
        ),
    }.items()
}


def generate(kind: str, count: int, seed: int) -> Iterator[bytes]:
    """`count` inputs of a kind: the seeds and kept cases first, then new ones made from them."""
    known = [*SEEDS[kind], *(path.read_bytes() for path in cases(kind))]
    yield from known[:count]
    chance = random.Random(f"{kind}:{seed}")
    shaped = well_formed(kind)
    new = count - len(known)
    known += [shapes.write(value).encode() for value in shapes.known(kind)]
    for number in range(new):
        if number % 2 and shaped:
            yield shaped(chance)
        else:
            content = chance.choice(known)
            for _ in range(1 + int(chance.expovariate(0.6))):
                content = mutate(chance, content, known)
            yield content[:20_000]


def well_formed(kind: str) -> Callable[[random.Random], bytes] | None:
    """What makes well-formed input of a kind, where it has a shape."""
    if kind == "card":
        return partial(shapes.card, sentences=shapes.wordings())
    if kind == "rule":
        return partial(shapes.rule, sets=[text for text in _RULE if "[[rule]]" in text])
    if kind == "condition":
        return shapes.condition
    values = shapes.known(kind)
    return partial(shapes.document, kind=kind, values=values) if values else None


def cases(kind: str) -> list[Path]:
    """Inputs that once were findings, oldest first; each stays a test case."""
    return sorted(CASES.glob(f"{kind}.*"))


def mutate(chance: random.Random, content: bytes, others: list[bytes]) -> bytes:
    """One change: a piece spliced in, bits flipped, a part dropped, repeated or cut off."""
    at = chance.randrange(len(content) + 1)
    to = min(len(content), at + int(chance.expovariate(0.05)))
    part = content[at:to]
    match chance.randrange(8):
        case 0 | 1 | 2:
            return content[:at] + chance.choice(PIECES) + content[at:]
        case 3:
            return content[:at] + chance.choice(PIECES) + content[to:]
        case 4:
            return (
                content[:at]
                + bytes(byte ^ (1 << chance.randrange(8)) for byte in part)
                + content[to:]
            )
        case 5:
            return content[:at] + content[to:]
        case 6:
            return content[:at] + part * chance.randrange(2, 9) + content[to:]
        case _:
            other = chance.choice(others)
            return content[:at] + other[chance.randrange(len(other) + 1) :]

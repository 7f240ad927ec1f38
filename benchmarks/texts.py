"""Cards and configurations of synthetic repositories, in words of our own.

A card is a front matter and six to ten sections of about 4 KB together: a tenth state tokens, a
tenth hours, most state nothing that counts but hold the figures that must not be taken (context
lengths, benchmark scores, generation settings, learning rates). Template sections repeat from card
to card, as they do on a hub; a good half of the lines differ.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Final

from benchmarks.population import Model, mix, word

_CHIPS: Final = ("A100-80GB", "H100", "V100", "TPU v4", "MI250X", "RTX 4090", "A10G")
_LICENCES: Final = (
    "apache-2.0",
    "mit",
    "other",
    "cc-by-nc-4.0",
    "openrail",
    "gemma",
    "bsd-3-clause",
)
_DATASETS: Final = ("wikipedia", "c4", "oscar", "common_voice", "squad", "imagefolder", "glue")

# One sentence a language: how tokens are stated there. `{n}` is the number with its unit.
STATEMENTS: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "The model was trained on {n} tokens of text and code.",
        "We pretrained it for {n} tokens with a cosine schedule.",
        "Pretraining ran over roughly {n} tokens gathered from public pages.",
        "| Training tokens | {n} |",
        "- **Training tokens:** {n}",
    ),
    "fr": ("Le modèle a été entraîné sur {n} de tokens.",),
    "de": ("Das Modell wurde auf {n} Token trainiert.",),
    "es": ("El modelo fue entrenado con {n} de tokens.",),
    "pt": ("O modelo foi treinado com {n} de tokens.",),
    "it": ("Il modello è stato addestrato su {n} di token.",),
    "zh": ("该模型在{n}个 tokens 上进行了预训练。",),
    "ja": ("このモデルは{n}トークンで事前学習しました。",),
    "ko": ("이 모델은 {n} 토큰으로 학습되었습니다.",),
    "ru": ("Модель обучена на {n} токенов.",),
}
_TERA: Final = {
    "fr": (1e9, "milliards"),
    "de": (1e9, "Milliarden"),
    "es": (1e9, "mil millones"),
    "pt": (1e9, "bilhões"),
    "it": (1e9, "miliardi"),
    "zh": (1e12, "万亿"),
    "ja": (1e12, "兆"),
    "ko": (1e8, "억"),
    "ru": (1e9, "млрд"),
}

_PLAIN: Final = (
    "## How to use it\n\n```python\nfrom transformers import AutoModel, AutoTokenizer\n\n"
    'tokenizer = AutoTokenizer.from_pretrained("{id}")\nmodel = AutoModel.from_pretrained("{id}")\n'
    'inputs = tokenizer("Once there was", return_tensors="pt")\n'
    "outputs = model.generate(**inputs, max_new_tokens={b})\n```\n",
    "## What it is for\n\nThis checkpoint answers short questions in plain language. It keeps a "
    "context of {ctx} tokens and a vocabulary of {voc} entries. Longer inputs are cut off.\n"
    "It runs on one card with {gb} GB of memory when loaded in half precision.\n",
    "## Limits\n\nAnswers can be wrong, unfair or out of date. Please test with data of your own "
    "before anyone relies on it. We have not looked at languages other than those named above.\n",
    "## Training settings\n\n- learning_rate: {lr}\n- train_batch_size: {bs}\n"
    "- eval_batch_size: {bs}\n- seed: {seed}\n- optimizer: adamw with betas (0.9, 0.999)\n"
    "- lr_scheduler_type: linear\n"
    "- num_epochs: {ep}\n",
    "## Results\n\n| Step | Epoch | Loss | Accuracy | F1 |\n|---|---|---|---|---|\n{rows}\n",
    "## Results\n\n| Task | Shots | This model | Before |\n|---|---|---|---|\n{tasks}\n",
    "## Files\n\nThe weights are kept in shards of at most 5 GB. Load them with a recent release. "
    "The tokenizer has {voc} entries, of which {bs} are special.\n",
    "## Versions\n\n- Transformers 4.{bs}.{ep}\n- Pytorch 2.{ep}.0+cu12\n- Datasets 2.{bs}.0\n"
    "- Tokenizers 0.{bs}.1\n",
    "## Citing\n\n```bibtex\n@misc{{{word}{year},\n  title = {{Notes on {name}}},\n"
    "  author = {{{word}, A. and others}},\n  year = {{{year}}}\n}}\n```\n",
    "## Data\n\nPages were filtered by language and length, then near-copies were removed. "
    "About {gb} % of the lines survived. The set holds {voc} documents from {bs} sources; see the "
    "data sheet beside this card for the mixture and its licences, and for what was left out.\n",
    "## Energy\n\n- **Hardware type:** to be completed\n- **Hours used:** to be completed\n"
    "- **Cloud provider:** to be completed\n- **Carbon emitted:** to be completed\n",
)


def number(value: float, language: str, style: int) -> str:
    """A count as its language writes it: `1.5T`, `1,5 Billionen`, `15000億`."""
    if language in _TERA:
        unit, name = _TERA[language]
        text = _short(value / unit)
        comma = language in ("fr", "de", "es", "pt", "it", "ru")
        return f"{text.replace('.', ',') if comma else text} {name}" if comma else text + name
    if style % 4 == 0:
        return f"{value:,.0f}"
    unit, short, long = (1e12, "T", "trillion") if value >= 1e12 else (1e9, "B", "billion")
    text = _short(value / unit)
    return f"{text}{short}" if style % 4 < 3 else f"{text} {long}"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def language(made: Model) -> str:
    """The card's language: seven of ten are English."""
    others = [name for name in STATEMENTS if name != "en"]
    pick = (made.mix >> 7) % 30
    return "en" if pick < 21 else others[pick - 21]


def states(made: Model) -> bool:
    """Whether the card says how many tokens the model was trained on: 30 % of roots."""
    return made.place % 20 == 0 and (made.mix >> 11) % 10 < 3


def front_matter(made: Model) -> dict[str, object]:
    """The card's metadata, as the hub would parse it; {} where the card has none."""
    bits = made.mix
    if made.relation is None and bits % 20 < 7:
        return {}
    data: dict[str, object] = {"license": _LICENCES[(bits >> 5) % len(_LICENCES)]}
    if (bits >> 9) % 3:
        data["language"] = language(made) if bits % 2 else [language(made), "en"]
    data["tags"] = ["generated_from_trainer", word(bits >> 13)]
    if made.bases and (bits >> 15) % 10 < 8:
        data["base_model"] = made.bases[0] if len(made.bases) == 1 else list(made.bases)
    if (bits >> 19) % 4 == 0:
        data["datasets"] = [_DATASETS[(bits >> 23) % len(_DATASETS)]]
    if (bits >> 27) % 40 == 0:
        data["co2_eq_emissions"] = {"emissions": bits % 9000, "source": "estimate"}
    if (bits >> 33) % 500 == 0:
        data |= {"self": 1, "license": ["mit", None], "base_model": {"name": 3}, "datasets": 7}
    return data


def card(made: Model) -> str:
    """The whole README: front matter, statements where there are any, and the rest."""
    lines = ["---"]
    for key, value in front_matter(made).items():
        lines.append(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    head = "\n".join([*lines, "---", "", f"# {made.name}", ""]) if len(lines) > 1 else ""
    return head + "\n" + "\n".join((*_statements(made), *_sections(made))) + "\n"


def _statements(made: Model) -> list[str]:
    bits, said = made.mix, []
    tongue = language(made)
    shape = made.shape
    if made.bases:
        said.append(
            f"A {made.relation} of [{made.bases[0]}](https://huggingface.co/{made.bases[0]})."
        )
    if made.place % 20 == 0 and bits % 3 == 0:
        said.append(f"{made.name} has {number(shape.parameters, 'en', bits)} parameters.")
    if states(made):
        forms = STATEMENTS[tongue]
        said.append(
            forms[(bits >> 17) % len(forms)].format(n=number(made.tokens, tongue, bits >> 3))
        )
    if made.place % 20 == 0 and (bits >> 21) % 10 == 0:
        chip, count = _CHIPS[(bits >> 25) % len(_CHIPS)], 8 << (bits >> 29) % 8
        hours = 6 * shape.active * made.tokens / (312e12 * 0.4 * 3600)
        said.append(f"Training took {hours:,.0f} GPU hours on {count} {chip} cards.")
    return [line + "\n" for line in said]


@cache
def _sentences() -> tuple[str, ...]:
    """Four thousand sentences that say nothing, each with a place for a figure."""
    pool = []
    for i in range(4000):
        bits = mix(11, i)
        who, what, where = (
            _WHO[bits % len(_WHO)],
            _DID[(bits >> 8) % len(_DID)],
            _WHERE[(bits >> 16) % len(_WHERE)],
        )
        figure = "{f}" if bits >> 40 & 1 else f"{word(bits >> 24)}"
        pool.append(f"{who} {what} {figure} {where}, as {word(bits >> 30)} shows.")
    return tuple(pool)


def _prose(bits: int) -> str:
    """Four paragraphs of such sentences, about 1.8 KB; every third line wraps in mid-sentence."""
    pool = _sentences()
    lines = [
        pool[(bits >> i) % 4000].replace("{f}", str((bits >> (i + 3)) % 2048)) for i in range(24)
    ]
    paragraphs = ["\n".join(lines[i : i + 6]) for i in range(0, 24, 6)]
    return "## Notes\n\n" + "\n\n".join(paragraphs).replace(", as ", ",\nas ", 8) + "\n"


_TESTS: Final = ("MMLU", "ARC", "GSM8K", "BLEU", "WER")
_WHO: Final = (
    "The second run", "Our evaluation", "A reader", "The tokenizer", "Each batch", "The sampler",
    "An earlier draft", "The table above", "This version", "The loss curve",
)  # fmt: skip
_DID: Final = (
    "reached", "kept about", "was compared with", "needs at least", "shows", "drops to",
    "improves on", "was stopped near", "prefers", "misses",
)  # fmt: skip
_WHERE: Final = (
    "after the first day", "on short prompts", "in the held-out part", "with default settings",
    "for most languages", "under light load", "before the change", "in half precision",
    "on the small test set", "once the cache is warm",
)  # fmt: skip


def _sections(made: Model) -> list[str]:
    bits = made.mix
    rows = "\n".join(
        f"| {500 * i} | {i * 0.37:.2f} | {(bits >> i) % 9000 / 1e4:.4f} "
        f"| 0.{(bits >> 2 * i) % 9999:04d} "
        f"| 0.{(bits >> 3 * i) % 9999:04d} |"
        for i in range(1, 5 + bits % 14)
    )
    tasks = "\n".join(
        f"| {word(bits >> i)} {_TESTS[i % 5]} | {i} | {(bits >> i) % 1000 / 10} "
        f"| {(bits >> 2 * i) % 1000 / 10} |"
        for i in range(1, 6 + (bits >> 4) % 12)
    )
    values = {
        "id": made.repo_id,
        "name": made.name,
        "word": word(bits >> 20),
        "year": 2021 + bits % 6,
        "ctx": f"{1024 << bits % 8:,}",
        "voc": f"{made.shape.vocabulary:,}",
        "gb": 4 + bits % 90,
        "lr": f"{1 + bits % 9}e-05",
        "bs": 1 << (bits >> 6) % 7,
        "b": 64 << bits % 6,
        "seed": (bits >> 10) % 100,
        "ep": 1 + bits % 9,
        "rows": rows,
        "tasks": tasks,
    }
    first = (bits >> 41) % len(_PLAIN)
    chosen = [_PLAIN[(first + 3 * i) % len(_PLAIN)] for i in range(6 + (bits >> 45) % 5)]
    return [*(text.format_map(values) for text in chosen), _prose(mix(bits, 3))]


def configuration(made: Model) -> dict[str, object]:
    """The config.json of the repository's shape, in its family's own spelling."""
    shape, bits = made.shape, made.mix
    spelled = _SPELLINGS.get(shape.family, _USUAL)
    values: dict[str, object] = {
        "architectures": [f"{shape.family.title().replace('_', '')}ForCausalLM"],
        "model_type": shape.family,
        "torch_dtype": ("bfloat16", "float16", "float32")[bits % 3],
        "transformers_version": f"4.{20 + bits % 30}.0",
        spelled[0]: shape.layers,
        spelled[1]: shape.width,
        spelled[2]: shape.heads,
        spelled[3]: shape.inner,
        "vocab_size": shape.vocabulary,
        "tie_word_embeddings": shape.tied,
    }
    if shape.kv_heads != shape.heads:
        values["num_key_value_heads"] = shape.kv_heads
    if shape.experts[0]:
        key = "num_local_experts" if shape.family == "mixtral" else "num_experts"
        key = "n_routed_experts" if shape.family == "deepseek_v3" else key
        values |= {key: shape.experts[0], "num_experts_per_tok": shape.experts[1]}
        values["moe_intermediate_size"] = shape.inner
    if made.relation == "quantized":
        values["quantization_config"] = {"quant_method": ("awq", "gptq")[bits % 2], "bits": 4}
    return values


_USUAL: Final = ("num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size")
_SPELLINGS: Final = {
    "gpt2": ("n_layer", "n_embd", "n_head", "n_inner"),
    "t5": ("num_layers", "d_model", "num_heads", "d_ff"),
    "whisper": ("encoder_layers", "d_model", "encoder_attention_heads", "encoder_ffn_dim"),
}

"""Throughput of the configuration reader against a per-row reader, side by side in one run.

    python -m benchmarks.config_parameters [--documents 20000] [--rounds 3]

The configurations are synthetic, of the four commonest layouts of a model hub and of their usual
length. Two per-row readers: a script for these four layouts and nothing else, and one that knows
the project's spellings, defaults and families but loops over rows and only does the arithmetic of
plain decoders. The project's reader covers every family and claims where it read what. All must
agree to the parameter. Printed are documents a second of processor time, medians of the rounds:
for texts that all differ, and for a hub where most copies share a text.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import polars as pl

from gpai_scan.evidence import config
from gpai_scan.evidence.configs import families
from gpai_scan.evidence.configs.decode import document
from gpai_scan.evidence.configs.keys import keys

Config = dict[str, Any]


def synthetic(count: int, seed: int = 7) -> list[str]:
    """Configurations of dense, mixed, latent and plain models, no two alike."""
    draw = random.Random(seed)
    texts = []
    for number in range(count):
        hidden = 128 * draw.randint(4, 64)
        stated: Config = {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": hidden,
            "intermediate_size": 256 * draw.randint(4, 80),
            "num_attention_heads": hidden // 128,
            "num_key_value_heads": hidden // 128,
            "num_hidden_layers": draw.randint(2, 96),
            "vocab_size": 32_000 + number,
            "max_position_embeddings": 4096,
            "rms_norm_eps": 1e-5,
            "rope_scaling": {"factor": 8.0, "rope_type": "llama3"},
            "tie_word_embeddings": bool(number % 2),
            "torch_dtype": "bfloat16",
            "transformers_version": "4.57.1",
            "use_cache": True,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "initializer_range": 0.02,
        }
        if number % 4 == 1:
            stated |= {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"]}
            stated |= {"num_local_experts": 8, "num_experts_per_tok": 2}
        if number % 4 == 2:
            stated |= {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]}
        if number % 4 == 3:
            stated |= {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]}
        texts.append(json.dumps(stated, indent=2))
    return texts


def by_row(text: str) -> float:
    """The per-row reader: one document, plain Python."""
    stated = json.loads(text)
    hidden, layers = stated["hidden_size"], stated["num_hidden_layers"]
    heads, groups = stated["num_attention_heads"], stated["num_key_value_heads"]
    head = stated.get("head_dim") or (128 if stated["model_type"] == "qwen3" else hidden // heads)
    width = stated["intermediate_size"]
    attention = 2 * hidden * heads * head + 2 * hidden * groups * head
    if stated["model_type"] == "qwen2":
        attention += (heads + 2 * groups) * head
    if stated["model_type"] == "qwen3":
        attention += 2 * head
    experts = stated.get("num_local_experts", 0)
    forward = 3 * hidden * width * max(experts, 1) + experts * hidden
    table = stated["vocab_size"] * hidden * (1 if stated["tie_word_embeddings"] else 2)
    return float(table + hidden + layers * (attention + forward + 2 * hidden))


def tables() -> tuple[dict[str, Config], dict[str, Config]]:
    """Families and defaults by model type, as dictionaries."""
    kinds = {row["kind"]: row for row in families.table().iter_rows(named=True)}
    rows = families.defaults().iter_rows(named=True)
    return kinds, {
        row["kind"]: {k.removeprefix("default_"): v for k, v in row.items() if v is not None}
        for row in rows
    }


def covering(text: str, kinds: dict[str, Config], defaults: dict[str, Config]) -> float:
    """The per-row reader with the project's spellings, defaults and families."""
    stated = json.loads(text)
    known = dict(defaults.get(stated.get("model_type"), {}))
    for key in keys():
        for spelling in key.spellings:
            if stated.get(spelling) is not None:
                known[key.quantity] = stated[spelling]
                break
    fields = kinds.get(stated.get("model_type"), kinds["generic"])
    hidden, layers, heads = known["hidden_size"], known["layers"], known["heads"]
    head = known.get("head_dim") or hidden / heads
    query, key_width = heads * head, known.get("key_value_heads", heads) * head
    attention = 2 * hidden * (query + key_width)
    biased = known.get("attention_bias") and not known.get("no_bias")
    if fields["qkv_policy"] == "always" or (fields["qkv_policy"] == "stated" and biased):
        attention += query + 2 * key_width
    if fields["out_policy"] == "always" or (fields["out_policy"] == "stated" and biased):
        attention += hidden
    if fields["query_norm"] == "head":
        attention += 2 * head * fields["norm_vectors"]
    experts = known.get("experts") or 0
    width = known.get("expert_size") or known["intermediate_size"]
    forward = fields["mlp_matrices"] * hidden * width * max(experts, 1) + experts * hidden
    norms = fields["norm_vectors"] * hidden
    table = known["vocabulary_size"] * hidden * (1 if known.get("embedding_tied") else 2)
    each = attention + forward + fields["layer_norms"] * norms
    return float(table + fields["final_norms"] * norms + layers * each)


def ours(texts: list[str]) -> list[float]:
    """The project's reader over all documents at once."""
    files = pl.DataFrame({"text": texts}).with_row_index("repo_id").with_columns(
        path=pl.lit("config.json")
    )  # fmt: skip
    return config.read(files)["total"].to_list()


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median processor time of some rounds, all threads added: a busy machine counts less."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts = synthetic(options.documents)
    kinds, defaults = tables()
    answers = ours(texts)
    if answers != [by_row(text) for text in texts]:
        raise SystemExit("the readers disagree")
    if answers != [covering(text, kinds, defaults) for text in texts]:
        raise SystemExit("the covering reader disagrees")
    copies = [text for text in texts[: options.documents // 10] for _ in range(10)]
    for name, corpus in {"all differ": texts, "ten copies each": copies}.items():
        size = sum(map(len, corpus)) / 1e6
        plain = seconds(lambda c=corpus: [by_row(t) for t in c], options.rounds)
        same = seconds(lambda c=corpus: [covering(t, kinds, defaults) for t in c], options.rounds)
        parsed = seconds(lambda c=corpus: [document(t) for t in c], options.rounds)
        fast = seconds(lambda c=corpus: ours(c), options.rounds)
        print(f"{name}: {len(corpus)} documents, {size:.1f} MB")
        times = {"script": plain, "covering": same, "parsing alone": parsed, "gpai-scan": fast}
        for label, taken in times.items():
            rate, speed = len(corpus) / taken, size / taken
            ratios = f"{plain / taken:5.2f}x script {same / taken:5.2f}x covering"
            print(f"  {label:14} {rate:9,.0f} documents/s {speed:6.1f} MB/s {ratios}")


if __name__ == "__main__":
    main()

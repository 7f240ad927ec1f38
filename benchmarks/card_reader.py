"""Throughput of the card reader against a straightforward per-row reader, side by side.

    python -m benchmarks.card_reader [--megabytes 100] [--workers 2] [--text hub]

The text is synthetic. `mixed` is made here: templates, training logs, file lists, prose, tables
and code in the proportions of a model hub, where most cards state nothing and many share their
lines. `hub` are the cards of `benchmarks.synthetic_hub`: every one holds figures, half of its
lines are its own. The per-row reader applies the same patterns to every sentence and table of
every card in a Python loop: no gate, nothing read once for many.

Printed are megabytes of card text a second, by the clock and by processor time (which others on
the machine disturb less), and the floor: a bare scan for digits.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import polars as pl

from benchmarks import texts
from benchmarks.population import model
from gpai_scan import schema
from gpai_scan.evidence import card
from gpai_scan.evidence.cards import blocks, fields, pieces, subjects, text
from gpai_scan.evidence.cards.rules import stages
from gpai_scan.sources import Raw

WORDS = [
    "model",
    "data",
    "language",
    "training",
    "used",
    "text",
    "results",
    "evaluation",
    "users",
    "system",
    "task",
    "version",
    "release",
    "small",
    "large",
    "support",
    "library",
    "license",
    "research",
    "output",
    "input",
    "quality",
    "improved",
    "general",
    "open",
    "weights",
    "format",
    "check",
    "example",
    "first",
    "second",
    "user",
    "answer",
    "question",
    "context",
    "community",
    "method",
    "paper",
    "code",
    "test",
    "prompt",
    "style",
    "image",
    "document",
]
TEMPLATE = """# Model Card for {name}

<!-- Provide a quick summary of what the model is or does. -->

## Model Details

- **Developed by:** [More Information Needed]
- **Shared by:** [More Information Needed]
- **Model type:** [More Information Needed]
- **License:** [More Information Needed]

## Uses

### Direct Use

[More Information Needed]

### Out-of-Scope Use

[More Information Needed]

## Training Details

### Training Data

[More Information Needed]

### Training Procedure

#### Training Hyperparameters

- **Training regime:** [More Information Needed]

#### Speeds, Sizes, Times

[More Information Needed]

## Environmental Impact

- **Hardware Type:** [More Information Needed]
- **Hours used:** [More Information Needed]
- **Cloud Provider:** [More Information Needed]
- **Compute Region:** [More Information Needed]
- **Carbon Emitted:** [More Information Needed]

## Technical Specifications

[More Information Needed]

## Citation

[More Information Needed]
"""


def _prose(rng: random.Random, sentences: int) -> str:
    made = []
    for _ in range(sentences):
        words = rng.choices(WORDS, k=rng.randint(8, 22))
        if rng.random() < 0.12:
            words.insert(rng.randint(1, 6), str(rng.randint(2, 2025)))
        made.append(" ".join(words).capitalize() + ".")
    return " ".join(made)


def _code(rng: random.Random) -> str:
    return (
        "```python\nfrom library import Model, Tokenizer\n"
        f"model = Model.load('org/name-{rng.randint(1, 70)}b')\n"
        f"out = model.generate(prompt, max_new_tokens={rng.choice([128, 256, 512])})\nprint(ou"
        f"t)\n```\n"
    )


def _scores(rng: random.Random) -> str:
    rows = [
        "| "
        + " | ".join(
            f"{rng.uniform(10, 90):.1f}" if i else f"Bench-{rng.randint(1, 40)}" for i in range(6)
        )
        + " |"
        for _ in range(rng.randint(6, 16))
    ]
    return "| Benchmark | A | B | C | D | E |\n|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _log(rng: random.Random) -> str:
    rows = [
        f"| {rng.uniform(0.1, 3):.4f} | {e}.0 | {e * 500} | {rng.uniform(0.1, 3):.4f} "
        f"| {rng.uniform(0, 1):.4f} |"
        for e in range(1, rng.randint(4, 12))
    ]
    return (
        "### Training hyperparameters\n\nThe following hyperparameters were used during training:\n"
        f"- learning_rate: {rng.choice(['2e-05', '5e-05', '1e-4'])}\n- train_batch_siz"
        f"e: {rng.choice([4, 8, 16, 32])}\n"
        f"- eval_batch_size: {rng.choice([8, 16])}\n- seed: 42\n- optimizer: Adam with betas=(0."
        f"9,0.999)\n"
        f"- lr_scheduler_type: linear\n- num_epochs: {rng.choice([1, 2, 3, 5, 10])}\n\n### Train"
        f"ing results\n\n"
        "| Training Loss | Epoch | Step | Validation Loss | Accuracy |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )


def _files(rng: random.Random, name: str) -> str:
    kinds = ("Q2_K", "Q3_K_M", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0")
    rows = [f"| {name}.{k}.gguf | {k} | {rng.uniform(1, 40):.2f} GB | recommended |" for k in kinds]
    return "| File | Quant | Size | Note |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _facts(rng: random.Random, name: str, size: int) -> str:
    tokens, gpus, days = (
        rng.randint(100, 20000),
        rng.choice([64, 128, 256, 512]),
        rng.randint(3, 90),
    )
    return (
        f"## Training\n\n{name} is a {size}B parameter model. It was pretrained on {tokens} bill"
        f"ion tokens of text,\n"
        f"with a sequence length of 4096 and a global batch size of {rng.choice([1024, 2048])}.\n\n"
        f"The model was trained on {gpus} H100 GPUs for {days} days.\n\n"
        f"| Setting | Value |\n|---|---|\n| Parameters | {size}.{rng.randint(0, 9)}B |\n"
        f"| Training tokens | {tokens}B |\n"
        f"| Context length | {rng.choice(['32K', '128K'])} |\n"
    )


def make_card(rng: random.Random, number: int) -> tuple[str, str]:
    """A repository's name and its card."""
    size = rng.choice([1, 3, 7, 8, 13, 32, 70])
    name = f"made-{number}-{size}b"
    kind = rng.random()
    if kind < 0.43:
        text = TEMPLATE.format(name=name) + (_prose(rng, 4) if rng.random() < 0.3 else "")
    elif kind < 0.65:
        text = f"# {name}\n\n{_prose(rng, 6)}\n\n{_log(rng)}"
    elif kind < 0.80:
        text = f"# {name}\n\n{_prose(rng, 8)}\n\n{_files(rng, name)}\n{_code(rng)}"
    elif kind < 0.98:
        text = f"# {name}\n\n" + "\n\n".join(
            f"## Part {i}\n\n{_prose(rng, 14)}\n\n{_scores(rng) if i % 2 else _code(rng)}"
            for i in range(5)
        )
    else:
        parts = (
            f"# {name}\n",
            _prose(rng, 10),
            "",
            _facts(rng, name, size),
            _scores(rng),
            _code(rng),
        )
        text = "\n".join(parts)
    return f"org{number % 997}/{name}", text


def _mixed(seed: int) -> Iterator[tuple[str, str]]:
    rng = random.Random(seed)
    for number in itertools.count():
        yield make_card(rng, number)


def _hub(seed: int) -> Iterator[tuple[str, str]]:
    for place in itertools.count():
        made = model(seed, place)
        yield made.repo_id, texts.card(made)


_TEXTS = {"mixed": _mixed, "hub": _hub}


def corpus(megabytes: float, kind: str = "mixed", seed: int = 7) -> pl.DataFrame:
    """Documents of about that many megabytes of card text; the same seed gives the same text."""
    rows, size = [], 0
    for repo_id, written in _TEXTS[kind](seed):
        if size >= megabytes * 1e6:
            break
        rows.append((repo_id, "README.md", None, "ok", len(written), None, written))
        size += len(written)
    return pl.DataFrame(rows, schema=schema.DOCUMENTS.schema, orient="row")


def read(documents: pl.DataFrame) -> pl.DataFrame:
    """The reader, whole, as a shard's reading calls it."""
    empty = pl.LazyFrame()
    with pl.Config(engine_affinity="in-memory"):
        return card.evidence(Raw(empty, documents.lazy(), empty)).collect()


def forget() -> None:
    """Empties what the reader remembers of texts it has read."""
    for module in (blocks, fields, stages, subjects, text):
        for part in vars(module).values():
            if hasattr(part, "cache_clear"):
                part.cache_clear()


def read_per_row(documents: pl.DataFrame) -> int:
    """The same patterns on every sentence of every card, one after the other: drafts found."""
    found = 0
    for card_text in documents["text"]:
        for block in pieces.blocks(card_text, "", False):
            if block.table:
                found += len(list(blocks.read_table(block.text, block.heading)))
                continue
            for offset, sentence in text.sentences(text.clean(block.text).text):
                found += len(list(blocks.read_statement(sentence, offset, block.heading)))
    return found


def _megabytes(documents: pl.DataFrame) -> float:
    return float(sum(documents["size"].to_list())) / 1e6


class Rate(NamedTuple):
    """Megabytes a second by the clock and by the processor time of this process; the result."""

    clock: float
    processor: float
    result: object


def rate(work: Callable[[], object], megabytes: float) -> Rate:
    """How fast a piece of work is."""
    begin, spent = time.perf_counter(), time.process_time()
    result = work()
    spent = max(time.process_time() - spent, 1e-9)
    return Rate(megabytes / (time.perf_counter() - begin), megabytes / spent, result)


_own: list[pl.DataFrame] = []


def _prepare(megabytes: float, kind: str, seed: int) -> None:
    """A worker makes its own shard, as a run's workers read their own, and warms up."""
    _own.append(corpus(megabytes, kind, seed))
    read(_own[0].head(300))


def _read_own(_: int) -> float:
    """Processor seconds of a worker's shard."""
    forget()
    begin = time.process_time()
    read(_own[0])
    return time.process_time() - begin


def _all(pools: list[ProcessPoolExecutor]) -> float:
    return max(future.result() for future in [pool.submit(_read_own, 0) for pool in pools])


def _line(name: str, one: Rate, base: Rate) -> str:
    times = one.processor / base.processor
    return f"{name:<22}{one.clock:>9.2f} {one.processor:>12.2f} {times:>8.0f}x"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--naive-megabytes", type=float, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--text", choices=sorted(_TEXTS), default="mixed")
    options = parser.parse_args()
    documents = corpus(options.megabytes, options.text)
    megabytes = _megabytes(documents)
    sample = documents.head(max(1, round(documents.height * options.naive_megabytes / megabytes)))
    read(sample.head(300))  # warm-up: patterns compiled, reference data loaded
    naive = rate(lambda: read_per_row(sample), _megabytes(sample))
    forget()
    alone = rate(lambda: read(documents).height, megabytes)
    digits = rate(lambda: documents["text"].str.count_matches("[0-9]+").sum(), megabytes)
    os.environ["POLARS_MAX_THREADS"] = "1"  # one thread a worker: the workers are the cores
    share = options.megabytes / options.workers
    pools = [
        ProcessPoolExecutor(1, get_context("spawn"), _prepare, (share, options.text, 7 + i))
        for i in range(options.workers)
    ]
    for pool in pools:
        pool.submit(int).result()  # start-up is not throughput
    together = rate(lambda: _all(pools), megabytes)
    together = together._replace(processor=megabytes / float(str(together.result)))
    print(f"{documents.height:,} cards of {megabytes:,.0f} MB, {alone.result:,} claims")
    print(f"{'MB/s':<22}{'clock':>9} {'processor':>12} {'times':>9}")
    print(_line("per-row Python", naive, naive))
    print(_line("reader, one process", alone, naive))
    print(_line(f"reader, {options.workers} processes", together, naive))
    print(_line("bare scan for digits", digits, naive))


if __name__ == "__main__":
    main()

"""The gate before the card reader: whatever the reader finds passes it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gpai_scan.evidence import card
from gpai_scan.evidence.cards import gate, lines

_ROOT = Path(__file__).parents[2]
_FOLDERS = {"sample": _ROOT / "data/sample", "eval": _ROOT.parent / "shared/eval/repos"}

BEFORE = [
    "It was trained on ",
    "Trained for ",
    "It has ",
    "- **Tokens:** ",
    "Batch size ",
    "in three sizes, ",
    "a sequence length of ",
    "Training took ",
    "Training step ",
    "Addestrato su ",
    "Fine-tunable with ",
    "It was evaluated on ",
    "A batch holds ",
    "Sampled from a pool of over ",
    "Of these, training has seen ",
    "",
]
FIGURES = [
    "15",
    "1.5T",
    "15 trillion",
    "3,000",
    "two",
    "half a million",
    "10^12",
    "2T and 6T",
    "1,4 Billionen",
    "~300B",
    "**1.4T**",
    "[2T](http://x.y/z)",
    "1.5<br>T",
    "15T+",
    "2 mrd",
    "2.6 万亿",
    "150 mila miliardi",
    "15T&nbsp;",
    "64x",
    "40%",
    "1,000,000",
]
GAPS = [" ", "\n", "  ", "** ", "-", " _", "<br>", " (", "\n> ", " [", ""]
WORDS = ["", "of ", "high-quality ", "unique, filtered ", "NVIDIA ", "multilingual web ", "GPU "]
UNITS = [
    "tokens",
    "subtokens",
    "GT",
    "parameters",
    "steps",
    "epochs",
    "hours",
    "GPU-hours",
    "days",
    "A100 hours",
    "hours of audio",
    "image-text pairs",
    "samples",
    "nodes",
    "GPUs",
    "H100",
    "TPU v4",
    "FLOPs",
    "MWh",
    "kg CO2",
    "jetons",
    "Stunden",
    "pasos",
    "total",
    "activated",
    "% MFU",
    "each",
    "bf16",
    "training data",
    "core-hours",
    "per node",
]
AFTER = [".", " of training data.", " on 64 H100s.", " and 5 epochs.", " per node.", ""]


def stated(text: str) -> bool:
    """Whether the reader finds anything in a piece, under a heading of training or none."""
    return any(card._read(text, heading, False) for heading in ("", "# Training"))


def passes(texts: list[str]) -> list[bool]:
    frame = pl.DataFrame({"piece": range(len(texts)), "text": texts})
    passed = set(gate.narrowed(frame)["piece"])
    return [i in passed for i in range(len(texts))]


@settings(max_examples=400)
@example(("It was trained on ", "two", "** ", "", "epochs", "."))
@given(st.tuples(*(st.sampled_from(p) for p in (BEFORE, FIGURES, GAPS, WORDS, UNITS, AFTER))))
def test_what_a_sentence_states_passes(parts: tuple[str, ...]) -> None:
    text = "".join(parts)
    if stated(text):
        assert passes([text]) == [True], text


@pytest.mark.parametrize("name", _FOLDERS)
def test_nothing_that_real_cards_state_is_kept_back(name: str) -> None:
    folder = _FOLDERS[name]
    if not folder.is_dir():
        pytest.skip("the labelled cards are not here")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("README.md"))]
    frame = pl.DataFrame({"document": range(len(texts)), "text": texts})
    parts = lines.placed(lines.pieces(frame))
    held = parts.join(lines.gated(parts), on="piece", how="anti").filter(~lines._code())
    text = pl.col("text")
    worded = lines._strong() | text.str.contains(lines._WEAK) | lines._sizes()
    worded |= lines._days_of_a_run()
    found = held.filter(worded, ~text.str.contains(lines._LOG))
    assert held.height > 100
    assert [text for text in found["text"] if stated(text)] == []


def test_prose_with_figures_and_words_far_apart_is_held_back() -> None:
    kept_back = "The tokenizer was stopped near 927 on short prompts. Each batch reached a new low."
    assert passes([kept_back, "It was trained on 927 billion tokens."]) == [False, True]


def gated(text: str) -> list[str]:
    parts = lines.placed(lines.pieces(pl.DataFrame({"document": [0], "text": [text]})))
    return lines.gated(parts)["text"].to_list()


def test_a_table_of_scores_is_held_back_and_one_of_training_passes() -> None:
    scores = (
        "| Benchmark | Ours 7B | Other 13B |\n|---|---|---|\n"
        "| Reading (5-shot) | 64.2 | 61.9 |\n| Arithmetic | 41.7 | 38.0 |\n"
    )
    training = "| Setting | Value |\n|---|---|\n| Training tokens | 2T |\n| GPU hours | 91,000 |\n"
    assert gated(scores) == []
    assert "2T" in "".join(gated(training))

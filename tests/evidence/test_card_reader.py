from __future__ import annotations

import time

import polars as pl
import pytest
import reading
from hypothesis import given, settings
from hypothesis import strategies as st

from gpai_scan import schema
from gpai_scan.evidence import card
from gpai_scan.evidence.cards import lines
from gpai_scan.evidence.cards.blocks import read_block
from gpai_scan.evidence.cards.pieces import blocks

FACTS = """# Title

Some words about it.

```
torchrun --nproc_per_node=8 train.py --tokens 100B  # trained on 100B tokens
```

## Training

It was trained
on **2 trillion tokens**.
"""


def test_the_claim_says_where_it_stands() -> None:
    row = reading.claims(FACTS).row(0, named=True)
    line = FACTS.split("\n")[row["line"] - 1]
    assert row["line"] == 12
    assert line[row["start"] : row["end"]] == "2 trillion tokens"
    assert row["quote"] in line
    assert (row["file"], row["method"], row["quantity"]) == ("README.md", "card_text", "tokens")


def test_the_columns_are_those_of_the_evidence_table() -> None:
    frame = reading.claims(FACTS)
    assert frame.schema == schema.EVIDENCE.schema
    assert reading.claims("nothing here").schema == schema.EVIDENCE.schema


def test_code_is_not_read() -> None:
    assert reading.used(FACTS)["tokens"] == [2e12]


@pytest.mark.parametrize("text", [FACTS.replace("\n", "\r\n"), "\ufeff" + FACTS, FACTS + "\x00"])
def test_line_ends_marks_and_nul(text: str) -> None:
    row = reading.claims(text).row(0, named=True)
    assert (row["line"], row["value"]) == (12, 2e12)


def test_digits_of_other_scripts_and_direction_marks() -> None:
    assert reading.used("\u200fتم تدريب النموذج على ٣٩٥ مليار رمز")["tokens"] == [395e9]
    assert reading.used("\uff12\uff14\uff10\uff10億トークンで学習。")["tokens"] == [240e9]


def test_a_missing_card_and_other_files_say_nothing() -> None:
    raw = reading.raw({"a/b": "It was trained on 2T tokens."})
    other = raw.documents.with_columns(path=pl.lit("docs/README.md"))
    none = raw.documents.with_columns(text=pl.lit(None, pl.String))
    for documents in (other, none):
        shard = type(raw)(raw.repositories, documents, raw.problems)
        assert card.evidence(shard).collect().height == 0


def test_the_same_card_twice_says_the_same_of_both() -> None:
    frame = card.evidence(reading.raw({"a/b": FACTS, "c/d": FACTS})).collect()
    rows = frame.drop("repo_id").partition_by("line", maintain_order=True)
    assert frame["repo_id"].n_unique() == 2
    assert all(part.n_unique() * 2 == part.height for part in rows)


def test_order_of_rows_and_shard_borders_change_nothing() -> None:
    cards = {f"n/model-{i}b": f"{FACTS}\nIt has {i}.2B parameters.\n" for i in range(1, 12)}
    whole = card.evidence(reading.raw(cards)).collect()
    parts = [
        card.evidence(reading.raw(dict(part))).collect()
        for part in (list(cards.items())[5:], list(cards.items())[:5])
    ]
    key = ["repo_id", "line", "start", "quantity"]
    assert pl.concat(parts).sort(key).equals(whole.sort(key))


def ungated(text: str) -> set[tuple[str, float | None, str | None]]:
    found = set()
    for block in blocks(text, "", False):
        for draft in read_block(block.text, block.heading, block.table):
            found.add((draft.quantity, draft.value, draft.text))
    return found


CASES = [
    "It was trained on 2 trillion tokens.",
    "The model has 7B parameters.",
    "Trained on 64 A100 GPUs for 3 weeks.",
    "Trained for 20 days on a TPU v4-512.",
    "We trained for 100,000 steps at a batch size of 512.",
    "It was fine-tuned on 300k examples for 3 epochs.",
    "Trained on 600 hours of audio.",
    "Carbon emitted: 300 kg of CO2.",
    "模型在2.6万亿词元上训练。",
    "| Model | Size |\n|---|---|\n| wren | 7B |",
]


@pytest.mark.parametrize("text", CASES)
def test_the_gate_lets_every_kind_of_claim_through(text: str) -> None:
    assert ungated(text)
    assert lines.gated(pl.DataFrame({"piece": [0], "text": [text]})).height == 1


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*CASES, "```", "# Title", "|", "<table>", "<td>3T", "</table>", "- x: 3"]
            ),
            st.text(max_size=60),
        ),
        max_size=12,
    )
)
def test_any_card_is_read_without_an_error(parts: list[str]) -> None:
    text = "\n".join(parts)
    frame = reading.claims(text)
    source = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert frame["line"].is_between(1, max(1, len(source))).all()
    assert (frame["start"] < frame["end"]).all()
    assert (
        frame["quote"].str.len_chars().max() is None or frame["quote"].str.len_chars().max() <= 200
    )


@pytest.mark.parametrize(
    "text",
    [
        "trained on 3 tokens, " * 60_000,
        "| 3T tokens " * 80_000,
        "[" * 500_000 + " trained on 3T tokens",
        "<td>" * 200_000 + "3T tokens",
        "*" * 800_000 + "3T tokens trained",
        "1," * 400_000 + " tokens trained on",
        "trained on 2T tokens\n" * 50_000,
        "trained on 2T tokens\n\n" * 50_000,
        "> " * 300_000 + "trained on 2T tokens",
        "<table>" * 100_000 + "3T tokens",
        "a" * 1_000_000 + " 3T tokens",
    ],
)
def test_no_text_costs_more_than_its_length(text: str) -> None:
    begin = time.process_time()
    reading.claims(text)
    assert time.process_time() - begin < 12


def test_evidence_of_one_card_is_bounded() -> None:
    text = "\n\n".join(f"Finch-{i}B was trained on {i}T tokens." for i in range(1, 2000))
    assert reading.claims(text, "x/finch-7B").height <= 400

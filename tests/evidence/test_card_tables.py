from __future__ import annotations

import pytest
import reading
from hypothesis import given
from hypothesis import strategies as st

from gpai_scan.evidence.cards.tables import html_grids, pipe_grid

FAMILY = """| Model | Params (B) | Tokens (T) | Context length | GPU hours |
|---|---|---|---|---|
| Heron 2B | 2.4 | 6 | 8K | 120K |
| Heron 9B | 9.2 | 8 | 8K | 510K |
| Total | | | | 630K |
"""
TRANSPOSED = """| | 2B dense | 9B dense | 1B MoE |
|---|---|---|---|
| # Parameters | 2.4B | **9.2B** | 1.3B |
| # Active parameters | 2.4B | **9.2B** | 400M |
| # Training tokens | 6T | **8T** | 5T |
| Sequence length | 128K | 128K | 128K |
"""
SPANS = """<table>
<tr><th>Model</th><th>Context</th><th>Pretrained tokens</th></tr>
<tr><td>3B series</td><td rowspan="2">4K</td><td rowspan="2">2T</td></tr>
<tr><td>30B series</td></tr>

<tr><td>60B series</td><td>16K</td><td>5T</td></tr>
</table>
"""


@pytest.mark.parametrize(
    ("repo_id", "expected"),
    [
        ("some/Heron-2B", (2.4e9, 6e12, 120e3)),
        ("some/Heron-9B-chat", (9.2e9, 8e12, 510e3)),
    ],
)
def test_the_row_of_this_size(repo_id: str, expected: tuple[float, ...]) -> None:
    found = reading.used(FAMILY, repo_id)
    quantities = ("parameters_total", "tokens", "accelerator_hours")
    assert tuple(found[q][0] for q in quantities) == expected
    assert all(len(found[q]) == 1 for q in quantities)


def test_other_rows_are_kept_with_their_subject() -> None:
    frame = reading.claims(FAMILY, "some/Heron-9B").filter(quantity="tokens", value=6e12)
    assert frame["subject"].to_list() == ["Heron 2B"]
    assert frame["rejected"].to_list() == ["other_member"]


def test_without_a_size_in_the_name_several_rows_are_ambiguous() -> None:
    assert "tokens" not in reading.used(FAMILY, "some/Heron")
    assert ("tokens", 8e12, "ambiguous_member") in reading.rejected(FAMILY, "some/Heron")


def test_a_total_row_is_not_a_model() -> None:
    assert ("accelerator_hours", 630e3, "total_row") in reading.rejected(FAMILY, "some/Heron-9B")


def test_prose_that_repeats_the_total_row_is_about_all_models() -> None:
    text = f"Training utilized a cumulative 630K GPU hours.\n\n{FAMILY}"
    assert reading.used(text, "some/Heron-9B")["accelerator_hours"] == [510e3]


def test_a_transposed_table_with_bold_numbers() -> None:
    found = reading.used(TRANSPOSED, "some/heron-9b-instruct")
    assert found["parameters_total"] == [9.2e9]
    assert found["tokens"] == [8e12]
    assert "sequence_length" not in found


def test_active_parameters_of_the_mixture_column() -> None:
    found = reading.used(TRANSPOSED, "some/heron-1b-a400m")
    assert found["parameters_active"] == [400e6]
    assert found["tokens"] == [5e12]


@pytest.mark.parametrize(
    ("repo_id", "tokens"), [("x/kite-3B", 2e12), ("x/kite-30B", 2e12), ("x/kite-60B", 5e12)]
)
def test_spans_of_html_tables_are_filled(repo_id: str, tokens: float) -> None:
    assert reading.used(SPANS, repo_id)["tokens"] == [tokens]


def test_blank_cells_of_a_continued_row_repeat_the_row_above() -> None:
    text = """| | Params | Context | Token count |
|---|---|---|---|
| Plover (text) | 8B | 128k | 15T+ |
| | 70B | 128k | |
"""
    assert reading.used(text, "x/Plover-70B")["tokens"] == [15e12]


def test_a_column_of_the_sum_leaves_the_others_parts() -> None:
    text = (
        "| Model | English (tokens) | Code (tokens) | Total (tokens) |\n|---|---|---|---|\n"
        "| finch-7b | 800B | 200B | 1000B |"
    )
    assert reading.used(text, "x/finch-7b")["tokens"] == [1e12]


def test_rows_of_stages_are_of_one_model() -> None:
    text = (
        "| Stage | Tokens |\n|---|---|\n| Pre-training | 6T |\n| Long-context training | 100B |\n"
        "| SFT | 2B |"
    )
    found = reading.claims(text, "x/finch-7b").filter(quantity="tokens")
    stages = dict(found.select("value", "stage").iter_rows())
    assert stages == {6e12: "pretraining", 1e11: "continued_pretraining", 2e9: "post_training"}


def test_numbered_stages_are_parts() -> None:
    text = "| Stage | Tokens |\n|---|---|\n| Stage 1 | 4T |\n| Stage 2 | 1T |\n| Total | 5T |"
    assert reading.used(text, "x/finch-7b")["tokens"] == [5e12]


def test_settings_with_units_in_their_values() -> None:
    text = """| Setting | Value |
|---|---|
| Parameters | 1.1B |
| Batch size | 2 million tokens |
| Total tokens during training | 3 trillion (a bit over 3 epochs / 1,430k steps) |
| Hardware | 16 A100-40G GPUs |
| Training duration | 90 days |
"""
    found = reading.used(text, "x/wren-1.1B")
    assert found["batch_tokens"] == [2e6]
    assert found["tokens"] == [3e12]
    assert found["epochs"] == [3.0]
    assert found["steps"] == [1.43e6]
    assert found["accelerator_count"] == [16.0]
    assert found["accelerator_hours"] == [16 * 90 * 24.0]


@pytest.mark.parametrize(
    "text",
    [
        "| Model | Minimum VRAM | GPUs |\n|---|---|---|\n| wren-7B | 15 GB | 1 x A100 |\n",
        "| Batch size | 256 | 512 |\n|---|---|---|\n| 1 | 13.2 GB | 13.6 GB |\n"
        "| 2 | 14 GB | 15 GB |\n",
        "| Training Loss | Epoch | Step |\n|---|---|---|\n| 0.5 | 1.0 | 500 |\n"
        "| 0.4 | 2.0 | 1000 |\n",
        "| Model | Tokens/s | Steps |\n|---|---|---|\n| wren-7B | 5000 | 50 |\n",
    ],
)
def test_tables_of_runs_say_nothing_of_training(text: str) -> None:
    found = reading.used(text, "x/wren-7B")
    assert not set(found) & {"accelerator_count", "batch_sequences", "steps", "epochs", "tokens"}


def test_total_and_active_in_one_cell() -> None:
    text = "| Key | Value |\n|---|---|\n| Params (total / activated) | 21B / 3B |\n"
    found = reading.used(text, "x/owl-21B-A3B")
    assert (found["parameters_total"], found["parameters_active"]) == ([21e9], [3e9])


def test_stages_in_one_cell() -> None:
    text = (
        "| Model | Training time |\n|---|---|\n"
        "| lark-11B | Stage 1 pretraining: 147K H100 hours Stage 2 annealing: 98K H100 hours "
        "SFT: 896 H100 hours |\n"
    )
    frame = reading.claims(text, "x/lark-11B").filter(quantity="accelerator_hours")
    stages = dict(frame.select("stage", "value").iter_rows())
    parts = {"pretraining": 147e3, "continued_pretraining": 98e3, "post_training": 896.0}
    assert stages == parts | {"all_training": sum(parts.values())}


def test_pipes_that_are_escaped_do_not_cut() -> None:
    grid, header = pipe_grid("| a \\| b | c |\n|---|---|\n| 1 | 2 |")
    assert header
    assert [len(row) for row in grid] == [2, 2]


@given(st.text(alphabet="<>/tdrhable |\n-=\"'0123rowspancol", max_size=400))
def test_malformed_tables_never_raise(text: str) -> None:
    for grid, _ in [*html_grids(f"<table>{text}"), pipe_grid(text)]:
        assert all(cell is None or cell.text is not None for row in grid for cell in row)

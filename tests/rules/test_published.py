"""Counts on Epoch AI's table of 17 July 2026, as the facts about the rules give them."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from gpai_scan import counting, rules
from gpai_scan.rules.bridge import judge_over
from gpai_scan.rules.published import published
from gpai_scan.rules.units import number

LINES = (3e21, 1e22, 1e23, 1e24, 3e24, 1e25, 1e26)
ALL = ((709, 172), (616, 158), (378, 105), (169, 54), (90, 33), (23, 13), (3, 2))
OPEN = ((488, 133), (428, 119), (263, 81), (110, 36), (56, 21), (4, 3), (0, 0))
OPEN_AND_GENERATIVE = ((430, 119), (393, 110), (254, 78), (107, 35), (55, 21), (4, 3), (0, 0))
GENERATIVE = "outputs has text, text_to_image, text_to_video"


@cache
def frame(open_weights: bool | None) -> pl.LazyFrame:
    return rules.subjects(*published(open_weights=open_weights)).collect().lazy()


def above(open_weights: bool | None, condition: str) -> tuple[int, int]:
    """Rows of the table and lead organisations for which a condition holds."""
    regime = rules.inline(condition)
    judged = judge_over(frame(open_weights))(regime.rules[0], regime)
    counts = counting.tally(judged.with_columns(number(pl.col("entity_id")).alias("entity")))
    return counts["models_in"][0], counts["entities_in"][0]


@pytest.mark.parametrize(("line", "expected"), list(zip(LINES, ALL, strict=True)))
def test_all_models(line: float, expected: tuple[int, int]) -> None:
    assert above(None, f"training_compute > {line}") == expected


@pytest.mark.parametrize(("line", "expected"), list(zip(LINES, OPEN, strict=True)))
def test_open_weights(line: float, expected: tuple[int, int]) -> None:
    assert above(True, f"training_compute > {line}") == expected


@pytest.mark.parametrize(("line", "expected"), list(zip(LINES, OPEN_AND_GENERATIVE, strict=True)))
def test_open_weights_that_generate(line: float, expected: tuple[int, int]) -> None:
    assert above(True, f"training_compute > {line} and {GENERATIVE}") == expected


def modifiers() -> pl.DataFrame:
    """Fine-tunes with known own compute, and what both tests say of them."""
    estimates, entities = published(joint="shared")
    subjects = rules.subjects(estimates, entities).collect().lazy()
    judge = judge_over(subjects)
    draft, final = rules.load("eu-draft-2025-04"), rules.load("eu-guidelines-final")
    absolute = judge(draft.rule("modifier-gpai"), draft)
    relative = judge(final.rule("modifier"), final)
    known = subjects.filter(pl.col("own_flop").is_not_null() & pl.col("_downstream")).select(
        "repo_id", pl.col("own_to_base_ratio").is_not_null().alias("base_known")
    )
    return (
        known.collect()
        .join(absolute.select("repo_id", absolute="verdict"), on="repo_id", how="left")
        .join(relative.select("repo_id", relative="verdict"), on="repo_id", how="left")
    )


def test_the_relative_test_cuts_modifiers_by_more_than_an_order_of_magnitude() -> None:
    pairs = modifiers()
    based = pairs.filter("base_known")
    drop = {
        "pairs of other organisations": pairs.height,
        "above 3e21": pairs.filter(pl.col("absolute") == "in").height,
        "with a known base": based.height,
        "above a third of the base": based.filter(pl.col("relative") == "in").height,
    }
    assert drop == {
        "pairs of other organisations": 180,
        "above 3e21": 57,
        "with a known base": 155,
        "above a third of the base": 3,
    }
    names = based.filter(pl.col("relative") == "in")["repo_id"].str.replace(r"^[^/]*/", "")
    assert set(names) == {"Emu3.5", "Segment Anything Model", "Unicorn"}


def test_every_row_of_the_table_is_a_subject() -> None:
    estimates, _ = published()
    held = estimates.select(pl.len(), pl.col("repo_id").n_unique().alias("names")).collect()
    assert held.row(0) == (3555, 3555)
    silent = estimates.filter(pl.col("compute_flop").is_null()).select("skip_reason").collect()
    assert silent.null_count().item() == 0

"""Tokens of models that their cards say go on from another."""

from __future__ import annotations

import pytest
import reading

FRONT = "---\nbase_model: lab/orca-7b\n---\n"


def stages(text: str, repo_id: str = "a/heron-7b") -> list[str | None]:
    frame = reading.claims(text, repo_id)
    return [
        str(s) if s else None for q, s in frame.select("quantity", "stage").rows() if q == "tokens"
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Heron comes from Orca through continued pretraining on web text.",
        "The model was further trained on web text.",
        "Heron est issu d'un pré-entraînement continu.",
    ],
)
def test_tokens_of_a_continued_model_are_of_the_continuation(said: str) -> None:
    text = f"{FRONT}{said}\n\nWe train the model on 40B tokens.\n"
    assert stages(text) == ["continued_pretraining"]


def test_without_word_of_it_or_without_a_base_the_stage_is_left_open() -> None:
    figure = "We train the model on 40B tokens.\n"
    assert stages(FRONT + figure) == [None]
    assert stages("The model was further trained on web text.\n\n" + figure) == [None]


def test_a_base_of_the_same_name_is_no_other_model() -> None:
    text = f"{FRONT}The model was further trained on web text.\n\nWe train it on 40B tokens.\n"
    assert stages(text, "a/orca-7b") == [None]


def test_further_training_that_is_post_training_continues_no_pre_training() -> None:
    text = f"{FRONT}The model was further trained with DPO.\n\nWe train the model on 40B tokens.\n"
    assert stages(text) == [None]

"""How long a training ran, where a card gives its first and its last day in two places."""

from __future__ import annotations

import pytest
import reading

MACHINES = "- **GPUs:** 64 H100\n"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("- **Started:** 3 March 2024\n- **Finished:** 22 April 2024", 50),
        ("Training start: 2024-02-01\n\nTraining end: 2024-02-15", 14),
        ("- Start of training: 11.03.2022\n- End of training: 06.07.2022", 117),
        ("Training dates: 04/03/2023 - 16/03/2023", 12),
        ("Training dates: 03/04/2023 - 03/16/2023", 12),
        ("Training dates: 02/03/2023 - 05/01/2023", 87),
        ("Training ran from 28 December to 4 January 2024.", 7),
        ("We trained it between 1 and 10 June 2023.", 9),
        ("| | |\n|---|---|\n| Training start | 1 May 2024 |\n| Training end | 9 May 2024 |", 8),
    ],
)
def test_the_days_between(text: str, days: int) -> None:
    assert reading.used(f"{MACHINES}\n{text}")["training_hours"] == [24.0 * days]


@pytest.mark.parametrize(
    "text",
    [
        "- Started collecting: 2 May 2021\n- Finished collecting: 9 September 2021",
        "- Release date: 3 March 2024\n- Data cutoff: 1 January 2024",
        "The news corpus covers 1 January 2020 to 31 December 2022.",
        "- Training ended: 5 March 2024",
        "Training dates: 02/03/2023 - 08/05/2023",
        "- Training started: 3 May 2024\n- Training ended: 9 May 2024\n"
        "- Training started: 3 June 2024\n- Training ended: 9 July 2024",
    ],
)
def test_days_of_other_things_or_of_who_knows_which_run(text: str) -> None:
    assert "training_hours" not in reading.used(f"{MACHINES}\n{text}")


def test_days_that_nothing_calls_training_count_beside_machines_alone() -> None:
    days = "- Started: 3 March 2024\n- Finished: 22 April 2024"
    assert reading.used(f"{MACHINES}{days}")["accelerator_hours"] == [64 * 50 * 24.0]
    assert "training_hours" not in reading.used(days)


def test_a_note_says_which_days_and_where_they_stand() -> None:
    text = f"{MACHINES}\nTraining start: 1 May 2024\n\nTraining end: 9 May 2024"
    found = reading.claims(text).filter(quantity="training_hours")
    assert found["note"].to_list() == ["8 days from 2024-05-01 to 2024-05-09 (lines 3 and 5)"]

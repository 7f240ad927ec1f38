"""Which sentences state a figure, told without the reader that is measured by them."""

import json
from pathlib import Path

import pytest

from gpai_scan.evaluate import quotes

SAID = [
    ("We spent 2,600 GPU hours on it.", 2600.0),
    ("The run took 12 days on 32 A100 GPUs.", 9216.0),
    ("Trained for two weeks on eight V100 cards of one server.", 2688.0),
    ("All 16 nodes with 8 A100 GPUs each were busy for 7 days.", 21504.0),
    ("Hardware Type: 8xH100 Hours used: 216", 1728.0),
    ("It ran between 20 and 30 hours on 4 GPUs.", 100.0),
    ("8 hours of tuning and 3 hours of alignment, both on 4 V100 GPUs", 44.0),
    ("A single H100 was in use for 10 days.", 240.0),
    ("Stage one took 885K H100 hours and stage two 885K H100 hours.", 1.77e6),
    ("56 hours on a TPU v5e-64 slice", 3584.0),
]
NOT_SAID = [
    ("Trained for 12 hours and 14 epochs.", 12.0),
    ("The lead times are 1 h, 3 h and 24 h; bias grew by a factor of 527.", 12648.0),
    ("It takes 15 hours on 3 multicore CPUs.", 45.0),
    ("7 days on 16 nodes, each with 8 A100 GPUs", 1344.0),
    ("64 V100 GPUs and a batch of 1024 for 2.5 days", 61440.0),
]


@pytest.mark.parametrize(("sentence", "figure"), SAID)
def test_devices_times_duration_state_hours(sentence: str, figure: float) -> None:
    assert quotes.stated(sentence, "accelerator_hours", figure) == figure
    assert quotes.stated(sentence, "accelerator_hours", 1.2 * figure) is None


@pytest.mark.parametrize(("sentence", "figure"), NOT_SAID)
def test_other_numbers_state_no_hours(sentence: str, figure: float) -> None:
    assert quotes.stated(sentence, "accelerator_hours", figure) is None


@pytest.mark.parametrize(
    ("sentence", "cores"),
    [
        ("It was trained for 14 hours on a TPU v4-128 slice.", 1792.0),
        ("We used a 512-core TPUv3 for 7 days.", 86016.0),
        ("2048 TPU v3 cores for 4 days", 196608.0),
    ],
)
def test_a_figure_that_counts_cores_is_halved(sentence: str, cores: float) -> None:
    assert quotes.stated(sentence, "accelerator_hours", cores) == cores / 2
    assert quotes.stated(sentence, "accelerator_hours", cores / 2) == cores / 2


def test_of_several_stages_the_nearest_is_held_against_the_figure(tmp_path: Path) -> None:
    sentence = "Pretraining took 4 hours on 8 A100 GPUs. Finetuning took 10 hours on 8 A100 GPUs."
    path = tmp_path / "quotes.jsonl"
    path.write_text(
        json.dumps(
            {"model": "Lamp", "field": "compute", "quote": sentence, "accelerator_hours": 80}
        )
    )
    row = quotes.read(path).row(0, named=True)
    assert (row["figure"], row["found"]) == (80.0, 80.0)

"""Formulas against published numbers and against their own properties."""

import math
import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpai_scan import assets, compute


def value(expression: pl.Expr) -> float | None:
    return pl.select(expression).item()


def examples() -> list[tuple[str, dict[str, float]]]:
    found = []
    for name in ("eu-draft-2025-04", "eu-guidelines-final"):
        path: Path = assets.find("data/regimes", name, ".toml")
        regime = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [(f"{name}:{example['id']}", example) for example in regime["example"]]
    return found


@pytest.mark.parametrize(("name", "example"), examples(), ids=[name for name, _ in examples()])
def test_worked_examples_of_both_annexes(name: str, example: dict[str, float]) -> None:
    if example["method"] == "architecture":
        flop = compute.transformer_flop(pl.lit(example["parameters"]), pl.lit(example["tokens"]))
    else:
        flop = compute.hardware_flop(
            pl.lit(float(example["accelerator_hours"])),
            pl.lit(example["peak_flop_per_s"]),
            pl.lit(example["utilisation"]),
        )
    assert value(flop) == pytest.approx(
        example["expected_flop"], rel=example["relative_tolerance"]
    ), name


def test_all_thirteen_examples_are_there() -> None:
    assert len(examples()) == 13


@pytest.mark.parametrize(
    ("parameters", "tokens", "published", "tolerance"),
    [
        (175e9, 300e9, 3.14e23, 0.01),  # GPT-3, Brown et al. 2020, table D.1
        (70e9, 1.4e12, 5.76e23, 0.03),  # Chinchilla, Hoffmann et al. 2022
        (405e9, 15.6e12, 3.8e25, 0.01),  # Llama 3.1 405B, as published
    ],
)
def test_published_training_compute(
    parameters: float, tokens: float, published: float, tolerance: float
) -> None:
    flop = compute.transformer_flop(pl.lit(parameters), pl.lit(tokens))
    assert value(flop) == pytest.approx(published, rel=tolerance)


def test_counts_above_sixty_four_bits_do_not_wrap() -> None:
    frame = pl.DataFrame({"n": [70_000_000_000], "d": [15_000_000_000_000]})
    flop = frame.select(compute.transformer_flop(pl.col("n"), pl.col("d"))).item()
    assert flop == pytest.approx(6.3e24)


def test_attention_is_added_only_where_the_context_is_wide() -> None:
    def flop(context: float) -> float:
        return float(
            value(
                compute.architecture_flop(
                    pl.lit(1.3e9), pl.lit(1e12), pl.lit(24.0), pl.lit(2048.0), pl.lit(context)
                )
            )
            or 0
        )

    plain = 6 * 1.3e9 * 1e12
    assert flop(512.0) == plain
    assert flop(4096.0) == pytest.approx(plain + 6 * 24 * 2048 * 4096 * 1e12)


def test_unknown_context_leaves_the_plain_formula() -> None:
    nothing = pl.lit(None, dtype=pl.Float64)
    flop = compute.architecture_flop(pl.lit(1e9), pl.lit(1e12), nothing, nothing, nothing)
    assert value(flop) == 6e21


def test_an_adapter_costs_about_two_thirds_of_a_full_fine_tune() -> None:
    adapter = value(compute.adapter_flop(pl.lit(7e9), pl.lit(2e7), pl.lit(1e9)))
    full = value(compute.transformer_flop(pl.lit(7e9), pl.lit(1e9)))
    assert adapter is not None
    assert full is not None
    assert adapter / full == pytest.approx(2 / 3, rel=0.01)


positive = st.floats(min_value=1e3, max_value=1e15)


@given(positive, positive, st.floats(min_value=1.01, max_value=100))
def test_more_parameters_or_tokens_never_cost_less(n: float, d: float, factor: float) -> None:
    base = value(compute.transformer_flop(pl.lit(n), pl.lit(d)))
    assert base is not None
    for more in (
        compute.transformer_flop(pl.lit(n * factor), pl.lit(d)),
        compute.transformer_flop(pl.lit(n), pl.lit(d * factor)),
    ):
        assert (value(more) or 0) > base


@given(st.floats(min_value=1e15, max_value=1e27), st.floats(min_value=0.01, max_value=1))
def test_the_interval_holds_the_centre_and_ninety_per_cent(flop: float, sigma: float) -> None:
    low, high = compute.interval(pl.lit(flop), pl.lit(sigma))
    lower, upper = value(low), value(high)
    assert lower is not None
    assert upper is not None
    assert lower < flop < upper
    assert value(compute.above(upper, pl.lit(flop), pl.lit(sigma))) == pytest.approx(0.05, abs=1e-6)
    assert value(compute.above(lower, pl.lit(flop), pl.lit(sigma))) == pytest.approx(0.95, abs=1e-6)


def test_the_probability_at_the_threshold_is_a_half_and_of_nothing_is_nothing() -> None:
    assert value(compute.above(1e23, pl.lit(1e23), pl.lit(0.2))) == pytest.approx(0.5)
    nothing = pl.lit(None, dtype=pl.Float64)
    assert value(compute.above(1e23, nothing, pl.lit(0.2))) is None
    assert math.isfinite(value(compute.above(1e23, pl.lit(1e10), pl.lit(0.2))) or 0.0)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpai_scan.evidence.cards.numbers import find_numbers, grouped, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15T+ tokens", 15e12),
        ("1.4 trillion tokens", 1.4e12),
        ("3 000 milliards de tokens", 3e12),
        ("2,4T de jetons", 2.4e12),
        ("3 billones de tokens", 3e12),
        ("7.000 millones de parámetros", 7e9),
        ("2,5 Billionen Token", 2.5e12),
        ("500 Milliarden Parameter", 500e9),
        ("300 bilhões de tokens", 300e9),
        ("1,1 trilioni di token", 1.1e12),
        ("1,5 biljoen tokens", 1.5e12),
        ("1,2 трлн токенов", 1.2e12),
        ("395 مليار رمز", 395e9),
        ("2.6 万亿 Tokens", 2.6e12),
        ("5030 亿 token", 503e9),
        ("1兆7000億トークン", 1.7e12),
        ("三万亿词元", 3e12),
        ("70억 개의 파라미터", 7e9),
        ("2조 개의 토큰", 2e12),
        ("500 tỷ token", 500e9),
        ("15Tトークン", 15e12),
        ("two trillion tokens", 2e12),
        ("half a trillion tokens", 0.5e12),
        ("1.5×10^12 tokens", 1.5e12),
        ("3e24 FLOP", 3e24),
        ("10^{23} FLOP", 1e23),
        ("176,247,271,424 parameters", 176247271424.0),
        ("9'216 GPU hours", 9216.0),
        ("1,430k steps", 1.43e6),
        ("1550 M", 1550e6),
        ("2.5T trillion tokens", 2.5e12),
        ("80kTPU days", 80e3),
        ("three weeks", 3.0),
    ],
)
def test_the_first_number_in_base_units(text: str, value: float) -> None:
    assert find_numbers(text)[0].value == pytest.approx(value)


def test_a_french_sentence_means_the_long_scale() -> None:
    french = "Le corpus est composé de 2 billions de tokens pour les modèles."
    english = "The corpus is made of 2 billion tokens for the models."
    assert find_numbers(french)[0].value == 2e12
    assert find_numbers(english)[0].value == 2e9


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("about 3T tokens", "about"),
        ("~3T tokens", "about"),
        ("over 3T tokens", "at_least"),
        ("more than 3T tokens", "at_least"),
        ("3T+ tokens", "at_least"),
        ("up to 3T tokens", "at_most"),
        ("超过 3万亿 tokens", "at_least"),
        ("3T tokens", "equal"),
    ],
)
def test_how_a_figure_is_meant(text: str, bound: str) -> None:
    assert find_numbers(text)[0].bound == bound


def test_a_range_takes_the_scale_of_its_end() -> None:
    number = find_numbers("between 0.2 to 2.4 trillion tokens")[0]
    assert (number.low, number.high) == (0.2e12, 2.4e12)


@pytest.mark.parametrize("text", ["Llama-2-7B", "A100-80G", "v1.5", "GPT-3"])
def test_numbers_in_names_are_marked(text: str) -> None:
    assert all(number.in_name for number in find_numbers(text))


def test_a_lone_dot_before_three_digits_groups_a_count() -> None:
    text = "58.000 GPU-hours"
    assert grouped(find_numbers(text)[0], text).value == 58000.0


@pytest.mark.parametrize(
    ("digits", "value"),
    [("1,234", 1234.0), ("2,4", 2.4), ("1.234.567", 1234567.0), ("0,123", 0.123)],
)
def test_separators(digits: str, value: float) -> None:
    assert plain(digits) == pytest.approx(value)


@given(st.text(max_size=300))
def test_any_text_is_read_in_order(text: str) -> None:
    found = find_numbers(text)
    starts = [number.start for number in found]
    assert starts == sorted(starts)
    assert all(0 <= n.start < n.end <= len(text) and n.low <= n.value <= n.high for n in found)

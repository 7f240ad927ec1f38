"""The number that a value means under a label that names a quantity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import prose, rules
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.fields import Field
from gpai_scan.evidence.cards.numbers import Number, grouped
from gpai_scan.evidence.cards.units import sentence

_COUNTS = frozenset(
    {
        "steps",
        "batch_sequences",
        "batch_tokens",
        "sequence_length",
        "tokens",
        "unique_tokens",
        "token_data",
        "accelerator_hours",
        "parameters_total",
        "parameters_active",
        "hours_used",
    }
)


_CHOSEN = frozenset({"epochs", "batch_sequences", "batch_tokens", "steps"})


_COUNTED = re.compile(r"\s?\+?\s?(?:\w+\s){0,3}tokens?\b")


# "44 samples x 32 workers = 1408 samples", "2 per device (effective = 8)"; of what is 32 x 8 = 256
# a batch, nobody knows.
_RESULT = re.compile(
    r"\d[^=]*(?:samples|sequences|examples|tokens)[^=]*[x×*·]\s?\d[^=]*=\s?(?:~\s?)?$"
    r"|\beffective(?:\s(?:global\s)?batch(?:\s?size)?)?\s?[=:]?\s?(?:of\s)?$",
    re.IGNORECASE,
)


# "3, 5, 8", "{32, 64}": settings that were tried, none of which is the one used.
_ALTERNATIVES = re.compile(r"\W*\d[\d.]*(?:(?:,\s|\s?/\s?|\s?\|\s?|\sor\s)\d[\d.]*)+\W*")


def _pick(field: Field, numbers: list[Number], text: str) -> Number:
    """The number a value means: the result of a product, or the one in the unit of the field."""
    for number in numbers:
        if _RESULT.search(text[: number.start]):
            return number
    if field.quantity in {"tokens", "unique_tokens", "token_data", "batch_tokens"}:
        for number in numbers:
            counted = _COUNTED.match(text[number.end : number.end + 40].lower())
            if counted and ("unique" in counted[0]) == (field.quantity == "unique_tokens"):
                return number
    if field.quantity == "steps":
        for number in numbers:
            if re.match(
                r"\s?(?:\w+\s)?(?:steps|iterations)", text[number.end : number.end + 30].lower()
            ):
                return number
    return numbers[0]


def _meant(field: Field, number: Number, after: str) -> tuple[str, float] | None:
    """The quantity and factor that a field means for a number; None where it means nothing."""
    factor = field.factor if number.scale == 1.0 and number.value < 1e6 else 1.0
    quantity = field.quantity
    if quantity == "accelerator_days":
        return "accelerator_hours", factor * 24
    if quantity == "utilisation":
        return quantity, 0.01 if number.value > 1 else 1.0
    if quantity == "batch_sequences" and (_TOKENS.match(after) or number.value >= 3e5):
        return "batch_tokens", factor
    if quantity == "token_data":  # "Training data: 3.4T tokens", "15T"
        large = number.scale >= 1e6 or number.value >= 1e9
        if large and _UNIQUE.match(after):
            return "unique_tokens", factor
        return ("tokens", factor) if large and _DATA_TOKENS.match(after) else None
    return quantity, factor


# "Epochs: web 1, books 3": each part of the data has its own.
_NAMED_FIRST = re.compile(r"\W*[A-Za-z][A-Za-z ]{1,20}[ :=]\s?\d[\d.]*,")


_TOKENS = re.compile(r"\s?\+?\s?tokens?")


_DATA_TOKENS = re.compile(r"\s?\+?\s?(?:[\w\-]+,?\s){0,6}(?:tokens?|词元|トークン|$)")


_UNIQUE = re.compile(r"\s?\+?\s?(?:unique|distinct|deduplicated) tokens?\b")


_NOT_TOKENS = re.compile(
    r"\s?(?:gb|tb|images|pairs|hours|samples|documents|steps|epochs|words|pages|examples|%)"
)


_NOT_PARAMETERS = re.compile(r"\s?(?:gb|mb|gib|tokens|images|hours|%)")


_YEARS = (1900.0, 2100.0)
"""Between these a span is one of years: "yearly updates from 2000 to 2024"."""


def _fits(quantity: str, number: Number, value: float, after: str) -> bool:
    """Whether what follows a number, and its size, go with the quantity."""
    if quantity in _WHOLE and (number.value != int(number.value) or _OTHER_UNIT.match(after)):
        return False
    if quantity == "steps" and _YEARS[0] <= number.low < number.high <= _YEARS[1]:
        return False
    if quantity in {"tokens", "unique_tokens"}:
        return value >= 1e6 and not _NOT_TOKENS.match(after)
    return not (quantity.startswith("parameters") and _NOT_PARAMETERS.match(after))


def figure(
    field: Field, numbers: list[Number], text: str, label: str, stage: str | None
) -> Iterator[Draft]:
    """The claims of a value that holds numbers; `numbers` are all of `text`."""
    if field.quantity == "epochs" and len(numbers) > 1 and _NAMED_FIRST.match(text):
        return
    if field.quantity in _CHOSEN and _ALTERNATIVES.fullmatch(text):
        return
    number = _pick(field, numbers, text)
    if field.quantity in _COUNTS:
        number = grouped(number, text)
    after = text[number.end :].lower()
    meant = _meant(field, number, after)
    if meant is None:
        return
    quantity, factor = meant
    product = _PRODUCT.match(text.strip()) if quantity.startswith("batch_") else None
    if product:
        result = float(product["result"].replace(",", ""))
        number = replace(number, value=result, low=result, high=result)
    if quantity.startswith("parameters") and number.value > _LARGEST:
        number = _with_decimals(number, text)
    value, low, high = (v * factor for v in (number.value, number.low, number.high))
    if not field.least <= value <= field.most or not _fits(quantity, number, value, after):
        return
    if quantity == "accelerator_hours" and stage is None and rules.covers_all(label.lower()):
        stage = "all_training"
    yield Draft(
        quantity,
        number.start,
        number.end,
        value,
        low,
        high,
        bound=number.bound,
        stage=stage,
        rejected=field.rejected,
    )
    if quantity == "tokens" and len(numbers) > 1:
        yield from _rest(text, label)
    if quantity == "batch_sequences" and field.rejected is None:
        for other in numbers[1:]:  # "2,800 sequences, about 12 million tokens"
            if 1e3 <= other.value <= 1e10 and _TOKENS.match(text[other.end :].lower()):
                figures = (other.value, other.low, other.high)
                yield Draft("batch_tokens", other.start, other.end, *figures, bound=other.bound)


_LARGEST = 1e12  # parameters; beyond it "1,017 B" is more likely one billion and a bit
_DECIMALS = re.compile(r"\d,(?!000)\d{3} ?[BM]\b")


def _with_decimals(number: Number, text: str) -> Number:
    """A number of parameters whose comma, before three digits and a unit, is that of decimals."""
    if not _DECIMALS.fullmatch(text[number.start : number.end]):
        return number
    value = number.value / 1e3
    return replace(number, value=value, low=value, high=value)


_PRODUCT = re.compile(r"^[\d,]+(?:\s?[x×*]\s?[\d,]+)+\s?=\s?(?P<result>\d[\d,]*)")


_WHOLE = frozenset(
    [
        "steps",
        "batch_sequences",
        "batch_tokens",
        "sequence_length",
        "accelerator_count",
        "accelerator_nodes",
        "accelerators_per_node",
    ]
)


_OTHER_UNIT = re.compile(r"^\s?(?:GB|GiB|MB|ms|s\b|sec|%|x\b|°|hours?|days?|\.\d)", re.IGNORECASE)


def _rest(text: str, label: str) -> Iterator[Draft]:
    """Further claims in a value, as `3 trillion (3 epochs / 1430k steps)`."""
    for draft in prose.read_sentence(sentence(f"trained for {text}", -12, label.lower())):
        if draft.quantity in {"epochs", "steps"}:
            yield replace(draft, stage=None)

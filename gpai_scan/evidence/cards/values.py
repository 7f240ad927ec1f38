"""Reads the value of a `label: value` line or a table cell whose label names the quantity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import prose, rules
from gpai_scan.evidence.cards.amounts import COMPONENT_HEADING, HOURS_IN
from gpai_scan.evidence.cards.dates import read_dates
from gpai_scan.evidence.cards.drafts import HOURS_USED, Draft
from gpai_scan.evidence.cards.fields import Field, field_of
from gpai_scan.evidence.cards.hardware import devices
from gpai_scan.evidence.cards.machines import read_hardware
from gpai_scan.evidence.cards.mentions import mentions
from gpai_scan.evidence.cards.numbers import Number, find_numbers, grouped
from gpai_scan.evidence.cards.units import sentence

_TIME = re.compile(
    r"(?P<unit>hours?|hrs?|h\b|days?|weeks?|months?|minutes?|天|日|小时|時間)", re.IGNORECASE
)


# "1,200 GPU hours", "7 A100-days"
_OF_DEVICES = re.compile(
    r"(?:gpu|tpu|npu|accelerator|[ahv]\d{3}\w{0,3})s?[\s-]*(?P<unit>hours?|hrs?|h\b|days?|weeks?)",
    re.IGNORECASE,
)
_COUNTS = frozenset(
    {
        "steps",
        "batch_sequences",
        "batch_tokens",
        "tokens",
        "unique_tokens",
        "token_data",
        "accelerator_hours",
        "parameters_total",
        "parameters_active",
        "hours_used",
    }
)


_EMPTY = re.compile(
    r"^\W*(?:more information needed|n/?a|none|unknown|tbd|tba|todo|-|—|)\W*$", re.IGNORECASE
)


_STAGED = re.compile(
    r"(?P<stage>[A-Za-z][\w \-]{1,30}?)\s?[:：]\s?~?(?P<n>[\d.,]+\s?[KMB]?)\s?(?:[A-Z]\w+\s){0,"
    r"2}(?:GPU )?(?:hours|hrs|h\b|tokens)",
    re.IGNORECASE,
)


_STAGED_QUANTITIES = frozenset({"accelerator_hours", "tokens", "training_hours", "hours_used"})
_DEVICE_HOURS = re.compile(r"(?:gpu|tpu|[ahv]\d{3})s?[ -]?h", re.IGNORECASE)
_STEP_NAME = re.compile(r"\bstep[-_]?(?P<n>\d{3,9})(?P<k>[kK]?)(?![\d])")


_DURATIONS = frozenset({"training_hours", "accelerator_hours"})
_FLOP = re.compile(r"flop|\d(?:e|\s?[x×]\s?10|\^)|^[\W\d]*$", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d")
_BARE = re.compile(r"^\W*\d{1,3}(?:,\d{3})*\W*$|^\W*\d{1,7}\W*$")


_PLURAL = re.compile(r"gpus|tpus|accelerators|devices|chips", re.IGNORECASE)


def stage_of(label: str) -> str | None:
    """The stage that a label names, if any."""
    return rules.stage("", "", label.lower())


def read_value(field: Field, label: str, text: str, heading: str) -> Iterator[Draft]:
    """Claims of one value under a label; positions are within the plain value text."""
    if _EMPTY.match(text):
        return
    parts = list(_parts(label, text)) if " / " in label else []
    if parts:
        for part, named, value, start in parts:
            for draft in read_value(part, named, value, heading):
                yield replace(draft, start=draft.start + start, end=draft.end + start)
        return
    if field.quantity.startswith("parameters") and COMPONENT_HEADING.search(heading.lower()):
        field = replace(field, rejected="component")
    stage = stage_of(label) or rules.stage("", "", heading.lower())
    quantity = field.quantity
    if quantity in {"training_dates", "training_hours"} and _YEAR.search(text):
        source = sentence(f"{label}: {text}", -len(label) - 2, heading.lower())
        days = list(read_dates(source))
        yield from days
        if days:
            return
    if quantity == "training_dates":  # "Training period: 20 days"
        field, quantity = replace(field, quantity="training_hours"), "training_hours"
    if quantity == "hardware" and _BARE.match(text) and _PLURAL.search(label):
        field, quantity = (
            replace(field, quantity="accelerator_count", least=1.0, most=1e7),
            "accelerator_count",
        )
    if quantity == "hardware":
        source = sentence(text, 0, "training " + heading.lower(), "hardware")
        yield from read_hardware(source)
        yield from (d for d in prose.read_sentence(source) if d.quantity in _DURATIONS)
        return
    if quantity == "training_flop" and not _FLOP.search(text):  # "40 GPU days"
        source = sentence(text, 0, "training " + heading.lower())
        yield from (d for d in prose.read_sentence(source) if d.quantity in _DURATIONS)
        return
    if quantity == "precision":
        name = re.search(
            r"\b(bf16|bfloat16|fp16|float16|fp8|fp32|float32|tf32)\b", text, re.IGNORECASE
        )
        if name and not re.search(r"infer|quant|weight", label.lower()):
            short = {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}
            yield Draft("precision", *name.span(), text=short.get(name[0].lower(), name[0].lower()))
        return
    if quantity in {"emissions", "energy"}:
        yield from _measured(quantity, label, text, heading)
        return
    if quantity in _STAGED_QUANTITIES and field.rejected is None:
        staged = list(_STAGED.finditer(text))
        if len(staged) > 1:
            of_devices = quantity == "tokens" or _DEVICE_HOURS.search(text)
            counted = "tokens" if quantity == "tokens" else "accelerator_hours"
            yield from _staged(counted if of_devices else "training_hours", staged)
            return
    if quantity == "checkpoint":
        for match in _STEP_NAME.finditer(text):
            steps = float(match["n"]) * (1e3 if match["k"] else 1.0)
            yield Draft(
                "steps",
                *match.span("n"),
                steps,
                steps,
                steps,
                stage=stage,
                note="name of a checkpoint",
            )
        return
    numbers = [n for n in find_numbers(text) if not n.in_name]
    if not numbers:
        return
    for order in (label, text):
        if len(numbers) == 2 and _BOTH.search(order):
            yield from _total_and_active(numbers, order)
            return
    if quantity == "accelerator_count" and (found := devices(text)):
        yield Draft(
            quantity, found[0].start, found[0].end, found[0].count, found[0].count, found[0].count
        )
    elif quantity in {"training_hours", "hours_used"}:
        drafts = _time(quantity, numbers[0], text, label, stage)
        yield from (replace(d, rejected=field.rejected) for d in drafts)
    else:
        yield from _number(field, numbers, text, label, stage)


def _parts(label: str, text: str) -> Iterator[tuple[Field, str, str, int]]:
    """`Updates / epochs | 292 / 3`: each label with its value and where in the text that begins."""
    names, values = label.split(" / "), text.split(" / ")
    if len(names) != len(values) or _BOTH.search(label):
        return
    start = 0
    for name, value in zip(names, values, strict=True):
        field = field_of(name)
        if field is not None:
            yield field, name, value, start
        start += len(value) + len(" / ")


_MASS = re.compile(r"\b(?P<unit>metric tons?|tonnes?|tons?|tco2\w*|kg\w*|grams?|g)\b")


def _measured(quantity: str, label: str, text: str, heading: str) -> Iterator[Draft]:
    """Energy or emissions: the unit stands in the value, or in its label."""
    unit = _MASS.search(label.lower()) if quantity == "emissions" else None
    bare = re.fullmatch(r"\W*[\d,.]+\W*", text)
    if unit is not None and bare is not None:
        factor = (
            1e6
            if unit["unit"].startswith(("t", "m"))
            else 1e3
            if unit["unit"].startswith("k")
            else 1.0
        )
        for number in find_numbers(text)[:1]:
            value = number.value * factor
            yield Draft(quantity, number.start, number.end, value, value, value, bound=number.bound)
        return
    found = prose.read_sentence(sentence(text, 0, heading.lower()))
    yield from (d for d in found if d.quantity == quantity)


_BOTH = re.compile(r"\btotal\b.*\bactiv|\bactiv.*\btotal\b", re.IGNORECASE)


def _total_and_active(numbers: list[Number], label: str) -> Iterator[Draft]:
    """`Parameters (total / activated) | 21B / 3B`: two numbers in the order of the label."""
    names = ["parameters_total", "parameters_active"]
    if label.lower().index("activ") < label.lower().index("total"):
        names.reverse()
    for name, n in zip(names, numbers, strict=True):
        if n.value >= 1e6:
            yield Draft(name, n.start, n.end, n.value, n.low, n.high, bound=n.bound)


def _staged(quantity: str, staged: list[re.Match[str]]) -> Iterator[Draft]:
    for match in staged:
        number = find_numbers(match["n"])
        if number:
            name = match["stage"].lower()
            stage = (
                "all_training" if name.strip() in {"total", "sum"} else rules.stage("", "", name)
            )
            value = number[0].value
            yield Draft(
                quantity,
                *match.span("n"),
                value,
                value,
                value,
                stage=stage,
                note=f"part: {match['stage'].strip()}",
            )


def _time(
    quantity: str, number: Number, text: str, label: str, stage: str | None
) -> Iterator[Draft]:
    told = next((m for m in mentions(text, find_numbers(text)) if m.unit in HOURS_IN), None)
    if told is not None:  # "1d 12h"
        number = told.number
    after = text[number.end : number.end + 24].lstrip(" -")
    unit = _TIME.match(after) or _OF_DEVICES.match(after) or _TIME.search(label)
    name = unit["unit"].lower().rstrip("s") if unit else ""
    factor = {
        "hour": 1.0,
        "hr": 1.0,
        "h": 1.0,
        "day": 24.0,
        "week": 168.0,
        "month": 730.5,
        "minute": 1 / 60,
        "天": 24.0,
        "日": 24.0,
        "小时": 1.0,
        "時間": 1.0,
    }.get(name)
    if told is not None:
        factor = HOURS_IN[told.unit]
    if factor is None and quantity == "training_hours":
        return
    if quantity == "hours_used" and _NO_HOURS.match(after):
        return
    number = grouped(number, text)
    value, low, high = (v * (factor or 1.0) for v in (number.value, number.low, number.high))
    accelerator = re.search(r"gpu|tpu|[ah]\d{3}", text[number.end : number.end + 14].lower())
    name_of = "training_hours"
    note = None
    if quantity == "hours_used":
        # The form of the ML CO2 calculator asks for accelerator-hours; a value of a few hundred
        # hours beside several devices is wall-clock time, which only the whole card tells.
        name_of, note = "accelerator_hours", HOURS_USED
    if accelerator:
        name_of = "accelerator_hours"
    yield Draft(
        name_of,
        number.start,
        number.end,
        value,
        low,
        high,
        bound=number.bound,
        stage=stage,
        note=note,
    )


# What a value of "Hours used" may give instead.
_NO_HOURS = re.compile(
    r"(?:hours?|hrs?|h)?\s?(?:epochs?|steps|iterations|tokens|gpus?\b(?! ?h)|gb|%|(?:per|/)\s?\w)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\s?\+?\s?(?:\w+\s){0,3}tokens?\b")


def _pick(field: Field, numbers: list[Number], text: str) -> Number:
    """The number a value means: of several, the one in the unit of the field."""
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


def _fits(quantity: str, number: Number, value: float, after: str) -> bool:
    """Whether what follows a number, and its size, go with the quantity."""
    if quantity in _WHOLE and (number.value != int(number.value) or _OTHER_UNIT.match(after)):
        return False
    if quantity in {"tokens", "unique_tokens"}:
        return value >= 1e6 and not _NOT_TOKENS.match(after)
    return not (quantity.startswith("parameters") and _NOT_PARAMETERS.match(after))


def _number(
    field: Field, numbers: list[Number], text: str, label: str, stage: str | None
) -> Iterator[Draft]:
    if field.quantity == "epochs" and len(numbers) > 1 and _NAMED_FIRST.match(text):
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

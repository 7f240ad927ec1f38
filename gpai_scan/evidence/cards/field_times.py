"""How long a training took, by a value under a label of time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gpai_scan.evidence.cards.amounts import HOURS_IN
from gpai_scan.evidence.cards.drafts import HOURS_USED, Draft
from gpai_scan.evidence.cards.mentions import mentions
from gpai_scan.evidence.cards.numbers import Number, find_numbers, grouped

_TIME = re.compile(
    r"(?P<unit>hours?|hrs?|h\b|days?|weeks?|months?|minutes?|天|日|小时|時間)", re.IGNORECASE
)


# "1,200 GPU hours", "7 A100-days"
_OF_DEVICES = re.compile(
    r"(?:gpu|tpu|npu|accelerator|[ahv]\d{3}\w{0,3})s?[\s-]*(?P<unit>hours?|hrs?|h\b|days?|weeks?)",
    re.IGNORECASE,
)


def duration(
    quantity: str, number: Number, text: str, label: str, stage: str | None
) -> Iterator[Draft]:
    """The claim of a value that is a time; the unit stands in the value or in its label."""
    by_the_clock = _as_days(number, text)
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
    if quantity == "hours_used" and not by_the_clock:
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


# "72 (3 days)", "960 - 1080 hours (40-45 days)": hours by the clock.
_DAYS = re.compile(
    r"\s?(?:hours?|hrs?|h)?,?\s?[(\[=]\W{0,3}(?P<days>\d+(?:\.\d+)?)(?:\s?[-–]\s?\d+)?\s?days?\b",
    re.IGNORECASE,
)


def _as_days(number: Number, text: str) -> bool:
    """Whether a value of hours is said again in days."""
    told = _DAYS.match(text[number.end :])
    return told is not None and abs(number.low / 24 - float(told["days"])) <= 0.5


# What a value of "Hours used" may give instead.
_NO_HOURS = re.compile(
    r"(?:hours?|hrs?|h)?\s?(?:cpu\b|epochs?|steps|iterations|tokens|gpus?\b(?! ?h)|gb|%"
    r"|(?:per|/)\s?\w)",
    re.IGNORECASE,
)

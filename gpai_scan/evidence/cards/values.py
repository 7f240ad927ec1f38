"""Reads the value of a `label: value` line or a table cell whose label names the quantity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import prose, rules
from gpai_scan.evidence.cards.amounts import COMPONENT_HEADING
from gpai_scan.evidence.cards.dates import read_dates
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.field_numbers import figure
from gpai_scan.evidence.cards.field_times import duration
from gpai_scan.evidence.cards.fields import Field, field_of
from gpai_scan.evidence.cards.hardware import devices
from gpai_scan.evidence.cards.machines import read_hardware
from gpai_scan.evidence.cards.numbers import Number, find_numbers
from gpai_scan.evidence.cards.units import sentence

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


# A card for desktops, named without a number: one of them.
_DESKTOP = re.compile(
    r"^\W*(?:NVIDIA |GeForce )*(?:RTX|GTX) ?(?:A?\d{3,4})(?: ?(?:Ti|Super|Laptop|Ada))*\b"
    r"(?! ?[x×*])[^,;+&|x×*]{0,30}$",
    re.IGNORECASE,
)
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
    if quantity == "accelerator_nodes" and not _BARE.match(text):
        field, quantity = replace(field, quantity="hardware"), "hardware"
    if quantity == "hardware":
        source = sentence(text, 0, "training " + heading.lower(), "hardware")
        told = list(read_hardware(source))
        yield from told
        if _DESKTOP.match(text) and not any(d.quantity == "accelerator_count" for d in told):
            yield Draft("accelerator_count", 0, len(text), 1.0, 1.0, 1.0, bound="about")
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
        drafts = duration(quantity, numbers[0], text, label, stage)
        yield from (replace(d, rejected=field.rejected) for d in drafts)
    else:
        yield from figure(field, numbers, text, label, stage)


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

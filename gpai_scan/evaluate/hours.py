"""Whether a sentence states a figure of accelerator-hours: arithmetic, without the reader.

A sentence states a figure where it says it of devices ("2,600 GPU hours"), or where a number of
devices times a duration comes to it, or the sum of all it says. Only a number that stands before
or behind a device counts devices, and only one before a unit of time is a duration, in that unit;
without them a page number times a batch size would do. Devices on stated nodes are multiplied by
them; a range is the middle of its ends; "a GPU" is one.

A figure is of accelerators, which are chips. Tables often count the two cores of a chip of TPU v2
to v5p, because the names of slices do (`data/accelerators.csv`): such a figure is halved.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Final

_NUMBER: Final = (
    r"(?<![\w.,/])(?<!\w[\-–])(?P<low>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
    r"(?:\s?(?:-|–|to|and)\s?(?P<high>\d+(?:\.\d+)?))?\s?(?P<scale>million\b|[kKM](?![a-z]))?"
)
_WORDS: Final = {
    "a": 1, "an": 1, "single": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_SPELLED: Final = rf"(?<![\w\-])(?P<word>{'|'.join(_WORDS)})(?![\w\-])"
_SCALES: Final = {"million": 1e6, "M": 1e6, "k": 1e3, "K": 1e3}
_UNITS: Final = {"h": 1.0, "d": 24.0, "w": 168.0, "m": 730.5}
_CHIP: Final = (
    r"(?:[AHVPKBT]\d{1,3}s?\b|[AHVPK]\d{2,3}-?\w*|GB\d00|MI\d{3}X?|RTX ?\w+|TPU\w*|GPUs?\b|NPUs?\b"
    r"|Titan|Ascend|Gaudi\d?|accelerators?\b|chips\b|DGX\b)"
)
_NAMES: Final = (
    r"(?:(?!(?:on|with|for|of|to|and|in|at|by|per|using|nodes?|each|tokens?|an?|single|one"
    r"|hours?|days?|weeks?|months?|[a-z]*illion)\b)"
    r"(?:[A-Za-z][\w’'.\-]*|\(?\d+ ?GB?\)?)[\s\-]){0,5}?"
)
_DEVICES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_NUMBER}[\s\-]?[x×*]?\s?{_NAMES}{_CHIP}",
        rf"(?<![\w.,])(?P<low>\d+)(?P<high>)(?P<scale>)[x×*](?:\d\dGB )?{_CHIP}",
        rf"{_CHIP}[\w\s\-]{{0,12}}?\s?[x×*]\s?(?P<low>\d+)(?P<high>)(?P<scale>)",
        rf"{_SPELLED}\s{_NAMES}{_CHIP}",
    )
)
_CORES: Final = re.compile(
    r"(?:\b|(?<=TPU))v(?:2|3|4|5p)-(?P<slice>\d{1,4})\b|(?<![\w.])(?P<before>\d{1,5})(?:-core|\s(?:[a-z]\w*\s){0,4}?cores)\b",
    re.IGNORECASE,
)
_CHIPS: Final = re.compile(
    r"(?:\b|(?<=TPU))v(?:5e|5litepod|6e)-(?P<slice>\d{1,4})\b", re.IGNORECASE
)
_NODES: Final = re.compile(rf"{_NUMBER}\s{_NAMES}(?:nodes|instances|servers)\b", re.I)
_TIME: Final = r"(?P<unit>hours?|hrs?|h|days?|weeks?|months?)\b"
_DURATIONS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_NUMBER}[\s\-]?(?:full )?{_TIME}",
        rf"{_SPELLED}[\s\-](?:full )?{_TIME}",
        rf"\b(?P<unit>hours) used\W{{1,3}}{_NUMBER}",
    )
)
_EITHER: Final = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)(\s?[a-z]+)", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"(?<![\w.,])(\d{1,3})[.’'](\d{3})(?=\s(?:GPU|TPU))", re.IGNORECASE)
_OF_DEVICES: Final = re.compile(
    rf"{_NUMBER}\s(?:total )?{_NAMES}{_CHIP}(?:\s\d+GB)?[\s\-]*{_TIME}"
    rf"|{_NUMBER.replace('?P<', '?P<of_')}\s(?P<of_unit>hours)\s(?:of|on)\s{_NAMES}{_CHIP}"
    rf"|GPU hours[^.\d]{{0,40}}\((?P<bare>\d[\d,]*)\)",
    re.IGNORECASE,
)


def accelerator_hours(sentence: str, figure: float, tolerance: float) -> float | None:
    """The figure in hours of accelerators if a sentence states it, else None.

    `tolerance` is the share of the figure by which a statement may differ from it. The answer is
    the figure itself, or half of it where the sentence counts the cores of TPUs and so it does.
    """
    plain = _THOUSANDS.sub(r"\1\2", _EITHER.sub(r"\1\3 or \2\3", sentence))
    of_chips, of_cores = _statements(plain)

    def near(value: float) -> bool:
        return abs(value - figure) <= tolerance * figure

    if any(map(near, of_chips)):
        return figure
    return figure / 2 if any(near(2 * value) for value in of_cores) else None


def _statements(sentence: str) -> tuple[list[float], list[float]]:
    """What a sentence says, in hours of accelerators: of what counts chips, of what counts cores.

    What counts cores stands among the first as well, halved.
    """
    durations = [_time(m) for pattern in _DURATIONS for m in pattern.finditer(sentence)]
    plain = [_time(m) for m in _OF_DEVICES.finditer(sentence)]
    cores = [float(m["slice"] or m["before"]) / 2 for m in _CORES.finditer(sentence)]
    counts = [_value(m) for pattern in _DEVICES for m in pattern.finditer(sentence)]
    counts += [float(m["slice"]) for m in _CHIPS.finditer(sentence)]
    counts = [c for c in counts if c / 2 not in cores] if cores else counts
    nodes = [n for m in _NODES.finditer(sentence) if (n := _value(m)) > 1]
    if nodes:
        counts = [n * c for n, c in product(nodes, counts)] + [c for c in counts if c > max(nodes)]
    of_cores = [c * d for c, d in product(cores, durations)]
    stated = [*plain, *of_cores, *(c * d for c, d in product(counts, durations))]
    if len(plain) > 1:
        stated.append(sum(plain))
    if len(counts) == 1 and len(durations) > 1:
        stated.append(counts[0] * sum(durations))
    return stated, of_cores


def _value(match: re.Match[str]) -> float:
    """The number of a match: a word, or digits with their scale, or the middle of a range."""
    found = match.groupdict()
    if found.get("word"):
        return float(_WORDS[found["word"].lower()])
    low = float((found.get("low") or found.get("of_low") or found["bare"]).replace(",", ""))
    high = float(found.get("high") or found.get("of_high") or low)
    scale = _SCALES.get(found.get("scale") or found.get("of_scale") or "", 1.0)
    return scale * ((low + high) / 2 if high > low else low)


def _time(match: re.Match[str]) -> float:
    """The hours of a duration, or of devices where it is their unit."""
    return _value(match) * _UNITS[(match["unit"] or "h")[0].lower()]

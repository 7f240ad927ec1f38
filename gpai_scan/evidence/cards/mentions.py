"""The numbers of a sentence that count something; some share a unit with a neighbour."""

from __future__ import annotations

import re
from dataclasses import replace

from gpai_scan.evidence.cards.numbers import Number
from gpai_scan.evidence.cards.units import Mention, counted

_JOINER = re.compile(
    r"^\s*(?:,|and|or|&|/|、|和|与|y|et|und|,\s?and|to|~=|≈|=|~|i\.e\.,?)\s*(?:~|about )?$",
    re.IGNORECASE,
)


# "two and a half weeks", "2½ days"; "a day and a half"
_HALF = re.compile(r"^(?:\s?½|\sand a half(?=\s(?:hour|day|week|month|epoch)s))", re.IGNORECASE)
_HALF_MORE = re.compile(r"^\sand a half\b(?!\s(?:hour|day|week|month)s?\b)", re.IGNORECASE)


def _halves(numbers: list[Number], text: str) -> list[Number]:
    """The numbers with the halves that stand behind them."""
    return [
        replace(n, value=n.value + 0.5, low=n.low + 0.5, high=n.high + 0.5, end=n.end + half.end())
        if n.scale == 1.0 and (half := _HALF.match(text[n.end : n.end + 24]))
        else n
        for n in numbers
    ]


def mentions(text: str, numbers: list[Number]) -> list[Mention]:
    """The numbers of a sentence that count something, with their units."""
    found: list[Mention | None] = []
    if "half" in text or "½" in text:
        numbers = _halves(numbers, text)
    inside = 0  # of the mention before, as the minutes of "5h 30m" are
    for number in numbers:
        own = number.in_name or number.start < inside
        found.append(None if own else counted(text, number))
        inside = found[-1].end if found[-1] is not None else inside
    for i in range(len(numbers) - 2, -1, -1):  # "2T and 6T tokens": the unit reaches back
        following = found[i + 1]
        if (
            found[i] is None
            and following is not None
            and following.unit not in _PREFIXED
            and not numbers[i].in_name
            and _alike(numbers[i], following.number)
            and (following.unit != "epochs" or numbers[i].value <= _MOST_EPOCHS)
            and _joined(text[numbers[i].end : following.number.start], following.unit)
        ):
            found[i] = Mention(numbers[i], following.unit, numbers[i].end)
        elif found[i] is None and following is not None:
            found[i : i + 2] = _active_of_total(text, numbers[i], following) or found[i : i + 2]
    for i in range(1, len(numbers)):  # "the 7B for 2T tokens, the 13B for 3T"
        if found[i] is None and _elliptical(text, numbers[i], found[:i]):
            found[i] = Mention(numbers[i], "tokens", numbers[i].end)
    return _as_one([m for m in found if m is not None], text)


_MOST_EPOCHS = 100  # of a list of them: "on my 3090, 2 epochs" is none


_MINUTES_IN = {
    "months": 43830.0,
    "weeks": 10080.0,
    "days": 1440.0,
    "hours": 60.0,
    "minutes": 1.0,
}
_AND = re.compile(r"^\.?,?\s?(?:and\s)?$", re.IGNORECASE)


def _as_one(found: list[Mention], text: str) -> list[Mention]:
    """Durations in two units as one: "4 hours and 12 minutes"."""
    made: list[Mention] = []
    for mention in found:
        half = _HALF_MORE.match(text[mention.end : mention.end + 24])
        if half is not None and mention.unit in _MINUTES_IN:
            mention = _and_half(mention, half.end())
        last = made[-1] if made else None
        if last is None or not _smaller(last.unit, mention.unit):
            made.append(mention)
        elif _AND.match(text[last.end : mention.number.start]):
            share = _MINUTES_IN[mention.unit] / _MINUTES_IN[last.unit] * mention.number.value
            whole = last.number
            value, low, high = (v + share for v in (whole.value, whole.low, whole.high))
            made[-1] = replace(
                last, number=replace(whole, value=value, low=low, high=high), end=mention.end
            )
        else:
            made.append(mention)
    return made


def _and_half(mention: Mention, length: int) -> Mention:
    """A duration with half of its unit more, which so many characters behind it say."""
    number = mention.number
    value, low, high = (v + 0.5 for v in (number.value, number.low, number.high))
    longer = replace(number, value=value, low=low, high=high)
    return replace(mention, number=longer, end=mention.end + length)


def _smaller(unit: str, other: str) -> bool:
    return _MINUTES_IN.get(unit, 0.0) > _MINUTES_IN.get(other, 1e9)


# "takes a tenth of their time (675 vs. 6,250 A100 days)"
_VERSUS = re.compile(r"^\s(?:vs\.?|versus|against|instead of)\s(?:~|about )?$", re.IGNORECASE)


def _joined(between: str, unit: str) -> bool:
    """Whether the unit of a figure goes for the one before it as well."""
    if unit.startswith("accelerator_") and _VERSUS.match(between):
        return True
    return _JOINER.match(between) is not None


# Their factor stands in the text right after the figure: kWh, kg, PF-days.
_PREFIXED = frozenset({"energy", "emissions", "flop_days"})


# "activates 14B of its 142B parameters", "3.3B of the 30.5B parameters are active"
_OF_ALL = re.compile(
    r"^\s(?:out )?of (?:the |its |their |all |a total of |in total )?(?:~|about )?$"
)
_ACTIVE_NEAR = re.compile(r"activ|激活", re.IGNORECASE)


def _active_of_total(text: str, part: Number, whole: Mention) -> list[Mention | None] | None:
    """The two figures of a model that uses a part of its parameters at a time."""
    if not whole.unit.startswith("parameters") or part.scale < 1e6 or part.in_name:
        return None
    around = text[max(0, part.start - 40) : part.start] + text[whole.end : whole.end + 40]
    between = text[part.end : whole.number.start].lower()
    if part.value >= whole.number.value or not _OF_ALL.match(between):
        return None
    if not _ACTIVE_NEAR.search(around):
        return None
    total = replace(whole, unit="parameters_total")
    return [Mention(part, "parameters_active", part.end), total]


_ELLIPTICAL = re.compile(
    r"\b(?:for|on|with|over|saw|used)\s(?:about |around |over |roughly |~|≈)?$", re.IGNORECASE
)
_CLAUSE_ENDS = re.compile(r"^\+?\s?(?:[.,;)]|and\b|while\b|$)")


def _elliptical(text: str, number: Number, before: list[Mention | None]) -> bool:
    """Whether a bare figure counts tokens because the figure before it does."""
    last = next((m for m in reversed(before) if m is not None), None)
    return (
        last is not None
        and last.unit == "tokens"
        and last.number.scale >= 1e9
        and not number.in_name
        and (number.scale == 1e12 or (number.scale == 1e9 and number.value >= 1.5e11))
        and _ELLIPTICAL.search(text[max(0, number.start - 24) : number.start]) is not None
        and _CLAUSE_ENDS.match(text[number.end :]) is not None
    )


def _alike(first: Number, second: Number) -> bool:
    """Whether two figures can share a unit: both scaled, both not, or the same one rounded."""
    same = abs(first.value - second.value) <= 0.02 * second.value
    return same or (first.scale > 1) == (second.scale > 1)

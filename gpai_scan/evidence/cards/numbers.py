"""Finds the numbers of a sentence and gives them in base units.

Handles `15T+`, `~300B`, `2.6 万亿`, `3 000 milliards`, `2,4T`, `1'024`, `1.5×10^12`, ranges, and
the words that say whether a figure is exact, rough or a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gpai_scan.evidence.cards.folded import Folded
from gpai_scan.evidence.cards.numberwords import (
    CJK_DIGITS,
    LETTERS,
    LONG_SCALE,
    LONG_SCALE_HINTS,
    MYRIADS,
    SPELLED,
    WORDS,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text.

    `value` is in base units, `low` and `high` differ from it where a range is stated. `scale` is
    the factor that a suffix or word gave (1 where none did). `in_name` is true where the number
    is part of a name such as `Llama-2-7B`. `hi_text` is where the digits begin.
    """

    start: int
    end: int
    value: float
    low: float
    high: float
    scale: float
    bound: str
    in_name: bool


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_GROUPED = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])"
    r"|\d{1,3}(?:['’\u00a0\u202f\u2009\u066c]\d{3})+(?:[.,]\d+)?(?!\d)"
    r"|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?!\d)"
    r"|\d{1,3}(?: \d{3})+(?= ?[^\W\d_]|\s*$)"
)
_PLAIN = rf"(?:{_GROUPED}|\d+(?:[.,\u066b]\d+)?|\.\d+)"
_POWER = r"(?:\s?[x×*·]\s?(?:10\s?(?:\^|\*\*)\s?\{?\+?|10?e)\d{1,2}\}?|[eE]\+?\d{1,2}(?![\w]))"
_WORD = rf"[ \-\u00a0]?(?:{_alternatives(list(WORDS))})(?![^\W\d_])"
_LETTER = (
    r"(?:[ \u00a0]?(?:Tn|Bn|Mn|[TBMK])|t|b|m|k|tn|bn|mn)"
    r"(?:(?![A-Za-z0-9_À-ɏḀ-ỿ])|(?=(?:GPU|TPU|token)))"
)
_MYRIAD = _alternatives(list(MYRIADS))
_NUMBER = Folded(
    rf"(?P<cjk>(?:{_PLAIN}|[{''.join(CJK_DIGITS)}]{{1,3}})\s?(?:{_MYRIAD})"
    rf"(?:\s?\d[\d,.]*\s?(?:{_MYRIAD}))*)"
    rf"|(?P<pow>(?:10|2)\s?(?:\^|\*\*)\s?\{{?\d{{1,2}}\}}?)"
    rf"|(?P<num>{_PLAIN})(?P<power>{_POWER})?(?P<plus>\+(?={_WORD}))?"
    rf"(?P<letter>{_LETTER})?(?P<word>{_WORD})?(?P<word2>{_WORD})?"
)
_START = re.compile(rf"[\d{''.join(CJK_DIGITS)}]|\.(?=\d)")
_TIMES = (
    r"jours?|heures?|semaines?|mois|tagen?|tage|stunden?|wochen?|monaten?|d[ií]as?|horas?|semanas?"
    r"|meses|giorni|ore|settimane|mesi|époques?|[ée]pocas?|epochen"
)
_SPELLED_HINT = Folded(
    rf"illi|billón|(?:hour|day|week|month|epoch|passe|node)s?\b|\b(?:{_TIMES})\b"
)
_SPELLED = Folded(
    rf"(?<![\w-])(?P<spelled>{_alternatives(list(SPELLED))}) (?:(?P<half>and a half )?(?P<swor"
    rf"d>{_alternatives(list(WORDS))})(?![^\W\d_])"
    rf"|(?=(?:and a half )?(?:hours?|days?|weeks?|months?|epochs?|passes|nodes?|{_TIMES})\b))"
)
_CJK_PART = re.compile(rf"({_PLAIN}|[{''.join(CJK_DIGITS)}]{{1,3}})\s?({_MYRIAD})")
_EXPONENT = re.compile(r"(\d{1,2})\}?\s*$")
_ABOUT = Folded(
    r"(?:[~≈∼≃⁓]|\b(?:about|approx\.?|approximately|around|roughly|circa|ca\.?|some|nearly|almost"
    r"|an? estimated|close to|environ|etwa|rund|ungefähr|unos|unas|aproximadamente|cerca de|circa"
    r"|около|примерно|sekitar|yaklaşık|khoảng)|约|約|大约|大約|ほぼ|およそ|약)\s*$"
)
_AT_LEAST = Folded(
    r"(?:[>≥]|&gt;|\b(?:over|more than|at least|exceed(?:s|ing)?|upwards of|in excess of"
    r"|greater than"
    r"|plus de|au moins|más de|mais de|über|mehr als|mindestens|oltre|più di|более|свыше|hơn"
    r"|lebih dari)|超过|超過|逾|大于|多达|이상)\s*$"
)
_AT_MOST = Folded(
    r"(?:[<≤]|\b(?:up to|at most|less than|under|just under|below|fewer than|no more than"
    r"|a maximum of"
    r"|jusqu'à|moins de|hasta|menos de|bis zu|weniger als|até|fino a|до|менее)"
    r"|不超过|最多|至多|高达)\s*$"
)
_RANGE = re.compile(
    r"^(?!\s—\s)\s?(?:-|–|—|~|〜|～|to|bis|至|到|から)\s?(?:~|about )?$", re.IGNORECASE
)
_PLUS = re.compile(r"^\s?(?:\+|余|以上|이상|多(?=个|万|亿|\s))")
_NAME_BEFORE = re.compile(r"[A-Za-z0-9_][\-_.]?$|[A-Za-z]\d?[\-_ ]?v$")
_LONG = re.compile(LONG_SCALE_HINTS, re.IGNORECASE)


def plain(digits: str, *, comma_decimal: bool = False) -> float:
    """The value of digits with separators: `1,234`, `2,4`, `1.234.567`, `3 000`, `1'024`.

    A single comma before three digits groups them, unless `comma_decimal`.
    """
    if digits.isdecimal():
        return float(digits)
    text = digits.replace("\u066b", ".")
    text = re.sub(r"['’\u00a0\u202f\u2009\u066c ]", "", text)
    if comma_decimal and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        text = text.replace(".", "")
    if text.count(".") > 1:
        return float(text.replace(".", "").replace(",", "."))
    if "," in text:
        head, _, tail = text.rpartition(",")
        groups = text.split(".")[0].split(",")[1:]
        decimal = (
            len(groups) == 1
            and "." not in text
            and (len(tail) != 3 or comma_decimal or head == "0")
        )
        text = f"{head}.{tail}" if decimal else text.replace(",", "")
    return float(text)


def _cjk_digits(text: str) -> int:
    """The value of `三` or `二十四`."""
    digits = [CJK_DIGITS[c] for c in text if c in CJK_DIGITS]
    value = digits[0]
    for digit in digits[1:]:
        value = value * 10 if digit == 10 else value + digit
    return value


def _cjk(text: str) -> float:
    """The value of `1兆7000億`, `2.6 万亿` or `三万亿`."""
    total = 0.0
    for head, unit in _CJK_PART.findall(text):
        value = float(_cjk_digits(head)) if head[0] in CJK_DIGITS else plain(head)
        total += value * MYRIADS[unit]
    return total


def _word_factor(word: str, long_scale: bool) -> float:
    key = word.strip(" -\u00a0").lower()
    return LONG_SCALE[key] if long_scale and key in LONG_SCALE else WORDS[key]


def _value(match: re.Match[str], long_scale: bool) -> tuple[float, float]:
    """Value and scale of one match."""
    if match["cjk"]:
        value = _cjk(match["cjk"])
        return value, 1e4
    if match["pow"]:
        exponent = _EXPONENT.search(match["pow"])
        base = 2.0 if match["pow"][0] == "2" else 10.0
        return base ** int(exponent[1]) if exponent else base, 1e4
    scale = 1.0
    if match["power"]:
        exponent = _EXPONENT.search(match["power"])
        scale = float(f"1e{exponent[1]}") if exponent else 1.0
    word, letter, extra = match["word"], match["letter"], match["word2"]
    if letter:
        scale *= LETTERS[letter.strip().lower()]
    if word and not letter:  # "2.5T trillion" says it twice
        scale *= _word_factor(word, long_scale)
        if extra:
            scale *= _word_factor(extra, long_scale)
    comma_decimal = (
        bool(word)
        and word is not None
        and not word.strip(" -").lower().endswith(("illion", "illions", "thousand"))
    )
    return plain(match["num"], comma_decimal=comma_decimal) * scale, scale


def _bound(before: str, after: str) -> str:
    if _PLUS.match(after) or _AT_LEAST.search(before):
        return "at_least"
    if _AT_MOST.search(before):
        return "at_most"
    return "about" if _ABOUT.search(before) else "equal"


def _single(match: re.Match[str], text: str, long_scale: bool) -> Number | None:
    start, end = match.span()
    before = text[max(0, start - 24) : start]
    letter = text[slice(*match.span("letter"))] if match["letter"] else ""
    if letter.strip() in {"t", "m", "k", "b"} and letter[0] == " ":
        return None  # "3 m": lower case must stand at the digit
    if before[-1:] in {".", ","} and before[-2:-1].isdigit():
        return None
    in_name = bool(_NAME_BEFORE.search(before))
    try:
        value, scale = _value(match, long_scale)
    except (ValueError, OverflowError, KeyError):
        return None
    if scale == 1.0 and not in_name and text[end : end + 1].isalpha() and text[end].isascii():
        end_word = text[end : end + 12]
        if not re.match(
            r"(?:x|th|st|nd|rd|h\b|h\d|d\s?\d\d?\s?h|hrs?\b|hours?|[GT]PU|tokens?|days?|steps?|epochs?|param|iter"
            r"|samples?|images?|pairs?)",
            end_word,
        ):
            in_name = True
    bound = "at_least" if match["plus"] else _bound(before, text[end : end + 3])
    return Number(start, end, value, value, value, scale, bound, in_name)


def _merge(first: Number, second: Number) -> Number:
    """One number for a range; the scale of the second holds for the first if that has none."""
    low = first.value * (second.scale if first.scale == 1.0 and second.scale > 1 else 1.0)
    high = second.value
    if not 0 < low < high:
        return second
    return replace(
        second, start=first.start, value=(low + high) / 2, low=low, high=high, bound="about"
    )


def _spelled(text: str, long_scale: bool) -> Iterator[Number]:
    """Numbers in words: `two trillion`, `three weeks`."""
    for match in _SPELLED.finditer(text):
        scale = _word_factor(match["sword"], long_scale) if match["sword"] else 1.0
        more = 0.5 if match["half"] else 0.0
        value = (SPELLED[match["spelled"].lower()] + more) * scale
        start, end = match.start(), match.end() if match["sword"] else match.end("spelled")
        bound = _bound(text[max(0, start - 24) : start], text[end : end + 3])
        yield Number(start, end, value, value, value, scale, bound, False)


# "训练了两天"
_CJK_TIME = re.compile(
    rf"[{''.join(CJK_DIGITS)}]{{1,3}}(?=\s?(?:个|個)?(?:天|周|週|日間|小时|小時|時間|月|か月|ヶ月))"
)


def _cjk_spelled(text: str) -> Iterator[Number]:
    """Numbers of days and the like in Chinese digits."""
    for match in _CJK_TIME.finditer(text):
        value = float(_cjk_digits(match[0]))
        yield Number(*match.span(), value, value, value, 1.0, "equal", False)


def _digits(text: str, long_scale: bool) -> Iterator[Number]:
    """Numbers in digits."""
    position = 0
    pattern, subject = _NUMBER.on(text)
    while (begin := _START.search(text, position)) is not None:
        match = pattern.match(subject, begin.start())
        if match is None:
            position = begin.start() + 1
            continue
        position = match.end()
        number = _single(match, text, long_scale)
        if number is not None:
            yield number


def find_numbers(text: str) -> list[Number]:
    """All numbers of a text from left to right; a range is one number."""
    long_scale = "illion" in text.lower() and len(set(_LONG.findall(f" {text.lower()} "))) >= 2
    numbers = list(_digits(text, long_scale))
    if _SPELLED_HINT.search(text):
        numbers = sorted([*numbers, *_spelled(text, long_scale)], key=lambda n: n.start)
    if not text.isascii():
        numbers = sorted([*numbers, *_cjk_spelled(text)], key=lambda n: n.start)
    found: list[Number] = []
    for number in numbers:
        last = found[-1] if found else None
        if last is not None and number.start < last.end:
            continue
        if (
            last is not None
            and not last.in_name
            and number.start - last.end <= 12
            and last.low == last.high
            and _RANGE.match(text[last.end : number.start])
        ):
            merged = _merge(last, replace(number, in_name=False))
            if merged.low < merged.high:
                found[-1] = merged
                continue
        found.append(number)
    return found


def grouped(number: Number, text: str) -> Number:
    """The number of a count whose only dot stands before three digits: `58.000` is 58,000."""
    digits = text[number.start : number.end]
    if number.scale == 1.0 and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        value = number.value * 1000
        return replace(number, value=value, low=value, high=value)
    return number

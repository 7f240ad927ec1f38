"""Patterns without regard to case, fast on ASCII text.

The engine folds the case of each character of pattern and text at every step, and cannot leap to
the first character of an alternative. ASCII text, which most text is, is turned to lower case once
instead and held against the pattern in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gpai_scan.evidence.cards.needed import needed

# Letters of a pattern that are no escape (`\W`) and no mark of a group's name (`(?P<`).
_CAPITAL: Final = re.compile(r"(?<!\\)(?<!\(\?)[A-Z]")
_LIKE: Final = str.maketrans("ſıİ", "sii")
"""Letters that fit others without regard to case, though their lower case is another."""


class Folded:
    """A pattern compiled without regard to case, with the methods of `re.Pattern` that find.

    What is found has the spans of the text; the text of its groups may be in lower case. A text
    without the words that the pattern needs is not held against it. Parts that do regard case
    stand in `(?-i:…)`.
    """

    __slots__ = ("_any", "_lower", "_needed", "needs")

    def __init__(self, pattern: str, *, verbose: bool = False) -> None:
        layout = re.VERBOSE if verbose else re.NOFLAG
        self._any = re.compile(pattern, re.IGNORECASE | layout)
        lower = _CAPITAL.sub(lambda letter: letter[0].lower(), pattern)
        self._lower = None if "(?-i:" in pattern else re.compile(lower, layout)
        self.needs = needed(pattern, verbose=verbose)
        """Sets of words: each text that the pattern fits holds one word of each set."""
        self._needed = tuple(tuple(filter(str.isascii, words)) for words in self.needs)

    @property
    def source(self) -> str:
        """The pattern as it is written."""
        return self._any.pattern

    def every(self, text: str, lower: str) -> Iterator[re.Match[str]]:
        """As `finditer`, for who has looked for the words; `lower` is the text in lower case."""
        if self._lower is None or not text.isascii():
            return self._any.finditer(text)
        return self._lower.finditer(lower)

    def on(self, text: str) -> tuple[re.Pattern[str], str]:
        """The pattern to use and the text to use it on, for whoever looks many times."""
        if self._lower is None or not text.isascii():
            return self._any, text
        return self._lower, text.lower()

    def search(self, text: str) -> re.Match[str] | None:
        """The first place in a text that the pattern fits."""
        pattern, subject = self.on(text)
        return pattern.search(subject) if self.may_fit(text) else None

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """What fits the pattern from a position of a text on."""
        pattern, subject = self.on(text)
        return pattern.match(subject, start)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Everything in a text that fits the pattern, from left to right."""
        pattern, subject = self.on(text)
        return pattern.finditer(subject) if self.may_fit(text) else iter(())

    def may_fit(self, text: str, lower: str | None = None) -> bool:
        """Whether a text holds the words the pattern needs; `lower` is it in lower case."""
        if not text.isascii():
            return True
        subject = lower or text.lower()
        for words in self._needed:
            for word in words:
                if word in subject:
                    break
            else:
                return False
        return True


class Gate:
    """Which of many patterns a text may fit, by the words it holds, looked for once for all."""

    __slots__ = ("_bits", "_patterns", "_rarest", "_unbound")

    def __init__(self, patterns: Sequence[Folded]) -> None:
        self._bits: dict[str, int] = {}
        self._patterns: list[int] = []
        self._rarest: dict[str, int] = {}
        self._unbound = 0
        bit = 1
        for place, pattern in enumerate(patterns):
            needed = 0
            for alternatives in pattern.needs:
                for word in alternatives:
                    self._bits[word] = self._bits.get(word, 0) | bit
                needed |= bit
                bit <<= 1
            self._patterns.append(needed)
            if not pattern.needs:
                self._unbound |= 1 << place
            for word in max(pattern.needs, key=lambda needs: min(map(len, needs)), default=()):
                self._rarest[word] = self._rarest.get(word, 0) | 1 << place

    @property
    def words(self) -> Iterable[str]:
        """The words to look for, in lower case."""
        return self._bits.keys()

    def open(self, words: Iterable[str]) -> list[int]:
        """The places of the patterns that a text with some words may fit; others are no matter."""
        held, places = 0, self._unbound
        for word in words:
            held |= self._bits.get(word, 0)
            places |= self._rarest.get(word, 0)
        found = []
        while places:
            first = places & -places
            places ^= first
            place = first.bit_length() - 1
            needed = self._patterns[place]
            if held & needed == needed:
                found.append(place)
        return found


def lower(text: str) -> str:
    """A text in lower case, with letters that fit others without regard to case made alike."""
    return text.lower() if text.isascii() else text.lower().translate(_LIKE)

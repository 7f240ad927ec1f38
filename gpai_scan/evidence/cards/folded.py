"""Patterns without regard to case, fast on ASCII text.

The engine folds the case of each character of pattern and text at every step, and cannot leap to
the first character of an alternative. ASCII text, which most text is, is turned to lower case once
instead and held against the pattern in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gpai_scan.evidence.cards.needed import needed

# Letters of a pattern that are no escape (`\W`) and no mark of a group's name (`(?P<`).
_CAPITAL: Final = re.compile(r"(?<!\\)(?<!\(\?)[A-Z]")


class Folded:
    """A pattern compiled without regard to case, with the methods of `re.Pattern` that find.

    What is found has the spans of the text; the text of its groups may be in lower case. A text
    without the words that the pattern needs is not held against it. Parts that do regard case
    stand in `(?-i:…)`.
    """

    __slots__ = ("_any", "_lower", "_needed")

    def __init__(self, pattern: str, *, verbose: bool = False) -> None:
        layout = re.VERBOSE if verbose else re.NOFLAG
        self._any = re.compile(pattern, re.IGNORECASE | layout)
        lower = _CAPITAL.sub(lambda letter: letter[0].lower(), pattern)
        self._lower = None if "(?-i:" in pattern else re.compile(lower, layout)
        self._needed = needed(pattern, verbose=verbose)

    @property
    def source(self) -> str:
        """The pattern as it is written."""
        return self._any.pattern

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

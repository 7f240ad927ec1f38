"""Patterns without regard to case, fast on ASCII text.

The engine folds the case of each character of pattern and text at every step, and cannot leap to
the first character of an alternative. ASCII text, which most text is, is turned to lower case once
instead and held against the pattern in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Letters of a pattern that are no escape (`\W`) and no mark of a group's name (`(?P<`).
_CAPITAL: Final = re.compile(r"(?<!\\)(?<!\(\?)[A-Z]")


class Folded:
    """A pattern compiled without regard to case, with the methods of `re.Pattern` that find.

    What is found has the spans of the text; the text of its groups may be in lower case.
    """

    __slots__ = ("_any", "_lower")

    def __init__(self, pattern: str, *, verbose: bool = False) -> None:
        layout = re.VERBOSE if verbose else re.NOFLAG
        self._any = re.compile(pattern, re.IGNORECASE | layout)
        self._lower = re.compile(_CAPITAL.sub(lambda letter: letter[0].lower(), pattern), layout)

    def on(self, text: str) -> tuple[re.Pattern[str], str]:
        """The pattern to use and the text to use it on, for whoever looks many times."""
        return (self._lower, text.lower()) if text.isascii() else (self._any, text)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place in a text that the pattern fits."""
        return self._lower.search(text.lower()) if text.isascii() else self._any.search(text)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """What fits the pattern from a position of a text on."""
        pattern, subject = self.on(text)
        return pattern.match(subject, start)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Everything in a text that fits the pattern, from left to right."""
        pattern, subject = self.on(text)
        return pattern.finditer(subject)

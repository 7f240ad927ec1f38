"""The form of a rule: what must stand before, after and around a number for it to hold."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`quantity` or `rejected` follows where every given pattern is found.

    `left` ends at the number, `right` begins after its unit, `inside` may be anywhere in the
    sentence. The rule applies to values from `least` up to `most`.
    """

    quantity: str
    rejected: str | None = None
    left: re.Pattern[str] | None = None
    right: re.Pattern[str] | None = None
    inside: re.Pattern[str] | None = None
    least: float = 0.0
    most: float = float("inf")

    def fits(self, value: float, left: str, right: str, sentence: str) -> bool:
        """Whether the rule holds for a number between two slices of lower-case text."""
        return (
            self.least <= value < self.most
            and (self.left is None or self.left.search(left) is not None)
            and (self.right is None or self.right.search(right) is not None)
            and (self.inside is None or self.inside.search(sentence) is not None)
        )


def _c(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else re.compile(pattern)


def rule(
    quantity: str,
    rejected: str | None = None,
    *,
    left: str | None = None,
    right: str | None = None,
    inside: str | None = None,
    least: float = 0.0,
    most: float = float("inf"),
) -> Rule:
    """A rule from pattern sources."""
    return Rule(quantity, rejected, _c(left), _c(right), _c(inside), least, most)

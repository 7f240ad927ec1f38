"""The condition of a rule: tests over metrics and words, joined by all, any and not.

The short form, in a rule file (`when = "…"`) and on the command line (`--rule '…'`):

    training_compute > 3e22 and outputs has text
    modification_compute > 1/3 of eu-guidelines-final.gpai or (likes >= 1000 and not gated is no)
    parameters_total >= 1B and created_at >= 2025-08-02 and country in FR, DE, IT

A comparison is `metric > value` or `metric >= value`, `<` and `<=` being their negations. A value
is a number, a fraction, a percentage, a number with K, M, B or T, or a share of another rule's
threshold. `has` asks a list, `is` and `in` a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from gpai_scan.errors import InvalidInput, UnknownName

LISTS: Final = ("outputs", "narrow", "flags")
WORDS: Final = (
    "licence",
    "licence_class",
    "relation",
    "gated",
    "entity_id",
    "entity_type",
    "country",
    "eu_status",
    "role",
    "compute_method",
)
DATES: Final = ("created_at",)
COMPARATORS: Final = (">", ">=")
BASES: Final = ("direct", "cumulative", "draft-cumulative", "unspecified")


@dataclass(frozen=True, slots=True)
class Compare:
    """`metric comparator value`; strict or not exactly as the text has it."""

    metric: str
    comparator: str
    value: float
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Has:
    """The list `field` holds, or the word `field` is, one of `words`."""

    field: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """The repository was created on the day or later."""

    field: str
    day: date


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


Node = Compare | Has | Since | All | Either | Not
Share = Callable[[str], tuple[str, float]]
"""Looks up `regime.rule`: its metric and threshold."""


def compares(node: Node) -> Iterator[Compare]:
    """All comparisons of a condition, from left to right."""
    match node:
        case Compare():
            yield node
        case All(parts) | Either(parts):
            for part in parts:
                yield from compares(part)
        case Not(part):
            yield from compares(part)


def text(node: Node) -> str:
    """The condition in the short form, as a definition prints it."""
    match node:
        case Compare(metric, comparator, value, basis):
            word = f" ({basis})" if basis else ""
            return f"{metric}{word} {comparator} {number(value)}"
        case Has(field, words):
            verb = "has" if field in LISTS else "in" if len(words) > 1 else "is"
            return f"{field} {verb} {', '.join(words)}"
        case Since(field, day):
            return f"{field} >= {day.isoformat()}"
        case All(parts):
            return " and ".join(_inner(part, Either) for part in parts)
        case Either(parts):
            return " or ".join(_inner(part, All) for part in parts)
        case Not(part):
            return f"not ({text(part)})"


def _inner(node: Node, wrapped: type[All] | type[Either]) -> str:
    return f"({text(node)})" if isinstance(node, wrapped) else text(node)


def number(value: float) -> str:
    """A threshold as people write it: 1e+23 as 1e23, a third as 0.333."""
    if value >= 1e6 or 0 < value < 1e-3:
        mantissa, exponent = f"{value:.6e}".split("e")
        return f"{float(mantissa):.4g}e{int(exponent)}"
    return f"{value:.4g}"


_TOKEN: Final = re.compile(
    r"\s*(?:(?P<date>\d{4}-\d{2}-\d{2})"
    r"|(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?:/\d+(?:\.\d+)?|%|[KMBT](?![A-Za-z]))?)"
    r"|(?P<op>>=|<=|>|<|\(|\)|,)"
    r"|(?P<word>[A-Za-z][A-Za-z0-9_.:+/-]*))"
)
_SCALE: Final = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
LONGEST: Final = 4000
"""Characters of a condition; longer ones are a mistake or an attack."""


def parse(source: str, metrics: tuple[str, ...], share: Share, basis: str | None = None) -> Node:
    """A condition in the short form to a tree; `InvalidInput` points at what it cannot read.

    `metrics` are the names that can be compared; `share` resolves `1/3 of regime.rule`; `basis`
    is what training compute means where the condition does not say.
    """
    return _Parser(source, metrics, share, basis).parse()


class _Parser:
    def __init__(
        self, source: str, metrics: tuple[str, ...], share: Share, basis: str | None
    ) -> None:
        if len(source) > LONGEST:
            raise InvalidInput(f"a condition may have {LONGEST} characters, not {len(source)}.")
        self.source, self.metrics, self.share, self.basis = source, metrics, share, basis
        self.tokens = list(_tokens(source))
        self.at = 0
        self.depth = 0

    def parse(self) -> Node:
        node = self.either()
        if self.at < len(self.tokens):
            raise self.error("expected 'and', 'or' or the end")
        return node

    def error(self, what: str) -> InvalidInput:
        if self.at < len(self.tokens):
            _, word, start = self.tokens[self.at]
            return InvalidInput(
                f"condition '{self.source}': {what} at character {start + 1}, not '{word}'."
            )
        return InvalidInput(f"condition '{self.source}': {what}, but it ends there.")

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, *kinds: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] not in kinds:
            raise self.error(f"expected a {' or '.join(kinds)}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def either(self) -> Node:
        parts = [self.every()]
        while self.peek() == "or":
            self.at += 1
            parts.append(self.every())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def every(self) -> Node:
        parts = [self.single()]
        while self.peek() == "and":
            self.at += 1
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def single(self) -> Node:
        if self.peek() == "not":
            self.at += 1
            return Not(self.single())
        if self.peek() == "(":
            self.at += 1
            self.depth += 1
            if self.depth > 50:
                raise self.error("more than 50 brackets inside each other")
            node = self.either()
            if self.peek() != ")":
                raise self.error("expected ')'")
            self.at += 1
            self.depth -= 1
            return node
        return self.test()

    def test(self) -> Node:
        name = self.take("word")
        if name in self.metrics:
            return self.comparison(name)
        if name in DATES:
            return self.date(name)
        if name in (*LISTS, *WORDS):
            verb = self.take("word")
            if verb not in ("has", "is", "in"):
                self.at -= 1
                raise self.error("expected 'has', 'is' or 'in'")
            words = [self.take("word", "number")]
            while verb != "is" and self.peek() == ",":
                self.at += 1
                words.append(self.take("word", "number"))
            return Has(name, tuple(words))
        raise UnknownName("metric", name, (*self.metrics, *LISTS, *WORDS, *DATES))

    def comparison(self, metric: str) -> Node:
        op = self.take("op")
        if op not in (">", ">=", "<", "<="):
            self.at -= 1
            raise self.error("expected >, >=, < or <=")
        value = _number(self.take("number"))
        if self.peek() == "of":
            self.at += 1
            _, threshold = self.share(self.take("word"))
            value *= threshold
        basis = self.basis if metric in ("training_compute", "compute_ratio_to_frontier") else None
        opposite = {"<": ">=", "<=": ">"}
        node = Compare(metric, opposite.get(op, op), value, basis)
        return Not(node) if op in opposite else node

    def date(self, name: str) -> Node:
        op = self.take("op")
        if op not in (">=", "<"):
            self.at -= 1
            raise self.error("a date takes >= or <")
        word = self.take("date")
        try:
            day = datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError as error:
            raise InvalidInput(f"condition '{self.source}': {word} is not a day.") from error
        node = Since(name, day)
        return Not(node) if op == "<" else node


def _tokens(source: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while source[at:].strip():
        found = _TOKEN.match(source, at)
        if found is None:
            raise InvalidInput(
                f"condition '{source}': cannot read '{source[at:].strip()[:20]}' "
                f"at character {at + 1}."
            )
        kind = str(found.lastgroup)
        yield kind, found.group(kind), found.start(kind)
        at = found.end()


def _number(word: str) -> float:
    plain = word.replace("_", "")
    if "/" in plain:
        above, below = plain.split("/")
        if float(below) == 0:
            raise InvalidInput(f"'{word}' divides by zero.")
        return float(above) / float(below)
    if plain.endswith("%"):
        return float(plain[:-1]) / 100
    if plain[-1] in _SCALE:
        return float(plain[:-1]) * _SCALE[plain[-1]]
    return float(plain)

"""What a text must hold for a pattern to fit: a gate that is derived from the pattern itself.

To look for some words is many times faster than to try a pattern. Words kept by hand beside a
pattern fall behind it; these are read off the pattern's own parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from re import _constants as sign  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

_MOST: Final = 24
"""Words beyond which looking for them costs about what the pattern does."""
_EMPTY: Final = frozenset({""})

Words = frozenset[str]
Part = tuple[Words | None, Words | None]
"""All texts a part can be, where they are few, and words of which every fitting text has one."""


def needed(pattern: str, *, verbose: bool = False) -> tuple[tuple[str, ...], ...]:
    """Sets of words: each text that fits the pattern holds one word of each set.

    Words, and the text they are looked for in, are in lower case; the pattern is read without
    regard to case. No sets where it needs nothing that is worth a look.
    """
    layout = re.VERBOSE if verbose else re.NOFLAG
    exact, found = _runs(parser.parse(pattern, re.IGNORECASE | layout))
    sets = {w for one in (exact, *found) if (w := _better(None, one)) and min(map(len, w)) > 2}
    best = sorted(sets, key=lambda words: (len(words), sorted(words)))
    return tuple(tuple(sorted(words)) for words in best)


def _runs(parts: Iterable[Any]) -> tuple[Words | None, list[Words | None]]:
    """A part after the other, neighbours of few texts taken together: all that it can be, or words.

    The second are the sets of words of which each fitting text has one.
    """
    run: Words = _EMPTY
    whole, found = True, list[Words | None]()
    for kind, value in parts:
        exact, words = _part(kind, value)
        joined = None if exact is None else frozenset(a + b for a, b in product(run, exact))
        if joined is not None and len(joined) <= _MOST:
            run = joined
            continue
        whole = False
        found += [run, words]
        run = _EMPTY if exact is None else exact
    return (run if whole else None), [*found, run]


def _sequence(parts: Iterable[Any]) -> Part:
    exact, found = _runs(parts)
    best: Words | None = None
    for words in found:
        best = _better(best, words)
    return exact, None if exact is not None else best


def _part(kind: Any, value: Any) -> Part:  # noqa: ANN401 - as the parser has it
    """What one part of a parsed pattern can be, and what it needs."""
    if kind is sign.LITERAL:
        return frozenset({chr(value).lower()}), None
    if kind in (sign.AT, sign.ASSERT, sign.ASSERT_NOT):
        return _EMPTY, None
    if kind is sign.IN:
        return _characters(value), None
    if kind is sign.BRANCH:
        return _any_of([_sequence(branch) for branch in value[1]])
    if kind is sign.SUBPATTERN:
        return _sequence(value[3])
    if kind is sign.ATOMIC_GROUP:
        return _sequence(value)
    if kind in (sign.MAX_REPEAT, sign.MIN_REPEAT, sign.POSSESSIVE_REPEAT):
        return _repeated(*value)
    return None, None


def _characters(members: list[Any]) -> Words | None:
    """The characters of a set, where they are few."""
    found: set[str] = set()
    for kind, value in members:
        if kind is sign.LITERAL:
            found.add(chr(value).lower())
        elif kind is sign.RANGE and value[1] - value[0] < 10:
            found.update(chr(code).lower() for code in range(value[0], value[1] + 1))
        else:
            return None
    return frozenset(found)


def _any_of(branches: list[Part]) -> Part:
    exact: set[str] = set()
    words: set[str] = set()
    for one, needs in branches:
        best = _best(one, needs)
        exact |= one or frozenset()
        if best is None:
            words = {""}
        words |= best or frozenset()
    few = all(one is not None for one, _ in branches) and len(exact) <= _MOST
    return frozenset(exact) if few else None, None if "" in words else _shortest(words)


def _repeated(least: int, most: int, parts: Iterable[Any]) -> Part:
    exact, words = _sequence(parts)
    if least == 0:
        return (exact | _EMPTY if exact is not None and most == 1 else None), None
    return (exact if least == most == 1 else None), _best(exact, words)


def _best(exact: Words | None, words: Words | None) -> Words | None:
    return words if exact is None else _better(words, exact)


def _better(one: Words | None, other: Words | None) -> Words | None:
    """The set of words that fewer texts hold: longer words first, then fewer of them."""
    known = [_shortest(words) for words in (one, other) if words and "" not in words]
    small = [words for words in known if len(words) <= _MOST]
    return max(small, key=lambda w: (min(4, *map(len, w)), -len(w)), default=None)


def _shortest(words: Iterable[str]) -> Words:
    """The words without those that hold another of them."""
    every = set(words)
    return frozenset(w for w in every if not any(o != w and o in w for o in every))

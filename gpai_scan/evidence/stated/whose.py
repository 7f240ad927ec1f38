"""Whom a derivation is said of: names before it or after it, a kind of models, an opening name."""

from __future__ import annotations

import re
from dataclasses import replace

from gpai_scan.evidence.stated import kinds, names, surroundings
from gpai_scan.evidence.stated.names import Name
from gpai_scan.evidence.stated.statement import Statement

_JOINT = re.compile(r"\W*(?:,|and|&|、|和|と|y|et|und)?\W*(?:the\s)?")

_LEAD = re.compile(
    r"[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]*\t(?P<name>[A-Za-z][\w.+-]{2,60})\t"
    r"[^\t]{0,3}(?:\t[^\t]{1,30}\t[^\t]{0,2})?\s?[:–—-]"
)
"""A list item that begins with a name in bold type or as code, and what tells of it."""

_BOLD = re.compile(r"[ ]*\t(?P<name>\w[^\t:：*]{1,38}[\w)])\t(?=\s?[\w(])")
_ABOUT = re.compile(r"[\s#>*-]*(?P<name>[^\W\d_][\w.+-]*(?:\s[\w.+-]+){0,2}?)\s(?:is|was|are)\s")
_IS = re.compile(r"(?i)(?:^|:|\b(?:is|as|our|the|this))\W*(?:an?|the)\s(?:[\w-]+\s){0,3}$")
_OF = re.compile(r"\s(?:of|for)\b")
"""`is an aligned version of X` is said of the model, not of a kind of models."""
_PRONOUN = re.compile(r"(?i)[\s>*-]*(?:it|the\smodel|this\smodel)\s")


def labels(sentence: str, base: Name, relation: str | None) -> tuple[str, ...]:
    """The models the statement is about: the last ones before the base, else after it."""
    own = base.text.lower()
    merging = (surroundings.MERGING if relation == "merge" else surroundings.JOINING).search(
        sentence
    )
    end = min(merging.start(), base.start) if merging else base.start
    left = [
        n
        for n in names.every(sentence, 0, end)
        if n.text.lower() != own
        and not surroundings.ENCODER.search(n.text)
        and not sentence[: n.start].rstrip(" \t*`(:").lower().endswith("teacher")
    ]
    if not left and (lead := _LEAD.match(sentence)) and lead.end() <= base.start:
        return (lead["name"].strip(),)
    if left or not surroundings.RELEASE.search(sentence):
        return group(sentence, left)
    right = [n for n in names.every(sentence, base.end, len(sentence)) if n.text.lower() != own]
    return (right[0].text,) if right and right[0].start - base.end < 60 else ()


def led(said: Statement, sentence: str, before: str, unit: str) -> Statement:
    """A statement that names no model it is about, with the one its passage presents.

    That is a name in bold type at the beginning, or what the sentence before is about.
    """
    if said.labels or said.opening or said.kind:
        return said
    found = _BOLD.match(unit)
    if found is None and _PRONOUN.match(sentence):
        found = _ABOUT.match(before)
    return replace(said, lead=found["name"].strip()) if found else said


def kind(sentence: str, relation: str | None, position: int) -> str | None:
    """The kind of a family's members that a sentence speaks of, nearest before a position."""
    pattern = kinds.LOW_BIT if relation == "quantized" else kinds.ASSISTANT
    found = list(pattern.finditer(sentence))
    if not found:
        return None
    nearest = min(found, key=lambda m: (m.start() > position, abs(m.start() - position)))
    if _OF.match(sentence, nearest.end()) and _IS.search(sentence, 0, nearest.start()):
        return None
    return re.sub(r"[\s-]", "", nearest["kind"].lower())


def group(sentence: str, found: list[Name]) -> tuple[str, ...]:
    """The last of some names with those joined to it."""
    group = found[-1:]
    for name in reversed(found[:-1]):
        if not _JOINT.fullmatch(sentence[name.end : group[0].start]):
            break
        group.insert(0, name)
    return tuple(name.text for name in group)


def around(sentence: str, match: re.Match[str]) -> tuple[str, ...]:
    """The models a derivation is said of: the last names before it, else those after it."""
    every = names.every(sentence, 0, len(sentence))
    named = [n for n in every if re.search(r"[A-Za-z]{2}", n.text)]
    left = [n for n in named if n.start < match.start()]
    if left and kinds.ASSISTANT.search(sentence[left[-1].end : match.start()]):
        return ()
    return group(sentence, left) if left else tuple(n.text for n in named)


def opening_name(sentence: str, end: int) -> str:
    """The name without a number that a sentence `Name is a …` begins with, before a position."""
    match = surroundings.OPENING.match(sentence)
    if match is None or match.end() > end or match["name"].lower() in surroundings.PRONOUNS:
        return ""
    return match["name"]

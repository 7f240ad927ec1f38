"""Cuts one piece of a card into blocks: paragraphs, list items, tables, without code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_FENCE = re.compile(r"^\s{0,12}(?:>\s?)*(?:```|~~~)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}[ \t]+(?P<text>.*)$|^\s*<h[1-6][^>]*>(?P<html>.*?)</h[1-6]>")
_BOLD_HEADING = re.compile(r"^\s*(?:\*\*|__)(?P<text>[^*_|]{2,80})(?:\*\*|__):?\s*$")
# `train_tokens: 2.0T` in the settings of a run: the one kind of code that states a figure.
TOKENS_SET: Final = (
    r"^[ \t]*[\"']?[A-Za-z_.]{0,30}tokens[a-z_]{0,20}[\"']? ?[:=] ?[\"']?"
    r"(?:[0-9][0-9.]{0,8}(?:e\+?[0-9]{1,2}| ?[BT]| [bt]rillion)|[0-9,]{10,20})[\"']?[ \t]*(?:#.*)?$"
)
_TOKENS_SET = re.compile(TOKENS_SET)
# "# Orca 7B: 7 billion parameters, 2T tokens": a heading that states figures of its own.
_STATING = re.compile(
    r"\d\+?(?:\s?[KMBTkmbt]n?|\s[a-z]*illion)?\+?[ -](?:[a-z]+[ -]){0,2}(?:param|token)"
)
_ITEM = re.compile(r"^\s*(?:>\s?)?(?:[-*+•·▪]|\d{1,3}[.)])\s+\S")
_PIPE = re.compile(r"^\s*(?:>\s?)?\|.*\|?|^[^|\n]*\|[^|\n]*\|")
_CODE_LINE = re.compile(r"^(?:\s{4,}|\t)(?![-*+•|\d<])\S")


class Block(NamedTuple):
    """A part of a piece: its raw text, where that begins, the heading over it, and its kind."""

    start: int
    text: str
    heading: str
    table: bool


def blocks(text: str, heading: str, in_code: bool) -> Iterator[Block]:
    """The blocks of a piece. `in_code` says whether a code fence is open where it begins."""
    lower = text[:200_000].lower()
    if not in_code and "<table" in lower:
        yield from _around_table(text, heading)
        return
    yield from _lines(text, heading, in_code, 0)


def _around_table(text: str, heading: str) -> Iterator[Block]:
    position = 0
    for match in re.finditer(r"<table\b", text):
        if match.start() < position:
            continue
        close = text.find("</table>", match.start())
        end = len(text) if close < 0 else close + 8
        yield from _lines(text[position : match.start()], heading, False, position)
        yield Block(match.start(), text[match.start() : end], heading, True)
        position = end
    yield from _lines(text[position:], heading, False, position)


def _lines(text: str, heading: str, in_code: bool, base: int) -> Iterator[Block]:
    begin: int | None = None
    table = False
    position = 0
    for line in text.split("\n"):
        end = position + len(line)
        kind = _kind(line, in_code)
        if kind == "fence":
            in_code = not in_code
        breaks = kind in {"fence", "code", "heading", "item", "blank"} or (kind == "pipe") != table
        if begin is not None and breaks:
            yield Block(base + begin, text[begin : position - 1], heading, table)
            begin = None
        if kind == "code" and "tokens" in line and _TOKENS_SET.match(line):
            yield Block(base + position, line, heading, False)
        if kind == "heading":
            if _STATING.search(line):
                yield Block(base + position, line, heading, False)
            heading = _heading(line) or heading
        elif kind in {"text", "item", "pipe"} and begin is None:
            begin, table = position, kind == "pipe"
        if begin is None:
            table = False
        position = end + 1
    if begin is not None:
        yield Block(base + begin, text[begin:], heading, table)


def _kind(line: str, in_code: bool) -> str:
    if ("```" in line or "~~~" in line) and _FENCE.match(line):
        return "fence"
    if in_code:
        return "code"
    if not line.strip():
        return "blank"
    marked = "#" in line or "**" in line or "__" in line or "<h" in line
    if marked and _heading(line):
        return "heading"
    if "|" in line and _PIPE.match(line) and line.count("|") >= 2:
        return "pipe"
    if _ITEM.match(line):
        return "item"
    return "text"


def _heading(line: str) -> str | None:
    match = _HEADING.match(line) or _BOLD_HEADING.match(line)
    if match is None:
        return None
    groups = match.groupdict()
    return (groups.get("text") or groups.get("html") or "").strip(" #*")

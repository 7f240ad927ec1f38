"""Licences that stand in a link: on a badge, or as the name of the file it leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from gpai_scan.evidence.stated.licence_names import identifier
from gpai_scan.evidence.stated.statement import Statement

_BADGE: Final = re.compile(
    r"img\.shields\.io/(?:badge/|static/v1\?label=)(?:model[_\s]|model%20|weights?[_\s]|weights?%20)?"
    r"licen[sc]e"
    r"(?:-|&message=)(?P<name>(?:--|%20|%3A|[\w.+])+?)(?=-(?!-)|&|\)|$)",
    re.IGNORECASE,
)
_SEE: Final = re.compile(
    r"\b(?:check|see|refer to|read|consult|following|under|to)\b|查看|参见|阅读|参照", re.IGNORECASE
)
BARE_FILE: Final = re.compile(
    r"^(?:the\s)?(?:licen[sc]e(?:\s?(?:file|agreement|text|here))?|here|link|this|许可证"
    r"|(?:开源|许可|模型|使用|模型许可|开源许可)?协议)(?:\.(?:md|txt|pdf))?$",
    re.IGNORECASE,
)


def badges(piece: str) -> Iterator[Statement]:
    """The licence on a badge, positions within the piece."""
    for match in _BADGE.finditer(piece):
        name = unquote(match["name"]).replace("--", "-").replace("_", " ")
        text, sure = identifier(name)
        if sure:
            yield Statement("licence", text, *match.span("name"), linked=True, badge=True)


def from_address(text: str) -> str | None:
    """The name a licence file bears in its address: `…/Tongyi%20Qianwen%20LICENSE%20AGREEMENT`."""
    match = re.search(r"\]\s?\((?P<url>[^()\s]{1,400})", text)
    if match is None:
        return None
    last = unquote(match["url"].split("?")[0].rstrip("/").rpartition("/")[2])
    last = re.sub(r"\.(?:md|txt|pdf|html)$", "", last)
    stem = re.sub(r"[\W_]", "", last.lower())
    return re.sub(r"[_]+", " ", last) if len(stem) > 9 and "licen" in stem else None


def address(sentence: str) -> Iterator[Statement]:
    """A licence named only by the address of its file: `see [LICENSE](…)`."""
    for link in re.finditer(r"\[(?P<text>[^\[\]]{2,60})\]\s?\([^()\s]{1,400}\)", sentence):
        if BARE_FILE.match(link["text"].strip()) and _SEE.search(sentence[: link.start()]):
            named = from_address(link[0])
            if named:
                text, sure = identifier(named)
                yield Statement("licence", text, *link.span(), labels=(), linked=sure)

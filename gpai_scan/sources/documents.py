"""Which files of a repository are read, how much of them, and how their bytes become text.

Shared by every source, so that a card is the same text wherever it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from gpai_scan import schema

# Files every repository is asked for; a row says so where one is missing.
EXPECTED: Final = ("README.md", "config.json")

WANTED: Final = (
    r"^(?:README\.md|config\.json|model_index\.json|adapter_config\.json|params\.json"
    r"|mergekit_config\.yml|[^/]+\.index\.json"
    r"|[^/]+/(?:config\.json|params\.json|[^/]+\.index\.json))$"
)
"""Paths of files that can hold a figure, as a pattern Python and Polars read alike."""
_WANTED: Final = re.compile(WANTED)

CARD_LIMIT: Final = 5_000_000
"""Bytes beyond which a card is too large; its first `CARD_KEPT` bytes are read all the same."""
CARD_KEPT: Final = 1_000_000
JSON_LIMIT: Final = 5_000_000
INDEX_LIMIT: Final = 64_000_000
"""A weight index names every tensor: 9 MB for a mixture of experts of 671 billion parameters."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file that was asked for: a row of `schema.DOCUMENTS`."""

    repo_id: str
    path: str
    revision: str | None
    status: str
    size: int | None = None
    etag: str | None = None
    text: str | None = None


def wanted(path: str) -> bool:
    """Whether a file can hold a figure: cards, configurations, weight indexes, of components too.

    At most one folder deep: `unet/config.json`, `original/params.json`.
    """
    return _WANTED.match(path) is not None


def limit(path: str) -> int:
    """The largest size in bytes at which a file is read whole."""
    if path.endswith(".index.json"):
        return INDEX_LIMIT
    return CARD_LIMIT if path.endswith(".md") else JSON_LIMIT


def interpret(path: str, content: bytes, size: int) -> tuple[str, str | None]:
    """Status and text of a file of `size` bytes, of which `content` was read.

    A card over its limit is `too_large` and keeps the text of its first million bytes, up to a
    line's end; other files over theirs have no text, since half a JSON document says nothing.
    """
    if size == 0:
        return "empty", None
    if size <= limit(path):
        status, text = decode(content)
        return status, whole_pairs(text) if text and path.endswith(".json") else text
    if not path.endswith(".md"):
        return "too_large", None
    head = content[:CARD_KEPT]
    _, text = decode(head[: head.rfind(b"\n") + 1] or head)
    return "too_large", text


_HALF_PAIR: Final = re.compile(
    r"\\u[dD][89aAbB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89aAbB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def whole_pairs(text: str) -> str:
    """JSON text without escapes of half a surrogate pair: no text that is stored can hold one.

    Each becomes the escape of the replacement character, which is as long.
    """
    return _HALF_PAIR.sub(r"\\ufffd", text) if "\\u" in text else text


def decode(content: bytes) -> tuple[str, str | None]:
    """Status and text of bytes that should be UTF-8: `ok`, `not_utf8`, `binary` or `empty`.

    UTF-16 with its mark is read as such. Bytes that are no text at all (a zero byte near the
    start) give none; otherwise what cannot be decoded is replaced, so that the rest is read.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "not_utf8", _without_zero(content.decode("utf-16", "replace"))
    if b"\0" in content[:8192]:
        return "binary", None
    try:
        text, status = content.decode("utf-8-sig"), "ok"
    except UnicodeDecodeError:
        text, status = content.decode("utf-8-sig", "replace"), "not_utf8"
    return (status, _without_zero(text)) if text.strip() else ("empty", None)


def _without_zero(text: str) -> str:
    return text.replace("\0", "\ufffd")


def rows(documents: Iterable[Document]) -> pl.DataFrame:
    """Rows of `schema.DOCUMENTS`, sorted by its key."""
    frame = pl.DataFrame(
        [(d.repo_id, d.path, d.revision, d.status, d.size, d.etag, d.text) for d in documents],
        schema=schema.DOCUMENTS.schema,
        orient="row",
    )
    return frame.sort(schema.DOCUMENTS.key)

"""Turns Markdown and HTML into plain sentences without losing where each character came from."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_KEEP = {
    "&nbsp;": " ", "&nbsp": " ", "&amp;": "&", "&gt;": ">", "&lt;": "<", "&times;": "×",
    "&#x27;": "'", "&#39;": "'", "&quot;": '"', "&ge;": "≥", "&le;": "≤", "&asymp;": "≈",
    "\\times": "×", "\\cdot": "·", "\\approx": "≈", "\\sim": "~", "\\%": "%", "\\geq": "≥",
}  # fmt: skip
# The look ahead spares the engine all alternatives where none can begin.
_MARKUP = re.compile(
    r"(?=[<&\\*_~`\[\]$!\n\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]"
    r"|\s[\s\u3000])(?:<!--[^>]{0,2000}-->"
    r"|!\[[^\]\n]{0,300}\]\([^()\s]{0,600}\)"
    r"|\]\([^()\s]{0,600}(?:\([^()\s]{0,100}\)[^()\s]{0,100})?(?: \"[^\"\n]{0,100}\")?\)"
    r"|\]\[[^\]\n]{0,80}\]"
    r"|<sup>\s*(?P<sup>\d{1,2})\s*</sup>"
    r"|</?(?P<tag>[A-Za-z][A-Za-z0-9]{0,20})(?:\s[^<>]{0,1000})?/?>"
    r"|&(?:nbsp;?|amp;|gt;|lt;|times;|\#x27;|\#39;|quot;|ge;|le;|asymp;)"
    r"|\\(?:times|cdot|approx|sim|geq|%)(?![a-z])"
    r"|\\(?P<esc>[~*_\#|<>\[\]()\-+!.`$])"
    r"|\*\*\*?|__+|~~|`+|[\[\]$]"
    r"|(?<![\d\s*])\*(?!\*)|(?<!\*)\*(?![\d\s*])"
    r"|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]"
    r"|\s*\n[ \t>]*|[ \t\u3000]{2,})"
)
# Text without any of these needs no more than its line ends made blanks.
_MARKS = re.compile(
    r"[<&\\*~`\[\]$!\t\v\f\r\x1c-\x1f\x85\xa0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064"
    r"\u2066-\u2069\u3000\ufeff]"
)
_RUNS = ("__", "  ", " \n", "\n ", "\n\n", "\n>")
_BREAKING = frozenset({"br", "p", "td", "th", "tr", "li", "div", "ul", "ol", "h1", "h2", "h3"})
_ENDING = frozenset({"li", "ul", "ol", "p"})  # where a sentence ends, too
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TRANSLATE = (
    {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}
    | {base + d: 0x30 + d for base in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50) for d in range(10)}
    | {
        0x223C: "~",
        0x2212: "-",
        0x2011: "-",
        0x2010: "-",
        0x00A0: " ",
        0x202F: " ",
        0x2009: " ",
        0x200A: " ",
    }
)
_POWER_OF_TEN = re.compile(rf"10(?P<sup>[{_SUPERSCRIPTS}]{{1,2}})")
# The first character alone, so that the engine may leap to it.
_SENTENCE = re.compile(
    r"[.!?;。！？；\x1e](?:(?<=[.!?])[\"')\]]?\s+(?=[A-Z0-9\"“(¿¡À-Þ\u0400-\u042F\u3040-\u9fff\uac00-\ud7af])"
    r"|(?<=[。！？；\x1e])|(?<=;)\s+)"
)
_BULLET = re.compile("[•·▪‣|]")
_SENTENCE_OR_BULLET = re.compile(rf"\s[•·▪‣|]\s|{_SENTENCE.pattern}")
_ABBREVIATION = re.compile(
    r"(?:\b(?:approx|e\.g|i\.e|vs|etc|no|fig|ca|al|eq|resp|incl|est|sec|dr|bzw|z\.b|mio|mrd|p\.ex"
    r"|cf|inc|corp|ltd)|\b[A-Z])$",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _bare_letters() -> dict[int, str]:
    """Latin letters with marks -> the bare letter; other characters are left alone."""
    bare = {ord(a): b for a, b in zip("øØłŁđĐħĦıŧŦ", "oOlLdDhHitT", strict=True)}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        first = unicodedata.normalize("NFKD", chr(code))[0]
        if first.isascii() and first.isalpha():
            bare[code] = first
    return bare


def unaccented(text: str) -> str:
    """A text of the same length whose Latin letters bear no marks: names of repositories do not."""
    return text if text.isascii() else text.translate(_bare_letters())


@dataclass(frozen=True, slots=True)
class Clean:
    """Plain text with the way back: `raw_position(i)` is where character `i` stood."""

    text: str
    starts: tuple[int, ...]
    offsets: tuple[int, ...]

    def raw_position(self, position: int) -> int:
        """Position in the marked-up text of a position in the plain one."""
        i = bisect_right(self.starts, position) - 1
        return position + self.offsets[i]


def _replacement(match: re.Match[str]) -> str:
    token = match[0]
    if match["sup"]:
        return f"^{match['sup']}"
    if match["tag"]:
        tag = match["tag"].lower()
        return "\x1e" if tag in _ENDING else " " if tag in _BREAKING else ""
    if match["esc"]:
        return match["esc"]
    if token[0] in "\n\r\t \u3000" or token.strip() == "":
        return " "
    return _KEEP.get(token, "")


def clean(raw: str) -> Clean:
    """Plain text of a block: no emphasis, links, tags or entities; digits are ASCII."""
    source = raw.translate(_TRANSLATE) if not raw.isascii() else raw
    source = _POWER_OF_TEN.sub(_superscript, source) if not raw.isascii() else source
    if not _MARKS.search(source) and not any(run in source for run in _RUNS):
        return Clean(source.replace("\n", " "), (0,), (0,))
    parts: list[str] = []
    starts, offsets = [0], [0]
    length = position = 0
    for match in _MARKUP.finditer(source):
        piece = source[position : match.start()]
        new = _replacement(match)
        parts += (piece, new)
        length += len(piece) + len(new)
        position = match.end()
        starts.append(length)
        offsets.append(position - length)
    parts.append(source[position:])
    return Clean("".join(parts), tuple(starts), tuple(offsets))


def _superscript(match: re.Match[str]) -> str:
    # One character longer than the source: spans after it shift by one, which a span can bear.
    digits = "".join(str(_SUPERSCRIPTS.index(c)) for c in match["sup"])
    return f"1e{digits}" if len(digits) == 2 else f"10^{digits}"


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a plain text with where each begins."""
    begin = 0
    ends = _SENTENCE_OR_BULLET if _BULLET.search(text) else _SENTENCE
    for match in ends.finditer(text):
        if match[0][0] == "." and _abbreviated(text[max(begin, match.start() - 8) : match.start()]):
            continue
        if match.end() > begin:
            yield begin, text[begin : match.start() + 1].rstrip(" ;•·▪‣|\x1e")
        begin = match.end()
    if begin < len(text):
        yield begin, text[begin:]


@lru_cache(maxsize=65536)
def _abbreviated(before: str) -> bool:
    """Whether the few characters before a dot are an abbreviation."""
    return _ABBREVIATION.search(before) is not None

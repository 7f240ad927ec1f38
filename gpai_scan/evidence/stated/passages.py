"""The passages of a card in which something may be stated, and their sentences.

Polars finds the pieces between blank lines that hold one of the words without which nothing is
stated; Python reads each distinct piece once. Markup is replaced by blanks of the same length, so
that every position in a sentence is a position in the card.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import polars as pl

from gpai_scan.evidence import sparse
from gpai_scan.evidence.cards import lines
from gpai_scan.evidence.stated import gate
from gpai_scan.evidence.stated.statement import Statement

CARD: Final = "README.md"
LONGEST: Final = 4000
"""Characters of a sentence that are read; what is longer is no prose."""
_FENCE: Final = re.compile(r"^[ \t>]{0,12}(?:```|~~~)")
_NEW_UNIT: Final = re.compile(
    r"^[ \t]*(?:>[ \t]?)*(?:[-*+•·▪][ \t]+|\d{1,3}[.)][ \t]|\||#{1,6}[ \t]|</?(?:li|tr|td|th|p|h\d"
    r"|ul|ol|div|table|br)\b)",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(
    r"[ \t]*(?:\*\*[^*:：]{2,40}(?:[:：][ \t]?\*\*|\*\*[ \t]?[:：])"
    r"|[A-Z][\w()/-]{1,24}(?:[ ][\w()/-]{1,24}){0,3}:[ \t]+\S|[^\W\x00-\x7f]{2,12}[:：])"
)
"""A line `**Key:** value` or `Key: value`, which stands for itself without a blank line."""
_SHORT: Final = 80
_ANCHOR: Final = re.compile(
    r"<a\s[^<>]{0,200}?href\s?=\s?[\"'](?P<url>[^\"'<>\s]{1,400})[\"'][^<>]{0,200}>"
    r"(?P<text>[^<>\[\]]{1,150})</a>",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]")
_LEADS: Final = re.compile(r"(?i)\bmerged?[ \t]models?\W{0,8}$")
_ORIGINAL: Final = (
    r"(?i)\n(?:#{1,6}[^\n]{0,40}\boriginal model(?:'s)? card|<!-- original-model-card start)"
)
_MARKUP: Final = re.compile(
    r"<!--(?:(?!<!--).){0,2000}?-->|<(?!https?:)/?[A-Za-z][^<>]{0,600}>|&nbsp;?|&#\d{1,5};|\*{1,3}|`{1,3}"
    r"|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)"
    r"|!\[[^\]\n]{0,300}\]\([^()\s]{0,600}\)|[\u200b-\u200f\ufeff\u00ad]|\\(?=[_*\[\]()#~-])",
    re.DOTALL,
)
_MARK: Final = re.compile("[<&*`_!\\\\\u200b-\u200f\ufeff\u00ad]")  # without one there is no markup
_CELL: Final = re.compile(r"</?(?:td|th|tr|br|li|p)\b[^<>]{0,300}>", re.IGNORECASE)
# Two patterns, since the engine leaps to the signs of the first only without a look behind it.
_SIGN: Final = re.compile(
    r"[.!?]+[\"'”’)\]]*\s+(?=[A-Z0-9\[\"“(*À-ÞА-Яぁ-ヿ一-鿿가-힣])|[。！？；]|\x1e|;\s"
)
_ENDING: Final = re.compile(
    r"(?<=[\w)\]\"'”’%])(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bet al)(?<!\bapprox)(?<!\b[A-Z])[.!?]"
    r"|[^.!?]"
)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without markup and with single blanks, and the way back to its piece.

    From character `starts[i]` on, a position differs by `shifts[i]` from that in the piece.
    """

    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def place(self, position: int) -> int:
        """Where a character of the text stands in the piece."""
        return position + self.shifts[bisect_right(self.starts, position) - 1]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or list item or table row: clean text, and where it begins in its unit.

    `row` is true for a table row, whose cells are parted by `|`; `heading` stands over it;
    `code` is true inside a code fence; `before` is the sentence before it, for a list item the
    text that introduces the list.
    """

    text: str
    start: int
    heading: str
    row: bool
    code: bool
    before: str
    unit: Plain

    def place(self, position: int) -> int:
        """Where a character of the text stands in the piece."""
        return self.unit.place(self.start + position)

    def placed(self, said: Statement) -> Statement:
        """A statement with positions in the sentence as one with positions in the piece."""
        start = self.place(said.start)
        return replace(said, start=start, end=self.place(max(said.end - 1, said.start)) + 1)


def cards(documents: pl.LazyFrame) -> pl.DataFrame:
    """The cards of a shard: `document, repo_id, revision, front, text, skipped`.

    Line ends are made alike; front matter is cut off and its lines counted in `skipped`.
    """
    front = r"\A\x{feff}?\s{0,8}---[ \t]*\n(?s:.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\z)"
    text = pl.col("text")
    chosen = (
        documents.filter((pl.col("path") == CARD) & text.is_not_null())
        .select("repo_id", "revision", "text")
        .with_row_index("document")
        .collect()
    )
    unix = text.str.replace_all("\r\n", "\n", literal=True).str.replace_all(
        "\r", "\n", literal=True
    )
    found = sparse.changed(chosen, text.str.contains("\r", literal=True), unix)
    has_front = text.str.head(16).str.contains(r"\A\x{feff}?\s{0,8}---[ \t]*\n")
    fronts = found.with_columns(front=pl.when(has_front).then(text).str.extract(f"({front})"))
    skipped = pl.col("front").str.count_matches("\n", literal=True).fill_null(0)
    body = text.str.slice(pl.col("front").str.len_chars().fill_null(0))
    bodies = fronts.select("document", "repo_id", "revision", "front", text=body, skipped=skipped)
    own = text.str.replace(rf"{_ORIGINAL}(?s:.*)\z", "")  # what follows is about the base
    return sparse.changed(bodies, text.str.contains(_ORIGINAL), own)


def pieces(found: pl.DataFrame) -> pl.DataFrame:
    """The pieces worth reading: `document, line, text, heading, in_code`, in order.

    `line` is where the piece begins in the card, counted from 0; `heading` the last one before it.
    """
    text = pl.col("text")
    parts = (
        lines.parted_by_blanks(found)
        .lazy()
        .select("document", "skipped", text.str.split("\n\n"))
        .explode("text")
        .with_columns(piece=pl.int_range(pl.len(), dtype=pl.Int64))
        .collect()
    )
    titles = lines.headings(parts)
    fences = sparse.count(parts["text"], ["```", "~~~"], r"(?m)^[ \t>]*(?:```|~~~)")
    ends = text.str.count_matches("\n", literal=True).cast(pl.Int64) + 2
    counted = parts.with_columns(fences=fences, line=ends)
    before = counted.with_columns(pl.col(n).cum_sum() - pl.col(n) for n in ("line", "fences"))
    placed = before.with_columns(
        pl.col(n) - pl.col(n).first().over("document") for n in ("line", "fences")
    )
    worth = placed.filter(text.str.contains(gate.HELD) | _under_heading(parts, titles))
    return lines.under_headings(worth, titles).select(
        "document",
        pl.col("line") + pl.col("skipped"),
        "text",
        "heading",
        in_code=pl.col("fences") % 2 == 1,
    )


def _under_heading(parts: pl.DataFrame, titles: pl.DataFrame) -> pl.Series:
    """Whether the heading over each piece speaks of what the piece then states without a word."""
    speaks = pl.col("heading").str.contains_any(list(gate.OVER), ascii_case_insensitive=True)
    above = parts.select("document", "piece").join_asof(
        titles.select("piece", of="document", speaks=speaks), on="piece", allow_exact_matches=False
    )
    own = pl.col("of") == pl.col("document")
    return above.select((own & pl.col("speaks")).fill_null(value=False)).to_series()


Held = tuple[Sentence, Sequence[str]]
"""A sentence and the words it holds of those that `gate` looks for."""


def sentences(pieces: Sequence[tuple[str, str, bool]]) -> list[list[Held]]:
    """The sentences of each piece (its text, the heading over it, whether it is code), in order."""
    units = [(place, unit) for place, piece in enumerate(pieces) for unit in _introduced(*piece)]
    wanted = gate.said([unit.text for _, unit in units])
    found = [
        (place, sentence)
        for (place, unit), said in zip(units, wanted, strict=True)
        if said or unit.listed or gate.over_licence(unit.heading) or gate.over_tuned(unit.heading)
        for sentence in _of_unit(unit)
    ]
    words = gate.held([sentence.text for _, sentence in found])
    grouped: list[list[Held]] = [[] for _ in pieces]
    for (place, sentence), held in zip(found, words, strict=True):
        grouped[place].append((sentence, held))
    return grouped


class _Unit(NamedTuple):
    """A paragraph, list item, row or heading, and the text that introduces the list it is in."""

    start: int
    text: str
    heading: str
    code: bool
    intro: str
    listed: bool


def _introduced(piece: str, heading: str, in_code: bool) -> Iterator[_Unit]:
    """The units of a piece; `listed` are items of a list of what was merged."""
    intro = ""
    for start, text, over, code in _units(piece, heading, in_code):
        is_item = _ITEM.match(text) is not None
        if not is_item or _LEADS.search(text):
            intro = text[-300:]
        listed = is_item and gate.lists_parents(intro)
        yield _Unit(start, text, over, code, intro if is_item else "", listed)


def _of_unit(unit: _Unit) -> Iterator[Sentence]:
    text = unit.text
    row = not unit.code and (text.lstrip(" \t>").startswith("|") or text.count("|") >= 2)
    clean = plain(text, unit.start)
    position = 0
    before = " ".join(unit.intro.split())
    ends = () if row else _ends(clean.text)
    for end in [*ends, len(clean.text)]:
        part = clean.text[position : min(end, position + LONGEST)]
        if len(part.strip()) > 2:
            yield Sentence(part, position, unit.heading, row, unit.code, before, clean)
            before = part
        position = end


def _ends(text: str) -> Iterator[int]:
    """Where the sentences of a clean text end, the last one left out."""
    signs = _SIGN.finditer(text)
    return (sign.end() for sign in signs if _ENDING.match(text, sign.start()))


def plain(text: str, offset: int = 0) -> Plain:
    """The text without markup; `offset` is where it begins in its piece."""
    blank = _blanked(text)
    if "  " not in blank and "\t" not in blank:
        return Plain(blank, (0,), (offset,))
    parts: list[str] = []
    starts, shifts = [0], [offset]
    position = length = 0
    for match in re.finditer(r"[ \t]{2,}", blank):
        parts.append(blank[position : match.start()])
        parts.append("\t" if "\t" in match[0] else " ")
        length += match.start() + 1 - position
        position = match.end()
        starts.append(length)
        shifts.append(offset + position - length)
    parts.append(blank[position:])
    return Plain("".join(parts), tuple(starts), tuple(shifts))


def _blanked(text: str) -> str:
    """The text with markup blanked, as long as before; cells of HTML end a sentence.

    Markup becomes tabs, other blanks spaces: a name does not go on where bold type begins.
    """
    text = text.replace("\n", " ").replace("\u00a0", " ").replace("\t", " ")
    if "<a " in text:
        text = _ANCHOR.sub(lambda m: f"[{m['text']}]({m['url']})".ljust(len(m[0]), "\t"), text)
    if "<" in text:
        text = _CELL.sub(lambda m: "\x1e" + "\t" * (len(m[0]) - 1), text)
    return _MARKUP.sub(lambda m: "\t" * len(m[0]), text) if _MARK.search(text) else text


def _units(piece: str, heading: str, in_code: bool) -> Iterator[tuple[int, str, str, bool]]:
    """Paragraphs, list items, rows and headings: where they begin, the heading over them, code."""
    heading = heading.lstrip("# ").strip()
    begin: int | None = None
    position = 0
    after_field = False
    for line in piece.split("\n"):
        fence = _FENCE.match(line) is not None
        is_heading = not in_code and line.startswith("#")
        is_field = (
            not in_code and ":" in line[:60].replace("：", ":") and _FIELD.match(line) is not None
        )
        breaks = fence or is_heading or is_field or (after_field and not line[:1].islower())
        breaks = breaks or (not in_code and _NEW_UNIT.match(line) is not None)
        after_field = is_field and len(line) < _SHORT
        if begin is not None and breaks:
            yield begin, piece[begin : position - 1], heading, in_code
            begin = None
        if fence:
            in_code = not in_code
        elif is_heading:
            yield position, line, heading, False
            heading = plain(line).text.strip("# ").strip()
        elif begin is None:
            begin = position
        position += len(line) + 1
    if begin is not None:
        yield begin, piece[begin:], heading, in_code

"""The passages of a card in which something may be stated, and their sentences.

Polars finds the pieces between blank lines that hold one of the words without which nothing is
stated; Python reads each distinct piece once. Markup is replaced by blanks of the same length, so
that every position in a sentence is a position in the card.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from gpai_scan.evidence.stated import gate

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


def worth_reading() -> pl.Expr:
    """Whether the piece in `text` holds a word without which nothing is stated."""
    return pl.col("text").str.contains_any(list(gate.WORDS), ascii_case_insensitive=True) | pl.col(
        "heading"
    ).fill_null("").str.contains_any(
        ["licen", "许可", "协议", "ライセンス"], ascii_case_insensitive=True
    )


def cards(documents: pl.LazyFrame) -> pl.LazyFrame:
    """The cards of a shard: `document, repo_id, revision, text, skipped`.

    Line ends are made alike; front matter is cut off and its lines counted in `skipped`.
    """
    front = r"\A\x{feff}?\s{0,8}---[ \t]*\n(?s:.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\z)"
    text = pl.col("text")
    returns = pl.when(text.str.contains("\r", literal=True)).then(text)
    odd = returns.str.replace_all("\r\n", "\n", literal=True).str.replace_all(
        "\r", "\n", literal=True
    )
    has_front = text.str.head(16).str.contains(r"\A\x{feff}?\s{0,8}---[ \t]*\n")
    found = (
        documents.filter((pl.col("path") == CARD) & pl.col("text").is_not_null())
        .select("repo_id", "revision", text=pl.coalesce(odd, text))
        .with_row_index("document")
        .with_columns(front=pl.when(has_front).then(text).str.extract(f"({front})"))
    )
    skipped = pl.col("front").str.count_matches("\n", literal=True).fill_null(0)
    body = text.str.slice(pl.col("front").str.len_chars().fill_null(0))
    quoting = pl.when(text.str.contains(_ORIGINAL)).then(text)
    own = quoting.str.replace(rf"{_ORIGINAL}(?s:.*)\z", "")  # what follows is about the base
    return found.select("document", "repo_id", "revision", text=body, skipped=skipped).with_columns(
        pl.coalesce(own, text)
    )


def pieces(found: pl.LazyFrame) -> pl.LazyFrame:
    """The pieces worth reading: `document, line, text, heading, in_code`, in order.

    `line` is where the piece begins in the card, counted from 0; `heading` the last one before it.
    """
    text = pl.col("text")
    fenced = pl.when(text.str.contains_any(["```", "~~~"])).then(text)
    parts = (
        found.select(
            "document",
            "skipped",
            text=text.str.replace_all(r"\n[ \t]+\n", "\n\n").str.split("\n\n"),
        )
        .explode("text")
        .with_row_index("piece")
        .with_columns(
            line=text.str.count_matches("\n", literal=True).cast(pl.Int64) + 2,
            fences=fenced.str.count_matches(r"(?m)^[ \t>]*(?:```|~~~)").fill_null(0).cast(pl.Int64),
            titled=text.str.starts_with("#") | text.str.contains("\n#", literal=True),
        )
        .with_columns(
            (
                (pl.col("line").cum_sum() - pl.col("line")).over("document") + pl.col("skipped")
            ).alias("line"),
            ((pl.col("fences").cum_sum() - pl.col("fences")).over("document") % 2 == 1).alias(
                "in_code"
            ),
        )
    )
    headings = parts.filter("titled").select(
        "document", "piece", heading=text.str.extract_all(r"(?m)^#{1,6}[ \t][^\n]*").list.last()
    )
    over = (
        parts.select("document", "piece")
        .join(headings.drop("document"), on="piece", how="left")
        .sort("piece")
        .select("piece", pl.col("heading").forward_fill().shift(1).over("document").fill_null(""))
    )
    return (
        parts.join(over, on="piece")
        .filter(worth_reading())
        .sort("piece")
        .select("document", "line", "text", "heading", "in_code")
    )


def sentences(piece: str, heading: str, in_code: bool) -> Iterator[Sentence]:
    """The sentences of a piece in order; code is marked as such."""
    intro = ""
    alone = "\n" not in piece  # then it is the unit that holds the word of the piece
    for start, unit, over, code in _units(piece, heading, in_code):
        is_item = _ITEM.match(unit) is not None
        if not is_item or _LEADS.search(unit):
            intro = unit[-300:]
        wanted = alone or gate.over_licence(over) or gate.has_any(unit, gate.WORDS)
        if not wanted and not (is_item and "merge" in intro.lower()):
            continue
        row = not code and (unit.lstrip(" \t>").startswith("|") or unit.count("|") >= 2)
        clean_unit = plain(unit, start)
        position = 0
        before = " ".join(intro.split()) if is_item else ""
        ends = () if row else _ends(clean_unit.text)
        for end in [*ends, len(clean_unit.text)]:
            text = clean_unit.text[position : min(end, position + LONGEST)]
            if len(text.strip()) > 2:
                yield Sentence(text, position, over, row, code, before, clean_unit)
                before = text
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

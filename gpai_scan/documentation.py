"""Which elements of Annexes XI and XII a card states, and where.

What counts as stating an element is data: keys of the front matter, headings with text below
them, and phrases, in `data/documentation_elements.csv`. Placeholders of the hub's template, and
headings over nothing, state nothing. Code counts for instructions of use alone.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from gpai_scan import assets, schema
from gpai_scan.evidence import front_matter, sparse
from gpai_scan.evidence.stated import passages
from gpai_scan.sources import Raw

FILE: Final = "README.md"
FROM_CODE: Final = ("integration",)
"""Elements that a code block may state."""
_PLACEHOLDER: Final = (
    r"(?im)^[^\n]*(?:more information (?:is )?needed|needs more information|\[optional\][^\w\n]*$|"
    r"todo[^\w\n]*$|coming soon[^\w\n]*$|carbon emissions can be estimated using|"
    r"should be made aware of the risks, biases|significant research has explored bias)[^\n]*$"
)
"""Lines of the hub's template that every card carries until somebody fills them in."""
_OF_TEMPLATE: Final = (
    r"(?i)information (?:is )?needed|needs more information|\[optional\]",
    r"(?i)todo|coming soon",
    r"(?i)carbon emissions can be|should be made aware|significant research has",
)
"""Without one of these a card has no placeholder. Few words at a time are looked for in leaps."""
_HEADING: Final = r"^#{1,6}[ \t]"
_TOGETHER: Final = 5
"""Patterns of one scan."""
_MANY: Final = 20_000
"""Lines from which on the scan costs less than it spares."""
_ADDRESS: Final = r"\]\([^()\s]*\)|https?://[^\s<>()\[\]]+"


@dataclass(frozen=True, slots=True)
class Element:
    """An element and what states it: front-matter keys and patterns of headings and phrases."""

    name: str
    keys: str | None
    headings: str | None
    phrases: str | None

    @property
    def in_text(self) -> str:
        """A pattern for any line of a card that states the element."""
        heading = (
            rf"^#{{1,6}}[ \t]+(?:\*\*)?(?:[0-9.]+[ \t]+)?(?:[^\n]{{0,60}}\b)?(?:{self.headings})"
        )
        anchored = (self.headings or "").startswith("^")
        if anchored:
            bare = (self.headings or "").removeprefix("^")
            heading = rf"^#{{1,6}}[ \t]+(?:\*\*)?(?:{bare})"
        parts = [heading] if self.headings else []
        parts += [f"(?:{self.phrases})"] if self.phrases else []
        return "(?im)" + _within_lines("|".join(parts))

    @property
    def in_keys(self) -> str | None:
        """A pattern for a front-matter line that states the element, if any does."""
        if not self.keys:
            return None
        return rf"(?m)^(?:{'|'.join(self.keys.split(';'))}):[ \t]*(?:\S|\r?\n[ \t]*(?:-|\w))"


def _within_lines(pattern: str) -> str:
    """The pattern with ASCII word boundaries and with blanks that never reach the next line."""
    plain = pattern.replace(r"\b", r"(?-u:\b)").replace(r"\W", r"[^\w\n]")
    return (
        plain.replace(r"[*_\s]", r"[*_ \t]")
        .replace(r"[*_|\s]", r"[*_| \t]")
        .replace(r"\s", r"[ \t]")
    )


def known() -> list[Element]:
    """The elements of `data/documentation_elements.csv` in its order."""
    table = pl.read_csv(assets.folder("data") / "documentation_elements.csv", infer_schema=False)
    rows = table.select("element", "keys", "headings", "phrases").iter_rows()
    return [Element(name, keys, headings, phrases) for name, keys, headings, phrases in rows]


def elements(raw: Raw) -> pl.LazyFrame:
    """One row a card and element: whether it is stated, and where (`schema.DOCUMENTATION`).

    Repositories without a card that could be read have no rows: nothing is known of them.
    """
    cards = passages.cards(raw.documents)
    wanted = known()
    blocks = (
        front_matter.blocks(raw.documents)
        .join(cards.lazy().select("repo_id", "document"), on="repo_id")
        .select("document", "block", skipped=pl.col("first").cast(pl.Int64))
        .collect()
    )
    keyed = [_in_keys(blocks, one.in_keys, one.name) for one in wanted if one.in_keys]
    first = pl.concat([*keyed, _in_lines(_lines(cards), wanted)]).unique(
        ["document", "element"], keep="first", maintain_order=True
    )
    names = pl.DataFrame({"element": sorted(element.name for element in wanted)})
    grid = cards.select("document", "repo_id").sort("repo_id").join(names, how="cross")
    rows = grid.join(first, on=["document", "element"], how="left", maintain_order="left")
    return schema.DOCUMENTATION.conform(
        rows.lazy().with_columns(stated=pl.col("line").is_not_null(), file=pl.lit(FILE))
    )


def _lines(cards: pl.DataFrame) -> pl.DataFrame:
    """The lines of cards that say something: `document, line, text, fences, inside`.

    Placeholders, addresses and headings over nothing are left out. `fences` are the code fences in
    the line; `inside` says whether it begins between two.
    """
    text, document = pl.col("text"), pl.col("document")
    said = text.str.replace_all(_ADDRESS, "")
    last = (document != document.shift(-1)).fill_null(value=True)
    filled = (
        _without_placeholders(cards)
        .lazy()
        .select("document", line=pl.col("skipped").cast(pl.Int32), text=said.str.split("\n"))
        .with_columns(row=pl.int_ranges(1, text.list.len() + 1, dtype=pl.Int32))
        .explode("text", "row")
        .select("document", pl.col("line") + pl.col("row"), "text", last=last)
        .filter((text.str.strip_chars(" \t") != "") | pl.col("last"))
        .with_columns(begins=text.str.starts_with("#"), ends=(text == "") & pl.col("last"))
        .collect()
    )
    over_nothing = (pl.col("begins") | pl.col("ends")).shift(-1, fill_value=False)
    above = filled.select(pl.col("begins") & ~pl.col("last") & over_nothing).to_series()
    hollow = sparse.contains(filled["text"], above, _HEADING)
    kept = filled.select("document", "line", "text").filter(~hollow & ~filled["ends"])
    return _fenced(kept)


def _without_placeholders(cards: pl.DataFrame) -> pl.DataFrame:
    """The cards, of those from the hub's template what was filled in."""
    signs = (pl.col("text").str.contains(sign) for sign in _OF_TEMPLATE)
    filled_in = pl.col("text").str.replace_all(_PLACEHOLDER, "")
    return sparse.changed(cards, pl.any_horizontal(signs), filled_in)


def _fenced(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `fences`, the code fences in each, and `inside`, whether it begins in code."""
    before = pl.col("fences").cum_sum() - pl.col("fences")
    inside = (before - before.first().over("document")) % 2 == 1
    return lines.with_columns(fences=sparse.count(lines["text"], ["```"], "```")).with_columns(
        inside=inside
    )


def _in_lines(lines: pl.DataFrame, wanted: list[Element]) -> pl.DataFrame:
    """The first line of each card that states an element: `document, element, line, quote`."""
    parts = pl.col("text").str.split("```")
    outside = pl.when("inside").then(parts.list.slice(1)).otherwise(parts).list.gather_every(2)
    cut = lines.filter(pl.col("fences") > 0).select("document", "line", text=outside.list.join(""))
    stating = _stating(pl.concat([lines["text"], cut["text"]]).unique(), wanted)
    from_code = pl.col("element").is_in(FROM_CODE)
    is_prose = (pl.col("fences") == 0) & ~pl.col("inside")
    columns = ("document", "line", "text", "element", "offset")
    whole = lines.join(stating.select("text"), on="text", how="semi")
    found = pl.concat(
        [
            whole.join(stating, on="text").filter(from_code | is_prose).select(columns),
            cut.join(stating.filter(~from_code), on="text").select(columns),
        ]
    )
    first = found.sort("line").unique(["document", "element"], keep="first", maintain_order=True)
    return first.select("document", "element", "line", quote=_quoted())


def _stating(texts: pl.Series, wanted: list[Element]) -> pl.DataFrame:
    """The lines of `text` that state an element, and from which byte on: `text, element, offset`.

    Of many lines some patterns together leave out those that state nothing; all of them together
    would be a hundred times slower than some. A thread of its own keeps the compiled patterns:
    Polars has room for 32 in each, and other readers use more.
    """
    return _keeping().submit(_found, texts, wanted).result()


@cache
def _keeping() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "documentation")


def _found(texts: pl.Series, wanted: list[Element]) -> pl.DataFrame:
    found = []
    for begin in range(0, len(wanted), _TOGETHER):
        group = [(one.name, one.in_text) for one in wanted[begin : begin + _TOGETHER]]
        some = texts
        if texts.len() > _MANY:
            any_of = "|".join(f"(?:{pattern})" for _, pattern in group)
            some = texts.filter(texts.str.contains(any_of))
        for name, pattern in group:
            offset = some.str.find(pattern)  # one expression alone stays in this thread
            said = pl.DataFrame({"text": some, "offset": offset}).drop_nulls("offset")
            found.append(said.select("text", pl.lit(name).alias("element"), "offset"))
    return pl.concat(found)


def _quoted() -> pl.Expr:
    """The words of a line around the byte `offset`."""
    text = pl.col("text").cast(pl.Binary)
    before = text.bin.slice(0, pl.col("offset")).cast(pl.String).str.tail(80)
    after = text.bin.slice(pl.col("offset")).cast(pl.String).str.head(120)
    return pl.concat_str(before, after).str.strip_chars()


def _in_keys(blocks: pl.DataFrame, pattern: str, element: str) -> pl.DataFrame:
    """The first key of each front matter that fits: `document, element, line, quote`."""
    block = pl.col("block").cast(pl.Binary)
    offset = pl.col("block").str.find(pattern)
    before = block.bin.slice(0, offset).cast(pl.String)
    key = block.bin.slice(offset).cast(pl.String).str.extract(r"\A([^\n]*)").str.head(120)
    return blocks.filter(pl.col("block").str.contains(pattern)).select(
        "document",
        pl.lit(element).alias("element"),
        (before.str.count_matches("\n", literal=True) + pl.col("skipped"))
        .cast(pl.Int32)
        .alias("line"),
        key.str.strip_chars().alias("quote"),
    )

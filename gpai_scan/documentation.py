"""Which elements of Annexes XI and XII a card states, and where.

What counts as stating an element is data: keys of the front matter, headings with text below
them, and phrases, in `data/documentation_elements.csv`. Placeholders of the hub's template, and
headings over nothing, state nothing. Code counts for instructions of use alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from gpai_scan import assets, schema
from gpai_scan.evidence import front_matter
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
    cards = passages.cards(raw.documents).collect()
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
    """The lines of cards that say something: `document, line, text, prose`.

    Placeholders, addresses and headings over nothing are left out; `prose` is the text without
    what stands between code fences.
    """
    said = pl.col("text").str.replace_all(_PLACEHOLDER, "").str.replace_all(_ADDRESS, "")
    text, document = pl.col("text"), pl.col("document")
    last = (document != document.shift(-1)).fill_null(value=True)
    filled = (
        cards.lazy()
        .select("document", line=pl.col("skipped").cast(pl.Int32), text=said.str.split("\n"))
        .with_columns(row=pl.int_ranges(1, text.list.len() + 1, dtype=pl.Int32))
        .explode("text", "row")
        .select("document", pl.col("line") + pl.col("row"), "text", last=last)
        .filter((text.str.strip_chars(" \t") != "") | pl.col("last"))
        .collect()
    )
    following = text.shift(-1)
    over_nothing = following.str.starts_with("#") | ((following == "") & pl.col("last").shift(-1))
    hollow = ~pl.col("last") & text.str.contains(_HEADING) & over_nothing.fill_null(value=False)
    return _without_code(filled.filter(~hollow, text != "").drop("last"))


def _without_code(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines, in no order, with `prose`: what of them stands outside code fences, or ""."""
    fenced = pl.when(pl.col("text").str.contains("```", literal=True)).then("text")
    fences = fenced.str.count_matches("```", literal=True).fill_null(0).cast(pl.Int64)
    before = pl.col("fences").cum_sum() - pl.col("fences")
    inside = (before - before.first().over("document")) % 2 == 1
    marked = lines.with_columns(fences=fences).with_columns(inside=inside)
    parts = pl.col("text").str.split("```")
    outside = pl.when("inside").then(parts.list.slice(1)).otherwise(parts).list.gather_every(2)
    cut = marked.filter(pl.col("fences") > 0).with_columns(prose=outside.list.join(""))
    whole = marked.filter(pl.col("fences") == 0).with_columns(
        prose=pl.when("inside").then(pl.lit("")).otherwise("text")
    )
    return pl.concat([whole, cut]).drop("fences", "inside")


def _in_lines(lines: pl.DataFrame, wanted: list[Element]) -> pl.DataFrame:
    """The first line of each card that states an element: `document, element, line, quote`."""
    partly = lines.filter(pl.col("prose") != pl.col("text"))["prose"]
    stating = _stating(pl.concat([lines["text"], partly]).unique().to_frame(), wanted)
    from_code = pl.col("element").is_in(FROM_CODE)
    first = pl.concat(
        lines.select("document", "line", text=column)
        .join(stating.filter(elements), on="text")
        .sort("line")
        .unique(["document", "element"], keep="first", maintain_order=True)
        for column, elements in (("text", from_code), ("prose", ~from_code))
    )
    return first.select("document", "element", "line", quote=_quoted())


def _stating(texts: pl.DataFrame, wanted: list[Element]) -> pl.DataFrame:
    """The lines of `text` that state an element, and from which byte on: `text, element, offset`.

    Of many lines some patterns together leave out those that state nothing; all of them together
    would be a hundred times slower than some.
    """
    found = []
    for begin in range(0, len(wanted), _TOGETHER):
        group = [(one.name, one.in_text) for one in wanted[begin : begin + _TOGETHER]]
        any_of = "|".join(f"(?:{pattern})" for _, pattern in group)
        many = texts.height > _MANY
        some = texts.filter(pl.col("text").str.contains(any_of)) if many else texts
        found += [
            some.select(
                "text", pl.lit(name).alias("element"), offset=pl.col("text").str.find(pattern)
            ).filter(pl.col("offset").is_not_null())
            for name, pattern in group
        ]
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

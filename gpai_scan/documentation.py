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
_HOLLOW: Final = r"(?m)^#{1,6}[ \t][^\n]*(\n(?:[ \t]*\n)*)(#|\z)"


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
    cards = passages.cards(raw.documents).collect().lazy()
    bodies = cards.select("document", "skipped", text=_said()).collect().lazy()
    prose = _without_code(bodies).collect().lazy()
    blocks = (
        front_matter.blocks(raw.documents)
        .join(cards.select("repo_id", "document"), on="repo_id")
        .select("document", text="block", skipped=pl.col("first").cast(pl.Int64) - 1)
        .collect()
        .lazy()
    )
    wanted = known()
    found = []
    for element in wanted:
        bodies_of = bodies if element.name in FROM_CODE else prose
        if element.in_keys:
            found.append(_where(blocks, element.in_keys, element.name, 0))
        found.append(_where(bodies_of, element.in_text, element.name, 1))
    first = (
        pl.concat(found)
        .sort("document", "element", "rank")
        .unique(["document", "element"], keep="first", maintain_order=True)
    )
    names = pl.LazyFrame({"element": [element.name for element in wanted]})
    grid = cards.select("document", "repo_id").join(names, how="cross")
    rows = grid.join(first, on=["document", "element"], how="left").with_columns(
        stated=pl.col("line").is_not_null(), file=pl.lit(FILE)
    )
    return schema.DOCUMENTATION.conform(rows).sort(schema.DOCUMENTATION.key)


def _said() -> pl.Expr:
    """The text without placeholders and without headings over nothing; lines keep their place."""
    text = pl.col("text").str.replace_all(_PLACEHOLDER, "").str.replace_all(_ADDRESS, "")
    for _ in range(8):  # a heading cut off leaves the one above it over nothing
        text = text.str.replace_all(_HOLLOW, "$1$2")
    return text


def _without_code(bodies: pl.LazyFrame) -> pl.LazyFrame:
    """The texts with everything between code fences gone, but its line ends."""
    fenced = pl.col("text").str.contains("```", literal=True)
    parts = (
        bodies.filter(fenced)
        .with_columns(pl.col("text").str.split("```"))
        .with_columns(part=pl.int_ranges(pl.col("text").list.len()))
        .explode("text", "part")
        .with_columns(
            pl.when(pl.col("part") % 2 == 1)
            .then(pl.col("text").str.replace_all(r"[^\n]+", ""))
            .otherwise("text")
            .alias("text")
        )
    )
    joined = parts.group_by("document", maintain_order=True).agg(
        pl.col("skipped").first(), pl.col("text").str.join("")
    )
    return pl.concat([bodies.filter(~fenced), joined.select("document", "skipped", "text")])


def _where(texts: pl.LazyFrame, pattern: str, element: str, rank: int) -> pl.LazyFrame:
    """The first line of each text that fits a pattern: `document, element, line, quote, rank`."""
    offset = pl.col("text").str.find(pattern)
    before = pl.col("text").cast(pl.Binary).bin.slice(0, offset).cast(pl.String)
    after = pl.col("text").cast(pl.Binary).bin.slice(offset).cast(pl.String)
    begun = before.str.extract(r"([^\n]*)\z")
    rest = after.str.extract(r"\A(\n*[^\n]*)").str.strip_chars_start("\n")
    return (
        texts.filter(pl.col("text").str.contains(pattern))
        .with_columns(offset=offset)
        .select(
            "document",
            pl.lit(element).alias("element"),
            (before.str.count_matches("\n", literal=True) + pl.col("skipped") + 1)
            .cast(pl.Int32)
            .alias("line"),
            pl.concat_str(begun.str.tail(80), rest.str.head(120)).str.strip_chars().alias("quote"),
            pl.lit(rank).alias("rank"),
        )
    )

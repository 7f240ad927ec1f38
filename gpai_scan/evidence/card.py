"""Claims in the text of model cards: prose, lists, Markdown and HTML tables.

Three stages: Polars cuts the cards of a shard down to the pieces that can hold a claim
(`cards.lines`); each distinct piece is read once (`cards.blocks`); the claims are joined back to
the repositories and held against their names (`cards.resolve`), because a card often speaks of
many models. Claims that must not be used stay, with the reason in `rejected`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence import QUOTE
from gpai_scan.evidence.cards import lines, sections
from gpai_scan.evidence.cards.blocks import read_block
from gpai_scan.evidence.cards.claims import Claim
from gpai_scan.evidence.cards.continued import going_on
from gpai_scan.evidence.cards.derive import derived
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.pieces import blocks
from gpai_scan.evidence.cards.resolve import resolve
from gpai_scan.evidence.cards.runs import lasted
from gpai_scan.evidence.cards.subjects import identity
from gpai_scan.sources import Raw

_MOST_CLAIMS = 400
_LONG_LINE: Final = 4096  # characters beyond which a line is quoted without a look at its blanks
# No card speaks of itself in more pieces; a text of a million of them is a list of other things.
_MOST_PIECES = 5000


def evidence(raw: Raw) -> pl.LazyFrame:
    """All claims of a shard's cards, with the columns of `schema.EVIDENCE`."""
    found = lines.cards(raw.documents).collect()
    worth = lines.candidates(found).with_row_index("row")
    worth = worth.filter(_ROW - _ROW.first().over("document") < _MOST_PIECES)
    distinct = worth.select(_KEY).unique(maintain_order=True).with_row_index("key")
    read = {key: said for key, *piece in distinct.iter_rows() if (said := _claims(*piece))}
    stating = distinct.filter(pl.col("key").is_in(list(read)))
    keyed = worth.join(stating, on=_KEY, how="inner").sort("document", "line")
    rows = list(_rows(found, keyed, read))
    return schema.EVIDENCE.conform(pl.DataFrame(rows, schema=_PLAIN, orient="row").lazy())


_ROW: Final = pl.col("row")
_KEY: Final = ["text", "heading", "in_code"]
_PLAIN: Final = pl.Schema(
    {n: pl.String if isinstance(t, pl.Enum) else t for n, t in schema.EVIDENCE.schema.items()}
)


def _claims(text: str, heading: str, in_code: bool) -> list[Claim]:
    """The claims of a piece, their lines counted within it."""
    return list(placed_in(text, _read(text, heading, in_code)))


def _read(text: str, heading: str, in_code: bool) -> list[tuple[int, Draft]]:
    """What a piece states: each draft with where in the piece its block begins."""
    return [
        (block.start, draft)
        for block in blocks(text, heading.lstrip("# ").strip(), in_code)
        for draft in read_block(block.text, block.heading, block.table)
    ]


def _rows(
    found: pl.DataFrame, keyed: pl.DataFrame, read: Mapping[int, list[Claim]]
) -> Iterator[tuple[object, ...]]:
    """The rows of the evidence table, one document after the other.

    `keyed` says which pieces stand in which line of which document, in order.
    """
    stating = found.filter(pl.col("document").is_in(keyed["document"].unique().implode()))
    about = stating.select("repo_id", "revision", "file", base=lines.base()).iter_rows()
    places = keyed.select("document", "line", "key").iter_rows()
    for row, ((repo_id, revision, file, base), (_, place)) in enumerate(
        zip(about, groupby(places, itemgetter(0)), strict=True)
    ):
        said = [
            claim._replace(line=line + claim.line) for _, line, key in place for claim in read[key]
        ]
        if sections.differ(said):
            said = sections.apart(said, stating.item(row, "text"), identity(repo_id))
        claims = resolve(repo_id, lasted(said), base)
        claims = going_on(claims, stating.item(row, "text"), repo_id, base)
        claims += derived(claims)
        for claim in claims[:_MOST_CLAIMS]:
            yield claim.row(repo_id, revision, file)


def placed_in(piece: str, drafts: list[tuple[int, Draft]]) -> Iterator[Claim]:
    """Drafts with their lines in the piece, counted from 1, their spans there and their quotes.

    The piece is gone through once for all of them: a line may be megabytes long.
    """
    breaks = [match.start() for match in re.finditer("\n", piece)] if drafts else []
    for base, draft in drafts:
        row = bisect_left(breaks, base + draft.start)
        begin = breaks[row - 1] + 1 if row else 0
        close = breaks[row] if row < len(breaks) else len(piece)
        start, end = base + draft.start - begin, min(base + draft.end, close) - begin
        said = quote(piece, begin, close, start)
        yield Claim(draft, row + 1, start, max(end, start + 1), said)


def quote(piece: str, begin: int, close: int, start: int) -> str:
    """At most 200 characters of the line between two positions, around a place in it."""
    if close - begin <= _LONG_LINE and len(line := piece[begin:close].strip()) <= QUOTE:
        return line
    first = begin + max(0, min(start - 80, close - begin - QUOTE))
    return piece[first : first + QUOTE].strip()

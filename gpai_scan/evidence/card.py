"""Claims in the text of model cards: prose, lists, Markdown and HTML tables.

Three stages: Polars cuts the cards of a shard down to the pieces that can hold a claim
(`cards.lines`); each distinct piece is read once (`cards.blocks`); the claims are joined back to
the repositories and held against their names (`cards.resolve`), because a card often speaks of
many models. Claims that must not be used stay, with the reason in `rejected`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence.cards import lines
from gpai_scan.evidence.cards.blocks import read_block
from gpai_scan.evidence.cards.derive import derived
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.pieces import blocks
from gpai_scan.evidence.cards.resolve import Claim, resolve
from gpai_scan.sources import Raw

_MOST_CLAIMS = 400


def evidence(raw: Raw) -> pl.LazyFrame:
    """All claims of a shard's cards, with the columns of `schema.EVIDENCE`."""
    found = lines.cards(raw.documents).collect()
    parts = lines.pieces(found.lazy())
    tables = found.lazy().filter(pl.col("text").str.contains(r"<table\b")).select("document")
    apart = parts.join(tables, on="document", how="anti").select(
        "document", "piece", "text", "line", "fences", "heading"
    )
    joined = lines.whole(parts.join(tables, on="document", how="semi")).select(
        apart.collect_schema().names()
    )
    worth = pl.concat(
        [apart.filter(lines.worth_reading()), joined.filter(lines.worth_reading())]
    ).collect()
    worth = worth.sort("document", "piece").with_columns(
        in_code=pl.col("fences") % 2 == 1, heading=pl.col("heading").fill_null("")
    )
    distinct = (
        worth.select("text", "heading", "in_code").unique(maintain_order=True).with_row_index("key")
    )
    read = {
        key: _read(text, heading, in_code) for key, text, heading, in_code in distinct.iter_rows()
    }
    keyed = worth.join(distinct, on=["text", "heading", "in_code"], how="left").select(
        "document", "line", "key", "text"
    )
    by_document: dict[int, list[tuple[int, str, list[Draft]]]] = defaultdict(list)
    for document, line, key, text in keyed.sort("document", "line").iter_rows():
        if read[key]:
            by_document[document].append((line, text, read[key]))
    rows = [row for row in _rows(found, by_document)]
    frame = pl.DataFrame(
        rows,
        schema={name: _plain(dtype) for name, dtype in schema.EVIDENCE.schema.items()},
        orient="row",
    )
    return schema.EVIDENCE.conform(frame.lazy())


def _plain(dtype: pl.DataType) -> pl.DataType | type[pl.DataType]:
    return pl.String if isinstance(dtype, pl.Enum) else dtype


def _read(text: str, heading: str, in_code: bool) -> list[Draft]:
    """The claims of a piece; positions are within its text."""
    found: list[Draft] = []
    for block in blocks(text, heading.lstrip("# ").strip(), in_code):
        for draft in read_block(block.text, block.heading, block.table):
            found.append(_shift(draft, block.start))
    return found


def _shift(draft: Draft, by: int) -> Draft:
    from dataclasses import replace

    return replace(draft, start=draft.start + by, end=draft.end + by)


def _rows(
    found: pl.DataFrame, by_document: Mapping[int, list[tuple[int, str, list[Draft]]]]
) -> Iterator[tuple[object, ...]]:
    """The rows of the evidence table for each document that states anything."""
    if not by_document:
        return
    wanted = found.filter(pl.col("document").is_in(sorted(by_document)))
    for document, repo_id, revision, file, text in wanted.iter_rows():
        placed = [
            place(draft, line, piece)
            for line, piece, drafts in by_document[document]
            for draft in drafts
        ]
        claims = resolve(repo_id, placed, text)
        claims += derived(claims)
        for claim in claims[:_MOST_CLAIMS]:
            yield claim.row(repo_id, revision, file)


def place(draft: Draft, first_line: int, piece: str) -> Claim:
    """A draft with its line in the card, counted from 1, its span in that line and its quote."""
    before = piece[: draft.start]
    line_start = before.rfind("\n") + 1
    line_end = piece.find("\n", draft.start)
    line_end = len(piece) if line_end < 0 else line_end
    start = draft.start - line_start
    end = min(draft.end, line_end) - line_start
    line = piece[line_start:line_end]
    return Claim(
        draft,
        first_line + before.count("\n") + 1,
        start,
        max(end, start + 1),
        quote(line, start, end),
    )


def quote(line: str, start: int, end: int) -> str:
    """At most 200 characters of a line around a span."""
    stripped = line.strip()
    if len(stripped) <= 200:
        return stripped
    begin = max(0, min(start - 80, len(line) - 200))
    return line[begin : begin + 200].strip()

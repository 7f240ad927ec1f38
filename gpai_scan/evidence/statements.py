"""What the prose of a card states about base model, derivation, licence, data and release.

Polars finds the passages that can hold a statement (`stated.passages`); each distinct passage is
read once; its statements are joined back to the repositories and held against their names, since
a card often speaks of a whole family. What is said of another member stays, with the reason in
`rejected`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence.stated import (
    apart,
    derivations,
    gate,
    kin,
    licence_links,
    licence_phrases,
    licences,
    members,
    own,
    passages,
    recipes,
    remarks,
    signs,
    tables,
    whose,
)
from gpai_scan.evidence.stated.placed import Card, Placed
from gpai_scan.evidence.stated.statement import Statement
from gpai_scan.sources import Raw

Row = tuple[object, ...]
_FILE: Final = "README.md"


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the prose of the cards, methods `card_text` and `card_table`."""
    cards = passages.cards(raw.documents)
    parts = passages.pieces(cards)
    distinct = parts.select("text", "heading", "in_code").unique(maintain_order=True)
    pieces = list(distinct.iter_rows())
    read = {
        piece: _read(piece[0], piece[2], sentences)
        for piece, sentences in zip(pieces, passages.sentences(pieces), strict=True)
    }
    placed: dict[int, list[Placed]] = {}
    columns = parts.select("document", "line", "text", "heading", "in_code")
    for document, line, text, heading, in_code in columns.iter_rows():
        statements = read[text, heading, in_code]
        if statements:
            placed.setdefault(document, []).extend(Placed(line, text, said) for said in statements)
    rows = [
        row
        for card, revision, found in _judged(cards, parts, placed)
        for row in _rows(card.repo_id, revision, found)
    ]
    names = schema.EVIDENCE.names
    plain = {
        n: pl.String if isinstance(t, pl.Enum) else t for n, t in schema.EVIDENCE.schema.items()
    }
    return schema.EVIDENCE.conform(
        pl.DataFrame(rows, schema={name: plain[name] for name in names}, orient="row").lazy()
    )


def _judged(
    cards: pl.DataFrame, parts: pl.DataFrame, placed: dict[int, list[Placed]]
) -> Iterator[tuple[Card, str | None, list[Placed]]]:
    """The cards that state something, with their revisions and their statements as judged."""
    based = pl.col("front").str.contains("base_model:", literal=True).fill_null(value=False)
    marked = pl.col("repo_id").str.contains(kin.MARKED)
    speaking = marked & pl.col("document").is_in(parts["document"].unique().implode())
    wanted = cards.filter(pl.col("document").is_in(list(placed)) | based | speaking).select(
        "document", "revision", "repo_id", "text", "skipped", pl.col("front").fill_null("")
    )
    judged = {}
    for document, revision, *values in wanted.iter_rows():
        of = Card(*values)
        judged[document] = (of, revision, own.judged(of, placed.get(document, [])))
    lacking = [d for d, (card, _, found) in judged.items() if apart.lacks_kind(card, found)]
    told = _signs(parts.filter(pl.col("document").is_in(lacking))) if lacking else {}
    for document in lacking:
        card, revision, found = judged[document]
        judged[document] = card, revision, apart.with_kind(card, found, told.get(document, []))
    yield from judged.values()


def _signs(parts: pl.DataFrame) -> dict[int, list[Placed]]:
    """The signs of how models were made in some pieces, by document, in the order of the cards."""
    found: dict[int, list[Placed]] = {}
    pieces = parts.select("text", "heading", "in_code").rows()
    places = parts.select("document", "line").iter_rows()
    for (document, line), (text, _, _), held in zip(
        places, pieces, passages.sentences(pieces), strict=True
    ):
        for one, words in held:
            if not one.row and not one.code and gate.may_state("derivation", words):
                found.setdefault(document, []).extend(
                    Placed(line, text, one.placed(sign))
                    for sign in signs.read(one.text, one.heading, one.before, words)
                )
    return found


def _read(text: str, in_code: bool, sentences: list[passages.Held]) -> list[Statement]:
    """The statements of a piece with its sentences, positions within its text."""
    found: list[Statement] = []
    if not in_code and ("|" in text or "<td" in text.lower()):
        found += tables.read(text)
    if any(word in text for word in recipes.WORDS):
        found += recipes.read(text, in_code=in_code)
    if "shields.io" in text:
        found += licence_links.badges(text)
    for one, words in sentences:
        found += map(one.placed, _stated(one, words))
    return found


def _stated(one: passages.Sentence, words: Sequence[str]) -> Iterator[Statement]:
    """The statements of a sentence, positions within it."""
    if not one.row:
        yield from _licences(one, words)
        derived = gate.may_state("derivation", words) or gate.lists_parents(one.before)
        if derived and not one.code:
            for said in derivations.read(one.text, one.before, words):
                yield whose.led(said, one.text, one.before, one.unit.text)
        if not one.code and gate.over_tuned(one.heading):
            yield from members.read(one.text)
    if not one.code and gate.may_state("remark", words):
        yield from remarks.read(one.text, one.row)


def _licences(one: passages.Sentence, words: Sequence[str]) -> Iterator[Statement]:
    """Licences of a sentence that is no row of a table."""
    stated = gate.may_state("licence", words) or gate.over_licence(one.heading)
    own_section = licence_phrases.HEADING.match(one.heading)
    if stated and not licences.elsewhere(one.heading) and (not one.code or own_section):
        yield from licences.read(one.text, one.heading)


def _rows(repo_id: str, revision: str | None, found: list[Placed]) -> Iterator[Row]:
    """The claims of one card, as rows of `schema.EVIDENCE`."""
    for line, piece, said, subject, rejected, derived in found:
        before = piece[: said.start]
        begin = before.rfind("\n") + 1
        close = piece.find("\n", said.start)
        whole = piece[begin : close if close >= 0 else len(piece)]
        start, end = said.start - begin, min(said.end - begin, len(whole))
        name = said.quantity in ("base_model", "licence")
        method = "card_table" if said.row else "card_text"
        yield (
            repo_id,
            revision,
            said.quantity,
            None,
            subject,
            None,
            None,
            None,
            said.text,
            "about" if name and not said.linked else "equal",
            "card_derived" if derived else method,
            rejected,
            _FILE,
            line + before.count("\n") + 1,
            start,
            max(end, start),
            quote(whole, start),
            said.note,
        )


def quote(line: str, start: int) -> str:
    """At most 200 characters of a line around a position."""
    stripped = line.strip()
    if len(stripped) <= 200:
        return stripped
    begin = max(0, min(start - 80, len(line) - 200))
    return line[begin : begin + 200].strip()

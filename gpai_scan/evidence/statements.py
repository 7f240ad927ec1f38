"""What the prose of a card states about base model, derivation, licence, data and release.

Polars finds the passages that can hold a statement (`stated.passages`); each distinct passage is
read once; its statements are joined back to the repositories and held against their names, since
a card often speaks of a whole family. What is said of another member stays, with the reason in
`rejected`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence.cards.subjects import Identity, identity, relation
from gpai_scan.evidence.stated import (
    derivations,
    gate,
    licence_links,
    licence_phrases,
    licences,
    passages,
    recipes,
    remarks,
    tables,
)
from gpai_scan.evidence.stated.statement import Statement
from gpai_scan.sources import Raw

_MOST: Final = 200
_LINKS: Final = re.compile(
    r"(?:huggingface\.co|hf\.co)/((?!datasets/|spaces/|papers/|docs/|blog/|collections/)[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})"
)
_OF_MODELS: Final = ("base_model", "distilled_from")
"""Quantities whose text names another model."""
_PACKED: Final = frozenset(("gguf", "awq", "gptq", "exl2", "exl3", "mlx", "nf4", "bnb"))
_BITS: Final = re.compile(r"(?:int|q|w)?[2-8](?:bit)?|fp8")
"""Marks of packed weights in a name, and of the bits, which a name may leave out."""
_TOP: Final = 400
"""Characters at the beginning of a card in which a model's own name stands."""
_FILE: Final = "README.md"


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the prose of the cards, methods `card_text` and `card_table`."""
    cards = passages.cards(raw.documents).collect()
    parts = passages.pieces(cards.lazy()).collect()
    distinct = parts.select("text", "heading", "in_code").unique(maintain_order=True)
    pieces = list(distinct.iter_rows())
    read = {
        piece: list(_read(piece[0], piece[2], sentences))
        for piece, sentences in zip(pieces, passages.sentences(pieces), strict=True)
    }
    placed: dict[int, list[tuple[int, str, list[Statement]]]] = {}
    columns = parts.select("document", "line", "text", "heading", "in_code")
    for document, line, text, heading, in_code in columns.iter_rows():
        statements = read[text, heading, in_code]
        if statements:
            placed.setdefault(document, []).append((line, text, statements))
    wanted = cards.filter(pl.col("document").is_in(list(placed)))
    rows = [
        row
        for document, repo_id, revision, text in wanted.select(
            "document", "repo_id", "revision", "text"
        ).iter_rows()
        for row in _rows(repo_id, revision, text, placed[document])
    ]
    names = schema.EVIDENCE.names
    plain = {
        n: pl.String if isinstance(t, pl.Enum) else t for n, t in schema.EVIDENCE.schema.items()
    }
    return schema.EVIDENCE.conform(
        pl.DataFrame(rows, schema={name: plain[name] for name in names}, orient="row").lazy()
    )


def _read(text: str, in_code: bool, sentences: list[passages.Held]) -> Iterator[Statement]:
    """The statements of a piece with its sentences; positions are within its text."""
    if not in_code and ("|" in text or "<td" in text.lower()):
        yield from tables.read(text)
    if any(word in text for word in recipes.WORDS):
        yield from recipes.read(text, in_code=in_code)
    if "shields.io" in text:
        yield from licence_links.badges(text)
    for one, words in sentences:
        found: list[Statement] = []
        if not one.row:
            found += _prose(one, words)
        if not one.code and gate.may_state("remark", words):
            found += remarks.read(one.text, one.row)
        for statement in found:
            start = one.place(statement.start)
            end = one.place(max(statement.end - 1, statement.start)) + 1
            yield replace(statement, start=start, end=end)


def _prose(one: passages.Sentence, words: Sequence[str]) -> Iterator[Statement]:
    """Licences and derivations of a sentence that is no row of a table."""
    of_licence = gate.may_state("licence", words) or gate.over_licence(one.heading)
    of_licence = of_licence and not licences.elsewhere(one.heading)
    if of_licence and (not one.code or licence_phrases.HEADING.match(one.heading)):
        yield from licences.read(one.text, one.heading)
    listed = "merge" in one.before.lower()
    if not one.code and (listed or gate.may_state("derivation", words)):
        yield from derivations.read(one.text, one.before, words)


def _rows(
    repo_id: str, revision: str | None, card: str, placed: list[tuple[int, str, list[Statement]]]
) -> Iterator[tuple[object, ...]]:
    """The claims of one card, as rows of `schema.EVIDENCE`."""
    own = identity(repo_id)
    unlinked = any(s.quantity in _OF_MODELS and not s.linked for _, _, of in placed for s in of)
    linked = _linked(card) if unlinked else {}
    found = [(line, piece, _named(s, linked, own)) for line, piece, of in placed for s in of]
    alone = any(s.labels for _, _, s in found) and _one_size(card, own)
    told = any(s.quantity == "licence" and not s.badge for _, _, s in found)
    found = [one for one in found if not (told and one[2].badge)]
    top = card[:_TOP].lower()
    judged = [(*one, *_subject(one[2], own, alone, top)) for one in found[:_MOST]]
    exact = {s.quantity for _, _, s, _, _, sure in judged if sure}
    for line, piece, said, subject, rejected, sure in judged:
        if said.labels and not sure and rejected is None and said.quantity in exact:
            subject, rejected = ", ".join(said.labels)[:100], "other_member"
        before = piece[: said.start]
        begin = before.rfind("\n") + 1
        close = piece.find("\n", said.start)
        whole = piece[begin : close if close >= 0 else len(piece)]
        start, end = said.start - begin, min(said.end - begin, len(whole))
        name = said.quantity in ("base_model", "licence")
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
            "card_table" if said.row else "card_text",
            rejected,
            _FILE,
            line + before.count("\n") + 1,
            start,
            max(end, start),
            quote(whole, start),
            said.note,
        )


def _named(statement: Statement, linked: dict[str, str], own: Identity) -> Statement:
    """The statement with the identifier of its model where the card links to it elsewhere."""
    if statement.quantity not in _OF_MODELS or statement.linked:
        return statement
    mark = re.escape(statement.kind or "").replace("bit", "-?bit").removesuffix("s") + "s?"
    text = statement.text or re.sub(rf"(?i)[-_]?{mark}$", "", own.name)
    text = _expanded(text, own)
    known = linked.get(_key(text))
    return replace(statement, text=known or text, linked=known is not None)


def _linked(card: str) -> dict[str, str]:
    """Names of models that the card links to on the hub -> their identifiers."""
    found: dict[str, str] = {}
    for match in _LINKS.finditer(card):
        identifier = match[1].removesuffix(".git").rstrip(".")
        found.setdefault(_key(identifier.rpartition("/")[2]), identifier)
    return found


def quote(line: str, start: int) -> str:
    """At most 200 characters of a line around a position."""
    stripped = line.strip()
    if len(stripped) <= 200:
        return stripped
    begin = max(0, min(start - 80, len(line) - 200))
    return line[begin : begin + 200].strip()


def _expanded(name: str, own: Identity) -> str:
    """A name without a file's ending and with initials of the repository's name written out.

    `sd-v1-2.ckpt` on the card of `stable-diffusion-v1-4` is `stable-diffusion-v1-2`.
    """
    plain = re.sub(r"\.(?:ckpt|safetensors|bin|pth?|gguf)$", "", name)
    words = re.match(r"[A-Za-z]+(?:[-_][A-Za-z]{3,})+", own.name)
    if words is None:
        return plain
    initials = "".join(word[0] for word in re.split(r"[-_]", words[0])).lower()
    first = re.match(r"[A-Za-z]+", plain)
    if first and len(initials) > 1 and first[0].lower() == initials:
        return words[0] + plain[first.end() :]
    return plain


def _key(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def _one_size(card: str, own: Identity) -> bool:
    """Whether a card names its model with a single size, which the repository's name leaves out."""
    stem = re.match(r"[A-Za-z]+", own.name)
    if own.sizes or stem is None:
        return False
    sizes = re.findall(rf"(?i)\b{stem[0]}[\w. -]{{0,12}}?[ -](\d+(?:\.\d+)?[BM])\b", card)
    return len({size.lower() for size in sizes}) == 1


def _subject(
    statement: Statement, own: Identity, alone: bool, top: str
) -> tuple[str | None, str | None, bool]:
    """Subject, reason of rejection, and whether the statement names exactly this repository.

    The first two are None where it is about the repository.
    """
    labels = ", ".join(statement.labels)[:100] or None
    base = statement.text if statement.quantity in _OF_MODELS else statement.base
    if base and _key(base.rpartition("/")[2]) == _key(own.name):
        return labels, "other_member", False
    if statement.labels:
        relations = [relation(_expanded(label, own), own) for label in statement.labels]
        silent = all(r == "none" for r in relations)
        if silent and statement.strict:
            return labels, "other_member", False
        if silent or any(r in ("exact", "own") for r in relations):
            return None, None, "exact" in relations
        kind = next(r for r in relations if r != "none")
        if kind == "unresolved" and alone:
            return None, None, False
        return labels, "ambiguous_member" if kind == "unresolved" else kind, False
    opening = statement.opening
    if opening and opening.lower() not in top and relation(opening, own).startswith("other"):
        return opening, "other_model", False
    if statement.kind:
        key = statement.kind.replace("bits", "bit")
        named = {token.replace("bits", "bit") for token in own.tokens}
        packed = named & _PACKED and not any(_BITS.fullmatch(token) for token in named)
        if key not in named and not (packed and _BITS.fullmatch(key)):
            return f"{statement.kind} models", "other_member", False
    return None, statement.rejected, False

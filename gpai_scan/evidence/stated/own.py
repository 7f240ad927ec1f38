"""Which statements of a card are about the repository it stands in, and what they tell together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards.subjects import Identity, close, identity, relation, sizes_of
from gpai_scan.evidence.stated import kin, names, surroundings
from gpai_scan.evidence.stated.placed import Card, Placed
from gpai_scan.evidence.stated.statement import Statement

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


Judged = tuple[Placed, str | None, str | None, bool]
_SCRATCH: Final = re.compile(
    r"(?i)\b(?:trained|training|models?)\s(?:\w+\s){0,3}?from\sscratch"
    r"|\brandom(?:ly)?\s(?:weight\s)?initiali[sz]"
    r"|initiali[sz]ed\s(?:\w+\s)?random"
    r"|(?:based\son|follow\w*|uses?|same\sas)\s(?:the|an?)\s\[?[A-Z][\w .-]{1,20}\sarchitecture"
)


def judged(card: Card, placed: Sequence[Placed]) -> list[Placed]:
    """The statements of a card, each with whom it is about."""
    own = identity(card.repo_id)
    unlinked = any(p.said.quantity in _OF_MODELS and not p.said.linked for p in placed)
    led = any(p.said.lead for p in placed)
    linked = _linked(card.text) if unlinked or led else {}
    told = any(p.said.quantity == "licence" and not p.said.badge for p in placed)
    found = [
        Placed(p.line, p.piece, _named(p.said, linked, own))
        for p in placed
        if not (told and p.said.badge)
    ]
    alone = any(p.said.labels for p in found) and _one_size(card.text, own)
    top = card.text[:_TOP].lower()
    of = [(p, *_subject(p.said, own, alone, top)) for p in found[:_MOST]]
    if led:
        of = [(p, *(who if any(who) else (*_led(p.said, own, linked), False))) for p, *who in of]
    exact = {p.said.quantity for p, _, _, sure in of if sure}
    of = _of_parent(of)
    of = _architectures(card, of)
    result = []
    for p, subject, rejected, sure in of:
        if p.said.labels and not sure and rejected is None and p.said.quantity in exact:
            subject, rejected = ", ".join(p.said.labels)[:100], "other_member"
        result.append(Placed(p.line, p.piece, p.said, subject, rejected))
    return _of_kin(card, own, _sized(own, result), exact)


def _of_parent(of: list[Judged]) -> list[Judged]:
    """The statements, with the licence of the base where a section of the card gives no other."""
    licences = [one for one in of if one[0].said.quantity == "licence"]
    if any(subject is None and reason is None for _, subject, reason, _ in licences):
        return of
    parents = {
        p.said.text for p, _, reason, _ in licences if p.said.vague and reason == "other_model"
    }
    if len(parents) != 1:
        return of
    return [
        (p, None, None, sure)
        if p.said.quantity == "licence" and p.said.vague
        else (p, subject, reason, sure)
        for p, subject, reason, sure in of
    ]


def _architectures(card: Card, of: list[Judged]) -> list[Judged]:
    """The statements without those of loose labels, where the card says they are no bases."""
    if not any(p.said.vague and p.said.quantity == "base_model" for p, *_ in of):
        return of
    if _SCRATCH.search(card.text) is None:
        return of
    return [
        (p, subject, reason or "architecture", sure)
        if p.said.vague and p.said.quantity == "base_model"
        else (p, subject, reason, sure)
        for p, subject, reason, sure in of
    ]


def _sized(own: Identity, found: list[Placed]) -> list[Placed]:
    """Without bases of another size than the repository's, where a base of its size is named."""
    bases = [p for p in found if p.said.quantity == "base_model" and p.used]
    if len(bases) < 2:
        return found
    other = [p for p in bases if _of_size(p.said.text, own) is False]
    if not other or len(other) == len(bases):
        return found
    return [
        p._replace(subject=p.said.text, rejected="other_member") if p in other else p for p in found
    ]


def _of_size(base: str, own: Identity) -> bool | None:
    """Whether a base is about as large as the repository's name says; None where one is silent."""
    sizes = sizes_of(base.rpartition("/")[2])
    if not sizes or not own.sizes:
        return None
    return any(close(a, b, 1.35) for a in sizes for b in own.sizes)


def _of_kin(card: Card, own: Identity, found: list[Placed], exact: set[str]) -> list[Placed]:
    """The base among the members of the card, where no sentence tells another fine-tuning."""
    parent = None if "base_model" in exact else kin.parent(card.text, own.name)
    if parent is None:
        return found
    bases = [p for p in found if p.used and p.said.quantity == "base_model"]
    told = {
        p.said.text
        for p in found
        if p.used and p.said.quantity == "relation" and p.said.text != "continued_pretraining"
    }
    if any(
        _key(p.said.text.rpartition("/")[2]) == _key(parent.text.rpartition("/")[2]) for p in bases
    ):
        return found
    if bases and told:
        return found
    kept = [
        p._replace(subject=parent.text, rejected="other_member")
        if p.used and p.said.quantity in ("base_model", "relation")
        else p
        for p in found
    ]
    span = (parent.start, parent.end)
    base = Statement("base_model", parent.text, *span, linked=parent.linked)
    return [
        *kept,
        *(_in_card(card, s) for s in (base, Statement("relation", parent.relation, *span))),
    ]


def _in_card(card: Card, said: Statement) -> Placed:
    """A statement whose positions are those of the card."""
    return Placed(card.skipped, card.text, said)


def _versioned(label: str, own: Identity) -> str:
    """A label with the version as the repository's name writes it: `Orca 2` is `Orca-2.0`."""
    for version in re.findall(r"(?<![\d.])(\d+)\.0(?!\d)", own.name):
        label = re.sub(rf"(?<![\d.]){version}(?![\d.\w])", f"{version}.0", label)
    return label


def _led(said: Statement, own: Identity, linked: dict[str, str]) -> tuple[str | None, str | None]:
    """Subject and reason where the model that a passage presents is surely another one."""
    if not said.lead or said.lead.lower() in surroundings.PRONOUNS:
        return None, None
    name = names.plain_letters(said.lead)
    kin_of = relation(_expanded(name, own), own)
    known = linked.get(_key(name), "").rpartition("/")[2]
    elsewhere = bool(known) and _key(known) != _key(own.name) and kin_of.startswith("other")
    if kin_of == "other_member" or elsewhere:
        return said.lead, "other_member" if kin_of == "other_member" else "other_model"
    return None, None


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
        plain = [_versioned(names.plain_letters(label), own) for label in statement.labels]
        relations = [relation(_expanded(label, own), own) for label in plain]
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

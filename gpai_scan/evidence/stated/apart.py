"""Kinds of derivation that a card tells apart from the base, put together with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards.subjects import TUNED, identity
from gpai_scan.evidence.stated import signs
from gpai_scan.evidence.stated.placed import Card, Placed
from gpai_scan.evidence.stated.statement import Statement

_BY_NAME: Final = "told by the repository's name beside its base"


def lacks_kind(card: Card, found: Sequence[Placed]) -> bool:
    """Whether a card names a base, and only a label or nothing tells the kind of derivation."""
    kinds = [p for p in found if p.said.quantity == "relation" and p.used]
    if not all(p.said.vague for p in kinds):
        return _tuned(card) and all(p.said.text == "continued_pretraining" for p in kinds)
    based = any(p.said.quantity == "base_model" and p.used for p in found)
    return based or "base_model:" in card.front


def with_kind(card: Card, found: list[Placed], told: Sequence[Placed]) -> list[Placed]:
    """The statements of a card that lacks the kind of derivation, with the best sign of it.

    `told` are the signs in its sentences. What the repository's name tells goes before them, as
    do tags that tell more than fine-tuning.
    """
    kinds = [p for p in found if p.used and p.said.quantity == "relation"]
    if kinds:
        wanted = "continued_pretraining" if kinds[0].said.vague else "finetune"
        sign = next((p for p in told if p.said.text == wanted), None)
        weaker = [p._replace(derived=p.derived or p in kinds) for p in found]
        return [*weaker, sign] if sign else found
    by_name = _by_name(card, [p for p in found if p.used and p.said.quantity == "base_model"])
    tag = signs.of_tags(card.front)
    tagged = Placed(0, card.front, tag) if tag else None
    first = [by_name] if by_name and by_name.said.text != "finetune" else []
    first += [tagged] if tagged and tagged.said.text != "finetune" else []
    best = next(filter(None, (*first, by_name, *told, tagged)), None)
    return [*found, best._replace(derived=True)] if best else found


def _tuned(card: Card) -> bool:
    """Whether a repository's name tells that what it holds was tuned for a dialogue."""
    return bool(identity(card.repo_id).tokens & TUNED)


def _by_name(card: Card, bases: Sequence[Placed]) -> Placed | None:
    """The kind that the repository's name tells beside its base, at the place of the base."""
    named = [] if bases else signs.bases(card.front)
    texts = [p.said.text for p in bases] or [name for name, _ in named]
    kind = signs.of_name(card.repo_id.rpartition("/")[2], texts) if texts else None
    if kind is None:
        return None
    if bases:
        said = replace(bases[0].said, quantity="relation", text=kind, note=_BY_NAME)
        return bases[0]._replace(said=said)
    return Placed(0, card.front, Statement("relation", kind, *named[0][1], note=_BY_NAME))

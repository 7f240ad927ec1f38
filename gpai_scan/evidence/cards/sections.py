"""Sections of a card that are about other models: "## Orca-7B" beside "## Orca-13B".

A card of a family often has a part for each member, whose sentences name nobody. Two headings of
one level that share their words but for those that tell members apart, such as sizes, stand over
parts of two members; where one of them names the repository, the other does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from gpai_scan.evidence.cards.claims import Claim
from gpai_scan.evidence.cards.subjects import (
    SIZE_WORDS,
    TUNED,
    Identity,
    close,
    sizes_of,
    words,
)

_HEADING: Final = re.compile(r"(?m)^(#{1,6})[ \t]+(\S.*)$|^[ \t>]{0,6}(```|~~~)")
_MOST: Final = 200  # a card of more headings is a book
_SHORT: Final = 3  # letters that stand in names by chance
_KINDS: Final = TUNED | {"base", "pretrained"}
_LANGUAGES: Final = frozenset(
    [
        "english",
        "chinese",
        "japanese",
        "korean",
        "german",
        "french",
        "spanish",
        "italian",
        "dutch",
        "portuguese",
        "russian",
        "arabic",
        "hindi",
        "thai",
        "vietnamese",
        "indonesian",
        "finnish",
        "swedish",
        "norwegian",
        "danish",
        "polish",
        "czech",
        "turkish",
        "greek",
        "hebrew",
        "catalan",
        "ukrainian",
        "multilingual",
    ]
)
# What a card may say of several members, each time with another figure.
_FIGURES: Final = frozenset(
    [
        "tokens",
        "unique_tokens",
        "epochs",
        "steps",
        "parameters_total",
        "audio_hours",
        "accelerator_hours",
        "training_hours",
        "accelerator_count",
        "batch_sequences",
        "batch_tokens",
        "sequence_length",
    ]
)


class Section(NamedTuple):
    """A heading with the lines of the text that it stands over, counted from 1, both included."""

    first: int
    last: int
    level: int
    title: str


def differ(claims: list[Claim]) -> bool:
    """Whether a card gives several figures for one thing without a word of whose they are."""
    first: dict[str, float | None] = {}
    return any(
        first.setdefault(d.quantity, d.value) != d.value
        for d in (claim.draft for claim in claims)
        if d.quantity in _FIGURES and not d.labels and d.rejected is None
    )


def apart(claims: list[Claim], text: str, own: Identity) -> list[Claim]:
    """The claims, with those of sections about other members set aside."""
    others = of_others(sections(text), own)
    found = []
    for claim in claims:
        over = next((s for s in others if s.first <= claim.line <= s.last), None)
        if over is not None and not claim.draft.labels and claim.draft.rejected is None:
            claim = claim._replace(subject=over.title[:100], rejected="other_member")
        found.append(claim)
    return found


def sections(text: str) -> list[Section]:
    """The sections of a card, each up to the next heading of its level or above."""
    heads = list(_headings(text))[:_MOST]
    end = text.count("\n") + 1
    found = []
    for i, (line, level, title) in enumerate(heads):
        after = next((at for at, other, _ in heads[i + 1 :] if other <= level), end + 1)
        found.append(Section(line, after - 1, level, title))
    return found


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    line, position, fenced = 1, 0, False
    for match in _HEADING.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        if match[3]:
            fenced = not fenced
        elif not fenced:
            yield line, len(match[1]), match[2].strip(" #*")


def of_others(found: list[Section], own: Identity) -> list[Section]:
    """The sections about another member than the repository."""
    named = [(section, words(section.title)[0]) for section in found]
    return [
        other
        for other, theirs in named
        if any(
            section.level == other.level and _tells_apart(mine, theirs, own)
            for section, mine in named
        )
    ]


def _tells_apart(mine: frozenset[str], theirs: frozenset[str], own: Identity) -> bool:
    """Whether of two headings the first is about the repository, the second about another."""
    shared = mine & theirs
    ours, others = mine - shared, theirs - shared
    if not ours or not others or len(ours) != len(others):
        return False
    if not all(_in_name(word, own) for word in ours) or any(_in_name(w, own) for w in others):
        return False
    return ours | others <= _LANGUAGES or all(_member(word) for word in ours | others)


def _in_name(word: str, own: Identity) -> bool:
    joined = len(word) > _SHORT and word in own.name.lower()
    sizes = sizes_of(word)
    return joined or word in own.tokens or any(close(a, b, 1.06) for a in sizes for b in own.sizes)


def _member(word: str) -> bool:
    """Whether a word tells members of a family apart: a size, a kind, a name with a number."""
    return bool(
        sizes_of(word)
        or word in SIZE_WORDS
        or word in _KINDS
        or re.fullmatch(r"[a-z]{2,}[\w.\-]*\d[\w.\-]*", word)
    )

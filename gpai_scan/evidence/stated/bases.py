"""Names in a sentence that stand where a base stands: after a phrase, or before its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gpai_scan.evidence.stated import asian, kinds, names, phrases, suffixed, surroundings
from gpai_scan.evidence.stated.names import Name

_OPENING = re.compile(
    r"(?:^[\s#>*-]*(?:Model Card for\s)?|\b(?:an?|the|on|of|for|is|provides|[Tt]his is)\s|:\s)"
    r"(?:[A-Z][\w.&-]{1,24}['’]s\s)?"
)
_PLUS = re.compile(r"[\s()*`]*\+\s*(?:[\d.]+\s*[×x*%])?[\s()*`]*")
_AND = re.compile(r"[\s()*`,]*(?:and|&|[x×])[\s()*`]*")
_A_MERGE = re.compile(r"(?i)[\s)*`]*merge\b")
_ITEM_END = re.compile(r"(?:^|[-–—:>*•])\s*$")
_HOLDING = re.compile(r"(?i)\b(?:contains?|provides?|hosts?|is|of|for|with|the|an?)[\s*`]*$")
_BEGINNING = re.compile(r"[\s#>*-]*")
_FARTHEST = 90
_LIST = re.compile(r"\s*(?:,|and|&|\+|, and|with)?\s*(?:the\s)?")


def of_sentence(sentence: str, words: Sequence[str]) -> Iterator[tuple[Name, str | None]]:
    """Names that stand where a base stands, with the kind of derivation the words tell."""
    lower = sentence.lower()
    yield from _after_phrases(sentence, lower, words)
    tail = surroundings.AS_BASE_TAIL.may_fit(sentence, lower)
    for match in surroundings.AS_BASE.finditer(sentence) if tail else ():
        name = names.after(sentence, match.end(), strong=True)
        if name is not None and surroundings.AS_BASE_TAIL.match(sentence[name.end : name.end + 80]):
            yield name, context(sentence)
    if _holds(lower, surroundings.FIRST_WORDS) and surroundings.FIRST.search(lower):
        yield from _first(sentence)
    if _holds(lower, surroundings.CHANGES):
        yield from _changed(sentence, lower)
    if "uanti" in lower or " weights" in lower:
        yield from _at_fewer_bits(sentence)
    if "+" in sentence or " merge" in lower:
        yield from _sum(sentence)
    if not sentence.isascii():
        yield from asian.bases(sentence)
        if suffixed.WORD.search(lower):
            yield from ((name, context(sentence)) for name in suffixed.bases(sentence))


def _after_phrases(
    sentence: str, lower: str, words: Sequence[str]
) -> Iterator[tuple[Name, str | None]]:
    """Names that follow a phrase, with what the phrase or other words tell."""
    for phrase in phrases.possible(words):
        for match in phrase.pattern.every(sentence, lower):
            name = names.after(sentence, match.end(), phrase.strong)
            if name is None or name.start - match.end() > _FARTHEST:
                continue
            if phrase.numbered and not name.specific:
                continue
            if phrase.without is not None and phrase.without.search(sentence, 0, match.start()):
                continue
            following = sentence[name.end : name.end + 60]
            linked = name.linked and sentence[name.start] == "["
            if phrase.tail is not None and not linked and not phrase.tail.match(following):
                continue
            relation = phrase.relation or context(sentence)
            if phrase.relation == "merge":
                yield from ((one, "merge") for one in (name, *joined(sentence, name)))
                continue
            yield _language_model(sentence, name), relation


def _language_model(sentence: str, name: Name) -> Name:
    """Of an encoder and what it is joined to, as in `built on SigLIP and X-7B`, the latter."""
    if not surroundings.ENCODER.search(name.text):
        return name
    others = joined(sentence, name)
    return next((one for one in others if not surroundings.ENCODER.search(one.text)), name)


def _holds(text: str, words: Sequence[str]) -> bool:
    for word in words:  # noqa: SIM110  # a loop costs a third of `any`
        if word in text:
            return True
    return False


def context(sentence: str) -> str | None:
    """The kind of derivation that other words of the sentence tell."""
    return next((r for pattern, r in kinds.CONTEXT if pattern.search(sentence)), None)


def _first(sentence: str) -> Iterator[tuple[Name, str | None]]:
    """`X fine-tuned on …` where X opens the sentence or follows an article."""
    for match in _OPENING.finditer(sentence):
        name = names.at(sentence, match.end()) or names.after(sentence, match.end(), strong=False)
        lead = match[0].lower().strip()
        if name is None:
            continue
        kind = lead in ("a", "an") and _ITEM_END.search(sentence, 0, match.start())
        if not name.specific and (kind or "#" in lead):
            continue
        following = sentence[name.end : name.end + 400]
        if lead and name.specific and surroundings.CONTINUED.match(following):
            yield name, "continued_pretraining"
            continue
        noun = name.specific and surroundings.NOUN.match(following)
        if noun or surroundings.NAME_FIRST.match(following):
            yield name, "finetune"
            continue
        changed = lead == "this is" and surroundings.CHANGED.match(following)
        if changed or (lead in ("a", "an") and surroundings.BASED.match(following)):
            yield name, context(sentence)


def _changed(sentence: str, lower: str) -> Iterator[tuple[Name, str | None]]:
    """`contains X pruned to 50%`, an identifier right before what was done to it."""
    changed = surroundings.CHANGED_TO.search(lower)
    for name in names.every(sentence, 0, changed.start()) if changed else ():
        before = _HOLDING.search(sentence, max(0, name.start - 24), name.start)
        if name.linked and before and surroundings.CHANGED_TO.match(lower, name.end):
            yield name, context(sentence[name.end : name.end + 80])


def _at_fewer_bits(sentence: str) -> Iterator[tuple[Name, str]]:
    """`x/base-7b quantized to …`, an identifier that opens the sentence."""
    opening = _BEGINNING.match(sentence)
    name = names.at(sentence, opening.end()) if opening else None
    if name is not None and name.linked and surroundings.QUANTIZED_TO.match(sentence[name.end :]):
        yield name, "quantized"


def _sum(sentence: str) -> Iterator[tuple[Name, str | None]]:
    """`A + B`, two and more models that a sentence about a merge adds up."""
    if not surroundings.MERGED.search(sentence):
        return
    found = names.every(sentence, 0, len(sentence))
    if len(found) == 2 and _A_MERGE.match(sentence, found[1].end):
        if _AND.fullmatch(sentence, found[0].end, found[1].start):
            yield from ((name, "merge") for name in found)
        return
    plus = [_PLUS.fullmatch(sentence, a.end, b.start) is not None for a, b in pairwise(found)]
    for place, name in enumerate(found):
        if any(plus[max(place - 1, 0) : place + 1]):
            yield name, "merge"


def joined(sentence: str, first: Name) -> Iterator[Name]:
    """Further names joined to the first by commas and `and`."""
    end = first.end
    while joint := _LIST.match(sentence, end):
        name = names.at(sentence, joint.end(), lower=False)
        if name is None or not joint[0].strip():
            return
        yield name
        end = name.end

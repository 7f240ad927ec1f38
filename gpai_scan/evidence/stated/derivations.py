"""Base models and kinds of derivation in a sentence (phrases: `stated.phrases`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gpai_scan.evidence.stated import (
    asian,
    fields,
    kinds,
    names,
    phrases,
    suffixed,
    surroundings,
    whose,
)
from gpai_scan.evidence.stated.names import Name
from gpai_scan.evidence.stated.statement import Statement

_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])?\s*")
_OPENING = re.compile(
    r"(?:^[\s#>*-]*(?:Model Card for\s)?|\b(?:an?|the|on|of|is|provides|[Tt]his is)\s|:\s)"
    r"(?:[A-Z][\w.&-]{1,24}['’]s\s)?"
)
_PLUS = re.compile(r"[\s()*`]*\+\s*(?:[\d.]+\s*[×x*%])?[\s()*`]*")
_AND = re.compile(r"[\s()*`,]*(?:and|&|[x×])[\s()*`]*")
_A_MERGE = re.compile(r"(?i)[\s)*`]*merge\b")
_ITEM_END = re.compile(r"(?:^|[-–—:>*•])\s*$")
_HOLDING = re.compile(r"(?i)\b(?:contains?|provides?|hosts?|is|of|for|with|the|an?)[\s*`]*$")
_BEGINNING = re.compile(r"[\s#>*-]*")
_FARTHEST = 90
_KEYS = 90
"""Characters in which the label of a field ends."""
_OF_CARD = (
    kinds.OWN_TOOL,
    kinds.AUTOMATIC,
    kinds.OWN_TUNING,
    kinds.OWN_CONTINUED,
    kinds.OWN_PACKED,
    kinds.OWN_ADAPTER,
)
_LIST = re.compile(r"\s*(?:,|and|&|\+|, and|with)?\s*(?:the\s)?")


def read(sentence: str, before: str, words: Sequence[str]) -> Iterator[Statement]:
    """Statements about base and derivation in one sentence, positions within it.

    `before` is the sentence before it in the same passage, for what `the model` stands for;
    `words` are those it holds of the words that `gate` looks for.
    """
    labelled = ":" in sentence[:_KEYS] or "：" in sentence[:_KEYS]
    field = fields.FIELD.match(sentence) if labelled else None
    if field:
        yield from of_value(field["key"], sentence, field.start("value"))
        return
    method = fields.METHOD_FIELD.match(sentence) if labelled else None
    if method:
        yield from of_method(method["value"], method.start("value"))
    if surroundings.MERGED_LIST.search(before) and (item := _ITEM.match(sentence)):
        name = names.at(sentence, item.end())
        if name is not None and name.specific:
            yield Statement("base_model", name.text, name.start, name.end, linked=name.linked)
            yield Statement("relation", "merge", name.start, name.end)
        return
    found: set[str] = set()
    for base, relation in _bases(sentence, words):
        if base.text.lower() not in found and not _contrary(sentence, base.end):
            found.add(base.text.lower())
            yield from _derived(sentence, base, relation)
    if not found:
        yield from _relations(sentence, before, words)


def _contrary(sentence: str, end: int) -> bool:
    """Whether a sentence advises, compares, denies or plans before a position.

    Verbs stand last in Japanese and Korean, so sentences in other scripts count as a whole.
    """
    return (
        surroundings.CONTRARY.search(sentence, 0, end if sentence.isascii() else len(sentence))
    ) is not None


def _derived(sentence: str, base: Name, relation: str | None) -> Iterator[Statement]:
    """The two claims of a derivation: what from, and how; a series is no base of its own."""
    labels = whose.labels(sentence, base, relation)
    opening = "" if labels else whose.opening_name(sentence, base.start)
    kind = None if labels else whose.kind(sentence, relation, base.start)
    series = re.match(r"\s?(?:series|family|系列|シリーズ)", sentence[base.end : base.end + 10])
    if not series:
        yield Statement(
            "base_model",
            base.text,
            base.start,
            base.end,
            labels,
            kind,
            base.linked,
            opening=opening,
        )
    if relation:
        yield Statement(
            "relation",
            relation,
            base.start,
            base.end,
            labels,
            kind,
            base=base.text,
            opening=opening,
        )


def of_value(key: str, sentence: str, start: int) -> Iterator[Statement]:
    """`Parent Model: X`, as a line or as cells of a table; the value begins at a position."""
    value = sentence[start:].strip("| ")
    if fields.PLACEHOLDER.match(value) or fields.NOTHING.search(value):
        return
    lead = fields.VALUE_LEAD.match(sentence, start)
    begin = lead.end() if lead else start
    name = names.after(sentence, begin, strong=True) or names.at(sentence, begin)
    if name is None:
        plain = re.match(r"[\w.+\- /]{2,60}", value)
        if plain is None or len(plain[0].split()) > 6:
            return
        name = Name(plain[0].strip(), begin, begin + len(plain[0]), False)
    if names.NOT_A_MODEL.match(sentence[name.end : name.end + 40]):
        return
    if fields.WEAK_KEY.fullmatch(key.strip()) and not name.specific:
        return
    found = [name, *_joined(sentence, name)]
    relation = next((r for pattern, r in fields.FIELD_RELATION if pattern.search(key)), None)
    if relation is None and re.search("→|->", value):
        relation = _context(value)
    if lead and lead["adapter"]:
        relation = "adapter"
    elif len(found) > 1 and fields.PARENTS.match(key):
        parts = [one for one in found if surroundings.ENCODER.search(one.text)]
        relation = None if parts else "merge"
        found = [one for one in found if one not in parts] or found
    weak = fields.LOOSE_KEY.fullmatch(key.strip()) is not None
    for one in found:
        yield Statement("base_model", one.text, one.start, one.end, linked=one.linked, vague=weak)
    if relation:
        vague = relation == "finetune"
        yield Statement("relation", relation, name.start, name.end, vague=vague)


def of_method(value: str, start: int) -> Iterator[Statement]:
    """`Training: SFT, DPO`, a value that begins at a position."""
    for pattern, relation in fields.METHODS:
        if match := pattern.match(value.lstrip("\t *`")):
            yield Statement("relation", relation, start, start + match.end())
            return


def _bases(sentence: str, words: Sequence[str]) -> Iterator[tuple[Name, str | None]]:
    """Names that stand where a base stands, with the kind of derivation the words tell."""
    lower = sentence.lower()
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
            relation = phrase.relation or _context(sentence)
            if phrase.relation == "merge":
                yield from ((one, "merge") for one in (name, *_joined(sentence, name)))
                continue
            yield _language_model(sentence, name), relation
    tail = surroundings.AS_BASE_TAIL.may_fit(sentence, lower)
    for match in surroundings.AS_BASE.finditer(sentence) if tail else ():
        name = names.after(sentence, match.end(), strong=True)
        if name is not None and surroundings.AS_BASE_TAIL.match(sentence[name.end : name.end + 80]):
            yield name, _context(sentence)
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
            yield from ((name, _context(sentence)) for name in suffixed.bases(sentence))


def _language_model(sentence: str, name: Name) -> Name:
    """Of an encoder and what it is joined to, as in `built on SigLIP and X-7B`, the latter."""
    if not surroundings.ENCODER.search(name.text):
        return name
    others = _joined(sentence, name)
    return next((one for one in others if not surroundings.ENCODER.search(one.text)), name)


def _holds(text: str, words: Sequence[str]) -> bool:
    for word in words:  # noqa: SIM110  # a loop costs a third of `any`
        if word in text:
            return True
    return False


def _context(sentence: str) -> str | None:
    """The kind of derivation that other words of the sentence tell."""
    return next((r for pattern, r in kinds.CONTEXT if pattern.search(sentence)), None)


def _first(sentence: str) -> Iterator[tuple[Name, str | None]]:
    """`X fine-tuned on …` where X opens the sentence or follows an article."""
    for match in _OPENING.finditer(sentence):
        name = names.at(sentence, match.end())
        lead = match[0].lower().strip()
        if name is None:
            continue
        kind = lead in ("a", "an") and _ITEM_END.search(sentence, 0, match.start())
        if not name.specific and (kind or "#" in lead):
            continue
        following = sentence[name.end : name.end + 400]
        noun = name.specific and surroundings.NOUN.match(following)
        if noun or surroundings.NAME_FIRST.match(following):
            yield name, "finetune"
            continue
        changed = lead == "this is" and surroundings.CHANGED.match(following)
        if changed or (lead in ("a", "an") and surroundings.BASED.match(following)):
            yield name, _context(sentence)


def _changed(sentence: str, lower: str) -> Iterator[tuple[Name, str | None]]:
    """`contains X pruned to 50%`, an identifier right before what was done to it."""
    changed = surroundings.CHANGED_TO.search(lower)
    for name in names.every(sentence, 0, changed.start()) if changed else ():
        before = _HOLDING.search(sentence, max(0, name.start - 24), name.start)
        if name.linked and before and surroundings.CHANGED_TO.match(lower, name.end):
            yield name, _context(sentence[name.end : name.end + 80])


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


def _joined(sentence: str, first: Name) -> Iterator[Name]:
    """Further names joined to the first by commas and `and`."""
    end = first.end
    while joint := _LIST.match(sentence, end):
        name = names.at(sentence, joint.end(), lower=False)
        if name is None or not joint[0].strip():
            return
        yield name
        end = name.end


def _relations(sentence: str, before: str, words: Sequence[str]) -> Iterator[Statement]:
    """Kinds of derivation said of named models, or of a kind of models, without a base."""
    if kinds.ADVICE.search(sentence):
        return
    lower = sentence.lower()
    for pattern, relation in kinds.told(words):
        for match in pattern.every(sentence, lower):
            labels = () if pattern in _OF_CARD else whose.around(sentence, match)
            if not labels and relation == "continued_pretraining":
                labels = whose.group(before, names.every(before, 0, len(before)))
            kind = None if labels else whose.kind(sentence, relation, match.start())
            alone = relation == "merge" or pattern in (kinds.OWN_DATA, *_OF_CARD)
            if labels or kind or alone:
                yield Statement("relation", relation, *match.span(), labels=labels, kind=kind)
            yield from _implied(sentence, match, relation, labels, kind)


def _implied(
    sentence: str, match: re.Match[str], relation: str, labels: tuple[str, ...], kind: str | None
) -> Iterator[Statement]:
    """Bases that go without saying.

    `X is pretrained, and X-Chat is fine-tuned`; and the chat model of which only copies at fewer
    bits are spoken of, whose text is empty: the own name without its mark.
    """
    if relation == "finetune" and kinds.PRETRAINED.search(sentence):
        for name in names.every(sentence, 0, match.start()):
            if any(label.startswith(f"{name.text}-") for label in labels):
                yield Statement(
                    "base_model", name.text, name.start, name.end, labels, None, name.linked
                )
                return
    around = sentence[: match.start()], sentence[match.end() :]
    if kind and relation == "quantized":
        mark = re.search(r"\S+\s?$", around[0])
        before = around[0][: mark.start()] if mark else around[0]
        if kinds.OF_ASSISTANT.match(around[1]) or kinds.ASSISTANT_OF.search(before):
            yield Statement("base_model", "", *match.span(), labels=(), kind=kind)

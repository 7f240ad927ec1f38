"""Base models and kinds of derivation in a sentence (phrases: `stated.phrases`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gpai_scan.evidence.stated import (
    bases,
    fields,
    kinds,
    names,
    surroundings,
    whose,
)
from gpai_scan.evidence.stated.names import Name
from gpai_scan.evidence.stated.statement import Statement

_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])?\s*")
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
    for base, relation in bases.of_sentence(sentence, words):
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
    if name is not None and (itself := fields.ITSELF.match(sentence, name.end)):
        name = names.after(sentence, itself.end(), strong=True)
        if name is None:
            return
    if name is None:
        plain = re.match(r"[\w.+\- /]{2,60}", value)
        if plain is None or len(plain[0].split()) > 6:
            return
        name = Name(plain[0].strip(), begin, begin + len(plain[0]), False)
    if names.NOT_A_MODEL.match(sentence[name.end : name.end + 40]):
        return
    if fields.WEAK_KEY.fullmatch(key.strip()) and not name.specific:
        return
    found = [name, *bases.joined(sentence, name)]
    relation = next((r for pattern, r in fields.FIELD_RELATION if pattern.search(key)), None)
    if relation is None and re.search("→|->", value):
        relation = bases.context(value)
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

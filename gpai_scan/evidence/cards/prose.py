"""Reads a sentence: each number gets a unit, then a role, then the models it is said of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import amounts, rules
from gpai_scan.evidence.cards.drafts import READ_ONCE, Draft
from gpai_scan.evidence.cards.labels import Label, find_labels, owners
from gpai_scan.evidence.cards.mentions import mentions
from gpai_scan.evidence.cards.numbers import find_numbers, grouped
from gpai_scan.evidence.cards.operations import operations
from gpai_scan.evidence.cards.token_counts import TRAINED_ON, tokens
from gpai_scan.evidence.cards.units import Mention, Sentence

_REACH = 200


def read_sentence(source: Sentence) -> Iterator[Draft]:
    """Every claim of a sentence, accepted or rejected; positions are within the block."""
    numbers = find_numbers(source.text)
    if not numbers:
        return
    found = mentions(source.text, numbers)
    labels = find_labels(source.text) if found else []
    why_not = aside(source)
    made: list[Draft] = []
    for i, mention in enumerate(found):
        draft = _decide(mention, found, source)
        if draft is None:
            continue
        if draft.rejected is None:
            draft = replace(
                draft, rejected=_general_reason(draft, why_not, found[i : i + 2], source)
            )
        same = [(m.number.start, m.end) for m in found if _kind(m.unit) == _kind(mention.unit)]
        span = (mention.number.start, mention.end)
        own = _own_labels(mention, draft, source, labels, same)
        made.append(
            replace(
                draft,
                start=span[0] + source.offset,
                end=span[1] + source.offset,
                labels=own or draft.labels,
            )
        )
    yield from _together(made, source)


_AND = re.compile(
    r"^[^.;|\d]{0,40}\b(?:and|plus)\s(?:~|about |another |an additional )*$|^[^.;|\d]{0,40}\+\s?$",
    re.IGNORECASE,
)


def _together(made: list[Draft], source: Sentence) -> Iterator[Draft]:
    """Hours on one kind of device `and` on another add up; two bare figures are ambiguous."""
    hours = [d for d in made if d.quantity == "accelerator_hours" and d.rejected is None]
    if len(hours) != 2 or hours[0].stage != hours[1].stage or hours[0].labels != hours[1].labels:
        yield from made
        return
    first, second = hours
    between = source.text[first.end - source.offset : second.start - source.offset]
    if not _AND.match(between) or first.value is None or second.value is None:
        yield from made
        return
    stated = len(source.text[first.start - source.offset : first.end - source.offset].split()) > 1
    for draft in made:
        yield (
            replace(draft, rejected="part" if stated else "ambiguous") if draft in hours else draft
        )
    if stated:
        total = first.value + second.value
        low, high = (first.low or 0) + (second.low or 0), (first.high or 0) + (second.high or 0)
        note = f"{first.value:g} + {second.value:g}"
        yield replace(
            first, value=total, low=low, high=high, end=second.end, note=note, method="card_derived"
        )


_HYPOTHETICAL = re.compile(
    r"\b(?:if you|you (?:can|could|may|might|need|should|want|would)|you'll|one (?:can|could)"
    r"|say, over|suppose|chinchilla[- ]optimal"
    r"|(?:is|are|be) (?:compute[- ])?optimal"
    r"|would (?:take|need|require)|could be trained|we recommend|recommended"
    r"|advis(?:e|able|ed to)|(?:is|are) (?:enough|sufficient)|suffic(?:es?|ient) (?:to|for)"
    r"|expect(?:ed|s)? (?:the )?(?:pre-?)?(?:training|fine-?tuning)"
    r"|your (?:own )?(?:data|copy|gpus?|hardware|machine))\b|可以让你|建议|推荐"
)


_QUOTED = re.compile(
    r"\bquot(?:e|ed|ing)\b|\b(?:they|the authors|that paper) (?:say|state|report|observe|claim)s?\b"
)
_SETTING = re.compile(r"[a-z]_\w+\s?=|--[a-z]")


_EARLIER = re.compile(
    r"\bv0\b(?!·)|\b(?:previous versions?"
    r"|earlier versions?|prior versions?|old(?:er)? versions?|deprecated"
    r"|legacy)\b|旧版"
)


_FROM = re.compile(r"\b(?:from|de|von|от|da|从|從)\s*$|(?:从|從)\s*$")


_TO = re.compile(r"^\s?(?:to|a|à|auf|bis|до|up to|到|至|al?)\s")


# "The largest sister was trained on 992 devices": of one member, whichever this card's is.
_SISTER = re.compile(
    r"\bthe (?:larg|bigg|small)e(?:st|r) (?:\w+ ){0,1}?(?:sister|sibling|member|variant|one)"
    r"\s(?:was|is|has|took|saw|used|required)\b"
)


def aside(source: Sentence) -> str | None:
    """Why nothing in a sentence speaks of how the model was trained, if so."""
    if _QUOTED.search(source.lower):
        return "quotation"
    if _HYPOTHETICAL.search(source.lower):
        return "hypothetical"
    if _SETTING.search(source.lower):
        return "example"
    if _SISTER.search(source.lower):
        return "other_member"
    return "earlier_version" if _EARLIER.search(source.lower) else None


def _general_reason(
    draft: Draft, why_not: str | None, pair: list[Mention], source: Sentence
) -> str | None:
    if why_not is not None and not draft.quantity.startswith(("parameters", "context", "vocab")):
        return why_not
    if len(pair) == 2 and _kind(pair[0].unit) == _kind(pair[1].unit):
        before = source.lower[: pair[0].number.start]
        between = source.lower[pair[0].end : pair[1].number.start]
        if _FROM.search(before) and _TO.search(between):
            return "earlier_version"
    return None


def _kind(unit: str) -> str:
    if unit in amounts.HOURS_IN:
        return "duration"
    return "parameters" if unit.startswith("parameters") else unit


_NAMED = re.compile(
    r"(?<![\w.\-])(?P<name>[A-Za-z][\w.+]*(?:[-_][\w.+]+)+"
    r"|[A-Z][\w.+]*(?: [A-Z0-9][\w.+]*){0,2})\s?(?:\(|:|≈|=|with\s)\s?[~≈]?\s?$"
)


# "1 epoch on the Heap for "standard" models, and 1.5 epochs on the deduped Heap"
_VARIANT = re.compile(
    r"^\s(?:on|over|of|for)\s(?:the\s)?(?:[A-Z]\w+\sfor\s(?:the\s)?)?[\"'“‘]?(?P<name>[a-z][\w\-]{3,20})[\"'”’]?"
    r"\s(?:[Mm]odels?|[Vv]ersions?|[Vv]ariants?|[A-Z]\w+|data\w*|corpus|set)\b"
)


# "9 days for Orca-Large and Orca-Huge, 2 days for the small model"
_LISTED = r"[A-Z][\w.\-]*[A-Za-z][\w.\-]*|tiny|mini|small|base|medium|large|big|huge|XX?L"
_NAME_LISTED = re.compile(rf"\b(?:{_LISTED})\b")
_FOR_WHOM = re.compile(
    rf"^\s(?:for|on)\s(?:the\s|our\s)?(?P<names>(?:{_LISTED})"
    rf"(?:(?:,\s(?:and\s)?|\sand\s)(?:the\s)?(?:{_LISTED}))*)(?=\s(?:models?|one|variant|version)"
    r"|[\s,.;)]|$)(?!\s?[A-Z\d])"
)


def _own_labels(
    mention: Mention,
    draft: Draft,
    source: Sentence,
    labels: list[Label],
    same: list[tuple[int, int]],
) -> tuple[str, ...]:
    start, end = mention.number.start, mention.end
    if draft.quantity == "epochs" and len(same) > 1:
        variant = _VARIANT.match(source.text[end : end + 60])
        if variant is not None:
            return (variant["name"],)
    if mention.unit in amounts.HOURS_IN and len(same) > 1:
        told = _FOR_WHOM.match(source.text[end : end + 120])
        if told is not None:
            return tuple(_NAME_LISTED.findall(told["names"]))
    if not draft.quantity.startswith("parameters"):
        return owners(start, end, source.text, labels, same)
    named = _NAMED.search(source.text[max(0, start - 60) : start])
    if (
        named
        and re.search(r"[A-Z].*[-_ ]|\d", named["name"])
        and not named["name"].lower().startswith(("model", "the ", "total"))
    ):
        return (named["name"],)
    outside = [
        label
        for label in labels
        if re.search(r"[A-Za-z]{2,}", label.text.removesuffix(" parameters"))
        and not (label.start <= start < label.end)
    ]
    return owners(start, end, source.text, outside, same)


# "with 500 billion further tokens": further ones are trained on.
_FURTHER = re.compile(r"\b(?:further|additional|extra)\b")
# "with 2 trillion training tokens"
_OF_TRAINING = re.compile(r"\b(?:pre-?)?training tok|trainings-?tok")


def _decide(mention: Mention, found: list[Mention], source: Sentence) -> Draft | None:
    number = mention.number
    left = source.lower[max(0, number.start - _REACH) : number.start]
    right = source.lower[mention.end : mention.end + _REACH]
    unit = mention.unit
    if unit == "tokens":
        if "unique" in source.lower[number.end : mention.end]:
            return amounts.make(
                "unique_tokens",
                grouped(number, source.text),
                stage=rules.stage(left, right, source.heading),
                note=READ_ONCE if TRAINED_ON.search(left) else None,
            )
        found_tokens = tokens(number, source, left, right)
        between = source.lower[number.end : mention.end]
        if found_tokens is None and number.value >= 1e9 and _FURTHER.search(between):
            return amounts.make("tokens", number, stage="continued_pretraining")
        if found_tokens is not None and found_tokens.stage is None and _FURTHER.search(between):
            return replace(found_tokens, stage="continued_pretraining")
        if found_tokens is None and number.value >= 1e9 and _OF_TRAINING.search(between):
            return amounts.make("tokens", number, stage=rules.stage(left, right, source.heading))
        return found_tokens
    if unit.startswith("parameters"):
        return amounts.parameters(mention, source, left, right)
    if unit in {"steps", "epochs"}:
        if re.search(
            r"warm|decay|sampling|inference|denois|eval", source.lower[number.end : mention.end]
        ):
            return amounts.make(unit, number, rejected="warmup")
        return amounts.by_rules(
            rules.STEPS if unit == "steps" else rules.EPOCHS,
            grouped(number, source.text),
            source,
            left,
            right,
        )
    if unit.startswith("accelerator_"):
        return amounts.accelerator_hours(mention, source, left, right)
    if unit.startswith(("node_", "core_")):
        return amounts.make("accelerator_hours", number, rejected="node_or_core_hours")
    if unit == "audio":
        return amounts.audio_hours(number, source, left, right)
    if unit in amounts.HOURS_IN:
        return amounts.duration(mention, source, left, right)
    if unit in {"flop", "flop_days"}:
        return operations(mention, source, left, right)
    return amounts.others(mention, source, left, right)

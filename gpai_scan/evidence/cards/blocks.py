"""Reads one block of a card: a paragraph, a list item, a pipe table or an HTML table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from gpai_scan.evidence.cards import cells, pairs, prose, tables
from gpai_scan.evidence.cards.batches import read_settings
from gpai_scan.evidence.cards.dates import read_dates
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.fields import Field, field_of
from gpai_scan.evidence.cards.folded import Folded
from gpai_scan.evidence.cards.labels import defined, find_labels
from gpai_scan.evidence.cards.machines import read_hardware, read_precision
from gpai_scan.evidence.cards.rules import CONTINUED_CUE, HARDWARE_REJECT, TRAIN_CUE
from gpai_scan.evidence.cards.text import Clean, clean, sentences, unaccented
from gpai_scan.evidence.cards.units import sentence
from gpai_scan.evidence.cards.values import read_value

_LONGEST_SENTENCE = 3000
_LONGEST_KEPT = 5000  # of a block, in characters: what is remembered of many cards stays small
_KEYED = re.compile(
    r"^[\s>*+•\-–\d.)#]{0,12}(?P<key>(?:[^:：|.]|\.(?=\w)){2,70}?)\s?[:：]\s*(?P<value>\S.*)$",
    re.DOTALL,
)
# `stable-model-v1-2`: a key that is the name of a model says whose figures follow.
_MODEL_KEY = re.compile(
    r"^(?=.*[A-Za-z])(?=.*\d)[\w.]+(?:[-_/][\w.]+){1,8}$"
    r"|^[A-Za-z][\w.]*(?:[-_/][\w.]+){0,6}[-_](?:nano|tiny|mini|small|base|medium|large|xl|xxl|huge"
    r"|giant)$",
    re.IGNORECASE,
)
_ITEM_NAME = re.compile(r"^\s?[-*+•]\s+(\S+)\s(?=[A-Z])")
_LINE_KEY = re.compile(
    r"\n(?=[ \t>]*(?:[*_]{2}|[-*+•] )?[A-Z#][^\n:.]{2,50}[:：](?:[*_]{2})?[ \t])"
)


# `**Tokens** 2.1T`, `Training Tokens 1.1T`: a line of a label and its figure, without a colon.
_FACT_LINE = re.compile(
    r"(?m)(?P<line>^|\n)(?P<key>[ \t>]*(?:[-*+•] )?(?:\*\*)?[A-Z#][A-Za-z# \-]{2,30}[a-z]"
    r"(?:\*\*)?)[ \t]"
    r"(?=(?:\*\*)?[~≈]?\d[\d.,]*[ \t]?(?:[KMBT]|[a-z]+illion)?\+?(?: tokens| parameters)?"
    r"(?:\*\*)?[ \t]*$)"
)
# `- Tokens seen — 2T`, `**Parameters** – 3.1B in all`: a dash for the colon.
_DASHED = re.compile(
    r"(?m)(?P<line>^|\n)(?P<key>[ \t>]*(?:[-*+•] )?(?:\*\*)?[A-Za-z#][A-Za-z# _\-]{1,30}[a-z]"
    r"(?:\*\*)?)[ \t](?:[—–=-]|&[mn]dash;)[ \t]"
    r"(?=(?:\*\*)?(?:[~≈>]|(?:about|over|around|roughly|some|nearly|more than) )?\d)"
)
_DASHES: Final = (" — ", " – ", " - ", " = ", "dash; ")
# `**Training tokens**` and in the next line `1.3T`: a figure alone under its label.
_SHORT: Final = 40
_LONE = re.compile(
    r"^[ \t>*_]*[~≈]?\d[\d.,]*\s?(?:[KMBT]|[a-z]+illion)?\+?(?:\s(?:tokens|parameters))?[ \t*_.]*$"
)
_FACTS: Final = frozenset({"tokens", "parameters_total", "parameters_active"})
_TEMPLATE_KEY = re.compile(
    r"[ \t](?=(?:[*_]{2})?(?:Hardware Type|Hours used|Cloud Provider|Compute Region"
    r"|Carbon Emitted|Energy Consumed|hardware_used|hours_used|training_type|geographical_location"
    r"|on_cloud)(?:[*_]{2})?:)"
)


# "The training data has 395 billion tokens: …" states a figure, it labels none.
_FIGURE_KEY = re.compile(r"\b\w+\s(?:about |around |~)?[\d.,]+\s?(?:[KMBT]\b|\w*illion)\+? tokens$")


# The cheapest test first: a sentence without a figure, or without a word the reader knows.
_DIGIT = re.compile(r"\d")
_NUMBER = Folded(
    r"illion|illiard|[万億亿兆萬억조]|bf16|fp16|hours\b|days\b|week|month|epoch|NVIDIA|TPU"
)
_WORD = Folded(
    r"tok|jeton|fichas|param|activ(?:at|e\b)|is an? [\d.]+[bm]\s|epoch"
    r"|epoq|époc|époq|(?<![a-z])[gtn]pu|flop|mfu|hfu|batch|seq"
    r"|context|length|step|iter|update|hour|hrs|heure|hora|stunde|day|week|month|jour"
    r"|días|tage|minut|pair|sampl|image|exampl|instruct|sentence|document|conversation|kwh|mwh"
    r"|wh\b|co2|co₂|precision|bf16|fp16|bfloat|train|node"
    r"|hardware|accelerator|[ahv]\d00|[^\x00-\x7f]"
    r"|(?:start|beg[aiu]n|end|finish|complet|conclud|inici|termin)[^.;|]{0,40}20[12]\d"
)


def read_prose(raw: str, heading: str) -> Iterator[Draft]:
    """Claims of a paragraph; positions are within the raw text."""
    plain = clean(_keys_apart(raw))
    if len(raw) <= _SHORT and _LONE.match(raw) and (field := _fact(heading)):
        for draft in read_value(field, heading, plain.text, ""):
            yield _raw(draft, (), 0, plain)
        return
    cue = owner = ""
    subject: tuple[str, ...] = ()
    for offset, text in sentences(plain.text):
        outline = _outline(text) if len(text) <= _LONGEST_SENTENCE else _SAYS_NOTHING
        owner = outline.owner or owner
        if outline.figure:
            about = _about(outline, heading) or (subject if outline.refers else ())
            for draft in _stated(text, heading, cue, owner):
                yield _raw(draft, about, offset, plain)
            subject = subject if outline.subject is None else outline.subject
        cue = _cue(text[:_LONGEST_SENTENCE]) or (cue if _GOES_ON.search(text) else "")


# "We trained on 64 GPUs. The small one took 8 days. The large one took 20 days."
_GOES_ON = re.compile(
    r"\btook\b|\b(?:gpu|tpu|node|accelerator|server)s?\b|[ahv]\d00", re.IGNORECASE
)


def _keys_apart(raw: str) -> str:
    """A paragraph whose lines of `label: value` or `label figure` end a sentence each."""
    raw = _FACT_LINE.sub(_with_colon, raw)
    if any(dash in raw for dash in _DASHES):
        raw = _DASHED.sub(_with_colon, raw)
    if ":" not in raw and "：" not in raw:
        return raw
    lines = _LINE_KEY.sub("\x1e", raw) if "\n" in raw else raw
    return _TEMPLATE_KEY.sub("\x1e", lines)


def _with_colon(fact: re.Match[str]) -> str:
    """A line `label figure` with a colon behind the label where that is one of amounts."""
    if _fact(fact["key"].strip(" \t>*+•-")) is None:
        return fact[0]
    return ("\x1e" * len(fact["line"]) + fact["key"] + ":").ljust(len(fact[0]))


def _fact(label: str) -> Field | None:
    """The field of a label of amounts that go without saying more."""
    field = field_of(label)
    return field if field and field.rejected is None and field.quantity in _FACTS else None


class _Outline(NamedTuple):
    """What the reading of a paragraph needs of a sentence, whatever stands around it.

    `owner` is the model that it names as a list item does, `figure` whether it may state
    anything, `refers` whether it goes on about what the sentence before began with, `subject` the
    models that one after it may go on about (None leaves those of the sentence before), `defines`
    the model of which it says what it is.
    """

    owner: str
    figure: bool
    refers: bool
    subject: tuple[str, ...] | None
    defines: str | None = None


_SAYS_NOTHING: Final = _Outline("", False, False, None)


@lru_cache(maxsize=65536)
def _outline(text: str) -> _Outline:
    if not (_DIGIT.search(text) or _NUMBER.search(text)):
        return _Outline(_owner(text), False, False, None)
    refers, name = _ANAPHORA.match(text) is not None, defined(text)
    subject = _subject(text) if name is None else (name,)
    return _Outline(_owner(text), True, refers, subject, name)


@lru_cache(maxsize=65536)
def _cue(previous: str) -> str:
    """All that the reading of a sentence needs of the one before it: its words of training."""
    lower = previous.lower()
    found = (CONTINUED_CUE.search(lower) or TRAIN_CUE.search(lower)) if previous else None
    return found[0] if found is not None else ""


@lru_cache(maxsize=65536)
def _stated(text: str, heading: str, previous: str, owner: str) -> tuple[Draft, ...]:
    """The claims of a sentence, positions within it; equal sentences are read once."""
    return tuple(read_statement(text, 0, heading, previous, owner))


def _keyed(text: str) -> re.Match[str] | None:
    """A `label: value` line; the cheap look for a colon spares most sentences the pattern."""
    head = text[:90]
    found = _KEYED.match(text) if ":" in head or "：" in head else None
    if found is not None and found["key"].count("(") > found["key"].count(")"):
        return None  # "trained on 6T tokens (v1: 2T)"
    return found


# "It was trained …", "The training took …": said of what the sentence before began with.
_ANAPHORA = Folded(
    r"\W*(?:it|its|the (?:model|training|run|pre-?training)|training|pre-?training)\b"
)


def _subject(text: str) -> tuple[str, ...] | None:
    """The one model that a sentence begins with; none of several, None where it names none."""
    labels = find_labels(text)
    if not labels:
        return None
    lone = len({label.text for label in labels}) == 1 and labels[0].start <= 12
    return (labels[0].text,) if lone else ()


def _about(outline: _Outline, heading: str) -> tuple[str, ...]:
    """The model that a sentence defines, unless the heading over it names the same."""
    name = outline.defines
    return (name,) if name and name.lower() not in unaccented(heading).lower() else ()


def _owner(text: str) -> str:
    """The name of the model that a list item begins with: "`name-v1-2`: 195k steps …"."""
    keyed = _keyed(text)
    key = keyed["key"].strip() if keyed is not None else ""
    if key:
        return key if _MODEL_KEY.match(key) else ""
    head = _ITEM_NAME.match(text)
    return head[1] if head is not None and _MODEL_KEY.match(head[1]) else ""


def _raw(draft: Draft, about: tuple[str, ...], offset: int, plain: Clean) -> Draft:
    """A draft of a sentence at its place in the raw text; `about` where it names no model."""
    start = plain.raw_position(offset + draft.start)
    last = plain.raw_position(offset + max(draft.start, draft.end - 1))
    end = max(start + 1, last + 1)
    return draft.at(start, end, draft.labels or about)


def read_statement(
    text: str, offset: int, heading: str, previous: str = "", owner: str = ""
) -> Iterator[Draft]:
    """Claims of one sentence or `label: value` line of plain text.

    `previous` is the sentence before it, `owner` the model that the paragraph began with.
    """
    keyed = _keyed(text)
    key = ""
    if keyed is not None:
        key = keyed["key"].strip()
        field = field_of(key)
        value, start = keyed["value"], offset + keyed.start("value")
        if field is not None and field.rejected and _says_more(key, value):
            field = None
        if _FIGURE_KEY.search(key):
            field = None
        if field is not None and len(value) <= 160 and len(key.split()) <= 7:
            yield from _value(field, key, value, start, heading)
            return
    if not _WORD.search(text):
        return
    source = replace(sentence(text, offset, heading.lower(), key.lower()), previous=previous)
    named = (owner,) if owner else ()
    readers = (prose.read_sentence, read_settings, read_hardware, read_dates, read_precision)
    found = [draft for reader in readers for draft in reader(source)]
    if _BASE_KEY.match(key):
        found = [replace(d, rejected=d.rejected or "base_model") for d in found if _of_run(d)]
    for draft in pairs.paired(found, source):
        yield replace(draft, labels=named) if named and _of_owner(draft) else draft


# "Base: orca-7b, trained on 2T tokens using 512 GPUs": of no run that the card tells of.
_BASE_KEY = re.compile(
    r"^\W*(?:base|parent|backbone|foundation|teacher|draft|original)"
    r"(?: (?:model|checkpoint|llm))?\W*$",
    re.IGNORECASE,
)


def _of_owner(draft: Draft) -> bool:
    """Whether a figure in an item about a model names no other: a size alone is that model's."""
    return all(_SIZE_ALONE.fullmatch(label) for label in draft.labels)


_SIZE_ALONE = re.compile(r"[\d.]+(?:[BM]| [a-z]*illion)(?: parameters)?")


def _of_run(draft: Draft) -> bool:
    return not draft.quantity.startswith("parameters")


# "Training cost: 80 H100-days"
_DEVICE_HOURS = re.compile(
    r"\d\S* (?:gpu|tpu|accelerator|[ahv]\d00)s?[- ](?:hours?|days?|h\b)", re.IGNORECASE
)


def _says_more(key: str, value: str) -> bool:
    """Whether a value states a training, whatever its label: "The best of all: trained on …"."""
    if _DEVICE_HOURS.search(value):
        return HARDWARE_REJECT.search(key.lower()) is None
    return len(value) > 40 and TRAIN_CUE.search(value) is not None


def _value(field: Field, key: str, value: str, start: int, heading: str) -> Iterator[Draft]:
    found = list(read_value(field, key, value, heading))
    source = sentence(value, 0, f"{heading} {key}".lower(), key.lower())
    told = field.rejected is None or "batch size" in value
    timed = field.quantity in {"training_hours", "hours_used"}
    if (len(value) > 25 or field.quantity == "hardware" or timed) and told:
        for draft in [
            *prose.read_sentence(source),
            *read_settings(source),
            *read_hardware(source),
        ]:
            if not any(
                d.start < draft.end and draft.start < d.end
                for d in found
                if d.quantity != "accelerator_model"
            ):
                found.append(draft)
    for draft in found:
        yield replace(draft, start=draft.start + start, end=draft.end + start)


def read_table(raw: str, heading: str) -> Iterator[Draft]:
    """Claims of a block that holds a pipe table or HTML tables."""
    if "<td" in raw.lower() or "<th" in raw.lower():
        for grid, _ in tables.html_grids(raw):
            yield from cells.read_grid(grid, heading)
        return
    grid, _ = tables.pipe_grid(raw)
    if grid:
        yield from cells.read_grid(grid, heading)


def read_block(raw: str, heading: str, table: bool) -> tuple[Draft, ...]:
    """All claims of a block, in order of place; equal blocks are read once."""
    read = _read_once if len(raw) <= _LONGEST_KEPT else _read_once.__wrapped__
    return read(raw, heading, table)


def _one_line(raw: str) -> bool:
    """Whether a block is one line with bars between its facts: `7B | 2T tokens | 4k context`."""
    line = raw.strip()
    return "\n" not in line and " | " in line and "|" not in {line[0], line[-1]}


@lru_cache(maxsize=16384)
def _read_once(raw: str, heading: str, table: bool) -> tuple[Draft, ...]:
    reader = read_table if table and not _one_line(raw) else read_prose
    found = {(d.quantity, d.start, d.end, d.text, d.labels): d for d in reader(raw, heading)}
    return tuple(sorted(found.values(), key=lambda d: (d.start, d.quantity, d.end)))

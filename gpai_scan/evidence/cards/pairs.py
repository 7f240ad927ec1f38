"""Devices and durations that one sentence joins: "64 GPUs for 14 days", "took 9 hours on 8 V100s".

A card may name many machines and many durations, of which no product could be taken; those that
stand together in a sentence belong together. Several of one training that follow one another add
up, several that nothing tells apart are ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.units import Sentence

_REACH = 200
_NEAR = 90
_APART = re.compile(r"[.;|]|\b(?:while|whereas|but|which|then|after|before|followed)\b")
_ABOUT = (
    r"(?:(?:a|an|the|total|period|duration|time|span|of|only|just|about|around|approximately|approx\.?"
    r"|roughly|nearly|almost|over|less than|under|up to|environ|etwa|rund|unos|circa)\s|[~∼≈<(])*$"
)
_THEN_TIME = re.compile(
    r"^s?\s?$|(?:\b(?:for|over|in|przez|during|within|lasting|took|takes|pendant|durante|durant|während|über|en"
    rf"|em|per|на|за|в)|[*×·x(,:])\s?{_ABOUT}"
)
_THEN_DEVICES = re.compile(
    r"(?:\b(?:on|using|with|across|by|of|auf|sur|en|em|con|com|mit|su|на)|[*×·x(@])\s?"
    rf"(?:[\w\-]+\s){{0,3}}{_ABOUT}"
)
_NEXT = re.compile(
    r"\b(?:followed by|then|(?:and |plus )?(?:for )?(?:another|an? (?:additional|further|extra))"
    r"|both)\b"
)
_CONTRAST = re.compile(r"\b(?:while|whereas)\b")
_RATE = re.compile(r"s?\s?(?:gpus?\s)?(?:per|for each|for every|/)\s?[a-z]")
# The other reasons of the rules are about hours stated as such.
_OF_OTHERS = frozenset(
    {"other_use", "other_model", "hypothetical", "plan", "ablation", "family_total", "component"}
)


@dataclass(frozen=True, slots=True)
class _Pair:
    count: Draft
    time: Draft

    @property
    def start(self) -> int:
        return min(self.count.start, self.time.start)

    @property
    def end(self) -> int:
        return max(self.count.end, self.time.end)


def paired(drafts: list[Draft], source: Sentence) -> Iterator[Draft]:
    """The drafts of a sentence, with the accelerator-hours of devices and durations it joins.

    Where the sentence says why the product is of something else, its factors are rejected as well.
    """
    if any(d.quantity == "accelerator_hours" and d.rejected is None for d in drafts):
        yield from drafts
        return
    drafts = _without_parts(drafts, source)
    pairs = list(_pairs(drafts, source))
    reasons = {id(pair): _reason(pair, source) for pair in pairs}
    refused = {id(d): r for p in pairs if (r := reasons[id(p)]) for d in (p.count, p.time)}
    for draft in drafts:
        yield replace(draft, rejected=refused[id(draft)]) if id(draft) in refused else draft
    kept = [pair for pair in pairs if reasons[id(pair)] is None]
    yield from _together(sorted(map(_times, kept), key=lambda d: d.start), source)


def _pairs(drafts: list[Draft], source: Sentence) -> Iterator[_Pair]:
    """Each duration with the devices next to it, where words between them join the two."""
    used = [d for d in drafts if d.rejected is None]
    counts = [d for d in used if d.quantity == "accelerator_count"]
    times = [d for d in used if d.quantity == "training_hours"]
    spans = [(d.start, d.end) for d in counts + times]
    if len(counts) == 1 and len(times) > 1:
        yield from _of_one_machine(counts[0], times, source)
        return
    for time in times:
        linked = [
            pair
            for pair in (_Pair(count, time) for count in counts)
            if _linked(pair, source)
            and not any(pair.start < start and end < pair.end for start, end in spans)
        ]
        if linked:
            yield min(linked, key=lambda pair: pair.end - pair.start)


def _of_one_machine(count: Draft, times: list[Draft], source: Sentence) -> Iterator[_Pair]:
    """Several durations on the same devices: all of them, or none where they may be anything."""
    made = [pair for pair in (_Pair(count, time) for time in times) if _together_with(pair, source)]
    if not made:
        return
    times = [pair.time for pair in made]
    start, end = min(p.start for p in made), max(p.end for p in made)
    words = source.lower[start - source.offset : end - source.offset]
    if not any(_linked(pair, source) for pair in made):
        return
    apart = {(t.stage, t.labels) for t in times}
    alike = max(t.value or 0.0 for t in times) <= 1.02 * min(t.value or 0.0 for t in times)
    if alike or len(apart) == len(times) or _NEXT.search(words):
        yield from made


def _together_with(pair: _Pair, source: Sentence) -> bool:
    """Whether no word between devices and duration says that they are of two models."""
    first, second = sorted((pair.count, pair.time), key=lambda d: d.start)
    between = source.lower[first.end - source.offset : second.start - source.offset]
    return _CONTRAST.search(between) is None


def _without_parts(drafts: list[Draft], source: Sentence) -> list[Draft]:
    """Durations in brackets that sum to the one before them are its parts."""
    times = [d for d in drafts if d.quantity == "training_hours" and d.rejected is None]
    parts: set[int] = set()
    for i, whole in enumerate(times):
        after = source.lower[whole.end - source.offset :]
        opened, close = after.find("("), after.find(")")
        if not 0 <= opened <= _NEAR or close < opened or _APART.search(after[:opened]):
            continue
        inside = [t for t in times[i + 1 :] if t.end <= whole.end + close]
        total = sum(t.value or 0.0 for t in inside)
        if len(inside) > 1 and abs(total - (whole.value or 0.0)) <= 0.05 * total:
            parts |= {id(t) for t in inside}
    return [replace(d, rejected="part") if id(d) in parts else d for d in drafts]


def _linked(pair: _Pair, source: Sentence) -> bool:
    first, second = sorted((pair.count, pair.time), key=lambda d: d.start)
    between = source.lower[first.end - source.offset : second.start - source.offset]
    if len(between) > _NEAR or first.end > second.start or _APART.search(between):
        return False
    return (_THEN_TIME if second is pair.time else _THEN_DEVICES).search(between) is not None


def _reason(pair: _Pair, source: Sentence) -> str | None:
    """Why the hours of a pair are not of the model's training, if the sentence says so."""
    start, end = pair.start - source.offset, pair.end - source.offset
    left, right = source.lower[max(0, start - _REACH) : start], source.lower[end : end + _REACH]
    left = rules.clause(left)
    if _RATE.match(right):
        return "rate"
    value = (pair.count.value or 0.0) * (pair.time.value or 0.0)
    fitting = (r.rejected for r in rules.HOURS_REJECT if r.fits(value, left, right, source.lower))
    return next((reason for reason in fitting if reason in _OF_OTHERS), None)


def _times(pair: _Pair) -> Draft:
    count, time = pair.count, pair.time
    factors = (getattr(count, n) or 0.0 for n in ("value", "low", "high"))
    value, low, high = (
        f * (getattr(time, n) or 0.0)
        for f, n in zip(factors, ("value", "low", "high"), strict=True)
    )
    return replace(
        time,
        quantity="accelerator_hours",
        start=pair.start,
        end=pair.end,
        value=value,
        low=low,
        high=high,
        stage=time.stage or count.stage,
        labels=time.labels or count.labels,
        method="card_derived",
        note=f"{count.value:g} devices x {time.value:g} hours",
    )


def _together(made: list[Draft], source: Sentence) -> Iterator[Draft]:
    """The hours of the pairs; of one model and stage they add up or are ambiguous."""
    groups: dict[tuple[str | None, tuple[str, ...]], list[Draft]] = {}
    for draft in made:
        groups.setdefault((draft.stage, draft.labels), []).append(draft)
    for drafts in groups.values():
        first, last = drafts[0], drafts[-1]
        if len({d.value for d in drafts}) == 1:
            yield first
        elif "respectively" not in source.lower and _NEXT.search(
            source.lower[first.start - source.offset : last.end - source.offset]
        ):
            yield _sum(drafts)
        else:
            yield from (replace(d, rejected="ambiguous") for d in drafts)


def _sum(drafts: list[Draft]) -> Draft:
    value, low, high = (sum(getattr(d, n) or 0.0 for d in drafts) for n in ("value", "low", "high"))
    note = " + ".join(f"{d.value:g}" for d in drafts)
    return replace(drafts[0], end=drafts[-1].end, value=value, low=low, high=high, note=note)

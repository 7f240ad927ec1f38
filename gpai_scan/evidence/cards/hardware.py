"""Accelerators in a sentence: which model, how many, and how much memory."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from gpai_scan.evidence.cards.accelerators import (
    COUNT,
    COUNTERS,
    TIMES,
    UNIT,
    VENDOR,
    Device,
    aliases,
    chip_pattern,
    model_at,
    number,
    slice_units,
)
from gpai_scan.evidence.cards.folded import Folded
from gpai_scan.evidence.cards.layouts import boxes

# "RTX 8000 GPUs": the number is one of the name.
_NAME_BEFORE = ("rtx ", "gtx ", "quadro ", "titan ", "tesla ", "geforce ")
# Of TPUs; cheap to look for before the names of slices and cores.
_GENERATION = re.compile(r"v\d", re.IGNORECASE)
# A model that `data/accelerators.csv` does not have.
_OTHER_NAME = r"(?:RTX|GTX|Quadro|Radeon|Titan(?:[\s\-][A-Z])?|Tensor Core)"


@cache
def _patterns() -> dict[str, Folded]:
    chip = chip_pattern()
    sized = rf"(?P<chip>{chip})s?"
    return {
        "chip": Folded(chip),
        "product": Folded(
            rf"(?<![\w.])(?P<a>\d{{1,5}})\s?[x×*]\s?\(?(?P<b>\d{{1,3}})\s?[x×*]?\s?{VENDOR}{sized}"
        ),
        "count_chip": Folded(rf"{COUNT}{TIMES}{VENDOR}{sized}"),
        "chip_count": Folded(
            rf"{sized}(?:[\s\-]*\(?\d{{2,3}}\s?Gi?B?\)?)?\s?(?:{UNIT})?\s?"
            rf"(?:\(?[x×*]\s?(?P<n>\d{{1,5}})(?![\w.])|を?\s?(?P<m>\d{{1,5}})\s?(?:{COUNTERS}))"
        ),
        "count_unit": Folded(
            rf"{COUNT}{TIMES}{VENDOR}(?:(?<=\s)(?:[A-Z]+\d[\w\-]*|{_OTHER_NAME})\s){{0,2}}"
            r"(?P<unit>GPU|TPU|NPU|accelerator|(?:graphics |TPU )?(?<!flip.)chip|graphics card"
            r"|显卡|加速卡|(?<=[张張块塊])卡)s?(?![A-Za-z\-])"
            r"(?![\s\-]*(?:hour|hr|day|week|year|month|memory|node|cores?\b))"
        ),
        "single": Folded(
            rf"\b(?:a|one|single|the(?=\s[^.;,]{{0,30}}\sGPU\b))\s(?:single\s)?{VENDOR}{sized}"
            r"(?![\s\-]?(?:pod|slice|cluster|\d(?!\d{1,2}\s?Gi?B)))"
        ),
        "of_node": Folded(
            rf"(?<![\w.])(?P<n>\d{{1,3}})-(?:GPU\s)?{sized}\s?(?:GPU\s)?(?=node|server|machine|instance)"
        ),
        "one_unit": Folded(
            r"\b(?:on|using|with)\s(?:an?|one|a single|only one|single)\s(?:[\w\-]+\s){0,4}?"
            r"(?:GPU|TPU)\b(?![\s\-]*(?:cluster|node|server|hour|memory|pod|machine|instance"
            r"|slice))"
        ),
        "slice": Folded(
            r"(?:(?<![\w.\-])(?P<times>\d{1,2})\s?[x×]?\s)?"
            r"(?:(?:\bTPU[\s\-]?)?\bv(?P<gen>2|3|4|5p|5e|5litepod|6e)-(?P<n>8|16|32|64|128|256"
            r"|512|1024|2048|4096)\b"
            r"|\bTPU[\s\-]?v(?P<gen2>2|3|4|5p|5e|6e)-(?P<n2>\d{1,5})\b"
            r"|(?<![\w\-])v(?P<gen3>5p|5e|5litepod|6e)-(?P<n3>\d{2,5})\b)"
        ),
        # "a 512-core TPU v3", "a TPU v3 with 8 cores"
        "cores": Folded(
            rf"(?P<n>\d{{1,5}})[\s\-]cores?[\s\-](?:Google |Cloud )*(?P<chip>{chip})"
            rf"|(?P<chip2>{chip})(?:\s(?:pod|slice|board|cluster))?,?\s"
            r"(?:(?:which|that) has|with|of|having)\s(?P<n2>\d{1,5})\s(?:TPU |Tensor)?cores?\b"
        ),
    }


_NODES = re.compile(
    r"^s?\s?(?:GPU\s)?(?:nodes?|hours?|days?)\b|^s?[\s-](?:GPU|TPU)?[\s-]?(?:cores?"
    r"|chips?)?[\s-]?(?:hours?|days?|weeks?|years?)\b",
    re.IGNORECASE,
)
# "96 DGX-A100 (8x40G) servers", "96 A100 (40G * 8) servers"
_OF_EACH = re.compile(
    r"^s?\s?(?:GPUs?\s?)?\(\s?(?:(?P<a>\d{1,2})\s?[x×*]\s?\d{2,3}\s?GB?|\d{2,3}\s?GB?\s?[x×*]"
    r"\s?(?P<b>\d{1,2}))\s?\)\s(?:GPU )?(?:servers?|nodes?|machines?)",
    re.IGNORECASE,
)
_CORES = re.compile(r"^s?\s?cores?\b", re.IGNORECASE)


def _digits(match: re.Match[str]) -> str:
    """The number of a match, whichever of its places it stands in."""
    found = match.groupdict()
    return found["n"] or found["m"] or ""


def chips(text: str) -> list[Device]:
    """Every accelerator model named in a text."""
    found = []
    for match in _patterns()["chip"].finditer(text):
        model, memory, end = model_at(text, match.start(), match.end())
        found.append(Device(match.start(), end, model, memory=memory))
    return found


def _slice(match: re.Match[str]) -> Device:
    """A TPU slice, or several: its name counts cores of some generations, chips of others."""
    generation = (match["gen"] or match["gen2"] or match["gen3"]).lower()
    size = float(match["n"] or match["n2"] or match["n3"])
    model = aliases().get("tpu v" + generation.replace("litepod", "e"))
    units = slice_units().get(model or "", 1.0)
    note = f"slice v{generation}-{size:.0f} counts {'cores, two a chip' if units > 1 else 'chips'}"
    return Device(*match.span(), model, float(match["times"] or 1) * size / units, note=note)


def _cored(match: re.Match[str]) -> Device | None:
    """TPUs whose cores are counted; the cores of other chips are another thing."""
    span = match.span("chip") if match["chip"] else match.span("chip2")
    model, memory, _ = model_at(match.string, *span)
    if model is None or not model.startswith("TPU"):
        return None
    cores = float(match["n"] or match["n2"])
    units = slice_units().get(model, 1.0)
    note = "cores, two a chip" if units > 1 else None
    return Device(*match.span(), model, cores / units, memory, note=note)


def devices(text: str) -> list[Device]:
    """Counted accelerators in a text, the most specific reading of each place."""
    patterns, found = _patterns(), list(boxes(text))
    if _GENERATION.search(text):
        found += [_slice(match) for match in patterns["slice"].finditer(text)]
        cored = map(_cored, patterns["cores"].finditer(text)) if "core" in text.lower() else ()
        found += [device for device in cored if device is not None]
    for match in patterns["product"].finditer(text):
        model, memory, end = model_at(text, *match.span("chip"))
        a, b = number(match["a"]), number(match["b"])
        found.append(Device(match.start(), end, model, a * b, memory, note=f"{a:g} x {b:g}"))
    for kind in ("of_node", "count_chip", "chip_count", "single"):
        for match in patterns[kind].finditer(text):
            model, memory, end = model_at(text, *match.span("chip"))
            count = 1.0 if kind == "single" else number(_digits(match))
            after = text[max(end, match.end()) : end + 24]
            note = None
            if kind != "of_node" and _NODES.match(after):
                continue
            if each := _OF_EACH.match(text[match.end() : match.end() + 40]):
                per = float(each["a"] or each["b"])
                count, note = count * per, f"{count:g} machines x {per:g}"
            if _CORES.match(after) and model is not None and model.startswith("TPU"):
                count, note = count / 2, "cores, two a chip"
            found.append(
                Device(match.start(), max(end, match.end()), model, count, memory, note=note)
            )
    named = [m.span() for m in patterns["chip"].finditer(text)]
    for match in patterns["count_unit"].finditer(text):
        named_so = text[: match.start()].lower().endswith(_NAME_BEFORE)
        if not named_so and not any(a < match.end() and match.start() < b for a, b in named):
            found.append(Device(*match.span(), None, number(match["n"])))
    for match in patterns["one_unit"].finditer(text):
        found.append(Device(*match.span(), None, 1.0))
    kept: list[Device] = []
    for device in found:
        if not any(device.start < k.end and k.start < device.end for k in kept):
            kept.append(device)
    return _chips_of(sorted(kept, key=lambda d: d.start), text)


_INSIDE = re.compile(r"^s?\s?(?:\w+\s){0,4}\(\s?$")


def _chips_of(found: list[Device], text: str) -> list[Device]:
    """Without the boards whose chips are counted behind them: "16 Cloud TPUs (64 TPU chips)"."""
    boards = {
        first.start
        for first, second in pairwise(found)
        if (first.count or 0) < (second.count or 0)
        and _INSIDE.match(text[first.end : second.start])
        and "chip" in text[second.start : second.end + 8].lower()
    }
    return [device for device in found if device.start not in boards]

"""Accelerators in a sentence: which model, how many, how much memory, on how many nodes."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from gpai_scan import assets
from gpai_scan.evidence.cards.folded import Folded


@dataclass(frozen=True, slots=True)
class Device:
    """A mention of accelerators in a plain text; what is not said is None.

    `model` is the name in `data/accelerators.csv`, `memory` in bytes.
    """

    start: int
    end: int
    model: str | None = None
    count: float | None = None
    memory: float | None = None
    nodes: float | None = None
    per_node: float | None = None
    note: str | None = None


@cache
def aliases() -> dict[str, str]:
    """Every alias of `data/accelerators.csv`, lower case with single spaces -> its name."""
    found: dict[str, str] = {}
    with (assets.folder("data") / "accelerators.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for alias in (row["accelerator"], *row["aliases"].split(";")):
                key = _key(alias)
                if len(key) >= 3 and not key.isdigit() and not key.endswith("."):
                    found.setdefault(key, row["accelerator"])
                if key.startswith("tpu v"):
                    found.setdefault(f"tensor processing unit {key[4:]}", row["accelerator"])
            for alias in filter(None, row["aliases_weak"].split(";")):
                if alias.isdigit():  # "3090" counts with a vendor in front or "GPU" behind
                    for form in (f"nvidia {alias}", f"geforce {alias}", f"{alias} gpu"):
                        found.setdefault(form, row["accelerator"])
    return found


@cache
def _slice_units() -> dict[str, float]:
    """What the number in the name of a TPU slice counts: units a chip, by the generation's name."""
    with (assets.folder("data") / "accelerators.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["accelerator"]: float(row["slice_units"])
            for row in csv.DictReader(file)
            if row["slice_units"]
        }


def _key(alias: str) -> str:
    return re.sub(r"[\s\-_()]+", " ", alias.strip().lower()).strip()


@cache
def chip_pattern() -> str:
    """A regular expression for any alias, in whatever way its words are joined."""
    words = sorted(aliases(), key=len, reverse=True)
    forms = "|".join(re.escape(w).replace(r"\ ", r"[\s\-_]?") for w in words)
    begin = r"(?:(?<=\dx)|(?<=\d\*)|(?<=Cloud)|(?<=Tesla)|(?<![A-Za-z0-9]))"
    return rf"{begin}(?:{forms})(?=(?:s|GPUs?)?(?![A-Za-z0-9]))"


_VENDOR = (
    r"(?:(?:NVIDIA|AMD|Google|Cloud|Intel|Habana|Huawei|AWS|Volta|Ampere|Hopper|Blackwell|Pascal|Tesla|GeForce|Instinct|Ascend|Quadro"
    r"|HGX|DGX|GPUs?|high-end|dedicated|interconnected|parallel|older|new|cloud|SXM\d?|PCIe"
    r"|\(?\d{2,3}[\s-]?Gi?B?\)?(?: RAM| VRAM| memory)?)[\s\-]*){0,4}"
)
_COUNT_WORDS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "sixteen": 16,
}  # fmt: skip
_COUNT = (
    r"(?<![A-Za-z0-9_.,\-/])(?P<n>\d{1,3}(?:,\d{3})+|\d{1,6}|(?:"
    + "|".join(_COUNT_WORDS)
    + r")(?![a-z]))(?![\d,.%]\d)"
)
_COUNTERS = "枚|基|台|张|張|块|塊|卡|個|个|片|颗|개|장|대"
_TIMES = r"\s?(?:[x×*]|adet|个|個|块|塊|张|張|枚|基|台|片|颗|つの|개의|장의)?\s?(?:[的の]\s?)?"


# "RTX 8000 GPUs": the number is one of the name.
_NAME_BEFORE = ("rtx ", "gtx ", "quadro ", "titan ", "tesla ", "geforce ")
# Of TPUs; cheap to look for before the names of slices and cores.
_GENERATION = re.compile(r"v\d", re.IGNORECASE)
# A model that `data/accelerators.csv` does not have.
_OTHER_NAME = r"(?:RTX|GTX|Quadro|Radeon|Titan(?:[\s\-][A-Z])?|Tensor Core)"


@cache
def _patterns() -> dict[str, Folded]:
    chip = chip_pattern()
    unit = r"(?:GPU|TPU|NPU|accelerator|chip|device|card|显卡|顯卡|加速卡)s?"
    sized = rf"(?P<chip>{chip})s?"
    return {
        "chip": Folded(chip),
        "product": Folded(
            rf"(?<![\w.])(?P<a>\d{{1,5}})\s?[x×*]\s?(?P<b>\d{{1,3}})\s?[x×*]?\s?{_VENDOR}{sized}"
        ),
        "count_chip": Folded(rf"{_COUNT}{_TIMES}{_VENDOR}{sized}"),
        "chip_count": Folded(
            rf"{sized}(?:[\s\-]*\(?\d{{2,3}}\s?Gi?B?\)?)?\s?(?:{unit})?\s?"
            rf"(?:\(?[x×*]\s?(?P<n>\d{{1,5}})(?![\w.])|を?\s?(?P<m>\d{{1,5}})\s?(?:{_COUNTERS}))"
        ),
        "count_unit": Folded(
            rf"{_COUNT}{_TIMES}{_VENDOR}(?:(?<=\s)(?:[A-Z]+\d[\w\-]*|{_OTHER_NAME})\s){{0,2}}"
            r"(?P<unit>GPU|TPU|NPU|accelerator|(?:graphics |TPU )?(?<!flip.)chip|graphics card"
            r"|显卡|加速卡)s?(?![A-Za-z\-])"
            r"(?![\s\-]*(?:hour|hr|day|week|year|month|memory|node))"
        ),
        "single": Folded(
            rf"\b(?:a|one|single)\s(?:single\s)?{_VENDOR}{sized}(?![\s\-]?(?:pod|slice|cluster|\d))"
        ),
        "of_node": Folded(
            rf"(?<![\w.])(?P<n>\d{{1,3}})-{sized}\s?(?:GPU\s)?(?=node|server|machine|instance)"
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
            r"|\bTPU[\s\-]?v(?P<gen2>2|3|4|5p|5e|6e)-(?P<n2>\d{1,5})\b)"
        ),
        # "a 512-core TPU v3", "a TPU v3 with 8 cores"
        "cores": Folded(
            rf"(?P<n>\d{{1,5}})[\s\-]cores?[\s\-](?:Google |Cloud )*(?P<chip>{chip})"
            rf"|(?P<chip2>{chip})(?:\s(?:pod|slice|board|cluster))?,?\s"
            r"(?:(?:which|that) has|with|of|having)\s(?P<n2>\d{1,5})\s(?:TPU |Tensor)?cores?\b"
        ),
        "nodes": Folded(
            rf"{_COUNT}\s?(?:(?!(?:per|each|gpus|on|of|with|for|at|\d+)\b)[\w\-]+\s){{0,4}}?(?:nodes?|instances|hosts"
            rf"|servers|n(?:œ|oe)uds|nodos|nós|nodi|knoten|узл\w+|节点|節点|ノード|노드)(?![A-Za-z])"
        ),
        "per_node": Folded(
            rf"{_COUNT}{_TIMES}{_VENDOR}(?:{chip}s?\s?(?:{_VENDOR})?)?(?:{unit})?\s?(?:\(\d+\s?G"
            rf"B\)\s?)?"
            r"(?:each\b|(?:per|/|in each|on each)\s?(?:compute |physical )?(?:node|instance|host"
            r"|server|machine)"
            r"|(?:さ)?(?:/ノード))"
        ),
        "each_node": Folded(
            r"(?:cada (?:uno|nodo|um|nó) (?:con|com|de)|chac(?:un|que n(?:œ|oe)ud) (?:de|avec)"
            r"|mit je|jeweils(?: mit)?|ciascuno con|(?:each|every|per)\s(?:compute |such )?"
            r"(?:node|instance|server|machine|host)?,?\s?"
            r"(?:of which )?(?:has|have|had|with|having|contain\w*|compris\w*|equipped with"
            r"|consist\w* of|includ\w*|:))\s?" + _COUNT
        ),
        # "512 nodes of 6xV100"; a larger number may be of all nodes together
        "nodes_of": Folded(
            r"\s(?:of|with|having|de|con|com|mit|à|di|[x×*]) "
            rf"(?P<n>16|[468]){_TIMES}{_VENDOR}{sized}"
        ),
        "memory": Folded(
            r"^s?[\s\-_(]*(?:(?:SXM\d?|PCI-?e|NVL|HBM\w*|Tensor Core|GPUs?|with|of"
            r"|memory)[\s\-_(,]*){0,3}"
            r"(?P<gb>\d{2,3})\s?-?Gi?B?(?![A-Za-z])"
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


def _number(text: str) -> float:
    word = _COUNT_WORDS.get(text.lower())
    return float(word) if word is not None else float(text.replace(",", ""))


def _model(text: str, start: int, end: int) -> tuple[str | None, float | None, int]:
    """The accelerator at a span, its stated memory in bytes, and where the mention ends."""
    known = aliases()
    key = _key(text[start:end])
    name = known.get(key) or known.get(_key(text[start:end].rstrip("s")))
    if name is None:  # joined forms: "tpuv4", "rtx3090"
        squeezed = key.replace(" ", "")
        name = next((v for k, v in known.items() if k.replace(" ", "") == squeezed), None)
    memory = _patterns()["memory"].match(text[end : end + 40])
    if memory is None:
        inside = re.search(r"(\d{2,3})\s?gb?$", key)
        return name, float(inside[1]) * 1e9 if inside else None, end
    gigabytes = memory["gb"]
    name = known.get(f"{key} {gigabytes}gb", name)
    return name, float(gigabytes) * 1e9, end + memory.end()


def chips(text: str) -> list[Device]:
    """Every accelerator model named in a text."""
    found = []
    for match in _patterns()["chip"].finditer(text):
        model, memory, end = _model(text, match.start(), match.end())
        found.append(Device(match.start(), end, model, memory=memory))
    return found


def _slice(match: re.Match[str]) -> Device:
    """A TPU slice, or several: its name counts cores of some generations, chips of others."""
    generation = (match["gen"] or match["gen2"]).lower()
    size = float(match["n"] or match["n2"])
    model = aliases().get("tpu v" + generation.replace("litepod", "e"))
    units = _slice_units().get(model or "", 1.0)
    note = f"slice v{generation}-{size:.0f} counts {'cores, two a chip' if units > 1 else 'chips'}"
    return Device(*match.span(), model, float(match["times"] or 1) * size / units, note=note)


def _cored(match: re.Match[str]) -> Device | None:
    """TPUs whose cores are counted; the cores of other chips are another thing."""
    span = match.span("chip") if match["chip"] else match.span("chip2")
    model, memory, _ = _model(match.string, *span)
    if model is None or not model.startswith("TPU"):
        return None
    cores = float(match["n"] or match["n2"])
    units = _slice_units().get(model, 1.0)
    note = "cores, two a chip" if units > 1 else None
    return Device(*match.span(), model, cores / units, memory, note=note)


def devices(text: str) -> list[Device]:
    """Counted accelerators in a text, the most specific reading of each place."""
    patterns, found = _patterns(), list[Device]()
    if _GENERATION.search(text):
        found += [_slice(match) for match in patterns["slice"].finditer(text)]
        cored = map(_cored, patterns["cores"].finditer(text)) if "core" in text.lower() else ()
        found += [device for device in cored if device is not None]
    for match in patterns["product"].finditer(text):
        model, memory, end = _model(text, *match.span("chip"))
        a, b = _number(match["a"]), _number(match["b"])
        found.append(Device(match.start(), end, model, a * b, memory, note=f"{a:g} x {b:g}"))
    for kind in ("of_node", "count_chip", "chip_count", "single"):
        for match in patterns[kind].finditer(text):
            model, memory, end = _model(text, *match.span("chip"))
            count = 1.0 if kind == "single" else _number(_digits(match))
            after = text[max(end, match.end()) : end + 24]
            note = None
            if kind != "of_node" and _NODES.match(after):
                continue
            if kind == "single" and "dgx" in match[0].lower():
                continue  # a machine of several
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
            found.append(Device(*match.span(), None, _number(match["n"])))
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


def layout(text: str) -> tuple[Device | None, Device | None]:
    """Nodes and accelerators of a node, where a text states them."""
    patterns = _patterns()
    node = patterns["nodes"].search(text)
    per = patterns["per_node"].search(text) or patterns["each_node"].search(text)
    if per is not None and node is None and per[0].endswith("each"):
        per = None  # "two weeks on 4 GPUs each": of each model
    per = per or (patterns["nodes_of"].match(text, node.end()) if node else None)
    nodes = Device(*node.span(), nodes=_number(node["n"])) if node else None
    per_node = Device(*per.span(), per_node=_number(per["n"])) if per else None
    return nodes, per_node

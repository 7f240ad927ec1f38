"""Machines that hold several accelerators: nodes with so many each, and boxes of a known make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from gpai_scan.evidence.cards.accelerators import (
    COUNT,
    TIMES,
    UNIT,
    VENDOR,
    Device,
    chip_pattern,
    cloud_machines,
    model_at,
    number,
)
from gpai_scan.evidence.cards.folded import Folded

_MACHINE: Final = (
    r"(?:nodes?|servers?|box(?:es)?|machines?|instances?|systems?|服务器|伺服器|サーバー?|ノード)"
)
# Makers' data sheets: a DGX or HGX of one chip generation holds eight, a DGX-2 sixteen.
_HELD: Final = 8.0
_HELD_BY_DGX2: Final = 16.0


@cache
def _patterns() -> dict[str, Folded]:
    chip = chip_pattern()
    sized = rf"(?P<chip>{chip})s?"
    return {
        # "32 DGX A100 servers", "a DGX-2"; of an HGX a word must say that it is the machine
        "box": Folded(
            rf"(?:{COUNT}\s?[x×*台]?\s?|\b(?:an?|one|single)\s)(?:single\s)?"
            r"(?:(?:сервер\w*|узл\w*|serveurs?|servidor(?:es)?|server[in]?|nodes|nœuds)\s)?(?:NVIDIA[\s\-])?"
            rf"(?:(?P<maker>[dh]gx)[\s\-]?{sized}(?:[\s\-]\(?\d{{2,3}}\s?GB\)?)?"
            rf"|DGX-?(?P<old>[12])(?!\d))"
            rf"(?:\s?(?P<what>{_MACHINE}))?(?![a-z\d])(?!\s?(?:{UNIT}|SXM|PCI|Tensor|\(\d))"
        ),
        # "16 p4d.24xlarge instances", "a Standard_ND96asr_v4"
        "cloud": Folded(
            rf"(?:{COUNT}\s?[x×*]?\s?|\b(?P<one>an?|one|single)\s)?"
            r"(?:AWS |Amazon |EC2 |Azure |GCP )*(?:Standard_|ml\.)?"
            rf"(?P<machine>{'|'.join(map(re.escape, cloud_machines()))})(?![\w\-])"
        ),
        # "16 8xH100 nodes", "two 8-GPU servers"
        "of_nodes": Folded(
            rf"{COUNT}(?:\s|\s?[台个個]\s?)(?P<per>\d{{1,2}})\s?[x×\-卡]\s?{VENDOR}(?:{sized}(?:\s{UNIT})?|{UNIT})"
            rf"(?:\s\(?\d{{2,3}}\s?GB\)?)?\s?{_MACHINE}(?![a-z])"
        ),
        # "H100 8枚搭載のノード4台"
        "nodes_last": Folded(
            rf"{sized}\s?を?\s?(?P<per>\d{{1,2}})\s?[枚基台個]を?搭載(?:した|の)?\w{{0,4}}?{_MACHINE}"
            r"\s?を?\s?(?P<n>\d{1,4})\s?[台基個]"
        ),
        "nodes": Folded(
            rf"{COUNT}\s?(?:[x×]\s)?(?:(?!(?:per|each|gpus|on|of|with|for|at|\d+)\b)[\w\-]+(?:\.\w+)?\s){{0,4}}?(?:nodes?|instances|hosts|vms"
            rf"|servers?|serveurs|servidores|servern|服务器|伺服器|サーバー?|n(?:œ|oe)uds|nodos|nós|nodi|knoten|узл\w+|节点|節点|ノード|노드)(?![A-Za-z])"
        ),
        "per_node": Folded(
            rf"{COUNT}{TIMES}{VENDOR}(?:{chip}s?\s?(?:{VENDOR})?)?(?:{UNIT})?\s?(?:\(\d+\s?G"
            rf"B\)\s?)?"
            r"(?:each\b|(?:per|/|in each|on each|an?)\s?(?:compute |physical )?"
            r"(?:node|instance|host|server|machine)"
            r"|(?:さ)?(?:/ノード)|cada (?:un[oa]|um|nodo)\b|chacun|jeweils\b|ciascuno\b)"
        ),
        "each_node": Folded(
            r"(?:每(?:台|个|個|节点|節點)(?:机器|服务器|节点)?(?:有|配备|配有|包含|搭载)?|各ノードに?"
            r"|cada (?:uno|nodo|um|nó) (?:con|com|de)|chac(?:un|que n(?:œ|oe)ud) (?:de|avec)"
            r"|mit je|jeweils(?: mit)?|ciascuno con|(?:each|every|per)\s(?:compute |such )?"
            r"(?:node|instance|server|machine|host)?,?\s?"
            r"(?:of which )?(?:has|have|had|with|having|contain\w*|compris\w*|equipped with"
            r"|consist\w* of|includ\w*|holds?|hosts?|carr(?:y|ies)|features?|provides?|comes with"
            r"|fitted with|packs|:))\s?" + COUNT
        ),
        # "512 nodes of 6xV100"; a larger number may be of all nodes together
        "nodes_of": Folded(
            r"\s(?:of|with|having|de|con|com|mit|à|di|[x×*]) "
            rf"(?P<n>16|[468]){TIMES}{VENDOR}{sized}"
        ),
    }


def layout(text: str) -> tuple[Device | None, Device | None]:
    """Nodes and accelerators of a node, where a text states them."""
    patterns = _patterns()
    node = patterns["nodes"].search(text)
    cloud = next(_clouds(text), None)
    if cloud is not None and not cloud["n"] and not cloud["one"]:
        per_cloud = Device(*cloud.span(), per_node=cloud_machines()[cloud["machine"].lower()][1])
        return (Device(*node.span(), nodes=number(node["n"])) if node else None), per_cloud
    per = patterns["per_node"].search(text) or patterns["each_node"].search(text)
    if per is not None and node is None and per[0].endswith("each"):
        per = None  # "two weeks on 4 GPUs each": of each model
    per = per or (patterns["nodes_of"].match(text, node.end()) if node else None)
    nodes = Device(*node.span(), nodes=number(node["n"])) if node else None
    per_node = Device(*per.span(), per_node=number(per["n"])) if per else None
    return nodes, per_node


_CLOUD_WORDS: Final = ("xlarge", "gpu-", "nd96", "nd40")


def _clouds(text: str) -> Iterator[re.Match[str]]:
    """The machine types of clouds that a text names."""
    lower = text.lower()
    if any(word in lower for word in _CLOUD_WORDS):
        yield from _patterns()["cloud"].finditer(text)


def boxes(text: str) -> Iterator[Device]:
    """The accelerators of machines whose number and make, or number and size, a text states."""
    patterns = _patterns()
    found = [*patterns["of_nodes"].finditer(text), *patterns["nodes_last"].finditer(text)]
    for match in found:
        model, memory = _of(match, text)
        machines, each = number(match["n"]), number(match["per"])
        note = f"{machines:g} machines x {each:g}"
        yield Device(*match.span(), model, machines * each, memory, note=note, boxed=True)
    for match in _clouds(text):
        model, held = cloud_machines()[match["machine"].lower()]
        if match["n"] or match["one"]:
            machines = number(match["n"]) if match["n"] else 1.0
            note = f"{machines:g} {match['machine'].lower()} x {held:g}"
            yield Device(*match.span(), model, machines * held, note=note, boxed=True)
    for match in patterns["box"].finditer(text):
        if match["maker"] and match["maker"].lower() == "hgx" and not match["what"]:
            continue
        model, memory = _of(match, text)
        each = _HELD_BY_DGX2 if match["old"] == "2" else _HELD
        machines = number(match["n"]) if match["n"] else 1.0
        note = f"{machines:g} machines x {each:g}"
        yield Device(*match.span(), model or _OLD, machines * each, memory, note=note, boxed=True)


_OLD: Final = "V100 SXM2"


def _of(match: re.Match[str], text: str) -> tuple[str | None, float | None]:
    if not match["chip"]:
        return None, None
    model, memory, _ = model_at(text, *match.span("chip"))
    return model, memory

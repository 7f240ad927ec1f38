"""Claims about hardware in a sentence: model, count, nodes, memory and precision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.accelerators import Device
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.folded import Folded
from gpai_scan.evidence.cards.hardware import chips, devices
from gpai_scan.evidence.cards.labels import Label, find_labels, owners
from gpai_scan.evidence.cards.layouts import layout
from gpai_scan.evidence.cards.prose import aside
from gpai_scan.evidence.cards.units import Sentence

_HINT = Folded(
    r"(?<![a-z])[gtn]pu|cloudtpu|tensor processing|\d (?:tpu )?chips|accelerator"
    r"|(?<![a-z\d])(?:\d{1,4}x)?(?:[ahvlbpkt]\d{1,4}[a-z]{0,3}"
    r"|mi\d{2,3}x?|gb?h?\d00)s?(?![a-z\d])|gaudi|[dh]gx|ascend|昇腾|trainium|inferentia|rtx|quadro|geforce"
    r"|tesla|titan|hopper|graphcore|cerebras|nodes|instances|\dxlarge|gpu-\d|(?<![a-z])nd\d\d|显卡|ノード|v[2-6][ep]?-\d"
)
_UNUSED = re.compile(r"\b(?:in reserve|reserved?|spare|additional)\b")
_ANAPHORA = re.compile(
    r"^\W*(?:each|every|these|this|it|they|we|in total|the (?:nodes?|gpus|cluster|job|run)"
    r"|with \d|\d[\d,]* ?[x×]? ?(?:nvidia |amd )?(?:[gt]pu|[ahv]\d00|mi\d{3}|chip)s?"
    r"|se (?:usaron|utilizaron)|on a utilisé|nous avons utilisé|es wurden"
    r"|wir (?:haben|nutzten|verwendeten)|foram (?:usad|utilizad)[oa]s|sono stat[ei])\b"
)
_OURS = re.compile(r"\W*we (?:have )?used?\b")
_DURATION = re.compile(
    r"(?:\d|\b(?:a|one|two|three|four|five|six|seven|eight|nine|ten|twelve))\s(?:full )?"
    r"(?:hours?|days?|weeks?|months?)\b(?! (?:old|ago|of))"
    r"|\d\s(?:heures|horas|stunden|ore|jours|d[ií]as|tagen?|giorni|semaines|semanas|wochen)\b"
    r"|\d\s?(?:時間|日間|週間|小时|天|시간|일간|주간)"
)
_FACILITY = re.compile(
    r"\b(?:partition|super ?computer|cluster|data ?cent(?:er|re)"
    r"|system)\b[^.;|]{0,60}\b(?:composed of|consists? of|compris\w+|has|contains?|equipped"
    r"|features?)\b[^.;|]{0,60}$"
)
_YOU = re.compile(
    r"\b(?:you can|you could|you may|if you|could|would|can be|can train|should|e\.g\.?"
    r"|for example|example|another|whereas"
    r"|et al|which they say|they say|according to|as reported|reportedly|previous work"
    r"|compared (?:to|with)"
    r"|(?<!more )(?<!less )than"
    r"|(?:para|pour|per|zum) (?:ejecutar|entrenar|executar|treinar|exécuter|entraîner|lancer"
    r"|eseguire|addestrare|ausführen|trainieren)|puedes?|podr[íi]a\w*|necesitas|vous pouvez"
    r"|você pode|können sie|можно|можете|достаточно)\b[^.;|]{0,120}$"
)
_NODE_EXAMPLE = re.compile(r"nproc|--|launch|script|example|\bon (?:1|one|a single) node\b|config")


def _reason(source: Sentence, start: int, trained: bool) -> str | None:
    """Why a machine of a sentence is not the one the model was trained on; None where it may be."""
    left = source.lower[max(0, start - 160) : start]
    window = source.lower[max(0, start - 160) : start + 160]
    if _UNUSED.search(source.lower[max(0, start - 30) : start + 80]) and "reserve" in window:
        return "reserve"
    if _FACILITY.search(left):
        return "facility"
    if _YOU.search(rules.clause(left)):
        return "hypothetical"
    heading = rules.HARDWARE_REJECT.search(source.heading)
    if rules.HARDWARE_REJECT.search(window):
        direct = re.search(
            r"\b(?:pre-?|post-?)?train(?:ed|ing|s)?\b|fine-?tuned\b|训练|訓練|学習|학습|обуч",
            window,
        )
        if not direct or re.search(
            r"\binfer|deploy|serv(?:e|ing)\b|vram|memory usage|profil", window
        ):
            return "inference_hardware"
    if heading and not re.search(r"train", source.heading):
        return "inference_hardware"
    return None if trained else "no_training_context"


def read_hardware(source: Sentence) -> Iterator[Draft]:
    """Hardware of a sentence, with the reason where it is not training hardware."""
    if not _HINT.search(source.text):
        return
    labelled = bool(
        rules.HARDWARE_LABEL.search(source.lower) or rules.HARDWARE_LABEL.search(source.key + ":")
    )
    found = devices(source.text)
    nodes, per_node = layout(source.text)
    named = chips(source.text)
    carried = rules.TRAIN_CUE.search(source.previous) and _ANAPHORA.match(source.lower)
    cue = (
        carried
        or rules.TRAIN_CUE.search(source.lower)
        or re.search(r"train|hardware|infrastructure|compute", source.heading)
        or _OURS.match(source.lower)
        or re.search(
            r"\b(?:(?:developed|conducted|carried out) (?:on|using|with)|experiments"
            r"|sft|dpo|ppo|grpo|rlhf)\b",
            source.lower,
        )
        or _DURATION.search(source.lower)
    )
    trained = (
        labelled
        or cue is not None
        or bool(re.search(r"学習|训练|完成|\btrening|\beğit", source.lower))
    )
    why_not = aside(source)
    labels = find_labels(source.text) if found or named or nodes else []
    counted = [(d.start, d.end) for d in found if d.count is not None]
    for draft in _claims(found, named, nodes, per_node):
        reason = _reason(source, draft.start, trained)
        if reason == "no_training_context" and not found:
            continue
        left, right = source.lower[: draft.start][-160:], source.lower[draft.end :][:100]
        yield replace(
            draft,
            start=draft.start + source.offset,
            end=draft.end + source.offset,
            rejected=draft.rejected or reason or why_not,
            stage=rules.stage(left, right, source.heading),
            labels=_owners(draft, source.text, labels, counted),
        )


def _owners(
    draft: Draft, text: str, labels: list[Label], counted: list[tuple[int, int]]
) -> tuple[str, ...]:
    """The models whose devices a draft is of; `counted` are the spans of all that are counted."""
    within = [span for span in counted if span[0] <= draft.start and draft.end <= span[1]]
    own = within[0] if within else (draft.start, draft.end)
    return owners(*own, text, labels, counted if within else [own])


def _claims(
    found: list[Device], named: list[Device], nodes: Device | None, per: Device | None
) -> Iterator[Draft]:
    for device in found:
        if device.count is None or device.count < 1:
            continue
        inside = per is not None and per.start <= device.end and device.start <= per.end
        told = device.boxed and per is not None and nodes is not None
        if not inside and not told:
            yield Draft(
                "accelerator_count",
                device.start,
                device.end,
                device.count,
                device.count,
                device.count,
                note=device.note,
            )
        if device.model is not None:
            yield Draft("accelerator_model", device.start, device.end, text=device.model)
        if device.memory is not None:
            yield Draft(
                "accelerator_memory",
                device.start,
                device.end,
                device.memory,
                device.memory,
                device.memory,
            )
    for device in named:
        if device.model is not None and not any(
            d.start <= device.start < d.end and d.model for d in found
        ):
            yield Draft("accelerator_model", device.start, device.end, text=device.model)
    if nodes is not None and nodes.nodes is not None:
        yield Draft(
            "accelerator_nodes", nodes.start, nodes.end, nodes.nodes, nodes.nodes, nodes.nodes
        )
    if per is not None and per.per_node is not None:
        yield Draft(
            "accelerators_per_node", per.start, per.end, per.per_node, per.per_node, per.per_node
        )
    if nodes is not None and per is not None and nodes.nodes and per.per_node:
        count = nodes.nodes * per.per_node
        note = f"{nodes.nodes:g} nodes x {per.per_node:g} accelerators"
        if not any(d.count == count for d in found):
            yield Draft(
                "accelerator_count",
                nodes.start,
                nodes.end,
                count,
                count,
                count,
                note=note,
                method="card_derived",
            )


_PRECISION = Folded(
    r"\b(?P<p>bf16|bfloat16|fp16|float16|fp8|float8|fp32|float32|tf32|mxfp4|nvfp4|fp4"
    r"|e4m3)\b(?:[- ](?P<mixed>mixed))?"
)
_CANONICAL = {
    "bfloat16": "bf16",
    "float16": "fp16",
    "float8": "fp8",
    "e4m3": "fp8",
    "float32": "fp32",
}


def read_precision(source: Sentence) -> Iterator[Draft]:
    """The number format of training, where a sentence about training names one."""
    for match in _PRECISION.finditer(source.text):
        window = source.lower[max(0, match.start() - 80) : match.end() + 50]
        if (
            re.search(r"precision|mixed|train", window)
            and re.search(rules.TRAIN, window)
            and not rules.HARDWARE_REJECT.search(window)
        ):
            name = match["p"].lower()
            yield Draft(
                "precision",
                match.start() + source.offset,
                match.end() + source.offset,
                text=_CANONICAL.get(name, name),
            )

"""Signs of how a model was made that stand apart from its base.

Where a card names a base and says elsewhere that its model was tuned, merged or quantized, the
two belong together. A sign counts only beside a base, and where no sentence tells both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gpai_scan.evidence.cards.folded import Gate
from gpai_scan.evidence.stated import derivations, surroundings
from gpai_scan.evidence.stated.statement import Statement
from gpai_scan.evidence.stated.words import folded, rx

_TRAINED: Final = (
    (
        folded(
            r"""\b(?:continual\w*|continued?|continuous\w*|further|incremental\w*|second-stage)[\s-](?:pre-?\s?)train(?:ing|ed)\b|\bfurther\strained\b
            |\b(?:domain|language)[\s-]adaptive\s(?:pre-?\s?)train(?:ing|ed)\b|\bmid-?training\b
            |继续预?训练|增量(?:预)?训练|二次预训练|継続(?:的な)?事前学習|追加事前学習|지속\s?(?:사전)?\s?학습
            |\b(?:fortgesetzt\w*|weiteres)\s(?:vor|pre-?)training\b|\bpr[eé]-?(?:entrenamiento|entraînement|treinamento|addestramento)\scontin\w+"""
        ),
        "continued_pretraining",
    ),
    (
        folded(
            r"""\b(?:merge|merged|merging)\s(?:method|technique|recipe|was|is|of|between)\b|\b(?:this|the|my|our)\s(?:[\w-]+\s){0,2}?merge\b
            |\bmergekit\b|\bfrankenmerge\b|\b(?:slerp|dare|ties)[\s_-]merg\w+"""
        ),
        "merge",
    ),
    (
        folded(
            r"""\b(?:lora|qlora|peft|dora)\s(?:adapt[eo]rs?|weights|checkpoint)\b|\badapt[eo]r\s(?:weights|checkpoint|only)\b
            |\b(?:this|these)\s(?:is|are)\s(?:an?\s|the\s)?(?:[\w-]+\s){0,3}?(?:lora|adapt[eo]rs?)\b|LoRA[\s-](?:адаптер|适配|アダプタ|어댑터)"""
        ),
        "adapter",
    ),
    (
        folded(
            r"""\b(?:parameters|weights|layers|experts|heads|model)\s(?:were\s|was\s|have\sbeen\s|has\sbeen\s)?(?:\w+\s)?pruned\b
            |\b(?:after|by|with|via|through|structured|depth|width|one-shot|layer)\spruning\b|\bpruned\s(?:to|in|by|with|using|down)\b"""
        ),
        "pruned",
    ),
    (
        folded(
            r"""\b(?:weights|activations|layers|model|checkpoint)\s(?:(?:and\s\w+\s)?(?:were|was|are|is|have\sbeen|has\sbeen)\s)?(?:\w+ly\s)?quanti[sz]ed\b
            |\bquanti[sz]ed\s(?:to|with|using|in|by|into|down)\b|\bpacked\s(?:to|into|in)?\s?int[248]\b|\bweight\squanti[sz]ation\s?:
            |\bcompressed\sto\s(?:int|fp|nf)\d|\b(?:for|by|with|via)\s(?:\w+\s)?quanti[sz]ation\b"""
        ),
        "quantized",
    ),
    (
        folded(
            r"""\b(?:was|were|is|are|been|and|then|subsequently|further|it|model|version|supervised)\s(?:\w+ly\s|then\s|further\s|also\s|subsequently\s|first\s)?
            (?:fine-?\s?tun(?:ed|ning|ing)|finetun(?:ed|ing)|instruction-?\s?tuned|instruct-tuned|post-?\s?trained)\b
            |\b(?:sft|dpo|orpo|kto|grpo|rlhf|rlvr|ppo|reinforcement\slearning)\b|\binstruction[\s-](?:tun|follow|fine)\w*
            |\bfine-?\s?tun(?:ed|ing)\s(?:on|data\w*|phase|stage|process|procedure|details|with|using|for|was|is|hyper\w*)\b|\bfull\s(?:fine-?\s?tune|finetune)\b|^\W*(?:supervised\s)?(?:fine-?\s?tuning|finetuning)\W*$
            |\b(?:preference|contrastive)\s(?:\w+\s)?(?:tuning|optimi[sz]ation|loss|training|learning)\b|\b(?:instruct|chat|conversational|assistant)\s(?:model|version|variant)\b
            |微调|微調|指令|ファインチューニング|指示学習|チューニング|파인\s?튜닝|미세\s?조정|дообуч|\bfeinabgestimmt|\bfeinjust|\binstructions?\b.{0,40}?\btrained\b
            |\btrained\s(?:\w+\s){0,3}?(?:on|with)\s(?:[\w,.-]+\s){0,6}?(?:instruct\w*|conversations?|dialogu?e?s?|chats?|pairs|preferences|prompts?|trajectories|traces|labels)\b"""
        ),
        "finetune",
    ),
)
"""What is said of the card's own model, and the kind it is a sign of."""
GATE: Final = Gate([pattern for pattern, _ in _TRAINED])
_NOT_OWN: Final = folded(
    r"""\b(?:can|could|may|might|should|how\sto|you|your|available|downloads?|versions\s(?:are|of)|script|notebook|tutorial|example|future
    |plan|will|would|if|compared|outperform\w*|better|than|unlike|baselines?|evaluat\w+|suitable|intended|need(?:s|ed)?|requires?|not|without|no|other
    |recommend\w*|thanks?|we\salso)\b|可以|如果|例如|支持"""
)
_ELSEWHERE: Final = rx(
    r"\b(?:uses?|usage|intended|limitations?|evaluation|results?|benchmarks?|how\sto|quick\s?start|getting"
    r"|inference|bias|risks?|related|citation|acknowledg\w+|license|download|other|demo|example)\b"
)
"""Headings over what is not about how the model was made."""
_TAG: Final = re.compile(r"(?m)^[ \t]*-[ \t]+[\"']?(?P<tag>[\w:.-]{2,60})")
_TAGS: Final = (
    (
        rx(
            r"""base_model:quantized:|gguf|ggml|gptq|awq|exl[23]|quanti[sz]\w*|[2-8]-?bit|int[248]
            |fp8|nvfp4|mxfp4"""
        ),
        "quantized",
    ),
    (rx(r"base_model:merge:|merge|mergekit|lazymergekit|frankenmerge|slerp"), "merge"),
    (rx(r"base_model:adapter:|q?lora|peft|adapter|dora"), "adapter"),
    (
        rx(
            r"""base_model:finetune:|generated_from_trainer|trl|sft|dpo|orpo|kto|grpo|ppo|rlhf
            |axolotl|autotrain|setfit|fine-?tun\w*|instruct(?:ion)?(?:-\w+)?|alignment-handbook|chat"""
        ),
        "finetune",
    ),
)
"""Tags of a front matter."""
_BASES: Final = re.compile(r"(?m)^base_model:(?P<value>[^\n]*(?:\n[ \t]*-[^\n]*)*)")
_ID: Final = re.compile(r"[\w.-]+/[\w.-]+|(?<=[ \"'])[A-Za-z][\w.-]{2,}")
_MARKS: Final = (
    (
        rx(
            r"""gguf|ggml|gptq|awq|exl[23]|mlx|nf4|bnb|[2-8]bits?|int[248]|fp[48]|nvfp4|mxfp4|q[2-8]
            |w[2-8]a(?:4|8|16)|quanti[sz]ed|\d(?:\.\d+)?bpw|ov|onnx|autoround"""
        ),
        "quantized",
    ),
    (rx(r"q?lora|adapter|lokr|dora"), "adapter"),
    (rx(r"pruned\d*|sparse|sparsity"), "pruned"),
    (rx(r"merged?|slerp|ties|frankenmerge"), "merge"),
    (rx(r"distil(?:l|led|lation)?|student"), "distilled"),
    (
        rx(
            r"""instruct(?:ion)?|chat|it|sft|dpo|orpo|kto|grpo|ppo|rlhf|rl|tuned|ft|finetuned?
            |assistant|aligned|nli|ner|qa|squad"""
        ),
        "finetune",
    ),
)
"""Words of a repository's name that its base's name has not."""


def read(sentence: str, heading: str, before: str, words: Sequence[str]) -> Iterator[Statement]:
    """Signs in a sentence under a heading and after another one.

    `words` are those it holds of the words that `gate` looks for. What a sentence says of a named
    model is no sign for the card's own.
    """
    lower = sentence.lower()
    for place in GATE.open(words):
        pattern, relation = _TRAINED[place]
        match = next(pattern.every(sentence, lower), None)
        if match is None:
            continue
        other = any(s.quantity == "relation" for s in derivations.read(sentence, before, words))
        if not (
            other
            or _ELSEWHERE.search(heading)
            or _NOT_OWN.search(sentence)
            or surroundings.CONTRARY.search(sentence)
        ):
            yield Statement("relation", relation, *match.span())
        return


def bases(front: str) -> list[tuple[str, tuple[int, int]]]:
    """The bases that a front matter names, with their places."""
    block = _BASES.search(front)
    if block is None:
        return []
    return [(m[0], m.span()) for m in _ID.finditer(front, *block.span("value"))]


def of_tags(front: str) -> Statement | None:
    """The kind of derivation that tags of a front matter tell."""
    found = list(_TAG.finditer(front))
    for pattern, relation in _TAGS:
        for tag in found:
            whole = tag["tag"].startswith("base_model:")
            if pattern.match(tag["tag"]) if whole else pattern.fullmatch(tag["tag"]):
                return Statement("relation", relation, *tag.span("tag"), note="a tag of the card")
    return None


def of_name(name: str, bases: Iterable[str]) -> str | None:
    """The kind that a repository's name tells which the names of its bases do not."""
    theirs = {word for base in bases for word in _words(base)}
    for pattern, relation in _MARKS:
        if any(pattern.fullmatch(word) for word in _words(name) - theirs):
            return relation
    return None


def _words(name: str) -> set[str]:
    return set(re.split(r"[-_\s/]+", name.lower()))

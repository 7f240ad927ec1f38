"""What the patterns of the reader of statements are built from."""

from __future__ import annotations

import re
from typing import Final

from gpai_scan.evidence.cards.folded import Folded


def rx(pattern: str) -> re.Pattern[str]:
    """A verbose pattern without regard to case."""
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


def folded(pattern: str) -> Folded:
    """As `rx`, several times faster, for patterns of which only the place counts."""
    return Folded(pattern, verbose=True)


TUNED: Final = r"""(?:fine-?\s?tuned|finetuned|fine-turned|instruct(?:ion)?-?\s?tuned
    |post-?\s?trained|aligned|adapted|abliterated|uncensored|RL-trained|RLHF(?:-tuned)?|SFT(?:ed)?
    |DPO(?:ed)?|domain-adapted|speciali[sz]ed|LoRA-tuned|preference-tuned|chat-tuned)"""
NEXT: Final = r"""(?!(?:on|with|for|in|to|from|at|using|by|and)\b)
    (?=[\[\"]|[\w.-]{0,60}?[\d/]|\w{2,20}\s\w{0,20}?\d)"""
"""A name with a number in it, an identifier or a link comes right after."""
GAP: Final = r"(?:,?\s(?:[\w.+-]+|\([^()]{0,60}\)|&)){0,4}?"
KIND: Final = r"""(?:versions?|variants?|checkpoints?|derivatives?|editions?|adaptations?|models?
    |iterations?|releases?|extensions?|flavou?rs?)"""
QUANT: Final = r"""(?:quanti[sz](?:ed|ation|ations|ing)|quants?|gguf|ggml|awq|gptq|exl[23]
    |[2-8](?:\.\d+)?-?\s?bits?|int[2-8]|fp[48]|nvfp4|mxfp4|w[48]a(?:4|8|16)|bnb|mlx|onnx|openvino
    |ctranslate2|coreml)"""
STEP: Final = r"""(?:SFT|DPO|ORPO|KTO|SimPO|GRPO|PPO|RLHF|RLAIF|RLVR|RL|RFT|reinforcement\slearning
    |(?:supervised\s|instruction\s|preference\s|full-parameter\s|full\s|reinforcement\s)?
    (?:fine-?\s?tuning|finetuning|tuning|optimi[sz]ation)|instruction-tuning|post-training|alignment)"""
"""A step of training after pre-training."""
DATA: Final = r"""\b(?:data(?:sets?)?|corpus|corpora|traces|responses?|samples?|outputs?
    |instructions?|questions|conversations?|dialogues?|rationales?|answers?|examples?|prompts?|knowledge
    |capabilit\w+|trajectories|chains?|problems|solutions|pairs|images|captions|preferences?
    |labels?|benchmarks?|scores?)\b"""
OTHER_THING: Final = r"""\b(?:code|codebase|implementation|scripts?|repo|repository|tokeni[sz]er
    |vocabulary|pipeline|format|template|demo|benchmark|datasets?|corpus|data|evaluation|paper|architecture
    |library|app|space|notebook|trainer|framework|toolkit|stack|engine|harness|interface|server
    |infrastructure|software|loader|approach|recipe|prompts?|classifier|filter|judge|licen[sc]e
    |agreement|terms)
    (?:\W+(?:is|are|was|were|been|be|has|also|mainly|largely|heavily|which|that|itself)){0,3}\W*$"""
"""Things that are based on another of their kind, right before the phrase."""

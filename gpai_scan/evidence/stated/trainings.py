"""Phrases before what was trained further: fine-tuning, adapters, continued pre-training."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.stated.phrase import Phrase, phrase
from gpai_scan.evidence.stated.words import GAP, KIND, NEXT, OTHER_THING, STEP, TUNED

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        r"""\b(?:q?lora|peft|dora|adapters?|adaptors?|low-rank\sadaptation)\b
        (?:\s(?:weights?|adapters?|adapt(?:at)?ions?|models?|fine-?tuned?|finetuned?|trained|checkpoint|for|a|the
        |\w+-\w+)){0,4}?\s(?:for|of|on|from|on\stop\sof)\b""",
        "adapter",
        strong=False,
    ),
    phrase(
        rf"""\b(?:continu\w+|continual\w*|further|additional\w*|incremental\w*|secondary
        |second-stage)[\s-](?:to\s)?(?:be\s)?(?:pre-?\s?)?train\w*{GAP}\s
        (?:from|on\stop\sof|upon|based\son|of|over|using|starting\swith)\b""",
        "continued_pretraining",
        strong=False,
    ),
    phrase(
        r"\b(?:continual\w*|continued|further|mid-?trained)[\s-]pre-?\s?trained\s\w*\s?(?:of|on"
        r"|from)\b",
        "continued_pretraining",
        strong=False,
    ),
    phrase(
        r"""\b(?:we|i)\s(?:have\s|then\s)?(?:continue[ds]?\s(?:to\s|the\s)?|further\s|continually\s)
        pre-?\s?train(?:ing|ed)?\s(?:of\s)?(?:the\s)?""",
        "continued_pretraining",
        tail=r"^\s(?:base\s)?(?:models?\s|checkpoints?\s|weights\s)?(?:on|with|using|for|over)\b",
    ),
    phrase(
        rf"\b(?:resum\w+|warm-?\s?start\w*|continu\w+){GAP}\s(?:from|with)\b",
        "continued_pretraining",
    ),
    phrase(
        rf"\b{TUNED}\b(?!\s(?:on|for|with|using|to|by)\b){GAP}\s{KIND}\s(?:of|for)\b", "finetune"
    ),
    phrase(rf"\b{KIND}\sof\b(?=.{{0,90}}?\b{TUNED}\b)", "finetune"),
    phrase(
        rf"""\b(?:{TUNED}|trained|evolved)\b
        (?:\s(?:further|directly|it|them|using|by|via|with|\w+ly|models?|and\s\w+)){{0,3}}?\s
        (?:from|on\stop\sof|over|starting\s(?:from|with))\b""",
        "finetune",
        without=OTHER_THING,
    ),
    phrase(
        rf"\b{TUNED}\s(?:on|upon|based\son|using)\b",
        "finetune",
        strong=False,
        tail=r"""^[^,.;:]{0,25}?\b(?:series|family|base|models?|checkpoint|backbone|foundation|instruct
        |llm|weights)\b""",
    ),
    phrase(
        r"""\b(?:by|of|from|after|through|via)\s(?:\w+\s)?(?:fine-?\s?tuning|finetuning|post-training
        |instruction-tuning|adapting|aligning|training)\s(?:the\s|an?\s|on\stop\sof\s)?"""
        + NEXT,
        "finetune",
        strong=False,
    ),
    phrase(
        rf"\b(?:we|i)\s(?:\w+ly\s|further\s|have\s|then\s)?(?:{TUNED}|fine-?\s?tune"
        rf"|finetune)\s(?:the\s|an?\s)?",
        "finetune",
        strong=False,
    ),
    phrase(rf"^\W{{0,4}}(?:{TUNED})\s(?:the\s)?{NEXT}", "finetune", strong=False),
    phrase(
        r"""\b(?:continual\w*|continued|further)[\s-]pre-?\s?train(?:ed|ing)\s(?:on|of)\s
        (?=.{0,250}?\b(?:models?|base|family|series|checkpoints?)\b)""",
        "continued_pretraining",
        strong=False,
    ),
    phrase(
        r"\b(?:q?lora|peft|dora)\s(?:fine-?\s?tun(?:es?|ing)|finetun(?:es?|ing))\sof\b", "adapter"
    ),
    phrase(
        r"""\b(?:is|was|are|as)\s(?:an?\s|the\s|our\s)(?:[\w-]+\s){0,3}?
        (?:fine-?\s?tun(?:e|ing)|finetun(?:e|ing)|refinement|retrain(?:ing)?)\s(?:of|over)\b""",
        "finetune",
    ),
    phrase(rf"\b{TUNED}\b{GAP}\s(?:on\stop\sof|off\sof)\b", "finetune", strong=False),
    phrase(
        rf"""\b(?:is|are|it's)\s(?:an?\s|the\s|our\s)(?:[\w-]+\s){{0,3}}?{TUNED}\s
        (?=\S+(?:\s\S+){{0,2}}?\s(?:models?|llm|variant|version|checkpoint)\b|\[)""",
        "finetune",
        numbered=True,
    ),
    phrase(
        r"\bby\s(?:further|continu\w+|additional\w*)\s(?:pre-?)?train(?:ing)?\s(?:of\s)?the\b",
        "continued_pretraining",
    ),
    phrase(
        r"""\b(?:lora|adapters?|adaptors?)\b[^.;:]{0,50}?\s(?:applied|loaded)\s(?:\w+\s)?
        (?:on\stop\sof|over|to)\b""",
        "adapter",
        strong=False,
    ),
    phrase(r"\bcontrolnet\sweights\strained\son\b(?=\W{1,3}[\w.-]+/)", "adapter", strong=False),
    phrase(
        r"""(?:^\W*|[:—–-]\s|\b(?:is|it's|as)\s)(?:an?|the|our|my)\s(?:[\w-]+\s){0,4}?
        (?:fine-?\s?tunes?|finetunes?)\s(?:of|over|on)\b""",
        "finetune",
    ),
    phrase(
        r"""\b(?:head|layers?|classifier|projection|regressor|module)s?\s(?:\w+\s)?on(?:\stop\sof)?\b""",
        "finetune",
        strong=False,
    ),
    phrase(
        r"""\b(?:fine-?\s?tunes?|fine-?\s?tuning|finetunes?|finetuning)\s(?:of|over|on\stop\sof)\b""",
        "finetune",
        strong=False,
    ),
    phrase(
        rf"\b{STEP}(?:\sphases?|\sstages?|\straining)?\s(?:was\s\w+\s|were\s\w+\s)?(?:on\stop\sof|over|atop)\b",
        "finetune",
        strong=False,
    ),
    phrase(
        rf"""\b(?:appl(?:y|ied|ying)|r[au]n|perform\w*|conduct\w*|us(?:ed|ing)|with|via|through|undergo\w*)\s
        (?:[\w+/-]+\s){{0,4}}?{STEP}\s(?:training\s)?(?:to|from|starting\s(?:from|with|at)|initiali[sz]ed\s(?:from|with))\b""",
        "finetune",
        strong=False,
    ),
    phrase(
        rf"""\b(?:is|are|it's|as)\s(?:an?\s|the\s|our\s)?(?:[\w-]+\s){{0,2}}?{TUNED}\s(?!(?:on|for|with|using|to|by|from|via|in|at|and)\b)""",
        "finetune",
        strong=False,
        tail=r"^\s?(?:$|[,.;(]|(?:for|to|on|with|using|that|which|trained|by|via)\b)",
    ),
    phrase(
        r"\bresulting\sin\s(?:an?|the)\s(?:enhanced|improved|tuned|fine-?tuned|speciali[sz]ed)\b",
        "finetune",
        strong=False,
    ),
    phrase(
        r"\b(?:fine-?\s?tuning|finetuning|tuning)\sof\b",
        "finetune",
        tail=r"^(?:\s(?:base|foundation|chat|pre-?trained))*\s(?:models?|checkpoints?|weights|llms?)\b",
    ),
    phrase(rf"\b(?:fine-?\s?tunes|finetunes)\s(?:the\s)?{NEXT}", "finetune", strong=False),
    phrase(
        rf"^\W*(?:an?|the)\s(?:[\w-]+\s){{0,2}}?{TUNED}\s{NEXT}",
        "finetune",
        strong=False,
        tail=r"^\s?(?:$|[,.;:(]|(?:for|to|on|with|using|that|which|trained|by|via)\b)",
    ),
    phrase(r"\b(?:fine-?\s?tuned?|finetuned?)\son\stop\sof\b", "finetune"),
    phrase(
        r"""\b(?:extend\w*|keep|kept|keeps)\s(?:on\s)?(?:the\s|its\s)?pre-?\s?training\s(?:phase\s)?(?:of\s)?(?=\S)""",
        "continued_pretraining",
        strong=False,
    ),
    phrase(
        r"""\b(?:fine-?\s?tun\w+|finetun\w+|instruct\w*)\s(?:\w+\s){0,4}?on\sthe\sbasis\sof\b""",
        "finetune",
        strong=False,
    ),
    phrase(
        r"""\btextual[\s-]inversion\s(?:\w+\s){0,2}?(?:weights|embeddings?)\s(?:for|of)\b
        |\bdreambooth\s(?:\w+\s){0,2}?weights\s(?:for|of)\b""",
        "adapter",
        strong=False,
    ),
    phrase(r"(?<![\w-])tuned\sfrom\b", "finetune", strong=False),
    phrase(
        r"\btrained\son\s(?:the\s|top\sof\s(?:the\s)?)?(?=\S)",
        "finetune",
        strong=False,
        numbered=True,
        tail=r"(?!)|^\s(?:base\s|chat\s|instruct\s)?model\b",
        without=r"\bpre-?\s?$",
    ),
    phrase(
        r"""\b(?:replac|swapp|add|attach|plac|put)\w*\s(?:\S+\s){1,6}?(?:head|layer)s?\s
        (?:of|on|onto|to|on\stop\sof)\b""",
        "finetune",
        strong=False,
        tail=r"^\s(?:with|and|by|that|which|for)\b|^[,.]",
    ),
    phrase(
        r"""\b(?:we|i)\s(?:\w+ly\s)?(?:take|took)\b(?=.{3,160}?\b(?:kept|keep|continued?)\s(?:on\s)?(?:pre-?)?training\b)""",
        "continued_pretraining",
        strong=False,
    ),
    phrase(
        r"\b(?:fine-?\s?tuned|finetuned)\s(?:model|version|variant)\s(?:on|from)\b",
        "finetune",
        strong=False,
    ),
    phrase(r"\b(?:tune|tunes|retune)\sof\b", "finetune", strong=False),
)

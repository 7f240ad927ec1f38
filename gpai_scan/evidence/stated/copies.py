"""Phrases before what a copy, a smaller model or a merge was made from."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.stated.phrase import Phrase, phrase
from gpai_scan.evidence.stated.words import DATA, GAP, QUANT

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        rf"""\b{QUANT}\b{GAP}\s(?:versions?|variants?|files?|quant\w*|weights|conversions?|models?
        |formats?|copy|copies|exports?|checkpoints?)\s(?:of|from)\b""",
        "quantized",
    ),
    phrase(
        rf"""\b{QUANT}\b{GAP}\s(?:versions?|variants?|files?|quant\w*|weights|conversions?|models?
        |formats?|copy|copies|exports?|checkpoints?)\sfor\b""",
        "quantized",
        strong=False,
    ),
    phrase(
        r"""\b(?:quanti[sz]ations?|quants|quantized|quantised|ggufs?|exl2|awq|gptq)\s
        (?:(?:made|created|produced|derived|directly|files?|using\s\S+|with\s\S+|by\s\S+)\s){0,2}
        (?:of|from)\b""",
        "quantized",
    ),
    phrase(
        r"""\bconverted\s(?:(?:to|into)\s(?:the\s)?(?:\S+\s){0,3}?(?:format\s)?)?from\b""",
        "quantized",
    ),
    phrase(
        r"\bprun(?:ed|ing)\s(?:\w+\s){0,2}?(?:(?:version|variant|model|copy)s?\s)?(?:of|from)\b",
        "pruned",
    ),
    phrase(
        r"\bdistill?ed\s(?:\w+\s){0,3}?(?:versions?|variants?|copy|checkpoint)\s(?:of|from)\b",
        "distilled",
    ),
    phrase(r"\bupcycl\w+\s(?:\w+\s){0,3}?(?:from|of)\b", "upcycled"),
    phrase(
        r"""\b(?:by|from|via|through|after|of)\s(?:\w+ly\s)?(?:pruning|compressing|depth-pruning)\s""",
        "pruned",
        strong=False,
    ),
    phrase(r"\b(?:conversions?|re-?packag\w+|exports?)\sof\b", "quantized", numbered=True),
    phrase(r"\b(?:is|was|are)\sa\s(?:[\w-]+\s){0,2}?merge\s(?:of|between)\b", "merge"),
    phrase(
        r"""\b(?:created|made|built|obtained|produced|formed)\sby\s
        (?:combining|merging|blending|stacking|fusing)\s(?:(?!of\s)[\w.-]+\s){0,4}?
        (?:models?|fine-?tune[sd]?|checkpoints?)\b(?:(?!data|corpora)[^:.]){0,40}:\s""",
        "merge",
        strong=False,
    ),
    phrase(
        r"""\b(?:is|was|are|were|been|and|models?|student|version)\s(?:\w+ly\s)?distill?ed\s
        (?:[\w-]+\s){0,2}?(?:from|of)\b""",
        "distilled",
        strong=False,
        without=DATA,
    ),
    phrase(
        r"""\b(?:remov|dropp|cut|strip|delet|discard|prun)\w+\s(?:[\w%-]+\s){1,7}?
        (?:layers|experts|blocks|heads|parameters|weights|neurons)\s(?:[\w-]+\s){0,2}?(?:from|of|in)\b""",
        "pruned",
        strong=False,
    ),
    phrase(
        r"\bspars\w+\s(?:[\w-]+\s){0,2}?(?:versions?|variants?|copy|checkpoint)\s(?:of|from)\b",
        "pruned",
    ),
    phrase(
        r"""\b(?:merge[sd]?|merging|mergekit|frankenmerge|blend(?:ed)?|stack(?:ed|ing)?)\b[^.:]{0,80}?
        \b(?:models?|fine-?tune[sd]?|checkpoints?|parents?|components?|ingredients?|following)\b
        (?:(?!data|corpora)[^:.]){0,40}:\s""",
        "merge",
        strong=False,
    ),
    phrase(r"\bdistill?(?:s|ed)?\s.{3,60}?\sinto\b", "distilled", strong=False),
    phrase(
        r"""\b(?:weights|activations)\s(?:and\s\w+\s)?of\b
        (?=\W{0,3}\S{3,200}\s(?:(?:were|are)\s)?quanti[sz]ed\b)""",
        "quantized",
        strong=False,
    ),
    phrase(
        r"\b(?:self-?merge|merge|frankenmerge|soup|slerp|souping)\s(?:of|between)\b",
        "merge",
        strong=False,
    ),
    phrase(
        r"\b(?:is|are|as|^)\W{0,3}(?:(?:an?|the)\s)?(?:[\w-]+\s){0,4}?(?:[\w-]*pruned|sparsified)\s(?=\S)",
        "pruned",
        strong=False,
        tail=r"^\s?(?:$|[,.;(]|(?:for|to|on|with|using|that|which|by|via|and|models?)\b)",
    ),
    phrase(
        r"(?:^\W*|\b(?:is|are|as)\s(?:an?\s|the\s)?)(?:[\w-]+[\s-]){0,3}?quanti[sz]ed\s(?=\S)",
        "quantized",
        strong=False,
        tail=r"^\s?(?:$|[,.;(]|(?:for|to|with|using|that|which|by|via|in|models?)\b)",
    ),
    phrase(
        r"""\b(?:pruning|compressing|sparsifying)(?:\s\([^()]{0,40}\))?\s(?:the\s)?(?=\[|[\w.-]{0,60}?[\d/])""",
        "pruned",
        strong=False,
    ),
    phrase(
        r"""\b(?:ingredients|parents|components|constituents|donors?)(?:\sof\sth(?:is|e)\smerge)?\s(?:are|were)\b
        (?=.{3,120}?(?:\band\b|,|\+))""",
        "merge",
        strong=False,
    ),
    phrase(r"\b(?:we|i)\s(?:\w+ly\s)?(?:merged|blended|fused)\b", "merge", strong=False),
)

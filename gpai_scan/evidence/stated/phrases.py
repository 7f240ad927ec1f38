"""The phrases by which cards say what a model was made from; rules of language, no names.

A phrase is tried on sentences whose markup is blanked. `strong` phrases are followed by a model
and by nothing else; after the others a name must be an identifier or hold a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase before a name, and the kind of derivation it tells (None: none)."""

    pattern: re.Pattern[str]
    relation: str | None
    strong: bool = True


def rx(pattern: str) -> re.Pattern[str]:
    """A verbose pattern without regard to case."""
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


TUNED: Final = r"""(?:fine-?\s?tuned|finetuned|fine-turned|instruct(?:ion)?-?\s?tuned
    |post-?\s?trained|aligned|adapted|abliterated|uncensored|RL-trained|RLHF(?:-tuned)?|SFT(?:ed)?
    |DPO(?:ed)?|domain-adapted|speciali[sz]ed|LoRA-tuned|preference-tuned|chat-tuned)"""
GAP: Final = r"(?:\s(?:[\w.+-]+|\([^()]{0,60}\)|&)){0,4}?"
KIND: Final = r"""(?:versions?|variants?|checkpoints?|derivatives?|editions?|adaptations?|models?
    |iterations?|releases?|extensions?|flavou?rs?)"""
QUANT: Final = r"""(?:quanti[sz](?:ed|ation|ations|ing)|quants?|gguf|ggml|awq|gptq|exl[23]
    |[2-8](?:\.\d+)?-?\s?bits?|int[2-8]|fp[48]|nvfp4|mxfp4|w[48]a(?:4|8|16)|bnb|mlx|onnx|openvino
    |ctranslate2|coreml)"""


def _phrase(pattern: str, relation: str | None, strong: bool = True) -> Phrase:
    return Phrase(rx(pattern), relation, strong)


PHRASES: Final = (
    _phrase(
        rf"""\b{QUANT}\b{GAP}\s(?:versions?|variants?|files?|quant\w*|weights|conversions?|models?
        |formats?|copy|copies|exports?|checkpoints?)\s(?:of|for|from)\b""",
        "quantized",
    ),
    _phrase(
        r"""\b(?:quanti[sz]ations?|quants|quantized|quantised|ggufs?|exl2|awq|gptq)\s
        (?:(?:made|created|produced|derived|directly|files?|using\s\S+|with\s\S+|by\s\S+)\s){0,2}
        (?:of|from)\b""",
        "quantized",
    ),
    _phrase(
        r"""\bconverted\s(?:(?:to|into)\s(?:the\s)?(?:\S+\s){0,3}?(?:format\s)?)?from\b""",
        "quantized",
    ),
    _phrase(
        r"\bprun(?:ed|ing)\s(?:\w+\s){0,2}?(?:(?:version|variant|model|copy)s?\s)?(?:of|from)\b",
        "pruned",
    ),
    _phrase(
        r"\bdistill?ed\s(?:\w+\s){0,3}?(?:versions?|variants?|copy|checkpoint)\s(?:of|from)\b",
        "distilled",
    ),
    _phrase(r"\bupcycl\w+\s(?:\w+\s){0,3}?(?:from|of)\b", "upcycled"),
    _phrase(
        r"""\b(?:q?lora|peft|dora|adapters?|adaptors?|low-rank\sadaptation)\b
        (?:\s(?:weights?|adapters?|models?|fine-?tuned?|finetuned?|trained|checkpoint|for|a|the
        |\w+-\w+)){0,4}?\s(?:for|of|on|from|on\stop\sof)\b""",
        "adapter",
        strong=False,
    ),
    _phrase(
        rf"""\b(?:continu\w+|continual\w*|further|additional\w*|incremental\w*|secondary
        |second-stage)[\s-](?:to\s)?(?:be\s)?(?:pre-?\s?)?train\w*{GAP}\s
        (?:from|on\stop\sof|upon|based\son|of|over|using|starting\swith)\b""",
        "continued_pretraining",
        strong=False,
    ),
    _phrase(
        r"\b(?:continual\w*|continued|further|mid-?trained)[\s-]pre-?\s?trained\s\w*\s?(?:of|on"
        r"|from)\b",
        "continued_pretraining",
        strong=False,
    ),
    _phrase(
        rf"\b(?:resum\w+|warm-?\s?start\w*|continu\w+){GAP}\s(?:from|with)\b",
        "continued_pretraining",
    ),
    _phrase(rf"\b{TUNED}\b{GAP}\s{KIND}\s(?:of|for)\b", "finetune"),
    _phrase(rf"\b{KIND}\sof\b(?=.{{0,90}}?\b{TUNED}\b)", "finetune"),
    _phrase(
        rf"""\b(?:{TUNED}|trained|derived|developed|evolved|modified)\b
        (?:\s(?:further|directly|it|them|using|by|via|with|\w+ly|models?|and\s\w+)){{0,3}}?\s
        (?:from|on\stop\sof|over|starting\s(?:from|with))\b""",
        "finetune",
    ),
    _phrase(
        rf"""\b{TUNED}\s(?:on|upon|based\son|using)\b
        (?=.{{0,200}}?\b(?:series|family|base|models?|checkpoint|backbone|foundation|instruct)\b)""",
        "finetune",
        strong=False,
    ),
    _phrase(
        r"""\b(?:by|of|from|after|through|via)\s(?:\w+\s)?(?:fine-?\s?tuning|finetuning|post-training
        |instruction-tuning|adapting|aligning|training)\s(?:the\s|an?\s|on\stop\sof\s)?(?=[\["]|(?-i:[A-Z]))""",
        "finetune",
        strong=False,
    ),
    _phrase(
        rf"\b(?:we|i)\s(?:\w+ly\s|further\s|have\s|then\s)?(?:{TUNED}|fine-?\s?tune"
        rf"|finetune)\s(?:the\s|an?\s)?",
        "finetune",
        strong=False,
    ),
    _phrase(
        r"""(?:\b(?:is|are|was|were|been|models?|and|variants?|architecture|llm|developed\sby|\w\))\s|[,(;:)–—-]\s?)
        (?:both\s|all\s|primarily\s|further\s|also\s|mainly\s|\w+ly\s)?
        (?:built|based|builds?|developed|building|constructed|created|trained)\s
        (?:directly\s|\w+ly\s)?(?:(?:up)?on\stop\sof|upon|on|off|from|around)\b""",
        None,
        strong=False,
    ),
    _phrase(r"^\W{0,4}(?:built|based)\s(?:up)?on(?:\stop\sof)?\b", None, strong=False),
    _phrase(rf"^\W{{0,4}}(?:{TUNED})\s(?:the\s)?(?=[\[\"]|(?-i:[A-Z]))", "finetune", strong=False),
    _phrase(
        r"""\b(?:by|from|via|through|after|of)\s(?:\w+ly\s)?(?:pruning|compressing|depth-pruning)\s""",
        "pruned",
        strong=False,
    ),
    _phrase(
        r"""\b(?:continual\w*|continued|further)[\s-]pre-?\s?train(?:ed|ing)\s(?:on|of)\s
        (?=.{0,250}?\b(?:models?|base|family|series|checkpoints?)\b)""",
        "continued_pretraining",
        strong=False,
    ),
    _phrase(
        r"""\b(?:initiali[sz]ed?|bootstrapped|seeded|warm-started|start(?:ed|ing|s)?)
        (?:\s[\w-]+){0,3}?\s(?:from|with|using|by)\b""",
        None,
        strong=False,
    ),
    _phrase(
        r"""\b(?:derivative|descendant|successor|fork|abliteration|modification|copy|re-?upload
        |mirror|(?:abliterated|uncensored)\sversion)\s(?:work\s)?of\b""",
        None,
        strong=False,
    ),
    _phrase(
        r"""\b(?:the|our|its|as)\s(?:base|original|foundation|foundational|backbone|underlying
        |parent|source|starting|student)\s(?:language\s|llm\s)?(?:model|llm|checkpoint|lm|backbone)
        \s?(?:is|was|used\sis|used\swas|being|we\sused\sis|:|\()""",
        None,
    ),
    _phrase(r"\b(?:is|was|are)\sa\smerge\s(?:of|between)\b", "merge"),
    _phrase(
        r"""\b(?:basado|basada|basados|construid[oa]|entrenado\sa\spartir|ajustado\sa\spartir
        |derivado|baseado|baseada|basata|basato|basée?|basiert|affinée?|ajustado|fondée?)\s
        (?:en|de|sobre|em|su|sur|auf|à\spartir\sde|a\spartir\sde)\b""",
        None,
        strong=False,
    ),
    _phrase(
        r"""\b(?:cuantizad|quantifi|quantisiert|quantizzat|quantizad)\w*\s(?:\w+\s){0,2}?
        (?:de|para|pour|von|für|di)\b""",
        "quantized",
    ),
    _phrase(
        r"(?:основан|дообучен|обучен)\w*\s(?:\w+\s){0,2}?на\s(?:основе\s|базе\s)?|\bна\s(?:основе"
        r"|базе)\b",
        None,
        strong=False,
    ),
)

CONTEXT: Final = (
    (rx(r"quanti[sz]ed|\bgguf\b|\bawq\b|\bgptq\b"), "quantized"),
    (
        rx(r"continu\w+\s(?:pre-?\s?)?train|continual|further\spre-?\s?trained"),
        "continued_pretraining",
    ),
    (
        rx(rf"{TUNED}|\bchat\smodel|\balignment\stechniques|\bassistant\b.{{0,60}}?\btrained"),
        "finetune",
    ),
)
"""What other words of a sentence tell of the kind of derivation, in order."""

FIELD: Final = rx(
    r"""^[\s>*+•-]*\|?\s*(?P<key>(?:parent|base|original|source|foundation|backbone|starting
    |underlying)\s(?:language\s|llm\s)?(?:models?|llm|checkpoint|lm)(?:\(s\))?(?:\sbefore\supcycling)?
    |base_model|fine-?\s?tuned\sfrom(?:\smodel)?|finetuned\sfrom(?:\smodel)?
    |(?:quantized|derived|converted|initiali[sz]ed|trained|adapted|distilled|merged|pruned)\sfrom(?:\smodel)?
    |original\smodel\srepo|backbone|base\sllm|upcycled\sfrom|模型基座|基座模型|基础模型|底座模型|ベースモデル
    |元モデル|modelo\sbase|modèle\sde\sbase|basismodell|базовая\sмодель)
    \s*(?:\[optional\]|\(optional\))?\s*(?:[:：]|\|)\s*(?P<value>\S.*)$"""
)
FIELD_RELATION: Final = (
    (rx(r"fine-?\s?tuned|adapted"), "finetune"),
    (rx(r"quantized|converted"), "quantized"),
    (rx(r"distilled"), "distilled"),
    (rx(r"merged"), "merge"),
    (rx(r"pruned"), "pruned"),
    (rx(r"upcycl"), "upcycled"),
)
PLACEHOLDER: Final = rx(
    r"""^\W*(?:more\sinformation\s(?:is\s)?needed|needs\smore\sinformation|information\sneeded|none
    |n/?a|na|tbd|to\sbe\s(?:added|announced|determined)|todo|unknown|coming\ssoon|no|yes|-+
    |not\s(?:available|specified|applicable|provided)|(?:trained\s)?(?:from\s)?scratch)?\W*$"""
)
MERGED_LIST: Final = rx(
    r"""\b(?:included\sin\s(?:the|this)\smerge|models\s(?:were\s)?merged|merge\sof\sthe\sfollowing)\b.{0,60}$"""
)
"""What stands before a list of the models that were merged."""
NOTHING: Final = rx(
    r"""^\W*(?:n/?a|none|not|no|unknown|(?:trained\s)?from\sscratch|based\son\sthe\sprovided)\b
    |more\sinformation\sneeded|^\[[^\]]*\](?!\s?[(h])"""
)
"""Values of a field that name nothing: denials, and brackets of a template without a link."""
NAME_FIRST: Final = rx(
    r"""^(?:\s(?:language\s|base\s|large\s|pretrained\s|transformer\s)?models?)?\s?
    (?:\[[^\]]{0,80}\]\([^)]{0,300}\)\s?|\([^()]{0,80}\)\s?|,\s?)?
    (?:that\s(?:is|was|has\sbeen)\s|which\s(?:is|was|has\sbeen)\s|further\s|model\s)?
    (?:fine-?\s?tuned|finetuned|fine-turned)\s(?:on|for|with|using|to|by)\b"""
)
AS_BASE: Final = rx(
    r"""\b(?:us(?:es|ing|ed|e)|with|take[sn]?|adopt(?:s|ing|ed)?|employ(?:s|ing|ed)?
    |leverag(?:es|ing|ed)|choose|chose|select(?:s|ed)?)\b"""
)
AS_BASE_TAIL: Final = rx(
    r"""^(?:\s(?:model|llm|weights))?,?\sand\s(?:\w+\s)?(?:fine-?\s?tuned|finetuned|continued)\b
    |^(?:\s(?:model|llm|weights))?\s(?:as|for|to\sbe)\s(?:a\s|an\s|the\s|our\s|its\s|their\s)?
    (?:[\w-]+\s){0,3}?(?:base|backbone|foundation|foundational|starting\spoint|initiali[sz]ation
    |decoder|llm|student)\b"""
)
CONTRARY: Final = rx(
    r"""\b(?:(?:not|n't|never|no)\s(?:a\s|an\s)?(?:\w+\s){0,4}?
    (?:based|built|fine-?tuned|derived|initiali[sz]ed|trained)
    |(?:you|users?|developers|one)\s(?:can|could|may|should|want|will)|can\sbe|could\sbe|may\sbe
    |to\s(?:fine-?tune|finetune|quantize|run|use|train)|how\sto|if\syou|let's|please|example
    |for\sinstance|code\sfor|scripts?\s(?:for|to)|support(?:s|ed)?\s(?:for|the)?
    |compared\s(?:to|with)|outperform\w*|better\sthan|similar\sto|unlike|instead\sof|evaluat\w+
    |baseline\w*|would|we\srecommend|tutorial|notebook|demo|guide|command|community\shas
    |(?:model\s)?card\s(?:was|is)|written\sby|future|plan(?:s|ned)?\sto|will\sbe)\b
    |可以|如果|例如|支持|教程|示例|并未|没有|例えば|場合|できます|ことが"""
)
"""Sentences that give advice, compare, deny or plan; nothing in them is taken for a base."""

RELEASE: Final = rx(
    r"""\b(?:releas\w+|introduc\w+|present\w*|publish\w*|open-?sourc\w+|announc\w+|publicamos
    |publions|launch\w*)\b|发布|推出|开源|リリース|公開|발표|공개"""
)
ADVICE: Final = rx(r"\b(?:you|your|can|how\sto|script|command|run)\b|可以|如果")
_OF_KIND: Final = r"""(?:[\s-](?:series|versions?|variants?))*\s?
    (?:series\s)?(?:models?\b|versions?\b|版本|模型|系列|クォン)"""
LOW_BIT: Final = rx(
    rf"""(?<![\w-])(?P<kind>int[248]|[248]-?\s?bits?|fp8)(?:{_OF_KIND}
    |[\s-]quanti[sz]ed|\s?量化)"""
)
ASSISTANT: Final = rx(
    rf"(?<![\w-])(?P<kind>chat|instruct|reasoning|thinking|aligned|assistant){_OF_KIND}"
)
RELATION_ONLY: Final = (
    (
        rx(
            r"""\b(?:quanti[sz]ed|cuantizado|quantifié)s?
            (?:\s(?:series|int[248]|models?|versions?|by|with|using))+
            |由\s?(?:AWQ|GPTQ)\s?量化|量化模型|量子化モデル|bits?\s?量化|modelo\scuantizado|modèle\squantifié"""
        ),
        "quantized",
    ),
    (
        rx(
            r"""\bis\s(?:further\s)?(?:fine-?tuned|instruction-tuned)\s(?:to|with|using|on|for|by)\b
            |\b(?:chat|instruct|assistant)\smodels?\s(?:(?:is|are|was|were)\s)?(?:fine-?tuned|finetuned)\b
            |\bundergone\s(?:\w+\s){0,4}?(?:supervised\sfine-?tuning|SFT)
            |(?:采用|使用|经过|進行).{0,12}?(?:监督微调|指令微调|SFT)
            |\btrained\swith\s(?:alignment\stechniques|RLHF|SFT)\b"""
        ),
        "finetune",
    ),
    (
        rx(r"\bcontinued?\sto\s(?:pre-?\s?)?train\sthe\smodel\b|对模型进行继续预?训练"),
        "continued_pretraining",
    ),
    (
        rx(
            r"""\b(?:is|are)\s(?:a\s)?merges?\sof\s(?:pre-?trained|several|multiple|two|three|\d)
            |\bcreated\susing\s\[?mergekit|\bmerged\susing\b"""
        ),
        "merge",
    ),
)

OF_ASSISTANT: Final = rx(
    r"""^(?:\sversions?)?\s(?:for|of)\sthe\s(?:chat|instruct|aligned)\smodels?\b"""
)
ASSISTANT_OF: Final = rx(r"(?:chat|instruct)\s?版本的\s?$")
"""A copy at fewer bits of a family's assistants, which are not named: after and before it."""
PRETRAINED: Final = rx(r"\bpre-?\s?trained\b|\bbase\smodel\b|预训练|事前学習")

ASIAN_BEFORE: Final = (
    (
        rx(r"(?:基于|基於|源自|采用|以)\s?"),
        rx(r"微调|微調|精调|指令|训练|訓練|开发|构建|量化|蒸馏|继续|为基|底座|基座|得到"),
        None,
    ),
    (
        rx(r"(?:在|从|從)\s?"),
        rx(r"基础上|基礎上|继续|初始化|增量"),
        rx(r"^\s?(?:系列)?(?:模型|基座)?\s?(?:的|之)?\s?(?:基础|基礎|上|继续|初始化|增量|进行)"),
    ),
)
"""Words before a base in Chinese, words the sentence must hold, and what must follow the name."""

ASIAN_RELATION: Final = (
    (rx(r"量化|量子化|양자화"), "quantized"),
    (
        rx(r"继续(?:预)?训练|继续进行|增量(?:预)?训练|二次预训练|继续|継続(?:事前)?学習|계속"),
        "continued_pretraining",
    ),
    (rx(r"蒸馏|蒸留|증류"), "distilled"),
    (
        rx(r"微调|微調|精调|指令|ファインチューニング|指示学習|チューニング|파인튜닝|미세"),
        "finetune",
    ),
)
ASIAN_AFTER: Final = rx(
    r"""^\s?(?:モデル)?\s?(?:を(?:ベース|基|もと|元)(?:に|と)|をベースモデル|から(?:継続|追加|さらに)
    |に対(?:して|し)|に(?:追加|継続)|を(?:継続|追加)|(?:을|를)?\s?(?:기반|베이스)|(?:을|를)\s?(?:파인튜닝|미세))"""
)
"""What follows a base in Japanese and Korean."""
LOW_BIT_AFTER: Final = rx(r"^\s?(?:用|の|的)\s?(?:Int\d|\d-?bit|量子化|量化)")

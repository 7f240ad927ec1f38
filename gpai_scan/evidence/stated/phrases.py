"""The phrases by which cards say what a model was made from; rules of language, no names.

A phrase is tried on sentences whose markup is blanked. `strong` phrases are followed by a model
and by nothing else; after the others a name must be an identifier or hold a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gpai_scan.evidence.cards.folded import Folded, Gate


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase before a name, and the kind of derivation it tells (None: none).

    Where `numbered`, only a name with a number in it or an identifier counts; where there is a
    `tail`, it must follow a name that is no link to a model; what fits `without` must not stand
    before the phrase.
    """

    pattern: Folded
    relation: str | None
    strong: bool = True
    numbered: bool = False
    tail: re.Pattern[str] | None = None
    without: re.Pattern[str] | None = None


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


def _phrase(
    pattern: str,
    relation: str | None,
    strong: bool = True,
    numbered: bool = False,
    tail: str | None = None,
    without: str | None = None,
) -> Phrase:
    following, barred = (rx(part) if part else None for part in (tail, without))
    return Phrase(folded(pattern), relation, strong, numbered, following, barred)


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
    |library|app|space|notebook)
    (?:\W+(?:is|are|was|were|been|be|has|also|mainly|largely|heavily)){0,3}\W*$"""
"""Things that are based on another of their kind, right before the phrase."""

PHRASES: Final = (
    _phrase(
        rf"""\b{QUANT}\b{GAP}\s(?:versions?|variants?|files?|quant\w*|weights|conversions?|models?
        |formats?|copy|copies|exports?|checkpoints?)\s(?:of|from)\b""",
        "quantized",
    ),
    _phrase(
        rf"""\b{QUANT}\b{GAP}\s(?:versions?|variants?|files?|quant\w*|weights|conversions?|models?
        |formats?|copy|copies|exports?|checkpoints?)\sfor\b""",
        "quantized",
        strong=False,
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
        (?:\s(?:weights?|adapters?|adapt(?:at)?ions?|models?|fine-?tuned?|finetuned?|trained|checkpoint|for|a|the
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
    _phrase(
        rf"\b{TUNED}\b(?!\s(?:on|for|with|using|to|by)\b){GAP}\s{KIND}\s(?:of|for)\b", "finetune"
    ),
    _phrase(rf"\b{KIND}\sof\b(?=.{{0,90}}?\b{TUNED}\b)", "finetune"),
    _phrase(
        rf"""\b(?:{TUNED}|trained|derived|developed|evolved|modified)\b
        (?:\s(?:further|directly|it|them|using|by|via|with|\w+ly|models?|and\s\w+)){{0,3}}?\s
        (?:from|on\stop\sof|over|starting\s(?:from|with))\b""",
        "finetune",
    ),
    _phrase(
        rf"\b{TUNED}\s(?:on|upon|based\son|using)\b",
        "finetune",
        strong=False,
        tail=r"""^[^,.;:]{0,25}?\b(?:series|family|base|models?|checkpoint|backbone|foundation|instruct
        |llm|weights)\b""",
    ),
    _phrase(
        r"""\b(?:by|of|from|after|through|via)\s(?:\w+\s)?(?:fine-?\s?tuning|finetuning|post-training
        |instruction-tuning|adapting|aligning|training)\s(?:the\s|an?\s|on\stop\sof\s)?"""
        + NEXT,
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
        r"""(?:\b(?:is|are|was|were|been|models?|and|variants?|architecture|llm|developed\sby|\w\)|(?:[\w.-]*-)?\d[\w.-]*)\s|[,(;:)]\s?|\s[–—-]\s)
        (?:both\s|all\s|primarily\s|further\s|also\s|mainly\s|\w+ly\s)?
        (?:(?:built|based|builds?|developed|building|constructed|created)\s(?:directly\s|\w+ly\s)?
        (?:(?:up)?on\stop\sof|upon|on|off|from|around)
        |trained\s(?:directly\s|\w+ly\s)?(?:on\stop\sof|off|from))\b""",
        None,
        strong=False,
        without=OTHER_THING,
    ),
    _phrase(r"^\W{0,4}(?:built|based)\s(?:(?:up)?on(?:\stop\sof)?|from)\b", None, strong=False),
    _phrase(rf"^\W{{0,4}}(?:{TUNED})\s(?:the\s)?{NEXT}", "finetune", strong=False),
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
    _phrase(
        r"\b(?:q?lora|peft|dora)\s(?:fine-?\s?tun(?:es?|ing)|finetun(?:es?|ing))\sof\b", "adapter"
    ),
    _phrase(
        r"""\b(?:is|was|are|as)\s(?:an?\s|the\s|our\s)(?:[\w-]+\s){0,3}?
        (?:fine-?\s?tun(?:e|ing)|finetun(?:e|ing)|refinement|retrain(?:ing)?)\s(?:of|over)\b""",
        "finetune",
    ),
    _phrase(rf"\b{TUNED}\b{GAP}\s(?:on\stop\sof|off\sof)\b", "finetune", strong=False),
    _phrase(r"\b(?:conversions?|re-?packag\w+|exports?)\sof\b", "quantized", numbered=True),
    _phrase(
        r"""\b(?:is|was|are|as)\s(?:an?\s|the\s|our\s)(?:[\w-]+\s){0,3}?
        (?:extension|expansion|enhancement|adapt(?:at)?ion)\s(?:of|to)\b""",
        None,
        strong=False,
    ),
    _phrase(
        rf"""\b(?:is|are|it's)\s(?:an?\s|the\s|our\s)(?:[\w-]+\s){{0,3}}?{TUNED}\s
        (?=\S+(?:\s\S+){{0,2}}?\s(?:models?|llm|variant|version|checkpoint)\b|\[)""",
        "finetune",
        numbered=True,
    ),
    _phrase(
        r"""\b(?:based|built|trained|developed)\s(?:\w+\s){0,2}?(?:up)?on\s(?:the\s)?
        (?:[\w-]+\s){0,2}?(?:weights|checkpoints?)\s(?:of|from)\b""",
        None,
    ),
    _phrase(
        r"""\b(?:is|was|were|are|been)\s(?:first\s|further\s|\w+ly\s)?
        (?:initiali[sz]ed|warm-started|bootstrapped)\sfrom\b""",
        None,
    ),
    _phrase(
        r"\bby\s(?:further|continu\w+|additional\w*)\s(?:pre-?)?train(?:ing)?\s(?:of\s)?the\b",
        "continued_pretraining",
    ),
    _phrase(r"\bstarting\s(?:point|model|checkpoint)\s(?:is|was|being|:)", None),
    _phrase(r"\b(?:is|was|are)\sa\s(?:[\w-]+\s){0,2}?merge\s(?:of|between)\b", "merge"),
    _phrase(
        r"""\b(?:basado|basada|basados|construid[oa]|entrenado\sa\spartir|ajustado\sa\spartir
        |derivado|baseado|baseada|basata|basato|basée?|basiert|affinée?|ajustado|fondée?)\s
        (?:en|de|sobre|em|su|sur|auf|à\spartir\sde|a\spartir\sde)\b""",
        None,
        strong=False,
    ),
    _phrase(
        r"""\b(?:cuantizad|quantifi|quantisiert|quantizzat|quantizad)\w*(?:\s?\([^()]{0,40}\))?\s(?:\w+\s){0,2}?
        (?:de|do|da|del|du|para|pour|von|für|di)\b""",
        "quantized",
    ),
    _phrase(
        r"""\b(?:version\saffinée|versión\s(?:afinada|ajustada)|versão\s(?:afinada|ajustada)
        |versione\s(?:affinata|ottimizzata)|ajuste\sfino|affinage|feinabgestimmte\s(?:version|variante)
        |(?:version|versión|versão|versione)\sfine-?tuned)(?:\s(?:con|avec|com|mit|in|en)\s\w+)?\s(?:de|del|di|do|du|von)\b""",
        "finetune",
    ),
    _phrase(r"\bдообученн\w+\s(?:верси\w+|вариант\w*)(?:\sмодели)?\s", "finetune", strong=False),
    _phrase(
        r"""\b(?:lora|adapters?|adaptors?)\b[^.;:]{0,50}?\s(?:applied|loaded)\s(?:\w+\s)?
        (?:on\stop\sof|over|to)\b""",
        "adapter",
        strong=False,
    ),
    _phrase(r"\bcontrolnet\sweights\strained\son\b(?=\W{1,3}[\w.-]+/)", "adapter", strong=False),
    _phrase(
        r"""\b(?:we|i)\s(?:\w+ly\s)?(?:take|took|extend(?:ed)?|expand(?:ed)?)\b
        (?=.{3,160}?\b(?:and|then)\s(?:then\s)?(?:(?:further|continu\w+)\s)?
        (?:pre-?\s?train|fine-?\s?tune|train)(?:ed)?\sit\s(?:on|with|for)\b)""",
        None,
        tail=r"^[\s,]*(?:(?:and|then|with|by|from|to|on|models?|checkpoints?|weights)\b|\()",
    ),
    _phrase(
        r"""\b(?:created|made|built|obtained|produced|formed)\sby\s
        (?:combining|merging|blending|stacking|fusing)\s(?:(?!of\s)[\w.-]+\s){0,4}?
        (?:models?|fine-?tune[sd]?|checkpoints?)\b(?:(?!data|corpora)[^:.]){0,40}:\s""",
        "merge",
        strong=False,
    ),
    _phrase(
        r"""(?:^\W*|[:—–-]\s|\b(?:is|it's|as)\s)(?:an?|the|our|my)\s(?:[\w-]+\s){0,4}?
        (?:fine-?\s?tunes?|finetunes?)\s(?:of|over|on)\b""",
        "finetune",
    ),
    _phrase(r"\bbuilds\s(?:directly\s)?(?:up)?on(?:\stop\sof)?\b", None, strong=False),
    _phrase(
        r"""\b(?:head|layers?|classifier|projection|regressor|module)s?\s(?:\w+\s)?on\stop\sof\b""",
        "finetune",
        strong=False,
    ),
    _phrase(
        r"""\b(?:vision|image|visual|audio|speech)\s(?:encoder|tower|backbone)\b.{0,120}?\b(?:with|and|to)\s
        (?:(?:the|a|an)\s)?(?:(?:large\s)?(?:language\smodel|llm|text\sdecoder|decoder)\W{1,3})?"""
        + NEXT,
        None,
        strong=False,
    ),
    _phrase(
        r"""\b(?:fine-?\s?tunes?|fine-?\s?tuning|finetunes?|finetuning)\s(?:of|over|on\stop\sof)\b""",
        "finetune",
        strong=False,
    ),
    _phrase(
        rf"\b{STEP}(?:\sphases?|\sstages?|\straining)?\s(?:was\s\w+\s|were\s\w+\s)?(?:on\stop\sof|over|atop)\b",
        "finetune",
        strong=False,
    ),
    _phrase(
        rf"""\b(?:appl(?:y|ied|ying)|r[au]n|perform\w*|conduct\w*|us(?:ed|ing)|with|via|through|undergo\w*)\s
        (?:[\w+/-]+\s){{0,4}}?{STEP}\s(?:training\s)?(?:to|from|starting\s(?:from|with|at)|initiali[sz]ed\s(?:from|with))\b""",
        "finetune",
        strong=False,
    ),
    _phrase(
        rf"""\b(?:is|are|it's|as)\s(?:an?\s|the\s|our\s)?(?:[\w-]+\s){{0,2}}?{TUNED}\s(?!(?:on|for|with|using|to|by|from|via|in|at|and)\b)""",
        "finetune",
        strong=False,
        tail=r"^\s?(?:$|[,.;(]|(?:for|to|on|with|using|that|which|trained|by|via)\b)",
    ),
    _phrase(
        r"""\b(?:is|was|are|were|been|and|models?|student|version)\s(?:\w+ly\s)?distill?ed\s
        (?:[\w-]+\s){0,2}?(?:from|of)\b""",
        "distilled",
        strong=False,
        without=DATA,
    ),
    _phrase(
        r"""\b(?:initiali[sz]ed?|initiali[sz]ing|start(?:ed|ing|s)?|bootstrapped|built|trained|continu\w+|copied
        |resum\w+)\s(?:[\w-]+\s){0,2}?(?:from|with|using|on)\s
        (?:the\s|its\s|an?\s|all\s)?(?:[\w-]+\s){0,3}?(?:layers|weights|checkpoints?|parameters|encoder|decoder|blocks)\s(?:of|from)\b""",
        None,
        strong=False,
    ),
    _phrase(
        r"""\b(?:remov|dropp|cut|strip|delet|discard|prun)\w+\s(?:[\w%-]+\s){1,7}?
        (?:layers|experts|blocks|heads|parameters|weights|neurons)\s(?:[\w-]+\s){0,2}?(?:from|of|in)\b""",
        "pruned",
        strong=False,
    ),
    _phrase(
        r"\bspars\w+\s(?:[\w-]+\s){0,2}?(?:versions?|variants?|copy|checkpoint)\s(?:of|from)\b",
        "pruned",
    ),
    _phrase(
        r"""\b(?:the|our|its|whose)\s(?:base|underlying|backbone|language|text|llm|foundation|pre-?trained)\s
        (?:(?:language|text)\s)?(?:encoder|decoder|backbone|network|transformer|llm|model)\s(?:is|was)
        (?:\s(?:initiali[sz]ed|taken|loaded|started)\s(?:from|with))?\b""",
        None,
        strong=False,
    ),
    _phrase(
        r"""\b(?:merge[sd]?|merging|mergekit|frankenmerge|blend(?:ed)?|stack(?:ed|ing)?)\b[^.:]{0,80}?
        \b(?:models?|fine-?tune[sd]?|checkpoints?|parents?|components?|ingredients?|following)\b
        (?:(?!data|corpora)[^:.]){0,40}:\s""",
        "merge",
        strong=False,
    ),
    _phrase(
        r"""\b(?:affinage|affinement|ajustement|ajuste|ajustamento|afinamiento|afinação|afinamento|affinamento|feinabstimmung
        |feintuning|fine-?\s?tuning|finetuning)\s(?:\w+\s){0,2}?(?:d['’]|(?:de|del|della|di|do|da|du|des|von|vom|sur|su|sobre|em)\s)
        (?:(?:modèle|modelo|modello|modell)\s)?\W{0,2}"""
        + NEXT,
        "finetune",
        strong=False,
    ),
    _phrase(
        r"""(?:\b(?:partiendo|parte|a\spartir|partendo)\s(?:de|del|do|da|dal|d['’])|\bà\spartir\s(?:de|du|d['’])
        |\bausgehend\svon|\bauf\s(?:der\s)?(?:basis|grundlage)\s(?:von|des)|\baufbauend\sauf|\bissue?s?\s(?:de|du|d['’])
        |\b(?:derivad|derivat|dérivé|abgeleitet|obtenid|ottenut|obtenu)\w*\s(?:de|da|do|di|du|von|aus))""",
        None,
        strong=False,
    ),
    _phrase(
        r"\b(?:дообучени|дообучением|файнтюн\w*|квантовани\w*|дистилляци)\w*\s(?:модели\s|на\s)?",
        "finetune",
        strong=False,
    ),
    _phrase(r"\b(?:began|begin|begun|begins)\s(?:with|from)\b", None, strong=False),
    _phrase(
        r"\b(?:takes|took|take)\b",
        None,
        strong=False,
        tail=r"""^[\s,]*and\s(?:then\s)?(?:\w+ly\s)?(?:teach|taught|train|fine-?tun|finetun|adapt|extend|align|tun|distill?|prun
        |continu|speciali[sz])\w*""",
    ),
    _phrase(
        r"\b(?:self-?merge|merge|frankenmerge|soup|slerp|souping)\s(?:of|between)\b",
        "merge",
        strong=False,
    ),
    _phrase(
        r"\b(?:is|are|as|^)\W{0,3}(?:(?:an?|the)\s)?(?:[\w-]+\s){0,4}?(?:[\w-]*pruned|sparsified)\s(?=\S)",
        "pruned",
        strong=False,
        tail=r"^\s?(?:$|[,.;(]|(?:for|to|on|with|using|that|which|by|via|and|models?)\b)",
    ),
    _phrase(
        r"(?:^\W*|\b(?:is|are|as)\s(?:an?\s|the\s)?)(?:[\w-]+[\s-]){0,3}?quanti[sz]ed\s(?=\S)",
        "quantized",
        strong=False,
        tail=r"^\s?(?:$|[,.;(]|(?:for|to|with|using|that|which|by|via|in|models?)\b)",
    ),
    _phrase(
        r"\b(?:obtained|produced|created|made|results?|resulting|resulted)\s(?:directly\s)?from\b",
        None,
        strong=False,
        tail=r"^\s?(?:via|by|through|with|using|after)\b",
    ),
    _phrase(
        r"(?:основан|дообучен|обучен)\w*\s(?:\w+\s){0,2}?на\s(?:основе\s|базе\s)?|\bна\s(?:основе"
        r"|базе)\b",
        None,
        strong=False,
    ),
)

_GATE: Final = Gate([phrase.pattern for phrase in PHRASES])


def possible(sentence: str, lower: str) -> Iterator[Phrase]:
    """The phrases of which a sentence holds the words; `lower` is it in lower case."""
    return (PHRASES[place] for place in _GATE.open(sentence, lower))


CONTEXT: Final = (
    (folded(r"quanti[sz]ed|\bgguf\b|\bawq\b|\bgptq\b"), "quantized"),
    (
        folded(
            r"""continu\w+\s(?:pre-?\s?)?train|continual|further\spre-?\s?train
            |\b(?:pre-?\s?)?training\s(?:was\s|is\s|has\sbeen\s)?(?:then\s)?(?:continued|resumed)
            |\bthen\s(?:\w+\s){0,2}?pre-?trained\b|\bentraînement\scontinu
            |\bcontin\w+\s(?:\w+\s){0,2}?(?:pre-?|pré-?)?(?:entrenamiento|treinamento|treino|entraînement|addestramento)
            |\b(?:pre-?|pré-?)?(?:entrenamiento|treinamento|entraînement|addestramento)\scontin
            |\b(?:weiter(?:hin\s)?trainiert|weitertraining|fortgesetzt\w*\s(?:vor|pre-?)?training)
            |продолж\w+\s(?:пред)?обуч
            |\btrained?\s(?:it\s)?(?:for\s)?(?:another|a\sfurther|an\sadditional)\s[\d.,]+"""
        ),
        "continued_pretraining",
    ),
    (
        folded(
            rf"(?<![\w/.-]){TUNED}|\bchat\smodel|\balignment\stechniques|\bassistant\b.{{0,60}}?\btrained"
            r"|\bajuste\sfino|\baffinage|\bafinad|\bfeinabst|\bfine-?\s?tuning\s(?:de|von|di|do)\b"
            r"|дообуч|\bajustad[oa]|\bafinad[oa]|\baffinée?\b|\bfeinabgestimmt|\bfeinjustiert"
            r"|\b(?:SFT|DPO|GRPO|PPO|ORPO|KTO|RLHF|RLVR|reinforcement\slearning)\b"
            r"|\b(?:preference|instruction)\s(?:tuning|optimi[sz]ation)\b"
        ),
        "finetune",
    ),
    (
        folded(
            r"""\b(?:took|take)\b.{3,80}?\b(?:and|then)\strained\b|\bnew\s(?:\w+\s)?head\b
            |\b(?:full|supervised|instruction|full-parameter)\s(?:parameter\s)?(?:fine-?\s?tuning|finetuning)\b
            |(?<![\w-])(?:instructions|instruktionen|instrucciones|instruções|istruzioni)\b"""
        ),
        "finetune",
    ),
    (folded(r"\bknowledge\sdistillation\b|\bstudent\b"), "distilled"),
    (folded(r"\b(?:is|are)\san?\s(?:\w+\s)?(?:copy|mirror|re-?upload)\sof\b"), "mirror"),
)
"""What other words of a sentence tell of the kind of derivation, in order."""

_KEY: Final = r"""(?:(?:parent|base|original|source|foundation|foundational|backbone|starting
    |initial|underlying|pre-?\s?trained|unquanti[sz]ed)\s(?:(?:language|llm|text|vision|encoder)\s)?
    (?:models?|llms?|checkpoints?|lm|weights|backbone|encoder)(?:\(s\))?(?:\sbefore\supcycling)?
    |base_model|(?:model\s)?parents?|(?:language|text|llm)\s(?:model\s)?(?:backbone|base)
    |(?:fine-?\s?tuned|finetuned|quanti[sz]ed|derived|converted|initiali[sz]ed|trained|adapted|distilled|merged
    |pruned|upcycled|continued)\sfrom(?:\s(?:base\s)?model)?|original\smodel\srepo|backbone|base\sllm
    |(?:model|base|models)\s(?:merged|lineage)|merged\smodels|模型基座|基座模型|基座|基础模型|底座模型|底座
    |原始模型|原模型|ベースモデル|元モデル|베이스\s?모델|기반\s?모델|modelo\s(?:base|original)|modèle\sde\sbase
    |basismodell|базовая\sмодель|исходная\sмодель)"""
WEAK_KEY: Final = rx(r"(?:base|parent|llm|language\smodel|lineage|derivation)")
"""A label that may mean something else: only what is surely a model counts."""
KEY: Final = rx(rf"{_KEY}|{WEAK_KEY.pattern}")
"""The label of a base, as a field or in a table."""
FIELD: Final = rx(
    rf"""^[\s>*+•-]*(?P<key>{_KEY}|{WEAK_KEY.pattern}|model\stype(?=\W.{{0,30}}?(?:lora|adapt[eo]rs?)\b.{{0,20}}?\b(?:for|of|on)\s))
    \s*(?:\[optional\]|\(optional\))?\s*[:：]\s*(?P<value>\S.*)$"""
)
METHOD_KEY: Final = rx(
    r"""(?:(?:post-?)?training(?:\s(?:stages?|methods?|procedure|type|recipe|technique|approach))?
    |(?:fine-?\s?tuning|finetuning|tuning|alignment|adaptation)(?:\s(?:methods?|technique|type|approach))?
    |(?:adapter|model)\stype|(?:merge\s)?method)"""
)
"""The label of how a model was made."""
METHOD_FIELD: Final = rx(rf"^[\s>*+•-]*(?P<key>{METHOD_KEY.pattern})\s*[:：]\s*(?P<value>\S.*)$")
METHODS: Final = (
    (rx(r"(?:merge|slerp|ties|dare|model[\s_-]?stock|passthrough|linear\smerge|della)\b"), "merge"),
    (rx(r"(?:\w+\s)?(?:q?lora|peft)\s(?:adapt[eo]r|weights)|(?:adapt[eo]r)\b"), "adapter"),
    (
        rx(
            rf"""(?:(?:full(?:-parameter)?|supervised|instruction|domain|lora|qlora)[\s-])*(?:fine-?\s?tun(?:ing|ed?)|finetun(?:ing|ed?))\b
            |{STEP}\b(?!\sfrom\sscratch)"""
        ),
        "finetune",
    ),
    (rx(r"continu\w+\s(?:pre-?\s?)?training|cpt\b"), "continued_pretraining"),
)
"""How a model was made, as the value of such a label begins."""
ANY_KEY: Final = re.sub(
    r"\s+(?=\S)|\s+$", "", rf"(?:{_KEY}|{WEAK_KEY.pattern}|{METHOD_KEY.pattern})"
)
"""All of these labels, in the layout of a plain pattern."""
VALUE_LEAD: Final = rx(
    r"""[\t ]*(?:based\son\s|[^.;:|]{0,30}?\b(?P<adapter>q?lora|adapt[eo]rs?)\b[^.;:|]{0,20}?
    \b(?:for|of|on(?:\stop\sof)?)\s)"""
)
PARENTS: Final = rx(r".*(?:parent|merged)")
FIELD_RELATION: Final = (
    (rx(r"fine-?\s?tuned|adapted"), "finetune"),
    (rx(r"quantized|converted"), "quantized"),
    (rx(r"distilled"), "distilled"),
    (rx(r"merged"), "merge"),
    (rx(r"pruned"), "pruned"),
    (rx(r"unquanti[sz]ed"), "quantized"),
    (rx(r"continued"), "continued_pretraining"),
    (rx(r"upcycl"), "upcycled"),
)
PLACEHOLDER: Final = rx(
    r"""^\W*(?:more\sinformation\s(?:is\s)?needed|needs\smore\sinformation|information\sneeded|none
    |n/?a|na|tbd|to\sbe\s(?:added|announced|determined)|todo|unknown|coming\ssoon|no|yes|-+
    |not\s(?:available|specified|applicable|provided)|(?:trained\s)?(?:from\s)?scratch)?\W*$"""
)
MERGED_LIST: Final = folded(
    r"""\b(?:included\sin\s(?:the|this)\smerge|models\s(?:were\s)?merged|merged?\smodels
    |merge\s(?:\w+\s){0,4}?(?:of|from|between|with)\s(?:the\s)?(?:following|these)
    |following\s(?:\w+\s)?base\smodels)\b.{0,60}$
    |\bmerge\sof\W{0,4}$"""
)
"""What stands before a list of the models that were merged."""
NOTHING: Final = rx(
    r"""^\W*(?:n/?a|none|not|no|unknown|(?:trained\s)?from\sscratch|based\son\sthe\sprovided)\b
    |more\sinformation\sneeded|^\[[^\]]*\](?!\s?[(h])"""
)
"""Values of a field that name nothing: denials, and brackets of a template without a link."""
NAME_FIRST: Final = folded(
    r"""^(?:\s(?:language\s|base\s|large\s|pretrained\s|transformer\s)?models?)?\s?
    (?:\[[^\]]{0,80}\]\([^)]{0,300}\)\s?|\((?:[^()]|\([^()]{0,120}\)){0,120}\)\s?|,\s?)?
    (?:that\s(?:is|was|has\sbeen)\s|which\s(?:is|was|has\sbeen)\s|further\s|model\s)?
    (?:(?:fine-?\s?tuned|finetuned|fine-turned|instruction[\s-]tuned|instruct[\s-]tuned)\s(?:on|for|with|using|to|by)\b
    |(?:after|following|plus|with)\s(?:[\w-]+\s){0,3}?(?:(?:instruction|preference|chat)[\s-](?:fine-?)?tuning|sft|dpo|rlhf|grpo
    |fine-?\s?tuning|finetuning|post-training)\b)"""
)
NOUN: Final = rx(r"^\s(?:full\s|lora\s)?(?:fine-?\s?tune|finetune)\b(?!\sof\b)")
"""What follows a base in `a Base-7B finetune`."""
QUANTIZED_TO: Final = rx(
    r"""^\swith\s(?:onnx|gguf|ggml|mlx|openvino|coreml|int[48]|fp8|4-?bit|8-?bit)\sweights\b
    |^[\s,]{1,3}quanti[sz]ed\s(?:down\s)?(?:to|in|into|with|using)\b
    (?!.{0,60}?\b(?:scores?|reach\w*|perform\w*|is|has|needs?|runs?|achiev\w*|loses?|takes?)\b)"""
)
"""What follows an identifier in `x/base-7b quantized to 4 bits`."""
FIRST: Final = re.compile(
    r"(?:tuned|turned) (?:on|for|with|using|to|by)\b|\bthis is \S.{0,80} with \w"
    r"|(?:tuning|sft|dpo|rlhf|grpo)\b"
    r"|[\w)] (?:full |lora )?fine-?\s?tune\b(?! of\b)|[\w.)][ -](?:\w+ )?based \w"
)
"""What must stand in a sentence, in lower case, for its first name to be a base."""
CHANGED: Final = folded(
    r"""^\swith\s(?:[\w-]+\s){1,4}?(?:removed|ablated|added|replaced|extended|fused|merged|expanded|modified|disabled)\b"""
)
"""What follows a base in `this is X with refusals removed`."""
OPENING: Final = re.compile(
    r"^[\W_]*(?P<name>[A-Z][\w.+-]*[a-z][\w.+-]*)(?:['’]s\s(?:\w+\s){1,3}?|\sand\s\S+\s|\s)(?:is|are|was)\s"
    r"(?:an?|the|our|released|licensed|distributed|published|available)\s"
)
"""A sentence `Name is a …`, whose name needs no number."""
PRONOUNS: Final = frozenset((
    "this", "it", "these", "the", "our", "we", "model", "here", "there", "what", "that", "each",
    "both", "all", "weights", "models", "training", "everything", "base", "code", "checkpoints",
))  # fmt: skip
BASED: Final = folded(
    r"""^[\s-](?:\w+\s)?based\s(?:[\w-]+\s){0,4}?(?:models?|llms?|lms?|checkpoints?|assistants?
    |chatbots?|embeddings?|variants?|versions?)\b"""
)
"""What follows a base in `a Mistral-based model`."""
AS_BASE: Final = folded(
    r"""\b(?:us(?:es|ing|ed|e)|with|take[sn]?|adopt(?:s|ing|ed)?|employ(?:s|ing|ed)?
    |leverag(?:es|ing|ed)|choose|chose|select(?:s|ed)?)\b"""
)
AS_BASE_TAIL: Final = folded(
    r"""^(?:\s(?:model|llm|weights))?,?\sand\s(?:\w+\s)?(?:fine-?\s?tuned|finetuned|continued)\b
    |^(?:\s(?:model|llm|weights))?\s(?:as|for|to\sbe)\s(?:a\s|an\s|the\s|our\s|its\s|their\s)?
    (?:[\w-]+\s){0,3}?(?:base|backbone|foundation|foundational|starting\spoint|initiali[sz]ation
    |decoder|llm|student)\b"""
)
CONTRARY: Final = rx(
    r"""\b(?:(?:not|n't|never|no)\s(?:a\s|an\s)?(?:\w+\s){0,4}?
    (?:based|built|fine-?tuned|derived|initiali[sz]ed|trained)
    |(?:you|users?|developers|one)\s(?:can|could|may|should|want|will)|can\sbe|could\sbe|may\sbe
    |to\s(?:fine-?tune|finetune|quantize|run|use|train)|how\sto|if\syou|your|suppose|assum(?:e|ing)|let's|please|example
    |for\sinstance|code\sfor|scripts?\s(?:for|to)|support(?:s|ed)?\s(?:for|the)?
    |compared\s(?:to|with)|outperform\w*|better\sthan|similar\sto|unlike|instead\sof|evaluat\w+
    |baseline\w*|would|we\srecommend|tutorial|notebook|demo|guide|command|community\shas
    |(?:model\s)?card\s(?:was|is)|(?:with|by|using|via|through)\s(?:an?|the|our)\s(?:\w+\s){0,3}?(?:classifier|filter|judge
    |scorer|retriever)|written\sby|future|plan(?:s|ned)?\sto|will\sbe
    |vous|votre|supposons|supongamos|angenommen|pouvez|peut|puede[ns]?|usted|podemos|können|kannst|você|podem?|можно|можете|если|comparé|verglichen|comparado)\b
    |可以|如果|例如|支持|教程|示例|并未|没有|例えば|場合|できます|ことが"""
)
"""Words that advise, compare, deny or plan; a name that follows them is not taken for a base."""

RELEASE: Final = folded(
    r"""\b(?:releas\w+|introduc\w+|present\w*|publish\w*|open-?sourc\w+|announc\w+|publicamos
    |publions|launch\w*)\b|发布|推出|开源|リリース|公開|발표|공개"""
)
ADVICE: Final = folded(r"\b(?:you|your|can|how\sto|script|command|run)\b|可以|如果")
_OF_KIND: Final = r"""(?:[\s-](?:series|versions?|variants?))*\s?
    (?:series\s)?(?:models?\b|versions?\b|版本|模型|系列|クォン)"""
LOW_BIT: Final = folded(
    rf"""(?<![\w-])(?P<kind>int[248]|[248]-?\s?bits?|fp8)(?:{_OF_KIND}
    |[\s-]quanti[sz]ed|\s?量化)"""
)
ASSISTANT: Final = folded(
    rf"(?<![\w-])(?P<kind>chat|instruct|reasoning|thinking|aligned|assistant){_OF_KIND}"
)
OWN_DATA: Final = folded(
    r"""\b(?:data|corpora|corpus|tokens|texts?|mixture)\b.{0,80}?\sfor\s
    (?:incremental|continual|continued|further)\s(?:pre-?\s?)training\b"""
)
"""Data used for further pre-training: said of the card's model where none is named."""
OWN_TOOL: Final = folded(r"^\W*using\s[^.;]{2,80}?(?:\.\d+){0,3}\sfor\squanti[sz]ation\b")
"""What the card's own files were quantized with, where the sentence says no more."""
OWN_TUNING: Final = folded(
    r"""^\W*(?:(?:the|this|our)\s(?:\w+\s){0,2}?(?:model|checkpoint|network|version)|it)\s(?:was|is|has\sbeen)\s
    (?:(?:then|further|also|subsequently|finally|later|first|additionally)\s){0,2}
    (?:fine-?\s?tuned|finetuned)\s(?:it\s)?(?:on|with|using|for|via|by|through)\b
    |\b(?:we|i)\s(?:have\s|then\s|further\s)?(?:fine-?\s?tuned|finetuned)\s(?:it|(?:the|this)\smodel)\b"""
)
"""Fine-tuning said of the card's own model, whose base stands elsewhere."""
OWN_CONTINUED: Final = folded(
    r"""^\W*(?:further|continual(?:ly)?|continuously|continued)\s(?:pre-?\s?)?train(?:ed|ing)\son\b
    |\binitiali[sz]ed\s(?:with|from)\b.{3,120}?\bthen\s(?:\w+\s)?pre-?trained\b"""
)
OWN_PACKED: Final = folded(
    r"""^\W*(?:gguf|ggml|awq|gptq|exl[23]|mlx)\s(?:quanti[sz]ations?|quants?|conversions?)\W{1,4}(?:was\s|were\s)?
    (?:provided|made|created|produced|done|by)\b"""
)
AUTOMATIC: Final = folded(
    r"\b(?:trained|finetuned|fine-tuned)\s(?:using|with|by|via)\s\W{0,2}(?:🤗\s)?auto(?:train|nlp)\b"
)
"""Services that do nothing but fine-tune."""
RELATION_ONLY: Final = (
    (
        folded(
            r"""\b(?:quanti[sz]ed|cuantizado|quantifié)s?
            (?:\s(?:series|int[248]|models?|versions?|by|with|using))+
            |由\s?(?:AWQ|GPTQ)\s?量化|量化模型|量子化モデル|bits?\s?量化|modelo\scuantizado|modèle\squantifié"""
        ),
        "quantized",
    ),
    (
        folded(
            r"""\b(?:is|are|was|were)\s(?:further\s)?(?:fine-?tuned|finetuned|instruction-tuned)\s(?:to|with|using|on|for|by)\b
            |\b(?:chat|instruct|assistant)\smodels?\s(?:(?:is|are|was|were)\s)?(?:fine-?tuned|finetuned)\b
            |\bundergone\s(?:\w+\s){0,4}?(?:supervised\sfine-?tuning|SFT)
            |(?:采用|使用|经过|進行).{0,12}?(?:监督微调|指令微调|SFT)
            |\b(?:is|are|it's)\s(?:an?|the|our|my)\s(?:[^\s,.;:]+\s){0,6}?(?:fine-?\s?tunes?|finetunes?)\b
            |\btrained\swith\s(?:alignment\stechniques|RLHF|SFT)\b"""
        ),
        "finetune",
    ),
    (
        folded(
            r"""\bcontinued?\sto\s(?:pre-?\s?)?train\sthe\smodel\b|对模型进行继续预?训练
            |\bfurther\spre-?\s?trained\son\b"""
        ),
        "continued_pretraining",
    ),
    (OWN_DATA, "continued_pretraining"),
    (OWN_CONTINUED, "continued_pretraining"),
    (OWN_PACKED, "quantized"),
    (OWN_TOOL, "quantized"),
    (AUTOMATIC, "finetune"),
    (OWN_TUNING, "finetune"),
    (
        folded(
            r"""\b(?:is|are)\s(?:a\s)?merges?\sof\s(?:pre-?trained|several|multiple|two|three|\d|(?:the\s)?following|these)
            |\bcreated\susing\s\[?mergekit|\bmerged\susing\b"""
        ),
        "merge",
    ),
)

_RELATION_GATE: Final = Gate([pattern for pattern, _ in RELATION_ONLY])


def told(sentence: str, lower: str) -> Iterator[tuple[Folded, str]]:
    """The patterns of a derivation without a base of which a sentence holds the words."""
    return (RELATION_ONLY[place] for place in _RELATION_GATE.open(sentence, lower))


MERGED: Final = folded(r"\b(?:merge[sd]?|merging|blend(?:ed)?)\b")

MERGING: Final = folded(
    r"\b(?:merge(?:kit)?[sd]?|merging|frankenmerge|blend(?:ed|ing)?|combining|stacking|fusing)\b"
)
"""The word after which the names in a sentence about a merge are what was merged."""

JOINING: Final = folded(
    r"""\b(?:couples?|combin\w+|connect\w*|pairs?|join\w*|integrat\w+|us(?:es|ing)|consist\w*|compos\w*|compris\w*)\b
    (?=.{0,100}?\b(?:vision|image|visual|audio|speech)\s(?:encoder|tower|backbone))"""
)
"""The word after which the names in a sentence about parts are the parts."""

OF_ASSISTANT: Final = rx(
    r"""^(?:\sversions?)?\s(?:for|of)\sthe\s(?:chat|instruct|aligned)\smodels?\b"""
)
ASSISTANT_OF: Final = rx(r"(?:chat|instruct)\s?版本的\s?$")
"""A copy at fewer bits of a family's assistants, which are not named: after and before it."""
PRETRAINED: Final = folded(r"\bpre-?\s?trained\b|\bbase\smodel\b|预训练|事前学習")

"""The phrases by which cards say what a model was made from; rules of language, no names.

A phrase is tried on sentences whose markup is blanked. `strong` phrases are followed by a model
and by nothing else; after the others a name must be an identifier or hold a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from gpai_scan.evidence.cards.folded import Folded, Gate
from gpai_scan.evidence.stated.words import (
    DATA,
    GAP,
    KIND,
    NEXT,
    OTHER_THING,
    QUANT,
    STEP,
    TUNED,
    folded,
    rx,
)


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
        without=OTHER_THING,
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
        |(?:version|versión|versão|versione)\sfine-?tuned)(?:\s(?:con|avec|com|mit|in|en|al|à|au|ao|für)\s\w+)?\s(?:de|del|di|do|du|von)\b""",
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
        r"""\b(?:head|layers?|classifier|projection|regressor|module)s?\s(?:\w+\s)?on(?:\stop\sof)?\b""",
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
    _phrase(
        r"\bresulting\sin\s(?:an?|the)\s(?:enhanced|improved|tuned|fine-?tuned|speciali[sz]ed)\b",
        "finetune",
        strong=False,
    ),
    _phrase(
        r"\b(?:fine-?\s?tuning|finetuning|tuning)\sof\b",
        "finetune",
        tail=r"^(?:\s(?:base|foundation|chat|pre-?trained))*\s(?:models?|checkpoints?|weights|llms?)\b",
    ),
    _phrase(rf"\b(?:fine-?\s?tunes|finetunes)\s(?:the\s)?{NEXT}", "finetune", strong=False),
    _phrase(
        r"""\boriginal\s(?:[\w-]+\s){0,3}?(?:model|weights|checkpoint)s?\s
        (?:can\sbe\sfound|(?:is|are)\s(?:available|at|on|here)|(?:is|are))(?:\s(?:at|on|in))?\b""",
        None,
        strong=False,
    ),
    _phrase(r"\bstart(?:s|ed)\s(?:life\s|out\s|off\s)?as\b", None, strong=False),
    _phrase(r"\bdistill?(?:s|ed)?\s.{3,60}?\sinto\b", "distilled", strong=False),
    _phrase(
        r"""\b(?:weights|activations)\s(?:and\s\w+\s)?of\b
        (?=\W{0,3}\S{3,200}\s(?:(?:were|are)\s)?quanti[sz]ed\b)""",
        "quantized",
        strong=False,
    ),
    _phrase(
        rf"^\W*(?:an?|the)\s(?:[\w-]+\s){{0,2}}?{TUNED}\s{NEXT}",
        "finetune",
        strong=False,
        tail=r"^\s?(?:$|[,.;:(]|(?:for|to|on|with|using|that|which|trained|by|via)\b)",
    ),
    _phrase(
        rf"\bextends\s{NEXT}",
        None,
        strong=False,
        tail=r"^\s(?:by|with|via|through)\b",
        without=OTHER_THING,
    ),
    _phrase(
        r"\b(?:long-context|extended|context-extended|longer-context)\s(?:version|variant)\sof\b",
        None,
        strong=False,
    ),
    _phrase(r"\bwurden?\saus\b", None, strong=False),
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
    _phrase(r"\b(?:fine-?\s?tuned?|finetuned?)\son\stop\sof\b", "finetune"),
    _phrase(
        r"\b(?:integrat|load|copi|transferr|plac)\w*\s(?:the\s)?(?=\S)",
        None,
        strong=False,
        tail=r"^\s(?:weights|layers|parameters)\sinto\sthe\s(?:[\w-]+\s){0,3}?(?:layers|model|network|blocks|experts)\b",
    ),
    _phrase(
        r"\b(?:est|es|é|ist|è)\s(?:un|une|una|um|uma|ein|eine)\s(?:modèle|modelo|modello|modell)\s(?=\S)",
        "finetune",
        strong=False,
        tail=r"^\W{0,3}(?:affiné|fine-?tun|afinad|ajustad|affinat|feinabgestimmt|feinjustiert)",
    ),
    _phrase(
        r"\b(?:feinjustiert|feinabgestimmt|affiné|afinado|ajustado|affinato)\s(?:von|aus|de|da|du|di)\b",
        "finetune",
    ),
    _phrase(
        r"(?:основан|дообучен|обучен)\w*\s(?:\w+\s){0,2}?на\s(?:основе\s|базе\s)?|\bна\s(?:основе"
        r"|базе)\b",
        None,
        strong=False,
    ),
)

GATE: Final = Gate([phrase.pattern for phrase in PHRASES])


def possible(words: Iterable[str]) -> Iterator[Phrase]:
    """The phrases that a sentence with some words may hold."""
    return (PHRASES[place] for place in GATE.open(words))

"""Labels of fields and tables that promise a base or tell how a model was made."""

from __future__ import annotations

import re
from typing import Final

from gpai_scan.evidence.stated.words import STEP, rx

_KEY: Final = r"""(?:(?:parent|base|original|source|foundation|foundational|backbone|starting
    |initial|underlying|pre-?\s?trained|unquanti[sz]ed)\s(?:(?:language|llm|text|vision|encoder)\s)?
    (?:models?|llms?|checkpoints?|lm|weights|backbone|encoder)(?:\(s\))?(?:\sbefore\supcycling)?
    |base_model|(?:model\s)?parents?|(?:language|text|llm)\s(?:model\s)?(?:backbone|base)
    |(?:fine-?\s?tuned|finetuned|quanti[sz]ed|derived|converted|initiali[sz]ed|trained|adapted|distilled|merged
    |pruned|upcycled|continued|(?:continu\w+|continually|further)[\s-](?:pre-?)?trained|(?:pre-?)?trained)\s(?:from|on\stop\sof)(?:\s(?:base\s)?model)?
    |(?:feinjustiert|feinabgestimmt|affiné|ajustado|afinado|affinato|finjusterad|finjustert)\s(?:von|aus|de|da|du|di|från|fra)|original\smodel\srepo|backbone|base\sllm
    |(?:model|base|models)\s(?:merged|lineage)|merged\smodels|模型基座|基座模型|基座|基础模型|底座模型|底座
    |原始模型|原模型|ベースモデル|元モデル|베이스\s?모델|기반\s?모델|modelo\s(?:base|original)|modèle\sde\sbase
    |(?:basis|ausgangs|grund|original)modell|basismodel(?:l|len)?|basmodell|model\sbazowy|základní\smodel|temel\smodel|model\s(?:dasar|asas|base|de\sbază)
    |mô\shình\s(?:gốc|nền|cơ\ssở)|modelo\s(?:de\spartida|fundacional)|modello\s(?:di\s)?(?:base|partenza)|modèle\s(?:d['’]origine|parent|source)
    |базова\sмодель|базов[аы]й?\sмодел\w*|базовая\sмодель|исходная\sмодель|النموذج\sالأساسي|مدل\sپایه|μοντέλο\sβάσης)"""
WEAK_KEY: Final = rx(
    r"(?:base|parent|llm|language\smodel|lineage|derivation|(?:built|based)\son|initiali[sz]ation)"
)
"""A label that may mean something else: only what is surely a model counts."""
LOOSE_KEY: Final = rx(r"(?:base|backbone|(?:built|based)\son|parent|llm)")
"""A label over an architecture as often as over a base."""
KEY: Final = rx(rf"{_KEY}|{WEAK_KEY.pattern}")
"""The label of a base, as a field or in a table."""
FIELD: Final = rx(
    rf"""^[\s>*+•-]*(?:[^\w\s\[(<|]{{1,3}}\s{{0,2}})?(?P<key>{_KEY}|{WEAK_KEY.pattern}|model\stype(?=\W.{{0,30}}?(?:lora|adapt[eo]rs?)\b.{{0,20}}?\b(?:for|of|on)\s))
    \s*(?:\[optional\]|\(optional\))?\s*[:：]\s*(?P<value>\S.*)$"""
)
METHOD_KEY: Final = rx(
    r"""(?:(?:post-?)?training(?:\s(?:stages?|methods?|procedure|type|recipe|technique|approach))?
    |(?:fine-?\s?tuning|finetuning|tuning|alignment|adaptation)(?:\s(?:methods?|technique|type|approach))?
    |(?:adapter|model)\stype|(?:merge\s)?method|objective)"""
)
"""The label of how a model was made."""
METHOD_FIELD: Final = rx(
    rf"^[\s>*+•-]*(?:[^\w\s\[(<|]{{1,3}}\s{{0,2}})?(?P<key>{METHOD_KEY.pattern})\s*[:：]\s*(?P<value>\S.*)$"
)
METHODS: Final = (
    (rx(r"(?:merge|slerp|ties|dare|model[\s_-]?stock|passthrough|linear\smerge|della)\b"), "merge"),
    (rx(r"(?:\w+\s)?(?:q?lora|peft)\s(?:adapt[eo]r|weights)|(?:adapt[eo]r)\b"), "adapter"),
    (
        rx(
            rf"""(?:(?:full(?:-parameter)?|supervised|instruction|domain|lora|qlora)[\s-])*
            (?:fine-?\s?tun(?:ing|ed?)\b|finetun(?:ing|ed?)\b|{STEP}\b(?!\sfrom\sscratch))"""
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
    (rx(r"fine-?\s?tuned|adapted|feinjust|feinabg|affin|ajustado|afinado|finjust"), "finetune"),
    (rx(r"quantized|converted"), "quantized"),
    (rx(r"distilled"), "distilled"),
    (rx(r"merged"), "merge"),
    (rx(r"pruned"), "pruned"),
    (rx(r"unquanti[sz]ed"), "quantized"),
    (rx(r"continu|further"), "continued_pretraining"),
    (rx(r"upcycl"), "upcycled"),
)
PLACEHOLDER: Final = rx(
    r"""^\W*(?:more\sinformation\s(?:is\s)?needed|needs\smore\sinformation|information\sneeded|none
    |n/?a|na|tbd|to\sbe\s(?:added|announced|determined)|todo|unknown|coming\ssoon|no|yes|-+
    |not\s(?:available|specified|applicable|provided)|(?:trained\s)?(?:from\s)?scratch)?\W*$"""
)
NOTHING: Final = rx(
    r"""^\W*(?:n/?a|none|not|no|unknown|(?:trained\s)?from\sscratch|based\son\sthe\sprovided)\b
    |more\sinformation\sneeded|^\[[^\]]*\](?!\s?[(h])"""
)
"""Values of a field that name nothing: denials, and brackets of a template without a link."""

ITSELF: Final = rx(
    r"""\s(?:uses|builds\son|starts\sfrom|derives\sfrom
    |(?:is|was)\s(?:based\son|built\son|derived\sfrom|fine-?tuned\sfrom|initiali[sz]ed\sfrom))\s"""
)
"""What follows the model itself in `Base model: X uses Y as base model`."""

"""What stands around a base: after a name that comes first, before a list, in its sentence."""

from __future__ import annotations

import re
from typing import Final

from gpai_scan.evidence.stated.words import folded, rx

MERGED_LIST: Final = folded(
    r"""\b(?:included\sin\s(?:the|this)\smerge|models\s(?:were\s)?merged|merged?\smodels
    |merge\s(?:\w+\s){0,4}?(?:of|from|between|with)\s(?:the\s)?(?:following|these)
    |following\s(?:\w+\s)?base\smodels
    |(?:made|built|created|composed|assembled|consists?)\s(?:with|from|of|using)\s(?:the\s)?following\s(?:\w+\s){0,3}?models)\b.{0,160}$
    |\bmerge\sof\W{0,4}$"""
)
"""What stands before a list of the models that were merged."""
NAME_FIRST: Final = folded(
    r"""^(?:\s(?:language\s|base\s|large\s|pretrained\s|transformer\s)?models?)?\s?
    (?:\[[^\]]{0,80}\]\([^)]{0,300}\)\s?|\((?:[^()]|\([^()]{0,120}\)){0,120}\)\s?|,\s?(?!.{0,120}?,\s(?:(?:also|which|that)\s)?(?:outperform|achiev|surpass
    |reach|show|perform|scor|beat|is|was|has|exceed|improv|deliver)))?
    (?:that\s(?:is|was|has\sbeen)\s|which\s(?:is|was|has\sbeen)\s|further\s|model\s)?
    (?:(?:fine-?\s?tuned|finetuned|fine-turned|instruction[\s-]tuned|instruct[\s-]tuned)\s(?:on|for|with|using|to|by|over)\b
    |trained\son\s.{3,100}?\sand\s(?:then\s)?(?:fine-?\s?tuned|finetuned)\s(?:on|for)\b
    |after\s(?:being\s)?(?:further\s)?(?:fine-?\s?tuned|finetuned|trained)\son\b
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
CONTINUED: Final = rx(
    r"^\s(?:further|continually|continuously|continued|additionally)[\s-](?:pre-?\s?)?trained\s(?:on|with|for)\b"
)
"""What follows a base in `is X continuously pre-trained on novels`."""
FIRST_WORDS: Final = (
    "tuned ", "turned ", "tuning", "-tune", "finetune", "fine tune", "based ", "this is ", "sft",
    "dpo", "rlhf", "grpo", "trained on",
)  # fmt: skip
"""Words of which one must stand in a sentence, in lower case, before `FIRST` is tried."""
FIRST: Final = re.compile(
    r"(?:tuned|turned) (?:on|for|with|using|to|by|over)\b|\bthis is \S.{0,80} with \w"
    r"|(?:tuning|sft|dpo|rlhf|grpo)\b|(?:continu\w+|further|additionally)[\s-](?:pre-?\s?)?trained\b"
    r"|after (?:being )?(?:further )?trained on\b"
    r"|[\w)] (?:full |lora )?fine-?\s?tune\b(?! of\b)|[\w.)][ -](?:\w+ )?based \w"
)
"""What must stand in a sentence, in lower case, for its first name to be a base."""
CHANGED: Final = folded(
    r"""^\swith\s(?:[\w-]+\s){1,4}?(?:removed|ablated|added|replaced|extended|fused|merged|expanded|modified|disabled)\b"""
)
"""What follows a base in `this is X with refusals removed`."""
CHANGES: Final = (
    "pruned ", "sparsified ", "quantized ", "quantised ", "compressed ", "converted ",
    "distilled ", "abliterated ",
)  # fmt: skip
CHANGED_TO: Final = re.compile(
    r"(?:\s(?:language\s)?models?)?\s(?:that\s(?:was|has\sbeen|were)\s)?(?:pruned|sparsified|quantized|quantised|compressed|converted"
    r"|distilled|abliterated)\s(?:to|in|with|using|by|at|down|for|via|into)\b"
)
"""What follows an identifier in `contains x/base-7b pruned to 50%`, in lower case."""
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
    |decoder|llm|student|embedding\smodel)\b"""
)
CONTRARY: Final = rx(
    r"""\b(?:(?:not|n't|never|no)\s(?:a\s|an\s)?(?:\w+\s){0,4}?
    (?:based|built|fine-?tuned|derived|initiali[sz]ed|trained)
    |(?:you|users?|developers|one)\s(?:can|could|may|should|want|will)|can\sbe(?!\sfound)|could\sbe|may\sbe
    |to\s(?:(?:fine-?tune|finetune)(?!\son\stop\sof\b)|quantize|run|use|train)|how\sto|if\syou|your|suppose|assum(?:e|ing)|let's|please|example
    |for\sinstance|code\sfor|scripts?\s(?:for|to)|support(?:s|ed)?\s(?:for|the)?
    |compared\s(?:to|with)|outperform\w*|better\sthan|similar\sto|unlike|instead\sof|evaluat\w+
    |baseline\w*|would|we\srecommend|tutorial|notebook|demo|guide|command|community\shas
    |(?:model\s)?card\s(?:was|is)|(?:with|by|using|via|through)\s(?:an?|the|our)\s(?:\w+\s){0,3}?(?:classifier|filter|judge
    |scorer|retriever)|written\sby|future|plan(?:s|ned)?\sto|will\sbe
    |vous|votre|supposons|supongamos|angenommen|pouvez|peut|puede[ns]?|usted|podemos|können|kannst|você|podem?|можно|можете|если|comparé|verglichen|comparado)\b
    |可以|如果|例如|支持|教程|示例|并未|没有|例えば|場合|できます|ことが"""
)
"""Words that advise, compare, deny or plan; a name that follows them is not taken for a base."""

ENCODER: Final = rx(
    r"(?:^|[/_-])(?:clip|siglip2?|vit|dinov?\d?|eva\d*|convnext|whisper|wav2vec2?|hubert)(?=[/_-]|\d|$)"
)
"""Encoders of images and sound: what is made from one and a language model is no merge."""

RELEASE: Final = folded(
    r"""\b(?:releas\w+|introduc\w+|present\w*|publish\w*|open-?sourc\w+|announc\w+|publicamos
    |publions|launch\w*)\b|发布|推出|开源|リリース|公開|발표|공개"""
)

MERGED: Final = folded(r"\b(?:merge[sd]?|merging|blend(?:ed)?)\b")

MERGING: Final = folded(
    r"\b(?:merge(?:kit)?[sd]?|merging|frankenmerge|blend(?:ed|ing)?|combining|stacking|fusing)\b"
)
"""The word after which the names in a sentence about a merge are what was merged."""

JOINING: Final = folded(
    r"""\b(?:couples?|combin\w+|connect\w*|pairs?|join\w*|integrat\w+|us(?:es|ing)|consist\w*|compos\w*|compris\w*)\b
    (?=.{0,100}?\b(?:vision|image|visual|audio|speech)\s(?:encoder|tower|backbone))
    |\bdistill?(?:s|ed)?\s(?=.{3,60}?\sinto\b)"""
)
"""The word after which the names in a sentence about parts are the parts."""

"""The words that tell the kind of a derivation, beside a base or without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gpai_scan.evidence.cards.folded import Folded, Gate
from gpai_scan.evidence.stated.words import TUNED, folded, rx

CONTEXT: Final = (
    (folded(r"\bpruned\b|\bpruning\b|\bsparsified\b"), "pruned"),
    (folded(r"quanti[sz]ed|\bgguf\b|\bawq\b|\bgptq\b"), "quantized"),
    (
        folded(
            r"""continu\w+\s(?:pre-?\s?)?train|continual|further\spre-?\s?train
            |\b(?:pre-?\s?)?training\s(?:was\s|is\s|has\sbeen\s)?(?:then\s)?(?:continued|resumed)
            |\bthen\s(?:\w+\s){0,2}?pre-?trained\b|\bentraînement\scontinu
            |\bcontin\w+\s(?:\w+\s){0,2}?(?:pre-?|pré-?)?(?:entrenamiento|treinamento|treino|entraînement|addestramento)
            |\b(?:pre-?|pré-?)?(?:entrenamiento|treinamento|entraînement|addestramento)\scontin
            |\b(?:weiter(?:hin\s)?trainiert|weitertraining|fortgesetzt\w*\s(?:vor|pre-?)?training)
            |продолж\w+\s(?:пред)?обуч|\bde\sforma\scont[ií]nua\b|\bfortgesetzt\w*\s(?:vor|pre)
            |\b(?:verder|voortgezet\w*)\s(?:ge)?(?:pre-?)?train|\b(?:videre|fortsatt\w*|vidare)\s(?:för|for|pre)?-?(?:hånds)?tr[eäæ]n
            |\bvid(?:er|ar)etr[eäæ]n|\bdoorgetraind\b|\bkontynu\w+\s(?:pre)?tren|\bdalsz\w+\s(?:pre)?tren|\bpokračuj\w+\s(?:před)?tr
            |\bdilatih\slanjut|\bpelatihan\slanjut|\btiếp\stục\s(?:\w+\s){0,2}?huấn\sluyện|\bhuấn\sluyện\s(?:\w+\s)?tiếp|\bön\seğitim\w*\sdevam
            |ادامه|تدريب\s(?:مسبق\s)?مستمر|продовж\w+\s(?:перед)?навч|συνεχ\w+\s(?:προ)?εκπαίδ
            |\bkee?pt?\s(?:on\s)?pre-?\s?training|\bextend\w*\s(?:the\s|its\s)?pre-?\s?training\b
            |\btrained?\s(?:it\s)?(?:for\s)?(?:another|a\sfurther|an\sadditional)\s[\d.,]+"""
        ),
        "continued_pretraining",
    ),
    (
        folded(
            rf"(?<![\w/.-]){TUNED}|\bchat\smodel|\balignment\stechniques|\bassistant\b.{{0,60}}?\btrained"
            r"|\bfinjuster|\bfintr[äeæ]n|\bgefinetun|\bverfijn|\bfijnafge|\bdostroj|\bdoladěn|\bince\sayar|\btinh\schỉnh"
            r"|\bdi-?fine-?tun|\bdisesuaikan|\bdisempurnakan|\bđiều\schỉnh|ضبط|تنظیم\sدقیق|فاین|כוונון|донавч|फाइन|ajustat|hienosää|finomhangol"
            r"|\bfine-?\s?tuning|\bfinetuning|\bfine-?tune\b|\bspecializzat|\bspecialis|\bspécialis|\bespecializ|μικρορύθμ|προσαρμο|ปรับแต่ง"
            r"|\bajuste\sfino|\baffinage|\bafinad|\bfeinabst|\bfine-?\s?tuning\s(?:de|von|di|do)\b"
            r"|\bdecensor|\buncensor|\babliterat|дообуч|\bajustad[oa]|\bafinad[oa]|\baffinée?\b|\bfeinabgestimmt|\bfeinjustiert"
            r"|\b(?:SFT|DPO|GRPO|PPO|ORPO|KTO|RLHF|RLVR|reinforcement\slearning)\b"
            r"|\b(?:preference|instruction)\s(?:tuning|optimi[sz]ation)\b"
        ),
        "finetune",
    ),
    (
        folded(
            r"""\b(?:took|take)\b.{3,80}?\b(?:and|then)\strained\b|\bnew\s(?:\w+\s)?head\b
            |\b(?:full|supervised|instruction|full-parameter)\s(?:parameter\s)?(?:fine-?\s?tuning|finetuning)\b
            |\bfine-?\s?tuning\sauf\b|\büberwacht\w+\sfine
            |(?<![\w-])(?:instructions|instruktionen|instrucciones|instruções|istruzioni)\b"""
        ),
        "finetune",
    ),
    (folded(r"\bknowledge\sdistillation\b|\bstudent\b"), "distilled"),
    (folded(r"\b(?:is|are)\san?\s(?:\w+\s)?(?:copy|mirror|re-?upload)\sof\b"), "mirror"),
)
"""What other words of a sentence tell of the kind of derivation, in order."""

ADVICE: Final = folded(r"\b(?:you|your|can|how\sto|script|command|run)\b|可以|如果")
_OF_KIND: Final = r"""(?:[\s-](?:series|versions?|variants?))*\s?
    (?:series\s)?(?:models?\b|versions?\b|版本|模型|系列|クォン)"""
LOW_BIT: Final = folded(
    rf"""(?<![\w-])(?P<kind>int[248]|[248]-?\s?bits?|fp8)(?:{_OF_KIND}
    |[\s-]quanti[sz]ed|\s?量化)"""
)
ASSISTANT: Final = folded(
    rf"(?<![\w-])(?P<kind>chat|instruct|reasoning|thinking|aligned|assistant)(?:{_OF_KIND}|\s版本)"
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
    |^\W*(?:the\smodel|it)\s(?:underwent|undergoes|has\sundergone)\s.{0,80}?(?:\bsft\b|\bdpo\b|fine-?\s?tuning|finetuning)
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
OWN_ADAPTER: Final = folded(
    r"""^\W*(?:(?:an?|the|this\sis\san?)\s)?(?:[\w-]+\s){0,3}?(?:lora|lokr|loha|dora|lycoris)\s(?:adapter\s|model\s)?
    (?:trained|weights|that|which|made|created)\b"""
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
            |,\s(?:instruction|instruct|chat)[\s-]tuned\b
            |\b(?:chat|instruct|assistant)\smodels?\s(?:(?:is|are|was|were)\s)?(?:fine-?tuned|finetuned)\b
            |\bundergone\s(?:\w+\s){0,4}?(?:supervised\sfine-?tuning|SFT)
            |(?:采用|使用|经过|進行).{0,12}?(?:监督微调|指令微调|SFT)
            |\b(?:is|are|it's)\s(?:an?|the|our|my)\s(?:[^\s,.;:]+\s){0,6}?(?:fine-?\s?tunes?|finetunes?)\b
            |\btrained\s(?:[^\s,.;]+\s)?(?:with|using|by|via)\s(?:alignment\stechniques|RLHF|SFT|DPO)\b"""
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
    (OWN_ADAPTER, "adapter"),
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

GATE: Final = Gate([pattern for pattern, _ in RELATION_ONLY])


def told(words: Iterable[str]) -> Iterator[tuple[Folded, str]]:
    """The patterns of a derivation without a base that a sentence with some words may fit."""
    return (RELATION_ONLY[place] for place in GATE.open(words))


OF_ASSISTANT: Final = rx(
    r"""^(?:\sversions?)?\s(?:for|of)\sthe\s(?:chat|instruct|aligned)\smodels?\b"""
)
ASSISTANT_OF: Final = rx(r"(?:chat|instruct)\s?版本的\s?$")
"""A copy at fewer bits of a family's assistants, which are not named: after and before it."""
PRETRAINED: Final = folded(r"\bpre-?\s?trained\b|\bbase\smodel\b|预训练|事前学習")

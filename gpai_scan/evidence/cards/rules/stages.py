"""The part of a training that words speak of, and the words of a sentence that speak of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gpai_scan.evidence.cards.rules.words import TRAIN

TRAIN_CUE: Final = re.compile(TRAIN)
# What "it was trained on …" means after a sentence that says how the model was made.
CONTINUED_CUE: Final = re.compile(
    r"\bcontinu\w* (?:pre-?)?train\w* (?:of|from|on top of)|\bcontinu\w* pre-?trained from"
    r"|継続(?:的な?)?事前学習|继续预训练|增量(?:预)?训练|계속\s?사전\s?학습"
)

STAGES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "post_training",
        re.compile(
            r"\b(?:(?:after|following|subsequent to|beyond|post-?)\s?(?:the )?pre-?train\w*"
            r"(?! (?:on|with|for) [^ ]{0,14}$)|sft\b|instruct\w*|dpo\b|rlhf\b|grpo\b|alignment\b"
            r"|rl\b|(?<!parameter )tuning\b)|fined?-?\s?tun\w*|preference"
            r"|post-?train\w*|reinforcement"
            r"|chat data|微调|ファインチューニング|指示|feinabgestimmt"
            r"|ajust[eé] fin|affin[ée]|afinad"
            r"|\bdistill\w* (?:data|samples|traces|reasoning|examples|instruction)"
        ),
    ),
    (
        "continued_pretraining",
        re.compile(
            r"\b(?:continu(?:e[sd]?|ing|al(?:ly)?|ous(?:ly)?)[- ](?:to |the )?(?:be )?"
            r"(?:pre-?)?train\w*"
            r"|cpt\b|continual\w*|further(?:ed)? (?:pre-?)?train\w*|mid-?train\w*|anneal\w*"
            r"|(?:additional|extra|another|further|extended)\b[^.;|]{0,25}\b(?:pre-?)?train\w*"
            r"|long[- ]?context (?:exten|train|pre)\w*|cool-?down\b|decay (?:stage|phase)"
            r"|continuing (?:from )?\S*\d\S* (?:on|with|over|for)\b"
            r"|trained further"
            r"|(?:stage|phase)[- ]?(?:[23]|two|three|i{2,3})"
            r"(?:[- ](?:(?:pre-?)?training|vortraining(?:s?-?phase)?))?\b"
            r"|prun(?:ed|ing)\b[^.;|]{0,120}\bre-?train\w*|re-?trained\b"
            r"|(?:an )?(?:additional|extra|another)\s*$"
            r"|add(?:s|ed|ing)\s(?:about |around |over |~)*$"
            # "based on X-7B and trained on", "293B tokens of additional data"
            r"|(?:based on|built (?:up)?on|initiali[sz]ed (?:from|with))\s[^.;|]{0,40}?"
            r"\d(?:·\d+)?[bm][\w\-·]{0,20}(?:\s?\([^()]{0,60}\))?,? and (?:further |then )?"
            r"(?:(?:pre-)?train\w*|saw\b)"
            r"|continued (?:for|on|with|over)\b)"
            r"|^\s?of additional\b"
            r"|context[- ](?:length )?extension|(?:context|window|length)\b[^.;|]{0,20}\bextended\b"
            r"|upcycl\w*"
            r"|domain[- ]adapt\w*(?: (?:pre-?)?training)?"
            r"|second (?:(?:pre-?)?training )?stage(?: of (?:pre-?)?training)?"
            r"|长(?:文本|上下文|序列)(?:扩展|训练|继续)|コンテキスト(?:長)?(?:の)?拡張"
            r"|第[二三]阶段|第[二三]段階"
            r"|(?:继续|增量)(?:预?训练)?|継続(?:的?な?事前学習)?|계속|追加(?:の)?事前学習|추가(?:로)?\s?(?:사전\s?)?학습"
            r"|fortgesetzt\w*|continu[ée]s? d'entra"
            r"|dilatih lanjut|pelatihan lanjut"
            r"|preentrenamiento continu|pré-treino continuad|дообуч\w*"
        ),
    ),
    (
        "pretraining",
        re.compile(
            r"\b(?:pre-?\s?train\w*|pre-?entren\w*|pré-?\s?entra\w*|vortrain\w*|vortraining"
            r"|предобуч\w*|pré-?trein\w*|pre-?addestra\w*|voorgetraind)"
            r"|from scratch|预训练|預訓練|事前学習|사전\s?학습"
        ),
    ),
)
# What follows one of these speaks of the next stage.
_NEXT = re.compile(r"\b(?:and|then|followed|before|after which|while)\b|[,;]")
_CJK = re.compile(r"[\u3040-\u9fff]")
_ALL = re.compile(
    r"\b(?:full training|in total|total|overall|cumulative|entire (?:training|project)"
    r"|altogether)\b"
)


# "a 1.5T-token annealing stage": what the figure is the measure of, up to the next small word.
_MODIFIER = re.compile(
    r"\b(?:on|for|with|of|from|and|in|before|after|then|by|using|to|over|the|was|were|is|are)\b"
    r"|[,.;:()|]"
)
_DIRECT = re.compile(
    r"[ \-](?:[\w\-]+ ){0,2}?(?:anneal|continu|cool|context|domain|further|pre-?train|mid-?train"
    r"|post-?train|fine-?tun|instruct|sft|dpo|rlhf)"
)


def stage(left: str, right: str, heading: str = "") -> str | None:
    """The part of the training a number is about: the last word before it that tells, else after.

    Arguments are lower case. None where neither the sentence nor its heading says.
    """
    if _DIRECT.match(right) and (named := _named(_MODIFIER.split(right[:40], maxsplit=1)[0])):
        return named
    best: tuple[int, int, str] | None = None
    for order, (name, pattern) in enumerate(STAGES):
        for match in pattern.finditer(left):
            key = (match.end(), -order, name)
            if best is None or key > best:
                best = key
    if best is not None:
        return best[2]
    if _CJK.search(right[:40]):
        return _first(right[:60]) or _named(_NAMES.sub(" ", heading))
    near = _NEXT.split(right[:100], maxsplit=1)[0]
    return _named(near) or _named(_NAMES.sub(" ", heading))


# A heading `Orca-7B-Instruct` names a model, not a stage of its training.
_NAMES = re.compile(
    r"(?<!\S)(?!stage|phase)(?:\S*[a-z]\S*\d|\S*\d\S*[a-z])\S*"
    r"|[\w.]+-(?:instruct|sft|dpo|rlhf|rl)\b\S*|\binstruct\b(?! ?-?tun)"
)


@lru_cache(maxsize=4096)
def _named(text: str) -> str | None:
    """The first stage that a heading or a few words name."""
    return next((name for name, pattern in STAGES if pattern.search(text)), None)


def _first(text: str) -> str | None:
    """The stage that a text names before any other."""
    found = [(m.start(), name) for name, pattern in STAGES if (m := pattern.search(text))]
    return min(found)[1] if found else None


_PURPOSE = re.compile(r"\bfor (?:the )?(?:continu\w+|further|additional) (?:pre-?)?train\w*")


def for_continued(sentence: str) -> bool:
    """Whether a sentence ends in saying that what it speaks of served continued pre-training."""
    return _PURPOSE.search(sentence) is not None


# "It is smaller than the other and was trained on …": what follows is no comparison.
_CLAUSE = re.compile(r"\b(?:and|which|that) (?=(?:was|were|is|are|has been) )")


def clause(left: str) -> str:
    """The words before a number from where its own clause begins, after a comparison."""
    return _CLAUSE.split(left)[-1]


def covers_all(sentence: str) -> bool:
    """Whether a sentence speaks of the whole training."""
    return _ALL.search(sentence) is not None

"""Decides what a number of tokens is: seen in training, of a data set, a context, a rate."""

from __future__ import annotations

import re
from dataclasses import replace

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.amounts import make
from gpai_scan.evidence.cards.drafts import PART_OF_DATA, READ_ONCE, Draft
from gpai_scan.evidence.cards.numbers import Number, grouped
from gpai_scan.evidence.cards.units import Sentence


def tokens(number: Number, source: Sentence, left: str, right: str) -> Draft | None:
    """What a number of tokens is: seen in training, of a data set, a context, a rate."""
    number = grouped(number, source.text)
    if number.value < 100:
        return None
    if _OTHER_UNIT.match(source.lower, number.end):
        return make("unique_tokens", number, rejected="other_unit")
    draft = _by_token_rules(number, source, left, right)
    if draft is not None and draft.quantity == "tokens" and _of_several(number, source, left):
        return replace(draft, rejected=draft.rejected or "range_of_models")
    if draft is None or draft.quantity != "tokens" or draft.stage is not None:
        return draft
    carried = _GOES_ON.match(source.lower) and rules.CONTINUED_CUE.search(source.previous)
    goes_on = bool(carried) or rules.for_continued(source.lower)
    return replace(draft, stage="continued_pretraining") if goes_on else draft


# "Trained on 200B to 400B tokens, by size", "on from 200B to 400B tokens"
_BY_SIZE = re.compile(
    r"\b(?:by|with|across|per) (?:the |their )?(?:model )?(?:size|scale|variant)s?\b|\bdepend"
    r"|\baccording to\b|\bvar(?:y|ies|ying)\b"
)
_FROM = re.compile(r"\b(?:from|between|ranging)\s(?:about |around |~)*$")


def _of_several(number: Number, source: Sentence, left: str) -> bool:
    """Whether a span of tokens is of several models, each with its own."""
    wide = number.high > 1.5 * number.low
    return wide and bool(_FROM.search(left) or _BY_SIZE.search(source.lower))


TRAINED_ON = re.compile(rf"{rules.TRAIN}\s(?:on|with|over|using)\s(?:about |over |around |~)*$")
# "The pre-training corpus comprises 2T tokens": of the data of this training, not of a public set.
_TRAINING_DATA = re.compile(
    r"\b(?:(?:pre-?|mid-?|post-?)?training|pre-?train|sft|fine-?tuning|annealing)[ -]"
    r"(?:\w+[ -]){0,2}?(?:data(?:\s?set)?|corpus|corpora|set|mix(?:ture)?"
    r"|collection)\b[^.;|]{0,90}$"
    r"|\bour (?:\w+ )?(?:corpus|data(?:\s?set)?)\b[^.;|]{0,60}$"
    r"|\bfinal (?:data(?:\s?set)?|corpus|mix(?:ture)?)\b[^.;|]{0,60}$"
)
_OF_TRAINING_DATA = re.compile(
    r"^[- ](?:of )?(?:\w+ )?(?:pre-?)?training (?:data(?:\s?set)?|corpus|set|mix(?:ture)?)\b"
)
_ONE_KIND = (
    r"\b(?:english|chinese|japanese|korean|german|french|spanish|italian|portuguese|russian|arabic"
    r"|hindi|indic|thai|vietnamese|indonesian|finnish|swedish|norwegian|danish|dutch|polish|czech"
    r"|turkish|greek|hebrew|ukrainian|catalan|european|code|math\w*|web|synthetic|parallel"
    r"|instruction)\s"
)
_OF_ONE_KIND = re.compile(
    rf"{_ONE_KIND}(?:(?:pre-?)?training )?(?:data(?:\s?set)?|corpus|corpora|portion|part|text)\b"
    r"[^.;|]{0,60}$"
    # "Italian (115B tokens) and English (210B tokens) documents"
    rf"|{_ONE_KIND}\((?:about |around |~)*$"
)
_NOT_ALL_OF_IT = re.compile(r"\bepoch|\bunique\b|\bper\b|\brepeat|\bsubset|\bsampl|\bhalf\b|%")


def _about_data(left: str, right: str) -> str | None:
    """What a size of data is of: all that the model was trained on, a part of it, or not said."""
    if _OF_ONE_KIND.search(left):
        return PART_OF_DATA
    whole = _TRAINING_DATA.search(left) or _OF_TRAINING_DATA.match(right)
    return READ_ONCE if whole and not _NOT_ALL_OF_IT.search(left) else None


# Words as a human counts them, beside the tokens of the tokenizer.
_OTHER_UNIT = re.compile(r"\s?(?:white)?space[- ](?:separated|delimited)\b")
# "It was trained on …": how the sentence before says the model was made.
_GOES_ON = re.compile(
    r"^\W*(?:(?:it|the model|this model|training|the training)\b|(?:本|この|该|此)?(?:モデル|模型)"
    r"|学習(?:に)?は|训练|학습)"
)


def _by_token_rules(number: Number, source: Sentence, left: str, right: str) -> Draft | None:
    """What the rules and, where none fits, the words around make of a number of tokens."""
    if number.value >= 1e9 and _STAGE_KEY.search(source.key) and _ALONE.match(left):
        return make("tokens", number, stage=rules.stage("", source.key, source.heading))
    for rule in rules.TOKENS:
        if rule.fits(number.value, left, right, source.lower):
            if rule.rejected is None and number.value < 1e6 and rule.quantity != "batch_tokens":
                return None
            stage = (
                rules.stage(left, right, source.heading)
                if rule.quantity in {"tokens", "unique_tokens"}
                else None
            )
            note = _about_data(left, right) if rule.quantity == "unique_tokens" else None
            return make(rule.quantity, number, rejected=rule.rejected, stage=stage, note=note)
    if number.value >= 1e9 and source.previous and _USED.search(right):
        return make("tokens", number, stage=rules.stage(source.previous, "", source.heading))
    if number.value >= 1e9 and _says_only(left, right):
        return make("tokens", number, stage=rules.stage("", source.key, source.heading))
    around = source.heading + " " + source.key
    if number.value >= 1e8 and (re.search(rules.TRAIN, around) or rules.stage("", source.key)):
        quantity = (
            "unique_tokens" if re.search(r"\bdata", source.heading + source.key) else "tokens"
        )
        return make(quantity, number, stage=rules.stage("", source.key, source.heading))
    return None


# "Stage 2: 400B tokens of curated data": a stage is not its data.
_STAGE_KEY = re.compile(
    r"^\W*(?:(?:stage|phase) ?(?:\d|i{1,3}|one|two|three)|(?:pre|mid|post)-?training|anneal\w*"
    r"|cool-?down|long[- ]context(?: \w+)?|context extension)\b(?!.*\b(?:data|corpus|set|mix))"
)
_ALONE = re.compile(
    r"^.{0,90}[:：]\s?(?:about |around |over |roughly |nearly |more than |up to |~|≈)*$"
)


# "About 100B tokens of Japanese text were used", after a sentence about training.
_USED = re.compile(
    r"^[^.;|\d]{0,50}\b(?:were|was|are) (?:used|seen|processed|consumed)\b(?! (?:to|for|as|in)\b)"
)


# "- 12T tokens of text and code": a fragment that begins with the figure and says nothing else.
# Other facts may stand before it: "1.1B params, 16k context, 4.3T tokens".
_FRAGMENT_BEFORE = re.compile(
    r"^[\s>#*+•\-–—|~≈(\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]*"
    r"(?:~?\d[\d·,]*[kmb]?\s?(?:billion |million )?"
    r"(?:param(?:eter)?s?|context|ctx|layers|languages|vocab(?:ulary)?),\s){0,4}"
    r"(?:(?:(?:a bit |slightly |well |just )?over|about|around"
    r"|more than|up to|nearly|a single pass over|one pass over) )?$"
)
_FRAGMENT_AFTER = re.compile(
    r"^(?!.*(?:\b(?:is|are|was|were|can|will|has|have|had|per|served|serve|daily|day|month|free|price"
    r"|context|window|released?|(?<!publicly )available|vocab\w*|release)\b|\$|/))"
)
# "Orca-1B: 1T tokens", "orca-7b (2T tokens)"
_AFTER_NAME = re.compile(
    r"(?:^"
    r"|[\s`'\"(•\-*])(?:[a-z][\w.\-/]*[\-_ ])?\d+(?:[.·]\d+)?[bm](?:-[\w.\-]+)?[`'\"*]*\s?[(:]\s?"
    r"(?:about |over |~|≈)*$"
)
# "13 billion parameters, 2.6 trillion tokens", "Orca (13B, 2T tokens)"
_AFTER_SIZE = re.compile(
    r"(?:(?:\bparam(?:eter)?s?\)?|[(,·] ?\d+(?:·\d+)?[bm])(?:\s?[,;/&+·—–-]|\s(?:and|with|on))"
    r"|^\W*(?:the |this |our )?(?:model|llm|network|backbone)(?: itself)?\s?[:—–-]|^\W*d\s?=)\s?"
    r"(?:about |over |~|≈)*$"
)
_AGAINST = re.compile(
    r"\b(?:than|compar\w+|unlike|versus|vs|outperform\w*|from|based on|like|such as|over)\b"
)
_ENDS = re.compile(r"^\s?(?:[),;.]|$|of\b)")


def _says_only(left: str, right: str) -> bool:
    """Whether a figure of tokens is a fragment of its own, or behind a model's name or size."""
    if _FRAGMENT_BEFORE.match(left):
        return _FRAGMENT_AFTER.match(right) is not None and len(right) < 120
    near = left[-60:]
    behind = _AFTER_NAME.search(near) is not None or _AFTER_SIZE.search(near) is not None
    return behind and _ENDS.match(right) is not None and _AGAINST.search(left) is None

"""What a number of tokens is taken for, by the words around it."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.cards.rules.counted import COUNTED_OTHERWISE
from gpai_scan.evidence.cards.rules.phrases import PHRASES
from gpai_scan.evidence.cards.rules.rule import Rule, rule
from gpai_scan.evidence.cards.rules.unseen import NOT_SEEN
from gpai_scan.evidence.cards.rules.words import (
    CJK_TRAIN,
    DATA,
    FAR,
    FINITE,
    NEAR,
    SAW,
    TIMES,
    TRAIN,
    VERB,
)

_SEEN: Final[tuple[Rule, ...]] = (
    rule(
        "unique_tokens",
        right=r"^[^.;|\d]{0,12}\b(?:in|for|per|each|one|a single) (?:1|one"
        r"|a single|each|single) ?epoch",
    ),
    rule("unique_tokens", left=r"\bunique\b" + NEAR),
    rule(
        "batch_tokens",
        right=r"^\s?(?:as|in) (?:the |a "
        r"|one )?(?:global )?batch(?: size)?\b",
        most=5e8,
    ),
    rule("tokens", right=rf"^[^.;|。；\d]{{0,40}}(?:{CJK_TRAIN})(?!数据|語料|语料|データ)"),
    # "over a 150B-token corpus, which it saw four times"
    rule(
        "unique_tokens",
        right=rf"^[- ]?(?:token )?{DATA}\b[^.;|]{{0,60}}"
        rf"\b(?:epochs?|passes|twice|thrice|{TIMES} times(?! (?:as|more|larger|fewer)))\b",
    ),
    rule(
        "unique_tokens",
        left=rf"(?:{DATA}|\bwhich|\bit|\bthis|\bscale"
        rf"|\bsize)\b(?:(?!{TRAIN}{VERB}|{SAW})[^.;|]){{0,60}}\b{FINITE}\b"
        rf"(?:(?!{TRAIN}|{SAW}|totall?ing|amounting)(?:[^.;|\d]|\d[\d·,]* ?[kmgt]i?b\b)){{0,45}}$",
    ),
    rule("tokens", left=rf"(?:{TRAIN}{VERB}|{SAW}){FAR}"),
    rule(
        "tokens",
        right=r"^[^.;|。；]{0,50}(?:for|during|in|used (?:for|in|to)|were used|was used"
        r"|进行|から|を用い|で|の|上)"
        rf"[^.;|。；]{{0,30}}{TRAIN}{VERB}",
    ),
    rule("tokens", right=rf"^\s?(?:\w+\s){{0,4}}{TRAIN}{VERB}"),
    # "a 3 trillion token bilingual foundation model"
    rule(
        "tokens",
        left=r"\b(?:is|an?|our|the|this)\s(?:\w+\s)?$",
        right=r"^\s(?:[\w\-]+\s){0,4}(?:model|llm)(?!\w)",
        least=1e10,
    ),
    rule("tokens", right=r"^[^.;|,\d]{0,50}\b(?:(?:weiter|vor)?trainiert|(?:voor)?getraind)\b"),
    rule(
        "unique_tokens",
        "part",
        right=r"^[^.;|\d]{0,60}\bdata (?:sampled|drawn|taken|selected) from\b",
    ),
    rule(
        "unique_tokens",
        right=rf"^[- ]?(?:token )?(?:of "
        rf"|in )?(?:\w+ ){{0,3}}?(?:(?:pre-?)?trainin"
        rf"g )?{DATA}",
        inside=r"data|corpus|corpora",
    ),
    rule("tokens", left=rf"{TRAIN}(?! {DATA}){FAR}"),
    rule("unique_tokens", left=rf"(?<![a-z]){DATA}\b[^.;|]{{0,90}}$"),
    # "In all, 4T tokens", "The total is 8T tokens"
    rule(
        "tokens",
        left=r"(?:^\W*|[,;(]\s?|\band )(?:in (?:all|total)|altogether|overall|all told"
        r"|the (?:grand )?total (?:is|was|comes to|amounts to)"
        r"|(?:(?:for|giving|making|with|in) )?an? (?:grand )?total of|total(?:s|l?ing)(?: to)?"
        r"|add(?:s|ing) up to|that (?:is|makes))[,:]?\s(?:about |around |roughly |over |some |~)*$",
        least=1e9,
    ),
)

TOKENS: Final[tuple[Rule, ...]] = COUNTED_OTHERWISE + PHRASES + NOT_SEEN + _SEEN

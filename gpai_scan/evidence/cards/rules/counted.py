"""Tokens that are counted for something else than a training, or for that of another model."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.cards.rules.rule import Rule, rule
from gpai_scan.evidence.cards.rules.words import NEAR, ORIGINAL, TRAIN

COUNTED_OTHERWISE: Final[tuple[Rule, ...]] = (
    rule(
        "tokens",
        "rate",
        right=r"^\s*(?:/|per|pro|par|por|each|毎|an?\s)\s*(?:second|sec\b|s\b|minute"
        r"|min\b|hour|day"
        r"|gpu|tpu|chip|core|device|parameter|param|image|frame|language|document|sample"
        r"|problem|query"
        r"|question|response|turn|user|dollar|watt|request|seconde|segundo|sekunde|秒)",
    ),
    rule(
        "tokens",
        "rate",
        left=r"(?:throughput|tokens per(?![^.;|\d]{0,40},)|(?<![a-z])speed|速度|débit"
        r"|velocidad)" + NEAR,
    ),
    # "395 billion tokens: 116 billion Arabic tokens and 279 billion English ones"
    rule(
        "unique_tokens",
        "part",
        left=r"(?:illion|\d\s?[bt])\s(?:\w+\s){0,2}tokens?\s?:[^.;|]{0,120}$",
    ),
    # "4 trillion tokens with 2 trillion Indic ones"
    rule(
        "unique_tokens",
        "part",
        left=r"(?:illion|\d\s?[bt])\s(?:[\w\-]+\s){0,3}tokens?,?\s(?:with|including"
        r"|of which|containing)\s"
        r"(?:about |over |around |~|≈)*$",
    ),
    rule(
        "batch_tokens",
        right=r"^\s*(?:/|per|in each|in a|an?\s|for each|for every"
        r"|every)\s*(?:global |training |gradient "
        r"|optimizer |optimization )?(?:batch|step|update|iteration)",
    ),
    rule(
        "batch_tokens",
        left=r"\bbatch(?:[- ]size)?\b[^.;|]{0,60}\b(?:correspond\w*|equal\w*"
        r"|equivalent|amount\w*|or|i·e·?,?|which is|that is"
        r"|results? in)\b[^.;|\d]{0,20}$",
        most=5e8,
    ),
    rule(
        "batch_tokens",
        "per_device",
        left=r"\b(?:per|each)[- ](?:gpu|device|core|chip|replica"
        r"|tpu)[- ](?:\w+[- ])?batch\w*" + NEAR,
    ),
    rule(
        "batch_tokens",
        left=r"(?:批(?:次|量)?大小|バッチサイズ|배치 ?크기)[^。，、|]{0,6}$",
        most=5e8,
    ),
    rule("batch_tokens", right=r"^[- ](?:global )?batch(?:es|[- ]size)?"),
    rule(
        "batch_tokens",
        left=r"\bbatch(?:es)?(?:[- ]?sizes?)?(?:\s(?:of|is|was|to|with"
        r"|with size|at|from|set to|equal to|are|held|holds?|had|has|contain\w*|compris\w*)"
        r"|\s?[:=(]|,)?(?:\s?(?:approximately|about|around|roughly|up to|~|≈|of|set|to"
        r"|size))*\s*$",
        most=5e8,
    ),
    rule(
        "batch_tokens",
        left=r"(?:each|every|per) (?:\w+ ){0,2}(?:step|update"
        r"|iteration)\b" + NEAR,
        most=5e8,
    ),
    rule(
        "context_length",
        "context_length",
        right=r"^[- ]?(?:token )?(?:context|window|length"
        r"|long\b|sequence"
        r"|input|output|prompt|limit|budget|chunk|block|segment|of context|in length|each\b"
        r"|per (?:sequence"
        r"|prompt|input|block|chunk))",
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        left=r"(?:context|window|sequence|input|output"
        r"|prompt|position\w*|response"
        r"|completion|chunk|block|crop|generation|rollout|document|trajectory)s?[- ](?:lengths?"
        r"|size|windows?|limit|budget|len\w*)"
        r"[^.;|\d]{0,40}$",
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        left=r"\b(?:context|window|上下文|コンテキスト|contexto"
        r"|contexte|kontext\w*|контекст\w*)"
        r"(?:\s(?:of|up to|to|is|from|with|de|von))[^.;|\d]{0,25}$",
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        left=r"(?:max(?:imum|imal)?|min(?:imum)?|support\w*"
        r"|handl\w*|accept\w*|extend\w*"
        r"|extrapolat\w*|truncat\w*|split into|blocks? of|chunks? of|sequences? of|segments? of"
        r"|contexts of|length(?:s)? of"
        r"|span of|inputs? of|length|limited to|average\w*|contiguous|最大|最长|支持|扩展"
        r"|対応)" + NEAR,
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        right=r"^[^.;|\d]{0,20}(?:context|上下文|长度|コンテキスト"
        r"|のコンテ|length)",
        most=2e8,
    ),
    rule(
        "vocabulary_size",
        "vocabulary",
        left=r"(?:vocab\w*|tokeni[sz]er|词表|語彙|vocabulaire"
        r"|vocabulario)" + NEAR,
        most=5e6,
    ),
    rule(
        "vocabulary_size",
        "vocabulary",
        right=r"^[^.;|\d]{0,30}(?:vocab|tokeni[sz]er|词表"
        r"|語彙)",
        most=5e6,
    ),
    rule(
        "tokens",
        "generation",
        left=r"(?:generat\w+|max_\w*|new|output\w*|produc\w+|emit\w*"
        r"|cost\w*|price\w*|think\w*"
        r"|reason\w*|answer\w*|credits?|summar\w+|compact\w*|trigger\w*)" + NEAR,
        most=2e8,
    ),
    rule("tokens", "checkpoint", right=r"^[^.,;|\d]{0,12}(?:checkpoint|ckpt|检查点)"),
    rule("tokens", "checkpoint", left=r"\bcheckpoints\s?[:(][^.;|]{0,60}$"),
    rule(
        "tokens",
        "checkpoint",
        right=r"^(?:[- ]|\s*(?:intermediate|training) )?(?:checkpoint"
        r"|ckpt|mark\b)",
    ),
    rule(
        "tokens",
        "other_model",
        left=r"\b(?:outperform\w*|beat(?:s|ing)?|surpass\w*|exceed\w*|match(?:es|ing)?|rival\w*|than"
        r"|unlike|compar\w+ (?:to|with))\b[^.;|]{0,60}\b(?:models?|ones|those|peers|counterparts?"
        r"|baselines?|competitors?|llms?|which|that)\b[^.;|\d]{0,30}$",
    ),
    # "the base had been trained on 2T tokens"
    rule(
        "tokens",
        "base_model",
        left=r"\b(?:the|its|our)\s(?:original |underlying )?(?:base|parent|backbone|seed)"
        r"(?: model| checkpoint| llm)?,?\s(?:[^.;|,]{1,40},\s)?(?:which |that )?(?:had"
        r"|itself|(?:was )?originally|was itself|has (?:already )?(?:seen|read))\b[^.;|\d]{0,50}$",
    ),
    rule("tokens", "base_model", left=ORIGINAL),
    rule(
        "tokens",
        "component",
        left=r"\b(?:classifiers?|tokeni[sz]er|(?:reward|teacher|draft|proxy|filter\w*|reference"
        r"|embedding) models?|teacher|(?:vision|audio|image|speech) (?:encoder|tower))\b"
        rf"(?:(?! and\b)[^.;|,]){{0,20}}\b(?:was|were|is|are|been)\s(?:\w+\s)?{TRAIN}{NEAR}",
    ),
)

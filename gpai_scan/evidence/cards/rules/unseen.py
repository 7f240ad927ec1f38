"""Tokens of a training that are not what the model saw in all: moments of it, plans, pools."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.cards.rules.rule import Rule, rule
from gpai_scan.evidence.cards.rules.words import FAR, NEAR

NOT_SEEN: Final[tuple[Rule, ...]] = (
    rule(
        "tokens",
        "schedule",
        left=r"\b(?:every|after|at|first|last|final|initial|until|each"
        r"|next|remaining|bei|après)\s*"
        r"(?:the )?(?:approximately |about |around |roughly |~|≈)*\s*$",
    ),
    rule(
        "tokens",
        "schedule",
        left=r"\b(?:warm-?up|decay\w*|learning rate"
        r"|ramp\w*)[^.;|]{0,50}$",
        most=5e11,
    ),
    rule(
        "tokens",
        "ablation",
        inside=r"\b(?:ablation|ablate|proxy (?:model|run)|pilot"
        r"|preliminary|scaling[- ]laws?|chinchilla[- ]optimal"
        r"|same \w+ architecture|small-scale|consistent with other)",
    ),
    rule(
        "tokens",
        "checkpoint",
        left=r"(?<!from an )(?<!from the )(?<!from )intermediate (?:checkpoint|model)s?" + FAR,
    ),
    rule(
        "tokens",
        "checkpoint",
        inside=r"(?<!from an )(?<!from the )(?<!from )"
        r"(?:intermediate|中间|early|partial) ?(?:checkpoint|step"
        r"|模型|検査)|checkpoints? from earlier",
    ),
    rule(
        "tokens",
        "plan",
        left=r"\b(?:will (?:be|continue|train|soon|add|use|see|cover"
        r"|extend|include|run)|plan(?:s|ned|ning)? (?:to"
        r"|on|for)|upcoming|intend\w*"
        r"|in the future|expected to be|to be trained|coming soon|target of|roadmap)\b" + FAR,
    ),
    rule(
        "unique_tokens",
        "pool",
        left=r"\b(?:sampl\w+|drawn|subset)\b[^.;|]{0,60}\b(?:from|of"
        r"|out of)\b[^.;|\d]{0,60}$",
    ),
    rule(
        "unique_tokens",
        "pool",
        left=r"\b(?:select\w+|filter\w+|taken|cho(?:se|osing)\w*"
        r"|extract\w+|deduplicat\w+|curated|reduced)\b[^.;|\d]{0,40}"
        r"\b(?:from|out of)\b[^.;|\d]{0,60}$",
    ),
    # "最终得到125B tokens的有效数据": what was left of the data
    rule("unique_tokens", left=r"(?:得到|获得|收集|构建|保留|剩余)(?:了|约|近|超过)?\s?$"),
    rule("unique_tokens", "pool", right=r"^[- ](?:token )?pool\b|^\s(?:of )?available\b"),
    rule(
        "unique_tokens",
        "pool",
        left=r"\b(?:pool|superset|raw|candidate|starting from(?! scratch)"
        r"|out of)\b" + NEAR,
    ),
)

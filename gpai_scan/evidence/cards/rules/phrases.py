"""Phrases that say of tokens that a model was trained on them."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.cards.rules.rule import Rule, rule
from gpai_scan.evidence.cards.rules.words import THIS_AFTER

PHRASES: Final[tuple[Rule, ...]] = (
    rule(
        "tokens",
        left=r"\bdistill(?:ed|ing|ation)\b(?! from)[^.;|\d]{0,30}\b(?:on|with|using|over|for|of)\s"
        r"(?:about |around |over |roughly |approximately |up to |~)?$",
        least=1e8,
    ),
    # "distilled from a 70B teacher over 450B tokens"
    rule(
        "tokens",
        left=r"\bdistill(?:ed|ing|ation)\b from "
        r"(?:(?!\b(?:which|that|trained|whose)\b)[^.;|,]){0,60}"
        r"\s(?:on|with|using|over|for) (?:about |around |over |roughly |approximately |up to |~)?$",
        least=1e8,
    ),
    # "After 14.8T tokens of pre-training came fine-tuning": the whole, not a moment in it.
    rule(
        "tokens",
        left=r"\b(?:after|following)\s(?:the |about |around |roughly |over |~)*$",
        right=r"^\s?of (?:\w+[ -]){0,2}?(?:pre-?)?training\b[^.;|\d]{0,40}\b(?:came|com(?:es|ing)"
        r"|follow\w*|fined?-?\s?tun\w*|tuned|align\w*|supervised|sft|instruct\w*|post-?train\w*)",
        least=1e9,
    ),
    rule(
        "tokens",
        left=r"\b(?:stop|end|finish|complet|conclud|terminat)\w*\s(?:\w+\s)?(?:after|at)\s"
        r"(?:about |around |roughly |over |~)*$",
        least=1e9,
    ),
    rule(
        "tokens",
        left=r"\bwe (?:have |[^.;|\d]{0,24} and )?used? (?:about |over |~|approximately )*$",
        right=r"^\W*$",
        least=1e11,
    ),
    # "We use 200B tokens that were sampled from …, and code, for continual pre-training"
    rule(
        "tokens",
        left=r"\bwe (?:have )?used? (?:about |over |~|approximately )*$",
        inside=r"\bfor (?:the )?(?:continu\w+ |further |main )?pre-?training\b",
        least=1e9,
    ),
    # "the 9B model on 8 trillion tokens"
    rule(
        "tokens",
        left=r"(?:^|[,;]\s?|\band "
        r"|\bwhile )\W*(?:the )?(?:[a-z]+[\-_ ])?\d+(?:·\d+)?[bm](?: models?| one)? "
        r"(?:on|with|for) (?:about |over |~|approximately )*$",
        least=1e9,
    ),
    # "Orca-1B (1.1B parameters) read 1T tokens"
    rule("tokens", left=r"(?<!to )\bread (?:about |around |roughly |over |some |~)*$", least=1e9),
    # "SFT on 1.4M samples (2 epochs, 3.1B tokens)", "an annealing phase (40B tokens)"
    rule(
        "tokens",
        left=r"\b(?:sft|dpo|rlhf|fine-?tun\w+|(?:pre-?|mid-?|post-?)?training|annealing|extension)\b"
        r"[^.;|()]{0,60}\((?:[^()]{0,30},\s)?(?:about |around |over |~|≈)*$",
        right=r"^\s?\)",
        least=1e7,
    ),
    # "Context extension used 20B tokens"
    rule(
        "tokens",
        left=r"\b(?:extension|(?:stage|phase)(?: (?:one|two|three|four|five|\d|i{1,3}))?|cool-?down"
        r"|run|sft|dpo|rlhf|(?:pre-|mid-|post-)?training|annealing|(?<!classifier )fine-?tuning)\s"
        r"(?:itself |then |alone )?(?:used|took|uses|ran over|covers?"
        r"|covered|consumed|spans?|spanned|saw|required|ran (?:on|for)|lasted(?: for)?|processed)\s"
        r"(?:about |around |roughly |over |some |~)*$",
        least=1e9,
    ),
    # "we continued for 5B tokens", "we double the data to 8T tokens"
    rule(
        "tokens",
        left=r"\bcontinued (?:training )?(?:for|on|with|over) (?:another )?(?:about |around |~)*$",
        least=1e8,
    ),
    rule(
        "tokens",
        left=r"\b(?:doubl|tripl|increas|rais|scal|expand)\w* (?:the |our )?(?:amount of "
        r"|number of )?(?:training )?(?:data|tokens|budget|training)\b[^.;|\d]{0,20}"
        r"\bto (?:about |around |~)*$",
        least=1e9,
    ),
    # "built by continuing Orca-7B on 200B tokens"
    rule(
        "tokens",
        left=r"\bcontinuing (?:from )?\S+ (?:on|with|over|for) (?:about |around |over |~)*$",
        least=1e8,
    ),
    rule(
        "tokens",
        "earlier_version",
        right=r"^[^.;|\d]{0,20}\b(?:diverged|failed|crashed|(?:was|were) (?:aborted|abandoned"
        r"|discarded|stopped early))\b",
    ),
    # "the weights come from a run of 250B tokens"
    rule(
        "tokens",
        left=r"\b(?:c[ao]mes?|stems?|taken|results?) from (?:a|the|one) (?:\w+ )?run "
        r"(?:of|over|on|with) (?:about |around |roughly |~)*$",
        least=1e9,
    ),
    rule(
        "unique_tokens",
        "evaluation_data",
        left=r"\b(?:validation|evaluation|test|held-out|benchmark)[ -]"
        r"(?:corpus|corpora|sets?|data\w*|split|text)\b[^.;|]{0,60}$",
    ),
    rule("tokens", "plan", left=r"\bplanned (?:about |around |~)*$"),
    # "`main` is the final model at 1T tokens"
    rule(
        "tokens",
        left=r"\bfinal (?:model|checkpoint|weights?|version|release)\b[^.;|\d]{0,20}"
        r"(?:\b(?:at|after|with|on)\s|\()(?:about |around |roughly |~)*$",
        least=1e9,
    ),
    # "This repository holds the checkpoint after 480k steps (1T tokens)"
    rule("tokens", left=THIS_AFTER, least=1e9),
    # "The model adopts a 4K context for 2.6T tokens"
    rule(
        "tokens",
        left=r"^(?!.*\b(?:rate|lr|held|constant|decay\w*|warm\w*)\b).*\bfor"
        r" (?:about |around |roughly |over |~)*$",
        least=1e12,
    ),
    # "the context was extended to 128K with 20B tokens"
    rule(
        "tokens",
        left=r"\b(?:context|window|length)\b[^.;|]{0,20}\bextended\b[^.;|]{0,30}"
        r"\b(?:with|using|over|on|for) (?:about |around |roughly |over |~)*$",
        least=1e8,
    ),
    # "and decayed over the last 400B tokens, 2T tokens in total"
    rule(
        "tokens",
        left=r"[,;]\s(?:about |around |roughly |over |~)*$",
        right=r"^\s?(?:in all|in total|altogether|overall)\s?(?:[.;,)]|$)",
        least=1e9,
    ),
    # "for 1.8T tokens, then decays over the last 200B, for 2T tokens in all"
    rule(
        "tokens",
        left=r"\bfor (?:a total of )?(?:about |around |roughly |over |~)*$",
        right=r"^\s?(?:in all|in total|altogether|overall)\b",
        least=1e9,
    ),
    rule(
        "tokens",
        left=r"\b(?:a|one) single (?:pass|epoch) over (?:about |around |roughly |over |~)*$",
        right=r"^(?!\s(?:checkpoint|window|context))",
        least=1e9,
    ),
)

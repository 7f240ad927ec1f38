"""What a number of steps or epochs is taken for, by the words around it."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.cards.rules.rule import Rule, rule
from gpai_scan.evidence.cards.rules.words import ORIGINAL, SAW, THIS_AFTER, TRAIN

STEPS: Final[tuple[Rule, ...]] = (
    # "a batch of 32, 1,900 steps"
    rule("steps", "not_a_count", left=r"\bbatch(?:es)?(?: sizes?)?(?: of)?\s(?:about |~)*$"),
    rule("steps", "base_model", left=ORIGINAL),
    rule("steps", "warmup", left=r"warm-?\s?(?:up|ed)" + r"[^.;|]{0,60}$"),
    rule("steps", "warmup", right=r"^[^.;|\d]{0,25}(?:warm-?\s?up|ウォームアップ)"),
    rule(
        "steps",
        "sampling",
        left=r"(?:using|with|in|num_inference|denois\w*|diffusion|ddim"
        r"|sampl\w+|inference|generat\w+|simple|these|following"
        r"|plms|euler|dpm\S*|lcm|turbo)\s*(?:=|:)?\s*(?:\w+ )?$",
        right=r"^\s*(?:denois|sampl|diffus|infer|ddim|plms|of (?:denois|ddim|sampl|infer))",
    ),
    rule(
        "steps",
        "sampling",
        inside=r"\b(?:plms|ddim|ddpm|euler|denoising|sampling|inference"
        r"|num_inference_steps|guidance_scale)[- ]?(?:steps?"
        r"|sampler|scheduler)",
    ),
    rule("steps", left=THIS_AFTER, least=100),
    rule(
        "steps",
        "schedule",
        left=r"\b(?:every|after|first|last|final|at|each|initial|until"
        r"|for the next|over the first|remaining|eval\w*"
        r"|sav\w*|logg\w*|interval\w*|decay\w*|gradient accumulation|accumulat\w*)\s*(?:of "
        r"|steps? )?(?:approximately |about |~|the )*\s*$",
    ),
    rule(
        "steps",
        "schedule",
        right=r"^[^.;|\d]{0,20}(?:decay|of warm|intervals?|accumulation"
        r"|ahead)",
    ),
    rule("steps", "checkpoint", right=r"^[- ]?(?:checkpoint|ckpt)"),
    rule(
        "steps",
        "environment",
        right=r"^\s*of (?:experience|the environment|simulation"
        r"|environment)",
    ),
    rule("steps", left=rf"{TRAIN}[^.;|]{{0,140}}$", least=20),
    # "one epoch of the data, which is 38,144 steps"
    rule(
        "steps",
        left=r"\b(?:epochs?|pass(?:es)?)\b[^.;|]{0,60}\b(?:which|that) (?:is|was|equals|makes?"
        r"|means|amounts? to|corresponds to|comes to) (?:about |around |~)*$",
        least=20,
    ),
    rule(
        "steps",
        left=r"\b(?:sft|dpo|lora|rl|ppo|grpo|rlvr|reinforcement learning)\b[^.;|]{0,80}$",
        least=20,
    ),
    rule("steps", right=rf"^\s?(?:steps? )?(?:of |in |during )?(?:\w+ ){{0,3}}{TRAIN}", least=20),
    rule("steps", left=r"\b(?:batch(?:[- ]size)?|global batch|resumed)[^.;|]{0,140}$", least=100),
    rule("steps", right=r"^\s?[@x×]\s?~?\d", least=100),
    rule(
        "steps",
        right=r"^[^.;|]{0,60}\b(?:at (?:a )?(?:batch|resolution|\d)"
        r"|with (?:an? )?(?:[\w.,]+ (?:tokens|samples|sequences) (?:a|per|in each) )?"
        r"(?:global )?batch)",
        least=100,
    ),
)

EPOCHS: Final[tuple[Rule, ...]] = (
    # "a linear classification layer on top, trained for 10 epochs": a test of the model
    rule(
        "epochs",
        "evaluation_data",
        left=r"\b(?:linear (?:probe|layer|classifi\w+)|classification (?:head|layer)|probing"
        r"|downstream)\b[^.;|]{0,120}$",
    ),
    rule(
        "epochs",
        "schedule",
        left=r"\b(?:every|after|first|last|at|each|warm-?up|patience"
        r"|until|checkpoint|best)\b\s*(?:the )?(?:\w+ )?$",
    ),
    # "One epoch of the corpus has 500B tokens" does not say how many were made.
    rule(
        "epochs",
        "schedule",
        right=r"^\s?of\b[^.;|]{0,40}\b(?:has|is|contains?|holds?|amounts?|comprises?|equals?)\b",
        most=1.01,
    ),
    rule("epochs", "schedule", right=r"^[^.;|\d]{0,15}(?:warm|patience|decay)"),
    rule("epochs", left=rf"(?:{TRAIN}|{SAW})[^.;|]{{0,160}}$", most=5000),
    rule("epochs", left=r"\b(?:sft|dpo|orpo|kto|ppo|grpo|rlhf|lora)\b[^.;|]{0,80}$", most=5000),
    rule(
        "epochs",
        right=r"^\s?(?:over|on|of|through|with|using|passes over)\b[^.;|]{0,60}",
        most=5000,
    ),
    rule("epochs", right=rf"^[^.;|。]{{0,20}}{TRAIN}", most=5000),
    rule("epochs", right=r"^\s?(?:見る|見た|を見|学习)", most=5000),
)

"""Which words around a number tell what it is: the reader's rules as data.

Each rule is tried in order on the lower-case words before and after a number of its unit; the
first that fits decides. A rule names either the quantity the number is taken for or why it may
not be used. Patterns look at bounded slices and hold no nested repetition.
"""

from gpai_scan.evidence.cards.rules.hardware import HARDWARE_LABEL, HARDWARE_REJECT
from gpai_scan.evidence.cards.rules.hours import HOURS_REJECT
from gpai_scan.evidence.cards.rules.rule import Rule
from gpai_scan.evidence.cards.rules.stages import (
    CONTINUED_CUE,
    TRAIN_CUE,
    clause,
    covers_all,
    for_continued,
    stage,
)
from gpai_scan.evidence.cards.rules.steps import EPOCHS, STEPS
from gpai_scan.evidence.cards.rules.tokens import TOKENS
from gpai_scan.evidence.cards.rules.words import TRAIN

__all__ = [
    "CONTINUED_CUE",
    "EPOCHS",
    "HARDWARE_LABEL",
    "HARDWARE_REJECT",
    "HOURS_REJECT",
    "STEPS",
    "TOKENS",
    "TRAIN",
    "TRAIN_CUE",
    "Rule",
    "clause",
    "covers_all",
    "for_continued",
    "stage",
]

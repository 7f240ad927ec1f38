"""Tokens of a model that its card says goes on from another: no first training saw them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards.claims import Claim
from gpai_scan.evidence.cards.subjects import squeeze

# Further training named as such, in words that no advice to a reader and no stage of a first
# training is likely to use.
_SAYS_SO: Final = re.compile(
    r"\bcontinu(?:ed|al|ally|ous|ously)[- ]?pre-?\s?train|\bcontinue-pre-?train"
    r"|\b(?:was|were|been|is|are|and|then|model) (?:further|additionally)"
    r" (?:pre-?)?train(?:ed|ing)\b"
    r"(?![^.\n]{0,80}(?:instruct|dpo|sft|rlhf|grpo|prefer|align|chat|fine-?tun|reinforc))"
    r"|\b(?:domain|language)[- ]adapt\w+ pre-?train|\bthen re-?trained\b"
    r"|pré-?entra[iî]nement continu|preentrenamiento continu|pré-?trein\w+ continu"
    r"|fortgesetzt\w* (?:vortrain|pre-?train)|pre-?addestramento continuo"
    r"|(?:继续|增量|持续)预训练|(?:追加|継続)の?事前学習|계속\s?사전\s?학습|추가\s?사전\s?학습"
    r"|продолж\w+ предобуч|дополнительн\w+ предобуч",
    re.IGNORECASE,
)


# "continued pre-training of Orca-7B", "Orca-7B를 기반으로 … 계속 사전학습"
_NAME: Final = r"[`\[*\"]{0,3}(?P<name>[A-Z][A-Za-z]+[\w.]*[- ]?\d[\w.\-]*)"
# A word that a text must hold, cheap to look for, and what it may say with it.
_OF_NAMED: Final = tuple(
    (word, re.compile(pattern))
    for word, pattern in (
        (
            "ontinu",
            r"\b[Cc]ontinu\w+[- ](?:[Pp]re-?)?[Tt]rain\w*\s(?:version |variant )?"
            r"(?:of|from|on top of)\s(?:the )?" + _NAME,
        ),
        ("기반으로", _NAME + r"\S{0,60}?[를을] 기반으로[^.\n]{0,60}(?:계속|추가)"),
        ("基础上", r"在\s?" + _NAME + r"\S{0,60}?\s?(?:的)?基础上[^。\n]{0,40}(?:继续|增量)"),
        ("継続", _NAME + r"[^。\n]{0,80}継続(?:的な?)?(?:事前)?学習"),
    )
)


def named(text: str) -> str | None:
    """The model whose training a card says was continued; None where it names none."""
    found = (pattern.search(text) for word, pattern in _OF_NAMED if word in text)
    return next((match["name"] for match in found if match is not None), None)


def going_on(claims: list[Claim], text: str, own: str, base: str | None) -> list[Claim]:
    """The claims, with tokens of no named stage put to continued pre-training.

    Only where the front matter names another model as `base`, or the text does, and the text says
    that the training of one was continued. `own` is the name of the repository.
    """
    if not any(_unstaged(claim) for claim in claims):
        return claims
    base = base or named(text)
    if base is None or squeeze(base.rpartition("/")[2]) == squeeze(own.rpartition("/")[2]):
        return claims
    if not _SAYS_SO.search(text):
        return claims
    return [
        claim._replace(draft=replace(claim.draft, stage="continued_pretraining"))
        if _unstaged(claim)
        else claim
        for claim in claims
    ]


def _unstaged(claim: Claim) -> bool:
    return claim.usable and claim.draft.quantity == "tokens" and claim.draft.stage is None

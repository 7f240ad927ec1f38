"""Bases in languages that put the word behind: Turkish, Hindi, Hungarian, Finnish, Basque."""

from __future__ import annotations

from collections.abc import Iterator

from gpai_scan.evidence.stated import names
from gpai_scan.evidence.stated.names import Name
from gpai_scan.evidence.stated.words import rx

WORD = rx(
    r"ince\sayar|tabanlı|temelli|(?:temel|baz)\salınarak|üzerine|आधारित|फाइन|alapú|alapján|modellre"
    r"|perustu|pohjalta|oinarri"
)
"""What a sentence holds in which a base may stand before its word."""
_BEHIND = rx(
    r"""^\W{0,3}(?:
    ['’]?\w{0,6}\s?(?:model\w*\s)?(?:(?:temel|baz)\salınarak|tabanlı|temelli|üzerine)
    |['’]?\w{0,6}\s(?:model\w*\s)?[^.;:]{0,60}?\bince\sayar
    |(?:मॉडल\s)?(?:पर\sआधारित|(?:को|का|के)\s[^.;:।]{0,40}?फाइन)
    |[-'’]?\w{0,5}\s?(?:modell\w*\s)?(?:alapú|alapján|épül)
    |[-'’:]?\w{0,5}\s?(?:malli\w*\s)?(?:perustu|pohjalta)
    |\w{0,5}\s?(?:eredu\w*\s)?oinarri)"""
)


def bases(sentence: str) -> Iterator[Name]:
    """Names with a number in them, or identifiers, right before such a word."""
    for name in names.every(sentence, 0, len(sentence)):
        if _BEHIND.match(sentence[name.end : name.end + 100]):
            yield name

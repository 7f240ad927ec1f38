"""Bases and kinds of derivation in Chinese, Japanese and Korean: phrases and how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gpai_scan.evidence.stated import names
from gpai_scan.evidence.stated.names import Name
from gpai_scan.evidence.stated.phrases import rx

_MAKER: Final = rx(r"\s?\w{1,12}?(?:发布|發布|开源|推出|提供)的\s?")
"""Who published a base, between the words before it and its name."""
_BEFORE: Final = (
    (
        rx(r"(?:基于|基於|源自|采用|以)\s?"),
        rx(r"微调|微調|精调|指令|训练|訓練|开发|构建|量化|蒸馏|继续|为基|底座|基座|得到"),
        None,
    ),
    (
        rx(r"(?:在|从|從)\s?"),
        rx(r"基础上|基礎上|继续|初始化|增量"),
        rx(r"^\s?(?:系列)?(?:模型|基座)?\s?(?:的|之)?\s?(?:基础|基礎|上|继续|初始化|增量|进行)"),
    ),
)
"""Words before a base in Chinese, words the sentence must hold, and what must follow the name."""

_RELATION: Final = (
    (rx(r"量化|量子化|양자화"), "quantized"),
    (
        rx(
            r"继续(?:预)?训练|继续进行|增量(?:预)?训练|二次预训练|继续|継続(?:事前)?学習|追加(?:の|で)?事前学習|계속"
        ),
        "continued_pretraining",
    ),
    (rx(r"蒸馏|蒸留|증류"), "distilled"),
    (
        rx(r"微调|微調|精调|指令|ファインチューニング|指示学習|チューニング|파인튜닝|미세"),
        "finetune",
    ),
)
_AFTER: Final = rx(
    r"""^\s?(?:モデル)?\s?(?:を(?:ベース|基|もと|元)(?:に|と)|をベースモデル|から(?:継続|追加|さらに)
    |に対(?:して|し)|に(?:追加|継続)|を(?:継続|追加)|(?:을|를)?\s?(?:기반|베이스)|(?:을|를)\s?(?:파인튜닝|미세))"""
)
"""What follows a base in Japanese and Korean."""
_LOW_BIT_AFTER: Final = rx(r"^\s?(?:用|の|的)\s?(?:Int\d|\d-?bit|量子化|量化)")


def bases(sentence: str) -> Iterator[tuple[Name, str | None]]:
    """Bases in Chinese, Japanese and Korean."""
    relation = next((r for pattern, r in _RELATION if pattern.search(sentence)), None)
    for before, needed, following in _BEFORE:
        for match in before.finditer(sentence) if needed.search(sentence) else ():
            maker = _MAKER.match(sentence, match.end())
            begin = maker.end() if maker else match.end()
            name = names.after(sentence, begin, strong=False)
            name = name or _linked_within(sentence, match.end())
            if name is None or re.match(
                r"\s?(?:数据|架构|结构|分词|使用)", sentence[name.end :][:8]
            ):
                continue
            if following is None or following.match(sentence[name.end : name.end + 30]):
                yield name, relation
    for name in names.every(sentence, 0, len(sentence)):
        tail = sentence[name.end : name.end + 30].lstrip("）)」』")
        low_bit = relation == "quantized" and _LOW_BIT_AFTER.match(tail)
        if low_bit or _AFTER.match(tail):
            yield name, relation


def _linked_within(sentence: str, position: int) -> Name | None:
    """A link to a model soon after a position: `基于 … 的 [模型](…)`."""
    bracket = sentence.find("[", position, position + 30)
    name = names.at(sentence, bracket) if bracket >= 0 else None
    return name if name is not None and name.linked else None

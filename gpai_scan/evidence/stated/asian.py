"""Bases and kinds of derivation in Chinese, Japanese and Korean: phrases and how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gpai_scan.evidence.stated import names
from gpai_scan.evidence.stated.names import Name
from gpai_scan.evidence.stated.words import rx

_MAKER: Final = rx(
    r"\s?(?:\w{1,12}?(?:发布|發布|开源|推出|提供)的|(?:原生|原版|原始|现有|已有|开源|官方)的?)\s?"
)
"""Who published a base, between the words before it and its name."""
_BEFORE: Final = (
    (
        rx(r"(?:基于|基於|源自|采用|以)\s?"),
        rx(r"微调|微調|精调|指令|训练|訓練|开发|构建|量化|蒸馏|继续|为基|底座|基座|得到"),
        None,
    ),
    (
        rx(r"(?:针对|對|对|将|把)\s?"),
        rx(r"微调|微調|精调|LoRA|蒸馏|剪枝|合并"),
        rx(
            r"""^\s?(?:系列)?(?:模型|基座)?\s?(?:的|进行|进行了|做|训练|训练的|经过|经|为)?\s?(?:指令|监督|全参数?|有监督)?
            \s?(?:微调|微調|精调|LoRA|剪枝|蒸馏而来|蒸馏得到|合并)"""
        ),
    ),
    (
        rx(r"(?:在|从|從)\s?"),
        rx(r"基础上|基礎上|继续|初始化|增量|微调|微調|精调|指令"),
        rx(r"^\s?(?:系列)?(?:模型|基座)?\s?(?:的|之)?\s?(?:基础|基礎|上|继续|初始化|增量|进行)"),
    ),
)
"""Words before a base in Chinese, words the sentence must hold, and what must follow the name."""

_RELATION: Final = (
    (
        rx(
            r"量化|量子化|양자화|(?<![\w-])(?:GGUF|AWQ|GPTQ|EXL2|MLX)\s?(?:格式|版|形式|フォーマット|파일|버전)"
        ),
        "quantized",
    ),
    (
        rx(
            r"继续(?:预)?训练|계속\s?(?:사전)?\s?학습|추가\s?(?:사전)?\s?학습|继续进行|增量(?:预)?训练|二次预训练|继续|継続(?:的な)?(?:事前)?学習|追加(?:の|で)?事前学習|계속"
        ),
        "continued_pretraining",
    ),
    (rx(r"LoRA(?!.{0,60}?合并)|適配器|适配器|アダプタ|어댑터"), "adapter"),
    (rx(r"蒸馏(?:自|得|而)|蒸留(?:し|モ)|증류"), "distilled"),
    (
        rx(
            r"微调|微調|精调|指令|ファインチューニング|指示学習|チューニング|파인튜닝|미세|(?:데이터(?:셋|세트)?|v\d\S*?)\s?(?:으로|로)\s?학습"
        ),
        "finetune",
    ),
)
_AFTER: Final = rx(
    r"""^\s?(?:モデル)?\s?(?:を(?:ベース|基|もと|元)(?:に|と)|をベースモデル|から(?:継続|追加|さらに)
    |に対(?:して|し)|に(?:追加|継続)|を(?:継続|追加)|(?:을|를)?\s?(?:기반|베이스)|(?:을|를)\s?(?:파인튜닝|미세))"""
)
"""What follows a base in Japanese and Korean."""
_CALLED: Final = rx(
    r"""(?:原始模型|原模型|基座模型|基座|基础模型|底座模型|元モデル|ベースモデル|베이스\s?모델|기반\s?모델|원본\s?모델)
    \s?(?:为|為|是|は|은|는|[:：]|请见|参见|见|来自|来源于)\s?"""
)
"""What stands right before a base in a sentence."""
_LOW_BIT_AFTER: Final = rx(
    r"^\s?(?:用|の|的|의)\s?(?:Int\d|\d-?bit|量子化|量化|양자화|GGUF|AWQ|GPTQ|EXL2|MLX|FP8)"
)
_TRAINED_AFTER: Final = rx(
    r"""^\s?(?:モデル|모델)?\s?(?:の.{0,12}?(?:能力|性能)を|に(?:対し(?:て)?)?(?!よ|つ|お)|を(?!用|使|利|元|ベ|も|教|参)|(?:을|를)(?!\s?(?:사용|이용|활용|참)))
    .{0,40}?(?:ファインチューニング|チューニング|量子化|蒸留|学習|SFT|DPO|파인튜닝|파인\s튜닝|튜닝|양자화|학습|증류)"""
)
"""What follows a base in Japanese and Korean where it is the object of the training."""


_SCRIPT: Final = re.compile("[぀-ヿ一-鿿가-힣]")


def bases(sentence: str) -> Iterator[tuple[Name, str | None]]:
    """Bases in Chinese, Japanese and Korean."""
    if _SCRIPT.search(sentence) is None:
        return
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
    for match in _CALLED.finditer(sentence):
        name = names.at(sentence, match.end())
        if name is not None and name.specific:
            yield name, relation
    for name in names.every(sentence, 0, len(sentence)):
        tail = sentence[name.end : name.end + 30].lstrip("）)」』")
        low_bit = relation == "quantized" and _LOW_BIT_AFTER.match(tail)
        whole = sentence[name.end : name.end + 60].lstrip("）)」』")
        if low_bit or _AFTER.match(tail) or _TRAINED_AFTER.match(whole):
            yield name, relation


def _linked_within(sentence: str, position: int) -> Name | None:
    """A link to a model soon after a position: `基于 … 的 [模型](…)`."""
    bracket = sentence.find("[", position, position + 30)
    name = names.at(sentence, bracket) if bracket >= 0 else None
    return name if name is not None and name.linked else None

"""The member of a family that another member was made from, told by their names on one card.

`The series has the base model Orca-7B and its instruction-following variant Orca-7B-Instruct` says
what the second was made from, though no phrase stands between a model and its base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_PACKED: Final = re.compile(
    r"(?i)gguf|ggml|gptq|awq|exl[23]|mlx|nf4|bnb|[2-8]bits?|int[248]|fp[48]|nvfp4|mxfp4"
    r"|w[2-8]a(?:4|8|16)|q[2-8]|quanti[sz]ed"
)
_TUNED: Final = re.compile(
    r"(?i)instruct(?:ion)?|chat|it|sft|dpo|orpo|kto|grpo|ppo|rlhf|tuned|finetuned|assistant|aligned"
)
MARKED: Final = rf"(?i)[-_](?:{_PACKED.pattern[4:]}|{_TUNED.pattern[4:]})(?:[-_]|$)"
"""What a name holds that tells what was done last."""
_MARKED: Final = re.compile(MARKED)
_FURTHER: Final = re.compile(r"(?i)research|preview|alpha|beta|hf")
_FIRST: Final = r"(?:[-_ ]?(?:base|pt|pretrained))?"
_AFTER: Final = (
    r"(?![\w/]|[-_]\w|\.\d|\s(?:instruct|chat|sft|dpo|tuned|int[48]|[48]-?bit|gguf|gptq|awq)\b)"
)
_OWNER: Final = re.compile(r"(?:^|(?:huggingface|hf)\.co/|[^\w/.-])(?P<owner>[\w.-]+/)?$")
_FARTHEST: Final = 140
_VARIANT: Final = re.compile(
    r"\b(?:instruct\w*|chat|aligned|assistant|dialogue|conversational|(?:instruct\w*[\s-])?(?:fine-?\s?)?tuned|quanti[sz]ed"
    r"|int[48]|[48]-?bit)[\s-](?:\w+\s)?(?:variants?|versions?|counterparts?|derivatives?|models?)\b"
    r"|\b(?:instruction|supervised|preference)\s(?:fine-?\s?tuning|finetuning|tuning)\s(?:of|on|from|using)\b"
    r"|(?:instruction|chat|微调|量化|指令)版"
    r"|(?:微调|量化)(?:得到|而来|版本)"
)
_WORDS: Final = (
    "variant", "version", "counterpart", "derivative", "model", "tuning", "版", "微调", "量化",
)  # fmt: skip
"""Words of which a line that tells of a variant holds one."""
_ITS: Final = re.compile(r"\bits\s(?:\w+[\s-]){1,4}?(?:variant|version|counterpart)\b")
_COMPARED: Final = re.compile(r"\b(?:outperform|compared|better than|surpass|example|you can)")


class Parent(NamedTuple):
    """A member named on the card, how the repository was made from it, and where it is named."""

    text: str
    relation: str
    start: int
    end: int
    linked: bool


def parent(card: str, name: str) -> Parent | None:
    """The member a repository of a name was made from; None where the card names none."""
    if _MARKED.search(name) is None:
        return None
    stems = [
        (words, relation) for words, relation in _stems(re.split("[-_]", name)) if _sized(words)
    ]
    if not stems:
        return None
    lower = _lower(card)
    for begin, end in _told(lower, name.lower()):
        for words, relation in stems:
            spelled = "[-_ ]?".join(re.escape(word.lower()) for word in words)
            pattern = re.compile(f"{spelled}{_FIRST}{_AFTER}")
            found = [
                named
                for match in pattern.finditer(lower, begin, end)
                if match[0] != name.lower() and (named := _named(card, match.span(), relation))
            ]
            if found:
                return max(found, key=lambda one: one.linked)
    return None


def _lower(text: str) -> str:
    """A text in lower case, of the same length."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _sized(words: list[str]) -> bool:
    return any(c.isdigit() for word in words for c in word)


def _told(card: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a base may be named: lines with the name that tell of a variant, or the whole card."""
    place = card.find(name)
    while place >= 0:
        begin = card.rfind("\n", 0, place) + 1
        end = card.find("\n", place)
        end = end if end >= 0 else len(card)
        line = card[begin:end]
        said = any(word in line for word in _WORDS) and _VARIANT.search(line) is not None
        if said and not _COMPARED.search(line):
            yield begin, end
            if _ITS.search(line):
                yield 0, len(card)
        place = card.find(name, end)


def _named(card: str, span: tuple[int, int], relation: str) -> Parent | None:
    """A name at a place of a card with its owner; None where it is a part of something else."""
    start, end = span
    owner = _OWNER.search(card, max(0, start - _FARTHEST), start)
    if owner is None:
        return None
    text = (owner["owner"] or "") + card[start:end]
    return Parent(text, relation, start, end, bool(owner["owner"]))


def _stems(words: list[str]) -> Iterator[tuple[list[str], str]]:
    """Names without the marks of what was done last, and what the marks tell."""
    packed = next((i for i, word in enumerate(words) if i and _PACKED.fullmatch(word)), None)
    if packed is not None:
        yield words[:packed], "quantized"
        return
    marked = [i for i, word in enumerate(words) if i and _TUNED.fullmatch(word)]
    if not marked:
        return
    last = marked[-1]
    further = [w for w in words[last + 1 :] if not _FURTHER.fullmatch(w)]
    if len(marked) > 1:
        yield words[:last] + further, "finetune"
    plain = [word for i, word in enumerate(words[: last + 1]) if i not in marked]
    yield plain + further, "finetune"
    yield plain + words[last + 1 :], "finetune"
    if words[last].lower() == "tuned":
        yield [*words[:last], "base", *words[last + 1 :]], "finetune"

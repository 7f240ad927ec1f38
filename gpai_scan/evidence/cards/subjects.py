"""Whose figure is it? Compares the label of a claim with the name of the repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gpai_scan.evidence.cards.text import unaccented

_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:[._]\d+)?")
_PIECE = re.compile(r"[\s\-_/,()\[\]:+|·•]+|(?<=\d)(?=[A-Z][a-z])")
_SIZE = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?P<experts>\d{1,3})x)?(?P<n>\d{1,4}(?:[._p]\d{1,3})?)\s?(?P<unit>[bBm"
    r"MtT]|billion|million|trillion)(?![A-Za-z0-9])"
)
_ACTIVE = re.compile(
    r"(?<![A-Za-z0-9])[aA](?P<n>\d{1,3}(?:\.\d{1,2})?)(?P<unit>[bBmM])(?![A-Za-z0-9])"
)
_EXPERTS = re.compile(r"(?<![A-Za-z0-9])(?P<n>\d{1,3})[eE](?![A-Za-z0-9])")
_FACTOR: Final = {"b": 1e9, "m": 1e6, "t": 1e12}
GENERIC: Final = frozenset(
    [
        "model",
        "models",
        "base",
        "chat",
        "instruct",
        "language",
        "large",
        "llm",
        "lm",
        "llms",
        "series",
        "version",
        "variant",
        "dense",
        "moe",
        "family",
        "the",
        "our",
        "this",
        "one",
        "ours",
        "it",
        "hf",
        "hugging",
        "face",
        "huggingface",
        "pretrained",
        "pre",
        "trained",
        "pretraining",
        "foundation",
        "release",
        "final",
        "main",
        "text",
        "it's",
        "total",
        "size",
        "and",
        "or",
        "of",
        "mixture",
        "experts",
        "mo",
        "with",
        "for",
        "in",
        "decoder",
        "transformer",
        "parameters",
        "parameter",
        "params",
        "weights",
        "checkpoint",
        "open",
        "source",
        "v",
        "it0",
        "core",
        "new",
        "full",
        "standard",
        "std",
        "default",
        "default_",
        "initial",
        "stage",
        "official",
    ]
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a repository's name says of it.

    `sizes` are total parameters that the name gives, `active` those active a token, `stems` the
    words, `versions` the bare numbers of the name. For `17B-16E` the size is the active one.
    """

    repo_id: str
    name: str
    tokens: frozenset[str]
    stems: frozenset[str]
    versions: frozenset[str]
    sizes: tuple[float, ...]
    active: tuple[float, ...]
    counts_active: bool
    initials: str


def sizes_of(text: str) -> tuple[float, ...]:
    """All sizes in a name or label, in parameters; `8x7b` gives the product."""
    found = []
    for match in _SIZE.finditer(
        text.replace("_", "-")
        if re.search(r"\d_\d", text) is None
        else re.sub(r"(\d)_(\d)", r"\1.\2", text)
    ):
        value = float(re.sub(r"[_p]", ".", match["n"])) * _FACTOR[match["unit"][0].lower()]
        if match["unit"].lower() == "t" and value > 2e13:
            continue
        found.append(value * float(match["experts"] or 1))
    return tuple(found)


def active_of(text: str) -> tuple[float, ...]:
    """Active parameters that a name gives, as in `30B-A3B`."""
    return tuple(
        float(m["n"]) * _FACTOR[m["unit"].lower()] for m in _ACTIVE.finditer(text.replace("_", "-"))
    )


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """All pieces of a name, its alphabetic stems and its bare version numbers, lower case."""
    plain = re.sub(r"(\d)_(\d)", r"\1.\2", unaccented(text))
    pieces: set[str] = {m[0].lower() for m in _SIZE.finditer(plain)}
    for piece in _PIECE.split(_SIZE.sub(" ", plain)):
        piece = piece.strip(".'\"`*").lower()
        if piece:
            pieces.add(piece)
    stems, versions = set(), set()
    for piece in pieces:
        if _SIZE.fullmatch(piece) or _ACTIVE.fullmatch(piece):
            continue
        if re.fullmatch(r"v?\d+(?:\.\d+)*", piece):
            versions.add(piece.lstrip("v"))
            continue
        split = re.fullmatch(r"([a-z]+)v?(\d+(?:\.\d+)?)", piece)
        if split:
            stems.add(split[1])
            versions.add(split[2])
        elif piece.isascii():
            stems.add(piece)
    return frozenset(pieces), frozenset(stems - GENERIC), frozenset(versions)


@lru_cache(maxsize=65536)
def identity(repo_id: str) -> Identity:
    """What the name of a repository says of it."""
    name = repo_id.rpartition("/")[2]
    pieces, stems, versions = words(name)
    sizes = sizes_of(name)
    active = active_of(name)
    if active:
        sizes = tuple(s for s in sizes if s not in active)
    experts = bool(_EXPERTS.search(name)) and not active
    camel = frozenset(w.lower() for w in re.findall(r"[A-Z][a-z]{3,}", name))
    initials = "".join(w[0].lower() for w in re.findall(r"[A-Za-z]{3,}", name))
    stems = stems | camel
    return Identity(repo_id, name, pieces, stems, versions, sizes, active, experts, initials)


def close(a: float, b: float, ratio: float) -> bool:
    """Whether two positive values differ by at most a factor."""
    return a > 0 and b > 0 and max(a / b, b / a) <= ratio


def squeeze(text: str) -> str:
    """Letters and digits of a name, lower case."""
    return re.sub(r"[^a-z0-9.]", "", re.sub(r"(\d)_(\d)", r"\1.\2", unaccented(text).lower()))


@lru_cache(maxsize=262144)
def relation(label: str, own: Identity) -> str:
    """How a label relates to the repository.

    One of `exact`, `own`, `none`, `other_member`, `other_model` and `unresolved` (a size where
    the repository's name has none).
    """
    text = re.sub(r"https?://\S+", " ", label)
    text = re.sub(r"(?<=\d[bB])x(?=\d+[eE]\b)", "-", text)  # 17Bx16E is 17B-16E
    text = re.sub(r"\.(?:ckpt|safetensors|pth?|bin|gguf)$", "", text.strip())
    if squeeze(own.name) and squeeze(own.name) == squeeze(text.rpartition("/")[2]):
        return "exact"
    pieces, stems, versions = words(text)
    sizes = tuple(s for s in sizes_of(text) if s not in active_of(text))
    if _size_words_clash(pieces, own):
        return "other_member"
    if not stems and not sizes and not versions:
        return "none"
    known = {s for s in stems if s == own.initials or any(_same_stem(s, o) for o in own.stems)}
    foreign = bool(stems) and not known
    extra = stems - known
    if sizes and own.sizes:
        # "X-3B is a 2.7 billion parameter model": a stated count may stray further from the name
        ratio = 1.12 if text.lower().rstrip("s").endswith("parameter") and not stems else 1.06
        if not any(close(a, b, ratio) for a in sizes for b in own.sizes):
            return "other_model" if foreign else "other_member"
        if foreign and len(stems) <= 3:
            return "other_model"
        if stems and _versions_clash(text, own):
            return "other_model"
        return "other_member" if _more_specific(extra, pieces, own) else "own"
    if not foreign and any(_joined(e, text) for e in extra):
        return "other_member"
    if foreign:
        return "other_model" if len(stems) <= 4 else "none"
    if stems and _versions_clash(text, own):
        return "other_model" if versions else "other_member"
    if sizes:
        return "unresolved"
    if not stems and versions:
        return "none"
    return "other_member" if _more_specific(extra, pieces, own) else "own"


SIZE_WORDS: Final = frozenset(
    [
        "nano",
        "tiny",
        "mini",
        "small",
        "base",
        "medium",
        "large",
        "xlarge",
        "xl",
        "xxl",
        "huge",
        "giant",
        "turbo",
        "giga",
        "big",
    ]
)


def _size_words_clash(pieces: frozenset[str], own: Identity) -> bool:
    """Whether a label says `base` where the repository's name says `large`."""
    mine, theirs = SIZE_WORDS & own.tokens, SIZE_WORDS & pieces
    return bool(mine and theirs) and not mine & theirs and (mine | theirs) != {"base"}


def _joined(word: str, label: str) -> bool:
    """Whether a word is joined to a name by a hyphen: a variant's name, not a remark."""
    return (
        len(word) >= 2
        and re.search(rf"[\w.][-_]{re.escape(word)}(?![a-z0-9])", label.lower()) is not None
    )


# What a model is for: "code" in "Orca-Code" does not make it kin of "StarCoder".
_KINDS: Final = frozenset({"code", "chat", "math", "vision", "medical"})


def _same_stem(a: str, b: str) -> bool:
    """Whether a word of a label is one of the repository's name, `b`, but for its ends."""
    if b in _KINDS and len(a) > len(b) + 1:
        return False
    return a == b or (
        len(a) >= 4 and len(b) >= 4 and (a.startswith(b) or b.startswith(a) or a in b or b in a)
    )


def version_sequence(text: str) -> tuple[str, ...]:
    """The version numbers of a name in order: `stable-diffusion-v1-4` -> 1, 4."""
    plain = re.sub(r"(\d)_(\d)", r"\1.\2", text)
    plain = _ACTIVE.sub(" ", _SIZE.sub(" ", plain))
    return tuple(m[1] for m in _VERSION.finditer(plain))


_VERSION = re.compile(
    r"(?<![\d.])(?:(?<=[A-Za-z])|(?<![A-Za-z\d])|(?<=[vV]))(\d+(?:\.\d+)*)(?![\dA-Za-z])"
)


def _versions_clash(label: str, own: Identity) -> bool:
    """Whether two names number different versions; a shorter sequence may leave the end open."""
    mine, theirs = version_sequence(own.name), version_sequence(label)
    shorter = min(len(mine), len(theirs))
    return shorter > 0 and mine[:shorter] != theirs[:shorter]


TUNED: Final = frozenset(
    ["chat", "instruct", "it", "rlhf", "sft", "dpo", "assistant", "thinking", "reasoning"]
)


def _more_specific(extra: frozenset[str] | set[str], pieces: frozenset[str], own: Identity) -> bool:
    """Whether a label of the same family names a variant that the repository is not."""
    if pieces & TUNED and not own.tokens & TUNED:
        return True
    return any(
        re.fullmatch(
            r"\d+k|\d+bits?|int\d|awq|gptq|gguf|vl|coder|math|thinking"
            r"|reasoning|\w*\d\w*",
            e,
        )
        for e in extra
    )

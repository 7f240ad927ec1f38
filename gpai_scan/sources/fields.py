"""What the fields of a listed repository mean: from an item to the values of its row.

Where the hub, the card and the tags all speak of one thing, the order is: what the hub resolved,
what the card says, what the tags say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from gpai_scan.sources.items import Gguf, Item, Safetensors

LONGEST_ID: Final = 256
"""Characters of a repository's name; the hub allows 96 for each of its two parts."""


class _CardData(msgspec.Struct, gc=False):
    license: Any = None
    license_name: Any = None
    datasets: Any = None
    language: Any = None
    base_model: Any = None
    base_model_relation: Any = None


class _ConfigData(msgspec.Struct, gc=False):
    model_type: Any = None
    architectures: Any = None
    quantization_config: Any = None


_T = TypeVar("_T")
_CARDS: Final = msgspec.json.Decoder(_CardData)
_CONFIGS: Final = msgspec.json.Decoder(_ConfigData)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NO_WEIGHTS: Final = Safetensors()
_NO_GGUF: Final = Gguf()

# Long, and no figure comes from them; the stored page keeps them.
_HEAVY: Final = frozenset({"tokenizer_config", "chat_template", "chat_template_jinja"})
_HEAVY_SIGN: Final = re.compile(rb'"(?:tokenizer_config|chat_template)')
_BASE_ID: Final = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9_][\w.-]*", re.ASCII)
_HUB_ADDRESS: Final = re.compile(r"^https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(?:models/)?")


class _Card(NamedTuple):
    """What the front matter of a card says, as the hub parsed it."""

    licence: str | None = None
    licence_name: str | None = None
    datasets: list[str] | None = None
    languages: list[str] | None = None
    relation: str | None = None
    bases: list[str] | None = None
    kept: str | None = None
    is_bad: bool = False


class _Config(NamedTuple):
    """What the hub keeps of a configuration."""

    model_type: str | None = None
    architectures: list[str] | None = None
    method: str | None = None
    bits: float | None = None
    kept: str | None = None
    is_bad: bool = False


def columns(items: Sequence[Item]) -> dict[str, Sequence[Any]]:
    """The columns of `listing.FIELDS`, without the listing file."""
    cards = _each([bytes(item.cardData) for item in items], _card)
    configs = _each([bytes(item.config) for item in items], _config)
    bases = [_bases(item, card) for item, card in zip(items, cards, strict=True)]
    return _own(items) | {
        "licence": [_licence(card, item) for item, card in zip(items, cards, strict=True)],
        "licence_name": [card.licence_name for card in cards],
        "datasets": [card.datasets for card in cards],
        "languages": [card.languages for card in cards],
        "base_relation": [relation for relation, _ in bases],
        "base_repo_ids": [names for _, names in bases],
        "model_type": [config.model_type for config in configs],
        "architectures": [config.architectures for config in configs],
        "quantisation_method": [config.method for config in configs],
        "quantisation_bits": [config.bits for config in configs],
        "card_data": [card.kept for card in cards],
        "config": [config.kept for config in configs],
        "reason": [_reason(*one) for one in zip(items, cards, configs, strict=True)],
    }


def _own(items: Sequence[Item]) -> dict[str, Sequence[Any]]:
    """The columns that come from the item itself, neither from its card nor its configuration."""
    weights = [item.safetensors or _NO_WEIGHTS for item in items]
    gguf = [item.gguf or _NO_GGUF for item in items]
    ids = [item.id for item in items]
    return {
        "repo_id": ids,
        "hub_id": [item.hub_id for item in items],
        "revision": [item.sha for item in items],
        "namespace": [one.partition("/")[0] if "/" in one else None for one in ids],
        "created_at": [item.createdAt for item in items],
        "last_modified": [item.lastModified for item in items],
        "gated": [_gated(item.gated) for item in items],
        "private": [item.private for item in items],
        "disabled": [item.disabled for item in items],
        "downloads_30d": [item.downloads for item in items],
        "downloads_all_time": [item.downloadsAllTime for item in items],
        "likes": [item.likes for item in items],
        "spaces": [None if item.spaces is None else len(item.spaces) for item in items],
        "library_name": [item.library_name for item in items],
        "pipeline_tag": [item.pipeline_tag for item in items],
        "tags": [item.tags for item in items],
        "safetensors_total": [one.total for one in weights],
        "safetensors_by_dtype": [_present(one.parameters) for one in weights],
        "gguf_total": [one.total for one in gguf],
        "gguf_bytes": [one.totalFileSize for one in gguf],
        "gguf_architecture": [one.architecture for one in gguf],
        "gguf_context_length": [one.context_length for one in gguf],
        "files": [
            None if item.siblings is None else [file.rfilename for file in item.siblings]
            for item in items
        ],
    }


def _each(texts: Sequence[bytes], read: Callable[[bytes], _T]) -> list[_T]:
    """What is read from each text; equal ones, as configurations mostly are, are read once."""
    known = {text: read(text) for text in dict.fromkeys(texts)}
    return [known[text] for text in texts]


def _card(text: bytes) -> _Card:
    said, is_bad = _decoded(text, _CARDS, _CardData)
    return _Card(
        _text(said.license),
        _text(said.license_name),
        _texts(said.datasets),
        _texts(said.language),
        _text(said.base_model_relation),
        _texts(said.base_model),
        _kept(text),
        is_bad,
    )


def _config(text: bytes) -> _Config:
    said, is_bad = _decoded(text, _CONFIGS, _ConfigData)
    return _Config(
        _text(said.model_type),
        _texts(said.architectures),
        *_quantisation(said.quantization_config),
        _kept(text),
        is_bad,
    )


def _decoded(
    text: bytes, decoder: msgspec.json.Decoder[_T], absent: Callable[[], _T]
) -> tuple[_T, bool]:
    """The fields of a JSON object, and whether it could not be read as one."""
    if text in (b"null", b"{}"):
        return absent(), False
    try:
        return decoder.decode(text), False
    except (ValueError, RecursionError):
        return absent(), True


def _reason(item: Item, card: _Card, config: _Config) -> str | None:
    """What was wrong with the listing."""
    if not (item.bad or card.is_bad or config.is_bad):
        return None
    bad = [
        *item.bad,
        *(["cardData"] if card.is_bad else []),
        *(["config"] if config.is_bad else []),
    ]
    return "; ".join(f"bad {name}" for name in bad)


def _kept(text: bytes) -> str | None:
    """The JSON text that is stored: as received, on one line, without what is long and mute."""
    if text == b"null":
        return None
    try:
        if _HEAVY_SIGN.search(text):
            members = _MEMBERS.decode(text)
            text = msgspec.json.encode({k: v for k, v in members.items() if k not in _HEAVY})
        if b"\n" in text:
            text = msgspec.json.format(text, indent=-1)
    except (ValueError, RecursionError):
        pass
    return text.decode("utf-8", "replace")


def _text(value: object) -> str | None:
    """A string that can be stored; the first one of a list."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, str) or not value.strip():
        return None
    return value.strip()


def _texts(value: object) -> list[str] | None:
    """The strings of a list, or the one string there is. YAML reads Norwegian, `no`, as false."""
    if value is None:
        return None
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    found = [
        "no" if one is False else one for one in (value if isinstance(value, list) else [value])
    ]
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]


def _gated(value: bool | str | None) -> str | None:
    if isinstance(value, str):
        return value if value in ("auto", "manual", "no") else None
    return None if value is None else ("auto" if value else "no")


def _present(counts: dict[str, float | None] | None) -> dict[str, float | None] | None:
    """Without the data types a dump names for every row and leaves empty."""
    if counts is None or None not in counts.values():
        return counts
    return {dtype: count for dtype, count in counts.items() if count is not None}


def _licence(card: _Card, item: Item) -> str | None:
    stated = card.licence
    if stated is None:
        tags = item.tags or ()
        stated = next((tag[8:].strip() for tag in tags if tag.startswith("license:")), "")
    return stated.lower() or None


def _bases(item: Item, card: _Card) -> tuple[str | None, list[str] | None]:
    """Relation and bases: as the hub resolved them, else as the card says, else from the tags."""
    if item.baseModels and item.baseModels.models:
        bases = _ids([base.id for base in item.baseModels.models])
        return item.baseModels.relation or card.relation, bases
    tagged = [tag.split(":")[1:] for tag in item.tags or () if tag.startswith("base_model:")]
    if not tagged and card.bases is None:
        return card.relation, None
    relation = card.relation or next((parts[0] for parts in tagged if len(parts) == 2), None)
    bases = _ids(card.bases or ()) or _ids(parts[-1] for parts in tagged)
    return relation, bases or None


def _ids(names: Iterable[str]) -> list[str]:
    """The names that can be a repository's, addresses of the hub shortened to it, each once."""
    short = (
        name if _BASE_ID.fullmatch(name) else _HUB_ADDRESS.sub("", name.strip()).rstrip("/")
        for name in names
    )
    found = (name for name in short if len(name) <= LONGEST_ID and _BASE_ID.fullmatch(name))
    return list(dict.fromkeys(found))


def _quantisation(value: object) -> tuple[str | None, float | None]:
    if not isinstance(value, dict):
        return None, None
    bits = value.get("bits")
    if bits is None:
        bits = 4 if value.get("load_in_4bit") is True else bits
        bits = 8 if value.get("load_in_8bit") is True else bits
    method = _text(value.get("quant_method"))
    if isinstance(bits, bool) or not isinstance(bits, int | float) or not 0 < bits <= 64:
        return method, None
    return method, float(bits)

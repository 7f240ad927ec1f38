"""What the fields of a listed repository mean: from an item to the values of its row.

Where the hub, the card and the tags all speak of one thing, the order is: what the hub resolved,
what the card says, what the tags say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import msgspec

from gpai_scan.sources.items import Item

LONGEST_ID: Final = 256
"""Characters of a repository's name; the hub allows 96 for each of its two parts."""


class _Card(msgspec.Struct, gc=False):
    license: Any = None
    license_name: Any = None
    datasets: Any = None
    language: Any = None
    base_model: Any = None
    base_model_relation: Any = None


class _Config(msgspec.Struct, gc=False):
    model_type: Any = None
    architectures: Any = None
    quantization_config: Any = None


_T = TypeVar("_T")
_CARD: Final = msgspec.json.Decoder(_Card)
_CONFIG: Final = msgspec.json.Decoder(_Config)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NO_CARD: Final = _Card()
_NO_CONFIG: Final = _Config()

# Long, and no figure comes from them; the stored page keeps them.
_HEAVY: Final = frozenset({"tokenizer_config", "chat_template", "chat_template_jinja"})
_HEAVY_SIGN: Final = re.compile(rb'"(?:tokenizer_config|chat_template)')
_BASE_ID: Final = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9_][\w.-]*", re.ASCII)
_HUB_ADDRESS: Final = re.compile(r"^https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(?:models/)?")


def row(item: Item) -> tuple[Any, ...]:
    """The columns of `listing.FIELDS` in order, without the listing file."""
    bad = list(item.bad)
    card = _decoded(item.cardData, _CARD, _NO_CARD, "cardData", bad)
    config = _decoded(item.config, _CONFIG, _NO_CONFIG, "config", bad)
    tags = item.tags or ()
    method, bits = _quantisation(config.quantization_config)
    relation, bases = _bases(item, card, tags)
    weights, gguf = item.safetensors, item.gguf
    return (
        item.id,
        item.hub_id,
        item.sha,
        item.id.partition("/")[0] if "/" in item.id else None,
        item.createdAt,
        item.lastModified,
        _gated(item.gated),
        item.private,
        item.disabled,
        item.downloads,
        item.downloadsAllTime,
        item.likes,
        None if item.spaces is None else len(item.spaces),
        item.library_name,
        item.pipeline_tag,
        item.tags,
        _licence(card, tags),
        _text(card.license_name),
        _texts(card.datasets),
        _texts(card.language),
        relation,
        bases,
        _text(config.model_type),
        _texts(config.architectures),
        method,
        bits,
        weights.total if weights else None,
        _present(weights.parameters) if weights else None,
        gguf.total if gguf else None,
        gguf.totalFileSize if gguf else None,
        gguf.architecture if gguf else None,
        gguf.context_length if gguf else None,
        None if item.siblings is None else [file.rfilename for file in item.siblings],
        _kept(item.cardData),
        _kept(item.config),
        "; ".join(f"bad {name}" for name in bad) or None,
    )


def _decoded(
    raw: msgspec.Raw, decoder: msgspec.json.Decoder[_T], absent: _T, name: str, bad: list[str]
) -> _T:
    text = bytes(raw)
    if text in (b"null", b"{}"):
        return absent
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError):
        bad.append(name)
        return absent


def _kept(raw: msgspec.Raw) -> str | None:
    """The JSON text that is stored: as received, on one line, without what is long and mute."""
    text = bytes(raw)
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


def _licence(card: _Card, tags: Iterable[str]) -> str | None:
    stated = _text(card.license)
    if stated is None:
        stated = next(iter([tag[8:] for tag in tags if tag.startswith("license:")]), None)
    return stated.strip().lower() or None if stated else None


def _bases(item: Item, card: _Card, tags: Iterable[str]) -> tuple[str | None, list[str] | None]:
    """Relation and bases: as the hub resolved them, else as the card says, else from the tags."""
    stated = _text(card.base_model_relation)
    if item.baseModels and item.baseModels.models:
        bases = _ids(base.id for base in item.baseModels.models)
        return item.baseModels.relation or stated, bases
    tagged = [tag.split(":")[1:] for tag in tags if tag.startswith("base_model:")]
    if not tagged and card.base_model is None:
        return stated, None
    relation = stated or next((parts[0] for parts in tagged if len(parts) == 2), None)
    bases = _ids(_texts(card.base_model) or ()) or _ids(parts[-1] for parts in tagged if parts)
    return relation, bases or None


def _ids(names: Iterable[str]) -> list[str]:
    """The names that can be a repository's, addresses of the hub shortened to it, each once."""
    short = (_HUB_ADDRESS.sub("", name.strip()).rstrip("/") for name in names)
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

"""One listed repository as the hub's API sends it, decoded one by one so that odd ones stay alone.

The fast path decodes a whole page by type. A page that resists is cut into its items; an item
that resists loses only the fields that are wrong, named in `bad`; what cannot be read at all
comes back as a `Broken`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

import msgspec

# Beyond this a count is an error of the page: the largest real ones are near 1e13.
Count = Annotated[float, msgspec.Meta(ge=0, le=1e17)]
_NULL: Final = msgspec.Raw(b"null")


class Sibling(msgspec.Struct, gc=False):
    """One file of a repository."""

    rfilename: str


class Safetensors(msgspec.Struct, gc=False):
    """Stored elements by dtype, and the hub's total over them."""

    parameters: dict[str, Count | None] | None = None
    total: Count | None = None


class Gguf(msgspec.Struct, gc=False):
    """What the hub reads from the header of a GGUF file."""

    total: Count | None = None
    totalFileSize: Count | None = None
    architecture: str | None = None
    context_length: Count | None = None


class Base(msgspec.Struct, gc=False):
    """A base repository."""

    id: str


class BaseModels(msgspec.Struct, gc=False):
    """The base repositories and the relation to them: one object, not a list."""

    relation: str | None = None
    models: list[Base] | None = None


class Item(msgspec.Struct, gc=False):
    """One repository of a list page; fields the hub did not send are None."""

    id: str
    hub_id: str | None = msgspec.field(name="_id", default=None)
    sha: str | None = None
    createdAt: str | None = None
    lastModified: str | None = None
    gated: bool | str | None = None
    private: bool | None = None
    disabled: bool | None = None
    downloads: Count | None = None
    downloadsAllTime: Count | None = None
    likes: Count | None = None
    spaces: list[Any] | None = None
    library_name: str | None = None
    pipeline_tag: str | None = None
    tags: list[str] | None = None
    cardData: msgspec.Raw = _NULL
    config: msgspec.Raw = _NULL
    safetensors: Safetensors | None = None
    gguf: Gguf | None = None
    baseModels: BaseModels | None = None
    siblings: list[Sibling] | None = None
    bad: tuple[str, ...] = msgspec.field(name=" bad", default=())


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of a page that is no repository, and why."""

    detail: str
    repo_id: str | None = None


_NESTED: Final[dict[str, type[msgspec.Struct]]] = {
    "safetensors": Safetensors,
    "gguf": Gguf,
    "baseModels": BaseModels,
}
_LISTS: Final = {"tags": str, "siblings": Sibling, "models": Base}
_PAGE: Final = msgspec.json.Decoder(list[Item])
_PARTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ITEM: Final = msgspec.json.Decoder(Item)
_UNREADABLE: Final = (ValueError, RecursionError)  # what decoders raise on text; msgspec's too


def decode_page(page: bytes) -> list[Item | Broken]:
    """The items of a list page in order; never raises on what the page holds."""
    try:
        return list(_PAGE.decode(page))
    except _UNREADABLE:
        return [_decode(part) if isinstance(part, bytes) else part for part in _apart(page)]


def _apart(page: bytes) -> Iterable[bytes | Broken]:
    """The elements of a page: as JSON where it is that, else by its brackets."""
    try:
        return [bytes(part) for part in _PARTS.decode(page)]
    except _UNREADABLE:
        return split(page)


def decode_parts(parts: Sequence[bytes]) -> list[Item | Broken]:
    """Items that come apart already; one that is broken does not touch the next."""
    try:
        found = _PAGE.decode(b"[" + b",".join(parts) + b"]")
    except _UNREADABLE:
        found = []
    if len(found) == len(parts):
        return list(found)
    return [_decode(part) for part in parts]


def decode_item(text: bytes) -> Item | Broken:
    """A single item, as in `model_info.json`; never raises on what the text holds."""
    return _decode(text)


def _decode(text: bytes) -> Item | Broken:
    try:
        return _ITEM.decode(text)
    except _UNREADABLE:
        pass
    try:
        value = json.loads(text.decode("utf-8-sig", "replace"))
    except _UNREADABLE as error:
        return Broken(f"not JSON: {error}"[:200], _glimpse(text))
    if not isinstance(value, dict):
        return Broken(f"a {type(value).__name__} in place of a repository")
    if not isinstance(value.get("id"), str):
        return Broken("no id")
    return _lenient(value)


def _lenient(value: dict[str, Any]) -> Item:
    """The item with what can be used of each field; the fields that lost something in `bad`."""
    bad: list[str] = []
    fields: dict[str, Any] = {
        field.name: _field(field.encode_name, field.type, value[field.encode_name], bad)
        for field in msgspec.structs.fields(Item)
        if field.encode_name in value and field.name != "bad"
    }
    return Item(**{k: v for k, v in fields.items() if v is not None}, bad=tuple(dict.fromkeys(bad)))


def _field(name: str, kind: object, value: object, bad: list[str]) -> object:
    if kind is msgspec.Raw:
        return _raw(name, value, bad)
    try:
        return msgspec.convert(_clean(value), cast(Any, kind))
    except (msgspec.ValidationError, RecursionError):
        bad.append(name)
    if name in _NESTED and isinstance(value, dict):
        struct = _NESTED[name]
        parts: dict[str, Any] = {
            part.name: _field(part.name, part.type, value[part.name], [])
            for part in msgspec.structs.fields(struct)
            if part.name in value
        }
        return struct(**parts)
    if name in _LISTS and isinstance(value, list):
        return [part for one in value if (part := _one(one, _LISTS[name])) is not None]
    if name == "parameters" and isinstance(value, dict):
        return {_clean(k): n for k, v in value.items() if (n := _one(v, Count)) is not None}
    return None


def _raw(name: str, value: object, bad: list[str]) -> msgspec.Raw:
    try:
        return msgspec.Raw(json.dumps(value, allow_nan=False).encode())
    except _UNREADABLE:
        bad.append(name)
        return _NULL


def _one(value: object, kind: object) -> object:
    try:
        return msgspec.convert(_clean(value), cast(Any, kind))
    except (msgspec.ValidationError, RecursionError):
        return None


def _clean(value: object) -> object:
    """The value with lone surrogates, which no encoding can store, replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(k): _clean(v) for k, v in value.items()}
    return value


_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL)
_ID: Final = re.compile(rb'"id"\s*:\s*"([^"\\]{1,200})"')


def _glimpse(text: bytes) -> str | None:
    found = _ID.search(text)
    return found[1].decode("utf-8", "replace") if found else None


def split(page: bytes) -> Iterator[bytes | Broken]:
    """The elements of a JSON array by their brackets, without understanding them.

    What follows the last whole element of a cut page comes as a `Broken`.
    """
    opening = re.match(rb"(?:\xef\xbb\xbf)?\s*\[", page)
    if not opening:
        yield Broken("the page is not a list")
        return
    depth, start = 0, opening.end()
    for token in _TOKEN.finditer(page, start):
        sign = token[0]
        if depth == 0 and sign in (b",", b"]"):
            part = page[start : token.start()].strip()
            if part:
                yield part
            start = token.end()
            if sign == b"]":
                return
        elif sign in (b"[", b"{"):
            depth += 1
        elif sign in (b"]", b"}"):
            depth -= 1
    rest = page[start:].strip()
    yield Broken(f"the page ends within an item, after {len(page)} bytes", _glimpse(rest))

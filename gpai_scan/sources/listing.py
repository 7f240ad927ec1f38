"""What a hub's list says, as frames: the one home for turning API items into rows.

`of_page` reads a list page, `of_items` single answers such as `model_info.json`. Both give the
columns of `schema.REPOSITORIES` and of `schema.PROBLEMS`; nothing a page holds raises.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
import polars as pl
import pyarrow as pa

from gpai_scan import schema
from gpai_scan.sources.items import Broken, Item, decode_item, decode_page, decode_parts


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of `schema.REPOSITORIES`, and of `schema.PROBLEMS` for what could not be one."""

    repositories: pl.DataFrame
    problems: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Answer:
    """One hub answer about one repository: its bytes, where they are kept, and whose they are.

    `repo_id` is the repository the place says it is about; it wins over the answer's own id.
    `content` None stands for a repository about which nothing is listed.
    """

    content: bytes | None
    listing_file: str | None
    repo_id: str


Problem = tuple[str | None, str | None, str, str]
"""Repository, file, reason and detail: a row of `schema.PROBLEMS`."""


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
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BASE_ID: Final = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9_][\w.-]*", re.ASCII)
_HUB_ADDRESS: Final = re.compile(r"^https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(?:models/)?")
_LONGEST_ID: Final = 256


def unusable(repo_id: str) -> str | None:
    """Why a name cannot be a repository's, or None: what is stored must be safe to show and join.

    A name is at most 256 characters, holds no control characters, at most one slash, and no part
    that is empty or a step in a path. Quotes, spaces and any script are allowed.
    """
    if _PLAIN_ID.fullmatch(repo_id):
        return None
    if len(repo_id) > _LONGEST_ID:
        return f"name of {len(repo_id)} characters: {repo_id[:60]!r}…"
    if _CONTROL.search(repo_id):
        return f"control characters in name: {repo_id!r}"
    parts = repo_id.split("/")
    if len(parts) > 2 or any(part.strip() in ("", ".", "..") for part in parts):
        return f"not a repository name: {repo_id!r}"
    return None


def storable(text: str) -> bool:
    """Whether a name can be stored and shown: short, and without control characters."""
    return len(text) <= 4 * _LONGEST_ID and not _CONTROL.search(text)


def of_page(page: bytes, *, hub: str, listing_file: str, take: int | None = None) -> Listed:
    """The rows of one list page, or of its leading items only."""
    collecting = gc.isenabled()
    gc.disable()  # some ten thousand small objects, and no cycle among them
    try:
        return _frames([(item, listing_file) for item in decode_page(page)[:take]], hub)
    finally:
        if collecting:
            gc.enable()


def of_parts(
    parts: Sequence[bytes], instead: Callable[[int], bytes], *, hub: str, listing_file: str
) -> Listed:
    """The rows of items that come apart; `instead` gives another form of one that is no JSON."""
    items = decode_parts(parts)
    for place, item in enumerate(items):
        if isinstance(item, Broken):
            items[place] = decode_item(instead(place))
    return _frames([(item, listing_file) for item in items], hub)


def of_items(answers: Iterable[Answer], *, hub: str) -> Listed:
    """One row for each answer, whatever it holds: what is wrong with it stands in `reason`."""
    pairs: list[tuple[Item | Broken, str | None]] = []
    problems: list[Problem] = []
    for answer in answers:
        if answer.content is None:
            pairs.append((Item(answer.repo_id), None))
            continue
        item = decode_item(answer.content)
        if isinstance(item, Broken):
            problems.append((answer.repo_id, answer.listing_file, "bad_listing", item.detail))
            item = Item(answer.repo_id, bad=("listing",))
        elif item.id != answer.repo_id:
            detail = f"the answer is about {item.id[:200]!r}".encode("utf-8", "replace").decode()
            problems.append((answer.repo_id, answer.listing_file, "other_id", detail))
            item.id = answer.repo_id
        pairs.append((item, answer.listing_file))
    listed = _frames(pairs, hub)
    return Listed(listed.repositories, pl.concat([problem_rows(problems), listed.problems]))


def problem_rows(rows: Iterable[Problem]) -> pl.DataFrame:
    """Rows of `schema.PROBLEMS` from (repo_id, file, reason, detail)."""
    return pl.DataFrame(list(rows), schema=schema.PROBLEMS.schema, orient="row")


def _frames(pairs: Sequence[tuple[Item | Broken, str | None]], hub: str) -> Listed:
    rows: list[tuple[Any, ...]] = []
    problems: list[Problem] = []
    for item, file in pairs:
        if isinstance(item, Broken):
            problems.append((item.repo_id, file, "bad_item", item.detail))
        elif (why := unusable(item.id)) is not None:
            detail = why.encode("utf-8", "replace").decode()
            problems.append((None, file, "bad_name", detail))
        else:
            rows.append((*_row(item), file))
    return Listed(_repositories(rows, hub), problem_rows(problems))


_COUNT: Final = pa.struct({"dtype": pa.large_string(), "count": pa.float64()})
_FIELDS: Final[dict[str, pa.DataType]] = {
    "repo_id": pa.large_string(),
    "hub_id": pa.large_string(),
    "revision": pa.large_string(),
    "namespace": pa.large_string(),
    "created_at": pa.large_string(),
    "last_modified": pa.large_string(),
    "gated": pa.large_string(),
    "private": pa.bool_(),
    "disabled": pa.bool_(),
    "downloads_30d": pa.float64(),
    "downloads_all_time": pa.float64(),
    "likes": pa.float64(),
    "spaces": pa.float64(),
    "library_name": pa.large_string(),
    "pipeline_tag": pa.large_string(),
    "tags": pa.large_list(pa.large_string()),
    "licence": pa.large_string(),
    "licence_name": pa.large_string(),
    "datasets": pa.large_list(pa.large_string()),
    "languages": pa.large_list(pa.large_string()),
    "base_relation": pa.large_string(),
    "base_repo_ids": pa.large_list(pa.large_string()),
    "model_type": pa.large_string(),
    "architectures": pa.large_list(pa.large_string()),
    "quantisation_method": pa.large_string(),
    "quantisation_bits": pa.float64(),
    "safetensors_total": pa.float64(),
    "safetensors_by_dtype": pa.large_list(_COUNT),
    "gguf_total": pa.float64(),
    "gguf_bytes": pa.float64(),
    "gguf_architecture": pa.large_string(),
    "gguf_context_length": pa.float64(),
    "files": pa.large_list(pa.large_string()),
    "card_data": pa.large_string(),
    "config": pa.large_string(),
    "reason": pa.large_string(),
    "listing_file": pa.large_string(),
}


def _repositories(rows: list[tuple[Any, ...]], hub: str) -> pl.DataFrame:
    if not rows:
        return schema.REPOSITORIES.empty()
    columns = dict(zip(_FIELDS, zip(*rows, strict=True), strict=True))
    table = pa.table({name: _array(columns[name], kind) for name, kind in _FIELDS.items()})
    frame = pl.DataFrame(table).lazy().with_columns(pl.lit(hub).alias("hub"))
    times = [
        pl.col(name).str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC", strict=False
        )
        for name in ("created_at", "last_modified")
    ]
    return schema.REPOSITORIES.conform(frame.with_columns(times)).collect()


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    """An Arrow array; lists are flattened here, several times faster than nested conversion."""
    if not pa.types.is_large_list(kind):
        return pa.array(values, kind)
    flat: list[Any] = []
    offsets: list[int] = [0]
    for value in values:
        if value:
            flat.extend(value.items() if isinstance(value, dict) else value)
        offsets.append(len(flat))
    return pa.LargeListArray.from_arrays(
        pa.array(offsets, pa.int64()),
        _elements(flat, kind.value_type),
        mask=pa.array([value is None for value in values]),
    )


def _elements(flat: list[Any], kind: pa.DataType) -> pa.Array:
    if kind != _COUNT:
        return pa.array(flat, kind)
    parts = [pa.array([pair[i] for pair in flat], kind.field(i).type) for i in range(2)]
    return pa.StructArray.from_arrays(parts, fields=list(kind))


def _row(item: Item) -> tuple[Any, ...]:
    """The columns of `_FIELDS` in order, without the listing file."""
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
    found = (name for name in short if len(name) <= _LONGEST_ID and _BASE_ID.fullmatch(name))
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

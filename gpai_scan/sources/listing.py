"""What a hub's list says, as frames: the one home for turning API items into rows.

`of_page` and `of_pages` read list pages, `of_items` single answers such as `model_info.json`. All
give the columns of `schema.REPOSITORIES` and of `schema.PROBLEMS`; nothing a page holds raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any, Final

import polars as pl
import pyarrow as pa

from gpai_scan import schema
from gpai_scan.garbage import uncollected
from gpai_scan.sources.fields import LONGEST_ID, columns
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


_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def unusable(repo_id: str) -> str | None:
    """Why a name cannot be a repository's, or None: what is stored must be safe to show and join.

    A name is at most 256 characters, holds no control characters, at most one slash, and no part
    that is empty or a step in a path. Quotes, spaces and any script are allowed.
    """
    if _PLAIN_ID.fullmatch(repo_id):
        return None
    if len(repo_id) > LONGEST_ID:
        return f"name of {len(repo_id)} characters: {repo_id[:60]!r}…"
    if _CONTROL.search(repo_id):
        return f"control characters in name: {repo_id!r}"
    parts = repo_id.split("/")
    if len(parts) > 2 or any(part.strip() in ("", ".", "..") for part in parts):
        return f"not a repository name: {repo_id!r}"
    return None


def storable(text: str) -> bool:
    """Whether a name can be stored and shown: short, and without control characters."""
    return len(text) <= 4 * LONGEST_ID and not _CONTROL.search(text)


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a hub's list: its bytes, where they are kept, and how many items count."""

    content: bytes
    listing_file: str
    take: int | None = None


def of_page(page: bytes, *, hub: str, listing_file: str, take: int | None = None) -> Listed:
    """The rows of one list page, or of its leading items only."""
    return of_pages([ListPage(page, listing_file, take)], hub=hub)


def of_pages(pages: Iterable[ListPage], *, hub: str) -> Listed:
    """The rows of list pages in order, each page made into columns on its own to spare memory."""
    with uncollected():
        return _listed((_columns(*_of_page(page)) for page in pages), hub)


def _of_page(page: ListPage) -> tuple[list[Item | Broken], list[str]]:
    """The items of a page that count, and where each of them is kept."""
    items = decode_page(page.content)[: page.take]
    return items, [page.listing_file] * len(items)


def of_parts(
    parts: Sequence[bytes], instead: Callable[[int], bytes], *, hub: str, listing_file: str
) -> Listed:
    """The rows of items that come apart; `instead` gives another form of one that is no JSON."""
    items = decode_parts(parts)
    for place, item in enumerate(items):
        if isinstance(item, Broken):
            items[place] = decode_item(instead(place))
    return _listed([_columns(items, [listing_file] * len(items))], hub)


def of_items(answers: Iterable[Answer], *, hub: str) -> Listed:
    """One row for each answer, whatever it holds: what is wrong with it stands in `reason`."""
    items: list[Item | Broken] = []
    files: list[str | None] = []
    problems: list[Problem] = []
    for answer in answers:
        files.append(None if answer.content is None else answer.listing_file)
        if answer.content is None:
            items.append(Item(answer.repo_id))
            continue
        item = decode_item(answer.content)
        if isinstance(item, Broken):
            problems.append((answer.repo_id, answer.listing_file, "bad_listing", item.detail))
            item = Item(answer.repo_id, bad=("listing",))
        elif item.id != answer.repo_id:
            detail = f"the answer is about {item.id[:200]!r}".encode("utf-8", "replace").decode()
            problems.append((answer.repo_id, answer.listing_file, "other_id", detail))
            item.id = answer.repo_id
        items.append(item)
    listed = _listed([_columns(items, files)], hub)
    return Listed(listed.repositories, pl.concat([problem_rows(problems), listed.problems]))


def problem_rows(rows: Iterable[Problem]) -> pl.DataFrame:
    """Rows of `schema.PROBLEMS` from (repo_id, file, reason, detail)."""
    return pl.DataFrame(list(rows), schema=schema.PROBLEMS.schema, orient="row")


def _columns(
    items: Sequence[Item | Broken], files: Sequence[str | None]
) -> tuple[pa.Table, list[Problem]]:
    """The columns of `FIELDS` of the items that can be a row, and the problems of the others."""
    rows: list[Item] = []
    kept_in: list[str | None] = []
    problems: list[Problem] = []
    for item, file in zip(items, files, strict=True):
        if isinstance(item, Broken):
            problems.append((item.repo_id, file, "bad_item", item.detail))
        elif (why := unusable(item.id)) is not None:
            detail = why.encode("utf-8", "replace").decode()
            problems.append((None, file, "bad_name", detail))
        else:
            rows.append(item)
            kept_in.append(file)
    values = columns(rows) | {"listing_file": kept_in}
    return pa.table({name: _array(values[name], kind) for name, kind in FIELDS.items()}), problems


def _listed(parts: Iterable[tuple[pa.Table, list[Problem]]], hub: str) -> Listed:
    """The frames of all parts together, in their order."""
    found = list(parts)
    tables = [table for table, _ in found if table.num_rows]
    problems = chain.from_iterable(told for _, told in found)
    return Listed(_repositories(tables, hub), problem_rows(problems))


_COUNT: Final = pa.struct({"dtype": pa.large_string(), "count": pa.float64()})
FIELDS: Final[dict[str, pa.DataType]] = {
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


def _repositories(tables: list[pa.Table], hub: str) -> pl.DataFrame:
    if not tables:
        return schema.REPOSITORIES.empty()
    frame = pl.DataFrame(pa.concat_tables(tables)).lazy().with_columns(pl.lit(hub).alias("hub"))
    times = [
        pl.col(name).str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC", strict=False
        )
        for name in ("created_at", "last_modified")
    ]
    return schema.REPOSITORIES.conform(frame.with_columns(times)).collect()


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """An Arrow array; lists are flattened here, several times faster than nested conversion."""
    if not pa.types.is_large_list(kind):
        return pa.array(values, kind)
    held = (value.items() if isinstance(value, dict) else value for value in values if value)
    flat = list(chain.from_iterable(held))
    ends = accumulate((len(value) if value else 0 for value in values), initial=0)
    return pa.LargeListArray.from_arrays(
        pa.array(list(ends), pa.int64()),
        _elements(flat, kind.value_type),
        mask=pa.array([value is None for value in values], pa.bool_()),
    )


def _elements(flat: list[Any], kind: pa.DataType) -> pa.Array:
    if kind != _COUNT:
        return pa.array(flat, kind)
    parts = [pa.array([pair[i] for pair in flat], kind.field(i).type) for i in range(2)]
    return pa.StructArray.from_arrays(parts, fields=list(kind))

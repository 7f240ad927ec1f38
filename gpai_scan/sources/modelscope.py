"""ModelScope, the second hub: its public OpenAPI, in the words of this package.

Known from public clients of the API (modelscope_hub and others, 2026), not confirmed by us on the
live hub: `GET /openapi/v1/models` takes `owner`, `search`, `sort`, `page_number` and `page_size`
(at most 50) and answers `{"success": …, "data": {"models": [...], "total_count": …}}`; a question
reaches its first 3,000 answers and no more; files stand at `/models/<id>/resolve/<branch>/<path>`.

So this is no census of the hub: without an owner it gives the 3,000 models downloaded most, with
`--author` all models of one owner. Revisions are not listed, so that files are those of `master`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from gpai_scan.crawl.client import Reply
from gpai_scan.crawl.dialect import Mark
from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.crawl.shards import Manifest
from gpai_scan.errors import InvalidInput

_PAGE: Final = 50
_REACH: Final = 3000
_BRANCH: Final = "master"


class _Data(msgspec.Struct):
    models: list[msgspec.Raw]
    total_count: int = 0


class _Answer(msgspec.Struct):
    data: _Data


_ANSWER: Final = msgspec.json.Decoder(_Answer)


class ModelScope:
    """The dialect of ModelScope; see the module."""

    listing = "/openapi/v1/models"
    direct = False

    def first(self, manifest: Manifest, settings: CrawlSettings) -> str:
        """Most downloaded first; a delta by last change. Tags and tasks cannot be asked for."""
        unknown = [name for name in ("filter", "pipeline_tag") if name in manifest.query]
        if unknown:
            raise InvalidInput(f"ModelScope cannot be asked for {unknown[0]}; use --author.")
        size = min(_PAGE, settings.page_size, settings.limit or _PAGE)
        sort = "last_modified" if manifest.kind == "delta" else "downloads"
        query = {"sort": sort, "page_number": "1", "page_size": str(size)}
        if "author" in manifest.query:
            query["owner"] = str(manifest.query["author"])
        return f"{self.listing}?{urlencode(query)}"

    def following(self, reply: Reply, address: str, hub: str) -> tuple[str | None, str | None]:
        """The next number, as far as a question reaches."""
        try:
            data = _ANSWER.decode(reply.body).data
        except (ValueError, RecursionError):
            return None, None
        query = dict(parse_qsl(address.partition("?")[2]))
        number, size = int(query["page_number"]), int(query["page_size"])
        if not data.models or number * size >= min(data.total_count, _REACH - size + 1):
            return None, None
        return f"{self.listing}?{urlencode(query | {'page_number': str(number + 1)})}", None

    def marks(self, body: bytes) -> list[Mark] | None:
        """One mark an item, with the time in UTC."""
        items = _items(body)
        if items is None:
            return None
        return [Mark(None, one["lastModified"] if isinstance(one, dict) else None) for one in items]

    def page(self, body: bytes) -> bytes:
        """The items with the Hugging Face Hub's names for the same things."""
        items = _items(body)
        return body if items is None else msgspec.json.encode(items)

    def file(self, repo_id: str, revision: str | None, path: str, *, direct: bool) -> str:
        """On a branch: the list names no commit."""
        return f"/models/{quote(repo_id)}/resolve/{quote(revision or _BRANCH)}/{quote(path)}"


def _items(body: bytes) -> list[Any] | None:
    try:
        models = _ANSWER.decode(body).data.models
    except (ValueError, RecursionError):
        return None
    return [_item(raw) for raw in models]


def _item(raw: msgspec.Raw) -> object:
    """One model in the Hub's words; what is no object is handed on, to be set aside there."""
    try:
        found = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, Mapping):
        return found
    tasks, parameters = found.get("tasks"), found.get("params")
    tags = found.get("tags")
    counted = isinstance(parameters, int | float) and parameters > 0
    return {
        "id": found.get("id"),
        "createdAt": _time(found.get("created_at")),
        "lastModified": _time(found.get("last_modified")),
        "gated": found.get("gated"),
        "private": found.get("private"),
        "downloadsAllTime": found.get("downloads"),
        "likes": found.get("likes"),
        "tags": tags,
        "library_name": next((t[8:] for t in _strings(tags) if t.startswith("library:")), None),
        "pipeline_tag": next(iter(_strings(tasks)), None),
        "cardData": {"license": found.get("license")} if found.get("license") else None,
        "safetensors": {"total": parameters} if counted else None,
    }


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _time(value: object) -> str | None:
    """A time as the Hugging Face Hub writes it, from a written one or from seconds since 1970."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            read = datetime.fromtimestamp(value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    known = read if read.tzinfo else read.replace(tzinfo=UTC)
    return known.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

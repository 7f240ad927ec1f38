"""The list of a hub, page after page, stored as received before anything is read from it.

A sweep walks by time of creation, ascending: the one order in which nothing moves during the
walk. It ends at the first repository created after the boundary. A delta walks by time of last
change, descending, down to the previous scan's start less an overlap.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from gpai_scan.crawl.client import Client, Reply
from gpai_scan.crawl.dialect import Dialect, Mark, find
from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.crawl.shards import Manifest, Page, ScanFolder, write, write_json
from gpai_scan.errors import Interrupted, InvalidInput
from gpai_scan.sources.items import Broken, decode_page

logger = logging.getLogger(__name__)

_PAGE_LIMIT: Final = 512_000_000
_SPOILT_TRIES: Final = 3
"""Times a page that is no JSON is asked for again before it is taken as it is."""
_SPOILT: Final = "sends what is no list of models"


@dataclass(frozen=True, slots=True)
class _Walk:
    """One scan's walk over the list."""

    scan: ScanFolder
    manifest: Manifest
    client: Client
    settings: CrawlSettings
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class _Got:
    """A page as it came: from where, what it holds, where the next one is, what is wrong."""

    address: str
    reply: Reply
    digest: str
    marks: list[Mark] | None
    following: str | None
    problem: str | None = None


def walk(
    scan: ScanFolder, client: Client, settings: CrawlSettings, on_page: Callable[[Page], None]
) -> list[Page]:
    """All pages of a scan, of which those that are there are not asked for again.

    `Interrupted` where the hub does not give the next page; `InvalidInput` where it refuses the
    question itself.
    """
    pages = scan.pages()
    manifest = scan.manifest
    dialect = find(manifest.api)
    walking = _Walk(scan, manifest, client, settings, dialect)
    address: str | None = pages[-1].next if pages else dialect.first(manifest, settings)
    while address is not None:
        page = _store(walking, pages, _fetch(walking, pages, address))
        pages.append(page)
        on_page(page)
        address = page.next
    return pages


def _fetch(walking: _Walk, pages: Sequence[Page], address: str) -> _Got:
    """The page at an address, asked for again where it is spoilt or its cursor is refused."""
    spoilt: list[str] = []
    renewed = False
    while True:
        reply = walking.client.get(walking.settings.hub + address, "api", limit=_PAGE_LIMIT)
        if reply.status == 400:
            fixed = _without_unknown_keys(address, reply)
            if fixed is None and not renewed:
                renewed, fixed = True, _renewed(walking, pages)
            if fixed is None:
                raise _refused(walking, pages, reply)
            address = fixed
            continue
        if reply.status != 200:
            raise _refused(walking, pages, reply)
        got = _judge(walking, address, reply)
        if got.problem is None:
            return got
        spoilt.append(got.digest)
        if len(spoilt) >= _SPOILT_TRIES:
            ends = reply.body.strip()[:1] + reply.body.strip()[-1:]
            if got.problem == _SPOILT and len(set(spoilt)) == 1 and ends == b"[]":
                logger.warning("page=%d is no JSON and is kept as it is", len(pages) + 1)
                return got
            raise _stuck(walking, pages, got.problem)
        walking.client.governor.rest(walking.settings.backoff)


def _judge(walking: _Walk, address: str, reply: Reply) -> _Got:
    """What a page holds, and what is wrong with it, if anything."""
    following, problem = walking.dialect.following(reply, address, walking.settings.hub)
    if not reply.whole:
        problem = f"sends more than {_PAGE_LIMIT:,} bytes"
    marks = walking.dialect.marks(reply.body)
    if marks is None and problem is None:
        problem = _SPOILT
    digest = hashlib.sha256(reply.body).hexdigest()
    return _Got(address, reply, digest, marks, following, problem)


def _lenient_marks(body: bytes) -> list[Mark]:
    return [
        Mark() if isinstance(item, Broken) else Mark(item.hub_id, item.lastModified)
        for item in decode_page(body)
    ]


def _store(walking: _Walk, pages: Sequence[Page], got: _Got) -> Page:
    """Write the page as received, then its record."""
    number, reply = len(pages) + 1, got.reply
    marks = _lenient_marks(reply.body) if got.marks is None else got.marks
    items, manifest = len(marks), walking.manifest
    take, last = items, got.following is None or items == 0
    if manifest.limit is not None:
        before = sum(page.take for page in pages)
        take = min(items, manifest.limit - before)
        last = last or before + take >= manifest.limit
    elif manifest.kind == "sweep":
        take = _before(marks, manifest.boundary)
        last = last or take < items
    elif manifest.since is not None:
        floor = manifest.since - timedelta(hours=walking.settings.overlap_hours)
        take = _since(marks, floor)
        last = last or take < items
    page = Page(
        number=number,
        address=got.address,
        sha256=got.digest,
        size=len(reply.body),
        items=items,
        take=take,
        first_id=next((mark.hub_id for mark in marks if mark.hub_id), None),
        last_id=next((mark.hub_id for mark in reversed(marks) if mark.hub_id), None),
        next=None if last else got.following,
    )
    packed = reply.packed or gzip.compress(reply.body, compresslevel=6, mtime=0)
    write(walking.scan.page_file(number), packed)
    write_json(walking.scan.page_record(number), page)
    return page


def _before(marks: Sequence[Mark], boundary: datetime) -> int:
    """Leading items created before the boundary: identifiers begin with the second of creation."""
    limit = f"{int(boundary.timestamp()):08x}"
    take = len(marks)
    for place in range(len(marks) - 1, -1, -1):
        hub_id = marks[place].hub_id or ""
        if _OBJECT_ID.fullmatch(hub_id):
            if hub_id < limit:
                break
            take = place
    return take


_OBJECT_ID: Final = re.compile(r"[0-9a-f]{24}")


def _since(marks: Sequence[Mark], floor: datetime) -> int:
    """Leading items changed since a time: a delta begins with the newest change."""
    limit = floor.strftime("%Y-%m-%dT%H:%M:%S")
    old = (i for i, mark in enumerate(marks) if mark.lastModified and mark.lastModified < limit)
    return next(old, len(marks))


def _message(reply: Reply) -> str:
    text = reply.body[:4000].decode("utf-8", "replace")
    try:
        answer = json.loads(text)
        return str(answer["error"]) if isinstance(answer, dict) and "error" in answer else text
    except ValueError:
        return text


def _without_unknown_keys(address: str, reply: Reply) -> str | None:
    """The address without expand keys the hub does not know; None where those are not the matter.

    The hub names the keys it knows: `expected one of "author"|"baseModels"|…`.
    """
    _, found, listed = _message(reply).partition("expected one of")
    known = set(re.findall(r'"([A-Za-z0-9_-]+)"', listed)) if found else set()
    path, _, query = address.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if k not in ("expand", "expand[]") or v in known]
    if not known or len(kept) == len(pairs):
        return None
    dropped = sorted({v for pair in pairs if pair not in kept for v in pair[1:]})
    logger.warning("the hub does not know %s: asking without", ", ".join(dropped))
    return f"{path}?{urlencode(kept)}"


def _renewed(walking: _Walk, pages: Sequence[Page]) -> str | None:
    """A fresh cursor for a refused one, from the page before it; None where there is none."""
    if not pages:
        return None
    logger.warning("page=%d cursor refused, taking a new one", len(pages) + 1)
    address = pages[-1].address
    reply = walking.client.get(walking.settings.hub + address, "api", limit=_PAGE_LIMIT)
    return _judge(walking, address, reply).following if reply.status == 200 else None


def _refused(walking: _Walk, pages: Sequence[Page], reply: Reply) -> Exception:
    said = " ".join(_message(reply).split())[:300]
    if pages:
        return _stuck(walking, pages, f"answers {reply.status} ('{said}')")
    if reply.status in (401, 403):
        return InvalidInput(
            f"{walking.settings.hub} refuses to list models ({reply.status}); check HF_TOKEN."
        )
    home = urlsplit(walking.settings.hub).netloc
    return InvalidInput(f"{home} refuses the question with {reply.status}: {said or 'no reason'}.")


def _stuck(walking: _Walk, pages: Sequence[Page], what: str) -> Interrupted:
    return Interrupted(
        f"the hub {what} after page {len(pages)}; run the same command again to go on from there, "
        f"or remove '{walking.scan.path}' to begin anew."
    )

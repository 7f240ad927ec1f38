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
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import msgspec

from gpai_scan.crawl.client import Client, Reply, same_place
from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.crawl.shards import Manifest, Page, ScanFolder, write, write_json
from gpai_scan.errors import Interrupted, InvalidInput
from gpai_scan.sources.items import Broken, decode_page

logger = logging.getLogger(__name__)

LIST: Final = "/api/models"
_PAGE_LIMIT: Final = 512_000_000
_SPOILT_TRIES: Final = 3
"""Times a page that is no JSON is asked for again before it is taken as it is."""
_LINK: Final = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?', re.IGNORECASE)


class _Mark(msgspec.Struct, gc=False):
    hub_id: str | None = msgspec.field(name="_id", default=None)
    lastModified: str | None = None


_MARKS: Final = msgspec.json.Decoder(list[_Mark])


@dataclass(frozen=True, slots=True)
class _Walk:
    """One scan's walk over the list."""

    scan: ScanFolder
    manifest: Manifest
    client: Client
    settings: CrawlSettings


def walk(
    scan: ScanFolder, client: Client, settings: CrawlSettings, on_page: Callable[[Page], None]
) -> list[Page]:
    """All pages of a scan, of which those that are there are not asked for again.

    `Interrupted` where the hub does not give the next page; `InvalidInput` where it refuses the
    question itself.
    """
    pages = scan.pages()
    walking = _Walk(scan, scan.manifest, client, settings)
    address: str | None = pages[-1].next if pages else first_address(walking.manifest, settings)
    while address is not None:
        page = _store(walking, pages, *_fetch(walking, pages, address))
        pages.append(page)
        on_page(page)
        address = page.next
    return pages


def first_address(manifest: Manifest, settings: CrawlSettings) -> str:
    """Path and query of the first page."""
    size = min(settings.page_size, settings.limit or settings.page_size)
    sort, direction = ("createdAt", "1")
    if manifest.kind == "delta":
        sort, direction = ("lastModified", "-1")
    elif manifest.limit is not None:
        sort, direction = ("downloads", "-1")
    query = {"limit": str(size), "sort": sort, "direction": direction} | manifest.query
    return f"{LIST}?{urlencode(query | {'expand': settings.expand}, doseq=True)}"


def _fetch(walking: _Walk, pages: Sequence[Page], address: str) -> tuple[str, Reply, str | None]:
    """The page at an address: the address it was got from, the answer, the next address."""
    spoilt: dict[str, int] = {}
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
        digest = hashlib.sha256(reply.body).hexdigest()
        problem, following = _judge(walking, reply)
        if problem is None:
            return address, reply, following
        spoilt[digest] = spoilt.get(digest, 0) + 1
        if sum(spoilt.values()) >= _SPOILT_TRIES:
            ends = reply.body.strip()[:1] + reply.body.strip()[-1:]
            if problem == "spoilt" and len(spoilt) == 1 and ends == b"[]":
                logger.warning("page=%d is no JSON and is kept as it is", len(pages) + 1)
                return address, reply, following
            raise _stuck(walking, pages, problem)
        walking.client.governor.sleep(walking.settings.backoff)


def _judge(walking: _Walk, reply: Reply) -> tuple[str | None, str | None]:
    """What is wrong with a page, if anything, and its next address."""
    link = _LINK.search(reply.headers.get("link", ""))
    following = None
    if link is not None:
        following = same_place(link[1], walking.settings.hub, LIST)
        if following is None:
            return f"names a next page elsewhere ('{link[1][:100]}')", None
    if not reply.whole:
        return f"sends more than {_PAGE_LIMIT:,} bytes", None
    try:
        msgspec.json.decode(reply.body, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        return "spoilt", following
    return None, following


def _store(
    walking: _Walk, pages: Sequence[Page], address: str, reply: Reply, following: str | None
) -> Page:
    """Write the page as received, then its record."""
    number = len(pages) + 1
    marks = _marks(reply.body)
    items, manifest = len(marks), walking.manifest
    take, last = items, following is None or items == 0
    if manifest.limit is not None:
        take = min(items, manifest.limit - sum(page.take for page in pages))
        last = last or sum(page.take for page in pages) + take >= manifest.limit
    elif manifest.kind == "sweep":
        take = _before(marks, manifest.boundary)
        last = last or take < items
    elif manifest.since is not None:
        floor = manifest.since - timedelta(hours=walking.settings.overlap_hours)
        last = last or _reaches(marks, floor)
    if following == address:
        raise _stuck(walking, pages, "names the same page as its next")
    page = Page(
        number=number,
        address=address,
        sha256=hashlib.sha256(reply.body).hexdigest(),
        size=len(reply.body),
        items=items,
        take=take,
        first_id=next((mark.hub_id for mark in marks if mark.hub_id), None),
        last_id=next((mark.hub_id for mark in reversed(marks) if mark.hub_id), None),
        next=None if last else following,
    )
    packed = reply.packed or gzip.compress(reply.body, compresslevel=6, mtime=0)
    write(walking.scan.page_file(number), packed)
    write_json(walking.scan.page_record(number), page)
    return page


def _marks(body: bytes) -> list[_Mark]:
    try:
        return _MARKS.decode(body)
    except (ValueError, RecursionError):
        return [
            _Mark() if isinstance(item, Broken) else _Mark(item.hub_id, item.lastModified)
            for item in decode_page(body)
        ]


def _before(marks: Sequence[_Mark], boundary: datetime) -> int:
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


def _reaches(marks: Sequence[_Mark], floor: datetime) -> bool:
    """Whether a delta has come down to the time it need not go beyond."""
    limit = floor.strftime("%Y-%m-%dT%H:%M:%S")
    return any(mark.lastModified is not None and mark.lastModified < limit for mark in marks)


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
    reply = walking.client.get(walking.settings.hub + pages[-1].address, "api", limit=_PAGE_LIMIT)
    return _judge(walking, reply)[1] if reply.status == 200 else None


def _refused(walking: _Walk, pages: Sequence[Page], reply: Reply) -> Exception:
    said = " ".join(_message(reply).split())[:300]
    if pages:
        return _stuck(walking, pages, f"answers {reply.status} ('{said}')")
    if reply.status in (401, 403):
        return InvalidInput(
            f"{walking.settings.hub} refuses to list models ({reply.status}); check HF_TOKEN."
        )
    home = urlsplit(urljoin(walking.settings.hub, LIST)).netloc
    return InvalidInput(f"{home} refuses the question with {reply.status}: {said or 'no reason'}.")


def _stuck(walking: _Walk, pages: Sequence[Page], what: str) -> Interrupted:
    what = "sends what is no list of models" if what == "spoilt" else what
    return Interrupted(
        f"the hub {what} after page {len(pages)}; run the same command again to go on from there, "
        f"or remove '{walking.scan.path}' to begin anew."
    )

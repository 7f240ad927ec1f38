"""What one hub's API says differently from another's: addresses, paging, and the shape of a page.

Everything else of a crawl is the same for all hubs. A further hub is one more class with these
few methods, named in `find`.
"""

from __future__ import annotations

import re
from typing import Final, Protocol
from urllib.parse import quote, urlencode

import msgspec

from gpai_scan.crawl.client import Reply, same_place
from gpai_scan.crawl.settings import APIS, CrawlSettings
from gpai_scan.crawl.shards import Manifest
from gpai_scan.errors import UnknownName

_LINK: Final = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?', re.IGNORECASE)


class Mark(msgspec.Struct, gc=False):
    """What a walk over the list needs of an item: identity and time of its last change."""

    hub_id: str | None = msgspec.field(name="_id", default=None)
    lastModified: str | None = None


_MARKS: Final = msgspec.json.Decoder(list[Mark])


class Dialect(Protocol):
    """One kind of hub. Without state: the address of the hub comes from the settings."""

    @property
    def direct(self) -> bool:
        """Whether files have an immutable address that needs no redirect."""
        ...

    def first(self, manifest: Manifest, settings: CrawlSettings) -> str:
        """Path and query of the first page of a scan."""
        ...

    def following(self, reply: Reply, address: str, hub: str) -> tuple[str | None, str | None]:
        """Path and query of the next page, if any, and what is wrong with it, if anything."""
        ...

    def marks(self, body: bytes) -> list[Mark] | None:
        """The marks of a page; None where it is not what the hub should send."""
        ...

    def page(self, body: bytes) -> bytes:
        """A stored page as the Hugging Face Hub would have sent it: a JSON list of items."""
        ...

    def file(self, repo_id: str, revision: str | None, path: str, *, direct: bool) -> str:
        """Path of a file on the hub, by its immutable address or by the usual one."""
        ...


class HuggingFace:
    """The Hugging Face Hub, and what speaks as it does."""

    listing = "/api/models"
    direct = True

    def first(self, manifest: Manifest, settings: CrawlSettings) -> str:
        """By creation, ascending; a delta by change, a small live scan by downloads."""
        size = min(settings.page_size, settings.limit or settings.page_size)
        sort, direction = "createdAt", "1"
        if manifest.kind == "delta":
            sort, direction = "lastModified", "-1"
        elif manifest.limit is not None:
            sort, direction = "downloads", "-1"
        query = {"limit": str(size), "sort": sort, "direction": direction} | manifest.query
        return f"{self.listing}?{urlencode(query | {'expand': settings.expand}, doseq=True)}"

    def following(self, reply: Reply, address: str, hub: str) -> tuple[str | None, str | None]:
        """The `next` link, taken as it stands, and only on the same origin and path."""
        link = _LINK.search(reply.headers.get("link", ""))
        if link is None:
            return None, None
        following = same_place(link[1], hub, self.listing)
        if following is None:
            return None, f"names a next page elsewhere ('{link[1][:100]}')"
        if following == address:
            return None, "names the same page as its next"
        return following, None

    def marks(self, body: bytes) -> list[Mark] | None:
        """Decoded by type; a list with odd items in it is a list all the same."""
        try:
            return _MARKS.decode(body)
        except msgspec.ValidationError:
            pass
        except (ValueError, RecursionError):
            return None
        try:
            parts = msgspec.json.decode(body, type=list[msgspec.Raw])
        except (ValueError, RecursionError):
            return None
        return [_mark(bytes(part)) for part in parts]

    def page(self, body: bytes) -> bytes:
        """As it is."""
        return body

    def file(self, repo_id: str, revision: str | None, path: str, *, direct: bool) -> str:
        """In the resolve cache, which the list's commit makes known; else to be resolved."""
        name, file = quote(repo_id), quote(path)
        commit = quote(revision or "main", safe="")
        if direct and revision is not None:
            return f"/api/resolve-cache/models/{name}/{commit}/{file}"
        return f"/{name}/resolve/{commit}/{file}"


_MARK: Final = msgspec.json.Decoder(Mark)


def _mark(item: bytes) -> Mark:
    try:
        return _MARK.decode(item)
    except (ValueError, RecursionError):
        return Mark()


def find(name: str) -> Dialect:
    """The dialect of a hub; `UnknownName` lists what there is."""
    if name == "huggingface":
        return HuggingFace()
    if name == "modelscope":
        from gpai_scan.sources.modelscope import ModelScope

        return ModelScope()
    raise UnknownName("kind of hub", name, APIS)

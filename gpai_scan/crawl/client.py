"""One request at a time to a hub: bounded in time and bytes, repeated where that helps.

`huggingface_hub` gives the session, the headers and the user agent; time-outs, limits and
repetition are ours, since its own calls wait for ever and lose their place on an error.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from huggingface_hub import constants
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import (  # type: ignore[attr-defined]
    build_hf_headers,
    get_session,
    httpx,
)

from gpai_scan import __version__
from gpai_scan.crawl.governor import Governor
from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.errors import Interrupted, InvalidInput

logger = logging.getLogger(__name__)

REPEATED: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
"""Answers that another try may change."""
_LONGEST_PAUSE: Final = 60.0
_UNREACHED: Final = 20.0
"""Seconds of trying while the hub has never answered: the address is wrong, or the network off."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body` is decoded and holds at most as many bytes as were asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    """Whether `body` is all there is."""
    packed: bytes | None = None
    """The body as received where it came compressed with gzip, and is whole."""

    @property
    def size(self) -> int | None:
        """Size of the content in bytes, where it is known."""
        if self.whole:
            return len(self.body)
        length = self.headers.get("content-length", "")
        plain = "content-encoding" not in self.headers
        return int(length) if plain and length.isdigit() else None


class _Broken(Exception):
    """An answer that ended early, took too long or could not be unpacked."""


@dataclass(slots=True)
class Client:
    """Requests to one hub, governed and repeated. Shared by all threads of a crawl."""

    settings: CrawlSettings
    governor: Governor
    retries: int = 0
    most_given_up: int = 3
    """Requests in a row that may be given up without any success between them."""
    _given_up: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _headers: dict[str, str] = field(default_factory=dict, repr=False)
    _answered_at: float | None = None

    def __post_init__(self) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        constants.HF_HUB_DISABLE_TELEMETRY = True
        contact = {"contact": self.settings.contact} if self.settings.contact else None
        self._headers = build_hf_headers(
            token=self.settings.access or False,
            library_name="gpai_scan",
            library_version=__version__,
            user_agent=contact,
        ) | {"accept-encoding": "gzip"}

    def get(
        self, url: str, kind: str, *, limit: int, head: int | None = None, tries: int | None = None
    ) -> Reply:
        """The answer to a request, repeated while answers fail that another try may change.

        `kind` is the bucket it is counted in. At most `limit` bytes are read, and of an answer
        that announces more only `head`. After `tries` failing answers the last one is returned,
        for a few requests in a row: one file may fail for ever, but when several do and nothing
        else succeeds, the hub is down. Otherwise `Interrupted` after `settings.patience` seconds.
        """
        began, count = time.monotonic(), 0
        while True:
            count += 1
            self.governor.acquire(kind)
            reply, trouble = self._once(url, kind, limit, limit if head is None else head)
            if reply is not None and reply.status not in REPEATED:
                self._answered_at, self._given_up = time.monotonic(), 0
                return reply
            refused = reply is not None and reply.status == 429
            if tries is not None and count >= tries and not refused and self._may_give_up():
                return reply or Reply(599, {}, b"", False)
            self._wait(kind, reply, trouble, count, began)

    def _may_give_up(self) -> bool:
        with self._lock:
            self._given_up += self._given_up <= self.most_given_up
            return self._given_up <= self.most_given_up

    def _once(self, url: str, kind: str, limit: int, head: int) -> tuple[Reply | None, str]:
        headers: Mapping[str, str] | None = None
        try:
            with get_session().stream(
                "GET",
                url,
                headers=self._headers,
                follow_redirects=False,
                timeout=httpx.Timeout(
                    self.settings.read_timeout, connect=self.settings.connect_timeout
                ),
            ) as response:
                headers = response.headers
                reply = _read(response, limit, head, self.settings.request_timeout)
            return reply, f"answered {reply.status}"
        except OfflineModeIsEnabled as error:
            raise InvalidInput("HF_HUB_OFFLINE is set; unset it to crawl a hub.") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise InvalidInput(f"'{self.settings.hub}' is not an address: {error}.") from error
        except httpx.ConnectError as error:
            return None, f"cannot be reached ({str(error)[:120]})"
        except httpx.TimeoutException:
            return None, "did not answer in time"
        except (httpx.TransportError, _Broken) as error:
            return None, f"broke off ({str(error)[:120] or type(error).__name__})"
        finally:
            self.governor.release(kind, headers)

    def _wait(self, kind: str, reply: Reply | None, trouble: str, count: int, began: float) -> None:
        """Sleep before the next try, or stop in a state from which the same command goes on."""
        pause = min(self.settings.backoff * 2 ** (count - 1), _LONGEST_PAUSE)
        if reply is not None and (told := _told(reply.headers)) is not None:
            pause = max(pause, told) if reply.status != 429 else told + self.settings.backoff
        pause += random.random() * min(pause / 4, 5.0)
        spent = time.monotonic() - began
        patience = self.settings.patience
        if self._answered_at is None and reply is None:
            patience = min(patience, _UNREACHED)
        if spent + pause > patience:
            asked = f" and asks to wait {pause:.0f} seconds" if pause > _LONGEST_PAUSE else ""
            times = "once" if count == 1 else f"{count} times in {spent:.0f} seconds"
            where = "" if self._answered_at is not None else " Check the network and HF_ENDPOINT."
            raise Interrupted(
                f"the hub at {self.settings.hub} {trouble} {times}{asked}; "
                f"run the same command again to go on from there.{where}"
            )
        logger.info("retry=%d wait=%.1fs reason=%s", count, pause, trouble)
        self.retries += 1
        if reply is not None and reply.status == 429:
            self.governor.pause(kind, pause)  # all threads wait, and this one with them
        else:
            self.governor.rest(pause)


def _told(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the hub tells them: `Retry-After`, else the reset of an empty quota."""
    after = headers.get("retry-after", "").strip()
    if after.isdigit():
        return float(after)
    for part in headers.get("ratelimit", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isdigit():
            return float(value)
    return None


def _read(response: httpx.Response, limit: int, head: int, seconds: float) -> Reply:
    """The body of an answer, unpacked as it arrives, up to `limit` bytes."""
    packed_body = response.headers.get("content-encoding", "") == "gzip"
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        limit = head
    unpacker = zlib.decompressobj(wbits=31) if packed_body else None
    chunks: list[bytes] = []
    parts: list[bytes] = []
    size = 0
    for chunk in _in_time(response.iter_raw(), seconds):
        chunks.append(chunk)
        parts.append(_unpack(unpacker, chunk, limit + 1 - size) if unpacker else chunk)
        size += len(parts[-1])
        if size > limit or limit == 0:
            return Reply(response.status_code, response.headers, b"".join(parts)[:limit], False)
    if unpacker and chunks and not unpacker.eof:
        raise _Broken("compressed body ends early")
    packed = b"".join(chunks) if unpacker else None
    return Reply(response.status_code, response.headers, b"".join(parts), True, packed)


def _unpack(unpacker: zlib._Decompress, chunk: bytes, room: int) -> bytes:
    try:
        return unpacker.decompress(chunk, max(1, room))
    except zlib.error as error:
        raise _Broken(str(error)) from error


def _in_time(chunks: Iterator[bytes], seconds: float) -> Iterator[bytes]:
    deadline = time.monotonic() + seconds
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise _Broken("answer too slow")
        yield chunk


def same_place(url: str, base: str, path: str) -> str | None:
    """Path and query of `url` where it stands at `base` and `path`, else None."""
    found, home = urlsplit(urljoin(base, url)), urlsplit(base)
    if (found.scheme, found.netloc) != (home.scheme, home.netloc):
        return None
    if found.path != home.path.rstrip("/") + path:
        return None
    return f"{path}?{found.query}"

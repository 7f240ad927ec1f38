"""Keeps a crawl within a share of what the hub allows.

The hub counts requests in fixed windows, one quota for each bucket (`api`, `resolvers`), and
tells the state on every answer: `RateLimit: "api";r=<left>;t=<seconds to reset>` and
`RateLimit-Policy: "fixed window";"api";q=<quota>;w=<window>`. The governor asks before each
request and learns from each answer, so that the limit is never met: half of the allowance may go
at once, the rest is spread over what is left of the window.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

from gpai_scan.errors import Interrupted

_MARGIN = 1.0
"""Seconds added to a reset, which the hub tells in whole seconds."""
_NAP = 0.5
"""Longest sleep before the state is looked at again, in seconds."""


@dataclass(slots=True)
class _Bucket:
    quota: int | None = None
    window: float = 300.0
    left: int | None = None
    reset_at: float = 0.0
    in_flight: int = 0
    paused_until: float = 0.0
    last_sent: float = 0.0
    answered: bool = False


@dataclass(slots=True)
class Governor:
    """One governor serves all threads of a crawl.

    `share` is the part of each quota that may be spent; `spare` requests are left in any case,
    for others behind the same address.
    """

    share: float = 0.5
    spare: int = 8
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    refused: int = 0
    stopped: bool = False
    """Set to end all waiting: the crawl is being given up."""
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acquire(self, kind: str) -> None:
        """Wait until a request of this kind may be sent; `Interrupted` once `stopped`."""
        while True:
            self._go_on()
            with self._lock:
                bucket = self._bucket(kind)
                now = self.clock()
                wait = self._wait(bucket, now)
                if wait <= 0:
                    bucket.in_flight += 1
                    bucket.last_sent = now
                    self.requests += 1
                    return
            self.sleep(min(wait, _NAP))

    def rest(self, seconds: float) -> None:
        """Sleep, unless the crawl is given up meanwhile; then `Interrupted`."""
        while seconds > 0:
            self._go_on()
            self.sleep(min(seconds, _NAP))
            seconds -= _NAP

    def _go_on(self) -> None:
        if self.stopped:
            raise Interrupted("the crawl was stopped; run the same command again to go on.")

    def release(self, kind: str, headers: Mapping[str, str] | None) -> None:
        """Note an answer's headers, or None where no answer came."""
        with self._lock:
            bucket = self._bucket(kind)
            bucket.in_flight -= 1
            if headers is None:
                return
            info = parse_ratelimit_headers(headers)
            if info is not None and info.resource_type != self._names.get(kind, kind):
                bucket = self._rename(kind, info.resource_type, bucket)
            bucket.answered = True
            if info is not None:
                self._learn(bucket, info.remaining, info.reset_in_seconds, info.limit)
                bucket.window = float(info.window_seconds or bucket.window)

    def pause(self, kind: str, seconds: float) -> None:
        """Send nothing of this kind for so long: the hub has refused."""
        with self._lock:
            bucket = self._bucket(kind)
            bucket.paused_until = max(bucket.paused_until, self.clock() + seconds)
            self.refused += 1

    def state(self, kind: str) -> tuple[int | None, int | None]:
        """Requests left in this window and quota, as last told."""
        with self._lock:
            bucket = self._bucket(kind)
            return bucket.left, bucket.quota

    def rate(self, kind: str) -> float | None:
        """Requests a second the allowance sustains; None where the hub has told no quota."""
        with self._lock:
            bucket = self._bucket(kind)
            if bucket.quota is None:
                return None
            return max(1, bucket.quota - self._reserve(bucket)) / bucket.window

    def _bucket(self, kind: str) -> _Bucket:
        return self._buckets.setdefault(self._names.get(kind, kind), _Bucket())

    def _rename(self, kind: str, name: str, old: _Bucket) -> _Bucket:
        """The hub counts this kind under another name: go on with that bucket."""
        self._names[kind] = name
        new = self._buckets.setdefault(name, _Bucket())
        if new is not old:
            new.in_flight += old.in_flight
            old.in_flight = 0
        return new

    def _reserve(self, bucket: _Bucket) -> int:
        quota = bucket.quota or 0
        return max(math.ceil(quota * (1 - self.share)), min(self.spare, quota // 10))

    def _wait(self, bucket: _Bucket, now: float) -> float:
        """Seconds to wait before the next request; zero or less: none."""
        if now < bucket.paused_until:
            return bucket.paused_until - now
        if not bucket.answered:  # one request alone finds out what is allowed
            return 0.0 if bucket.in_flight == 0 else 0.02
        if bucket.quota is None or bucket.left is None:
            return 0.0
        if now >= bucket.reset_at + _MARGIN:
            bucket.left, bucket.reset_at = bucket.quota, now + bucket.window
        reserve = self._reserve(bucket)
        free = bucket.left - bucket.in_flight - reserve
        if free < 1:
            return bucket.reset_at + _MARGIN - now
        if 2 * free > bucket.quota - reserve:
            return 0.0
        interval = max(0.0, bucket.reset_at - now) / free
        return bucket.last_sent + interval - now

    def _learn(self, bucket: _Bucket, left: int, seconds: float, quota: int | None) -> None:
        bucket.quota = quota or bucket.quota or max(left + 1, 1)
        reset_at = self.clock() + seconds
        fresh = bucket.left is None or reset_at > bucket.reset_at + bucket.window / 2
        if fresh or bucket.left is None:
            bucket.left, bucket.reset_at = left, reset_at
        else:  # answers overtake each other: the lowest count and the latest reset are right
            bucket.left = min(bucket.left, left)
            bucket.reset_at = max(bucket.reset_at, reset_at)

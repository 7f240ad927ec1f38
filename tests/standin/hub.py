"""The stand-in hub: list route, file routes, quotas that count, and faults on order.

    with StandIn([repository(i) for i in range(100)]) as hub:
        …crawl hub.url…
    assert hub.count("list") == 1

Nothing is mocked: it is a threaded HTTP/1.1 server on loopback that answers as the Hub does.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from standin.loopback import Handler, Loopback

ALLOWED = (
    "author", "baseModels", "cardData", "config", "createdAt", "disabled", "downloads",
    "downloadsAllTime", "evalResults", "gated", "gguf", "inference", "inferenceProviderMapping",
    "lastModified", "library_name", "likes", "mask_token", "model-index", "pipeline_tag",
    "private", "resourceGroup", "safetensors", "sha", "siblings", "spaces", "tags",
    "transformersInfo", "trendingScore", "widgetData", "xetEnabled",
)  # fmt: skip
_CHUNK = b"x" * 65_536


@dataclass
class Quota:
    """A fixed window that really counts. `style` is how a refusal is told."""

    limit: int
    window: float
    style: str = "ratelimit"  # "retry-after", "bare"
    headers: bool = True
    used: int = 0
    began: float = -math.inf
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self) -> tuple[bool, int, int]:
        """Whether a request is served, what is left, and whole seconds to the reset."""
        with self.lock:
            now = time.monotonic()
            if now >= self.began + self.window:
                self.began, self.used = now, 0
            left = max(0, self.limit - self.used - 1)
            reset = max(0, round(self.began + self.window - now))
            if self.used >= self.limit:
                self.refused += 1
                return False, 0, reset
            self.used += 1
            return True, left, reset


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next `count` requests of a route (`list`, `file` or `any`).

    Kinds: a status as a number, `stall` (seconds), `cut` (connection closed within the body),
    `truncated` (whole answer, half the JSON), `malformed` (no JSON), `hostile` (next page
    elsewhere), `cursor` (400 on the cursor).
    """

    kind: str | int
    count: int = 1
    route: str = "list"
    seconds: float = 0.0
    after: int = 0
    """Requests of the route that are served well before."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived, with the status of its answer."""

    route: str
    path: str
    status: int
    agent: str
    authorised: bool
    time: float


@dataclass
class File:
    """A file of a repository: its bytes, or `size` bytes of filling."""

    content: bytes = b""
    size: int | None = None
    status: int = 200
    code: str = ""
    moved_to: str = ""


class StandIn(Loopback):
    """A hub with these repositories; see the module."""

    def __init__(
        self,
        repositories: Sequence[Any],
        *,
        files: Callable[[str, str, str], File | None] | None = None,
        quotas: dict[str, Quota] | None = None,
        faults: Sequence[Fault] = (),
        fault_rate: float = 0.0,
        seed: int = 0,
        direct: bool = True,
        compress: bool = True,
        unknown_keys: Sequence[str] = (),
        latency: float = 0.0,
    ) -> None:
        self.repositories = list(repositories)
        self.files = files or default_file
        self.quotas = quotas or {}
        self.faults = [[fault, fault.after, fault.count] for fault in faults]
        self.fault_rate = fault_rate
        self.random = random.Random(seed)
        self.direct, self.compress, self.latency = direct, compress, latency
        self.allowed = [key for key in ALLOWED if key not in unknown_keys]
        self.log: list[Request] = []
        self.cursors: set[str] = set()
        self._lock = threading.Lock()
        self._pages: dict[tuple[str, int, int], bytes] = {}
        super().__init__(_Handler)

    def count(self, route: str, *, status: int | None = None) -> int:
        return sum(r.route == route and status in (None, r.status) for r in self.log)

    def paths(self, route: str) -> Counter[str]:
        return Counter(r.path for r in self.log if r.route == route)

    def refused(self) -> int:
        return sum(r.status == 429 for r in self.log)

    def note(self, request: Request) -> None:
        with self._lock:
            self.log.append(request)

    def fault(self, route: str) -> Fault | None:
        """The fault this request meets, if any."""
        with self._lock:
            for entry in self.faults:
                fault, after, left = entry
                if fault.route not in (route, "any") or left == 0:
                    continue
                if after > 0:
                    entry[1] -= 1
                    continue
                entry[2] -= 1
                return fault
            if self.fault_rate and self.random.random() < self.fault_rate:
                return Fault(self.random.choice([500, 503, 504, "cut", "truncated", "malformed"]))
        return None

    def page(self, query: dict[str, str], expand: Sequence[str]) -> tuple[bytes, str | None]:
        """The body of a page and its next cursor."""
        size = min(int(query.get("limit", 1000)), 1000)
        order = query.get("sort", "trendingScore") + query.get("direction", "-1")
        start = int(json.loads(base64.b64decode(query["cursor"]))["at"]) if "cursor" in query else 0
        chosen = self._chosen(query)
        key = (order + repr(sorted((k, v) for k, v in query.items() if k != "cursor")), start, size)
        end = min(start + size, len(chosen))
        if key not in self._pages:
            items = [
                json.dumps(item, separators=(",", ":"))
                for item in self._sorted(chosen, order)[start:end]
            ]
            self._pages[key] = ("[" + ",".join(items) + "]").encode()
        following = None
        if end < len(chosen):
            following = base64.b64encode(json.dumps({"at": end, "order": order}).encode()).decode()
        return self._pages[key], following

    def _chosen(self, query: dict[str, str]) -> list[Any]:
        wanted = {k: query[k] for k in ("author", "pipeline_tag") if k in query}
        if not wanted and "filter" not in query:
            return self.repositories
        return [
            item
            for item in self.repositories
            if isinstance(item, dict)
            and all(item.get(k) == v for k, v in wanted.items())
            and ("filter" not in query or query["filter"] in (item.get("tags") or ()))
        ]

    @staticmethod
    def _sorted(items: list[Any], order: str) -> list[Any]:
        key = order.removesuffix("-1")
        if key not in ("lastModified", "downloads"):
            return items
        usable = [item for item in items if isinstance(item, dict)]
        return sorted(usable, key=lambda item: str(item.get(key, "")).zfill(24), reverse=True)


def default_file(repo_id: str, revision: str, path: str) -> File | None:
    """Cards and configurations of a few hundred bytes; everything else is missing."""
    if path == "README.md":
        return File(f"# {repo_id}\n\nTrained on 2 trillion tokens.\n".encode() * 3)
    if path == "config.json":
        return File(json.dumps({"model_type": "llama", "hidden_size": 64, "of": repo_id}).encode())
    return None


class _Handler(Handler):
    standin: StandIn
    wbufsize = 65_536
    disable_nagle_algorithm = True

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/api/models":
            self._serve("list", "api", lambda fault: self._list(parts.query, fault))
        elif parts.path == "/openapi/v1/models":
            self._serve("list", "api", lambda fault: self._other_list(parts.query))
        elif parts.path.startswith("/models/"):
            self._serve("file", "resolvers", lambda fault: self._other_file(parts.path))
        elif parts.path.startswith("/datasets/"):
            self._serve("file", "resolvers", lambda fault: self._dataset(parts.path))
        elif "/resolve/" in parts.path or parts.path.startswith("/api/resolve-cache/"):
            self._serve("file", "resolvers", lambda fault: self._file(parts.path))
        else:
            self._serve("other", "api", lambda fault: self._answer(404, b"{}"))

    def _serve(self, route: str, bucket: str, serve: Callable[[Fault | None], int]) -> None:
        hub = self.standin
        if hub.latency:
            time.sleep(hub.latency)
        self.limits: list[tuple[str, str]] = []
        status = self._refusal(hub.quotas.get(bucket), bucket)
        fault = hub.fault(route) if status is None else None
        agent = self.headers.get("user-agent", "")
        authorised = "authorization" in self.headers
        noted = status or (fault.kind if fault and isinstance(fault.kind, int) else 0)
        hub.note(Request(route, self.path, int(noted), agent, authorised, time.monotonic()))
        if status is not None:
            return
        self.fault = fault
        if fault is None:
            serve(None)
        elif isinstance(fault.kind, int):
            self._answer(fault.kind, b'{"error":"made to fail"}')
        elif fault.kind == "stall":
            time.sleep(fault.seconds)
            self.close_connection = True
        else:
            serve(fault)

    def _refusal(self, quota: Quota | None, bucket: str) -> int | None:
        if quota is None:
            return None
        served, left, reset = quota.spend()
        policy = (
            "RateLimit-Policy",
            f'"fixed window";"{bucket}";q={quota.limit};w={quota.window:.0f}',
        )
        state = ("RateLimit", f'"{bucket}";r={left};t={reset}')
        if quota.headers:
            self.limits = [policy, state]
        if served:
            return None
        told = {"ratelimit": [policy, state], "retry-after": [("Retry-After", str(reset))]}
        self.limits = told.get(quota.style, [])
        self._answer(429, b'{"error":"too many requests"}')
        return 429

    def _list(self, query_text: str, fault: Fault | None) -> int:
        pairs = parse_qsl(query_text)
        expand = [v for k, v in pairs if k in ("expand", "expand[]")]
        query = {k: v for k, v in pairs if k not in ("expand", "expand[]")}
        hub = self.standin
        if any(key not in hub.allowed for key in expand):
            names = "|".join(f'"{key}"' for key in hub.allowed)
            message = {"error": f"✖ Invalid option: expected one of {names}"}
            return self._answer(400, json.dumps(message).encode())
        if fault is not None and fault.kind == "cursor" and "cursor" in query:
            return self._answer(400, b'{"error":"Error parsing pagination cursor"}')
        try:
            body, cursor = hub.page(query, expand)
        except ValueError:
            return self._answer(400, b'{"error":"Error parsing pagination cursor"}')
        headers = []
        if cursor is not None:
            following = [(k, v) for k, v in pairs if k != "cursor"] + [("cursor", cursor)]
            home = f"http://{self.headers['host']}"
            if fault is not None and fault.kind == "hostile":
                home = "http://169.254.169.254"
            headers.append(("Link", f'<{home}/api/models?{urlencode(following)}>; rel="next"'))
        return self._answer(200, body, headers)

    def _other_list(self, query_text: str) -> int:
        """The second hub's list: numbered pages, of which a question reaches 3,000 items."""
        query = dict(parse_qsl(query_text))
        number, size = int(query["page_number"]), int(query["page_size"])
        if size > 50 or number * size > 3000:
            return self._answer(400, b'{"success":false,"code":"QuotaLimitExceed"}')
        found = [
            item
            for item in self.standin.repositories
            if "owner" not in query or str(item.get("id")).startswith(query["owner"] + "/")
        ]
        shown = found[(number - 1) * size : number * size]
        data = {"models": shown, "total_count": len(found), "page_number": number}
        return self._answer(200, json.dumps({"success": True, "data": data}).encode())

    def _other_file(self, path: str) -> int:
        repo_id, _, rest = unquote(path.removeprefix("/models/")).partition("/resolve/")
        revision, _, file_path = rest.partition("/")
        file = self.standin.files(repo_id, revision, file_path)
        return self._answer(404, b"") if file is None else self._answer(200, file.content)

    def _dataset(self, path: str) -> int:
        repo_id, _, rest = unquote(path.removeprefix("/datasets/")).partition("/resolve/")
        revision, _, file_path = rest.partition("/")
        file = self.standin.files(repo_id, revision, file_path)
        if file is None:
            return self._answer(404, b"", [("X-Error-Code", "EntryNotFound")])
        etag = hashlib.sha256(file.content).hexdigest()
        return self._answer(200, file.content, [("ETag", f'"{etag}"'), ("X-Repo-Commit", "c" * 40)])

    def _file(self, path: str) -> int:
        hub = self.standin
        cached = path.startswith("/api/resolve-cache/models/")
        if cached and not hub.direct and "etag=" not in self.path:
            return self._answer(404, b"not found")
        plain = unquote(path.removeprefix("/api/resolve-cache/models/"))
        if cached:
            owner, name, revision, file_path = plain.split("/", 3)
        else:
            left, _, right = plain.lstrip("/").partition("/resolve/")
            (owner, name), (revision, file_path) = left.split("/", 1), right.split("/", 1)
        repo_id = f"{owner}/{name}"
        file = hub.files(repo_id, revision, file_path)
        if file is None:
            return self._answer(404, b"", [("X-Error-Code", "EntryNotFound")])
        if file.moved_to:
            target = path.replace(quote(repo_id), quote(file.moved_to))
            return self._answer(307, b"", [("Location", target)])
        if file.status != 200:
            code = [("X-Error-Code", file.code)] if file.code else []
            return self._answer(file.status, b"{}", code)
        etag = hashlib.sha1(file.content or str(file.size).encode()).hexdigest()
        if not cached:
            place = f"{quote(repo_id)}/{revision}/{quote(file_path)}"
            target = f"/api/resolve-cache/models/{place}?etag=%22{etag}%22"
            return self._answer(307, b"", [("Location", target), ("X-Repo-Commit", revision)])
        if self.headers.get("if-none-match") == f'"{etag}"':
            return self._answer(304, b"")
        known = [("ETag", f'"{etag}"'), ("X-Repo-Commit", revision)]
        if file.size is not None:
            return self._filling(file.size, known)
        return self._answer(200, file.content, known)

    def _filling(self, size: int, headers: list[tuple[str, str]]) -> int:
        self._head(200, size, headers)
        for start in range(0, size, len(_CHUNK)):
            self.wfile.write(_CHUNK[: size - start])
        return 200

    def _answer(self, status: int, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> int:
        extra = list(headers)
        kind = self.fault.kind if getattr(self, "fault", None) and status == 200 else None
        if kind == "truncated":
            body = body[: len(body) // 2]
        elif kind == "malformed":
            body = b"<html>gateway</html>"
        if self.standin.compress and "gzip" in self.headers.get("accept-encoding", "") and body:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            extra.append(("Content-Encoding", "gzip"))
        if kind == "cut":
            self._head(status, len(body), extra)
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return status
        self._head(status, len(body), extra)
        if self.command != "HEAD":
            self.wfile.write(body)
        return status

    def _head(self, status: int, size: int, headers: Sequence[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in (*headers, *self.limits):
            self.send_header(name, value)
        self.send_header("Content-Length", str(size))
        self.end_headers()


def pages_of(hub: StandIn) -> Iterator[str]:
    """Addresses of the list route in the order they were asked for."""
    return (request.path for request in hub.log if request.route == "list")

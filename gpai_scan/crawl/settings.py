"""What a crawl is asked to do."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from huggingface_hub import constants

from gpai_scan.errors import InvalidInput, UnknownName

# Keys of the list route worth their bytes. Left out: spaces, widgetData, transformersInfo,
# mask_token, inference…, trendingScore, resourceGroup and the results of evaluations.
EXPAND: Final = (
    "author",
    "baseModels",
    "cardData",
    "config",
    "createdAt",
    "disabled",
    "downloads",
    "downloadsAllTime",
    "gated",
    "gguf",
    "lastModified",
    "library_name",
    "likes",
    "pipeline_tag",
    "private",
    "safetensors",
    "sha",
    "siblings",
    "tags",
)

KINDS: Final = ("sweep", "delta")
APIS: Final = ("huggingface", "modelscope")
_HOMES: Final = {"modelscope": "https://modelscope.cn"}


@dataclass(frozen=True, kw_only=True)
class CrawlSettings:
    """Settings of one crawl. The keys of a pipeline's `[crawl]` table are these field names.

    `from_values` turns such a table into settings; `token` is not accepted there, since a token
    must not stand in a file. An option of the command line goes to the field of its name:
    `--limit`, `--author`, `--filter` and `--pipeline-tag`.
    """

    kind: str = "sweep"
    """`sweep`: every repository. `delta`: only what changed since the last scan is asked for."""
    folder: Path = Path("gpai-scan.crawl")
    """Work folder: pages, documents and state, kept from scan to scan."""
    api: str = "huggingface"
    """How the hub speaks: `huggingface` or `modelscope`."""
    endpoint: str | None = None
    """Address of the hub; where none is given `HF_ENDPOINT`, else huggingface.co, or the address
    of the other hub."""
    token: str | None = field(default=None, repr=False, compare=False)
    """Access token; `HF_TOKEN` where none is given, and none at all without it. Never stored."""
    contact: str | None = None
    """Mail or web address of whoever runs the crawl, for the user agent."""
    quota_share: float = 0.5
    """Share of each quota window that may be spent, 0 to 1."""
    boundary: datetime | None = None
    """Time up to which repositories are listed; the start of the crawl where none is given."""
    page_size: int = 1000
    """Repositories a page; 1,000 is the hub's maximum."""
    expand: tuple[str, ...] = EXPAND
    """Keys asked for each repository."""
    limit: int | None = None
    """At most so many repositories, those downloaded most first: a small live scan."""
    author: str | None = None
    """Only repositories of this namespace."""
    filter: tuple[str, ...] = ()
    """Only repositories with all these tags."""
    pipeline_tag: str | None = None
    """Only repositories with this task."""
    details: bool = True
    """Whether cards and configurations of what could matter are fetched."""
    prune: bool = True
    """Whether what cannot matter is left out; without it details are fetched for all."""
    threshold: float = 1e22
    """Training compute in FLOP below which a repository does not matter."""
    tokens_bound: float = 1e14
    """Tokens no training run exceeds; the largest stated so far is near 4e13."""
    tokens_per_parameter_bound: float = 1e5
    """Tokens for each parameter no run exceeds; Qwen3-0.6B, at 36e12 tokens, stands at 6e4."""
    pages_per_shard: int = 20
    """Pages in one unit of work: each costs its plans and patterns anew, larger ones take memory
    (1.1 GB a worker where each of the 20,000 repositories has a card)."""
    workers: int = 8
    """Files fetched at the same time."""
    connect_timeout: float = 10.0
    """Seconds to wait for a connection."""
    read_timeout: float = 60.0
    """Seconds to wait for the next bytes of an answer."""
    request_timeout: float = 300.0
    """Seconds one answer may take altogether."""
    patience: float = 600.0
    """Seconds of failing answers after which the crawl stops, resumably."""
    backoff: float = 1.0
    """Seconds before the first repetition; doubled each time, up to a minute, with jitter."""
    overlap_hours: float = 1.0
    """Hours before the previous scan's start from which a delta reads again."""
    fresh_hours: float = 12.0
    """Hours for which a finished sweep or delta serves the same command again without requests."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownName("kind of crawl", self.kind, KINDS)
        if self.api not in APIS:
            raise UnknownName("kind of hub", self.api, APIS)
        if not 0 < self.quota_share <= 1:
            raise InvalidInput(f"quota_share must lie between 0 and 1, not {self.quota_share}.")
        for name in ("page_size", "pages_per_shard", "workers"):
            if getattr(self, name) < 1:
                raise InvalidInput(f"{name} must be at least 1, not {getattr(self, name)}.")
        if self.limit is not None and self.limit < 1:
            raise InvalidInput(f"limit must be at least 1, not {self.limit}.")

    @property
    def hub(self) -> str:
        """The hub's address without a slash at its end."""
        usual = constants.ENDPOINT if self.api == "huggingface" else _HOMES[self.api]
        return (self.endpoint or usual).rstrip("/")

    @property
    def access(self) -> str | None:
        """The token to send, if any: as given, else `HF_TOKEN`; a stored login is not used.

        `HF_TOKEN` is for the Hugging Face Hub and goes to no other one.
        """
        usual = os.environ.get("HF_TOKEN") if self.api == "huggingface" else None
        return self.token or usual or None

    @property
    def partial(self) -> bool:
        """Whether the crawl asks for a part of the hub only."""
        return bool(self.limit or self.author or self.filter or self.pipeline_tag)

    def start(self) -> datetime:
        """The boundary of a crawl that starts now, in whole seconds of UTC."""
        return (self.boundary or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crawl is. Counts are those of the scan so far; None where not known."""

    stage: str  # "pages", "bounds" or "details"
    done: int
    """Pages or files done."""
    expected: int | None
    repositories: int
    requests: int
    """Requests sent by this process."""
    retries: int
    quota_left: int | None
    quota: int | None
    seconds_left: float | None


OnProgress = Callable[[Progress], None]


def quiet(_: Progress) -> None:
    """Tell nobody."""


def from_values(values: Mapping[str, Any], **options: object) -> CrawlSettings:
    """Settings from a pipeline's `[crawl]` table and from options that are not None.

    `UnknownName` for an unknown key, `InvalidInput` for a value of the wrong kind.
    """
    known = {f.name: f for f in dataclasses.fields(CrawlSettings) if f.name != "token"}
    given = dict(values) | {k: v for k, v in options.items() if v is not None}
    token = given.pop("token", None) if "token" not in values else None
    for key in given:
        if key not in known:
            raise UnknownName("crawl setting", key, known)
    checked = {key: _value(key, str(known[key].type), value) for key, value in given.items()}
    return CrawlSettings(**checked, token=None if token is None else str(token))


def _value(key: str, kind: str, value: object) -> Any:  # noqa: ANN401
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "float" and number:
        return float(value)  # type: ignore[arg-type]
    if kind.startswith("int") and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "Path" and isinstance(value, str | Path):
        return Path(value)
    if kind.startswith("str") and isinstance(value, str):
        return value
    if kind.startswith("tuple") and isinstance(value, str | list | tuple):
        return (value,) if isinstance(value, str) else tuple(str(one) for one in value)
    if kind.startswith("datetime") and isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    raise InvalidInput(f"crawl setting '{key}' must be of type {kind}, not {value!r}.")

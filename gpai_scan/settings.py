"""What a run is asked to do: one frozen dataclass, from a pipeline file and options.

A pipeline is a TOML file of settings, never of steps: the order of the steps is the same for all
and stands in `run.py`. An unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpai_scan import assets
from gpai_scan.errors import InvalidInput, UnknownName


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of one run, all of them; passed down, never global."""

    pipeline: str = "sample"
    """Name of the pipeline, for the record."""
    source: str = "sample"
    """`sample`, `hub`, `modelscope`, a folder, or a Parquet dump of hub metadata."""
    db: Path = Path("gpai-scan.duckdb")
    """Database the scan is stored in."""
    out: Path = Path("out")
    """Folder the Parquet tables are written to."""
    work: Path | None = None
    """Folder of shards, kept between runs; `<db>.shards` where none is given."""
    bucket: str | None = None
    """Address in an object store, `s3://…`, where workers leave shards they share no folder for."""
    reference: bool = True
    """Whether published figures of data/reference_models.csv may be used."""
    limit: int | None = None
    """Read at most so many repositories; for a first look."""
    executor: str = "processes"
    """Where shards are read: `serial`, `processes`, `processes:4`, `dask://host:8786`."""
    regimes: tuple[str, ...] = ("eu-guidelines-final", "eu-draft-2025-04")
    """Rule sets the verdicts are given for; the first is the one the answer is printed for."""
    rules: tuple[Path, ...] = ()
    """Rule files of the user's own."""
    thresholds: tuple[float, ...] = (1e22, 1e23, 1e24, 1e25)
    """Training compute in FLOP counted besides the rules."""
    entities: Path | None = None
    """A table of the user's own that maps namespaces to entities."""
    overrides: Path | None = None
    """A table of the user's own figures: repo_id, quantity, value, source."""
    repositories_per_shard: int = 200
    """Repositories in one unit of work of a folder."""
    keep_scans: int = 30
    """Scans whose tables stay in the database; counts stay for ever."""
    completeness: float = 0.99
    """Share of shards a scan must hold to replace the last whole one."""
    largest_drop: float = 0.05
    """Share by which a count may fall against the last scan before publication stops."""
    report: bool = False
    """Whether the report folder is written after the tables."""
    reports: Path = Path("reports")
    """Folder of published reports; `latest` in it shows the last whole one."""
    keep_reports: int = 7
    """Published reports kept beside the newest."""
    crawl: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the crawl, as gpai_scan.crawl.CrawlSettings names them."""

    @property
    def shards(self) -> Path:
        """Folder of the shards."""
        return self.work or self.db.with_name(f"{self.db.stem}.shards")

    def as_json(self) -> str:
        """What changes a result, as JSON: no paths of this machine, no secrets."""
        keep = {
            "pipeline": self.pipeline,
            "reference": self.reference,
            "limit": self.limit,
            "regimes": list(self.regimes),
            "rules": [path.name for path in self.rules],
            "thresholds": list(self.thresholds),
        }
        return json.dumps(keep, sort_keys=True)


def load(pipeline: str, **options: object) -> Settings:
    """The settings of a pipeline, changed by the options that are not None.

    `pipeline` is a name in `pipelines/` or a TOML file. `UnknownName` for an unknown pipeline or
    key, `InvalidInput` for a file that is not TOML or a value of the wrong kind.
    """
    path = Path(pipeline)
    if path.suffix != ".toml":
        path = assets.find("pipelines", pipeline, ".toml")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInput(f"there is no pipeline file {path}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not a TOML file: {error}.") from error
    values.setdefault("pipeline", path.stem)
    given = {key: value for key, value in options.items() if value is not None}
    crawl = {**_table(values.get("crawl")), **_table(given.pop("crawl", None))}
    values |= given | ({"crawl": crawl} if crawl else {})
    return from_values(values)


def _table(value: object) -> dict[str, object]:
    """The entries of a table; of what is none, nothing: `from_values` says what is wrong."""
    return dict(value) if isinstance(value, Mapping) else {}


def from_values(values: Mapping[str, object]) -> Settings:
    """Settings from plain values, each checked against its field."""
    known = {f.name: f for f in dataclasses.fields(Settings)}
    checked = {}
    for key, value in values.items():
        if key not in known:
            raise UnknownName("pipeline setting", key, known)
        checked[key] = _value(key, str(known[key].type), value)
    return Settings(**checked)


def _value(key: str, kind: str, value: object) -> Any:  # noqa: ANN401
    try:
        if "Path, ..." in kind:
            return tuple(Path(v) for v in _items(value))
        if "float, ..." in kind:
            return tuple(float(v) for v in _items(value))
        if "str, ..." in kind:
            return tuple(str(v) for v in _items(value))
        if kind.startswith("Path"):
            return Path(str(value)) if value is not None else None
        if kind == "float" and isinstance(value, int | float):
            return float(value)
        if kind.startswith("Mapping"):
            return dict(value)  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"setting '{key}' cannot be {value!r}.") from error
    matches = {
        "str": isinstance(value, str),
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "str | None": isinstance(value, str),
        "int | None": isinstance(value, int | None) and not isinstance(value, bool),
    }
    if not matches.get(kind, False):
        raise InvalidInput(f"setting '{key}' must be of type {kind}, not {value!r}.")
    return value


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]

"""The order of the steps, and nothing else.

    source -> shards (claims, facts) -> lineage -> estimates -> verdicts -> answers -> store

Every arrow leaves Parquet files that can be looked at: those of the shards in the work folder,
those of the scan in the folder of the results.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from gpai_scan import (
    __version__,
    assets,
    counting,
    entities,
    evidence,
    lineage,
    objects,
    overrides,
    parquet,
    rules,
    schema,
    shards,
    sources,
    store,
)
from gpai_scan.crawl.settings import Progress as CrawlProgress
from gpai_scan.errors import InvalidInput
from gpai_scan.estimate import estimate
from gpai_scan.executor import map_shards, open_executor
from gpai_scan.facts import facts
from gpai_scan.settings import Settings
from gpai_scan.sources.folder import FolderSource


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: the step, units done of all (0 where unknown), repositories so far."""

    step: str
    done: int
    total: int
    repositories: int
    detail: str = ""


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Scan:
    """A finished scan: its id, where its tables are, and how many repositories it holds."""

    scan_id: str
    db: Path
    out: Path
    repositories: int
    problems: int


def _quiet(_: Progress) -> None:
    """Tell nobody."""


def run(settings: Settings, on_progress: OnProgress = _quiet) -> Scan:
    """Do the main job: read, infer, estimate, judge, count, store.

    The same input gives the same bytes. A run that is killed goes on where it stopped when it is
    started again: finished shards are kept in `settings.shards`, whose files are checked before
    they are used again. `InvalidInput` where another run works there.
    """
    with shards.alone(settings.shards):
        return _run(settings, on_progress)


def _run(settings: Settings, on_progress: OnProgress) -> Scan:
    regimes = [rules.load(name) for name in (*settings.regimes, *map(str, settings.rules))]
    source = _opened(settings, on_progress)
    finished = read(source, settings, on_progress)
    settings.out.mkdir(parents=True, exist_ok=True)
    tables = derive(finished, regimes, settings, on_progress)
    scan = _describe(source, finished, settings)
    scan_id = str(scan.item(0, "scan_id"))
    tables["scans"] = settings.out / "scans.parquet"
    parquet.write(schema.SCANS, scan.lazy(), tables["scans"])
    on_progress(Progress("store", 0, 1, scan.item(0, "repositories")))
    store.write_scan(settings.db, scan_id, tables, keep=settings.keep_scans)
    on_progress(Progress("store", 1, 1, scan.item(0, "repositories")))
    row = scan.row(0, named=True)
    return Scan(scan_id, settings.db, settings.out, row["repositories"], row["quarantined"])


def _opened(settings: Settings, on_progress: OnProgress) -> sources.Source:
    """The source of the settings, crawled where it has to be."""
    source = sources.open_source(settings.source, _crawl(settings), _as_step(on_progress))
    if isinstance(source, FolderSource):
        return replace(source, size=settings.repositories_per_shard, limit=settings.limit)
    return source


def _crawl(settings: Settings) -> dict[str, Any]:
    """What the crawl is asked: the pipeline's own table, in a folder beside the shards."""
    asked = {"folder": settings.shards / "crawl", **settings.crawl}
    return asked if settings.limit is None else asked | {"limit": settings.limit}


def _as_step(on_progress: OnProgress) -> Callable[[CrawlProgress], None]:
    """Pass the progress of a crawl on as a step of the run."""

    def pass_on(crawl: CrawlProgress) -> None:
        on_progress(
            Progress(
                crawl.stage,
                crawl.done,
                crawl.expected or 0,
                crawl.repositories,
                detail=_told(crawl),
            )
        )

    return pass_on


def _told(crawl: CrawlProgress) -> str:
    """Requests, quota and time left of a crawl, in words."""
    parts = [f"{crawl.requests:,} requests"]
    if crawl.quota_left is not None and crawl.quota is not None:
        parts.append(f"quota {crawl.quota_left:,} of {crawl.quota:,} left")
    if crawl.seconds_left is not None:
        parts.append(f"{crawl.seconds_left / 60:.0f} min left")
    return ", ".join(parts)


def read(
    source: sources.Source, settings: Settings, on_progress: OnProgress
) -> list[shards.Finished]:
    """Read every shard of the source that is not there yet; all of them, in order."""
    tasks = {task.folder: task for task in _tasks(source, settings)}
    waiting = [task for task in tasks.values() if not shards.fetch(task)]
    done, repositories = len(tasks) - len(waiting), 0
    on_progress(Progress("read", done, len(tasks), 0))
    with open_executor(settings.executor) as executor:
        for result in map_shards(executor, shards.read_shard, waiting):
            shards.fetched(tasks[result.folder])
            done, repositories = done + 1, repositories + result.repositories
            on_progress(Progress("read", done, len(tasks), repositories))
    shards.tidy(list(tasks.values()))
    return [shards.Finished(task.folder, task.shard.gone) for task in tasks.values()]


def _tasks(source: sources.Source, settings: Settings) -> list[shards.Task]:
    """One task a shard, named after all its content depends on; `InvalidInput` without any."""
    kind = "all" if settings.reference else "no-reference"
    base = f"{_short(source.name)}-{kind}"
    version = shards.readers_version()
    tasks = []
    for shard in source.shards():
        name = f"{shard.name}-{_short(shard.fingerprint, version)}"
        folder = settings.shards / "read" / base / name
        bucket = settings.bucket and objects.under(settings.bucket, f"{base}/{name}")
        tasks.append(shards.Task(source, shard, folder, settings.reference, bucket))
    if not tasks:
        raise InvalidInput(f"there is no repository in {source.name}.")
    return tasks


def _slug(name: str) -> str:
    """A source's name as part of a scan's, which also names folders of reports."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.")[:60] or "scan"


def _short(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def derive(
    finished: Sequence[shards.Finished],
    regimes: Sequence[rules.Regime],
    settings: Settings,
    on_progress: OnProgress = _quiet,
) -> dict[str, Path]:
    """From the shards' claims and facts to everything that is published, as Parquet files."""
    out = {table.name: settings.out / f"{table.name}.parquet" for table in schema.TABLES}
    steps = 6  # each is told of as it begins
    on_progress(Progress("collect", 0, steps, 0))
    for table in (schema.LISTED, schema.EVIDENCE, schema.DOCUMENTATION, schema.PROBLEMS):
        parquet.write(table, shards.tables(table, finished), out[table.name])
    on_progress(Progress("lineage", 1, steps, 0))
    repositories = parquet.scan(schema.REPOSITORIES, out["repositories"])
    known = shards.tables(schema.FACTS, finished)
    if settings.overrides is not None:
        known = overrides.applied(known, overrides.facts(settings.overrides))
    owners = entities.entities(repositories, settings.entities).collect().lazy()
    traced = lineage.lineage(shards.tables(schema.REPOSITORIES, finished), known, owners)
    parquet.write(schema.LINEAGE, traced, out["lineage"])
    links = parquet.scan(schema.LINEAGE, out["lineage"])
    parquet.write(schema.ENTITIES, entities.with_inferred_roles(owners, links), out["entities"])
    owners = parquet.scan(schema.ENTITIES, out["entities"])
    on_progress(Progress("facts", 2, steps, 0))
    absent = _named_only(repositories, links)
    published = _published(absent, settings)
    parquet.write(schema.FACTS, pl.concat([known, published]), out["facts"])
    known = parquet.scan(schema.FACTS, out["facts"])
    on_progress(Progress("estimate", 3, steps, 0))
    every = pl.concat([repositories, absent])
    parquet.write(
        schema.ESTIMATES,
        estimate(
            repositories,
            known,
            lineage.roots(links, every),
            lineage.ancestors(links),
            owners,
        ),
        out["estimates"],
    )
    estimates = parquet.scan(schema.ESTIMATES, out["estimates"]).set_sorted("repo_id")
    on_progress(Progress("verdicts", 4, steps, 0))
    verdicts = rules.verdicts(estimates, owners, regimes)
    parquet.write(schema.VERDICT_TABLE, verdicts, out["verdicts"])
    on_progress(Progress("answers", 5, steps, 0))
    verdicts = parquet.scan(schema.VERDICT_TABLE, out["verdicts"])
    answers = counting.answers(verdicts, estimates, owners, regimes, settings.thresholds)
    parquet.write(schema.ANSWERS, answers, out["answers"])
    on_progress(Progress("answers", 6, steps, 0))
    return out


def _named_only(repositories: pl.LazyFrame, links: pl.LazyFrame) -> pl.LazyFrame:
    """Bases that are named but not in the scan, as repositories of which only the name is known."""
    named = links.select(pl.col("base_repo_id").alias("repo_id")).drop_nulls().unique()
    absent = named.join(repositories.select("repo_id"), on="repo_id", how="anti").sort("repo_id")
    owner = pl.col("repo_id").str.split("/").list.first()
    return schema.REPOSITORIES.conform(absent.with_columns(owner.alias("namespace")))


def _published(absent: pl.LazyFrame, settings: Settings) -> pl.LazyFrame:
    """What the names of absent bases and published figures say of them."""
    raw = sources.Raw(absent, schema.DOCUMENTS.empty().lazy(), schema.PROBLEMS.empty().lazy())
    wanted = [
        reader
        for name, reader in evidence.readers(settings.reference).items()
        if name in ("name", "reference")
    ]
    claims = [schema.EVIDENCE.conform(reader(raw)).collect() for reader in wanted]
    return facts(pl.concat(claims).lazy()).sort(schema.FACTS.key).collect().lazy()


def _own_files(settings: Settings) -> list[str]:
    """Digests of the user's own tables and rules: another file makes another scan."""
    given = (*settings.rules, settings.entities, settings.overrides)
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in given if path is not None]


def _describe(
    source: sources.Source, finished: Sequence[shards.Finished], settings: Settings
) -> pl.DataFrame:
    """The scan's own row; its id follows from what was read and what it was read with."""
    repositories = shards.tables(schema.REPOSITORIES, finished)
    newest = pl.max_horizontal("last_modified", "created_at")
    height, dated, newest_change = (
        repositories.select(pl.len(), newest.count().alias("dated"), newest.max().alias("newest"))
        .collect()
        .row(0)
    )
    as_of: datetime | None = getattr(source, "as_of", None)
    if as_of is None and dated == height:  # a folder speaks of a time only if all of it does
        as_of = newest_change
    present = sum(shard.folder.is_dir() for shard in finished)
    versions = (assets.digest("data", "*.csv"), assets.digest("data/regimes"))
    read_from = (shard.folder.name for shard in finished)
    identity = _short(*read_from, settings.as_json(), *versions, *_own_files(settings))
    day = as_of.astimezone(UTC).strftime("%Y-%m-%d") if as_of else "undated"
    quarantined = shards.tables(schema.PROBLEMS, finished).select(pl.len()).collect().item()
    return pl.DataFrame(
        {
            "scan_id": f"{_slug(source.name)}-{day}-{identity}",
            "source": source.name,
            "as_of": as_of,
            "code_version": __version__,
            "data_version": versions[0],
            "rules_version": versions[1],
            "settings": settings.as_json(),
            "repositories": height,
            "quarantined": quarantined,
            "shards_expected": len(finished),
            "shards_present": present,
            "complete": present >= settings.completeness * len(finished),
        },
        schema=schema.SCANS.schema,
    )

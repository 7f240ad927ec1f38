"""The files of what could matter: one request a file, at the listed revision, never twice.

A file's address in the hub's resolve cache is known from the list (`sha`), so it is asked for
directly, without the redirect every other route begins with. What arrives is noted line by line
in a journal, so that a kill costs the requests under way and no other; a whole group becomes one
Parquet file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import polars as pl

from gpai_scan.crawl.client import Client, Reply
from gpai_scan.crawl.dialect import Dialect
from gpai_scan.crawl.journal import Journal
from gpai_scan.crawl.shards import ScanFolder, write_frame
from gpai_scan.sources import documents
from gpai_scan.sources.documents import Document

logger = logging.getLogger(__name__)

_KIND: Final = "resolvers"
_HOPS: Final = 3
_TRIES: Final = 5
_GIVEN_UP: Final = 3
_ENDED: Final = ("gated", "renamed", "deleted")
"""What is true of a whole repository once one of its files says so."""
_TRANSIENT: Final = ("unavailable", "renamed", "deleted")
"""What another scan asks for again, although the revision is the same."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files to ask for in one repository."""

    repo_id: str
    revision: str | None
    gated: str | None
    """As listed: `no`, `auto`, `manual` or null."""
    paths: tuple[str, ...]


@dataclass(slots=True)
class Fetcher:
    """Asks a hub for single files."""

    client: Client
    dialect: Dialect
    direct: bool = field(init=False)
    """Whether the hub serves files by an immutable address, as far as is known."""
    proved: bool = False
    """Whether it has done so."""
    _hub: str = field(init=False)

    def __post_init__(self) -> None:
        self._hub = self.client.settings.hub
        self.direct = self.dialect.direct

    def file(self, wanted: Wanted, path: str) -> Document:
        """One file, or what became of it."""
        repo_id, revision = wanted.repo_id, wanted.revision
        reply = self._first(repo_id, revision, path)
        for _ in range(_HOPS):
            if reply.status not in (301, 302, 303, 307, 308):
                break
            target = urljoin(self._hub, reply.headers.get("location", ""))
            if not _same_origin(target, self._hub):
                return Document(repo_id, path, revision, "unavailable")
            if not _about(target, repo_id):
                return Document(repo_id, path, revision, "renamed")
            reply = self._get(target)
        return _document(wanted, path, reply)

    def _first(self, repo_id: str, revision: str | None, path: str) -> Reply:
        """The answer at the immutable address where the hub has one, else at the usual one.

        Until a file has been had directly, a refusal may mean that the hub does not serve files
        so; the usual address then tells.
        """
        usual = self._address(repo_id, revision, path, direct=False)
        if not self.direct or revision is None:
            return self._get(usual)
        reply = self._get(self._address(repo_id, revision, path, direct=True))
        if reply.status == 200:
            self.proved = True
        coded = "x-error-code" in reply.headers
        absent = reply.status in (400, 404, 405) and not (coded and self.proved)
        barred = reply.status in (401, 403) and not self.proved
        if not absent and not barred:
            return reply
        second = self._get(usual)
        if (
            second.status in (200, 302, 307)
            and not self.proved
            and _about(second.headers.get("location", f"/{repo_id}/"), repo_id)
        ):
            logger.warning("the hub does not serve files directly: two requests a file")
            self.direct = False
        return second

    def _get(self, url: str) -> Reply:
        path = url.partition("?")[0]
        head = documents.CARD_KEPT if path.endswith(".md") else 0
        limit = documents.limit(path)
        return self.client.get(url, _KIND, limit=limit, head=head, tries=_TRIES)

    def _address(self, repo_id: str, revision: str | None, path: str, *, direct: bool) -> str:
        return self._hub + self.dialect.file(repo_id, revision, path, direct=direct)


def _same_origin(url: str, home: str) -> bool:
    return urlsplit(url)[:2] == urlsplit(home)[:2]


def _about(url: str, repo_id: str) -> bool:
    """Whether an address is one of this repository and not of what it is called now."""
    path = unquote(urlsplit(url).path)
    return f"/{repo_id}/" in path


def _document(wanted: Wanted, path: str, reply: Reply) -> Document:
    etag = reply.headers.get("etag", "").removeprefix("W/").strip('"') or None
    repo_id, revision = wanted.repo_id, wanted.revision
    if reply.status != 200:
        return Document(repo_id, path, revision, _status(reply, wanted.gated), etag=etag)
    size = len(reply.body) if reply.whole else reply.size or documents.limit(path) + 1
    status, text = documents.interpret(path, reply.body, size)
    return Document(repo_id, path, revision, status, reply.size, etag, text)


def _status(reply: Reply, gated: str | None) -> str:
    """What an answer without content says.

    The hub answers 401 both for a gate and for a repository that is gone; where it gives no code,
    the list tells which: a repository listed without a gate is gone.
    """
    code = reply.headers.get("x-error-code", "")
    if code == "EntryNotFound":
        return "missing"
    if code in ("RepoNotFound", "RevisionNotFound") or reply.status == 410:
        return "deleted"
    if code == "GatedRepo":
        return "gated"
    if reply.status in (401, 403):
        return "unavailable" if code else "deleted" if gated == "no" else "gated"
    return "missing" if reply.status == 404 and not code else "unavailable"


def plan(scan: ScanFolder, group: int, earlier: Iterable[ScanFolder]) -> pl.DataFrame:
    """The files a group needs: `repo_id, revision, path, gated, stored_in`.

    `stored_in` names the scan and file that already holds a file at this revision; null where it
    is still to be fetched. Files that were behind a gate are asked for again once it is open.
    """
    kept = (
        pl.scan_parquet(scan.decisions)
        .filter(pl.col("keep") & (pl.col("group") == group))
        .select("repo_id")
    )
    wanted = (
        pl.scan_parquet(scan.index(group))
        .unique("repo_id", keep="first", maintain_order=True)
        .join(kept, on="repo_id", how="semi", maintain_order="left")
        .select("repo_id", "revision", "gated", pl.col("wanted").alias("path"))
        .explode("path", empty_as_null=False, keep_nulls=False)
    )
    key = ["repo_id", "revision", "path"]
    known = [
        pl.scan_parquet(file)
        .select(*key, "status", pl.lit(f"{other.name}/details/{file.name}").alias("stored_in"))
        .filter(~pl.col("status").cast(pl.String).is_in(_TRANSIENT))
        for other in earlier
        for file in sorted((other.path / "details").glob("[0-9][0-9][0-9][0-9][0-9].parquet"))
    ]
    if not known:
        nowhere = pl.lit(None, pl.String).alias("stored_in")
        return wanted.select(*key, "gated", nowhere).sort(key).collect()
    stored = pl.concat(known).unique(key, keep="last", maintain_order=True)
    opened = (pl.col("status") == "gated") & (pl.col("gated") == "no")
    return (
        wanted.join(stored, on=key, how="left")
        .select(*key, "gated", pl.when(~opened).then("stored_in").alias("stored_in"))
        .sort(key)
        .collect()
    )


def fetch(
    scan: ScanFolder,
    group: int,
    wanted: pl.DataFrame,
    fetcher: Fetcher,
    workers: int,
    on_file: Callable[[Document], None],
) -> None:
    """Fetch the files of a group that are not stored yet, and store them as one Parquet file.

    That file comes last and says that the group is whole. Memory is bounded by the files under way.
    """
    journal = Journal(scan.journal(group))
    fetcher.client.most_given_up = _GIVEN_UP + journal.failed  # so that each run gets further
    missing = wanted.filter(pl.col("stored_in").is_null())
    try:
        with ThreadPoolExecutor(workers) as pool:
            tasks = (
                lambda one=one: _repository(one, fetcher, journal, on_file)
                for one in _repositories(missing)
            )
            try:
                _run(pool, tasks, 4 * workers)
            except BaseException:  # also a key pressed: no thread shall wait on
                fetcher.client.governor.stopped = True
                raise
    finally:
        journal.close()
    write_frame(scan.plan(group), wanted)
    journal.store(scan.details(group))
    journal.path.unlink()


def _repositories(missing: pl.DataFrame) -> Iterator[Wanted]:
    keys = ("repo_id", "revision", "gated")
    grouped = missing.group_by(keys, maintain_order=True).agg("path")
    for repo_id, revision, gated, paths in grouped.iter_rows():
        first = sorted(paths, key=lambda path: (path != "README.md", path))
        yield Wanted(repo_id, revision, gated, tuple(first))


def _run(pool: ThreadPoolExecutor, tasks: Iterable[Callable[[], None]], ahead: int) -> None:
    """Run all tasks with at most `ahead` handed over; the first error stops the rest."""
    pending: set[Future[None]] = set()
    try:
        for task in tasks:
            pending.add(pool.submit(task))
            if len(pending) >= ahead:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
        for future in pending:
            future.result()
    finally:
        for future in pending:
            future.cancel()


def _repository(
    wanted: Wanted, fetcher: Fetcher, journal: Journal, on_file: Callable[[Document], None]
) -> None:
    ended: str | None = None
    for path in wanted.paths:
        status = journal.done.get((wanted.repo_id, path))
        if status is None:
            if ended is None:
                found = fetcher.file(wanted, path)
            else:
                found = Document(wanted.repo_id, path, wanted.revision, ended)
            journal.add(found)
            on_file(found)
            status = found.status
        ended = status if status in _ENDED else ended

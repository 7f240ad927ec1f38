"""A local mirror of repositories as a source.

Two layouts, also side by side in one folder: `<namespace>/<name>/README.md, config.json,
model_info.json, …` and the Hub's own cache, `models--<namespace>--<name>/snapshots/<commit>/…`.
Any subset of the files will do. Links are followed, but never more than three folders deep.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan.errors import InvalidInput
from gpai_scan.sources import Raw, Shard, documents, listing

SHARD: Final = 200
"""Repositories in a shard."""
LISTING: Final = "model_info.json"
_LISTING_LIMIT: Final = 20_000_000
_CACHED: Final = "models--"
_Problem = tuple[str | None, str | None, str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """One repository on disk; `revision` where the layout names the commit."""

    repo_id: str
    folder: Path
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class FolderSource:
    """The repositories below a folder. `label` names the source where the path should not."""

    path: Path
    label: str | None = None
    size: int = SHARD
    """Repositories in a shard."""
    limit: int | None = None
    """Only the first so many repositories, in order of name."""

    @property
    def name(self) -> str:
        """`folder:` and the folder's own name, so that results do not depend on its place."""
        own = self.path.resolve().name.encode("utf-8", "replace").decode()
        return self.label or f"folder:{own}"

    def _look(self) -> tuple[list[Place], list[_Problem]]:
        places, problems = _look(self.path)
        return places[: self.limit], problems

    def shards(self) -> Sequence[Shard]:
        """Groups of `size` repositories in order of name, with a fingerprint of what is read."""
        places, problems = self._look()
        _check_depth(self.path, places)
        if not any(_files(place.folder) for place in places):
            raise InvalidInput(_nothing_found(self.path))
        groups = range(0, len(places), self.size)
        return [
            Shard(
                f"{start // self.size:06d}",
                _fingerprint(places[start : start + self.size], problems),
            )
            for start in groups
        ]

    def read(self, shard: Shard) -> Raw:
        """The repositories of a shard; what is wrong with one of them stands in its row."""
        places, problems = self._look()
        start = int(shard.name) * self.size
        answers: list[listing.Answer] = []
        files: list[documents.Document] = []
        for place in places[start : start + self.size]:
            answer, found = _read_place(place)
            answers.append(answer)
            files.extend(found)
        listed = listing.of_items(answers, hub=self.name)
        known = {place.repo_id: place.revision for place in places[start : start + self.size]}
        repositories = _with_revision(listed.repositories, known, files)
        revisions = dict(repositories.select("repo_id", "revision").iter_rows())
        own = problems if start == 0 else ()
        return Raw(
            repositories.lazy(),
            documents.rows(files)
            .with_columns(
                pl.col("repo_id").replace_strict(revisions, default=None).alias("revision")
            )
            .lazy(),
            pl.concat([listing.problem_rows(own), listed.problems]).lazy(),
        )


def _with_revision(
    repositories: pl.DataFrame, known: dict[str, str | None], files: list[documents.Document]
) -> pl.DataFrame:
    """The commit the layout names where the listing has none; a reason where there is no file."""
    repo_id = pl.col("repo_id")
    present = {file.repo_id for file in files if file.status != "missing"}
    bare = ~repo_id.is_in(list(present)) & pl.col("listing_file").is_null()
    return repositories.with_columns(
        pl.coalesce(
            repo_id.replace_strict(known, default=None, return_dtype=pl.String), "revision"
        ).alias("revision"),
        pl.when(bare).then(pl.lit("no files")).otherwise("reason").alias("reason"),
    ).sort("repo_id")


def _read_place(place: Place) -> tuple[listing.Answer, list[documents.Document]]:
    paths = _files(place.folder)
    found = [_document(place, path) for path in paths if documents.wanted(path)]
    absent = [
        documents.Document(place.repo_id, path, None, "missing")
        for path in documents.EXPECTED
        if path not in paths
    ]
    content, file = None, None
    if LISTING in paths:
        file = f"{place.repo_id}/{LISTING}"
        content, _ = _load(place.folder / LISTING, _LISTING_LIMIT)
    return listing.Answer(content, file, place.repo_id), found + absent


def _document(place: Place, path: str) -> documents.Document:
    content, size = _load(place.folder / path, documents.limit(path))
    if content is None:
        return documents.Document(place.repo_id, path, None, "unavailable")
    status, text = documents.interpret(path, content, size)
    return documents.Document(place.repo_id, path, None, status, size=size, text=text)


def _load(path: Path, limit: int) -> tuple[bytes | None, int]:
    """At most `limit` bytes of a regular file, and its size; None where it cannot be read."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return None, 0
        with path.open("rb") as file:
            return file.read(limit), about.st_size
    except OSError:
        return None, 0


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, in order of name; hidden entries and unreadable folders left out."""
    try:
        with os.scandir(folder) as found:
            return sorted((e for e in found if not e.name.startswith(".")), key=lambda e: e.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _files(folder: Path) -> list[str]:
    """Paths of the files that could be read, also those one folder down."""
    found: list[str] = []
    for entry in _entries(folder):
        if not _is_folder(entry):
            found.append(entry.name)
            continue
        inner = (f"{entry.name}/{part.name}" for part in _entries(Path(entry.path)))
        found.extend(path for path in inner if documents.wanted(path))
    known = (path for path in found if path == LISTING or documents.wanted(path))
    return [path for path in known if listing.storable(path)]


def _look(path: Path) -> tuple[list[Place], list[_Problem]]:
    """All repositories below a folder by name, and what stands there and can be none."""
    try:
        stamps = tuple((e.name, e.stat().st_mtime_ns) for e in _entries(path) if _is_folder(e))
    except OSError:
        stamps = ()
    return _look_at(path, stamps)


@lru_cache(maxsize=2)
def _look_at(path: Path, stamps: tuple[tuple[str, int], ...]) -> tuple[list[Place], list[_Problem]]:
    """`stamps` are names and times of the folders at the top: they change when an entry does."""
    places: dict[str, Place] = {}
    problems: list[_Problem] = []
    for place in _candidates(path, [name for name, _ in stamps]):
        shown = place.repo_id.encode("utf-8", "replace").decode()
        why = listing.unusable(place.repo_id)
        if why is not None:
            problems.append(
                (None, shown[:200], "bad_name", why.encode("utf-8", "replace").decode())
            )
        elif place.repo_id in places:
            problems.append((shown, None, "twice", "found in both layouts; the mirror was read"))
        else:
            places[place.repo_id] = place
    return [places[name] for name in sorted(places)], problems


def _candidates(path: Path, names: Sequence[str]) -> Iterator[Place]:
    """Mirrored repositories first, then those of the cache layout."""
    cached = [path / name for name in names if name.startswith(_CACHED)]
    for name in names:
        if name.startswith(_CACHED):
            continue
        for entry in _entries(path / name):
            if not _is_folder(entry):
                continue
            if entry.name.startswith(_CACHED):
                cached.append(Path(entry.path))
            else:
                yield Place(f"{name}/{entry.name}", Path(entry.path))
    yield from (place for folder in cached if (place := _snapshot(folder)) is not None)


def _snapshot(folder: Path) -> Place | None:
    """The commit a cached repository's refs name: `main`, else the first; else any commit."""
    commits = [entry.name for entry in _entries(folder / "snapshots") if _is_folder(entry)]
    refs = sorted(_entries(folder / "refs"), key=lambda e: (e.name != "main", e.name))
    named = (_load(Path(ref.path), 100)[0] or b"" for ref in refs)
    heads = [head for ref in named if (head := ref.decode("ascii", "replace").strip()) in commits]
    if not commits:
        return None
    commit = (heads or commits)[0]
    repo_id = folder.name.removeprefix(_CACHED).replace("--", "/", 1)
    return Place(repo_id, folder / "snapshots" / commit, commit)


def _fingerprint(places: Sequence[Place], problems: Sequence[_Problem]) -> str:
    """SHA-256 over names and contents of everything a shard reads."""
    state = hashlib.sha256(repr(problems).encode("utf-8", "replace"))
    for place in places:
        state.update(f"\0{place.repo_id}\0{place.revision}".encode())
        for path in _files(place.folder):
            limit = _LISTING_LIMIT if path == LISTING else documents.limit(path)
            content, size = _load(place.folder / path, limit)
            state.update(f"\0{path}\0{size}\0".encode("utf-8", "replace"))
            state.update(hashlib.sha256(content or b"").digest())
    return state.hexdigest()[:32]


def _nothing_found(path: Path) -> str:
    if not path.exists():
        return f"there is no folder '{path}'; give one that holds <namespace>/<name>/README.md."
    if not path.is_dir():
        return f"'{path}' is a file; give the folder that holds <namespace>/<name>/README.md."
    inner = [entry for entry in _entries(path) if _is_folder(entry)]
    if any(documents.wanted(part.name) for entry in inner for part in _entries(Path(entry.path))):
        return f"'{path}' looks like one namespace; give the folder above it: '{path.parent}'."
    return (
        f"no repositories in '{path}': expected <namespace>/<name>/README.md, config.json or "
        "model_info.json, or a Hub cache with models--<namespace>--<name>."
    )


def _check_depth(path: Path, places: Sequence[Place]) -> None:
    """`InvalidInput` where the repositories stand one folder deeper than they should."""
    for place in places[:50]:
        if any(e.name in (*documents.EXPECTED, LISTING) for e in _entries(place.folder)):
            return
    for place in places[:50]:
        for entry in _entries(place.folder):
            inner = {part.name for part in _entries(Path(entry.path))} if _is_folder(entry) else ()
            if "README.md" in inner or LISTING in inner:
                raise InvalidInput(
                    f"the repositories in '{path}' stand one folder deeper than "
                    f"<namespace>/<name>; give '{place.folder.parent}' instead."
                )

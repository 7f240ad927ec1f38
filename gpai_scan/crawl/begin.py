"""Which scan a command works on: one that stopped, one that is fresh enough, or a new one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.crawl.shards import Manifest, ScanFolder, scans, write_json
from gpai_scan.errors import InvalidInput

_TIME: Final = "%Y%m%dT%H%M%SZ"
_SAID: Final = "%Y-%m-%d %H:%M UTC"


def _query(settings: CrawlSettings) -> dict[str, Any]:
    parts = {
        "author": settings.author,
        "filter": list(settings.filter) or None,
        "pipeline_tag": settings.pipeline_tag,
    }
    return {name: value for name, value in parts.items() if value is not None}


def open_scan(settings: CrawlSettings, now: datetime) -> tuple[ScanFolder, bool]:
    """The scan to work on, and whether there is nothing left to do.

    An unfinished scan that asks the same goes on; a finished one of the last `fresh_hours` serves
    again, unless it is a small live one; otherwise a new one begins. Where only the bounds have
    changed, the new one takes over the pages. `InvalidInput` where the clock went back behind a
    scan that is there: a delta would miss what changed between the two.
    """
    query, bounds = _query(settings), _bounds(settings)
    asked = (settings.hub, query, settings.limit, settings.expand)
    same = [
        scan
        for scan in scans(settings.folder)
        if (m := scan.manifest) and (m.hub, m.query, m.limit, m.expand) == asked
    ]
    if settings.boundary is None:
        _check_clock(same, now, settings)
    whole = [scan for scan in same if scan.done is not None]
    kind = settings.kind if whole else "sweep"  # with nothing known, all is new
    unfinished = [s for s in same if s.done is None and s.manifest.kind == kind]
    last = unfinished[-1] if unfinished else _fresh(settings, whole, kind, now)
    if last is None:
        return _begin(settings, kind, query, whole), False
    if last.manifest.bounds == bounds:
        return last, last.done is not None
    return _take_over(settings, last, bounds), False


def _fresh(
    settings: CrawlSettings, whole: Sequence[ScanFolder], kind: str, now: datetime
) -> ScanFolder | None:
    """The last finished scan, if it is young enough to serve again."""
    if settings.partial or not whole or whole[-1].manifest.kind != kind:
        return None
    age = (now - whole[-1].manifest.boundary).total_seconds() / 3600
    known = age >= -settings.overlap_hours
    return whole[-1] if known and max(age, 0.0) < settings.fresh_hours else None


def _check_clock(same: Sequence[ScanFolder], now: datetime, settings: CrawlSettings) -> None:
    """Refuses a clock that is further back than a delta reads again."""
    for scan in same:
        if scan.manifest.boundary - now > timedelta(hours=settings.overlap_hours):
            raise InvalidInput(
                f"the clock of this machine says {now.strftime(_SAID)}, but '{scan.path}' was "
                f"begun at {scan.manifest.boundary.strftime(_SAID)}: set the clock; or, if it was "
                "wrong then, remove that folder. Then run the same command again."
            )


def _begin(
    settings: CrawlSettings, kind: str, query: dict[str, Any], whole: Sequence[ScanFolder]
) -> ScanFolder:
    start = settings.start()
    delta = kind == "delta"
    previous = whole[-1] if whole else None
    if previous is not None and settings.boundary is None:  # scans stand in the order of their time
        start = max(start, previous.manifest.boundary + timedelta(seconds=1))
    sweeps = [done for s in whole if s.manifest.kind == "sweep" and (done := s.done)]
    manifest = Manifest(
        kind=kind,
        hub=settings.hub,
        api=settings.api,
        boundary=start,
        since=previous.manifest.boundary if delta and previous else None,
        base=previous.name if delta and previous else None,
        query=query,
        limit=settings.limit,
        expand=settings.expand,
        bounds=_bounds(settings),
        pages_per_shard=settings.pages_per_shard,
        expected_repositories=sweeps[-1].repositories if sweeps and not delta else None,
    )
    scan = _new(settings, manifest)
    write_json(scan.path / "manifest.json", manifest)
    return scan


def _take_over(settings: CrawlSettings, old: ScanFolder, bounds: dict[str, Any]) -> ScanFolder:
    """A new scan over the pages of another one, for other bounds."""
    manifest = msgspec.structs.replace(old.manifest, bounds=bounds)
    scan = _new(settings, manifest)
    for part in ("pages", "index"):
        (scan.path / part).mkdir(parents=True, exist_ok=True)
        for file in sorted((old.path / part).glob("[0-9]*")):
            target = scan.path / part / file.name
            target.unlink(missing_ok=True)
            try:
                target.hardlink_to(file)
            except OSError:  # a file system without links
                shutil.copyfile(file, target)
    write_json(scan.path / "manifest.json", manifest)
    return scan


def _new(settings: CrawlSettings, manifest: Manifest) -> ScanFolder:
    """A scan folder with a name no other scan has."""
    taken = {scan.name for scan in scans(settings.folder)}
    name = stem = f"{manifest.boundary.astimezone(UTC).strftime(_TIME)}-{manifest.kind}"
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}-{number:02d}"
    return ScanFolder(settings.folder / "scans" / name)


def _bounds(settings: CrawlSettings) -> dict[str, Any]:
    names = ("details", "prune", "threshold", "tokens_bound", "tokens_per_parameter_bound")
    return {name: getattr(settings, name) for name in names}

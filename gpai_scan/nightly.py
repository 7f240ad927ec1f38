"""A scan every night: lock, run, gate, report, atomic switch of `latest`, retention, status.

    reports/
      <scan>/            one whole report a released scan
      latest -> <scan>   switched last, atomically
      status.json        what the last night did, published or not

A kill at any moment leaves `latest` on a whole report, yesterday's or today's.
"""

from __future__ import annotations

import fcntl
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gpai_scan import assets, gate
from gpai_scan.errors import CheckFailed, GpaiScanError, Interrupted, StoreError
from gpai_scan.report import stored
from gpai_scan.report.metadata import checksum
from gpai_scan.run import OnProgress, run
from gpai_scan.settings import Settings
from gpai_scan.store import Store

logger = logging.getLogger(__name__)

LATEST: Final = "latest"
STATUS: Final = "status.json"


@dataclass(frozen=True, slots=True)
class Release:
    """A published report: its scan, its folder, and whether it was there before."""

    scan_id: str
    folder: Path
    new: bool


@contextmanager
def lock(root: Path) -> Iterator[None]:
    """Keep two nights from meeting; `Interrupted` where another is at work.

    The lock goes with the process that holds it, so a kill leaves none behind.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = (root / ".lock").open("w")
    except OSError as error:
        raise StoreError(
            f"cannot write into the folder of reports {root}: {error.strerror}. Choose another one."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Interrupted(
                f"another run is publishing into {root}; this one did nothing. "
                "Run the same command again when it has ended."
            ) from error
        yield


def nightly(settings: Settings, on_progress: OnProgress) -> Release:
    """Scan, and release the report where the scan passes the gate.

    `CheckFailed` where it does not: the report published last stays as it was, and the status
    says why. Whatever goes wrong is in `status.json` too.
    """
    with lock(settings.reports):
        try:
            scan = run(settings, on_progress)
        except GpaiScanError as error:
            outcome = "interrupted" if isinstance(error, Interrupted) else "failed"
            _note(settings.reports, {"outcome": outcome, "reason": str(error)})
            raise
        return _release(settings, scan.scan_id, accept=False)


def release(settings: Settings, scan_id: str | None = None, *, accept: bool = False) -> Release:
    """Release the report of a stored scan, the newest by default.

    `accept` releases it although checks found something; the findings stay in the status.
    """
    with lock(settings.reports):
        return _release(settings, scan_id, accept=accept)


def _release(settings: Settings, scan_id: str | None, *, accept: bool) -> Release:
    root = settings.reports
    with Store.open(settings.db) as store:
        chosen = store.resolve(scan_id)
        last = published(root)
        kept = last if last in store.scan_ids() and last != chosen else stored.before(store, chosen)
        findings = gate.check(
            store,
            chosen,
            kept,
            completeness=settings.completeness,
            largest_drop=settings.largest_drop,
        )
        state = _state(store, chosen, kept, findings)
        if not accept:
            try:
                gate.require(findings, chosen)
            except CheckFailed:
                _note(root, state | {"outcome": "held back"})
                raise
        try:
            made = _write(store, settings, chosen, kept)
        except StoreError as error:
            _note(root, state | {"outcome": "failed", "reason": str(error)})
            raise
        except OSError as error:
            _note(root, state | {"outcome": "failed", "reason": str(error)})
            raise StoreError(
                f"cannot write the report into {root}: {error.strerror or error}. The published "
                "report is as it was; free some space or choose another folder, and run the same "
                "command again."
            ) from error
    _note(root, state | {"outcome": "published", "published": made.folder.name})
    retain(root, settings.keep_reports)
    return made


def _write(store: Store, settings: Settings, scan_id: str, previous: str | None) -> Release:
    """Write the report beside the others and point `latest` at it, in that order."""
    root = settings.reports
    building = root / ".building"
    shutil.rmtree(building, ignore_errors=True)
    try:
        stored.report(store, building, scan_id, previous)
        folder, new = _place(building, root / scan_id)
        _switch(root, folder.name)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Release(scan_id, folder, new)


def _place(building: Path, wanted: Path) -> tuple[Path, bool]:
    """Move a finished report to its name; the same report is not moved twice.

    A report of the same scan with other bytes gets a number behind the name, since the one that
    is there may be the published one.
    """
    digest = checksum(building / "SHA256SUMS")
    folder, number = wanted, 1
    while folder.exists():
        if checksum(folder / "SHA256SUMS") == digest:
            return folder, False
        number += 1
        folder = wanted.with_name(f"{wanted.name}.{number}")
    building.replace(folder)
    return folder, True


def _switch(root: Path, name: str) -> None:
    """Point `latest` at a report; the link is replaced in one step."""
    fresh = root / f".{LATEST}.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name, target_is_directory=True)
    fresh.replace(root / LATEST)


def published(root: Path) -> str | None:
    """The scan that `latest` shows; None where nothing is published."""
    try:
        versions = json.loads((root / LATEST / "versions.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return str(versions["scan_id"])


def retain(root: Path, keep: int) -> list[str]:
    """Delete all but the newest `keep` reports, never the published one; the names deleted.

    Reports are ordered by the time their scan speaks of, which a copy of the folders keeps; where
    the source has none, by the time their folder was put in place.
    """
    shown = (root / LATEST).resolve().name
    folders = [p for p in root.iterdir() if (p / "SHA256SUMS").is_file() and not p.is_symlink()]
    newest = sorted(folders, key=_moment, reverse=True)
    gone = [p for p in newest[keep:] if p.name != shown]
    for folder in gone:
        dying = folder.with_name(f".{folder.name}.old")
        folder.replace(dying)
        shutil.rmtree(dying, ignore_errors=True)
    return sorted(p.name for p in gone)


def _moment(folder: Path) -> tuple[str, int, str]:
    """What reports are ordered by: the time of the scan, and where it has none, of the folder."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        package = {}
    return str(package.get("created", "")), folder.stat().st_mtime_ns, folder.name


def _state(
    store: Store, scan_id: str, previous: str | None, findings: list[gate.Finding]
) -> dict[str, Any]:
    """What `status.json` says of a scan."""
    scan = stored.scan_row(store, scan_id)
    expected, present = scan["shards_expected"], scan["shards_present"]
    reasons = store.query(_sql("reasons"), scan=scan_id, previous=previous or "")
    drift = store.query(_sql("drift"), scan=scan_id, previous=previous or "")
    keep = ("scan_id", "source", "as_of", "code_version", "data_version", "rules_version")
    return {
        **{key: scan[key] for key in keep},
        "repositories": scan["repositories"],
        "quarantined": scan["quarantined"],
        "completeness": present / expected if expected else None,
        "gaps": {"shards_missing": expected - present},
        "complete": scan["complete"],
        "compared_with": previous,
        "reasons": reasons.to_dicts(),
        "drift": drift.to_dicts(),
        "findings": [asdict(finding) for finding in findings],
    }


def _sql(name: str) -> str:
    return assets.find("sql/report", name, ".sql").read_text(encoding="utf-8")


def _note(root: Path, state: Mapping[str, Any]) -> None:
    """Write `status.json`, keeping what it says of the report that is published."""
    shown = status(root).get("published")
    text = json.dumps({"published": shown, **state}, indent=2, default=_plain) + "\n"
    fresh = root / f".{STATUS}.new"
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(root / STATUS)
    except OSError as error:
        logger.warning("%s is as it was: %s", root / STATUS, error.strerror)


def _plain(value: object) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)


def status(root: Path) -> dict[str, Any]:
    """What the last night did, from `status.json`; empty where there was none."""
    try:
        state = json.loads((root / STATUS).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return dict(state)

"""Publish a report folder: to a Hugging Face dataset repository, a folder, or a bucket.

    publish(Path("reports/latest"), "datasets/me/gpai-scan")     one commit on the Hub
    publish(Path("reports/latest"), "/srv/www/gpai")             a folder
    publish(Path("reports/latest"), "s3://bucket/gpai")          a bucket

Without `confirmed` nothing leaves the machine and the plan is all there is. Credentials are those
`huggingface_hub` and `objects` find; none is read, logged or stored here.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from gpai_scan import objects
from gpai_scan.errors import Interrupted, InvalidInput, StoreError
from gpai_scan.report.metadata import checksum

OnFile = Callable[[str, int, int], None]
_HUB_PREFIXES: Final = ("hf://datasets/", "datasets/")
_SUMS: Final = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a publication does: the files of a report, and where they go."""

    folder: Path
    target: str
    kind: str
    """`hub`, `folder` or `bucket`."""
    files: tuple[str, ...]
    bytes: int
    scan_id: str
    done: bool
    """False for a plan that was only shown."""
    url: str | None = None
    """Where the publication can be seen, once it is done."""


def _quiet(_: str, __: int, ___: int) -> None:
    """Tell nobody."""


def plan(folder: Path, target: str) -> Plan:
    """What would be published; `InvalidInput` where the folder is not a whole report.

    Every file is checked against `SHA256SUMS`, so a damaged or half-copied report is refused.
    """
    files = _verified(folder)
    versions = msgspec.json.decode((folder / "versions.json").read_bytes())
    size = sum((folder / name).stat().st_size for name in files)
    return Plan(folder, target, kind(target), tuple(files), size, str(versions["scan_id"]), False)


def kind(target: str) -> str:
    """Which kind of place a target names."""
    if target.startswith(_HUB_PREFIXES):
        name = repo_id(target)
        if name.count("/") != 1 or not all(name.split("/")):
            raise InvalidInput(f"a dataset repository is datasets/OWNER/NAME, not '{target}'.")
        return "hub"
    if "://" in target:
        return "folder" if target.startswith("file://") else "bucket"
    return "folder"


def repo_id(target: str) -> str:
    """The `OWNER/NAME` of a dataset repository target."""
    for prefix in _HUB_PREFIXES:
        target = target.removeprefix(prefix)
    return target.strip("/")


def _verified(folder: Path) -> list[str]:
    sums = folder / _SUMS
    if not sums.is_file():
        raise InvalidInput(
            f"{folder} is not a report: there is no {_SUMS} in it. "
            "Make one with `gpai-scan report --out DIR`."
        )
    names = []
    for line in sums.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if not (folder / name).is_file() or checksum(folder / name) != digest:
            raise InvalidInput(f"{folder / name} is missing or not as {_SUMS} says; write it anew.")
        names.append(name)
    return [*names, _SUMS]


def publish(
    folder: Path,
    target: str,
    *,
    confirmed: bool = False,
    private: bool = False,
    on_file: OnFile = _quiet,
) -> Plan:
    """Publish a report; without `confirmed` only the plan is made and nothing is sent.

    To the Hub it is one commit that also creates the repository where there is none, `private`
    if asked. In a folder the report appears whole or not at all. In a bucket `SHA256SUMS` is
    written last: a reader that finds it finds everything it names.
    """
    planned = plan(folder, target)
    if not confirmed:
        return planned
    send = {"hub": _to_hub, "folder": _to_folder, "bucket": _to_bucket}[planned.kind]
    return send(planned, private, on_file)


def _to_hub(planned: Plan, private: bool, on_file: OnFile) -> Plan:
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import (
        HfHubHTTPError,
        LocalTokenNotFoundError,
        OfflineModeIsEnabled,
    )
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

    api = HfApi()
    name = repo_id(planned.target)
    operations = [
        CommitOperationAdd(path_in_repo=file, path_or_fileobj=planned.folder / file)
        for file in planned.files
    ]
    try:
        api.create_repo(name, repo_type="dataset", private=private, exist_ok=True)
        on_file(name, len(operations), len(operations))
        commit = api.create_commit(
            name,
            operations,
            repo_type="dataset",
            commit_message=f"Scan {planned.scan_id}",
            commit_description=f"Report of scan {planned.scan_id}, {len(operations)} files.",
        )
    except LocalTokenNotFoundError as error:
        raise InvalidInput(
            "the Hub asks who you are: run `hf auth login`, or set HF_TOKEN."
        ) from error
    except HfHubHTTPError as error:
        code = error.response.status_code if error.response is not None else "no answer"
        raise StoreError(
            f"the Hub refused to publish to {name} ({code}). Log in with `hf auth login` as "
            "someone who may write there, and run the same command again."
        ) from error
    except OfflineModeIsEnabled as error:
        raise InvalidInput("HF_HUB_OFFLINE is set; unset it to publish.") from error
    except httpx.TransportError as error:
        raise Interrupted(
            f"the Hub cannot be reached ({type(error).__name__}); nothing was published. "
            "Run the same command again."
        ) from error
    return replace(planned, done=True, url=str(commit.commit_url))


def _to_folder(planned: Plan, private: bool, on_file: OnFile) -> Plan:
    out = Path(planned.target.removeprefix("file://"))
    fresh = out.with_name(f".{out.name}.new")
    old = out.with_name(f".{out.name}.old")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        for number, name in enumerate(planned.files, 1):
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(planned.folder / name, fresh / name)
            on_file(name, number, len(planned.files))
        shutil.rmtree(old, ignore_errors=True)
        _exchange(fresh, out, old)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise StoreError(
            f"cannot write {out}: {error.strerror or error}. What was there is as it was."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return replace(planned, done=True, url=out.as_posix())


def _exchange(fresh: Path, out: Path, old: Path) -> None:
    """Put `fresh` in the place of `out`, which goes to `old` and comes back on failure."""
    if out.exists():
        out.replace(old)
    try:
        fresh.replace(out)
    except OSError:
        if old.exists():
            old.replace(out)
        raise


def _to_bucket(planned: Plan, private: bool, on_file: OnFile) -> Plan:
    sent = objects.put(planned.folder, planned.files, planned.target)
    for number, name in enumerate(sent, 1):
        on_file(name, number, len(planned.files))
    return replace(planned, done=True, url=planned.target)

"""Publication: nothing without a yes, one commit on the Hub, whole or not at all elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import synthetic
from standin.bucket import Bucket
from standin.datasets import Datasets

from gpai_scan import report
from gpai_scan.errors import InvalidInput, StoreError
from gpai_scan.publish import plan, publish

ROOT = Path(__file__).parents[1]
TOKEN = "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"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frames = synthetic.scan()
    row = frames["scans"].collect().row(0, named=True)
    return report.write(frames, row, tmp_path / "report", page=False).folder


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_nothing_is_written_without_a_yes(folder: Path, tmp_path: Path) -> None:
    shown = publish(folder, str(tmp_path / "site"))
    assert not shown.done
    assert not (tmp_path / "site").exists()
    assert set(shown.files) == set(contents(folder))
    assert shown.scan_id == "nightly-2026-11-20-0000"


def test_a_folder_gets_the_whole_report_and_nothing_stale(folder: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "old.txt").write_text("old")
    assert publish(folder, str(site), confirmed=True).done
    assert contents(site) == contents(folder)
    assert {p.name for p in tmp_path.iterdir()} == {"site", "report"}


def test_a_bucket_gets_the_checksums_last(folder: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    order: list[str] = []
    publish(
        folder,
        "memory://bucket/gpai",
        confirmed=True,
        on_file=lambda name, *_: order.append(name),
    )
    system = fsspec.filesystem("memory")
    found = {
        path.removeprefix("/bucket/gpai/"): system.cat(path) for path in system.find("/bucket")
    }
    assert found == contents(folder)
    assert order[-1] == "SHA256SUMS"
    system.rm("/bucket", recursive=True)


def test_a_bucket_over_http_gets_the_checksums_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Bucket() as store:
        for name, value in store.environment().items():
            monkeypatch.setenv(name, value)
        publish(folder, store.address("gpai"), confirmed=True)
        found = {key.removeprefix("gpai/"): value for key, value in store.objects.items()}
        assert found == contents(folder)
        assert list(found)[-1] == "SHA256SUMS"
        store.refuse_after = 0
        with pytest.raises(StoreError, match="s3://shared/gpai cannot be used"):
            publish(folder, store.address("gpai"), confirmed=True)


def test_a_damaged_report_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "summary.md").write_text("changed")
    with pytest.raises(InvalidInput, match=r"summary\.md is missing or not as SHA256SUMS says"):
        plan(folder, "datasets/a/b")
    with pytest.raises(InvalidInput, match="is not a report"):
        plan(tmp_path, "datasets/a/b")


@pytest.mark.parametrize("target", ["datasets/only", "datasets/a/b/c", "hf://datasets/x/"])
def test_a_wrong_repository_name_is_explained(folder: Path, target: str) -> None:
    with pytest.raises(InvalidInput, match="datasets/OWNER/NAME"):
        plan(folder, target)


def test_an_unknown_scheme_is_explained(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere://"):
        publish(folder, "nowhere://x/y", confirmed=True)


def test_a_folder_that_cannot_be_written_is_explained(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        publish(folder, str(tmp_path / "file" / "site"), confirmed=True)


@pytest.fixture
def hub() -> Iterator[Datasets]:
    with Datasets() as standin:
        yield standin


def command(address: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The public command in a process of its own, logged in at the stand-in hub."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
        "HF_ENDPOINT": address,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(folder.parent / "hf"),
        "HF_HUB_DISABLE_XET": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "gpai_scan", "publish", str(folder), *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_hub_gets_one_commit_with_a_card_and_no_token_in_any_file(
    folder: Path,
    hub: Datasets,
) -> None:
    done = command(hub.url, folder, "--to", "datasets/me/gpai", "--yes")
    assert done.returncode == 0, (done.stderr, hub.seen)
    assert "/datasets/me/gpai/commit/abc" in done.stderr
    assert len(hub.commits) == 1
    head, *files = hub.commits[0]
    assert head["value"]["summary"] == "Scan nightly-2026-11-20-0000"
    assert {file["value"]["path"] for file in files} == set(contents(folder))
    assert {token for _, path, token in hub.seen if "/commit/" in path} == {f"Bearer {TOKEN}"}
    assert TOKEN not in done.stdout + done.stderr
    assert all(TOKEN.encode() not in data for data in contents(folder.parent).values())


def test_the_hub_is_not_asked_without_a_yes(folder: Path, hub: Datasets) -> None:
    done = command(hub.url, folder, "--to", "datasets/me/gpai", "--format", "csv")
    assert done.returncode == 0
    assert hub.seen == []
    assert "Nothing was sent" in done.stderr
    assert done.stdout.splitlines()[0] == "file,bytes"


def test_a_refusal_is_one_sentence_without_the_token(folder: Path, hub: Datasets) -> None:
    hub.refuse = True
    done = command(hub.url, folder, "--to", "datasets/me/gpai", "--yes")
    assert done.returncode == 2
    assert re.fullmatch(r"Error: the Hub refused to publish to me/gpai \(403\)\..*\n", done.stderr)
    assert TOKEN not in done.stderr


def test_a_hub_that_cannot_be_reached_is_said_so(folder: Path) -> None:
    done = command("http://127.0.0.1:9", folder, "--to", "datasets/me/gpai", "--yes")
    assert done.returncode == 75
    assert done.stderr.startswith("Error: the Hub cannot be reached")


def test_the_card_is_one_the_hub_can_read(folder: Path) -> None:
    from huggingface_hub import DatasetCard

    card = DatasetCard((folder / "README.md").read_text(encoding="utf-8"))
    assert card.data.license == "cc-by-4.0"
    names = {config["config_name"] for config in card.data.to_dict()["configs"]}
    assert {"estimates", "answers", "evidence"} <= names
    for config in card.data.to_dict()["configs"]:
        assert list(folder.glob(config["data_files"]))

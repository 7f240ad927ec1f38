from __future__ import annotations

import gzip
import hashlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from huggingface_hub import constants
from huggingface_hub.utils import WeakFileLock
from standin.catalogue import ODD_PROBLEMS, ODD_ROWS, catalogue, hub_id, repository
from standin.hub import Fault, Quota, StandIn

from gpai_scan import crawl, sources
from gpai_scan.crawl.shards import scans
from gpai_scan.errors import Interrupted, InvalidInput, UnknownName
from gpai_scan.sources.hub import HubSource

BOUNDARY = datetime(2026, 1, 1, tzinfo=UTC)


def settings(hub: StandIn, folder: Path, **changes: object) -> crawl.CrawlSettings:
    usual: dict[str, Any] = {
        "folder": folder,
        "endpoint": hub.url,
        "page_size": 20,
        "pages_per_shard": 4,
        "boundary": BOUNDARY,
        "details": False,
        "backoff": 0.02,
        "patience": 5.0,
        "read_timeout": 2.0,
    }
    return crawl.CrawlSettings(**(usual | changes))


def everything(source: HubSource) -> tuple[pl.DataFrame, pl.DataFrame]:
    raws = [source.read(shard) for shard in source.shards()]
    return (
        pl.concat([raw.repositories for raw in raws]).collect(),
        pl.concat([raw.problems for raw in raws]).collect(),
    )


def test_each_page_is_one_request_and_each_repository_one_row(tmp_path: Path) -> None:
    listed = catalogue(200)
    with StandIn(listed) as hub:
        source = crawl.run(settings(hub, tmp_path))
        assert hub.count("list") == -(-len(listed) // 20)
        assert len(hub.log) == hub.count("list")
    rows, problems = everything(source)
    assert rows["repo_id"].is_unique().all()
    assert rows.height == 200 + ODD_ROWS
    assert problems.height == ODD_PROBLEMS
    assert rows.height + problems.height == len(listed)


def test_pages_are_kept_as_received(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(50)]) as hub:
        crawl.run(settings(hub, tmp_path))
        expected, _ = hub.page({"limit": "20", "sort": "createdAt", "direction": "1"}, [])
    (scan,) = scans(tmp_path)
    first = scan.pages()[0]
    content = gzip.decompress(scan.page_file(1).read_bytes())
    assert content == expected
    assert first.sha256 == hashlib.sha256(content).hexdigest()
    assert first.first_id == hub_id(0)


@pytest.mark.parametrize("style", ["ratelimit", "retry-after", "bare"])
def test_no_429_while_the_hub_tells_its_quota(tmp_path: Path, style: str) -> None:
    quota = {"api": Quota(20, 1.0, style)}
    with StandIn([repository(i) for i in range(600)], quotas=quota) as hub:
        crawl.run(settings(hub, tmp_path, quota_share=0.9))
        assert (hub.refused(), hub.count("list")) == (0, 30)


@pytest.mark.parametrize("style", ["ratelimit", "retry-after", "bare"])
def test_a_429_without_warning_costs_one_wait(tmp_path: Path, style: str) -> None:
    quota = {"api": Quota(8, 1.0, style, headers=False)}
    with StandIn([repository(i) for i in range(300)], quotas=quota) as hub:
        source = crawl.run(settings(hub, tmp_path))
        assert hub.refused() >= 1
        assert hub.count("list", status=0) == 15
    assert everything(source)[0].height == 300


FAULTS = [
    Fault(503, 2, after=1),
    Fault(500),
    Fault(408, after=2),
    Fault("cut", 2, after=1),
    Fault("truncated", after=3),
    Fault("malformed", after=1),
    Fault("stall", seconds=1.5, after=2),
    Fault("cursor", after=2),
    Fault("hostile", after=1),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.kind))
@pytest.mark.parametrize("compress", [True, False])
def test_a_fault_costs_a_retry_and_nothing_else(
    tmp_path: Path, fault: Fault, compress: bool
) -> None:
    listed = [repository(i) for i in range(120)]
    with StandIn(listed, faults=[fault], compress=compress) as hub:
        source = crawl.run(settings(hub, tmp_path, read_timeout=0.5))
        extra = 2 if fault.kind == "cursor" else fault.count
        assert hub.count("list") == 6 + extra
    rows, problems = everything(source)
    assert rows["repo_id"].to_list() == [item["id"] for item in listed]
    assert problems.height == 0


def test_random_faults_lose_nothing(tmp_path: Path) -> None:
    listed = catalogue(400)
    with StandIn(listed, fault_rate=0.2, seed=3) as hub:
        source = crawl.run(settings(hub, tmp_path, page_size=10, patience=30))
    rows, problems = everything(source)
    assert rows.height + problems.height == len(listed)
    assert rows["repo_id"].is_unique().all()


def test_one_item_that_is_no_json_does_not_take_its_page_along(tmp_path: Path) -> None:
    listed = [repository(i) for i in range(60)]
    listed[25] |= {"downloads": float("nan"), "cardData": {"x": float("inf")}}
    with StandIn(listed) as hub:
        source = crawl.run(settings(hub, tmp_path))
        assert hub.count("list") == 3 + 2  # asked again, in case it was the line
    rows, problems = everything(source)
    assert (rows.height, problems.height) == (60, 0)
    assert rows.filter(pl.col("reason").is_not_null())["repo_id"].to_list() == [listed[25]["id"]]


@pytest.mark.parametrize("kind", [503, 429, "malformed", "cursor", "hostile", "truncated"])
def test_a_lasting_fault_stops_resumably(tmp_path: Path, kind: str | int) -> None:
    listed = [repository(i) for i in range(120)]
    with StandIn(listed, faults=[Fault(kind, 10_000, after=3)]) as hub:
        with pytest.raises(Interrupted, match="run the same command again") as stopped:
            crawl.run(settings(hub, tmp_path, patience=0.5))
        assert stopped.value.exit_code == 75
        assert crawl.status(tmp_path)["state"].to_list() == ["partial", "gap"]
        hub.faults.clear()
        before = hub.count("list")
        source = crawl.run(settings(hub, tmp_path))
        assert hub.count("list") - before == 3
    assert everything(source)[0].height == 120


def test_nobody_there_is_said_soon(tmp_path: Path) -> None:
    with StandIn([]) as hub:
        gone = settings(hub, tmp_path, patience=1.0)
    with pytest.raises(Interrupted, match="run the same command again"):
        crawl.run(gone)


def test_unknown_keys_are_dropped_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with StandIn([repository(i) for i in range(45)], unknown_keys=["gguf", "tags"]) as hub:
        with caplog.at_level(logging.WARNING):
            crawl.run(settings(hub, tmp_path))
        assert hub.count("list") == 3 + 1
    assert "gguf, tags" in caplog.text


def test_a_hostile_next_page_is_never_asked_for(tmp_path: Path) -> None:
    with (
        StandIn([repository(i) for i in range(60)], faults=[Fault("hostile", 99)]) as hub,
        pytest.raises(Interrupted, match="elsewhere"),
    ):
        crawl.run(settings(hub, tmp_path))
    assert not scans(tmp_path)[0].pages()


def test_what_is_created_after_the_start_is_left_to_the_next_scan(tmp_path: Path) -> None:
    listed = [repository(i) for i in range(100)]
    boundary = datetime.fromtimestamp(int(hub_id(50)[:8], 16), UTC)
    with StandIn(listed) as hub:
        source = crawl.run(settings(hub, tmp_path, boundary=boundary))
        assert hub.count("list") == 3
    assert everything(source)[0]["repo_id"].to_list() == [item["id"] for item in listed[:50]]
    assert source.as_of == boundary


def test_a_finished_sweep_serves_again_until_it_is_stale(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(30)]) as hub:
        first = crawl.run(settings(hub, tmp_path, boundary=None))
        asked = len(hub.log)
        assert crawl.run(settings(hub, tmp_path, boundary=None)) == first
        assert len(hub.log) == asked
        assert crawl.run(settings(hub, tmp_path, boundary=None, fresh_hours=0)) != first


def test_a_token_is_sent_when_given_and_never_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    secret = "hf_madeUpSecretForThisTest"
    with StandIn([repository(i) for i in range(30)]) as hub, caplog.at_level(logging.DEBUG):
        crawl.run(settings(hub, tmp_path / "without", contact="mailto:a@example.org"))
        assert not any(request.authorised for request in hub.log)
        assert "gpai_scan/" in hub.log[0].agent
        assert "contact/mailto:a@example.org" in hub.log[0].agent
        given = settings(hub, tmp_path / "with", token=secret, details=True)
        crawl.run(given)
        assert hub.log[-1].authorised
    assert secret not in repr(given)
    assert secret not in caplog.text
    kept = [f for f in (tmp_path / "with").rglob("*") if f.is_file()]
    assert kept
    assert not any(secret.encode() in f.read_bytes() for f in kept)


def test_a_small_live_scan_asks_only_for_what_it_shows(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(100)]) as hub:
        source = crawl.run(settings(hub, tmp_path, limit=7))
        assert hub.count("list") == 1
        assert "limit=7" in hub.log[0].path
        rows = everything(source)[0]
        assert rows.height == 7
        assert rows["downloads_30d"].is_sorted(descending=True)
        source = crawl.run(settings(hub, tmp_path, author="org3"))
        assert set(everything(source)[0]["namespace"]) == {"org3"}
        source = crawl.run(settings(hub, tmp_path, limit=5, filter=("bert",)))
        found = everything(source)[0]
        assert found.height == 5
        assert found["model_type"].unique().to_list() == ["bert"]


def test_a_refused_question_is_wrong_use(tmp_path: Path) -> None:
    with (
        StandIn([], faults=[Fault(404, 9)]) as hub,
        pytest.raises(InvalidInput, match="refuses the question with 404"),
    ):
        crawl.run(settings(hub, tmp_path))


def test_settings_come_from_a_table_and_options() -> None:
    found = crawl.from_values({"quota_share": 1, "filter": "gguf"}, limit=5, author=None)
    assert (found.quota_share, found.filter, found.limit) == (1.0, ("gguf",), 5)
    with pytest.raises(UnknownName, match="quota_share"):
        crawl.from_values({"quota_shares": 1})
    with pytest.raises(UnknownName):
        crawl.from_values({"token": "x"})
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        crawl.from_values({"quota_share": 2})
    with pytest.raises(InvalidInput, match="must be of type"):
        crawl.from_values({"limit": "many"})


def test_hub_is_a_source_by_name(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(10)]) as hub:
        asked = {"folder": tmp_path, "endpoint": hub.url, "details": False}
        source = sources.open_source("hub", asked)
        assert [shard.name[-5:] for shard in source.shards()] == ["00000"]


def test_progress_tells_pages_repositories_requests_and_quota(tmp_path: Path) -> None:
    seen: list[crawl.Progress] = []
    quota = {"api": Quota(500, 300)}
    with StandIn([repository(i) for i in range(60)], quotas=quota) as hub:
        crawl.run(settings(hub, tmp_path), seen.append)
    pages = [one for one in seen if one.stage == "pages"]
    assert [one.done for one in pages] == [1, 2, 3]
    assert [one.repositories for one in pages] == [20, 40, 60]
    assert pages[-1].expected == 3
    assert (pages[-1].quota_left, pages[-1].quota) == (497, 500)


def test_two_crawls_do_not_share_a_folder(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(10)]) as hub:
        lock = WeakFileLock(tmp_path / ".lock", timeout=1)
        with lock, pytest.raises(InvalidInput, match="another crawl works"):
            crawl.run(settings(hub, tmp_path))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        StandIn([repository(i) for i in range(10)]) as hub,
        pytest.raises(Interrupted, match="cannot write"),
    ):
        crawl.run(settings(hub, tmp_path / "file"))


def test_offline_is_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with (
        StandIn([repository(i) for i in range(10)]) as hub,
        pytest.raises(InvalidInput, match="HF_HUB_OFFLINE"),
    ):
        crawl.run(settings(hub, tmp_path))


def test_what_is_listed_twice_is_one_row_and_one_problem(tmp_path: Path) -> None:
    listed = [repository(i) for i in range(100)]
    with StandIn([*listed[:90], listed[3], *listed[90:]]) as hub:
        rows, problems = everything(crawl.run(settings(hub, tmp_path)))
    assert rows["repo_id"].to_list() == [item["id"] for item in listed]
    assert problems.select("repo_id", "reason").rows() == [(listed[3]["id"], "twice")]

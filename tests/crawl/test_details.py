from __future__ import annotations

import contextlib
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from standin.catalogue import commit, repository
from standin.hub import Fault, File, Quota, StandIn, default_file

from gpai_scan import crawl
from gpai_scan.errors import Interrupted
from gpai_scan.sources import Shard
from gpai_scan.sources.hub import HubSource

FULL = ("README.md", "config.json", "model.safetensors")


def settings(hub: StandIn, folder: Path, **changes: object) -> crawl.CrawlSettings:
    usual: dict[str, Any] = {
        "folder": folder,
        "endpoint": hub.url,
        "page_size": 20,
        "pages_per_shard": 2,
        "backoff": 0.02,
        "patience": 10.0,
        "read_timeout": 1.0,
        "prune": False,
        "fresh_hours": 0.0,
    }
    return crawl.CrawlSettings(**(usual | changes))


def _counted(source: HubSource, shard: Shard) -> pl.LazyFrame:
    """The repositories of a shard that count there."""
    return source.read(shard).repositories.filter(~pl.col("repo_id").is_in(shard.gone))


def documents(source: HubSource) -> pl.DataFrame:
    return pl.concat([source.read(shard).documents for shard in source.shards()]).collect()


def one(name: str, **changes: object) -> dict[str, Any]:
    own = {"_id": f"5{commit(name)[:23]}", "id": name, "sha": commit(name)}
    return repository(1) | own | changes


def status_of(source: HubSource) -> dict[str, str]:
    found = documents(source)
    return {f"{r['repo_id']}:{r['path']}": r["status"] for r in found.iter_rows(named=True)}


def test_each_file_is_one_request_at_the_listed_revision(tmp_path: Path) -> None:
    listed = [repository(i) for i in range(100)]
    with StandIn(listed) as hub:
        source = crawl.run(settings(hub, tmp_path))
        assert set(hub.paths("file").values()) == {1}
        assert hub.count("file") == 200
        assert all(
            f"/{commit(listed[0]['id'])}/" in p
            for p in hub.paths("file")
            if listed[0]["id"] + "/" in p
        )
    found = documents(source)
    assert found["status"].to_list() == ["ok"] * 200
    card = found.filter(repo_id=listed[3]["id"], path="README.md").row(0, named=True)
    assert card["text"].startswith(f"# {listed[3]['id']}")
    assert card["revision"] == listed[3]["sha"]
    assert card["size"] == len(card["text"])
    assert card["etag"]


def test_what_became_of_a_file_is_said(tmp_path: Path) -> None:
    answers = {
        "gated/coded": File(status=401, code="GatedRepo"),
        "gated/forbidden": File(status=403, code="GatedRepo"),
        "gated/listed": File(status=401),
        "gone/silent": File(status=401),
        "gone/coded": File(status=404, code="RepoNotFound"),
        "gone/revision": File(status=404, code="RevisionNotFound"),
        "gone/forever": File(status=410),
        "moved/old": File(moved_to="moved/new"),
        "big/card": File(size=200_000_000),
        "odd/binary": File(b"\0\1\2"),
        "odd/latin": File("caf\u00e9".encode("latin-1")),
        "odd/empty": File(b"", size=0),
        "odd/teapot": File(status=418),
    }
    listed = [one(name, gated="auto" if name == "gated/listed" else False) for name in answers]
    with StandIn(listed, files=lambda repo_id, *_: answers[repo_id]) as hub:
        source = crawl.run(settings(hub, tmp_path))
        asked = Counter(path.split("/")[5] for path in hub.paths("file"))
    expected = {
        "gated/coded": "gated", "gated/forbidden": "gated", "gated/listed": "gated",
        "gone/silent": "deleted", "gone/coded": "deleted", "gone/revision": "deleted",
        "gone/forever": "deleted", "moved/old": "renamed", "big/card": "too_large",
        "odd/binary": "binary", "odd/latin": "not_utf8", "odd/empty": "empty",
        "odd/teapot": "unavailable",
    }  # fmt: skip
    found = status_of(source)
    assert {name: found[f"{name}:README.md"] for name in answers} == expected
    assert {name: found[f"{name}:config.json"] for name in answers} == expected
    assert asked["coded"] == 2  # one for each: once the gate is shut, the rest is not asked for
    big = documents(source).filter(repo_id="big/card")
    assert big["size"].to_list() == [200_000_000] * 2
    assert big.filter(path="config.json")["text"].to_list() == [None]


def test_a_file_of_200_mb_is_not_read(tmp_path: Path) -> None:
    listed = [one(f"big/n{i}") for i in range(6)]
    with StandIn(listed, files=lambda *_: File(size=200_000_000)) as hub:
        found = documents(crawl.run(settings(hub, tmp_path)))
    assert set(found["status"]) == {"too_large"}
    cards = found.filter(path="README.md")["text"]
    assert cards.str.len_bytes().max() <= 1_000_000


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    def files(repo_id: str, revision: str, path: str) -> File | None:
        return default_file(repo_id, revision, path) if repo_id == "a/a" else None

    listed = [one("a/a"), one("a/b", siblings=None)]
    with StandIn(listed, files=files) as hub:
        source = crawl.run(settings(hub, tmp_path, workers=1))
        assert hub.count("file") == 4
    found = status_of(source)
    assert (found["a/b:README.md"], found["a/b:config.json"]) == ("missing", "missing")


def test_a_first_refusal_is_checked_at_the_usual_address(tmp_path: Path) -> None:
    with StandIn([one("a/b")], files=lambda *_: None) as hub:
        source = crawl.run(settings(hub, tmp_path))
        routes = [path.split("/")[1] for path in hub.paths("file")]
    assert sorted(routes) == ["a", "a", "api", "api"]
    assert set(status_of(source).values()) == {"missing"}


def test_only_what_is_listed_is_asked_for(tmp_path: Path) -> None:
    listed = [one("a/card", siblings=[{"rfilename": "README.md"}, {"rfilename": "x.bin"}])]
    with StandIn(listed) as hub:
        crawl.run(settings(hub, tmp_path))
        assert [path.split("/")[-1] for path in hub.paths("file")] == ["README.md"]


def test_a_hub_without_direct_addresses_costs_two_requests(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(20)], direct=False) as hub:
        source = crawl.run(settings(hub, tmp_path, workers=1))
        assert hub.count("file") == 1 + 2 * 40  # one to find out
    assert set(documents(source)["status"]) == {"ok"}


def test_a_redirect_elsewhere_is_not_followed(tmp_path: Path) -> None:
    reached = threading.Event()

    def trap(repo_id: str, revision: str, path: str) -> File | None:
        reached.set()
        return default_file(repo_id, revision, path)

    with StandIn([], files=trap) as other:
        target = File(moved_to=f"{other.url}/a/b")
        with StandIn([one("a/b")], files=lambda *_: target) as hub:
            source = crawl.run(settings(hub, tmp_path))
    assert not reached.is_set()
    assert set(status_of(source).values()) <= {"renamed", "unavailable"}


def test_a_revision_is_never_fetched_twice(tmp_path: Path) -> None:
    listed = [repository(i) for i in range(60)]
    with StandIn(listed) as hub:
        first = documents(crawl.run(settings(hub, tmp_path)))
        before = hub.count("file")
        source = crawl.run(settings(hub, tmp_path))
        assert hub.count("file") == before
        assert documents(source).equals(first)
        hub.repositories[5] = listed[5] | {"sha": commit("changed")}
        hub._pages.clear()
        changed = documents(crawl.run(settings(hub, tmp_path)))
        assert hub.count("file") == before + 2
    assert changed.filter(repo_id=listed[5]["id"])["revision"].unique().to_list() == [
        commit("changed")
    ]


def test_a_gate_is_tried_again_once_it_is_open(tmp_path: Path) -> None:
    shut = {"a/b": File(status=401, code="GatedRepo")}

    def files(repo_id: str, revision: str, path: str) -> File | None:
        return shut.get(repo_id) or default_file(repo_id, revision, path)

    with StandIn([one("a/a"), one("a/b", gated="manual")], files=files) as hub:
        crawl.run(settings(hub, tmp_path, workers=1))
        assert hub.count("file") == 2 + 1
        crawl.run(settings(hub, tmp_path, workers=1))
        assert hub.count("file") == 2 + 1
        shut.clear()
        hub.repositories[1] |= {"gated": False}
        hub._pages.clear()
        source = crawl.run(settings(hub, tmp_path, workers=1))
        assert hub.count("file") == 2 + 1 + 2
    assert set(status_of(source).values()) == {"ok"}


def test_failing_files_do_not_stop_the_rest(tmp_path: Path) -> None:
    def files(repo_id: str, revision: str, path: str) -> File | None:
        bad = repo_id.endswith("-7") and path == "config.json"
        return File(status=503) if bad else default_file(repo_id, revision, path)

    with StandIn([repository(i) for i in range(20)], files=files) as hub:
        found = status_of(crawl.run(settings(hub, tmp_path)))
    assert Counter(found.values()) == {"ok": 39, "unavailable": 1}


@pytest.mark.parametrize("kind", [503, 429, "cut", "stall"])
def test_faults_cost_retries_only(tmp_path: Path, kind: str | int) -> None:
    faults = [Fault(kind, 3, route="file", after=10, seconds=1.5)]
    with StandIn([repository(i) for i in range(30)], faults=faults) as hub:
        source = crawl.run(settings(hub, tmp_path))
        assert hub.count("file") == 60 + 3
    assert set(documents(source)["status"]) == {"ok"}


def test_a_lasting_fault_stops_resumably_and_no_file_is_fetched_twice(tmp_path: Path) -> None:
    faults = [Fault(503, 10_000, route="file", after=25)]
    with StandIn([repository(i) for i in range(40)], faults=faults) as hub:
        with pytest.raises(Interrupted, match="run the same command again"):
            crawl.run(settings(hub, tmp_path, patience=0.4))
        assert crawl.status(tmp_path)["state"].to_list() == ["whole", "partial"]
        done = {r.path for r in hub.log if r.route == "file" and r.status == 0}
        hub.faults.clear()
        hub.log.clear()
        source = crawl.run(settings(hub, tmp_path))
        assert hub.count("list") == 0
        assert hub.count("file") == 80 - 25  # given up once, and asked for again
        assert not done & set(hub.paths("file"))
    assert set(documents(source)["status"]) == {"ok"}


def test_many_files_that_fail_for_ever_are_got_over_run_by_run(tmp_path: Path) -> None:
    def files(repo_id: str, revision: str, path: str) -> File | None:
        return File(status=500) if repo_id[-2:] > "89" else default_file(repo_id, revision, path)

    with StandIn([repository(i) for i in range(85, 95)], files=files) as hub:
        runs = 0
        while runs < 9:
            runs += 1
            with contextlib.suppress(Interrupted):
                source = crawl.run(settings(hub, tmp_path, patience=0.4))
                break
    assert 1 < runs < 9
    assert Counter(status_of(source).values()) == {"ok": 10, "unavailable": 10}


@pytest.mark.parametrize("route", ["file", "list"])
def test_a_long_wait_asked_for_is_not_waited_for(tmp_path: Path, route: str) -> None:
    quota = Quota(1, 3600, "retry-after", headers=False)
    quotas = {"resolvers" if route == "file" else "api": quota}
    with (
        StandIn([repository(i) for i in range(60)], quotas=quotas) as hub,
        pytest.raises(Interrupted, match=r"asks to wait 36\d\d seconds"),
    ):
        crawl.run(settings(hub, tmp_path, patience=5.0))


def test_files_stay_within_the_quota_of_their_bucket(tmp_path: Path) -> None:
    quotas = {"resolvers": Quota(60, 1.0), "api": Quota(500, 300)}
    with StandIn([repository(i) for i in range(60)], quotas=quotas) as hub:
        crawl.run(settings(hub, tmp_path, quota_share=0.9))
        assert (hub.refused(), hub.count("file")) == (0, 120)


def test_names_are_safe_in_addresses(tmp_path: Path) -> None:
    name = 'it\'s/a "b"?#%&'
    with StandIn([one(name)]) as hub:
        source = crawl.run(settings(hub, tmp_path))
    assert set(status_of(source).values()) == {"ok"}
    assert documents(source)["repo_id"].unique().to_list() == [name]


def test_a_pruned_repository_is_listed_with_its_bound(tmp_path: Path) -> None:
    listed = [one("a/tiny", safetensors={"parameters": {"F32": 1e5}, "total": 1e5}), one("a/large")]
    listed[1]["safetensors"] = {"total": 7e9}
    with StandIn(listed) as hub:
        source = crawl.run(settings(hub, tmp_path, prune=True))
        assert hub.count("file") == 2
    (shard,) = source.shards()
    rows = {
        r["repo_id"]: r for r in source.read(shard).repositories.collect().iter_rows(named=True)
    }
    assert rows["a/tiny"]["pruned"] == "below_bound"
    assert rows["a/tiny"]["bound_flop"] == pytest.approx(6e15)
    assert rows["a/large"]["pruned"] is None


def test_delta_asks_for_what_changed_and_sweep_finds_what_went(tmp_path: Path) -> None:
    listed = [repository(i) for i in range(100)]
    start = datetime(2025, 1, 1, tzinfo=UTC)
    with StandIn(listed) as hub:
        crawl.run(settings(hub, tmp_path, boundary=start))
        asked = hub.count("list")
        hub.repositories[40] = listed[40] | {
            "id": "new/name",
            "sha": commit("x"),
            "likes": 999,
            "lastModified": "2025-01-01T05:00:00.000Z",
        }
        hub.repositories.append(
            one("new/one", _id="6" + "9" * 23, lastModified="2025-01-01T06:00:00.000Z")
        )
        hub._pages.clear()
        later = datetime(2025, 1, 2, tzinfo=UTC)
        nightly = settings(hub, tmp_path, kind="delta", boundary=later)
        before = hub.count("file")
        source = crawl.run(nightly)
        assert hub.count("list") == asked + 1
        assert hub.count("file") == before + 4
        whole = pl.concat([_counted(source, s) for s in source.shards()]).collect()
        assert whole["repo_id"].is_unique().all()
        assert whole["hub_id"].is_unique().all()
        assert whole.height == 101
        assert whole.filter(repo_id="new/name")["likes"].item() == 999
        assert listed[40]["id"] not in whole["repo_id"]
        changed = HubSource(tmp_path, source.scan, changed_only=True)
        found = changed.read(changed.shards()[0]).repositories.collect()
        assert set(found["repo_id"]) == {"new/name", "new/one"}
        del hub.repositories[50]
        hub.repositories[60] |= {"gated": "manual"}
        hub._pages.clear()
        again = crawl.run(settings(hub, tmp_path, boundary=datetime(2025, 1, 9, tzinfo=UTC)))
    found = pl.read_parquet(tmp_path / "scans" / again.scan / "changes.parquet")
    changes = {r["repo_id"]: r["change"] for r in found.iter_rows(named=True)}
    assert changes == {
        listed[40]["id"]: "renamed",
        listed[50]["id"]: "deleted",
        listed[61]["id"]: "access",
    }
    assert (tmp_path / "scans" / source.scan / "done.json").exists()  # history stays


def test_a_quiet_night_changes_nothing(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(50)]) as hub:
        before = crawl.run(settings(hub, tmp_path, boundary=datetime(2025, 1, 1, tzinfo=UTC)))
        asked = len(hub.log)
        night = {"kind": "delta", "boundary": datetime(2025, 1, 2, tzinfo=UTC)}
        after = crawl.run(settings(hub, tmp_path, **night))
        assert len(hub.log) == asked + 1
    shards = after.shards()
    assert shards[: len(before.shards())] == before.shards()  # what was read stays read
    rows = pl.concat([after.read(shard).repositories for shard in shards]).collect()
    assert rows.height == 50
    assert documents(after).height == 100


def test_nightly_without_a_scan_before_sweeps(tmp_path: Path) -> None:
    with StandIn([repository(i) for i in range(30)]) as hub:
        source = crawl.run(settings(hub, tmp_path, kind="delta"))
    assert source.scan.endswith("-sweep")


def test_other_bounds_need_other_files_but_no_other_pages(tmp_path: Path) -> None:
    listed = [repository(i) for i in range(60)]
    with StandIn(listed) as hub:
        lists = settings(hub, tmp_path, details=False, fresh_hours=12.0)
        assert documents(crawl.run(lists)).height == 0
        high = settings(hub, tmp_path, prune=True, threshold=1e24, fresh_hours=12.0)
        some = documents(crawl.run(high)).height
        assert hub.count("file") == some
        low = settings(hub, tmp_path, prune=True, threshold=1e20, fresh_hours=12.0)
        more = documents(crawl.run(low)).height
        assert 0 < some < more
        assert hub.count("file") == more
        asked = len(hub.log)
        assert documents(crawl.run(low)).height == more
        assert len(hub.log) == asked
        assert hub.count("list") == 3


def test_status_tells_what_is_whole(tmp_path: Path) -> None:
    assert crawl.status(tmp_path).height == 0
    with StandIn([repository(i) for i in range(50)]) as hub:
        source = crawl.run(settings(hub, tmp_path))
    found = crawl.status(tmp_path)
    assert found["part"].to_list() == ["pages", "files"]
    assert found["state"].to_list() == ["whole", "whole"]
    assert found["present"].to_list() == [3, 100]
    (tmp_path / "scans" / source.scan / "pages" / "000002.json.gz").unlink()
    assert crawl.status(tmp_path)["state"].to_list() == ["damaged", "whole"]

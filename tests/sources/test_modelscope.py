from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from standin.hub import StandIn

from gpai_scan import sources
from gpai_scan.errors import InvalidInput
from gpai_scan.sources import Source


def model(number: int, **changes: object) -> dict[str, Any]:
    return {
        "id": f"owner{number % 3}/model-{number}b",
        "license": "Apache License 2.0",
        "params": 7_000_000_000,
        "downloads": 1000 - number,
        "likes": 3,
        "tags": ["library:safetensors", "custom_tag:x"],
        "tasks": ["text-generation"],
        "created_at": "2025-03-01T08:00:00+08:00",
        "last_modified": 1_750_000_000,
        "gated": False,
        "private": False,
    } | changes


def scan(hub: StandIn, folder: Path, **crawl: object) -> Source:
    return sources.open_source(
        "modelscope", {"folder": folder, "endpoint": hub.url, "backoff": 0.02} | crawl
    )


def rows(source: Source) -> pl.DataFrame:
    return pl.concat([source.read(shard).repositories for shard in source.shards()]).collect()


def test_a_second_hub_needs_its_own_words_only(tmp_path: Path) -> None:
    with StandIn([model(i) for i in range(120)]) as hub:
        source = scan(hub, tmp_path)
        assert (hub.count("list"), hub.count("file")) == (3, 240)
        assert "/models/owner0/model-0b/resolve/master/README.md" in hub.paths("file")
    found = rows(source)
    assert found.height == 120
    first = found.row(0, named=True)
    assert first["repo_id"] == "owner0/model-0b"
    assert first["safetensors_total"] == 7e9
    assert first["licence"] == "apache license 2.0"
    assert (first["downloads_all_time"], first["likes"]) == (1000, 3)
    assert (first["pipeline_tag"], first["library_name"]) == ("text-generation", "safetensors")
    assert first["created_at"].isoformat() == "2025-03-01T00:00:00+00:00"
    assert first["last_modified"].year == 2025
    assert first["gated"] == "no"
    documents = pl.concat([source.read(s).documents for s in source.shards()]).collect()
    assert set(documents["status"]) == {"ok"}


def test_odd_answers_stay_alone(tmp_path: Path) -> None:
    odd = [model(1, params="many", tags=7, created_at="never"), model(2, id=None), model(3)]
    with StandIn(odd) as hub:
        source = scan(hub, tmp_path, details=False)
    assert rows(source)["repo_id"].to_list() == ["owner1/model-1b", "owner0/model-3b"]
    problems = pl.concat([source.read(s).problems for s in source.shards()]).collect()
    assert problems["detail"].to_list() == ["no id"]


def test_a_question_ends_where_the_hub_does(tmp_path: Path) -> None:
    with StandIn([model(i) for i in range(3100)]) as hub:
        found = rows(scan(hub, tmp_path, details=False))
        assert hub.count("list") == 60
    assert found.height == 3000


def test_one_owner_and_a_limit(tmp_path: Path) -> None:
    with StandIn([model(i) for i in range(30)]) as hub:
        found = rows(scan(hub, tmp_path, details=False, author="owner1", limit=4))
        assert set(found["namespace"]) == {"owner1"}
        assert found.height == 4
        with pytest.raises(InvalidInput, match="cannot be asked for"):
            scan(hub, tmp_path, pipeline_tag="x")


def test_the_token_of_another_hub_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_madeUp")
    with StandIn([model(1)]) as hub:
        scan(hub, tmp_path)
        assert not any(request.authorised for request in hub.log)

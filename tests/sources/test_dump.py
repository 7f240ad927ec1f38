from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from standin.catalogue import repository
from standin.hub import File, StandIn

from gpai_scan import sources
from gpai_scan.errors import InvalidInput
from gpai_scan.sources import Source, dump, listing

ITEMS: list[dict[str, Any]] = [repository(i) for i in range(40)]


def time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.000Z").replace(tzinfo=UTC)


def nested(**changes: list[Any]) -> pl.DataFrame:
    """A dump as hub-stats publishes it: times as times, cards as text, the rest nested."""
    plain = ("_id", "id", "author", "downloads", "downloadsAllTime", "likes", "library_name",
             "pipeline_tag", "tags", "siblings", "disabled")  # fmt: skip
    columns: dict[str, Any] = {key: [item[key] for item in ITEMS] for key in plain}
    columns |= {key: [time(item[key]) for item in ITEMS] for key in ("createdAt", "lastModified")}
    columns["cardData"] = [json.dumps(item["cardData"]) for item in ITEMS]
    columns["config"] = [item["config"] for item in ITEMS]
    columns["baseModels"] = [item["baseModels"] for item in ITEMS]
    columns["safetensors"] = [
        {"parameters": {"BF16": s["total"], "F32": None}, "total": s["total"]} if s else None
        for s in (item.get("safetensors") for item in ITEMS)
    ]
    return pl.DataFrame(columns | changes)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with every nested value as JSON text, as other dumps have it."""
    texts = {
        name: [json.dumps(v) if v is not None else None for v in frame[name].to_list()]
        for name in ("config", "baseModels", "siblings")
    }
    return frame.with_columns(pl.Series(name, values) for name, values in texts.items())


def rows(source: Source) -> pl.DataFrame:
    return pl.concat([source.read(s).repositories for s in source.shards()]).collect()


@pytest.mark.parametrize("form", [lambda f: f, as_text], ids=["nested", "text"])
def test_a_dump_says_what_the_list_says(tmp_path: Path, form: Any) -> None:  # noqa: ANN401
    form(nested()).write_parquet(tmp_path / "models.parquet")
    source = sources.open_source(str(tmp_path / "models.parquet"))
    found = rows(source)
    page = json.dumps(ITEMS).encode()
    listed = listing.of_page(page, hub=source.name, listing_file="models.parquet").repositories
    absent = ["revision", "gated", "private", "card_data", "config", "reason"]
    assert found.drop(absent).equals(listed.drop(absent))
    assert found["reason"].null_count() == found.height
    assert found["licence"].to_list() == ["apache-2.0"] * 40
    assert found["gated"].null_count() == found["revision"].null_count() == 40
    assert source.name == "dump:models.parquet"
    assert source.read(source.shards()[0]).documents.collect().height == 0


def test_every_row_once_and_in_one_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "SHARD", 7)
    names = [item["id"] for item in ITEMS]
    names[30] = names[3]
    nested(id=names).write_parquet(tmp_path / "m.parquet", row_group_size=10)
    source = sources.open_source(str(tmp_path / "m.parquet"))
    assert len(source.shards()) == 6
    assert rows(source)["repo_id"].to_list() == names[:30] + names[31:]
    problems = pl.concat([source.read(s).problems for s in source.shards()]).collect()
    assert problems["detail"].to_list() == ["row 30"]


def test_broken_values_stay_alone(tmp_path: Path) -> None:
    cards = [json.dumps(item["cardData"]) for item in ITEMS]
    cards[5], cards[6] = "{not json", ""
    nested(cardData=cards).write_parquet(tmp_path / "m.parquet")
    source = sources.open_source(str(tmp_path / "m.parquet"))
    found = rows(source)
    assert found.height == 40
    assert found.filter(repo_id=ITEMS[5]["id"])["reason"].to_list() == ["bad cardData"]
    assert found.filter(repo_id=ITEMS[6]["id"])["reason"].to_list() == [None]
    assert found["reason"].null_count() == 39
    assert source.read(source.shards()[0]).problems.collect().height == 0


def test_fingerprint_follows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "m.parquet"
    nested().write_parquet(file)
    before = sources.open_source(str(file)).shards()
    assert sources.open_source(str(file)).shards() == before
    nested(likes=[7] * 40).write_parquet(file)
    assert sources.open_source(str(file)).shards() != before


def test_what_is_no_dump_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no file"):
        sources.open_source(str(tmp_path / "none.parquet")).shards()
    (tmp_path / "text.parquet").write_text("text")
    with pytest.raises(InvalidInput, match="is not a Parquet file"):
        sources.open_source(str(tmp_path / "text.parquet")).shards()
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(InvalidInput, match="no column 'id'"):
        sources.open_source(str(tmp_path / "other.parquet")).shards()
    with pytest.raises(InvalidInput, match="no address of a dump"):
        sources.open_source("hf://models/x")


def test_a_remote_dump_is_downloaded_once(tmp_path: Path) -> None:
    nested().write_parquet(tmp_path / "made.parquet")
    content = (tmp_path / "made.parquet").read_bytes()
    address = "hf://datasets/someone/hub-stats/models.parquet"

    def files(repo_id: str, revision: str, path: str) -> File | None:
        known = (repo_id, path) == ("someone/hub-stats", "models.parquet")
        return File(content) if known else None

    with StandIn([], files=files) as hub:
        asked = {"folder": tmp_path / "crawl", "endpoint": hub.url}
        source = sources.open_source(address, asked)
        assert rows(source).height == 40
        assert source.name == "dump:datasets/someone/hub-stats/models.parquet"
        before = len(hub.log)
        assert rows(sources.open_source(address, asked)).height == 40
        assert len(hub.log) - before == 1  # the tag, to see that nothing has changed
        with pytest.raises(InvalidInput, match="cannot be had"):
            sources.open_source("hf://datasets/someone/hub-stats/other.parquet", asked)

from __future__ import annotations

import json
import os
import pickle
import time
from pathlib import Path

import polars as pl
import pytest

from gpai_scan import schema
from gpai_scan.errors import InvalidInput
from gpai_scan.sources import Raw, documents, open_source
from gpai_scan.sources.folder import FolderSource

EVAL = Path(__file__).parents[2].parent / "shared/eval/repos"


def put(root: Path, path: str, content: str | bytes) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def only(root: Path) -> Raw:
    source = FolderSource(root)
    (shard,) = source.shards()
    return source.read(shard)


def documents_of(raw: Raw) -> dict[tuple[str, str], dict[str, object]]:
    return {(d["repo_id"], d["path"]): d for d in raw.documents.collect().iter_rows(named=True)}


def test_mirror_reads_any_subset(tmp_path: Path) -> None:
    put(tmp_path, "a/card/README.md", "# Card")
    put(tmp_path, "a/config/config.json", "{}")
    put(tmp_path, "a/info/model_info.json", json.dumps({"id": "a/info", "sha": "f" * 40}))
    put(tmp_path, "a/parts/unet/config.json", "{}")
    put(tmp_path, "a/parts/unet/w.safetensors.index.json", "{}")
    put(tmp_path, "a/parts/unet/deeper/config.json", "{}")
    put(tmp_path, "a/index/model.safetensors.index.json", "{}")
    (tmp_path / "a/nothing").mkdir()
    raw = only(tmp_path)
    repositories = raw.repositories.collect()
    names = ["a/card", "a/config", "a/index", "a/info", "a/nothing", "a/parts"]
    assert repositories["repo_id"].to_list() == names
    assert repositories.schema == schema.REPOSITORIES.schema
    assert repositories.filter(repo_id="a/info")["revision"].item() == "f" * 40
    assert repositories.filter(repo_id="a/nothing")["reason"].item() == "no files"
    assert repositories.filter(repo_id="a/card")["downloads_30d"].item() is None
    found = documents_of(raw)
    assert found["a/card", "README.md"]["text"] == "# Card"
    assert found["a/config", "README.md"]["status"] == "missing"
    assert ("a/parts", "unet/config.json") in found
    assert ("a/parts", "unet/w.safetensors.index.json") in found
    assert ("a/parts", "unet/deeper/config.json") not in found
    assert raw.documents.collect_schema() == schema.DOCUMENTS.schema


def test_cache_layout_takes_the_commit_main_names(tmp_path: Path) -> None:
    put(tmp_path, "models--org--my--model/refs/main", "bbb")
    put(tmp_path, "models--org--my--model/snapshots/aaa/README.md", "old")
    put(tmp_path, "models--org--my--model/snapshots/bbb/README.md", "new")
    put(tmp_path, "models--gpt2/snapshots/ccc/config.json", "{}")
    raw = only(tmp_path)
    revisions = dict(raw.repositories.select("repo_id", "revision").collect().iter_rows())
    assert revisions == {"org/my--model": "bbb", "gpt2": "ccc"}
    card = documents_of(raw)["org/my--model", "README.md"]
    assert (card["text"], card["revision"]) == ("new", "bbb")


@pytest.mark.parametrize(
    ("content", "status", "text"),
    [
        (b"", "empty", None),
        (b" \n", "empty", None),
        (b"\x00\x01\x02", "binary", None),
        (b"caf\xe9", "not_utf8", "caf\ufffd"),
        ("caf\u00e9".encode("utf-16"), "not_utf8", "caf\u00e9"),
        (b"\xef\xbb\xbfmark", "ok", "mark"),
        (b"\xff\xfe\x00", "not_utf8", "\ufffd"),
    ],
)
def test_bytes_become_text_or_a_status(
    tmp_path: Path, content: bytes, status: str, text: str | None
) -> None:
    put(tmp_path, "a/b/README.md", content)
    card = documents_of(only(tmp_path))["a/b", "README.md"]
    assert (card["status"], card["text"], card["size"]) == (status, text, len(content))


def test_a_card_of_50_mb_takes_bounded_time_and_keeps_its_start(tmp_path: Path) -> None:
    put(tmp_path, "a/b/README.md", b"# Start\n" + b"x" * 99 + b"\n" * 50_000_000)
    put(tmp_path, "a/b/config.json", b"[" * (documents.JSON_LIMIT + 1))
    started = time.monotonic()
    found = documents_of(only(tmp_path))
    assert time.monotonic() - started < 2
    card = found["a/b", "README.md"]
    assert card["status"] == "too_large"
    assert card["size"] == 50_000_107
    assert str(card["text"]).startswith("# Start\n")
    assert len(str(card["text"])) <= documents.CARD_KEPT
    assert found["a/b", "config.json"]["status"] == "too_large"
    assert found["a/b", "config.json"]["text"] is None


def test_what_is_no_file_is_unavailable(tmp_path: Path) -> None:
    put(tmp_path, "a/b/config.json", "{}")
    os.mkfifo(tmp_path / "a/b/README.md")
    (tmp_path / "a/b/model_index.json").symlink_to("model_index.json")
    found = documents_of(only(tmp_path))
    assert found["a/b", "README.md"]["status"] == "unavailable"
    assert found["a/b", "model_index.json"]["status"] == "unavailable"


def test_odd_places_do_not_stop_the_rest(tmp_path: Path) -> None:
    put(tmp_path, 'a/it\'s "b"/README.md', "odd")
    put(tmp_path, "a/line\nbreak/README.md", "odd")
    (tmp_path / "a/loop").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to("self")
    put(tmp_path, "plain.txt", "x")
    with (tmp_path / "a").joinpath("x").open("wb"):
        pass
    (tmp_path / "a" / os.fsdecode(b"\xff\xfe")).mkdir()
    raw = only(tmp_path)
    assert 'a/it\'s "b"' in raw.repositories.collect()["repo_id"].to_list()
    assert sorted(raw.problems.collect()["reason"].to_list()) == ["bad_name", "bad_name"]


def test_a_broken_listing_is_a_row_with_a_reason(tmp_path: Path) -> None:
    put(tmp_path, "a/b/model_info.json", '{"id": "a/b", ')
    put(tmp_path, "a/c/model_info.json", '{"id": "other/name", "likes": 3}')
    raw = only(tmp_path)
    first, second = raw.repositories.collect().iter_rows(named=True)
    assert (first["repo_id"], first["reason"]) == ("a/b", "bad listing")
    assert (second["repo_id"], second["likes"]) == ("a/c", 3)
    assert sorted(raw.problems.collect()["reason"].to_list()) == ["bad_listing", "other_id"]


def test_fingerprint_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "a/b/README.md", "one")
    source = FolderSource(tmp_path)
    (before,) = source.shards()
    os.utime(tmp_path / "a/b/README.md", (1, 1))
    put(tmp_path, "a/b/weights.bin", "ignored")
    assert source.shards() == [before]
    put(tmp_path, "a/b/README.md", "two")
    assert source.shards() != [before]


def test_shards_cover_every_repository_once(tmp_path: Path) -> None:
    for i in range(450):
        put(tmp_path, f"n{i % 7}/r{i}/README.md", str(i))
    source = pickle.loads(pickle.dumps(FolderSource(tmp_path)))
    shards = source.shards()
    assert len(shards) == 3
    found = pl.concat([source.read(s).repositories for s in shards]).collect()
    assert found.height == found["repo_id"].n_unique() == 450


def test_unusable_folders_say_what_to_give_instead(tmp_path: Path) -> None:
    put(tmp_path, "deep/a/b/README.md", "x")
    with pytest.raises(InvalidInput, match="there is no folder"):
        FolderSource(tmp_path / "none").shards()
    with pytest.raises(InvalidInput, match="is a file"):
        FolderSource(tmp_path / "deep/a/b/README.md").shards()
    with pytest.raises(InvalidInput, match="one folder deeper"):
        FolderSource(tmp_path).shards()
    with pytest.raises(InvalidInput, match="looks like one namespace"):
        FolderSource(tmp_path / "deep/a").shards()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="no repositories"):
        FolderSource(tmp_path / "empty").shards()


@pytest.mark.skipif(not EVAL.is_dir(), reason="evaluation data are not here")
def test_real_repositories_are_all_read() -> None:
    raw = only(EVAL)
    repositories = raw.repositories.collect()
    on_disk = {f"{p.parent.name}/{p.name}" for p in EVAL.glob("*/*") if p.is_dir()}
    assert set(repositories["repo_id"]) == on_disk
    read = raw.documents.filter(pl.col("status") == "ok").collect()
    assert read.filter(path="README.md").height == len(list(EVAL.glob("*/*/README.md")))
    assert raw.problems.collect().height == 0


def test_a_path_is_a_folder_source(tmp_path: Path) -> None:
    assert open_source(str(tmp_path)).name == f"folder:{tmp_path.name}"
    assert open_source("sample").name == "sample"

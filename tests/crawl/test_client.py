from __future__ import annotations

from pathlib import Path

import pytest
from standin.hub import File, StandIn

from gpai_scan.crawl import CrawlSettings
from gpai_scan.crawl.client import Client, same_place
from gpai_scan.crawl.governor import Governor

HOME = "https://hub.example"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://hub.example/api/models?cursor=a%3D", "/api/models?cursor=a%3D"),
        ("/api/models?cursor=b", "/api/models?cursor=b"),
        ("http://hub.example/api/models?cursor=a", None),
        ("https://hub.example:8443/api/models?cursor=a", None),
        ("https://hub.example@evil.example/api/models?cursor=a", None),
        ("https://evil.example/api/models?cursor=a", None),
        ("//evil.example/api/models", None),
        ("https://hub.example/api/models/../datasets?cursor=a", None),
        ("https://hub.example/api/datasets?cursor=a", None),
        ("file:///etc/passwd", None),
    ],
)
def test_next_page_is_taken_from_the_same_place_only(url: str, place: str | None) -> None:
    assert same_place(url, HOME, "/api/models") == place


def test_a_hub_may_stand_below_a_path() -> None:
    home = "https://mirror.example/hub"
    assert same_place(f"{home}/api/models?a=b", home, "/api/models") == "/api/models?a=b"
    assert same_place("https://mirror.example/api/models?a=b", home, "/api/models") is None


@pytest.mark.parametrize("compress", [True, False])
def test_no_more_is_kept_than_asked_for(tmp_path: Path, compress: bool) -> None:
    with StandIn([], files=lambda *_: File(b"a" * 30_000_000), compress=compress) as hub:
        client = Client(CrawlSettings(folder=tmp_path, endpoint=hub.url), Governor())
        url = f"{hub.url}/api/resolve-cache/models/a/b/c/README.md"
        reply = client.get(url, "resolvers", limit=1_000_000)
    assert not reply.whole
    assert len(reply.body) == 1_000_000
    assert reply.size == (None if compress else 30_000_000)


def test_bodies_come_unpacked_and_as_received(tmp_path: Path) -> None:
    with StandIn([], files=lambda *_: File(b"text" * 1000)) as hub:
        client = Client(CrawlSettings(folder=tmp_path, endpoint=hub.url), Governor())
        url = f"{hub.url}/api/resolve-cache/models/a/b/c/README.md"
        reply = client.get(url, "resolvers", limit=1_000_000)
    assert reply.body == b"text" * 1000
    assert reply.packed is not None
    assert len(reply.packed) < 100
    assert reply.size == 4000

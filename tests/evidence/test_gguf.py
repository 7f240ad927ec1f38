"""The header of a GGUF file as the hub lists it."""

from __future__ import annotations

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence import gguf
from gpai_scan.sources import Raw


def claims(**listing: object) -> pl.DataFrame:
    rows = pl.LazyFrame([{"repo_id": "a/b", "listing_file": "page.json", **listing}])
    raw = Raw(
        schema.REPOSITORIES.conform(rows),
        schema.DOCUMENTS.empty().lazy(),
        schema.PROBLEMS.empty().lazy(),
    )
    return gguf.evidence(raw).collect()


def test_the_total_is_a_count_and_no_byte_size() -> None:
    found = claims(
        gguf_total=999_885_952.0,
        gguf_bytes=2_006_573_568.0,
        gguf_architecture="gemma3",
        gguf_context_length=32_768.0,
    )
    values = dict(found.select(pl.col("quantity").cast(pl.String), "value").iter_rows())
    assert values["parameters_total"] == 999_885_952
    assert values["context_length"] == 32_768
    assert found.filter(pl.col("text") == "gemma3").height == 1
    assert found["rejected"].null_count() == found.height


def test_fewer_bits_than_parameters_cannot_be() -> None:
    found = claims(gguf_total=2_006_573_568_000.0, gguf_bytes=2_006_573_568.0)
    assert found["rejected"].to_list() == ["implausible"]


def test_nothing_listed_claims_nothing() -> None:
    assert claims(gguf_total=None, gguf_architecture="").is_empty()
    assert claims(gguf_total=0.0, gguf_context_length=-1.0).is_empty()
    assert claims(gguf_total=float("nan")).is_empty()

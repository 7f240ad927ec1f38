"""The declared columns hold together and reach every place that uses them."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from gpai_scan import parquet, schema


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_a_table_is_well_formed(table: schema.Table) -> None:
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    assert all(column.about.endswith(".") for column in table.columns)
    assert table.about.endswith(".")


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_unit_and_meaning_survive_in_parquet(table: schema.Table, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    parquet.write(table, table.empty().lazy(), path)
    fields = pq.read_schema(path)
    for column in table.columns:
        metadata = fields.field(column.name).metadata
        assert metadata[b"unit"].decode() == column.unit
        assert metadata[b"description"].decode() == column.about


def test_every_count_is_a_float() -> None:
    for table in schema.TABLES:
        for column in table.columns:
            if column.unit in {"parameters", "tokens", "FLOP"}:
                assert column.dtype == pl.Float64, f"{table.name}.{column.name}"


def test_conform_fills_absent_columns_with_null_and_drops_unknown_ones() -> None:
    frame = pl.LazyFrame({"repo_id": ["a/b"], "other": [1]})
    out = schema.DOCUMENTS.conform(frame).collect()
    assert out.schema == schema.DOCUMENTS.schema
    assert out.row(0) == ("a/b", None, None, None, None, None, None)


def test_the_figures_written_twice_are_the_same_bytes(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"repo_id": ["a/b", "a/c"], "parameters_total": [7e9, None]})
    for name in ("one", "two"):
        parquet.write(schema.ESTIMATES, frame, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()

"""The report folder: whole, described, readable by others, the same bytes every time."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
import synthetic
import yaml

from gpai_scan import assets, dictionary, report, schema
from gpai_scan.report import metadata, text
from gpai_scan.report.causes import Snapshot
from gpai_scan.report.content import content, positions
from gpai_scan.report.curves import curves

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "evil/<script>alert(1)</script>",
    "=cmd|' /C calc'!A0/+model",
    "right/\u202eelpmaxe\u0645",
    "long/" + "x" * 10_000,
    "pipe/a|b`c`[d](e)",
)


def write(folder: Path, frames: synthetic.Frames | None = None, **options: Any) -> report.Report:  # noqa: ANN401
    frames = frames or synthetic.scan()
    row = frames["scans"].collect().row(0, named=True)
    return report.write(frames, row, folder, **({"page": False} | options))


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_the_same_scan_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    write(tmp_path / "one", page=True)
    write(tmp_path / "two", page=True)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert "index.html" in files(tmp_path / "one")


def test_checksums_name_every_file(tmp_path: Path) -> None:
    write(tmp_path / "r")
    found = files(tmp_path / "r")
    sums = dict(
        reversed(line.split("  ")) for line in found.pop("SHA256SUMS").decode().splitlines()
    )
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}


def test_a_report_replaces_the_one_before_and_leaves_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "r")
    (tmp_path / "r" / "stale.txt").write_text("old")
    write(tmp_path / "r")
    assert not (tmp_path / "r" / "stale.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_a_failure_leaves_the_report_before(tmp_path: Path) -> None:
    write(tmp_path / "r")
    before = files(tmp_path / "r")
    broken = synthetic.scan()
    broken["estimates"] = broken["estimates"].with_columns(
        pl.lit("not a number").str.to_integer().alias("compute_flop")
    )
    with pytest.raises(pl.exceptions.PolarsError):
        write(tmp_path / "r", broken)
    assert files(tmp_path / "r") == before
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_tables_carry_units_and_open_in_duckdb(tmp_path: Path) -> None:
    made = write(tmp_path / "r")
    assert {file.table.name for file in made.tables} == {t.name for t in dictionary.TABLES}
    field = pq.read_schema(tmp_path / "r/tables/estimates.parquet").field("compute_flop")
    assert field.metadata[b"unit"] == b"FLOP"
    rows = duckdb.sql(
        f"select count(*), count(compute_flop) from '{tmp_path}/r/tables/estimates.parquet'"
    ).fetchall()
    assert rows == [(40, 32)]
    days = duckdb.sql(
        "select distinct scan_date::varchar, scan_id "
        f"from '{tmp_path}/r/tables/answers/*/*.parquet'"
    ).fetchall()
    assert days == [("2026-11-20", "nightly-2026-11-20-0000")]


def test_descriptions_name_the_files_that_are_there(tmp_path: Path) -> None:
    made = write(tmp_path / "r")
    package = json.loads((tmp_path / "r/datapackage.json").read_text())
    by_path = {resource["path"]: resource for resource in package["resources"]}
    assert set(by_path) == {file.path for file in made.tables}
    for path, resource in by_path.items():
        data = (tmp_path / "r" / path).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        assert [f["name"] for f in resource["schema"]["fields"]] == pq.read_schema(
            tmp_path / "r" / path
        ).names
    citation = yaml.safe_load((tmp_path / "r/CITATION.cff").read_text())
    assert citation["version"] == "0.1.0+nightly-2026-11-20-0000"
    assert any("Epoch" in work["title"] for work in citation["references"])
    assert json.loads((tmp_path / "r/versions.json").read_text())["files"] is None
    assert package["created"] == "2026-11-20T03:00:00Z"


def test_checksums_of_reference_data_only_where_it_is_that_of_the_scan() -> None:
    made_with = {
        "data_version": assets.digest("data", "*.csv"),
        "rules_version": assets.digest("data/regimes"),
    }
    sums = metadata.versions(synthetic.scan_row(**made_with))["files"]
    table = (assets.folder("data") / "accelerators.csv").read_bytes()
    assert sums["data/accelerators.csv"] == hashlib.sha256(table).hexdigest()
    assert "data/regimes/eu-guidelines-final.toml" in sums


def test_frictionless_accepts_the_data_package(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    write(tmp_path / "r")
    package = json.loads((tmp_path / "r/datapackage.json").read_text())
    assert list(frictionless.Package.metadata_validate(package)) == []
    assert len(frictionless.Package(package, basepath=str(tmp_path / "r")).resources) == 12


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_croissant_accepts_its_description_and_reads_through_it(tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    write(tmp_path / "r")
    data = mlcroissant.Dataset(tmp_path / "r/croissant.json")
    assert list(data.metadata.ctx.issues.errors) == []
    rows = list(data.records("estimates"))
    assert len(rows) == 40
    assert rows[0]["estimates/repo_id"] == b"lab0/model-00000"


def test_the_summary_says_counts_with_interval_unknown_and_state(tmp_path: Path) -> None:
    write(tmp_path / "r")
    said = (tmp_path / "r/summary.md").read_text()
    above = sum((synthetic.compute(i) or 0) > 1e23 for i in range(40))
    assert f"**{above} models of 7 entities** are above 1e23 FLOP; expected {above + 0.5}" in said
    assert f"({above - 1} to {above + 2}), 8 unknown." in said
    assert "4 of 4 shards" in said
    assert "no_tokens | 8 |" in said
    write(tmp_path / "r", synthetic.scan(complete=False, shards_present=3))
    assert "**partial: not a whole scan**" in (tmp_path / "r/summary.md").read_text()


def test_hostile_names_stay_text_in_markdown(tmp_path: Path) -> None:
    before = synthetic.scan(40)
    row = before["scans"].collect().row(0, named=True)
    earlier = Snapshot(row, before["estimates"], before["evidence"], before["verdicts"])
    after = synthetic.scan(40, names=HOSTILE)
    for name in HOSTILE:
        after["verdicts"] = after["verdicts"].with_columns(regime=pl.lit(name))
    write(tmp_path / "r", after, previous=earlier)
    said = (tmp_path / "r/summary.md").read_text()
    assert "<script" not in said
    assert "\u202e" not in said


def test_cells_of_markdown_tables_cannot_break_out() -> None:
    frame = pl.DataFrame({"a": ["x|y", "<b>", "`c`", "[l](u)", "\u202e", "\n| z |"]})
    lines = text.table(frame).splitlines()
    assert len(lines) == 8
    assert all(line.count("|") - line.count("\\|") == 2 for line in lines)
    assert "<b>" not in "\n".join(lines)


def test_sources_are_attributed_as_a_table(tmp_path: Path) -> None:
    write(tmp_path / "r")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r/sources.csv").read_text())))
    assert any(row["key"] == "EPOCH-CSV" and row["licence"] == "CC BY 4.0" for row in rows)


def test_what_changed_is_a_table_of_the_report(tmp_path: Path) -> None:
    frames = synthetic.scan()
    row = frames["scans"].collect().row(0, named=True)
    before = Snapshot(row, frames["estimates"], frames["evidence"], frames["verdicts"])
    made = write(tmp_path / "r", synthetic.scan(41, day=1), previous=before)
    table = next(file for file in made.tables if file.table.name == "changes")
    changed = pl.read_parquet(tmp_path / "r" / table.path)
    assert changed.select("repo_id", pl.col("cause").cast(pl.String)).rows() == [
        ("lab5/model-00040", "upstream")
    ]
    assert changed["scan_id"][0] == "nightly-2026-11-21-0001"


def test_breakdowns_agree_with_counting_one_by_one() -> None:
    frames = synthetic.scan(300)
    row = frames["scans"].collect().row(0, named=True)
    found = content(frames, row).breakdown.filter(pl.col("models") > 0)
    owners = frames["entities"].select("entity_id", "country")
    models = frames["estimates"].join(owners, on="entity_id", how="left").collect()
    for threshold in (1e22, 1e23, 1e25):
        above = models.filter(pl.col("compute_flop") > threshold)
        country = above.group_by(pl.col("country").fill_null("unknown").alias("group")).len()
        modality = above.explode("outputs", empty_as_null=True, keep_nulls=True).group_by(
            pl.col("outputs").fill_null("unknown").alias("group")
        )
        for dimension, expected in (("country", country), ("modality", modality.len())):
            mine = found.filter(
                pl.col("dimension") == dimension, pl.col("threshold") == threshold
            ).select("group", "models")
            assert sorted(mine.rows()) == sorted(expected.rows())


def test_the_threshold_itself_is_not_above() -> None:
    frames = synthetic.scan(5)
    frames["estimates"] = frames["estimates"].with_columns(compute_flop=pl.lit(1e23))
    row = frames["scans"].collect().row(0, named=True)
    found = content(frames, row).breakdown
    at = found.filter(pl.col("dimension") == "licence").group_by("threshold").agg(pl.sum("models"))
    assert dict(at.rows()) == {1e22: 5, 1e23: 0, 1e24: 0, 1e25: 0}


def test_a_scan_of_nothing_has_a_report(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    frames = {table.name: table.empty().lazy() for table in schema.TABLES}
    row = synthetic.scan_row(repositories=0, as_of=None)
    made = report.write(frames, row, tmp_path / "r", sweep=curves(frames, [], positions()))
    assert made.content.models_total == 0
    assert "of a source without dates" in (tmp_path / "r/summary.md").read_text()
    assert (tmp_path / "r/index.html").stat().st_size > 500_000


def test_positions_hold_the_lines_of_the_law_and_can_be_typed() -> None:
    found = positions([1e23, 1e24 / 3])
    assert {1e22, 1e23, 1e25, 1e24 / 3} <= set(found)
    assert found == sorted(found)
    assert all(float(f"{t:.3g}") == t for t in found if t != 1e24 / 3)


def test_the_documented_data_dictionary_is_that_of_the_code() -> None:
    documented = (ROOT / "docs/data-dictionary.md").read_text(encoding="utf-8")
    assert documented == dictionary.markdown(), "run `make docs`"
    for table in (*schema.TABLES, schema.CHANGES):
        assert f"## {table.name}\n" in documented

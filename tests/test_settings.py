"""Pipelines are settings, checked one by one."""

from pathlib import Path

import pytest

from gpai_scan import assets, settings
from gpai_scan.errors import InvalidInput, UnknownName


@pytest.mark.parametrize("name", assets.names("pipelines", ".toml"))
def test_every_shipped_pipeline_loads(name: str) -> None:
    assert settings.load(name).pipeline == name


def test_options_change_a_pipeline_and_none_does_not() -> None:
    changed = settings.load("sample", db=Path("x.duckdb"), source=None, thresholds=[1e20])
    assert changed.db == Path("x.duckdb")
    assert changed.source == "sample"
    assert changed.thresholds == (1e20,)
    assert changed.shards == Path("x.shards")


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('sorce = "sample"\n')
    with pytest.raises(UnknownName, match="did you mean 'source'"):
        settings.load(str(path))


def test_an_unknown_pipeline_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="sample"):
        settings.load("nope")


@pytest.mark.parametrize(
    "line", ['limit = "many"', "thresholds = ['high']", "reference = 3", "limit = true"]
)
def test_a_value_of_the_wrong_kind_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(line + "\n")
    with pytest.raises(InvalidInput, match=line.split()[0]):
        settings.load(str(path))


def test_a_file_that_is_not_toml_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xff\xfe = [")
    with pytest.raises(InvalidInput, match="not a TOML file"):
        settings.load(str(path))


def test_the_record_of_a_run_holds_no_path() -> None:
    assert "/" not in settings.load("sample", db=Path("/some/where.duckdb")).as_json()

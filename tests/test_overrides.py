"""The user's own figures go before what was read, and each needs a source."""

from pathlib import Path

import polars as pl
import pytest

from gpai_scan import overrides, schema
from gpai_scan.errors import InvalidInput, UnknownName


def table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "own.csv"
    path.write_text("\n".join(["repo_id,quantity,value,stage,source", *lines]) + "\n")
    return path


def test_an_own_figure_replaces_what_was_read(tmp_path: Path) -> None:
    own = overrides.facts(table(tmp_path, "a/b,tokens,3e12,pretraining,letter of 1 May"))
    read = schema.FACTS.conform(
        pl.LazyFrame(
            {
                "repo_id": ["a/b", "a/b"],
                "quantity": ["tokens", "tokens"],
                "stage": ["pretraining", None],
                "value": [1e12, 2e12],
            }
        )
    )
    values = overrides.applied(read, own).sort("value").collect()
    assert values["value"].to_list() == [2e12, 3e12]
    assert values["method"].to_list() == [None, "override"]
    assert values["quote"].to_list() == [None, "letter of 1 May"]


@pytest.mark.parametrize("line", ["a/b,tokens,3e12,,", "a/b,tokens,many,,letter"])
def test_a_row_without_source_or_number_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(InvalidInput, match="line 2"):
        overrides.facts(table(tmp_path, line))


def test_an_unknown_quantity_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'tokens'"):
        overrides.facts(table(tmp_path, "a/b,token,3e12,,letter"))


def test_a_missing_file_or_column_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        overrides.facts(tmp_path / "none.csv")
    path = tmp_path / "own.csv"
    path.write_text("repo_id,value\na/b,1\n")
    with pytest.raises(InvalidInput, match="lacks the column quantity"):
        overrides.facts(path)

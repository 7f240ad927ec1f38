"""Namespaces to entities: the public table, the user's own, and what is not known."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from gpai_scan import entities, schema
from gpai_scan.errors import InvalidInput, UnknownName


def repositories(*repo_ids: str) -> pl.LazyFrame:
    rows = [{"repo_id": r, "namespace": r.split("/")[0] if "/" in r else None} for r in repo_ids]
    known = {"repo_id": pl.String, "namespace": pl.String}
    return schema.REPOSITORIES.conform(pl.LazyFrame(rows, schema=known))


def who(*repo_ids: str, extra: Path | None = None) -> dict[str, dict[str, str | None]]:
    found = entities.entities(repositories(*repo_ids), extra).collect()
    return {row["namespace"]: row for row in found.iter_rows(named=True)}


def test_every_namespace_of_the_scan_and_of_the_table_has_one_row() -> None:
    found = who("NewLab/model", "newlab/other", "google/gemma", "gpt2")
    assert found["newlab"]["entity_id"] == "hub:newlab"
    assert found["newlab"]["entity_type"] == "unknown"
    assert found["newlab"]["source"] == "namespace"
    assert found["google"]["source"] != "namespace"
    assert len(found) == entities.table().collect().height + 1


def test_namespaces_of_one_entity_are_merged_and_renames_followed() -> None:
    found = who()
    assert found["cohereforai"]["entity_id"] == found["coherelabs"]["entity_id"]
    assert found["google-bert"]["entity_id"] == found["google"]["entity_id"]


def test_names_are_matched_whatever_their_case() -> None:
    assert who("EleutherAI/pythia")["eleutherai"]["source"] != "namespace"


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_user_s_rows_replace_those_of_the_public_table(tmp_path: Path) -> None:
    own = table(tmp_path, "namespace,entity_id,country\nGoogle,alphabet,us\nnewlab,lab,FR\n")
    found = who("NewLab/model", extra=own)
    assert found["google"]["entity_id"] == "alphabet"
    assert (found["newlab"]["eu_status"], found["newlab"]["source"]) == ("EU", "file:own.csv")
    assert found["newlab"]["status"] == "unverified"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("namespace,entity\na,b\n", InvalidInput, "missing: entity_id"),
        ("namespace,entity_id,contry\na,b,FR\n", UnknownName, "did you mean 'country'"),
        ("namespace,entity_id\na,b\nA,c\n", InvalidInput, "'a' stands more than once (lines 2, 3)"),
        ("namespace,entity_id\na,\n", InvalidInput, "line 2"),
        ("namespace,entity_id,role\na,b,developr\n", UnknownName, "did you mean 'developer'"),
        ("", InvalidInput, "needs the columns"),
    ],
)
def test_a_wrong_table_is_one_clear_error(
    tmp_path: Path, text: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as found:
        who(extra=table(tmp_path, text))
    assert words in str(found.value)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        who(extra=tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("country", "status"),
    [("DE", "EU"), ("NO", "EEA"), ("GB", "UK"), ("CH", "CH"), ("US", "non-EU"), (None, "unknown")],
)
def test_eu_status_follows_from_the_country(country: str | None, status: str) -> None:
    one = pl.DataFrame({"country": [country]}, schema={"country": pl.String})
    assert one.select(entities.eu_status(pl.col("country"))).item() == status


def test_the_public_table_agrees_with_itself() -> None:
    public = entities.table().collect()
    wrong = public.filter(pl.col("eu_status") != entities.eu_status(pl.col("country"))).filter(
        pl.col("country").is_not_null()
    )
    assert wrong.is_empty()
    assert public["source"].null_count() == 0
    assert set(public["entity_type"]) <= set(entities.ENTITY_TYPES)
    assert set(public["role"].drop_nulls()) <= set(entities.ROLES)


def test_second_establishments_are_kept_for_those_who_count_by_them() -> None:
    found = entities.second_establishment().collect()
    assert "huggingface" in found["entity_id"].to_list()
    assert set(found["country"]) <= set(entities.EU)


def test_namespaces_full_of_copies_are_marked_where_nobody_knows_them() -> None:
    ids = [f"copier/m{n}-GGUF" for n in range(6)] + ["lab/base", "lab/tuned"]
    links = pl.LazyFrame(
        {
            "repo_id": [*ids[:6], "lab/tuned"],
            "base_repo_id": ["lab/base"] * 7,
            "relation": ["quantized"] * 6 + ["finetune"],
        }
    )
    known = entities.entities(repositories(*ids))
    found = entities.with_inferred_roles(known, links).collect()
    roles = dict(found.select("namespace", "role").iter_rows())
    assert roles["copier"] == "re-uploader"
    assert roles["lab"] is None

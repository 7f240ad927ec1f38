"""Later stages of one model are not pre-training runs of their own."""

from typing import Any

import polars as pl

from gpai_scan import lineage, schema


def parents(
    names: list[str], *claims: dict[str, Any], sizes: list[float | None] | None = None
) -> dict[str, str]:
    repositories = schema.REPOSITORIES.conform(
        pl.LazyFrame(
            {
                "repo_id": names,
                "namespace": [name.split("/")[0] for name in names],
                "safetensors_total": sizes or [None] * len(names),
            },
            schema_overrides={"safetensors_total": pl.Float64},
        )
    )
    facts = schema.FACTS.conform(pl.LazyFrame(list(claims) or {"repo_id": []}))
    links = lineage.lineage(repositories, facts).collect()
    return {
        row["repo_id"]: row["base_repo_id"]
        for row in links.iter_rows(named=True)
        if row["inferred"]
    }


def test_a_chat_version_is_a_later_stage_of_its_base() -> None:
    assert parents(["lab/Tree-7B", "lab/Tree-7B-Instruct", "lab/Tree-13B-Instruct"]) == {
        "lab/Tree-7B-Instruct": "lab/Tree-7B"
    }


def test_a_dated_version_goes_back_to_the_plain_name() -> None:
    assert parents(["lab/Tree-V3", "lab/Tree-V3-0324", "lab/Tree-V3-Base"]) == {
        "lab/Tree-V3": "lab/Tree-V3-Base",
        "lab/Tree-V3-0324": "lab/Tree-V3-Base",
    }


def test_another_providers_chat_version_is_not_told_by_name() -> None:
    assert parents(["lab/Tree-7B", "other/Tree-7B-Instruct"]) == {}


def test_own_pretraining_other_shapes_or_another_size_stop_the_inference() -> None:
    names = ["lab/Tree-7B", "lab/Tree-7B-Chat"]
    own = {
        "repo_id": names[1],
        "quantity": "tokens",
        "stage": "pretraining",
        "value": 1e12,
    }
    assert parents(names, own) == {}
    shape = [
        {"repo_id": name, "quantity": "shape_fingerprint", "text": f"llama h{number}"}
        for number, name in enumerate(names)
    ]
    assert parents(names, *shape) == {}
    assert parents(names, sizes=[7e9, 13e9]) == {}
    assert parents(names, sizes=[7e9, 7.1e9]) == {names[1]: names[0]}

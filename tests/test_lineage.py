"""Which repository was made from which: statements, inference, cycles, missing parents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpai_scan import entities, schema
from gpai_scan.lineage import ancestors, lineage, names, roots

Row = dict[str, Any]


def repository(repo_id: str, *parents: str, year: int = 2024, **fields: Any) -> Row:  # noqa: ANN401
    relation = fields.pop("relation", "finetune" if parents else None)
    return {
        "repo_id": repo_id,
        "namespace": repo_id.split("/")[0],
        "created_at": datetime(year, 1, 1, tzinfo=UTC),
        "base_repo_ids": list(parents) or None,
        "base_relation": relation,
    } | fields


def listed(*rows: Row) -> pl.LazyFrame:
    used = {k: v for k, v in schema.REPOSITORIES.schema.items() if any(k in r for r in rows)}
    return schema.REPOSITORIES.conform(pl.LazyFrame(list(rows), schema=used))


def claim(repo_id: str, quantity: str, text: str, method: str = "card_text", **more: Any) -> Row:  # noqa: ANN401
    return {"repo_id": repo_id, "quantity": quantity, "text": text, "method": method} | more


def said(*rows: Row) -> pl.LazyFrame:
    used = {k: v for k, v in schema.EVIDENCE.schema.items() if any(k in r for r in rows)}
    made = pl.LazyFrame(list(rows), schema=used) if rows else schema.EVIDENCE.empty().lazy()
    return schema.EVIDENCE.conform(made)


def links(rows: list[Row], claims: list[Row] | None = None, *, infer: bool = True) -> pl.DataFrame:
    repositories = listed(*rows)
    owners = entities.entities(repositories)
    return lineage(repositories, said(*(claims or [])), owners, infer=infer).collect()


def pairs(rows: list[Row], claims: list[Row] | None = None) -> dict[str, tuple[str, str]]:
    found = links(rows, claims)
    return {r["repo_id"]: (r["base_repo_id"], r["relation"]) for r in found.iter_rows(named=True)}


LLAMA = repository("meta-llama/Llama-2-7b-hf", year=2023)


def test_the_listing_is_read() -> None:
    tuned = repository("x/tuned", "meta-llama/Llama-2-7b-hf")
    row = links([LLAMA, tuned]).row(0, named=True)
    assert (row["base_repo_id"], row["relation"], row["method"]) == (
        "meta-llama/Llama-2-7b-hf",
        "finetune",
        "listing",
    )
    assert (row["known"], row["inferred"]) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "meta-llama/Llama-2-7b-hf",
        "Meta-Llama/llama-2-7B-HF",
        "https://huggingface.co/meta-llama/Llama-2-7b-hf",
        "https://huggingface.co/meta-llama/Llama-2-7b-hf/tree/main",
        "hf.co/meta-llama/Llama-2-7b-hf/",
        "`meta-llama/Llama-2-7b-hf`",
        "Llama 2 7B hf",
        "/data/models/Llama-2-7b-hf",
    ],
)
def test_a_parent_is_found_however_it_is_written(text: str) -> None:
    found = pairs([LLAMA, repository("x/tuned")], [claim("x/tuned", "base_model", text)])
    assert found["x/tuned"][0] == "meta-llama/Llama-2-7b-hf"


def test_local_paths_that_name_nothing_are_no_parents() -> None:
    claims = [claim("x/tuned", "base_model", "/home/me/output/checkpoint-500", "config")]
    assert pairs([LLAMA, repository("x/tuned")], claims) == {}


def test_a_parent_nobody_has_survives_by_its_name() -> None:
    found = links([repository("x/tuned", "gone/model")])
    assert found["base_repo_id"].to_list() == ["gone/model"]
    assert found["known"].to_list() == [False]
    bare = pairs([repository("x/tuned")], [claim("x/tuned", "base_model", "Secret 9B")])
    assert bare["x/tuned"][0] == "?/secret-9b"


def test_a_renamed_namespace_is_followed() -> None:
    rows = [repository("CohereLabs/aya-23-8B"), repository("x/tuned", "CohereForAI/aya-23-8B")]
    found = links(rows).row(by_predicate=pl.col("repo_id") == "x/tuned", named=True)
    assert (found["base_repo_id"], found["known"]) == ("CohereLabs/aya-23-8B", True)
    assert "renamed" in found["note"]


def test_metadata_goes_before_prose_and_prose_before_leftovers() -> None:
    rows = [LLAMA, repository("x/tuned", "a/one"), repository("y/tuned")]
    claims = [
        claim("x/tuned", "base_model", "b/two", "card_text"),
        claim("y/tuned", "base_model", "c/three", "config"),
        claim(
            "y/tuned", "base_model", "d/four", "card_text", file="README.md", quote="from d/four"
        ),
    ]
    found = links(rows, claims)
    assert found.select("repo_id", "base_repo_id", "quote").rows() == [
        ("x/tuned", "a/one", None),
        ("y/tuned", "d/four", "from d/four"),
    ]


def test_claims_that_may_not_be_used_are_not() -> None:
    claims = [
        claim("x/tuned", "base_model", "a/one", rejected="other_model"),
        claim("x/tuned", "base_model", "a/two", subject="x/other"),
        claim("x/tuned", "base_model", "x/tuned"),
    ]
    assert pairs([repository("x/tuned")], claims) == {}


@pytest.mark.parametrize(
    ("row", "relation"),
    [
        (repository("x/Llama-2-7b-hf-GGUF", "meta-llama/Llama-2-7b-hf"), "quantized"),
        (repository("x/mine-AWQ", "meta-llama/Llama-2-7b-hf"), "quantized"),
        (repository("x/Llama-2-7b-hf-FP8", "meta-llama/Llama-2-7b-hf"), "quantized"),
        (repository("x/mine-4bit", "meta-llama/Llama-2-7b-hf"), "finetune"),
        (repository("x/mine", "meta-llama/Llama-2-7b-hf", library_name="peft"), "adapter"),
        (repository("x/mine", "meta-llama/Llama-2-7b-hf", relation="merge"), "merge"),
        (repository("x/mine-pruned", "meta-llama/Llama-2-7b-hf"), "pruned"),
        (repository("huggyllama/Llama-2-7b-hf", "meta-llama/Llama-2-7b-hf"), "mirror"),
        (repository("x/mine", "meta-llama/Llama-2-7b-hf", gguf_total=7e9), "quantized"),
    ],
)
def test_kinds_of_derivation(row: Row, relation: str) -> None:
    assert pairs([LLAMA, row])[row["repo_id"]][1] == relation


@pytest.mark.parametrize(
    ("method", "relation"),
    [("weights", "adapter"), ("config", "adapter"), ("card_text", "finetune")],
)
def test_trainable_parameters_counted_in_files_tell_an_adapter(method: str, relation: str) -> None:
    tuned = repository("x/mine", "meta-llama/Llama-2-7b-hf")
    count = {"repo_id": "x/mine", "quantity": "parameters_trainable", "value": 4e6}
    assert pairs([LLAMA, tuned], [count | {"method": method}])["x/mine"][1] == relation


def test_a_precise_word_goes_before_the_files_of_an_adapter() -> None:
    merged = repository("x/mine", "meta-llama/Llama-2-7b-hf", relation="merge")
    count = {"repo_id": "x/mine", "quantity": "parameters_trainable", "value": 4e6}
    assert pairs([LLAMA, merged], [count | {"method": "weights"}])["x/mine"][1] == "merge"


def test_what_the_card_says_of_the_kind_goes_before_the_hub_s_guess() -> None:
    rows = [LLAMA, repository("x/tuned", "meta-llama/Llama-2-7b-hf")]
    claims = [claim("x/tuned", "relation", "continued pretraining")]
    assert pairs(rows, claims)["x/tuned"][1] == "continued_pretraining"


def test_a_quantised_copy_that_names_no_parent_is_told_by_its_name() -> None:
    found = links([LLAMA, repository("TheBloke/Llama-2-7B-GGUF"), repository("z/Odd-3B-Q4_K_M")])
    rows = {r["repo_id"]: r for r in found.iter_rows(named=True)}
    bloke = rows["TheBloke/Llama-2-7B-GGUF"]
    assert (bloke["base_repo_id"], bloke["relation"]) == (LLAMA["repo_id"], "quantized")
    assert (bloke["inferred"], bloke["method"]) == (True, "name")
    assert rows["z/Odd-3B-Q4_K_M"]["base_repo_id"] == "?/odd-3b"
    assert links([LLAMA, repository("TheBloke/Llama-2-7B-GGUF")], infer=False).is_empty()


def test_a_re_upload_is_a_mirror() -> None:
    rows = [
        LLAMA | {"safetensors_total": 6738415616.0},
        repository("stranger/Llama-2-7b-hf", safetensors_total=6738415616.0),
        repository("namesake/Llama-2-7b-hf", safetensors_total=123.0),
        repository("huggyllama/llama-2-7b-hf"),
    ]
    found = pairs(rows)
    assert found == {
        "stranger/Llama-2-7b-hf": (LLAMA["repo_id"], "mirror"),
        "huggyllama/llama-2-7b-hf": (LLAMA["repo_id"], "mirror"),
    }


def test_an_undeclared_derivative_is_told_by_its_shapes_and_marked_as_inferred() -> None:
    rows = [
        LLAMA,
        repository("someone/secret-sauce"),
        repository("someone/own-run"),
        repository("openlm-research/open_llama_7b"),
        repository("someone/older", year=2020),
    ]
    claims = [claim(r["repo_id"], "shape_fingerprint", "4096x32x11008x32000", "config")
              for r in rows]  # fmt: skip
    claims.append(
        {"repo_id": "someone/own-run", "quantity": "tokens", "stage": "pretraining",
         "value": 1e12, "method": "card_text"}
    )  # fmt: skip
    found = links(rows, claims)
    assert found.select("repo_id", "base_repo_id", "inferred").rows() == [
        ("someone/secret-sauce", LLAMA["repo_id"], True)
    ]


def rooted(rows: list[Row]) -> dict[str, Row]:
    repositories = listed(*rows)
    found = roots(links(rows).lazy(), repositories).collect()
    return {row["repo_id"]: row for row in found.iter_rows(named=True)}


def test_roots_and_depth_of_a_chain() -> None:
    chain = [repository("a/m0")] + [repository(f"a/m{n}", f"a/m{n - 1}") for n in range(1, 40)]
    found = rooted(chain)
    assert {row["model_id"] for row in found.values()} == {"a/m0"}
    assert [found[f"a/m{n}"]["depth"] for n in (0, 1, 39)] == [0, 1, 39]
    assert (found["a/m0"]["relation"], found["a/m0"]["base_repo_id"]) == ("base", None)


def test_a_missing_root_gives_its_name_to_the_model() -> None:
    found = rooted([repository("x/tuned", "gone/model"), repository("y/more", "x/tuned")])
    assert found["y/more"]["model_id"] == "gone/model"
    assert found["y/more"]["depth"] == 2


def test_a_cycle_is_cut_at_its_oldest_and_says_so() -> None:
    rows = [
        repository("a/one", "a/two", year=2024),
        repository("a/two", "a/three", year=2022),
        repository("a/three", "a/one", year=2023),
        repository("a/tail", "a/one", year=2025),
    ]
    found = rooted(rows)
    assert {row["model_id"] for row in found.values()} == {"a/two"}
    assert {n: row["depth"] for n, row in found.items()} == {
        "a/two": 0,
        "a/one": 1,
        "a/three": 2,
        "a/tail": 2,
    }
    cut = links(rows).filter(pl.col("repo_id") == "a/two").row(0, named=True)
    assert cut["base_repo_id"] is None
    assert "cycle cut here; it named a/three" in cut["note"]


def test_all_parents_of_a_merge_are_ancestors_once_each() -> None:
    rows = [
        repository("lab/base"),
        repository("a/left", "lab/base"),
        repository("b/right", "lab/base"),
        repository("c/mix", "a/left", "b/right", "gone/third", relation="merge"),
        repository("d/after", "c/mix"),
    ]
    found = ancestors(links(rows).lazy()).collect()
    mine = found.filter(pl.col("repo_id") == "d/after")
    assert mine.select("ancestor_id", "distance").rows() == [
        ("c/mix", 1),
        ("a/left", 2),
        ("b/right", 2),
        ("gone/third", 2),
        ("lab/base", 3),
    ]
    assert set(found["repo_id"]) == {"a/left", "b/right", "c/mix", "d/after"}
    asked = pl.LazyFrame({"repo_id": ["d/after"]})
    assert ancestors(links(rows).lazy(), asked).collect().equals(mine)
    assert rooted(rows)["d/after"]["model_id"] == "lab/base"


def naive_root(parent: dict[str, str], age: dict[str, int], start: str) -> str:
    """The root by walking, cycles cut at their oldest member."""
    seen: list[str] = []
    at = start
    while at in parent and at not in seen:
        seen.append(at)
        at = parent[at]
    if at not in parent:
        return at
    cycle = seen[seen.index(at) :]
    return min(cycle, key=lambda name: (age[name], name))


@settings(max_examples=40)
@given(st.data())
def test_roots_agree_with_a_walk_on_any_graph(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 25))
    ids = [f"n{i}/m{i:02d}" for i in range(size)]
    age = {name: data.draw(st.integers(2019, 2026)) for name in ids}
    pool = [*ids, "gone/a", "gone/b"]
    parent = {}
    for name in ids:
        chosen = data.draw(st.one_of(st.none(), st.sampled_from(pool)))
        if chosen is not None and chosen != name:
            parent[name] = chosen
    rows = [
        repository(name, *([parent[name]] if name in parent else []), year=age[name])
        for name in ids
    ]
    found = rooted(data.draw(st.permutations(rows)))
    for name in ids:
        assert found[name]["model_id"] == naive_root(parent, age, name)


@pytest.mark.parametrize(
    ("name", "plain", "quantised"),
    [
        ("Llama-2-7B-GGUF", "llama-2-7b", True),
        ("Llama_2 7b", "llama-2-7b", False),
        ("Qwen3-32B-FP8-Static-PerTensor", "qwen3-32b", True),
        ("mistral-7b-v0.1-4.0bpw-h6-exl2", "mistral-7b-v0-1", True),
        ("gemma-2-9b-it-Q4_K_M-GGUF", "gemma-2-9b-it", True),
        ("phi-2-bnb-4bit", "phi-2", True),
        ("Llama-3-8B-w4a16", "llama-3-8b", True),
        ("bert-base-uncased-onnx", "bert-base-uncased", False),
        ("mega-hit-model", "mega-hit-model", False),
        ("awqward", "awqward", False),
        ("", None, False),
    ],
)
def test_marks_are_words_of_a_name(name: str, plain: str | None, quantised: bool) -> None:
    worded = names.words(names.level(pl.lit(name)))
    found = pl.select(plain=names.without_marks(worded), quantised=names.is_quantised(worded))
    assert found.row(0) == (plain, quantised)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [LLAMA, *(repository(f"x/m{n}", "meta-llama/Llama-2-7b-hf") for n in range(5)),
            repository("y/mix", "x/m1", "x/m3", relation="merge")]  # fmt: skip
    assert links(rows).equals(links(list(reversed(rows))))


def test_a_missing_stage_is_linked_to_the_model_the_scan_has() -> None:
    rows = [
        repository("meta-llama/Llama-3.1-405B"),
        repository("x/tuned", "meta-llama/Llama-3.1-405B-Instruct"),
        repository("y/tuned"),
        repository("z/tuned", "other/Llama-3.1-405B-Instruct"),
    ]
    claims = [claim("y/tuned", "base_model", "Llama 3.1 405B Instruct")]
    found = {
        r["repo_id"]: r
        for r in roots(links(rows, claims).lazy(), listed(*rows)).collect().iter_rows(named=True)
    }
    assert found["x/tuned"]["model_id"] == "meta-llama/Llama-3.1-405B"
    assert found["y/tuned"]["model_id"] == "meta-llama/Llama-3.1-405B"
    assert found["z/tuned"]["model_id"] == "other/Llama-3.1-405B-Instruct"
    assert found["x/tuned"]["base_repo_id"] == "meta-llama/Llama-3.1-405B-Instruct"

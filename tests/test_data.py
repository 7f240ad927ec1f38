"""Reference data: types, sources, vocabularies, rule files, and the reader of published figures."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpai_scan import assets, schema
from gpai_scan.evidence import reference
from gpai_scan.sources import Raw

DATA = assets.folder("data")
STATUSES = {"verified", "partly", "secondary", "unverified", "conflict"}
TABLES = [
    "accelerators",
    "architecture_tasks",
    "biological_signs",
    "cloud_machines",
    "datasets",
    "documentation_elements",
    "entities",
    "licences",
    "metrics",
    "pipeline_outputs",
    "reference_models",
    "spreads",
]
REGIMES = sorted(path.stem for path in (DATA / "regimes").glob("*.toml"))


@cache
def table(name: str) -> pl.DataFrame:
    """A data file with every column as text."""
    return pl.read_csv(DATA / f"{name}.csv", infer_schema=False)


@cache
def regime(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / "regimes" / f"{name}.toml").read_text(encoding="utf-8"))


def rules(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = regime(name).get("rule", [])
    return found


def comparisons(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """The comparisons a rule makes: itself, or the members of `any` or `all`."""
    if rule["kind"] in {"test", "sweep"}:
        return [rule]
    members: list[dict[str, Any]] = [*rule.get("any", []), *rule.get("all", [])]
    return members


@pytest.mark.parametrize("name", TABLES)
def test_every_row_names_a_source_that_exists_and_a_status(name: str) -> None:
    rows = table(name)
    keys = table("sources")["key"]
    cited = rows["source"].str.split(";").explode().unique()
    assert rows["source"].null_count() == 0
    assert set(cited) <= set(keys)
    assert set(rows["status"].unique()) <= STATUSES


def test_machines_of_clouds_hold_known_accelerators() -> None:
    machines = table("cloud_machines")
    assert set(machines["accelerator"]) <= set(table("accelerators")["accelerator"])
    assert machines["machine"].is_unique().all()
    assert machines["accelerators"].cast(pl.Int64).is_between(1, 16).all()


def test_sources_are_unique_and_graded() -> None:
    assert table("sources")["key"].is_unique().all()
    assert set(table("sources")["status"]) <= {"verified", "secondary", "unverified"}
    assert table("sources")["citation"].null_count() == 0


KEYS = {
    "accelerators": "accelerator",
    "datasets": "name",
    "documentation_elements": "element",
    "entities": "namespace",
    "licences": "id",
    "metrics": "metric",
    "pipeline_outputs": "pipeline_tag",
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_unique_whatever_their_case(name: str) -> None:
    key = table(name)[KEYS[name]].str.to_lowercase()
    assert key.null_count() == 0
    assert key.is_unique().all()


def positive(name: str, column: str) -> pl.Series:
    """The filled cells of a column as numbers; fails where one is not a positive number."""
    numbers = table(name)[column].drop_nulls().cast(pl.Float64)
    assert (numbers > 0).all()
    assert numbers.is_finite().all()
    return numbers


def test_accelerator_rates_are_in_base_units_and_rise_as_precision_falls() -> None:
    for column in table("accelerators").columns:
        if column.endswith("_flop_per_s"):
            rates = positive("accelerators", column)
            assert rates.is_between(1e10, 1e17).all(), column
    assert positive("accelerators", "memory_bytes").is_between(1e8, 1e12).all()
    rows = table("accelerators").with_columns(pl.col("^.*_flop_per_s$").cast(pl.Float64))
    both = rows.filter(pl.col("fp8_flop_per_s") < pl.col("bf16_flop_per_s"))
    assert both.height == 0


@pytest.mark.parametrize(
    ("accelerator", "rate"), [("A100", 3.12e14), ("H100 SXM", 9.89e14), ("V100", 1.25e14)]
)
def test_known_dense_16_bit_peaks(accelerator: str, rate: float) -> None:
    rows = table("accelerators").filter(pl.col("accelerator").str.starts_with(accelerator))
    fp16 = rows["fp16_flop_per_s"].cast(pl.Float64)
    assert fp16.is_between(rate * 0.99, rate * 1.01).any()


def test_an_alias_that_stands_alone_names_one_accelerator() -> None:
    aliases = table("accelerators")["aliases"].drop_nulls().str.split(";").explode()
    assert aliases.is_unique().all()
    assert (aliases == aliases.str.to_lowercase()).all()


def test_data_sets_have_positive_sizes_known_units_and_one_preferred_row_each() -> None:
    positive("datasets", "size")
    units = {"tokens", "words", "pairs", "images", "hours", "unknown"}
    assert set(table("datasets")["unit"]) <= units
    preferred = (
        table("datasets")
        .filter(pl.col("preferred_for_hf_id") == "yes")
        .select(pl.col("hf_ids").str.split(";").explode())["hf_ids"]
        .drop_nulls()
    )
    assert preferred.is_unique().all()


def test_entities_speak_the_vocabulary() -> None:
    rows = table("entities")
    assert set(rows["eu_status"]) <= {"EU", "EEA", "UK", "CH", "non-EU", "unknown"}
    assert rows.filter(pl.col("entity_id").is_null()).height == 0
    per_entity = rows.filter(pl.col("country").is_not_null()).group_by("entity_id")
    assert per_entity.agg(pl.col("country").n_unique())["country"].max() == 1
    france = rows.filter(pl.col("country").is_in(["FR", "DE", "ES", "FI"]))
    assert set(france["eu_status"]) == {"EU"}


def test_licences_bound_the_exemption() -> None:
    rows = table("licences")
    assert set(rows["exempt_strict"]) | set(rows["exempt_lenient"]) == {"yes", "no"}
    strict_only = rows.filter(
        (pl.col("exempt_strict") == "yes") & (pl.col("exempt_lenient") == "no")
    )
    assert strict_only.height == 0
    verdict = dict(zip(rows["id"], rows["exempt_strict"], strict=True))
    assert verdict["apache-2.0"] == "yes"
    assert verdict["cc-by-nc-4.0"] == "no"
    assert verdict["llama3.1"] == "no"


OUTPUTS = {
    "text",
    "speech",
    "image",
    "video",
    "audio_other",
    "text_to_image",
    "text_to_video",
    "none",
    "unknown",
}


def test_pipeline_outputs_speak_the_vocabulary() -> None:
    rows = table("pipeline_outputs")
    for column in ("outputs", "outputs_possible"):
        assert set(rows[column].drop_nulls().str.split(";").explode()) <= OUTPUTS


def test_every_file_is_explained_in_the_readme() -> None:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    names = [path.name for path in DATA.iterdir() if path.is_file() and path.name != "README.md"]
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_one_regime_is_the_default() -> None:
    assert [name for name in REGIMES if regime(name).get("default")] == ["eu-guidelines-final"]


@pytest.mark.parametrize("name", REGIMES)
def test_regimes_are_well_formed(name: str) -> None:
    body = regime(name)
    assert body["id"] == name
    assert set(body["source"]) <= set(table("sources")["key"])
    assert body["status"] in STATUSES
    identifiers = [rule["id"] for rule in rules(name)]
    assert len(identifiers) == len(set(identifiers))
    subjects = {
        "model",
        "same-entity-derivative",
        "downstream-derivative",
        "any-derivative",
        "entity",
        "market",
        "cluster",
    }
    for rule in rules(name):
        assert rule["subject"] in subjects
        assert rule.get("requires", identifiers[0]) in identifiers
        assert rule.get("requires_original", identifiers[0]) in identifiers
        assert set(rule.get("outputs_any", [])) <= OUTPUTS


@pytest.mark.parametrize("name", REGIMES)
def test_every_comparison_has_a_known_metric_and_comparator(name: str) -> None:
    metrics = set(table("metrics")["metric"])
    for rule in rules(name):
        for test in comparisons(rule):
            assert test["comparator"] in {">", ">="}, rule["id"]
            assert test["metric"] in metrics, rule["id"]
            values = test["sweep"] if rule["kind"] == "sweep" else [test["value"]]
            assert all(value > 0 for value in values)
            if "training_compute" in test["metric"]:
                assert rule["basis"] in {"direct", "cumulative", "draft-cumulative", "unspecified"}


@pytest.mark.parametrize("name", REGIMES)
def test_thirds_are_thirds_of_the_rule_they_name(name: str) -> None:
    values = {rule["id"]: rule.get("value") for rule in rules(name)}
    for rule in rules(name):
        if "fraction_of" in rule:
            of = rule["fraction_of"]
            exact = values[of["rule"]] * of["numerator"] / of["denominator"]
            assert rule.get("value_exact", rule["value"]) == pytest.approx(exact, rel=1e-12)
            assert rule["value"] == pytest.approx(exact, rel=0.11)
        if "fraction" in rule:
            share = Fraction(rule["fraction"]["numerator"], rule["fraction"]["denominator"])
            assert rule["value"] == pytest.approx(float(share), rel=1e-12)


COMPARATORS_AS_THE_TEXT_HAS_THEM = [
    ("eu-draft-2025-04", "gpai", ">", 1e22),
    ("eu-guidelines-final", "gpai", ">", 1e23),
    ("eu-guidelines-final", "systemic", ">", 1e25),
    ("kr-ai-basic-act", "high-performance", ">=", 1e26),
    ("us-ca-sb53", "frontier-model", ">", 1e26),
    ("us-eo-14110", "cluster", ">=", 1e20),
]


@pytest.mark.parametrize(("name", "rule", "comparator", "value"), COMPARATORS_AS_THE_TEXT_HAS_THEM)
def test_comparators_are_those_of_the_texts(
    name: str, rule: str, comparator: str, value: float
) -> None:
    found = next(r for r in rules(name) if r["id"] == rule)
    assert (found["comparator"], found["value"]) == (comparator, value)


EXAMPLES = [(name, e) for name in REGIMES for e in regime(name).get("example", [])]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{n}-{e['id']}" for n, e in EXAMPLES])
def test_examples_reproduce_within_their_own_rounding(name: str, example: dict[str, Any]) -> None:
    if example["method"] == "architecture":
        flop = 6.0 * example["parameters"] * example["tokens"]
    else:
        seconds = 3600.0 * example["accelerator_hours"]
        flop = seconds * example["peak_flop_per_s"] * example["utilisation"]
    assert flop == pytest.approx(example["expected_flop"], rel=example["relative_tolerance"])


def test_the_exemption_names_known_regimes() -> None:
    for exemption in tomllib.loads((DATA / "exemptions.toml").read_text())["exemption"]:
        assert set(exemption["regimes"]) <= set(REGIMES)
        assert set(exemption["source"]) <= set(table("sources")["key"])


def test_no_file_holds_a_path_of_a_machine_or_an_index_address() -> None:
    pattern = re.compile(r"(?<![\w.-])/(?:home|work|tmp|root|Users)/|index-url")
    found = [
        path.relative_to(DATA).as_posix()
        for path in sorted(DATA.rglob("*"))
        if path.is_file() and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


# ------------------------------------------------------------------ reference models


def test_reference_models_keep_every_row_one_a_line() -> None:
    models = reference.models().collect()
    assert models.height == 3555
    lines = (DATA / "reference_models.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == models.height + 1
    row = models.filter(pl.col("model") == "OPT-13B").row(0, named=True)
    assert lines[row["line"] - 1].startswith("OPT-13B,")
    assert models["training_compute_flop"].count() == 1395


def test_published_counts_above_thresholds() -> None:
    """Counts that facts about the table of 17 July 2026 give: all models, and open weights."""
    flop = pl.col("training_compute_flop")
    models = reference.models().collect()
    for threshold, every, open_weights in [
        (1e22, 616, 428),
        (1e23, 378, 263),
        (1e24, 169, 110),
        (1e25, 23, 4),
    ]:
        above = models.filter(flop > threshold)
        assert above.height == every
        assert above.filter(pl.col("open_weights") == "yes").height == open_weights


def test_known_bad_cells_are_kept_and_marked() -> None:
    bad = reference.models().filter(pl.col("known_bad").is_not_null()).collect()
    assert set(bad["model"]) == {
        "OPT-13B",
        "Swallow",
        "Llama 4 Scout",
        "Llama 4 Maverick",
        "StableLM-Base-Alpha-7B",
    }
    assert bad["known_bad_reason"].null_count() == 0
    for column, value in bad.select("known_bad", "model").iter_rows():
        assert bad.filter(pl.col("model") == value)[column].null_count() == 0


def raw(*repo_ids: str) -> Raw:
    listed = pl.LazyFrame({"repo_id": repo_ids, "revision": ["r"] * len(repo_ids)})
    return Raw(
        schema.REPOSITORIES.conform(listed),
        schema.DOCUMENTS.empty().lazy(),
        schema.PROBLEMS.empty().lazy(),
    )


def matched(*repo_ids: str) -> dict[str, str]:
    table = reference.models()
    found = reference.match(raw(*repo_ids).repositories, table).join(table, on="line").collect()
    return dict(zip(found["repo_id"], found["model"], strict=True))


def test_names_meet_by_owner_and_name_alone() -> None:
    assert matched(
        "meta-llama/Llama-3.1-405B",
        "meta-llama/Llama-2-70b-hf",
        "meta-llama/Meta-Llama-3-70B",
        "someone/Llama-3.1-405B",
        "meta-llama/Llama-3.1-405B-Instruct",
        "facebook/opt-1.3b",
        "facebook/opt-13b",
        "mistralai/Mixtral-8x7B-v0.1",
        "marin-community/marin-8b-base",
        "openai/whisper-base",
        "not a repository",
    ) == {
        "mistralai/Mixtral-8x7B-v0.1": "Mixtral 8x7B",
        "marin-community/marin-8b-base": "Marin 8B",
        "meta-llama/Llama-3.1-405B": "Llama 3.1-405B",
        "meta-llama/Llama-2-70b-hf": "Llama 2-70B",
        "meta-llama/Meta-Llama-3-70B": "Llama 3-70B",
        "facebook/opt-1.3b": "OPT-1.3B",
        "facebook/opt-13b": "OPT-13B",
    }


def test_two_rows_of_one_name_are_no_claim() -> None:
    table = reference.models()
    ambiguous = pl.concat([table, table.with_columns(pl.col("line") + 10_000)])
    found = reference.match(raw("meta-llama/Llama-3.1-405B").repositories, ambiguous).collect()
    assert found.height == 0


@settings(max_examples=15)
@given(st.lists(st.text(max_size=20), max_size=5, unique=True))
def test_odd_names_are_no_match_and_no_error(names: list[str]) -> None:
    assert set(matched(*names, "meta-llama/Llama-3.1-405B")) == {"meta-llama/Llama-3.1-405B"}


@settings(max_examples=5)
@given(st.permutations(["facebook/opt-13b", "tiiuae/falcon-7b", "a/b", "deepseek-ai/DeepSeek-V3"]))
def test_the_order_of_repositories_changes_nothing(names: list[str]) -> None:
    key = schema.EVIDENCE.key
    one = reference.evidence(raw(*sorted(names))).collect().sort(key)
    other = reference.evidence(raw(*names)).collect().sort(key)
    assert one.equals(other)


def claims(repo_id: str) -> pl.DataFrame:
    return reference.evidence(raw(repo_id)).collect()


def test_claims_quote_the_line_they_come_from() -> None:
    found = claims("meta-llama/Llama-3.1-405B")
    lines = (DATA / "reference_models.csv").read_text(encoding="utf-8").splitlines()
    assert found.schema == schema.EVIDENCE.schema
    assert set(found["file"]) == {reference.FILE}
    for row in found.filter(pl.col("value").is_not_null()).iter_rows(named=True):
        for cell in row["quote"].split(", ")[1:]:
            assert cell.split(" ")[-1] in lines[row["line"] - 1].split(",")
    compute = found.filter(pl.col("quantity") == "training_flop").row(0, named=True)
    assert compute["value"] == 3.8e25
    assert compute["low"] < compute["value"] < compute["high"]
    assert compute["stage"] == "all_training"


def test_known_bad_cells_are_claimed_as_rejected() -> None:
    found = claims("facebook/opt-13b").filter(pl.col("quantity") == "training_flop")
    assert found["rejected"].to_list() == ["implausible"]
    rest = claims("facebook/opt-13b").filter(pl.col("quantity") == "parameters_total")
    assert rest["rejected"].to_list() == [None]


def test_compute_of_a_derivative_says_that_it_includes_its_base() -> None:
    found = claims("PleIAs/Pleias-RAG-350m").filter(pl.col("quantity") == "training_flop")
    stages = dict(zip(found["stage"], found["value"], strict=True))
    assert stages["all_training"] > stages["post_training"]
    whole = found.filter(pl.col("stage") == "all_training")
    assert "includes the compute of its base" in whole["note"].item()


def test_a_count_of_images_is_no_count_of_tokens() -> None:
    models = reference.models().collect()
    vision = models.filter(
        pl.col("domain") == "Vision", pl.col("dataset_size").is_not_null()
    ).with_columns(repo_id=pl.lit("a/b"), revision=pl.lit("r"))
    quantities = set(reference.claims(vision.lazy()).collect()["quantity"])
    assert vision.height > 10
    assert not quantities & {"tokens", "unique_tokens"}


@pytest.mark.skipif(
    not Path(__file__).parents[2].joinpath("shared/reference/chips.csv").exists(),
    reason="needs the reference material beside the checkout",
)
def test_nothing_was_lost_on_the_way_here() -> None:
    origin = Path(__file__).parents[2] / "shared" / "reference"
    chips = pl.read_csv(origin / "chips.csv", infer_schema_length=None)
    ours = table("accelerators").with_columns(pl.col("^.*_flop_per_s$").cast(pl.Float64))
    assert ours["accelerator"].to_list() == chips["chip"].to_list()
    for column in ("fp32", "tf32", "fp16", "bf16", "fp8", "fp4"):
        theirs = chips[f"{column}_tflops"].cast(pl.Float64) * 1e12
        difference = (ours[f"{column}_flop_per_s"] / theirs - 1).abs()
        assert ours[f"{column}_flop_per_s"].count() == theirs.count()
        assert (difference.drop_nulls() < 1e-9).all()

"""Every example of the draft of April 2025 (`EU-DRAFT-APR25`), with its verdict and reason."""

from __future__ import annotations

import pytest
from judging import Row, answer, derived, frame, judged, made, people, verdict

from gpai_scan import rules
from gpai_scan.rules import Options

DRAFT = "eu-draft-2025-04"


def draft(rows: list[Row], rule: str, **arguments: object) -> Row | None:
    return verdict(rows, rule, regime=DRAFT, **arguments)


@pytest.mark.parametrize(
    ("model", "expected", "reason"),
    [
        (made(flop=1e23), "in", "presumed"),
        (
            made(flop=1e23, outputs=["speech"], flags=["comparable_generality"]),
            "in",
            "not presumed, but benchmarks show comparable generality",
        ),
        (made(flop=1e23, outputs=["speech"]), "unknown", "case by case"),
        (made(flop=1e20), "out", "not above the threshold"),
        (made(flop=1e23, narrow=["code_only"]), "in", "rebuttable: code only"),
        (made(flop=1e23, narrow=["transcription_only"]), "in", "rebuttable: transcription only"),
        (
            made(flop=1e23, outputs=["image"], narrow=["upscaling_only"]),
            "in",
            "rebuttable: upscaling only",
        ),
        (made(flop=1e22), "out", "not above the threshold"),
        (made(), "unknown", "no_tokens"),
        (made(flop=1e23, outputs=None), "unknown", "what it generates is unknown"),
        (made(flop=1e20, outputs=None), "out", "not above the threshold"),
    ],
    ids=[
        "broad natural language",
        "speech with general benchmarks",
        "speech without",
        "natural language, little compute",
        "code only",
        "speech transcription",
        "image upscaling",
        "exactly at the threshold",
        "compute unknown",
        "outputs unknown",
        "outputs unknown, far below",
    ],
)
def test_section_3_1_1(model: Row, expected: str, reason: str) -> None:
    row = draft([model], "gpai")
    assert row is not None
    assert row["verdict"] == expected
    assert reason in row["reason"]


def test_worked_examples_of_the_annex_fall_where_their_compute_puts_them() -> None:
    flop = {e["id"]: e["expected_flop"] for e in rules.load(DRAFT).examples}
    verdicts = {
        name: draft([made(flop=value)], "gpai")["verdict"]  # type: ignore[index]
        for name, value in flop.items()
    }
    assert verdicts.pop("B") == "out"
    assert len(verdicts) == 4
    assert set(verdicts.values()) == {"in"}


def family() -> Row:
    return made(repo_id="lab/base", flop=5e23)


@pytest.mark.parametrize(
    ("own", "distinct"), [(4e21, "in"), (3e21, "out"), (1e20, "out"), (None, "unknown")]
)
def test_section_3_1_2_distinct_model_or_version(own: float | None, distinct: str) -> None:
    row = draft([family(), derived(family(), "lab/chat", own)], "distinct-model-gpai")
    assert row is not None
    assert row["verdict"] == distinct


def test_exact_thirds_are_an_option() -> None:
    rows = [family(), derived(family(), "lab/chat", 3.2e21)]
    written = draft(rows, "distinct-model-gpai")
    exact = draft(rows, "distinct-model-gpai", options=Options(thirds="exact"))
    assert written is not None and exact is not None
    assert (written["verdict"], written["threshold"]) == ("in", 3e21)
    assert (exact["verdict"], exact["threshold"]) == ("out", pytest.approx(1e22 / 3))


def test_a_distinct_model_by_the_same_entity_adds_a_model_but_no_entity() -> None:
    rows = [family(), derived(family(), "lab/big", 4e21), derived(family(), "lab/small", 1e19)]
    assert answer(rows, "gpai", DRAFT)["models_in"] == 1
    tier = answer(rows, "tier:gpai", DRAFT)
    assert (tier["models_in"], tier["entities_in"]) == (2, 1)


def test_another_pre_training_run_is_another_model() -> None:
    rows = [made(repo_id="lab/one", flop=5e23), made(repo_id="lab/two", flop=5e23)]
    found = answer(rows, "gpai", DRAFT)
    assert (found["models_in"], found["entities_in"]) == (2, 1)


@pytest.mark.parametrize(
    ("own", "expected"), [(4e21, "in"), (3e21, "out"), (0.0, "out"), (None, "unknown")]
)
def test_section_3_2_2_modifier(own: float | None, expected: str) -> None:
    row = draft([family(), derived(family(), "other/tuned", own)], "modifier-gpai")
    assert row is not None
    assert row["verdict"] == expected


def test_section_3_2_2_systemic_modifiers() -> None:
    big = made(repo_id="lab/big", flop=2e25)
    row = draft([big, derived(big, "other/tuned", 4e24)], "modifier-systemic-1")
    assert row is not None and row["verdict"] == "in"
    row = draft([big, derived(big, "other/tuned", 1e24)], "modifier-systemic-1")
    assert row is not None and row["verdict"] == "out"
    near = made(repo_id="lab/near", flop=8e24)
    summed = draft([near, derived(near, "other/tuned", 3e24)], "modifier-systemic-2")
    assert summed is not None
    assert (summed["verdict"], summed["value"]) == ("in", pytest.approx(1.1e25))
    assert draft([near, derived(near, "other/tuned", 3e24)], "modifier-systemic-1") is None


def test_the_sum_rule_is_not_asked_where_the_original_is_unknown() -> None:
    hidden = made(repo_id="lab/hidden")
    assert draft([hidden, derived(hidden, "other/tuned", 4e24)], "modifier-systemic-2") is None


def test_section_3_2_1_the_hub_is_not_the_provider_and_a_copier_neither() -> None:
    owners = people(
        lab="entity-a", copies={"entity_id": "copies", "role": "re-uploader"}, hub_home="hub"
    )
    rows = [
        made(repo_id="lab/model", flop=5e23, entity_id="entity-a"),
        made(repo_id="copies/orphan", flop=5e23, entity_id="copies"),
    ]
    found = answer(rows, "gpai", DRAFT, entities=owners)
    assert (found["models_in"], found["entities_in"]) == (2, 1)


def test_section_3_2_1_original_provider_and_modifier_are_both_providers() -> None:
    rows = [family(), derived(family(), "other/tuned", 4e21)]
    tier = answer(rows, "tier:gpai", DRAFT)
    assert (tier["models_in"], tier["entities_in"]) == (2, 2)


def test_section_3_2_1_a_consortium_is_its_coordinator() -> None:
    owners = people(consortium="coordinator", member="member", coordinator="coordinator")
    rows = [made(repo_id="consortium/model", flop=5e23, entity_id="coordinator"),
            made(repo_id="coordinator/model", flop=5e23, entity_id="coordinator")]  # fmt: skip
    found = answer(rows, "gpai", DRAFT, entities=owners)
    assert (found["models_in"], found["entities_in"]) == (2, 1)


def test_a_modified_model_that_is_none_of_general_purpose_makes_no_provider() -> None:
    tiny = made(repo_id="lab/tiny", flop=1e20)
    rows = [tiny, derived(tiny, "other/tuned", 4e21)]
    modifier = draft(rows, "modifier-gpai")
    assert modifier is not None and modifier["verdict"] == "in"
    assert answer(rows, "tier:gpai", DRAFT)["models_in"] == 0


def test_every_rule_with_a_number_gave_a_row() -> None:
    rows = [family(), derived(family(), "lab/chat", 1e20), derived(family(), "other/ft", 1e20)]
    asked = set(judged(rows, DRAFT)["rule"].unique())
    assert asked == {
        "gpai",
        "systemic",
        "distinct-model-gpai",
        "distinct-model-systemic",
        "modifier-gpai",
        "modifier-systemic-2",
    }
    assert frame(rows).collect().height == 3

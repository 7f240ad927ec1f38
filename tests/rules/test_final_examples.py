"""Every example of the final guidelines (`EU-GL-JUL25`), with its verdict and reason."""

from __future__ import annotations

import pytest
from judging import Row, answer, derived, made, people, verdict

from gpai_scan import rules
from gpai_scan.rules import Options


@pytest.mark.parametrize(
    ("model", "expected", "reason"),
    [
        (made(flop=1e24, narrow=["transcription_only"]), "out", "narrow"),
        (made(flop=1e24, outputs=["speech"], narrow=["tts_only"]), "out", "narrow"),
        (made(flop=1e24, outputs=["image"], narrow=["upscaling_only"]), "out", "modality"),
        (
            made(flop=1e24, outputs=["image", "text_to_image"], narrow=["inpainting_only"]),
            "out",
            "narrow, so not general: inpainting only",
        ),
        (
            made(flop=1e24, outputs=["audio_other", "speech"], narrow=["music_only"]),
            "out",
            "narrow",
        ),
        (
            made(flop=1e24, outputs=["audio_other"], narrow=["sound_effects_only"]),
            "out",
            "modality limb fails",
        ),
        (made(flop=1e24, outputs=["none"]), "out", "modality limb fails"),
        (made(flop=1e22), "out", "not above the threshold"),
        (made(flop=1e24), "in", "above the threshold and the modality limb is met"),
        (made(flop=1e24, narrow=["code_only"]), "in", "modality limb is met"),
        (made(flop=1e24, outputs=["text_to_video", "video"]), "in", "modality limb is met"),
        (made(flop=1e24, outputs=["image"]), "out", "modality limb fails"),
        (made(flop=1e23), "out", "not above the threshold"),
        (made(flop=1e24, outputs=None), "unknown", "what it generates is unknown"),
        (made(flop=1e24, outputs=["unknown"]), "unknown", "what it generates is unknown"),
        (made(), "unknown", "no_tokens"),
        (made(outputs=["none"]), "out", "modality limb fails"),
        (made(narrow=["transcription_only"]), "out", "narrow"),
    ],
    ids=[
        "transcription",
        "text to speech",
        "super-resolution",
        "inpainting",
        "music from lyrics",
        "sound effects",
        "chess, games, weather, physics",
        "text, little compute",
        "text",
        "code counts as text",
        "text to video",
        "images without text",
        "exactly at the threshold",
        "outputs not known",
        "outputs said to be unknown",
        "compute unknown",
        "compute unknown, generates nothing",
        "compute unknown, narrow",
    ],
)
def test_section_2_1(model: Row, expected: str, reason: str) -> None:
    row = verdict([model], "gpai")
    assert row is not None
    assert row["verdict"] == expected
    assert reason in row["reason"]


def test_worked_examples_of_the_annex_fall_where_their_compute_puts_them() -> None:
    found = {}
    for example in rules.load("eu-guidelines-final").examples:
        if example["method"] == "architecture":
            flop = 6.0 * example["parameters"] * example["tokens"]
        else:
            flop = (
                example["accelerator_hours"]
                * 3600
                * example["peak_flop_per_s"]
                * example["utilisation"]
            )
        row = verdict([made(flop=flop)], "gpai")
        assert row is not None
        found[example["id"]] = row["verdict"]
    assert found == {"A": "out"} | dict.fromkeys("BCDEFGH", "in")


def base(flop: float | None = 9e23) -> Row:
    return made(repo_id="lab/base", flop=flop)


def test_section_2_2_everything_by_the_provider_is_one_model() -> None:
    rows = [
        base(),
        derived(base(), "lab/chat", 5e23),
        derived(base(), "lab/base-awq", 0.0, relation="quantized"),
        derived(base(), "lab/merged", 0.0, relation="merge"),
        derived(base(), "lab/distilled", 1e22, relation="distilled"),
    ]
    found = answer(rows, "gpai")
    assert (found["models_in"], found["entities_in"]) == (1, 1)
    assert answer(rows, "gpai", unit="repositories")["models_in"] == 5


@pytest.mark.parametrize(
    ("own", "expected"),
    [(3.1e23, "in"), (3e23, "out"), (2e23, "out"), (0.0, "out"), (None, "unknown")],
)
def test_section_3_2_more_than_a_third_of_the_original(own: float | None, expected: str) -> None:
    row = verdict([base(), derived(base(), "other/tuned", own)], "modifier")
    assert row is not None
    assert row["verdict"] == expected
    assert row["value"] == (None if own is None else pytest.approx(own / 9e23))


@pytest.mark.parametrize(("own", "expected"), [(3.4e22, "in"), (3.3e22, "out")])
def test_section_3_2_fallback_where_the_original_is_unknown(own: float, expected: str) -> None:
    hidden = base(None)
    rows = [hidden, derived(hidden, "other/tuned", own)]
    row = verdict(rows, "modifier-fallback-gpai")
    assert row is not None and row["verdict"] == expected
    assert verdict(rows, "modifier") is None
    assert verdict(rows, "modifier-fallback-systemic") is None


def test_section_3_2_fallback_for_a_systemic_original_is_an_option() -> None:
    hidden = base(None)
    rows = [hidden, derived(hidden, "other/tuned", 3.4e24)]
    options = Options(unknown_original="systemic")
    row = verdict(rows, "modifier-fallback-systemic", options=options)
    assert row is not None and row["verdict"] == "in"


def test_section_3_2_a_modified_systemic_model_is_presumed_systemic() -> None:
    big = made(repo_id="lab/big", flop=2e25)
    row = verdict([big, derived(big, "other/tuned", 1e25)], "modifier-of-systemic")
    assert row is not None and row["verdict"] == "in"
    assert "presumed systemic" in row["reason"]
    assert verdict([base(), derived(base(), "other/tuned", 1e25)], "modifier-of-systemic") is None


def test_a_chain_is_tested_link_by_link_against_its_direct_base() -> None:
    first = derived(base(), "other/first", 2e23)
    second = derived(first, "third/second", 2e23)
    rows = [base(), first, second]
    one, two = verdict(rows, "modifier", "other/first"), verdict(rows, "modifier", "third/second")
    assert one is not None and two is not None
    assert (one["value"], two["value"]) == (pytest.approx(2 / 9), pytest.approx(2 / 11))
    assert one["verdict"] == two["verdict"] == "out"


def test_the_same_hand_twice_stays_a_downstream_modifier() -> None:
    first = derived(base(), "other/first", 2e23)
    again = derived(first, "other/again", 4e23)
    row = verdict([base(), first, again], "modifier", "other/again")
    assert row is not None and row["verdict"] == "in"


def test_namespaces_of_one_entity_are_one_provider() -> None:
    owners = people(lab="acme", lab_chat="acme")
    rows = [
        base() | {"entity_id": "acme"},
        derived(base(), "lab-chat/chat", 5e23, entity_id="acme"),
    ]
    assert verdict(rows, "modifier", entities=owners) is None
    assert answer(rows, "gpai", entities=owners)["models_in"] == 1


def test_section_2_3_systemic_risk_is_cumulative() -> None:
    rows = [made(repo_id="lab/big", flop=9.9e24)]
    row = verdict(rows, "systemic")
    assert row is not None and row["verdict"] == "out"
    tuned = derived(rows[0], "lab/tuned", 2e23)
    row = verdict([*rows, tuned], "systemic", "lab/tuned")
    assert row is not None and row["verdict"] == "in"
    assert answer([*rows, tuned], "systemic")["models_in"] == 1


def test_modifying_a_model_below_the_line_is_tested_on_the_sum() -> None:
    small = made(repo_id="lab/small", flop=8e22)
    rows = [small, derived(small, "other/big", 6e22)]
    assert answer(rows, "tier:gpai")["models_in"] == 1
    rows = [small, derived(small, "other/little", 1e22)]
    assert answer(rows, "tier:gpai")["models_in"] == 0


def test_copies_count_neither_as_models_nor_as_modifiers() -> None:
    rows = [
        base(),
        derived(base(), "copies/base-GGUF", 0.0, relation="quantized"),
        derived(base(), "mirror/base", 0.0, relation="mirror"),
    ]
    assert answer(rows, "gpai")["models_in"] == 1
    assert answer(rows, "modifier")["models_in"] == 0
    assert answer(rows, "gpai", unit="repositories")["models_in"] == 3


def test_a_version_speaks_for_a_root_the_scan_does_not_have() -> None:
    missing = base(9e23)
    rows = [derived(missing, "lab/chat", 1e20), derived(missing, "other/tuned", 1e20)]
    found = answer(rows, "gpai")
    assert (found["models_in"], found["models_out"], found["models_unknown"]) == (1, 0, 0)


def test_test_stubs_and_mergers_without_training_are_no_runs() -> None:
    owners = people(
        stub={"entity_id": "stub", "role": "test-stub"},
        mixer={"entity_id": "mixer", "role": "merger"},
        lab="lab",
    )
    rows = [
        made(repo_id="stub/tiny", flop=5e23, entity_id="stub"),
        made(repo_id="mixer/mix", flop=5e23, entity_id="mixer"),
        made(repo_id="mixer/own", flop=5e23, entity_id="mixer", tokens=1e12,
             tokens_method="card_text"),
        made(repo_id="lab/model", flop=5e23, entity_id="lab"),
    ]  # fmt: skip
    assert answer(rows, "gpai", entities=owners)["models_in"] == 2

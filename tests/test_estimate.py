"""Facts and lineage to estimates: three computes, intervals, and reasons for what is missing."""

from typing import Any

import polars as pl
import pytest

from gpai_scan import lineage, schema
from gpai_scan.estimate import AT_ONCE, estimate
from gpai_scan.facts import facts

BASE, TUNE = "org/base-7b", "other/tune-7b"


def estimates(
    *claims: dict[str, Any],
    links: tuple[tuple[str, str, str], ...] = (),
    extra: tuple[str, ...] = (),
    bound: float | None = None,
    tags: tuple[str, ...] = (),
    at_once: int = AT_ONCE,
) -> dict[str, dict[str, Any]]:
    """Estimates of the repositories that the claims and links are about, by repository."""
    names = sorted(
        {claim["repo_id"] for claim in claims} | {link[0] for link in links} | set(extra)
    )
    repositories = schema.REPOSITORIES.conform(
        pl.LazyFrame(
            {
                "repo_id": names,
                "namespace": [name.split("/")[0] for name in names],
                "bound_flop": [bound] * len(names),
                "tags": [list(tags)] * len(names),
                "pruned": [None if bound is None else "below_bound"] * len(names),
            },
            schema_overrides={
                "bound_flop": pl.Float64,
                "pruned": pl.String,
                "tags": pl.List(pl.String),
            },
        )
    )
    evidence = schema.EVIDENCE.conform(pl.LazyFrame(list(claims), infer_schema_length=None))
    edges = schema.LINEAGE.conform(
        pl.LazyFrame(
            [
                {"repo_id": child, "base_repo_id": parent, "relation": kind, "position": place}
                for place, (child, parent, kind) in enumerate(links)
            ],
            schema={
                "repo_id": pl.String,
                "base_repo_id": pl.String,
                "relation": pl.String,
                "position": pl.Int32,
            },
        )
    )
    parents = edges.select("base_repo_id").unique().collect()["base_repo_id"].to_list()
    every = pl.concat(
        [
            repositories,
            schema.REPOSITORIES.conform(
                pl.LazyFrame(
                    {"repo_id": sorted(set(parents) - set(names))}, schema={"repo_id": pl.String}
                )
            ),
        ]
    )
    frame = estimate(
        repositories,
        facts(evidence),
        lineage.roots(edges, every),
        lineage.ancestors(edges),
        schema.ENTITIES.empty().lazy(),
        at_once=at_once,
    ).collect()
    assert frame.schema == schema.ESTIMATES.schema
    return {row["repo_id"]: row for row in frame.iter_rows(named=True)}


def claim(repo_id: str, quantity: str, value: float, **more: object) -> dict[str, Any]:
    return {"repo_id": repo_id, "quantity": quantity, "value": value, "method": "card_text"} | more


def text(repo_id: str, quantity: str, words: str) -> dict[str, Any]:
    return {"repo_id": repo_id, "quantity": quantity, "text": words, "method": "card_text"}


def base(tokens: float = 2e12) -> tuple[dict[str, Any], ...]:
    return (
        claim(BASE, "parameters_total", 7e9),
        claim(BASE, "tokens", tokens, stage="pretraining"),
    )


def test_a_base_model_is_six_times_parameters_times_tokens() -> None:
    row = estimates(*base())[BASE]
    assert row["direct_flop"] == row["own_flop"] == row["compute_flop"] == pytest.approx(8.4e22)
    assert row["compute_flop_low"] < 8.4e22 < row["compute_flop_high"]
    assert (row["compute_method"], row["relation"], row["skip_reason"]) == (
        "architecture",
        "base",
        None,
    )


def test_a_mixture_of_experts_counts_active_parameters() -> None:
    row = estimates(*base(), claim(BASE, "parameters_active", 1e9))[BASE]
    assert row["compute_flop"] == pytest.approx(6 * 1e9 * 2e12)


def test_stages_of_one_run_add_up() -> None:
    row = estimates(*base(), claim(BASE, "tokens", 1e11, stage="continued_pretraining"))[BASE]
    assert row["tokens"] == 2.1e12


def test_hardware_is_used_where_operations_cannot_be_counted() -> None:
    row = estimates(
        claim(BASE, "accelerator_hours", 1e5),
        claim(BASE, "utilisation", 0.4),
        text(BASE, "accelerator_model", "A100 SXM4 80GB"),
    )[BASE]
    assert row["compute_method"] == "hardware"
    assert row["compute_flop"] == pytest.approx(1e5 * 3600 * 3.12e14 * 0.4)


@pytest.mark.parametrize(
    ("stages", "hours"),
    [
        ({"pretraining": 1e5, "post_training": 2e4}, 1.2e5),
        ({"pretraining": 1e5, "post_training": 2e4, "all_training": 1.3e5}, 1.3e5),
        ({None: 1e5, "post_training": 2e4}, 1e5),
    ],
)
def test_hours_of_named_stages_add_up(stages: dict[str | None, float], hours: float) -> None:
    said = [claim(BASE, "accelerator_hours", value, stage=at) for at, value in stages.items()]
    row = estimates(*said, text(BASE, "accelerator_model", "A100 SXM4 80GB"))[BASE]
    assert row["accelerator_hours"] == hours


def test_methods_that_disagree_are_both_kept_and_flagged() -> None:
    row = estimates(
        *base(),
        claim(BASE, "accelerator_hours", 1e4),
        text(BASE, "accelerator_model", "A100 SXM4 80GB"),
    )[BASE]
    assert row["compute_method"] == "architecture"
    assert row["hardware_flop"] is not None
    assert row["methods_ratio"] < 1 / 3
    assert "methods_disagree" in row["flags"]


def test_a_fine_tune_adds_its_own_and_does_not_take_its_bases_as_its_own() -> None:
    rows = estimates(
        *base(),
        claim(TUNE, "parameters_total", 7e9),
        claim(TUNE, "tokens", 1e10, stage="post_training"),
        links=((TUNE, BASE, "finetune"),),
    )
    own = 6 * 7e9 * 1e10
    assert rows[TUNE]["own_flop"] == rows[TUNE]["direct_flop"] == pytest.approx(own)
    assert rows[TUNE]["compute_flop"] == pytest.approx(8.4e22 + own)
    assert rows[TUNE]["own_to_base_ratio"] == pytest.approx(own / 8.4e22)
    assert rows[TUNE]["model_id"] == BASE


def test_what_a_fine_tune_says_of_pretraining_is_its_bases() -> None:
    row = estimates(
        claim(TUNE, "parameters_total", 7e9),
        claim(TUNE, "tokens", 2e12, stage="pretraining"),
        links=((TUNE, "gone/base", "finetune"),),
    )[TUNE]
    assert row["own_flop"] is None
    assert row["compute_flop"] == pytest.approx(8.4e22)
    assert "own_unknown" in row["flags"]


def test_a_quantised_copy_costs_nothing_and_keeps_its_bases_figure() -> None:
    rows = estimates(*base(), links=((TUNE, BASE, "quantized"),))
    assert rows[TUNE]["own_flop"] == 0.0
    assert rows[TUNE]["direct_flop"] is None
    assert rows[TUNE]["compute_flop"] == rows[BASE]["compute_flop"]
    assert rows[TUNE]["parameters_total"] == 7e9
    assert rows[TUNE]["parameters_total_method"] == "lineage"


def test_an_adapter_runs_on_its_bases_parameters() -> None:
    rows = estimates(
        *base(),
        claim(TUNE, "parameters_total", 2e7),
        claim(TUNE, "parameters_trainable", 2e7),
        claim(TUNE, "tokens", 1e9, stage="post_training"),
        links=((TUNE, BASE, "adapter"),),
    )
    assert rows[TUNE]["own_flop"] == pytest.approx((4 * 7e9 + 6 * 2e7) * 1e9)


def test_a_merge_counts_a_shared_ancestor_once() -> None:
    one, two, merge = "x/one-7b", "y/two-7b", "z/merge-7b"
    rows = estimates(
        *base(),
        claim(one, "tokens", 1e10, stage="post_training"),
        claim(two, "tokens", 2e10, stage="post_training"),
        links=(
            (one, BASE, "finetune"),
            (two, BASE, "finetune"),
            (merge, one, "merge"),
            (merge, two, "merge"),
        ),
    )
    assert rows[merge]["compute_flop"] == pytest.approx(6 * 7e9 * (2e12 + 1e10 + 2e10))
    assert rows[merge]["own_flop"] == 0.0


def test_unknown_is_neither_zero_nor_below() -> None:
    rows = estimates(
        claim("org/only-7b", "parameters_total", 7e9),
        claim("org/only-tokens", "tokens", 1e12),
        links=((TUNE, "gone/base", "finetune"),),
    )
    reasons = {name: row["skip_reason"] for name, row in rows.items()}
    assert reasons == {
        "org/only-7b": "no_tokens",
        "org/only-tokens": "no_parameters",
        TUNE: "no_base_compute",
    }
    assert all(row["compute_flop"] is None for row in rows.values())


def test_an_absurd_claim_is_visible_but_not_counted() -> None:
    row = estimates(*base(tokens=1e40))[BASE]
    assert row["compute_flop"] is None
    assert row["skip_reason"] == "implausible"
    assert row["architecture_flop"] == pytest.approx(4.2e50)
    assert "implausible_compute" in row["flags"]


def test_a_weaker_source_of_tokens_has_a_wider_interval() -> None:
    def width(method: str) -> float:
        row = estimates(
            claim(BASE, "parameters_total", 7e9), claim(BASE, "tokens", 2e12, method=method)
        )[BASE]
        return float(row["sigma_log10"])

    assert width("dataset") > width("card_text") > 0


def test_a_published_total_stands_where_the_chain_falls_short_of_it() -> None:
    total = claim(TUNE, "training_flop", 3e23, stage="all_training", method="reference")
    rows = estimates(*base(), total, links=((TUNE, BASE, "finetune"),))
    assert rows[TUNE]["compute_flop"] == 3e23
    assert "base_chain_incomplete" in rows[TUNE]["flags"]
    agreeing = claim(TUNE, "training_flop", 9e22, stage="all_training", method="reference")
    rows = estimates(*base(), agreeing, links=((TUNE, BASE, "finetune"),))
    assert rows[TUNE]["compute_flop"] == pytest.approx(8.4e22)
    alone = estimates(total, links=((TUNE, "gone/base", "finetune"),))[TUNE]
    assert alone["compute_flop"] == 3e23


def test_what_is_said_without_stage_comes_before_the_later_stages() -> None:
    row = estimates(
        claim(BASE, "parameters_total", 7e9),
        claim(BASE, "tokens", 4e12),
        claim(BASE, "tokens", 5e10, stage="continued_pretraining"),
    )[BASE]
    assert row["tokens"] == 4.05e12


def test_the_range_of_tokens_is_that_of_the_stages_that_count() -> None:
    pretraining = claim(BASE, "tokens", 4e12, stage="pretraining", low=3.5e12, high=4.5e12)
    continued = claim(BASE, "tokens", 5e10, stage="continued_pretraining", low=4e10, high=6e10)
    unused = claim(BASE, "tokens", 9e12, low=8e12, high=1e13)
    row = estimates(pretraining, continued, unused)[BASE]
    assert (row["tokens_low"], row["tokens"], row["tokens_high"]) == (3.54e12, 4.05e12, 4.56e12)
    tune = claim(TUNE, "tokens", 5e10, low=4e10, high=6e10)
    row = estimates(pretraining, tune, links=((TUNE, BASE, "finetune"),))[TUNE]
    assert (row["tokens_low"], row["tokens_high"]) == (4e10, 6e10)


def test_the_range_of_tokens_is_unknown_where_a_stage_has_none() -> None:
    pretraining = claim(BASE, "tokens", 4e12, stage="pretraining", low=3.5e12, high=4.5e12)
    continued = claim(BASE, "tokens", 5e10, stage="continued_pretraining")
    row = estimates(pretraining, continued)[BASE]
    assert (row["tokens_low"], row["tokens"], row["tokens_high"]) == (None, 4.05e12, None)
    assert estimates(extra=(BASE,))[BASE]["tokens_low"] is None


def test_the_familys_hours_are_not_added_up_along_the_lineage() -> None:
    chip = [text(name, "accelerator_model", "A100 PCIe") for name in (BASE, TUNE)]
    rows = estimates(
        claim(BASE, "accelerator_hours", 1.5e5),
        claim(TUNE, "accelerator_hours", 1.5e5),
        *chip,
        links=((TUNE, BASE, "finetune"),),
    )
    assert rows[TUNE]["own_flop"] is None
    assert rows[TUNE]["compute_flop"] == rows[BASE]["compute_flop"]


def test_a_model_left_out_by_its_upper_bound_is_unknown_but_bounded() -> None:
    row = estimates(claim("org/tiny", "parameters_total", 1e6), bound=6e17)["org/tiny"]
    assert row["compute_flop"] is None
    assert row["compute_flop_high"] == 6e17
    assert row["skip_reason"] == "pruned"
    known = estimates(*base(), bound=1e24)[BASE]
    assert known["compute_flop_high"] < 1e24


def test_models_of_biological_sequences_are_flagged_by_tags_and_architecture() -> None:
    sign = "biological_sequences"
    assert sign in estimates(*base(), tags=("pytorch", "Protein"))[BASE]["flags"]
    assert sign in estimates(*base(), text(BASE, "architecture", "esm"))[BASE]["flags"]
    about = estimates(*base(), text(BASE, "architecture", "llama"), tags=("biology",))[BASE]
    assert sign not in about["flags"]
    assert sign not in estimates(*base())[BASE]["flags"]


def test_a_hub_in_many_ranges_has_the_estimates_of_one() -> None:
    claims = [
        *base(),
        claim(TUNE, "tokens", 3e9),
        claim("aa/merge", "tokens", 7e8),
        claim("zz/copy", "parameters_total", 7.1e9),
        claim("mm/alone", "tokens", 1e9, stage="pretraining"),
    ]
    links = (
        (TUNE, BASE, "finetune"),
        ("aa/merge", TUNE, "merge"),
        ("aa/merge", "zz/copy", "merge"),
        ("zz/copy", "nobody/has-it", "finetune"),
    )
    whole = estimates(*claims, links=links)
    assert list(whole) == sorted(whole)
    assert whole["aa/merge"]["base_repo_id"] is not None
    for at_once in (1, 2, 3):
        assert estimates(*claims, links=links, at_once=at_once) == whole


def test_a_hub_without_repositories_has_no_estimates() -> None:
    assert estimates(claim(BASE, "tokens", 1e9))[BASE]["tokens"] == 1e9
    nothing = schema.REPOSITORIES.empty().lazy()
    links = schema.LINEAGE.empty().lazy()
    frame = estimate(
        nothing,
        schema.FACTS.empty().lazy(),
        lineage.roots(links, nothing),
        lineage.ancestors(links),
        schema.ENTITIES.empty().lazy(),
    ).collect()
    assert frame.equals(schema.ESTIMATES.empty())

"""The open-source exemption: every condition, both readings, inheritance, EU exclusion."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from judging import Row, derived, frame, made

from gpai_scan import schema
from gpai_scan.rules.exemption import USAGE_ELEMENTS, exemption


def read(
    rows: list[Row], *, public: bool = True, usage: bool = True, names: dict[str, str] | None = None
) -> dict[str, Row]:
    """Both readings for every row; weights, configuration and card as listed by default."""
    repositories = schema.REPOSITORIES.conform(
        pl.LazyFrame(
            [
                {
                    "repo_id": row["repo_id"],
                    "licence_name": (names or {}).get(row["repo_id"]),
                    "safetensors_total": 7e9 if public else None,
                    "model_type": "llama" if public else None,
                }
                for row in rows
            ],
            schema={"repo_id": pl.String, "licence_name": pl.String,
                    "safetensors_total": pl.Float64, "model_type": pl.String},
        )
    )  # fmt: skip
    links = schema.LINEAGE.conform(
        pl.LazyFrame(
            [{"repo_id": row["repo_id"], "base_repo_id": row.get("base_repo_id")} for row in rows],
            schema={"repo_id": pl.String, "base_repo_id": pl.String},
        )
    )
    cards = schema.DOCUMENTATION.conform(
        pl.LazyFrame(
            [
                {"repo_id": row["repo_id"], "element": element, "stated": usage}
                for row in rows
                for element in USAGE_ELEMENTS
            ]
        )
    )
    estimates = frame(rows)
    found = exemption(estimates.select("repo_id"), estimates, repositories, links, cards)
    return {row["repo_id"]: row for row in found.collect().iter_rows(named=True)}


def one(**fields: Any) -> tuple[bool | None, bool | None, str]:  # noqa: ANN401
    name = fields.pop("licence_name", None)
    row = made(**({"flop": 5e23, "gated": "no"} | fields))
    found = read([row], names={row["repo_id"]: name} if name else None)[row["repo_id"]]
    return found["exempt_strict"], found["exempt_lenient"], found["reason"]


@pytest.mark.parametrize(
    ("fields", "strict", "lenient", "reason"),
    [
        ({"licence": "apache-2.0"}, True, True, "free licence"),
        ({"licence": "MIT"}, True, True, "free licence"),
        ({"licence": "cc-by-nc-4.0"}, False, False, "not free"),
        ({"licence": "llama3"}, False, False, "not free"),
        ({"licence": "openrail"}, False, True, "restricts use: arguable"),
        ({"licence": "gemma"}, False, True, "restricts use: arguable"),
        ({"licence": None}, False, False, "no licence is stated"),
        ({"licence": "other"}, False, False, "no licence is stated"),
        ({"licence": "other", "licence_name": "Modified MIT"}, False, True, "arguable"),
        ({"licence": "other", "licence_name": "exaone"}, False, False, "not free"),
        ({"licence": "never-heard-of"}, False, False, "not in the table"),
        ({"licence": "apache-2.0", "gated": "auto"}, False, True, "gated"),
        ({"licence": "apache-2.0", "flop": 2e25}, False, False, "systemic"),
    ],
)
def test_conditions_that_can_be_read(
    fields: dict[str, Any], strict: bool, lenient: bool, reason: str
) -> None:
    found = one(**fields)
    assert found[:2] == (strict, lenient)
    assert reason in found[2]


def test_attribution_and_share_alike_do_no_harm() -> None:
    assert one(licence="cc-by-4.0")[:2] == (True, True)
    assert one(licence="cc-by-sa-4.0")[:2] == (True, True)


def test_what_is_not_listed_is_unknown_and_not_missing() -> None:
    row = made(flop=5e23, gated="no", licence="apache-2.0")
    found = read([row], public=False)["lab/model"]
    assert (found["exempt_strict"], found["exempt_lenient"]) == (None, None)
    assert found["reason"] == "what is public was not listed"


def test_a_card_without_usage_information_fails_the_strict_reading_only() -> None:
    row = made(flop=5e23, gated="no", licence="apache-2.0")
    found = read([row], usage=False)["lab/model"]
    assert (found["exempt_strict"], found["exempt_lenient"]) == (False, True)
    assert "usage information" in found["reason"]


def test_a_derivative_is_as_free_as_the_least_free_behind_it() -> None:
    base = made(repo_id="meta/llama", flop=5e23, gated="manual", licence="llama3")
    first = derived(base, "lab/first", 1e20, licence="mit", gated="no")
    second = derived(first, "lab/second", 1e20, licence="apache-2.0", gated="no")
    found = read([base, first, second])["lab/second"]
    assert (found["exempt_strict"], found["exempt_lenient"]) == (False, False)
    assert found["conflict"] == ("claims apache-2.0, but meta/llama behind it is under llama3")
    assert found["reason"] == found["conflict"]


def test_an_equally_free_base_is_no_conflict() -> None:
    base = made(repo_id="lab/base", flop=5e23, gated="no", licence="mit")
    tuned = derived(base, "x/tuned", 1e20, licence="apache-2.0", gated="no")
    found = read([base, tuned])["x/tuned"]
    assert (found["exempt_strict"], found["conflict"]) == (True, None)


def test_rights_withheld_in_the_union_are_a_hint_along_the_path() -> None:
    base = made(repo_id="tencent/model", flop=5e23, licence="other")
    tuned = derived(base, "x/tuned", 1e20, licence="apache-2.0")
    free = made(repo_id="lab/free", flop=5e23, licence="apache-2.0")
    found = read([base, tuned, free], names={"tencent/model": "tencent-hunyuan-community"})
    assert found["tencent/model"]["excludes_eu"]
    assert found["x/tuned"]["excludes_eu"]
    assert not found["lab/free"]["excludes_eu"]

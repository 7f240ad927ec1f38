"""The cause a difference between two scans is put down to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

_CLAIM: Final = ["repo_id", "quantity", "stage", "subject", "value", "text", "method", "file"]
_REFERENCE_METHODS: Final = ["reference", "dataset", "prior"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One scan as the comparison needs it: its row of `scans` and three of its tables."""

    scan: Mapping[str, Any]
    estimates: pl.LazyFrame
    evidence: pl.LazyFrame
    verdicts: pl.LazyFrame

    def differs(self, other: Snapshot, column: str) -> bool:
        """Whether the two scans say different things in a column of `scans`."""
        return bool(self.scan.get(column) != other.scan.get(column))


def causes(
    before: Snapshot, after: Snapshot, pairs: pl.LazyFrame, turned: pl.LazyFrame
) -> pl.LazyFrame:
    """The cause of whatever changed in a repository that both scans hold.

    Claims are compared only where a figure or verdict differs.
    """
    both = pairs.filter(pl.col("is_after") & pl.col("is_before"))
    differs = pl.col("compute_flop_after").ne_missing(pl.col("compute_flop_before"))
    suspects = pl.concat([both.filter(differs).select("repo_id"), turned.select("repo_id")])
    stayed = (
        both.filter(~pl.col("moved")).select("repo_id").join(suspects, on="repo_id", how="semi")
    )
    claims = _different_claims(before, after, stayed).with_columns(
        pl.lit(value=True).alias("claims_differ")
    )
    data = pl.lit(before.differs(after, "data_version"))
    code = pl.lit(before.differs(after, "code_version"))
    undated = pl.col("unversioned") & ~data & ~code
    own = (
        both.select("repo_id", "model_id", "moved", "unversioned")
        .join(claims, on="repo_id", how="left")
        .with_columns(
            pl.when("moved")
            .then(pl.lit("upstream"))
            .when(pl.col("claims_differ") & undated)
            .then(pl.lit("upstream"))
            .when(pl.col("claims_differ") & pl.col("only_reference") & data)
            .then(pl.lit("reference_data"))
            .when(pl.col("claims_differ") & code)
            .then(pl.lit("code"))
            .when("claims_differ")
            .then(pl.lit("evidence"))
            .alias("own_cause")
        )
    )
    roots = own.select(pl.col("repo_id").alias("model_id"), pl.col("own_cause").alias("root_cause"))
    known = own.join(roots, on="model_id", how="left").with_columns(
        pl.coalesce("own_cause", "root_cause", pl.lit(_of_run(before, after))).alias("cause")
    )
    return known.select("repo_id", "cause", _detail(before, after))


def _of_run(before: Snapshot, after: Snapshot) -> str:
    """What differs between two runs over the same claims."""
    for column, cause in (
        ("data_version", "reference_data"),
        ("code_version", "code"),
        ("rules_version", "rules"),
        ("settings", "settings"),
    ):
        if before.differs(after, column):
            return cause
    return "unexplained"


def words(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """What each cause means between two scans."""

    def step(column: str) -> str:
        return f"{before.scan.get(column)} → {after.scan.get(column)}"

    return {
        "upstream": "the repository changed",
        "evidence": "other claims were read from the same revision",
        "rules": f"rule sets {step('rules_version')}",
        "reference_data": f"reference data {step('data_version')}",
        "code": f"gpai-scan {step('code_version')}",
        "settings": "the settings of the run differ",
        "unexplained": "nothing that is recorded differs",
    }


def _detail(before: Snapshot, after: Snapshot) -> pl.Expr:
    said = pl.col("cause").replace_strict(words(before, after), return_dtype=pl.String)
    inherited = pl.col("own_cause").is_null() & pl.col("root_cause").is_not_null()
    return (
        pl.when(inherited)
        .then(pl.format("{}, through {}", said, "model_id"))
        .otherwise(said)
        .alias("detail")
    )


def _different_claims(before: Snapshot, after: Snapshot, stayed: pl.LazyFrame) -> pl.LazyFrame:
    """Repositories whose claims differ, and whether only those from reference data do."""
    here = after.evidence.select(_CLAIM).join(stayed, on="repo_id", how="semi")
    there = before.evidence.select(_CLAIM).join(stayed, on="repo_id", how="semi")
    only = [
        one.join(other, on=_CLAIM, how="anti", nulls_equal=True)
        for one, other in ((here, there), (there, here))
    ]
    return (
        pl.concat(only)
        .group_by("repo_id")
        .agg(pl.col("method").is_in(_REFERENCE_METHODS).all().alias("only_reference"))
    )

"""What changed since the scan before, and why.

Every step is `LazyFrame -> LazyFrame`. A difference is put down to the first cause that explains
it: the repository has another revision; the claims read from the same revision differ; the rule
set, the reference data, the code or the settings of the run differ. A derivative whose own
revision and claims are the same takes the cause from the model it was made from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from gpai_scan import schema

FIGURE_CHANGE: Final = 1.01
"""Ratio from which a changed compute figure is listed though it crosses no line."""

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


def changes(before: Snapshot, after: Snapshot, thresholds: Sequence[float]) -> pl.LazyFrame:
    """The rows of `schema.CHANGES` between two scans.

    `thresholds` are lines of training compute in FLOP, crossed when `compute_flop` exceeds one
    in only one of the two scans.
    """
    pairs = _pairs(before, after)
    causes = _causes(before, after, pairs)
    rows = [
        _appeared(before, after, pairs),
        _crossed(pairs, causes, thresholds),
        _verdicts(before, after, pairs, causes),
        _figures(pairs, causes),
    ]
    table = pl.concat([schema.CHANGES.conform(frame) for frame in rows])
    return table.with_columns(pl.lit(str(before.scan["scan_id"])).alias("previous_scan_id")).sort(
        schema.CHANGES.key, nulls_last=True
    )


def _pairs(before: Snapshot, after: Snapshot) -> pl.LazyFrame:
    """One row a repository of either scan, with what both say of it."""
    columns = ["repo_id", "revision", "model_id", "entity_id", "compute_flop"]
    return (
        after.estimates.select(columns)
        .join(before.estimates.select(columns), on="repo_id", how="full", suffix="_before")
        .select(
            pl.coalesce("repo_id", "repo_id_before").alias("repo_id"),
            pl.coalesce("model_id", "model_id_before").alias("model_id"),
            pl.coalesce("entity_id", "entity_id_before").alias("entity_id"),
            pl.col("repo_id").is_not_null().alias("is_after"),
            pl.col("repo_id_before").is_not_null().alias("is_before"),
            (pl.col("revision") != pl.col("revision_before")).fill_null(value=False).alias("moved"),
            pl.col("compute_flop").alias("compute_flop_after"),
            pl.col("compute_flop_before"),
        )
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


def _causes(before: Snapshot, after: Snapshot, pairs: pl.LazyFrame) -> pl.LazyFrame:
    """The cause of whatever changed in a repository that both scans hold."""
    both = pairs.filter(pl.col("is_after") & pl.col("is_before"))
    stayed = both.filter(~pl.col("moved")).select("repo_id")
    claims = _different_claims(before, after, stayed).with_columns(
        pl.lit(value=True).alias("claims_differ")
    )
    data = pl.lit(before.differs(after, "data_version"))
    code = pl.lit(before.differs(after, "code_version"))
    own = (
        both.select("repo_id", "model_id", "moved")
        .join(claims, on="repo_id", how="left")
        .with_columns(
            pl.when("moved")
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


def _words(before: Snapshot, after: Snapshot) -> dict[str, str]:
    def step(column: str) -> str:
        return f"{before.scan.get(column)} → {after.scan.get(column)}"

    return {
        "upstream": "another revision of the repository",
        "evidence": "other claims were read from the same revision",
        "rules": f"rule sets {step('rules_version')}",
        "reference_data": f"reference data {step('data_version')}",
        "code": f"gpai-scan {step('code_version')}",
        "settings": "the settings of the run differ",
        "unexplained": "nothing that is recorded differs",
    }


def _detail(before: Snapshot, after: Snapshot) -> pl.Expr:
    words = pl.col("cause").replace_strict(_words(before, after), return_dtype=pl.String)
    inherited = pl.col("own_cause").is_null() & pl.col("root_cause").is_not_null()
    return (
        pl.when(inherited)
        .then(pl.format("{}, through {}", words, "model_id"))
        .otherwise(words)
        .alias("detail")
    )


def _appeared(before: Snapshot, after: Snapshot, pairs: pl.LazyFrame) -> pl.LazyFrame:
    other_run = before.differs(after, "source") or before.differs(after, "settings")
    gone = pl.col("is_before") & ~pl.col("is_after")
    words = {
        "upstream": ("listed for the first time", "no longer listed"),
        "settings": ("the run read more than the one before", "the run did not read it"),
    }
    cause = "settings" if other_run else "upstream"
    return pairs.filter(~(pl.col("is_after") & pl.col("is_before"))).with_columns(
        pl.when(gone).then(pl.lit("vanished")).otherwise(pl.lit("new")).alias("change"),
        pl.lit(cause).alias("cause"),
        pl.when(gone)
        .then(pl.lit(words[cause][1]))
        .otherwise(pl.lit(words[cause][0]))
        .alias("detail"),
    )


def _side(column: str) -> pl.Expr:
    above = pl.col(column) > pl.col("threshold")
    return (
        pl.when(above.is_null())
        .then(pl.lit("unknown"))
        .when(above)
        .then(pl.lit("above"))
        .otherwise(pl.lit("not above"))
    )


def _crossed(
    pairs: pl.LazyFrame, causes: pl.LazyFrame, thresholds: Sequence[float]
) -> pl.LazyFrame:
    """Repositories on another side of a line than before."""
    lines = pl.LazyFrame({"threshold": sorted(set(thresholds))}, schema={"threshold": pl.Float64})
    moved = pairs.filter(
        pl.col("is_after")
        & pl.col("is_before")
        & pl.col("compute_flop_after").ne_missing(pl.col("compute_flop_before"))
    )
    return (
        moved.join(lines, how="cross")
        .with_columns(
            _side("compute_flop_before").alias("before"), _side("compute_flop_after").alias("after")
        )
        .filter(pl.col("before") != pl.col("after"))
        .with_columns(pl.lit("threshold").alias("change"))
        .join(causes, on="repo_id", how="left")
    )


def _verdicts(
    before: Snapshot, after: Snapshot, pairs: pl.LazyFrame, causes: pl.LazyFrame
) -> pl.LazyFrame:
    """Verdicts that differ; with the same value and other rules, the rules are the cause."""
    key = ["regime", "rule", "repo_id"]
    same = pl.col("value").eq_missing(pl.col("value_before"))
    rules = pl.lit(before.differs(after, "rules_version"))
    words = _words(before, after)["rules"]
    figures = pairs.select("repo_id", "compute_flop_after", "compute_flop_before")
    return (
        after.verdicts.select(*key, "model_id", "entity_id", "threshold", "verdict", "value")
        .join(before.verdicts.select(*key, "verdict", "value"), on=key, suffix="_before")
        .filter(pl.col("verdict") != pl.col("verdict_before"))
        .join(causes, on="repo_id", how="left")
        .join(figures, on="repo_id", how="left")
        .with_columns(
            pl.lit("verdict").alias("change"),
            pl.col("verdict_before").cast(pl.String).alias("before"),
            pl.col("verdict").cast(pl.String).alias("after"),
            pl.when(same & rules).then(pl.lit("rules")).otherwise("cause").alias("cause"),
            pl.when(same & rules).then(pl.lit(words)).otherwise("detail").alias("detail"),
        )
    )


def _figures(pairs: pl.LazyFrame, causes: pl.LazyFrame) -> pl.LazyFrame:
    """Compute figures that moved by more than `FIGURE_CHANGE`, became known or unknown."""
    new, old = pl.col("compute_flop_after"), pl.col("compute_flop_before")
    ratio = pl.max_horizontal(new / old, old / new)
    appeared = new.is_null() != old.is_null()
    return (
        pairs.filter(pl.col("is_after") & pl.col("is_before"))
        .filter(appeared | (ratio > FIGURE_CHANGE).fill_null(value=False))
        .with_columns(pl.lit("figure").alias("change"))
        .join(causes, on="repo_id", how="left")
    )

"""Scores of what was inferred: parameter counts, training compute, thresholds, intervals."""

from __future__ import annotations

from typing import Final

import polars as pl

THRESHOLDS: Final = (1e22, 1e23, 1e24)
TIERS: Final[dict[str, tuple[str, ...]]] = {"A": ("A",), "A+B": ("A", "B")}
FACTORS: Final = (1.33, 2.0, 3.0)


def parameters(claims: pl.DataFrame, winners: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Parameter counts against accepted ranges: `source, quantity, repo, found, low, high, off`.

    `source` is `all` for the best-supported count, else a method. `off` is the relative distance
    from the nearest accepted count: 0 inside the range. Rows of a component are left out.
    """
    numbers = ("parameters_total", "total_low", "total_high", "parameters_active", "active_low")
    names = [n for n in (*numbers, "active_high") if n in truth.columns]
    rows = truth.with_columns(pl.col(names).cast(pl.Float64, strict=False))
    if "component" in truth.columns:
        rows = rows.filter(pl.col("component").is_null())
    wanted = pl.concat(
        [_range(rows, "parameters_total", "total"), _range(rows, "parameters_active", "active")]
    )
    own = pl.col("subject").is_null() & pl.col("rejected").is_null() & (pl.col("value") > 0)
    single = (
        claims.filter(own)
        .with_columns(pl.col("method").cast(pl.String), pl.col("quantity").cast(pl.String))
        .filter(pl.col("quantity").is_in(["parameters_total", "parameters_active"]))
        .unique(["repo_id", "quantity", "method"], keep="first", maintain_order=True)
        .select("repo_id", "quantity", "value", source=pl.col("method"))
    )
    best = winners.with_columns(pl.col("quantity").cast(pl.String)).select(
        "repo_id", "quantity", "value", source=pl.lit("all")
    )
    off = (
        pl.when(pl.col("value") < pl.col("low"))
        .then(1 - pl.col("value") / pl.col("low"))
        .when(pl.col("value") > pl.col("high"))
        .then(pl.col("value") / pl.col("high") - 1)
        .otherwise(0.0)
    )
    return wanted.join(
        pl.concat([best, single]), on=["repo_id", "quantity"], how="left"
    ).with_columns(pl.when(pl.col("value").is_not_null()).then(off).alias("off"))


def _range(rows: pl.DataFrame, quantity: str, prefix: str) -> pl.DataFrame:
    if quantity not in rows.columns:
        return pl.DataFrame(
            schema={
                "repo_id": pl.String,
                "quantity": pl.String,
                "low": pl.Float64,
                "high": pl.Float64,
            }
        )
    ends = [
        pl.coalesce(
            f"{prefix}_{end}" if f"{prefix}_{end}" in rows.columns else quantity, quantity
        ).alias(end)
        for end in ("low", "high")
    ]
    return rows.filter(pl.col(quantity).is_not_null()).select(
        pl.col("repo").alias("repo_id"), pl.lit(quantity).alias("quantity"), *ends
    )


def compared(estimates: pl.DataFrame, winners: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Estimates beside published compute: `repo_id, tier, truth, compute_flop, …, naive_flop`.

    Rows whose compute is marked as known to be wrong are left out. `naive_flop` is the baseline:
    6 × total parameters × unique tokens, one pass, whatever the model is made of.
    """
    good = pl.lit(value=True)
    if "known_bad" in truth.columns:
        good = ~pl.col("known_bad").fill_null("").str.contains(
            "training_compute_flop", literal=True
        )
    tier = pl.col("tier") if "tier" in truth.columns else pl.lit("A")
    wanted = (
        truth.filter(good)
        .select(
            "repo_id",
            tier.alias("tier"),
            pl.col("training_compute_flop").cast(pl.Float64, strict=False).alias("truth"),
        )
        .filter(pl.col("truth") > 0)
    )
    wide = (
        winners.with_columns(pl.col("quantity").cast(pl.String))
        .filter(pl.col("quantity").is_in(["parameters_total", "tokens", "unique_tokens", "epochs"]))
        .sort("stage", nulls_last=False)
        .group_by("repo_id", maintain_order=True)
        .agg(
            *(
                pl.col("value").filter(pl.col("quantity") == name).first().alias(f"_{name}")
                for name in ("parameters_total", "tokens", "unique_tokens", "epochs")
            )
        )
        .select(
            "repo_id",
            (
                6.0
                * pl.col("_parameters_total")
                * pl.coalesce(
                    "_unique_tokens", pl.col("_tokens") / pl.col("_epochs").fill_null(1.0)
                )
            ).alias("naive_flop"),
        )
    )
    columns = (
        "compute_flop",
        "compute_flop_low",
        "compute_flop_high",
        "compute_method",
        "relation",
        "parameters_active",
        "tokens",
        "flags",
        "skip_reason",
    )
    return (
        wanted.join(estimates.select("repo_id", *columns), on="repo_id")
        .join(wide, on="repo_id", how="left")
        .with_columns(
            (pl.col("compute_flop") / pl.col("truth")).log10().alias("error_log10"),
            (pl.col("naive_flop") / pl.col("truth")).log10().alias("naive_log10"),
        )
    )


def compute_scores(rows: pl.DataFrame) -> list[tuple[str, str, float | None, int]]:
    """Error of compute by tier, of ours and of the baseline: `(measure, slice, value, n)`."""
    scores: list[tuple[str, str, float | None, int]] = []
    for tier, held in TIERS.items():
        of = rows.filter(pl.col("tier").is_in(held))
        for name, error in (("compute", "error_log10"), ("naive 6·P·D", "naive_log10")):
            errors = of[error].drop_nulls().abs()
            n = errors.len()
            scores.append((f"{name}: median |log10 error|", tier, _float(errors.median()), n))
            for factor in FACTORS:
                near = (errors <= pl.select(pl.lit(factor).log10()).item()).mean()
                scores.append((f"{name}: within {factor:g}x", tier, _float(near), n))
        inside = (
            of.filter(pl.col("compute_flop").is_not_null())
            .select(pl.col("truth").is_between("compute_flop_low", "compute_flop_high"))
            .to_series()
            .drop_nulls()
        )
        scores.append(
            ("compute: truth inside the 90 % interval", tier, _float(inside.mean()), inside.len())
        )
    return scores


def threshold_scores(rows: pl.DataFrame) -> list[tuple[str, str, float | None, int]]:
    """Precision and recall of "at or above" among repositories with truth and an estimate."""
    scores: list[tuple[str, str, float | None, int]] = []
    for tier, held in TIERS.items():
        for name, column in (("compute", "compute_flop"), ("naive 6·P·D", "naive_flop")):
            of = rows.filter(pl.col("tier").is_in(held) & pl.col(column).is_not_null())
            for threshold in THRESHOLDS:
                said, true = of[column] >= threshold, of["truth"] >= threshold
                hits = int((said & true).sum())
                for measure, all_of in (
                    ("precision", int(said.sum())),
                    ("recall", int(true.sum())),
                ):
                    value = hits / all_of if all_of else None
                    scores.append((f"{name} ≥ {threshold:.0e}: {measure}", tier, value, all_of))
    return scores


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None

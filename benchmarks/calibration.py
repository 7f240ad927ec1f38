"""How wide an estimate from operations is, against published training compute.

Compares 6·N·D with the training compute of `data/reference_models.csv`, language models without a
base, graded Confident, epochs known. The tail holds mixtures of experts (the table has total
parameters only) and wrong cells, so the spread is taken from the central 80 % of log10 ratios, as
the normal distribution that has the same central 80 %. It is stored in `data/spreads.csv`.

Partly circular: many published figures were computed as 6·N·D themselves.

Prints also how often language models read their data, for the size of training data that a card
states without a word of passes: those since 2022 without a base, of 1e10 tokens or more, whose
epochs are on record. Most read it once; the figure stated is the lower end.

    python -m benchmarks.calibration
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import assets
from gpai_scan.compute import transformer_flop

Z_80: Final = 1.2815515655446004
LEAST_TOKENS: Final = 1e10
"""Smaller sets are those of small models, which are read many times."""


def log_ratios() -> pl.Series:
    """The log10 ratio of 6·N·D to the published training compute, one a model."""
    models = pl.read_csv(assets.folder("data") / "reference_models.csv", infer_schema_length=None)
    usable = models.filter(
        pl.col("known_bad").is_null()
        & pl.col("base_model").is_null()
        & (pl.col("domain") == "Language")
        & (pl.col("confidence") == "Confident")
        & pl.col("epochs").is_not_null()
        & (pl.col("training_compute_flop") > 0)
    )
    tokens = pl.col("dataset_size") * pl.col("epochs")
    operations = transformer_flop(pl.col("parameters"), tokens)
    ratio = (operations / pl.col("training_compute_flop")).log10()
    return usable.select(ratio.alias("ratio"))["ratio"].drop_nulls()


def log_passes() -> pl.Series:
    """The log10 of the passes over its data that each language model made."""
    models = pl.read_csv(assets.folder("data") / "reference_models.csv", infer_schema_length=None)
    usable = models.filter(
        pl.col("known_bad").is_null()
        & pl.col("base_model").is_null()
        & pl.col("domain").str.contains("Language")
        & (pl.col("publication_date") >= "2022")
        & (pl.col("dataset_size") >= LEAST_TOKENS)
        & (pl.col("epochs") > 0)
    )
    return usable.select(pl.col("epochs").log10().alias("passes"))["passes"]


def main() -> None:
    passes = log_passes()
    low, high = passes.quantile(0.1) or 0.0, passes.quantile(0.9) or 0.0
    print(f"one pass: {(passes == 0).mean():.0%} of {passes.len()} models")
    print(f"central 80 % of passes: {10**low:.2f} to {10**high:.2f}")
    print(f"sigma_log10 of passes: {(high - low) / 2 / Z_80:.3f}")
    ratios = log_ratios()
    for share in (0.5, 0.68, 0.8, 0.9, 0.95):
        width = ratios.abs().quantile(share)
        print(f"{share:.0%} of {ratios.len()} models within 10^±{width:.3f}")
    print(f"sigma_log10 of the central 80 %: {(ratios.abs().quantile(0.8) or 0) / Z_80:.3f}")


if __name__ == "__main__":
    main()

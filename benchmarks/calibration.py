"""How wide an estimate from operations is, against published training compute.

Compares 6·N·D with the training compute of `data/reference_models.csv`, language models without a
base, graded Confident, epochs known. The tail holds mixtures of experts (the table has total
parameters only) and wrong cells, so the spread is taken from the central 80 % of log10 ratios, as
the normal distribution that has the same central 80 %. It is stored in `data/spreads.csv`.

Partly circular: many published figures were computed as 6·N·D themselves.

    python -m benchmarks.calibration
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import assets
from gpai_scan.compute import transformer_flop

Z_80: Final = 1.2815515655446004


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


def main() -> None:
    ratios = log_ratios()
    for share in (0.5, 0.68, 0.8, 0.9, 0.95):
        width = ratios.abs().quantile(share)
        print(f"{share:.0%} of {ratios.len()} models within 10^±{width:.3f}")
    print(f"sigma_log10 of the central 80 %: {(ratios.abs().quantile(0.8) or 0) / Z_80:.3f}")


if __name__ == "__main__":
    main()

"""What is counted: large pre-training runs, once each, and who stands behind them.

A run is counted through its root repository and the versions its own provider published. Copies,
quantised and derived repositories of others carry the model but are not another one. A repository
in a namespace known for copies, fine-tunes or tests is a run of its own only where it shows its
own training.
"""

from __future__ import annotations

from typing import Final

import polars as pl

NOT_PROVIDERS: Final = ("re-uploader", "canonical-copy")
"""Roles of namespaces that publish others' models: a run is counted, but not they as its entity."""
NO_RUNS: Final = ("finetuner", "merger", "test-stub")
"""Roles of namespaces whose repositories are no runs unless they state training of their own."""
_STATED: Final = ("prior", "dataset", "lineage")
"""Methods that are no statement of own training."""


def units(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Which repositories count for which model, from the frame of `subjects`.

    Columns: `repo_id`, `model_id`, `counted` (the repository speaks for the model: its root, or a
    version by the same entity), `provider` (entity counted for it; null where not known).
    """
    role = pl.col("_role")
    trained = (
        pl.col("tokens").is_not_null()
        & ~pl.col("tokens_method").cast(pl.String).is_in(_STATED).fill_null(value=False)
    ) | pl.col("accelerator_hours").is_not_null()
    root = ~pl.col("_derived")
    no_run = role.is_in(NO_RUNS).fill_null(value=False) & ~trained
    space = pl.col("repo_id").str.extract(r"^([^/]+)/").str.to_lowercase()
    stranger = (pl.col("entity_id") == space) | (
        pl.col("entity_id") == pl.concat_str([pl.lit("hub:"), space])
    )
    copier = role.is_in(NOT_PROVIDERS).fill_null(value=False) & stranger
    return frame.select(
        "repo_id",
        "model_id",
        ((root & ~no_run) | pl.col("_same_entity")).alias("counted"),
        pl.when(~copier).then("entity_id").alias("provider"),
    )

"""What is counted: large pre-training runs, once each, and who stands behind them.

A run is counted through its root repository and the versions its own provider published. Copies,
quantised and derived repositories of others carry the model but are not another one. A repository
in a namespace known for copies, fine-tunes or tests is a run of its own only where it states
training of its own.
"""

from __future__ import annotations

from typing import Final

import polars as pl

NOT_PROVIDERS: Final = ("re-uploader", "canonical-copy")
"""Roles of namespaces that publish others' models: a run is counted, but not they as its entity."""
NO_RUNS: Final = ("finetuner", "merger", "test-stub")
"""Roles of namespaces whose repositories are no runs unless they state training of their own."""
_NOT_STATED: Final = ("prior", "dataset", "lineage")
"""Methods that are no statement of a repository's own training."""


def number(name: pl.Expr) -> pl.Expr:
    """A 64-bit number for a name, null for null: counts distinct names at a fraction of the cost.

    Two of three million names share one with a probability of about 2e-7.
    """
    return pl.when(name.is_not_null()).then(name.hash())


def units(frame: pl.LazyFrame) -> pl.DataFrame:
    """Which repositories speak for which model, in the order of the frame of `rules.subjects`.

    Columns: `repo_id`; `model`, `owner` and `entity`, numbers for the model, for the entity behind
    the repository and for the one counted for it (null where a copier publishes it); `counted`,
    whether the repository speaks for the model at all; `alone`, whether nobody else does; `first`,
    whether it decides what is unknown (the root, or every version where the root is not in the
    scan).
    """
    role = pl.col("_role")
    stated = (
        pl.col("tokens").is_not_null()
        & ~pl.col("tokens_method").cast(pl.String).is_in(_NOT_STATED).fill_null(value=False)
    ) | pl.col("accelerator_hours").is_not_null()
    no_run = role.is_in(NO_RUNS).fill_null(value=False) & ~stated
    copies = role.is_in(NOT_PROVIDERS).fill_null(value=False)
    space = pl.when(copies).then("repo_id").str.extract(r"^([^/]+)/").str.to_lowercase()
    stranger = (pl.col("entity_id") == space) | (
        pl.col("entity_id") == pl.concat_str([pl.lit("hub:"), space])
    )
    owner = number(pl.col("entity_id"))
    root = ~pl.col("_derived")
    who = frame.select(
        "repo_id",
        number(pl.col("model_id")).alias("model"),
        owner.alias("owner"),
        pl.when(~(copies & stranger)).then(owner).alias("entity"),
        root.alias("root"),
        ((root & ~no_run) | pl.col("_same_entity")).alias("counted"),
    ).collect()
    roots = who.filter(pl.col("root"))["model"].unique()
    versions = who.filter(pl.col("counted") & ~pl.col("root"))["model"].unique()
    return who.with_columns(
        (pl.col("root") & ~pl.col("model").is_in(versions.implode())).alias("alone"),
        (pl.col("root") | ~pl.col("model").is_in(roots.implode())).alias("first"),
    )

"""Facts, long, to the handful of columns an estimate needs, one row a repository."""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import schema

_NUMBERS: Final[dict[str, tuple[str, tuple[str | None, ...]]]] = {
    "parameters_total": ("parameters_total", (None,)),
    "parameters_active": ("parameters_active", (None,)),
    "parameters_trainable": ("parameters_trainable", (None,)),
    "layers": ("layers", (None,)),
    "attention_width": ("attention_width", (None,)),
    "sequence_length": ("sequence_length", ("pretraining", None)),
    "tokens_unstaged": ("tokens", (None,)),
    "tokens_pretraining": ("tokens", ("pretraining",)),
    "tokens_continued": ("tokens", ("continued_pretraining",)),
    "tokens_post": ("tokens", ("post_training",)),
    "tokens_all": ("tokens", ("all_training",)),
    "hours_unstaged": ("accelerator_hours", (None,)),
    "hours_pretraining": ("accelerator_hours", ("pretraining",)),
    "hours_continued": ("accelerator_hours", ("continued_pretraining",)),
    "hours_post": ("accelerator_hours", ("post_training",)),
    "hours_all": ("accelerator_hours", ("all_training",)),
    "stated_flop": ("training_flop", ("all_training", "pretraining", None)),
    "stated_own_flop": ("training_flop", ("continued_pretraining", "post_training")),
    "utilisation": ("utilisation", ("pretraining", "all_training", None)),
}
_TEXTS: Final[dict[str, tuple[str | None, ...]]] = {
    "accelerator_model": ("pretraining", "all_training", None, "continued_pretraining"),
    "licence": (None,),
    "architecture": (None,),
    "task": (None,),
}
TOKENS: Final = (
    "tokens_unstaged",
    "tokens_pretraining",
    "tokens_continued",
    "tokens_post",
    "tokens_all",
)
"""The columns of tokens, one a stage, of which `own.tokens` makes one figure."""
ROW: Final = "_row"
"""Number of a repository: joins over numbers cost a fraction of joins over names."""
_RANGES: Final = ("parameters_total", *TOKENS)


def _one(facts: pl.LazyFrame, quantity: str, stage: str | None) -> pl.LazyFrame:
    here = pl.col("quantity") == pl.lit(quantity, dtype=schema.QUANTITY)
    if stage is None:
        return facts.filter(here & pl.col("stage").is_null())
    return facts.filter(here & (pl.col("stage") == pl.lit(stage, dtype=schema.STAGE)))


def _number(facts: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The facts of one column, the first listed stage that is present winning."""
    quantity, stages = _NUMBERS[name]
    ranges = ("low", "high") if name in _RANGES else ()
    parts = [
        _one(facts, quantity, stage).select(
            ROW,
            pl.col("value").alias(name),
            pl.col("method").alias(f"{name}_method"),
            *(pl.col(end).alias(f"{name}_{end}") for end in ranges),
        )
        for stage in stages
    ]
    return pl.concat(parts).unique(ROW, keep="first", maintain_order=True)


def _text(facts: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The texts of one column, the first listed stage that is present winning."""
    parts = [
        _one(facts, name, stage).select(ROW, pl.col("text").alias(name)) for stage in _TEXTS[name]
    ]
    return pl.concat(parts).unique(ROW, keep="first", maintain_order=True)


def numbered(facts: pl.LazyFrame, members: pl.LazyFrame) -> pl.LazyFrame:
    """The facts that `wide` reads, under the numbers that `members` gives repositories.

    `members` has `repo_id` and `ROW`; of the facts (`schema.FACTS`) only what is needed is kept.
    """
    names = sorted({quantity for quantity, _ in _NUMBERS.values()} | set(_TEXTS))
    columns = ("repo_id", "quantity", "stage", "value", "low", "high", "text", "method")
    wanted = facts.select(columns).filter(pl.col("quantity").is_in(names))
    ids = members.select("repo_id", ROW)
    return wanted.join(ids, on="repo_id", maintain_order="left").drop("repo_id")


def wide(members: pl.LazyFrame, facts: pl.LazyFrame) -> pl.LazyFrame:
    """`numbered` facts to one row a repository of `members`, a frame with `ROW`.

    Adds for each number above its value and `<name>_method`, for ranges `<name>_low` and
    `<name>_high`, and the texts. Joined column by column: most quantities are stated by few
    repositories, and an aggregate of all columns at once costs a hundred passes over all groups.
    """
    held = members.collect().lazy()
    frame = held.select(ROW)
    for name in _NUMBERS:
        frame = frame.join(_number(facts, name), on=ROW, how="left", maintain_order="left")
    for name in _TEXTS:
        frame = frame.join(_text(facts, name), on=ROW, how="left", maintain_order="left")
    return pl.concat([held, frame.drop(ROW)], how="horizontal")

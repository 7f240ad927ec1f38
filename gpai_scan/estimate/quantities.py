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
_ROW: Final = "_row"
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
            _ROW,
            pl.col("value").alias(name),
            pl.col("method").alias(f"{name}_method"),
            *(pl.col(end).alias(f"{name}_{end}") for end in ranges),
        )
        for stage in stages
    ]
    return pl.concat(parts).unique(_ROW, keep="first", maintain_order=True)


def _text(facts: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The texts of one column, the first listed stage that is present winning."""
    parts = [
        _one(facts, name, stage).select(_ROW, pl.col("text").alias(name)) for stage in _TEXTS[name]
    ]
    return pl.concat(parts).unique(_ROW, keep="first", maintain_order=True)


def wanted(facts: pl.LazyFrame) -> pl.LazyFrame:
    """The facts that `wide` reads, with the columns it reads of them."""
    names = sorted({quantity for quantity, _ in _NUMBERS.values()} | set(_TEXTS))
    columns = ("repo_id", "quantity", "stage", "value", "low", "high", "text", "method")
    return facts.select(columns).filter(pl.col("quantity").is_in(names))


def wide(repositories: pl.LazyFrame, facts: pl.LazyFrame) -> pl.LazyFrame:
    """`schema.FACTS` to one row a repository of `repositories`, a frame with `repo_id`.

    Adds for each number above its value and `<name>_method`, for ranges `<name>_low` and
    `<name>_high`, and the texts. Joined column by column: most quantities are stated by few
    repositories, and an aggregate of all columns at once costs a hundred passes over all groups.
    """
    numbered = repositories.with_row_index(_ROW).collect().lazy()
    ids = numbered.select("repo_id", _ROW)
    held = facts.join(ids, on="repo_id", maintain_order="left").drop("repo_id").collect().lazy()
    frame = numbered.select(_ROW)
    for name in _NUMBERS:
        frame = frame.join(_number(held, name), on=_ROW, how="left", maintain_order="left")
    for name in _TEXTS:
        frame = frame.join(_text(held, name), on=_ROW, how="left", maintain_order="left")
    return pl.concat([numbered.drop(_ROW), frame.drop(_ROW)], how="horizontal")

"""Facts, long, to the handful of columns an estimate needs, one row a repository."""

from __future__ import annotations

from collections.abc import Iterable
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
    return _first(parts)


def _text(facts: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The texts of one column, the first listed stage that is present winning."""
    parts = [
        _one(facts, name, stage).select(ROW, pl.col("text").alias(name)) for stage in _TEXTS[name]
    ]
    return _first(parts)


def _first(parts: Iterable[pl.LazyFrame]) -> pl.LazyFrame:
    """One row a repository, of the first part that has any; sorted by number."""
    rows = pl.concat(parts).sort(ROW, maintain_order=True)
    return rows.filter(pl.col(ROW).ne_missing(pl.col(ROW).shift(1)))


def told(facts: pl.LazyFrame, members: pl.DataFrame) -> list[pl.LazyFrame]:
    """The facts (`schema.FACTS`) that `wide` reads: a frame a column, one row a repository.

    Repositories go by the numbers that `members` (`repo_id` and `ROW`) gives them, texts by
    those of their categories: a tenth of the memory that names and texts take. Sorted by number.
    """
    names = sorted({quantity for quantity, _ in _NUMBERS.values()} | set(_TEXTS))
    columns = ("repo_id", "quantity", "stage", "value", "low", "high", "method")
    text = pl.col("text").cast(pl.Categorical)
    wanted = facts.filter(pl.col("quantity").is_in(names)).select(*columns, text)
    numbered = _numbered(wanted.collect(engine="streaming"), members).lazy()
    numbers = [_number(numbered, name) for name in _NUMBERS]
    texts = [_text(numbered, name) for name in _TEXTS]
    held = pl.collect_all([*numbers, *texts], engine="in-memory")
    return [frame.lazy() for frame in held]


def _numbered(facts: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The facts of members with their number in the place of their name.

    Facts of a repository stand together: its name is looked up once and not for each of them.
    """
    run = facts["repo_id"].rle_id()
    names = facts.select("repo_id").filter(run.ne_missing(run.shift(1)))
    known = members.select("repo_id", ROW)
    numbers = names.join(known, on="repo_id", how="left", maintain_order="left")[ROW]
    numbered = facts.drop("repo_id").with_columns(numbers.gather(run).alias(ROW))
    return numbered.drop_nulls(ROW) if numbers.null_count() else numbered


def wide(members: pl.LazyFrame, told: Iterable[pl.LazyFrame]) -> pl.LazyFrame:
    """What is `told` beside `members`, a frame with `ROW`: one row a repository, sorted by it.

    Adds for each number above its value and `<name>_method`, for ranges `<name>_low` and
    `<name>_high`, and the texts. Joined column by column: most quantities are stated by few
    repositories, and an aggregate of all columns at once costs a hundred passes over all groups.
    Both sides are sorted, so that a join is a walk along both.
    """
    held = members.sort(ROW).collect(engine="in-memory")
    frame, row = held.lazy().select(ROW), held[ROW]
    within = pl.col(ROW).is_between(pl.lit(row.min()), pl.lit(row.max()))
    for facts in told:
        frame = frame.join(facts.filter(within), on=ROW, how="left", maintain_order="left")
    texts = frame.drop(ROW).with_columns(pl.col(_TEXTS.keys()).cast(pl.String))
    return pl.concat([held.lazy(), texts], how="horizontal")

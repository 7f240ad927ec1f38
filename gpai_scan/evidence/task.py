"""What a repository is for: its task tag, or the task its architecture class is named after.

The hub's own tag stands in the listing. Where there is none, the front matter of the card, the
class in `model_index.json` or `architectures` of the configuration say it; their endings are
mapped in `data/architecture_tasks.csv`, the longest ending first. A stated tag goes before a name.
Where neither is there, the words with which a card introduces its model say it: those of
`data/task_words.csv` that stand in its first paragraphs, the first row of the table winning.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from gpai_scan import assets, schema
from gpai_scan.sources import Raw

_TAG: Final = r"(?m)^pipeline_tag:[ \t]*['\"]?([a-z0-9-]{3,60})"
_CLASS: Final = r'"_class_name"[ \t\r\n]*:[ \t\r\n]*"([A-Za-z0-9_]{3,100})"'
_ARCHITECTURE: Final = r'"architectures"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*"([A-Za-z0-9_]{3,100})"'
_FRONT_MATTER: Final = r"(?s)\A---\r?\n.*?\n---\r?\n"
_INTRODUCTION: Final = 1_500
"""Characters after the front matter in which a card says what its model is."""
_HEAD: Final = 20_000
"""Characters of a file in which these keys stand, if they stand in it at all."""


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of quantity `task`, whose text is one of the hub's task tags."""
    listed = raw.repositories.select(
        "repo_id", "revision", pl.col("architectures").list.first().alias("_class")
    ).with_columns(pl.lit("config_generic").alias("method"), pl.lit("listing").alias("file"))
    claims = [
        _tagged(raw.documents),
        _named(_found(raw.documents, "model_index.json", _CLASS)),
        _named(_found(raw.documents, "config.json", _ARCHITECTURE)),
        _named(listed),
    ]
    stated = pl.concat(claims, how="diagonal").collect().lazy()
    told = _introduced(raw, stated.select("repo_id"))
    return schema.EVIDENCE.conform(pl.concat([stated, told], how="diagonal"))


@cache
def _pairs(file: str, pattern: str) -> list[tuple[str, str]]:
    """The rows of a table of `data/`: what to look for, and the task it means."""
    table = pl.read_csv(assets.folder("data") / file)
    return [
        (str(what), str(tag)) for what, tag in table.select(pattern, "pipeline_tag").iter_rows()
    ]


def _introduced(raw: Raw, known: pl.LazyFrame) -> pl.LazyFrame:
    """The task after the words of a card's introduction, where nothing else tells."""
    tagged = raw.repositories.filter(pl.col("pipeline_tag").is_not_null()).select("repo_id")
    text = pl.col("text").str.head(_HEAD).str.replace(_FRONT_MATTER, "").str.head(_INTRODUCTION)
    cards = (
        raw.documents.filter((pl.col("path") == "README.md") & pl.col("text").is_not_null())
        .join(pl.concat([tagged, known]), on="repo_id", how="anti")
        .select("repo_id", "revision", text.str.to_lowercase().alias("_said"))
    )
    words = {
        tag: pl.col("_said").str.extract(rf"(?-u:\b)({pattern})(?-u:\b)")
        for pattern, tag in _pairs("task_words.csv", "words")
    }
    return cards.select(
        "repo_id",
        "revision",
        pl.lit("task").alias("quantity"),
        pl.coalesce(
            pl.when(found.is_not_null()).then(pl.lit(tag)) for tag, found in words.items()
        ).alias("text"),
        pl.lit("card_text").alias("method"),
        pl.lit("about").alias("bound"),
        pl.lit("README.md").alias("file"),
        pl.coalesce(words.values()).alias("quote"),
    ).drop_nulls("text")


def _documents(documents: pl.LazyFrame, path: str) -> pl.LazyFrame:
    here = (pl.col("path") == path) & pl.col("text").is_not_null()
    return documents.filter(here).with_columns(pl.col("text").str.head(_HEAD))


def _tagged(documents: pl.LazyFrame) -> pl.LazyFrame:
    cards = _documents(documents, "README.md").filter(pl.col("text").str.starts_with("---"))
    return cards.select(
        "repo_id",
        "revision",
        pl.lit("task").alias("quantity"),
        pl.col("text").str.extract(_TAG).alias("text"),
        pl.lit("front_matter").alias("method"),
        pl.lit("README.md").alias("file"),
        pl.col("text").str.extract(_TAG, 0).alias("quote"),
    ).drop_nulls("text")


def _found(documents: pl.LazyFrame, path: str, pattern: str) -> pl.LazyFrame:
    return _documents(documents, path).select(
        "repo_id",
        "revision",
        pl.col("text").str.extract(pattern).alias("_class"),
        pl.lit("config_generic").alias("method"),
        pl.lit(path).alias("file"),
    )


def _named(found: pl.LazyFrame) -> pl.LazyFrame:
    """The task after the longest known ending of a class name."""
    endings = _pairs("architecture_tasks.csv", "class_ending")
    task = pl.coalesce(
        pl.when(pl.col("_class").str.ends_with(ending)).then(pl.lit(tag))
        for ending, tag in sorted(endings, key=lambda pair: -len(pair[0]))
    )
    return (
        found.drop_nulls("_class")
        .with_columns(
            pl.lit("task").alias("quantity"),
            task.alias("text"),
            pl.concat_str(pl.lit("class "), pl.col("_class")).alias("quote"),
        )
        .drop("_class")
        .drop_nulls("text")
    )

"""Reading labelled repositories with the readers of the main job.

A family card stands in one folder and speaks of many repositories, each of which carries it on
the hub. It is therefore read once as the folder it stands in, and once under the name of each
labelled member.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from gpai_scan import evidence, run, schema
from gpai_scan.facts import facts
from gpai_scan.settings import Settings
from gpai_scan.sources import Raw, Shard
from gpai_scan.sources.folder import FolderSource

CARD: Final = "README.md"
CARD_READERS: Final = ("front_matter", "card", "statements", "name")


def raw_of(repos: Path) -> Raw:
    """All repositories of a local mirror as one shard. `InvalidInput` where there is none."""
    source = FolderSource(repos)
    parts = [source.read(shard) for shard in source.shards()]

    def whole(table: schema.Table, frames: list[pl.LazyFrame]) -> pl.LazyFrame:
        return pl.concat([table.conform(frame) for frame in frames]).collect().lazy()

    return Raw(
        whole(schema.REPOSITORIES, [part.repositories for part in parts]),
        whole(schema.DOCUMENTS, [part.documents for part in parts]),
        whole(schema.PROBLEMS, [part.problems for part in parts]),
    )


def pairs(raw: Raw, labelled: pl.DataFrame) -> pl.DataFrame:
    """Card and name to read it under: `card, hf_id, round`; a name occurs once a round."""
    cards = raw.documents.filter(pl.col("path") == CARD, pl.col("text").is_not_null()).select(
        pl.col("repo_id").alias("card")
    )
    members = labelled.lazy().select("card", "hf_id").unique()
    own = cards.select("card", pl.col("card").alias("hf_id"))
    every = pl.concat([own, members.join(cards, on="card", how="semi")]).unique()
    return (
        every.sort(
            pl.col("card") != pl.col("hf_id"), pl.col("card").str.len_chars(), "card", "hf_id"
        )
        .with_columns(pl.int_range(pl.len()).over("hf_id").alias("round"))
        .collect()
    )


def rounds(raw: Raw, read_as: pl.DataFrame) -> Iterator[tuple[Raw, pl.DataFrame]]:
    """Raw frames in which each card bears the name it is read under, with the pairs they hold."""
    cards = raw.documents.filter(pl.col("path") == CARD)
    for number in sorted(read_as["round"].unique()):
        held = read_as.filter(pl.col("round") == number)
        documents = (
            cards.join(held.lazy(), left_on="repo_id", right_on="card")
            .with_columns(pl.col("hf_id").alias("repo_id"))
            .drop("hf_id", "round")
        )
        named = held.lazy().select(
            pl.col("hf_id").alias("repo_id"),
            pl.col("hf_id").str.split("/").list.first().alias("namespace"),
        )
        yield (
            Raw(
                schema.REPOSITORIES.conform(named),
                schema.DOCUMENTS.conform(documents),
                schema.PROBLEMS.empty().lazy(),
            ),
            held,
        )


def of_cards(raw: Raw, labelled: pl.DataFrame) -> pl.DataFrame:
    """What cards alone tell: the winning facts of each card under each name.

    Columns of `schema.FACTS` with `card` in front; `repo_id` is the name it was read under.
    """
    wanted = [reader for name, reader in evidence.readers().items() if name in CARD_READERS]
    found = []
    for one, held in rounds(raw, pairs(raw, labelled)):
        claims = pl.concat([schema.EVIDENCE.conform(reader(one)) for reader in wanted])
        winners = facts(claims.collect().lazy()).collect()
        found.append(
            held.select("card", pl.col("hf_id").alias("repo_id")).join(winners, on="repo_id")
        )
    return pl.concat(found)


def with_members(raw: Raw, labelled: pl.DataFrame) -> Raw:
    """The mirror in which every labelled member carries its family card, as it does on the hub.

    A card of its own is kept; a member without a folder becomes a repository of card and name.
    """
    carded = raw.documents.filter((pl.col("path") == CARD) & pl.col("text").is_not_null())
    first = pairs(raw, labelled).filter(pl.col("round") == 0).lazy()
    bare = first.join(carded, left_on="hf_id", right_on="repo_id", how="anti").collect()
    if bare.is_empty():
        return raw
    one, _ = next(rounds(raw, bare))
    absent = one.repositories.join(raw.repositories, on="repo_id", how="anti")
    empty = raw.documents.join(one.documents, on=["repo_id", "path"], how="anti")
    return Raw(
        pl.concat([raw.repositories, absent]).sort("repo_id"),
        pl.concat([empty, one.documents]).sort("repo_id", "path"),
        raw.problems,
    )


@dataclass(frozen=True, slots=True)
class Labelled:
    """A mirror with its members as a source of one shard, so that the main job can read it."""

    raw: Raw
    name: str = "labelled"

    def shards(self) -> Sequence[Shard]:
        """The one unit of work."""
        return [Shard("000000", "labelled")]

    def read(self, shard: Shard) -> Raw:
        """Everything there is."""
        return self.raw


@dataclass(frozen=True, slots=True)
class Inferred:
    """What the main job makes of a mirror: its claims, facts and estimates."""

    claims: pl.DataFrame
    facts: pl.DataFrame
    estimates: pl.DataFrame


def inferred(raw: Raw, reference: bool) -> Inferred:
    """Run the main job over the frames, in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="gpai-scan-evaluate-") as name:
        folder = Path(name)
        settings = Settings(
            executor="serial", reference=reference, db=folder / "scan.duckdb", out=folder / "out"
        )
        settings.out.mkdir()
        folders = run.read(Labelled(raw), settings, lambda _: None)
        tables = run.derive(folders, (), settings)
        wanted = ("evidence", "facts", "estimates")
        return Inferred(*(pl.read_parquet(tables[table]) for table in wanted))

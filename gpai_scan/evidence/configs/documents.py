"""Sections of a configuration put together: one row a document.

The main section is the text model where there is one; image and audio encoders and the like are
added to the total. What cannot be a model, however it is written, is set aside as implausible.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from gpai_scan import assets
from gpai_scan.evidence.configs import families, shapes, towers

LARGEST: Final = 1e14
"""Parameters no configuration can honestly describe, fifty times the largest known."""

GENERIC_FACTOR: Final = 1.4
"""Half-width of the range of the fallback arithmetic, as a factor: what gates, ties and biases that
a file does not name can move. With the names of 128 causal language models taken away, the range
covers the tensors of 93 % of them (benchmarks/config_oracle.py --nameless)."""

_TOWERS: Final = ("vision", "audio", "bridge", "codec")
"""Roles of sections that are a part of something larger."""

_ENCODERS: Final = ("vision", "audio", "encoder")
"""Roles of sections without which a count is a lower bound."""

_POSITIVE: Final = ("hidden_size", "layers")
_RANGES: Final = {
    "hidden_size": 1e6,
    "intermediate_size": 1e7,
    "layers": 1e4,
    "vocabulary_size": 1e8,
    "experts": 1e5,
}


def _plausible() -> pl.Expr:
    """Whether the sizes of a section can be sizes at all."""
    positive = [pl.col(name).fill_null(1.0) > 0 for name in _POSITIVE]
    small = [pl.col(name).fill_null(0.0).is_between(0.0, most) for name, most in _RANGES.items()]
    return pl.all_horizontal(*positive, *small)


def _ranked(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `main`: the section a document is about."""
    order = pl.col("role").replace_strict(
        {"root": 0, "text": 1, "container": 2}, default=3, return_dtype=pl.Int8
    )
    group = pl.when(order <= 1).then(0).otherwise(order).cast(pl.Float64)
    key = group * 10.0 * LARGEST - pl.col("total").clip(0.0, LARGEST)
    place = key.rank("ordinal").over("document")
    return frame.with_columns((place == 1).alias("main"))


def sections(decoded: pl.DataFrame) -> pl.LazyFrame:
    """One row a section that is a network of its own, with its parameters."""
    frame = shapes.shapes(decoded.lazy())
    root = pl.col("section") == 0
    frame = frame.with_columns(
        pl.col("architecture").filter(root).first().over("document").alias("root_architecture"),
        pl.col("embedding_tied").filter(root).first().over("document").alias("root_tied"),
        pl.col("name_or_path").filter(root).first().over("document").alias("root_path"),
        pl.col("precision").drop_nulls().first().over("document").alias("root_precision"),
        pl.coalesce("stated_type", "architecture")
        .filter(root)
        .first()
        .over("document")
        .alias("root_type"),
        pl.col("projector").filter(root).first().over("document").alias("root_projector"),
        pl.col("scale_factor").filter(root).first().over("document").alias("root_factor"),
        pl.col("projector_width")
        .filter(root)
        .first()
        .over("document")
        .alias("root_projector_width"),
    )
    counted = pl.col("stated_size") | (pl.col("role") != "root") & (
        pl.col("family") != families.GENERIC
    )
    silenced = pl.col("vision_only").filter(root).first().over("document").fill_null(False)
    spoken = ~(silenced & (pl.col("role") == "text"))
    said_below = ((pl.col("role") == "text") & pl.col("stated_size")).any().over("document")
    repeated = root & said_below & (pl.col("arithmetic") == "decoder")
    described = pl.col("stated_type").is_not_null() | pl.col("stated_size")
    tower = pl.col("role").is_in(_ENCODERS) & (pl.col("arithmetic") != "") & described
    frame = frame.with_columns(tower.sum().over("document").alias("described_towers"))
    kept = frame.filter(counted & spoken & ~repeated & (pl.col("arithmetic") != ""))
    return _ranked(towers.parameters(kept).filter(pl.col("total").is_not_null()))


@cache
def _named_towers() -> pl.DataFrame:
    """Image encoders that files only name, `data/named_towers.csv`."""
    path = assets.folder("data") / "named_towers.csv"
    return pl.read_csv(path).rename({"width": "tower_width", "parameters": "tower_parameters"})


def _with_named(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds width and parameters of the encoder that a root without an image section names."""
    seen = (pl.col("role") == "vision").any().over("document")
    name = pl.col("tower_name").str.extract(r"([^/]+)/?$").str.to_lowercase()
    named = pl.when((pl.col("section") == 0) & ~seen).then(name).alias("tower")
    return frame.with_columns(named).join(
        _named_towers().lazy(), on="tower", how="left", maintain_order="left"
    )


def _main(name: str) -> pl.Expr:
    return pl.col(name).filter(pl.col("main")).first().alias(name)


_KEPT: Final = (
    "quote",
    "root_type",
    "kind",
    "family",
    "layers",
    "hidden_size",
    "heads",
    "key_value_heads",
    "head_dim",
    "intermediate_size",
    "vocabulary_size",
    "positions",
    "window",
    "experts",
    "experts_per_token",
    "expert_size",
    "key_rank",
    "attention_layers",
    "sparse_layers",
    "embedding",
    "is_tied",
    "prediction_layers",
    "value_head_dim",
    "head_dim_nope",
    "head_dim_rope",
)


def documents(decoded: pl.DataFrame) -> pl.LazyFrame:
    """One row a document: total, active, range, the sizes of its main section."""
    generic = (pl.col("family") == families.GENERIC) | pl.col("coarse").fill_null(False)
    tower = pl.col("hidden_size").filter(pl.col("role").is_in(["vision", "audio"])).first()
    joint = towers.connector(
        pl.col("root_projector").first(),
        tower,
        pl.col("hidden_size").filter(pl.col("main")).first(),
        pl.coalesce(pl.col("root_factor").first(), pl.lit(2.0)),
        pl.col("root_projector_width").first(),
    ).fill_null(0.0)
    beside = (
        pl.col("tower_parameters")
        + towers.connector(
            pl.lit("two"),
            pl.col("tower_width"),
            pl.col("hidden_size"),
            pl.lit(1.0),
            pl.lit(0.0),
        )
    ).sum()
    total = pl.col("total").sum() + joint + beside
    spread = pl.when(generic).then(pl.col("total")).otherwise(0.0).sum()
    unstated = pl.when(generic & pl.col("embedding_tied").is_null() & ~pl.col("is_tied")).then(
        pl.col("embedding")
    ).otherwise(0.0).sum()  # fmt: skip
    ahead = pl.col("ahead").fill_null(0.0).sum()
    textual = pl.col("role").is_in(["root", "text", "container"])
    active = pl.coalesce("active", "total").filter(textual).sum()
    return (
        sections(decoded)
        .pipe(_with_named)
        .group_by("document")
        .agg(
            total.alias("total"),
            pl.when(pl.col("active").is_not_null().any()).then(active).alias("active"),
            (total - spread * (1.0 - 1.0 / GENERIC_FACTOR) - unstated - beside).alias("low"),
            (total + spread * (GENERIC_FACTOR - 1.0) + ahead).alias("high"),
            ahead.alias("ahead"),
            (generic & pl.col("main")).any().alias("generic"),
            (
                pl.col("role").filter(pl.col("main")).first().is_in(_TOWERS)
                | (pl.col("described_towers").first() > pl.col("role").is_in(_ENCODERS).sum())
            ).alias("partial"),
            _plausible().all().alias("plausible"),
            pl.col("name").filter(~pl.col("main") & (pl.col("name") != "")).sort().alias("parts"),
            pl.col("root_precision").first().alias("precision"),
            pl.col("root_path").first().alias("name_or_path"),
            *map(_main, _KEPT),
        )
        .with_columns(
            plausible=pl.col("plausible")
            & pl.col("total").is_between(1.0, LARGEST)
            & pl.col("total").is_between(pl.col("low"), pl.col("high")),
            fingerprint=_fingerprint(),
            attention_width=_attention_width(),
        )
    )


def _fingerprint() -> pl.Expr:
    """The sizes that copies of one network share whatever their precision, as text.

    The vocabulary stands last, so that copies with added tokens still share what is before it.
    """
    names = {
        "h": "hidden_size",
        "l": "layers",
        "a": "heads",
        "k": "key_value_heads",
        "d": "head_dim",
        "i": "intermediate_size",
        "e": "experts",
        "t": "experts_per_token",
        "x": "expert_size",
        "r": "key_rank",
        "v": "vocabulary_size",
    }
    parts = (
        pl.when(pl.col(name) > 0).then(
            pl.lit(letter) + pl.col(name).round(0).cast(pl.Int64, strict=False).cast(pl.String)
        )
        for letter, name in names.items()
    )
    return pl.concat_str(pl.coalesce("kind", pl.lit("?")), *parts, separator=" ", ignore_nulls=True)


def _attention_width() -> pl.Expr:
    """Channels of attention: query heads times head size, averaged over all layers.

    With latent attention the mean of the widths of scores and of values.
    """
    latent = (pl.col("head_dim_nope") + pl.col("head_dim_rope") + pl.col("value_head_dim")) / 2.0
    size = pl.when(pl.col("key_rank") > 0).then(latent).otherwise("head_dim")
    return pl.col("heads") * size * pl.col("attention_layers") / pl.col("layers")

"""Spelled columns to the quantities of a section, with what its type assumes where silent."""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.evidence.configs import families
from gpai_scan.evidence.configs.keys import FLAG, NUMBER, keys, sections

_DECISIVE: Final = ("hidden_size", "layers", "block_channels", "encoder_layers", "embed_dim")


def spelled(decoded: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the role of each section and `denied_<quantity>`, where a number is stated as null.

    What is not stated becomes null.
    """
    numbers = [key.quantity for key in keys() if key.kind == NUMBER]
    return decoded.with_columns(
        pl.col("name").replace_strict(sections(), default="root").alias("role"),
        *(pl.col(name).fill_nan(None) for name in numbers),
        *(pl.col(name).is_null().alias(f"denied_{name}") for name in numbers),
    )


def _known(frame: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Adds `kind_<column>`: the known model type a name stands for. Each name is met once."""
    known = dict(families.names().iter_rows())
    names = frame.select(pl.col(column).drop_nulls().unique()).collect()[column].to_list()
    found = [known.get(name.lower(), known.get(families.compact(name))) for name in names]
    aliases = pl.LazyFrame(
        {column: names, f"kind_{column}": found},
        schema={column: pl.String, f"kind_{column}": pl.String},
    )
    return frame.join(aliases, on=column, how="left", maintain_order="left")


def typed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `kind`: the known type of each section, from its own name, its class or its parent.

    A section that repeats its parent's type, as vision towers do, takes the type the parent
    assumes for it. Null where nothing is known.
    """
    stated = pl.coalesce("model_type", "class_name").alias("stated_type")
    frame = frame.with_columns(stated).collect().lazy()
    frame = _known(_known(frame, "stated_type"), "architecture")
    exact = pl.when(pl.col("architecture") == pl.col("kind_architecture")).then("architecture")
    drawn = pl.when(pl.col("class_name").str.contains("Transformer[123]DModel$")).then(
        pl.lit("diffusion_transformer")
    )
    bare = pl.col("padded_multiple").is_not_null() & pl.col("heads").is_null()
    second = pl.col("ssm_layer") == "Mamba2"
    stateful = (
        pl.when(bare & second).then(pl.lit("mamba2_ssm")).when(bare).then(pl.lit("mamba_ssm"))
    )
    unnamed = pl.coalesce("stated_type", "architecture").is_null() & (pl.col("name") == "")
    original = unnamed & pl.col("heads").is_not_null() & pl.col("hidden_size").is_not_null()
    plain = (
        pl.when(original & pl.col("hidden_dim").is_not_null())
        .then(pl.lit("llama_own"))
        .when(original & pl.col("width_multiple").is_not_null())
        .then(pl.lit("llama_params"))
    )
    decided = pl.when(pl.col("kind_architecture").is_in(families.by_class())).then(
        "kind_architecture"
    )  # fmt: skip
    known = ("kind_stated_type", "kind_architecture")
    own = pl.coalesce(exact, decided, *known, drawn, stateful, plain).alias("kind")
    frame = frame.with_columns(own).with_columns(_first_generation())
    above = frame.select(
        "document",
        pl.col("section").alias("parent"),
        pl.coalesce("kind", "stated_type").alias("parent_kind"),
    )
    frame = frame.join(above, on=["document", "parent"], how="left", maintain_order="left")
    nested = families.nested().lazy()
    frame = frame.join(nested, on=["parent_kind", "name"], how="left", maintain_order="left")
    nested_stays = pl.col("nested_kind").is_not_null() & (
        pl.col("kind").is_null() | pl.col("stated_type").eq_missing(pl.col("parent_kind"))
    )
    kind = pl.when(nested_stays).then("nested_kind").otherwise("kind")
    named = frame.with_columns(kind.alias("kind")).drop("kind_stated_type", "kind_architecture")
    return _within_container(named)


def _first_generation() -> pl.Expr:
    """The first ChatGLM shares its type with the later ones, which say how queries are grouped."""
    first = (pl.col("kind") == "chatglm") & pl.col("multi_query").is_null()
    return pl.when(first).then(pl.lit("chatglm_first")).otherwise("kind").alias("kind")


def _within_container(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The part of a container that a section is, where its type names the container.

    A vision section of type `siglip` is that type's image encoder; a root that states the sizes
    of a text model, and has no section for one, is that type's text model.
    """
    role = pl.col("role")
    speaks = (role == "text").any().over("document")
    sized = pl.col("hidden_size").is_not_null() & pl.col("layers").is_not_null()
    part = (
        pl.when(role.is_in(["vision", "text", "audio"]))
        .then(role + "_config")
        .when((role == "root") & sized & ~speaks)
        .then(pl.lit("text_config"))
    )
    inside = families.nested().rename({"parent_kind": "kind", "nested_kind": "_inner"})
    frame = frame.with_columns(part.alias("_part")).join(
        inside.lazy(),
        left_on=["kind", "_part"],
        right_on=["kind", "name"],
        how="left",
        maintain_order="left",
    )
    container = pl.col("kind").is_in(families.containers())
    kind = pl.when(container).then(pl.coalesce("_inner", "kind")).otherwise("kind")
    return frame.with_columns(kind.alias("kind")).drop("_part", "_inner")


def assumed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Fills what a section leaves open with what its type assumes, unless stated as null.

    `stated_size` says whether the section itself states a size at all.
    """
    frame = frame.with_columns(
        pl.any_horizontal(pl.col(name).is_not_null() for name in _DECISIVE).alias("stated_size")
    )
    frame = frame.join(families.defaults().lazy(), on="kind", how="left", maintain_order="left")
    filled: list[pl.Expr] = []
    for key in keys():
        default = pl.col(f"default_{key.quantity}")
        if key.kind == NUMBER:
            usable = pl.when(~pl.col(f"denied_{key.quantity}")).then(default)
            filled.append(pl.coalesce(key.quantity, usable).alias(key.quantity))
        elif key.kind == FLAG and key.quantity != "embedding_tied":
            filled.append(pl.coalesce(key.quantity, default).alias(key.quantity))
    spent = [name for name in families.defaults().columns if name != "default_embedding_tied"]
    return frame.with_columns(filled).drop(
        *(name for name in spent if name != "kind"), pl.selectors.starts_with("denied_")
    )


def family(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Joins the fields of each section's family; the generic one where the type has none."""
    known = families.table()
    has_family = pl.col("kind").is_in(known["kind"].to_list()).fill_null(False)
    key = pl.when(has_family).then("kind").otherwise(pl.lit(families.GENERIC)).alias("_key")
    return (
        frame.with_columns(key, pl.col("kind").fill_null(families.GENERIC))
        .join(known.lazy().rename({"kind": "_key"}), on="_key", how="left", maintain_order="left")
        .drop("_key")
        .with_columns(_guessed())
    )


def _guessed() -> list[pl.Expr]:
    """The arithmetic of sections without a family, by what they state.

    Layers of an encoder and of a decoder make an encoder-decoder; patches without a vocabulary an
    image encoder, whose feed-forward blocks are plain unless the activation says otherwise.
    """
    generic = pl.col("family") == families.GENERIC
    both = pl.col("encoder_layers").is_not_null() & pl.col("decoder_layers").is_not_null()
    paired = generic & (both | pl.col("is_encoder_decoder").fill_null(False))
    seen = pl.col("patch_size").is_not_null() | (pl.col("role") == "vision")
    visual = generic & ~paired & seen & pl.col("vocabulary_size").is_null()
    arithmetic = (
        pl.when(paired)
        .then(pl.lit("encoder_decoder"))
        .when(visual)
        .then(pl.lit("vision"))
        .otherwise("arithmetic")
    )
    gated = pl.when(visual).then(pl.lit("guess_plain")).otherwise("gated_by")
    return [arithmetic.alias("arithmetic"), gated.alias("gated_by")]


def shapes(decoded: pl.LazyFrame) -> pl.LazyFrame:
    """One row a section with a role of its own: its quantities and its family's fields."""
    return spelled(decoded).pipe(typed).pipe(assumed).pipe(family)


def number(name: str, default: float = 0.0) -> pl.Expr:
    """A quantity as a number, `default` where the section does not say."""
    return pl.col(name).fill_null(default)

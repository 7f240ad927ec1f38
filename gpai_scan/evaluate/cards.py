"""Scores of what was read from cards: precision, recall, forbidden figures, silent cards."""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.evaluate.labels import FIELDS, GROUPS, NEGATIVE, Field, negative_fields

FORBIDDEN_TOLERANCE: Final = 0.01
_BASE: Final = next(field for field in FIELDS if field.name == "base_model")
_RELATIONS: Final = {"cpt": "continued_pretraining", "upcycled": "continued_pretraining"}


def found(read: pl.DataFrame) -> pl.DataFrame:
    """One row a card, name and field: the value an estimate would use.

    `read` is `readings.of_cards`. Of several stages the first in the field's order counts.
    """
    parts = []
    for field in FIELDS:
        order = {stage: i for i, stage in enumerate(field.stages)}
        stage = pl.col("stage").cast(pl.String).fill_null("")
        rank = stage.replace_strict(order, default=None, return_dtype=pl.Int64)
        parts.append(
            read.with_columns(rank.alias("_rank"), quantity=pl.col("quantity").cast(pl.String))
            .filter((pl.col("quantity") == field.quantity) & pl.col("_rank").is_not_null())
            .sort("_rank", "card", "repo_id", maintain_order=True)
            .unique(["card", "repo_id"], keep="first", maintain_order=True)
            .select(
                "card",
                "repo_id",
                pl.lit(field.name).alias("field"),
                (pl.col("value") / field.factor).alias("number"),
                _key(pl.col("text"), field).alias("key"),
                pl.coalesce(pl.col("value").cast(pl.String), "text").alias("found"),
                pl.col("method").cast(pl.String),
                "line",
                "quote",
            )
        )
    return pl.concat(parts)


def _key(text: pl.Expr, field: Field) -> pl.Expr:
    """A text as it is compared: without case, punctuation, and words that add nothing."""
    plain = text.str.to_lowercase()
    if field.name == "relation":
        return plain.replace(_RELATIONS)
    if field.name == "gpu_model":  # the chip: boards and memory sizes have many spellings
        return plain.str.extract(r"([a-z]{1,3}[0-9]{2,4}|v[0-9][ep]?|[0-9]{4})")
    if field.name == "licence":
        plain = plain.str.replace_all(r"licen[cs]e|version|\bthe\b|《|》", " ")
    if field.name == "base_model":
        plain = plain.str.replace(r"^https?://(?:www\.)?huggingface\.co/", "").str.replace_all(
            r"\b(?:model|checkpoint|ckpt)s?\b", " "
        )
        return plain.str.replace_all(r"[^\p{L}\p{N}/]", "")
    return plain.str.replace_all(r"[^\p{L}\p{N}]", "")


def gold(labelled: pl.DataFrame) -> pl.DataFrame:
    """Labels of scored fields: `card, hf_id, field, number, other, key, also, optional`.

    A note may give another reading that is as good: `or N` for numbers, `named X` for models.
    """
    known = {field.name: field for field in FIELDS}
    labelled = _with_hardware_time(_hours_as_days(labelled))
    rows = labelled.filter(pl.col("label").is_in(list(known)))
    keys = [
        pl.when(pl.col("label") == name).then(_key(pl.col("value"), field))
        for name, field in known.items()
        if field.tolerance is None
    ]
    note = pl.col("note").fill_null("")
    return rows.select(
        "card",
        "hf_id",
        pl.col("label").alias("field"),
        pl.col("value").cast(pl.Float64, strict=False).alias("number"),
        note.str.extract(r"\bor ([0-9][0-9.e+]*)").cast(pl.Float64, strict=False).alias("other"),
        pl.coalesce(*keys).alias("key"),
        _key(note.str.extract(r"^named ([^\s,;]+)"), _BASE).alias("also"),
        note.str.starts_with("name only").alias("optional"),
        pl.col("value").alias("gold"),
        pl.col("line").alias("gold_line"),
        pl.col("note"),
    )


def _hours_as_days(labelled: pl.DataFrame) -> pl.DataFrame:
    """Durations labelled in hours as durations in days."""
    hours = pl.col("label") == "train_hours"
    days = (pl.col("value").cast(pl.Float64, strict=False) / 24).cast(pl.String)
    return labelled.with_columns(
        pl.when(hours).then(days).otherwise("value").alias("value"),
        pl.when(hours).then(pl.lit("train_days")).otherwise("label").alias("label"),
    )


def _with_hardware_time(labelled: pl.DataFrame) -> pl.DataFrame:
    """The labels and, for each model with accelerators and duration or hours, `hardware_time`."""
    unit = ["card", "hf_id"]
    value = pl.col("value").cast(pl.Float64, strict=False)
    named = ("gpu_count", "train_days", "gpu_hours")
    wide = labelled.group_by(unit, maintain_order=True).agg(
        *(value.filter(pl.col("label") == name).first().alias(name) for name in named)
    )
    product = pl.coalesce("gpu_hours", pl.col("gpu_count") * pl.col("train_days") * 24.0)
    added = wide.filter(product.is_not_null()).select(
        *unit, label=pl.lit("hardware_time"), value=product.cast(pl.String)
    )
    return pl.concat([labelled, added], how="diagonal")


def _near(found: pl.Expr, wanted: pl.Expr, tolerance: pl.Expr) -> pl.Expr:
    return ((found - wanted).abs() <= tolerance * wanted.abs()).fill_null(value=False)


def agrees() -> pl.Expr:
    """Whether a found `number` or `key` is what the `gold_` columns say."""
    tolerances = {f.name: f.tolerance or 0.0 for f in FIELDS}
    tolerance = pl.col("field").replace_strict(tolerances, default=0.0, return_dtype=pl.Float64)
    last = [pl.col(name).str.replace(r"^.*/", "") for name in ("key", "gold_key")]
    named = pl.col("key").str.contains("/", literal=True) & pl.col("gold_key").str.contains(
        "/", literal=True
    )
    base = pl.when(named).then(pl.col("key") == pl.col("gold_key")).otherwise(last[0] == last[1])
    base = base | pl.col("key").str.starts_with(pl.col("gold_also")).fill_null(value=False)
    same = pl.col("key") == pl.col("gold_key")
    text = pl.when(pl.col("field") == "base_model").then(base).otherwise(same)
    number = _near(pl.col("number"), pl.col("gold_number"), tolerance) | _near(
        pl.col("number"), pl.col("gold_other"), tolerance
    )
    return (number | text.fill_null(value=False)).alias("agrees")


def judged(values: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Each value that was found with a verdict: right, wrong, other_member or unasked.

    A value of another member of the same card costs recall alone. Where the labels have none, a
    size told by the name alone is not asked, nor is a product of figures: no card states it.
    """
    renamed = labels.select(
        "card",
        "hf_id",
        "field",
        pl.col("number").alias("gold_number"),
        pl.col("other").alias("gold_other"),
        pl.col("key").alias("gold_key"),
        pl.col("also").alias("gold_also"),
        "gold",
    )
    against = values.join(
        renamed, on=["card", "field"], how="left", suffix="_gold", maintain_order="left_right"
    ).with_columns(
        agrees(), (pl.col("hf_id") == pl.col("repo_id")).fill_null(value=False).alias("_same")
    )
    unit = ["card", "repo_id", "field"]
    return (
        against.group_by(unit, maintain_order=True)
        .agg(
            pl.col("number", "key", "found", "method", "line", "quote").first(),
            (pl.col("agrees") & pl.col("_same")).any().alias("_right"),
            pl.col("agrees").any().alias("_member"),
            pl.col("_same").any().alias("_labelled"),
            pl.col("gold").filter("_same").first(),
        )
        .with_columns(
            pl.when("_right")
            .then(pl.lit("right"))
            .when("_member")
            .then(pl.lit("other_member"))
            .when(
                pl.col("method").is_in(["name", "card_derived", "card_data"]) & ~pl.col("_labelled")
            )
            .then(pl.lit("unasked"))
            .otherwise(pl.lit("wrong"))
            .alias("verdict")
        )
        .drop("_right", "_member", "_labelled")
    )


def recalled(values: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Each label with whether the row of its member, or of the card itself, carries it."""
    renamed = labels.with_row_index("_label").rename(
        {"number": "gold_number", "other": "gold_other", "key": "gold_key", "also": "gold_also"}
    )
    near = values.select("card", "repo_id", "field", "number", "key", "found", "line", "quote")
    joined = renamed.join(
        near, on=["card", "field"], how="left", maintain_order="left_right"
    ).with_columns(
        agrees(),
        ((pl.col("repo_id") == pl.col("hf_id")) | (pl.col("repo_id") == pl.col("card")))
        .fill_null(value=False)
        .alias("_carries"),
    )
    return (
        joined.group_by("_label", maintain_order=True)
        .agg(
            pl.col("card", "hf_id", "field", "gold", "gold_line", "note", "optional").first(),
            (pl.col("agrees") & pl.col("_carries")).any().alias("recalled"),
            pl.col("found", "line", "quote").filter(pl.col("repo_id") == pl.col("hf_id")).first(),
        )
        .drop("_label")
    )


def violations(values: pl.DataFrame, labelled: pl.DataFrame) -> pl.DataFrame:
    """Forbidden figures that were used, one row each."""
    forbidden = labelled.filter(pl.col("label").str.starts_with(NEGATIVE)).with_columns(
        pl.col("label")
        .map_elements(lambda name: list(negative_fields(name)), return_dtype=pl.List(pl.String))
        .alias("field")
    )
    rows = forbidden.explode("field").select(
        "card",
        pl.col("hf_id").alias("repo_id"),
        "field",
        "label",
        pl.col("value").alias("gold"),
        pl.col("line").alias("gold_line"),
        "note",
        pl.col("value").cast(pl.Float64, strict=False).alias("gold_number"),
    )
    keys = {f.name: _key(pl.col("gold"), f) for f in FIELDS if f.tolerance is None}
    keyed = rows.with_columns(
        pl.coalesce(*(pl.when(pl.col("field") == n).then(k) for n, k in keys.items())).alias(
            "gold_key"
        )
    )
    near = _near(pl.col("number"), pl.col("gold_number"), pl.lit(FORBIDDEN_TOLERANCE))
    same = (pl.col("key") == pl.col("gold_key")).fill_null(value=False)
    return values.join(keyed, on=["card", "repo_id", "field"]).filter(near | same)


def coverage(values: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Cards that state nothing of a group, with whether something was found: `card, group, …`.

    A size that only the name tells is no find.
    """
    group_of = {field: group for group, fields in GROUPS.items() for field in fields}
    said = (
        values.filter(pl.col("method") != "name")
        .with_columns(pl.col("field").replace_strict(group_of, default=None).alias("group"))
        .filter(pl.col("group").is_not_null() & (pl.col("card") == pl.col("repo_id")))
        .group_by("card", "group")
        .agg(pl.col("field", "found", "line", "quote").first())
    )
    silent = table.filter(pl.col("stated") == "no").select(
        pl.col("repo").alias("card"), pl.col("field_group").alias("group")
    )
    return silent.join(said, on=["card", "group"], how="left")

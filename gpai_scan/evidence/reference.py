"""Published figures: Epoch AI's table of models, joined to repositories by owner and name.

The join is meant to miss rather than to err. Owner: the hub identifier Epoch gives for the row, or
those it gives elsewhere for the same organisation, widened to the namespaces that data/entities.csv
knows for the same entity. Name: equal after case and punctuation are dropped. Where two rows fit
one repository equally well, neither is claimed.

Source: Epoch AI, Data on AI Models, 17 July 2026, CC BY 4.0; see data/README.md for the meaning of
its columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from gpai_scan import assets, schema
from gpai_scan.sources import Raw

FILE: Final = "data/reference_models.csv"

NUMBER_COLUMNS: Final = (
    "parameters",
    "dataset_size",
    "epochs",
    "training_compute_flop",
    "finetune_compute_flop",
    "hardware_quantity",
    "training_hours",
    "accelerator_hours",
    "utilisation",
    "batch_size",
)

# Half-width of the 90 % interval of a published compute figure, as a factor, by Epoch's grade.
# Two careful sources agree within 2x for 95 % of 62 models; the wider grades keep the proportion
# 3 : 10 : 30 that Epoch's grades are understood to stand for.
INTERVAL_FACTOR: Final = {"Confident": 2.0, "Likely": 6.0, "Speculative": 20.0}
UNGRADED_FACTOR: Final = 6.0

# Below this a data size of a model that reads more than text may count images or clips.
FEWEST_TOKENS_OF_MIXED_DATA: Final = 1e11
# Above this further training on a base is continued pre-training rather than post-training.
FEWEST_TOKENS_OF_CONTINUED_PRETRAINING: Final = 1e10

# Namespaces of these roles publish the models of their entity.
PUBLISHING_ROLES: Final = ("developer", "developer+copies", "canonical-copy", "alias")


@cache
def _read(name: str) -> pl.DataFrame:
    """A file of data/, all text; read once, since every shard asks."""
    return pl.read_csv(assets.folder("data") / name, infer_schema=False)


def _table() -> pl.LazyFrame:
    """The table as written, all text, with `line`, the row's line in the file."""
    rows = _read("reference_models.csv").lazy()
    return rows.with_row_index("line", offset=2).with_columns(pl.col("line").cast(pl.Int32))


def models() -> pl.LazyFrame:
    """The reference table, one model a row, with `line`, the row's line in the file.

    Units: parameters, tokens or samples, passes, FLOP, accelerators, hours, accelerator-hours,
    fraction. `dataset_size` counts unique data; compute of a derivative includes its base.
    """
    return _table().with_columns(pl.col(NUMBER_COLUMNS).cast(pl.Float64))


def key(name: pl.Expr) -> pl.Expr:
    """A name without case and punctuation: `Llama 3.1-405B` becomes `llama3.1405b`.

    A point between digits stays: OPT-1.3B and OPT-13B are two models.
    """
    return (
        name.str.to_lowercase()
        .str.replace_all(r"([0-9])\.([0-9])", "${1}·${2}")
        .str.replace_all(r"[^a-z0-9+·]", "")
        .str.replace_all("·", ".", literal=True)
    )


def _entities() -> pl.LazyFrame:
    """Namespaces that publish for an entity: namespace, entity_id, provider."""
    return (
        _read("entities.csv")
        .lazy()
        .filter(pl.col("role").is_in(PUBLISHING_ROLES))
        .select(
            pl.col("namespace").str.to_lowercase(),
            "entity_id",
            provider=key(pl.col("provider")),
        )
    )


def owners(table: pl.LazyFrame) -> pl.LazyFrame:
    """Namespaces each row of the table may be published under: line, namespace."""
    entities = _entities()
    given = table.filter(pl.col("developer_id").is_not_null()).select(
        "line",
        "organisation",
        namespace=pl.col("developer_id").str.to_lowercase(),
    )
    alone = given.filter(~pl.col("organisation").str.contains(";", literal=True))
    organisations = (
        table.filter(pl.col("developer_id").is_null(), pl.col("organisation").is_not_null())
        .select("line", organisation=pl.col("organisation").str.split(";"))
        .explode("organisation")
    )
    known = pl.concat(
        [
            given.select("line", "namespace"),
            organisations.join(alone.drop("line"), on="organisation").select("line", "namespace"),
            organisations.select("line", provider=key(pl.col("organisation")))
            .join(entities, on="provider")
            .select("line", "namespace"),
        ]
    )
    siblings = (
        known.join(entities.select("namespace", "entity_id"), on="namespace")
        .join(entities.select("entity_id", sibling="namespace"), on="entity_id")
        .select("line", namespace="sibling")
    )
    return pl.concat([known, siblings]).unique()


def spellings(name: pl.Expr) -> list[pl.Expr]:
    """Keys under which a repository's model may be listed, the nearest first.

    As it stands; without `hf` (weights in the Transformers layout); without the number of a first
    version; without `base` where the name has a size, since `base` alone may be one.
    """
    first = name.str.replace(r"v(0\.1|1\.0|1)$", "")
    base = r"^(.*[0-9]b.*)base$"
    return [
        name,
        name.str.strip_suffix("hf"),
        first,
        name.str.replace(base, "${1}"),
        first.str.replace(base, "${1}"),
    ]


def match(repositories: pl.LazyFrame, table: pl.LazyFrame) -> pl.LazyFrame:
    """Repositories and the one row of the table that is about them: repo_id, revision, line.

    The nearest of the `spellings` that meets a row wins; two rows equally near are no match. A
    remark in parentheses stays part of a row's name: it often names a fine-tune.
    """
    providers = _entities().select("namespace", "provider").unique("namespace")
    published = _published(table)
    listed = (
        repositories.select("repo_id", "revision")
        .with_columns(namespace=pl.col("repo_id").str.extract("^([^/]*)").str.to_lowercase())
        .join(published, on="namespace", how="semi")
        .with_columns(own=key(pl.col("repo_id").str.split("/").list.last()))
        .join(providers, on="namespace", how="left")
        .collect()
        .lazy()
    )
    own = pl.col("own")
    unprefixed = own.str.strip_prefix(pl.col("provider").fill_null(""))
    named = pl.concat(
        listed.select("repo_id", "revision", "namespace", key=name, rank=pl.lit(rank))
        for rank, name in enumerate([*spellings(own), *spellings(unprefixed)])
    ).filter(pl.col("key") != "")
    pairs = named.join(published, on=["namespace", "key"])
    nearest = pairs.filter(pl.col("rank") == pl.col("rank").min().over("repo_id"))
    return (
        nearest.unique(["repo_id", "line"])
        .filter(pl.len().over("repo_id") == 1)
        .select("repo_id", "revision", "line")
    )


def _published(table: pl.LazyFrame) -> pl.LazyFrame:
    """The keys of open models and the namespaces they may be under: line, key, namespace."""
    return (
        table.filter(pl.col("open_weights").ne_missing("no"))
        .select("line", key=key(pl.col("model")))
        .join(owners(table), on="line")
        .collect()
        .lazy()
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    """A quantity drawn from the table: its expression and the columns it rests on."""

    quantity: str
    value: pl.Expr
    columns: tuple[str, ...]
    stage: pl.Expr | None = None
    note: pl.Expr | None = None
    bound: pl.Expr | None = None


def _cells() -> list[_Cell]:
    """What is drawn from a row, in base units."""
    size, passes = pl.col("dataset_size"), pl.col("epochs")
    seen = size * passes.fill_null(1.0)
    domain = pl.col("domain").fill_null("")
    counts_tokens = (domain == "Language") | (
        domain.str.split(";").list.contains("Language") & (size >= FEWEST_TOKENS_OF_MIXED_DATA)
    )
    derived = pl.col("base_model").is_not_null()
    further = (
        pl.when(counts_tokens & (seen >= FEWEST_TOKENS_OF_CONTINUED_PRETRAINING))
        .then(pl.lit("continued_pretraining"))
        .otherwise(pl.lit("post_training"))
    )
    stage = pl.when(derived).then(further).otherwise(pl.lit("pretraining"))
    hours = pl.col("accelerator_hours")
    product = pl.col("hardware_quantity") * pl.col("training_hours")
    with_base = pl.lit("includes the compute of its base, ") + pl.col("base_model")
    one_pass = pl.lit("passes over the data are not stated: taken as one")
    return [
        _Cell("parameters_total", pl.col("parameters"), ("parameters",)),
        _Cell(
            "tokens",
            pl.when(counts_tokens).then(seen),
            ("dataset_size", "epochs"),
            stage,
            pl.when(passes.is_null()).then(one_pass),
            pl.when(passes.is_null()).then(pl.lit("at_least")),
        ),
        _Cell("unique_tokens", pl.when(counts_tokens).then(size), ("dataset_size",), stage),
        _Cell("epochs", passes, ("epochs",), stage),
        _Cell(
            "training_flop",
            pl.col("training_compute_flop"),
            ("training_compute_flop",),
            pl.lit("all_training"),
            pl.when(derived).then(with_base),
        ),
        _Cell(
            "training_flop", pl.col("finetune_compute_flop"), ("finetune_compute_flop",), further
        ),
        _Cell(
            "accelerator_hours",
            pl.coalesce(hours, product),
            ("accelerator_hours", "hardware_quantity", "training_hours"),
            stage,
            pl.when(hours.is_null()).then(pl.lit("accelerators × hours")),
        ),
        _Cell("accelerator_count", pl.col("hardware_quantity"), ("hardware_quantity",), stage),
        _Cell("training_hours", pl.col("training_hours"), ("training_hours",), stage),
        _Cell("utilisation", pl.col("utilisation"), ("utilisation",), stage),
        _Cell("accelerator_model", pl.col("hardware"), ("hardware",), stage),
        _Cell("precision", pl.col("precision"), ("precision",), stage),
        _Cell("base_model", pl.col("base_model"), ("base_model",)),
        _Cell("release_date", pl.col("publication_date"), ("publication_date",)),
    ]


def _claim(cell: _Cell) -> list[pl.Expr]:
    """The columns of a claim made from one cell of a matched row."""
    is_text = schema.QUANTITIES[cell.quantity] == "text"
    nothing = pl.lit(None, dtype=pl.String)
    value = pl.lit(None, dtype=pl.Float64) if is_text else cell.value
    is_compute = cell.quantity == "training_flop"
    factor = pl.col("confidence").replace_strict(
        INTERVAL_FACTOR, default=UNGRADED_FACTOR, return_dtype=pl.Float64
    )
    bad = pl.col("known_bad").str.split(";").list.set_intersection(list(cell.columns)).list.len()
    is_bad = bad.fill_null(0) > 0
    cells = [
        (pl.lit(f"{name} ") + pl.col(f"{name}_as_written")).fill_null("") for name in cell.columns
    ]
    grade = pl.lit("Epoch's grade: ") + pl.col("confidence").fill_null("none")
    note = cell.note if cell.note is not None else nothing
    reason = pl.when(is_bad).then(pl.col("known_bad_reason"))
    return [
        pl.lit(cell.quantity, dtype=schema.QUANTITY).alias("quantity"),
        (cell.stage if cell.stage is not None else nothing).cast(schema.STAGE).alias("stage"),
        value.alias("value"),
        (value / factor if is_compute else pl.lit(None, dtype=pl.Float64)).alias("low"),
        (value * factor if is_compute else pl.lit(None, dtype=pl.Float64)).alias("high"),
        (cell.value if is_text else nothing).alias("text"),
        (cell.bound if cell.bound is not None else nothing)
        .fill_null("equal")
        .cast(schema.BOUND)
        .alias("bound"),
        pl.when(is_bad).then(pl.lit("implausible")).alias("rejected"),
        pl.concat_str([pl.col("model"), *cells], separator=", ")
        .str.replace_all(r"(, )+", ", ")
        .str.strip_suffix(", ")
        .str.slice(0, 200)
        .alias("quote"),
        pl.concat_str([note, reason, grade], separator="; ", ignore_nulls=True).alias("note"),
    ]


def claims(matched: pl.LazyFrame) -> pl.LazyFrame:
    """The claims of rows of the table that carry repo_id and revision, as `schema.EVIDENCE`."""
    kept = ["repo_id", "revision", "line"]
    rested_on = sorted({name for cell in _cells() for name in cell.columns})
    written = _table().select("line", pl.col(rested_on).name.suffix("_as_written"))
    matched = matched.join(written, on="line").collect().lazy()
    frames = [
        matched.filter(cell.value.is_not_null()).select(*kept, *_claim(cell)) for cell in _cells()
    ]
    every = pl.concat(frames).with_columns(
        method=pl.lit("reference", dtype=schema.METHOD), file=pl.lit(FILE)
    )
    return schema.EVIDENCE.conform(every)


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the reference table about the repositories of a shard, as `schema.EVIDENCE`."""
    table = models()
    matched = match(raw.repositories, table).join(table, on="line").collect()
    if matched.is_empty():  # as in most shards of a hub
        return schema.EVIDENCE.empty().lazy()
    return claims(matched.lazy())

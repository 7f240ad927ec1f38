"""Namespaces to the natural or legal persons behind them.

The public table `data/entities.csv` says who is behind a namespace, each row with its source; a
table of the user's own goes before it. A namespace neither knows stays its own entity,
`hub:<namespace>`, of unknown type: nothing is guessed from a name.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan import assets, schema
from gpai_scan.errors import InvalidInput, UnknownName

EU: Final = tuple(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
EEA_OUTSIDE_EU: Final = ("IS", "LI", "NO")

ENTITY_TYPES: Final = (
    "company",
    "academia",
    "non-profit",
    "government",
    "collective",
    "individual",
    "unknown",
)
ROLES: Final = (
    "developer",
    "developer+copies",
    "finetuner",
    "merger",
    "re-uploader",
    "canonical-copy",
    "alias",
    "test-stub",
)
_OWN_COLUMNS: Final = {
    "namespace": "namespace",
    "entity_id": "entity_id",
    "entity": "entity",
    "provider": "entity",
    "legal_name": "legal_name",
    "country": "country",
    "eu_status": "eu_status",
    "entity_type": "entity_type",
    "org_type": "entity_type",
    "role": "role",
    "source": "source",
    "status": "status",
    "note": "note",
    "gpai_code_of_practice": "gpai_code_of_practice",
    "joint_with": "joint_with",
}

COPIES_SHARE: Final = 0.8
"""Share of copies of others' models above which a namespace is taken for a re-uploader."""
COPIES_AT_LEAST: Final = 5
"""Repositories a namespace needs before its share of copies says anything."""


def entities(repositories: pl.LazyFrame, extra: Path | None = None) -> pl.LazyFrame:
    """One row a namespace (`schema.ENTITIES`): the table's, and all that the scan has.

    `extra` is a CSV file of the user's own; at least `namespace` and `entity_id`, and any of the
    columns of `data/entities.csv`. Its rows replace those of the public table.
    """
    known = table(extra)
    scanned = repositories.select(
        pl.col("namespace").str.to_lowercase().alias("namespace"),
        pl.col("namespace").alias("entity"),
    ).filter(pl.col("namespace").is_not_null() & (pl.col("namespace") != ""))
    unmapped = (
        scanned.group_by("namespace")
        .agg(pl.col("entity").min())
        .join(known, on="namespace", how="anti")
        .select(
            "namespace",
            pl.concat_str([pl.lit("hub:"), pl.col("namespace")]).alias("entity_id"),
            "entity",
            pl.lit("unknown").alias("eu_status"),
            pl.lit("unknown").alias("entity_type"),
            pl.lit("namespace").alias("source"),
            pl.lit("unverified").alias("status"),
        )
    )
    return schema.ENTITIES.conform(pl.concat([known, unmapped], how="diagonal_relaxed")).sort(
        "namespace"
    )


def table(extra: Path | None = None) -> pl.LazyFrame:
    """The public table with the user's rows in place of its own, one row a namespace."""
    public = _read(assets.folder("data") / "entities.csv")
    if extra is None:
        return public.lazy()
    own = _read(extra)
    rest = public.join(own.select("namespace"), on="namespace", how="anti")
    return pl.concat([own, rest], how="diagonal_relaxed").lazy()


def _read(path: Path) -> pl.DataFrame:
    """A table of entities in our words; `InvalidInput` says what is wrong and on which line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"the table of entities {path} cannot be read: {error}.") from error
    header = list(rows[0]) if rows else []
    for column in header:
        if column not in _OWN_COLUMNS:
            raise UnknownName(
                f"column of a table of entities ({path.name}, line 1)", str(column), _OWN_COLUMNS
            )
    missing = {"namespace", "entity_id"} - set(header)
    if missing:
        raise InvalidInput(
            f"{path}: a table of entities needs the columns namespace and entity_id; "
            f"missing: {', '.join(sorted(missing))}."
        )
    frame = pl.DataFrame(
        {
            target: [(row.get(column) or "").strip() or None for row in rows]
            for column, target in _OWN_COLUMNS.items()
            if column in header
        },
        schema_overrides={_OWN_COLUMNS[c]: pl.String for c in header},
    )
    _check(frame, path)
    return _completed(frame, path)


def _check(frame: pl.DataFrame, path: Path) -> None:
    """Keys present and once each, words from the lists; lines are counted with the header."""
    numbered = frame.with_row_index("line", offset=2).with_columns(
        pl.col("namespace").str.to_lowercase()
    )
    empty = numbered.filter(pl.col("namespace").is_null() | pl.col("entity_id").is_null())
    if not empty.is_empty():
        raise InvalidInput(f"{path}, line {empty['line'][0]}: namespace and entity_id are empty.")
    double = numbered.filter(pl.col("namespace").is_duplicated())
    if not double.is_empty():
        lines = ", ".join(str(line) for line in double["line"].head(2))
        raise InvalidInput(
            f"{path}: namespace '{double['namespace'][0]}' stands more than once (lines {lines})."
        )
    for column, known in (("entity_type", ENTITY_TYPES), ("role", ROLES)):
        if column in numbered.columns:
            wrong = numbered.filter(~pl.col(column).is_in(known))
            if not wrong.is_empty():
                where = f"{column} ({path.name}, line {wrong['line'][0]})"
                raise UnknownName(where, str(wrong[column][0]), known)


def _completed(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Fill what follows from the rest: keys in lower case, EU status from the country."""
    for name in (
        "entity",
        "country",
        "eu_status",
        "entity_type",
        "role",
        "source",
        "status",
        "legal_name",
        "note",
        "joint_with",
        "gpai_code_of_practice",
    ):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(name))
    joint = pl.col("note").str.extract(r"joint: ([^;]+)").str.replace_all(",", ";")
    return frame.with_columns(
        pl.col("namespace").str.to_lowercase(),
        pl.col("entity").fill_null(pl.col("namespace")),
        pl.col("country").str.to_uppercase(),
        pl.coalesce("eu_status", eu_status(pl.col("country").str.to_uppercase())).alias(
            "eu_status"
        ),
        pl.col("entity_type").fill_null("unknown"),
        pl.col("source").fill_null(f"file:{path.name}"),
        pl.col("status").fill_null("unverified"),
        pl.coalesce("joint_with", joint).alias("joint_with"),
    )


def looked_up(key: pl.Expr, table: pl.DataFrame, keys: str, values: str) -> pl.Expr:
    """A value of a small table: a join of whole rows would copy every column of the frame."""
    return key.replace_strict(table[keys], table[values], default=None, return_dtype=pl.String)


def eu_status(country: pl.Expr) -> pl.Expr:
    """EU, EEA, UK, CH, non-EU or unknown, from an ISO 3166-1 alpha-2 code."""
    return (
        pl.when(country.is_null())
        .then(pl.lit("unknown"))
        .when(country.is_in(EU))
        .then(pl.lit("EU"))
        .when(country.is_in(EEA_OUTSIDE_EU))
        .then(pl.lit("EEA"))
        .when(country.is_in(["GB", "UK"]))
        .then(pl.lit("UK"))
        .when(country == "CH")
        .then(pl.lit("CH"))
        .otherwise(pl.lit("non-EU"))
    )


def second_establishment(extra: Path | None = None) -> pl.LazyFrame:
    """Entities with a named second establishment in the EU: `entity_id, country`.

    Read from legal names such as `Hugging Face, Inc. (FR: Hugging Face SAS)`. A count by EU
    establishment may take either; the choice is a setting of the count.
    """
    code = pl.col("legal_name").str.extract(r"\(([A-Z]{2}): ")
    return (
        table(extra)
        .select("entity_id", code.alias("country"))
        .filter(pl.col("country").is_in(EU))
        .unique()
    )


def with_inferred_roles(entities: pl.LazyFrame, lineage: pl.LazyFrame) -> pl.LazyFrame:
    """Mark unmapped namespaces that hold little but copies of others' models as re-uploaders.

    A namespace of at least `COPIES_AT_LEAST` derived repositories of which more than
    `COPIES_SHARE` are quantised copies or mirrors of models of other namespaces.
    """
    owner = pl.col("repo_id").str.extract(r"^([^/]+)/").str.to_lowercase()
    origin = pl.col("base_repo_id").str.extract(r"^([^/]+)/").str.to_lowercase()
    copied = pl.col("relation").cast(pl.String).is_in(["quantized", "mirror"]) & (owner != origin)
    shares = (
        lineage.with_columns(owner.alias("namespace"), copied.alias("_copied"))
        .unique("repo_id", keep="first", maintain_order=True)
        .group_by("namespace")
        .agg(pl.len().alias("_repositories"), pl.col("_copied").mean().alias("_share"))
        .filter((pl.col("_repositories") >= COPIES_AT_LEAST) & (pl.col("_share") > COPIES_SHARE))
    )
    copier = pl.col("_share").is_not_null() & (pl.col("source") == "namespace")
    return schema.ENTITIES.conform(
        entities.join(shares, on="namespace", how="left", maintain_order="left").with_columns(
            pl.when(copier & pl.col("role").is_null())
            .then(pl.lit("re-uploader"))
            .otherwise("role")
            .alias("role")
        )
    )

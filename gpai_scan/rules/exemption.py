"""The open-source exemption, in a strict and a lenient reading, and the hint of EU exclusion.

Art. 53(2) and 54(6) of the AI Act with section 3.3.2 of the draft and section 4 of the final
guidelines (`EU-DRAFT-APR25`, `EU-GL-JUL25`): a free and open-source licence; weights, architecture
and usage information public; no monetisation; not of systemic risk. Monetisation cannot be seen on
a hub and is never tested. A derivative is as free as the least free licence behind it.
"""

from __future__ import annotations

import tomllib
from functools import reduce
from typing import Any, Final

import polars as pl

from gpai_scan import assets
from gpai_scan.lineage import graph

USAGE_ELEMENTS: Final = ("modality", "intended_tasks", "integration")
"""The least that usage information must give (final guidelines, section 4), as far as
data/documentation_elements.csv knows it; limitations are asked for too and are not told apart."""
_FROM_WEIGHTS: Final = ("weights", "weights_index", "gguf")
_LICENCE_COLUMNS: Final = ("ai_act_foss", "exempt_strict", "exempt_lenient", "geo_exclusion")


def exemptions() -> list[dict[str, Any]]:
    """data/exemptions.toml: what each exemption removes and keeps, and its sources."""
    path = assets.folder("data") / "exemptions.toml"
    return list(tomllib.loads(path.read_text(encoding="utf-8"))["exemption"])


def licences() -> pl.LazyFrame:
    """data/licences.csv: class and both readings by licence id; `free` ranks 0 no to 2 yes."""
    table = pl.scan_csv(assets.folder("data") / "licences.csv", infer_schema_length=0)
    strict, lenient = (pl.col(f"exempt_{word}") == "yes" for word in ("strict", "lenient"))
    return table.select(
        pl.col("id").str.to_lowercase().alias("licence_id"),
        *_LICENCE_COLUMNS,
        (strict.cast(pl.Int8) + lenient.cast(pl.Int8)).alias("free"),
        pl.col("geo_exclusion").str.contains(r"(?:^|[^A-Z])EU(?:$|[^A-Z])").alias("excludes_eu"),
    )


def licence_ids(estimates: pl.LazyFrame, repositories: pl.LazyFrame) -> pl.LazyFrame:
    """The id each repository's licence is found under: `repo_id, licence_id`.

    `other` gives way to the licence's name; no licence at all is `(missing)`.
    """
    plain, named = (
        pl.col(name).str.to_lowercase().str.strip_chars().str.replace_all(r"[\s_]+", "-")
        for name in ("licence", "licence_name")
    )
    chosen = pl.when(plain == "other").then(pl.coalesce(named, plain)).otherwise(plain)
    names = repositories.select("repo_id", "licence_name")
    return (
        estimates.select("repo_id", "licence")
        .join(names, on="repo_id", how="left")
        .select("repo_id", chosen.fill_null("(missing)").alias("licence_id"))
    )


def exemption(
    asked: pl.LazyFrame,
    estimates: pl.LazyFrame,
    repositories: pl.LazyFrame,
    lineage: pl.LazyFrame,
    documentation: pl.LazyFrame | None = None,
    *,
    systemic: float = 1e25,
) -> pl.LazyFrame:
    """Both readings for the repositories in `asked` (`repo_id`), with reason and conflict.

    Columns `repo_id, licence_id, exempt_strict, exempt_lenient, conflict, excludes_eu, reason`.
    Null is unknown. `conflict` names the freer licence a derivative claims than what is behind it
    allows; `excludes_eu` says that a licence on its path withholds rights in the Union, a hint
    and no finding.
    """
    wanted = asked.select("repo_id").unique().collect().lazy()
    edges = lineage.filter(pl.col("base_repo_id").is_not_null())
    behind = graph.closure(edges, wanted).lazy()
    table = licence_ids(estimates, repositories).join(licences(), on="licence_id", how="left")
    inherited = (
        behind.join(table, left_on="ancestor_id", right_on="repo_id")
        .sort("repo_id", "free", "distance", nulls_last=True)
        .group_by("repo_id", maintain_order=True)
        .agg(
            pl.col("free").first().alias("free_behind"),
            pl.col("licence_id").first().alias("licence_behind"),
            pl.col("ancestor_id").first().alias("owner_behind"),
            pl.col("excludes_eu").any().alias("excludes_behind"),
        )
    )
    frame = (
        wanted.join(table, on="repo_id", how="left")
        .join(inherited, on="repo_id", how="left")
        .join(_public(estimates, repositories, documentation), on="repo_id", how="left")
        .join(
            estimates.select("repo_id", "gated", "cumulative_flop", "compute_flop_low"),
            on="repo_id",
            how="left",
        )
    )
    return frame.with_columns(_readings(systemic)).select(
        "repo_id",
        "licence_id",
        "exempt_strict",
        "exempt_lenient",
        "conflict",
        (pl.col("excludes_eu").fill_null(value=False) | pl.col("excludes_behind").fill_null(
            value=False)).alias("excludes_eu"),
        _reason(systemic).alias("reason"),
    ).sort("repo_id")  # fmt: skip


def _public(
    estimates: pl.LazyFrame, repositories: pl.LazyFrame, documentation: pl.LazyFrame | None
) -> pl.LazyFrame:
    """Whether weights, architecture and usage information are public; null where nothing tells.

    Weights are public where somebody counted or listed them; the architecture where the hub reads
    a configuration or a GGUF header; a card where statements were looked for in one.
    """
    counted = pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("safetensors_total", "gguf_total")
    )
    described = pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("model_type", "architectures", "gguf_architecture")
    )
    from_weights = pl.col("parameters_total_method").cast(pl.String).is_in(_FROM_WEIGHTS)
    empty = pl.col("skip_reason").eq_missing(pl.lit("no_files"))
    public = (
        estimates.select("repo_id", "parameters_total_method", "skip_reason")
        .join(
            repositories.select("repo_id", counted.alias("_counted"), described.alias("_told")),
            on="repo_id",
            how="left",
        )
        .select(
            "repo_id",
            pl.when(pl.col("_counted") | from_weights)
            .then(pl.lit(value=True))
            .when(empty)
            .then(pl.lit(value=False))
            .alias("weights"),
            pl.when(
                pl.col("_told") | pl.col("parameters_total_method").cast(pl.String).eq("config")
            )
            .then(pl.lit(value=True))
            .alias("architecture"),
        )
    )
    if documentation is None:
        unknown = pl.lit(None, pl.Boolean)
        return public.with_columns(unknown.alias("usage"), unknown.alias("card"))
    wanted = pl.col("element").is_in(USAGE_ELEMENTS)
    stated = documentation.group_by("repo_id").agg(
        (pl.col("stated").filter(wanted).sum() >= len(USAGE_ELEMENTS)).alias("usage"),
        pl.lit(value=True).alias("card"),
    )
    return public.join(stated, on="repo_id", how="left")


def _readings(systemic: float) -> list[pl.Expr]:
    free = pl.min_horizontal(pl.col("free").fill_null(0), "free_behind")
    low = pl.coalesce("compute_flop_low", "cumulative_flop")
    not_systemic = {
        "strict": pl.col("cumulative_flop") <= systemic,
        "lenient": pl.col("cumulative_flop").le(systemic).fill_null(low.is_null()),
    }
    usage = {"strict": pl.col("usage"), "lenient": pl.coalesce("card", "usage")}
    gate = {"strict": pl.col("gated") == "no", "lenient": pl.lit(value=True)}
    limbs = {
        word: [
            free >= (2 if word == "strict" else 1),
            pl.col("weights"),
            pl.col("architecture"),
            usage[word],
            gate[word],
            not_systemic[word],
        ]
        for word in ("strict", "lenient")
    }
    claims = pl.col("free") > pl.col("free_behind")
    conflict = pl.concat_str(
        [
            pl.lit("claims "), pl.col("licence_id"), pl.lit(", but "), pl.col("owner_behind"),
            pl.lit(" behind it is under "), pl.col("licence_behind"),
        ]
    )  # fmt: skip
    return [
        *(
            reduce(lambda a, b: a & b, limbs[word]).alias(f"exempt_{word}")
            for word in ("strict", "lenient")
        ),
        pl.when(claims).then(conflict).alias("conflict"),
        free.alias("free_least"),
    ]


def _reason(systemic: float) -> pl.Expr:
    """The first thing that stands in the way, or what the strict reading doubts."""
    missing = {
        "weights": "weights are not public",
        "architecture": "information on the architecture is not public",
    }
    words = (
        pl.when(pl.col("cumulative_flop") > systemic)
        .then(pl.lit("systemic risk: the exemption never applies"))
        .when(pl.col("free_least") == 0)
        .then(
            pl.when(pl.col("conflict").is_not_null())
            .then("conflict")
            .when(pl.col("ai_act_foss").is_null())
            .then(pl.lit("the licence is not in the table of licences: taken as not free"))
            .when(pl.col("ai_act_foss") == "unknown")
            .then(pl.lit("no licence is stated that could be free"))
            .otherwise(pl.lit("the licence is not free and open-source in the sense of the Act"))
        )
    )
    for column, text in missing.items():
        words = words.when(pl.col(column).not_()).then(pl.lit(text))
    return (
        words.when(pl.col("free_least") == 1)
        .then(pl.lit("the licence restricts use: arguable"))
        .when(pl.col("gated").is_in(["auto", "manual"]))
        .then(pl.lit("gated: access hands personal data to the author, doubtful"))
        .when(pl.col("usage").not_())
        .then(pl.lit("the card lacks part of the usage information the text asks for"))
        .when(pl.col("usage").is_null() | pl.col("weights").is_null())
        .then(pl.lit("what is public was not listed"))
        .otherwise(pl.lit("free licence; weights, architecture and usage information public"))
    )

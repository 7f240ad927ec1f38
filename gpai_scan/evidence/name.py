"""Sizes and token counts in the names of repositories: `7B`, `8x7b`, `30B-A3B`, `…-step-240k-503b`.

A name is weak evidence. Versions (`v0.1`), dates (`0425`), context lengths (`128k`), quantisation
(`4bit`, `q4`, `w4a16`) and the sizes of data sets (`laion-2b`) are not sizes of a model. Trillions
are the tokens of one model and the parameters of another: a name alone does not tell which.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.sources import Raw

# What a rounded size in a name leaves open, as factors of it: names round the layers' parameters
# and often leave the embedding out (a "7B" has 6.7e9 to 8.0e9 parameters).
_LOW: Final = 0.85
_HIGH: Final = 1.2
# A mixture of n experts "8x7b" shares its attention: between half of and the whole product.
_MIXTURE_LOW: Final = 0.5
_MIXTURE: Final = 0.83

_NUMBER: Final = r"(\d{1,4}(?:[.p]\d{1,3})?|\.\d{1,3})"
_SPEAKING: Final = r"(?i)\d[bmt]|step"
"""What every name has that says anything: most have not, and are not looked at further."""
_LETTERS: Final = "(?:[A-Za-z]{3,})?"
"""Letters a size may follow without a mark between them: `llama7b`, `opt125m`. Shorter ones mean
something else: `A3B` active parameters, `s34B` samples, `E2B` effective ones."""
_DATA_SETS: Final = (
    r"(?i)(laion|datacomp|coyo|redpajama|slimpajama|pile|c4|fineweb|commonpool|dolma|mc4|oscar|cc|"
    r"refinedweb|starcoder-?data|samples|ctx|context|len|seq|steps?|tokens?|iter|epochs?)-*$"
)


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of method `name` about parameters, active parameters, tokens and steps."""
    name = (
        pl.col("repo_id")
        .str.replace(r"^.*/", "")
        .str.replace_all(r"(^|-)(\d{1,2})_(\d{1,2}[bBmM])", "${1}${2}.${3}")  # heron-1_8b
        .str.replace_all(r"(^|[-_])(\d{1,2})([bB])(\d)($|[-_])", "${1}${2}.${4}${3}${5}")  # 7b1
        .str.replace_all(r"(\d[bB])[vV](\d)", "${1}-v${2}")
        .str.replace_all(r"(?i)([-_]tokens?)[-_]+(\d)", "${1}${2}")
        .str.replace_all(r"[-_+~ ]+", "--")
    )
    speaking = raw.repositories.filter(pl.col("repo_id").str.contains(_SPEAKING))
    named = speaking.select(
        "repo_id", "revision", name=pl.concat_str(pl.lit("-"), name, pl.lit("-"))
    )
    found = pl.concat(
        [
            _sizes(named),
            _mixtures(named),
            _active(named),
            _tokens(named),
            _steps(named),
            _samples(named),
        ],
        how="diagonal",
    ).with_columns(
        method=pl.lit("name"),
        bound=pl.lit("about"),
        file=pl.lit("repo_id"),
        quote=pl.col("repo_id").str.slice(0, 200),
    )
    return schema.EVIDENCE.conform(found)


def _value(number: str, unit: str) -> pl.Expr:
    factor = (
        pl.col(unit)
        .str.to_lowercase()
        .replace_strict(
            {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}, default=None, return_dtype=pl.Float64
        )
    )
    return (
        pl.col(number).str.replace("p", ".", literal=True).cast(pl.Float64, strict=False) * factor
    )


def _captures(named: pl.LazyFrame, pattern: str, fields: list[str]) -> pl.LazyFrame:
    """One row a match of a pattern in the name, with its groups as columns."""
    hits = (
        named.filter(pl.col("name").str.contains(pattern))
        .with_columns(
            hit=pl.col("name").str.extract_all(pattern),
        )
        .explode("hit", empty_as_null=True, keep_nulls=True)
        .filter(pl.col("hit").is_not_null())
    )
    groups = pl.col("hit").str.extract_groups(pattern).struct.rename_fields(fields)
    return hits.with_columns(groups.alias("groups")).unnest("groups")


def _plain_sizes(named: pl.LazyFrame) -> pl.LazyFrame:
    """Sizes that stand alone in a name, without those of data sets, contexts and token counts."""
    size = _NUMBER + r"([bBmMtT])-(-tok(?:ens?)?-)?"
    word = r"(?:^|[A-Za-z0-9.]*--?)" + _LETTERS
    found = _captures(named, word + size, ["number", "unit", "tokens"])
    before = pl.col("hit").str.replace(size + "$", "")
    attached = before.str.contains("[A-Za-z]$")
    steps = pl.col("name").str.contains(r"(?i)step")
    unit, value = pl.col("unit").str.to_lowercase(), _value("number", "unit")
    return (
        found.with_columns(value=value, at=pl.int_range(pl.len()).over("repo_id"))
        .filter(~before.str.contains(_DATA_SETS) & pl.col("tokens").is_null())
        .filter(value.is_between(pl.when(attached).then(1e7).otherwise(1e6), 2e13))
        # after a step count, and in trillions beside billions, a size is one of tokens
        .filter(~(steps & (pl.col("at") > 0)))
        .filter((unit != "t") | (pl.len().over("repo_id") == 1))
        .filter((unit != "m") | ~(unit == "b").any().over("repo_id"))
    )


def _sizes(named: pl.LazyFrame) -> pl.LazyFrame:
    mixture = pl.col("name").str.contains(r"(?i)\d[bm]?x\d")
    sizes = _plain_sizes(named).filter(~mixture)
    several = (pl.col("value").n_unique() > 1).over("repo_id") | (
        pl.col("unit").str.to_lowercase() == "t"
    )
    experts = pl.col("name").str.contains(r"(?i)-\d{1,3}e-") & ~pl.col("name").str.contains(
        r"(?i)-a\d+(\.\d+)?[bm]-"
    )
    quantity = (
        pl.when(experts).then(pl.lit("parameters_active")).otherwise(pl.lit("parameters_total"))
    )
    return sizes.unique(["repo_id", "value"], maintain_order=True).select(
        "repo_id",
        "revision",
        "value",
        quantity=quantity,
        low=pl.col("value") * _LOW,
        high=pl.col("value") * _HIGH,
        rejected=pl.when(several).then(pl.lit("ambiguous_name")),
    )


def _mixtures(named: pl.LazyFrame) -> pl.LazyFrame:
    before = _captures(
        named,
        f"(?i)-{_LETTERS}" + r"(\d{1,3})x" + _NUMBER + "([bm])-",
        ["experts", "number", "unit"],
    )
    after = _captures(
        named,
        f"(?i)-{_LETTERS}{_NUMBER}" + r"([bm])x(\d{1,3})(?:moe)?-",
        ["number", "unit", "experts"],
    )
    found = pl.concat([before, after], how="diagonal")
    product = pl.col("experts").cast(pl.Float64) * _value("number", "unit")
    return found.select(
        "repo_id",
        "revision",
        quantity=pl.lit("parameters_total"),
        value=product * _MIXTURE,
        low=product * _MIXTURE_LOW,
        high=product,
        note=pl.lit("experts x size: experts share the layers between them"),
    )


def _active(named: pl.LazyFrame) -> pl.LazyFrame:
    found = _captures(named, r"-[aA]" + _NUMBER + r"([bBmM])-", ["number", "unit"])
    value = _value("number", "unit")
    return found.select(
        "repo_id",
        "revision",
        quantity=pl.lit("parameters_active"),
        value=value,
        low=value * _LOW,
        high=value * _HIGH,
    )


def _tokens(named: pl.LazyFrame) -> pl.LazyFrame:
    """`tokens4001B`, `2.5T-tokens`, `step-240k-503b` and a trailing `3T` beside a size."""
    patterns = (
        r"(?i)-tokens?-*" + _NUMBER + r"([mbt])-",
        r"(?i)-" + _NUMBER + r"([mbt])-*tok(?:ens?)?-",
        r"(?i)-step-*\d+k?-+" + _NUMBER + r"([bt])-",
        r"(?i)-\d+(?:\.\d+)?[bm]-.*-" + _NUMBER + r"(t)-",
    )
    found = pl.concat([_captures(named, p, ["number", "unit"]) for p in patterns])
    value = _value("number", "unit")
    return (
        found.select("repo_id", "revision", value=value)
        .filter(pl.col("value").is_between(1e8, 2e14))
        .unique(["repo_id", "value"], maintain_order=True)
        .select(
            "repo_id",
            "revision",
            quantity=pl.lit("tokens"),
            value="value",
            low=pl.col("value") * 0.97,
            high=pl.col("value") * 1.03,
        )
    )


def _steps(named: pl.LazyFrame) -> pl.LazyFrame:
    found = _captures(named, r"(?i)-(?:global)?steps?-*(\d{2,8})(k?)-", ["number", "unit"])
    factor = pl.when(pl.col("unit").str.to_lowercase() == "k").then(1e3).otherwise(1.0)
    value = pl.col("number").cast(pl.Float64) * factor
    return found.select(
        "repo_id", "revision", quantity=pl.lit("steps"), value=value, low=value, high=value
    )


def _samples(named: pl.LazyFrame) -> pl.LazyFrame:
    """`s34B-b88K`: samples seen and batch, as a library of contrastive models names its runs."""
    pattern = r"-s(\d{1,4}(?:\.\d+)?)([MB])(?:--|\.)?b(\d{1,4})([Kk])-"
    found = _captures(named, pattern, ["number", "unit", "batch", "batch_unit"])
    seen = _value("number", "unit")
    batch = _value("batch", "batch_unit")
    return pl.concat(
        [
            found.select(
                "repo_id",
                "revision",
                quantity=pl.lit("samples_seen"),
                value=seen,
                low=seen,
                high=seen,
            ),
            found.select(
                "repo_id",
                "revision",
                quantity=pl.lit("batch_sequences"),
                value=batch,
                low=batch,
                high=batch,
            ),
        ]
    )

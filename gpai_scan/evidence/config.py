"""Claims read from configuration files: parameters and the sizes they follow from.

Decoding, families and arithmetic are in `configs/`; this turns their rows into claims. A
repository's own `config.json` speaks for the repository. Where there is none but the parts of a
pipeline have theirs (`unet/config.json`), each part is a claim with the part as its subject, and
their sum speaks for the repository. `parameters_active` is claimed for mixtures of experts and
pipelines only; where it is absent all parameters are active.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.evidence.configs import pipelines
from gpai_scan.evidence.configs.decode import decode
from gpai_scan.evidence.configs.documents import documents
from gpai_scan.sources import Raw

_FILE: Final = "config.json"
_OWN_FORMAT: Final = ("params.json", "original/params.json")
HUB_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*$"
LOCAL: Final = (
    r"(?i)^(models?|checkpoints?|ckpts?|outputs?|out|results?|weights|saved?|pretrained|local|hf|"
    r"experiments?|runs?|logs?|train|final|data|home|root|mnt|tmp|opt|user|workspace|content)/"
)


def read(files: pl.DataFrame) -> pl.DataFrame:
    """One row a file with a configuration that could be read: `repo_id`, `path` and the sizes.

    Equal texts, as copies have them, are read once.
    """
    texts = files["text"].unique(maintain_order=True)
    sizes = _sizes_of(texts) if texts.len() else _nothing()
    return files.join(sizes, on="text", how="inner", maintain_order="left").drop("text")


@dataclass(frozen=True, slots=True)
class _Known:
    """Texts that were read, and the sizes of those that could be."""

    texts: frozenset[str]
    sizes: pl.DataFrame


_last: Final[list[_Known]] = []
"""The texts read last: several readers ask for the files of one shard, and each reading of any
texts at all costs more than that of a hundred texts."""


def _sizes_of(texts: pl.Series) -> pl.DataFrame:
    """The sizes of distinct texts, and perhaps of others: `text` and what `documents` gives."""
    for known in _last:
        if known.texts.issuperset(texts):
            return known.sizes
    numbered = pl.DataFrame({"text": texts}).with_columns(
        document=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    sizes = documents(decode(texts.to_list())).collect()
    known = _Known(frozenset(texts), numbered.join(sizes, on="document"))
    _last[:] = [known]
    return known.sizes


@cache
def _nothing() -> pl.DataFrame:
    """The sizes of no text at all."""
    return documents(decode([])).collect().with_columns(text=pl.lit(None, pl.String))


def files(documents: pl.LazyFrame) -> pl.DataFrame:
    """The configuration files among documents, with the folder each stands in.

    `params.json`, beside checkpoints in their makers' own format, stands in for a `config.json`
    where the repository has none.
    """
    path = pl.col("path")
    main = path == _FILE
    own = path.is_in(_OWN_FORMAT)
    found = documents.filter(
        (main | own | path.str.ends_with("/" + _FILE)) & pl.col("text").is_not_null()
    )
    return (
        found.filter(~(own & main.any().over("repo_id")))
        .select(
            "repo_id",
            "revision",
            "path",
            "text",
            folder=pl.when(own)
            .then(pl.lit(""))
            .otherwise(path.str.strip_suffix(_FILE).str.strip_chars_end("/")),
        )
        .sort("repo_id", "path")
        .unique(["repo_id", "folder"], keep="first", maintain_order=True)
        .collect()
    )


def _whole(value: pl.Expr) -> pl.Expr:
    """A count as text, without exponent or decimals."""
    return value.round(0).cast(pl.Int64, strict=False).cast(pl.String)


def _note() -> pl.Expr:
    """What a reader should know about a count of parameters."""
    ahead = pl.when(pl.col("ahead") > 0).then(
        pl.lit("high end adds ")
        + _whole(pl.col("ahead"))
        + pl.lit(" parameters of multi-token-prediction layers")
    )
    generic = pl.when("generic").then(
        pl.lit("unknown architecture ")
        + pl.col("root_type").fill_null("without a name")
        + pl.lit(": counted as a plain transformer")
    )
    parts = pl.when(pl.col("parts").list.len() > 0).then(
        pl.lit("with ") + pl.col("parts").list.unique(maintain_order=True).list.join(", ")
    )
    partial = pl.when("partial").then(pl.lit("not every section could be counted"))
    tied = pl.when("is_tied").then(pl.lit("output layer shares the input table"))
    return pl.concat_str([generic, partial, parts, tied, ahead], separator="; ", ignore_nulls=True)


def _claim(frame: pl.DataFrame, quantity: str, **columns: pl.Expr) -> pl.DataFrame:
    """Claims of one quantity; `columns` give value, low, high, text or note."""
    method = pl.when("generic").then(pl.lit("config_generic")).otherwise(pl.lit("config"))
    given = {"quote": pl.col("quote"), "method": method, **columns}
    return frame.select(
        "repo_id",
        "revision",
        "subject",
        pl.lit(quantity).alias("quantity"),
        pl.col("path").alias("file"),
        *(expr.alias(name) for name, expr in given.items()),
    )


def _sizes(frame: pl.DataFrame) -> pl.DataFrame:
    """The claims of one configuration."""
    rejected = pl.when(~pl.col("plausible")).then(pl.lit("implausible"))
    good = frame.filter("plausible")
    moe = good.filter(pl.col("active").is_not_null())
    window = pl.when(pl.col("window") > 0).then(
        pl.lit("sliding window of ") + _whole(pl.col("window")) + pl.lit(" tokens in some layers")
    )
    averaged = pl.when(pl.col("attention_layers") < pl.col("layers")).then(
        _whole(pl.col("attention_layers"))
        + pl.lit(" of ")
        + _whole(pl.col("layers"))
        + pl.lit(" layers attend; averaged over all")
    )
    bound = pl.when("partial").then(pl.lit("at_least")).otherwise(pl.lit("equal"))
    shared = {"rejected": rejected, "note": _note(), "bound": bound}
    total = {"value": pl.col("total"), "low": pl.col("low"), "high": pl.col("high")}
    active_low = pl.when(pl.col("is_tied")).then("active").otherwise(
        pl.col("active") - pl.col("embedding")
    )  # fmt: skip
    claims = [
        _claim(frame, "parameters_total", **total, **shared),
        _claim(
            moe,
            "parameters_active",
            value=pl.col("active"),
            low=active_low,
            high=pl.col("active") + pl.col("ahead") * pl.col("active") / pl.col("total"),
            note=pl.lit("low end leaves out the input table"),
        ),
        _claim(good, "parameters_embedding", value=pl.col("embedding")),
        _claim(good, "layers", value=pl.col("layers")),
        _claim(good, "hidden_size", value=pl.col("hidden_size")),
        _claim(good, "attention_width", value=pl.col("attention_width"), note=averaged),
        _claim(good, "vocabulary_size", value=pl.col("vocabulary_size")),
        _claim(good, "context_length", value=pl.col("positions"), note=window),
        _claim(good, "shape_fingerprint", text=pl.col("fingerprint")),
    ]
    numbers = pl.concat(claims, how="diagonal")
    return numbers.filter(
        pl.col("value").is_finite() & (pl.col("value") > 0) | pl.col("text").is_not_null()
    )


def _names(frame: pl.DataFrame) -> pl.DataFrame:
    """What a configuration says in words: architecture, precision, the file it was made from.

    The last is a leftover of loading, so it ranks below what a card says of its base.
    """
    base = pl.col("name_or_path")
    hub = base.str.contains(HUB_ID) & ~base.str.contains(LOCAL) & (base != pl.col("repo_id"))
    dtype = pl.col("precision").str.strip_prefix("torch.")
    method = pl.lit("config")
    said = pl.col("root_type")
    words = [
        _claim(frame, "architecture", text=said, method=method, quote=said),
        _claim(
            frame,
            "precision",
            text=dtype,
            method=method,
            quote=pl.col("precision"),
            note=pl.lit("of the stored weights"),
        ),
        _claim(
            frame,
            "base_model",
            text=pl.when(hub).then(base),
            method=pl.lit("config_generic"),
            quote=pl.lit("_name_or_path=") + base,
            note=pl.lit("where it was loaded from; often an earlier copy of the same model"),
        ),
    ]
    named = pl.concat(words, how="diagonal")
    return named.filter(pl.col("text").is_not_null() & (pl.col("text") != ""))


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of configuration files (`schema.EVIDENCE`), methods `config` and `config_generic`."""
    found = read(files(raw.documents))
    rooted = (pl.col("folder") == "").any().over("repo_id")
    own = found.filter(pl.col("folder") == "").with_columns(subject=pl.lit(None, pl.String))
    parts = found.filter(~rooted).with_columns(subject=pl.col("folder"))
    whole = pipelines.whole(parts, raw.documents)
    claims = [_sizes(own), _names(own), _sizes(parts), *pipelines.claims(whole)]
    stacked = pl.concat(claims, how="diagonal_relaxed")
    return schema.EVIDENCE.conform(stacked.lazy())

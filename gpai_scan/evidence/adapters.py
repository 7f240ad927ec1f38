"""Claims of adapters: what they train, by rank and target modules, and what they adapt.

A low-rank adapter of rank r on a matrix of i inputs and o outputs trains r·(i + o) parameters
(Hu et al. 2021, arXiv:2106.09685, section 4.1). The widths are those of the base model, read from
its configuration where that is in the same shard or beside the adapter.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import polars as pl

from gpai_scan import assets, schema
from gpai_scan.evidence import config
from gpai_scan.evidence.configs.decode import document
from gpai_scan.sources import Raw

_FILE: Final = "adapter_config.json"
_LOW_RANK: Final = ("LORA", "ADALORA", "LOHA", "LOKR", "VERA", "XLORA")
_MOST_RANK: Final = 65_536.0
_ALL: Final = "all-linear"


def low_rank_parameters(rank: pl.Expr, inputs: pl.Expr, outputs: pl.Expr) -> pl.Expr:
    """Trained parameters of one adapted matrix: r·(i + o). Source: arXiv:2106.09685."""
    return rank * (inputs + outputs)


@cache
def modules() -> pl.DataFrame:
    """Known module names with the widths they join, `data/adapter_modules.csv`."""
    return pl.read_csv(assets.folder("data") / "adapter_modules.csv").drop("source")


def _targets(value: object) -> list[str]:
    """Target modules as names: a list, one name, `all-linear`, or a pattern over known names."""
    if isinstance(value, list):
        names = [name for name in value if isinstance(name, str)]
        return sorted({_short(name) for name in names})
    if not isinstance(value, str):
        return []
    if value == _ALL:
        return [_ALL]
    known = modules()["module"].to_list()
    words = set(re.split(r"[^A-Za-z0-9_]+", value))
    return sorted(words.intersection(known))


def _short(name: str) -> str:
    """The last part of a module's path: `model.layers.0.self_attn.q_proj` becomes `q_proj`."""
    return "to_out.0" if name.endswith("to_out.0") else name.rsplit(".", 1)[-1]


def _rank(value: object) -> float | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if good and 0 < value <= _MOST_RANK else None  # type: ignore[arg-type, operator]


def _row(text: str) -> dict[str, Any]:
    """What an adapter's configuration says."""
    said = document(text)
    base, kind = said.get("base_model_name_or_path"), said.get("peft_type")
    return {
        "rank": _rank(said.get("r", said.get("lora_rank"))),
        "targets": _targets(said.get("target_modules")),
        "base": base if isinstance(base, str) and base else None,
        "kind": kind if isinstance(kind, str) else "LORA",
        "saved": _targets(said.get("modules_to_save")),
        "virtual": _rank(said.get("num_virtual_tokens")),
    }


_ROW: Final[dict[str, Any]] = {
    "rank": pl.Float64,
    "targets": pl.List(pl.String),
    "base": pl.String,
    "kind": pl.String,
    "saved": pl.List(pl.String),
    "virtual": pl.Float64,
}


def _adapters(documents: pl.LazyFrame) -> pl.DataFrame:
    found = (
        documents.filter((pl.col("path") == _FILE) & pl.col("text").is_not_null())
        .select("repo_id", "revision", "path", "text")
        .unique("repo_id", keep="first", maintain_order=True)
        .sort("repo_id")
        .collect()
    )
    read = pl.DataFrame([_row(text) for text in found["text"]], schema=_ROW)
    return pl.concat([found.drop("text"), read], how="horizontal")


def _bases(raw: Raw, adapters: pl.DataFrame) -> pl.DataFrame:
    """Sizes of the bases: the base repository's configuration, else one beside the adapter."""
    wanted = pl.concat([adapters["base"], adapters["repo_id"]]).drop_nulls().unique()
    texts = raw.documents.filter(
        (pl.col("path") == "config.json") & pl.col("repo_id").is_in(wanted.to_list())
    )
    sizes = config.read(config.files(texts)).filter("plausible")
    head = pl.col("head_dim") * pl.col("heads")
    group = pl.col("head_dim") * pl.col("key_value_heads")
    width = pl.coalesce("intermediate_size", "hidden_size")
    return sizes.select(
        "repo_id",
        "layers",
        "generic",
        hidden="hidden_size",
        query=head,
        key=group,
        value=group,
        fused=head + 2.0 * group,
        width=width,
        double=2.0 * width,
        vocabulary="vocabulary_size",
    ).unique("repo_id", keep="first", maintain_order=True)


def _trained(adapters: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    """Parameters of each adapter: sums over its modules, unknown names counted apart."""
    base = adapters.join(
        sizes, left_on="base", right_on="repo_id", how="left", maintain_order="left"
    )
    beside = adapters.join(sizes, on="repo_id", how="left", maintain_order="left")
    columns = [c for c in sizes.columns if c != "repo_id"]
    filled = base.with_columns(
        pl.coalesce(pl.col(c), pl.Series(c, beside[c])).alias(c) for c in columns
    )
    linear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    everything = pl.col("targets").list.contains(_ALL)
    named = filled.with_columns(
        pl.when(everything).then(pl.lit(linear)).otherwise("targets").alias("module")
    )
    each = named.explode("module").join(modules(), on="module", how="left", maintain_order="left")
    widths = ("hidden", "query", "key", "value", "fused", "width", "double", "vocabulary")
    inputs = pl.coalesce(pl.when(pl.col("inputs") == w).then(w) for w in widths)
    outputs = pl.coalesce(pl.when(pl.col("outputs") == w).then(w) for w in widths)
    times = pl.when(pl.col("where") == "once").then(1.0).otherwise("layers")
    one = low_rank_parameters(pl.col("rank"), inputs, outputs) * times
    return each.with_columns(one.alias("one")).group_by("repo_id", maintain_order=True).agg(
        *(pl.col(c).first() for c in ("revision", "path", "rank", "base", "kind", "targets")),
        pl.col("generic", "layers", "hidden", "virtual").first(),
        pl.col("one").sum().alias("value"),
        pl.col("one").is_null().sum().alias("unknown"),
        pl.len().alias("named"),
    )  # fmt: skip


def _claims(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Trainable parameters, base and relation."""
    low_rank = pl.col("kind").str.to_uppercase().is_in(_LOW_RANK)
    prompt = pl.col("virtual") * pl.col("hidden") * pl.when(
        pl.col("kind").str.contains("PREFIX")
    ).then(2.0 * pl.col("layers")).otherwise(1.0)  # fmt: skip
    value = pl.when(low_rank & (pl.col("value") > 0)).then("value").otherwise(prompt)
    rank = pl.col("rank").round(0).cast(pl.Int64).cast(pl.String)
    quote = pl.concat_str(
        pl.lit("r=") + rank,
        pl.lit("target_modules=") + pl.col("targets").list.join(","),
        separator=", ",
        ignore_nulls=True,
    ).str.slice(0, 200)
    part = pl.when(pl.col("unknown") > 0).then(
        pl.col("unknown").cast(pl.String)
        + pl.lit(" of ")
        + pl.col("named").cast(pl.String)
        + pl.lit(" target modules of unknown width")
    )
    shared = [pl.col("repo_id"), pl.col("revision"), pl.col("path").alias("file")]
    said = pl.lit("base_model_name_or_path=") + pl.col("base").str.slice(0, 170)
    base = pl.col("base").str.strip_chars()
    hub = base.str.contains(config.HUB_ID) & ~base.str.contains(config.LOCAL)
    method = pl.lit("config").alias("method")
    bound = pl.when(pl.col("unknown") > 0).then(pl.lit("at_least")).otherwise(pl.lit("equal"))
    trained = frame.select(
        *shared,
        pl.lit("parameters_trainable").alias("quantity"),
        value.alias("value"),
        bound.alias("bound"),
        pl.when("generic").then(pl.lit("config_generic")).otherwise(method).alias("method"),
        quote.alias("quote"),
        pl.concat_str(
            pl.lit("rank times inputs and outputs of each target module"), part,
            separator="; ", ignore_nulls=True,
        ).alias("note"),
    )  # fmt: skip
    made_from = frame.filter(hub).select(
        *shared, pl.lit("base_model").alias("quantity"), base.alias("text"), method,
        said.alias("quote"),
    )  # fmt: skip
    relation = frame.select(
        *shared, pl.lit("relation").alias("quantity"), pl.lit("adapter").alias("text"), method,
        pl.coalesce(said, quote).alias("quote"),
    )  # fmt: skip
    return [trained.filter(pl.col("value") > 0), made_from, relation]


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of adapter configurations (`schema.EVIDENCE`), method `config`.

    Modules saved whole beside the low-rank matrices are left out.
    """
    adapters = _adapters(raw.documents)
    claims = _claims(_trained(adapters, _bases(raw, adapters)))
    stacked = pl.concat(claims, how="diagonal_relaxed").lazy()
    return schema.EVIDENCE.conform(stacked)

"""Own compute of a repository: by operations, by hardware time, or as stated."""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import assets, compute
from gpai_scan.estimate import quantities

ASSUMED_UTILISATION: Final = 0.36
"""Median of reported MFU on Epoch AI's table, n = 61: 0.365 (compute-methods of `EPOCH-CSV`)."""
ASSUMED_UTILISATION_MOE: Final = 0.25
"""Lower where a mixture of experts moves tokens between devices; our choice, after `EPOCH-CSV`."""
DISAGREEMENT: Final = 3.0
"""Ratio beyond which the two methods are flagged as disagreeing."""
NO_TRAINING: Final = ("quantized", "mirror", "merge")
"""Relations whose operation updates no weight by gradient."""
ENCODER_DECODERS: Final = ("t5", "mt5", "umt5", "bart", "mbart", "pegasus", "m2m_100", "marian")
"""Architectures whose tokens pass one half of the weights."""


def spreads() -> pl.LazyFrame:
    """`data/spreads.csv`: sigma of log10 by quantity and method."""
    return pl.scan_csv(assets.folder("data") / "spreads.csv").select(
        "quantity", "method", "sigma_log10"
    )


def accelerators() -> pl.LazyFrame:
    """Peak rates [FLOP/s] by accelerator: dense 16-bit where there is one, else the next wider."""
    peak = pl.coalesce(f"{kind}_flop_per_s" for kind in ("bf16", "fp16", "tf32", "fp32")).cast(
        pl.Float64
    )
    table = pl.scan_csv(assets.folder("data") / "accelerators.csv", infer_schema_length=None)
    return table.select(pl.col("accelerator").alias("accelerator_model"), peak.alias("_peak"))


def _sigma(frame: pl.LazyFrame, quantity: str, method: str, name: str) -> pl.LazyFrame:
    table = (
        spreads()
        .filter(pl.col("quantity") == quantity)
        .select(pl.col("method").alias("_method"), pl.col("sigma_log10").alias(name))
    )
    return (
        frame.with_columns(pl.col(method).cast(pl.String).alias("_method"))
        .join(table, on="_method", how="left", maintain_order="left")
        .drop("_method")
    )


def _single(quantity: str, method: str) -> float:
    row = spreads().filter((pl.col("quantity") == quantity) & (pl.col("method") == method))
    return float(row.select("sigma_log10").collect().item())


def _of_stages(relation: pl.Expr, end: str) -> pl.Expr:
    """Tokens of all stages that count, of the columns `<stage>{end}`; which count, values decide.

    A lower or upper end is unknown where one of the stages has none.
    """
    stated = {name: pl.col(name).is_not_null() for name in quantities.TOKENS}
    part = {name: pl.when(stated[name]).then(f"{name}{end}") for name in quantities.TOKENS}
    summed = {name: part[name].otherwise(0.0) for name in quantities.TOKENS}
    of_later = summed["tokens_continued"] + summed["tokens_post"]
    later = stated["tokens_continued"] | stated["tokens_post"]
    unstaged = pl.col(f"tokens_unstaged{end}")
    first = part["tokens_pretraining"].when(_before()).then(unstaged).otherwise(0.0)
    root = (
        part["tokens_all"]
        .when(stated["tokens_pretraining"] | later)
        .then(first + of_later)
        .otherwise(unstaged)
    )
    derived = pl.when(later).then(of_later).otherwise(unstaged)
    return pl.when(relation == "base").then(root).otherwise(derived)


def _before() -> pl.Expr:
    """Whether what is said without stage is the pre-training before the later stages named."""
    of_later = pl.sum_horizontal("tokens_continued", "tokens_post")
    return (pl.col("tokens_unstaged") > of_later).fill_null(value=False)


def tokens(relation: pl.Expr) -> dict[str, pl.Expr]:
    """Tokens of the repository's own training with their range, and the method they come from.

    A repository made from nothing trained on all stages together; where only later stages are
    named, what is said without stage is the pre-training before them. What a derivative states of
    pre-training is about its base; its own is what it states of later stages, or without stage.
    """
    method_root = pl.coalesce(
        pl.col("tokens_all_method"),
        pl.col("tokens_pretraining_method"),
        pl.when(_before()).then("tokens_unstaged_method"),
        pl.col("tokens_continued_method"),
        pl.col("tokens_unstaged_method"),
    )
    method_derived = pl.coalesce(
        f"{name}_method" for name in ("tokens_continued", "tokens_post", "tokens_unstaged")
    )
    figures = {f"tokens{end}": _of_stages(relation, end) for end in ("", "_low", "_high")}
    method = pl.when(relation == "base").then(method_root).otherwise(method_derived)
    return figures | {"tokens_method": method}


def hours(relation: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Accelerator-hours of the repository's own training [hours], and their method.

    Stages that are named are added up; what is said without stage, or of all, is not one of them.
    """
    of_later, first = ("hours_continued", "hours_post"), "hours_pretraining"
    staged = pl.when(pl.col(first).is_not_null()).then(_sum(first, *of_later))
    root = pl.coalesce("hours_all", staged, "hours_unstaged", _sum(*of_later))
    derived = pl.coalesce(_sum(*of_later), "hours_unstaged")
    order_root = ("hours_all", first, "hours_unstaged", *of_later)
    order_derived = (*of_later, "hours_unstaged")
    method_root, method_derived = (
        pl.coalesce(f"{name}_method" for name in order) for order in (order_root, order_derived)
    )
    is_root = relation == "base"
    value = pl.when(is_root).then(root).otherwise(derived)
    return value, pl.when(is_root).then(method_root).otherwise(method_derived)


def _sum(*columns: str) -> pl.Expr:
    """What is known of the columns, added up; unknown where nothing is."""
    return pl.when(pl.any_horizontal(pl.col(columns).is_not_null())).then(
        pl.sum_horizontal(columns)
    )


def trained(frame: pl.LazyFrame) -> pl.LazyFrame:
    """What the repository says of its own training, from `quantities.wide` and `relation`.

    Adds `tokens` with its range, `accelerator_hours`, and their methods.
    """
    relation = pl.col("relation").cast(pl.String)
    own_hours, hours_method = hours(relation)
    return frame.with_columns(
        *(figure.alias(name) for name, figure in tokens(relation).items()),
        own_hours.alias("accelerator_hours"),
        hours_method.alias("accelerator_hours_method"),
    )


def formulas(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Both methods side by side.

    Needs the columns of `trained`, and the parameters of the base where the repository is an
    adapter. Adds `architecture_flop`, `hardware_flop`, `methods_ratio` and the sigmas of each.
    """
    relation = pl.col("relation").cast(pl.String)
    frame = _sigma(frame, "parameters", "parameters_active_method", "_sigma_parameters")
    frame = _sigma(frame, "tokens", "tokens_method", "_sigma_tokens")
    frame = frame.join(accelerators(), on="accelerator_model", how="left", maintain_order="left")
    moe = pl.col("parameters_active") < 0.95 * pl.col("parameters_total")
    assumed = pl.when(moe).then(ASSUMED_UTILISATION_MOE).otherwise(ASSUMED_UTILISATION)
    u_stated, u_assumed = _single("utilisation", "stated"), _single("utilisation", "assumed")
    stated = pl.col("utilisation").is_not_null()
    frame = frame.with_columns(
        pl.when(pl.col("accelerator_hours").is_not_null())
        .then(pl.coalesce(pl.col("utilisation"), assumed))
        .alias("utilisation"),
        pl.when(stated).then(u_stated).otherwise(u_assumed).alias("_sigma_hardware"),
        _architecture(relation).alias("architecture_flop"),
    )
    return frame.with_columns(
        compute.hardware_flop(
            pl.col("accelerator_hours"), pl.col("_peak"), pl.col("utilisation")
        ).alias("hardware_flop"),
        (pl.col("_sigma_parameters").pow(2) + pl.col("_sigma_tokens").pow(2))
        .sqrt()
        .alias("_sigma_architecture"),
    ).with_columns((pl.col("hardware_flop") / pl.col("architecture_flop")).alias("methods_ratio"))


def without_figures_of_the_base(frame: pl.LazyFrame, parents: pl.LazyFrame) -> pl.LazyFrame:
    """Drop what a derivative says of itself in the very figures of its base: a family's one card.

    The same tokens or accelerator-hours a second time are the same training told twice. `parents`
    has `repo_id`, `tokens` and `accelerator_hours` of every base.
    """
    base = parents.select(
        pl.col("repo_id").alias("base_repo_id"),
        pl.col("tokens").alias("_base_tokens"),
        pl.col("accelerator_hours").alias("_base_hours"),
    )
    same_tokens = pl.col("tokens") == pl.col("_base_tokens")
    told_twice = dict.fromkeys(("tokens", "tokens_low", "tokens_high"), same_tokens) | {
        "accelerator_hours": pl.col("accelerator_hours") == pl.col("_base_hours"),
    }
    return frame.join(base, on="base_repo_id", how="left", maintain_order="left").with_columns(
        pl.when(~same.fill_null(value=False)).then(name).alias(name)
        for name, same in told_twice.items()
    )


def _architecture(relation: pl.Expr) -> pl.Expr:
    plain = compute.architecture_flop(
        pl.col("parameters_active"),
        pl.col("tokens"),
        pl.col("layers"),
        pl.col("attention_width"),
        pl.col("sequence_length"),
    )
    halves = compute.encoder_decoder_flop(pl.col("parameters_active"), pl.col("tokens"))
    adapter = compute.adapter_flop(
        pl.col("parameters_active"),
        pl.col("parameters_trainable").fill_null(0.0),
        pl.col("tokens"),
    )
    return (
        pl.when(relation == "adapter")
        .then(adapter)
        .when(pl.col("architecture").is_in(ENCODER_DECODERS))
        .then(halves)
        .otherwise(plain)
    )


def choose(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Of the methods that answer, the one with the narrowest spread; stated first in a tie.

    Adds `own_flop`, `_own_sigma` and `compute_method`; a relation that trains nothing gets zero
    own compute, which is knowledge and not a gap.
    """
    is_root = pl.col("relation").cast(pl.String) == "base"
    frame = _sigma(frame, "training_flop", "stated_flop_method", "_sigma_stated_flop")
    frame = _sigma(frame, "training_flop", "stated_own_flop_method", "_sigma_stated_own")
    stated = pl.when(is_root).then("stated_flop").otherwise("stated_own_flop")
    sigma_s = pl.when(is_root).then("_sigma_stated_flop").otherwise("_sigma_stated_own")
    sigma_a = pl.when(pl.col("architecture_flop").is_not_null()).then("_sigma_architecture")
    sigma_h = pl.when(pl.col("hardware_flop").is_not_null()).then("_sigma_hardware")
    source = pl.when(is_root).then("stated_flop_method").otherwise("stated_own_flop_method")
    published = source.cast(pl.String) == "reference"
    best = pl.min_horizontal(sigma_a, sigma_h, sigma_s)
    nothing = pl.col("relation").cast(pl.String).is_in(NO_TRAINING)
    return frame.with_columns(
        pl.when(nothing)
        .then(pl.lit("no_training"))
        .when(sigma_s == best)
        .then(pl.when(published).then(pl.lit("published")).otherwise(pl.lit("stated")))
        .when(sigma_a == best)
        .then(pl.lit("architecture"))
        .when(sigma_h == best)
        .then(pl.lit("hardware"))
        .alias("compute_method"),
        pl.when(nothing)
        .then(0.0)
        .when(sigma_s == best)
        .then(stated)
        .when(sigma_a == best)
        .then("architecture_flop")
        .when(sigma_h == best)
        .then("hardware_flop")
        .alias("own_flop"),
        pl.when(nothing).then(0.0).otherwise(best).alias("_own_sigma"),
    )

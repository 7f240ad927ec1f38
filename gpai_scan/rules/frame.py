"""The columns rules ask, one row a repository: whose it is, and every metric with its spread.

Columns that begin with an underscore are the rules' own and are never stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from gpai_scan.compute import Z_90
from gpai_scan.entities import looked_up
from gpai_scan.errors import UnknownName
from gpai_scan.rules.model import metrics
from gpai_scan.rules.tree import Compare


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the texts leave open, each a named choice."""

    thirds: str = "written"
    """`written` takes the draft's rounded 3e21 and 3e24, `exact` the exact thirds."""
    unknown_original: str = "not-systemic"
    """Which fallback tests a modification of a model of unknown compute: the one for models that
    are `not-systemic`, or the one for `systemic` models."""
    other_outputs: str = "unknown"
    """Models above the draft's threshold that generate neither text nor images are judged case
    by case: counted as `unknown` or as `out`."""

    @classmethod
    def of(cls, given: Sequence[str]) -> Options:
        """From `name=value` texts; `UnknownName` lists the names, or the values of a name."""
        chosen: dict[str, str] = {}
        for text in given:
            name, _, value = text.partition("=")
            if name not in _CHOICES:
                raise UnknownName("assumption", name, _CHOICES)
            if value not in _CHOICES[name]:
                raise UnknownName(f"value of {name}", value, _CHOICES[name])
            chosen[name] = value
        return cls(**chosen)


_CHOICES: Final = {
    "thirds": ("written", "exact"),
    "unknown_original": ("not-systemic", "systemic"),
    "other_outputs": ("unknown", "out"),
}


def subjects(
    estimates: pl.LazyFrame,
    entities: pl.LazyFrame,
    extra: pl.LazyFrame | None = None,
    frontier: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """The estimates with whose model each repository carries, and the metrics of `extra`.

    `extra` has `repo_id` and columns named as metrics (reach, documentation, the user's own).
    `frontier` has `date` and `frontier_flop`: the largest run known at each date.

    Adds `_derived`, `_same_entity` (derived, and direct base and root belong to its own entity),
    `_downstream` (derived from another entity's), `_original_flop` (compute behind the direct
    base [FLOP]) and the properties of the entity.
    """
    known = entities.collect()
    mapped = known.filter(pl.col("source") != "namespace")
    roles = known.filter(pl.col("role").is_not_null())
    persons = mapped.unique("entity_id", keep="first", maintain_order=True)
    entity = pl.col("entity_id")
    frame = estimates.select(_ASKED).with_columns(
        _owner("base_repo_id", mapped).alias("_base_entity"),
        _owner("model_id", mapped).alias("_root_entity"),
        looked_up(_space(pl.col("repo_id")), roles, "namespace", "role").alias("_role"),
        looked_up(entity, persons, "entity_id", "entity_type")
        .fill_null("unknown")
        .alias("_entity_type"),
        looked_up(entity, persons, "entity_id", "country").alias("_country"),
        looked_up(entity, persons, "entity_id", "eu_status")
        .fill_null("unknown")
        .alias("_eu_status"),
    )
    if extra is not None:
        frame = frame.join(extra, on="repo_id", how="left", maintain_order="left")
    if frontier is not None:
        frame = _with_frontier(frame, frontier)
    return frame.with_columns(*_kin(), _original()).drop(
        "base_repo_id", "_base_entity", "_root_entity"
    )


def _space(repo_id: pl.Expr) -> pl.Expr:
    """The namespace of an identifier, lower case."""
    return repo_id.str.extract(r"^([^/]+)/").str.to_lowercase()


def _owner(column: str, mapped: pl.DataFrame) -> pl.Expr:
    """The entity behind what a derivative is made from; nobody's is `hub:<namespace>`."""
    space = _space(pl.when(pl.col("depth") > 0).then(column))
    owner = looked_up(space, mapped, "namespace", "entity_id")
    return pl.coalesce(owner, pl.concat_str([pl.lit("hub:"), space]))


_ASKED: Final = (
    "repo_id",
    "entity_id",
    "model_id",
    "relation",
    "base_repo_id",
    "depth",
    "parameters_total",
    "parameters_total_low",
    "parameters_total_high",
    "parameters_total_method",
    "parameters_active",
    "tokens",
    "tokens_low",
    "tokens_high",
    "tokens_method",
    "accelerator_hours",
    "direct_flop",
    "own_flop",
    "cumulative_flop",
    "compute_flop",
    "compute_flop_low",
    "compute_flop_high",
    "compute_method",
    "sigma_log10",
    "own_to_base_ratio",
    "outputs",
    "narrow",
    "licence",
    "gated",
    "created_at",
    "downloads_30d",
    "likes",
    "flags",
    "skip_reason",
)
"""Columns of the estimates that some rule can ask; the rest is left behind."""


def _kin() -> list[pl.Expr]:
    derived = (pl.col("depth") > 0).fill_null(value=False)
    same = (
        pl.col("entity_id").eq_missing(pl.col("_base_entity"))
        & pl.col("entity_id").eq_missing(pl.col("_root_entity"))
        & pl.col("entity_id").is_not_null()
    )
    return [
        derived.alias("_derived"),
        (derived & same).alias("_same_entity"),
        (derived & ~same).alias("_downstream"),
    ]


def _original() -> pl.Expr:
    """Compute behind the direct base: what a derivative's cumulative figure holds beside its own.

    A link that states no own compute counts as nothing in `compute_flop`, so what remains is the
    base's.
    """
    own, ratio = pl.col("own_flop"), pl.col("own_to_base_ratio")
    rest = pl.col("compute_flop") - own.fill_null(0.0)
    told = pl.when((ratio > 0) & (own > 0)).then(own / ratio)
    original = pl.coalesce(told, pl.when(rest > 0).then(rest))
    return pl.when(pl.col("depth") > 0).then(original).alias("_original_flop")


def _with_frontier(frame: pl.LazyFrame, frontier: pl.LazyFrame) -> pl.LazyFrame:
    """Join the largest run known on the day of creation; the last one where that is unknown."""
    steps = frontier.sort("date").with_columns(pl.col("frontier_flop").cum_max())
    last = steps.select(pl.col("frontier_flop").max()).collect().item()
    numbered = frame.with_row_index("_order")
    day = numbered.select("_order", pl.col("created_at").dt.date().alias("date")).drop_nulls()
    found = day.sort("date").join_asof(steps, on="date", strategy="backward").drop("date")
    return (
        numbered.join(found, on="_order", how="left", maintain_order="left")
        .with_columns(pl.col("frontier_flop").fill_null(pl.lit(last, pl.Float64)))
        .drop("_order")
    )


def frontier_of(models: pl.LazyFrame) -> pl.LazyFrame:
    """The largest run to date, one row a day on which it grew: `date, frontier_flop`.

    `models` has `date` and `flop`; rows without either say nothing.
    """
    return (
        models.filter(pl.col("date").is_not_null() & pl.col("flop").is_not_null())
        .group_by("date")
        .agg(pl.col("flop").max())
        .sort("date")
        .select("date", pl.col("flop").cum_max().alias("frontier_flop"))
        .filter(pl.col("frontier_flop") > pl.col("frontier_flop").shift(1).fill_null(0.0))
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric as expressions: central value, spread in log10, and bounds where only those are."""

    value: pl.Expr
    sigma: pl.Expr
    low: pl.Expr
    high: pl.Expr


_NONE: Final = pl.lit(None, pl.Float64)
_EXACT: Final = pl.lit(0.0)


def measure(test: Compare, known: Mapping[str, object]) -> Measure:
    """The expressions of a metric; nulls where the frame (`known` columns) cannot tell.

    Training compute by basis: what updated the weights (`direct`), or with what lies behind the
    weights it started from (`cumulative`; also where the text gives no definition). A derivative
    that carries its provider's or another's model is measured with its base in both.
    """
    spread = pl.col("sigma_log10")
    low, high = pl.col("compute_flop_low"), pl.col("compute_flop_high")
    own = pl.when(pl.col("_derived")).then("own_flop")
    apart = (spread.pow(2) * 2.0).sqrt()
    whole = pl.coalesce("cumulative_flop", "compute_flop")
    direct = pl.when(pl.col("_derived")).then("compute_flop").otherwise(
        pl.coalesce("direct_flop", "compute_flop")
    )  # fmt: skip
    compute = direct if test.basis == "direct" else whole
    if test.metric == "compute_ratio_to_frontier":
        if "frontier_flop" not in known:
            return Measure(_NONE, _EXACT, _NONE, _NONE)
        top = pl.col("frontier_flop")
        return Measure(compute / top, spread, low / top, high / top)
    table = {
        "training_compute": Measure(compute, spread, low, high),
        "modification_compute": Measure(own, spread, _NONE, _NONE),
        "modification_ratio": Measure(own / pl.col("_original_flop"), apart, _NONE, _NONE),
        "sum_compute": Measure(pl.when(pl.col("_derived")).then(whole), spread, _NONE, _NONE),
        "training_tokens": _ranged("tokens"),
        "parameters_total": _ranged("parameters_total"),
        "parameters_active": Measure(pl.col("parameters_active"), _EXACT, _NONE, _NONE),
    }
    if test.metric in table:
        return table[test.metric]
    if test.metric in known and test.metric in metrics():
        return Measure(pl.col(test.metric).cast(pl.Float64), _EXACT, _NONE, _NONE)
    return Measure(_NONE, _EXACT, _NONE, _NONE)


def _ranged(name: str) -> Measure:
    low, high = pl.col(f"{name}_low"), pl.col(f"{name}_high")
    sigma = ((high / low).log10() / (2.0 * Z_90)).fill_null(0.0).fill_nan(0.0)
    return Measure(pl.col(name), pl.max_horizontal(sigma, _EXACT), low, high)

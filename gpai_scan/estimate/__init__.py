"""Facts and lineage to estimates: direct, own and cumulative compute with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from gpai_scan import assets, compute, schema
from gpai_scan.estimate import inherit, own, quantities, signs

IMPLAUSIBLE_FLOP: Final = 1e28
"""No run of this size is known: the largest on Epoch AI's table of July 2026 is 5e26 FLOP."""
IMPLAUSIBLE_TOKENS_PER_PARAMETER: Final = (0.05, 3e5)
"""Outside this band at least one of the two numbers is wrong. Qwen3-0.6B, at 36T tokens the
most over-trained model of the EU guidelines' examples, has 6e4."""
IMPLAUSIBLE_UTILISATION: Final = (0.02, 0.8)
"""Implied utilisation outside this band means a wrong number; see `hardware_flop`."""
_SHARED: Final = ("licence", "gated", "pipeline_tag", "model_type", "reason", "pruned")
"""Columns of the listing with few different words."""
AT_ONCE: Final = 250_000
"""Repositories worked out together: what is held at once does not grow with the width."""


def estimate(
    repositories: pl.LazyFrame,
    facts: pl.LazyFrame,
    members: pl.LazyFrame,
    ancestors: pl.LazyFrame,
    entities: pl.LazyFrame,
    *,
    at_once: int = AT_ONCE,
) -> pl.LazyFrame:
    """One row a repository (`schema.ESTIMATES`), sorted by `repo_id`.

    `members` is lineage.roots: `repo_id, model_id, base_repo_id, relation, depth`, with a row
    also for ancestors that no row of `repositories` stands for; `ancestors` is
    lineage.ancestors: `repo_id, ancestor_id`. `entities` has `namespace` and `entity_id`.

    Whatever others are made from is worked out first, then all repositories in ranges of their
    identifiers, `at_once` together, each range when it is asked for: the frame streams. Facts
    are held under numbers, a tenth of the size of names.
    """
    kind = pl.col("relation").cast(schema.RELATION)
    roots = members.select("repo_id", "model_id", "base_repo_id", kind, "depth")
    named = _held(roots.sort("repo_id").with_row_index(quantities.ROW))
    told = quantities.told(facts, named)
    above = _held(ancestors.select("repo_id", "ancestor_id"))
    made_from = named.lazy().join(_made_from(named, above), on="repo_id", how="semi")
    parents = _held(_stated(made_from, told))
    behind = _held(inherit.behind(above.lazy(), _own(parents.lazy(), parents.lazy())))
    listed = _listed(repositories, entities, named)

    def worked_out(here: pl.DataFrame) -> pl.LazyFrame:
        rows = here.lazy().with_columns(pl.selectors.categorical().cast(pl.String))
        computed = _own(_stated(rows, told), parents.lazy())
        within = _within(here, "repo_id")
        return _finished(inherit.with_base(computed, behind.lazy().filter(within)))

    return _in_slices(listed, at_once, worked_out)


def _in_slices(
    rows: pl.DataFrame, at_once: int, work: Callable[[pl.DataFrame], pl.LazyFrame]
) -> pl.LazyFrame:
    """Rows of `schema.ESTIMATES`: the work on each slice, done when the slice is asked for."""

    def slices(
        columns: list[str] | None, wanted: pl.Expr | None, limit: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        for here in rows[:limit].iter_slices(at_once):
            frame = work(here)
            frame = frame if wanted is None else frame.filter(wanted)
            frame = frame if columns is None else frame.select(columns)
            yield frame.collect(engine="in-memory")  # many joins of little: half the time

    return register_io_source(slices, schema=schema.ESTIMATES.schema)


def _within(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Whether a value lies in the range of sorted rows."""
    return pl.col(column).is_between(pl.lit(rows[column][0]), pl.lit(rows[column][-1]))


def _held(frame: pl.LazyFrame) -> pl.DataFrame:
    """The frame worked out once: what is used twice would be worked out for each use.

    Joins over names take half the time in memory of what they take streaming.
    """
    return frame.collect(engine="in-memory")


def _made_from(named: pl.DataFrame, ancestors: pl.DataFrame) -> pl.LazyFrame:
    """Everything that something is made from: `repo_id`."""
    derived = named.lazy().filter(pl.col("depth") > 0)
    columns = (derived.select("model_id"), derived.select("base_repo_id"))
    others = (*columns, ancestors.lazy().select("ancestor_id"))
    return pl.concat([frame.select(pl.all().alias("repo_id")) for frame in others]).unique()


def _listed(
    repositories: pl.LazyFrame, entities: pl.LazyFrame, named: pl.DataFrame
) -> pl.DataFrame:
    """Members that are listed, with what the listing says, as far as it is asked, and their entity.

    In the order of `named`. Words that many repositories share are categories: a number each while
    all are held.
    """
    kept = [name for name in schema.ESTIMATES.names if name in schema.REPOSITORIES.names]
    asked = ("pipeline_tag", "model_type", "disabled", "reason", "pruned", "bound_flop")
    shared = [pl.col(name).cast(pl.Categorical) for name in _SHARED]
    columns = [name for name in (*kept, *asked) if name not in _SHARED]
    owner = pl.col("namespace").str.to_lowercase()
    tagged = signs.tagged_biological().alias("_tagged")
    asked_of = repositories.select(*columns, *shared, owner, tagged)
    told = asked_of.rename({"licence": "_listed_licence"})
    return _beside(named, told.collect(engine="streaming"), entities)  # tags are wide


def _beside(named: pl.DataFrame, read: pl.DataFrame, entities: pl.LazyFrame) -> pl.DataFrame:
    """Members with their rows of the listing, and the entity, put together column by column.

    A join of whole rows would hold every column twice.
    """
    entity = entities.select("namespace", pl.col("entity_id").cast(pl.Categorical))
    owner = read.select("namespace").lazy()
    owned = _held(owner.join(entity, on="namespace", how="left", maintain_order="left"))
    places = read.select("repo_id").with_row_index("place").lazy()
    asked = named.lazy().select("repo_id", quantities.ROW)
    both = _held(asked.join(places, on="repo_id", maintain_order="left"))
    told = read.with_columns(owned["entity_id"]).drop("repo_id", "namespace")
    del read
    listed = [told.drop_in_place(name).gather(both["place"]) for name in told.columns]
    return named[both[quantities.ROW]].hstack(listed)


def _stated(members: pl.LazyFrame, told: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """What is said of each repository itself, one row each."""
    return own.trained(quantities.wide(members, told))


def _own(stated: pl.LazyFrame, parents: pl.LazyFrame) -> pl.LazyFrame:
    """The compute each repository adds; `parents` is what is said of those they are made from."""
    frame = own.without_figures_of_the_base(_inherit_parameters(stated, parents), parents)
    return _stated_base(_cap(own.choose(own.formulas(frame))))


def _finished(computed: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of `schema.ESTIMATES`, from what is listed and what is computed."""
    frame = inherit.with_interval(_cumulate(computed))
    return schema.ESTIMATES.conform(_verdict_inputs(frame))


def _inherit_parameters(frame: pl.LazyFrame, parents: pl.LazyFrame) -> pl.LazyFrame:
    """Parameters of a derivative that states none: those of its root, method `lineage`.

    An adapter runs on its base's parameters whatever its own files hold.
    """
    of_root = parents.select(
        pl.col("repo_id").alias("model_id"),
        pl.col("parameters_total").alias("_root_total"),
        pl.col("parameters_active").alias("_root_active"),
    )
    adapter = pl.col("relation").cast(pl.String) == "adapter"
    derived = pl.col("relation").cast(pl.String) != "base"
    total = (
        pl.when(adapter)
        .then("_root_total")
        .when(derived)
        .then(pl.coalesce("parameters_total", "_root_total"))
        .otherwise("parameters_total")
    )
    taken = derived & total.is_not_null() & (pl.col("parameters_total").is_null() | adapter)
    same = (total / pl.col("_root_total")).log().abs() < 0.3
    active = pl.coalesce(
        pl.when(~adapter).then("parameters_active"),
        pl.when(derived & same).then("_root_active"),
        total,
    )
    lineage = pl.lit("lineage", dtype=schema.METHOD)
    joined = frame.join(of_root, on="model_id", how="left", maintain_order="left")
    return joined.with_columns(
        total.alias("parameters_total"),
        pl.when(taken)
        .then(lineage)
        .otherwise("parameters_total_method")
        .alias("parameters_total_method"),
        active.alias("parameters_active"),
        pl.when(pl.col("parameters_active").is_not_null() & ~adapter)
        .then("parameters_active_method")
        .when(taken)
        .then(lineage)
        .otherwise("parameters_total_method")
        .alias("parameters_active_method"),
    )


def _cap(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Set aside own compute no run has ever had; the formula's figure stays visible."""
    beyond = (pl.col("own_flop") > IMPLAUSIBLE_FLOP).fill_null(value=False)
    return frame.with_columns(
        beyond.alias("_implausible"),
        *(
            pl.when(~beyond).then(name).alias(name)
            for name in ("own_flop", "_own_sigma", "compute_method")
        ),
    )


def _stated_base(frame: pl.LazyFrame) -> pl.LazyFrame:
    """What a derivative itself says of the pre-training behind it, and of all compute together."""
    tokens = pl.coalesce("tokens_pretraining", "tokens_all")
    behind = compute.transformer_flop(pl.col("parameters_active"), tokens)
    derived = pl.col("relation").cast(pl.String) != "base"
    return frame.with_columns(
        pl.when(derived & (behind < IMPLAUSIBLE_FLOP)).then(behind).alias("stated_base_flop"),
        pl.when(derived & (pl.col("stated_flop") < IMPLAUSIBLE_FLOP))
        .then("stated_flop")
        .alias("stated_total_flop"),
    )


def _cumulate(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Direct is what updated the weights; cumulative adds the base (Article 51(2))."""
    derived = pl.col("relation").cast(pl.String) != "base"
    direct = pl.when(pl.col("compute_method") != "no_training").then("own_flop")
    return frame.with_columns(
        direct.alias("direct_flop"),
        pl.col("compute_flop").alias("cumulative_flop"),
        pl.when(derived).then(pl.col("own_flop") / pl.col("base_flop")).alias("own_to_base_ratio"),
        pl.when(pl.col("inherited") & (pl.col("own_flop").fill_null(0.0) == 0.0))
        .then(pl.lit("inherited"))
        .when(pl.col("inherited"))
        .then(pl.concat_str(pl.lit("inherited + "), pl.col("compute_method")))
        .when(pl.col("compute_flop").is_not_null())
        .then("compute_method")
        .alias("compute_method"),
    )


def _outputs() -> pl.LazyFrame:
    table = pl.scan_csv(assets.folder("data") / "pipeline_outputs.csv")
    lists = [pl.col(name).str.split(";").alias(name) for name in ("outputs", "narrow")]
    return table.select(pl.col("pipeline_tag").alias("_task"), *lists)


def _verdict_inputs(frame: pl.LazyFrame) -> pl.LazyFrame:
    """What rules ask besides compute: outputs, licence, flags, and why a figure is missing.

    Of a model without estimate the listing's upper bound is the upper end: it can say *below*.
    """
    frame = frame.with_columns(
        pl.coalesce("pipeline_tag", "task").alias("_task"),
        pl.coalesce("licence", "_listed_licence").alias("licence"),
    )
    joined = frame.join(_outputs(), on="_task", how="left", maintain_order="left")
    return _with_flags(joined).with_columns(
        pl.when(pl.col("compute_flop").is_null()).then(_skip_reason()).alias("skip_reason"),
        pl.when(pl.col("compute_flop").is_not_null())
        .then("compute_flop_high")
        .when((pl.col("relation").cast(pl.String) == "base") & ~pl.col("_implausible"))
        .then("bound_flop")
        .alias("compute_flop_high"),
    )


def _with_flags(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add `flags`, the names of those that hold: a list for each combination, looked up."""
    names = list(_flags())
    code = pl.sum_horizontal(
        condition.fill_null(value=False).cast(pl.Int32) * 2**bit
        for bit, condition in enumerate(_flags().values())
    )
    numbers = range(2 ** len(names))
    lists = [[name for bit, name in enumerate(names) if number >> bit & 1] for number in numbers]
    table = pl.LazyFrame(
        {
            "_code": pl.Series(numbers, dtype=pl.Int32),
            "flags": pl.Series(lists, dtype=pl.List(pl.String)),
        }
    )
    coded = frame.with_columns(code.alias("_code"))
    return coded.join(table, on="_code", how="left", maintain_order="left")


def _flags() -> dict[str, pl.Expr]:
    ratio = pl.col("methods_ratio")
    per_parameter = pl.col("tokens") / pl.col("parameters_total")
    low, high = IMPLAUSIBLE_TOKENS_PER_PARAMETER
    implied = pl.col("utilisation") / ratio
    return {
        "methods_disagree": (ratio > own.DISAGREEMENT) | (ratio < 1 / own.DISAGREEMENT),
        "implausible_tokens": (per_parameter < low) | (per_parameter > high),
        "implausible_utilisation": (implied < IMPLAUSIBLE_UTILISATION[0])
        | (implied > IMPLAUSIBLE_UTILISATION[1]),
        "implausible_compute": pl.col("_implausible"),
        "own_unknown": pl.col("own_unknown"),
        "base_chain_incomplete": pl.col("chain_short"),
        "inherited": pl.col("inherited"),
        "biological_sequences": pl.col("_tagged") | signs.built_biological(),
    }


def _skip_reason() -> pl.Expr:
    derived = pl.col("relation").cast(pl.String) != "base"
    return (
        pl.when(pl.col("_implausible"))
        .then(pl.lit("implausible"))
        .when(pl.col("reason").is_not_null() & pl.col("parameters_total").is_null())
        .then("reason")
        .when(pl.col("disabled"))
        .then(pl.lit("disabled"))
        .when(derived)
        .then(pl.lit("no_base_compute"))
        .when(pl.col("pruned").is_not_null())
        .then(pl.lit("pruned"))
        .when(pl.col("parameters_total").is_null())
        .then(pl.lit("no_parameters"))
        .otherwise(pl.lit("no_tokens"))
    )

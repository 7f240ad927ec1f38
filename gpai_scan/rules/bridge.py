"""From one definition to another, a change at a time, and the models that change sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import polars as pl

from gpai_scan import schema
from gpai_scan.counting import rule_units, tally
from gpai_scan.rules import tree
from gpai_scan.rules.clauses import rows
from gpai_scan.rules.frame import Options
from gpai_scan.rules.model import Regime, Rule
from gpai_scan.rules.sweep import split
from gpai_scan.rules.units import number

Judge = Callable[[Rule, Regime], pl.DataFrame]


def judge_over(frame: pl.LazyFrame, options: Options | None = None) -> Judge:
    """A function that gives the verdicts of one rule over a frame of `rules.subjects`."""

    def one(rule: Rule, regime: Regime) -> pl.DataFrame:
        found = rows(frame, rule, regime, options or Options())
        table = found if found is not None else schema.VERDICT_TABLE.empty().lazy()
        return table.with_columns(number(pl.col("entity_id")).alias("entity")).collect()

    return one


def bridge(
    frame: pl.LazyFrame,
    who: pl.DataFrame,
    before: tuple[Rule, Regime],
    after: tuple[Rule, Regime],
    options: Options | None = None,
) -> pl.DataFrame:
    """Why two definitions differ: `step, models_in, change, entities_in, entities_change, about`.

    Starts where a naive count starts, at repositories and namespaces under the first definition;
    removes derivatives and copies, merges namespaces into entities, and then exchanges one part
    of the rule at a time until it is the second. The changes add up exactly; how much falls to
    each part depends on the order, which is the one printed.
    """
    judge = judge_over(frame, options)
    steps = list(_steps(judge, who, before, after))
    table = pl.DataFrame(steps, orient="row", schema=["step", "models_in", "entities_in", "about"])
    return table.with_columns(
        (pl.col("models_in") - pl.col("models_in").shift(1)).alias("change"),
        (pl.col("entities_in") - pl.col("entities_in").shift(1)).alias("entities_change"),
    ).select("step", "models_in", "change", "entities_in", "entities_change", "about")


def _steps(
    judge: Judge, who: pl.DataFrame, before: tuple[Rule, Regime], after: tuple[Rule, Regime]
) -> Iterator[tuple[str, int, int, str]]:
    rule, regime = before
    found = judge(rule, regime)
    inside = found.filter(pl.col("verdict") == "in")
    spaces = inside["repo_id"].str.extract(r"^([^/]+)/").str.to_lowercase().n_unique()
    name = f"{regime.id}.{rule.id}"
    yield f"{name}: repositories", inside.height, spaces, "every repository, every namespace"
    merged = inside["entity"].drop_nulls().n_unique()
    yield "namespaces merged into entities", inside.height, merged, "data/entities.csv"
    yield _count("derivatives and copies taken out", found, who, rule, "one a pre-training run")
    for part, changed, about in _changes(rule, after[0]):
        yield _count(f"{part} exchanged", judge(changed, after[1]), who, changed, about)
    last = judge(*after)
    yield _count(f"{after[1].id}.{after[0].id}", last, who, after[0], "what else differs")


def _count(
    step: str, found: pl.DataFrame, who: pl.DataFrame, rule: Rule, about: str
) -> tuple[str, int, int, str]:
    counted = tally(rule_units(found, who, rule))
    return step, counted["models_in"][0], counted["entities_in"][0], about


def _changes(before: Rule, after: Rule) -> Iterator[tuple[str, Rule, str]]:
    """The first rule with one part after another taken from the second."""
    (old, old_rest), (new, new_rest) = split(before), split(after)

    def built(rule: Rule, test: tree.Compare, rest: tuple[tree.Node, ...]) -> Rule:
        return replace(rule, when=tree.All((test, *rest)) if rest else test)

    if old.metric == new.metric:
        test = replace(old, value=new.value, comparator=new.comparator)
        if test != old:
            words = f"{old.comparator} {tree.number(old.value)} to {new.comparator} "
            yield "threshold", built(before, test, old_rest), words + tree.number(new.value)
        if test.basis != new.basis:
            words = f"{old.basis} to {new.basis} training compute"
            yield "basis", built(before, new, old_rest), words
    elif old != new:
        words = f"{tree.text(old)} to {tree.text(new)}"
        yield "test", built(before, new, old_rest), words
    current = built(before, new, new_rest)
    if old_rest != new_rest:
        yield "other parts", current, "; ".join(tree.text(part) for part in new_rest) or "none"
    limb = replace(
        current,
        outputs_any=after.outputs_any,
        other_outputs_effect=after.other_outputs_effect,
    )
    if (before.outputs_any, before.other_outputs_effect) != (
        after.outputs_any,
        after.other_outputs_effect,
    ):
        yield "modality", limb, f"{_outputs(before)} to {_outputs(after)}"
    narrow = replace(
        limb, rebuttal_flags=after.rebuttal_flags, rebuttal_effect=after.rebuttal_effect
    )
    if narrow != limb:
        words = f"{before.rebuttal_effect} to {after.rebuttal_effect}"
        yield "narrow models", narrow, words
    if before.subject != after.subject:
        words = f"{before.subject} to {after.subject}"
        yield "subject", replace(narrow, subject=after.subject), words


def _outputs(rule: Rule) -> str:
    return " or ".join(rule.outputs_any) or "any output"


def changes(
    frame: pl.LazyFrame,
    who: pl.DataFrame,
    before: tuple[Rule, Regime],
    after: tuple[Rule, Regime],
    options: Options | None = None,
) -> pl.DataFrame:
    """The repositories that speak for a model and whose verdict differs, with both reasons."""
    judge = judge_over(frame, options)
    names = ["repo_id", "verdict", "probability", "value", "reason"]
    first, second = (judge(*side).select(names) for side in (before, after))
    spoken = who.filter("counted").select("repo_id")
    return (
        first.join(second, on="repo_id", how="full", coalesce=True, suffix="_after")
        .filter(~pl.col("verdict").eq_missing(pl.col("verdict_after")))
        .join(spoken, on="repo_id", how="semi")
        .sort("value", "repo_id", descending=[True, False], nulls_last=True)
        .select(
            "repo_id",
            pl.col("verdict").alias("before"),
            pl.col("verdict_after").alias("after"),
            pl.col("value_after").alias("value"),
            pl.col("reason").alias("reason_before"),
            pl.col("reason_after"),
        )
    )

"""One rule to its rows: on whom it is asked, its answer, and the reason in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.rules import tree
from gpai_scan.rules.frame import Options, measure
from gpai_scan.rules.logic import Verdict, judge
from gpai_scan.rules.model import OF_MODIFICATIONS, Regime, Rule
from gpai_scan.rules.tree import Has

WITHOUT_ROWS: Final = ("criteria", "sweep")
"""Kinds of rule that decide nothing about one repository."""
COMPARABLE: Final = "comparable_generality"
"""Flag by which a user states that benchmarks show a range of tasks like that of text models."""


class Parts:
    """What verdict and reason share, as columns: an expression named twice is worked out twice."""

    def __init__(self) -> None:
        self.columns: dict[str, pl.Expr] = {}

    def held(self, part: pl.Expr) -> pl.Expr:
        """The column that the part becomes."""
        name = f"_part{len(self.columns)}"
        self.columns[name] = part
        return pl.col(name)


def rows(frame: pl.LazyFrame, rule: Rule, regime: Regime, options: Options) -> pl.LazyFrame | None:
    """Rows of `schema.VERDICT_TABLE` for one rule; None where it gives no row to a repository.

    A rule on derivatives has rows only for the repositories it is asked of: a repository without
    a row is not its subject.
    """
    if rule.kind == "structural":
        return _structural(frame, rule, regime)
    if rule.when is None or rule.kind in WITHOUT_ROWS or rule.subject in ("cluster", "market"):
        return None
    known = frame.collect_schema()
    condition = rule.exact if options.thirds == "exact" and rule.exact else rule.when
    asked = frame.filter(subject(rule, regime, options))
    parts = Parts()
    verdict, reason = _decide(judge(condition, known), rule, known, options, parts)
    verdict, reason = _with_requirements(verdict, reason, rule, regime, known, options, parts)
    worked_out = asked.with_columns(**parts.columns)
    return _table(worked_out, rule, condition, verdict, reason, known)


def _table(
    frame: pl.LazyFrame,
    rule: Rule,
    condition: tree.Node,
    verdict: Verdict,
    reason: pl.Expr,
    known: Mapping[str, object],
) -> pl.LazyFrame:
    test = next(tree.compares(condition), None)
    value = measure(test, known).value if test else pl.lit(None, pl.Float64)
    answer = (
        pl.when(verdict.holds)
        .then(pl.lit("in", schema.VERDICT))
        .when(~verdict.holds)
        .then(pl.lit("out", schema.VERDICT))
        .otherwise(pl.lit("unknown", schema.VERDICT))
    )
    return frame.select(
        "repo_id",
        "model_id",
        "entity_id",
        pl.lit(rule.regime).alias("regime"),
        pl.lit(rule.id).alias("rule"),
        pl.lit(rule.tier).alias("tier"),
        answer.alias("verdict"),
        verdict.probability.alias("probability"),
        pl.lit(test.metric if test else None, pl.String).alias("metric"),
        value.alias("value"),
        pl.lit(test.value if test else None, pl.Float64).alias("threshold"),
        reason.alias("reason"),
    )


def subject(rule: Rule, regime: Regime, options: Options) -> pl.Expr:
    """Who a rule is asked of."""
    conditions: list[pl.Expr] = [
        {
            "same-entity-derivative": pl.col("_same_entity"),
            "downstream-derivative": pl.col("_downstream"),
            "any-derivative": pl.col("_derived"),
        }.get(rule.subject, pl.lit(value=True))
    ]
    original = pl.col("_original_flop")
    if rule.original_compute_known is not None:
        conditions.append(original.is_not_null() == pl.lit(rule.original_compute_known))
    if rule.original_systemic is not None:
        line = regime.systemic_threshold or 1e25
        guess = options.unknown_original == "systemic"
        systemic = (original > line).fill_null(guess)
        conditions.append(systemic == pl.lit(rule.original_systemic))
    return reduce(lambda a, b: a & b, conditions)


def _decide(
    judged: Verdict, rule: Rule, known: Mapping[str, object], options: Options, parts: Parts
) -> tuple[Verdict, pl.Expr]:
    """Join the threshold with the modality limb and the signs of narrowness."""
    base = Verdict(parts.held(judged.holds), parts.held(judged.probability))
    what = _metric_words(rule)
    below, above = base.holds.not_(), base.holds
    unknown = _unknown_words(rule, what, known)
    if not rule.outputs_any:
        words = (
            pl.when(above)
            .then(pl.lit(f"{what} above the threshold"))
            .when(below)
            .then(pl.lit(f"{what} not above the threshold"))
            .otherwise(unknown)
        )
        return base, words
    limb = parts.held(judge(Has("outputs", rule.outputs_any), known).holds)
    narrow, narrow_words = _narrow(rule, parts)
    if rule.other_outputs_effect == "case-by-case":
        signs = (narrow, narrow_words)
        return _case_by_case(base, limb, signs, what, unknown, options, parts)
    outs = rule.rebuttal_effect == "out"
    holds = above & limb & (~narrow if outs else pl.lit(value=True))
    chance = _conditioned(base.probability, limb, narrow if outs else pl.lit(value=False))
    words = (
        pl.when(limb.not_())
        .then(pl.lit(f"modality limb fails: generates none of {', '.join(rule.outputs_any)}"))
        .when(below)
        .then(pl.lit(f"{what} not above the threshold"))
        .when(narrow)
        .then(narrow_words)
        .when(above & limb)
        .then(pl.lit(f"{what} above the threshold and the modality limb is met"))
        .when(above)
        .then(pl.lit(f"{what} above the threshold, but what it generates is unknown"))
        .otherwise(unknown)
    )
    return Verdict(holds, chance), words


def _conditioned(chance: pl.Expr, limb: pl.Expr, excluded: pl.Expr) -> pl.Expr:
    never = (limb.not_() | excluded).fill_null(value=False)
    return pl.when(never).then(0.0).when(limb).then(chance).when(chance == 0.0).then(0.0)


def _narrow(rule: Rule, parts: Parts) -> tuple[pl.Expr, pl.Expr]:
    """Whether a sign of narrowness named by the text is there, and the words for it."""
    column = pl.col("narrow")
    told = "criterion met but narrow, so not general" if rule.rebuttal_effect == "out" else (
        "presumed, rebuttable"
    )  # fmt: skip
    hit = column.list.eval(pl.element().is_in(list(rule.rebuttal_flags))).list.any()
    words = pl.lit(told)
    for flag in reversed(rule.rebuttal_flags):
        sign = pl.lit(f"{told}: {flag.replace('_', ' ')}")
        words = pl.when(column.list.contains(flag)).then(sign).otherwise(words)
    return parts.held(hit.fill_null(value=False)), words


def _case_by_case(
    base: Verdict,
    limb: pl.Expr,
    signs: tuple[pl.Expr, pl.Expr],
    what: str,
    unknown: pl.Expr,
    options: Options,
    parts: Parts,
) -> tuple[Verdict, pl.Expr]:
    """The draft: text or images are presumed; others are judged on comparable generality."""
    narrow, narrow_words = signs
    comparable = parts.held(pl.col("flags").list.contains(COMPARABLE).fill_null(value=False))
    other = limb.not_().fill_null(value=False)
    case = pl.lit(value=False) if options.other_outputs == "out" else pl.lit(None, pl.Boolean)
    holds = (
        pl.when(base.holds.not_())
        .then(pl.lit(value=False))
        .when(base.holds & limb)
        .then(pl.lit(value=True))
        .when(other & comparable & base.holds)
        .then(pl.lit(value=True))
        .when(other & base.holds)
        .then(case)
    )
    chance = (
        pl.when(limb | (other & comparable))
        .then(base.probability)
        .when(base.probability == 0.0)
        .then(0.0)
    )
    words = (
        pl.when(base.holds.not_())
        .then(pl.lit(f"{what} not above the threshold"))
        .when(other & comparable & base.holds)
        .then(pl.lit("not presumed, but benchmarks show comparable generality"))
        .when(other & base.holds)
        .then(pl.lit("generates neither text nor images: case by case"))
        .when(base.holds & narrow)
        .then(narrow_words)
        .when(base.holds & limb)
        .then(pl.lit(f"{what} above the threshold, generates text or images: presumed"))
        .when(base.holds)
        .then(pl.lit(f"{what} above the threshold, but what it generates is unknown"))
        .otherwise(unknown)
    )
    return Verdict(holds, chance), words


def _metric_words(rule: Rule) -> str:
    test = rule.threshold
    if test is None:
        return "the condition"
    if rule.kind == "compound":
        return "the condition, all parts together,"
    words = test.metric.replace("_", " ")
    return f"{words} ({test.basis})" if test.basis else words


def _unknown_words(rule: Rule, what: str, known: Mapping[str, object]) -> pl.Expr:
    test = rule.threshold
    if test is not None and test.metric in OF_MODIFICATIONS:
        gap = pl.when(pl.col("own_flop").is_null()).then(
            pl.lit("unknown: what the modification used is not stated")
        )
        return gap.otherwise(
            pl.lit("unknown: the original's compute is neither known nor estimated")
        )
    if test is not None and test.metric.startswith(("training_compute", "compute_", "sum_")):
        return (
            pl.concat_str(
                [pl.lit(f"{what} unknown"), pl.lit(": "), pl.col("skip_reason")], ignore_nulls=True
            )
            if "skip_reason" in known
            else pl.lit(f"{what} unknown")
        )
    if test is not None and test.metric not in known:
        return pl.lit(f"{test.metric} cannot be observed on a hub and nobody supplied it")
    return pl.lit(f"{what} unknown")


def _with_requirements(
    verdict: Verdict,
    reason: pl.Expr,
    rule: Rule,
    regime: Regime,
    known: Mapping[str, object],
    options: Options,
    parts: Parts,
) -> tuple[Verdict, pl.Expr]:
    """What a rule stands on: another rule, public weights, a flag on the subject."""
    if rule.requires is not None:
        other = regime.rule(rule.requires)
        if other.when is not None:
            first, _ = _decide(judge(other.when, known), other, known, options, parts)
            words = pl.when(first.holds.not_()).then(
                pl.lit(f"rule {other.id}, on which this one stands, is not met")
            )
            reason = words.otherwise(reason)
            verdict = _and(verdict, first)
    if rule.weights_public is False:
        verdict = Verdict(verdict.holds & pl.lit(value=False), verdict.probability * 0.0)
        reason = pl.lit("weights are published on the hub; the rule is about unpublished ones")
    if rule.requires_original is not None:
        reason = pl.when(verdict.holds.is_null()).then(reason).otherwise(reason)
        line = regime.rule(rule.requires_original).threshold
        if line is not None:
            held = pl.col("_original_flop") > line.value
            verdict = _and(verdict, Verdict(held, held.cast(pl.Float64)))
            reason = pl.when(held.not_()).then(
                pl.lit("the original is below the line of its own rule")
            ).otherwise(reason)  # fmt: skip
    if rule.requires_flags:
        flagged = parts.held(judge(Has("flags", rule.requires_flags), known).holds)
        verdict = _and(verdict, Verdict(flagged, flagged.cast(pl.Float64)))
        reason = pl.when(flagged.not_()).then(
            pl.lit(f"nothing says: {', '.join(rule.requires_flags).replace('_', ' ')}")
        ).otherwise(reason)  # fmt: skip
    return verdict, reason


def _and(a: Verdict, b: Verdict) -> Verdict:
    never = ((a.probability == 0.0) | (b.probability == 0.0)).fill_null(value=False)
    return Verdict(
        a.holds & b.holds, pl.when(never).then(0.0).otherwise(a.probability * b.probability)
    )


def _structural(frame: pl.LazyFrame, rule: Rule, regime: Regime) -> pl.LazyFrame | None:
    """Structural rules that say something of single repositories; the others steer the count."""
    if rule.requires is None or rule.original_systemic is not True:
        return None
    test = regime.rule(rule.requires)
    if test.when is None:
        return None
    known = frame.collect_schema()
    line = regime.systemic_threshold or 1e25
    base = judge(test.when, known)
    asked = frame.filter(pl.col("_downstream") & (pl.col("_original_flop") > line))
    reason = (
        pl.when(base.holds)
        .then(pl.lit("modifier of a systemic-risk model: the result is presumed systemic"))
        .when(base.holds.not_())
        .then(pl.lit("modification of a systemic-risk model, not above a third of it"))
        .otherwise(pl.lit("unknown: what the modification used is not stated"))
    )
    return _table(asked, rule, test.when, base, reason, known)

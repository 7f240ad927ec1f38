"""Conditions to expressions: three-valued verdicts, and the probability of `in`.

Polars' `&`, `|` and `~` follow Kleene: unknown and false is false, unknown and true is unknown.
Probabilities follow the same shape. Parts about different metrics are taken as independent; of
parts about the same metric the smaller (for all) or larger (for any) counts, since one error moves
them together.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, reduce

import polars as pl

from gpai_scan import assets
from gpai_scan.rules.frame import measure
from gpai_scan.rules.tree import LISTS, All, Compare, Either, Has, Node, Not, Since, compares


@dataclass(frozen=True, slots=True)
class Verdict:
    """A three-valued answer (null is unknown) and the probability that it is yes."""

    holds: pl.Expr
    probability: pl.Expr


def judge(node: Node, known: Mapping[str, object]) -> Verdict:
    """The expressions of a condition over a frame that has the columns `known`."""
    match node:
        case Compare():
            return _compare(node, known)
        case Has():
            return certain(_has(node))
        case Since(field, day):
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return certain(pl.col(field) >= pl.lit(midnight).cast(pl.Datetime("ms", "UTC")))
        case All(parts):
            verdicts = [judge(part, known) for part in parts]
            holds = reduce(lambda a, b: a & b, (v.holds for v in verdicts))
            return Verdict(holds, _together(parts, verdicts))
        case Either(parts):
            none = [Not(part) for part in parts]
            verdicts = [judge(part, known) for part in none]
            holds = reduce(lambda a, b: a & b, (v.holds for v in verdicts))
            return Verdict(~holds, 1.0 - _together(none, verdicts))
        case Not(part):
            inner = judge(part, known)
            return Verdict(~inner.holds, 1.0 - inner.probability)


def certain(holds: pl.Expr) -> Verdict:
    """A statement without an error of its own: probability one, zero or unknown."""
    return Verdict(holds, holds.cast(pl.Float64))


def _compare(test: Compare, known: Mapping[str, object]) -> Verdict:
    """A comparison; where only bounds are known they decide what they can."""
    m = measure(test, known)
    strict = test.comparator == ">"
    above = m.value > test.value if strict else m.value >= test.value
    at_least = m.low > test.value if strict else m.low >= test.value
    at_most = m.high <= test.value if strict else m.high < test.value
    bounded = pl.when(at_most).then(pl.lit(value=False)).when(at_least).then(pl.lit(value=True))
    distance = (math.log10(test.value) if test.value > 0 else -math.inf) - m.value.log10()
    smooth = 0.5 * (distance / (m.sigma * math.sqrt(2.0))).erfc()
    sure = (m.sigma > 0).fill_null(value=False) & (m.value > 0)
    chance = pl.when(sure).then(smooth).otherwise(above.cast(pl.Float64))
    holds = pl.coalesce(above, bounded)
    return Verdict(holds, pl.coalesce(chance, bounded.cast(pl.Float64)))


def _has(test: Has) -> pl.Expr:
    """Whether a list or word is one of those asked; a list that admits not to know is unknown."""
    words = list(test.words)
    if test.field in LISTS:
        column = pl.col(test.field)
        hit = column.list.eval(pl.element().is_in(words)).list.any()
        if test.field != "outputs":
            return hit.fill_null(value=False)
        vague = (column.list.len() == 0) | column.list.contains("unknown")
        return pl.when(hit).then(pl.lit(value=True)).when(~vague).then(hit)
    if test.field == "licence_class":
        return licence_class(pl.col("licence")).is_in(words)
    name = {"entity_type": "_entity_type", "country": "_country", "eu_status": "_eu_status",
            "role": "_role"}.get(test.field, test.field)  # fmt: skip
    column = pl.col(name).cast(pl.String)
    told = pl.when(column != "unknown").then(column) if "unknown" not in words else column
    return told.is_in(words)


@cache
def _licence_classes() -> Mapping[str, str]:
    with (assets.folder("data") / "licences.csv").open(encoding="utf-8", newline="") as handle:
        return {row["id"].lower(): row["ai_act_foss"] for row in csv.DictReader(handle)}


def licence_class(licence: pl.Expr) -> pl.Expr:
    """Free and open-source in the sense of the Act: yes, arguable, no or unknown."""
    classes = _licence_classes()
    plain = licence.str.to_lowercase().fill_null("(missing)")
    return plain.replace_strict(
        list(classes), list(classes.values()), default="unknown", return_dtype=pl.String
    )


def _together(parts: Sequence[Node], verdicts: Sequence[Verdict]) -> pl.Expr:
    """Probability that all parts hold: the smallest within a metric, the product across."""
    groups: dict[str, list[pl.Expr]] = {}
    for number, (part, verdict) in enumerate(zip(parts, verdicts, strict=True)):
        tested = {test.metric for test in compares(part)}
        key = tested.pop() if len(tested) == 1 else f"#{number}"
        groups.setdefault(key, []).append(verdict.probability)
    factors = [g[0] if len(g) == 1 else _least(g) for g in groups.values()]
    if len(factors) == 1:
        return factors[0]
    impossible = pl.any_horizontal(f == 0.0 for f in factors).fill_null(value=False)
    product = reduce(lambda a, b: a * b, factors)
    return pl.when(impossible).then(0.0).otherwise(product)


def _least(chances: Sequence[pl.Expr]) -> pl.Expr:
    known = reduce(lambda a, b: a & b, (c.is_not_null() for c in chances))
    least = pl.min_horizontal(chances)
    return pl.when(known | (least == 0.0)).then(least)

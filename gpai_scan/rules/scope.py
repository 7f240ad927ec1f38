"""A stored scan made ready for rules: what the commands `count`, `sweep` and `why` stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan import counting, schema
from gpai_scan.entities import second_establishment
from gpai_scan.errors import InvalidInput, UnknownName
from gpai_scan.lineage import roots
from gpai_scan.rules import metrics, tree
from gpai_scan.rules.bridge import Judge, judge_over
from gpai_scan.rules.exemption import exemption
from gpai_scan.rules.frame import Options, subjects
from gpai_scan.rules.logic import licence_class
from gpai_scan.rules.model import Regime, Rule
from gpai_scan.rules.published import published
from gpai_scan.rules.units import number, units
from gpai_scan.store import Store

_REACH: Final = (
    "downloads_all_time",
    "spaces",
    "descendants",
    "descendant_namespaces",
    "family_downloads_30d",
    "downloads_share",
)
GROUPS: Final = ("entity_type", "country", "eu_status", "entity", "licence", "licence_class",
                 "modality", "year", "relation", "gated")  # fmt: skip
"""What a count can be divided by."""


@dataclass(frozen=True)
class Scope:
    """The frame rules are judged over, the units counted, and the entities."""

    frame: pl.LazyFrame
    who: pl.DataFrame
    entities: pl.LazyFrame
    options: Options = field(default_factory=Options)
    table: Callable[[str], pl.LazyFrame] | None = None
    """Reads another table of the scan, where there is a scan."""

    @classmethod
    def of(
        cls,
        store: Store,
        scan_id: str,
        rules: Sequence[Rule] = (),
        supplied: Path | None = None,
        options: Options | None = None,
        *,
        relative: bool = False,
        any_establishment: bool = False,
    ) -> Scope:
        """The scan with the metrics that the rules test; `supplied` is the user's own table.

        With `any_establishment` an entity with a second establishment in the Union counts as
        established there; otherwise its main one decides.
        """
        estimates = store.table("estimates", scan_id).collect().lazy()
        entities = store.table("entities", scan_id).collect().lazy()
        if any_establishment:
            second = second_establishment().collect()["entity_id"]
            there = pl.col("entity_id").is_in(second.implode())
            entities = entities.with_columns(
                pl.when(there).then(pl.lit("EU")).otherwise("eu_status").alias("eu_status")
            )
        tested = {
            test.metric
            for rule in rules
            if rule.when is not None
            for test in tree.compares(rule.when)
        }
        extra = _extra(store, scan_id, estimates, tested, supplied)
        wants_frontier = relative or "compute_ratio_to_frontier" in tested
        frontier = metrics.published_frontier(estimates) if wants_frontier else None
        frame = subjects(estimates, entities, extra, frontier).collect().lazy()
        return cls(
            frame,
            units(frame),
            entities,
            options or Options(),
            lambda name: store.table(name, scan_id),
        )

    @classmethod
    def of_published(
        cls, *, open_weights: bool | None = None, options: Options | None = None
    ) -> Scope:
        """The published table of models instead of a scan: the yardstick."""
        estimates, entities = published(open_weights=open_weights)
        frontier = metrics.published_frontier()
        frame = subjects(estimates, entities, None, frontier).collect().lazy()
        return cls(frame, units(frame), entities, options or Options())

    @property
    def judge(self) -> Judge:
        """Gives the verdicts of a rule over this scan."""
        return judge_over(self.frame, self.options)

    def count(self, rule: Rule, regime: Regime, unit: str = "models") -> pl.DataFrame:
        """One row: how many units are in, out and unknown."""
        found = self.judge(rule, regime)
        counted = counting.rule_units(found, self.who, rule) if unit == "models" else found
        return counting.tally(counted)

    def by(self, rule: Rule, regime: Regime, group: str, unit: str = "models") -> pl.DataFrame:
        """The counts divided by a property of the repository that speaks for the unit."""
        if group not in GROUPS:
            raise UnknownName("group", group, GROUPS)
        found = self.judge(rule, regime)
        if unit == "models" and rule.subject not in counting.DERIVATIVES:
            found = self._one_a_model(found)
        properties = self.frame.select("repo_id", self._property(group).alias(group)).collect()
        named = found.join(properties, on="repo_id", how="left").with_columns(
            pl.col(group).fill_null("unknown")
        )
        if group == "modality":
            named = named.with_columns(pl.col(group).str.split(", ")).explode(group)
        return counting.tally(named, [group]).sort(["models_in", group], descending=[True, False])

    def _one_a_model(self, found: pl.DataFrame) -> pl.DataFrame:
        """Of the repositories that speak for a model the one that decides its verdict."""
        rank = pl.col("verdict").replace_strict({"in": 0, "unknown": 1, "out": 2})
        rows = counting.aligned(found, self.who).filter(
            pl.col("counted") & (pl.col("first") | (pl.col("verdict") == "in"))
        )
        return (
            rows.with_columns(rank.cast(pl.Int8).alias("_rank"))
            .sort("model", "_rank", ~pl.col("root"), "repo_id")
            .unique("model", keep="first", maintain_order=True)
        )

    def _property(self, group: str) -> pl.Expr:
        text = {
            "entity": pl.col("entity_id"),
            "entity_type": pl.col("_entity_type"),
            "country": pl.col("_country"),
            "eu_status": pl.col("_eu_status"),
            "licence": pl.col("licence"),
            "licence_class": licence_class(pl.col("licence")),
            "gated": pl.col("gated"),
            "modality": pl.col("outputs").list.sort().list.join(", "),
            "year": pl.col("created_at").dt.year().cast(pl.String),
            "relation": pl.col("relation").cast(pl.String),
        }
        return text[group]

    def models(self, rule: Rule, regime: Regime, limit: int | None = None) -> pl.DataFrame:
        """The models that are in, with value, probability and reason, largest first."""
        found = self.judge(rule, regime)
        if rule.subject not in counting.DERIVATIVES:
            spoken = self.who.filter("counted").select("repo_id", "model")
            found = found.join(spoken, on="repo_id").with_columns(pl.col("model"))
        else:
            found = found.with_columns(number(pl.col("repo_id")).alias("model"))
        listed = (
            found.filter(pl.col("verdict") == "in")
            .sort("value", "repo_id", descending=[True, False], nulls_last=True)
            .unique("model", keep="first", maintain_order=True)
            .select("repo_id", "entity_id", "value", "threshold", "probability", "reason")
        )
        return listed if limit is None else listed.head(limit)

    def exemption(self, rule: Rule, regime: Regime) -> pl.DataFrame:
        """Both readings of the open-source exemption for the models that are in."""
        inside = self.models(rule, regime).select("repo_id", "entity_id", "value")
        if self.table is None:
            raise InvalidInput("the exemption needs a scan; the published table has no licences.")
        read = exemption(
            inside.lazy(),
            self.frame,
            self.table("repositories"),
            self.table("lineage"),
            self.table("documentation"),
            systemic=regime.systemic_threshold or 1e25,
        )
        return inside.join(read.collect(), on="repo_id", how="left", maintain_order="left")


def _extra(
    store: Store, scan_id: str, estimates: pl.LazyFrame, tested: set[str], supplied: Path | None
) -> pl.LazyFrame | None:
    """The metrics that some rule tests and the estimates do not hold."""
    frames = []
    if tested.intersection(_REACH):
        repositories = store.table("repositories", scan_id)
        links = store.table("lineage", scan_id)
        frames.append(metrics.reach(roots(links, repositories), repositories))
    if "documentation_elements" in tested:
        frames.append(metrics.documentation(store.table("documentation", scan_id)))
    if "added_tokens_ratio" in tested:
        frames.append(metrics.added_tokens(estimates))
    if supplied is not None:
        own = metrics.supplied(supplied, estimates)
        stored = set(own.collect_schema().names()) & set(schema.ESTIMATES.names) - {"repo_id"}
        if stored:
            raise InvalidInput(
                f"{supplied}: {', '.join(sorted(stored))} is read from the scan; correct single "
                "figures with the setting 'overrides' of a pipeline."
            )
        frames.append(own)
    return metrics.together(*frames)

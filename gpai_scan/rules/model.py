"""What a rule set is: metrics, rules and regimes as frozen data."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from gpai_scan import assets
from gpai_scan.errors import UnknownName
from gpai_scan.rules import tree
from gpai_scan.rules.tree import Compare, Node

KINDS: Final = ("test", "compound", "sweep", "structural", "criteria")
TIERS: Final = ("gpai", "systemic", "frontier", "entity", "market", "cluster", "proposal")
SUBJECTS: Final = (
    "model",
    "same-entity-derivative",
    "downstream-derivative",
    "any-derivative",
    "entity",
    "market",
    "cluster",
)
OUTPUTS: Final = (
    "text",
    "speech",
    "image",
    "video",
    "audio_other",
    "text_to_image",
    "text_to_video",
    "none",
)
STATUSES: Final = ("verified", "partly", "secondary", "unverified", "conflict")
OF_MODIFICATIONS: Final = (
    "modification_compute",
    "modification_ratio",
    "added_tokens_ratio",
    "sum_compute",
)
"""Metrics that only a repository made from another has."""
REBUTTALS: Final = ("out", "rebuttable")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of data/metrics.csv; `proxy_for` names what it only stands in for."""

    name: str
    unit: str
    observable: bool
    proxy_for: str
    about: str


@cache
def metrics() -> Mapping[str, Metric]:
    """The metrics rules may test, by name."""
    path = assets.folder("data") / "metrics.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return MappingProxyType(
        {
            row["metric"]: Metric(
                row["metric"],
                row["unit"],
                row["observable_on_hub"] == "yes",
                row["proxy_for"],
                row["about"],
            )
            for row in rows
        }
    )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One clause: what it tests, on whom, and what follows."""

    regime: str
    id: str
    kind: str = "test"
    tier: str = "proposal"
    subject: str = "model"
    when: Node | None = None
    """The condition without modality; None for rules without a number of their own."""
    exact: Node | None = None
    """The condition with the exact fraction where the text rounds it."""
    sweep: tuple[float, ...] = ()
    outputs_any: tuple[str, ...] = ()
    rebuttal_flags: tuple[str, ...] = ()
    rebuttal_effect: str = "rebuttable"
    other_outputs_effect: str = ""
    requires: str | None = None
    requires_original: str | None = None
    requires_flags: tuple[str, ...] = ()
    original_systemic: bool | None = None
    original_compute_known: bool | None = None
    weights_public: bool | None = None
    conditions: tuple[str, ...] = ()
    """Limbs nothing public tells about; named in every definition, never silently met."""
    effect: str = ""
    section: str = ""
    note: str = ""
    source: tuple[str, ...] = ()
    status: str = "unverified"

    @property
    def threshold(self) -> Compare | None:
        """The first comparison of the condition, on which value and threshold are reported."""
        return next(tree.compares(self.when), None) if self.when is not None else None


@dataclass(frozen=True, kw_only=True)
class Regime:
    """A dated rule set with its source."""

    id: str
    title: str = ""
    jurisdiction: str = "own"
    legal_status: str = ""
    counting_unit: str = ""
    dates: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notification_significant_figures: int = 2
    error_margin: float | None = None
    references: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    status: str = "unverified"
    default: bool = False
    rules: tuple[Rule, ...] = ()
    examples: tuple[Mapping[str, Any], ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """The rule with that id; `UnknownName` lists what there is."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise UnknownName(f"rule of {self.id}", rule_id, [rule.id for rule in self.rules])

    @property
    def systemic_threshold(self) -> float | None:
        """FLOP above which a model is of systemic risk under this rule set."""
        for rule in self.rules:
            test = rule.threshold
            if rule.tier == "systemic" and rule.subject == "model" and test is not None:
                return test.value if test.metric == "training_compute" else None
        return None


def natural_subject(when: Node | None) -> str:
    """Whom a rule is asked of where it does not say: what was added tells of modifications."""
    tested = {test.metric for test in tree.compares(when)} if when is not None else set()
    return "downstream-derivative" if tested & set(OF_MODIFICATIONS) else "model"

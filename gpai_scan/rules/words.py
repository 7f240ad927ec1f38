"""What was counted, in words: the definition that stands beside every number."""

from __future__ import annotations

from typing import Final

from gpai_scan.rules import tree
from gpai_scan.rules.model import Regime, Rule, metrics

DERIVATIVES: Final = ("same-entity-derivative", "downstream-derivative", "any-derivative")
PLAIN: Final = "threshold"
"""Rule set and rule under which plain thresholds stand."""
TIER: Final = "tier:"
"""Prefix of the rows that join the rules of one tier."""

COUNTED: Final = (
    "a model is one large pre-training run, with its provider's versions; repositories are all "
    "that carry one; expected: sum of probabilities, unknown left out"
)


def define(rule: Rule, regime: Regime) -> str:
    """Exactly what is counted under a rule, in words."""
    parts = [f"{regime.id}, {rule.id}" + (f" (section {rule.section})" if rule.section else "")]
    if rule.when is not None:
        parts.append(tree.text(rule.when))
    if rule.outputs_any:
        parts.append(f"generates {' or '.join(rule.outputs_any)}")
    if rule.rebuttal_flags and rule.rebuttal_effect == "out":
        parts.append(f"narrow models out ({', '.join(rule.rebuttal_flags)})")
    if rule.subject in DERIVATIVES:
        parts.append("a model here is one entity's modification of one original")
    else:
        parts.append(COUNTED)
    if rule.conditions:
        parts.append(f"not tested, since nothing public tells: {'; '.join(rule.conditions)}")
    proxies = sorted(
        {
            f"{test.metric} stands in for {metrics()[test.metric].proxy_for}"
            for test in (tree.compares(rule.when) if rule.when is not None else ())
            if test.metric in metrics() and metrics()[test.metric].proxy_for
        }
    )
    return "; ".join([*parts, *proxies])


def tier_row(regime: Regime, tier: str) -> dict[str, object]:
    """What stands beside the counts of all rules of a tier together."""
    words = f"all rules of tier {tier} of {regime.id} together: models, and modifications "
    return {
        "regime": regime.id,
        "rule": f"{TIER}{tier}",
        "tier": tier,
        "definition": words + "whose result is in by the rule on models; " + COUNTED,
    }


def rule_row(rule: Rule, definition: str) -> dict[str, object]:
    """What stands beside the counts of one rule: tier, metric, comparator, threshold, words."""
    test = rule.threshold
    return {
        "regime": rule.regime,
        "rule": rule.id,
        "tier": rule.tier,
        "metric": test.metric if test else None,
        "comparator": test.comparator if test else None,
        "threshold": test.value if test else None,
        "definition": definition,
    }

"""The condition of a rule as its table gives it: metric and value, lists of tests, short form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from gpai_scan.errors import InvalidInput, UnknownName
from gpai_scan.rules import tree
from gpai_scan.rules.keys import TEST_KEYS, RuleFile
from gpai_scan.rules.model import metrics
from gpai_scan.rules.tree import All, Compare, Either, Has, Node, Share


def condition(
    file: RuleFile, table: dict[str, Any], nth: int, kind: str, key: str, share: Share
) -> Node | None:
    """The condition of the nth rule, with `value` or `value_exact` as its threshold (`key`).

    None for rules without a number of their own, and where there is no exact value.
    """
    if kind in ("structural", "criteria") or (key != "value" and key not in table):
        return None
    basis = table.get("basis")
    parts: list[Node] = []
    if "metric" in table:
        parts.append(_test(file, table, nth, kind, key))
    for word, join in (("all", All), ("any", Either)):
        if word in table:
            tests = tuple(_inline(file, test, nth, word, basis) for test in table[word])
            if not tests:
                raise file.error(f"'{word}' needs at least one test.", word, "rule", nth)
            parts.append(join(tests))
    if "when" in table:
        try:
            parts.append(tree.parse(table["when"], tuple(metrics()), share, basis))
        except (InvalidInput, UnknownName) as error:
            raise file.error(str(error), "when", "rule", nth) from error
    parts.extend(_dates(file, table, nth))
    if not parts:
        raise file.error(
            f"rule '{table['id']}' tests nothing: give 'metric', 'comparator' and "
            "'value', or 'all', 'any' or 'when'.", "id", "rule", nth,
        )  # fmt: skip
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _dates(file: RuleFile, table: dict[str, Any], nth: int) -> list[Node]:
    found: list[Node] = []
    for key in ("since", "until"):
        if key in table:
            try:
                day = date.fromisoformat(str(table[key]))
            except ValueError as error:
                raise file.error(
                    f"'{key}' must be a day such as 2025-08-02.", key, "rule", nth
                ) from error
            since = tree.Since("created_at", day)
            found.append(since if key == "since" else tree.Not(since))
    return found


def _test(file: RuleFile, table: dict[str, Any], nth: int, kind: str, key: str) -> Compare:
    needed = ["comparator"] if kind == "sweep" else ["comparator", "value"]
    for name in needed:
        if name not in table:
            raise file.error(
                f"rule '{table['id']}' has a metric but no '{name}'.", "metric", "rule", nth
            )
    value = table["sweep"][0] if kind == "sweep" and table.get("sweep") else table.get(key)
    if value is None:
        raise file.error(f"rule '{table['id']}' needs values in 'sweep'.", "metric", "rule", nth)
    return _compare(file, {**table, "value": value}, nth, "metric", table.get("basis"))


def _inline(file: RuleFile, test: dict[str, Any], nth: int, key: str, basis: str | None) -> Node:
    if "has" in test or "field" in test:
        return Has(str(test.get("field", "outputs")), tuple(test.get("has", ())))
    file.check(test, TEST_KEYS, "rule", nth)
    for name in ("metric", "comparator", "value"):
        if name not in test:
            raise file.error(f"a test in '{key}' needs '{name}'.", key, "rule", nth)
    return _compare(file, test, nth, key, basis)


def _compare(
    file: RuleFile, test: Mapping[str, Any], nth: int, key: str, basis: str | None
) -> Compare:
    known = metrics()
    metric = test["metric"]
    if metric not in known:
        near = get_close_matches(metric, known, n=1, cutoff=0.4)
        hint = f"; did you mean '{near[0]}'?" if near else "."
        raise file.error(
            f"unknown metric '{metric}'{hint} There are: {', '.join(sorted(known))}.",
            key,
            "rule",
            nth,
        )
    return Compare(metric, test["comparator"], float(test["value"]), test.get("basis", basis))

"""The keys of a rule file, and the complaint about a wrong one: line, key, nearest valid one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from gpai_scan.errors import InvalidInput
from gpai_scan.rules import tree
from gpai_scan.rules.model import KINDS, REBUTTALS, STATUSES, SUBJECTS, TIERS

_TEXT, _LIST, _NUMBER, _BOOL, _NUMBERS, _TABLE, _TABLES, _DAY = (
    "text", "list of texts", "number", "true or false", "list of numbers", "table",
    "list of tables", "day",
)  # fmt: skip
REGIME_KEYS: Final[dict[str, str]] = {
    "id": _TEXT,
    "title": _TEXT,
    "jurisdiction": _TEXT,
    "legal_status": _TEXT,
    "dates": _TABLE,
    "counting_unit": _TEXT,
    "count_all_precisions_equally": _BOOL,
    "approximation_tolerance": _NUMBER,
    "estimate_error_margin": _NUMBER,
    "notification_significant_figures": _NUMBER,
    "expected_models_per_year": _NUMBERS,
    "references": _LIST,
    "source": _LIST,
    "status": _TEXT,
    "default": _BOOL,
    "note": _TEXT,
    "rule": _TABLES,
    "example": _TABLES,
}
RULE_KEYS: Final[dict[str, str]] = {
    "id": _TEXT,
    "kind": _TEXT,
    "tier": _TEXT,
    "subject": _TEXT,
    "section": _TEXT,
    "applies_to": _TEXT,
    "metric": _TEXT,
    "basis": _TEXT,
    "basis_original": _TEXT,
    "comparator": _TEXT,
    "value": _NUMBER,
    "value_exact": _NUMBER,
    "fraction": _TABLE,
    "fraction_of": _TABLE,
    "all": _TABLES,
    "any": _TABLES,
    "when": _TEXT,
    "sweep": _NUMBERS,
    "training_tokens_sweep": _NUMBERS,
    "outputs_any": _LIST,
    "rebuttal_flags": _LIST,
    "rebuttal_effect": _TEXT,
    "effect": _TEXT,
    "below_effect": _TEXT,
    "other_outputs_effect": _TEXT,
    "at_threshold": _TEXT,
    "condition": _TEXT,
    "conditions": _LIST,
    "criteria": _LIST,
    "requires": _TEXT,
    "requires_original": _TEXT,
    "requires_flags": _LIST,
    "original_systemic": _BOOL,
    "original_compute_known": _BOOL,
    "weights_public": _BOOL,
    "observable_on_hub": _BOOL,
    "hub_signals": _LIST,
    "exempt": _LIST,
    "reference": _TEXT,
    "note": _TEXT,
    "source": _LIST,
    "status": _TEXT,
    "since": _DAY,
    "until": _DAY,
}
TEST_KEYS: Final[dict[str, str]] = {
    "metric": _TEXT,
    "basis": _TEXT,
    "comparator": _TEXT,
    "value": _NUMBER,
}
_WORDS_OF: Final[dict[str, Sequence[str]]] = {
    "kind": KINDS,
    "tier": TIERS,
    "subject": SUBJECTS,
    "basis": tree.BASES,
    "comparator": tree.COMPARATORS,
    "status": STATUSES,
    "rebuttal_effect": REBUTTALS,
}


class RuleFile:
    """A rule file and its lines, so that a complaint can name the line."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.lines = source.splitlines()
        try:
            self.values: dict[str, Any] = tomllib.loads(source)
        except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
            raise InvalidInput(f"{name} is not a TOML file: {error}.") from error

    def line(self, key: str, table: str | None = None, nth: int = 0) -> int | None:
        """Line of a key: at the top of the file, or in the nth table of that name."""
        start = 0
        end = next((i for i, s in enumerate(self.lines) if s.lstrip().startswith("[")), None)
        if table is not None:
            header = re.compile(rf"^\s*\[\[\s*{table}\s*\]\]")
            heads = [i for i, s in enumerate(self.lines) if header.match(s)]
            if nth >= len(heads):
                return None
            start = heads[nth] + 1
            after = (i for i, s in enumerate(self.lines[start:], start) if s.lstrip()[:2] == "[[")
            end = next(after, None)
        found = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[=.]|[{{,]\s*{re.escape(key)}\s*=")
        for number, line in enumerate(self.lines[start:end], start + 1):
            if found.search(line):
                return number
        return start or None

    def error(self, what: str, key: str, table: str | None = None, nth: int = 0) -> InvalidInput:
        """The complaint about a key, with the line it stands on."""
        number = self.line(key, table, nth)
        where = f"{self.name}, line {number}" if number else self.name
        return InvalidInput(f"{where}: {what}")

    def check(
        self, values: Mapping[str, Any], known: Mapping[str, str], table: str | None, nth: int
    ) -> None:
        """Every key known, of its kind, and from its list of words."""
        for key, value in values.items():
            if key not in known:
                near = get_close_matches(key, known, n=1, cutoff=0.5)
                hint = f"; did you mean '{near[0]}'?" if near else "."
                listed = "" if near else f" There are: {', '.join(sorted(known))}."
                kind = "rule" if table == "rule" else "rule set"
                raise self.error(
                    f"unknown key '{key[:60]}' of a {kind}{hint}{listed}", key, table, nth
                )
            if not _fits(value, known[key]):
                raise self.error(
                    f"'{key}' must be a {known[key]}, not {str(value)[:60]!r}.", key, table, nth
                )
            if key in _WORDS_OF and value not in _WORDS_OF[key]:
                near = get_close_matches(value, _WORDS_OF[key], n=1, cutoff=0.3)
                hint = f"; did you mean '{near[0]}'?" if near else "."
                raise self.error(
                    f"'{key}' cannot be '{value}'{hint} There are: {', '.join(_WORDS_OF[key])}.",
                    key, table, nth,
                )  # fmt: skip


def _fits(value: object, kind: str) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    items = value if isinstance(value, list) else []
    return {
        _TEXT: isinstance(value, str),
        _DAY: isinstance(value, str | date),
        _BOOL: isinstance(value, bool),
        _NUMBER: number and value == value,
        _LIST: isinstance(value, list) and all(isinstance(v, str) for v in items),
        _NUMBERS: isinstance(value, list)
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in items),
        _TABLE: isinstance(value, dict),
        _TABLES: isinstance(value, list) and all(isinstance(v, dict) for v in items),
    }[kind]

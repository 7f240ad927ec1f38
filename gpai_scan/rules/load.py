"""Rule files to rules: TOML with citations, checked key by key.

A malformed file is one sentence with the line, the key and the nearest valid one.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from gpai_scan import assets
from gpai_scan.errors import InvalidInput, UnknownName
from gpai_scan.rules import tree
from gpai_scan.rules.tree import All, Compare, Either, Has, Node

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


_TEXT, _LIST, _NUMBER, _BOOL, _NUMBERS, _TABLE, _TABLES = (
    "text", "list of texts", "number", "true or false", "list of numbers", "table",
    "list of tables",
)  # fmt: skip
_REGIME_KEYS: Final[dict[str, str]] = {
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
_RULE_KEYS: Final[dict[str, str]] = {
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
    "since": _TEXT,
    "until": _TEXT,
}
_TEST_KEYS: Final[dict[str, str]] = {
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


class _File:
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
                raise self.error(f"unknown key '{key}' of a {kind}{hint}{listed}", key, table, nth)
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
        _TEXT: isinstance(value, str | date),
        _BOOL: isinstance(value, bool),
        _NUMBER: number and value == value,
        _LIST: isinstance(value, list) and all(isinstance(v, str) for v in items),
        _NUMBERS: isinstance(value, list)
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in items),
        _TABLE: isinstance(value, dict),
        _TABLES: isinstance(value, list) and all(isinstance(v, dict) for v in items),
    }[kind]


def load(name_or_path: str | Path) -> Regime:
    """A rule set by its name in data/regimes, or from a file of the user's own.

    `UnknownName` for a name that is not there; `InvalidInput` names line and key of what is wrong.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = assets.find("data/regimes", str(name_or_path), ".toml")
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the rule file {path} cannot be read: {error}.") from error
    return parse(source, path.name)


def parse(source: str, name: str = "rules.toml") -> Regime:
    """A rule set from the text of its file; `name` is what complaints call the file."""
    file = _File(name, source)
    values = file.values
    file.check(values, _REGIME_KEYS, None, 0)
    regime_id = str(values.get("id") or Path(name).stem)
    tables = values.get("rule", [])
    rules = [rule for nth, table in enumerate(tables) for rule in _rules(file, table, nth, values)]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise InvalidInput(f"{name}: two rules are called '{rule.id}'.")
        seen.add(rule.id)
    for nth, table in enumerate(tables):
        for key in ("requires", "requires_original"):
            if table.get(key) and table[key] not in seen:
                raise file.error(
                    f"'{key}' names no rule of this file: '{table[key]}'. "
                    f"There are: {', '.join(sorted(seen))}.",
                    key,
                    "rule",
                    nth,
                )
    return Regime(
        id=regime_id,
        title=str(values.get("title", regime_id)),
        jurisdiction=str(values.get("jurisdiction", "own")),
        legal_status=str(values.get("legal_status", "own rule")),
        counting_unit=str(values.get("counting_unit", "")),
        dates=MappingProxyType({k: str(v) for k, v in values.get("dates", {}).items()}),
        notification_significant_figures=int(values.get("notification_significant_figures", 2)),
        error_margin=values.get("estimate_error_margin"),
        references=tuple(values.get("references", ())),
        source=tuple(values.get("source", ())),
        status=str(values.get("status", "unverified")),
        default=bool(values.get("default", False)),
        rules=tuple(rules),
        examples=tuple(MappingProxyType(e) for e in values.get("example", [])),
    )


def _rules(file: _File, table: dict[str, Any], nth: int, top: Mapping[str, Any]) -> list[Rule]:
    """The rule of one table, and one more for each size of `training_tokens_sweep`."""
    file.check(table, _RULE_KEYS, "rule", nth)
    if "id" not in table:
        raise file.error("a rule needs an 'id'.", "id", "rule", nth)
    kind = table.get("kind") or _kind(table)
    regime = str(top.get("id") or Path(file.name).stem)
    condition = table.get("condition")
    when = _condition(file, table, nth, kind, "value", regime)
    rule = Rule(
        regime=regime,
        id=table["id"],
        kind=kind,
        tier=table.get("tier", "proposal"),
        subject=table.get("subject") or natural_subject(when),
        when=when,
        exact=_condition(file, table, nth, kind, "value_exact", regime),
        sweep=tuple(float(v) for v in table.get("sweep", ())),
        outputs_any=tuple(table.get("outputs_any", ())),
        rebuttal_flags=tuple(table.get("rebuttal_flags", ())),
        rebuttal_effect=table.get("rebuttal_effect", "rebuttable"),
        other_outputs_effect=table.get("other_outputs_effect", ""),
        requires=table.get("requires"),
        requires_original=table.get("requires_original"),
        requires_flags=tuple(table.get("requires_flags", ())),
        original_systemic=table.get("original_systemic"),
        original_compute_known=table.get("original_compute_known"),
        weights_public=table.get("weights_public"),
        conditions=(*table.get("conditions", ()), *((condition,) if condition else ())),
        effect=table.get("effect", ""),
        section=table.get("section", ""),
        note=table.get("note", ""),
        source=tuple(table.get("source", top.get("source", ()))),
        status=table.get("status", top.get("status", "unverified")),
    )
    for word in rule.outputs_any:
        if word not in OUTPUTS:
            raise file.error(
                f"'outputs_any' cannot hold '{word}'. There are: {', '.join(OUTPUTS)}.",
                "outputs_any",
                "rule",
                nth,
            )
    return [rule, *_with_tokens(rule, table.get("training_tokens_sweep", ()))]


def _kind(table: Mapping[str, Any]) -> str:
    if "all" in table or "any" in table or "when" in table:
        return "compound"
    if "sweep" in table:
        return "sweep"
    return "test" if "metric" in table else "structural"


def _with_tokens(rule: Rule, sizes: Sequence[float]) -> list[Rule]:
    """The rule with a size for its undefined 'large amount of data', one for each size."""
    if rule.when is None:
        return []
    return [
        Rule(**{
            **{name: getattr(rule, name) for name in rule.__dataclass_fields__},
            "id": f"{rule.id}-tokens-{tree.number(float(size))}",
            "kind": "compound",
            "when": All((rule.when, Compare("training_tokens", ">=", float(size)))),
            "note": "the size of the data set is our choice: the text gives none",
            "status": "unverified",
        })
        for size in sizes
    ]  # fmt: skip


def _condition(
    file: _File, table: dict[str, Any], nth: int, kind: str, key: str, regime: str
) -> Node | None:
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
            f"rule '{table['id']}' of {regime} tests nothing: give 'metric', 'comparator' and "
            "'value', or 'all', 'any' or 'when'.", "id", "rule", nth,
        )  # fmt: skip
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _dates(file: _File, table: dict[str, Any], nth: int) -> list[Node]:
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


def _test(file: _File, table: dict[str, Any], nth: int, kind: str, key: str) -> Compare:
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


def _inline(file: _File, test: dict[str, Any], nth: int, key: str, basis: str | None) -> Node:
    if "has" in test or "field" in test:
        return Has(str(test.get("field", "outputs")), tuple(test.get("has", ())))
    file.check(test, _TEST_KEYS, "rule", nth)
    for name in ("metric", "comparator", "value"):
        if name not in test:
            raise file.error(f"a test in '{key}' needs '{name}'.", key, "rule", nth)
    return _compare(file, test, nth, key, basis)


def _compare(
    file: _File, test: Mapping[str, Any], nth: int, key: str, basis: str | None
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


def share(name: str) -> tuple[str, float]:
    """Metric and threshold of `regime.rule`, for rules that are a fraction of another."""
    regime_id, _, rule_id = name.rpartition(".")
    if not regime_id:
        raise InvalidInput(f"'{name}' should be regime.rule, such as eu-guidelines-final.gpai.")
    test = load(regime_id).rule(rule_id).threshold
    if test is None:
        raise InvalidInput(f"rule '{name}' has no threshold to take a share of.")
    return test.metric, test.value


def inline(condition: str, rule_id: str = "rule") -> Regime:
    """A rule set of one rule from a condition in the short form: the option `--rule`."""
    when = tree.parse(condition, tuple(metrics()), share)
    rule = Rule(
        regime="command-line", id=rule_id, kind="compound", when=when, subject=natural_subject(when)
    )
    return Regime(
        id="command-line", title=condition, legal_status="own rule", rules=(rule,), status="partly"
    )


def natural_subject(when: Node | None) -> str:
    """Whom a rule is asked of where it does not say: what was added tells of modifications."""
    tested = {test.metric for test in tree.compares(when)} if when is not None else set()
    return "downstream-derivative" if tested & set(OF_MODIFICATIONS) else "model"


def names() -> list[str]:
    """The rule sets of data/regimes."""
    return assets.names("data/regimes", ".toml")


def default() -> str:
    """The rule set used where none is named: the one that says so itself."""
    marked = [name for name in names() if load(name).default]
    return marked[0] if marked else names()[0]

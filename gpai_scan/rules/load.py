"""Rule files to rules: TOML with citations, checked key by key.

A malformed file is one sentence with the line, the key and the nearest valid one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gpai_scan import assets
from gpai_scan.errors import InvalidInput
from gpai_scan.rules import tree
from gpai_scan.rules.conditions import condition
from gpai_scan.rules.keys import REGIME_KEYS, RULE_KEYS, RuleFile
from gpai_scan.rules.model import OUTPUTS, Regime, Rule, metrics, natural_subject
from gpai_scan.rules.tree import All, Compare


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
    try:
        return _parse(source, name)
    except OverflowError as error:
        raise InvalidInput(f"{name} holds a number beyond 1.8e308: {error}.") from error


def _parse(source: str, name: str) -> Regime:
    file = RuleFile(name, source)
    values = file.values
    file.check(values, REGIME_KEYS, None, 0)
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


def _rules(file: RuleFile, table: dict[str, Any], nth: int, top: Mapping[str, Any]) -> list[Rule]:
    """The rule of one table, and one more for each size of `training_tokens_sweep`."""
    file.check(table, RULE_KEYS, "rule", nth)
    if "id" not in table:
        raise file.error("a rule needs an 'id'.", "id", "rule", nth)
    kind = table.get("kind") or _kind(table)
    regime = str(top.get("id") or Path(file.name).stem)
    limb = table.get("condition")
    when = condition(file, table, nth, kind, "value", share)
    rule = Rule(
        regime=regime,
        id=table["id"],
        kind=kind,
        tier=table.get("tier", "proposal"),
        subject=table.get("subject") or natural_subject(when),
        when=when,
        exact=condition(file, table, nth, kind, "value_exact", share),
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
        conditions=(*table.get("conditions", ()), *((limb,) if limb else ())),
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


def names() -> list[str]:
    """The rule sets of data/regimes."""
    return assets.names("data/regimes", ".toml")


def default() -> str:
    """The rule set used where none is named: the one that says so itself."""
    marked = [name for name in names() if load(name).default]
    return marked[0] if marked else names()[0]

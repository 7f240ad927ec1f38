"""The documentation against the code: constants, commands, files and examples."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

from gpai_scan import assets, cli, compute, facts, rules
from gpai_scan.cli.app import app
from gpai_scan.estimate import inherit, own

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands() -> set[str]:
    for module in pkgutil.iter_modules(cli.__path__):
        importlib.import_module(f"gpai_scan.cli.{module.name}")
    return {
        str(c.name or c.callback.__name__)
        for c in app.registered_commands
        if c.callback is not None
    }


def test_the_constants_of_the_methodology_are_those_of_the_code() -> None:
    text = page("methodology.md")
    assert f"above {compute.ATTENTION_SHARE:.0%}".replace("%", " %") in text
    assert f"±{compute.Z_90:.3f}" in text
    assert f"**{own.ASSUMED_UTILISATION}**" in text
    assert f"**{own.ASSUMED_UTILISATION_MOE}**" in text
    assert f"ratio of **{own.DISAGREEMENT:g}**" in text
    assert f"ratio of {facts.AGREEMENT}" in text
    assert f"more than {inherit.SHORT}\ntimes" in text


def test_functions_the_methodology_names_are_there() -> None:
    named = re.findall(r"`(compute|own|facts|counting)\.(\w+)`", page("methodology.md"))
    modules = {
        "compute": compute,
        "own": own,
        "facts": facts,
        "counting": importlib.import_module("gpai_scan.counting"),
    }
    assert len(named) >= 8
    for module, name in named:
        assert hasattr(modules[module], name), f"{module}.{name}"


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_commands_and_files_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = commands()
    for name in re.findall(r"(?:`|\$ |&& )gpai-scan (?:--log json )?([a-z]+)\b", text):
        assert name in known, name
    for name in re.findall(
        r"`((?:gpai_scan|data|sql|pipelines|benchmarks|docs|\.github)/[\w./-]+?)`", text
    ):
        assert (ROOT / name).exists(), name


def test_sources_the_methodology_cites_are_in_the_table() -> None:
    table = (assets.folder("data") / "sources.csv").read_text(encoding="utf-8")
    keys = {line.split(",", 1)[0] for line in table.splitlines()}
    for key in ("EPOCH-METHOD", "SCALINGBOOK", "LORA-PAPER", "EPOCH-CSV"):
        assert key in page("methodology.md")
        assert key in keys


def test_the_rule_set_of_the_extending_page_is_one() -> None:
    block = re.search(r"```toml\n(.*?)```", page("extending.md"), re.S)
    assert block is not None
    regime = rules.parse(block.group(1))
    assert regime.rules[0].threshold is not None
    assert regime.rules[0].threshold.value == 3e22


def test_the_checks_the_operating_page_explains_are_all_of_them() -> None:
    text = page("operating.md")
    for name in assets.names("sql/check", ".sql"):
        assert f"`{name}`" in text, name


def test_every_command_has_a_help_text_with_an_example_or_a_reason() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        words = command.callback.__doc__ or ""
        assert len(words) > 60, command.callback.__name__


def test_the_units_of_the_service_name_the_command() -> None:
    service = (assets.folder("pipelines") / "gpai-scan.service").read_text(encoding="utf-8")
    assert "gpai-scan run nightly" in service
    tomllib.loads((assets.folder("pipelines") / "nightly.toml").read_text(encoding="utf-8"))

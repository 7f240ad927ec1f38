"""The questions of `sql/ask`: what each asks, and the parameters it takes.

The first line of a file is the question. Each further comment line declares one parameter:
`-- $name type = default: meaning`; without a default it must be given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gpai_scan import assets
from gpai_scan.errors import InvalidInput, UnknownName

_PARAMETER: Final = re.compile(r"-- \$(\w+) (\w+)(?: = (\S+))?: (.+)")
_TYPES: Final = {"text": str, "double": float, "bigint": int}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a question: name, kind (text, double, bigint), default and meaning."""

    name: str
    kind: str
    default: str | None
    about: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its name, wording, parameters and statement."""

    name: str
    text: str
    parameters: tuple[Parameter, ...]
    sql: str

    def bind(self, given: dict[str, str]) -> dict[str, object]:
        """The values of all parameters but `scan`, each of its type.

        `UnknownName` for a parameter the question does not have, `InvalidInput` for a missing one
        or one of the wrong kind.
        """
        known = {p.name: p for p in self.parameters if p.name != "scan"}
        for name in given:
            if name not in known:
                raise UnknownName(f"parameter of '{self.name}'", name, known)
        values: dict[str, object] = {}
        for name, parameter in known.items():
            text = given.get(name, parameter.default)
            if text is None:
                raise InvalidInput(f"'{self.name}' needs --param {name}=…: {parameter.about}.")
            try:
                values[name] = _TYPES[parameter.kind](text)
            except ValueError as error:
                raise InvalidInput(
                    f"--param {name} must be a {parameter.kind}, not '{text}'."
                ) from error
        return values

    @property
    def of_scan(self) -> bool:
        """Whether the question is about one scan."""
        return any(p.name == "scan" for p in self.parameters)


def find(name: str) -> Question:
    """A question by name; `UnknownName` lists what there is."""
    sql = assets.find("sql/ask", name, ".sql").read_text(encoding="utf-8")
    first, *rest = sql.splitlines()
    parameters = [Parameter(*match.groups()) for line in rest if (match := _PARAMETER.match(line))]
    return Question(name, first.removeprefix("--").strip(), tuple(parameters), sql)


def all_questions() -> list[Question]:
    """Every question, by name."""
    return [find(name) for name in assets.names("sql/ask", ".sql")]

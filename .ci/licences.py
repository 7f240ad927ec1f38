"""The licences of everything gpai-scan installs, from the metadata of what is installed.

    python .ci/licences.py [EXTRA…]      writes a Markdown table; exit code 1 where one is not known

A licence is taken as its package states it: expression, else classifier, else the first line of
the free text. Copyleft that reaches a program using the package is refused, as is silence.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REFUSED = re.compile(r"\b(?:AGPL|SSPL|GPL)\b|Affero|(?<!Lesser )General Public", re.IGNORECASE)


def closure(name: str, extras: set[str]) -> Iterator[Distribution]:
    """A package and everything it needs with some extras, each once, in order of name."""
    waiting, seen = [(name, extras)], dict[str, Distribution]()
    while waiting:
        wanted, asked = waiting.pop()
        try:
            found = distribution(wanted)
        except PackageNotFoundError:
            continue  # not needed on this system
        if canonicalize_name(wanted) in seen and not asked:
            continue
        seen[canonicalize_name(wanted)] = found
        for text in found.requires or ():
            need = Requirement(text)
            marks = [{"extra": extra} for extra in asked | {""}]
            here = need.marker is None or any(need.marker.evaluate(mark) for mark in marks)
            if here and canonicalize_name(need.name) not in seen:
                waiting.append((need.name, need.extras))
    yield from (seen[key] for key in sorted(seen))


def licence(package: Distribution) -> str | None:
    """What a package says of its licence."""
    about = package.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classified = [
        text.rpartition(" :: ")[2]
        for text in about.get_all("Classifier") or ()
        if text.startswith("License ::")
    ]
    named = [text for text in classified if text != "OSI Approved"]
    free = str(about.get("License") or "").strip().splitlines()
    return " and ".join(named) or (free[0][:60] if free else None)


def main() -> int:
    """Writes the table and says what cannot be accepted."""
    rows, bad = ["| package | version | licence |", "|---|---|---|"], []
    for package in closure("gpai-scan", set(sys.argv[1:])):
        name, stated = package.metadata["Name"], licence(package)
        rows.append(f"| {name} | {package.version} | {stated or 'not stated'} |")
        if stated is None or REFUSED.search(stated.replace("LGPL", "")):
            bad.append(f"{name}: {stated or 'states no licence'}")
    sys.stdout.write("\n".join(rows) + "\n")
    for line in bad:
        sys.stderr.write(f"not accepted: {line}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())

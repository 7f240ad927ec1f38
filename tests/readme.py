"""The README's examples, with the output they really have.

`python -m tests.readme` runs every command named in an `<!-- output: … -->` mark on the sample and
writes what it printed below the mark; a test holds the README to it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
_SCAN = re.compile(r"\b([\w.]+-(?:undated|\d{4}-\d{2}-\d{2}))-[0-9a-f]{16}\b")
_MARK = re.compile(r"<!-- output: (?P<command>[^>]+) -->\n(?:\n```console\n.*?\n```\n)?", re.DOTALL)


def printed(command: str, folder: Path) -> str:
    """What a command of the README prints on standard output, run in a folder of its own."""
    _, *words = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "gpai_scan", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}")
    text = "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")
    return _SCAN.sub(r"\1-…", text)  # a scan's name ends in a digest of the code that made it


def rendered(text: str) -> str:
    """The README with the present output below every mark."""
    with tempfile.TemporaryDirectory() as folder:

        def block(match: re.Match[str]) -> str:
            command = match["command"].strip()
            output = printed(command, Path(folder))
            return f"<!-- output: {command} -->\n\n```console\n$ {command}\n{output}\n```\n"

        return _MARK.sub(block, text)


if __name__ == "__main__":
    README.write_text(rendered(README.read_text(encoding="utf-8")), encoding="utf-8")

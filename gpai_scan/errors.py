"""What gpai-scan raises on purpose, and what it says.

    GpaiScanError
    ├── UnknownName        a name that is not among the known ones      exit code 2
    ├── InvalidInput       a file, option or value that cannot be used  exit code 2
    ├── StoreError         the database cannot be used as asked         exit code 2
    ├── CheckFailed        a scan that may not be published             exit code 1
    └── Interrupted        stopped, resumable with the same command     exit code 75

What concerns one repository is never an error but a row with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class GpaiScanError(Exception):
    """Base of everything raised on purpose; its text is one sentence for the user."""

    exit_code = 2


class UnknownName(GpaiScanError):
    """A name that is not among the known ones; names the nearest and lists the rest."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        listed = ", ".join(names) or "none"
        super().__init__(f"no {kind} named '{name}'{hint} There are: {listed}.")
        self._arguments = kind, name, names

    def __reduce__(self) -> tuple[type[UnknownName], tuple[str, str, list[str]]]:
        """Pickles as it was made: errors come back from worker processes."""
        return UnknownName, self._arguments


class InvalidInput(GpaiScanError):
    """A file, option or value that cannot be used, with what to do instead."""


class StoreError(GpaiScanError):
    """The database is missing, locked or older than the query needs."""


class CheckFailed(GpaiScanError):
    """A scan that fails its own checks and therefore does not replace the last whole one."""

    exit_code = 1


class Interrupted(GpaiScanError):
    """Work stopped before its end in a state from which the same command goes on."""

    exit_code = 75

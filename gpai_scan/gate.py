"""The gate before publication: queries of `sql/check` that must return nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gpai_scan import assets
from gpai_scan.errors import CheckFailed
from gpai_scan.store import Store

_PARAMETER = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that returned rows: its name and question, how many rows, and the first of them."""

    check: str
    question: str
    rows: int
    example: str


def check(
    store: Store,
    scan_id: str,
    previous: str | None = None,
    *,
    completeness: float = 0.99,
    largest_drop: float = 0.05,
) -> list[Finding]:
    """Ask every query of `sql/check` about a scan; what returns rows is a finding.

    `previous` is the scan published last; without one the comparisons find nothing.
    `completeness` is the share of shards that must be whole [fraction], `largest_drop` the share
    by which a count may fall [fraction].
    """
    values = {
        "scan": scan_id,
        "previous": previous or "",
        "completeness": completeness,
        "largest_drop": largest_drop,
    }
    found = (_ask(store, name, values) for name in assets.names("sql/check", ".sql"))
    return [finding for finding in found if finding is not None]


def _ask(store: Store, name: str, values: Mapping[str, object]) -> Finding | None:
    text = assets.find("sql/check", name, ".sql").read_text(encoding="utf-8")
    wanted = {key: values[key] for key in _PARAMETER.findall(text)}
    rows = store.query(text, **wanted)
    if rows.is_empty():
        return None
    first = ", ".join(f"{key} {value}" for key, value in rows.row(0, named=True).items())
    question = text.split("\n", 1)[0].removeprefix("--").strip()
    return Finding(name, question, rows.height, first[:300])


def require(findings: list[Finding], scan_id: str) -> None:
    """`CheckFailed` naming every finding, where there is one."""
    if not findings:
        return
    said = "; ".join(f"{f.check} ({f.rows} rows, first: {f.example})" for f in findings)
    raise CheckFailed(
        f"scan '{scan_id}' is not published, the last whole report stays: {said}. Look with "
        "`gpai-scan status`; to publish it all the same, `gpai-scan report --release DIR --accept`."
    )

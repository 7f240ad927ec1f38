"""The page: one HTML file that works offline and asks no other host for anything.

All counts the slider can show are in the file, made by the same code as `gpai-scan count`; the
script of the page looks them up. Text of repositories reaches the page in one compressed block of
data, is put into it as text only, and a content security policy refuses every script but the two
of the page and every request.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from gpai_scan.errors import InvalidInput
from gpai_scan.report import charts, metadata, payload
from gpai_scan.report import text as words
from gpai_scan.report.content import Content
from gpai_scan.report.metadata import TableFile

LARGEST_PAGE: Final = 5_000_000
"""Bytes; models listed one by one become fewer until the page fits."""

LISTED_CHANGES: Final = 200

_FOLDER: Final = Path(__file__).parent / "page"


def page(content: Content, files: Sequence[TableFile]) -> str:
    """The page as one text of less than `LARGEST_PAGE` bytes."""
    listed = content.models.height
    scripts = {"bundle": charts.bundle(), "page": _asset("page.js")}
    while True:
        made = _render(content, files, scripts, listed)
        if len(made.encode()) < LARGEST_PAGE or listed == 0:
            return made
        listed = listed * 3 // 4


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _render(
    content: Content, files: Sequence[TableFile], scripts: dict[str, str], listed: int
) -> str:
    try:
        import jinja2
    except ImportError as error:
        raise InvalidInput(f"the page needs Jinja2: {charts.INSTALL}.") from error
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = words.figure
    environment.filters["visible"] = words.visible
    changes = content.changes.filter(pl.col("change").cast(pl.String) != "figure")
    return environment.from_string(_asset("page.html")).render(
        title=metadata.TITLE,
        scan=content.scan,
        as_of=metadata.as_of(content.scan),
        headline=[line.replace("**", "") for line in words.headline(content.answers)],
        counts=words.counts(content.answers),
        definitions=content.answers.select("regime", "rule", "unit", "definition")
        .unique(maintain_order=True)
        .rows(),
        populations=payload.titles(content),
        dimensions=content.breakdown["dimension"].unique().sort().to_list(),
        coverage=content.coverage.rows(),
        reasons=content.reasons.rows(),
        changes=changes.head(LISTED_CHANGES).rows(named=True),
        changes_total=changes.height,
        listed=listed,
        models_total=content.models_total,
        scans_shown=content.history["as_of"].n_unique(),
        files=files,
        cite=metadata.cite(content.scan),
        licence=metadata.LICENCE,
        style=_asset("page.css"),
        scripts=list(scripts.values()),
        policy=_policy(scripts.values()),
        payload=payload.packed(payload.payload(content, listed)),
    )


def _policy(scripts: Any) -> str:  # noqa: ANN401
    """A content security policy: nothing is loaded, and only these scripts run."""
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )

"""`gpai-scan status`: the last whole scan, its age, what is missing, and what moved."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from gpai_scan import crawl, health
from gpai_scan.cli.app import app
from gpai_scan.cli.options import DEFAULT_DB, Db, Format, OutputFormat
from gpai_scan.cli.output import emit, say
from gpai_scan.store import Store

DEFAULT_REPORTS = Path("reports")


@app.command()
def status(
    db: Db = DEFAULT_DB,
    reports: Annotated[
        Path, typer.Option(help="Folder of published reports.", metavar="DIR")
    ] = DEFAULT_REPORTS,
    work: Annotated[
        Path | None,
        typer.Option(
            help="Work folder of the crawl; beside the database by default.", metavar="DIR"
        ),
    ] = None,
    fail_if_older: Annotated[
        float | None,
        typer.Option(
            help="Exit with 1 where the last whole scan is older than so many hours.",
            metavar="HOURS",
        ),
    ] = None,
    fmt: OutputFormat = Format.table,
) -> None:
    """How fresh and how complete the scans are: age, gaps, reasons, drift, findings.

    Examples: `gpai-scan status`; `gpai-scan status --fail-if-older 48`;
    `gpai-scan status --format json`.
    """
    pages = _crawled((work or db.with_name(f"{db.stem}.shards")) / "crawl")
    if pages is not None and not db.is_file():
        emit(pages, fmt, title="Crawl; no scan is stored yet")
        return
    with Store.open(db) as store:
        state = health.health(store, reports, datetime.now(UTC))
    if pages is not None:
        state["crawl"] = pages.to_dicts()
    if fmt is Format.json:
        typer.echo(json.dumps(state, indent=2, default=str))
    else:
        emit(_facts(state), fmt, title="Status")
        if fmt is Format.table:
            _more(state)
    age = state["age_hours"]
    if fail_if_older is not None and (age is None or not -1 <= age <= fail_if_older):
        said = "of unknown age" if age is None else f"{age:.0f} hours old"
        if age is not None and age < 0:
            said = f"{-age:.0f} hours ahead of this machine's clock, which is wrong now or was then"
        say(f"The last whole scan is {said}; it should be at most {fail_if_older:g} hours old.")
        raise typer.Exit(1)


def _crawled(folder: Path) -> pl.DataFrame | None:
    """What of the crawl is whole, partial or missing; nothing where there is none."""
    return crawl.status(folder) if (folder / "scans").is_dir() else None


def _facts(state: dict[str, object]) -> pl.DataFrame:
    plain = {key: value for key, value in state.items() if not isinstance(value, list | dict)}
    names = [name.replace("_", " ") for name in plain]
    said = [_said(name, value) for name, value in plain.items()]
    return pl.DataFrame(
        {"what": names, "value": said}, schema={"what": pl.String, "value": pl.String}
    )


def _said(name: str, value: object) -> str:
    if value is None:
        return "unknown" if name in ("age_hours", "as_of") else "none"
    if name == "completeness" and isinstance(value, float):
        return f"{value:.1%}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _more(state: dict[str, object]) -> None:
    for name, title in (
        ("crawl", "What of each crawl is whole, partial or missing"),
        ("reasons", "Repositories without training compute, by reason"),
        ("problems", "What could not be read"),
        ("drift", "Counts that moved since the whole scan before"),
        ("findings", "Checks that found something"),
    ):
        rows = state.get(name)
        if isinstance(rows, list) and rows:
            emit(pl.DataFrame(rows, infer_schema_length=None), Format.table, title=title)

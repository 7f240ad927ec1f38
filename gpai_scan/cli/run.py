"""`gpai-scan run`: the main job."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gpai_scan import questions
from gpai_scan import settings as pipeline_settings
from gpai_scan.cli import logs
from gpai_scan.cli.app import app
from gpai_scan.cli.options import DEFAULT_DB, Format
from gpai_scan.cli.output import console, emit, say
from gpai_scan.nightly import nightly
from gpai_scan.run import OnProgress
from gpai_scan.run import Progress as Step
from gpai_scan.run import run as run_scan
from gpai_scan.settings import Settings
from gpai_scan.store import Store

_STEPS = {
    "pages": "listing the hub",
    "bounds": "bounding what could matter",
    "details": "fetching cards and configurations",
    "read": "reading repositories",
    "collect": "collecting evidence",
    "lineage": "tracing lineage",
    "facts": "gathering facts",
    "estimate": "estimating compute",
    "verdicts": "applying rules",
    "answers": "counting",
    "store": "storing",
}


_SECONDS_BETWEEN_LINES = 30.0


@contextmanager
def progress() -> Iterator[OnProgress]:
    """A bar on a terminal, a line a step elsewhere; both on standard error."""
    if logs.as_json() or not sys.stderr.isatty():
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console(stderr=True)) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: Step) -> None:
            count = f" ({step.repositories:,})" if step.repositories else ""
            detail = f" [{step.detail}]" if step.detail else ""
            text = _STEPS.get(step.step, step.step) + count + escape(detail)
            bar.update(task, description=text, completed=step.done, total=step.total or None)

        yield show


def _lines() -> OnProgress:
    last, told = "", 0.0

    def show(step: Step) -> None:
        nonlocal last, told
        new = step.step != last
        if new or step.done == step.total or time.monotonic() - told > _SECONDS_BETWEEN_LINES:
            count = f", {step.repositories:,} repositories" if step.repositories else ""
            total = f" of {step.total:,}" if step.total else ""
            detail = f", {step.detail}" if step.detail else ""
            say(f"{_STEPS.get(step.step, step.step)}: {step.done:,}{total}{count}{detail}")
            told = time.monotonic()
        last = step.step

    return show


@app.command()
def run(
    pipeline: Annotated[
        str, typer.Argument(help="A name in pipelines/ or a TOML file.", show_default=True)
    ] = "sample",
    source: Annotated[
        str | None,
        typer.Option(
            help="sample, hub, modelscope, a folder, or a Parquet dump.", metavar="SOURCE"
        ),
    ] = None,
    db: Annotated[
        Path | None,
        typer.Option(envvar="GPAI_SCAN_DB", help="Database of the scans.", metavar="FILE"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables.", metavar="DIR")] = None,
    work: Annotated[
        Path | None, typer.Option(help="Folder of the shards, kept between runs.", metavar="DIR")
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option(help="Where workers leave shards without a shared folder: s3://…"),
    ] = None,
    reference: Annotated[
        bool | None,
        typer.Option("--reference/--no-reference", help="Use published figures beside reading."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read at most N repositories.")] = None,
    author: Annotated[
        str | None, typer.Option(help="Only repositories of this namespace (hub).")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Only repositories with this tag (hub); repeatable."),
    ] = None,
    pipeline_tag: Annotated[
        str | None, typer.Option(help="Only repositories with this task (hub).")
    ] = None,
    executor: Annotated[
        str | None, typer.Option(help="serial, processes[:N], dask://HOST:PORT.", metavar="SPEC")
    ] = None,
    entities: Annotated[
        Path | None,
        typer.Option(help="A table of your own: namespaces to entities.", metavar="CSV"),
    ] = None,
    overrides: Annotated[
        Path | None,
        typer.Option(help="A table of your own figures, each with a source.", metavar="CSV"),
    ] = None,
    regime: Annotated[
        list[str] | None,
        typer.Option("--regime", "-r", help="Rule set to judge by; repeatable.", metavar="ID"),
    ] = None,
    rule: Annotated[
        list[Path] | None, typer.Option(help="A rule file of your own.", metavar="TOML")
    ] = None,
    threshold: Annotated[
        list[float] | None,
        typer.Option("--threshold", "-t", help="FLOP to count at besides.", metavar="FLOP"),
    ] = None,
    fmt: Annotated[
        Format, typer.Option("--format", "-f", help="How to print the answer.")
    ] = Format.table,
) -> None:
    """Read repositories, infer, estimate, store, and print how many are in scope.

    Without arguments the sample that ships with the package is scanned. A run that was stopped
    goes on where it was when the same command is given again.

    Examples: `gpai-scan run`; `gpai-scan run --source ./repos --db x.duckdb --out tables`;
    `gpai-scan run full`.
    """
    crawl = {"author": author, "filter": tag or None, "pipeline_tag": pipeline_tag}
    settings = pipeline_settings.load(
        pipeline,
        crawl={name: value for name, value in crawl.items() if value is not None} or None,
        source=source,
        db=db,
        out=out,
        work=work,
        bucket=bucket,
        reference=reference,
        limit=limit,
        executor=executor,
        entities=entities,
        overrides=overrides,
        regimes=regime,
        rules=rule,
        thresholds=threshold,
    )
    with progress() as on_progress:
        if settings.report:
            release = nightly(settings, on_progress)
            scan_id = release.scan_id
        else:
            release, scan_id = None, run_scan(settings, on_progress).scan_id
    with Store.open(settings.db) as store:
        answer = store.query(questions.find("summary").sql, scan=scan_id)
        title = _title(store, scan_id)
    if fmt is Format.table:
        answer = _short(answer, settings.regimes[0])
    emit(answer, fmt, title=title)
    if fmt is Format.table:
        _next(settings)
    if release is not None:
        say(f"Published: {release.folder}")


def _short(answer: pl.DataFrame, regime: str) -> pl.DataFrame:
    """The answer for people: the first rule set and the plain thresholds, in seven columns."""
    clause = pl.when(pl.col("regime") == "threshold").then(pl.lit("compute")).otherwise("rule")
    line = pl.when(pl.col("threshold").is_not_null()).then(
        pl.format(" > {}", pl.col("threshold").map_elements(_power, pl.String))
    )
    span = pl.format(
        "{} ({} to {})",
        *(pl.col(name).round(1) for name in ("expected", "expected_low", "expected_high")),
    )
    return answer.filter(pl.col("regime").is_in([regime, "threshold"])).select(
        pl.concat_str([clause, line], ignore_nulls=True).alias("rule or threshold"),
        pl.col("in").alias("models in"),
        "unknown",
        "out",
        pl.col("entities_in").alias("entities in"),
        span.alias("expected models, 90 %"),
        "definition",
    )


def _power(value: float) -> str:
    return f"{value:.3g}".replace("e+", "e")


def _title(store: Store, scan_id: str) -> str:
    row = store.query(
        "select repositories, quarantined from scans where scan_id = $scan", scan=scan_id
    ).row(0, named=True)
    problems = f", {row['quarantined']:,} problems noted" if row["quarantined"] else ""
    return f"{scan_id}: {row['repositories']:,} repositories{problems}"


def _next(settings: Settings) -> None:
    db = "" if settings.db == DEFAULT_DB else f" --db {settings.db}"
    say(
        f"\nStored in {settings.db}; tables in {settings.out}. Next:\n"
        f"  gpai-scan count --threshold 1e23{db}   count at any threshold or by any rule set\n"
        f"  gpai-scan sweep{db}                    the whole curve\n"
        f"  gpai-scan ask above{db}                the models above 1e23 FLOP\n"
        f"  gpai-scan why REPOSITORY{db}           where each figure comes from\n"
        f"  gpai-scan regimes                    the rule sets\n"
    )

"""`gpai-scan evaluate`: scores against a labelled set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gpai_scan.cli.app import app
from gpai_scan.cli.options import Format, OutputFormat
from gpai_scan.cli.output import emit, say
from gpai_scan.evaluate import LabelledSet
from gpai_scan.evaluate import evaluate as run_evaluation


@app.command()
def evaluate(
    repos: Annotated[Path, typer.Argument(help="A local mirror of the labelled repositories.")],
    facts: Annotated[Path, typer.Option(help="Labelled facts of cards.", metavar="CSV")],
    truth: Annotated[Path, typer.Option(help="Published training compute.", metavar="CSV")],
    parameters: Annotated[
        Path | None, typer.Option(help="Accepted parameter counts.", metavar="CSV")
    ] = None,
    coverage: Annotated[
        Path | None, typer.Option(help="What each card states and what not.", metavar="CSV")
    ] = None,
    quotes: Annotated[
        Path | None, typer.Option(help="Sentences with their figures.", metavar="JSONL")
    ] = None,
    reference: Annotated[
        bool, typer.Option("--reference/--no-reference", help="Let published figures take part.")
    ] = False,
    findings: Annotated[
        bool, typer.Option("--findings", help="List what was missed or wrong, not the scores.")
    ] = False,
    compared: Annotated[
        bool, typer.Option("--compared", help="List estimates beside published compute.")
    ] = False,
    fmt: OutputFormat = Format.table,
) -> None:
    """Score what is read and inferred against a hand-labelled set of repositories.

    Example: `gpai-scan evaluate repos --facts card_facts.csv --truth groundtruth.csv --findings`.
    """
    labelled = LabelledSet(repos, facts, truth, parameters, coverage, quotes)
    result = run_evaluation(labelled, reference=reference)
    if findings:
        emit(result.findings, fmt, title="What was not right")
    elif compared:
        emit(result.compared, fmt, title="Estimates beside published compute")
    else:
        emit(result.scores, fmt, title="Scores")
        if fmt is Format.table:
            say("With --findings everything that was not right is listed, one row each.")

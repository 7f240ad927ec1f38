"""The command-line application every command registers with."""

from __future__ import annotations

from typing import Annotated

import typer

from gpai_scan import __version__
from gpai_scan.cli.logs import LogFormat, setup

EPILOGUE = (
    "Results go to standard output, everything else to standard error. "
    "Exit codes: 0 done; 1 a check or --fail-if answer; 2 wrong use or input; "
    "75 stopped, run the same command again to go on."
)

app = typer.Typer(
    name="gpai-scan",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EPILOGUE,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gpai-scan {__version__}")
        raise typer.Exit


@app.callback()
def gpai_scan(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
    log: Annotated[
        LogFormat,
        typer.Option(envvar="GPAI_SCAN_LOG", help="Messages as text, or JSON a line."),
    ] = LogFormat.text,
) -> None:
    """How many models and entities lie above a training-compute threshold, and why.

    Start with [bold]gpai-scan run[/bold], which scans the sample that ships with the package.
    """
    setup(log)

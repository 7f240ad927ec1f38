"""`gpai-scan why`: the chain behind a figure."""

from __future__ import annotations

from typing import Annotated

import typer

from gpai_scan.cli.app import app
from gpai_scan.cli.options import DEFAULT_DB, Db, Format, OutputFormat, Regime, Scan, Threshold
from gpai_scan.cli.output import emit
from gpai_scan.store import Store
from gpai_scan.why import why as chain


@app.command()
def why(
    repository: Annotated[str, typer.Argument(help="The repository, namespace/name.")],
    db: Db = DEFAULT_DB,
    regime: Regime = None,
    threshold: Threshold = None,
    scan: Scan = None,
    fmt: OutputFormat = Format.table,
) -> None:
    """Show where a repository's figures come from, what lost and why, and each verdict.

    Example: `gpai-scan why allenai/OLMo-7B --regime eu-guidelines-final`.
    """
    chosen = tuple(threshold) if threshold else (1e22, 1e23, 1e24, 1e25)
    with Store.open(db) as store:
        scan_id = store.resolve(scan)
        emit(chain(store, repository, scan_id, regime, chosen), fmt, title=f"Why {repository}")

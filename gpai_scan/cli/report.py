"""`gpai-scan report` and `gpai-scan publish`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from gpai_scan import nightly
from gpai_scan import publish as publishing
from gpai_scan import settings as pipeline_settings
from gpai_scan.cli.app import app
from gpai_scan.cli.options import DEFAULT_DB, Db, Format, OutputFormat, Scan
from gpai_scan.cli.output import emit, say
from gpai_scan.errors import InvalidInput
from gpai_scan.report import stored
from gpai_scan.report.content import LISTED
from gpai_scan.store import Store

DEFAULT_REPORT = Path("report")


@app.command()
def report(
    db: Db = DEFAULT_DB,
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the report; replaced.", metavar="DIR")
    ] = DEFAULT_REPORT,
    scan: Scan = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="Scan to compare with; the complete one before by default.", metavar="ID"
        ),
    ] = None,
    listed: Annotated[int, typer.Option(min=0, help="Models listed one by one.")] = LISTED,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Write the HTML page.")] = True,
    release: Annotated[
        Path | None,
        typer.Option(
            help="Check the scan and release its report into this folder of reports instead.",
            metavar="DIR",
        ),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="With --release: release it whatever checks find.")
    ] = False,
) -> None:
    """Write the report of a scan: page, tables, what changed, and what describes them.

    The page is one file that works offline. Parquet tables open in DuckDB, Polars, pandas and R.

    Examples: `gpai-scan report`; `gpai-scan report --db x.duckdb --out report`;
    `gpai-scan report --release reports`.
    """
    if release is not None:
        chosen = pipeline_settings.load("nightly", db=db, reports=release)
        made = nightly.release(chosen, scan, accept=accept)
        say(f"Released {made.scan_id}; {release / nightly.LATEST} shows it.")
        return
    if accept:
        raise InvalidInput("--accept goes with --release DIR.")
    with Store.open(db) as store:
        written = stored.report(store, out, scan, since, listed=listed, page=page)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    say(f"Wrote {out}: {len(written.tables)} tables, {size / 1e6:.1f} MB. Next:")
    if page:
        say(f"  open {out / 'index.html'} in a browser")
    say(f"  gpai-scan publish {out} --to datasets/OWNER/NAME    show what would be published")


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="A report folder.")],
    to: Annotated[
        str,
        typer.Option(
            help="datasets/OWNER/NAME on the Hugging Face Hub, a folder, or a bucket path (s3://…).",
            metavar="TARGET",
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without it the plan is shown.")
    ] = False,
    private: Annotated[
        bool, typer.Option("--private", help="A repository that is made new is private.")
    ] = False,
    fmt: OutputFormat = Format.table,
) -> None:
    """Publish a report folder; without --yes only show what would be sent.

    The Hub gets everything in one commit. Log in with `hf auth login` or set HF_TOKEN; the token
    is never shown or stored here.

    Examples: `gpai-scan publish report --to datasets/me/gpai-scan`;
    `gpai-scan publish reports/latest --to /srv/www/gpai --yes`.
    """
    done = publishing.publish(folder, to, confirmed=yes, private=private)
    rows = pl.DataFrame(
        {
            "file": done.files,
            "bytes": [(folder / name).stat().st_size for name in done.files],
        }
    )
    if done.done:
        say(f"Published scan {done.scan_id}, {len(done.files)} files, to {done.url}.")
        return
    emit(rows, fmt, title=f"Scan {done.scan_id} to {to}")
    say(f"Nothing was sent. {done.bytes / 1e6:.1f} MB would be; do it with --yes.")

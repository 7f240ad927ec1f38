"""The report in words: `summary.md`, fit for a release note, and the card of the data set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import polars as pl
import yaml

from gpai_scan.report import metadata
from gpai_scan.report.content import Content, moved_threshold

NAMED_CHANGES: Final = 25
"""Changes named one by one in the summary; the rest is counted."""

_VISIBLE: Final = {ord(c): f"\\u{ord(c):04x}" for c in "\u200b\u200c\u200d\u200e\u200f\u2028\u2029"}


def visible(text: str) -> str:
    """Text of a repository with control and direction marks spelled out."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text.translate(_VISIBLE))


def instant(value: object) -> str | None:
    """A time in the form every program reads; None where there is none."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else None


def figure(value: float | None) -> str:
    """A number in words a table can hold: `unknown` for null, three digits above a million."""
    if value is None:
        return "unknown"
    value += 0.0  # a negative zero is a zero
    return f"{value:.3g}".replace("e+", "e") if abs(value) >= 1e6 else f"{value:,.6g}"


def _cell(value: object) -> str:
    """One cell of a Markdown table: repository text can neither end the cell nor open a tag."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return figure(value)
    text = visible(str(value))[:200].replace("&", "&amp;").replace("<", "&lt;")
    for mark in "\\|`[]*":
        text = text.replace(mark, f"\\{mark}")
    return text


def table(frame: pl.DataFrame, titles: Sequence[str] | None = None) -> str:
    """A frame as a Markdown table, numbers to the right."""
    rule = ["---:" if dtype.is_numeric() else "---" for dtype in frame.dtypes]
    rows = [titles or frame.columns, rule]
    rows += [[_cell(value) for value in row] for row in frame.iter_rows()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def counts(answers: pl.DataFrame) -> pl.DataFrame:
    """The answers as people read them: point, interval and unknown side by side."""
    rounded = [pl.col(f"expected{end}").round(1).cast(pl.String) for end in ("", "_low", "_high")]
    line = pl.format("{} {}", "comparator", pl.col("threshold").map_elements(figure, pl.String))
    return answers.select(
        "regime",
        "rule",
        pl.coalesce(line, pl.lit("–")).alias("line"),
        pl.col("unit").alias("counted"),
        pl.col("models_in").alias("in"),
        pl.col("entities_in").alias("entities"),
        pl.coalesce(pl.format("{} ({} to {})", *rounded), pl.lit("–")).alias(
            "expected, 90 % interval"
        ),
        pl.col("models_unknown").alias("unknown"),
        pl.col("models_out").alias("out"),
    )


def headline(answers: pl.DataFrame) -> list[str]:
    """One sentence for each plain threshold, for the first counting unit."""
    lines = answers.filter(moved_threshold())
    if lines.is_empty():
        return []
    unit, regime = lines.item(0, "unit"), lines.item(0, "regime")
    said = lines.filter((pl.col("unit") == unit) & (pl.col("regime") == regime))
    return [
        f"**{row['models_in']:,} models of {row['entities_in']:,} entities** are above "
        f"{figure(row['threshold'])} FLOP; expected {figure(row['expected'])} "
        f"({figure(row['expected_low'])} to {figure(row['expected_high'])}), "
        f"{row['models_unknown']:,} unknown."
        for row in said.sort("threshold").iter_rows(named=True)
    ]


def _state(content: Content) -> str:
    scan = content.scan
    whole = "complete" if scan["complete"] else "**partial: not a whole scan**"
    return (
        f"Scan `{scan['scan_id']}` of {visible(str(scan['source']))}, {metadata.as_of(scan)}: "
        f"{scan['repositories']:,} repositories, {scan['shards_present']:,} of "
        f"{scan['shards_expected']:,} shards, {scan['quarantined']:,} items set aside, {whole}. "
        f"gpai-scan {scan['code_version']}, rules {scan['rules_version']}, "
        f"reference data {scan['data_version']}."
    )


def _definitions(answers: pl.DataFrame) -> str:
    said = answers.filter(pl.col("definition").is_not_null())
    rows = said.select("regime", "rule", "unit", "definition").unique(maintain_order=True)
    return "\n".join(
        f"* {_cell(regime)}, {_cell(rule)}, {_cell(unit)}: {_cell(definition)}"
        for regime, rule, unit, definition in rows.iter_rows()
    )


def _changed(changes: pl.DataFrame) -> str:
    if changes.is_empty():
        return "Nothing, or there is no scan to compare with."
    counted = changes.group_by("change", "cause").len().sort("change", "cause")
    crossed = changes.filter(pl.col("change").cast(pl.String).is_in(["verdict", "threshold"]))
    columns = ["repo_id", "regime", "rule", "threshold", "before", "after", "cause", "detail"]
    parts = [table(counted.rename({"len": "cases"}))]
    if crossed.height:
        parts.append(table(crossed.select(columns).head(NAMED_CHANGES)))
    if crossed.height > NAMED_CHANGES:
        parts.append(f"And {crossed.height - NAMED_CHANGES:,} more in `tables/changes`.")
    return "\n\n".join(parts)


def summary(content: Content) -> str:
    """The summary as Markdown."""
    parts = [
        f"# {metadata.TITLE}, {metadata.as_of(content.scan)}",
        _state(content),
        "\n".join(f"* {line}" for line in headline(content.answers)),
        "*Unknown* is never counted as below. A point count takes central estimates, the expected "
        "count adds up probabilities; read both with the interval.",
        "## Counts by rule set",
        table(counts(content.answers)),
        "## What is counted",
        _definitions(content.answers),
        "## How far the evidence reaches",
        table(content.coverage),
        "## Why figures are missing",
        table(content.reasons),
        "## What changed",
        _changed(content.changes),
        "## Sources",
        "Reference figures: Epoch AI, *Data on AI Models* and *Machine Learning Hardware*, "
        "CC BY 4.0, epoch.ai/data. All sources, row by row: `sources.csv`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def card(content: Content, files: Sequence[metadata.TableFile]) -> str:
    """`README.md` of the report folder, which is also the card of a published data set."""
    latest = [f for f in files if "=" not in f.path]
    head = {
        "license": metadata.LICENCE.lower(),
        "pretty_name": metadata.TITLE,
        "tags": ["training-compute", "ai-act", "gpai", "model-cards"],
        "configs": [{"config_name": f.table.name, "data_files": f.path} for f in latest]
        + [
            {"config_name": name, "data_files": f"tables/{name}/*/*.parquet"}
            for name in sorted({f.table.name for f in files if "=" in f.path})
        ],
    }
    rows = pl.DataFrame(
        {
            "table": [f.table.name for f in files],
            "file": [f.path for f in files],
            "rows": [f.rows for f in files],
            "what a row is": [f.table.about for f in files],
        }
    )
    parts = [
        "---\n" + yaml.safe_dump(head, sort_keys=False) + "---",
        f"# {metadata.TITLE}",
        metadata.ABOUT,
        _state(content),
        "\n".join(f"* {line}" for line in headline(content.answers)),
        "`index.html` shows the answer in a browser, offline; `summary.md` in words; "
        "`data-dictionary.md` explains every column; `versions.json` and `SHA256SUMS` say what "
        "it was made with.",
        "## Tables",
        table(rows),
        "```sql\n-- DuckDB\nselect repo_id, compute_flop from 'tables/estimates.parquet' "
        "order by compute_flop desc nulls last limit 10;\n```",
        '```python\nimport polars as pl\n\npl.scan_parquet("tables/estimates.parquet")\n```',
        '```r\narrow::read_parquet("tables/estimates.parquet")\n```',
        "## How to cite",
        metadata.cite(content.scan),
        f"Licence: {metadata.LICENCE}. Reference figures: Epoch AI, CC BY 4.0. Quotes belong to "
        "the authors of the files they were read from.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"

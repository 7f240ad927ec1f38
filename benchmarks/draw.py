"""Draws what `results/` holds: `results/chain.svg`, time and memory over the size of the hub.

    python -m benchmarks.draw

Needs the extra `report`. The newest row of each size and step is drawn.
"""

from __future__ import annotations

import altair as alt
import polars as pl

from benchmarks.measure import RESULTS


def newest(name: str) -> pl.DataFrame:
    """The last row of each variant and size of a benchmark."""
    rows = pl.read_csv(RESULTS / f"{name}.csv", infer_schema_length=None)
    return rows.unique(["variant", "units", "note"], keep="last", maintain_order=True)


def chain() -> alt.VConcatChart:
    """Processor seconds of the whole chain and its steps, and peak memory, over repositories."""
    rows = newest("chain").filter(pl.col("cpu_seconds") > 0)
    size = alt.X("units:Q", title="repositories").scale(type="log")
    times = (
        alt.Chart(rows, title="The chain from stored pages: processor time of each step")
        .mark_line(point=True)
        .encode(
            size,
            alt.Y("cpu_seconds:Q", title="processor seconds (logarithmic)").scale(type="log"),
            alt.Color("variant:N", title="step"),
        )
    )
    memory = (
        alt.Chart(rows.filter(pl.col("variant") == "whole"), title="Peak memory of all processes")
        .transform_calculate(gigabytes="datum.peak_bytes / 1e9")
        .mark_line(point=True)
        .encode(size, alt.Y("gigabytes:Q", title="GB"))
    )
    return alt.vconcat(times.properties(width=460), memory.properties(width=460, height=120))


def main() -> None:
    """Writes the drawings of what has been measured."""
    if (RESULTS / "chain.csv").exists():
        chain().save(RESULTS / "chain.svg")
        print(f"drawn: {(RESULTS / 'chain.svg').relative_to(RESULTS.parents[1])}")


if __name__ == "__main__":
    main()

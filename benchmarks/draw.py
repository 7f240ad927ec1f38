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
    """Processor seconds of the whole chain and its steps, and peak memory, over repositories.

    Lines join hubs in which one repository in twenty has a card; triangles are hubs of cards alone.
    """
    cards = pl.col("note").str.extract(r"^(\d+) cards").cast(pl.Int64)
    rows = newest("chain").filter(pl.col("cpu_seconds") > 0)
    parts = [rows.filter(cards < pl.col("units")), rows.filter(cards == pl.col("units"))]
    size = alt.X("units:Q", title="repositories").scale(type="log")
    seconds = alt.Y("cpu_seconds:Q", title="processor seconds (logarithmic)").scale(type="log")
    peak = alt.Y("gigabytes:Q", title="GB")
    times, memory = alt.layer(), alt.layer()
    for part, draw in zip(parts, (_line, _triangles), strict=True):
        times += draw(part).encode(size, seconds, alt.Color("variant:N", title="step"))
        whole = part.filter(pl.col("variant") == "whole")
        gigabytes = draw(whole).transform_calculate(gigabytes="datum.peak_bytes / 1e9")
        memory += gigabytes.encode(size, peak)
    return alt.vconcat(
        times.properties(
            width=460, title="From stored pages: processor time (triangles: all with cards)"
        ),
        memory.properties(width=460, height=120, title="Peak memory of all processes"),
    )


def _line(rows: pl.DataFrame) -> alt.Chart:
    return alt.Chart(rows).mark_line(point=True)


def _triangles(rows: pl.DataFrame) -> alt.Chart:
    return alt.Chart(rows).mark_point(shape="triangle-up", filled=True, size=70)


def main() -> None:
    """Writes the drawings of what has been measured."""
    if (RESULTS / "chain.csv").exists():
        chain().save(RESULTS / "chain.svg")
        print(f"drawn: {(RESULTS / 'chain.svg').relative_to(RESULTS.parents[1])}")


if __name__ == "__main__":
    main()

"""Sentences read on their own, against the figures somebody drew from them.

A table of figures does not say which sentence holds which figure. A sentence is taken to state a
figure where one of its numbers comes to it within the tolerance, or for accelerator-hours what it
says of devices and time (`hours`); that test knows nothing of the reader under test.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan import assets, evidence, schema
from gpai_scan.evaluate import hours, labels
from gpai_scan.facts import facts
from gpai_scan.sources import Raw

TOLERANCES: Final = {"accelerator_hours": 0.05, "tokens": 0.05, "parameters_total": 0.02}
_SCALES: Final = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "b": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "trillion": 1e12,
}
_NUMBER: Final = re.compile(
    r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s?(thousand|million|billion|trillion|[kmbt](?![a-z]))?",
    re.IGNORECASE,
)
_MOST_NUMBERS: Final = 12


def numbers(sentence: str) -> list[float]:
    """The numbers of a sentence in base units, at most twelve."""
    found = _NUMBER.finditer(sentence)
    values = [float(m[1].replace(",", "")) * _SCALES.get((m[2] or "").lower(), 1.0) for m in found]
    return values[:_MOST_NUMBERS]


def stated(sentence: str, quantity: str, figure: float | None) -> float | None:
    """The figure where a sentence states it, in accelerators where it counts cores; else None."""
    if not figure:
        return None
    if quantity == "accelerator_hours":
        return hours.accelerator_hours(sentence, figure, TOLERANCES[quantity])
    near = any(abs(value - figure) <= TOLERANCES[quantity] * figure for value in numbers(sentence))
    return figure if near else None


def figures(quotes: pl.DataFrame) -> pl.DataFrame:
    """The quotes with `parameters_total`, `tokens`, `accelerator_hours` of their model.

    A column of the quotes' own goes before `data/reference_models.csv`, which is joined by name.
    """
    path = assets.folder("data") / "reference_models.csv"
    table = pl.read_csv(path, infer_schema_length=None).unique("model", keep="first")
    product = pl.col("hardware_quantity") * pl.col("training_hours")
    published = table.select(
        "model",
        pl.col("parameters").cast(pl.Float64).alias("parameters_total"),
        (pl.col("dataset_size") * pl.col("epochs").fill_null(1.0)).alias("tokens"),
        pl.coalesce("accelerator_hours", product).cast(pl.Float64).alias("accelerator_hours"),
    )
    given = quotes.rename({"parameters": "parameters_total"}, strict=False)
    own = [name for name in TOLERANCES if name in given.columns]
    joined = given.join(published, on="model", how="left", suffix="_published")
    return joined.with_columns(
        pl.coalesce(pl.col(name).cast(pl.Float64), f"{name}_published") for name in own
    )


def read(path: Path) -> pl.DataFrame:
    """Each quote and quantity it states: `quote, model, quantity, figure, found, line`."""
    table = labels.read(path, labels.QUOTES)
    if "model" not in table.columns:
        table = table.with_columns(model=pl.lit("model"))
    table = figures(table).with_row_index("number")
    slug = pl.col("model").fill_null("model").str.replace_all(r"[^A-Za-z0-9.]+", "-")
    named = table.with_columns(repo_id=pl.format("q{}/{}", "number", slug.str.strip_chars("-.")))
    winners = _winners(named)
    parts = []
    for quantity in TOLERANCES:
        of = named.with_columns(figure=_figures_stated(named, quantity)).drop_nulls("figure")
        claims = winners.filter(pl.col("quantity").cast(pl.String) == quantity)
        columns = ("quote", "model", pl.lit(quantity).alias("quantity"), "figure", "found")
        parts.append(_nearest(of, claims).select(columns))
    return pl.concat(parts)


def _figures_stated(named: pl.DataFrame, quantity: str) -> pl.Series:
    pairs = named.select("quote", quantity).iter_rows()
    return pl.Series([stated(quote, quantity, figure) for quote, figure in pairs], dtype=pl.Float64)


def _nearest(of: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """The sentences with what was `found`: of several stages the one nearest to the figure.

    The table does not say of which part of the training its figure is.
    """
    found = of.join(claims.select("repo_id", found="value"), on="repo_id", how="left")
    away = (pl.col("found") / pl.col("figure")).log().abs()
    return found.sort(away, nulls_last=True, maintain_order=True).unique(
        "number", keep="first", maintain_order=True
    ).sort("number")  # fmt: skip


def _winners(named: pl.DataFrame) -> pl.DataFrame:
    """What the card reader makes of each quote, as if it were the card of a model of that name."""
    documents = named.lazy().select(
        "repo_id", pl.lit("README.md").alias("path"), pl.col("quote").alias("text")
    )
    raw = Raw(
        schema.REPOSITORIES.conform(named.lazy().select("repo_id")),
        schema.DOCUMENTS.conform(documents),
        schema.PROBLEMS.empty().lazy(),
    )
    claims = evidence.readers()["card"](raw)
    return facts(schema.EVIDENCE.conform(claims).collect().lazy()).collect()


def scores(rows: pl.DataFrame) -> list[tuple[str, float | None, int, int, int]]:
    """Precision and recall by quantity: `(measure, value, right, wrong, labelled)`."""
    found: list[tuple[str, float | None, int, int, int]] = []
    for quantity, tolerance in TOLERANCES.items():
        of = rows.filter(pl.col("quantity") == quantity)
        near = ((of["found"] - of["figure"]).abs() <= tolerance * of["figure"]).fill_null(
            value=False
        )
        right = int(near.sum())
        wrong = of["found"].drop_nulls().len() - right
        precision = right / (right + wrong) if right + wrong else None
        recall = right / of.height if of.height else None
        found.append((f"{quantity}: precision", precision, right, wrong, of.height))
        found.append((f"{quantity}: recall", recall, right, wrong, of.height))
    return found

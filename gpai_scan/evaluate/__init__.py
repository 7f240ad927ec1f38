"""How right we are: figures read and inferred against a hand-labelled set.

`evaluate` runs the readers and the main job over a local mirror and compares what they say with
labelled facts, parameter counts and published compute. `docs/evaluation.md` says how each score
is defined and how to bring a labelled set of one's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from gpai_scan.evaluate import cards, estimates, labels, quotes, readings

SCORES = pl.Schema(
    {
        "part": pl.String,
        "measure": pl.String,
        "slice": pl.String,
        "value": pl.Float64,
        "right": pl.Int64,
        "wrong": pl.Int64,
        "labelled": pl.Int64,
    }
)
"""Columns of the table of scores. `value` is a share, except in rows named `median`."""

FINDINGS = pl.Schema(
    {
        "kind": pl.String,
        "repo": pl.String,
        "read_as": pl.String,
        "field": pl.String,
        "expected": pl.String,
        "found": pl.String,
        "labelled_line": pl.String,
        "line": pl.Int32,
        "quote": pl.String,
        "note": pl.String,
    }
)
"""Columns of the list of everything that was not right, one row each."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """The files of a labelled set; those that are None are not scored."""

    repos: Path
    facts: Path
    truth: Path
    parameters: Path | None = None
    coverage: Path | None = None
    quotes: Path | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores, everything that was not right, and estimates beside published compute."""

    scores: pl.DataFrame
    findings: pl.DataFrame
    compared: pl.DataFrame


def evaluate(labelled: LabelledSet, *, reference: bool = False) -> Evaluation:
    """Score the readers and the main job against a labelled set.

    `reference` lets published figures take part; off, every figure comes from the repositories.
    `InvalidInput` where a file is missing or lacks a column.
    """
    facts = labels.facts(labelled.facts)
    truth = labels.read(labelled.truth, labels.TRUTH)
    raw = readings.raw_of(labelled.repos)
    scores: list[tuple[object, ...]] = []
    findings: list[pl.DataFrame] = []
    values = cards.found(readings.of_cards(raw, facts))
    _card_scores(values, facts, scores, findings)
    if labelled.coverage is not None:
        table = labels.read(labelled.coverage, labels.COVERAGE)
        _coverage_scores(cards.coverage(values, table), scores, findings)
    if labelled.quotes is not None:
        _quote_scores(quotes.read(labelled.quotes), scores, findings)
    main = readings.inferred(readings.with_members(raw, facts), reference)
    if labelled.parameters is not None:
        table = labels.read(labelled.parameters, labels.PARAMETERS)
        rows = estimates.parameters(main.claims, main.facts, table)
        _parameter_scores(rows, scores, findings)
    compared = estimates.compared(main.estimates, main.facts, truth)
    for name, of_tier, value, count in estimates.compute_scores(compared):
        scores.append(("compute", name, of_tier, value, None, None, count))
    for name, of_tier, value, count in estimates.threshold_scores(compared):
        scores.append(("threshold", name, of_tier, value, None, None, count))
    return Evaluation(
        pl.DataFrame(scores, schema=SCORES, orient="row"),
        _in_order(pl.concat([_conform(one) for one in findings])),
        compared.sort("repo_id"),
    )


def _in_order(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings by kind, field and card, and rows of the same card by all they say."""
    first = ("kind", "field", "repo", "read_as")
    return findings.sort(*first, *(name for name in findings.columns if name not in first))


def _conform(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in FINDINGS.items()
    )


def _card_scores(
    values: pl.DataFrame,
    facts: pl.DataFrame,
    scores: list[tuple[object, ...]],
    findings: list[pl.DataFrame],
) -> None:
    gold = cards.gold(facts)
    judged = cards.judged(values, gold)
    recalled = cards.recalled(values, gold)
    broken = cards.violations(values, facts)
    for field in labels.FIELDS:
        verdicts = judged.filter(pl.col("field") == field.name)["verdict"]
        wanted = recalled.filter((pl.col("field") == field.name) & ~pl.col("optional"))
        right, wrong = int((verdicts == "right").sum()), int((verdicts == "wrong").sum())
        hits = int(wanted["recalled"].sum())
        if right + wrong + wanted.height == 0:
            continue
        precision = right / (right + wrong) if right + wrong else None
        recall = hits / wanted.height if wanted.height else None
        scores.append(("cards", "precision", field.name, precision, right, wrong, None))
        scores.append(("cards", "recall", field.name, recall, hits, None, wanted.height))
    forbidden = facts.filter(pl.col("label").str.starts_with(labels.NEGATIVE)).height
    scores.append(("cards", "forbidden figures used", "all", None, None, broken.height, forbidden))
    found = {"card": "repo", "repo_id": "read_as", "gold": "expected", "gold_line": "labelled_line"}
    missed = recalled.filter(~pl.col("recalled") & ~pl.col("optional"))
    findings.append(
        missed.with_columns(kind=pl.lit("missed")).rename(
            {"card": "repo", "hf_id": "read_as", "gold": "expected", "gold_line": "labelled_line"}
        )
    )
    findings.append(
        judged.filter(pl.col("verdict") == "wrong")
        .with_columns(kind=pl.lit("wrong"))
        .rename({k: v for k, v in found.items() if k != "gold_line"})
    )
    findings.append(broken.with_columns(kind=pl.lit("forbidden")).rename(found))


def _quote_scores(
    rows: pl.DataFrame, scores: list[tuple[object, ...]], findings: list[pl.DataFrame]
) -> None:
    for name, value, right, wrong, stated in quotes.scores(rows):
        scores.append(("sentences", name, "all", value, right, wrong, stated))
    tolerance = pl.col("quantity").replace_strict(quotes.TOLERANCES, return_dtype=pl.Float64)
    near = (pl.col("found") - pl.col("figure")).abs() <= tolerance * pl.col("figure")
    findings.append(
        rows.filter(~near.fill_null(value=False)).select(
            pl.when(pl.col("found").is_null())
            .then(pl.lit("missed in sentence"))
            .otherwise(pl.lit("wrong in sentence"))
            .alias("kind"),
            pl.col("model").alias("read_as"),
            pl.col("quantity").alias("field"),
            pl.col("figure").cast(pl.String).alias("expected"),
            pl.col("found").cast(pl.String),
            "quote",
        )
    )


def _coverage_scores(
    silent: pl.DataFrame, scores: list[tuple[object, ...]], findings: list[pl.DataFrame]
) -> None:
    for of_group in [None, *labels.GROUPS]:
        rows = silent if of_group is None else silent.filter(pl.col("group") == of_group)
        wrong = rows["found"].drop_nulls().len()
        share = 1 - wrong / rows.height if rows.height else None
        name = of_group or "all"
        scores.append(
            (
                "coverage",
                "nothing found where nothing is stated",
                name,
                share,
                rows.height - wrong,
                wrong,
                rows.height,
            )
        )
    findings.append(
        silent.filter(pl.col("found").is_not_null())
        .with_columns(kind=pl.lit("not stated"), read_as=pl.col("card"))
        .rename({"card": "repo"})
    )


def _parameter_scores(
    rows: pl.DataFrame, scores: list[tuple[object, ...]], findings: list[pl.DataFrame]
) -> None:
    kinds = rows.select("quantity", "source").drop_nulls().unique().sort("quantity", "source")
    for quantity, source in kinds.iter_rows():
        of = rows.filter((pl.col("quantity") == quantity) & (pl.col("source") == source))
        labelled = rows.filter(pl.col("quantity") == quantity)["repo_id"].n_unique()
        for tolerance in (0.01, 0.02, 0.03):
            right = int((of["off"] <= tolerance).sum())
            name = f"{quantity} within {tolerance:.0%}"
            wrong = of.height - right
            scores.append(("parameters", name, source, right / of.height, right, wrong, labelled))
    far = rows.filter((pl.col("off") > 0.02) & pl.col("source").is_in(["all", "config"]))
    findings.append(
        far.select(
            pl.format("parameters ({})", "source").alias("kind"),
            pl.col("repo_id").alias("repo"),
            pl.col("quantity").alias("field"),
            pl.format("{} … {}", "low", "high").alias("expected"),
            pl.col("value").cast(pl.String).alias("found"),
        )
    )

"""The data of the page: every count the slider can show, and the listed models, compressed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import polars as pl

from gpai_scan import schema
from gpai_scan.report import charts
from gpai_scan.report import text as words
from gpai_scan.report.content import PLAIN, Content

LONGEST_QUOTE: Final = 160

HUBS: Final = {
    "huggingface": (
        "https://huggingface.co/{repo}",
        "https://huggingface.co/{repo}/blob/{rev}/{file}",
    ),
    "modelscope": (
        "https://modelscope.cn/models/{repo}",
        "https://modelscope.cn/models/{repo}/file/view/{rev}/{file}",
    ),
}
"""Address of a repository and of a file in it, by hub; other sources are not linked."""

_COLUMNS: Final = (
    "repo_id",
    "entity",
    "country",
    "compute_flop",
    "compute_flop_low",
    "compute_flop_high",
    "parameters_total",
    "parameters_active",
    "tokens",
    "compute_method",
    "licence",
    "revision",
    "hub",
    "skip_reason",
)
_EVIDENCE: Final = ("quantity", "stage", "value", "method", "file", "line", "quote")


def packed(values: dict[str, Any]) -> str:
    """JSON, compressed, in letters: a tenth of the size, and inert as markup."""
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def payload(content: Content, listed: int) -> dict[str, Any]:
    """Everything the script of the page needs, with the first `listed` models."""
    thresholds = content.sweep["threshold"].unique().sort().to_list()
    return {
        "thresholds": thresholds,
        "labels": [f"{t:.3g}".replace("e+", "e") for t in thresholds],
        "populations": _curves(content.sweep, thresholds),
        "breakdown": _groups(content.breakdown),
        "frontier": _frontier(content.frontier),
        "models": _models(content.models.head(listed)),
        "evidence": _evidence(content.evidence, content.models.head(listed)),
        "verdicts": _verdicts(content.verdicts, listed),
        "as_of": words.instant(content.scan.get("as_of")),
        "hubs": HUBS,
        "charts": {
            "curve": charts.curve(),
            "breakdown": charts.breakdown(),
            "frontier": charts.frontier(),
            "history": charts.history(),
        },
        "history": _history(content.history),
    }


def _curves(sweep: pl.DataFrame, thresholds: Sequence[float]) -> list[dict[str, Any]]:
    steps = pl.DataFrame({"threshold": thresholds}, schema={"threshold": pl.Float64})
    columns = ["models_in", "models_out", "models_unknown", "entities_in", "entities_unknown"]
    columns += ["expected", "expected_low", "expected_high"]
    made = []
    for regime, rule, unit in _populations(sweep):
        rows = sweep.filter(
            (pl.col("regime") == regime) & (pl.col("rule") == rule) & (pl.col("unit") == unit)
        )
        whole = steps.join(
            rows.unique("threshold", keep="first", maintain_order=True), on="threshold", how="left"
        ).sort("threshold")
        made.append(
            {name: whole[name].round(3).to_list() for name in columns}
            | {
                "unit": unit,
                "comparator": rows.item(0, "comparator"),
                "definition": rows.item(0, "definition"),
            }
        )
    return made


def _groups(breakdown: pl.DataFrame) -> dict[str, dict[str, list[int]]]:
    wide = breakdown.group_by("dimension", "group", maintain_order=True).agg("models")
    found: dict[str, dict[str, list[int]]] = {}
    for dimension, group, models in wide.iter_rows():
        found.setdefault(dimension, {})[words.visible(group)] = models
    return found


def _frontier(frontier: pl.DataFrame) -> list[dict[str, Any]]:
    shown = frontier.with_columns(
        pl.col("created_at").dt.strftime("%Y-%m-%d"), *_cut("repo_id", "entity")
    )
    return shown.drop("record").to_dicts()


def _cut(*names: str, length: int = 200) -> list[pl.Expr]:
    return [pl.col(name).str.slice(0, length) for name in names]


def _texts(frame: pl.DataFrame) -> dict[str, list[Any]]:
    """The columns of a frame; text with control and direction marks spelled out."""
    return {
        column.name: [value and words.visible(value) for value in column.to_list()]
        if column.dtype == pl.String
        else column.to_list()
        for column in frame.iter_columns()
    }


def _models(models: pl.DataFrame) -> dict[str, list[Any]]:
    digits = pl.col(pl.Float64).round_sig_figs(4)
    shown = models.select(*_COLUMNS, pl.col("created_at").dt.strftime("%Y-%m-%d").alias("created"))
    exact = shown["compute_flop"].alias("compute_exact")
    columns = _texts(shown.with_columns(digits).with_columns(exact))
    columns["path"] = [quote(repo, safe="/") for repo in models["repo_id"]]
    return columns


def _evidence(evidence: pl.DataFrame, models: pl.DataFrame) -> dict[str, list[Any]]:
    """Claims column by column, with the row of their model in `model`."""
    rows = models.select("repo_id").with_row_index("model")
    shown = (
        evidence.join(rows, on="repo_id", how="inner", maintain_order="left")
        .with_columns(
            pl.col("value").round_sig_figs(4),
            pl.col("quote").str.slice(0, LONGEST_QUOTE),
            pl.col("quantity", "stage", "method").cast(pl.String),
            *_cut("file"),
        )
        .select("model", *_EVIDENCE)
    )
    units = pl.Series([schema.QUANTITIES[q] for q in shown["quantity"]], dtype=pl.String)
    return _texts(shown.with_columns(units.alias("unit")))


def _verdicts(verdicts: pl.DataFrame, listed: int) -> list[dict[str, str]]:
    """For each rule one letter a listed model: i in, o out, u unknown, a dash where not asked."""
    made = []
    for (regime, rule), rows in verdicts.filter(pl.col("model") < listed).group_by(
        "regime", "rule", maintain_order=True
    ):
        letters = ["-"] * listed
        for model, verdict in rows.select("model", pl.col("verdict").str.slice(0, 1)).iter_rows():
            letters[model] = verdict
        made.append({"rule": f"{regime}, {rule}", "letters": "".join(letters)})
    return made


def _history(history: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "as_of": words.instant(as_of),
            "line": words.figure(threshold),
            "models_in": models,
        }
        for as_of, threshold, models in history.iter_rows()
    ]


def _populations(sweep: pl.DataFrame) -> list[tuple[str, str, str]]:
    return sweep.select("regime", "rule", "unit").unique(maintain_order=True).rows()


def titles(content: Content) -> list[str]:
    """The populations the slider can count, in words, in the order of `payload`."""
    return [
        f"any training compute: {unit}" if regime == PLAIN else f"{regime}, {rule}: {unit}"
        for regime, rule, unit in _populations(content.sweep)
    ]

"""Metrics that are not in the estimates: reach, place in the value chain, documentation, frontier.

Each is a proxy for what a text or a proposal means, and is labelled as one by `proxy_for` of
data/metrics.csv. Metrics nobody can observe on a hub come from the user's own table or stay
unknown.
"""

from __future__ import annotations

import csv
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan import assets
from gpai_scan.errors import InvalidInput
from gpai_scan.rules.frame import frontier_of
from gpai_scan.rules.model import metrics as known_metrics

KEYS: Final = ("repo_id", "model_id", "entity_id", "namespace")
"""Columns by which a user's table may say what its figures are about."""


def reach(roots: pl.LazyFrame, repositories: pl.LazyFrame) -> pl.LazyFrame:
    """Reach and centrality of the model each repository carries, one row a repository.

    Columns `downloads_all_time`, `spaces` (of the repository itself), `descendants`
    [repositories made from the model], `descendant_namespaces`, `family_downloads_30d` [downloads
    of the model and all its descendants], `downloads_share` [share of the family's downloads that
    its descendants have].
    """
    own = repositories.select(
        "repo_id",
        pl.col("namespace").str.to_lowercase(),
        "downloads_30d",
        "downloads_all_time",
        "spaces",
    )
    listed = roots.select("repo_id", "model_id").join(own, on="repo_id", how="left")
    family = listed.group_by("model_id").agg(
        (pl.col("repo_id") != pl.col("model_id")).sum().cast(pl.Float64).alias("descendants"),
        pl.col("namespace").n_unique().cast(pl.Float64).alias("descendant_namespaces"),
        pl.col("downloads_30d").sum().alias("family_downloads_30d"),
        pl.col("downloads_30d")
        .filter(pl.col("repo_id") != pl.col("model_id"))
        .sum()
        .alias("_descendants_30d"),
    )
    return (
        listed.select("repo_id", "model_id", "downloads_all_time", "spaces")
        .join(family, on="model_id", how="left")
        .with_columns(
            (pl.col("_descendants_30d") / pl.col("family_downloads_30d"))
            .fill_nan(None)
            .alias("downloads_share")
        )
        .drop("model_id", "_descendants_30d")
    )


def documentation(stated: pl.LazyFrame) -> pl.LazyFrame:
    """How many elements of Annexes XI and XII each card states: `documentation_elements`."""
    return stated.group_by("repo_id").agg(
        pl.col("stated").sum().cast(pl.Float64).alias("documentation_elements")
    )


def added_tokens(estimates: pl.LazyFrame) -> pl.LazyFrame:
    """Tokens of a modification against those of its direct base: `added_tokens_ratio`."""
    base = estimates.select(
        pl.col("repo_id").alias("base_repo_id"), pl.col("tokens").alias("_base_tokens")
    )
    return (
        estimates.filter(pl.col("tokens").is_not_null() & pl.col("base_repo_id").is_not_null())
        .select("repo_id", "base_repo_id", "tokens")
        .join(base, on="base_repo_id")
        .select("repo_id", (pl.col("tokens") / pl.col("_base_tokens")).alias("added_tokens_ratio"))
    )


def published_frontier(estimates: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """The largest published run to date, open and closed, with those of the scan if given.

    From data/reference_models.csv, rows known to be wrong left out. Columns `date,
    frontier_flop`.
    """
    table = pl.scan_csv(assets.folder("data") / "reference_models.csv", infer_schema_length=0)
    good = ~pl.col("known_bad").fill_null("").str.contains("training_compute")
    runs = table.filter(good).select(
        pl.col("publication_date").str.to_date("%Y-%m-%d", strict=False).alias("date"),
        pl.col("training_compute_flop").cast(pl.Float64, strict=False).alias("flop"),
    )
    if estimates is not None:
        scanned = estimates.filter(pl.col("depth") == 0).select(
            pl.col("created_at").dt.date().alias("date"), pl.col("compute_flop").alias("flop")
        )
        runs = pl.concat([runs, scanned])
    return frontier_of(runs)


def supplied(path: Path, estimates: pl.LazyFrame) -> pl.LazyFrame:
    """A user's own figures, one row a repository: what no hub shows, such as revenue or users.

    A CSV file with one of `repo_id`, `model_id`, `entity_id`, `namespace` and columns named as
    metrics. `InvalidInput` says what is wrong, with line and nearest name.
    """
    frame, key = _read(path)
    owner = pl.col("repo_id").str.extract(r"^([^/]+)/").str.to_lowercase()
    subjects = estimates.select("repo_id", "model_id", "entity_id", owner.alias("namespace"))
    right = frame.lazy().with_columns(
        pl.col(key).str.to_lowercase() if key == "namespace" else pl.col(key)
    )
    if key == "repo_id":
        return subjects.select("repo_id").join(right, on="repo_id")
    return subjects.select("repo_id", key).join(right, on=key).drop(key)


def _read(path: Path) -> tuple[pl.DataFrame, str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"the table of metrics {path} cannot be read: {error}.") from error
    header = list(rows[0]) if rows else []
    keys = [name for name in header if name in KEYS]
    if len(keys) != 1:
        raise InvalidInput(f"{path}: a table of metrics needs one of {', '.join(KEYS)}.")
    for name in header:
        if name not in (*KEYS, *known_metrics(), "source", "note"):
            near = get_close_matches(name, [*KEYS, *known_metrics()], n=1, cutoff=0.4)
            hint = f"; did you mean '{near[0]}'?" if near else "."
            raise InvalidInput(f"{path}, line 1: '{name}' is no metric{hint}")
    columns: dict[str, list[object]] = {keys[0]: [row[keys[0]] for row in rows]}
    for name in header:
        if name in known_metrics():
            columns[name] = [_figure(row[name], path, n, name) for n, row in enumerate(rows, 2)]
    frame = pl.DataFrame(columns, schema_overrides={keys[0]: pl.String}, strict=False)
    double = frame.filter(pl.col(keys[0]).is_duplicated())
    if not double.is_empty():
        raise InvalidInput(f"{path}: '{double[keys[0]][0]}' stands more than once.")
    return frame, keys[0]


def _figure(text: str | None, path: Path, line: int, name: str) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError as error:
        raise InvalidInput(f"{path}, line {line}: {name} '{text}' is no number.") from error


def together(*frames: pl.LazyFrame) -> pl.LazyFrame | None:
    """Metrics of several frames side by side, by `repo_id`; later ones replace earlier columns."""
    joined: pl.LazyFrame | None = None
    for frame in frames:
        if joined is None:
            joined = frame
            continue
        new = frame.collect_schema().names()
        old = [c for c in joined.collect_schema().names() if c not in new or c == "repo_id"]
        joined = joined.select(old).join(frame, on="repo_id", how="full", coalesce=True)
    return joined

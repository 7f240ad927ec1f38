"""Small scans made of nothing but the schema, for the tests of what is made from a scan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from gpai_scan import parquet, schema
from gpai_scan.schema import Table

Frames = dict[str, pl.LazyFrame]

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
COUNTRIES = ("FR", "DE", "US", "CN", None)
LICENCES = ("apache-2.0", "mit", "llama3", None)
OUTPUTS = (["text"], ["text", "speech"], ["text_to_image"], [])


def frame(table: Table, rows: Sequence[Mapping[str, Any]]) -> pl.LazyFrame:
    """Rows that name only what matters, as a frame of the table, sorted by its key."""
    names = {name for row in rows for name in row}
    known = {name: dtype for name, dtype in table.schema.items() if name in names}
    made = pl.LazyFrame([dict(row) for row in rows], schema=known)
    return table.conform(made).sort(table.key, nulls_last=False)


def repo_ids(count: int) -> list[str]:
    return [f"lab{i % 7}/model-{i:05d}" for i in range(count)]


def compute(i: int) -> float | None:
    """Compute of the i-th model: from 1e26 down, one in five unknown."""
    return None if i % 5 == 4 else 10 ** (26 - 0.13 * (i % 60)) * (1 + i / 1e5)


def estimate(i: int, repo_id: str) -> dict[str, Any]:
    flop = compute(i)
    known = flop is not None
    return {
        "repo_id": repo_id,
        "revision": f"{i:040x}",
        "entity_id": repo_id.split("/")[0],
        "model_id": repo_id,
        "relation": "base",
        "depth": 0,
        "parameters_total": flop and math.sqrt(flop / 120),
        "parameters_total_method": "config" if known else None,
        "parameters_active": flop and math.sqrt(flop / 120),
        "tokens": flop and 20 * math.sqrt(flop / 120),
        "tokens_method": "card_text" if known else None,
        "direct_flop": flop,
        "own_flop": flop,
        "cumulative_flop": flop,
        "compute_flop": flop,
        "compute_flop_low": flop and flop / 2,
        "compute_flop_high": flop and flop * 2,
        "compute_method": "architecture" if known else None,
        "sigma_log10": 0.18 if known else None,
        "outputs": OUTPUTS[i % len(OUTPUTS)],
        "licence": LICENCES[i % len(LICENCES)],
        "created_at": START - timedelta(days=i % 900),
        "downloads_30d": float(1000 - i % 1000),
        "flags": [],
        "skip_reason": None if known else "no_tokens",
    }


def facts(i: int, repo_id: str) -> list[dict[str, Any]]:
    flop = compute(i)
    if flop is None:
        return []
    size = math.sqrt(flop / 120)
    common = {"repo_id": repo_id, "revision": f"{i:040x}", "claims": 1}
    return [
        common
        | {
            "quantity": "parameters_total",
            "value": size,
            "method": "config",
            "file": "config.json",
            "line": 1,
            "quote": f"num_hidden_layers {i}",
        },
        common
        | {
            "quantity": "tokens",
            "stage": "pretraining",
            "value": 20 * size,
            "method": "card_text",
            "file": "README.md",
            "line": 12,
            "quote": f"was trained on {20 * size:.3g} tokens",
        },
    ]


def answers(flops: Sequence[float | None], owners: Sequence[str]) -> list[dict[str, Any]]:
    """Counts at four thresholds, by the strict comparator."""
    rows = []
    for threshold in (1e22, 1e23, 1e24, 1e25):
        above = [flop is not None and flop > threshold for flop in flops]
        rows.append(
            {
                "regime": "threshold",
                "rule": "threshold",
                "tier": "threshold",
                "metric": "training_compute",
                "comparator": ">",
                "threshold": threshold,
                "unit": "models",
                "models_in": sum(above),
                "models_out": sum(flop is not None for flop in flops) - sum(above),
                "models_unknown": sum(flop is None for flop in flops),
                "entities_in": len({o for o, a in zip(owners, above, strict=True) if a}),
                "entities_unknown": 0,
                "expected": sum(above) + 0.5,
                "expected_low": sum(above) - 1.0,
                "expected_high": sum(above) + 2.0,
                "definition": "models whose training compute exceeds the threshold",
            }
        )
    return rows


def scan_row(day: int = 0, **changed: object) -> dict[str, Any]:
    """The row of `scans` of the scan `day` days after the first."""
    date = START + timedelta(days=day)
    return {
        "scan_id": f"nightly-{date:%Y-%m-%d}-{day:04x}",
        "source": "folder",
        "as_of": date,
        "code_version": "0.1.0",
        "data_version": "d1",
        "rules_version": "r1",
        "settings": "{}",
        "repositories": 40,
        "quarantined": 0,
        "shards_expected": 4,
        "shards_present": 4,
        "complete": True,
    } | changed


def scan(count: int = 40, names: Sequence[str] | None = None, **row: object) -> Frames:
    """All tables of one scan of `count` models; `names` replaces the first repository names."""
    ids = [*(names or ()), *repo_ids(count)[len(names or ()) :]]
    estimates = [estimate(i, repo_id) for i, repo_id in enumerate(ids)]
    flops = [e["compute_flop"] for e in estimates]
    owners = [e["entity_id"] for e in estimates]
    namespaces = sorted(set(owners))
    verdicts = [
        {
            "repo_id": e["repo_id"],
            "model_id": e["model_id"],
            "entity_id": e["entity_id"],
            "regime": "eu-guidelines-final",
            "rule": "gpai",
            "tier": "gpai",
            "verdict": "unknown" if flop is None else "in" if flop > 1e23 else "out",
            "metric": "training_compute",
            "value": flop,
            "threshold": 1e23,
            "reason": "training compute",
        }
        for e, flop in zip(estimates, flops, strict=True)
    ]
    claims = [fact for i, repo_id in enumerate(ids) for fact in facts(i, repo_id)]
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "scans": [scan_row(**{"repositories": count, **row})],
        "repositories": [
            {
                "repo_id": e["repo_id"],
                "hub": "huggingface",
                "revision": e["revision"],
                "namespace": e["entity_id"],
                "downloads_30d": e["downloads_30d"],
            }
            for e in estimates
        ],
        "evidence": [{k: v for k, v in claim.items() if k != "claims"} for claim in claims],
        "facts": claims,
        "estimates": estimates,
        "verdicts": verdicts,
        "answers": answers(flops, owners),
        "entities": [
            {
                "namespace": name.lower(),
                "entity_id": name,
                "entity": name.title(),
                "country": COUNTRIES[i % len(COUNTRIES)],
                "entity_type": ("company", "academia")[i % 2],
            }
            for i, name in enumerate(namespaces)
        ],
        "problems": [{"repo_id": ids[0], "file": "x.json", "reason": "bad_json", "detail": "…"}],
    }
    return {table.name: frame(table, tables.get(table.name, ())) for table in schema.TABLES}


def write(frames: Frames, folder: Path) -> dict[str, Path]:
    """The frames as the Parquet files that a run leaves."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for table in schema.TABLES:
        paths[table.name] = folder / f"{table.name}.parquet"
        parquet.write(table, frames[table.name], paths[table.name])
    return paths

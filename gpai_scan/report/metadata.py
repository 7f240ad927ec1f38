"""What describes a report to machines: Frictionless data package, citation, versions.

Everything here is a pure function from the scan's row and the list of written files to plain
values; time stamps are those of the scan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from gpai_scan import assets, schema

NAME: Final = "gpai-scan"
TITLE: Final = "Models above training-compute thresholds"
LICENCE: Final = "CC-BY-4.0"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by/4.0/"
ABOUT: Final = (
    "How many public AI models and entities lie above a training-compute threshold, per rule set, "
    "with intervals, unknowns and the evidence behind every figure. Quotes belong to the authors "
    "of the files they were read from."
)

_FRICTIONLESS: Final = {
    "String": "string",
    "Enum": "string",
    "Float64": "number",
    "Int64": "integer",
    "Int32": "integer",
    "UInt32": "integer",
    "Boolean": "boolean",
    "Datetime": "datetime",
    "List": "array",
}


@dataclass(frozen=True, slots=True)
class TableFile:
    """One written table: its declaration, path inside the report, size, digest and rows."""

    table: schema.Table
    path: str
    bytes: int
    sha256: str
    rows: int


def version(scan: Mapping[str, Any]) -> str:
    """The version of a report: the code's, with day and scan behind the plus sign."""
    return f"{scan['code_version']}+{scan['scan_id']}"


def checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def day(scan: Mapping[str, Any]) -> str:
    """The day the scan speaks of; `undated` where its source has no time."""
    as_of = scan.get("as_of")
    return as_of.strftime("%Y-%m-%d") if isinstance(as_of, datetime) else "undated"


def as_of(scan: Mapping[str, Any]) -> str:
    """The day in words: `as of 2026-11-20`, or that there is none."""
    return "of a source without dates" if day(scan) == "undated" else f"as of {day(scan)}"


def sources() -> pl.DataFrame:
    """What the reference data comes from: `data/sources.csv`."""
    return pl.read_csv(assets.folder("data") / "sources.csv", infer_schema=False)


def kind(dtype: pl.DataType | type[pl.DataType]) -> str:
    """The name of a Polars type."""
    return dtype.__name__ if isinstance(dtype, type) else type(dtype).__name__


def datapackage(scan: Mapping[str, Any], files: Sequence[TableFile]) -> dict[str, Any]:
    """The Frictionless descriptor, `datapackage.json`."""
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": NAME,
        "id": str(scan["scan_id"]),
        "title": TITLE,
        "description": ABOUT,
        "version": version(scan),
        "licenses": [{"name": LICENCE, "path": LICENCE_URL}],
        "sources": [
            {"title": row["citation"]} for row in sources().iter_rows(named=True) if row["citation"]
        ],
        "resources": [_resource(file) for file in files],
    }
    if isinstance(scan.get("as_of"), datetime):
        package["created"] = scan["as_of"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return package


def _resource(file: TableFile) -> dict[str, Any]:
    fields = [
        {"name": c.name, "type": _FRICTIONLESS[kind(c.dtype)], "description": c.about}
        | ({"unit": c.unit} if c.unit else {})
        for c in file.table.columns
    ]
    return {
        "name": file.table.name,
        "description": file.table.about,
        "path": file.path,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "schema": {"fields": fields},
    }


def cite(scan: Mapping[str, Any]) -> str:
    """How to cite the report, in one line."""
    return f"gpai-scan {version(scan)}. {TITLE}, {as_of(scan)}. {LICENCE}."


def citation(scan: Mapping[str, Any]) -> str:
    """`CITATION.cff`, with the works the reference data rests on."""
    facts: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "Please cite the report with its version: counts belong to a scan.",
        "type": "dataset",
        "title": TITLE,
        "version": version(scan),
        "license": LICENCE,
        "authors": [{"name": "gpai-scan maintainers"}],
        "identifiers": [
            {"type": "other", "value": str(scan["scan_id"]), "description": "The scan."}
        ],
    }
    if day(scan) != "undated":
        facts["date-released"] = day(scan)
    facts["references"] = [
        {"type": "generic", "title": row["citation"], "authors": [{"name": row["key"]}]}
        for row in sources().iter_rows(named=True)
        if row["citation"]
    ]
    return str(yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100))


def versions(scan: Mapping[str, Any]) -> dict[str, Any]:
    """Versions of code, rules and reference data behind the report, with checksums of files.

    `files` is null where the installed reference data is no longer that of the scan.
    """
    facts = {
        "scan_id": scan["scan_id"],
        "code": scan["code_version"],
        "rules": scan["rules_version"],
        "reference_data": scan["data_version"],
        "settings": scan["settings"],
    }
    return facts | {"files": _sums(scan)}


def _sums(scan: Mapping[str, Any]) -> dict[str, str] | None:
    """Checksums of `data/`, where it still is what the scan was made with; else None."""
    now = {"data_version": assets.digest("data", "*.csv")}
    now["rules_version"] = assets.digest("data/regimes")
    if any(scan[name] != version for name, version in now.items()):
        return None
    base = assets.folder("data")
    wanted = sorted(p for pattern in ("*.csv", "regimes/*.toml") for p in base.glob(pattern))
    return {f"data/{p.relative_to(base).as_posix()}": checksum(p) for p in wanted}

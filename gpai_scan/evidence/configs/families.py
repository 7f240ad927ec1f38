"""Families of architectures as data: which arithmetic applies to which model type.

`data/architectures.toml` groups model types into families, `data/architecture_defaults.csv`
holds what a type assumes for keys that a file leaves out.
"""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from typing import Any, Final

import polars as pl

from gpai_scan import assets
from gpai_scan.evidence.configs.keys import FLAG, NUMBER, keys, sections

GENERIC: Final = "generic"
_OTHER = ("source", "default")


@cache
def _tables() -> dict[str, dict[str, Any]]:
    """Each family with everything it inherits."""
    with (assets.folder("data") / "architectures.toml").open("rb") as file:
        raw = tomllib.load(file)

    def resolved(name: str) -> dict[str, Any]:
        own = raw[name]
        start = resolved(own["like"]) if "like" in own else raw["default"] | {"assume": {}}
        return {**start, **{k: v for k, v in own.items() if k not in ("like", "types")}}

    return {name: resolved(name) | {"family": name} for name in raw if name not in _OTHER}


@cache
def _types() -> dict[str, str]:
    """Model type to family."""
    with (assets.folder("data") / "architectures.toml").open("rb") as file:
        raw = tomllib.load(file)
    return {
        kind: name
        for name, table in raw.items()
        if name not in _OTHER
        for kind in table.get("types", ())
    }


def compact(name: str) -> str:
    """A type's or class's name without case, separators and the task at its end."""
    bare = re.sub(r"(For[A-Z].*|LMHeadModel|LMHead|PreTrainedModel|Model)$", "", name)
    return re.sub(r"[^a-z0-9]", "", bare.lower())


@cache
def table() -> pl.DataFrame:
    """One row a known model type: its family's fields. The generic family is among them."""
    rows = [_tables()[family] | {"kind": kind} for kind, family in _types().items()]
    return pl.DataFrame([*rows, _tables()[GENERIC] | {"kind": GENERIC}]).drop("assume")


@cache
def by_class() -> list[str]:
    """Types of which the name of the class says more than the stated type, as with forks."""
    return table().filter("by_class")["kind"].to_list()


@cache
def containers() -> list[str]:
    """Types that only hold sections."""
    return table().filter(pl.col("arithmetic") == "")["kind"].to_list()


@cache
def names() -> pl.DataFrame:
    """Every name a type goes by: its own and the compact form of its classes."""
    known = sorted(_types())
    plain = {compact(kind): kind for kind in reversed(known)}
    plain |= {kind: kind for kind in known}
    return pl.DataFrame({"alias": list(plain), "kind": list(plain.values())})


@cache
def _defaults() -> list[dict[str, str]]:
    path = assets.folder("data") / "architecture_defaults.csv"
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@cache
def defaults() -> pl.DataFrame:
    """One row a model type: the values it assumes, a column `default_<quantity>` each."""
    kinds = {k.quantity: k.kind for k in keys() if k.kind in (NUMBER, FLAG)}
    rows: dict[str, dict[str, Any]] = {}
    for row in _defaults():
        kind = kinds.get(row["quantity"])
        if kind is not None:
            value = float(row["value"]) if kind == NUMBER else row["value"] == "true"
            rows.setdefault(row["model_type"], {})[f"default_{row['quantity']}"] = value
    for kind, family in _types().items():
        for name, value in _tables()[family].get("assume", {}).items():
            rows.setdefault(kind, {})[f"default_{name}"] = value
    types = {NUMBER: pl.Float64, FLAG: pl.Boolean}
    schema = {f"default_{name}": types[kind] for name, kind in kinds.items()}
    listed = [{"kind": kind} | values for kind, values in rows.items()]
    return pl.DataFrame(listed, schema={"kind": pl.String, **schema})


@cache
def nested() -> pl.DataFrame:
    """The model type of a section that does not name its own: parent's type and section."""
    rows = [
        (row["model_type"], row["quantity"], row["value"])
        for row in _defaults()
        if row["quantity"] in sections()
    ]
    return pl.DataFrame(rows, schema=["parent_kind", "name", "nested_kind"], orient="row")

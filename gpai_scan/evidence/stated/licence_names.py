"""Names of licences: every spelling of `data/licences.csv`, and what a name as written becomes."""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import Final

from gpai_scan import assets

_SHORT: Final = (
    ("creative commons", "cc"),
    ("attribution", "by"),
    ("non-commercial", "nc"),
    ("noncommercial", "nc"),
    ("sharealike", "sa"),
    ("share-alike", "sa"),
    ("noderivatives", "nd"),
    ("noderivs", "nd"),
    ("general public", "gpl"),
    ("international", ""),
)
_EMPTY: Final = re.compile(
    r"\b(?:the|a|meta|licen[sc]e[sd]?|agreement|version|terms of use|terms|v(?=\d)|permissive"
    r"|open source|of|under|许可证|协议)\b|许可证|协议|ライセンス"
)
_BEGINNING: Final = re.compile(
    r"(?:the\s)?(Apache(?:[\s-]Licen[sc]e)?,?(?:[\s-]Version)?[\s-]?v?2(?:\.0)?"
    r"|CC[\s-]?BY(?:-\w\w)*[\s-]?\d\.\d|MIT(?=\s+licen[sc]e\b|$))",
    re.IGNORECASE,
)


@cache
def known() -> dict[str, str]:
    """Every spelling of a licence in `data/licences.csv`, levelled -> the hub's identifier."""
    found: dict[str, str] = {}
    with (assets.folder("data") / "licences.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["id_kind"] == "hf_license" and row["id"] not in {
                "other",
                "unknown",
                "cc",
                "gpl",
                "lgpl",
                "bsd",
                "openrail",
            }:
                for spelling in (row["id"], row["full_name"]):
                    found.setdefault(level(spelling), row["id"])
    return found


def level(name: str) -> str:
    """A licence's name without case, punctuation and words that add nothing.

    `Apache License, Version 2.0` and `apache-2.0` become one.
    """
    plain = name.lower()
    for long, short in _SHORT:
        plain = plain.replace(long, short)
    plain = re.sub(r"^creativeml\W*(?=open\W?rail\+\+)", "", plain)
    plain = re.sub(r"^by(?=[\s-](?:nc|sa|nd|\d))", "cc-by", plain)
    plain = re.sub(r"\b(?:gnu gpl|gnu)\b", "gpl", plain).replace("gplgpl", "gpl")
    plain = _EMPTY.sub(" ", plain)
    plain = re.sub(r"(?<=[a-z])v(?=\d)|\bv(?=\d)", "", plain)
    plain = re.sub(r"[^a-z0-9+]", "", plain)
    plain = re.sub(r"^apache$", "apache20", plain)
    return re.sub(r"^(gpl|lgpl|agpl|apache|cc(?:by|nc|sa|nd)+)(\d)$", r"\g<1>\g<2>0", plain)


def identifier(name: str) -> tuple[str, bool]:
    """The hub's identifier for a licence's name where there is one, else the name as written."""
    plain = re.sub(r"\s+", " ", name).strip(" .,;:()[]\"'“”|")
    key = level(plain)
    whole = known().get(key) or known().get(re.sub(r"1$", "", key))
    if whole:
        return whole, True
    first = _BEGINNING.match(plain)
    if first and not re.search(r"\b(?:with|plus|and)\b", plain[first.end() :]):
        short = known().get(level(first[1]))
        if short:
            return short, True
    inside = re.search(r"\(([^()]{2,40})\)?", plain)
    if inside and known().get(level(inside[1])):
        return known()[level(inside[1])], True
    before = known().get(level(plain.partition(" (")[0]))  # "MIT (code and weights)"
    if before:
        return before, True
    plain = re.sub(r"^(?:the|a|an)\s+", "", plain, flags=re.IGNORECASE)
    if re.match(r"(?i)modified\b", plain):  # `License` at its end adds nothing
        plain = re.sub(r"\s+Licen[sc]e$", "", plain, flags=re.IGNORECASE)
    return plain, False

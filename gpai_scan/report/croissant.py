"""The Croissant description of a report, `croissant.json`: what data-set search engines read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from gpai_scan.report.metadata import ABOUT, LICENCE_URL, NAME, TableFile, cite, kind

_CROISSANT: Final = {
    "String": "sc:Text",
    "Enum": "sc:Text",
    "Float64": "sc:Float",
    "Int64": "sc:Integer",
    "Int32": "sc:Integer",
    "UInt32": "sc:Integer",
    "Boolean": "sc:Boolean",
    "Datetime": "sc:DateTime",
}
_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(scan: Mapping[str, Any], files: Sequence[TableFile]) -> dict[str, Any]:
    """The Croissant 1.0 description, `croissant.json`.

    A column of records inside a list is left out: Croissant has no type for it.
    """
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": NAME,
        "description": ABOUT,
        "license": LICENCE_URL,
        "url": "https://schema.org/Dataset",
        "version": str(scan["code_version"]),
        "citeAs": cite(scan),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file.path,
                "name": file.path,
                "contentUrl": file.path,
                "contentSize": f"{file.bytes} B",
                "encodingFormat": "application/x-parquet",
                "sha256": file.sha256,
            }
            for file in files
        ],
        "recordSet": [_record_set(file) for file in files],
    }
    if isinstance(scan.get("as_of"), datetime):
        described["datePublished"] = scan["as_of"].strftime("%Y-%m-%d")
    return described


def _record_set(file: TableFile) -> dict[str, Any]:
    name = file.table.name
    fields = []
    for column in file.table.columns:
        dtype, repeated = column.dtype, isinstance(column.dtype, pl.List)
        if isinstance(dtype, pl.List):
            dtype = dtype.inner  # type: ignore[assignment]
        if kind(dtype) not in _CROISSANT:
            continue
        unit = f" [{column.unit}]" if column.unit else ""
        fields.append(
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column.name}",
                "name": column.name,
                "description": column.about + unit,
                "dataType": _CROISSANT[kind(dtype)],
                "source": {
                    "fileObject": {"@id": file.path},
                    "extract": {"column": column.name},
                },
            }
            | ({"repeated": True} if repeated else {})
        )
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": file.table.about,
        "field": fields,
    }

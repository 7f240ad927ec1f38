"""A bulk Parquet dump of hub metadata as a source, in the column layout of hub-stats.

The columns have the names of the list route's keys. Nested values may be structs, lists or JSON
text, since published dumps differ in that and drift: each row is put back into the JSON the hub
would have sent and read as such. Such dumps have no revision, access or files' contents, so that
they serve for a start, a cross-check or a look back, not for a register.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
)

from gpai_scan import schema
from gpai_scan.crawl.settings import CrawlSettings
from gpai_scan.errors import Interrupted, InvalidInput
from gpai_scan.sources import Raw, Shard, listing

SHARD: Final = 20_000
"""Rows in a shard."""
_KEYS: Final = (
    "_id", "id", "sha", "createdAt", "lastModified", "gated", "private", "disabled", "downloads",
    "downloadsAllTime", "likes", "library_name", "pipeline_tag", "tags", "cardData", "config",
    "safetensors", "gguf", "baseModels", "siblings",
)  # fmt: skip
_JSON: Final = frozenset({"cardData", "config", "safetensors", "gguf", "baseModels", "siblings"})
"""Keys whose value is an object or list: text in their columns is JSON."""
_REMOTE: Final = re.compile(r"hf://datasets/([^/@]+/[^/@]+)(?:@([^/]+))?/(.+)")


@dataclass(frozen=True, slots=True)
class DumpSource:
    """The rows of a local Parquet file. `label` names the dump where it was downloaded."""

    path: Path
    label: str | None = None

    @property
    def name(self) -> str:
        """`dump:` and the file's own name, or the address it was downloaded from."""
        return f"dump:{self.label or self.path.name}"

    def shards(self) -> Sequence[Shard]:
        """Stretches of 20,000 rows. `InvalidInput` where the file is no such dump."""
        stamp, rows = _look(self.path)
        return [
            Shard(f"{start // SHARD:06d}", f"{stamp}-{SHARD}") for start in range(0, rows, SHARD)
        ]

    def read(self, shard: Shard) -> Raw:
        """The repositories of a stretch, as listed; there are no documents."""
        start = int(shard.name) * SHARD
        rows = pl.scan_parquet(self.path).slice(start, SHARD).collect()
        again = [i - start for i in _repeated(self.path, shard.fingerprint) if i >= start]
        rows = rows.filter(~pl.int_range(pl.len()).is_in(again))
        parts = [text.encode() for text in rows.select(_item(rows.schema))["item"]]

        def quoted(place: int) -> bytes:
            return str(rows[place].select(_item(rows.schema, quote=True)).item()).encode()

        listed = listing.of_parts(parts, quoted, hub=self.name, listing_file=self.path.name)
        twice = [(None, self.path.name, "twice", f"row {start + i}") for i in again if i < SHARD]
        return Raw(
            listed.repositories.lazy(),
            schema.DOCUMENTS.empty().lazy(),
            pl.concat([listed.problems, listing.problem_rows(twice)]).lazy(),
        )


def _look(path: Path) -> tuple[str, int]:
    """A digest of the file's footer, which tells of every row group, and its number of rows."""
    try:
        about = pq.read_metadata(path)
        names = set(about.schema.to_arrow_schema().names)
    except FileNotFoundError as error:
        raise InvalidInput(f"there is no file '{path}'.") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput(f"'{path}' is not a Parquet file: {error}.") from error
    if "id" not in names:
        known = ", ".join(sorted(names)[:20])
        raise InvalidInput(f"'{path}' has no column 'id'; it has: {known}.")
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, about.serialized_size + 8), 2)
        state = hashlib.sha256(file.read())
    state.update(str(path.stat().st_size).encode())
    return state.hexdigest()[:24], about.num_rows


@lru_cache(maxsize=2)
def _repeated(path: Path, stamp: str) -> list[int]:
    """Numbers of the rows whose repository an earlier row has; `stamp` tells one file's states."""
    rows = pl.scan_parquet(path).select("id").with_row_index()
    again = ~pl.col("id").is_first_distinct() & pl.col("id").is_not_null()
    return rows.filter(again).collect()["index"].to_list()


def _item(columns: Mapping[str, Any], *, quote: bool = False) -> pl.Expr:
    """Each row as the JSON object the hub's list would hold.

    With `quote`, text that should be JSON is handed on as a string: it is not, and counts as bad.
    """
    members = [
        pl.concat_str(pl.lit(f'"{name}":'), _json(name, columns[name], quote))
        for name in _KEYS
        if name in columns
    ]
    return pl.concat_str(pl.lit("{"), pl.concat_str(members, separator=","), pl.lit("}")).alias(
        "item"
    )


def _json(name: str, kind: pl.DataType, quote: bool) -> pl.Expr:
    """A column's values as JSON text; `null` where there is none."""
    value = pl.col(name)
    if kind == pl.String and name in _JSON and not quote:
        found = pl.when(value.str.strip_chars() == "").then(None).otherwise(value)
    elif isinstance(kind, pl.Datetime | pl.Date):
        text = value.cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        found = pl.concat_str(pl.lit('"'), text, pl.lit('"'))
    else:
        whole = pl.struct(value.alias("v")).struct.json_encode()
        found = whole.str.strip_prefix('{"v":').str.head(-1)
    return found.fill_null("null")


def fetch(address: str, settings: CrawlSettings) -> DumpSource:
    """Download a dump, `hf://datasets/<namespace>/<name>[@revision]/<file>`, unless it is there.

    The Hub's own client downloads it into the crawl's work folder: it knows by its tag whether
    the file has changed, and goes on with a download that was cut.
    """
    parts = _REMOTE.fullmatch(address)
    if parts is None:
        raise InvalidInput(
            f"'{address}' is no address of a dump: hf://datasets/<namespace>/<name>/<file>."
        )
    repository, revision, file = parts.groups()
    try:
        path = hf_hub_download(
            repository,
            file,
            repo_type="dataset",
            revision=revision,
            cache_dir=settings.folder / "dumps",
            endpoint=settings.hub,
            token=settings.access or False,
            library_name="gpai_scan",
        )
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        raise Interrupted(
            f"{settings.hub} cannot be reached for '{address}'; run the same command again."
        ) from error
    except (EntryNotFoundError, HfHubHTTPError) as error:
        raise InvalidInput(f"'{address}' cannot be had: {str(error).splitlines()[0]}") from error
    return DumpSource(Path(path), address.removeprefix("hf://"))

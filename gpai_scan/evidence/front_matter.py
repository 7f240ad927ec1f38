"""What the YAML at the top of a card states: licence, base, data sets, languages, emissions.

Simple keys are read by vectorised expressions. Cards whose keys are written in other ways (block
scalars, nested lists, quotes with escapes) go through libyaml's event stream: it builds no
objects, so that neither aliases nor nesting can make it expensive, and it leaves every scalar as
written: `no` stays Norwegian and `1e25` stays a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import polars as pl
import yaml

from gpai_scan import assets, schema
from gpai_scan.sources import Raw

CARD: Final = "README.md"
LIMIT: Final = 200_000
"""Characters of a front matter that are read; the longest legitimate ones hold evaluation tables
of a few thousand lines."""
_EVENTS: Final = 200_000
_ITEMS: Final = 500
_DEEPEST: Final = 24
"""Nesting beyond which nothing of ours lies; libyaml pays the square of the depth."""

KEYS: Final[dict[str, str]] = {
    "license": "licence",
    "license_name": "licence",
    "base_model": "base_model",
    "base_model_relation": "relation",
    "datasets": "dataset",
    "language": "language",
    "co2_eq_emissions": "emissions",
}
"""Keys that are read and the quantity each is a claim about."""

_CONTINUES: Final = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_PLACEHOLDERS: Final = ("", "~", "null", "none", "[]", "{}", "n/a", "unknown", "tbd", "todo")
_OPENING: Final = r"\A\x{feff}?\s{0,8}---[ \t]*\r?\n"
_BLOCK: Final = _OPENING + r"(?s:(.*?))(?:\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\z)|\z)"
_RAW_SCHEMA: Final = {
    "repo_id": pl.String,
    "key": pl.String,
    "value": pl.String,
    "line": pl.Int32,
    "start": pl.Int32,
    "quote": pl.String,
}


def blocks(documents: pl.LazyFrame) -> pl.LazyFrame:
    """The front matter of each card: `repo_id, revision, block, lines`.

    `block` begins after the first `---`; its first line is line 2 of the card, or later where
    blank lines precede. A block that never ends is none.
    """
    text = pl.col("text").str.head(LIMIT)
    opening = text.str.extract(f"({_OPENING})")
    return (
        documents.filter(pl.col("path") == CARD, pl.col("text").is_not_null())
        .filter(text.str.head(16).str.contains(r"\A\x{feff}?\s{0,8}---"))
        .filter(text.str.contains(r"\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\z)"))
        .select(
            "repo_id",
            "revision",
            text.str.extract(_BLOCK).alias("block"),
            (opening.str.count_matches("\n") + 1).cast(pl.Int32).alias("first"),
        )
        .filter(pl.col("block").is_not_null())
    )


def _is_simple(rest: pl.Expr, items: pl.Expr) -> pl.Expr:
    """Whether a value is a plain or simply quoted scalar, a flat flow list, or plain items."""
    plain = r"""[^\s\[\]{}&*!|>%@`"'#,][^"'\[\]{}\r\n]*"""
    quoted = r""""[^"\\\r\n]*"|'[^'\r\n]*'"""
    scalar = f"(?:{plain}|{quoted})"
    element = f"""(?:[^\\s\\[\\]{{}}&*!|>%@`"'#,][^"'\\[\\]{{}}\\r\\n,]*|{quoted})"""
    flow = rf"\[[ \t]*(?:{element}(?:[ \t]*,[ \t]*{element})*)?[ \t]*,?[ \t]*\]"
    one = rf"\A(?:{scalar}|{flow})?[ \t]*(?:#.*)?\z"
    item = rf"(?:[ \t]*-[ \t]+{scalar}[ \t]*(?:#[^\r\n]*)?|[ \t]*#[^\r\n]*|[ \t]*)"
    many = rf"\A(?:\r?\n{item})*\z"
    mapping = r"\n[ \t]*- (?:[A-Za-z_]+:[ \t]|[A-Za-z_]+:$)"
    return rest.str.contains(one) & items.str.contains(many) & ~items.str.contains(mapping)


def _of_key(blocks: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The blocks that have a key, with what stands before it, beside it and below it."""
    pattern = (
        rf"(?ms)\A(?P<before>.*?)^(?P<head>{key}:[ \t]*)(?P<rest>[^\r\n]*)"
        r"(?P<items>(?:\r?\n(?:[ \t]+[^\r\n]*|- [^\r\n]*|-|[ \t]*#[^\r\n]*|[ \t]*))*)"
    )
    return (
        blocks.filter(pl.col("block").str.contains(rf"(?m)^{key}:"))
        .with_columns(pl.col("block").str.extract_groups(pattern).alias("_found"))
        .unnest("_found")
        .filter(pl.col("head").is_not_null())
    )


def _simple(found: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """Values of simple keys, one row each, with line and column."""
    first = pl.col("first") + pl.col("before").str.count_matches("\n").cast(pl.Int32)
    scalar = found.select(
        "repo_id",
        value=pl.col("rest").str.replace(r"(?:\A|[ \t])#.*\z", ""),
        line=first,
        lead=pl.col("head").str.len_chars().cast(pl.Int32),
        quote=pl.concat_str("head", "rest"),
    ).filter(pl.col("value").str.strip_chars() != "")
    below = (
        found.filter(pl.col("items").str.contains(r"\n[ \t]*-"))
        .select(
            "repo_id",
            items=pl.col("items").str.replace(r"\A\r?\n", "").str.split("\n").list.head(_ITEMS),
            line=first + 1,
        )
        .with_columns(row=pl.int_ranges(pl.col("items").list.len()))
        .explode("items", "row")
        .with_columns(pl.col("items").str.strip_chars_end("\r"))
        .filter(pl.col("items").str.contains(r"^[ \t]*-[ \t]+\S"))
        .select(
            "repo_id",
            value=pl.col("items")
            .str.replace(r"^[ \t]*-[ \t]+", "")
            .str.replace(r"(?:\A|[ \t])#.*\z", ""),
            line=pl.col("line") + pl.col("row").cast(pl.Int32),
            lead=pl.col("items").str.extract(r"^([ \t]*-[ \t]+)").str.len_chars().cast(pl.Int32),
            quote=pl.col("items"),
        )
    )
    flow = r"\A\[.*\]\z"
    value = pl.col("value").str.strip_chars()
    rows = pl.concat([scalar, below]).with_columns(value.alias("value"))
    lists = (
        rows.filter(pl.col("value").str.contains(flow))
        .with_columns(
            pl.col("value").str.slice(1).str.strip_suffix("]").str.split(",").list.head(_ITEMS)
        )
        .explode("value")
        .filter(pl.col("value").is_not_null())
    )
    every = pl.concat([rows.filter(~pl.col("value").str.contains(flow)), lists])
    return every.select(
        "repo_id",
        pl.lit(key).alias("key"),
        pl.col("value").str.strip_chars(" \t\"'").alias("value"),
        "line",
        pl.col("lead").alias("start"),
        "quote",
    )


def _plain_nodes(block: str) -> Iterator[tuple[tuple[str, ...], str, int, int]]:
    """Scalars below the top-level keys, as written: path of keys, text, line and column from 0.

    Reads libyaml's events with a stack of our own; stops at the first syntax error and after a
    bounded number of events, with what was read until then.
    """
    stack: list[tuple[bool, str | None]] = []
    loader = yaml.CSafeLoader(block) if yaml.__with_libyaml__ else yaml.SafeLoader(block)
    try:
        for _ in range(_EVENTS):
            if not loader.check_event():
                return
            event = loader.get_event()
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                stack.append((isinstance(event, yaml.MappingStartEvent), None))
                if len(stack) > _DEEPEST:
                    return
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                stack.pop()
                _end_of_value(stack)
            elif isinstance(event, yaml.AliasEvent):
                _end_of_value(stack)
            elif isinstance(event, yaml.ScalarEvent):
                if stack and stack[-1] == (True, None):
                    stack[-1] = (True, event.value)
                    continue
                if 1 <= len(stack) <= 3 and stack[0][0]:
                    path = tuple(key for is_map, key in stack if is_map and key is not None)
                    yield path, event.value, event.start_mark.line, event.start_mark.column
                _end_of_value(stack)
    except (yaml.YAMLError, ValueError, IndexError):
        return
    finally:
        loader.dispose()


def _end_of_value(stack: list[tuple[bool, str | None]]) -> None:
    """A value of a mapping is complete: the next scalar of it is a key."""
    if stack and stack[-1][0]:
        is_key = stack[-1][1] is None
        stack[-1] = (True, "") if is_key else (True, None)


def _read_events(rows: pl.DataFrame) -> pl.DataFrame:
    """The keys of the few cards that expressions cannot read, through libyaml."""
    found: list[tuple[str, str, str, int, int, str]] = []
    for repo_id, block, first in rows.select("repo_id", "block", "first").iter_rows():
        lines = block.split("\n")
        for path, value, line, column in _plain_nodes(block):
            key = ".".join(path)
            if path and path[0] in KEYS and len(value) <= 2000:
                while line + 1 < len(lines) and value.split("\n")[0] not in lines[line]:
                    if not _CONTINUES.search(lines[line]):
                        break
                    line, column = line + 1, len(lines[line + 1]) - len(lines[line + 1].lstrip())
                quote = lines[line].strip() if line < len(lines) else ""
                found.append((repo_id, key, value.strip(), first + line, column, quote))
    return pl.DataFrame(found, schema=_RAW_SCHEMA, orient="row")


def entries(documents: pl.LazyFrame) -> pl.LazyFrame:
    """Scalars of the wanted keys: `repo_id, revision, key, value, line, start, quote`.

    A key below another is written with a dot: `co2_eq_emissions.emissions`.
    """
    found = blocks(documents).collect().lazy()
    parts: list[pl.LazyFrame] = []
    hard: list[pl.LazyFrame] = []
    for key in KEYS:
        of_key = _of_key(found, key).with_columns(
            _is_simple(pl.col("rest"), pl.col("items")).alias("_simple")
        )
        of_key = of_key.collect().lazy()  # one plan over all keys is slower to make than to run
        parts.append(_simple(of_key.filter("_simple"), key).with_columns(_of=pl.lit(key)))
        hard.append(of_key.filter(~pl.col("_simple")).select("repo_id", key=pl.lit(key)))
    difficult = pl.concat(hard)
    through = (
        found.join(difficult.select("repo_id").unique(), on="repo_id", how="semi")
        .map_batches(_read_events, schema=pl.Schema(_RAW_SCHEMA))
        .with_columns(_of=pl.col("key").str.extract(r"^([^.]+)"))
        .join(difficult.rename({"key": "_of"}), on=["repo_id", "_of"], how="semi")
    )
    every = pl.concat([*parts, through])
    return every.filter(
        ~pl.col("value").str.to_lowercase().is_in(_PLACEHOLDERS)
        | pl.col("key").str.starts_with("license")
    ).join(found.select("repo_id", "revision"), on="repo_id", how="left")


def _licences(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One licence a statement: its identifier, or its given name where that is `other`."""
    identifiers = rows.filter(pl.col("key") == "license")
    names = rows.filter(pl.col("key") == "license_name")
    named = names.select("repo_id").unique()
    other = pl.col("value").str.to_lowercase() == "other"
    kept = pl.concat(
        [
            identifiers.filter(~other),
            identifiers.filter(other).join(named, on="repo_id", how="anti"),
            names.join(identifiers.filter(~other), on="repo_id", how="anti"),
        ]
    )
    absent = pl.col("value").str.to_lowercase().is_in(_PLACEHOLDERS)
    return kept.filter(~absent).with_columns(pl.col("value").str.to_lowercase().alias("text"))


def _relations(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The hub's words for kinds of derivation as `schema.RELATIONS`; others are dropped."""
    return (
        rows.filter(pl.col("key") == "base_model_relation")
        .with_columns(pl.col("value").str.to_lowercase().alias("text"))
        .filter(pl.col("text").is_in(schema.RELATIONS))
    )


def _emissions(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Grams of CO2 equivalent: the hub's key is in grams, alone or as `emissions` below it."""
    number = r"^([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)[ \t]*(k?g|tons?|t)?(?-u:\b)"
    lower = pl.col("value").str.to_lowercase().str.replace_all(r"([0-9])[_,]", "$1")
    factor = lower.str.extract(number, 2).replace_strict(
        {"kg": 1e3, "t": 1e6, "ton": 1e6, "tons": 1e6}, default=1.0, return_dtype=pl.Float64
    )
    keys = ("co2_eq_emissions", "co2_eq_emissions.emissions")
    grams = lower.str.extract(number, 1).cast(pl.Float64, strict=False) * factor
    return (
        rows.filter(pl.col("key").is_in(keys))
        .with_columns(number=grams)
        .filter(pl.col("number").is_not_null())
    )


def _hardware(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The accelerator named beside the emissions, as `data/accelerators.csv` calls it."""
    table = pl.read_csv(assets.folder("data") / "accelerators.csv", infer_schema=False)
    aliases = (
        table.select("accelerator", pl.col("aliases").str.split(";").alias("alias"))
        .explode("alias")
        .with_columns(pl.col("alias").str.strip_chars().str.to_lowercase())
        .filter(pl.col("alias").str.len_chars() >= 3)
        .unique("alias", keep="first", maintain_order=True)
        .sort(pl.col("alias").str.len_chars(), "alias", descending=[True, False])
    )
    level = pl.col("value").str.to_lowercase().str.replace_all(r"[\s_()-]+", " ")
    known = "|".join(re.escape(alias) for alias in aliases["alias"])
    alias = level.str.extract(rf"(?-u:\b)({known})(?-u:\b)")
    text = alias.replace_strict(aliases["alias"], aliases["accelerator"], default=None)
    return (
        rows.filter(pl.col("key") == "co2_eq_emissions.hardware_used")
        .with_columns(text=text)
        .filter(pl.col("text").is_not_null())
    )


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the front matter of the cards, method `front_matter` (`schema.EVIDENCE`)."""
    rows = entries(raw.documents).collect().lazy()
    texts = {"base_model": "base_model", "datasets": "dataset", "language": "language"}
    plain = rows.filter(pl.col("key").is_in(texts)).with_columns(text=pl.col("value"))
    of = [
        plain.with_columns(pl.col("key").replace(texts).alias("quantity")),
        _licences(rows).with_columns(quantity=pl.lit("licence")),
        _relations(rows).with_columns(quantity=pl.lit("relation")),
        _emissions(rows).with_columns(quantity=pl.lit("emissions")),
        _hardware(rows).with_columns(quantity=pl.lit("accelerator_model")),
    ]
    claims = pl.concat(of, how="diagonal").with_columns(
        pl.col("number").alias("value"),
        pl.col("text").str.slice(0, 500),
        pl.lit("front_matter").alias("method"),
        pl.lit(CARD).alias("file"),
        pl.lit("equal").alias("bound"),
        (pl.col("start") + pl.col("value").cast(pl.String).str.len_chars().cast(pl.Int32)).alias(
            "end"
        ),
        pl.col("quote").str.strip_chars().str.slice(0, 200),
    )
    return schema.EVIDENCE.conform(claims)

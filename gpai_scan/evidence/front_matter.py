"""What the YAML at the top of a card states: licence, base, data sets, languages, emissions.

Simple keys are read by vectorised expressions. Cards whose keys are written in other ways (block
scalars, nested lists, quotes with escapes) go through libyaml's event stream: it builds no
objects, so that neither aliases nor nesting can make it expensive, and it leaves every scalar as
written: `no` stays Norwegian and `1e25` stays a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
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
    "library_name": "relation",
    "datasets": "dataset",
    "language": "language",
    "co2_eq_emissions": "emissions",
}
"""Keys that are read and the quantity each is a claim about."""

_CONTINUES: Final = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_PLACEHOLDERS: Final = ("", "~", "null", "none", "[]", "{}", "n/a", "unknown", "tbd", "todo")
_NAMELESS: Final = (
    "license", "licence", "other", "custom", "custom license", "see license", "link",
    "license link", "license txt", "license md", "license pdf", "your license name",
    "license name", "proprietary", "model license", "model licence",
)  # fmt: skip
"""Names of a licence that name none."""
_OPENING: Final = r"\A\x{feff}?\s{0,8}---[ \t]*\r?\n"
_WHOLE: Final = rf"{_OPENING}((?s:.*?))\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\z)"
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
        .filter(pl.col("text").str.head(16).str.contains(r"\A\x{feff}?\s{0,8}---"))
        .select(
            "repo_id",
            "revision",
            text.str.extract(_WHOLE).alias("block"),
            (opening.str.count_matches("\n") + 1).cast(pl.Int32).alias("first"),
        )
        .filter(pl.col("block").is_not_null())
    )


# Values that need no parser: plain or simply quoted scalars, flat flow lists, lines of items.
_HEAD: Final = rf"^((?:{'|'.join(KEYS)}):[ \t]*)"
_BELOW: Final = r"^(?:[ \t]|- |-\z|#|\z)"
_COMMENT: Final = r"(?:\A|[ \t])#.*\z"
_PLAIN: Final = r"""[^\s\[\]{}&*!|>%@`"'#,][^"'\[\]{}\r\n]*"""
_QUOTED: Final = r""""[^"\\\r\n]*"|'[^'\r\n]*'"""
_ELEMENT: Final = rf"""(?:[^\s\[\]{{}}&*!|>%@`"'#,][^"'\[\]{{}}\r\n,]*|{_QUOTED})"""
_FLOW: Final = rf"\[[ \t]*(?:{_ELEMENT}(?:[ \t]*,[ \t]*{_ELEMENT})*)?[ \t]*,?[ \t]*\]"
_ONE: Final = rf"\A(?:{_PLAIN}|{_QUOTED}|{_FLOW})?[ \t]*(?:#.*)?\z"
_ITEM: Final = rf"\A[ \t]*(?:-[ \t]+(?:{_PLAIN}|{_QUOTED})[ \t]*(?:#[^\r\n]*)?|#[^\r\n]*)?\z"


def _lines(found: pl.DataFrame) -> pl.DataFrame:
    """The lines of all front matters, those that begin a key and those below one.

    `card` numbers the front matters, `row` the lines of each from 0; `group` goes up with each
    line that is not below another.
    """
    text = pl.col("text").str.strip_suffix("\r")
    return (
        found.with_row_index("card")
        .select("card", "repo_id", "first", text=pl.col("block").str.split("\n"))
        .with_columns(row=pl.int_ranges(pl.col("text").list.len()))
        .explode("text", "row")
        .with_columns(
            text, ends=pl.col("card") != pl.col("card").shift(-1, fill_value=found.height)
        )
        .with_columns(below=pl.col("text").str.contains(_BELOW) & (pl.col("row") > 0))
        .with_columns(group=(~pl.col("below")).cum_sum())
    )


def _keys(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of the wanted keys, each once a card, with `simple`, and the lines below them."""
    tops = lines.filter(~pl.col("below"))
    dashed = (
        pl.col("text").shift(-1).str.starts_with("-") & (pl.col("card") == pl.col("card").shift(-1))
    ).fill_null(False)  # fmt: skip
    heads = (
        tops.with_columns(lead=pl.col("text").str.extract(_HEAD), _dashed=dashed)
        .filter(pl.col("lead").is_not_null())
        .with_columns(
            key=pl.col("lead").str.strip_chars_end(" \t:"),
            rest=pl.col("text").str.replace(_HEAD, ""),
        )
        .unique(["card", "key"], keep="first", maintain_order=True)
    )
    under = lines.filter("below").join(
        heads.select("group", "key", head="row"), on="group", maintain_order="left"
    )
    text = pl.col("text")
    mapping = text.str.contains(r"^[ \t]*- [A-Za-z_]+:[ \t]") | (
        pl.col("ends") & text.str.contains(r"^[ \t]*- [A-Za-z_]+:\z")
    )
    odd = under.filter(~text.str.contains(_ITEM) | mapping)["group"].unique().implode()
    simple = pl.col("rest").str.contains(_ONE) & ~pl.col("_dashed") & ~pl.col("group").is_in(odd)
    return heads.with_columns(simple=simple), under


def _simple(heads: pl.DataFrame, under: pl.DataFrame) -> pl.DataFrame:
    """Values of simple keys, one row each, with line and column."""
    place = (pl.col("first") + pl.col("row").cast(pl.Int32)).alias("line")
    length = pl.col("lead").str.len_chars().cast(pl.Int32).alias("start")
    scalar = heads.select(
        "repo_id", "key", place, length, value="rest", quote=pl.concat_str("lead", "rest")
    )
    below = (
        under.filter(pl.col("row") - pl.col("head") <= _ITEMS)
        .join(heads.select("group"), on="group", how="semi")
        .with_columns(lead=pl.col("text").str.extract(r"^([ \t]*-[ \t]+)\S"))
        .filter(pl.col("lead").is_not_null())
        .select(
            "repo_id", "key", place, length,
            value=pl.col("text").str.replace(r"^[ \t]*-[ \t]+", ""), quote="text",
        )
    )  # fmt: skip
    value = pl.col("value").str.replace(_COMMENT, "").str.strip_chars()
    rows = pl.concat(
        [scalar.with_columns(value).filter(pl.col("value") != ""), below.with_columns(value)]
    )
    flow = pl.col("value").str.contains(r"\A\[.*\]\z")
    lists = (
        rows.filter(flow)
        .with_columns(
            pl.col("value").str.slice(1).str.strip_suffix("]").str.split(",").list.head(_ITEMS)
        )
        .explode("value")
        .filter(pl.col("value").is_not_null())
    )
    every = pl.concat([rows.filter(~flow), lists])
    return every.with_columns(pl.col("value").str.strip_chars(" \t\"'")).select(*_RAW_SCHEMA)


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
    found = blocks(documents).collect()
    heads, under = _keys(_lines(found))
    difficult = heads.filter(~pl.col("simple")).select("repo_id", _of="key")
    through = (
        _read_events(found.join(difficult, on="repo_id", how="semi"))
        .with_columns(_of=pl.col("key").str.extract(r"^([^.]+)"))
        .join(difficult, on=["repo_id", "_of"], how="semi")
        .drop("_of")
    )
    every = pl.concat([_simple(heads.filter("simple"), under), through])
    said = ~pl.col("value").str.to_lowercase().is_in(_PLACEHOLDERS)
    return (
        every.filter(said | pl.col("key").str.starts_with("license"))
        .join(found.select("repo_id", "revision"), on="repo_id", how="left")
        .lazy()
    )


def _licences(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One licence a statement: its identifier, or its given name where that is `other`."""
    identifiers = rows.filter(pl.col("key") == "license")
    given = pl.col("value").str.to_lowercase().str.replace_all(r"[\s_.:-]+", " ").str.strip_chars()
    names = rows.filter((pl.col("key") == "license_name") & ~given.is_in(_NAMELESS))
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
    """The hub's words for kinds of derivation as `schema.RELATIONS`; others are dropped.

    A card whose library is PEFT is an adapter's, unless it says what it is.
    """
    said = (
        rows.filter(pl.col("key") == "base_model_relation")
        .with_columns(pl.col("value").str.to_lowercase().alias("text"))
        .filter(pl.col("text").is_in(schema.RELATIONS))
    )
    peft = rows.filter(
        pl.col("key") == "library_name", pl.col("value").str.to_lowercase() == "peft"
    ).join(said, on="repo_id", how="anti")
    return pl.concat([said, peft.with_columns(text=pl.lit("adapter"))])


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
    aliases = _accelerators()
    level = pl.col("value").str.to_lowercase().str.replace_all(r"[\s_()-]+", " ")
    known = "|".join(re.escape(alias) for alias in aliases)
    alias = level.str.extract(rf"(?-u:\b)({known})(?-u:\b)")
    return (
        rows.filter(pl.col("key") == "co2_eq_emissions.hardware_used")
        .with_columns(text=alias.replace_strict(aliases, default=None, return_dtype=pl.String))
        .filter(pl.col("text").is_not_null())
    )


@cache
def _accelerators() -> dict[str, str]:
    """What accelerators are called, lower case, longest first -> their names."""
    table = pl.read_csv(assets.folder("data") / "accelerators.csv", infer_schema=False)
    aliases = (
        table.select("accelerator", pl.col("aliases").str.split(";").alias("alias"))
        .explode("alias")
        .with_columns(pl.col("alias").str.strip_chars().str.to_lowercase())
        .filter(pl.col("alias").str.len_chars() >= 3)
        .unique("alias", keep="first", maintain_order=True)
        .sort(pl.col("alias").str.len_chars(), "alias", descending=[True, False])
    )
    return dict(aliases.select("alias", "accelerator").iter_rows())


def evidence(raw: Raw) -> pl.LazyFrame:
    """Claims of the front matter of the cards, method `front_matter` (`schema.EVIDENCE`)."""
    stated = entries(raw.documents).collect()
    if stated.is_empty():
        return schema.EVIDENCE.empty().lazy()
    rows = stated.lazy()
    texts = {"base_model": "base_model", "datasets": "dataset", "language": "language"}
    plain = rows.filter(pl.col("key").is_in(texts)).with_columns(text=pl.col("value"))
    of = [
        plain.with_columns(pl.col("key").replace(texts).alias("quantity")),
        _licences(rows).with_columns(quantity=pl.lit("licence")),
        _relations(rows).with_columns(quantity=pl.lit("relation")),
        _emissions(rows).with_columns(quantity=pl.lit("emissions")),
    ]
    if stated["key"].eq("co2_eq_emissions.hardware_used").any():
        of.append(_hardware(rows).with_columns(quantity=pl.lit("accelerator_model")))
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

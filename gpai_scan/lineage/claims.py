"""What is said about the parents of a repository, and which repository is meant.

Repositories go by their number in the index here (`row`): joins over numbers cost a fraction of
joins over names.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan import schema
from gpai_scan.entities import looked_up
from gpai_scan.lineage import names

_RANK: Final[dict[str, int]] = {
    "override": 0,
    "front_matter": 1,
    "listing": 1,
    "card_table": 2,
    "card_text": 2,
    "card_derived": 2,
    "config": 3,
    "gguf": 3,
    "weights": 3,
    "weights_index": 3,
    "config_generic": 3,
    "reference": 4,
}
"""Who is believed first about a parent: metadata meant for it, then prose, then leftovers such as
`_name_or_path`. Claims of a later rank are used only where no earlier one names a parent."""

_RELATION_WORDS: Final[dict[str, str]] = {
    "base": "base",
    "finetune": "finetune",
    "fine-tune": "finetune",
    "finetuned": "finetune",
    "fine-tuned": "finetune",
    "sft": "finetune",
    "dpo": "finetune",
    "continued_pretraining": "continued_pretraining",
    "continued-pretraining": "continued_pretraining",
    "continued pretraining": "continued_pretraining",
    "cpt": "continued_pretraining",
    "adapter": "adapter",
    "lora": "adapter",
    "merge": "merge",
    "merged": "merge",
    "quantized": "quantized",
    "quantised": "quantized",
    "quantization": "quantized",
    "pruned": "pruned",
    "distilled": "distilled",
    "distillation": "distilled",
    "upcycled": "upcycled",
    "mirror": "mirror",
}
VAGUE: Final = ("finetune", "unknown", "base")
"""Relations that anybody writes for want of a better one."""

PATH: Final = r"^(?:[./~\\]|[A-Za-z]:[\\/])|/.*/|\\"
"""A local path, not an identifier: absolute, relative, or more than one slash."""
IDENTIFIER: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+$"


def relation(word: pl.Expr) -> pl.Expr:
    """A word for a kind of derivation as one of `schema.RELATIONS`; null where none fits."""
    key = word.str.strip_chars().str.to_lowercase()
    return key.replace_strict(_RELATION_WORDS, default=None, return_dtype=pl.String)


def identifier(text: pl.Expr) -> pl.Expr:
    """The repository a text names: addresses shortened to `namespace/name`, the rest as it is."""
    return (
        text.str.strip_chars(" \t\r\n`\"'<>")
        .str.replace(r"^(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?:models/)?", "")
        .str.replace(r"^((?-u:[\w.-])+/(?-u:[\w.-])+)/(?:tree|blob|resolve)/.*$", "$1")
        .str.replace(r"[#?].*$", "")
        .str.replace(r"(?:\.git|/)$", "")
    )


def index(repositories: pl.LazyFrame, entities: pl.LazyFrame) -> pl.LazyFrame:
    """One row a repository with its number and the keys parents are looked up by."""
    known = entities.collect()
    mapped = known.filter(pl.col("source") != "namespace")
    roles = known.filter(pl.col("role").is_not_null())
    space = pl.col("_space")
    key = names.level(names.last_part(pl.col("repo_id")))
    adapter = pl.col("library_name") == "peft"
    marked = pl.col("_quantised") | pl.col("_formatted")
    bare = names.without_marks(pl.when(marked).then("_worded"))
    developer = pl.col("role").is_in(["developer", "developer+copies", "alias"])
    copier = pl.col("role").is_in(["re-uploader", "canonical-copy", "test-stub"])
    return (
        repositories.select(
            "repo_id",
            pl.col("namespace").str.to_lowercase().alias("_space"),
            "created_at",
            relation(pl.col("base_relation")).alias("_hub_relation"),
            pl.col("gguf_total").is_not_null().alias("_gguf"),
            adapter.fill_null(value=False).alias("_adapter"),
            pl.coalesce("safetensors_total", "gguf_total").alias("_size"),
            key.alias("_name"),
        )
        .with_row_index("row")
        .with_columns(
            names.words(pl.col("_name")).alias("_worded"),
            looked_up(space, mapped, "namespace", "entity_id").alias("entity_id"),
            looked_up(space, roles, "namespace", "role").alias("role"),
        )
        .with_columns(
            names.is_quantised(pl.col("_worded")).alias("_quantised"),
            names.is_converted(pl.col("_worded")).alias("_formatted"),
        )
        .with_columns(
            pl.when(marked).then(bare).otherwise("_name").alias("_plain"),
            developer.fill_null(value=False).alias("_developer"),
            copier.fill_null(value=False).alias("_copier"),
        )
        .drop("_worded", "_formatted")
    )


OWN_TRAINING: Final = ("tokens", "unique_tokens", "steps", "training_flop")
"""Quantities that, said of pre-training, tell a training of the repository's own."""
_KINDS: Final = ("relation", "shape_fingerprint", "parameters_trainable", *OWN_TRAINING)
_FILES_OF_ADAPTERS: Final = ("weights", "weights_index", "config", "config_generic")
"""Where trainable parameters are counted in files, the files are those of an adapter: there is an
`adapter_config.json` beside the weights (see `evidence.adapters` and `evidence.safetensors`)."""
_PLACE: Final = {"file": pl.String, "quote": pl.String, "line": pl.Int32, "start": pl.Int32}


def told(facts: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """What lineage reads of the facts (or claims) besides parents, with the number in the index.

    Columns `row, quantity, stage, method, text, usable`, of `relation`, `shape_fingerprint`,
    `parameters_trainable` and the quantities of `OWN_TRAINING`; see `_usable`.
    """
    words = (pl.col(name).cast(pl.String) for name in ("quantity", "stage", "method"))
    rows = facts.filter(pl.col("quantity").is_in(_KINDS))
    asked = rows.select("repo_id", *words, "text", _usable(facts).alias("usable"))
    return _numbered(asked, index).drop("repo_id")


def _parents(facts: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """The usable claims (or facts) about parents, with the number in the index."""
    known = facts.collect_schema().names()
    named = (pl.col("quantity") == "base_model") & pl.col("text").is_not_null()
    place = (
        pl.col(name) if name in known else pl.lit(None, kind).alias(name)
        for name, kind in _PLACE.items()
    )
    method = pl.col("method").cast(pl.String)
    asked = facts.filter(named & _usable(facts)).select("repo_id", "text", method, *place)
    return _numbered(asked, index)


def _usable(facts: pl.LazyFrame) -> pl.Expr:
    """Whether a claim is about the repository itself and not rejected."""
    known = facts.collect_schema().names()
    unsaid = [pl.col(name).is_null() for name in ("rejected", "subject") if name in known]
    return pl.all_horizontal(pl.lit(value=True), *unsaid)


def _numbered(rows: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of repositories of the index, with their number there."""
    read = rows.collect(engine="streaming").lazy()
    joined = read.join(index.select("repo_id", "row"), on="repo_id", maintain_order="left")
    return joined.collect(engine="in-memory").lazy()


_READ_ORDER: Final = ("row", "method", "file", "line", "start", "text")
_ORDER: Final = ("row", "position", "method", "text", "quote", "file")
"""A total order of claims about parents, so that threads cannot choose; a quote before none."""


def _rank() -> pl.Expr:
    return pl.col("method").replace_strict(_RANK, default=9, return_dtype=pl.Int8)


def stated(repositories: pl.LazyFrame, facts: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """All claims about parents: `row, repo_id, text, method, file, quote, position`.

    Of each repository only the claims of the rank believed first; what it says of itself is
    dropped. The hub's metadata stands in the order it names them, prose in that of the lines.
    """
    listed = (
        repositories.select("repo_id", "base_repo_ids", pl.col("listing_file").alias("file"))
        .with_row_index("row")
        .filter(pl.col("base_repo_ids").list.len() > 0)
        .with_columns(pl.int_ranges(1, pl.col("base_repo_ids").list.len() + 1).alias("position"))
        .explode("base_repo_ids", "position")
        .select(
            "row",
            "repo_id",
            pl.col("base_repo_ids").alias("text"),
            pl.lit("listing").alias("method"),
            "file",
            pl.lit(None, pl.String).alias("quote"),
            pl.col("position").cast(pl.Int64),
        )
    )
    known = _in_order(_parents(facts, index).collect(), pl.col("row"), _READ_ORDER)
    read = known.with_columns(pl.int_range(1, pl.len() + 1).over("row").alias("position")).select(
        "row", "repo_id", "text", "method", "file", "quote", "position"
    )
    claims = pl.concat([listed, read]).with_columns(
        identifier(pl.col("text")).alias("text"), _rank().alias("_rank")
    )
    own = pl.col("text").str.to_lowercase() == pl.col("repo_id").str.to_lowercase()
    useful = claims.filter((pl.col("text") != "") & ~own)
    first = pl.col("_rank") == pl.col("_rank").min().over("row")
    ranks = {name: rank for rank, name in enumerate(sorted(schema.METHODS))}
    method = pl.col("method").replace_strict(ranks, return_dtype=pl.UInt64)
    row, position = pl.col("row").cast(pl.UInt64), pl.col("position").cast(pl.UInt64)
    place = row * 2**32 + position * 2**8 + method
    return _in_order(useful.filter(first).drop("_rank").collect(), place, _ORDER)


def _in_order(claims: pl.DataFrame, number: pl.Expr, order: tuple[str, ...]) -> pl.LazyFrame:
    """The claims sorted by columns of which one number holds the first, and ties by the rest.

    Hardly any tie, and a sort by one number takes a tenth of the time of one by several texts.
    """
    placed = claims.with_columns(number.alias("_place"))
    tied = placed["_place"].is_duplicated()
    ties = placed.filter(tied).sort(order, nulls_last=True)
    ordered = pl.concat([placed.filter(~tied), ties]).sort("_place", maintain_order=True)
    return ordered.drop("_place").lazy()


def stated_relation(told: pl.LazyFrame) -> pl.LazyFrame:
    """The kind of derivation a repository states itself: `row, said`, the precise word first."""
    return (
        told.filter(pl.col("quantity") == "relation", pl.col("text").is_not_null(), "usable")
        .select("row", relation(pl.col("text")).alias("said"), _rank().alias("_rank"))
        .filter(pl.col("said").is_not_null())
        .sort("row", pl.col("said").is_in(VAGUE), "_rank", "said")
        .unique("row", keep="first", maintain_order=True)
        .select("row", "said")
    )


def adapters(told: pl.LazyFrame) -> pl.LazyFrame:
    """The repositories whose files are those of an adapter: `row`."""
    counted = pl.col("quantity") == "parameters_trainable"
    return told.filter(counted, pl.col("method").is_in(_FILES_OF_ADAPTERS), "usable").select("row")


def resolved(texts: pl.LazyFrame, index: pl.LazyFrame, entities: pl.LazyFrame) -> pl.LazyFrame:
    """The repository each distinct text means: `text, base_repo_id, known, note, _parent_plain`.

    In this order: the identifier as written; another spelling of its letters; the same name in
    another namespace of the same entity (a rename); a bare name that the scan knows. An identifier
    nobody has stays as it is; a bare name nobody has becomes `?/<name>`. Local paths that name
    nothing known are dropped.
    """
    folded = texts.with_columns(
        pl.col("text").str.to_lowercase().alias("_id"),
        names.level(names.last_part(pl.col("text"))).alias("_name"),
        pl.col("text").str.contains(IDENTIFIER).alias("_is_id"),
        pl.col("text").str.contains(PATH).alias("_is_path"),
    ).with_columns(pl.col("_id").str.extract(r"^([^/]+)/").alias("_space"))
    lowered = index.select("repo_id", pl.col("repo_id").str.to_lowercase().alias("_id"))
    by_id = (
        lowered.join(folded.select("_id").unique(), on="_id", how="semi")
        .sort("repo_id")
        .unique("_id", keep="last", maintain_order=True)
        .rename({"repo_id": "_hit"})
    )
    spaces = entities.filter(pl.col("source") != "namespace").select(
        pl.col("namespace").alias("_space"), "entity_id"
    )
    renamed = (
        index.filter(pl.col("entity_id").is_not_null())
        .sort("created_at", "repo_id", nulls_last=True)
        .unique(["entity_id", "_name"], keep="first", maintain_order=True)
        .select(pl.col("repo_id").alias("_renamed"), "entity_id", "_name")
    )
    bare = folded.filter(~pl.col("_is_id")).select("_name").unique()
    named = first_of_name(index.join(bare, on="_name", how="semi"), "_name").rename(
        {"repo_id": "_named"}
    )
    joined = (
        folded.join(by_id, on="_id", how="left")
        .join(spaces, on="_space", how="left")
        .join(renamed, on=["entity_id", "_name"], how="left")
        .join(named, on="_name", how="left")
    )
    return _meant(joined)


def _meant(joined: pl.LazyFrame) -> pl.LazyFrame:
    """Which of the candidates a text means, and how that is known."""
    is_id, found = pl.col("_is_id"), pl.col("_hit").is_not_null()
    base = (
        pl.when(found)
        .then("_hit")
        .when(is_id)
        .then(pl.coalesce("_renamed", "text"))
        .when(pl.col("_named").is_not_null())
        .then("_named")
        .when(~pl.col("_is_path"))
        .then(pl.concat_str([pl.lit("?/"), pl.col("_name")]))
    )
    other = pl.col("base_repo_id") != pl.col("text")
    unheard = pl.col("base_repo_id").str.starts_with("?/")
    note = (
        pl.when(found & other)
        .then(pl.lit("other spelling of the parent"))
        .when(other & is_id)
        .then(pl.lit("renamed: the entity has it under another namespace"))
        .when(other & ~unheard)
        .then(pl.lit("parent given by name only"))
        .when(other)
        .then(pl.lit("parent given by a name the scan does not have"))
    )
    key = names.level(names.last_part(pl.col("base_repo_id")))
    return (
        joined.with_columns(base.alias("base_repo_id"))
        .filter(pl.col("base_repo_id").is_not_null())
        .select(
            "text",
            "base_repo_id",
            (found | (other & ~unheard)).fill_null(value=False).alias("known"),
            note.alias("note"),
            names.without_marks(names.words(key)).alias("_parent_plain"),
        )
    )


def first_of_name(index: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The repository a bare name means: a developer's before others, then the oldest."""
    return (
        index.filter(pl.col(key).is_not_null() & ~pl.col("_quantised"))
        .sort(~pl.col("_developer"), "created_at", "repo_id", nulls_last=True)
        .unique(key, keep="first", maintain_order=True)
        .select("repo_id", key)
    )

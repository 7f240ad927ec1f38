"""What is said about the parents of a repository, and which repository is meant.

Repositories go by their number in the index here (`row`): joins over numbers cost a fraction of
joins over names.
"""

from __future__ import annotations

from typing import Final

import polars as pl

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
    mapped = entities.filter(pl.col("source") != "namespace").select(
        pl.col("namespace").alias("_space"), "entity_id"
    )
    roles = entities.filter(pl.col("role").is_not_null()).select(
        pl.col("namespace").alias("_space"), "role"
    )
    key = names.level(names.last_part(pl.col("repo_id")))
    adapter = (pl.col("library_name") == "peft") | pl.col("files").list.contains(
        "adapter_config.json"
    )
    worded = names.words(pl.col("_name"))
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
        .join(mapped, on="_space", how="left", maintain_order="left")
        .join(roles, on="_space", how="left", maintain_order="left")
        .with_columns(
            names.without_marks(worded).alias("_plain"),
            names.is_quantised(worded).alias("_quantised"),
            developer.fill_null(value=False).alias("_developer"),
            copier.fill_null(value=False).alias("_copier"),
        )
    )


def _read(facts: pl.LazyFrame, index: pl.LazyFrame, quantity: str) -> pl.LazyFrame:
    """Usable claims (or facts) about one textual quantity of the repositories themselves."""
    known = facts.collect_schema().names()
    rows = facts.filter(
        pl.col("quantity").cast(pl.String) == quantity, pl.col("text").is_not_null()
    )
    for column in ("rejected", "subject"):
        if column in known:
            rows = rows.filter(pl.col(column).is_null())
    texts = [pl.col(c) if c in known else pl.lit(None, pl.String).alias(c) for c in _WHERE]
    places = [pl.col(c) if c in known else pl.lit(None, pl.Int32).alias(c) for c in _PLACE]
    method = pl.col("method").cast(pl.String)
    return rows.select("repo_id", "text", method, *texts, *places).join(
        index.select("repo_id", "row"), on="repo_id"
    )


_WHERE: Final = ("file", "quote")
_PLACE: Final = ("line", "start")
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
    read = (
        _read(facts, index, "base_model")
        .sort("row", "method", "file", "line", "start", "text", nulls_last=True)
        .with_columns(pl.int_range(1, pl.len() + 1).over("row").alias("position"))
        .select("row", "repo_id", "text", "method", "file", "quote", "position")
    )
    claims = pl.concat([listed, read]).with_columns(
        identifier(pl.col("text")).alias("text"), _rank().alias("_rank")
    )
    own = pl.col("text").str.to_lowercase() == pl.col("repo_id").str.to_lowercase()
    useful = claims.filter((pl.col("text") != "") & ~own)
    first = pl.col("_rank") == pl.col("_rank").min().over("row")
    return useful.filter(first).drop("_rank").sort(_ORDER, nulls_last=True)


def stated_relation(facts: pl.LazyFrame, index: pl.LazyFrame) -> pl.LazyFrame:
    """The kind of derivation a repository states itself: `row, said`, the precise word first."""
    return (
        _read(facts, index, "relation")
        .select("row", relation(pl.col("text")).alias("said"), _rank().alias("_rank"))
        .filter(pl.col("said").is_not_null())
        .sort("row", pl.col("said").is_in(VAGUE), "_rank", "said")
        .unique("row", keep="first", maintain_order=True)
        .select("row", "said")
    )


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

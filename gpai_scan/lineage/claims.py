"""What is said about the parents of a repository, and which repository is meant."""

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


def evidence_of(facts: pl.LazyFrame, quantity: str) -> pl.LazyFrame:
    """Usable claims (or facts) about one textual quantity of the repository itself."""
    known = facts.collect_schema().names()
    rows = facts.filter(
        pl.col("quantity").cast(pl.String) == quantity, pl.col("text").is_not_null()
    )
    for column in ("rejected", "subject"):
        if column in known:
            rows = rows.filter(pl.col(column).is_null())
    return rows.select(
        "repo_id",
        pl.col("text"),
        pl.col("method").cast(pl.String),
        *(pl.col(c) if c in known else pl.lit(None, pl.String).alias(c) for c in ("file", "quote")),
        *(pl.col(c) if c in known else pl.lit(None, pl.Int32).alias(c) for c in ("line", "start")),
    )


def listed(repositories: pl.LazyFrame) -> pl.LazyFrame:
    """Parents named by the hub's own metadata, in the order it names them."""
    return (
        repositories.filter(pl.col("base_repo_ids").list.len() > 0)
        .select("repo_id", "base_repo_ids", pl.col("listing_file").alias("file"))
        .with_columns(pl.int_ranges(1, pl.col("base_repo_ids").list.len() + 1).alias("position"))
        .explode("base_repo_ids", "position")
        .select(
            "repo_id",
            pl.col("base_repo_ids").alias("text"),
            pl.lit("listing").alias("method"),
            "file",
            pl.lit(None, pl.String).alias("quote"),
            "position",
        )
    )


def stated(repositories: pl.LazyFrame, facts: pl.LazyFrame) -> pl.LazyFrame:
    """All claims about parents: `repo_id, text, method, file, quote, position, rank`.

    Of each repository only the claims of the rank believed first, each parent once; what the
    repository says of itself is dropped.
    """
    order = ["method", "file", "line", "start", "text"]
    read = (
        evidence_of(facts, "base_model")
        .sort("repo_id", *order, nulls_last=True)
        .with_columns(pl.int_range(1, pl.len() + 1).over("repo_id").alias("position"))
        .select("repo_id", "text", "method", "file", "quote", "position")
    )
    rank = pl.col("method").replace_strict(_RANK, default=9, return_dtype=pl.Int8)
    claims = pl.concat([listed(repositories), read], how="vertical_relaxed").with_columns(
        identifier(pl.col("text")).alias("text"), rank.alias("rank")
    )
    own = pl.col("text").str.to_lowercase() == pl.col("repo_id").str.to_lowercase()
    kept = claims.filter(
        (pl.col("text") != "") & ~own & (pl.col("rank") == pl.col("rank").min().over("repo_id"))
    )
    first = ["repo_id", "rank", "position", "method", "text"]
    return kept.sort(first).unique(["repo_id", "text"], keep="first", maintain_order=True)


def stated_relation(repositories: pl.LazyFrame, facts: pl.LazyFrame) -> pl.LazyFrame:
    """The kind of derivation somebody states: `repo_id, stated`, prose before the hub's guess."""
    rank = pl.col("method").replace_strict(_RANK, default=9, return_dtype=pl.Int8)
    read = evidence_of(facts, "relation").select(
        "repo_id", relation(pl.col("text")).alias("stated"), rank.alias("rank")
    )
    hub = repositories.select(
        "repo_id",
        relation(pl.col("base_relation")).alias("stated"),
        pl.lit(1, pl.Int8).alias("rank"),
    )
    precise = pl.col("stated").is_in(["finetune", "unknown", "base"])
    return (
        pl.concat([read, hub])
        .filter(pl.col("stated").is_not_null())
        .sort("repo_id", precise, "rank", "stated")
        .unique("repo_id", keep="first", maintain_order=True)
        .select("repo_id", "stated")
    )


def resolved(claims: pl.LazyFrame, index: pl.LazyFrame, entities: pl.LazyFrame) -> pl.LazyFrame:
    """The repository each claim means: adds `base_repo_id`, `known`, `note`.

    `index` is one row a repository of the scan (`lineage.index`). In this order: the identifier as
    written; another spelling of its letters; the same name in another namespace of the same
    entity (a rename); a bare name that the scan knows. An identifier nobody has stays as it is;
    a bare name nobody has becomes `?/<name>`. Local paths that name nothing known are dropped.
    """
    folded = claims.with_columns(
        pl.col("text").str.to_lowercase().alias("_id"),
        names.level(names.words(names.last_part(pl.col("text")))).alias("_name"),
        pl.col("text").str.contains(IDENTIFIER).alias("_is_id"),
        pl.col("text").str.contains(PATH).alias("_is_path"),
    )
    space = folded.with_columns(pl.col("_id").str.extract(r"^([^/]+)/").alias("_space"))
    by_id = (
        index.join(folded.select("_id").unique(), on="_id", how="semi")
        .sort("repo_id")
        .unique("_id", keep="last", maintain_order=True)
        .select(pl.col("repo_id").alias("_hit"), "_id")
    )
    spaces = entities.filter(pl.col("source") != "namespace").select(
        pl.col("namespace").alias("_space"), "entity_id"
    )
    renamed = (
        index.filter(pl.col("_mapped"))
        .sort("created_at", "repo_id", nulls_last=True)
        .unique(["entity_id", "_name"], keep="first", maintain_order=True)
        .select(pl.col("repo_id").alias("_renamed"), "entity_id", "_name")
    )
    bare = folded.filter(~pl.col("_is_id")).select("_name").unique()
    named = first_of_name(index.join(bare, on="_name", how="semi"), "_name").rename(
        {"repo_id": "_named"}
    )
    base = (
        pl.when(pl.col("_hit").is_not_null())
        .then("_hit")
        .when(pl.col("_is_id") & pl.col("_renamed").is_not_null())
        .then("_renamed")
        .when(pl.col("_is_id"))
        .then("text")
        .when(pl.col("_named").is_not_null())
        .then("_named")
        .when(~pl.col("_is_path"))
        .then(pl.concat_str([pl.lit("?/"), pl.col("_name")]))
    )
    joined = (
        space.join(by_id, on="_id", how="left")
        .join(spaces, on="_space", how="left")
        .join(renamed, on=["entity_id", "_name"], how="left")
        .join(named, on="_name", how="left")
        .with_columns(base.alias("base_repo_id"))
    )
    found = pl.col("_hit").is_not_null()
    other = pl.col("base_repo_id") != pl.col("text")
    note = (
        pl.when(found & other)
        .then(pl.lit("other spelling of the parent"))
        .when(other & pl.col("_is_id"))
        .then(pl.lit("renamed: the entity has it under another namespace"))
        .when(other & ~pl.col("base_repo_id").str.starts_with("?/"))
        .then(pl.lit("parent given by name only"))
        .when(other)
        .then(pl.lit("parent given by a name the scan does not have"))
    )
    known = found | (other & ~pl.col("base_repo_id").str.starts_with("?/"))
    return joined.filter(
        pl.col("base_repo_id").is_not_null() & (pl.col("base_repo_id") != pl.col("repo_id"))
    ).select(
        "repo_id",
        "base_repo_id",
        "method",
        "file",
        "quote",
        "position",
        known.fill_null(value=False).alias("known"),
        note.alias("note"),
    )


def first_of_name(index: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The repository a bare name means: a developer's before others, then the oldest."""
    return (
        index.filter(pl.col(key).is_not_null() & ~pl.col("_quantised"))
        .sort(~pl.col("_developer"), "created_at", "repo_id", nulls_last=True)
        .unique(key, keep="first", maintain_order=True)
        .select("repo_id", key)
    )


def index(repositories: pl.LazyFrame, entities: pl.LazyFrame) -> pl.LazyFrame:
    """One row a repository with the keys parents are looked up by."""
    mapped = entities.select("namespace", "entity_id", "role", "source")
    worded = names.words(names.last_part(pl.col("repo_id")))
    copied = pl.col("safetensors_total").fill_null(pl.col("gguf_total"))
    return (
        repositories.select(
            "repo_id",
            pl.col("namespace").str.to_lowercase(),
            "created_at",
            pl.col("gguf_total").is_not_null().alias("_gguf"),
            (
                (pl.col("library_name") == "peft")
                | pl.col("files").list.contains("adapter_config.json")
            )
            .fill_null(value=False)
            .alias("_adapter"),
            copied.alias("_size"),
            pl.col("repo_id").str.to_lowercase().alias("_id"),
            worded.alias("_words"),
        )
        .join(mapped, on="namespace", how="left")
        .with_columns(
            names.level(pl.col("_words")).alias("_name"),
            names.without_marks(pl.col("_words")).alias("_plain"),
            names.is_quantised(pl.col("_words")).alias("_quantised"),
            pl.col("role")
            .is_in(["developer", "developer+copies", "alias"])
            .fill_null(value=False)
            .alias("_developer"),
            (pl.col("source") != "namespace").fill_null(value=False).alias("_mapped"),
            pl.col("role")
            .is_in(["re-uploader", "canonical-copy", "test-stub"])
            .fill_null(value=False)
            .alias("_copier"),
        )
    )

"""Cuts cards down to the pieces worth reading, as Polars expressions over whole shards.

A piece is what stands between blank lines; an HTML table is one piece whatever is in it. Two
scans decide: a piece goes on where it holds a digit (or a number word) and a word of one of the
quantities. Everything after reads each distinct piece once.
"""

from __future__ import annotations

from typing import Final

import polars as pl

# Words without which no claim can be in a piece; compared without regard to ASCII case.
UNIT_WORDS: Final = (
    "token", "jeton", "fichas", "param", "epoch", "epoca", "époque", "gpu", "tpu", "npu", "hour", "heure", "horas",
    "stunden", "batch", "sequence", "seq_len", "steps", "iteration", "updates", "flop", "mfu", "a100", "h100", "h800", "a800",
    "h200", "h20 ", "v100", "b200", "mi250", "mi300", "gaudi", "ascend", "trainium", "rtx", "hardware", "accelerator",
    "kwh", "mwh", "co2", "carbon", "days", "weeks", "months", "corpus", "pairs", "samples", "examples", "sentences",
    "images", "hrs", "trained for", "training time", "bf16", "bfloat16", "fp16", "fp8", "node", "size",
    "词元", "参数", "參數", "パラメ", "トークン", "토큰", "파라미터", "매개변수", "токен", "параметр", "часов", "训练", "訓練", "小时",
    "時間", "学習", "توكن", "رمز", "معلم", "टोकन", "पैरामीटर", "parámetro", "paramètre", "parâmetro", "tham số",
)  # fmt: skip
NUMBER_WORDS: Final = ("illion", "illiard", "万", "億", "亿", "兆", "萬", "억", "조")
_DIGIT: Final = r"[0-9]|[\x{660}-\x{669}\x{6F0}-\x{6F9}\x{966}-\x{96F}\x{FF10}-\x{FF19}]"
CARD_PATH: Final = r"(?i)^readme\.md$"


def cards(documents: pl.LazyFrame) -> pl.LazyFrame:
    """The cards of a shard with line ends made alike; NUL and byte-order marks become spaces."""
    text = (
        pl.col("text")
        .str.replace_all("\r\n", "\n", literal=True)
        .str.replace_all("\r", "\n", literal=True)
        .str.replace_all("\x00", " ", literal=True)
        .str.replace_all("\ufeff", "", literal=True)
    )
    return (
        documents.filter(pl.col("text").is_not_null() & pl.col("path").str.contains(CARD_PATH))
        .select("repo_id", "revision", file="path", text=text)
        .with_row_index("document")
    )


def pieces(found: pl.LazyFrame) -> pl.LazyFrame:
    """The pieces of cards in order: `document, piece, line, text, fences, heading`.

    `line` is where the piece begins, counted from 0; `fences` the code fences before it;
    `heading` the last heading before it.
    """
    parts = found.select(
        "document", text=pl.col("text").str.replace_all(r"\n[ \t]+\n", "\n\n").str.split("\n\n")
    ).explode("text", empty_as_null=True, keep_nulls=True)
    newlines = pl.col("text").str.count_matches("\n", literal=True)
    fences = pl.col("text").str.count_matches("```", literal=True)
    opened = pl.col("text").str.count_matches(r"<table\b").cast(pl.Int64)
    closed = pl.col("text").str.count_matches("</table>", literal=True).cast(pl.Int64)
    heading = pl.col("text").str.extract_all(r"(?m)^#{1,6}[ \t][^\n]*").list.last()
    return (
        parts.with_columns(
            piece=pl.int_range(pl.len()).over("document"),
            line=((newlines + 2).cum_sum() - newlines - 2).over("document"),
            fences=(fences.cum_sum() - fences).over("document"),
            in_table=((opened - closed).cum_sum() - (opened - closed)).over("document") > 0,
            heading=heading.forward_fill().shift(1).over("document"),
        )
        .with_columns(piece=pl.when(pl.col("in_table")).then(None).otherwise("piece"))
        .with_columns(piece=pl.col("piece").forward_fill().over("document"))
    )


def whole(parts: pl.LazyFrame) -> pl.LazyFrame:
    """Pieces with the parts of an HTML table that blank lines cut apart put together again."""
    return parts.group_by("document", "piece", maintain_order=True).agg(
        pl.col("text").str.join("\n\n"), pl.col("line", "fences", "heading").first()
    )


def worth_reading() -> pl.Expr:
    """Whether the piece in `text` can hold a claim at all."""
    text = pl.col("text")
    digit = text.str.contains(_DIGIT) | text.str.contains_any(list(NUMBER_WORDS))
    return digit & text.str.contains_any(list(UNIT_WORDS), ascii_case_insensitive=True)

"""Cuts cards down to the pieces worth reading, as Polars expressions over whole shards.

A piece is what stands between blank lines; an HTML table is one piece whatever is in it. Two
scans decide: a piece goes on where it holds a digit (or a number word) and a word of one of the
quantities. Everything after reads each distinct piece once.
"""

from __future__ import annotations

from typing import Final

import polars as pl

# A piece without one of these words, or without one of WEAK right after a number, states nothing
# that the reader looks for. Compared without regard to ASCII case.
STRONG: Final = (
    *("token", "jeton", "fichas", "param", "epoch", "época", "époque", "flop", "mfu", "batch"),
    *(
        "gpu",
        " tpu",
        "(tpu",
        "*tpu",
        "\ntpu",
        "|tpu",
        " npu",
        "个npu",
        "accelerator",
    ),  # not "input"
    *("a100", "h100", "h800", "a800", "h200", "v100", "b200", "mi250", "mi300", "rtx"),
    *("gaudi", "ascend", "trainium", "kwh", "mwh", "co2", "seq_len", "sequence length"),
    *("hours used", "training time", "bf16", "bfloat16"),
    *(
        "训练",
        "訓練",
        "学習",
        "词元",
        "参数",
        "參數",
        "パラメ",
        "トークン",
        "토큰",
        "파라미터",
        "매개변수",
    ),
    *("токен", "параметр", "توكن", "رمز", "معلم", "टोकन", "पैरामीटर"),
    *("parámetro", "paramètre", "parâmetro", "tham số"),
)
_WEAK: Final = (
    r"(?i)[0-9][0-9.,]*[kmbt]?\+? ?-?(?:[a-z-]+ ){0,3}(?:hours?|hrs|heures|horas|stunden|days"
    r"|weeks|months|steps|iterations|updates|nodes"
    r"|samples|examples|pairs|images|sentences|documents|corpus)(?-u:\b)"
    r"|iterations?[^0-9\n]{0,8}[0-9]"
)
# A size column of a table of models, not one of files.
_SIZE_COLUMN: Final = r"(?i)\|[^|\n]*(?-u:\b)sizes?(?-u:\b)[^|\n]*\|"
_SIZE: Final = r"[0-9] ?[BM](?:[^A-Za-z0-9]|$)"
# The log of a training run, one row an evaluation: nothing in it is about the whole run.
_LOG: Final = r"(?i)\|[ *]*(?:training|train|validation|valid|eval\w*|dev)[ _]loss"
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
        .select("repo_id", "revision", file="path", text=text, base=_base())
        .with_row_index("document")
    )


def _base() -> pl.Expr:
    """The base model that the front matter names first; null where it names none."""
    head = pl.col("text").str.head(4000)
    return head.str.extract(r"(?m)^base_model: *(?:\r?\n *- *)?[\"']?([^\s\"'#\[\]]+)", 1)


def pieces(found: pl.LazyFrame) -> pl.LazyFrame:
    """The pieces of cards in order: `document, piece, line, fences, text`.

    `line` is where the piece begins, counted from 0; `fences` the code fences before it. The
    pieces of one HTML table share a `piece` number.
    """
    parts = found.select(
        "document", text=pl.col("text").str.replace_all(r"\n[ \t]+\n", "\n\n").str.split("\n\n")
    ).explode("text", empty_as_null=True, keep_nulls=True)
    newlines = pl.col("text").str.count_matches("\n", literal=True)
    fences = pl.col("text").str.count_matches("```", literal=True)
    return parts.with_columns(
        piece=pl.int_range(pl.len(), dtype=pl.Int64).over("document"),
        line=((newlines + 2).cum_sum() - newlines - 2).over("document"),
        fences=(fences.cum_sum() - fences).over("document"),
    ).select("document", "piece", "line", "fences", "text")


def whole(parts: pl.LazyFrame) -> pl.LazyFrame:
    """Pieces with the parts of an HTML table that blank lines cut apart put together again."""
    opened = pl.col("text").str.count_matches("<table", literal=True).cast(pl.Int64)
    closed = pl.col("text").str.count_matches("</table>", literal=True).cast(pl.Int64)
    balance = opened - closed
    open_before = (balance.cum_sum() - balance).over("document") > 0
    return (
        parts.with_columns(piece=pl.when(open_before).then(None).otherwise("piece"))
        .with_columns(piece=pl.col("piece").forward_fill().over("document"))
        .group_by("document", "piece", maintain_order=True)
        .agg(pl.col("line", "fences").first(), pl.col("text").str.join("\n\n"))
    )


def headings(parts: pl.LazyFrame) -> pl.LazyFrame:
    """The last Markdown heading of each piece that has one: `document, piece, heading`."""
    text = pl.col("text")
    return (
        parts.filter(text.str.starts_with("#") | text.str.contains("\n#", literal=True))
        .select(
            "document", "piece", heading=text.str.extract_all(r"(?m)^#{1,6}[ \t][^\n]*").list.last()
        )
        .filter(pl.col("heading").is_not_null())
    )


def under_headings(worth: pl.LazyFrame, titles: pl.LazyFrame) -> pl.LazyFrame:
    """Pieces with the heading they stand under; "" where there is none before them."""
    return worth.sort("document", "piece").join_asof(
        titles.sort("document", "piece"), on="piece", by="document", strategy="backward",
        allow_exact_matches=False, check_sortedness=False,
    ).with_columns(pl.col("heading").fill_null(""))  # fmt: skip


def worth_reading() -> pl.Expr:
    """Whether the piece in `text` can hold a claim at all."""
    text = pl.col("text")
    digit = text.str.contains(_DIGIT) | text.str.contains_any(list(NUMBER_WORDS))
    strong = text.str.contains_any(list(STRONG), ascii_case_insensitive=True)
    size = text.str.contains_any(["size"], ascii_case_insensitive=True) & ~text.str.contains_any(
        [".gguf", "Q4_K"]
    )
    sizes = size & text.str.contains(_SIZE) & text.str.contains(_SIZE_COLUMN)
    return digit & ~_code() & (strong | text.str.contains(_WEAK) | sizes) & ~text.str.contains(_LOG)


def _code() -> pl.Expr:
    """Whether the piece is code as a whole: within a fence, or one fenced block."""
    text = pl.col("text")
    inside = (pl.col("fences") % 2 == 1) & ~text.str.contains("```", literal=True)
    whole_block = (
        (pl.col("fences") % 2 == 0)
        & text.str.starts_with("```")
        & text.str.strip_chars_end().str.ends_with("```")
        & (text.str.count_matches("```", literal=True) == 2)
    )
    return inside | whole_block

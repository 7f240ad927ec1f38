"""Cuts cards down to the pieces worth reading, as Polars expressions over whole shards.

A piece is what stands between blank lines; an HTML table is one piece whatever is in it. Scans
decide, the cheapest first: a piece goes on where it holds a digit (or a number word), a word of
one of the quantities, and the two as the reader needs them (`gate`). Everything after reads each
distinct piece once.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from gpai_scan.evidence import sparse
from gpai_scan.evidence.cards import gate
from gpai_scan.evidence.cards.pieces import TOKENS_SET

# A piece without one of these words, or without one of WEAK right after a number, states nothing
# that the reader looks for. Compared without regard to ASCII case.
STRONG: Final = (
    *("token", "jeton", "fichas", "param", "epoch", "época", "époque", "flop", "mfu", "batch"),
    *("floating", "pf-day", "pfs-day", "total compute", "compute budget"),
    *(
        "gpu",
        " tpu",
        "(tpu",
        "*tpu",
        "\ntpu",
        "|tpu",
        "tensor processing",
        " npu",
        "个npu",
        "accelerator",
    ),  # not "input"
    *("a100", "h100", "h800", "a800", "h200", "v100", "b200", "mi250", "mi300", "rtx"),
    *(".16xlarge", ".24xlarge", ".48xlarge"),
    *("gaudi", " dgx", "ascend", "trainium", "kwh", "mwh", "co2", "seq_len", "sequence length"),
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
    *("학습", "обуч", "wall-clock", "wall clock"),
    *("токен", "параметр", "توكن", "رمز", "معلم", "टोकन", "पैरामीटर"),
    *("parámet", "paramètre", "parâmetro", "tham số"),
)
_WEAK: Final = (
    r"(?i)[0-9][0-9.,]*[kmbt]?\+? ?-?(?:[a-z-]+ ){0,3}(?:hours?|hrs|h|heures|horas|stunden|days"
    r"|weeks|months|jours|tagen?|giorni|semaines|semanas|wochen|steps|iterations|updates|nodes"
    r"|samples|examples|pairs|images|sentences|documents|corpus|activated|active|gt)(?-u:\b)"
    r"|[0-9] ?(?:t|trillion)\+? (?:of )?(?:[a-z-]+ ){0,4}(?:data|text)(?-u:\b)"
    r"|is an? [0-9.]+[bm] |(?:iterations?|steps)[^0-9\n]{0,8}[0-9]|model size[^0-9\n]{0,8}[0-9]"
    r"|(?:two|three|four|five|six|seven|eight|nine|ten|twelve) (?:days|weeks|months)(?-u:\b)"
)
_BEGINNINGS: Final = (
    *("train", "start", "began", "begin", "begun", "launch", "commenc", "kicked", "end", "finish"),
    *(
        "complet",
        "conclu",
        "stop",
        "comen",
        "começ",
        "empez",
        "inici",
        "termin",
        "finaliz",
        "début",
    ),
    *("démarr", "achev", "begonn", "begann", "gestart", "начал", "законч", "заверш"),
    *("entren", "entra", "trein"),
)
# A size column of a table of models, not one of files.
_SIZE_COLUMN: Final = r"(?i)\|[^|\n]*(?-u:\b)sizes?(?-u:\b)[^|\n]*\|"
# Columns headed as the scaling laws name tokens and parameters: the one is read beside the other.
_SYMBOLS: Final = (
    r"\| *\$?[*_]*D[*_]*\$? *\|",
    r"(?i:size)|(?:^|[|>\n])[ \t]*\$?[*_]*N[*_]*\$? *\|",
)
_SIZE: Final = r"[0-9] ?[BM](?:[^A-Za-z0-9]|$)"
# The log of a training run, one row an evaluation: nothing in it is about the whole run.
_LOG: Final = (
    r"(?i)\|[ *]*(?:training|train|validation|valid|eval\w*|dev)[ _]loss"
    r"|^\|?[ *]*(?:global[ _])?(?:steps?|epochs?|iterations?)[ *]*\|(?:[^|\n]*\|){0,8}"
    r"[ *]*loss[ *]*\|"
)
_DIGIT: Final = "[0-9]"
# What else may be a number, looked for where there is no digit.
_LARGE: Final = (
    r"illi(?:on|ard)|(?:one|two|three|four|five|ten|single) epoch"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|teen) (?:hour|day|week)s"
)
_OTHER_FIGURE: Final = (
    r"[万億亿兆萬억조]|[\x{660}-\x{669}\x{6F0}-\x{6F9}\x{966}-\x{96F}\x{FF10}-\x{FF19}]"
)
_HEADING: Final = r"^#{1,6}[ \t]"
_ODD: Final = r"[\r\x00\x{FEFF}]"
CARD_PATH: Final = r"(?i)^readme\.md$"


def cards(documents: pl.LazyFrame) -> pl.LazyFrame:
    """The cards of a shard with line ends made alike; NUL and byte-order marks become spaces."""
    text = pl.col("text")
    plain = (
        text.str.replace_all("\r\n", "\n", literal=True)
        .str.replace_all("\r", "\n", literal=True)
        .str.replace_all("\x00", " ", literal=True)
        .str.replace_all("\ufeff", "", literal=True)
    )
    chosen = (
        documents.filter(text.is_not_null() & pl.col("path").str.contains(CARD_PATH))
        .select("repo_id", "revision", "text", file="path")
        .with_row_index("document")
    )
    odd = text.str.contains(_ODD)
    return pl.concat([chosen.filter(~odd), chosen.filter(odd).with_columns(plain)]).sort("document")


def base() -> pl.Expr:
    """The base model that the front matter names first; null where it names none."""
    head = pl.col("text").str.head(4000)
    return head.str.extract(r"(?m)^base_model: *(?:\r?\n *- *)?[\"']?([^\s\"'#\[\]]+)", 1)


def candidates(found: pl.DataFrame) -> pl.DataFrame:
    """The pieces of cards that can hold a claim: `document, line, text, heading, in_code`.

    `line` is where the piece begins, counted from 0, `heading` the last Markdown heading before
    it. A document's pieces stand together and in order. Each scan sees only what the one before
    it left, which one plan of all would not do.
    """
    tables, plain = gate.parted(found, pl.col("text").str.contains("<table", literal=True))
    parts = pieces(plain)
    apart = placed(pieces(tables).with_columns(pl.col("piece") + parts.height))
    together = whole(apart.lazy()).select(parts.columns).collect()
    stating = gated(pl.concat([parts, together]))
    near = parts.filter(pl.col("document").is_in(stating["document"].unique().implode()))
    around = pl.concat([placed(near), apart])
    placing = around.select("piece", "line", "fences")
    stating = stating.join(placing, on="piece", maintain_order="left")
    marked, plain = gate.parted(stating, pl.col("text").str.contains("```", literal=True))
    outside, inside = gate.parted(plain, pl.col("fences") % 2 == 0)
    around_code, code = gate.parted(marked, ~_code())
    settings = pl.concat([inside, code]).filter(_sets_tokens())
    prose = pl.concat([outside, around_code, settings])
    return under_headings(prose, headings(around)).select(
        "document", "line", "text", "heading", in_code=pl.col("fences") % 2 == 1
    )


def parted_by_blanks(found: pl.DataFrame) -> pl.DataFrame:
    """The cards with lines of nothing but blanks emptied: two line ends part pieces."""
    blank = r"\n[ \t]+\n"
    text = pl.col("text")
    return sparse.changed(found, text.str.contains(blank), text.str.replace_all(blank, "\n\n"))


def pieces(found: pl.DataFrame) -> pl.DataFrame:
    """The pieces of cards in order: `document, text, piece`, numbered throughout."""
    return (
        parted_by_blanks(found)
        .select("document", pl.col("text").str.split("\n\n"))
        .explode("text", empty_as_null=True, keep_nulls=True)
        .with_columns(piece=pl.int_range(pl.len(), dtype=pl.Int64))
    )


def placed(parts: pl.DataFrame) -> pl.DataFrame:
    """Whole cards in pieces with `line` and `fences`: line ends and code fences before each."""
    fences = sparse.count(parts["text"], ["```"], "```")
    ends = pl.col("text").str.count_matches("\n", literal=True).cast(pl.Int64) + 2
    counted = parts.with_columns(line=ends, fences=fences)
    before = counted.with_columns(pl.col(n).cum_sum() - pl.col(n) for n in ("line", "fences"))
    return before.with_columns(
        pl.col(n) - pl.col(n).first().over("document") for n in ("line", "fences")
    )


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


def headings(parts: pl.DataFrame) -> pl.DataFrame:
    """The last Markdown heading of each piece that has one: `document, piece, heading`."""
    text = pl.col("text")
    marked = parts.filter(text.str.starts_with("#") | text.str.contains("\n#", literal=True))
    longer, lone = gate.parted(marked, text.str.contains("\n", literal=True))
    last = longer.with_columns(text.str.extract_all(f"(?m){_HEADING}[^\n]*").list.last())
    found = pl.concat([lone.filter(text.str.contains(_HEADING)), last.filter(text.is_not_null())])
    return found.select("document", "piece", heading="text").sort("piece")


def under_headings(worth: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """Pieces in order with the heading they stand under; "" where there is none before them."""
    above = worth.sort("piece").join_asof(
        titles.rename({"document": "of"}), on="piece", allow_exact_matches=False
    )
    own = pl.when(pl.col("of") == pl.col("document")).then("heading")
    return above.with_columns(heading=own.fill_null(""))


def gated(parts: pl.DataFrame) -> pl.DataFrame:
    """The pieces that can hold a claim, in order, by what they say alone."""
    return gate.narrowed(_known(parts)).sort("piece")


def _known(parts: pl.DataFrame) -> pl.DataFrame:
    """The pieces with a figure and a word the reader knows, in no order; no logs of a run."""
    text = pl.col("text")
    digits, others = gate.parted(parts, text.str.contains(_DIGIT))
    large, others = gate.parted(others, text.str.contains(_LARGE))
    others = others.filter(text.str.len_bytes() > text.str.len_chars())
    figures = pl.concat([digits, large, others.filter(text.str.contains(_OTHER_FIGURE))])
    strong, others = gate.parted(figures, _strong())
    weak, others = gate.parted(others, text.str.contains(_WEAK))
    dated, others = gate.parted(others, text.str.contains_any(["201", "202"]))
    dated, undated = gate.parted(dated, _days_of_a_run())
    tables = pl.concat([others, undated]).filter(text.str.contains("|", literal=True))
    words = pl.concat([strong, weak, dated, tables.filter(_sizes() | _symbols())])
    tables, plain = gate.parted(words, text.str.contains("|", literal=True))
    return pl.concat([plain, tables.filter(~text.str.contains(_LOG))])


def _days_of_a_run() -> pl.Expr:
    """Whether a piece that holds a year gives a day, and speaks of a beginning or an end."""
    about = pl.col("text").str.contains_any(list(_BEGINNINGS), ascii_case_insensitive=True)
    return about & pl.col("text").str.to_lowercase().str.contains(gate.DATED)


def _strong() -> pl.Expr:
    return pl.col("text").str.contains_any(list(STRONG), ascii_case_insensitive=True)


def _sizes() -> pl.Expr:
    text = pl.col("text")
    size = text.str.contains_any(["size"], ascii_case_insensitive=True) & ~text.str.contains_any(
        [".gguf", "Q4_K"]
    )
    return size & text.str.contains(_SIZE) & text.str.contains(_SIZE_COLUMN)


def _symbols() -> pl.Expr:
    return pl.all_horizontal(pl.col("text").str.contains(symbol) for symbol in _SYMBOLS)


def _sets_tokens() -> pl.Expr:
    text = pl.col("text")
    return text.str.contains("tokens", literal=True) & text.str.contains(f"(?m){TOKENS_SET}")


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
    # what a fence closed by the last line encloses
    ends = (
        (pl.col("fences") % 2 == 1)
        & text.str.contains(r"\n```[ \t\n]*\z")
        & (text.str.count_matches("```", literal=True) == 1)
        & ~text.str.contains("~~~", literal=True)
    )
    return inside | whole_block | ends

"""Names of repositories as lineage reads them, `Expr -> Expr`: marks stripped, spelling levelled.

A mark is a word of a name that says how a copy is stored, never what was trained: `GGUF`, `AWQ`,
`4bit`, `Q4_K_M`. Names are compared by their words, so that `Llama-2-7B`, `llama 2 7b` and
`Llama_2_7B` are one.
"""

from __future__ import annotations

from typing import Final

import polars as pl

QUANTISATION_MARKS: Final = (
    "gguf",
    "ggml",
    "awq",
    "gptq",
    "gptqmodel",
    "exl2",
    "exl3",
    "bnb",
    "nf4",
    "fp8",
    "fp4",
    "nvfp4",
    "mxfp4",
    "mxfp8",
    "int[248]",
    "[1-8]bits?",
    "[1-8]--bits?",
    "w[48]a(?:4|8|16)",
    "i?q[1-8]--(?:k|xxs|xs|s|m|l|nl|0|1)(?:--(?:xs|s|m|l|xl))?",
    "i?q[1-8]",
    "i1",
    "imatrix",
    "imat",
    "[0-9]+(?:--[0-9]+)?bpw",
    "h[68]",
    "quantized",
    "quantised",
    "quants?",
    "hqq",
    "aqlm",
    "eetq",
    "quip",
    "marlin",
    "autoround",
    "auto--round",
    "torchao",
    "int4wo",
    "int8wo",
    "(?:32|64|128|1024)g",
    "gs(?:32|64|128)",
    "dynamic",
    "static",
    "pertensor",
    "actorder",
)
"""Words of a name that say the weights are stored at fewer bits; `--` stands between words, and
longer marks come before those they begin with."""

FORMAT_MARKS: Final = (
    "mlx",
    "onnx",
    "openvino",
    "ov",
    "coreml",
    "ct2",
    "ctranslate2",
    "tflite",
    "trt",
    "tensorrt",
    "safetensors",
    "sharded",
    "bf16",
    "fp16",
    "fp32",
    "f16",
    "f32",
    "hf",
    "transformers",
    "diffusers",
    "copy",
    "mirror",
    "ungated",
    "converted",
)
"""Words that say the weights are stored in another format, or are a copy."""

MERGE_WORDS: Final = ("merge", "merged", "slerp", "ties", "dare")
PRUNING_WORDS: Final = ("pruned", "reap", "minitron")

_QUANTISED: Final = f"-(?:{'|'.join(QUANTISATION_MARKS)})-"
_FORMAT: Final = f"-(?:{'|'.join(FORMAT_MARKS)})-"
_STRONG: Final = "-(?:gguf|ggml|awq|gptq|gptqmodel|exl2|exl3|imatrix|hqq|aqlm)-"


def last_part(repo_id: pl.Expr) -> pl.Expr:
    """The name of a repository without its namespace."""
    return repo_id.str.replace(r"^.*/", "")


def level(name: pl.Expr) -> pl.Expr:
    """The words of a name, lower case, joined by dashes: `llama-2-7b`; null where there is none."""
    key = name.str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "-").str.strip_chars("-")
    return pl.when(key != "").then(key)


def words(key: pl.Expr) -> pl.Expr:
    """A levelled name with every word between dashes of its own: `-llama--2--7b-`."""
    spread = key.fill_null("").str.replace_all("-", "--", literal=True)
    return pl.concat_str([pl.lit("-"), spread, pl.lit("-")])


def without_marks(worded: pl.Expr) -> pl.Expr:
    """The key of a name without marks of quantisation and format."""
    bare = worded.str.replace_all(_QUANTISED, "").str.replace_all(_FORMAT, "")
    key = bare.str.replace_all("--", "-", literal=True).str.strip_chars("-")
    return pl.when(key != "").then(key)


def is_quantised(worded: pl.Expr) -> pl.Expr:
    """Whether the name carries any mark of quantisation."""
    return worded.str.contains(_QUANTISED)


def is_converted(worded: pl.Expr) -> pl.Expr:
    """Whether the name carries any mark of a format or copy."""
    return worded.str.contains(_FORMAT)


def is_packed(worded: pl.Expr) -> pl.Expr:
    """Whether the name carries a mark of a format nobody trains in: GGUF, AWQ, GPTQ, EXL2."""
    return worded.str.contains(_STRONG)


def has_word(worded: pl.Expr, *wanted: str) -> pl.Expr:
    """Whether one of the words occurs in the name."""
    return worded.str.contains(f"-(?:{'|'.join(wanted)})-")

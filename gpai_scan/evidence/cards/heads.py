"""What the heads of a table say: which name quantities, models, stages, parts and sums."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from gpai_scan.evidence.cards.fields import Field, field_of
from gpai_scan.evidence.cards.numbers import find_numbers
from gpai_scan.evidence.cards.text import Clean
from gpai_scan.evidence.cards.values import stage_of

GENERIC_HEAD = re.compile(
    r"^\W*(?:value|values|details?|description|spec\w*|item|property|attribute|parameter"
    r"|hyper-?parameters?|setting|info\w*|specification|参数|说明"
    r"|config\w*|field|metric|feature|component|category|)\W*$",
    re.IGNORECASE,
)


REMARK_HEAD = re.compile(
    r"^\W*(?:comments?|notes?|remarks?|sources?|references?|links?|citation|备注)\W*$",
    re.IGNORECASE,
)


MODEL_HEAD = re.compile(
    r"model(?![- ]?(?:dim|width))|\bname|variant|version|checkpoint|series|release|^\W*sizes?\W*$"
    r"|模型|モデル|modèle|modelo",
    re.IGNORECASE,
)


# A table of the data that one model read: its rows are parts, its total is what counts.
MIX_HEAD = re.compile(
    r"^\W*(?:(?:data|training|pre-?training)[ -]?)*(?:data|mix|mixture|sets?|subsets?|sources?"
    r"|corpus|corpora|domains?|components?|collections?)(?: name| type)?\W*$",
    re.IGNORECASE,
)


TOTAL = re.compile(r"^\W*(?:total|sum|overall|all|合计|总计|合計)\W*$", re.IGNORECASE)


# Beside a column of parameters, one of sizes names the models.
PARAMETERS = re.compile(r"^\W*(?:total )?param(?:eter)?s?\W*$", re.IGNORECASE)


SIZES = re.compile(r"^\W*sizes?\W*$", re.IGNORECASE)


_SPAN_HEAD = re.compile(r"^\W*(?:wall-?clock )?(?:hours|days|weeks)\W*$", re.IGNORECASE)


_DEVICE_FIELDS = frozenset({"hardware", "accelerator_count"})


def with_durations(head: list[str], across: list[Field | None]) -> list[Field | None]:
    """The fields of columns, where one headed `Days` beside one of devices is how long they ran."""
    if not any(f is not None and f.quantity in _DEVICE_FIELDS for f in across):
        return across
    lasting = Field("training_hours", most=1e7)
    return [
        lasting if field is None and _SPAN_HEAD.match(text) else field
        for text, field in zip(head, across, strict=True)
    ]


# Rows of a table headed so are moments of one run, the last of them its end.
_PROGRESS = re.compile(
    r"^\W*(?:after\b)?\W*(?:(?:training|train|global) )?(?:checkpoints?|ckpts?|steps?|iterations?"
    r"|epochs?|revisions?|branch(?:es)?)\W*$",
    re.IGNORECASE,
)


def moments(plain: list[list[Clean]], across: list[Field | None]) -> bool:
    """Whether the rows of a table are moments of one training: what they count only grows."""
    if len(plain) < 4 or not _PROGRESS.match(plain[0][0].text):
        return False
    if names_models(across[0], plain):
        return False
    columns = [0, *(i for i, f in enumerate(across) if f and f.quantity in {"steps", "tokens"})]
    return any(_grows([row[i].text for row in plain[1:] if i < len(row)]) for i in columns)


def _grows(texts: list[str]) -> bool:
    """Whether each of several cells holds one figure, larger than that of the one above."""
    found = [find_numbers(text) for text in texts]
    if not all(found) or len(found) < 3:
        return False
    values = [numbers[0].value for numbers in found]
    return all(a < b for a, b in pairwise(values))


# The log of a training run, one row an evaluation: no row is about the whole run.
LOG = re.compile(r"^\W*(?:training|train|validation|valid|eval\w*|dev)[ _]loss", re.IGNORECASE)


_PERFORMANCE = re.compile(
    r"s/it\b|^\W*(?:\d+(?:\.\d+)?\s?(?:GB|GiB|MB|ms|s|sec|tok/s)|OOM)\b|VRAM|tokens?/s(?:ec)?\b|latency"
    r"|throughput|GPU memory|memory usage|s/iter",
    re.IGNORECASE,
)


def measures(plain: list[list[Clean]]) -> bool:
    """Whether a table reports memory or speed of runs rather than how a model was made."""
    texts = [c.text for row in plain[:40] for c in row if len(c.text) < 80]
    hits = sum(1 for t in texts if _PERFORMANCE.search(t))
    return hits >= 3 or any(
        re.search(r"VRAM|tokens?/s(?:ec)?\b|latency|throughput|memory usage", t, re.IGNORECASE)
        for t in texts
    )


def column_field(text: str, column: int, plain: list[list[Clean]]) -> Field | None:
    """The field of a column; a `Size` column of words such as `tiny` names models instead."""
    field = _symbol(text, column, plain) or field_of(text)
    if field is not None and field.quantity == "context_length" and stage_of(text):
        return None  # "Context extension" is a stage
    if field is not None and field.quantity == "parameters_total":
        values = [row[column].text for row in plain[1:] if column < len(row)]
        if values and not any(find_numbers(value) for value in values):
            return None
    return field


# The letters of the scaling laws, which columns side by side bear.
_SYMBOLS: Final = {"N": "parameters_total", "D": "tokens"}


_COUNT_OF: Final = re.compile(r"^\W*params?|^\W*parameters|^\W*(?:model )?size", re.IGNORECASE)


def _symbol(text: str, column: int, plain: list[list[Clean]]) -> Field | None:
    """The field of a column headed `N` or `D` beside its fellow, with figures of that size."""
    name = text.strip("$*_ ")
    if name not in _SYMBOLS:
        return None
    others = [cell.text.strip("$*_ ") for i, cell in enumerate(plain[0]) if i != column]
    if not any(o in _SYMBOLS or (name == "D" and _COUNT_OF.match(o)) for o in others):
        return None
    values = [find_numbers(row[column].text) for row in plain[1:] if column < len(row)]
    large = bool(values) and all(len(v) == 1 and v[0].value >= 1e6 for v in values)
    return Field(_SYMBOLS[name], least=1e6, most=1e16) if large else None


def is_measure(field: Field) -> bool:
    """Whether a field is more than the size that tells models apart."""
    return field.quantity not in {"parameters_total"}


def generic_pair(head: list[str]) -> bool:
    """Whether a table is headed `Parameter | Value` or the like."""
    return len(head) >= 2 and all(GENERIC_HEAD.match(h) for h in head[:2])


def row_label(row: list[Clean]) -> str:
    """The label of a row: its first cell, or the second where the first is empty or a group."""
    first = row[0].text.strip() if row else ""
    if len(row) > 2 and (not first or field_of(first) is None):
        second = row[1].text.strip()
        if second and field_of(second) is not None and not find_numbers(second):
            return second
    return first


_NAME = re.compile(r"[A-Za-z]\w*[-_./]\S*[\w)]")


def names_models(field: Field | None, plain: list[list[Clean]]) -> bool:
    """Whether the first column, headed `Checkpoint`, holds names of models, each another one."""
    if field is None or field.quantity != "checkpoint":
        return False
    names = [row[0].text.strip() for row in plain[1:] if row]
    return len(set(names)) == len(names) > 1 and all(_NAME.fullmatch(name) for name in names)


# A column of the sum: "Total data (tokens)" beside "English data (tokens)".
_SUM_HEAD = re.compile(r"\b(?:total|overall|all|sum|combined)\b|合计|总计|合計|总量", re.IGNORECASE)


STAGE_HEAD = re.compile(
    r"^\W*(?:training |pre-?training )?(?:stages?|phases?|阶段|段階)\W*$", re.IGNORECASE
)


_STAGE_COLUMN = re.compile(r"^\W*(?:stage|phase)s?\W*(?:\d|[ivx]+\b)", re.IGNORECASE)


def summed_columns(head: list[str], across: list[Field | None]) -> set[int]:
    """The columns of tokens that another column is the sum of."""
    counts = [i for i, f in enumerate(across) if f is not None and f.quantity == "tokens"]
    sums = [i for i in counts if _SUM_HEAD.search(head[i])]
    parts = [i for i in counts if i not in sums and stage_of(head[i]) is None]
    return set(parts) if len(sums) == 1 and len(parts) > 1 else set()


def sum_column(head: list[str], values: list[int]) -> int | None:
    """The column that sums up the others where those are stages: `Stage 1 | Stage 2 | Total`."""
    sums = [i for i in values if i < len(head) and TOTAL.match(head[i])]
    others = [head[i] for i in values if i < len(head) and i not in sums]
    staged = len(others) > 1 and all(_STAGE_COLUMN.match(text) for text in others)
    return sums[0] if staged and len(sums) == 1 else None

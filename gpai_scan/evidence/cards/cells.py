"""Reads tables: one axis names the quantities, the other the models or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards import prose
from gpai_scan.evidence.cards.drafts import NUMBERED_STAGE, Draft
from gpai_scan.evidence.cards.fields import Field, field_of
from gpai_scan.evidence.cards.labels import find_labels
from gpai_scan.evidence.cards.numbers import find_numbers
from gpai_scan.evidence.cards.tables import Cell, Grid
from gpai_scan.evidence.cards.text import Clean, clean
from gpai_scan.evidence.cards.units import sentence
from gpai_scan.evidence.cards.values import read_value, stage_of

_GENERIC_HEAD = re.compile(
    r"^\W*(?:value|values|details?|description|spec\w*|item|property|attribute|parameter"
    r"|hyper-?parameters?|setting|info\w*|specification|参数|说明"
    r"|config\w*|field|metric|feature|component|category|)\W*$",
    re.IGNORECASE,
)


_REMARK_HEAD = re.compile(
    r"^\W*(?:comments?|notes?|remarks?|sources?|references?|links?|citation|备注)\W*$",
    re.IGNORECASE,
)
_MODEL_HEAD = re.compile(
    r"model(?![- ]?(?:dim|width))|\bname|variant|version|checkpoint|series|release|^\W*sizes?\W*$"
    r"|模型|モデル|modèle|modelo",
    re.IGNORECASE,
)


# A table of the data that one model read: its rows are parts, its total is what counts.
_MIX_HEAD = re.compile(
    r"^\W*(?:(?:data|training|pre-?training)[ -]?)*(?:data|mix|mixture|sets?|subsets?|sources?"
    r"|corpus|corpora|domains?|components?|collections?)(?: name| type)?\W*$",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"^\W*(?:total|sum|overall|all|合计|总计|合計)\W*$", re.IGNORECASE)


# Beside a column of parameters, one of sizes names the models.
_PARAMETERS = re.compile(r"^\W*(?:total )?param(?:eter)?s?\W*$", re.IGNORECASE)
_SIZES = re.compile(r"^\W*sizes?\W*$", re.IGNORECASE)


def _plain(cell: Cell | None) -> Clean:
    return clean(cell.text) if cell is not None else Clean("", (0,), (0,))


def read_grid(grid: Grid, heading: str) -> Iterator[Draft]:
    """Claims of a table; positions are within the block the grid was cut from."""
    if len(grid) < 1 or max(map(len, grid)) < 2:
        return
    plain = [[_plain(cell) for cell in row] for row in grid]
    head = [c.text.strip() for c in plain[0]]
    if any(_LOG.search(c.text) for c in plain[0]):
        return
    measured = _measures(plain)
    across = [_column_field(text, i, plain) for i, text in enumerate(head)]
    counted = zip(head, across, strict=True)
    if any(f is not None and not f.rejected and _PARAMETERS.match(text) for text, f in counted):
        across = [None if _SIZES.match(text) else f for text, f in zip(head, across, strict=True)]
    across = _with_durations(head, across)
    down = [field_of(_row_label(row)) for row in plain]
    labels = {_row_label(row) for row, field in zip(plain, down, strict=True) if field is not None}
    by_column = sum(f is not None for f in across[1:]) + (
        across[0] is not None and _is_measure(across[0])
    )
    by_row = len(labels)  # one word in every row, as a link has it, labels no row
    headless = len(head) == 2 and across[0] is not None and bool(find_numbers(head[1]))
    if headless and across[1] is None:
        by_column = 0
    if by_column and by_column >= by_row and len(grid) > 1 and not _generic_pair(head):
        found = _columns(grid, plain, head, across, heading)
    elif by_row:
        found = _rows(grid, plain, head, down, heading)
    else:
        return
    for draft in found:
        if measured and draft.quantity in _SETTINGS:
            draft = replace(draft, rejected=draft.rejected or "performance_table")
        yield draft


_SPAN_HEAD = re.compile(r"^\W*(?:wall-?clock )?(?:hours|days|weeks)\W*$", re.IGNORECASE)
_DEVICE_FIELDS = frozenset({"hardware", "accelerator_count"})


def _with_durations(head: list[str], across: list[Field | None]) -> list[Field | None]:
    """The fields of columns, where one headed `Days` beside one of devices is how long they ran."""
    if not any(f is not None and f.quantity in _DEVICE_FIELDS for f in across):
        return across
    lasting = Field("training_hours", most=1e7)
    return [
        lasting if field is None and _SPAN_HEAD.match(text) else field
        for text, field in zip(head, across, strict=True)
    ]


# The log of a training run, one row an evaluation: no row is about the whole run.
_LOG = re.compile(r"^\W*(?:training|train|validation|valid|eval\w*|dev)[ _]loss", re.IGNORECASE)


_SETTINGS = frozenset(
    [
        "steps",
        "batch_sequences",
        "batch_tokens",
        "sequence_length",
        "accelerator_count",
        "accelerator_nodes",
        "accelerators_per_node",
        "accelerator_model",
        "accelerator_memory",
        "training_hours",
        "epochs",
    ]
)


_PERFORMANCE = re.compile(
    r"s/it\b|^\W*(?:\d+(?:\.\d+)?\s?(?:GB|GiB|MB|ms|s|sec|tok/s)|OOM)\b|VRAM|tokens?/s(?:ec)?\b|latency"
    r"|throughput|GPU memory|memory usage|s/iter",
    re.IGNORECASE,
)


def _measures(plain: list[list[Clean]]) -> bool:
    """Whether a table reports memory or speed of runs rather than how a model was made."""
    texts = [c.text for row in plain[:40] for c in row if len(c.text) < 80]
    hits = sum(1 for t in texts if _PERFORMANCE.search(t))
    return hits >= 3 or any(
        re.search(r"VRAM|tokens?/s(?:ec)?\b|latency|throughput|memory usage", t, re.IGNORECASE)
        for t in texts
    )


def _column_field(text: str, column: int, plain: list[list[Clean]]) -> Field | None:
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


def _is_measure(field: Field) -> bool:
    return field.quantity not in {"parameters_total"}


def _generic_pair(head: list[str]) -> bool:
    return len(head) >= 2 and all(_GENERIC_HEAD.match(h) for h in head[:2])


def _row_label(row: list[Clean]) -> str:
    """The label of a row: its first cell, or the second where the first is empty or a group."""
    first = row[0].text.strip() if row else ""
    if len(row) > 2 and (not first or field_of(first) is None):
        second = row[1].text.strip()
        if second and field_of(second) is not None and not find_numbers(second):
            return second
    return first


def _columns(
    grid: Grid, plain: list[list[Clean]], head: list[str], across: list[Field | None], heading: str
) -> Iterator[Draft]:
    """A table whose header row names the quantities and whose rows are models."""
    heads = [i for i, field in enumerate(across) if field is not None]
    names = [
        i
        for i, text in enumerate(head)
        if (across[i] is None or (i == 0 and _names_models(across[i], plain)))
        and _MODEL_HEAD.search(text)
        and i < heads[-1]
    ]
    parts = bool(_MIX_HEAD.match(head[0]))
    summed = _summed(head, across)
    staged = bool(_STAGE_HEAD.match(head[0]))
    whole = any(row and _TOTAL.match(row[0].text) for row in plain[1:])
    sizes = [i for i in heads if across[i] is not None and across[i].quantity == "parameters_total"]  # type: ignore[union-attr]
    for r, row in enumerate(plain[1:], 1):
        total = bool(row and _TOTAL.match(row[0].text))
        label_at = names or ([0] if across[0] is None else sizes[:1])
        labels = tuple(
            dict.fromkeys(t for i in label_at if i < len(row) and (t := row[i].text.strip()))
        )
        extra = tuple(row[i].text.strip() for i in sizes if i < len(row) and i not in label_at)
        for i in heads:
            field = across[i]
            if i >= len(row) or field is None or grid[r][i] is None:
                continue
            if field.quantity in _SETTINGS and head.count(head[i]) > 1:
                continue  # one heading over many columns is an axis
            label = " ".join(
                labels + (extra if field.quantity != "parameters_total" and not names else ())
            )
            drafts = _cell(grid[r][i], row[i], field, head[i], heading, (label,) if label else ())
            for draft in drafts:
                if i in summed:
                    yield replace(draft, rejected="part")
                elif staged and draft.quantity in {"tokens", "accelerator_hours"}:
                    yield _of_stage(draft, row[0].text, whole)
                elif parts and draft.quantity in {"tokens", "unique_tokens"}:
                    yield _of_mixture(draft, total, f"{heading} {head[i]}".lower())
                else:
                    yield replace(draft, rejected="total_row") if total else draft


_NAME = re.compile(r"[A-Za-z]\w*[-_./]\S*[\w)]")


def _names_models(field: Field | None, plain: list[list[Clean]]) -> bool:
    """Whether the first column, headed `Checkpoint`, holds names of models, each another one."""
    if field is None or field.quantity != "checkpoint":
        return False
    names = [row[0].text.strip() for row in plain[1:] if row]
    return len(set(names)) == len(names) > 1 and all(_NAME.fullmatch(name) for name in names)


# A column of the sum: "Total data (tokens)" beside "English data (tokens)".
_SUM_HEAD = re.compile(r"\b(?:total|overall|all|sum|combined)\b|合计|总计|合計|总量", re.IGNORECASE)
_STAGE_HEAD = re.compile(
    r"^\W*(?:training |pre-?training )?(?:stages?|phases?|阶段|段階)\W*$", re.IGNORECASE
)
_STAGE_COLUMN = re.compile(r"^\W*(?:stage|phase)s?\W*(?:\d|[ivx]+\b)", re.IGNORECASE)


def _summed(head: list[str], across: list[Field | None]) -> set[int]:
    """The columns of tokens that another column is the sum of."""
    counts = [i for i, f in enumerate(across) if f is not None and f.quantity == "tokens"]
    sums = [i for i in counts if _SUM_HEAD.search(head[i])]
    parts = [i for i in counts if i not in sums and stage_of(head[i]) is None]
    return set(parts) if len(sums) == 1 and len(parts) > 1 else set()


_FIRST_STAGE = re.compile(r"^\W*(?:(?:stage|phase)\W*)?(?:1|i|one)\b", re.IGNORECASE)
_LATER_STAGE = re.compile(r"^\W*(?:(?:stage|phase)\W*)?(?:[2-9]|i{2,3}|two|three)\b", re.IGNORECASE)


def _of_stage(draft: Draft, label: str, whole: bool) -> Draft:
    """A figure of a table whose rows are stages of one training; `whole`: one row is their sum."""
    if _TOTAL.match(label):
        hours = draft.quantity == "accelerator_hours"
        return replace(draft, labels=(), stage="all_training" if hours else draft.stage)
    stage = stage_of(label)
    if not whole and draft.quantity == "tokens":
        first = "pretraining" if _FIRST_STAGE.match(label) else None
        later = "continued_pretraining" if _LATER_STAGE.match(label) else None
        stage = stage or first or later
        draft = replace(draft, note=NUMBERED_STAGE if first or later else None)
    elif re.search(r"\d", label):
        stage = None
    if stage is None:
        return replace(draft, rejected="part", labels=())
    return replace(draft, stage=stage, labels=())


def _of_mixture(draft: Draft, total: bool, about: str) -> Draft:
    """A figure of a table of data: a row is a part, the total was trained on or is the data's."""
    if not total:
        return replace(draft, rejected="part", labels=())
    quantity = "tokens" if "train" in about and "source" not in about else "unique_tokens"
    return replace(draft, quantity=quantity, labels=())


def _rows(
    grid: Grid, plain: list[list[Clean]], head: list[str], down: list[Field | None], heading: str
) -> Iterator[Draft]:
    """A table whose first column names the quantities and whose columns are models or values."""
    for r, row in enumerate(plain):
        field = down[r]
        if field is None and len(row) == 2:
            yield from _described(grid[r][1], row[1], row[0].text, heading)
        if field is None or len(row) < 2:
            continue
        label = _row_label(row)
        first = 1 if row[0].text.strip() == label else 2
        values = [i for i in range(first, len(row)) if row[i].text.strip()]
        values = [i for i in values if i >= len(head) or not _REMARK_HEAD.match(head[i])]
        if len(values) > 1 and (
            r == 0 or all(_GENERIC_HEAD.match(head[i]) for i in values if i < len(head))
        ):
            values = values[:1] if r > 0 else []
        whole = _whole(head, values) if r > 0 and field.quantity == "tokens" else None
        for i in values if whole is None else [whole]:
            top = head[i] if r > 0 and i < len(head) else ""
            lone = len(values) == 1 and (
                not top
                or _GENERIC_HEAD.match(top)
                or (len(grid[0]) == 2 and (find_numbers(top) == [] or len(top.split()) > 3))
            )
            owner = (
                ()
                if r == 0
                or whole is not None
                or lone
                or _GENERIC_HEAD.match(top)
                or (down[0] is not None and r and len(head) == 2)
                else (top,)
            )
            stage = stage_of(top) if owner and not find_labels(top) else None
            if owner and field.quantity == "accelerator_hours" and _TOTAL.match(top):
                stage = "all_training"
            for draft in _cell(grid[r][i], row[i], field, label, heading, () if stage else owner):
                yield replace(draft, stage=stage) if stage and draft.stage is None else draft


def _whole(head: list[str], values: list[int]) -> int | None:
    """The column that sums up the others where those are stages: `Stage 1 | Stage 2 | Total`."""
    sums = [i for i in values if i < len(head) and _TOTAL.match(head[i])]
    others = [head[i] for i in values if i < len(head) and i not in sums]
    staged = len(others) > 1 and all(_STAGE_COLUMN.match(text) for text in others)
    return sums[0] if staged and len(sums) == 1 else None


def _described(cell: Cell | None, text: Clean, label: str, heading: str) -> Iterator[Draft]:
    """Parameters and tokens that the words of a value state: `14B parameters, a dense decoder`."""
    if cell is None or not 12 < len(text.text) <= 400:
        return
    for draft in prose.read_sentence(sentence(text.text, 0, f"{label} {heading}".lower())):
        if draft.quantity.startswith("parameters") and draft.rejected is None:
            yield _placed(draft, cell, text)


def _placed(draft: Draft, cell: Cell, text: Clean) -> Draft:
    """A draft of a cell's text at its place in the block."""
    start = cell.start + text.raw_position(draft.start)
    end = cell.start + text.raw_position(max(draft.start, draft.end - 1)) + 1
    method = "card_table" if draft.method == "card_text" else draft.method
    return replace(draft, start=start, end=end, method=method)


def _cell(
    cell: Cell | None,
    text: Clean,
    field: Field,
    label: str,
    heading: str,
    labels: tuple[str, ...],
) -> Iterator[Draft]:
    if cell is None:
        return
    value = text.text
    if len(value) > 400:
        return
    if (
        field.quantity == "tokens"
        and len(value) > 25
        and "token" in value.lower()
        and (re.search(r"[a-z]{4,} .*[a-z]{4,}", value) or re.search(r"[\u3040-\u9fff]{6}", value))
    ):
        drafts: Iterator[Draft] = (
            d
            for d in prose.read_sentence(sentence(value, 0, f"{label} {heading}".lower()))
            if d.quantity == "tokens"
        )
    else:
        drafts = read_value(field, label, value, heading)
    for draft in drafts:
        placed = _placed(draft, cell, text)
        yield replace(placed, labels=labels or draft.labels)

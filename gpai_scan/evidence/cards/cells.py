"""Reads tables: one axis names the quantities, the other the models or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import prose
from gpai_scan.evidence.cards.batches import read_settings
from gpai_scan.evidence.cards.drafts import NUMBERED_STAGE, Draft
from gpai_scan.evidence.cards.fields import Field, field_of
from gpai_scan.evidence.cards.heads import (
    GENERIC_HEAD,
    LOG,
    MIX_HEAD,
    MODEL_HEAD,
    PARAMETERS,
    REMARK_HEAD,
    SIZES,
    STAGE_HEAD,
    TOTAL,
    column_field,
    generic_pair,
    is_measure,
    measures,
    moments,
    names_models,
    row_label,
    sum_column,
    summed_columns,
    with_durations,
)
from gpai_scan.evidence.cards.labels import find_labels
from gpai_scan.evidence.cards.machines import read_hardware
from gpai_scan.evidence.cards.numbers import find_numbers
from gpai_scan.evidence.cards.tables import Cell, Grid
from gpai_scan.evidence.cards.text import Clean, clean
from gpai_scan.evidence.cards.units import sentence
from gpai_scan.evidence.cards.values import read_value, stage_of


def _plain(cell: Cell | None) -> Clean:
    return clean(cell.text) if cell is not None else Clean("", (0,), (0,))


def read_grid(grid: Grid, heading: str) -> Iterator[Draft]:
    """Claims of a table; positions are within the block the grid was cut from."""
    if len(grid) < 1 or max(map(len, grid)) < 2:
        return
    plain = [[_plain(cell) for cell in row] for row in grid]
    head = [c.text.strip() for c in plain[0]]
    if any(LOG.search(c.text) for c in plain[0]):
        return
    measured = measures(plain)
    across = [column_field(text, i, plain) for i, text in enumerate(head)]
    counted = zip(head, across, strict=True)
    if any(f is not None and not f.rejected and PARAMETERS.match(text) for text, f in counted):
        across = [None if SIZES.match(text) else f for text, f in zip(head, across, strict=True)]
    across = with_durations(head, across)
    down = [field_of(row_label(row)) for row in plain]
    labels = {row_label(row) for row, field in zip(plain, down, strict=True) if field is not None}
    by_column = sum(f is not None for f in across[1:]) + (
        across[0] is not None and is_measure(across[0])
    )
    by_row = len(labels)  # one word in every row, as a link has it, labels no row
    headless = len(head) == 2 and across[0] is not None and bool(find_numbers(head[1]))
    if headless and across[1] is None:
        by_column = 0
    if by_column and by_column >= by_row and len(grid) > 1 and not generic_pair(head):
        found = _columns(grid, plain, head, across, heading)
    elif by_row:
        found = _rows(grid, plain, head, down, heading)
    else:
        return
    for draft in found:
        if measured and draft.quantity in _SETTINGS:
            draft = replace(draft, rejected=draft.rejected or "performance_table")
        yield draft


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


def _columns(
    grid: Grid, plain: list[list[Clean]], head: list[str], across: list[Field | None], heading: str
) -> Iterator[Draft]:
    """A table whose header row names the quantities and whose rows are models."""
    heads = [i for i, field in enumerate(across) if field is not None]
    names = [
        i
        for i, text in enumerate(head)
        if (across[i] is None or (i == 0 and names_models(across[i], plain)))
        and MODEL_HEAD.search(text)
        and i < heads[-1]
    ]
    parts = bool(MIX_HEAD.match(head[0]))
    last = len(plain) - 1 if moments(plain, across) else None
    summed = summed_columns(head, across)
    staged = bool(STAGE_HEAD.match(head[0]))
    whole = any(row and TOTAL.match(row[0].text) for row in plain[1:])
    sizes = [i for i in heads if across[i] is not None and across[i].quantity == "parameters_total"]  # type: ignore[union-attr]
    for r, row in enumerate(plain[1:], 1):
        total = bool(row and TOTAL.match(row[0].text))
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
                if last is not None:
                    moment = None if r == last else "checkpoint"
                    yield replace(draft, rejected=draft.rejected or moment, labels=())
                elif i in summed:
                    yield replace(draft, rejected="part")
                elif staged and draft.quantity in {"tokens", "accelerator_hours"}:
                    yield _of_stage(draft, row[0].text, whole)
                elif parts and draft.quantity in {"tokens", "unique_tokens"}:
                    yield _of_mixture(draft, total, f"{heading} {head[i]}".lower())
                else:
                    yield replace(draft, rejected="total_row") if total else draft


_FIRST_STAGE = re.compile(r"^\W*(?:(?:stage|phase)\W*)?(?:1|i|one)\b", re.IGNORECASE)


_LATER_STAGE = re.compile(r"^\W*(?:(?:stage|phase)\W*)?(?:[2-9]|i{2,3}|two|three)\b", re.IGNORECASE)


def _of_stage(draft: Draft, label: str, whole: bool) -> Draft:
    """A figure of a table whose rows are stages of one training; `whole`: one row is their sum."""
    if TOTAL.match(label):
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
        label = row_label(row)
        first = 1 if row[0].text.strip() == label else 2
        values = [i for i in range(first, len(row)) if row[i].text.strip()]
        values = [i for i in values if i >= len(head) or not REMARK_HEAD.match(head[i])]
        if len(values) > 1 and (
            r == 0 or all(GENERIC_HEAD.match(head[i]) for i in values if i < len(head))
        ):
            values = values[:1] if r > 0 else []
        whole = sum_column(head, values) if r > 0 and field.quantity == "tokens" else None
        for i in values if whole is None else [whole]:
            top = head[i] if r > 0 and i < len(head) else ""
            lone = len(values) == 1 and (
                not top
                or GENERIC_HEAD.match(top)
                or (len(grid[0]) == 2 and (find_numbers(top) == [] or len(top.split()) > 3))
            )
            owner = (
                ()
                if r == 0
                or whole is not None
                or lone
                or GENERIC_HEAD.match(top)
                or (down[0] is not None and r and len(head) == 2)
                else (top,)
            )
            stage = stage_of(top) if (owner or lone) and not find_labels(top) else None
            if owner and field.quantity == "accelerator_hours" and TOTAL.match(top):
                stage = "all_training"
            for draft in _cell(grid[r][i], row[i], field, label, heading, () if stage else owner):
                yield replace(draft, stage=stage) if stage and draft.stage is None else draft


_RECIPE = re.compile(
    r"^\W*(?:pre-?|mid-?|post-?)?training(?: (?:setup|config\w*|recipe|details?|run))?\W*$",
    re.IGNORECASE,
)


def _described(cell: Cell | None, text: Clean, label: str, heading: str) -> Iterator[Draft]:
    """Parameters and tokens that the words of a value state: `14B parameters, a dense decoder`."""
    if cell is None or not 12 < len(text.text) <= 400:
        return
    source = sentence(text.text, 0, f"{label} {heading}".lower(), label.lower())
    if _RECIPE.match(label):
        source = replace(source, heading="training")
        found = [*prose.read_sentence(source), *read_settings(source), *read_hardware(source)]
        for draft in found:
            yield _placed(draft, cell, text)
        return
    for draft in prose.read_sentence(source):
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

"""Reads tables and `label: value` lines: the label names the quantity, the other axis the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import prose, rules
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.fields import Field, field_of
from gpai_scan.evidence.cards.hardware import chips, devices
from gpai_scan.evidence.cards.machines import read_hardware
from gpai_scan.evidence.cards.numbers import Number, find_numbers, grouped
from gpai_scan.evidence.cards.tables import Cell, Grid
from gpai_scan.evidence.cards.text import Clean, clean

_TIME = re.compile(
    r"(?P<unit>hours?|hrs?|h\b|days?|weeks?|months?|minutes?|天|日|小时|時間)", re.IGNORECASE
)
_COUNTS = frozenset({"steps", "batch_sequences", "batch_tokens", "tokens", "unique_tokens", "token_data", "accelerator_hours", "parameters_total", "parameters_active", "hours_used"})  # fmt: skip
_EMPTY = re.compile(
    r"^\W*(?:more information needed|n/?a|none|unknown|tbd|tba|todo|-|—|)\W*$", re.IGNORECASE
)
_STAGED = re.compile(
    r"(?P<stage>[A-Za-z][\w \-]{1,30}?)\s?[:：]\s?~?(?P<n>[\d.,]+\s?[KMB]?)\s?(?:[A-Z]\w+\s){0,2}(?:GPU )?(?:hours|hrs|h\b|tokens)",
    re.IGNORECASE,
)


_STEP_NAME = re.compile(r"\bstep[-_]?(?P<n>\d{3,9})(?P<k>[kK]?)(?![\d])")


_BARE = re.compile(r"^\W*\d{1,3}(?:,\d{3})*\W*$|^\W*\d{1,7}\W*$")
_PLURAL = re.compile(r"gpus|tpus|accelerators|devices|chips", re.IGNORECASE)


def stage_of(label: str) -> str | None:
    """The stage that a label names, if any."""
    return rules.stage("", "", label.lower())


def read_value(field: Field, label: str, text: str, heading: str) -> Iterator[Draft]:
    """Claims of one value under a label; positions are within the plain value text."""
    if _EMPTY.match(text):
        return
    if field.quantity.startswith("parameters") and prose.COMPONENT_HEADING.search(heading.lower()):
        field = replace(field, rejected="component")
    stage = stage_of(label) or rules.stage("", "", heading.lower())
    quantity = field.quantity
    if quantity == "hardware" and _BARE.match(text) and _PLURAL.search(label):
        field, quantity = (
            replace(field, quantity="accelerator_count", least=1.0, most=1e7),
            "accelerator_count",
        )
    if quantity == "hardware":
        yield from read_hardware(prose.sentence(text, 0, "training " + heading.lower(), "hardware"))
        return
    if quantity == "precision":
        name = re.search(
            r"\b(bf16|bfloat16|fp16|float16|fp8|fp32|float32|tf32)\b", text, re.IGNORECASE
        )
        if name and not re.search(r"infer|quant|weight", label.lower()):
            short = {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}
            yield Draft("precision", *name.span(), text=short.get(name[0].lower(), name[0].lower()))
        return
    if quantity in {"emissions", "energy"}:
        yield from _measured(quantity, label, text, heading)
        return
    if quantity in {"accelerator_hours", "tokens"} and field.rejected is None:
        staged = list(_STAGED.finditer(text))
        if len(staged) > 1:
            yield from _staged(quantity, staged)
            return
    if quantity == "checkpoint":
        for match in _STEP_NAME.finditer(text):
            steps = float(match["n"]) * (1e3 if match["k"] else 1.0)
            yield Draft(
                "steps",
                *match.span("n"),
                steps,
                steps,
                steps,
                stage=stage,
                note="name of a checkpoint",
            )
        return
    numbers = [n for n in find_numbers(text) if not n.in_name]
    if not numbers:
        return
    if quantity == "accelerator_count" and (found := devices(text)):
        yield Draft(
            quantity, found[0].start, found[0].end, found[0].count, found[0].count, found[0].count
        )
    elif quantity in {"training_hours", "hours_used"}:
        yield from _time(quantity, numbers[0], text, label, stage)
    else:
        yield from _number(field, numbers, text, label, stage, heading)


_MASS = re.compile(r"\b(?P<unit>metric tons?|tonnes?|tons?|tco2\w*|kg\w*|grams?|g)\b")


def _measured(quantity: str, label: str, text: str, heading: str) -> Iterator[Draft]:
    """Energy or emissions: the unit stands in the value, or in its label."""
    unit = _MASS.search(label.lower()) if quantity == "emissions" else None
    bare = re.fullmatch(r"\W*[\d,.]+\W*", text)
    if unit is not None and bare is not None:
        factor = (
            1e6
            if unit["unit"].startswith(("t", "m"))
            else 1e3
            if unit["unit"].startswith("k")
            else 1.0
        )
        for number in find_numbers(text)[:1]:
            value = number.value * factor
            yield Draft(quantity, number.start, number.end, value, value, value, bound=number.bound)
        return
    found = prose.read_sentence(prose.sentence(text, 0, heading.lower()))
    yield from (d for d in found if d.quantity == quantity)


def _staged(quantity: str, staged: list[re.Match[str]]) -> Iterator[Draft]:
    for match in staged:
        number = find_numbers(match["n"])
        if number:
            name = match["stage"].lower()
            stage = (
                "all_training" if name.strip() in {"total", "sum"} else rules.stage("", "", name)
            )
            value = number[0].value
            yield Draft(
                quantity,
                *match.span("n"),
                value,
                value,
                value,
                stage=stage,
                note=f"part: {match['stage'].strip()}",
            )


def _time(
    quantity: str, number: Number, text: str, label: str, stage: str | None
) -> Iterator[Draft]:
    unit = _TIME.match(text[number.end : number.end + 16].lstrip(" -")) or _TIME.search(label)
    name = unit["unit"].lower().rstrip("s") if unit else ""
    factor = {"hour": 1.0, "hr": 1.0, "h": 1.0, "day": 24.0, "week": 168.0, "month": 730.5, "minute": 1 / 60,
              "天": 24.0, "日": 24.0, "小时": 1.0, "時間": 1.0}.get(name)  # fmt: skip
    if factor is None and quantity == "training_hours":
        return
    number = grouped(number, text)
    value, low, high = (v * (factor or 1.0) for v in (number.value, number.low, number.high))
    accelerator = re.search(r"gpu|tpu|[ah]\d{3}", text[number.end : number.end + 14].lower())
    name_of = "training_hours"
    note = None
    if quantity == "hours_used":
        # The form of the ML CO2 calculator asks for accelerator-hours; a value of a few hundred
        # hours beside several devices is wall-clock time, which only the whole card tells.
        name_of, note = "accelerator_hours", "field `Hours used`"
    if accelerator:
        name_of = "accelerator_hours"
    yield Draft(
        name_of,
        number.start,
        number.end,
        value,
        low,
        high,
        bound=number.bound,
        stage=stage,
        note=note,
    )


def _pick(field: Field, numbers: list[Number], text: str) -> Number:
    """The number a value means: of several, the one in the unit of the field."""
    if field.quantity in {"tokens", "unique_tokens", "token_data", "batch_tokens"}:
        for number in numbers:
            if re.match(
                r"\s?\+?\s?(?:\w+\s){0,3}tokens?\b", text[number.end : number.end + 40].lower()
            ):
                return number
    if field.quantity == "steps":
        for number in numbers:
            if re.match(
                r"\s?(?:\w+\s)?(?:steps|iterations)", text[number.end : number.end + 30].lower()
            ):
                return number
    return numbers[0]


def _number(
    field: Field, numbers: list[Number], text: str, label: str, stage: str | None, heading: str
) -> Iterator[Draft]:
    number = _pick(field, numbers, text)
    quantity, rejected = field.quantity, field.rejected
    if quantity in _COUNTS:
        number = grouped(number, text)
    factor = field.factor if number.scale == 1.0 and number.value < 1e6 else 1.0
    if quantity == "accelerator_days":
        quantity, factor = "accelerator_hours", factor * 24
    if quantity == "utilisation":
        factor = 0.01 if number.value > 1 else 1.0
    if quantity == "batch_sequences":
        tail = text[number.end : number.end + 20].lower()
        if re.match(r"\s?\+?\s?tokens?", tail) or number.value >= 3e5:
            quantity = "batch_tokens"
    if quantity == "token_data":
        if (
            not re.match(
                r"\s?\+?\s?(?:[\w\-]+,?\s){0,6}(?:tokens?|词元|トークン|$)",
                text[number.end :].lower(),
            )
            or number.scale < 1e6
        ):
            return
        quantity = "tokens"
    product = (
        _PRODUCT.match(text.strip()) if quantity in {"batch_sequences", "batch_tokens"} else None
    )
    if product:
        result = float(product["result"].replace(",", ""))
        number = replace(number, value=result, low=result, high=result)
    if quantity in _WHOLE and (
        number.value != int(number.value) or _OTHER_UNIT.match(text[number.end :])
    ):
        return
    value, low, high = (v * factor for v in (number.value, number.low, number.high))
    if not field.least <= value <= field.most:
        return
    if quantity in {"tokens", "unique_tokens"}:
        after = text[number.end : number.end + 40].lower()
        if (
            re.match(
                r"\s?(?:gb|tb|images|pairs|hours|samples|documents|steps|epochs|words|pages|examples|%)",
                after,
            )
            or value < 1e6
        ):
            return
    if quantity.startswith("parameters") and re.match(
        r"\s?(?:gb|mb|gib|tokens|images|hours|%)", text[number.end : number.end + 10].lower()
    ):
        return
    if quantity == "accelerator_hours" and stage is None and rules.covers_all(label.lower()):
        stage = "all_training"
    yield Draft(
        quantity,
        number.start,
        number.end,
        value,
        low,
        high,
        bound=number.bound,
        stage=stage,
        rejected=rejected,
    )
    if quantity == "tokens" and len(numbers) > 1:
        yield from _rest(text, label)


_PRODUCT = re.compile(r"^[\d,]+(?:\s?[x×*]\s?[\d,]+)+\s?=\s?(?P<result>\d[\d,]*)")
_WHOLE = frozenset(
    "steps batch_sequences batch_tokens sequence_length accelerator_count accelerator_nodes accelerators_per_node".split()
)
_OTHER_UNIT = re.compile(r"^\s?(?:GB|GiB|MB|ms|s\b|sec|%|x\b|°|hours?|days?|\.\d)", re.IGNORECASE)


def _rest(text: str, label: str) -> Iterator[Draft]:
    """Further claims in a value, as `3 trillion (3 epochs / 1430k steps)`."""
    for draft in prose.read_sentence(prose.sentence(f"trained for {text}", -12, label.lower())):
        if draft.quantity in {"epochs", "steps"}:
            yield replace(draft, stage=None)


_GENERIC_HEAD = re.compile(
    r"^\W*(?:value|values|details?|description|spec\w*|item|property|attribute|parameter|hyper-?parameters?|setting|info\w*|specification|参数|说明"
    r"|config\w*|field|metric|feature|component|category|)\W*$", re.IGNORECASE
)  # fmt: skip
_MODEL_HEAD = re.compile(
    r"model|name|variant|version|checkpoint|size|模型|モデル|modèle|modelo|series|release|param",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"^\W*(?:total|sum|overall|all|合计|总计|合計)\W*$", re.IGNORECASE)


def _plain(cell: Cell | None) -> Clean:
    return clean(cell.text) if cell is not None else Clean("", (0,), (0,))


def read_grid(grid: Grid, heading: str) -> Iterator[Draft]:
    """Claims of a table; positions are within the block the grid was cut from."""
    if len(grid) < 1 or max(map(len, grid)) < 2:
        return
    plain = [[_plain(cell) for cell in row] for row in grid]
    head = [c.text.strip() for c in plain[0]]
    measured = _measures(plain)
    across = [_column_field(text, i, plain) for i, text in enumerate(head)]
    down = [field_of(_row_label(row)) for row in plain]
    by_column = sum(f is not None for f in across[1:]) + (
        across[0] is not None and _is_measure(across[0])
    )
    by_row = sum(f is not None for f in down)
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


_SETTINGS = frozenset(
    "steps batch_sequences batch_tokens sequence_length accelerator_count accelerator_nodes accelerators_per_node accelerator_model "
    "accelerator_memory training_hours epochs".split()
)
_PERFORMANCE = re.compile(
    r"s/it\b|^\W*(?:\d+(?:\.\d+)?\s?(?:GB|GiB|MB|ms|s|sec|tok/s)|OOM)\b|VRAM|tokens?/s|latency|throughput|GPU memory|memory usage|s/iter",
    re.IGNORECASE,
)


def _measures(plain: list[list[Clean]]) -> bool:
    """Whether a table reports memory or speed of runs rather than how a model was made."""
    texts = [c.text for row in plain[:40] for c in row if len(c.text) < 80]
    hits = sum(1 for t in texts if _PERFORMANCE.search(t))
    return hits >= 3 or any(
        re.search(r"VRAM|tokens?/s|latency|throughput|memory usage", t, re.IGNORECASE)
        for t in texts
    )


def _column_field(text: str, column: int, plain: list[list[Clean]]) -> Field | None:
    """The field of a column; a `Size` column of words such as `tiny` names models instead."""
    field = field_of(text)
    if field is not None and field.quantity == "parameters_total":
        values = [row[column].text for row in plain[1:] if column < len(row)]
        if values and not any(find_numbers(value) for value in values):
            return None
    return field


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
        if across[i] is None and _MODEL_HEAD.search(text) and i < heads[-1]
    ]
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
            drafts = _cell(
                grid[r][i], row[i], field, head[i], heading, (label,) if label else (), group=r
            )
            for draft in drafts:
                yield replace(draft, rejected="total_row") if total else draft


def _rows(
    grid: Grid, plain: list[list[Clean]], head: list[str], down: list[Field | None], heading: str
) -> Iterator[Draft]:
    """A table whose first column names the quantities and whose columns are models or values."""
    for r, row in enumerate(plain):
        field = down[r]
        if field is None or len(row) < 2:
            continue
        label = _row_label(row)
        first = 1 if row[0].text.strip() == label else 2
        values = [i for i in range(first, len(row)) if row[i].text.strip()]
        if len(values) > 1 and (
            r == 0 or all(_GENERIC_HEAD.match(head[i]) for i in values if i < len(head))
        ):
            values = values[:1] if r > 0 else []
        for i in values:
            top = head[i] if r > 0 and i < len(head) else ""
            lone = len(values) == 1 and (
                not top
                or _GENERIC_HEAD.match(top)
                or (find_numbers(top) == [] and len(grid[0]) == 2)
            )
            owner = (
                ()
                if r == 0
                or lone
                or _GENERIC_HEAD.match(top)
                or (down[0] is not None and r and len(head) == 2)
                else (top,)
            )
            yield from _cell(grid[r][i], row[i], field, label, heading, owner, group=0)


def _cell(
    cell: Cell | None,
    text: Clean,
    field: Field,
    label: str,
    heading: str,
    labels: tuple[str, ...],
    group: int,
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
        and re.search(r"[a-z]{4,} .*[a-z]{4,}", value)
    ):
        drafts: Iterator[Draft] = (
            d
            for d in prose.read_sentence(prose.sentence(value, 0, f"{label} {heading}".lower()))
            if d.quantity == "tokens"
        )
    else:
        drafts = read_value(field, label, value, heading)
    for draft in drafts:
        start = cell.start + text.raw_position(draft.start)
        end = cell.start + text.raw_position(max(draft.start, draft.end - 1)) + 1
        yield replace(
            draft, start=start, end=end, labels=labels or draft.labels, group=group,
            method="card_table" if draft.method == "card_text" else draft.method,
        )  # fmt: skip


def has_chip(text: str) -> bool:
    """Whether a text names an accelerator."""
    return bool(chips(text))

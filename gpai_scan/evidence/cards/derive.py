"""Products of figures that a card states apart: steps x batch, epochs x data, count x duration."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Final

from gpai_scan.evidence.cards.claims import Claim
from gpai_scan.evidence.cards.drafts import READ_ONCE, Draft

# Each product and its two factors; a product may be the factor of a later one.
_PRODUCTS: Final = (
    ("accelerator_count", "accelerator_nodes", "accelerators_per_node"),
    ("batch_tokens", "batch_sequences", "sequence_length"),
    ("tokens", "steps", "batch_tokens"),
    ("tokens", "epochs", "unique_tokens"),
    ("samples_seen", "steps", "batch_sequences"),
    ("samples_seen", "epochs", "dataset_samples"),
    ("accelerator_hours", "accelerator_count", "training_hours"),
)
_STAGES: Final = (
    (None, "pretraining", "all_training"),
    ("continued_pretraining",),
    ("post_training",),
)
_LEAST: Final = {"tokens": 1e6, "batch_tokens": 1e3}

Usable = dict[str, list[Claim]]


def derived(claims: list[Claim]) -> list[Claim]:
    """Claims of methods `card_derived` and `card_data` that follow from the usable ones.

    A factor that the card gives two values for yields no product, nor does a product that the
    card states itself.
    """
    usable: Usable = defaultdict(list)
    for claim in claims:
        if claim.draft.value is not None and claim.usable:
            usable[claim.draft.quantity].append(claim)
    made: list[Claim] = []
    for quantity, first, second in _PRODUCTS:
        if usable.get(first) and usable.get(second):
            for claim in _product(usable, quantity, first, second):
                usable[quantity].append(claim)
                made.append(claim)
    return made + _stages_together(usable) + _read_once(usable)


def _read_once(usable: Usable) -> list[Claim]:
    """The size of the training data as tokens seen, where the card has nothing else to say of them.

    It is what one pass over the data reads: the spread of `card_data` in `data/spreads.csv` is
    that of the passes. Cards that name epochs get their product instead.
    """
    made: list[Claim] = []
    for stages in _STAGES:
        sizes = usable.get("unique_tokens", [])
        whole = _lone([c for c in sizes if c.draft.note == READ_ONCE], stages)
        if whole is None or _lone(sizes, stages) is None or usable.get("epochs"):
            continue
        if any(c.draft.stage in stages for c in usable.get("tokens", ())):
            continue
        note = f"{READ_ONCE} (line {whole.line}), taken as read once"
        draft = replace(whole.draft, quantity="tokens", method="card_data", note=note)
        made.append(whole._replace(draft=draft))
    return made


def _stages_together(usable: Usable) -> list[Claim]:
    """Hours of several stages in one line add up, where the card states no total."""
    hours = usable.get("accelerator_hours", [])
    if any(c.draft.stage == "all_training" for c in hours):
        return []
    lines: dict[int, list[Claim]] = defaultdict(list)
    for claim in hours:
        if claim.draft.stage is not None:
            lines[claim.line].append(claim)
    for line, parts in lines.items():
        if len({c.draft.stage for c in parts}) > 1:
            total = sum(c.draft.value or 0.0 for c in parts)
            note = " + ".join(f"{c.draft.value:g}" for c in parts) + f" (line {line})"
            low, high = (sum(getattr(c.draft, n) or 0.0 for c in parts) for n in ("low", "high"))
            draft = replace(
                parts[0].draft,
                value=total,
                low=low,
                high=high,
                stage="all_training",
                method="card_derived",
                note=note,
            )
            return [parts[0]._replace(draft=draft)]
    return []


def _lone(claims: list[Claim], stages: tuple[str | None, ...]) -> Claim | None:
    """The claim of some stages, where all of them agree within a percent."""
    found = [c for c in claims if c.draft.stage in stages and c.draft.value]
    values = [c.draft.value or 0.0 for c in found]
    return found[0] if values and max(values) <= 1.01 * min(values) else None


_BESIDE: Final = 4  # lines


def _beside(usable: Usable, duration: Claim) -> Claim | None:
    """The devices of no named stage near a stage's duration, where they have none of their own."""
    if duration.draft.quantity != "training_hours":
        return None
    if any(c.draft.stage is None for c in usable.get("accelerator_hours", ())):
        return None
    found = _lone(usable["accelerator_count"], (None,))
    near = found is not None and abs(found.line - duration.line) <= _BESIDE
    return found if near else None


def _product(usable: Usable, quantity: str, first: str, second: str) -> list[Claim]:
    made: list[Claim] = []
    for stages in _STAGES:
        if any(c.draft.stage in stages for c in usable.get(quantity, ())):
            continue
        b = _lone(usable[second], stages)
        a = _lone(usable[first], stages) or (_beside(usable, b) if b else None)
        if a is None or b is None or a.draft.value is None or b.draft.value is None:
            continue
        if a.draft.value * b.draft.value >= _LEAST.get(quantity, 0.0):
            made.append(a._replace(draft=_times(quantity, a, b)))
    return made


def _times(quantity: str, a: Claim, b: Claim) -> Draft:
    x, y = a.draft, b.draft
    bounds = {x.bound, y.bound} - {"equal"}
    return replace(
        x,
        quantity=quantity,
        value=(x.value or 0.0) * (y.value or 0.0),
        low=(x.low or 0.0) * (y.low or 0.0),
        high=(x.high or 0.0) * (y.high or 0.0),
        bound=bounds.pop() if len(bounds) == 1 else "about" if bounds else "equal",
        stage=x.stage or y.stage,
        method="card_derived",
        note=f"{x.quantity} {x.value:g} (line {a.line}) x {y.quantity} {y.value:g} (line {b.line})",
    )

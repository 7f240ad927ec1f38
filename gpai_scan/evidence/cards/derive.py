"""Products of figures that a card states apart: steps x batch, epochs x data, count x duration."""

from __future__ import annotations

from dataclasses import replace

from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.resolve import Claim


def derived(claims: list[Claim]) -> list[Claim]:
    """Claims of method `card_derived` that follow from the usable ones.

    A factor that the card gives two values for yields no product.
    """
    found = list(claims)
    found += _product(found, "accelerator_count", ("accelerator_nodes", "accelerators_per_node"))
    found += _product(found, "batch_tokens", ("batch_sequences", "sequence_length"))
    found += _product(found, "tokens", ("steps", "batch_tokens"))
    found += _product(found, "tokens", ("epochs", "unique_tokens"))
    found += _product(found, "accelerator_hours", ("accelerator_count", "training_hours"))
    return found[len(claims) :]


def _lone(claims: list[Claim], quantity: str, stages: tuple[str | None, ...]) -> Claim | None:
    """The usable claim of a quantity, where all of them agree within a percent."""
    usable = [
        c for c in claims
        if c.usable and c.draft.quantity == quantity and c.draft.value and c.draft.stage in stages
    ]  # fmt: skip
    values = [c.draft.value for c in usable if c.draft.value is not None]
    if not values or max(values) > 1.01 * min(values):
        return None
    return usable[0]


_MAIN = (None, "pretraining", "all_training")


def _product(claims: list[Claim], quantity: str, factors: tuple[str, str]) -> list[Claim]:
    """The product of two quantities of one stage, unless the card states it."""
    made: list[Claim] = []
    for stages in (_MAIN, ("continued_pretraining",), ("post_training",)):
        if any(
            c.usable and c.draft.quantity == quantity and c.draft.stage in stages for c in claims
        ):
            continue
        a, b = (_lone(claims, name, stages) for name in factors)
        if a is None or b is None or a.draft.value is None or b.draft.value is None:
            continue
        if quantity == "tokens" and a.draft.value * b.draft.value < 1e6:
            continue
        value = a.draft.value * b.draft.value
        bounds = {a.draft.bound, b.draft.bound} - {"equal"}
        draft = Draft(
            quantity, 0, 0, value, (a.draft.low or 0) * (b.draft.low or 0), (a.draft.high or 0) * (b.draft.high or 0),
            bound=bounds.pop() if len(bounds) == 1 else "about" if bounds else "equal",
            stage=a.draft.stage or b.draft.stage, method="card_derived",
            note=f"{factors[0]} {a.draft.value:g} (line {a.line}) x {factors[1]} {b.draft.value:g} (line {b.line})",
        )  # fmt: skip
        made.append(replace(a, draft=draft))
    return made

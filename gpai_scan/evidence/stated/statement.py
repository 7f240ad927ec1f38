"""What the parts of the reader of statements hand to one another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim of a piece before the repository is looked at.

    `labels` are the models it is said of, none where the sentence does not say; `kind` is a word
    such as `int4` or `chat` that tells for which of a family it is said. `linked` is true where
    the text is an identifier and not a bare name. Where `strict`, a label that tells nothing of a
    name, such as a row of a table has, is another model's. `base` is what a kind of derivation is
    said together with, `opening` the name without a number that the sentence begins with, `lead`
    the name of the model that the passage presents; `badge` is true for a licence that is only
    shown on a badge. What is `vague` gives way to a more precise sign: a kind of derivation that
    any label promises, a base below a label that as often stands over an architecture.
    """

    quantity: str
    text: str
    start: int
    end: int
    labels: tuple[str, ...] = ()
    kind: str | None = None
    linked: bool = False
    row: bool = False
    rejected: str | None = None
    note: str | None = None
    strict: bool = False
    base: str = ""
    opening: str = ""
    badge: bool = False
    vague: bool = False
    lead: str = ""

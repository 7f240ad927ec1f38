"""What the parts of the reader of statements hand to one another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim of a piece before the repository is looked at.

    `labels` are the models it is said of, none where the sentence does not say; `kind` is a word
    such as `int4` or `chat` that tells for which of a family it is said. `linked` is true where
    the text is an identifier and not a bare name.
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

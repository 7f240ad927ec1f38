"""A card and its statements at their places."""

from __future__ import annotations

from typing import NamedTuple

from gpai_scan.evidence.stated.statement import Statement


class Card(NamedTuple):
    """A card: its text without the front matter, whose lines are `skipped`, and that text."""

    repo_id: str
    text: str
    skipped: int
    front: str


class Placed(NamedTuple):
    """A statement in a piece that begins at a line (from 0), and what came of it.

    `subject` is whom it is about where that is not the repository; `rejected` why it is not used.
    """

    line: int
    piece: str
    said: Statement
    subject: str | None = None
    rejected: str | None = None
    derived: bool = False
    """Whether it is put together from what stands in several places."""

    @property
    def used(self) -> bool:
        """Whether it counts for the repository."""
        return self.subject is None and self.rejected is None

"""A claim: a draft with its place in the card and the model it is about."""

from __future__ import annotations

from typing import NamedTuple

from gpai_scan.evidence.cards.drafts import Draft


class Claim(NamedTuple):
    """A draft with its place in the card and the model it is about."""

    draft: Draft
    line: int
    start: int
    end: int
    quote: str
    subject: str | None = None
    rejected: str | None = None

    def row(self, repo_id: str, revision: str | None, file: str) -> tuple[object, ...]:
        """The claim in the order of the columns of `schema.EVIDENCE`."""
        d = self.draft
        return (
            repo_id,
            revision,
            d.quantity,
            d.stage,
            self.subject,
            d.value,
            d.low,
            d.high,
            d.text,
            d.bound,
            d.method,
            self.rejected or d.rejected,
            file,
            self.line,
            self.start,
            self.end,
            self.quote,
            d.note,
        )

    @property
    def usable(self) -> bool:
        """Whether the claim may be used for the repository."""
        return self.subject is None and self.rejected is None and self.draft.rejected is None


def lone_value(claims: list[Claim], quantity: str) -> float | None:
    """The one value that the usable claims of a quantity agree on."""
    values = {
        c.draft.value for c in claims if c.usable and c.draft.quantity == quantity and c.draft.value
    }
    return values.pop() if len(values) == 1 else None

"""What the parts of the reader hand to one another before it is known whose figures they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOURS_USED: Final = "field `Hours used`"
"""Note of a figure from the template of the ML CO2 calculator, of devices or of the clock."""

READ_ONCE: Final = "size of the training data"
"""Note of a data set's size that the text gives as that of what the model was trained on."""
PART_OF_DATA: Final = "size of the data of one language or kind"
"""Note of the size of data that the text calls by its language or kind."""

BEGAN: Final = "training_began"
ENDED: Final = "training_ended"
"""Days on which a training began or ended: no quantities of claims, but two are a duration."""
UNSAID: Final = "a day of what the text does not say"
"""Note of such a day where neither its sentence nor its heading speaks of training."""


NUMBERED_STAGE: Final = "a stage of the training by its number"
"""Note of tokens from a table of numbered stages that gives no sum."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One claim as a block of a card states it, before the repository is looked at.

    `start` and `end` are positions in the block's raw text. `labels` are the names or sizes of the
    models the figure is said of; none where the text does not say.
    """

    quantity: str
    start: int
    end: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    text: str | None = None
    bound: str = "equal"
    stage: str | None = None
    labels: tuple[str, ...] = ()
    rejected: str | None = None
    note: str | None = None
    method: str = "card_text"

    def at(self, start: int, end: int, labels: tuple[str, ...]) -> Draft:
        """The draft at another place, of other models: `dataclasses.replace` takes twice as long.

        Most of what a card states is only moved.
        """
        return Draft(
            self.quantity, start, end, self.value, self.low, self.high, self.text, self.bound,
            self.stage, labels, self.rejected, self.note, self.method,
        )  # fmt: skip

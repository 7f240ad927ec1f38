"""How long a training ran, from the days on which it began and ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.prose import aside
from gpai_scan.evidence.cards.units import Sentence

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january janvier enero gennaio", "feb februar february février febrero",
            "mar märz march mars marzo", "apr april avril abril aprile", "may mai mayo maggio",
            "jun juni june juin junio giugno", "jul juli july juillet julio luglio",
            "aug august août agosto", "sep sept september septembre septiembre settembre",
            "oct okt october oktober octobre octubre ottobre",
            "nov november novembre noviembre", "dec dez december dezember décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))


def _day(name: str) -> str:
    """A regular expression for a day; of the year it may say nothing."""
    year = r",?\s?(?:de |del )?"
    return (
        rf"(?:(?P<{name}d1>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s(?:of |de )?"
        rf"(?P<{name}m1>{_MONTH})\b\.?(?:{year}(?P<{name}y1>20\d\d))?"
        rf"|(?P<{name}m2>{_MONTH})\.?\s(?P<{name}d2>\d{{1,2}})(?:st|nd|rd|th)?\b"
        rf"(?:{year}(?P<{name}y2>20\d\d))?"
        rf"|(?P<{name}y3>20\d\d)(?:-|/|年)(?P<{name}m3>\d{{1,2}})(?:-|/|月)"
        rf"(?P<{name}d3>\d{{1,2}})日?)"
    )


_RANGE: Final = re.compile(
    rf"(?<![\w]){_day('a')}(?:\s\d\d?:\d\d\s?(?:[ap]m)?(?:\s[a-z]{{2,4}})?)?"
    r"\s?(?:to|until|till|through|and|bis|au|al|hasta|[-–—~]|から|至"
    r"|,? (?:and |it )?(?:ended|finished|(?:was )?completed|lasted until)(?: on)?)\s?"
    rf"(?:the )?{_day('b')}"
)
_YEAR: Final = re.compile(r"(?<!\d)20\d\d(?!\d)")
# Of what else a card gives the first and the last day.
_OTHER: Final = re.compile(
    r"\b(?:data|crawl\w*|collected|snapshots?|cut-?off|articles|posts|tweets|news|papers|dumps?"
    r"|evaluat\w*|published|released?|scraped|available|free|support\w*|valid)\b|数据|データ"
)
_LONGEST: Final = 800


def _date(
    found: dict[str, str | None], name: str, year: int | None
) -> tuple[date | None, int | None]:
    """The day of a match and the year it says; no day where neither it nor `year` has one."""
    for place in ("1", "2", "3"):
        day, month = found[f"{name}d{place}"], found[f"{name}m{place}"]
        if day is None or month is None:
            continue
        stated = found[f"{name}y{place}"]
        chosen = int(stated) if stated else year
        if chosen is None:
            return None, None
        number = int(month) if month.isdigit() else _MONTHS[month]
        try:
            return date(chosen, number, int(day)), chosen
        except ValueError:
            return None, chosen
    return None, None


def read_dates(source: Sentence) -> Iterator[Draft]:
    """The duration of a training that a sentence gives two days of."""
    if not _YEAR.search(source.lower):
        return
    for match in _RANGE.finditer(source.lower):
        if _OTHER.search(source.lower) or not re.search(
            rules.TRAIN, source.lower[: match.start()] + "|" + source.heading
        ):
            continue
        found = match.groupdict()
        last, year = _date(found, "b", None)
        first, _ = _date(found, "a", year)
        days = (last - first).days if first is not None and last is not None else 0
        if 0 < days <= _LONGEST:
            left, right = source.lower[: match.start()], source.lower[match.end() :]
            yield Draft(
                "training_hours",
                match.start() + source.offset,
                match.end() + source.offset,
                24.0 * days,
                24.0 * (days - 1),
                24.0 * (days + 1),
                bound="about",
                stage=rules.stage(left[-200:], right[:100], source.heading),
                rejected=aside(source),
                note=f"{days} days from {first} to {last}",
            )

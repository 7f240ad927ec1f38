"""How long a training ran, from the days on which it began and ended.

The two days stand in one sentence, which is read here, or each in a line, a list item or a table
cell of its own; then each is a draft of `BEGAN` or `ENDED` whose text is the day, and `lasted` of
`cards.runs` brings them together once the whole card is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.drafts import BEGAN, ENDED, UNSAID, Draft
from gpai_scan.evidence.cards.prose import aside
from gpai_scan.evidence.cards.units import Sentence

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january janvier enero gennaio janeiro januari января",
            "feb februar february février febrero febbraio fevereiro februari февраля",
            "mar märz march mars marzo março maart марта",
            "apr april avril abril aprile апреля", "may mai mayo maggio maio mei мая",
            "jun juni june juin junio giugno junho июня", "jul juli july juillet julio luglio julho"
            " июля", "aug august août agosto augustus августа",
            "sep sept september septembre septiembre settembre setembro сентября",
            "oct okt october oktober octobre octubre ottobre outubro октября",
            "nov november novembre noviembre novembro ноября",
            "dec dez december dezember décembre diciembre dicembre dezembro декабря",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR_OF: Final = r",?\s?(?:de |del |of )?"
_ORDINAL: Final = r"(?:st|nd|rd|th|er|\.)?"


def _day(name: str) -> str:
    """A regular expression for a day; of the year it may say nothing."""
    return (
        rf"(?:(?P<{name}d1>\d{{1,2}}){_ORDINAL}\s(?:of |de )?"
        rf"(?P<{name}m1>{_MONTH})\b\.?(?:{_YEAR_OF}(?P<{name}y1>20\d\d))?"
        rf"|(?P<{name}m2>{_MONTH})\.?\s(?P<{name}d2>\d{{1,2}}){_ORDINAL}(?![\d:])"
        rf"(?:{_YEAR_OF}(?P<{name}y2>20\d\d))?"
        rf"|(?P<{name}y3>20\d\d)(?:[-/]|年|년\s?|[.·]\s?)(?P<{name}m3>\d{{1,2}})"
        rf"(?:[-/]|月|월\s?|[.·]\s?)(?P<{name}d3>\d{{1,2}})(?:日|일)?"
        rf"|(?P<{name}d4>\d{{1,2}})(?P<{name}sep>[-/.·])(?P<{name}m4>\d{{1,2}})"
        rf"(?P={name}sep)(?P<{name}y4>20\d\d)"
        rf"|(?P<{name}m5>\d{{1,2}})(?:月|월\s?)(?P<{name}d5>\d{{1,2}})(?:日|일))"
    )


_TO: Final = (
    r"(?:to|until|till|through|and|bis(?: zum)?|au|al|a|à|até|hasta|по|до|[-–—~〜～→]|->"
    r"|から|至|到|부터|,? (?:and |it )?(?:ended|finished|(?:was )?completed|lasted until)(?: on)?)"
)
_RANGE: Final = re.compile(
    rf"(?<![\w]){_day('a')}(?:\s\d\d?:\d\d\s?(?:[ap]m)?(?:\s[a-z]{{2,4}})?)?"
    rf"\s?{_TO}\s?(?:the )?{_day('b')}"
)
# "from 5 to 15 August 2023", "June 1-10, 2023": two days of one month
_OF_MONTH: Final = re.compile(
    rf"(?<![\w./·-])(?P<d1>\d{{1,2}}){_ORDINAL}\s?{_TO}\s?(?P<e1>\d{{1,2}}){_ORDINAL}\s(?:of |de )?"
    rf"(?P<m1>{_MONTH})\b\.?{_YEAR_OF}(?P<y1>20\d\d)"
    rf"|(?<!\w)(?P<m2>{_MONTH})\.?\s(?P<d2>\d{{1,2}}){_ORDINAL}\s?{_TO}\s?"
    rf"(?P<e2>\d{{1,2}}){_ORDINAL},?\s(?P<y2>20\d\d)"
)
_END: Final = re.compile(
    r"\b(?:(?P<began>start(?:ed|s|ing)?|began|beg[iu]n(?:s|ning)?|commenc\w+|launched|kicked off"
    r"|comen[cz]\w+|empez\w+|inici\w+|débuté|démarré|begann|begonnen|gestartet|startete|начал\w+)"
    r"|(?:end(?:ed|s|ing)?|finish(?:ed|es)?|complet(?:ed|ion)|conclud(?:ed|es)|stopped"
    r"|termin\w+|finaliz\w+|achevé|endete|beendet|abgeschlossen|законч\w+|заверш\w+))\b"
    rf"[^.;|\d]{{0,40}}?(?<![\w.·/-]){_day('a')}(?!\d)"
)
_MACHINES: Final = re.compile(r"[gt]pus?\b|(?<![a-z\d])(?:[ahv]\d00|mi\d{3}x?)s?(?![a-z\d])")
_YEAR: Final = re.compile(r"(?<!\d)20\d\d(?!\d)")
_TRAINED: Final = re.compile(rules.TRAIN)
_TIMES: Final = re.compile(r"\b(?:times?|dates?|timeline|schedule)\b")
# Of what else a card gives the first and the last day.
_OTHER: Final = re.compile(
    r"\b(?:data|crawl\w*|collect\w*|snapshots?|cut-?off|articles|posts|tweets|news|papers|dumps?"
    r"|evaluat\w*|published|releas\w*|scraped|available|free|support\w*|valid|submission\w*"
    r"|challenge|contest|competition|event|register\w*|registration)\b|数据|データ|데이터"
)
_LONGEST: Final = 800
_TOLERANCE: Final = 0.05  # by which two readings of one pair of days may differ


class Day(NamedTuple):
    """A day of the calendar, read with the day before the month and with the month before the day.

    The two are one where the text says which is which, and one is None where it is no date.
    """

    day_first: date | None
    month_first: date | None

    @property
    def text(self) -> str:
        """The two dates in ISO form, with a bar between them."""
        return "|".join(str(one or "") for one in self)


def day_of(text: str) -> Day:
    """The day that `Day.text` wrote."""
    return Day(*(date.fromisoformat(one) if one else None for one in text.split("|")))


class Run(NamedTuple):
    """The first and the last day of a training."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days lie between the two."""
        return (self.last - self.first).days

    def draft(self) -> Draft:
        """The duration as a draft without a place."""
        note = f"{self.days} days from {self.first} to {self.last}"
        low, high = 24.0 * (self.days - 1), 24.0 * (self.days + 1)
        return Draft("training_hours", 0, 0, 24.0 * self.days, low, high, bound="about", note=note)


def run_between(first: Day, last: Day) -> Run | None:
    """The run between two days; None where its length depends on which number is the month."""
    found = [Run(a, b) for a, b in zip(first, last, strict=True) if a and b]
    found = [run for run in found if 0 < run.days <= _LONGEST]
    days = [run.days for run in found]
    return found[0] if found and max(days) - min(days) <= _TOLERANCE * max(days) else None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read(
    found: dict[str, str | None], name: str, year: int | None
) -> tuple[Day | None, int | None]:
    """The day of a match and the year it says; no day where neither it nor `year` has one."""
    for place in "12345":
        day, month = found[f"{name}d{place}"], found[f"{name}m{place}"]
        if day is None or month is None:
            continue
        stated = found.get(f"{name}y{place}")
        chosen = int(stated) if stated else year
        if chosen is None:
            return None, None
        number = int(month) if month.isdigit() else _MONTHS[month]
        first = _made(chosen, number, int(day))
        open_order = place == "4" and found[f"{name}sep"] in {"/", "-"}
        other = _made(chosen, int(day), number) if open_order else first
        return (Day(first, other) if first or other else None), chosen
    return None, None


def _of_range(match: re.Match[str]) -> tuple[Day | None, Day | None]:
    """The two days of a range; the one without a year has that of the other, or the one before."""
    found = match.groupdict()
    last, year = _read(found, "b", None)
    first, began = _read(found, "a", year)
    if first and last and year and not any(found[f"ay{place}"] for place in "1234"):
        earlier, _ = _read(found, "a", year - 1)
        if earlier and run_between(first, last) is None and run_between(earlier, last):
            first = earlier
    return first, last if last is not None else _read(found, "b", began)[0]


def _of_month(match: re.Match[str]) -> tuple[Day | None, Day | None]:
    """The two days of a month that a match names once."""
    found = match.groupdict()
    place = "1" if found["m1"] else "2"
    year, month = int(found[f"y{place}"] or 0), _MONTHS[found[f"m{place}"] or ""]
    days = [_made(year, month, int(found[f"{end}{place}"] or 0)) for end in "de"]
    first, last = (Day(day, day) if day else None for day in days)
    return first, last


def read_dates(source: Sentence) -> Iterator[Draft]:
    """The duration of a training that a sentence gives two days of, or the one day it gives."""
    if not _YEAR.search(source.lower) or _OTHER.search(source.lower):
        return
    trained = _TRAINED.search(f"{source.lower}|{source.heading}|{source.key}|{source.previous}")
    ranges = [(m, *_of_range(m)) for m in _RANGE.finditer(source.lower)]
    ranges = ranges or [(m, *_of_month(m)) for m in _OF_MONTH.finditer(source.lower)]
    if ranges and (trained or _MACHINES.search(source.lower)):
        yield from _durations(ranges, source)
    if not ranges and not _OTHER.search(source.heading):
        timed = trained or _TIMES.search(source.heading)
        yield from _ends(source, None if timed else UNSAID)


def _durations(
    ranges: list[tuple[re.Match[str], Day | None, Day | None]], source: Sentence
) -> Iterator[Draft]:
    for match, first, last in ranges:
        run = run_between(first, last) if first and last else None
        if run is not None:
            left, right = source.lower[: match.start()], source.lower[match.end() :]
            yield replace(
                run.draft(),
                start=match.start() + source.offset,
                end=match.end() + source.offset,
                stage=rules.stage(left[-200:], right[:100], source.heading),
                rejected=aside(source),
            )


def _ends(source: Sentence, note: str | None) -> Iterator[Draft]:
    """The days on which a training began or ended."""
    for match in _END.finditer(source.lower):
        day, _ = _read(match.groupdict(), "a", None)
        if day is not None:
            left, right = source.lower[: match.start()], source.lower[match.end() :]
            yield Draft(
                BEGAN if match["began"] else ENDED,
                match.start() + source.offset,
                match.end() + source.offset,
                text=day.text,
                stage=rules.stage(left[-200:], right[:100], source.heading),
                rejected=aside(source),
                note=note,
            )

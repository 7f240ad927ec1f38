"""Hours, days or years of devices as a unit of a number: `GPU hours`, `A100-days`, `heures GPU`."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from gpai_scan.evidence.cards.accelerators import chip_pattern

_SPANS: Final = {
    "hour": r"hours?|hrs?|h|std|stunden?|heures?|horas?|ore|uren|timmar|timer|godzin\w*|saat\w*"
    r"|час\w*|小时|小時|時間|时|アワー|시간",
    "day": r"days?|tagen?|tage|jours?|d[ií]as?|giorni|dagen|dni|дн\w+|сут\w+|天|日",
    "week": r"weeks?|wochen?|semaines?|semanas?|settimane|недел\w+|周",
    "month": r"months?",
    "year": r"years?|yrs?|jahren?|années|años|anos|anni",
}
# Cheap to look for before the pattern is tried: what may be a device, then a span of time.
_DEVICE: Final = re.compile(
    r"[gtni]pu|chip|c(?:ard|ore)|node|accel|[a-z][ \-]?\d|\d[a-z]|卡|titan|hopper|blackwell|rubin"
    r"|trainium|lumi"
)
_HINT: Final = re.compile(
    r"hour|hr|pu-?h\b|\bh\b|day|week|month|y(?:ea)?r|时|時|小|시간|天|日|周|アワー|stund|std|tag|woch|jahr"
    r"|heure|jour|sem[ae]|hora|d[ií]a|a[nñ]o|ann|\bore\b|giorn|sett|uren|dag|tim|godz|dni|saat"
    r"|час|дн|сут|недел"
)
_UNIT: Final = r"gpus?|tpus?|npus?|accelerators?|chips?|cards?|cores?|nodes?|卡"
_ENGLISH: Final = r"(?:hours?|hrs?|h|days?|weeks?|months?|years?)"
_OF: Final = r"(?:de |di |d'|d’|van |of )"


class Unit(NamedTuple):
    """What stands behind a number: where it ends, of what devices and how long it is."""

    end: int
    device: str
    span: str


def _spans(name: str) -> str:
    words = "|".join(f"(?P<{name}_{span}>{words})" for span, words in _SPANS.items())
    return rf"(?:{words})(?![a-zß-ÿ\d])"


@cache
def _pattern() -> re.Pattern[str]:
    chip = rf"(?:{chip_pattern()})s?"
    before = (
        r"(?:of |total |cumulative |equivalent |compute |nvidia[\s\-]|amd[\s\-]|google |个|個"
        r"|tesla |cloud |single-|\(?\d{2,3}\s?g[ib]?b?\)?[\s\-]"
        rf"|{chip}[\s\-/]*(?:sxm\d?[\s\-]|pcie[\s\-])?(?:\(?\d{{2,3}}\s?gi?b?\)?[\s\-]*)?){{0,4}}"
    )
    some = "|".join(words for span, words in _SPANS.items() if span != "month")
    return re.compile(
        rf"^[\s\-]*{before}(?P<unit>{_UNIT}|(?<=[\w)])(?=[\s\-]*(?:{some})(?![a-z])))"
        rf"(?:[\s\-·・]|の)*(?:core[\s\-]|chip[\s\-])?{_spans('a')}"
        rf"|^[\s\-](?P<of>hours?|hrs?|h)\sof\s(?:nvidia\s|amd\s|google\s){{0,2}}{chip}"
        r"(?![a-z\d])"
        # "heures GPU", "horas de GPU A100", "hours of GPU time"
        rf"|^\s(?!{_ENGLISH}[\s\-](?!of ))"
        rf"{_spans('b')}[\s\-]{_OF}?(?:calcul |cálculo |calcolo )?{before}[gtn]pus?\b",
        re.IGNORECASE,
    )


def unit_after(right: str) -> Unit | None:
    """The unit of device time that a text begins with; None where it begins with none.

    `device` is `accelerator`, `node` or `core`; the cores of TPUs are accelerators. `span` is
    `hour`, `day`, `week`, `month` or `year`.
    """
    head = right[:60].lower()
    if not (_DEVICE.search(head) and _HINT.search(head)):
        return None
    match = _pattern().match(right)
    if match is None:
        return None
    if match["of"]:
        return Unit(match.end(), "accelerator", "hour")
    found = match.groupdict()
    span = next(s for s in _SPANS if found[f"a_{s}"] or found[f"b_{s}"])
    unit = (match["unit"] or "").lower()
    if unit.startswith("node"):
        return Unit(match.end(), "node", span)
    counts_cores = unit.startswith("core") and "tpu" not in match[0].lower()
    return Unit(match.end(), "core" if counts_cores else "accelerator", span)

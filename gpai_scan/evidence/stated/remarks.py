"""Synthetic data, teachers of a distillation, and dates of release in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from gpai_scan.evidence.stated import names
from gpai_scan.evidence.stated.fields import PLACEHOLDER
from gpai_scan.evidence.stated.statement import Statement

_SYNTHETIC: Final = re.compile(
    r"\bsynthetic(?:ally)?[\s-](?:\w+[\s-]){0,3}?(?:data(?:sets?)?|corpus|corpora|tokens|text"
    r"|textbooks?|instructions?|dialogues?|conversations?|examples?|samples?|pairs|prompts?"
    r"|content|generated|augmented|created|documents|reasoning|code|web|captions|images|qa)\b"
    r"|\bself-instruct(?:ed)?\b|\b(?:data|instructions?|responses?|dialogues?|conversations?"
    r"|samples|captions|answers|examples)\s(?:that (?:was|were)\s|were\s"
    r"|was\s)?(?:synthetically\s)?(?:generated|distilled|produced|written|created)\s(?:by|from"
    r"|with|using)\s(?:the\s|a\s)?(?:GPT|ChatGPT|OpenAI|Claude|LLMs?|large language models?"
    r"|[A-Z][\w.-]*\d)"
    r"|合成(?:数据|データ|语料|的)|합성\s?데이터"
    r"|datos sintéticos|données synthétiques|synthetische[rn]? daten"
    r"|dados sintéticos|синтетическ\w+ данн",
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"\b(?:no|without|not|never|free of|avoid\w*|exclud\w*|excluding|rather than|instead of"
    r"|neither|0%)\s(?:\w+\s){0,4}?$|不含|没有|不使用|含まない",
    re.IGNORECASE,
)
_NOT_TRAINING: Final = re.compile(
    r"\b(?:can|could|may|might|should|to)\s(?:be used (?:for|to)\s|used (?:for"
    r"|to)\s)?(?:generat\w+|creat\w+|produc\w+)\b|\buse[ds]? (?:case|to generate)"
    r"|\bgenerate synthetic|\bsynthetic data generation|\bbenchmark|\bevaluat\w+|\blimitations?\b",
    re.IGNORECASE,
)
_TRAINING: Final = re.compile(
    r"train\w*|tun(?:ed|ing)|data\s?(?:set|mix|source)?s?|corpus|mixture|curat\w+|consist\w*"
    r"|compris\w*|includ\w*|训练|学習|训|entren|entraîn|обуч",
    re.IGNORECASE,
)
_TEACHER: Final = re.compile(
    r"\b(?:distill?(?:ed|ing|ation)\s(?:\w+\s){0,3}?(?:from|of|using)|(?:reasoning|knowledge"
    r"|logits?|outputs?|data|traces|samples|trajectories)\s(?:\w+\s){0,2}?(?:distilled"
    r"|generated)\s(?:from|by|with|using)"
    r"|(?:using|with|as)\s(?:\w+\s){0,2}?teacher(?:\smodel)?s?,?\s(?:is|was|are|:)?"
    r"|teacher(?:\smodels?)?\s?(?:\(|:|is|was|are|were))|蒸馏自|从\s?(?=.{0,40}蒸馏)",
    re.IGNORECASE,
)
_AS_TEACHER: Final = re.compile(
    r"^(?:\smodel)?\sas\s(?:the\s|a\s|our\s|its\s)?(?:\w+\s)?teacher", re.IGNORECASE
)
_MONTHS: Final = {
    m: i + 1
    for i, m in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
}
_DATE: Final = re.compile(
    r"(?P<y1>20[12]\d)[-/.年]\s?(?P<m1>\d{1,2})(?:[-/.月]\s?(?P<d1>\d{1,2}))?"
    r"|(?P<n2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s(?:(?P<d2>\d{1,2})(?:st"
    r"|nd|rd|th)?,?\s)?(?P<y2>20[12]\d)"
    r"|(?P<d3>\d{1,2})(?:st|nd|rd|th)?\.?\s(?P<n3>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec)[a-z]*\.?,?\s(?P<y3>20[12]\d)"
    r"|(?P<m4>\d{1,2})/(?P<d4>\d{1,2})/(?P<y4>20[12]\d)",
    re.IGNORECASE,
)
_RELEASED: Final = re.compile(
    r"^[\s>*+•-]*\|?\s*(?:model\s)?(?:(?:initial\s|public\s)?release(?:d)?(?:\sdate|\son)?"
    r"|date of release|date released|publication date|publish(?:ed)? date"
    r"|发布日期|发布时间|リリース日|公開日|출시일"
    r"|fecha de (?:publicación|lanzamiento)|date de (?:sortie|publication))"
    r"\s*(?:\[optional\])?\s*(?:[:：]|\|)\s*(?P<value>\S.{0,80})",
    re.IGNORECASE,
)
_SAID: Final = re.compile(
    r"\b(?:this model|the model|it|we)\s(?:was|were|has been)?\s?(?:first\s|publicly\s"
    r"|officially\s)?released\s(?:it\s)?(?:to the public\s)?(?:on|in)\s",
    re.IGNORECASE,
)


def read(sentence: str, row: bool) -> Iterator[Statement]:
    """Statements about synthetic data, teachers and release in one sentence."""
    released = _RELEASED.match(sentence)
    if released and not PLACEHOLDER.match(released["value"]):
        yield from _dated(sentence, released.start("value"), row)
        return
    if row:
        return
    said = _SAID.search(sentence)
    if said:
        yield from _dated(sentence[: said.end() + 24], said.end(), row)
    synthetic = _SYNTHETIC.search(sentence)
    if synthetic and not _NOT_TRAINING.search(sentence) and _TRAINING.search(sentence):
        text = "not used" if _NO.search(sentence[: synthetic.start()]) else "used"
        yield Statement("synthetic_data", text, *synthetic.span())
    yield from _teachers(sentence)


def _teachers(sentence: str) -> Iterator[Statement]:
    for match in _TEACHER.finditer(sentence):
        name = names.after(sentence, match.end(), strong=False)
        if name is not None:
            yield Statement(
                "distilled_from", name.text, name.start, name.end, (), None, name.linked
            )
            return
    for match in re.finditer(r"\b(?:using|with|take|took|use[sd]?)\s", sentence):
        name = names.after(sentence, match.end(), strong=False)
        if name is not None and _AS_TEACHER.match(sentence[name.end : name.end + 40]):
            yield Statement(
                "distilled_from", name.text, name.start, name.end, (), None, name.linked
            )
            return


def _dated(sentence: str, position: int, row: bool) -> Iterator[Statement]:
    match = _DATE.search(sentence, position, position + 60)
    text = iso(match) if match else None
    if match and text:
        yield Statement("release_date", text, *match.span(), row=row)


def iso(match: re.Match[str]) -> str | None:
    """A date as ISO 8601, to the month or day that is given; None for no date."""
    g = match.groupdict()
    year = int(next(v for v in (g["y1"], g["y2"], g["y3"], g["y4"]) if v))
    name = g["n2"] or g["n3"]
    month = int(g["m1"] or g["m4"] or 0) if not name else _MONTHS[name.lower()]
    day = int(next((v for v in (g["d1"], g["d2"], g["d3"], g["d4"]) if v), 0))
    try:
        return date(year, month, day).isoformat() if day else date(year, month, 1).isoformat()[:7]
    except ValueError:
        return None

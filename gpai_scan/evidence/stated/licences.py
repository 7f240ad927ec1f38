"""The licence of a model in a sentence, told apart from the licences of code and data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from gpai_scan.evidence.stated import names
from gpai_scan.evidence.stated.licence_names import identifier
from gpai_scan.evidence.stated.phrases import NOTHING, PLACEHOLDER
from gpai_scan.evidence.stated.statement import Statement

FIELD: Final = re.compile(
    r"^[\s>*+•-]*\|?\s*(?P<key>(?:model\s|weights\s)?licen(?:[sc]|[sc]e[sc]|e[sc])es?"
    r"(?:\s?\(s\)|\s(?:for|of)\s(?:the\s)?(?:\w+\s)?(?:weights|models?|checkpoints?))?|许可证|许可协议|开源协议|协议"
    r"|模型许可|ライセンス|라이선스|라이센스|lizenz|licencia|licença|licenza|лицензия)"
    r"\s*(?:\[optional\]|\(optional\))?\s*(?:[:：]|\|)\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
HEADING: Final = re.compile(
    r"^\W*(?:\d+[.)]?\s*)?(?:model\s|weights\s)?(?:licen(?:[sc]|[sc]e[sc]|e[sc])(?:e|es|ing)(?:\s(?:agreement"
    r"|information|and\s[\w\s]{3,30}|&\s[\w\s]{3,30}))?|许可证|许可协议|使用协议|开源协议|协议|ライセンス|라이선스|라이센스"
    r"|lizenz|licencia|licença|licenza|лицензия)\W*$",
    re.IGNORECASE,
)
_UNDER: Final = re.compile(
    r"\b(?:(?:re)?licen[sc]ed|releas\w+|distribut\w+|available|publish\w*|provid\w+|open-?sourc\w+"
    r"|shar(?:ed|ing)|cover\w*|govern\w*|subject|offer\w*|us(?:e|ed|age)|made|comes?|is|are"
    r"|fall\w*|bound)"
    r"(?:\s(?!not\b)[\w-]+){0,6}?\s(?:under|with|by|to|through|from|in accordance with"
    r"|adherence to|per)\s(?:(?:the|a|an|both|its|our|their|terms|conditions|of|same|permissive"
    r"|open|licen[sc]e|following|:)\s){0,6}"
    r"|\bwith\s(?:an?|the)\s(?=\[[^\]]{3,60}licen[sc]e)"
    r"|\b(?:adher\w+\sto|comply\swith|abide\sby|requires\sadherence\sto|follow(?:s)?|inherits?"
    r"|adopts?|uses?|has|have|carr(?:y|ies))\s(?:(?:the|a|an|both|terms|of|permissive)\s){0,4}"
    r"|\b(?:está|están|se publica|se distribuye|publicado|disponible"
    r"|licenciad\w+)\s(?:\w+\s){0,3}?(?:bajo|con)\s(?:(?:la|el|los|términos|de)\s){0,4}"
    r"|\b(?:sous|soumis\w*\sà|distribué\w*\ssous|régi\w*\spar)\s(?:(?:la|le|les|l'|licence|termes"
    r"|de)\s?){0,5}"
    r"|\b(?:unter|steht\sunter|lizenziert\sunter|veröffentlicht\sunter)\s(?:(?:der|den|dem|die"
    r"|einer)\s){0,2}"
    r"|\b(?:sob\s(?:a\s)?(?:licença\s)?|под\s(?:лицензией\s)?)",
    re.IGNORECASE,
)
_CJK_UNDER: Final = re.compile(
    r"(?:采用|遵循|使用|基于|依据|遵守|按照|以|需要遵循|和|及|、)\s?(?:the\s)?(?=[\[《A-Z])"
)
_JAPANESE: Final = re.compile(
    r"(?=[\[《A-Z「])(?P<name>\[[^\[\]]{2,120}\]\s?\([^()\s]{0,400}\)|《[^《》]{2,60}》"
    r"|[A-Z][\w. -]{2,60}?)\s?"
    r"(?:ライセンス)?\s?(?:に(?:基づ|従|準拠)|の(?:下|もと)で?|で(?:公開|提供|ライセンス|配布)|を(?:採用|適用|継承)|(?:라이선스|라이센스)(?:로"
    r"|를|하에|에 따라))"
)
_CJK_AFTER: Final = re.compile(
    r"^\s?(?:许可证|许可协议|许可|协议|授权|开源|进行授权|License|ライセンス|라이선스|라이센스)"
)
_PROPER: Final = re.compile(
    r"(?:\[(?P<link>[^\[\]]{2,120})\]\s?\(\s?(?P<url>[^()\s]{0,400}(?:\([^()\s]{0,60}\)[^()\s]{0,60})?)(?:\s[^()]{0,80})?\)"
    r"|(?P<zh>《[^《》]{2,60}》)"
    r"|(?P<bare>(?:[\"“'(]\s?)?(?:[A-Z0-9][\w.+-]*|CC|of|for|and|the|v\d[\d.]*|version"
    r"|\d(?:\.\d)?)(?:,?[\s-](?:[A-Z0-9][\w.+()-]*|of|for|and|the|version|v\d[\d.]*|license"
    r"|licence|agreement|terms|community)){0,10}))"
)
_WHOLE: Final = re.compile(
    r".*?(?:licen[sc]e|agreement|terms)(?:,?\s(?:Version\s|v)?\d(?:\.\d)?|\sAgreement)?(?=\W|$)",
    re.IGNORECASE,
)
_VERSIONED: Final = re.compile(
    r".*?(?:\d\.\d|\bMIT|OpenRAIL(?:-\w+)?)(?:,?\s(?:Version\s|v)?\d(?:\.\d)?)?(?=\W|$)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"licen[sc]e|agreement|terms|apache|\bmit\b|\bcc\b|\bcc-?by|creative commons|gpl|openrail"
    r"|\brail\b|\bbsd|许可|协议|ライセンス|public domain|cc0|unlicense|\bapl\b|odc|openmdw"
    r"|\battribution\b",
    re.IGNORECASE,
)
_OF_MODEL: Final = re.compile(
    r"\b(?:model|models|weights?|checkpoints?|parameters|series|artifacts?|llm|adapters?|lora|gguf"
    r"|\w*[A-Za-z]-?\d+(?:\.\d+)?b)\b|模型|权重|モデル|重み|모델|가중치|modelos?|modèles?|poids|pesos|модел|веса",
    re.IGNORECASE,
)
_OF_OTHER: Final = re.compile(
    r"\b(?:source\s?code|code\s?(?:base|repo\w*)?|codes|scripts?|repositor(?:y|ies)|github"
    r"|datasets?|data|corpus|documentation|software|librar(?:y|ies)|images?|benchmark|paper"
    r"|tokenizer|demo|implementation)\b"
    r"|代码|源码|数据集|数据|コード|データ|코드|데이터"
    r"|código|datos|données|code source|dados|исходн\w+ код",
    re.IGNORECASE,
)
_SKIP: Final = re.compile(
    r"\b(?:commercial licen[sc]e|permissive licen[sc]es?|licen[sc]ed material|copyrighted"
    r"|licen[sc]ed data|derivative of \[|used under|base model(?:'s)? (?:licen|is)"
    r"|original licen[sc]e of|if you|you may not use|in compliance with|see the licen[sc]e for"
    r"|apply for|dual)\b",
    re.IGNORECASE,
)
_BARE_FILE: Final = re.compile(
    r"^(?:the\s)?(?:licen[sc]e(?:\s?(?:file|agreement|text|here))?|here|link|this|许可证"
    r"|协议)(?:\.(?:md|txt|pdf))?$",
    re.IGNORECASE,
)
_FIELD_END: Final = re.compile(
    r"[|;]|\.\s|, (?:see|which)|\s(?:is\s)?available\b|\s?:?\shttps?:|\)\s"
)
_SENTENCE: Final = re.compile(
    r"^(?:see|please|same|this|inherit)|\b(?:is|are|was|were|being|needed|would|located)\b",
    re.IGNORECASE,
)
_SEE: Final = re.compile(
    r"\b(?:check|see|refer to|read|consult|following|under|to)\b|查看|参见|阅读|参照", re.IGNORECASE
)


def read(sentence: str, row: bool, heading: str) -> Iterator[Statement]:
    """Statements about the licence of a model in one sentence, positions within it."""
    field = FIELD.match(sentence)
    if field:
        own = list(_of_field(field, row))
        yield from own
        if own or not _SENTENCE.search(field["value"]):
            return
    if row:
        return
    of_section = HEADING.match(heading) is not None
    if of_section and len(sentence.strip()) <= 90:
        alone = identifier(re.sub(r"\]\([^)]*\)", "", sentence).strip(" #*-[]."))
        if alone[1]:
            begin = len(sentence) - len(sentence.lstrip())
            yield Statement("licence", alone[0], begin, len(sentence.rstrip()), (), None, True)
            return
    if _SKIP.search(sentence):
        return
    yield from _prose(sentence, of_section or field is not None)


def _of_field(field: re.Match[str], row: bool) -> Iterator[Statement]:
    value = field["value"].strip("| ")
    if NOTHING.search(value) or PLACEHOLDER.match(value) or re.match(r"^[\s:|-]*$", value):
        return
    link = re.match(r"\[([^\[\]]{2,120})\]", value)
    written = link[1] if link else _FIELD_END.split(value)[0]
    text, sure = identifier(written[:80])
    if _BARE_FILE.match(text):
        named = _from_address(field["value"])
        if named is None:
            return
        text, sure = identifier(named)
    if sure or (text and len(text.split()) <= 9 and not _SENTENCE.search(text)):
        yield Statement(
            "licence", text, field.start("value"), field.end("value"), (), None, sure, row
        )


def _from_address(text: str) -> str | None:
    """The name a licence file bears in its address: `…/Tongyi%20Qianwen%20LICENSE%20AGREEMENT`."""
    match = re.search(r"\]\s?\((?P<url>[^()\s]{1,400})", text)
    if match is None:
        return None
    last = unquote(match["url"].split("?")[0].rstrip("/").rpartition("/")[2])
    last = re.sub(r"\.(?:md|txt|pdf|html)$", "", last)
    stem = re.sub(r"[\W_]", "", last.lower())
    return re.sub(r"[_]+", " ", last) if len(stem) > 9 and "licen" in stem else None


def _prose(sentence: str, of_section: bool) -> Iterator[Statement]:
    """`X is released under the Y license`; what is said of code or data alone is dropped."""
    found: list[Statement] = []
    asian = not sentence.isascii() and re.search(
        r"ライセンス|라이선스|라이센스|許諾|License", sentence
    )
    for match in [
        *_UNDER.finditer(sentence),
        *_CJK_UNDER.finditer(sentence),
        *(_JAPANESE.finditer(sentence) if asian else ()),
    ]:
        begins = match.start() if match.re is _JAPANESE else match.end()
        proper = _PROPER.match(sentence, begins)
        if proper is None:
            continue
        for text, begin, end in _licence_names(proper, sentence):
            if any(s.start == begin for s in found):
                continue
            subject = sentence[: match.end()]
            if not _about_model(subject, sentence, of_section):
                continue
            name, sure = identifier(text)
            before = names.every(sentence, 0, match.start())
            labels = tuple(n.text for n in before if not _NAMED.search(n.text))
            found.append(Statement("licence", name, begin, end, labels, None, sure))
    if (not found and of_section) or re.search(r"(?i)\bcheck\b|查看", sentence):
        found.extend(_address(sentence) if not found else ())
    own = [s for s in found if not s.linked]
    yield from (own or found)[:1] if len(own) < len(found) and _both(sentence) else found[:1]


def _both(sentence: str) -> bool:
    """Whether two licences are named together, as a public one for code and one for the model."""
    return re.search(r"\band\b|和|及", sentence) is not None


def _address(sentence: str) -> Iterator[Statement]:
    """A licence named only by the address of its file: `see [LICENSE](…)`."""
    for link in re.finditer(r"\[(?P<text>[^\[\]]{2,60})\]\s?\([^()\s]{1,400}\)", sentence):
        if _BARE_FILE.match(link["text"].strip()) and _SEE.search(sentence[: link.start()]):
            named = _from_address(link[0])
            if named:
                text, sure = identifier(named)
                yield Statement("licence", text, *link.span(), labels=(), linked=sure)


def _licence_names(proper: re.Match[str], sentence: str) -> Iterator[tuple[str, int, int]]:
    """The licences that begin at a match: one, or two joined by `and`."""
    position: re.Match[str] | None = proper
    for _ in range(2):
        if position is None:
            return
        text = position["link"] or position["zh"] or position["bare"] or ""
        tail = sentence[position.end() : position.end() + 20]
        if position["bare"]:
            cut = _WHOLE.match(text) or _VERSIONED.match(text)
            text = cut[0] if cut else text
        wanted = (
            _NAMED.search(text)
            or re.match(
                r"\s?(?:[\w-]+\s){0,2}licen[sc]e|\s?(?:许可|协议|ライセンス)", tail, re.IGNORECASE
            )
            or _CJK_AFTER.match(tail)
        )
        if wanted and not _BARE_FILE.match(text.strip()):
            yield text, position.start(), position.start() + len(text)
        elif wanted and position["link"]:
            named = _from_address(position[0])
            if named:
                yield named, position.start(), position.end()
        joint = re.match(r"\s?(?:and|和|及)\s?(?:the\s)?", sentence[position.end() :])
        position = _PROPER.match(sentence, position.end() + joint.end()) if joint else None


def _about_model(subject: str, sentence: str, of_section: bool) -> bool:
    """Whether a licence is said of the model: nothing but code or data before it excludes it."""
    model, other = _OF_MODEL.search(subject), _OF_OTHER.search(subject)
    if model:
        return True
    if other:
        return False
    return (
        of_section
        or bool(re.search(r"(?i)\b(?:this|it|we|our|licensed|these)\b", sentence))
        or not sentence.isascii()
    )

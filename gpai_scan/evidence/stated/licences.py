"""The licence of a model in a sentence, told apart from the licences of code and data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gpai_scan.evidence.stated import licence_links, names
from gpai_scan.evidence.stated.fields import NOTHING, PLACEHOLDER
from gpai_scan.evidence.stated.licence_names import identifier
from gpai_scan.evidence.stated.statement import Statement
from gpai_scan.evidence.stated.whose import opening_name

ANY_KEY: Final = (
    r"(?:(?:model\s|weights\s){0,2}licen(?:[sc]|[sc]e[sc]|e[sc])es?"
    r"(?:\s?\(s\)|\s(?:for|of)\s(?:the\s)?(?:\w+\s)?(?:weights|models?|checkpoints?))?|许可证|许可协议"
    r"|开源协议|协议|模型许可|ライセンス|라이선스|라이센스|lizenz|licencia|licença|licenza|лицензия)"
)
KEY: Final = re.compile(ANY_KEY, re.IGNORECASE)
"""The label of a licence."""
FIELD: Final = re.compile(
    rf"^[\s>*+•-]*(?P<key>{ANY_KEY})\s*(?:\[optional\]|\(optional\))?\s*(?:[:：]|[—–]\s)\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_WEIGHTS: Final = re.compile(
    r"^[\s>*+•-]*(?:(?:all\s)?(?:code|data|scripts?)\s?(?:and|&|/|,)\s?)?(?:the\s)?(?:model|weights"
    r"|checkpoints?|models|model\s(?:weights|card))(?:\s?(?:and|&|/)\s?(?:code|data|scripts?))?\s*:\s*"
    r"(?P<value>\S[^;,|]{1,60})",
    re.IGNORECASE,
)
"""`Weights: CC BY 4.0`, where the value is a licence everybody knows."""
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
    r"|\b(?:is|are)\s(?:all\s|fully\s|also\s)?(?=(?:MIT|Apache|CC[\s-]BY|CC0|BSD|A?L?GPL|OpenRAIL|Creative\sCommons)\b)"
    r"|\b(?:its|the|our|model|models?['’]s?|weights['’]?)\slicen[sc]e\s(?:(?:of|for)\s(?:the\s|this\s)?(?:\w+\s){1,3}?)?(?:is|remains)"
    r"\s(?:(?:the|a|an)\s)?|\blicen[sc]ed\s(?=(?-i:[A-Z]))"
    r"|\bwith\s(?:an?|the)\s(?=\[[^\]]{3,60}licen[sc]e)"
    r"|\b(?:adher\w+\sto|comply\swith|abide\sby|requires\sadherence\sto|follow(?:s)?|inherits?"
    r"|adopts?|uses?|has|have|carr(?:y|ies))\s(?:(?:the|a|an|both|terms|of|permissive)\s){0,4}"
    r"|\b(?:está|están|se publica|se distribuye|publicado|disponible"
    r"|licenciad\w+)\s(?:\w+\s){0,3}?(?:bajo|con)\s(?:(?:la|el|los|términos|de|licencia)\s){0,4}"
    r"|\b(?:rilasciat|distribuit|disponibil|pubblicat)\w*\s(?:\w+\s){0,2}?(?:con|sotto)\s(?:(?:la|una|licenza)\s){0,3}"
    r"|\b(?:sous|soumis\w*\sà|distribué\w*\ssous|régi\w*\spar)\s(?:(?:la|le|les|l'|licence|termes"
    r"|de)\s?){0,5}"
    r"|\b(?:unter|steht\sunter|lizenziert\sunter|veröffentlicht\sunter)\s(?:(?:der|den|dem|die"
    r"|einer|lizenz|bedingungen)\s){0,3}"
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
    r"|를|\s?하에|에 따라))"
)
_CJK_IS: Final = re.compile(r"(?:ライセンスは|라이선스는|라이센스는)\s?(?=[\[《A-Z「])")
_CJK_AFTER: Final = re.compile(
    r"^\s?(?:许可证|许可协议|许可|协议|授权|开源|进行授权|License|ライセンス|라이선스|라이센스)"
)
_PROPER: Final = re.compile(
    r"\(?(?:\[(?P<link>[^\[\]]{2,120})\]\s?\(\s?(?P<url>[^()\s]{0,400}(?:\([^()\s]{0,60}\)[^()\s]{0,60})?)(?:\s[^()]{0,80})?\)"
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
    r"|\battribution\b|\b(?:eupl|mpl|epl|artistic|wtfpl|isc|zlib|afl|osl|ofl|ms-pl|ncsa|pddl|odbl|cdla)\b",
    re.IGNORECASE,
)
_OF_MODEL: Final = re.compile(
    r"(?<![\w-])(?:model|models|weights?|checkpoints?|parameters|series|artifacts?|llm|adapters?|lora|gguf"
    r"|\w*[A-Za-z]-?\d+(?:\.\d+)?b)\b|模型|权重|モデル|重み|모델|가중치|modelos?|modell|modèles?|poids|pesos|модел|веса",
    re.IGNORECASE,
)
_OF_OTHER: Final = re.compile(
    r"\b(?:source\s?code|code\s?(?:base|repo\w*)?|codes|scripts?|repositor(?:y|ies)|github"
    r"|datasets?|data|corpus|documentation|software|librar(?:y|ies)|images?|benchmark|paper"
    r"|tokenizer|demo|implementation|components?|third-party|dependenc(?:y|ies)"
    r"|packages?|portions)\b"
    r"|代码|源码|数据集|数据|コード|データ|코드|데이터"
    r"|código|datos|données|code source|dados|исходн\w+ код",
    re.IGNORECASE,
)
_IS: Final = re.compile(r"(?:is|are)\s(?:all\s|fully\s|also\s)?", re.IGNORECASE)
_BARE_IS: Final = re.compile(r"^\W*[A-Z]\S*(?:\s\S+){0,2}\s(?:is|are)\s(?:all\s|fully\s|also\s)?$")
_SKIP: Final = re.compile(
    r"\b(?:(?<!non-)(?<!non)commercial licen[sc]e|permissive licen[sc]es?"
    r"|licen[sc]ed material|copyrighted|licen[sc]ed data|derivative of \[|(?<!be )used under"
    r"|base model(?:'s)? (?:licen|is)|original licen[sc]e of|if you|you may not use"
    r"|\bthe (?:first|second|former|latter|other) (?:one )?(?:was|is|were)|additional weights"
    r"|in compliance with|see the licen[sc]e for|apply for|dual)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"licen[czs]|lizenz|лиценз|ライセンス|라이선스|라이센스", re.IGNORECASE)
_FIELDLESS: Final = re.compile(
    r"^\W*licen[sc]ed?\s(?P<value>(?-i:[A-Z])[\w. -]{1,30})\W*$", re.IGNORECASE
)
_FIELD_END: Final = re.compile(
    r"[|;]|\.\s|\s\((?:see|full|text)\b|, (?:see|which)|\s(?:is\s)?available\b|\s?:?\shttps?:|\)\s"
)
_SENTENCE: Final = re.compile(
    r"^(?:see|please|same|this|inherit)|\b(?:is|are|was|were|being|needed|would|located)\b",
    re.IGNORECASE,
)


def read(sentence: str, heading: str) -> Iterator[Statement]:
    """Statements about the licence of a model in one sentence, positions within it."""
    field = FIELD.match(sentence)
    if field:
        own = list(of_value(field["value"], field.start("value")))
        yield from own
        if own or not _SENTENCE.search(field["value"]):
            return
    weights = _WEIGHTS.match(sentence) or _FIELDLESS.match(sentence)
    if weights:
        text, sure = identifier(weights["value"].rstrip(" ."))
        if sure:
            yield Statement("licence", text, *weights.span("value"), (), None, sure)
            return
    whole = sentence.strip(" \t*-")
    if len(whole) <= 40 and whole.endswith(".") and identifier(whole)[1]:
        yield Statement("licence", identifier(whole)[0], 0, len(sentence), (), None, True)
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


def of_value(given: str, start: int) -> Iterator[Statement]:
    """The licence in the value of a field or cell that begins at a position."""
    value = given.strip("| ")
    if NOTHING.search(value) or PLACEHOLDER.match(value) or re.match(r"^[\s:|-]*$", value):
        return
    link = re.match(r"\[([^\[\]]{2,120})\]", value)
    written = link[1] if link else _FIELD_END.split(value)[0]
    text, sure = identifier(written[:80])
    if licence_links.BARE_FILE.match(text):
        named = licence_links.from_address(given)
        if named is None:
            return
        text, sure = identifier(named)
    if sure or (text and len(text.split()) <= 9 and not _SENTENCE.search(text)):
        yield Statement("licence", text, start, start + len(given), (), None, sure)


def elsewhere(heading: str) -> bool:
    """Whether a heading is over a section about code or data, not about a model."""
    return _OF_OTHER.search(heading) is not None and not (
        _OF_MODEL.search(heading) or HEADING.match(heading)
    )


def _prose(sentence: str, of_section: bool) -> Iterator[Statement]:
    """`X is released under the Y license`; what is said of code or data alone is dropped."""
    found: list[Statement] = []
    asian = not sentence.isascii() and re.search(
        r"ライセンス|라이선스|라이센스|許諾|License", sentence
    )
    for match in [
        *_UNDER.finditer(sentence),
        *_CJK_UNDER.finditer(sentence),
        *_CJK_IS.finditer(sentence),
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
            bare = not sentence[: match.start()].strip(" \t#>*-")
            if not _about_model(subject, sentence, of_section or bare):
                continue
            name, sure = identifier(text)
            before = names.every(sentence, 0, match.start())
            labels = tuple(n.text for n in before if not _NAMED.search(n.text))
            if not labels and _IS.fullmatch(match[0]):
                labels = _subject(sentence[: match.start()])
            opening = "" if labels else opening_name(sentence, match.end())
            kind = "delta" if re.search(r"(?i)\bdelta weights\b", subject) else None
            found.append(
                Statement("licence", name, begin, end, labels, kind, sure, opening=opening)
            )
    if not found and of_section:
        found.extend(_linked(sentence))
    if (not found and of_section) or re.search(r"(?i)\bcheck\b|查看", sentence):
        found.extend(licence_links.address(sentence) if not found else ())
    own = [s for s in found if not s.linked]
    both = own and len(own) < len(found) and _both(sentence[found[0].end : own[0].start])
    yield from own[:1] if both else found[:1]


def _subject(words: str) -> tuple[str, ...]:
    """What a sentence such as `X is MIT` begins with, where it may be a name."""
    plain = words.strip(" \t#>*-")
    if _OF_MODEL.search(plain):
        return ()
    return (plain,) if plain[:1].isupper() and len(plain.split()) <= 3 else ()


def _linked(sentence: str) -> Iterator[Statement]:
    """A licence that a section about licences links to by its name: `see the [X Licence](…)`."""
    for link in re.finditer(r"\[(?P<text>[^\[\]]{5,80})\]\s?\([^()\s#][^()\s]{0,400}\)", sentence):
        text = link["text"].strip()
        if not re.search(r"(?i)licen[sc]e\b", text) or licence_links.BARE_FILE.match(text):
            continue
        if _about_model(sentence[: link.start()], sentence, of_section=True):
            name, sure = identifier(text)
            yield Statement("licence", name, *link.span(), labels=(), linked=sure)
            return


def _both(between: str) -> bool:
    """Whether two licences are named together, as a public one for code and one for the model."""
    joined = re.search(r"\band\b|和|及", between)
    return joined is not None and re.search(r"\b(?:is|are)\b", between) is None


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
            or (_WORD.search(sentence[: position.start()][-24:]) and identifier(text)[1])
        )
        if wanted and not licence_links.BARE_FILE.match(text.strip()):
            yield text, position.start(), position.start() + len(text)
        elif wanted and position["link"]:
            named = licence_links.from_address(position[0])
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
        or _BARE_IS.search(subject) is not None
        or bool(
            re.search(
                r"(?i)\b(?:this|its?|we|our|licensed|these|(?:commercial|research)\suse)\b",
                sentence,
            )
        )
        or not sentence.isascii()
    )

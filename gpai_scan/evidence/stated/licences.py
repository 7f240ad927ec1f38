"""The licence of a model in a sentence, told apart from the licences of code and data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gpai_scan.evidence.stated import licence_links, names
from gpai_scan.evidence.stated import licence_phrases as phrasing
from gpai_scan.evidence.stated.fields import NOTHING, PLACEHOLDER
from gpai_scan.evidence.stated.licence_names import identifier
from gpai_scan.evidence.stated.statement import Statement
from gpai_scan.evidence.stated.whose import opening_name


def read(sentence: str, heading: str) -> Iterator[Statement]:
    """Statements about the licence of a model in one sentence, positions within it."""
    field = phrasing.FIELD.match(sentence)
    if field:
        own = list(of_value(field["value"], field.start("value")))
        yield from own
        if own or not phrasing.SENTENCE.search(field["value"]):
            return
    weights = phrasing.WEIGHTS.match(sentence) or phrasing.FIELDLESS.match(sentence)
    if weights:
        text, sure = identifier(weights["value"].rstrip(" ."))
        if sure:
            yield Statement("licence", text, *weights.span("value"), (), None, sure)
            return
    whole = sentence.strip(" \t*-")
    if len(whole) <= 40 and whole.endswith(".") and identifier(whole)[1]:
        yield Statement("licence", identifier(whole)[0], 0, len(sentence), (), None, True)
        return
    of_section = phrasing.HEADING.match(heading) is not None
    if of_section and len(sentence.strip()) <= 90:
        alone = identifier(re.sub(r"\]\([^)]*\)", "", sentence).strip(" #*-[]."))
        if alone[1]:
            begin = len(sentence) - len(sentence.lstrip())
            yield Statement("licence", alone[0], begin, len(sentence.rstrip()), (), None, True)
            return
    if of_section and (member := phrasing.MEMBER.match(sentence)):
        text, sure = identifier(member["value"].strip(" .*`"))
        if sure:
            label = member["link"] or member["name"]
            about = () if phrasing.OF_OTHER.search(label) else (label.rpartition("/")[2],)
            if about:
                span = member.span("value")
                yield Statement("licence", text, *span, labels=about, linked=True, strict=True)
            return
    if phrasing.SKIP.search(sentence):
        return
    yield from _prose(sentence, of_section or field is not None)


def of_value(given: str, start: int) -> Iterator[Statement]:
    """The licence in the value of a field or cell that begins at a position."""
    value = given.strip("| ")
    if NOTHING.search(value) or PLACEHOLDER.match(value) or re.match(r"^[\s:|-]*$", value):
        return
    if phrasing.TOLD.search(value):
        return
    link = re.match(r"\[([^\[\]]{2,120})\]", value)
    written = link[1] if link else phrasing.FIELD_END.split(value)[0]
    text, sure = identifier(written[:80])
    if licence_links.BARE_FILE.match(text):
        named = licence_links.from_address(given)
        if named is None:
            return
        text, sure = identifier(named)
    if sure or (text and len(text.split()) <= 9 and not phrasing.SENTENCE.search(text)):
        yield Statement("licence", text, start, start + len(given), (), None, sure)


def elsewhere(heading: str) -> bool:
    """Whether a heading is over a section about code or data, not about a model."""
    return phrasing.OF_OTHER.search(heading) is not None and not (
        phrasing.OF_MODEL.search(heading) or phrasing.HEADING.match(heading)
    )


def _prose(sentence: str, of_section: bool) -> Iterator[Statement]:
    """`X is released under the Y license`; what is said of code or data alone is dropped."""
    found: list[Statement] = []
    asian = not sentence.isascii() and re.search(
        r"ライセンス|라이선스|라이센스|許諾|License", sentence
    )
    for match in [
        *phrasing.UNDER.finditer(sentence),
        *phrasing.CJK_UNDER.finditer(sentence),
        *phrasing.CJK_IS.finditer(sentence),
        *(phrasing.JAPANESE.finditer(sentence) if asian else ()),
    ]:
        begins = match.start() if match.re is phrasing.JAPANESE else match.end()
        proper = phrasing.PROPER.match(sentence, begins)
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
            before = names.every(sentence, found[-1].end if found else 0, match.start())
            labels = tuple(n.text for n in before if not phrasing.NAMED.search(n.text))
            if phrasing.OF_THIS.match(sentence):
                labels = ()
            if not labels and phrasing.IS.fullmatch(match[0]):
                labels = _subject(sentence[: match.start()])
            opening = "" if labels else opening_name(sentence, match.end())
            labels = labels or (found[-1].labels if found else ())
            kind = "delta" if re.search(r"(?i)\bdelta weights\b", subject) else None
            found.append(
                Statement(
                    "licence",
                    name,
                    begin,
                    end,
                    labels,
                    kind,
                    sure,
                    opening=opening,
                    vague=of_section,
                )
            )
    if not found and of_section:
        found.extend(_linked(sentence))
    if (not found and of_section) or re.search(r"(?i)\bcheck\b|查看", sentence):
        found.extend(licence_links.address(sentence) if not found else ())
    own = [s for s in found if not s.linked]
    both = own and len(own) < len(found) and _both(sentence[found[0].end : own[0].start])
    first = own[:1] if both else found[:1]
    yield from first
    if not both and first and first[0].labels:
        yield from (s for s in found if s.labels and s.labels != first[0].labels)


def _subject(words: str) -> tuple[str, ...]:
    """What a sentence such as `X is MIT` begins with, where it may be a name."""
    plain = words.strip(" \t#>*-")
    if phrasing.OF_MODEL.search(plain):
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
            cut = phrasing.WHOLE.match(text) or phrasing.VERSIONED.match(text)
            text = cut[0] if cut else text
        wanted = (
            phrasing.NAMED.search(text)
            or re.match(
                r"\s?(?:[\w-]+\s){0,2}licen[sc]e|\s?(?:许可|协议|ライセンス)", tail, re.IGNORECASE
            )
            or phrasing.CJK_AFTER.match(tail)
            or (phrasing.WORD.search(sentence[: position.start()][-24:]) and identifier(text)[1])
        )
        if wanted and not licence_links.BARE_FILE.match(text.strip()):
            yield text, position.start(), position.start() + len(text)
        elif wanted and position["link"]:
            named = licence_links.from_address(position[0])
            if named:
                yield named, position.start(), position.end()
        joint = re.match(r"\s?(?:and|和|及)\s?(?:the\s)?", sentence[position.end() :])
        position = phrasing.PROPER.match(sentence, position.end() + joint.end()) if joint else None


def _about_model(subject: str, sentence: str, of_section: bool) -> bool:
    """Whether a licence is said of the model: nothing but code or data before it excludes it."""
    model, other = phrasing.OF_MODEL.search(subject), phrasing.OF_OTHER.search(subject)
    if model:
        return True
    if other:
        return False
    return (
        of_section
        or phrasing.BARE_IS.search(subject) is not None
        or bool(
            re.search(
                r"(?i)\b(?:this|its?|we|our|licensed|these|both|they|(?:commercial|research)\suse)\b",
                sentence,
            )
        )
        or not sentence.isascii()
    )

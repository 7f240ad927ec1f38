"""The models a sentence speaks of: names and sizes, and which of them a figure belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, product

from gpai_scan.evidence.cards.rules import TRAIN
from gpai_scan.evidence.cards.text import unaccented


@dataclass(frozen=True, slots=True)
class Label:
    """A name or size of a model at a place of a sentence."""

    start: int
    end: int
    text: str


_SIZE = re.compile(
    r"(?<![\w.])(?P<name>(?:[A-Za-z][\w.+]*(?:[-_](?!\d[\d.]*[BbMm](?!\w))[A-Za-z0-9.+]+)*"
    r"[-_ ]){0,4}?)"
    r"(?P<size>\d+(?:[._]\d+)?(?:x\d+(?:\.\d+)?)?[BbMm](?:[-_]A\d+(?:\.\d+)?[BbMm])?"
    r"|\d+(?:\.\d+)?T(?=[- ]param)|\d+(?:\.\d+)?[ -](?:billion|million|trillion)(?=[- ]param))"
    r"(?P<tail>(?:-[A-Za-z0-9.]+)*)(?![\w])"
)
_NOT_A_MODEL = re.compile(
    r"^\s?\+?(?:[\s\-]*(?:(?!param)[a-z][\w\-]*,?\s){0,4}?)(?:tokens?|images?|words?|samples?|examples?"
    r"|pairs?|frames|gpus?|hours?|steps?"
    r"|documents?|pages|characters|sentences|rows|dollars|users|downloads|conversations|dialogues"
    r"|instructions?|prompts|questions|articles|records|utterances|reviews|posts|files|个?词|トークン|sequences?"
    r"|videos?|points?|stories|poems|songs|tracks|recipes|comments|tweets|captions|molecules|cells"
    r"|genomes|structures|trajectories|episodes|queries|triplets)\b"
)
_CAPITAL = re.compile(r"(?:[A-Z][\w.+\-]*[ ]){0,3}$")
_GENERIC = frozenset(
    [
        "only",
        "just",
        "about",
        "roughly",
        "approximately",
        "activates",
        "the",
        "this",
        "that",
        "these",
        "those",
        "our",
        "its",
        "it",
        "all",
        "both",
        "each",
        "every",
        "model",
        "models",
        "we",
        "they",
        "series",
        "family",
        "and",
        "or",
        "in",
        "on",
        "for",
        "with",
        "of",
        "to",
        "a",
        "an",
        "is",
        "are",
        "was",
        "were",
        "base",
        "chat",
        "instruct",
        "language",
        "large",
        "small",
        "new",
        "llm",
        "llms",
        "version",
        "versions",
        "variant",
        "variants",
        "release",
        "checkpoint",
        "checkpoints",
        "dense",
        "moe",
        "mixture",
        "experts",
        "final",
        "main",
        "pre-trained",
        "pretrained",
        "training",
        "trained",
        "as",
        "by",
        "at",
        "from",
        "architecture",
        "parameters",
        "parameter",
        "total",
        "which",
        "who",
        "however",
        "here",
        "while",
        "since",
        "first",
        "second",
        "then",
        "also",
        "data",
        "dataset",
        "corpus",
        "tokens",
        "token",
        "one",
        "two",
        "model's",
        "following",
        "transformer",
        "decoder-only",
        "decoder",
        "encoder",
        "foundation",
        "vision",
        "text",
        "code",
    ]
)
_SUBJECT = re.compile(
    r"(?P<name>(?:[A-Z][\w.+/\-]*|[a-z]+[\-_]?\d[\w.\-]*)(?:[ ](?:[A-Z0-9][\w.+\-]*"
    r"|v\d[\w.]*)){0,4})"
    r"(?:'s)?(?:\s?\([^()]{0,60}\))?,?\s(?:models?\s|(?:language|base|original|dense)\s){0,2}"
    r"(?:(?:was|were|is|are|has|have|had|been|being|first|only|also|initially|then|jointly"
    r"|itself|continuously|further)\s){1,5}"
    rf"{TRAIN}"
)
_TRAINING = re.compile(TRAIN)
# "A100s were used to train it" names no model.
_DEVICE = re.compile(r"[A-Z]{1,4}\d{1,4}[A-Za-z]{0,2}(?:-\w+)?s?|TPU\w*|GPUs?")
# A name with a number or a hyphen that does something: "X-4.5-Air adopts".
_ACTOR = re.compile(
    r"(?<![\w/.\-])(?<!\bon )"
    r"(?!(?:Section|Table|Figure|Fig|Stage|Phase|Step|Part|Appendix|Chapter|Version"
    r"|Layer|Epoch|Day|Week|CUDA|Python|PyTorch|Note|Level|Tier|Run|Seed|Experiment)s?\b)"
    r"(?P<name>[A-Z][A-Za-z]*[\-_ ]?v?\d[\w.]*(?:[-_][A-Za-z0-9.]+)*"
    r"|[A-Z][A-Za-z]+(?:[-_][A-Z0-9][A-Za-z0-9.]*)+)"
    r"(?:'s)?\s(?:\([^()]{0,40}\)\s)?(?:is|was|were|has|have|had|adopts?|uses?|used|contains?"
    r"|features?|comprises?|consists?|boasts?|comes|offers?|requires?|took|takes)\b"
)
_JOIN = re.compile(r"^(?:\s?[,/&、]\s?|,?\s?(?:and|or|et|y|und|和|与|及)\s?)(?:the\s)?$")
_COMPARED = re.compile(
    r"\b(?:than|compared (?:to|with)|versus|vs\.?|unlike|like|outperform\w*|surpass\w*|beat\w*"
    r"|similar to|such as"
    r"|competitive with|exceed\w*|rival\w*|match\w*|comparable (?:to|with)|against|from|based on"
    r"|(?:perform|appl|carr)\w* (?:out )?(?:on|to)|tak(?:es|ing)|extend(?:s|ed|ing)"
    r"|built on|on top of|initiali[sz]ed (?:from|with)"
    r"|continuing(?: from)?"
    r"|predecessor,?|derived from|distill\w* from|start\w* (?:from|with)"
    r"|(?:weights|checkpoints?) (?:of|from)|(?<!well )as(?! well\b)"
    r"|in line with|following|over"
    r"|(?:continu|adapt|further|additional)\w*[ -](?:pre-?)?train\w* (?:of|on top of)"
    r"|(?:pré-?trein|preentren|pre-?entren|pré-?entra[iî]n|vortrain|addestra)\w* continu\w*"
    r" (?:d[aeiou]l?|della|du|von)|fine-?tun\w* (?:version |variant )?of"
    r"|(?:version|derivative|adaptation|extension|continuation) of)\s(?:the\s"
    r"|its\s|our\s|a\s)?[`'\"(]?(?:[\w.\-/]+[ ,]){0,2}$"
)
# "beats X-3B, which saw 18T tokens": the clause is about X-3B all the same.
_RELATIVE = re.compile(
    r"^[`'\")]*,\s(?:pre-?)?trained (?:on|with|for|using)\b"
    r"|^[`'\")]*,?\s(?:which(?!\s(?:involve|entail|include|consist|add|modif))|that|itself|whose)\b",
    re.IGNORECASE,
)


_BASE_AFTER = re.compile(r"^\s?(?:的基础上|基础上|をベース|を基に|から継続)")


# What every size has, cheap to look for before the names that may stand before it.
_SIZED = re.compile(r"\d(?:[BbMm]|T[- ]param|[ -](?:b|m|tr)illion[- ]param)")


def find_labels(sentence: str) -> list[Label]:
    """All names and sizes of models in a sentence, left to right, without sizes of data."""
    sentence = unaccented(sentence)
    found: list[Label] = []
    for match in _SIZE.finditer(sentence) if _SIZED.search(sentence) else ():
        if match["tail"].lower().startswith("-token"):
            continue  # "a 150B-token corpus"
        if not match["tail"] and _NOT_A_MODEL.match(
            sentence[match.end() : match.end() + 60].lower()
        ):
            continue
        start = match.start("size")
        if sentence[max(0, start - 7) : start].lower().startswith("ascend"):
            continue  # a chip: "Ascend 910B"
        name = match["name"]
        kept = ""
        if name and (name[-1] in "-_" or name.rstrip().lower() not in _GENERIC):
            kept = _proper_tail(name)
        stated = (
            " parameters"
            if re.match(r"[\s\-]?(?:billion[\s\-])?param", sentence[match.end() :])
            else ""
        )
        size, tail = match["size"], match["tail"]
        if "illion" in size:
            size = size.replace("-", " ")
        if tail.lower().startswith("-param"):
            tail, stated = "", " parameters"
        if not kept and (name := _defining(sentence[max(0, start - _DEFINES) : start])):
            size = f"{name} {size}"
        found.append(Label(start - len(kept), match.end(), kept + size + tail + stated))
    for match in _SMALL.finditer(sentence) if " model" in sentence else ():
        found.append(Label(*match.span("name"), match["name"]))
    for match in _SUBJECT.finditer(sentence):
        words = [
            w
            for w in re.split(r"[ ]", match["name"])
            if w.lower() not in _GENERIC and not _TRAINING.fullmatch(w.lower())
        ]
        plain = len(words) == 1 and words[0].isalpha() and words[0][1:].islower()
        short = len(words) == 1 and (len(words[0]) < 4 or _DEVICE.fullmatch(words[0]) is not None)
        if short or (plain and match.start() == 0 and "model" in match[0]):
            continue
        about = sentence[max(0, match.start() - 5) : match.start() + 5].lower()
        if "model" in match[0] and "this " in about:
            continue  # "this Electra model was trained": the card's own
        if words and not any(
            label.start < match.end("name") and match.start() < label.end for label in found
        ):
            found.append(Label(*match.span("name"), " ".join(words)))
    for match in _ACTOR.finditer(sentence):
        if not _DEVICE.fullmatch(match["name"]) and not any(
            label.start < match.end("name") and match.start() < label.end for label in found
        ):
            found.append(Label(*match.span("name"), match["name"]))
    return sorted(found, key=lambda label: label.start)


# "the `small` model": a member by the word for its size.
_SMALL = re.compile(
    r"\b(?:the|our)\s[`'\"]?(?P<name>nano|tiny|mini|small|medium|large|xl|xxl|huge)[`'\"]?"
    r"\s(?=models?\b|variant\b|version\b)(?!model size)"
)
_DEFINES = 120  # characters between a name and the size in its definition, at most
_NAME = (
    r"(?P<name>(?:[A-Z][\w.+\-]*|[a-z]+[\-_]?\d[\w.\-]*)(?: [A-Z0-9][\w.+\-]*){0,3})"
    r"(?:\s?\([^()]{0,60}\))?,?"
)
# "Orca is a 7B model", "Orca-2 is our latest open 13B decoder"
_DEFINING = re.compile(rf"{_NAME}\s(?:is|was)\s(?:an?|our|the)\s(?:[\w\-]+,?\s){{0,4}}?~?$")
_DEFINITION = re.compile(
    rf"^\W*(?:[Tt]he (?:original |older )?)?{_NAME}\s(?:is|was)\s(?:an?|our|the)\s"
    r"(?:[^\s.;|]+\s){0,9}?(?:models?|LLMs?|SLMs?|VLMs?|transformers?|decoders?|network)\b"
)


def _proper(name: str) -> str | None:
    """The words of a name that are no common ones; None where too little is left."""
    words = [w for w in name.split(" ") if w.lower() not in _GENERIC]
    text = " ".join(words)
    return text if len(text) > 2 and not _DEVICE.fullmatch(text) else None


def _defining(before: str) -> str | None:
    """The name of which the words before a size say that it is one of that size."""
    match = _DEFINING.search(before) if " is " in before or " was " in before else None
    return _proper(match["name"]) if match is not None else None


def defined(sentence: str) -> str | None:
    """The name of the model that a sentence begins to define: "Orca is an open model …"."""
    head = unaccented(sentence[:200])
    match = _DEFINITION.match(head) if " is " in head or " was " in head else None
    return _proper(match["name"]) if match is not None else None


def _proper_tail(name: str) -> str:
    """The last words of a name that belong to it: joined by hyphen, or capitalised."""
    words = re.findall(r"[^ ]+ ?|[^ ]+$", name)
    kept: list[str] = []
    for word in reversed(words):
        bare = word.strip()
        joined = not kept and word[-1] in "-_"
        if (
            joined
            or (bare[:1].isupper() and bare.lower() not in _GENERIC)
            or re.fullmatch(r"v?\d[\d.]*", bare)
        ):
            kept.insert(0, word)
        else:
            break
    return "".join(kept)


def _groups(labels: list[Label], sentence: str) -> list[list[Label]]:
    """Labels joined by commas and `and`."""
    groups: list[list[Label]] = []
    for label in labels:
        if groups and _JOIN.match(sentence[groups[-1][-1].end : label.start]):
            groups[-1].append(label)
        else:
            groups.append([label])
    return groups


_RESPECTIVELY = re.compile(
    r"\brespective(?:ly)?|分别|それぞれ|jeweils|respectivamente|respectivement"
)
_FOR = re.compile(
    r"^[^.;|]{0,40}?\b(?:for|of|by|to train|in|con|para|pour|für)\s(?:the\s|our\s|both\s"
    r"|training\s)?$"
)


# "eight GPUs to train X-1B, and four GPUs to train those of other sizes"
_OF_OTHERS = re.compile(
    r"^s?\s(?:to train|for|on)\s[^.;|,\d]{0,30}\b(?:others?|remaining|rest)\b", re.IGNORECASE
)
# "The older X-70B took a month, ours took a week."
_OURS = re.compile(r"[,;]\s(?:while |whereas |and |but )?(?:ours|our (?:model|own))\b")


# "initialised from X-7B (trained by its authors on 8T tokens)": said of X-7B.
_REMARK = re.compile(r"[`'\")\]]{0,2},?\s?\([^()]{0,80}$")


def _slashed(spans: list[tuple[int, int]], sentence: str) -> bool:
    """Whether figures are told apart by a slash: "5/2.5 days for the 13B/7B"."""
    between = [sentence[a[1] : b[0]].strip() for a, b in pairwise(spans)]
    return bool(between) and all(words == "/" for words in between)


def owners(
    start: int, end: int, sentence: str, labels: list[Label], same_unit: list[tuple[int, int]]
) -> tuple[str, ...]:
    """The models a figure at a span is said of; empty where the sentence does not say.

    `same_unit` are the spans of all figures of its kind in the sentence, itself among them.
    """
    others = [label for label in labels if label.end <= start or label.start >= end]
    if not others:
        return ()
    groups = _groups(others, sentence)
    told = _RESPECTIVELY.search(sentence)
    if told or _slashed(same_unit, sentence):
        before = [span for span in same_unit if told is None or span[1] <= told.start()]
        for group, spans in product(groups, (same_unit, before)):
            if len(group) == len(spans) > 1 and (start, end) in spans:
                return (group[spans.index((start, end))].text,)
    after = next((g for g in groups if g[0].start >= end), None)
    following = after and _FOR.match(sentence[end : after[0].start])
    left = [g for g in groups if g[-1].end <= start]
    for group in reversed(left):
        if _OURS.search(sentence[group[-1].end : start]):
            return ()
        if _BASE_AFTER.match(sentence[group[-1].end :]):
            continue
        compared = _COMPARED.search(sentence[max(0, group[0].start - 50) : group[0].start].lower())
        remark = _REMARK.match(sentence, group[-1].end, start)
        if compared and not remark and not _RELATIVE.match(sentence[group[-1].end :]):
            continue
        between = [s for s in same_unit if group[-1].end <= s[0] < start]
        joined = all(_LIST.match(sentence[e:start]) for _, e in between)
        elsewhere = following or _OF_OTHERS.match(sentence[end:])
        if elsewhere and _of_another(group[0].start, start, sentence, same_unit):
            break
        if following and (between or start - group[-1].end > after[0].start - end):  # type: ignore[index]
            break
        if between and not joined and after is not None:
            break
        return tuple(label.text for label in group)
    if following and after is not None:
        between = [s for s in same_unit if end <= s[0] < after[0].start]
        if not between:
            return tuple(label.text for label in after)
    return ()


def _of_another(label: int, start: int, sentence: str, same_unit: list[tuple[int, int]]) -> bool:
    """Whether a figure before the one at `start` is said to be for the model named at `label`."""
    before = [s for s in same_unit if s[1] <= label and s[0] < start]
    return bool(before) and _FOR.match(sentence[before[-1][1] : label]) is not None


_LIST = re.compile(r"^[\s,/&]*(?:\w+\s)?(?:and|or|,|/)?[\s~≈]*$")

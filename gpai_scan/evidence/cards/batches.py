"""Batch sizes, sequence lengths and iterations, whose numbers follow their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.labels import find_labels, owners
from gpai_scan.evidence.cards.units import Sentence

_REACH = 200


_PER_BATCH = re.compile(
    r"(?<![\w.,])(?P<n>\d{1,3}(?:,\d{3})+|\d+k?)\s(?:sequences|samples|examples|images|pairs|instances)"
    r"\s(?:per|in (?:each|a)|a)\s(?:global |training )?batch\b"
)
_BATCH = re.compile(
    r"(?P<neg>per[- ]device |per[- ]gpu |micro[- ]?|mini-?|eval\w* |inference |validation "
    r"|max )?(?:(?:global|total|effective|training|train) )?"
    r"batch(?:es)?[- ]?(?:sizes?)?(?:\s?\([^()\d]{0,30}\))?\s?(?:of|is|was|to|with|at|set to|=|:"
    r"|,| size)*\s?(?:about |approximately |~)?"
    r"(?P<n>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?[kKmM]?)(?!\^|,?\d)(?![\w.]*\s?(?:gpu|node|a100|h100"
    r"|image|gb|%|(?:\w+ )?(?:steps|updates|iterations)\b|epochs\b|seconds\b|hours\b))",
)


_SEQ = re.compile(
    r"(?:(?P<ctx>context|max(?:imum)? (?:context|sequence|seq))|sequence|seq"
    r"|block)[- ]?(?:window |sequence )?(?:length|len|size|window)s?\s?"
    r"(?:of|is|was|to|:|=|limited to|set to|is limited to|was set to"
    r"|used|at|\s)*\s?(?:up to )?(?P<n>\d{1,3}(?:,\d{3})+|\d+[kK]?)(?!\w|\.\d)"
    r"|(?P<n2>\d{1,3}(?:,\d{3})+|\d+[kK]?)[- ](?:token )?(?P<ctx2>context|sequence)[- ](?:length"
    r"|window)"
    r"|\b(?:sequences of length|tokens per instance|sequence lengths? of) (?P<n4>\d+)(?!\w|\.\d)"
    r"|\b(?P<n5>\d{3,5}) tokens per (?:instance|sequence|example)\b"
    r"|\bsequences (?:of|were|are|with) (?P<n3>\d{1,3}(?:,\d{3})+|\d+[kK]?)[- ]tokens?\b",
)


def read_settings(source: Sentence) -> Iterator[Draft]:
    """Batch sizes, iterations and sequence lengths of a sentence."""
    text = source.text.lower()
    if len(text) != len(source.text):
        return  # a letter whose lower case is longer would shift the spans
    if "batch" in text:
        yield from _batches(text, source)
    trained = re.search(rules.TRAIN, text) or re.search(rules.TRAIN, source.heading)
    if trained and (not text.isascii() or "taille" in text or "sequenz" in text):
        yield from _elsewhere(text, source)
    for match in _ITERATION.finditer(text):
        yield _draft("steps", match, "n", source)
    if "length" in text or "context" in text or "seq" in text:
        yield from _lengths(text, source)


_THEN = r"\s?(?:de|von|di|da|は|为|為|в|=|:|：|\s)*\s?(?:etwa |environ |около |примерно )?"
_N = r"(?P<n>\d{1,3}(?:[., ]\d{3})+|\d+[kK]?)(?![\w.,]*\d)"
# The same settings in other languages, whose words alone tell what they are.
_ELSEWHERE = (
    (
        "batch_sequences",
        re.compile(
            r"(?:размер(?:ом|е)? (?:батча|пакета)|tama(?:ño|nho) d[eo]l? lotes?(?: global)?"
            r"|taille (?:de|du) lots?(?: globale?)?|批(?:次|量)?大小|バッチサイズ"
            r"|배치 ?(?:크기|사이즈))"
            + _THEN
            + _N
            + r"(?!\s?(?:万|億|亿|백만|млн|m\b|mill|tok|ток|トー|토))"
        ),
    ),
    (
        "sequence_length",
        re.compile(
            r"(?:длин\w+ последовательност\w+|longueur de(?: la)? séquence"
            r"|longitud de(?: la)? secuencia|comprimento d[ae] sequência"
            r"|lunghezza (?:della |di )?sequenza|sequenzlängen?|序列长度|系列長|시퀀스 ?길이)"
            + _THEN
            + _N
        ),
    ),
)


def _elsewhere(text: str, source: Sentence) -> Iterator[Draft]:
    for quantity, pattern in _ELSEWHERE:
        for match in pattern.finditer(text):
            draft = _draft(quantity, match, "n", source)
            if draft.value is not None and draft.value >= 1:
                yield replace(draft, stage=rules.stage(text[: match.start()], "", source.heading))


def _draft(quantity: str, match: re.Match[str], group: str, source: Sentence) -> Draft:
    value = _settings_number(match[group])
    start, end = match.start(group) + source.offset, match.end(group) + source.offset
    return Draft(quantity, start, end, value, value, value)


_TOKENS_AFTER = re.compile(r"^\s{0,3}(?:m |million )?token")
_EACH_DEVICE = re.compile(r"^\s?(?:for each|per|on each|/)\s?(?:gpu|device)")


_WHOLE_BATCH = re.compile(r"global|effective|total")
_OF_SEQUENCES = re.compile(r"^\s?(?:sequences|samples)\b")
_USE = re.compile(
    r"infer|eval|embed|encode|serv|deploy|latency|throughput|vram"
    r"|\bprompts?\b|\d ?gi?b\b"
)


def _batches(text: str, source: Sentence) -> Iterator[Draft]:
    trained = re.search(rules.TRAIN, text) or re.search(rules.TRAIN, source.heading)
    trained = trained or re.search(r"\bepochs?\b|\b\d[\d,]* steps\b", text)
    for match in _PER_BATCH.finditer(text):
        if trained:
            yield _draft("batch_sequences", match, "n", source)
    for match in _BATCH.finditer(text):
        after = text[match.end() :]
        draft = _draft("batch_sequences", match, "n", source)
        if _TOKENS_AFTER.match(after) or draft.value is None or draft.value < 1:
            continue
        rejected = "per_device" if match["neg"] or _EACH_DEVICE.match(after) else None
        plain = trained or _WHOLE_BATCH.search(match[0]) or _OF_SEQUENCES.match(after)
        if not plain or (not trained and _USE.search(text)):
            rejected = rejected or "no_training_context"
        span = match.span("n")
        yield replace(
            draft,
            quantity="batch_tokens" if draft.value >= 3e5 else "batch_sequences",
            rejected=rejected,
            stage=rules.stage(text[: match.start()][-_REACH:], "", source.heading),
            labels=owners(*span, source.text, find_labels(source.text), [span]),
        )


_EXTENDED = re.compile(r"extend\w*|extrapol\w*|support\w*|up to[^.;|]{0,12}$|inference")


def _lengths(text: str, source: Sentence) -> Iterator[Draft]:
    trained = re.search(rules.TRAIN, text) or "batch" in text
    for match in _SEQ.finditer(text):
        around = text[max(0, match.start() - 40) : match.end() + 20]
        training = bool(trained) and not _EXTENDED.search(around)
        draft = _draft(
            "sequence_length",
            match,
            next(n for n in ("n", "n2", "n3", "n4", "n5") if match[n]),
            source,
        )
        if draft.value is None or draft.value < 16:
            continue
        plain = not (match["ctx"] or match["ctx2"] or match["n3"] or _EXTENDED.search(around))
        if not training and not plain:
            draft = replace(draft, quantity="context_length")
        elif (match["ctx"] or match["ctx2"] == "context") and "batch" not in text:
            draft = replace(draft, rejected="context_length")
        yield draft


_ITERATION = re.compile(
    r"\b(?:training|train|current|total) (?:iteration|step)s?(?:\s?[:=]|\s(?:is|was"
    r"|are|were|of|to))?"
    r"\s{1,3}(?P<n>\d{1,3}(?:,\d{3})+"
    r"|\d{3,8})(?![\w.])"
)


def _settings_number(text: str) -> float:
    factor = {"k": 1e3, "m": 1e6}.get(text[-1].lower(), 1.0)
    plain = re.sub(r"[, ]|\.(?=\d{3}$)", "", text.rstrip("kKmM"))
    value = float(plain)
    if factor == 1e3 and value in {1, 2, 4, 8, 16, 32, 64, 128, 256}:
        factor = 1024.0
    return value * factor

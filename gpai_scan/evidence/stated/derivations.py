"""Base models and kinds of derivation in a sentence.

A trigger is a phrase after which (or around which) a model's name stands; the rest is grammar:
`built on X`, `a fine-tuned version of the X model`, `Parent Model: X`, `基于 X 微调`. A phrase that
other things than models follow as often (`based on`) asks for a name with a number or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gpai_scan.evidence.stated import names
from gpai_scan.evidence.stated.names import Name
from gpai_scan.evidence.stated.statement import Statement


@dataclass(frozen=True, slots=True)
class Trigger:
    """A phrase before a name; `strong` where only a model can follow."""

    pattern: re.Pattern[str]
    relation: str | None
    strong: bool = True


def _t(pattern: str, relation: str | None, strong: bool = True) -> Trigger:
    return Trigger(re.compile(pattern, re.IGNORECASE), relation, strong)


_FT: Final = r"(?:fine-?\s?tun(?:ed|ing|e)|finetun(?:ed|ing|e)|fine-turned|instruct(?:ion)?-?\s?tuned|post-?trained|aligned|adapted|abliterated|uncensored|RL-trained|SFT(?:ed)?|DPO(?:ed)?|domain-adapted|specialised|specialized)"
_GAP: Final = r"(?:\s(?:[\w.+-]+|\([^()]{0,60}\)|&)){0,4}?"
_KIND: Final = r"(?:versions?|variants?|checkpoints?|derivatives?|editions?|adaptations?|models?|iterations?|releases?|extensions?)"
_QUANT: Final = r"(?:quanti[sz](?:ed|ation|ations|ing)|quants?|gguf|ggml|awq|gptq|exl[23]|[2-8](?:\.\d+)?-?\s?bits?|int[2-8]|fp[48]|nvfp4|mxfp4|w[48]a(?:4|8|16)|bnb|mlx|onnx|openvino|ctranslate2|coreml)"

TRIGGERS: Final = (
    _t(rf"\b{_QUANT}\b{_GAP}\s(?:versions?|variants?|files?|quant\w*|weights|conversions?|models?|formats?|copy|copies|exports?|checkpoints?)\s(?:of|for|from)\b", "quantized"),
    _t(rf"\b(?:quanti[sz]ations?|quants|quantized|quantised|gguf|exl2|awq|gptq)\s(?:\w+\s){{0,3}}?(?:of|from)\b", "quantized", strong=False),
    _t(rf"\b(?:was\s)?converted\s(?:to|into)\s(?:the\s)?(?:\w+\s){{0,3}}?(?:format\s)?from\b", "quantized"),
    _t(r"\bprun(?:ed|ing)\s(?:\w+\s){0,2}?(?:versions?|variants?|models?)?\s?(?:of|from)\b", "pruned"),
    _t(r"\bdistill?ed\s(?:\w+\s){0,3}?(?:versions?|variants?|copy|checkpoint)\s(?:of|from)\b", "distilled"),
    _t(r"\bdistillation\sof\b", "distilled"),
    _t(r"\bupcycl\w+\s(?:\w+\s){0,3}?(?:from|of)\b", "upcycled"),
    _t(r"\b(?:q?lora|peft|dora|adapters?|adaptors?|low-rank adaptation)\b(?:\s(?:weights?|adapters?|models?|fine-?tuned?|finetuned?|trained|checkpoint|for|a|the|\w+-\w+)){0,4}?\s(?:for|of|on|from|on top of)\b", "adapter", strong=False),
    _t(r"\b(?:continu\w+|continual\w*|further|additional\w*|incremental\w*|secondary|second-stage)[\s-](?:to\s)?(?:be\s)?(?:pre-?\s?)?train\w*" + _GAP + r"\s(?:from|on top of|upon|based on|of|over|using|starting with)\b", "continued_pretraining", strong=False),
    _t(r"\b(?:resum\w+|warm-?\s?start\w*|continu\w+)" + _GAP + r"\s(?:from|with)\b", "continued_pretraining"),
    _t(rf"\b{_FT}\b{_GAP}\s{_KIND}\s(?:of|for)\b", "finetune"),
    _t(rf"\b{_KIND}\s(?:of)\b(?=[^.]{{0,80}}\b{_FT}\b)", "finetune"),
    _t(rf"\b(?:{_FT}|trained|derived|developed|adapted|evolved|modified)\b(?:\s(?:further|directly|it|them|it\sdirectly|using|by|via|with|\w+ly|models?|and\s\w+)){{0,3}}?\s(?:from|on top of|over|starting (?:from|with))\b", "finetune"),
    _t(rf"\b{_FT}\b\s(?:on|upon|based on|using)\b(?=[^.]{{0,60}}\b(?:series|family|base|models?|checkpoint|backbone|foundation|instruct)\b)", "finetune", strong=False),
    _t(rf"\b{_FT}\b\s(?:the\s)(?=[\[\w])", "finetune", strong=False),
    _t(r"\b(?:is|are|was|were|been|model|models|,|and|variants?|\()\s?(?:both\s|all\s|primarily\s|further\s|also\s|mainly\s|\w+ly\s)?(?:built|based|builds?|developed|building|constructed|created|trained)\s(?:directly\s|\w+ly\s)?(?:(?:up)?on\stop\sof|upon|on|off|from|around)\b", None, strong=False),
    _t(r"^\W{0,4}(?:built|based|building)\s(?:up)?on(?:\stop\sof)?\b", None, strong=False),
    _t(r"\b(?:initiali[sz]ed|bootstrapped|seeded|warm-started|initiali[sz]e|start(?:ed|ing|s)?)" + r"(?:\s[\w-]+){0,3}?" + r"\s(?:from|with|using|by)\b", None, strong=False),
    _t(r"\b(?:derivative|descendant|successor|fork|abliteration|uncensored version|modification|copy|re-?upload|mirror)\s(?:work\s)?of\b", None, strong=False),
    _t(r"\b(?:the|our|its|as)\s(?:base|original|foundation|foundational|backbone|underlying|parent|source|starting|student)\s(?:language\s|llm\s)?(?:model|llm|checkpoint|lm|backbone)\s(?:is|was|used is|used was|being|we used is|:)", None),
    _t(r"\b(?:is|was|are)\sa\smerge\s(?:of|between)\b", "merge"),
    _t(r"\b(?:basado|basada|basados|construido|construida|entrenado a partir|ajustado a partir|derivado|baseado|baseada|basata|basato|basé|basée|basiert|affiné|ajustado|fondé|fondée)\s(?:en|de|sobre|em|su|sur|auf|à partir de|a partir de)\b", None, strong=False),
    _t(r"\b(?:cuantizad\w+|quantifi\w+|quantisiert\w*|quantizzat\w+|quantizad\w+)\s(?:\w+\s){0,2}?(?:de|para|pour|von|für|di)\b", "quantized"),
    _t(r"(?:основан\w*|дообучен\w*|обучен\w*)\s(?:\w+\s){0,2}?на\s(?:основе\s|базе\s)?", None, strong=False),
    _t(r"\bна (?:основе|базе)\b", None, strong=False),
)  # fmt: skip

_CJK_AFTER: Final = re.compile(
    r"^\s?(?:模型|模型权重|系列|シリーズ|モデル)?\s?(?:的基础上|基礎上|上|进行|進行|を(?:ベース|基|もと|元)|をさらに|から|に対(?:して|し)|を(?:継続|追加)|을|를|의|기반|(?:微调|训练|开发|构建|量化|继续|優化|训练而|蒸馏))"
)
_CJK: Final = (
    (re.compile(r"(?:基于|基於|源自|采用|以)\s?"), re.compile(r"微调|微調|精调|指令|训练|訓練|开发|构建|量化|蒸馏|继续|為基|为基|底座|基座|得到"), None),
    (re.compile(r"(?:在|从|從)\s?"), re.compile(r"基础上|基礎上|继续|初始化|增量"), None),
)  # fmt: skip
_CJK_RELATION: Final = (
    (re.compile(r"量化|量子化|양자화"), "quantized"),
    (re.compile(r"继续(?:预)?训练|继续进行(?:预)?训练|增量(?:预)?训练|继续预训练|二次预训练|继续进行|進行訓練|继续|継続(?:事前)?学習|継続事前|계속"), "continued_pretraining"),
    (re.compile(r"蒸馏|蒸留|증류"), "distilled"),
    (re.compile(r"微调|微調|精调|指令|ファインチューニング|指示学習|チューニング|파인튜닝|미세"), "finetune"),
)  # fmt: skip
_JA_BASE: Final = re.compile(
    r"^\s?(?:モデル)?\s?(?:を(?:ベース|基|もと|元)に|をベースモデル|から(?:継続|追加|さらに)|に対(?:して|し)|に(?:追加|継続)|を(?:継続|追加)|(?:을|를)?\s?(?:기반|베이스)|(?:을|를)\s?(?:파인튜닝|미세))"
)
_FOR_JA: Final = re.compile(
    r"^\s?(?:用|の|的)\s?(?:Int\d|\d-?bit|量子化|量化|4bit|8bit)", re.IGNORECASE
)

FIELD: Final = re.compile(
    r"^[\s>*+•-]*\|?\s*(?P<key>(?:parent|base|original|source|foundation|backbone|starting|underlying)\s(?:language\s|llm\s)?(?:models?|llm|checkpoint|lm)(?:\(s\))?(?:\sbefore upcycling)?"
    r"|base_model|fine-?\s?tuned from(?: model)?|finetuned from(?: model)?|(?:quantized|derived|converted|initiali[sz]ed|trained|adapted|distilled|merged|pruned) from(?: model)?"
    r"|original model repo|backbone|base llm|initiali[sz]ation|upcycled from|模型基座|基座模型|基础模型|底座模型|ベースモデル|元モデル|modelo base|modèle de base|basismodell|базовая модель)"
    r"\s*(?:\[optional\]|\(optional\))?\s*(?:[:：]|\|)\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_FIELD_RELATION: Final = (
    (re.compile(r"fine-?\s?tuned|adapted", re.IGNORECASE), "finetune"),
    (re.compile(r"quantized|converted", re.IGNORECASE), "quantized"),
    (re.compile(r"distilled", re.IGNORECASE), "distilled"),
    (re.compile(r"merged", re.IGNORECASE), "merge"),
    (re.compile(r"pruned", re.IGNORECASE), "pruned"),
    (re.compile(r"upcycl", re.IGNORECASE), "upcycled"),
)
PLACEHOLDER: Final = re.compile(
    r"^\W*(?:more information (?:is )?needed|needs more information|information needed|none|n/?a|na|tbd|to be (?:added|announced|determined)|todo"
    r"|unknown|not (?:available|specified|applicable|provided)|coming soon|no|-+|scratch|from scratch|yes|trained from scratch)?\W*$",
    re.IGNORECASE,
)
_NAME_FIRST: Final = re.compile(
    rf"^(?:\s(?:language\s|base\s|large\s|pretrained\s|transformer\s)?models?)?\s?(?:\[[^\]]{{0,80}}\]\([^)]{{0,300}}\)\s?|\([^()]{{0,80}}\)\s?|,\s?)?(?:that\s(?:is|was|has been)\s|which\s(?:is|was|has been)\s|further\s|model\s)?(?:fine-?tuned|finetuned|fine-turned)\s(?:on|for|with|using|to|by)\b",
    re.IGNORECASE,
)
_AS_BASE: Final = re.compile(
    r"\b(?:us(?:es|ing|ed|e)|with|take[sn]?|adopt(?:s|ing|ed)?|employ(?:s|ing|ed)?|leverag(?:es|ing|ed)|choose|chose|select(?:s|ed)?)\b",
    re.IGNORECASE,
)
_AS_BASE_TAIL: Final = re.compile(
    r"^(?:\s(?:model|llm|weights))?\s(?:as|for|to be)\s(?:a\s|an\s|the\s|our\s|its\s|their\s)?(?:[\w-]+\s){0,3}?(?:base|backbone|foundation|foundational|starting point|initiali[sz]ation|decoder|llm|student)\b",
    re.IGNORECASE,
)
_CONTRARY: Final = re.compile(
    r"\b(?:(?:not|n't|never|no)\s(?:a\s|an\s)?(?:\w+\s){0,2}?(?:based|built|fine-?tuned|derived|initiali[sz]ed|trained)|(?:you|users?|developers|one)\s(?:can|could|may|should|want|will)"
    r"|can be|could be|may be|to (?:fine-?tune|finetune|quantize|run|use|train)|how to|if you|let's|please|example|for instance|code for|scripts? (?:for|to)|support(?:s|ed)? (?:for|the)?|compared (?:to|with)|outperform\w*"
    r"|better than|similar to|unlike|instead of|evaluat\w+|baseline\w*|would|we recommend|tutorial|notebook|demo|guide|command|model card (?:was|is)|card (?:was|is)|written by|future|plan(?:s|ned)? to|will be)\b"
    r"|community has|可以|如果|例如|支持|并未|没有|未基于|教程|示例|例えば|場合|できます|ことが",
    re.IGNORECASE,
)
_RELEASE: Final = re.compile(
    r"\b(?:releas\w+|introduc\w+|present\w*|publish\w*|open-?sourc\w+|announc\w+|publicamos|publions|launch\w*)\b|发布|推出|开源|リリース|公開|발표|공개",
    re.IGNORECASE,
)
_KINDS: Final = re.compile(
    r"(?<![\w-])(?P<kind>int[248]|[248]-?\s?bits?|fp8|chat|instruct|reasoning|thinking|aligned)(?:[\s-](?:series|version|versions|variant|quanti[sz]ed))*\s?(?:series\s)?(?:models?\b|版本|模型|系列)",
    re.IGNORECASE,
)
_RELATION_ONLY: Final = (
    (re.compile(r"\b(?:int[248]|[248]-?bits?|\w+)?\s?(?:quanti[sz]ed|cuantizado|quantifié)s?(?:\s(?:series|int[248]|models?|versions?|by|with|using))+|由\s?(?:AWQ|GPTQ)\s?量化|量化模型|量子化モデル|modelo cuantizado|modèle quantifié", re.IGNORECASE), "quantized"),
    (re.compile(r"\bis (?:further )?(?:fine-?tuned|instruction-tuned) (?:to|with|using|on|for|by)\b|\bundergone (?:\w+\s){0,4}?(?:supervised fine-?tuning|SFT)|(?:采用|使用|经过|進行).{0,12}?(?:监督微调|指令微调|SFT)|\btrained with (?:alignment techniques|RLHF|SFT)\b", re.IGNORECASE), "finetune"),
    (re.compile(r"\bcontinue(?:d)? to (?:pre-?\s?)?train the model\b|对模型进行继续预?训练", re.IGNORECASE), "continued_pretraining"),
    (re.compile(r"\b(?:is|are) (?:a )?merges? of (?:pre-?trained|several|multiple|two|three|\d)|\bcreated using \[?mergekit|\bmerged using\b", re.IGNORECASE), "merge"),
)  # fmt: skip


def read(sentence: str, row: bool, heading: str) -> Iterator[Statement]:
    """Statements about base and derivation in one sentence, positions within it."""
    field = FIELD.match(sentence)
    if field:
        yield from _of_field(field, sentence, row)
        return
    if row:
        return
    found: dict[str, int] = {}
    if not _CONTRARY.search(sentence):
        for base, relation in _bases(sentence):
            if base.text.lower() in found:
                continue
            found[base.text.lower()] = base.start
            labels = _labels(sentence, base)
            family = re.match(
                r"\s?(?:series|family|系列|シリーズ)", sentence[base.end : base.end + 10]
            )
            kind = None if labels else _kind(sentence)
            if not family:
                yield Statement(
                    "base_model", base.text, base.start, base.end, labels, kind, base.linked
                )
            if relation:
                yield Statement("relation", relation, base.start, base.end, labels, kind)
    if not found:
        yield from _relations(sentence)


def _of_field(field: re.Match[str], sentence: str, row: bool) -> Iterator[Statement]:
    value = field["value"]
    if PLACEHOLDER.match(value.strip("| ")):
        return
    begin = field.start("value")
    first = names.FILLER.match(sentence, begin)
    name = names.at(sentence, first.end()) if first else None
    name = name or names.at(sentence, begin)
    if name is None:
        plain = re.match(r"[\w.+\- /]{2,60}", value.strip("| "))
        if plain is None or len(plain[0].split()) > 6:
            return
        name = Name(plain[0].strip(), begin, begin + len(plain[0]), False)
    yield Statement("base_model", name.text, name.start, name.end, (), None, name.linked, row)
    for pattern, relation in _FIELD_RELATION:
        if pattern.search(field["key"]):
            yield Statement("relation", relation, name.start, name.end, (), None, False, row)


def _bases(sentence: str) -> Iterator[tuple[Name, str | None]]:
    """Names that stand where a base stands, with the kind of derivation the words tell."""
    for trigger in TRIGGERS:
        for match in trigger.pattern.finditer(sentence):
            name = names.after(sentence, match.end(), trigger.strong)
            if name is not None and name.start - match.end() <= 90:
                yield name, trigger.relation or _context(sentence)
                for other in _joined(sentence, name) if trigger.relation == "merge" else ():
                    yield other, "merge"
    for match in _AS_BASE.finditer(sentence):
        name = names.after(sentence, match.end(), strong=True)
        if name is not None and _AS_BASE_TAIL.match(sentence[name.end : name.end + 80]):
            yield name, _context(sentence)
    yield from _first(sentence)
    yield from _asian(sentence)


def _context(sentence: str) -> str | None:
    """The kind of derivation that other words of the sentence tell."""
    for pattern, relation in (
        (r"quanti[sz]ed|\bgguf\b|\bawq\b|\bgptq\b", "quantized"),
        (r"continu\w+ (?:pre-?\s?)?train|continual", "continued_pretraining"),
        (rf"{_FT}|\bchat model|\balignment techniques|\bassistant\b.{{0,60}}\btrained", "finetune"),
    ):
        if re.search(pattern, sentence, re.IGNORECASE):
            return relation
    return None


def _first(sentence: str) -> Iterator[tuple[Name, str | None]]:
    """`X fine-tuned on …` where X opens the sentence or follows an article."""
    for match in re.finditer(
        r"^[\s#>*-]*(?:Model Card for\s)?|\b(?:an?|the|on|of|provides)\s", sentence
    ):
        name = names.at(sentence, match.end(), lower=False)
        if name is not None and _NAME_FIRST.match(sentence[name.end : name.end + 400]):
            yield name, "finetune"


def _asian(sentence: str) -> Iterator[tuple[Name, str | None]]:
    if sentence.isascii():
        return
    relation = next((r for p, r in _CJK_RELATION if p.search(sentence)), None)
    for before, needed, fixed in _CJK:
        if needed.search(sentence):
            for match in before.finditer(sentence):
                name = names.after(sentence, match.end(), strong=False) or _linked_within(
                    sentence, match.end()
                )
                if name is not None and not re.match(
                    r"\s?(?:数据|数据集|架构|结构|分词)", sentence[name.end : name.end + 8]
                ):
                    yield name, fixed or relation
    for name in names.every(sentence, 0, len(sentence)):
        tail = sentence[name.end : name.end + 30].lstrip("）)」』")
        if _JA_BASE.match(tail):
            yield name, relation
        elif _FOR_JA.match(tail) and "quantized" == relation:
            yield name, relation


def _linked_within(sentence: str, position: int) -> Name | None:
    """A link to a model soon after a position: `基于 … 的 [模型](…)`."""
    bracket = sentence.find("[", position, position + 30)
    name = names.at(sentence, bracket) if bracket >= 0 else None
    return name if name is not None and name.linked else None


def _joined(sentence: str, first: Name) -> Iterator[Name]:
    """Further names joined to the first by commas and `and`."""
    end = first.end
    for name in names.every(sentence, first.end, len(sentence)):
        if not re.fullmatch(
            r"\s*(?:,|and|&|\+|, and|with)?\s*(?:the\s)?", sentence[end : name.start]
        ):
            return
        yield name
        end = name.end


def _labels(sentence: str, base: Name) -> tuple[str, ...]:
    """The models the statement is about: the last ones before the base, else after it."""
    left = [n for n in names.every(sentence, 0, base.start) if n.text.lower() != base.text.lower()]
    if left:
        group = [left[-1]]
        for name in reversed(left[:-1]):
            if re.fullmatch(
                r"\W*(?:,|and|&|、|和|と|y|et|und)?\W*(?:the\s)?",
                sentence[name.end : group[0].start],
            ):
                group.insert(0, name)
            else:
                break
        return tuple(n.text for n in group)
    if _RELEASE.search(sentence):
        right = [
            n
            for n in names.every(sentence, base.end, len(sentence))
            if n.text.lower() != base.text.lower()
        ]
        if right and right[0].start - base.end < 60:
            return (right[0].text,)
    return ()


def _kind(sentence: str) -> str | None:
    match = _KINDS.search(sentence)
    return re.sub(r"[\s-]", "", match["kind"].lower()) if match else None


def _relations(sentence: str) -> Iterator[Statement]:
    """Kinds of derivation said of named models, or of a kind of models, without a base."""
    if re.search(r"\b(?:you|your|can|how to|script|command|run)\b", sentence, re.IGNORECASE):
        return
    for pattern, relation in _RELATION_ONLY:
        match = pattern.search(sentence)
        if match is None:
            continue
        labels = _around(sentence, match)
        kind = None if labels else _kind(sentence)
        if labels or kind or relation == "merge":
            yield Statement("relation", relation, *match.span(), labels=labels, kind=kind)
        return


def _around(sentence: str, match: re.Match[str]) -> tuple[str, ...]:
    """The models a kind of derivation is said of: the last names before it, else those after it."""
    named = [
        n for n in names.every(sentence, 0, len(sentence)) if re.search(r"[A-Za-z]{2}", n.text)
    ]
    left = [n for n in named if n.start < match.start()]
    group = left[-1:] or [n for n in named if n.start >= match.start()]
    for name in reversed(left[:-1]):
        if not re.fullmatch(
            r"\W*(?:,|and|&|、|和|と|y|et|und)?\W*(?:the\s)?", sentence[name.end : group[0].start]
        ):
            break
        group.insert(0, name)
    return tuple(n.text for n in group)

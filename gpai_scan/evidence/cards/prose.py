"""Reads a sentence: each number gets a unit, then a role, then the models it is said of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.hardware import chip_pattern
from gpai_scan.evidence.cards.labels import Label, find_labels, owners
from gpai_scan.evidence.cards.numbers import Number, find_numbers, grouped

_REACH = 200

_WORDS = (
    r"(?:(?!(?:with|for|using|on|at|by|to|is|are|was|were|model|models|param\w*|images?|samples?|steps?|epochs?|gpus?"
    r"|hours?|documents?|pages|sequences?|examples?|pairs?|than|while|but|in)\b)[^\W\d][\w'/&\-]*,?\s){0,7}?"
)
_UNIT_PATTERNS: tuple[tuple[str, str], ...] = (
    ("tokens", rf"^[\s\-]*(?:\+\s?)?(?:个|個)?{_WORDS}(?:(?:sub)?(?:token|tok)s?(?:-size|-length)?\b|tokenów|tokenů|jetons?\b|fichas\b|词元|標記|トークン|토큰"
               r"|токен\w*|توكن|رمز|टोकन|mã thông báo|(?:个|個)?\s?tokens?)"),
    ("parameters", rf"^[\s\-]*(?:\+\s?)?(?:个|個|の|级|級)?{_WORDS}(?:parameters?\b|params?\b|参数|參數|パラメータ|パラメーター|매개변수|파라미터"
                   r"|параметр\w*|parámetros|paramètres|parametern?\b|parametri\b|parâmetros|parametrów|parametrů|parametre\w*|معلمة|معامل|tham số|पैरामीटर)"),
    ("parameters_total", r"^\s?\+?\s?\(?(?:in )?total\b(?!\s(?:tokens?|steps|gpu|hours|images))"),
    ("parameters_active", r"^\s?\+?\s?\(?activ(?:e|ated)\b(?! users)"),
    ("steps", rf"^[\s\-]*{_WORDS}(?:steps?\b|iterations?\b|updates\b|iters?\b|步|ステップ|스텝|шаг\w*|pasos\b|étapes\b|schritte\w*|itérations)"),
    ("epochs", r"^[\s\-]*(?:full |complete |training |more )*(?:epochs?\b|passes\b|エポック|轮|個?epoch|эпох\w*|épocas|époques|epochen)"),
    ("sequences", r"^[\s\-]*(?:global |training )?(?:sequences\b|samples? per|sequences per)"),
    ("audio", r"^[\s\-]*(?:hours?|hrs?|h|heures|horas|stunden|小时|時間|часов)\s(?:of|de|von|の|d')?\s?(?:[^\W\d][\w\-]*,?\s(?:and\s)?){0,6}?"
              r"(?:audio|speech|recordings?|voice|music|sound|video|transcri\w+|language data|data\b|音声|语音|parole|voz|sprach\w*|речи)"),
    ("days", r"^[\s\-]*(?:full |calendar )?(?:days?\b|jours\b|días\b|tagen?\b|天|日間|日(?!期)|дн\w+)"),
    ("hours", r"^[\s\-]*(?:hours?\b|hrs?\b|h\b(?!\d)|heures\b|horas\b|stunden\b|小时|時間|часов)"),
    ("weeks", r"^[\s\-]*(?:weeks?\b|semaines\b|semanas\b|wochen\b|周|週間)"),
    ("months", r"^[\s\-]*(?:months?\b|mois\b|meses\b|monaten?\b|个月|ヶ月|か月)"),
    ("minutes", r"^[\s\-]*(?:minutes?\b|mins?\b|分钟)"),
    ("samples", rf"^[\s\-]*{_WORDS}(?:images?\b|image-text pairs?|pairs?\b|samples?\b|examples?\b|instructions?\b|sentences?\b|documents?\b|instances\b"
                r"|conversations?\b|dialogues?\b|questions\b|videos?\b|passages\b|entries\b|files\b|triplets\b|rows\b|molecules|proteins|条|張图|枚の)"),
    ("flop", r"^\s?(?:(?:total |training )?(?:flops?\b(?!\s?/|\s?per|/s)|floating[- ]point operations(?! per)))"),
    ("percent", r"^\s?%"),
    ("energy", r"^\s?(?P<prefix>[kMGT]?)Wh\b"),
    ("emissions", r"^\s?(?P<mass>kg|kilograms?|g|grams?|t|tons?|tonnes?|metric tons?|tco2e?q?|kgco2e?q?)\s?(?:of )?(?:\(?co_?2|carbon|eq\b)"),
)  # fmt: skip
_UNITS = tuple(
    (name, re.compile(pattern, re.IGNORECASE if name not in {"energy"} else 0))
    for name, pattern in _UNIT_PATTERNS
)
_JOINER = re.compile(
    r"^\s*(?:,|and|or|&|/|、|和|与|y|et|und|,\s?and|to)\s*(?:~|about )?$", re.IGNORECASE
)
_HOURS_IN = {
    "hours": 1.0,
    "days": 24.0,
    "weeks": 168.0,
    "months": 730.5,
    "minutes": 1 / 60,
    "years": 8766.0,
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A number with what it counts and where the unit ends."""

    number: Number
    unit: str
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with where it stands and what the text around it says."""

    text: str
    offset: int
    heading: str
    lower: str
    key: str = ""
    previous: str = ""


# A dot inside a number or name does not end a clause; the rules see another character there.
_DECIMAL = re.compile(r"(?<=\w)\.(?=\w)")


def sentence(text: str, offset: int, heading: str, key: str = "") -> Sentence:
    """A sentence prepared for reading."""
    return Sentence(text, offset, heading, _DECIMAL.sub("·", text.lower()), key)


def _accelerator_hours_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"^[\s\-]*(?:of |total |cumulative |equivalent |compute |nvidia[\s\-]|amd[\s\-]|google |tesla |cloud |single-|\(?\d{{2,3}}\s?g[ib]?b?\)?[\s\-]"
        rf"|(?:{chip_pattern()})s?[\s\-/]*(?:sxm\d?[\s\-]|pcie[\s\-])?(?:\(?\d{{2,3}}\s?gi?b?\)?[\s\-]*)?){{0,4}}"
        r"(?P<unit>gpus?|tpus?|npus?|accelerators?|chips?|cards?|cores?|nodes?|卡|(?<=[\w)])(?=[\s\-]*(?:hours?|hrs?|days?|weeks?|years?)))"
        r"[\s\-·]*(?:core[\s\-]|chip[\s\-])?(?P<time>hours?|hrs?|h\b|days?|weeks?|months?|years?|小时|时|時間)\b",
        re.IGNORECASE,
    )


_pattern_cache: list[re.Pattern[str]] = []


def _hours_unit(right: str) -> re.Match[str] | None:
    if not _pattern_cache:
        _pattern_cache.append(_accelerator_hours_pattern())
    head = right[:60].lower()
    if not re.search(r"hour|hr|\bh\b|day|week|month|year|时|時", head):
        return None
    return _pattern_cache[0].match(right)


def mentions(text: str, numbers: list[Number]) -> list[Mention]:
    """The numbers of a sentence that count something, with their units."""
    found: list[Mention | None] = []
    for number in numbers:
        found.append(None if number.in_name else _mention(text, number))
    for i in range(len(numbers) - 2, -1, -1):  # "2T and 6T tokens": the unit reaches back
        following = found[i + 1]
        if (
            found[i] is None
            and following is not None
            and not numbers[i].in_name
            and (numbers[i].scale > 1) == (following.number.scale > 1)
            and _JOINER.match(text[numbers[i].end : following.number.start])
        ):
            found[i] = Mention(numbers[i], following.unit, numbers[i].end)
    return [m for m in found if m is not None]


_SIZE_SCALES = frozenset({1e4, 1e6, 1e9, 1e12})
_SIZES_LEFT = re.compile(
    r"(?:\b(?:parameter|model)s? (?:sizes?|counts?|scales?)|\bsizes?:|\b(?:different|various|two|three|four|five|multiple|several|in) sizes?|参数规模|参数量"
    r"|パラメータ(?:数|サイズ))[^.;|]{0,60}$",
    re.IGNORECASE,
)
_HOURS_BEFORE = re.compile(
    r"\b(?:gpu|tpu|accelerator|[ahv]\d{3})[\s-]?hours?\b(?! (?:and|or|on|of compute|per))[^.;|\d]{0,40}?(?:[(:=]|\bis|\bwas|\bof|\babout|\bapproximately)\s?$",
    re.IGNORECASE,
)


def _mention(text: str, number: Number) -> Mention | None:
    right = text[number.end : number.end + 90]
    if _HOURS_BEFORE.search(text[max(0, number.start - 80) : number.start]):
        return Mention(number, "accelerator_hour", number.end)
    hours = _hours_unit(right)
    if hours is not None:
        unit = "accelerator_" + hours["time"].lower().rstrip("s").replace("hr", "hour")
        tpu = "tpu" in hours[0].lower()
        if hours["unit"].lower().startswith(("core", "node")) and not (
            tpu and hours["unit"][0] in "cC"
        ):
            unit = "node_hour" if hours["unit"].lower().startswith("node") else "core_hour"
        return Mention(number, unit, number.end + hours.end())
    best: tuple[int, str] | None = None
    for unit, pattern in _UNITS:
        match = pattern.match(right)
        if match is not None and (best is None or match.end() < best[0]):
            best = (match.end(), unit)
            if unit == "audio":  # longer than the bare hours it begins with
                break
    if (
        best is None
        and number.scale in _SIZE_SCALES
        and _SIZES_LEFT.search(text[max(0, number.start - 90) : number.start])
    ):
        return Mention(number, "parameters", number.end)
    return None if best is None else Mention(number, best[1], number.end + best[0])


def read_sentence(source: Sentence) -> Iterator[Draft]:
    """Every claim of a sentence, accepted or rejected; positions are within the block."""
    numbers = find_numbers(source.text)
    if not numbers:
        return
    found = mentions(source.text, numbers)
    labels = find_labels(source.text) if found else []
    why_not = aside(source)
    made: list[Draft] = []
    for i, mention in enumerate(found):
        draft = _decide(mention, found, source)
        if draft is None:
            continue
        if draft.rejected is None:
            draft = replace(
                draft, rejected=_general_reason(draft, why_not, found[i : i + 2], source)
            )
        same = [(m.number.start, m.end) for m in found if _kind(m.unit) == _kind(mention.unit)]
        span = (mention.number.start, mention.end)
        own = _own_labels(mention, draft, source, labels, same)
        made.append(
            replace(
                draft,
                start=span[0] + source.offset,
                end=span[1] + source.offset,
                labels=own or draft.labels,
            )
        )
    yield from _together(made, source)


_AND = re.compile(
    r"^[^.;|\d]{0,40}\b(?:and|plus)\s(?:~|about |another |an additional )*$|^[^.;|\d]{0,40}\+\s?$",
    re.IGNORECASE,
)


def _together(made: list[Draft], source: Sentence) -> Iterator[Draft]:
    """Hours on one kind of accelerator `and` on another add up; two bare figures exclude each other."""
    hours = [d for d in made if d.quantity == "accelerator_hours" and d.rejected is None]
    if len(hours) != 2 or hours[0].stage != hours[1].stage or hours[0].labels != hours[1].labels:
        yield from made
        return
    first, second = hours
    between = source.text[first.end - source.offset : second.start - source.offset]
    if not _AND.match(between) or first.value is None or second.value is None:
        yield from made
        return
    stated = len(source.text[first.start - source.offset : first.end - source.offset].split()) > 1
    for draft in made:
        yield (
            replace(draft, rejected="part" if stated else "ambiguous") if draft in hours else draft
        )
    if stated:
        total = first.value + second.value
        low, high = (first.low or 0) + (second.low or 0), (first.high or 0) + (second.high or 0)
        note = f"{first.value:g} + {second.value:g}"
        yield replace(
            first, value=total, low=low, high=high, end=second.end, note=note, method="card_derived"
        )


_HYPOTHETICAL = re.compile(
    r"\b(?:if you|you (?:can|could|may|might|need|should|want|would)|you'll|one (?:can|could)|say, over|suppose|assuming|chinchilla[- ]optimal"
    r"|would (?:take|need|require)|could be trained|we recommend|recommended)\b|可以让你|建议|推荐"
)
_SETTING = re.compile(r"[a-z]_\w+\s?=|--[a-z]")
_EARLIER = re.compile(
    r"\b(?:v0|previous versions?|earlier versions?|prior versions?|older versions?|deprecated|legacy)\b|旧版"
)
_FROM = re.compile(r"\b(?:from|de|von|от|da|从|從)\s*$|(?:从|從)\s*$")
_TO = re.compile(r"^\s?(?:to|a|à|auf|bis|до|up to|到|至|al?)\s")


def aside(source: Sentence) -> str | None:
    """Why nothing in a sentence speaks of how the model was trained, if so."""
    if _HYPOTHETICAL.search(source.lower):
        return "hypothetical"
    if _SETTING.search(source.lower):
        return "example"
    return "earlier_version" if _EARLIER.search(source.lower) else None


def _general_reason(
    draft: Draft, why_not: str | None, pair: list[Mention], source: Sentence
) -> str | None:
    if why_not is not None and not draft.quantity.startswith(("parameters", "context", "vocab")):
        return why_not
    if len(pair) == 2 and _kind(pair[0].unit) == _kind(pair[1].unit):
        before = source.lower[: pair[0].number.start]
        between = source.lower[pair[0].end : pair[1].number.start]
        if _FROM.search(before) and _TO.search(between):
            return "earlier_version"
    return None


def _kind(unit: str) -> str:
    return "parameters" if unit.startswith("parameters") else unit


_NAMED = re.compile(
    r"(?<![\w.\-])(?P<name>[A-Za-z][\w.+]*(?:[-_][\w.+]+)+|[A-Z][\w.+]*(?: [A-Z0-9][\w.+]*){0,2})\s?(?:\(|:|≈|=|with\s)\s?[~≈]?\s?$"
)


def _own_labels(
    mention: Mention,
    draft: Draft,
    source: Sentence,
    labels: list[Label],
    same: list[tuple[int, int]],
) -> tuple[str, ...]:
    start, end = mention.number.start, mention.end
    if not draft.quantity.startswith("parameters"):
        return owners(start, end, source.text, labels, same)
    named = _NAMED.search(source.text[max(0, start - 60) : start])
    if (
        named
        and re.search(r"[A-Z].*[-_ ]|\d", named["name"])
        and not named["name"].lower().startswith(("model", "the ", "total"))
    ):
        return (named["name"],)
    outside = [
        l for l in labels if re.search(r"[A-Za-z]{2,}", l.text) and not (l.start <= start < l.end)
    ]
    return owners(start, end, source.text, outside, same)


def _make(quantity: str, number: Number, factor: float = 1.0, **extra: object) -> Draft:
    base = Draft(
        quantity,
        0,
        0,
        number.value * factor,
        number.low * factor,
        number.high * factor,
        bound=number.bound,
    )
    return replace(base, **extra)  # type: ignore[arg-type]


def _decide(mention: Mention, found: list[Mention], source: Sentence) -> Draft | None:
    number = mention.number
    left = source.lower[max(0, number.start - _REACH) : number.start]
    right = source.lower[mention.end : mention.end + _REACH]
    unit = mention.unit
    if unit == "tokens":
        if "unique" in source.lower[number.end : mention.end]:
            return _make(
                "unique_tokens",
                grouped(number, source.text),
                stage=rules.stage(left, right, source.heading),
            )
        return _tokens(number, source, left, right)
    if unit.startswith("parameters"):
        return _parameters(mention, source, left, right)
    if unit in {"steps", "epochs"}:
        if re.search(
            r"warm|decay|sampling|inference|denois|eval", source.lower[number.end : mention.end]
        ):
            return _make(unit, number, rejected="warmup")
        return _by_rules(
            rules.STEPS if unit == "steps" else rules.EPOCHS,
            grouped(number, source.text),
            source,
            left,
            right,
        )
    if unit.startswith("accelerator_"):
        return _accelerator_hours(mention, source, left, right)
    if unit in {"node_hour", "core_hour"}:
        return _make("accelerator_hours", number, rejected="node_or_core_hours")
    if unit == "audio":
        return _audio(number, source, left, right)
    if unit in _HOURS_IN:
        return _duration(mention, source, left, right)
    return _others(mention, source, left, right)


def _tokens(number: Number, source: Sentence, left: str, right: str) -> Draft | None:
    number = grouped(number, source.text)
    if number.value < 100:
        return None
    for rule in rules.TOKENS:
        if rule.fits(number.value, left, right, source.lower):
            if rule.rejected is None and number.value < 1e6 and rule.quantity != "batch_tokens":
                return None
            stage = (
                rules.stage(left, right, source.heading)
                if rule.quantity in {"tokens", "unique_tokens"}
                else None
            )
            return _make(rule.quantity, number, rejected=rule.rejected, stage=stage)
    if number.value >= 1e8 and re.search(rules.TRAIN, source.heading + " " + source.key):
        quantity = (
            "unique_tokens" if re.search(r"\bdata", source.heading + source.key) else "tokens"
        )
        return _make(quantity, number, stage=rules.stage("", "", source.heading))
    return None


_ACTIVE = re.compile(r"activ|アクティブ|激活")
_COMPONENT = re.compile(
    r"\b(?:embedding|non-embedding|vision|visual|image|audio|speech|text|encoder|decoder|vit|projector|connector|head|heads|adapter"
    r"|mtp|multi-token|draft|vae|unet|u-net|router|per expert|each expert|layers?|lora|excluding|backbone|output|unique|siglip|clip)\b"
)
COMPONENT_HEADING = re.compile(
    r"\bmtp\b|multi-token prediction|vision (?:encoder|tower)|image encoder|text encoder|draft model|projector|\bvae\b|adapter"
)
_BIGGER = re.compile(
    r"\b(?:(?<!more )(?<!less )than|outperform\w*|larger|smaller|compar\w+|versus|vs\.?|such as|exceed\w*|rival\w*|surpass\w*|under|below|above|competitive with|among|other|existing"
    r"|models? (?:with|of) (?:over|more|less|fewer)|up to|larger alternatives|similar)\b[^.;|]{0,60}$"
)


_SIZES = re.compile(
    r"sizes?|scales?|variants?|versions?|range|suite|family|available|参数规模|参数量"
)


def _parameters(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    number = grouped(mention.number, source.text)
    if number.value < 1e4 or number.value > 1e14:
        return None
    unit_text = source.lower[mention.number.end : mention.end]
    quantity = "parameters_total"
    near_left = left[-40:]
    if "trainable" in unit_text or re.search(r"\b(?:lora|trainable)\b[^.;|\d]{0,30}$", left):
        quantity = "parameters_trainable"
    elif (
        mention.unit == "parameters_active"
        or _ACTIVE.search(unit_text)
        or re.match(
            r"^\s?\)?,?\s?(?:(?:that |which )?(?:are |is |being )?activ\w+|per token|active)", right
        )
        or re.search(r"\bactivat\w*\s(?:only |just |about |around |approximately |~)*$", near_left)
        or re.search(r"激活[^，。]{0,8}$", near_left)
    ):
        quantity = "parameters_active"
    rejected = None
    if COMPONENT_HEADING.search(source.heading):
        rejected = "component"
    elif quantity == "parameters_total":
        component = (
            _COMPONENT.search(unit_text.replace("language model", ""))
            or re.match(
                r"^\s(?:in|for|of|from|as|on) (?:the |its |each )?(?:[\w\-]+\s){0,2}(?:embedding|encoder|projector|head|adapter|mtp|vit\b|vision|expert)",
                right,
            )
            or re.search(
                r"\b(?:encoder|vit|projector|adapter|mtp module|vision tower|each expert|embeddings?|excluding|without|draft model)\b[^.;|\d]{0,40}$",
                left,
            )
        )
        if component:
            rejected = "component"
        elif _BIGGER.search(left) and not re.search(
            r"\b(?:is|has|have|with)\s(?:a |an |about |around |~|approximately )*$", left[-25:]
        ):
            rejected = "other_model"
        elif (
            re.search(rules.TRAIN[:-1] + r"|efficient)", unit_text) and "trainable" not in unit_text
        ):
            rejected = "not_a_count"
    return _make(quantity, number, rejected=rejected)


def _by_rules(
    table: tuple[rules.Rule, ...], number: Number, source: Sentence, left: str, right: str
) -> Draft | None:
    for rule in table:
        if rule.fits(number.value, left, right, source.lower):
            return _make(
                rule.quantity,
                number,
                rejected=rule.rejected,
                stage=rules.stage(left, right, source.heading),
            )
    return None


_HOURS_FACTOR = {
    "hour": 1.0,
    "h": 1.0,
    "day": 24.0,
    "week": 168.0,
    "month": 730.5,
    "year": 8766.0,
    "小时": 1.0,
    "时": 1.0,
    "時間": 1.0,
}


def _accelerator_hours(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    number = grouped(mention.number, source.text)
    factor = _HOURS_FACTOR.get(mention.unit.removeprefix("accelerator_"), 1.0)
    note = None
    unit_text = source.lower[mention.number.end : mention.end]
    if "core" in unit_text and "tpu" in unit_text:
        factor, note = factor / 2, "TPU cores, two a chip"
    if factor != 1.0 and note is None:
        note = f"stated in {mention.unit.removeprefix('accelerator_')}s of accelerators"
    rejected = next(
        (r.rejected for r in rules.HOURS_REJECT if r.fits(number.value, left, right, source.lower)),
        None,
    )
    stage = rules.stage(left, right[:60], source.heading)
    if (
        rules.covers_all(left[-60:] + " " + right[:60])
        and stage != "post_training"
        and not re.search(r"pre-?train", left[-60:] + right[:60])
    ):
        stage = "all_training"
    if re.search(r"\bfull training\b", right[:40]):
        stage = "all_training"
    return _make("accelerator_hours", number, factor, rejected=rejected, stage=stage, note=note)


def _audio(number: Number, source: Sentence, left: str, right: str) -> Draft | None:
    number = grouped(number, source.text)
    part = re.search(
        r"(?:%|percent|\bof (?:this|that|these|which|them)\b|remaining|includ\w+|\()[^.;|]{0,40}$",
        left,
    )
    trained = re.search(rules.TRAIN, left + " " + source.heading) or re.search(rules.TRAIN, right)
    if part:
        return _make("audio_hours", number, rejected="part")
    return (
        _make("audio_hours", number, stage=rules.stage(left, right, source.heading))
        if trained
        else None
    )


_DEVICES = re.compile(
    r"\d\s?(?:x|×|块|张|个)?\s?(?:[\w\-]{1,12}\s){0,2}?(?:gpus?|tpus?|[ahv]\d{2,3})(?![a-z])"
)
_SOUND = re.compile(r"\b(?:audio|speech|transcri\w+|recordings?|spoken|podcasts?)\b|音声|语音")
_TOOK = re.compile(
    r"\b(?:took|takes|taking|lasted|duration|over|for|in|within|during|span\w*|hours used|time|finishes in)\b[^.;|]{0,50}$|天|内|完成"
)


def _duration(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    factor = _HOURS_IN[mention.unit]
    trained = re.search(rules.TRAIN, source.lower) or re.search(rules.TRAIN, source.heading)
    trained = trained or _DEVICES.search(source.lower)
    if not trained or not 0 < mention.number.value * factor < 10_000 or _SOUND.search(source.lower):
        return None
    if not (
        _DEVICES.search(source.lower)
        or _TOOK.search(left)
        or re.search(r"^\s?\(?[^.;|]{0,30}(?:on|using|with|of training|to train|完成|で|内)", right)
        or re.search(r"[（(∼~≈]\s?$", left)
    ):
        return None
    rejected = None
    if re.search(
        r"\b(?:you can|if you|could|would|can take|about half|reduced? from|compared|(?<!more )(?<!less )than|previously|instead of)\b[^.;|]{0,60}$|\b(?:every|after|first|last|per)\s(?:the\s)?$",
        left,
    ):
        rejected = "hypothetical"
    elif rules.HARDWARE_REJECT.search(source.lower) and not re.search(
        r"\b(?:pre-?)?train(?:ed|ing|s)?\b", left + right[:60]
    ):
        rejected = "inference_hardware"
    elif re.search(
        r"\b(?:weights? (?:uploaded|available)|cut-?off|updated?|within \d|ago|old|data (?:from|up to))\b",
        source.lower,
    ) and not re.search(r"gpu|tpu|a100|h100|v100", source.lower):
        rejected = "not_training_time"
    return _make(
        "training_hours",
        mention.number,
        factor,
        rejected=rejected,
        stage=rules.stage(left, right, source.heading),
    )


_MFU = re.compile(
    r"(?<![a-z])(?:mfu|hfu|(?:model |hardware )?flops?[- ]utili[sz]ation|hardware utili[sz]ation)(?![a-z])"
)


def _others(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    number, unit = mention.number, mention.unit
    if unit == "percent":
        near = left[-50:] + "|" + right[:45]
        kind = _MFU.search(near)
        if kind is None or not 0 < number.value <= 100:
            return None
        note = "HFU" if kind[0].startswith(("hfu", "hardware")) else "MFU"
        return _make("utilisation", number, 0.01, note=note)
    if unit == "flop" and number.value >= 1e12:
        rejected = None if number.value >= 1e17 else "rate"
        return _make(
            "training_flop",
            number,
            rejected=rejected,
            stage=rules.stage(left, right, source.heading),
        )
    if unit == "energy":
        prefix = source.text[number.end : mention.end].strip()[0]
        factor = {"k": 1.0, "M": 1e3, "G": 1e6, "T": 1e9}.get(prefix, 1e-3)
        return _make("energy", number, factor)
    if unit == "emissions":
        text = source.lower[number.end : mention.end].strip()
        factor = 1e6 if text.startswith(("t", "metric")) else 1e3 if text.startswith("k") else 1.0
        per = re.match(r"^\s?(?:eq)?\.?\s?/\s?k?m?wh", right) or re.search(r"/k?wh", right[:15])
        return _make("emissions", number, factor, rejected="rate" if per else None)
    if unit == "samples" and number.value >= 1000:
        return _samples(grouped(number, source.text), source, left, right)
    return None


def _samples(number: Number, source: Sentence, left: str, right: str) -> Draft | None:
    if re.search(r"\bseen\b", left[-30:] + right[:20]) and re.search(rules.TRAIN, source.lower):
        return _make("samples_seen", number)
    if re.search(r"\bbatch[^.;|\d]{0,25}$", left):
        return _make("batch_sequences", number) if number.value <= 1e6 else None
    if re.search(r"\b(?:total|pool|sampled|close to|over)\b[^.;|]{0,10}$", left) and re.search(
        r"in total|pool|sampled", source.lower
    ):
        return _make("dataset_samples", number, rejected="pool")
    if re.search(
        r"\b(?:evaluat|test|validation|benchmark|passage corpus)\w*", left[-80:] + right[:30]
    ):
        return _make("dataset_samples", number, rejected="evaluation_data")
    if re.search(rules.TRAIN + r"[^.;|]{0,120}$", left):
        return _make("dataset_samples", number, stage=rules.stage(left, right, source.heading))
    return None


_BATCH = re.compile(
    r"(?P<neg>per[- ]device |per[- ]gpu |micro[- ]?|mini-?|eval\w* |inference |validation |max )?(?:(?:global|total|effective|training|train) )?"
    r"batch(?:es)?[- ]?(?:sizes?)?(?:\s?\([^()\d]{0,30}\))?\s?(?:of|is|was|to|with|at|set to|=|:|,| size)*\s?(?:about |approximately |~)?"
    r"(?P<n>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?[kKmM]?)(?!\^)(?![\w.]*\s?(?:gpu|node|a100|h100|image|gb|%))",
)
_SEQ = re.compile(
    r"(?:(?P<ctx>context|max(?:imum)? (?:context|sequence|seq))|sequence|seq|block)[- ]?(?:window |sequence )?(?:length|len|size|window)s?\s?"
    r"(?:of|is|was|to|:|=|limited to|set to|is limited to|was set to|at)*\s?(?:up to )?(?P<n>\d{1,3}(?:,\d{3})+|\d+[kK]?)(?!\w|\.\d)"
    r"|(?P<n2>\d{1,3}(?:,\d{3})+|\d+[kK]?)[- ](?:token )?(?P<ctx2>context|sequence)[- ](?:length|window)",
)


def read_settings(source: Sentence) -> Iterator[Draft]:
    """Batch sizes and sequence lengths, whose numbers follow their words."""
    text = source.text.lower()
    if len(text) != len(source.text):
        return
    if "batch" in text:
        for match in _BATCH.finditer(text):
            number = _settings_number(match["n"])
            if (
                text[match.end() : match.end() + 22]
                .strip()
                .startswith(("token", "million token", "m token"))
                or number < 1
            ):
                continue
            rejected = (
                "per_device"
                if match["neg"]
                or re.match(r"^\s?(?:for each|per|on each|/)\s?(?:gpu|device)", text[match.end() :])
                else None
            )
            quantity = "batch_tokens" if number >= 3e5 else "batch_sequences"
            if (
                not re.search(rules.TRAIN, text)
                and "global" not in match[0]
                and not re.search(rules.TRAIN, source.heading)
            ):
                rejected = rejected or "no_training_context"
            yield Draft(quantity, match.start("n") + source.offset, match.end("n") + source.offset, number, number, number,
                        rejected=rejected, stage=rules.stage(text[: match.start()][-_REACH:], "", source.heading),
                        labels=owners(match.start("n"), match.end("n"), source.text, find_labels(source.text), [match.span("n")]))  # fmt: skip
    for match in _ITERATION.finditer(text):
        number = _settings_number(match["n"])
        yield Draft(
            "steps",
            match.start("n") + source.offset,
            match.end("n") + source.offset,
            number,
            number,
            number,
        )
    if "length" in text or "context" in text or "seq" in text:
        for match in _SEQ.finditer(text):
            group = "n" if match["n"] else "n2"
            number = _settings_number(match[group])
            context = bool(match["ctx"] or match["ctx2"] == "context")
            trained = re.search(rules.TRAIN, text) or "batch" in text
            extended = re.search(
                r"extend\w*|extrapol\w*|support\w*|up to[^.;|]{0,12}$|inference",
                text[max(0, match.start() - 40) : match.end() + 20],
            )
            quantity = "sequence_length" if trained and not extended else "context_length"
            if number >= 16:
                yield Draft(quantity, match.start(group) + source.offset, match.end(group) + source.offset, number, number, number,
                            rejected="context_length" if context and quantity == "sequence_length" and "batch" not in text else None)  # fmt: skip


_ITERATION = re.compile(
    r"\b(?:training|train|current) (?:iteration|step)s?\s?[:=]?\s{1,3}(?P<n>\d{1,3}(?:,\d{3})+|\d{3,8})(?![\w.])"
)


def _settings_number(text: str) -> float:
    factor = {"k": 1e3, "m": 1e6}.get(text[-1].lower(), 1.0)
    value = float(text.rstrip("kKmM").replace(",", ""))
    if factor == 1e3 and value in {1, 2, 4, 8, 16, 32, 64, 128, 256}:
        factor = 1024.0
    return value * factor

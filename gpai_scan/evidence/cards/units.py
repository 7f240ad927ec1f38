"""What the numbers of a sentence count: tokens, parameters, steps, hours, accelerator-hours, ..."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gpai_scan.evidence.cards.device_hours import unit_after
from gpai_scan.evidence.cards.numbers import Number

_WORDS = (
    r"(?:(?!(?:with|for|using|on|at|by|to|is|are|was|were|model|models|param\w*|images?|samples?"
    r"|steps?|epochs?|gpus?"
    r"|hours?|per|documents?|pages|sequences?|examples?|pairs?|than|while|but"
    r"|in)\b)\(?[^\W\d][\w'/&\-]*\)?,?\s){0,7}?"
)


_UNIT_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "tokens",
        rf"^[\s\-]*(?:\+\s?)?(?:个|個)?{_WORDS}(?:(?:sub-?|(?:vor)?trainings-?)?(?:token|tok)s?(?:-size"
        rf"|-length)?\b|token(?:ów|ů|i|uri|ia|ach|ami|er)\b|jetons?\b|fichas\b|词元|標記|トークン|토큰"
        r"|токен\w*|توكن|رمز|टोकन|mã thông báo|(?:个|個)?\s?tokens?)",
    ),
    (
        "parameters",
        rf"^[\s\-]*(?:\+\s?)?(?:个|個|の|级|級)?(?:总|總|総|激活|活跃|アクティブ|활성\s?)?{_WORDS}"
        rf"(?:model )?(?:parameters?\b|params?\b|参数|參數"
        rf"|パラメータ|パラメーター|매개변수|파라미터"
        r"|параметр\w*|parámete?r\w*|paramètres|parameter(?:n|e|ne|ene)?\b|parametri\b|parâmetros"
        r"|parametrów|parametrů|parametre\w*|معلمة|معامل|tham số|पैरामीटर)",
    ),
    ("parameters_total", r"^\s?\+?\s?\(?(?:in )?total\b(?!\s(?:tokens?|steps|gpu|hours|images))"),
    (
        "parameters_active",
        r"^\s?\+?\s?\(?(?:of (?:them|these|those|which) )?(?:are |is |being )?"
        r"(?:activ(?:e|ated)|actifs?|activos|attivi|ativos|aktive?)\b(?! users)",
    ),
    (
        "steps",
        rf"^[\s\-]*{_WORDS}(?:steps?\b|iterations?\b|updates\b|iters?\b|步|ステップ|스텝|шаг\w*"
        r"|pasos\b|passos\b|passi\b|étapes\b|schritte\w*|itérations|итерац\w*)",
    ),
    (
        "epochs",
        r"^[\s\-]*(?:full |complete |training |more )*(?:epochs?\b|passes\b|エポック|轮"
        r"|個?epoch|эпох\w*|épocas?\b|époques?\b|epochen?\b|에포크|에폭)",
    ),
    ("sequences", r"^[\s\-]*(?:global |training )?(?:sequences\b|samples? per|sequences per)"),
    (
        "audio",
        r"^[\s\-]*(?:hours?|hrs?|h|heures|horas|stunden|小时|時間|часов)\s(?:of|de|von|の"
        r"|d')?\s?(?:[^\W\d][\w\-]*,?\s(?:and\s)?){0,6}?"
        r"(?:audio|speech|recordings?|voice|music|sound|video|transcri\w+|language data"
        r"|data\b|音声|语音|parole|voz|sprach\w*|речи)",
    ),
    (
        "days",
        r"^[\s\-]*(?:full |calendar )?(?:days?\b|d(?=\s?\d{1,2}\s?h)"
        r"|jours\b|días\b|dias\b|tagen?\b|giorni\b|dagen\b"
        r"|dni\b|gün\b|天|日間|日(?!期)|дн\w+|сут\w+|일(?=\s?(?:동안|간|에|이|의|만|$|[,.)])))",
    ),
    (
        "hours",
        r"^[\s\-]*(?:hours?\b|hrs?\b|h\b(?!\d)|h(?=\d{1,2}\s?m)|heures\b|horas\b|stunden\b|小时|時間|часов"
        r"|시간|ore\b)",
    ),
    (
        "weeks",
        r"^[\s\-]*(?:weeks?\b|semaines?\b|semanas?\b|wochen?\b|settiman[ae]\b|weken\b|周"
        r"|週間|недел\w+|주(?=\s?(?:동안|간|일|$|[,.)])))",
    ),
    (
        "months",
        r"^[\s\-]*(?:months?\b|mois\b|meses\b|monaten?\b|mesi\b|个月|ヶ月|か月|месяц\w*"
        r"|개월)",
    ),
    ("minutes", r"^[\s\-]*(?:minutes?\b|mins?\b|分钟)"),
    (
        "samples",
        rf"^[\s\-]*{_WORDS}(?:images?\b|image-text pairs?|pairs?\b|samples?\b"
        rf"|examples?\b|instructions?\b|sentences?\b|documents?\b|instances\b"
        r"|conversations?\b|dialogues?\b|questions\b|videos?\b|passages\b|entries\b"
        r"|files\b|triplets\b|rows\b|molecules|proteins|条|張图|枚の)",
    ),
    (
        "flop",
        r"^[\s\-]?(?:(?:total |training |zetta-?|yotta-?|[zy])?(?:flops?\b(?!\s?/|\s?per|/s)"
        r"|floating[- ]point operations(?! per)))",
    ),
    (
        "flop_days",
        r"^[\s\-]?(?:peta|exa|zetta|p|e)[\s\-]?(?:flops?|f)(?:/?s(?:ec)?)?[\s\-·]days?\b",
    ),
    ("percent", r"^\s?%"),
    ("energy", r"^\s?(?P<prefix>[kMGT]?)Wh\b"),
    (
        "emissions",
        r"^\s?(?P<mass>kg|kilograms?|g|grams?|t|tons?|tonnes?|metric tons?|tco2e?q?"
        r"|kgco2e?q?)\s?(?:of )?(?:\(?co_?2|carbon|eq\b)",
    ),
)


_UNITS = tuple(
    (name, re.compile(pattern, re.IGNORECASE if name not in {"energy"} else 0))
    for name, pattern in _UNIT_PATTERNS
)


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
_DECIMAL = re.compile(
    r"\.(?:(?<=\w\.)(?=\w)|(?<=\bapprox\.)|(?<=\bc\.)|(?<=\bca\.)|(?<=\bvs\.)|(?<=\bincl\.)"
    r"|(?<=\betc\.)(?=\s?[,)a-z])|(?<=\be\.g\.)|(?<=\bi\.e\.))"
)


def sentence(text: str, offset: int, heading: str, key: str = "") -> Sentence:
    """A sentence prepared for reading."""
    return Sentence(text, offset, heading, _DECIMAL.sub("·", text.lower()), key)


# "a model FLOPs utilisation (MFU) of 0.42"
_SHARE_LEFT = re.compile(
    r"(?:\b[mh]fu|\bflops? utili[sz]ation)\)?(?:\s?[:=~≈]|\s(?:of|is|was|at|reached|about|around"
    r"|approximately))*\s?$",
    re.IGNORECASE,
)


_SIZE_SCALES = frozenset({1e4, 1e6, 1e9, 1e12})


_SIZES_LEFT = re.compile(
    r"(?:\b(?:parameter|model)s? (?:sizes?|counts?|scales?)|\bsizes?:|\b(?:different|various|two"
    r"|three|four|five|multiple|several|in) sizes?|参数规模|参数量"
    r"|パラメータ(?:数|サイズ)|(?:파라미터|매개변수) ?수)[^.;|]{0,60}$"
    r"|\b(?:number of|total) (?:\w+ )?parameters\s$"
    r"|总?参数量?(?:总量|总数)?(?:为|是|约为|达到?|约)\s?$"
    r"|\b(?:number of |total )?parameters?(?: count| scale)?s?\s(?:is|are|to"
    r"|reach\w*|surpass\w*|exceed\w*|total\w*"
    r"|amount\w* to|up to)[^.;|\d]{0,25}$",
    re.IGNORECASE,
)


# "trained on 3T multilingual corpus": trillions of data are of tokens.
_BARE_DATA = re.compile(
    r"^\+?\s(?:of\s)?(?:[^\W\d][\w\-]*,?\s(?:of\s)?){0,5}?(?:data|corpus|text|subset)\b",
    re.IGNORECASE,
)
# "在3.2万亿高质量数据上": trillions of data in Chinese; documents and samples are counted with 条.
_BARE_CJK_DATA = re.compile(r"^\s?(?:个|個|的)?[^条條，。；、\d]{0,30}?(?:数据|語料|语料|データ)")
_CJK_SCALE = 1e4
_HOURS_BEFORE = re.compile(
    r"(?<!\d[\s-])(?<!\d[kKM][\s-])(?<!million[\s-])(?<!thousand[\s-])\b(?:gpu|tpu|accelerator|[ahv]\d{3})"
    r"[\s-]?hours?\b(?! (?:and|or|on|of compute"
    r"|per))[^.;|\d]{0,40}?(?:[(:=]|\bis|\bwas|\bof|\babout|\bapproximately)\s?$",
    re.IGNORECASE,
)


# "5,500 GT" and "2 teratokens": the unit holds the scale.
_GIGATOKENS = re.compile(
    r"^[ \-]?(?:(?P<giga>GT(?![A-Za-z0-9])|[Gg]iga-?[Tt]okens?\b)|[Tt]era-?[Tt]okens?\b)"
)
# "only 39B active parameters out of 141B"
_OUT_OF = re.compile(r"\bactiv\w+ param\w* (?:out )?of (?:a total of |the )?$", re.IGNORECASE)
# "総トークン数3000億": the unit stands before its figure.
_TOKENS_BEFORE = re.compile(
    r"(?:トークン|token|词元|토큰)s?\s?(?:数|総数|总数|总量|수)(?:は|为|約|约|[:：\s])*$"
    r"|\btoken budget (?:of|is|was)\s(?:about |around |over |approximately |roughly |~)*$"
    r"|\b(?:number|amount|count|total"
    r"|sum) of (?:[\w\-]+ ){0,3}tokens (?:\w+ ){0,4}?(?:is|was|are|were"
    r"|amount(?:s|ed)? to|total(?:s|l?ed)|reach(?:es|ed)|comes to|came to)\s"
    r"(?:about |around |over |approximately |roughly |~)*$",
    re.IGNORECASE,
)


# "using 12.9B per token", "only 39B are used for each token"
_PER_TOKEN = re.compile(
    r"^\s(?:(?:is|are|being)\s)?(?:(?:used|in use|engaged)\s)?"
    r"(?:per|(?:for|on|at) (?:each|every))\s(?:\w+\s)?token\b",
    re.IGNORECASE,
)
_PRICED = re.compile(
    r"\b(?:cost|pric|charg|pay|fee|bill)\w*[^.;|]{0,40}$|[$€£¥]\s?$", re.IGNORECASE
)
# "trained on high-quality tokens, 800B of them"
_OF_THEM = re.compile(r"^\+?\sof them\b(?! \w+ tok)", re.IGNORECASE)
_TOKENS_LEFT = re.compile(r"\btokens\b[^.;|\d]{0,30}[,:(–—-]\s?(?:about |around |over |~)*$")


# "beats models trained on 15T tokens although it has seen just 2.2T"
_SEEN_LEFT = re.compile(
    r"\b(?:seen|saw|read|processed|consumed|stopped (?:at|after)|trained (?:on|for|with|over))\s"
    r"(?:(?:just|only|about|around|over|roughly|nearly|some|merely) |~)*$",
    re.IGNORECASE,
)
_NOTHING_AFTER = re.compile(
    r"^\+?(?:\s?(?:[.,;)]|$)|\s(?:and|but|while|in (?:all|total)|overall)\b)"
)


def _elided(text: str, number: Number) -> bool:
    """Whether a figure without a unit is of the tokens that its sentence speaks of elsewhere."""
    return (
        number.scale >= 1e9
        and number.value >= 1e10
        and _NOTHING_AFTER.match(text[number.end : number.end + 12]) is not None
        and _SEEN_LEFT.search(text[max(0, number.start - 40) : number.start]) is not None
        and "tokens" in text.lower()
    )


def _large(text: str, number: Number) -> Mention | None:
    """Figures of tokens or parameters whose scale or whose unit stands in an odd place."""
    giga = _GIGATOKENS.match(text[number.end : number.end + 14])
    if giga is not None and number.scale == 1.0:
        factor = 1e9 if giga["giga"] else 1e12
        value, low, high = (v * factor for v in (number.value, number.low, number.high))
        scaled = replace(number, value=value, low=low, high=high, scale=factor)
        return Mention(scaled, "tokens", number.end + giga.end())
    left = text[max(0, number.start - 90) : number.start]
    of_them = _OF_THEM.match(text[number.end :])
    if of_them and number.scale >= 1e9 and _TOKENS_LEFT.search(left):
        return Mention(number, "tokens", number.end + of_them.end())
    if number.scale >= 1e6 and _OUT_OF.search(left):
        return Mention(number, "parameters_total", number.end)
    if (number.value >= 1e8 and _TOKENS_BEFORE.search(left)) or _elided(text, number):
        return Mention(number, "tokens", number.end)
    return None


# "Orca is a 2.7B causal language model": the size of what it is.
_IS_A = re.compile(r"\bis (?:an?|our) (?:[a-z][a-z\-]*,? ){0,2}$")
_KIND = re.compile(r"^\s(?:[\w\-]+\s){0,4}?(?:model|llm|transformer)\b(?! size)", re.IGNORECASE)


def _is_of_size(text: str, number: Number) -> bool:
    """Whether a figure stands between `is a` and `model`."""
    before = text[max(0, number.start - 40) : number.start]
    return _IS_A.search(before) is not None and _KIND.match(text[number.end :]) is not None


def _myriads(number: Number) -> bool:
    """Whether a figure is one of hundreds of billions or more in Chinese or Japanese units."""
    return number.scale == _CJK_SCALE and number.value >= 2e11


# "5h 30m", "5 hrs 30 min"
_HOURS_MINUTES = re.compile(r"^\s?h(?:rs?)?\.?\s?(?P<n>[0-5]?\d)\s?m(?:ins?)?\b", re.IGNORECASE)


def counted(text: str, number: Number) -> Mention | None:
    """What a number counts, told by the words around it."""
    right = text[number.end : number.end + 90]
    if right[:1] == ")" and text[number.start - 1 : number.start] in {"(", "~"}:
        right = " " + right[1:]  # "2.5T (2.5 trillion) tokens"
    if _HOURS_BEFORE.search(text[max(0, number.start - 80) : number.start]):
        return Mention(number, "accelerator_hour", number.end)
    minutes = _HOURS_MINUTES.match(right)
    if minutes is not None and number.scale == 1.0:
        value, low, high = (
            v + float(minutes["n"]) / 60 for v in (number.value, number.low, number.high)
        )
        longer = replace(number, value=value, low=low, high=high)
        return Mention(longer, "hours", number.end + minutes.end())
    hours = unit_after(right)
    if hours is not None:
        return Mention(number, f"{hours.device}_{hours.span}", number.end + hours.end)
    each = _PER_TOKEN.match(right) if number.scale in {1e6, 1e9} else None
    if each is not None and not _PRICED.search(text[max(0, number.start - 60) : number.start]):
        return Mention(number, "parameters_active", number.end + each.end())
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
    if best is None and number.scale in {1e6, 1e9} and _is_of_size(text, number):
        return Mention(number, "parameters", number.end)
    bare = _BARE_DATA if number.scale == 1e12 else _BARE_CJK_DATA
    if best is None and (number.scale == 1e12 or _myriads(number)) and (match := bare.match(right)):
        return Mention(number, "tokens", number.end + match.end())
    if best is None and number.value < 1.0 and _SHARE_LEFT.search(text[: number.start][-60:]):
        return Mention(number, "fraction", number.end)
    return _large(text, number) if best is None else Mention(number, best[1], number.end + best[0])

"""What a column, row or list label says its values are, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """The quantity a label promises, the factor its header unit gives, and any stage it names."""

    quantity: str
    rejected: str | None = None
    factor: float = 1.0
    least: float = 0.0
    most: float = float("inf")


_TOK = r"(?:tokens?\b|jetons?\b|fichas\b|词元|トークン|토큰|токен\w*)"
_TRAINED = (
    r"(?:pre-?\s?train\w*|train\w*|seen|consumed|total|number of|no\. of|num\b|#|n_|count|budget"
    r"|amount|horizon"
    r"|预训练|訓練|训练|学習|학습|entra[iî]n\w*|entren\w*|trein\w*|addestra\w*|обуч\w*|pré-?formés"
    r"|preentren\w*|fine-?tun\w*|sft|数|量|総"
    r"|gesehen\w*|anzahl|vist[oai]s?\b|\bvus\b|número de|numero di|nombre de|quantidade|cantidad"
    r"|количеств\w*|число"
    r"|mid-?train\w*|data|corpus|anneal\w*|stage)"
)

# In order; the first pattern found in the lower-case label decides.
_FIELDS: Final[tuple[tuple[str, str, str | None, float, float], ...]] = (
    # quantity, pattern, rejected, least, most
    (
        "tokens",
        r"(?:per|/)\s?(?:second|sec\b|s\b|gpu|user|\$|expert|image|frame)|tokens?/s"
        r"|throughput|speed|latenc|price"
        r"|cost(?![^|]{0,20}(?:gpu|tpu|[ahv]\d{2,3})s?[- ]*(?:hours?|days?|h\b))"
        r"|\$|output tokens|max[_ ]?new|generat(?:e[sd]?|ing)\b"
        r"|^\W*(?:max\w* )?generation\b|generation (?:length|speed|tokens|limit|budget)|速度"
        r"|toks?/",
        "rate",
        0,
        1e30,
    ),
    (
        "accelerator_memory",
        r"memory|vram|\bmem\b|显存|mémoire|memoria|メモリ"
        r"|ram\b",
        "inference_hardware",
        0,
        1e30,
    ),
    ("vocabulary_size", r"vocab|词表|語彙", "vocabulary", 0, 1e7),
    (
        "sequence_length",
        r"\b(?:avg|average|mean|median|min(?:imum)?|durchschnittlich\w*|promedio)\b[^|]{0,20}"
        r"\b(?:seq|len)",
        "not_a_count",
        0,
        1e30,
    ),
    (
        "sequence_length",
        r"(?:longitud|longueur|comprimento|lunghezza)\s(?:m[áa]xim\w*\s|massima\s)?"
        r"(?:de |d[ao]s? |della |di )(?:la |las |les |des )?"
        r"(?:secuencia|séquence|sequência|sequenza)"
        r"|sequenz-?länge|sequentielengte|длин\w+ последовательност|训练长度|训练序列|序列[长長]度?"
        r"|系列長|シーケンス長|시퀀스 ?길이",
        None,
        16,
        2e7,
    ),
    (
        "context_length",
        r"context|kontext|контекст|컨텍스트|window|上下文|コンテキスト|longitud|longueur|max(?:imum"
        r"|\.)? ?(?:position|input|output|len\w*|tokens)|最大长度"
        r"|max(?:imum)? (?:generation )?length",
        None,
        0,
        5e8,
    ),
    (
        "steps",
        r"warm-?\s?up|decay|scheduling|inference|sampling|denois|diffusion|logging|eval"
        r"|sav|accumulat|interval|every"
        r"|aufwärm|calentamiento|(?:pré|é)chauffe|aquecimento|riscaldamento|разогрев|прогрев|预热"
        r"|ウォームアップ|워밍업|acumula|accumulo|накоплен|梯度累积|勾配累積",
        "warmup",
        0,
        1e30,
    ),
    (
        "batch_sequences",
        r"(?:per[- _](?:device|gpu|core|replica|chip)|micro|mini|eval\w*"
        r"|valid\w*|test|inference|local)[- _]?(?:\w+[- _])?batch"
        r"|batch[^|]{0,20}(?:per[- _](?:device|gpu|core|replica))"
        r"|批次大小\(单|(?:单卡|每卡|微)批"
        r"|(?:lotes?|\blots?|батч\w*|批\w*|バッチ\w*|배치\w*)\b[^|]{0,12}(?:por (?:dispositivo|gpu)"
        r"|par (?:appareil|gpu)|на (?:gpu|устройство)|单卡|每卡|あたり|당)"
        r"|batch[^|]{0,12}(?:por dispositivo|par appareil|pro (?:gpu|gerät))",
        "per_device",
        0,
        1e30,
    ),
    ("checkpoint", r"^\W*(?:final |last )?(?:checkpoint|ckpt)s?\W*$", None, 0, 1e12),
    (
        "batch_tokens",
        r"batch[^|]{0,30}tokens?|tokens?[^|]{0,20}(?:per|/)\s?(?:batch|step"
        r"|update)",
        None,
        1e3,
        1e10,
    ),
    (
        "batch_sequences",
        r"batch|tama(?:ño|nho) d[eo]l? lotes?|taille (?:de |du |des )lots?|батч|размер пакета"
        r"|批(?:次|量|处理)?大小|バッチ|배치",
        None,
        1,
        1e9,
    ),
    (
        "sequence_length",
        r"(?:training |train |max(?:imum)? )?(?:sequence|seq\.?)[- _]?(?:length"
        r"|len)|cut-?off len(?:gth)?\b|序列长度|系列長|max_seq|^\W*block ?size\W*$",
        None,
        16,
        2e7,
    ),
    (
        "epochs",
        r"\bepochs?\b|passes|\bépocas?\b|\bépoques?\b|\bepoche[ns]?\b|эпох|轮[数次]|エポック"
        r"|에포크|에폭",
        None,
        0,
        5000,
    ),
    (
        "steps",
        r"\b(?:train\w*|pre-?train\w*|total|number of|optimi[sz]\w*|gradient|global|max"
        r"|num|#)?[- _]*(?:\w+[- _])?(?:steps?|iterations?|updates)\b|训练步数|步数"
        r"|\b(?:trainings-?|optimierungs-?)?schritte\b|\bpasos\b|\bpassos\b|\bpassi\b"
        r"|(?:nombre d'|^\W*)étapes\b|\bшаг(?:ов|и)\b|итераци|ステップ数|스텝 ?수|학습 ?스텝",
        None,
        10,
        1e9,
    ),
    ("parameters_total", r"non-?embedding", "component", 0, 1e14),
    ("parameters_embedding", r"embed\w*[^|]{0,20}param|param[^|]{0,20}embed", None, 0, 1e14),
    (
        "parameters_total",
        r"(?:vision|image|audio|speech|text|visual)[- ](?:encoder|tower"
        r"|backbone)|\bvit\b|projector|adapter|lora|draft|mtp|head\b|router"
        r"|encoder|decoder|per expert|tokenizer|vae\b|unet",
        "component",
        0,
        1e14,
    ),
    ("parameters_trainable", r"trainable|lora|adapter param", None, 0, 1e14),
    (
        "parameters_active",
        r"activ\w*[^|]{0,25}(?:param|size)|param[^|]{0,25}activ\w*"
        r"|^\W*activ\w*(?: (?:per|for each|for a) token)?(?: \(b\))?\W*$"
        r"|激活参数|アクティブパラメ|paramètres actifs|parámetros activos|aktive parameter",
        None,
        1e5,
        1e14,
    ),
    (
        "parameters_total",
        r"hyper|sampling param|config|parameter (?:name|efficient)|generation"
        r"|efficient",
        "not_a_count",
        0,
        1e14,
    ),
    (
        "parameters_total",
        r"\bparam(?:eter)?s?\b|\bparam\.|\bpar\.?\s?count|参数|參數|パラメ|매개변수|파라미터"
        r"|параметр|paramètre|parámetro|parâmetro|model[- ]size"
        r"|^\W*#?\s?(?:total )?size\W*$|模型大小|模型规模|モデルサイズ",
        None,
        1e4,
        1e14,
    ),
    (
        "training_dates",
        r"^\W*(?:pre-?)?train\w*\W{1,3}(?:dates?|period|timeline|schedule|(?:start|beg[aiu]n|end"
        r"|finish|complet|stop)\w*(?: date)?)\W*$"
        r"|^\W*(?:date of )?(?:start|beg[aiu]n|end|finish|complet|stop)\w* (?:date )?(?:of )?"
        r"(?:the )?(?:pre-?)?train\w*\W*$"
        r"|^\W*(?:start|end)(?:ing)? date\W*$|^\W*(?:started|finished)\W*$"
        r"|训练(?:起止)?日期|学習期間|학습 ?기간",
        None,
        0,
        1e30,
    ),
    ("accelerator_hours", r"(?:reserv|inference|data proc|evaluat)", "other_use", 0, 1e30),
    (
        "accelerator_hours",
        r"(?:hours?|hrs?|time)[^|]{0,30}(?:on|for|per) ~?\d+(?:\.\d+)?\s?(?:b"
        r"|t|billion|trillion)\b|per (?:trillion|epoch"
        r"|billion)",
        "part",
        0,
        1e30,
    ),
    (
        "accelerator_hours",
        r"(?:gpu|tpu|npu|accelerator|chip|device|card|[ahv]\d{2,3}\w*"
        r"|mi\d{3}x?)s?[- ·]*(?:hours?|hrs?|h\b)"
        r"|(?:gpu|[ahv]\d{2,3})s?[- ·]*(?:stunden|uren|ore|godzin|час)|часов gpu|gpu[- ]?시간"
        r"|\bhours? (?:on|of) (?:\w+ )?[ahv]\d{3}\w*|(?:hours?"
        r"|time)[^|]{0,15}\((?:gpu|tpu|accelerator|[ah]\d{3})[^)]*(?:hours?"
        r"|h)?\)|卡时|gpu时|gpu 小时|gpu時間|heures[- ]gpu"
        r"|horas[- ](?:de )?gpu",
        None,
        0.01,
        1e11,
    ),
    (
        "accelerator_days",
        r"(?:gpu|tpu|npu|accelerator"
        r"|[ahv]\d{2,3})s?[- ·]*days?",
        None,
        0.01,
        1e10,
    ),
    (
        "hours_used",
        r"^\W*(?:hours? used|hours? of training|training hours?|total hours?"
        r"|compute hours?)\W*$|hours used",
        None,
        0.01,
        1e11,
    ),
    (
        "audio_hours",
        r"(?:audio|speech|data|dataset|transcri\w+|音声|语音)[^|]{0,25}(?:hours?|hrs"
        r"|\bh\b|小时|時間)|hours?[^|]{0,20}(?:of )?(?:audio|speech|data)",
        None,
        0.1,
        1e9,
    ),
    (
        "training_hours",
        r"\bexpected\b[^|]{0,20}time|time (?:per|for one) (?:epoch|step|image|sample|iteration)"
        r"|(?:epoch|step) time",
        "hypothetical",
        0,
        1e7,
    ),
    (
        "training_hours",
        r"(?:train\w*|wall-?clock|total|pre-?train\w*|wall)[^|]{0,20}(?:time"
        r"|duration|period)|^\W*(?:(?:pre-?)?training|wall-?clock) days\W*$"
        r"|trainings?(?:dauer|zeit)|^\W*(?:dauer|duración|duração|durata)\b|tiempo de entrenamiento"
        r"|tempo d[ei] (?:treino|treinamento|addestramento)|temps d'entra[iî]nement"
        r"|(?:время|длительность) обучения|学习时间|训练耗时|학습 ?시간"
        r"|^\W*(?:duration|time)\W*$|训练时长|训练时间|学習時間|durée"
        r"|^\W*wall-?\s?clock\W*$"
        r"|^\W*(?:total )?(?:run\W?time|elapsed(?: time)?|time (?:taken|spent))\W*$",
        None,
        0,
        1e7,
    ),
    (
        "accelerator_nodes",
        r"(?:number of |num\.? |# ?)(?:compute )?(?:nodes|instances)|instance count"
        r"|^\W*(?:nodes?|instances)\W*$|节点数"
        r"|ノード数",
        None,
        1,
        1e6,
    ),
    (
        "accelerators_per_node",
        r"(?:gpus?|accelerators?|devices?|tpus?|chips?)[^|]{0,10}(?:per"
        r"|/)\s?(?:node|instance|host|machine|server)",
        None,
        1,
        128,
    ),
    (
        "accelerator_count",
        r"(?:number of |num\.? |# ?(?:of )?|total )(?:\w+ )?(?:gpus?"
        r"|accelerators?|devices?|tpus?|chips?)|gpu count|gpu数"
        r"|加速卡数",
        None,
        1,
        1e7,
    ),
    (
        "hardware",
        r"^\W*(?:training |pre-?training |compute |computing )?(?:(?:hardware|matériel)(?: type"
        r"| used| platform)?|gpus?|tpus?|accelerators?(?: type)?|devices?|cluster|gpu (?:type"
        r"|model)|machines?|compute(?: resources?| infrastructure)?|infrastructure)\W*$"
        r"|^\W*(?:(?:cloud )?instance(?: type)?|(?:vm|machine) type)\W*$"
        r"|训练硬件|^\W*硬件\W*$|ハードウェア|하드웨어|оборудование|^\W*(?:equipamento|equipos?"
        r"|accélérateurs?|aceleradores?)\W*$|nvidia \w+ (?:\w+ )?gpu",
        None,
        0,
        1e9,
    ),
    ("utilisation", r"\bmfu\b|\bhfu\b|flops? utili[sz]ation|model flops? util", None, 0, 1e3),
    ("precision", r"precision|\bdtype\b|精度|numeric(?:al)? format|training regime", None, 0, 1),
    (
        "unique_tokens",
        rf"(?:unique|data\s?set size|combined data|corpus size"
        rf"|dataset)[^|]{{0,30}}{_TOK}|^\W*(?:combined )?(?:data\s?set|corpus)"
        r" size\W*$",
        None,
        1e6,
        1e16,
    ),
    (
        "tokens",
        rf"{_TRAINED}[^|]{{0,40}}{_TOK}|{_TOK}[^|]{{0,30}}{_TRAINED}"
        rf"|^\W*#?\s?{_TOK}\W*(?:\((?:in )?(?:[bt]n?|billions?|trillions?)\))?\W*$|{_TOK}数"
        rf"|^\W*(?:#\s?(?:of\s)?|n\.? )tokens",
        None,
        1e6,
        1e16,
    ),
    ("tokens", r"(?:pre-?)?training budget|data budget", None, 1e8, 1e16),
    (
        "token_data",
        r"^\W*(?:re-?training|continu\w+ (?:pre-?)?training|further (?:pre-?)?training|cpt)\W*$",
        None,
        1e8,
        1e16,
    ),
    (
        "token_data",
        r"^\W*(?:data|données|datos|dados|daten|(?:token )?budget"
        r"|(?:pre-?)?trained (?:on|with|for))\W*$"
        r"|(?:pre-?)?training data|训练数据|学習データ|训练语料|(?:pre-?)?training corpus"
        r"|data size|(?:pre-?)?training set(?![- ]?up)(?: size)?",
        None,
        1e8,
        1e16,
    ),
    (
        "training_flop",
        r"(?:flops?|fs?-days)\b(?!.{0,6}util)|compute \("
        r"|^\W*(?:total (?:(?:pre-?)?training )?compute|(?:training )?compute budget)\W*$",
        None,
        1e12,
        1e32,
    ),
    ("emissions", r"carbon emi\w+|co2|emissions?", None, 0, 1e15),
    ("energy", r"energy|power consum|[kmg]wh", None, 0, 1e15),
    ("samples_seen", r"samples? seen|images? seen|pairs? seen", None, 1e3, 1e13),
)
_COMPILED: Final = tuple((q, re.compile(p), r, lo, hi) for q, p, r, lo, hi in _FIELDS)
_UNIT: Final[tuple[tuple[re.Pattern[str], float], ...]] = (
    (re.compile(r"\bp(?:eta)?-?f(?:lop)?s?(?:/s)?[- ]days?\b"), 8.64e19),
    (re.compile(r"\by(?:otta)?-?flops?\b"), 1e24),
    (re.compile(r"\bz(?:etta)?-?flops?\b"), 1e21),
    (re.compile(r"\(\s?(?:in )?(?:t|tn|trillions?)\s?\)|\bin trillions?\b|万亿"), 1e12),
    (re.compile(r"\(\s?(?:in )?(?:b|bn|billions?)\s?\)|\bin billions?\b|/ ?b\b|十亿"), 1e9),
    (re.compile(r"\(\s?(?:in )?(?:m|mn|millions?|mio)\s?\)|\bin millions?\b|/ ?m\b"), 1e6),
    (re.compile(r"\(\s?(?:in )?(?:k|thousands?)\s?\)|\bin thousands?\b"), 1e3),
    (re.compile(r"亿|億"), 1e8),
)


_MOST_BLANKS: Final = 11  # a longer label is a sentence
_SEAM: Final = re.compile(
    r"(?<=[a-z0-9)])(?=[\u3040-\u9fff\uac00-\ud7af])|(?<=[\u3040-\u9fff\uac00-\ud7af])(?=[a-z0-9(])"
)


@lru_cache(maxsize=65536)
def field_of(label: str) -> Field | None:
    """The field that a label names, or None. Sentences name none."""
    text = _SEAM.sub(" ", label.lower().strip()).replace("_", " ")
    if not 1 <= len(text) <= 100 or text.count(" ") > _MOST_BLANKS:
        return None
    for quantity, pattern, rejected, least, most in _COMPILED:
        if pattern.search(text):
            factor = next((f for p, f in _UNIT if p.search(text)), 1.0)
            return Field(quantity, rejected, factor, least, most)
    return None

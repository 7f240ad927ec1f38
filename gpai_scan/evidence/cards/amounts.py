"""Decides what a number with a unit is taken for, or why it may not be used."""

from __future__ import annotations

import re
from dataclasses import replace

from gpai_scan.evidence.cards import rules
from gpai_scan.evidence.cards.accelerators import chip_pattern
from gpai_scan.evidence.cards.drafts import Draft
from gpai_scan.evidence.cards.numbers import Number, grouped
from gpai_scan.evidence.cards.units import Mention, Sentence

HOURS_IN = {
    "hours": 1.0,
    "days": 24.0,
    "weeks": 168.0,
    "months": 730.5,
    "minutes": 1 / 60,
    "years": 8766.0,
}


def make(quantity: str, number: Number, factor: float = 1.0, **extra: object) -> Draft:
    """A draft of a number times a factor; places and labels are filled in later."""
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


def by_rules(
    table: tuple[rules.Rule, ...], number: Number, source: Sentence, left: str, right: str
) -> Draft | None:
    """The first rule of a table that fits a number, as a draft."""
    for rule in table:
        if rule.fits(number.value, left, right, source.lower):
            return make(
                rule.quantity,
                number,
                rejected=rule.rejected,
                stage=rules.stage(left, right, source.heading),
            )
    return None


_ACTIVE = re.compile(r"activ|アクティブ|激活|活跃|활성")


_COMPONENT = re.compile(
    r"\b(?:embedding(?! model)|non-embedding|vision|visual|image|audio|speech|text|encoder|decoder"
    r"|vit"
    r"|projector|connector|head|heads|adapter"
    r"|mtp|multi-token|draft|vae|unet|u-net|router|per expert|each expert|layers?|lora|excluding"
    r"|backbone|output|unique|siglip|clip|additional|extra)\b"
)


COMPONENT_HEADING = re.compile(
    r"\bmtp\b|multi-token prediction|vision (?:encoder|tower)|image encoder|text encoder"
    r"|draft model|projector|\bvae\b|adapter"
)


_BIGGER = re.compile(
    r"\b(?:(?<!more )(?<!less )than|outperform\w*|larger|smaller|compar\w+|versus|vs\.?|such as"
    r"|exceed\w*|rival\w*|surpass\w*|under|below|above|competitive with|among|other|existing"
    r"|models? (?:with|of) (?:over|more|less|fewer)|up to|larger alternatives"
    r"|similar)\b[^.;|]{0,60}$"
)


_PART_AFTER = re.compile(
    r"^[\s\-](?:mlp|perceptron|projection)\b"
    r"|^\s(?:in|for|of|from|as|on) (?:the |its |each )?(?:[\w\-]+\s){0,2}(?:embedding|encoder"
    r"|projector|head|adapter|mtp|vit\b|vision|expert)"
    r"|^[\s\-](?:(?!(?:and|with|plus|which|that|contain\w*|includ\w*)\b)[\w\-]+\s){0,2}?"
    r"(?:vision|visual|image|audio|speech|text)[\s\-](?:encoder|tower"
    r"|backbone|component)"
)
_PART_BEFORE = re.compile(
    r"\b(?:encoder|vit|projector|adapter|head|module|adds|adding|mtp module"
    r"|(?:vision|visual|image|audio|text)"
    r" (?:tower|backbone|component|encoder)|each expert|embeddings?(?! model)|excluding"
    r"|without|draft model)"
    r"\b[^.;|\d]{0,40}$"
)
_PLAIN_CLAIM = re.compile(
    r"\b(?:is|has|have|(?<!models )(?<!model )(?<!ones )(?<!those )(?<!llms )(?<!lms )with)\s"
    r"(?:a |an |about |around |~|approximately )*$"
)
_SWITCHED_ON = re.compile(
    r"^\s?\)?,?\s?(?:(?:that |which )?(?:are |is |being )?activ\w+|per token|active)"
)
_SWITCHED_ON_BEFORE = re.compile(
    r"\bactivat\w*\s(?:only |just |about |around |approximately |~)*$|激活[^，。]{0,8}$"
)


def parameters(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    """Parameters: total, active, trainable; rejected where of a component or another model."""
    number = grouped(mention.number, source.text)
    if not 1e4 <= number.value <= 1e14:
        return None
    unit = source.lower[mention.number.end : mention.end]
    quantity = "parameters_total"
    if "trainable" in unit or re.search(r"\b(?:lora|trainable)\b[^.;|\d]{0,30}$", left):
        quantity = "parameters_trainable"
    elif (
        mention.unit == "parameters_active"
        or _ACTIVE.search(unit)
        or (mention.unit != "parameters_total" and _SWITCHED_ON.match(right))
        or _SWITCHED_ON_BEFORE.search(left[-40:])
    ):
        quantity = "parameters_active"
    reason = None
    if COMPONENT_HEADING.search(source.heading):
        reason = "component"
    elif quantity == "parameters_total":
        reason = _not_the_total(number, unit, left, right)
    return make(quantity, number, rejected=reason)


def _not_the_total(number: Number, unit: str, left: str, right: str) -> str | None:
    """Why a count of parameters is not the model's total; None where it may be."""
    part = _COMPONENT.search(unit.replace("language model", ""))
    if part or _PART_AFTER.match(right) or _PART_BEFORE.search(left):
        return "component"
    if number.high > 2 * number.low:
        return "range_of_models"
    if _BIGGER.search(left) and not _PLAIN_CLAIM.search(left[-25:]):
        return "other_model"
    if re.search(rules.TRAIN[:-1] + r"|efficient)", unit):
        return "not_a_count"
    return None


_HOURS_FACTOR = {"hour": 1.0, "day": 24.0, "week": 168.0, "month": 730.5, "year": 8766.0}


def accelerator_hours(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    """Hours of accelerators, from whatever unit of time they are stated in."""
    number = grouped(mention.number, source.text)
    span = mention.unit.removeprefix("accelerator_")
    factor = _HOURS_FACTOR.get(span, 1.0)  # hours of the clock come here as well
    note = None
    unit_text = source.lower[mention.number.end : mention.end]
    if "core" in unit_text and "tpu" in unit_text:
        factor, note = factor / 2, "TPU cores, two a chip"
    if factor != 1.0 and note is None:
        note = f"stated in {span}s of accelerators"
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
    if stage is None and re.search(r"\b(?:stage|phase)[- ]?(?:1|one)\b[^.;|]{0,40}$", left):
        stage = "pretraining"  # the stages after it are told apart by their numbers
    return make("accelerator_hours", number, factor, rejected=rejected, stage=stage, note=note)


def audio_hours(number: Number, source: Sentence, left: str, right: str) -> Draft | None:
    """Hours of audio that were trained on."""
    number = grouped(number, source.text)
    part = re.search(
        r"(?:%|percent|\bof (?:this|that|these|which|them)\b|remaining|includ\w+|\()[^.;|]{0,40}$",
        left,
    )
    trained = re.search(rules.TRAIN, left + " " + source.heading) or re.search(rules.TRAIN, right)
    if part:
        return make("audio_hours", number, rejected="part")
    return (
        make("audio_hours", number, stage=rules.stage(left, right, source.heading))
        if trained
        else None
    )


_DEVICES = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen|an?|single))"
    r"\s?(?:x|×|块|张|个)?\s?(?:[\w\-]{1,12}\s){0,3}?(?:gpus?|tpus?(?:\s?v\d)?|[ahvpkbl]\d{2,3}|mi\d{2,3}x?|chips)(?![a-z])|\btpu\s?v\d"
    r"|\bv\d[ep]?-\d|[ahv]\d{2,3}\s?\d+\s?[장대枚台基张]"
)


_SOUND = re.compile(r"\b(?:audio|speech|transcri\w+|recordings?|spoken|podcasts?)\b|音声|语音")


_TOOK = re.compile(
    r"\b(?:took|takes|taking|lasted|duration|over|for|in|within|during|span\w*|hours used|time"
    r"|finishes in|wall-?\s?clock|dauert\w*|lief|dur[óo]u?|duré|durat[oa]|tomó|levou|pris"
    r"|necesitó|waren|przez|pendant|durante?|während|в течение|около)\b[^.;|]{0,50}$"
    r"|天|内|完成|заняло|длил\w*|历时|耗时|用时|歷時|共计|约$|걸쳐"
)


# "every 3 hours", "compared with 3 days", "one epoch takes 3 hours"
_NOT_THE_RUN = re.compile(
    r"\b(?:you can|if you|could|would|can take|about half|reduced? from|compared"
    r"|(?<!more )(?<!less )than|previously|instead of)\b[^.;|]{0,60}$"
    r"|\b(?:every|first|last|(?<!addestrato )(?<!durato )per)\s(?:the\s)?$"
    r"|\bbatch(?: size)? of\s$"
    r"|\b(?:every|each|per) (?:epoch|run|experiment|iteration|step)\b[^.;|]{0,40}$"
    r"|\b(?:one|an?|a single|1) (?:\w+ )?epoch\b[^.;|,]{0,40}\b(?:takes?|took|requires?)\b"
    r"[^.;|,]{0,30}$"
)
# "After 200 hours on 8 GPUs" opens a sentence: the whole run.
_OPENING = 3
_AFTER = re.compile(r"\b(?<!completed )(?<!finished )(?<!ended )(?<!converged )after\s(?:the\s)?$")
_UNTIL_DONE = re.compile(r"^\s(?:on|of (?:pre-?)?training on)\s[^.;|]{0,30}\d")


def _not_the_run(left: str, right: str) -> bool:
    """Whether a duration between two texts is of no whole training."""
    if _NOT_THE_RUN.search(left):
        return True
    after = _AFTER.search(left)
    return after is not None and not (after.start() < _OPENING and _UNTIL_DONE.match(right))


_COMPUTE = re.compile(r"\b(?:speeds?|times?|compute|hardware|infrastructure)\b")
# What speaks of the training that the sentence before it told of.
_OF_THE_RUN = re.compile(
    r"\btook\b|^\W*(?:the|this|our) (?:\w+ )?(?:job|run|process|procedure|optimi[sz]ation)\b"
)
# "33 days of continuous training" continue no other.
_UNBROKEN = re.compile(r"^\s?of continuous (?=training)")
# Nobody trains for so many hours of the clock: of a device without number they are its own.
_CLOCK = 5000.0
_OF_DEVICE = re.compile(
    rf"^\s(?:of compute )?(?:on|of)\s(?:an?\s)?(?:nvidia |amd )?(?:{chip_pattern()})s?\b",
    re.IGNORECASE,
)


_OF_DATA = re.compile(r"\b(?:data(?:\s?sets?)?|corpus|corpora)\b|数据|データ")


# "8 hours to pre-train and 3 hours to fine-tune"
_PURPOSE = re.compile(r"^\s(?:to|of|for) (?:\w+ )?[\w-]*?(?:train|tun|align)\w*")
_MONTHS_BEFORE = ("月", "월")


# Italian "per 20 giorni" is "for 20 days".
_PER = re.compile(r"\bper\s$")


def _italian(mention: Mention, source: Sentence) -> bool:
    words = source.lower[mention.number.end : mention.end]
    return words.strip().startswith(("giorn", "ore", "settiman", "mesi"))


def duration(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    """How long a training took, in hours."""
    factor = HOURS_IN[mention.unit]
    if mention.unit == "days" and left.rstrip().endswith(_MONTHS_BEFORE):
        return None  # "3月11日": of the calendar
    right = _UNBROKEN.sub("", right)
    sound = factor <= 1.0 and _SOUND.search(source.lower)
    if mention.number.value * factor > _CLOCK and _OF_DEVICE.match(right):
        return accelerator_hours(mention, source, left, right)
    trained = re.search(rules.TRAIN, source.lower) or re.search(rules.TRAIN, source.heading)
    if _OF_DATA.search(source.heading) and not re.search(rules.TRAIN, source.lower):
        trained = None  # "- Speeches (960 hours)" in a list of data
    trained = trained or _DEVICES.search(source.lower)
    if trained is None and _OF_THE_RUN.search(source.lower):
        trained = re.search(rules.TRAIN, source.previous) or _COMPUTE.search(source.heading)
    if not trained or not 0 < mention.number.value * factor < 10_000 or sound:
        return None
    if not (
        _DEVICES.search(source.lower)
        or _TOOK.search(left)
        or re.search(
            r"^\s?\(?[^.;|]{0,30}(?:on|using|with|of training|to train|完成|で|内|実施|かけ|かか"
            r"|要し|学習|训练|訓練|학습|훈련|걸|소요)",
            right,
        )
        or re.search(r"[（(∼~≈]\s?$", left)
    ):
        return None
    rejected = None
    if re.match(r"^\s?/\s?[a-z]", right):
        rejected = "rate"
    elif _not_the_run(
        rules.clause(_PER.sub("", left) if _italian(mention, source) else left), right
    ):
        rejected = "hypothetical"
    elif rules.HARDWARE_REJECT.search(source.lower) and not re.search(
        r"\b(?:pre-?)?train(?:ed|ing|s)?\b", left + right[:60]
    ):
        rejected = "inference_hardware"
    elif re.search(
        r"\b(?:weights? (?:uploaded|available)|cut-?off|updated?|ago|old|data (?:from"
        r"|up to))\b",
        source.lower,
    ) and not re.search(r"gpu|tpu|a100|h100|v100", source.lower):
        rejected = "not_training_time"
    purpose = _PURPOSE.match(right)
    stage = rules.stage("", purpose[0], "") if purpose else None
    return make(
        "training_hours",
        mention.number,
        factor,
        rejected=rejected,
        stage=stage or rules.stage(left, right, source.heading),
    )


_MFU = re.compile(
    r"(?<![a-z])(?:mfu|hfu|(?:model |hardware )?flops?[- ]utili[sz]ation"
    r"|hardware utili[sz]ation)(?![a-z])"
)


def others(mention: Mention, source: Sentence, left: str, right: str) -> Draft | None:
    """Utilisation, energy, emissions and samples."""
    number, unit = mention.number, mention.unit
    if unit == "percent":
        near = left[-50:] + "|" + right[:45]
        kind = _MFU.search(near)
        if kind is None or not 0 < number.value <= 100:
            return None
        note = "HFU" if kind[0].startswith(("hfu", "hardware")) else "MFU"
        return make("utilisation", number, 0.01, note=note)
    if unit == "fraction":
        return make("utilisation", number)
    if unit == "energy":
        prefix = source.text[number.end : mention.end].strip()[0]
        factor = {"k": 1.0, "M": 1e3, "G": 1e6, "T": 1e9}.get(prefix, 1e-3)
        return make("energy", number, factor)
    if unit == "emissions":
        text = source.lower[number.end : mention.end].strip()
        factor = 1e6 if text.startswith(("t", "metric")) else 1e3 if text.startswith("k") else 1.0
        per = re.match(r"^\s?(?:eq)?\.?\s?/\s?k?m?wh", right) or re.search(r"/k?wh", right[:15])
        return make("emissions", number, factor, rejected="rate" if per else None)
    if unit == "samples" and number.value >= 1000:
        return _samples(grouped(number, source.text), source, left, right)
    return None


def _samples(number: Number, source: Sentence, left: str, right: str) -> Draft | None:
    if re.search(r"\bseen\b", left[-30:] + right[:20]) and re.search(rules.TRAIN, source.lower):
        return make("samples_seen", number)
    if re.search(r"\bbatch[^.;|\d]{0,25}$", left):
        return make("batch_sequences", number) if number.value <= 1e6 else None
    if re.search(r"\b(?:total|pool|sampled|close to|over)\b[^.;|]{0,10}$", left) and re.search(
        r"in total|pool|sampled", source.lower
    ):
        return make("dataset_samples", number, rejected="pool")
    if re.search(
        r"\b(?:evaluat|test|validation|benchmark|passage corpus)\w*", left[-80:] + right[:30]
    ):
        return make("dataset_samples", number, rejected="evaluation_data")
    if re.search(rules.TRAIN + r"[^.;|]{0,120}$", left):
        return make("dataset_samples", number, stage=rules.stage(left, right, source.heading))
    return None

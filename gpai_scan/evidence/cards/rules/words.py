"""Words and phrases that several rules look for, as parts of patterns."""

from __future__ import annotations

from typing import Final

CJK_TRAIN = "训练|訓練|学習|預訓練|학습|훈련"
# One word boundary before all words that need it: tried at each of them, it costs ten times more.
TRAIN: Final = (
    r"(?:\b(?:(?:pre-?\s?|post-?|re)?train\w*|fined?-?\s?tun\w*|tun(?:ed|ing)\b|anneal(?:ed|ing)?\b|pretraining"
    r"|pre?-?entren\w*|entren\w*|ajustad[oa]s?\b|se ajust[óo]\b"
    r"|pré-?\s?entra[iî]n\w*|entra[iî]n\w*|(?:vor|nach)?train\w*"
    r"|(?:pré-?)?trein\w*|(?:pre-?)?addestra\w*|getraind|вытрен\w*|обуч\w*|предобуч\w*"
    r"|натренир\w*|(?:wy)?trenowan\w*|träna[dt]\w*|trænet\w*|trent\b|eğitil\w*|dilatih\w*"
    rf"|huấn luyện)|تدريب|دُرِّب|प्रशिक्ष|{CJK_TRAIN})"
)
SAW: Final = (
    r"(?:\b(?:saw|seen|sees|observ\w+|traversed|ingest\w*|exposed to|learn(?:ed|t|ing)? from"
    r"|consum(?:es|ed|ing)|processed|(?:it|model|has|have|which) read"
    r"|(?:was|were|been) (?:fed|shown))\b)"
)

FAR: Final = r"[^.;|]{0,140}$"
NEAR: Final = r"[^.;|\d]{0,40}$"

DATA: Final = (
    r"(?:data(?:\s?sets?)?|(?:training|train) sets?|corpus|corpora|mixture|mix"
    r"|collection|pile|text|documents?|files|blend"
    r"|语料|数据集|データ|コーパス|données|datos|dados|daten|данных)"
)
# A verb of training, not the first half of `training data`.
VERB: Final = r"(?![a-z])(?!\s(?:data|corp|mix|sets?\b|text|pieces|example|split))"
FINITE: Final = (
    r"(?:contain(?:s|ed)?|compris(?:es?|ed)|consist(?:s|ed)?|amount(?:s|ed)?|totall?(?:s|ed)"
    r"|totals|has|have|had|reach(?:es|ed)?"
    r"|yield(?:s|ed)?|result(?:s|ed)? in|cover(?:s|ed)?|encompass(?:es|ed)?|combin(?:es|ed)"
    r"|includ(?:es|ed)?|boasts?|holds?"
    r"|is composed|are composed|made up|is of|is about|is around|is over|is|are|was|were)"
)

TIMES: Final = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|several|multiple)"

# What this repository holds is the model after so many steps or tokens, not a moment on the way.
THIS_AFTER: Final = (
    r"\bthis (?:repo(?:sitory)?|checkpoint|model|version|release|branch|revision)\b"
    r"(?:(?!\b(?:will|would|if)\b)[^.;|]){0,60}\b(?:after|at) "
    r"(?:about |around |roughly |~)*(?:step )?(?:[\d·,]+[kmbt]?(?: [a-z]*illion)? "
    r"(?:training )?(?:steps?|iterations|updates),? ?\(?(?:about |around |or |~)*)?$"
)

# "The original Orca 2 models were pre-trained on", "El Orca original se entrenó durante": a model
# that is called original, or said to have been trained itself, is the one this one was made from.
ORIGINAL: Final = (
    r"(?:\bthe original (?!training|data|run|model was)(?:[\w\-·]+ ){1,4}"
    r"(?:was|were|had been|is|are) (?:\w+ )?"
    r"|\bthe original (?!training|data|run|model )(?:[\w\-·]+ ){1,3}"
    r"(?:saw|(?:has|had) (?:seen|read))\s"
    r"|(?<!model )(?<!models )(?<!\bit )(?<!which )(?<!that )(?<!\bwe )\b(?:was|were|had been) "
    r"originally (?:pre-?)?train\w*\s"
    r"|\b(?:el|la|il|lo|le|o|a)\s(?:model\w* )?(?:[\w\-·]+ ){1,3}original[eo]?\s"
    r"(?:se|fue|foi|ha|a|è|est|était|sido)\s(?:été |stato |sido )?"
    r"|\b(?:selbst|ursprünglich\w*)\s(?:wurden?|ist)\s[^.;|]{0,60}"
    r"|\b(?:itself (?:was|had been)|lui-même a été|(?:mismo|misma) fue) (?:\w+ )?"
    r"|(?:元となる|元になった|元の|ベースとなる|ベースである|オリジナルの"
    r"|原版的?|原始的?|원본|기반이 되는)\s?"
    r"[a-z][a-z0-9 .·\-]{1,30}(?:は|が|은|는|이|在|使用)[^.;。；|]{0,30}$)"
    r"(?:[^.;|。]{0,100})$"
)

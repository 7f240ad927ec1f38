"""Which words around a number tell what it is: the reader's rules as data.

Each rule is tried in order on the lower-case words before and after a number of its unit; the
first that fits decides. A rule names either the quantity the number is taken for or why it may
not be used. Patterns look at bounded slices and hold no nested repetition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_CJK_TRAIN = "训练|訓練|学習|預訓練|학습|훈련"
# One word boundary before all words that need it: tried at each of them, it costs ten times more.
TRAIN: Final = (
    r"(?:\b(?:(?:pre-?\s?|post-?|re)?train\w*|fine-?\s?tun\w*|tun(?:ed|ing)\b|anneal(?:ed|ing)?\b|pretraining"
    r"|pre?-?entren\w*|entren\w*|pré-?\s?entra[iî]n\w*|entra[iî]n\w*|(?:vor)?trainiert\w*"
    r"|(?:pré-?)?trein\w*|(?:pre-?)?addestra\w*|getraind|вытрен\w*|обуч\w*|предобуч\w*"
    r"|натренир\w*|(?:wy)?trenowan\w*|träna[dt]\w*|trænet\w*|trent\b|eğitil\w*|dilatih\w*"
    rf"|huấn luyện)|تدريب|دُرِّب|प्रशिक्ष|{_CJK_TRAIN})"
)
SAW: Final = (
    r"(?:\b(?:saw|seen|sees|observ\w+|traversed|ingest\w*|exposed to|learn(?:ed|t|ing)? from"
    r"|consum(?:es|ed|ing)|processed|(?:it|model|has|have|which) read"
    r"|(?:was|were|been) (?:fed|shown))\b)"
)

_FAR: Final = r"[^.;|]{0,140}$"
_NEAR: Final = r"[^.;|\d]{0,40}$"


@dataclass(frozen=True, slots=True)
class Rule:
    """`quantity` or `rejected` follows where every given pattern is found.

    `left` ends at the number, `right` begins after its unit, `inside` may be anywhere in the
    sentence. The rule applies to values from `least` up to `most`.
    """

    quantity: str
    rejected: str | None = None
    left: re.Pattern[str] | None = None
    right: re.Pattern[str] | None = None
    inside: re.Pattern[str] | None = None
    least: float = 0.0
    most: float = float("inf")

    def fits(self, value: float, left: str, right: str, sentence: str) -> bool:
        """Whether the rule holds for a number between two slices of lower-case text."""
        return (
            self.least <= value < self.most
            and (self.left is None or self.left.search(left) is not None)
            and (self.right is None or self.right.search(right) is not None)
            and (self.inside is None or self.inside.search(sentence) is not None)
        )


def _c(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else re.compile(pattern)


def rule(
    quantity: str,
    rejected: str | None = None,
    *,
    left: str | None = None,
    right: str | None = None,
    inside: str | None = None,
    least: float = 0.0,
    most: float = float("inf"),
) -> Rule:
    """A rule from pattern sources."""
    return Rule(quantity, rejected, _c(left), _c(right), _c(inside), least, most)


_DATA: Final = (
    r"(?:data(?:\s?sets?)?|(?:training|train) sets?|corpus|corpora|mixture|mix"
    r"|collection|pile|text|documents?|files|blend"
    r"|语料|数据集|データ|コーパス|données|datos|dados|daten|данных)"
)
# A verb of training, not the first half of `training data`.
_VERB: Final = r"(?![a-z])(?!\s(?:data|corp|mix|sets?\b|text|pieces|example|split))"
_FINITE: Final = (
    r"(?:contain(?:s|ed)?|compris(?:es?|ed)|consist(?:s|ed)?|amount(?:s|ed)?|totall?(?:s|ed)"
    r"|totals|has|have|had|reach(?:es|ed)?"
    r"|yield(?:s|ed)?|result(?:s|ed)? in|cover(?:s|ed)?|encompass(?:es|ed)?|combin(?:es|ed)"
    r"|includ(?:es|ed)?|boasts?|holds?"
    r"|is composed|are composed|made up|is of|is about|is around|is over|is|are|was|were)"
)

_TIMES: Final = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|several|multiple)"

# What this repository holds is the model after so many steps or tokens, not a moment on the way.
_THIS_AFTER: Final = (
    r"\bthis (?:repo(?:sitory)?|checkpoint|model|version|release|branch|revision)\b"
    r"(?:(?!\b(?:will|would|if)\b)[^.;|]){0,60}\b(?:after|at) "
    r"(?:about |around |roughly |~)*(?:step )?(?:[\d·,]+[kmbt]?(?: [a-z]*illion)? "
    r"(?:training )?(?:steps?|iterations|updates),? ?\(?(?:about |around |or |~)*)?$"
)

# "The original Orca 2 models were pre-trained on", "El Orca original se entrenó durante": a model
# that is called original, or said to have been trained itself, is the one this one was made from.
_ORIGINAL: Final = (
    r"(?:\bthe original (?!training|data|run|model was)(?:[\w\-·]+ ){1,4}"
    r"(?:was|were|had been|is|are) (?:\w+ )?"
    r"|\b(?:el|la|il|lo|le|o|a)\s(?:model\w* )?(?:[\w\-·]+ ){1,3}original[eo]?\s"
    r"(?:se|fue|foi|ha|a|è|est|était|sido)\s(?:été |stato |sido )?"
    r"|\b(?:selbst|ursprünglich\w*)\s(?:wurden?|ist)\s[^.;|]{0,60}"
    r"|\b(?:itself (?:was|had been)|lui-même a été|(?:mismo|misma) fue) (?:\w+ )?"
    r"|(?:元となる|元になった|元の|ベースとなる|ベースである|オリジナルの"
    r"|原版的?|原始的?|원본|기반이 되는)\s?"
    r"[a-z][a-z0-9 .·\-]{1,30}(?:は|が|은|는|이|在|使用)[^.;。；|]{0,30}$)"
    r"(?:[^.;|。]{0,100})$"
)

# Tokens. Contexts and vocabularies are small; a trillion tokens is never one.
TOKENS: Final[tuple[Rule, ...]] = (
    rule(
        "tokens",
        "rate",
        right=r"^\s*(?:/|per|pro|par|por|each|毎|an?\s)\s*(?:second|sec\b|s\b|minute"
        r"|min\b|hour|day"
        r"|gpu|tpu|chip|core|device|parameter|param|image|frame|language|document|sample"
        r"|problem|query"
        r"|question|response|turn|user|dollar|watt|request|seconde|segundo|sekunde|秒)",
    ),
    rule(
        "tokens",
        "rate",
        left=r"(?:throughput|tokens per(?![^.;|\d]{0,40},)|(?<![a-z])speed|速度|débit"
        r"|velocidad)" + _NEAR,
    ),
    # "395 billion tokens: 116 billion Arabic tokens and 279 billion English ones"
    rule(
        "unique_tokens",
        "part",
        left=r"(?:illion|\d\s?[bt])\s(?:\w+\s){0,2}tokens?\s?:[^.;|]{0,120}$",
    ),
    # "4 trillion tokens with 2 trillion Indic ones"
    rule(
        "unique_tokens",
        "part",
        left=r"(?:illion|\d\s?[bt])\s(?:[\w\-]+\s){0,3}tokens?,?\s(?:with|including"
        r"|of which|containing)\s"
        r"(?:about |over |around |~|≈)*$",
    ),
    rule(
        "batch_tokens",
        right=r"^\s*(?:/|per|in each|in a|an?\s|for each|for every"
        r"|every)\s*(?:global |training |gradient "
        r"|optimizer |optimization )?(?:batch|step|update|iteration)",
    ),
    rule(
        "batch_tokens",
        left=r"\bbatch(?:[- ]size)?\b[^.;|]{0,60}\b(?:correspond\w*|equal\w*"
        r"|equivalent|amount\w*|or|i·e·?,?|which is|that is"
        r"|results? in)\b[^.;|\d]{0,20}$",
        most=5e8,
    ),
    rule(
        "batch_tokens",
        "per_device",
        left=r"\b(?:per|each)[- ](?:gpu|device|core|chip|replica"
        r"|tpu)[- ](?:\w+[- ])?batch\w*" + _NEAR,
    ),
    rule("batch_tokens", right=r"^[- ](?:global )?batch(?:es|[- ]size)?"),
    rule(
        "batch_tokens",
        left=r"\bbatch(?:es)?(?:[- ]?sizes?)?(?:\s(?:of|is|was|to|with"
        r"|with size|at|from|set to|equal to|are|held|holds?|had|has|contain\w*|compris\w*)"
        r"|\s?[:=(]|,)?(?:\s?(?:approximately|about|around|roughly|up to|~|≈|of|set|to"
        r"|size))*\s*$",
        most=5e8,
    ),
    rule(
        "batch_tokens",
        left=r"(?:each|every|per) (?:\w+ ){0,2}(?:step|update"
        r"|iteration)\b" + _NEAR,
        most=5e8,
    ),
    rule(
        "context_length",
        "context_length",
        right=r"^[- ]?(?:token )?(?:context|window|length"
        r"|long\b|sequence"
        r"|input|output|prompt|limit|budget|chunk|block|segment|of context|in length|each\b"
        r"|per (?:sequence"
        r"|prompt|input|block|chunk))",
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        left=r"(?:context|window|sequence|input|output"
        r"|prompt|position\w*|response"
        r"|completion|chunk|block|crop|generation|rollout|document|trajectory)s?[- ](?:lengths?"
        r"|size|windows?|limit|budget|len\w*)"
        r"[^.;|\d]{0,40}$",
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        left=r"\b(?:context|window|上下文|コンテキスト|contexto"
        r"|contexte|kontext\w*|контекст\w*)"
        r"(?:\s(?:of|up to|to|is|from|with|de|von))[^.;|\d]{0,25}$",
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        left=r"(?:max(?:imum|imal)?|min(?:imum)?|support\w*"
        r"|handl\w*|accept\w*|extend\w*"
        r"|extrapolat\w*|truncat\w*|split into|blocks? of|chunks? of|sequences? of|segments? of"
        r"|contexts of|length(?:s)? of"
        r"|span of|inputs? of|length|limited to|average\w*|contiguous|最大|最长|支持|扩展"
        r"|対応)" + _NEAR,
        most=2e8,
    ),
    rule(
        "context_length",
        "context_length",
        right=r"^[^.;|\d]{0,20}(?:context|上下文|长度|コンテキスト"
        r"|のコンテ|length)",
        most=2e8,
    ),
    rule(
        "vocabulary_size",
        "vocabulary",
        left=r"(?:vocab\w*|tokeni[sz]er|词表|語彙|vocabulaire"
        r"|vocabulario)" + _NEAR,
        most=5e6,
    ),
    rule(
        "vocabulary_size",
        "vocabulary",
        right=r"^[^.;|\d]{0,30}(?:vocab|tokeni[sz]er|词表"
        r"|語彙)",
        most=5e6,
    ),
    rule(
        "tokens",
        "generation",
        left=r"(?:generat\w+|max_\w*|new|output\w*|produc\w+|emit\w*"
        r"|cost\w*|price\w*|think\w*"
        r"|reason\w*|answer\w*|credits?|summar\w+|compact\w*|trigger\w*)" + _NEAR,
        most=2e8,
    ),
    rule("tokens", "checkpoint", right=r"^[^.,;|\d]{0,12}(?:checkpoint|ckpt|检查点)"),
    rule("tokens", "checkpoint", left=r"\bcheckpoints\s?[:(][^.;|]{0,60}$"),
    rule(
        "tokens",
        "checkpoint",
        right=r"^(?:[- ]|\s*(?:intermediate|training) )?(?:checkpoint"
        r"|ckpt|mark\b)",
    ),
    rule(
        "tokens",
        "other_model",
        left=r"\b(?:outperform\w*|beat(?:s|ing)?|surpass\w*|exceed\w*|match(?:es|ing)?|rival\w*|than"
        r"|unlike|compar\w+ (?:to|with))\b[^.;|]{0,60}\b(?:models?|ones|those|peers|counterparts?"
        r"|baselines?|competitors?|llms?|which|that)\b[^.;|\d]{0,30}$",
    ),
    # "the base had been trained on 2T tokens"
    rule(
        "tokens",
        "base_model",
        left=r"\b(?:the|its|our)\s(?:original |underlying )?(?:base|parent|backbone|seed)"
        r"(?: model| checkpoint| llm)?,?\s(?:[^.;|,]{1,40},\s)?(?:which |that )?(?:had"
        r"|itself|(?:was )?originally|was itself|has (?:already )?(?:seen|read))\b[^.;|\d]{0,50}$",
    ),
    rule("tokens", "base_model", left=_ORIGINAL),
    rule(
        "tokens",
        "component",
        left=r"\b(?:classifiers?|tokeni[sz]er|(?:reward|teacher|draft|proxy|filter\w*|reference"
        r"|embedding) models?|teacher|(?:vision|audio|image|speech) (?:encoder|tower))\b"
        rf"(?:(?! and\b)[^.;|,]){{0,20}}\b(?:was|were|is|are|been)\s(?:\w+\s)?{TRAIN}{_NEAR}",
    ),
    rule(
        "tokens",
        left=r"\bdistill(?:ed|ing|ation)\b(?! from)[^.;|\d]{0,30}\b(?:on|with|using|over|for|of)\s"
        r"(?:about |around |over |roughly |approximately |up to |~)?$",
        least=1e8,
    ),
    # "distilled from a 70B teacher over 450B tokens"
    rule(
        "tokens",
        left=r"\bdistill(?:ed|ing|ation)\b from "
        r"(?:(?!\b(?:which|that|trained|whose)\b)[^.;|,]){0,60}"
        r"\s(?:on|with|using|over|for) (?:about |around |over |roughly |approximately |up to |~)?$",
        least=1e8,
    ),
    # "After 14.8T tokens of pre-training came fine-tuning": the whole, not a moment in it.
    rule(
        "tokens",
        left=r"\b(?:after|following)\s(?:the |about |around |roughly |over |~)*$",
        right=r"^\s?of (?:\w+[ -]){0,2}?(?:pre-?)?training\b[^.;|\d]{0,40}\b(?:came|com(?:es|ing)"
        r"|follow\w*|fine-?\s?tun\w*|tuned|align\w*|supervised|sft|instruct\w*|post-?train\w*)",
        least=1e9,
    ),
    rule(
        "tokens",
        left=r"\b(?:stop|end|finish|complet|conclud|terminat)\w*\s(?:\w+\s)?(?:after|at)\s"
        r"(?:about |around |roughly |over |~)*$",
        least=1e9,
    ),
    rule(
        "tokens",
        left=r"\bwe (?:have |[^.;|\d]{0,24} and )?used? (?:about |over |~|approximately )*$",
        right=r"^\W*$",
        least=1e11,
    ),
    # "We use 200B tokens that were sampled from …, and code, for continual pre-training"
    rule(
        "tokens",
        left=r"\bwe (?:have )?used? (?:about |over |~|approximately )*$",
        inside=r"\bfor (?:the )?(?:continu\w+ |further |main )?pre-?training\b",
        least=1e9,
    ),
    # "the 9B model on 8 trillion tokens"
    rule(
        "tokens",
        left=r"(?:^|[,;]\s?|\band "
        r"|\bwhile )\W*(?:the )?(?:[a-z]+[\-_ ])?\d+(?:·\d+)?[bm](?: models?| one)? "
        r"(?:on|with|for) (?:about |over |~|approximately )*$",
        least=1e9,
    ),
    # "Orca-1B (1.1B parameters) read 1T tokens"
    rule("tokens", left=r"(?<!to )\bread (?:about |around |roughly |over |some |~)*$", least=1e9),
    # "Context extension used 20B tokens"
    rule(
        "tokens",
        left=r"\b(?:extension|(?:stage|phase)(?: (?:one|two|three|four|five|\d|i{1,3}))?|cool-?down"
        r"|run|sft|dpo|rlhf|(?:pre-|mid-|post-)?training|annealing|(?<!classifier )fine-?tuning)\s"
        r"(?:itself |then |alone )?(?:used|took|uses|ran over|covers?"
        r"|covered|consumed|spans?|spanned|saw|required|ran (?:on|for)|lasted(?: for)?|processed)\s"
        r"(?:about |around |roughly |over |some |~)*$",
        least=1e9,
    ),
    # "we continued for 5B tokens", "we double the data to 8T tokens"
    rule(
        "tokens",
        left=r"\bcontinued (?:training )?(?:for|on|with|over) (?:another )?(?:about |around |~)*$",
        least=1e8,
    ),
    rule(
        "tokens",
        left=r"\b(?:doubl|tripl|increas|rais|scal|expand)\w* (?:the |our )?(?:amount of "
        r"|number of )?(?:training )?(?:data|tokens|budget|training)\b[^.;|\d]{0,20}"
        r"\bto (?:about |around |~)*$",
        least=1e9,
    ),
    # "built by continuing Orca-7B on 200B tokens"
    rule(
        "tokens",
        left=r"\bcontinuing (?:from )?\S+ (?:on|with|over|for) (?:about |around |over |~)*$",
        least=1e8,
    ),
    rule(
        "tokens",
        "earlier_version",
        right=r"^[^.;|\d]{0,20}\b(?:diverged|failed|crashed|(?:was|were) (?:aborted|abandoned"
        r"|discarded|stopped early))\b",
    ),
    # "the weights come from a run of 250B tokens"
    rule(
        "tokens",
        left=r"\b(?:c[ao]mes?|stems?|taken|results?) from (?:a|the|one) (?:\w+ )?run "
        r"(?:of|over|on|with) (?:about |around |roughly |~)*$",
        least=1e9,
    ),
    rule(
        "unique_tokens",
        "evaluation_data",
        left=r"\b(?:validation|evaluation|test|held-out|benchmark)[ -]"
        r"(?:corpus|corpora|sets?|data\w*|split|text)\b[^.;|]{0,60}$",
    ),
    rule("tokens", "plan", left=r"\bplanned (?:about |around |~)*$"),
    # "`main` is the final model at 1T tokens"
    rule(
        "tokens",
        left=r"\bfinal (?:model|checkpoint|weights?|version|release)\b[^.;|\d]{0,20}"
        r"\b(?:at|after|with|on) (?:about |around |roughly |~)*$",
        least=1e9,
    ),
    # "This repository holds the checkpoint after 480k steps (1T tokens)"
    rule("tokens", left=_THIS_AFTER, least=1e9),
    # "The model adopts a 4K context for 2.6T tokens"
    rule(
        "tokens",
        left=r"^(?!.*\b(?:rate|lr|held|constant|decay\w*|warm\w*)\b).*\bfor"
        r" (?:about |around |roughly |over |~)*$",
        least=1e12,
    ),
    # "the context was extended to 128K with 20B tokens"
    rule(
        "tokens",
        left=r"\b(?:context|window|length)\b[^.;|]{0,20}\bextended\b[^.;|]{0,30}"
        r"\b(?:with|using|over|on|for) (?:about |around |roughly |over |~)*$",
        least=1e8,
    ),
    # "for 1.8T tokens, then decays over the last 200B, for 2T tokens in all"
    rule(
        "tokens",
        left=r"\bfor (?:a total of )?(?:about |around |roughly |over |~)*$",
        right=r"^\s?(?:in all|in total|altogether|overall)\b",
        least=1e9,
    ),
    rule(
        "tokens",
        left=r"\b(?:a|one) single (?:pass|epoch) over (?:about |around |roughly |over |~)*$",
        right=r"^(?!\s(?:checkpoint|window|context))",
        least=1e9,
    ),
    rule(
        "tokens",
        "schedule",
        left=r"\b(?:every|after|at|first|last|final|initial|until|each"
        r"|next|remaining|bei|après)\s*"
        r"(?:the )?(?:approximately |about |around |roughly |~|≈)*\s*$",
    ),
    rule(
        "tokens",
        "schedule",
        left=r"\b(?:warm-?up|decay\w*|learning rate"
        r"|ramp\w*)[^.;|]{0,50}$",
        most=5e11,
    ),
    rule(
        "tokens",
        "ablation",
        inside=r"\b(?:ablation|ablate|proxy (?:model|run)|pilot"
        r"|preliminary|scaling[- ]laws?|chinchilla[- ]optimal"
        r"|same \w+ architecture|small-scale|consistent with other)",
    ),
    rule(
        "tokens",
        "checkpoint",
        left=r"(?<!from an )(?<!from the )(?<!from )intermediate (?:checkpoint|model)s?" + _FAR,
    ),
    rule(
        "tokens",
        "checkpoint",
        inside=r"(?<!from an )(?<!from the )(?<!from )"
        r"(?:intermediate|中间|early|partial) ?(?:checkpoint|step"
        r"|模型|検査)|checkpoints? from earlier",
    ),
    rule(
        "tokens",
        "plan",
        left=r"\b(?:will (?:be|continue|train|soon|add|use|see|cover"
        r"|extend|include|run)|plan(?:s|ned|ning)? (?:to"
        r"|on|for)|upcoming|intend\w*"
        r"|in the future|expected to be|to be trained|coming soon|target of|roadmap)\b" + _FAR,
    ),
    rule(
        "unique_tokens",
        "pool",
        left=r"\b(?:sampl\w+|drawn|subset)\b[^.;|]{0,60}\b(?:from|of"
        r"|out of)\b[^.;|\d]{0,60}$",
    ),
    rule(
        "unique_tokens",
        "pool",
        left=r"\b(?:select\w+|filter\w+|taken|cho(?:se|osing)\w*"
        r"|extract\w+|deduplicat\w+|curated|reduced)\b[^.;|\d]{0,40}"
        r"\b(?:from|out of)\b[^.;|\d]{0,60}$",
    ),
    rule("unique_tokens", "pool", right=r"^[- ](?:token )?pool\b|^\s(?:of )?available\b"),
    rule(
        "unique_tokens",
        "pool",
        left=r"\b(?:pool|superset|raw|candidate|starting from(?! scratch)"
        r"|out of)\b" + _NEAR,
    ),
    rule(
        "unique_tokens",
        right=r"^[^.;|\d]{0,12}\b(?:in|for|per|each|one|a single) (?:1|one"
        r"|a single|each|single) ?epoch",
    ),
    rule("unique_tokens", left=r"\bunique\b" + _NEAR),
    rule(
        "batch_tokens",
        right=r"^\s?(?:as|in) (?:the |a "
        r"|one )?(?:global )?batch(?: size)?\b",
        most=5e8,
    ),
    rule("tokens", right=rf"^[^.;|。；\d]{{0,40}}(?:{_CJK_TRAIN})(?!数据|語料|语料|データ)"),
    # "over a 150B-token corpus, which it saw four times"
    rule(
        "unique_tokens",
        right=rf"^[- ]?(?:token )?{_DATA}\b[^.;|]{{0,60}}"
        rf"\b(?:epochs?|passes|twice|thrice|{_TIMES} times(?! (?:as|more|larger|fewer)))\b",
    ),
    rule(
        "unique_tokens",
        left=rf"(?:{_DATA}|\bwhich|\bit|\bthis|\bscale"
        rf"|\bsize)\b(?:(?!{TRAIN}{_VERB}|{SAW})[^.;|]){{0,60}}\b{_FINITE}\b"
        rf"(?:(?!{TRAIN}|{SAW}|totall?ing|amounting)(?:[^.;|\d]|\d[\d·,]* ?[kmgt]i?b\b)){{0,45}}$",
    ),
    rule("tokens", left=rf"(?:{TRAIN}{_VERB}|{SAW}){_FAR}"),
    rule(
        "tokens",
        right=r"^[^.;|。；]{0,50}(?:for|during|in|used (?:for|in|to)|were used|was used"
        r"|进行|から|を用い|で|の|上)"
        rf"[^.;|。；]{{0,30}}{TRAIN}{_VERB}",
    ),
    rule("tokens", right=rf"^\s?(?:\w+\s){{0,4}}{TRAIN}{_VERB}"),
    # "a 3 trillion token bilingual foundation model"
    rule(
        "tokens",
        left=r"\b(?:is|an?|our|the|this)\s(?:\w+\s)?$",
        right=r"^\s(?:[\w\-]+\s){0,4}(?:model|llm)(?!\w)",
        least=1e10,
    ),
    rule("tokens", right=r"^[^.;|,\d]{0,50}\b(?:(?:weiter|vor)?trainiert|(?:voor)?getraind)\b"),
    rule(
        "unique_tokens",
        "part",
        right=r"^[^.;|\d]{0,60}\bdata (?:sampled|drawn|taken|selected) from\b",
    ),
    rule(
        "unique_tokens",
        right=rf"^[- ]?(?:token )?(?:of "
        rf"|in )?(?:\w+ ){{0,3}}?(?:(?:pre-?)?trainin"
        rf"g )?{_DATA}",
        inside=r"data|corpus|corpora",
    ),
    rule("tokens", left=rf"{TRAIN}(?! {_DATA}){_FAR}"),
    rule("unique_tokens", left=rf"(?<![a-z]){_DATA}\b[^.;|]{{0,90}}$"),
    # "In all, 4T tokens", "The total is 8T tokens"
    rule(
        "tokens",
        left=r"(?:^\W*|[,;(]\s?|\band )(?:in (?:all|total)|altogether|overall|all told"
        r"|the (?:grand )?total (?:is|was|comes to|amounts to)"
        r"|(?:(?:for|giving|making|with|in) )?an? (?:grand )?total of|total(?:s|l?ing)(?: to)?"
        r"|add(?:s|ing) up to|that (?:is|makes))[,:]?\s(?:about |around |roughly |over |some |~)*$",
        least=1e9,
    ),
)

STEPS: Final[tuple[Rule, ...]] = (
    # "a batch of 32, 1,900 steps"
    rule("steps", "not_a_count", left=r"\bbatch(?:es)?(?: sizes?)?(?: of)?\s(?:about |~)*$"),
    rule("steps", "base_model", left=_ORIGINAL),
    rule("steps", "warmup", left=r"warm-?\s?(?:up|ed)" + r"[^.;|]{0,60}$"),
    rule("steps", "warmup", right=r"^[^.;|\d]{0,25}(?:warm-?\s?up|ウォームアップ)"),
    rule(
        "steps",
        "sampling",
        left=r"(?:using|with|in|num_inference|denois\w*|diffusion|ddim"
        r"|sampl\w+|inference|generat\w+|simple|these|following"
        r"|plms|euler|dpm\S*|lcm|turbo)\s*(?:=|:)?\s*(?:\w+ )?$",
        right=r"^\s*(?:denois|sampl|diffus|infer|ddim|plms|of (?:denois|ddim|sampl|infer))",
    ),
    rule(
        "steps",
        "sampling",
        inside=r"\b(?:plms|ddim|ddpm|euler|denoising|sampling|inference"
        r"|num_inference_steps|guidance_scale)[- ]?(?:steps?"
        r"|sampler|scheduler)",
    ),
    rule("steps", left=_THIS_AFTER, least=100),
    rule(
        "steps",
        "schedule",
        left=r"\b(?:every|after|first|last|final|at|each|initial|until"
        r"|for the next|over the first|remaining|eval\w*"
        r"|sav\w*|logg\w*|interval\w*|decay\w*|gradient accumulation|accumulat\w*)\s*(?:of "
        r"|steps? )?(?:approximately |about |~|the )*\s*$",
    ),
    rule(
        "steps",
        "schedule",
        right=r"^[^.;|\d]{0,20}(?:decay|of warm|intervals?|accumulation"
        r"|ahead)",
    ),
    rule("steps", "checkpoint", right=r"^[- ]?(?:checkpoint|ckpt)"),
    rule(
        "steps",
        "environment",
        right=r"^\s*of (?:experience|the environment|simulation"
        r"|environment)",
    ),
    rule("steps", left=rf"{TRAIN}[^.;|]{{0,140}}$", least=20),
    rule("steps", left=r"\b(?:sft|dpo|lora)\b[^.;|]{0,80}$", least=20),
    rule("steps", right=rf"^\s?(?:steps? )?(?:of |in |during )?(?:\w+ ){{0,3}}{TRAIN}", least=20),
    rule("steps", left=r"\b(?:batch(?:[- ]size)?|global batch|resumed)[^.;|]{0,140}$", least=100),
    rule(
        "steps",
        right=r"^[^.;|]{0,60}\b(?:at (?:a )?(?:batch|resolution|\d)"
        r"|with (?:an? )?(?:[\w.,]+ (?:tokens|samples|sequences) (?:a|per|in each) )?"
        r"(?:global )?batch)",
        least=100,
    ),
)

EPOCHS: Final[tuple[Rule, ...]] = (
    rule(
        "epochs",
        "schedule",
        left=r"\b(?:every|after|first|last|at|each|warm-?up|patience"
        r"|until|checkpoint|best)\b\s*(?:the )?(?:\w+ )?$",
    ),
    # "One epoch of the corpus has 500B tokens" does not say how many were made.
    rule(
        "epochs",
        "schedule",
        right=r"^\s?of\b[^.;|]{0,40}\b(?:has|is|contains?|holds?|amounts?|comprises?|equals?)\b",
        most=1.01,
    ),
    rule("epochs", "schedule", right=r"^[^.;|\d]{0,15}(?:warm|patience|decay)"),
    rule("epochs", left=rf"(?:{TRAIN}|{SAW})[^.;|]{{0,160}}$", most=5000),
    rule("epochs", left=r"\b(?:sft|dpo|orpo|kto|ppo|grpo|rlhf|lora)\b[^.;|]{0,80}$", most=5000),
    rule(
        "epochs",
        right=r"^\s?(?:over|on|of|through|with|using|passes over)\b[^.;|]{0,60}",
        most=5000,
    ),
    rule("epochs", right=rf"^[^.;|。]{{0,20}}{TRAIN}", most=5000),
    rule("epochs", right=r"^\s?(?:見る|見た|を見|学习)", most=5000),
)

HOURS_REJECT: Final[tuple[Rule, ...]] = (
    rule(
        "accelerator_hours",
        "rate",
        right=r"^[^.;|]{0,40}(?:/|\bper|\bfor (?:each|every|one"
        r"|a single)|\bto train (?:on )?(?:each|every|one"
        r"|1)\b|\bon each)"
        r"\s*(?:1\s?t\b|trillion|billion|one trillion|1 trillion|\d+b\b|epoch|token|experiment"
        r"|image|run|model|step|task)",
    ),
    rule(
        "accelerator_hours",
        "rate",
        left=r"(?:each|every|per) (?:\w+ ){0,2}(?:trillion|billion"
        r"|epoch|experiment|tokens)" + r"[^.;|]{0,60}$",
    ),
    rule(
        "accelerator_hours",
        "rate",
        inside=r"\b(?:each experiment|per trillion|every trillion"
        r"|per epoch|each trillion)",
    ),
    rule(
        "accelerator_hours",
        "part",
        right=r"^[^.;|]{0,30}\b(?:taken |used |needed "
        r"|spent )?(?:on|for) ~?\d+(?:[.·]\d+)?\s?(?:b|t"
        r"|billion|trillion) tokens",
    ),
    rule(
        "accelerator_hours",
        "other_use",
        inside=r"\b(?:generative screen|inference (?:cost"
        r"|time|took|run)|evaluation|annotat\w+"
        r"|label+ing the|data (?:generation|processing"
        r"|filtering)"
        r"|generat\w+ (?:the |our )?(?:synthetic |training )*data"
        r"|preprocess\w*|filtering|deduplicat\w*|cpu[- ](?:core[- ])?hours|spinquant"
        r"|quanti[sz]ation|synthes\w+|reserved?|budget of up)",
    ),
    # "Merging took 2 hours on a single A100."
    rule(
        "accelerator_hours",
        "other_use",
        left=r"\b(?:merging|converting|conversion|quanti[sz]ing|pruning|abliterati\w+|calibrat\w+"
        r"|imatrix|gguf|red[- ]?team\w*|scraping|crawling|indexing|transcribing|captioning"
        r"|loading|serving|(?:re)?ranking|encoding|uploading|downloading|queue\w*|up-?time|down-?time"
        r"|hyper-?parameter (?:search|sweep|tuning|optimi[sz]ation)|grid search|sweeps?"
        r"|(?:embeddings|features|activations|logits) (?:of|for|from)"
        r"|rendering|simulat\w+|decontaminat\w+|token(?:iz|is)(?:ing|ation))\b[^.;|]{0,60}$",
    ),
    rule(
        "accelerator_hours",
        "component",
        left=r"\b(?:tokeni[sz]er|(?:quality|data|filter\w*) classifier"
        r"|classifier (?:that|which|for)|(?:teacher|draft|proxy) model)\b"
        r"[^.;|]{0,60}\btrained\b[^.;|]{0,60}$",
    ),
    # "We thank the centre for 500,000 GPU hours."
    rule(
        "accelerator_hours",
        "plan",
        left=r"\b(?:thank\w*|grateful|acknowledg\w*)\b[^.;|]{0,80}\b(?:for|of)\s(?:the\s|about\s|~)*$",
        right=r"^(?![^.;|]{0,60}\btrain)",
    ),
    rule(
        "accelerator_hours", "rate", right=r"^\s(?:an?|each|every)\s(?:day|week|month|hour|query)\b"
    ),
    # "The index was built on 16 GPUs in 5 hours."
    rule(
        "accelerator_hours",
        "other_use",
        left=r"\b(?:ind(?:ex|ices)|embeddings|annotations?|captions|translations?|transcripts?"
        r"|labels|scores)\s(?:was|were|is|are|took|takes)\s(?!(?:pre-?)?train)[^.;|]{0,60}$"
        r"|\b(?:data(?:\s?sets?)?|corpus|corpora|images|videos|documents|pages|texts?)\s"
        r"(?:\w+\s){0,3}?(?:was|were|is|are)\s(?:\w+\s)?(?:translat|generat|clean|filter|annotat"
        r"|caption|collect|process|label|synthe|crawl|produc|prepar|curat|creat|rewrit|scor)\w*"
        r"[^.;|]{0,60}$",
    ),
    rule("accelerator_hours", "ablation", inside=r"\bablations?\b"),
    rule(
        "accelerator_hours",
        "family_total",
        inside=r"\b(?:entire|whole) project\b|\bin aggregate\b|\btraining all \d+\b"
        r"|\bmodels (?:and baselines|(?:reported|presented|described) in (?:the|this))\b",
    ),
    rule(
        "accelerator_hours",
        "other_use",
        left=r"\bexperiments?,? (?:in total|altogether|combined)[^.;|]{0,40}$",
    ),
    rule(
        "accelerator_hours",
        "other_model",
        left=r"\b(?:(?<!more )(?<!less )than|et al|competitors?|rivals?|predecessors?"
        r"|compared (?:to|with)|versus|vs\.?|instead of|previously required"
        r"|would (?:have )?(?:take|need|require)\w*|needed by|unlike|whereas)\b" + _FAR,
    ),
    rule(
        "accelerator_hours",
        "hypothetical",
        left=r"\b(?:can take|may take|could|would|you can|if you|assuming|for example"
        r"|one can)\b[^.;|]{0,100}$|\bup to\s(?:about |around |roughly |~)?$",
    ),
    rule(
        "accelerator_hours",
        "plan",
        left=r"\b(?:will (?:be|require|take|use)|plan(?:s|ned|ning)? (?:to|for)"
        r"|grant(?:s|ed)?|awarded|allocat\w+|applied for)\b" + _FAR,
    ),
)

HARDWARE_REJECT: Final = re.compile(
    r"\b(?:infer(?:ence|ring)?|deploy\w*|serv(?:e|ed|ing)\b|vllm|sglang|tensorrt|tgi\b|ollama"
    r"|llama\.cpp|lmdeploy"
    r"|fits? (?:in|on|into)|\boom\b|out of memory|vram|gpu (?:ram|memory|mem)|memory (?:usage"
    r"|footprint|consumption|requirement)|profil\w+|latenc\w+"
    r"|tokens?\s?(?:/|per)\s?s|per second|you (?:can|need|could|may|should)|recommend\w*|minimum"
    r"|at least \d+\s?g|hardware requirements?"
    r"|consumer|quanti[sz]\w*|in reserve|reserved?|spare|load(?:ing|ed)? (?:the )?model|locally"
    r"|tested on|can be (?:run|used|deployed)"
    r"|runs? on|running on|run (?:with|on|in)|requires? at least|max_new|speed(?:up)?"
    r"|generat\w+ (?:speed|time)|demo|example|tutorial|cuda_visible"
    r"|to (?:run(?! \d| (?:the |our |all )*experiments)|reproduce|serve|use|load)|evaluat\w*"
    r"|benchmark\w*|reduc\w+ the (?:number|cost))\b|推理|部署|显存|微调|推論|量子化|デプロイ"
)
TRAIN_CUE: Final = re.compile(TRAIN)
# What "it was trained on …" means after a sentence that says how the model was made.
CONTINUED_CUE: Final = re.compile(
    r"\bcontinu\w* (?:pre-?)?train\w* (?:of|from|on top of)|\bcontinu\w* pre-?trained from"
)

# Labels of lists and template lines, `- **Hardware Type:** A100`; the order decides.
HARDWARE_LABEL: Final = re.compile(
    r"^\W*(?:training |pre-?training |compute |computing )?(?:hardware(?: type| used)?|matériel"
    r"|gpus?"
    r"|tpus?|accelerators?|devices?|machines?"
    r"|infrastructure|compute(?: infrastructure| resources?)?|number of (?:gpus|accelerators"
    r"|devices)|硬件|训练硬件)\s?(?:\([^)]*\))?\s?[:：]"
)

STAGES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "post_training",
        re.compile(
            r"\b(?:(?:after|following|subsequent to|beyond|post-?)\s?(?:the )?pre-?train\w*"
            r"(?! (?:on|with|for) [^ ]{0,14}$)|sft\b|instruct\w*|dpo\b|rlhf\b|grpo\b|alignment\b"
            r"|rl\b|(?<!parameter )tuning\b)|fine-?\s?tun\w*|preference"
            r"|post-?train\w*|reinforcement"
            r"|chat data|微调|ファインチューニング|指示|feinabgestimmt"
            r"|ajust[eé] fin|affin[ée]|afinad|distill\w*"
        ),
    ),
    (
        "continued_pretraining",
        re.compile(
            r"\b(?:continu(?:e[sd]?|ing|al(?:ly)?|ous(?:ly)?)[- ](?:to )?(?:be )?(?:pre-?)?train\w*"
            r"|continual\w*|further(?:ed)? (?:pre-?)?train\w*|mid-?train\w*|anneal\w*"
            r"|(?:additional|extra|another|further|extended)\b[^.;|]{0,25}\b(?:pre-?)?train\w*"
            r"|long[- ]?context (?:exten|train|pre)\w*|cool-?down\b|decay (?:stage|phase)"
            r"|continuing (?:from )?\S*\d\S* (?:on|with|over|for)\b"
            r"|trained further"
            r"|(?:stage|phase)[- ]?(?:[23]|two|three|i{2,3})(?: (?:pre-?)?training)?\b"
            r"|(?:an )?(?:additional|extra|another)\s*$"
            r"|add(?:s|ed|ing)\s(?:about |around |over |~)*$"
            # "based on X-7B and trained on", "293B tokens of additional data"
            r"|(?:based on|built (?:up)?on|initiali[sz]ed (?:from|with))\s[^.;|]{0,40}?"
            r"\d(?:·\d+)?[bm][\w\-·]{0,20}(?:\s?\([^()]{0,60}\))?,? and (?:further |then )?"
            r"(?:(?:pre-)?train\w*|saw\b)"
            r"|continued (?:for|on|with|over)\b)"
            r"|^\s?of additional\b"
            r"|context[- ](?:length )?extension|(?:context|window|length)\b[^.;|]{0,20}\bextended\b"
            r"|upcycl\w*"
            r"|domain[- ]adapt\w*(?: (?:pre-?)?training)?"
            r"|second (?:(?:pre-?)?training )?stage(?: of (?:pre-?)?training)?"
            r"|第[二三]阶段|第[二三]段階"
            r"|(?:继续|增量)(?:预?训练)?|継続(?:的?な?事前学習)?|계속|追加(?:の)?事前学習|추가(?:로)?\s?(?:사전\s?)?학습"
            r"|fortgesetzt\w*|continu[ée]s? d'entra"
            r"|dilatih lanjut|pelatihan lanjut"
            r"|preentrenamiento continu|pré-treino continuad|дообуч\w*"
        ),
    ),
    (
        "pretraining",
        re.compile(
            r"\b(?:pre-?\s?train\w*|pre-?entren\w*|pré-?\s?entra\w*|vortrain\w*|vortraining"
            r"|предобуч\w*|pré-?trein\w*|pre-?addestra\w*|voorgetraind)"
            r"|from scratch|预训练|預訓練|事前学習|사전\s?학습"
        ),
    ),
)
# What follows one of these speaks of the next stage.
_NEXT = re.compile(r"\b(?:and|then|followed|before|after which|while)\b|[,;]")
_CJK = re.compile(r"[\u3040-\u9fff]")
_ALL = re.compile(
    r"\b(?:full training|in total|total|overall|cumulative|entire (?:training|project)"
    r"|altogether)\b"
)


def stage(left: str, right: str, heading: str = "") -> str | None:
    """The part of the training a number is about: the last word before it that tells, else after.

    Arguments are lower case. None where neither the sentence nor its heading says.
    """
    best: tuple[int, int, str] | None = None
    for order, (name, pattern) in enumerate(STAGES):
        for match in pattern.finditer(left):
            key = (match.end(), -order, name)
            if best is None or key > best:
                best = key
    if best is not None:
        return best[2]
    near = right[:60] if _CJK.search(right[:40]) else _NEXT.split(right[:100], maxsplit=1)[0]
    return _named(near) or _named(_NAMES.sub(" ", heading))


# A heading `Orca-7B-Instruct` names a model, not a stage of its training.
_NAMES = re.compile(
    r"(?<!\S)(?!stage|phase)(?:\S*[a-z]\S*\d|\S*\d\S*[a-z])\S*"
    r"|[\w.]+-(?:instruct|sft|dpo|rlhf|rl)\b\S*|\binstruct\b(?! ?-?tun)"
)


@lru_cache(maxsize=4096)
def _named(text: str) -> str | None:
    """The first stage that a heading or a few words name."""
    return next((name for name, pattern in STAGES if pattern.search(text)), None)


_PURPOSE = re.compile(r"\bfor (?:the )?(?:continu\w+|further|additional) (?:pre-?)?train\w*")


def for_continued(sentence: str) -> bool:
    """Whether a sentence ends in saying that what it speaks of served continued pre-training."""
    return _PURPOSE.search(sentence) is not None


# "It is smaller than the other and was trained on …": what follows is no comparison.
_CLAUSE = re.compile(r"\b(?:and|which|that) (?=(?:was|were|is|are|has been) )")


def clause(left: str) -> str:
    """The words before a number from where its own clause begins, after a comparison."""
    return _CLAUSE.split(left)[-1]


def covers_all(sentence: str) -> bool:
    """Whether a sentence speaks of the whole training."""
    return _ALL.search(sentence) is not None

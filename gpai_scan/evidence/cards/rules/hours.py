"""Why hours of accelerators are not those of the run that made the model."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.cards.rules.rule import Rule, rule
from gpai_scan.evidence.cards.rules.words import FAR

_ALL_OF_THEM: Final = (
    r"(?:all|both)\s(?:of\s)?(?:the\s|our\s|these\s)?(?:\w+\s)?"
    r"(?:sizes|models|variants|members|versions|checkpoints)\b"
)

# "a grant of 3M hours, of which we used 1.2M": what was used was trained with.
_UNUSED: Final = r"(?:(?!\bused\b)[^.;|]){0,140}$"

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
        inside=r"\b(?:entire|whole) (?:[\w\-·]+ )?(?:project|family|suite|series|collection)\b"
        r"|\bin aggregate\b|\btraining all \d+\b"
        r"|\bmodels (?:and baselines|(?:reported|presented|described) in (?:the|this))\b",
    ),
    # "1.2 million GPU hours to train all sizes", "Training both models took 96,000 GPU hours."
    rule(
        "accelerator_hours",
        "family_total",
        right=rf"^[^.;|]{{0,40}}\b(?:train(?:ing)?|for|across|over)\s{_ALL_OF_THEM}",
    ),
    rule("accelerator_hours", "family_total", left=rf"\btraining\s{_ALL_OF_THEM}[^.;|]{{0,60}}$"),
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
        r"|would (?:have )?(?:take|need|require)\w*|needed by|unlike|whereas)\b" + FAR,
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
        r"|grant(?:s|ed)?|awarded|allocat\w+|applied for)\b" + _UNUSED,
    ),
)

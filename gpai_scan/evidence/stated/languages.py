"""Phrases before what a model was made from, in languages other than English."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.stated.phrase import Phrase, phrase
from gpai_scan.evidence.stated.words import NEXT

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        r"""\b(?:basado|basada|basados|construid[oa]|entrenado\sa\spartir|ajustado\sa\spartir
        |derivado|baseado|baseada|basata|basato|basée?|basiert|affinée?|ajustado|fondée?)\s
        (?:en|de|sobre|em|su|sur|auf|à\spartir\sde|a\spartir\sde)\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:cuantizad|quantifi|quantisiert|quantizzat|quantizad)\w*(?:\s?\([^()]{0,40}\))?\s(?:\w+\s){0,2}?
        (?:de|do|da|del|du|para|pour|von|für|di)\b""",
        "quantized",
    ),
    phrase(
        r"""\b(?:version\saffinée|versión\s(?:afinada|ajustada)|versão\s(?:afinada|ajustada)
        |versione\s(?:affinata|ottimizzata)|ajuste\sfino|affinage|feinabgestimmte\s(?:version|variante)
        |(?:version|versión|versão|versione)\sfine-?tuned)(?:\s(?:con|avec|com|mit|in|en|al|à|au|ao|für)\s\w+)?\s(?:de|del|di|do|du|von)\b""",
        "finetune",
    ),
    phrase(r"\bдообученн\w+\s(?:верси\w+|вариант\w*)(?:\sмодели)?\s", "finetune", strong=False),
    phrase(
        r"""\b(?:affinage|affinement|ajustement|ajuste|ajustamento|afinamiento|afinação|afinamento|affinamento|feinabstimmung
        |feintuning|fine-?\s?tuning|finetuning)\s(?:\w+\s){0,2}?(?:d['’]|(?:de|del|della|di|do|da|du|des|von|vom|sur|su|sobre|em)\s)
        (?:(?:modèle|modelo|modello|modell)\s)?\W{0,2}"""
        + NEXT,
        "finetune",
        strong=False,
    ),
    phrase(
        r"""(?:\b(?:partiendo|parte|a\spartir|partendo)\s(?:de|del|do|da|dal|d['’])|\bà\spartir\s(?:de|du|d['’])
        |\bausgehend\svon|\bauf\s(?:der\s)?(?:basis|grundlage)\s(?:von|des)|\baufbauend\sauf|\bissue?s?\s(?:de|du|d['’])
        |\b(?:derivad|derivat|dérivé|abgeleitet|obtenid|ottenut|obtenu)\w*\s(?:de|da|do|di|du|von|aus))""",
        None,
        strong=False,
    ),
    phrase(
        r"\b(?:дообучени|дообучением|файнтюн\w*|квантовани\w*|дистилляци)\w*\s(?:модели\s|на\s)?",
        "finetune",
        strong=False,
    ),
    phrase(r"\bwurden?\saus\b", None, strong=False),
    phrase(
        r"\b(?:est|es|é|ist|è)\s(?:un|une|una|um|uma|ein|eine)\s(?:modèle|modelo|modello|modell)\s(?=\S)",
        "finetune",
        strong=False,
        tail=r"^\W{0,3}(?:affiné|fine-?tun|afinad|ajustad|affinat|feinabgestimmt|feinjustiert)",
    ),
    phrase(
        r"\b(?:feinjustiert|feinabgestimmt|affiné|afinado|ajustado|affinato)\s(?:von|aus|de|da|du|di)\b",
        "finetune",
    ),
    phrase(
        r"(?:основан|дообучен|обучен)\w*\s(?:\w+\s){0,2}?на\s(?:основе\s|базе\s)?|\bна\s(?:основе"
        r"|базе)\b",
        None,
        strong=False,
    ),
)

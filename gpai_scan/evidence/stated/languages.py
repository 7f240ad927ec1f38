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
    phrase(
        r"""\b(?:gebaseerd|voortgebouwd|doorgetraind|bouwt\svoort|baserad|baserat|baseret|basert|bygger|bygget|byggd|bygd)\s
        (?:\w+\s){0,2}?(?:op|vanaf|på|ovanpå|oppå|videre\spå)\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:vidaretränad|finjusterad|videretrent|finjustert|fintrent|videretrænet|finjusteret|doorgetraind|getraind|fijnafgestemd)\s
        (?:\w+\s){0,2}?(?:från|fra|ut\sifrån|vanaf|vanuit)\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:fine-?\s?tuned|finetuned|gefinetunede|verfijnde|fijnafgestemde|finjuster\w+|fintränad\w*|fintrent)\s
        (?:versie|variant|versjon|utgave|udgave)\s(?:van|av|af)\b""",
        "finetune",
        strong=False,
    ),
    phrase(
        r"""\b(?:na\sbazie|na\spodstawie|opart[yae]\sna|bazuje\sna|dostrojon\w+\swersj\w+|založen\w*\sna|vychází\sz
        |na\száklad[ěe]|odvozen\w*\s(?:z|od)|temelji\s(?:se\s)?na|zasnovan\w*\sna|baziran\w*\sna|bazat[ăe]?\spe|pornind\sde\sla
        |doladěn\w+\sverz\w+|(?:perustuu|pohjautuu)(?:\s\w+)?)\s(?:modelu\s|modela\s|modelului\s|malliin\s)?(?=\S)""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:berdasarkan|berbasis|berasaskan|dibangun\sdi\satas|turunan\sdari
        |(?:dilatih|dikembangkan|disempurnakan|disesuaikan|dituning|di-fine-tune)\s(?:\w+\s){0,2}?(?:dari|daripada)
        |(?:versi|hasil)\s(?:[\w-]+\s){0,3}?(?:dari|daripada))\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:dựa\strên|tinh\schỉnh\s(?:từ|trên)|xây\sdựng\s(?:từ|trên)|huấn\sluyện\s(?:\w+\s){0,3}?(?:từ|trên\snền)
        |phát\striển\stừ|phiên\sbản\s[^.;:]{0,40}?(?:của|từ))\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""(?:مبني\w*\sعلى|(?:يعتمد|تعتمد|يستند|بالاعتماد)\s(?:على|إلى)|استناد\w*\sإلى|بناء\w*\sعلى|نسخة\s[^.؛:]{0,40}?من|مشتق\w*\sمن
        |بر\s?پایه\W{0,2}ی?|بر\sاساس|مبتنی\sبر|بر\sمبنای|נוצר\sמ|מבוסס\w*\sעל|על\sבסיס|גרסה\s[^.;:]{0,40}?של)
        \s(?:نموذج\s|مدل\s|מודל\s|המודל\s)?(?=\S)""",
        None,
        strong=False,
    ),
    phrase(
        r"""(?:\bна\s(?:основі|базі)|\bбазиран\w*\sна|\bдонавчен\w*\s(?:на|з|від)|βασίζεται\s|βασισμέν\w+\s|στηρίζεται\s
        |พัฒนา(?:ต่อยอด)?(?:มา)?จาก|ปรับแต่ง(?:มา)?จาก|อิงจาก|บนพื้นฐานของ|ต่อยอด(?:มา)?จาก)
        (?:(?:πάνω\s)?σ(?:ε|το|τα|τη|την)\s)?(?:\s?(?:моделі|модела|μοντέλο|โมเดล)\s?)?""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:version|versión|versão|versione|versió)\s(?:[\w-]+\s){0,2}?(?:de|del|do|da|di|du|dei|d['’])""",
        None,
        strong=False,
        tail=r"""^\W{0,3}(?:spécialis|specializz|especializ|affin|afin|ajust|adatt|adapt|optimis|ottimizz|otimiz|entren|entraîn|trein|addestr|instru|fine-?tun)""",
    ),
    phrase(
        r"""\bcontin\w+\s(?:\w+\s){0,2}?(?:pre-?|pré-?)?(?:entrenamiento|treinamento|treino|entraînement|addestramento)\s
        (?:de|del|do|da|di|du|d['’]|des)\b""",
        "continued_pretraining",
        strong=False,
    ),
    phrase(
        r"""\b(?:lora|адаптер|adaptador|adaptateur|adattatore|adapter|adaptér)\w*\b[^.;:]{0,30}?\s
        (?:для|para|pour|für|per|voor|till|til|dla|pro|untuk|cho)\b""",
        "adapter",
        strong=False,
    ),
    phrase(
        r"\bauf\s(?:dem\s|der\s)?(?=\S)",
        None,
        strong=False,
        tail=r"^(?:\s(?:modell|basismodell))?\s(?:auf)?(?:aufbau|basier|beruh)\w*",
    ),
    phrase(r"\b(?:basat|basada|construït)\s(?:en|sobre)\b", None, strong=False),
    phrase(
        r"(?:за\sоснову\s(?:\w+\s){0,2}?(?:взят|использ)\w*|в\sоснове\s(?:\w+\s)?лежит)\s(?:модель\s)?",
        None,
        strong=False,
    ),
    phrase(r"انطلاق\w*\sمن\s(?:نموذج\s)?", None, strong=False),
)

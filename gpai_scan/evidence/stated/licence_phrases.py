"""The words by which cards state a licence, and what tells of a model, code or data."""

from __future__ import annotations

import re
from typing import Final

ANY_KEY: Final = (
    r"(?:(?:model\s|weights\s){0,2}licen(?:[sc]|[sc]e[sc]|e[sc])es?"
    r"(?:\s?\(s\)|\s(?:for|of)\s(?:the\s)?(?:\w+\s)?(?:weights|models?|checkpoints?))?|许可证|许可协议"
    r"|开源协议|协议|模型许可|ライセンス|라이선스|라이센스|lizenz|licencia|licença|licenza|лицензия"
    r"|licentie|lisens(?:i|si)?|licens|licencja|licencí?|lisans|licență|llicència|ліцензія|giấy\sphép|الترخيص|رخصة|مجوز|רישיון|άδεια)"
)
KEY: Final = re.compile(ANY_KEY, re.IGNORECASE)
"""The label of a licence."""
FIELD: Final = re.compile(
    rf"^[\s>*+•-]*(?:[^\w\s\[(<|]{{1,3}}\s{{0,2}})?(?P<key>{ANY_KEY})\s*(?:\[optional\]|\(optional\))?\s*(?:[:：]|[—–]\s)\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
WEIGHTS: Final = re.compile(
    r"^[\s>*+•-]*(?:(?:all\s)?(?:code|data|scripts?)\s?(?:and|&|/|,)\s?)?(?:the\s)?(?:model|weights"
    r"|checkpoints?|models|model\s(?:weights|card))(?:\s?(?:and|&|/)\s?(?:code|data|scripts?))?\s*:\s*"
    r"(?P<value>\S[^;,|]{1,60})",
    re.IGNORECASE,
)
"""`Weights: CC BY 4.0`, where the value is a licence everybody knows."""
HEADING: Final = re.compile(
    r"^\W*(?:\d+[.)]?\s*)?(?:model\s|weights\s)?(?:licen(?:[sc]|[sc]e[sc]|e[sc])(?:e|es|ing)(?:\s(?:agreement"
    r"|information|and\s[\w\s]{3,30}|&\s[\w\s]{3,30})|\s?/\s?[\w\s]{3,30})?|许可证|许可协议|使用协议|开源协议|协议|ライセンス|라이선스|라이센스"
    r"|lizenz|licencia|licença|licenza|лицензия|licentie|lisens(?:i|si)?|licens|licencja|lisans|licență|llicència|ліцензія|giấy\sphép|الترخيص|رخصة|مجوز|רישיון|άδεια)\W*$",
    re.IGNORECASE,
)
UNDER: Final = re.compile(
    r"\b(?:(?:re)?licen[sc]ed|releas\w+|distribut\w+|available|publish\w*|provid\w+|open-?sourc\w+"
    r"|shar(?:ed|ing)|cover\w*|govern\w*|subject|offer\w*|us(?:e|ed|age)|made|comes?|is|are"
    r"|fall\w*|bound)"
    r"(?:\s(?!not\b)[\w-]+){0,6}?\s(?:under|with|by|to|through|from|in accordance with"
    r"|adherence to|per)\s(?:(?:the|a|an|both|its|our|their|terms|conditions|of|same|permissive"
    r"|open|licen[sc]e|following|:)\s){0,6}"
    r"|\b(?:is|are)\s(?:all\s|fully\s|also\s)?(?=(?:MIT|Apache|CC[\s-]BY|CC0|BSD|A?L?GPL|OpenRAIL|Creative\sCommons)\b)"
    r"|\b(?:its|the|our|model|models?['’]s?|weights['’]?)\slicen[sc]e\s(?:(?:of|for)\s(?:the\s|this\s)?(?:\w+\s){1,3}?)?(?:is|remains)"
    r"\s(?:(?:the|a|an)\s)?|\blicen[sc]ed\s(?=(?-i:[A-Z]))"
    r"|\bwith\s(?:an?|the)\s(?=\[[^\]]{3,60}licen[sc]e)"
    r"|\b(?:adher\w+\sto|comply\swith|abide\sby|requires\sadherence\sto|follow(?:s)?|inherits?"
    r"|adopts?|uses?|has|have|carr(?:y|ies))\s(?:(?:the|a|an|both|terms|of|permissive)\s){0,4}"
    r"|\b(?:está|están|se publica|se distribuye|publicado|disponible"
    r"|licenciad\w+)\s(?:\w+\s){0,3}?(?:bajo|con)\s(?:(?:la|el|los|términos|de|licencia)\s){0,4}"
    r"|\b(?:rilasciat|distribuit|disponibil|pubblicat)\w*\s(?:\w+\s){0,2}?(?:con|sotto)\s(?:(?:la|una|licenza)\s){0,3}"
    r"|\b(?:sous|soumis\w*\sà|distribué\w*\ssous|régi\w*\spar)\s(?:(?:la|le|les|l'|licence|termes"
    r"|de)\s?){0,5}"
    r"|\b(?:unter|steht\sunter|lizenziert\sunter|veröffentlicht\sunter)\s(?:(?:der|den|dem|die"
    r"|einer|lizenz|bedingungen)\s){0,3}"
    r"|\b(?:sob\s(?:a\s)?(?:licença\s)?|под\s(?:лицензией\s)?)",
    re.IGNORECASE,
)
CJK_UNDER: Final = re.compile(
    r"(?:采用|遵循|使用|基于|依据|遵守|按照|以|需要遵循|和|及|、)\s?(?:the\s)?(?=[\[《A-Z])"
)
JAPANESE: Final = re.compile(
    r"(?=[\[《A-Z「])(?P<name>\[[^\[\]]{2,120}\]\s?\([^()\s]{0,400}\)|《[^《》]{2,60}》"
    r"|[A-Z][\w. -]{2,60}?)\s?"
    r"(?:ライセンス)?\s?(?:に(?:基づ|従|準拠)|の(?:下|もと)で?|で(?:公開|提供|ライセンス|配布)|を(?:採用|適用|継承)|(?:라이선스|라이센스)(?:로"
    r"|를|\s?하에|에 따라))"
)
CJK_IS: Final = re.compile(r"(?:ライセンスは|라이선스는|라이센스는)\s?(?=[\[《A-Z「])")
CJK_AFTER: Final = re.compile(
    r"^\s?(?:许可证|许可协议|许可|协议|授权|开源|进行授权|License|ライセンス|라이선스|라이센스)"
)
PROPER: Final = re.compile(
    r"\(?(?:\[(?P<link>[^\[\]]{2,120})\]\s?\(\s?(?P<url>[^()\s]{0,400}(?:\([^()\s]{0,60}\)[^()\s]{0,60})?)(?:\s[^()]{0,80})?\)"
    r"|(?P<zh>《[^《》]{2,60}》)"
    r"|(?P<bare>(?:[\"“'(]\s?)?(?:[A-Z0-9][\w.+-]*|CC|of|for|and|the|v\d[\d.]*|version"
    r"|\d(?:\.\d)?)(?:,?[\s-](?:[A-Z0-9][\w.+()-]*|of|for|and|the|version|v\d[\d.]*|license"
    r"|licence|agreement|terms|community)){0,10}))"
)
WHOLE: Final = re.compile(
    r".*?(?:licen[sc]e|agreement|terms)(?:,?\s(?:Version\s|v)?\d(?:\.\d)?|\sAgreement)?(?=\W|$)",
    re.IGNORECASE,
)
VERSIONED: Final = re.compile(
    r".*?(?:\d\.\d|\bMIT|OpenRAIL(?:-\w+)?)(?:,?\s(?:Version\s|v)?\d(?:\.\d)?)?(?=\W|$)",
    re.IGNORECASE,
)
NAMED: Final = re.compile(
    r"licen[sc]e|agreement|terms|apache|\bmit\b|\bcc\b|\bcc-?by|creative commons|gpl|openrail"
    r"|\brail\b|\bbsd|许可|协议|ライセンス|public domain|cc0|unlicense|\bapl\b|odc|openmdw"
    r"|\battribution\b|\b(?:eupl|mpl|epl|artistic|wtfpl|isc|zlib|afl|osl|ofl|ms-pl|ncsa|pddl|odbl|cdla)\b",
    re.IGNORECASE,
)
OF_MODEL: Final = re.compile(
    r"(?<![\w-])(?:model|models|weights?|checkpoints?|parameters|series|artifacts?|llm|adapters?|lora|gguf"
    r"|\w*[A-Za-z]-?\d+(?:\.\d+)?b)\b|模型|权重|モデル|重み|모델|가중치|modelos?|modell|modèles?|poids|pesos|модел|веса",
    re.IGNORECASE,
)
OF_OTHER: Final = re.compile(
    r"\b(?:source\s?code|code\s?(?:base|repo\w*)?|codes|scripts?|repositor(?:y|ies)|github"
    r"|datasets?|data|corpus|documentation|software|librar(?:y|ies)|images?|benchmark|paper"
    r"|tokenizer|demo|implementation|components?|third-party|dependenc(?:y|ies)"
    r"|packages?|portions)\b"
    r"|代码|源码|数据集|数据|コード|データ|코드|데이터"
    r"|código|datos|données|code source|dados|исходн\w+ код",
    re.IGNORECASE,
)
IS: Final = re.compile(r"(?:is|are)\s(?:all\s|fully\s|also\s)?", re.IGNORECASE)
BARE_IS: Final = re.compile(r"^\W*[A-Z]\S*(?:\s\S+){0,2}\s(?:is|are)\s(?:all\s|fully\s|also\s)?$")
SKIP: Final = re.compile(
    r"\b(?:(?<!non-)(?<!non)commercial licen[sc]e|permissive licen[sc]es?"
    r"|licen[sc]ed material|copyrighted|licen[sc]ed data|derivative of \[|(?<!be )used under"
    r"|base model(?:'s)? (?:licen|is)|original licen[sc]e of|if you|you may not use"
    r"|\bthe (?:first|second|former|latter|other) (?:one )?(?:was|is|were)|additional weights"
    r"|in compliance with|see the licen[sc]e for|apply for|dual)\b",
    re.IGNORECASE,
)
WORD: Final = re.compile(r"licen[czs]|lizenz|лиценз|ライセンス|라이선스|라이센스", re.IGNORECASE)
FIELDLESS: Final = re.compile(
    r"^\W*licen[sc]ed?\s(?P<value>(?-i:[A-Z])[\w. -]{1,30})\W*$", re.IGNORECASE
)
FIELD_END: Final = re.compile(
    r"[|;]|\.\s|\s\((?:see|full|text)\b|, (?:see|which)|\s(?:is\s)?available\b|\s?:?\shttps?:|\)\s"
)
SENTENCE: Final = re.compile(
    r"^(?:see|please|same|this|inherit)|\b(?:is|are|was|were|being|needed|would|located)\b",
    re.IGNORECASE,
)
MEMBER: Final = re.compile(
    r"[\s>*+•-]*(?:\[(?P<link>[^\[\]]{2,80})\]\([^()\s]{1,300}\)|(?P<name>[A-Za-z][\w./ -]{1,60}?))"
    r"[\s*`]*(?:[:：]|[–—]\s|\|)\s*"
    r"(?P<value>\S.{1,80})$"
)
"""`[Orca-7B](…): MIT`, an item below a heading about licences."""
OF_THIS: Final = re.compile(
    r"\W*(?:(?:this|these|our|the)\s(?:model|models|weights|checkpoint|repository|repo|adapter|release)\b|it\s|we\s)",
    re.IGNORECASE,
)
"""A sentence about the card's own model, whatever else it names."""
TOLD: Final = re.compile(
    r"\b(?:is|are)\s(?:\w+ly\s)?(?:licensed|licenced|released|distributed)\b", re.IGNORECASE
)
"""The value of a field that is a sentence of its own."""

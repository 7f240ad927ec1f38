"""Phrases before what a model was made from that do not tell how."""

from __future__ import annotations

from typing import Final

from gpai_scan.evidence.stated.phrase import Phrase, phrase
from gpai_scan.evidence.stated.words import NEXT, OTHER_THING

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        r"""(?:\b(?:is|are|was|were|been|models?|and|variants?|architecture|llm|developed\sby|\w\)|(?:[\w.-]*-)?\d[\w.-]*)\s|[,(;:)]\s?|\s[–—-]\s)
        (?:both\s|all\s|primarily\s|further\s|also\s|mainly\s|\w+ly\s)?
        (?:(?:built|based|builds?|developed|building|constructed|created)\s(?:directly\s|\w+ly\s)?
        (?:(?:up)?on\stop\sof|upon|on|off|from|around)
        |trained\s(?:directly\s|\w+ly\s)?(?:on\stop\sof|off|from))\b""",
        None,
        strong=False,
        without=OTHER_THING,
    ),
    phrase(r"^\W{0,4}(?:built|based)\s(?:(?:up)?on(?:\stop\sof)?|from)\b", None, strong=False),
    phrase(
        r"""\b(?:initiali[sz]ed?|bootstrapped|seeded|warm-started|start(?:ed|ing|s)?)
        (?:\s[\w-]+){0,3}?\s(?:from|with|using|by)\b""",
        None,
        strong=False,
        without=r"\b(?:names?|files?|titles?|tags?|identifiers?|paths?|lines?)\s(?:are\s|all\s)?$",
    ),
    phrase(
        r"""\b(?:derivative|descendant|successor|fork|abliteration|modification|copy|re-?upload
        |mirror|(?:abliterated|uncensored)\sversion)\s(?:work\s)?of\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:the|our|its|as)\s(?:base|original|foundation|foundational|backbone|underlying
        |parent|source|starting|student)\s(?:language\s|llm\s)?(?:model|llm|checkpoint|lm|backbone)
        \s?(?:is|was|used\sis|used\swas|being|we\sused\sis|:|\()""",
        None,
    ),
    phrase(
        r"""\b(?:is|was|are|as)\s(?:an?\s|the\s|our\s)(?:[\w-]+\s){0,3}?
        (?:extension|expansion|enhancement|adapt(?:at)?ion)\s(?:of|to)\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:based|built|trained|developed)\s(?:\w+\s){0,2}?(?:up)?on\s(?:the\s)?
        (?:[\w-]+\s){0,2}?(?:weights|checkpoints?)\s(?:of|from)\b""",
        None,
    ),
    phrase(
        r"""\b(?:is|was|were|are|been)\s(?:first\s|further\s|\w+ly\s)?
        (?:initiali[sz]ed|warm-started|bootstrapped)\sfrom\b""",
        None,
    ),
    phrase(r"\bstarting\s(?:point|model|checkpoint)\s(?:is|was|being|:)", None),
    phrase(
        r"""\b(?:we|i)\s(?:\w+ly\s)?(?:take|took|extend(?:ed)?|expand(?:ed)?)\b
        (?=.{3,160}?\b(?:and|then)\s(?:then\s)?(?:(?:further|continu\w+)\s)?
        (?:pre-?\s?train|fine-?\s?tune|train)(?:ed)?\sit\s(?:on|with|for)\b)""",
        None,
        tail=r"^[\s,]*(?:(?:and|then|with|by|from|to|on|models?|checkpoints?|weights)\b|\()",
    ),
    phrase(r"\bbuilds\s(?:directly\s)?(?:up)?on(?:\stop\sof)?\b", None, strong=False),
    phrase(
        r"""\b(?:vision|image|visual|audio|speech)\s(?:encoder|tower|backbone)\b.{0,120}?\b(?:with|and|to)\s
        (?:(?:the|a|an)\s)?(?:(?:large\s)?(?:language\smodel|llm|text\sdecoder|decoder)\W{1,3})?"""
        + NEXT,
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:initiali[sz]ed?|initiali[sz]ing|start(?:ed|ing|s)?|bootstrapped|built|trained|continu\w+|copied
        |resum\w+)\s(?:[\w-]+\s){0,2}?(?:from|with|using|on)\s
        (?:the\s|its\s|an?\s|all\s)?(?:[\w-]+\s){0,3}?(?:layers|weights|checkpoints?|parameters|encoder|decoder|blocks)\s(?:of|from)\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:the|our|its|whose)\s(?:base|underlying|backbone|language|text|llm|foundation|pre-?trained)\s
        (?:(?:language|text)\s)?(?:encoder|decoder|backbone|network|transformer|llm|model)\s(?:is|was)
        (?:\s(?:initiali[sz]ed|taken|loaded|started)\s(?:from|with))?\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\boriginal\s(?:[\w-]+\s){0,3}?(?:model|weights|checkpoint)s?\s
        (?:can\sbe\sfound|(?:is|are)\s(?:available|at|on|here)|(?:is|are))(?:\s(?:at|on|in))?\b""",
        None,
        strong=False,
    ),
    phrase(r"\bstart(?:s|ed)\s(?:life\s|out\s|off\s)?as\b", None, strong=False),
    phrase(
        rf"\bextends\s{NEXT}",
        None,
        strong=False,
        tail=r"^\s(?:by|with|via|through)\b",
        without=OTHER_THING,
    ),
    phrase(
        r"\b(?:long-context|extended|context-extended|longer-context)\s(?:version|variant)\sof\b",
        None,
        strong=False,
    ),
    phrase(r"\b(?:began|begin|begun|begins)\s(?:with|from)\b", None, strong=False),
    phrase(
        r"\b(?:takes|took|take)\b",
        None,
        strong=False,
        tail=r"""^(?:\s?\([^()]{0,120}\))?[\s,]*(?:and\s|,\s?)(?:then\s)?(?:\w+ly\s)?(?:teach|taught|train|fine-?tun|finetun|adapt|extend|align|tun|distill?|prun
        |continu|speciali[sz])\w*""",
    ),
    phrase(
        r"\b(?:obtained|produced|created|made|results?|resulting|resulted)\s(?:directly\s)?from\b",
        None,
        strong=False,
        tail=r"^\s?(?:via|by|through|with|using|after)\b",
    ),
    phrase(
        r"\b(?:integrat|load|copi|transferr|plac)\w*\s(?:the\s)?(?=\S)",
        None,
        strong=False,
        tail=r"^\s(?:weights|layers|parameters)\sinto\sthe\s(?:[\w-]+\s){0,3}?(?:layers|model|network|blocks|experts)\b",
    ),
    phrase(r"\bderiv(?:es|ing)\s(?:\w+ly\s)?from\b", None, strong=False),
    phrase(
        r"""(?:\b(?:further|we|that|which|and|it|model)\s(?:\w+\s)?extend(?:s|ed)?|\bby\sextending)\s(?:the\s|its\s)?(?:context|vocabulary|capabilit\w+|abilit\w+)(?:\s(?:length|window|size))?\sof\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:we|i)\s(?:built|build|developed|trained|created|based|derived)\s(?:\S+\s){1,6}?
        (?:on\stop\sof|upon|from|on\sthe\sbasis\sof)\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:adapted|speciali[sz]ed|extended|tuned)\s(?:to|for|towards)\s(?:[\w-]+\s){1,7}?from\b""",
        None,
        strong=False,
    ),
    phrase(
        r"""\b(?:derived|developed|modified)\b
        (?:\s(?:further|directly|it|them|using|by|via|with|\w+ly|models?|and\s\w+)){0,3}?\s
        (?:from|on\stop\sof|over|starting\s(?:from|with))\b""",
        None,
        without=OTHER_THING,
    ),
    phrase(
        r"\b(?:extended|expanded|adapted|enhanced|upgraded|scaled\sup)\s(?:\w+\s)?from\b",
        None,
        strong=False,
    ),
    phrase(
        r"\b(?:model|checkpoint|llm)\s(?:that\s)?it\s(?:builds|is\sbuilt|is\sbased)\s(?:up)?on\sis\b",
        None,
        strong=False,
    ),
    phrase(r"\bbuilt\s(?:with|using)\b", None, strong=False, tail=r"(?!)", without=OTHER_THING),
    phrase(
        r"\b\w{4,}ed\s(?:[\w-]+\s){0,2}?(?:version|variant|edition)\sof\b",
        None,
        strong=False,
        without=OTHER_THING,
    ),
    phrase(
        r"\binitiali[sz]ed\s(?:with|from|using)\s(?:the\s)?(?=\S)",
        None,
        tail=r"^\s(?:weights|checkpoints?|parameters)\b",
    ),
    phrase(r"\binitial\s(?:model|checkpoint)\s(?:is|was|being|:)", None, strong=False),
)

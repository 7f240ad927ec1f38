"""Members of a family in lists: `BASE for TASK: link` below a heading about fine-tuned models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gpai_scan.evidence.stated import names
from gpai_scan.evidence.stated.statement import Statement
from gpai_scan.evidence.stated.words import rx

_ITEM: Final = re.compile(r"[ \t]*[-*+•][ \t]+")
_FOR: Final = rx(r"[\s\t*`]*(?:for|on|para|pour|für|per|-|–|→)\s[^:|]{2,60}[:|(]")


def read(sentence: str) -> Iterator[Statement]:
    """The base of the member an item links to, below a heading about fine-tuned models."""
    item = _ITEM.match(sentence)
    base = names.at(sentence, item.end()) if item else None
    if base is None or not _FOR.match(sentence, base.end):
        return
    members = [n for n in names.every(sentence, base.end, len(sentence)) if n.linked]
    if len(members) == 1 and members[0].text != base.text:
        labels = (members[0].text.rpartition("/")[2],)
        span = (base.start, base.end)
        yield Statement(
            "base_model", base.text, *span, labels=labels, linked=base.linked, strict=True
        )
        yield Statement("relation", "finetune", *span, labels=labels, strict=True, base=base.text)

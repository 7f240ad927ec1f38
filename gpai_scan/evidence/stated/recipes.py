"""Bases in the settings of a merge or a training run that a card shows inside a fence.

A recipe of a merge names its parents below `models`, `slices` or `sources` and most often a
`base_model`; settings of a training run name the `base_model` they began with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gpai_scan.evidence.stated.statement import Statement

WORDS: Final = ("base_model:", "merge_method", "layer_range")
"""What settings hold, in lower case; a piece without one is not looked at."""
_NAMED: Final = re.compile(
    r"(?m)^[ \t]*(?:-[ \t]+)?(?P<key>base_model|model)[ \t]*:[ \t]+[\"']?"
    r"(?P<id>[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})[\"']?[ \t]*(?:#.*)?$"
)
_MERGED: Final = re.compile(r"(?m)^[ \t]*(?:-[ \t]+)?(?:merge_method|slices|layer_range)[ \t]*:")
_TRAINED: Final = re.compile(
    r"(?m)^(?:sequence_len|micro_batch_size|num_epochs|gradient_accumulation_steps|model_type"
    r"|tokenizer_type|load_in_[48]bit|sample_packing|adapter|lora_r)[ \t]*:"
)
_FENCE: Final = re.compile(r"(?m)^[ \t>]{0,12}(?:```|~~~)")


def read(piece: str, *, in_code: bool) -> Iterator[Statement]:
    """Statements of the settings of a piece, positions within the piece.

    `in_code` tells whether the piece begins inside a fence.
    """
    merged = _MERGED.search(piece) is not None
    if not merged and not _TRAINED.search(piece):
        return
    relation = "merge" if merged else "finetune"
    found: set[str] = set()
    for match in _NAMED.finditer(piece):
        fences = sum(1 for _ in _FENCE.finditer(piece, 0, match.start()))
        of_run = merged or match["key"] == "base_model"
        if (fences % 2 == 1) == in_code or not of_run or match["id"].lower() in found:
            continue
        found.add(match["id"].lower())
        span = match.span("id")
        yield Statement("base_model", match["id"], *span, linked=True)
        yield Statement("relation", relation, *span, base=match["id"])

"""The card reader against many ways of wording a figure, and against what only looks like one.

`card_wordings.jsonl` holds one wording a line: the text, the name of the repository whose card it
is, a quantity and the values that must be read for it, none where the text does not state it. The
wordings are of our own making, in the habit of a kind of card: lists of a laboratory, tables of a
family, prose of a derivative, other languages.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import reading

WORDINGS: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__)
    .with_name("card_wordings.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
STATED = [wording for wording in WORDINGS if wording["values"]]
UNSTATED = [wording for wording in WORDINGS if not wording["values"]]


def read(wording: dict[str, Any]) -> list[float | str]:
    return reading.used(wording["text"], wording["repo_id"]).get(wording["quantity"], [])


def named(wording: dict[str, Any]) -> str:
    return f"{wording['quantity']}: {wording['text'][:60]}"


@pytest.mark.parametrize("wording", STATED, ids=named)
def test_what_a_wording_states(wording: dict[str, Any]) -> None:
    assert read(wording) == pytest.approx(wording["values"])


@pytest.mark.parametrize("wording", UNSTATED, ids=named)
def test_what_a_wording_does_not_state(wording: dict[str, Any]) -> None:
    assert read(wording) == []

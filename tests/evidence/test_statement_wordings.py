"""The reader of statements against many ways to word a base, a derivation and a licence.

`statement_wordings.jsonl` holds one card a line: its text, the name of its repository, and the
bases, kinds of derivation and licences that must be read, none where the text states none. The
wordings are of our own making: prose in several languages, fields, tables, lists, and sentences
that only look like a statement.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_statements import usable

WORDINGS: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__)
    .with_name("statement_wordings.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


@pytest.mark.parametrize("card", WORDINGS, ids=lambda card: str(card["repo_id"]))
def test_what_a_card_states(card: dict[str, Any]) -> None:
    read = {
        quantity: set(usable(card["text"], quantity, card["repo_id"]))
        for quantity in ("base_model", "relation", "licence")
    }
    assert read == {
        "base_model": set(card["bases"]),
        "relation": set(card["relations"]),
        "licence": set(card["licences"]),
    }

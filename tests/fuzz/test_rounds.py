"""A short round of hostile input of every kind; `rounds.py` is the long one.

GPAI_SCAN_FUZZ_INPUTS sets the inputs a kind (default 200), GPAI_SCAN_FUZZ_SEED the seed.
"""

from __future__ import annotations

import os

import hostile
import pytest
import rounds

INPUTS = int(os.environ.get("GPAI_SCAN_FUZZ_INPUTS", "200"))
SEED = int(os.environ.get("GPAI_SCAN_FUZZ_SEED", "1"))


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_hostile_input_is_read_or_refused_in_words(kind: str) -> None:
    said, done = rounds.round_of(kind, INPUTS, SEED)
    assert done == INPUTS
    assert not said, "\n".join(said)


def test_the_same_seed_gives_the_same_inputs() -> None:
    first, second = (list(hostile.generate("card", 200, 5)) for _ in range(2))
    assert first == second
    assert first[-1] != list(hostile.generate("card", 200, 6))[-1]


def test_a_finding_is_cut_down_to_the_input_that_causes_it() -> None:
    def check(contents: list[bytes]) -> int:
        assert b"bad" not in contents
        return 0

    few, error = rounds.smallest(check, [b"a", b"b", b"bad", b"c", b"d", b"e", b"f"])
    assert few == [b"bad"]
    assert isinstance(error, AssertionError)

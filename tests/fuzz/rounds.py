"""Rounds of hostile input through the public readers, in batches, findings cut to the bone.

    python tests/fuzz/rounds.py --inputs 1000000 --kind config --seed 3

A batch that breaks a rule is halved until one input is left, which then stands in `cases/` and
stays a test case. The long round is for machines with time; the tests run a short one.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import checks
import hostile

BATCH: Final = 2000

Check = Callable[[Sequence[bytes]], int]


def check_of(kind: str) -> Check:
    """What reads inputs of a kind and checks what must hold."""
    own: dict[str, Check] = {
        "page": checks.check_page,
        "modelscope": checks.check_modelscope,
        **dict.fromkeys(hostile.ITEMS, checks.check_items),
        "rule": checks.check_rules,
        "condition": checks.check_conditions,
    }
    if kind in own:
        return own[kind]
    beside = hostile.BESIDE.get(kind, {})
    return partial(checks.check_files, hostile.PATHS[kind], beside=beside)


def smallest(check: Check, contents: Sequence[bytes]) -> tuple[list[bytes], BaseException]:
    """The fewest inputs of a failing batch that still fail, and how."""
    failing = list(contents)
    error = _failure(check, failing)
    assert error is not None, "the batch passes when it is read again"
    size = len(failing) // 2
    while size:
        for start in range(0, len(failing), size):
            left = failing[:start] + failing[start + size :]
            if left and (now := _failure(check, left)) is not None:
                failing, error = left, now
                break
        else:
            size //= 2
            continue
        size = min(size, len(failing) // 2)
    return failing, error


def _failure(check: Check, contents: Sequence[bytes]) -> BaseException | None:
    try:
        check(contents)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - Polars' panics derive from it
        return error
    return None


def keep(kind: str, contents: Sequence[bytes], folder: Path | None) -> list[str]:
    """Names findings after their kind and content, and writes them where a folder is given."""
    names = [f"{kind}.{hashlib.sha256(content).hexdigest()[:12]}" for content in contents]
    if folder is not None:
        folder.mkdir(exist_ok=True)
        for name, content in zip(names, contents, strict=True):
            (folder / name).write_bytes(content)
    return names


def round_of(
    kind: str, count: int, seed: int, folder: Path | None = None, findings: int = 5
) -> tuple[list[str], int]:
    """Reads `count` inputs of a kind: a line for each finding, and how many inputs were read.

    A finding that ends as one before did is passed over; the round ends after so many others.
    """
    check, inputs = check_of(kind), hostile.generate(kind, count, seed)
    said: dict[str, str] = {}
    done = 0
    while (batch := list(islice(inputs, BATCH))) and len(said) < findings:
        done += len(batch)
        while batch and _failure(check, batch) is not None:
            few, error = smallest(check, batch)
            batch = [content for content in batch if content not in few]
            how = f"{type(error).__name__}: {str(error)[:100]}"
            if how not in said:
                names = ", ".join(keep(kind, few, folder))
                said[how] = f"{names}: {type(error).__name__}: {str(error)[:300]}: {few[0][:300]!r}"
    return list(said.values()), done


def main() -> None:
    """Runs rounds as the options say; exit code 1 where anything was found."""
    options = argparse.ArgumentParser(description="Read hostile input.")
    options.add_argument("--kind", choices=hostile.KINDS, action="append")
    options.add_argument("--inputs", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    found = 0
    for kind in chosen.kind or hostile.KINDS:
        start = time.perf_counter()
        said, done = round_of(kind, chosen.inputs, chosen.seed, hostile.CASES)
        seconds = time.perf_counter() - start
        line = f"{kind}: {done:,} inputs in {seconds:.0f} s, {len(said)} findings"
        sys.stdout.write("\n".join([line, *said]) + "\n")
        sys.stdout.flush()
        found += len(said)
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()

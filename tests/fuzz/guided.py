"""Hostile input led by coverage: what reaches a new branch of a reader is varied further.

    pip install atheris
    python tests/fuzz/guided.py --kind card --minutes 5

atheris (libFuzzer) is needed for this alone and no dependency of the tests. Its inputs are varied
by `hostile.py` and `shapes.py` too. Each goes through the one reader it is meant for, whose
branches are watched, and in batches through everything `rounds.py` checks. A finding ends the
round and stands in `cases/`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

try:
    import atheris
except ImportError:
    raise SystemExit("coverage-guided rounds need atheris: pip install atheris") from None

import hostile

with atheris.instrument_imports(include=["gpai_scan", "yaml"]):
    import checks
    import rounds

    from gpai_scan import evidence
    from gpai_scan.evidence.configs import decode
    from gpai_scan.sources import documents, listing, modelscope

    READERS: Final = evidence.readers(reference=False)

BATCH: Final = 500
LONGEST: Final = 20_000

_WATCHED: Final = {
    "card": ("card", "statements"),
    "front_matter": ("front_matter",),
    "index": ("safetensors",),
    "model_index": ("task",),
    "adapter": ("adapters",),
}
"""Readers that are watched while they read files of a kind."""


def _page(content: bytes) -> object:
    return listing.of_page(content, hub="huggingface", listing_file="page")


def _item(content: bytes) -> object:
    return listing.of_items([listing.Answer(content, "x", "a/b")], hub="folder")


_PAGES: Final = {
    "page": _page,
    "modelscope": lambda content: _page(modelscope.ModelScope().page(content)),
    **dict.fromkeys(hostile.ITEMS, _item),
}


def watched(kind: str) -> Callable[[bytes], object]:
    """What reads one input of a kind in Python: Polars' own code cannot be watched."""
    if kind in _WATCHED:
        path, beside = hostile.PATHS[kind], hostile.BESIDE.get(kind, {})

        def read(content: bytes) -> None:
            raw = checks.raw(path, [content], beside)
            for name in _WATCHED[kind]:
                READERS[name](raw).collect()

        return read
    if kind in hostile.PATHS:
        path = hostile.PATHS[kind]
        return lambda content: decode.decode([documents.interpret(path, content, len(content))[1]])
    return _PAGES.get(kind) or (lambda content: rounds.check_of(kind)([content]))


class Target:
    """Reads inputs one by one and now and then the last ones together; keeps what breaks."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.one = watched(kind)
        self.all = rounds.check_of(kind)
        self.last: list[bytes] = []

    def __call__(self, content: bytes) -> None:
        self.last.append(content)
        try:
            self.one(content)
            if len(self.last) >= BATCH:
                self.all(self.last)
                self.last = []
        except BaseException:
            if len(self.last) >= BATCH:
                few, _ = rounds.smallest(self.all, self.last)
            else:
                few = [content]
            names = rounds.keep(self.kind, few, hostile.CASES)
            sys.stderr.write(f"finding: {', '.join(names)}\n")
            raise


def varied(kind: str) -> Callable[[bytes, int, int], bytes]:
    """The mutator: libFuzzer's own, ours, or a new well-formed input."""
    known = [*hostile.SEEDS[kind]]
    shaped = hostile.well_formed(kind)

    def vary(content: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        match chance.randrange(5):
            case 0 | 1:
                return bytes(atheris.Mutate(content, longest))
            case 2 if shaped:
                return shaped(chance)[:longest]
            case _:
                return hostile.mutate(chance, content, known)[:longest]

    return vary


def main() -> None:
    """Reads for so many minutes; exit code 77, libFuzzer's own, where anything was found."""
    options = argparse.ArgumentParser(description="Read hostile input, led by coverage.")
    options.add_argument("--kind", choices=hostile.KINDS, required=True)
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(hostile.generate(chosen.kind, 300, chosen.seed)):
            (Path(folder) / f"{number:04d}").write_bytes(seed[:LONGEST])
        words = [
            *(sys.argv[0], f"-max_total_time={round(chosen.minutes * 60)}", "-timeout=60"),
            *(f"-max_len={LONGEST}", f"-seed={chosen.seed}", f"-artifact_prefix={folder}/"),
            *("-rss_limit_mb=4096", "-print_final_stats=1", folder),
        ]
        atheris.Setup(words, Target(chosen.kind), custom_mutator=varied(chosen.kind))
        atheris.Fuzz()


if __name__ == "__main__":
    main()

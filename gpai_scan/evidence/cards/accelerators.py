"""Accelerators by name and number: what `data/accelerators.csv` has and how texts write it."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from gpai_scan import assets
from gpai_scan.evidence.cards.folded import Folded


@dataclass(frozen=True, slots=True)
class Device:
    """A mention of accelerators in a plain text; what is not said is None.

    `model` is the name in `data/accelerators.csv`, `memory` in bytes. `boxed` is true where the
    count is that of machines of a known make times what each holds.
    """

    start: int
    end: int
    model: str | None = None
    count: float | None = None
    memory: float | None = None
    nodes: float | None = None
    per_node: float | None = None
    note: str | None = None
    boxed: bool = False


@cache
def aliases() -> dict[str, str]:
    """Every alias of `data/accelerators.csv`, lower case with single spaces -> its name."""
    found: dict[str, str] = {}
    with (assets.folder("data") / "accelerators.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for alias in (row["accelerator"], *row["aliases"].split(";")):
                key = _key(alias)
                if len(key) >= 3 and not key.isdigit() and not key.endswith("."):
                    found.setdefault(key, row["accelerator"])
                if key.startswith("tpu v"):
                    found.setdefault(f"tensor processing unit {key[4:]}", row["accelerator"])
            for alias in filter(None, row["aliases_weak"].split(";")):
                if alias.isdigit():  # "3090" counts with a vendor in front or "GPU" behind
                    for form in (f"nvidia {alias}", f"geforce {alias}", f"{alias} gpu"):
                        found.setdefault(form, row["accelerator"])
    return found


@cache
def slice_units() -> dict[str, float]:
    """What the number in the name of a TPU slice counts: units a chip, by the generation's name."""
    with (assets.folder("data") / "accelerators.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["accelerator"]: float(row["slice_units"])
            for row in csv.DictReader(file)
            if row["slice_units"]
        }


@cache
def cloud_machines() -> dict[str, tuple[str, float]]:
    """Machine types of clouds by name in lower case: the accelerator and how many it holds."""
    with (assets.folder("data") / "cloud_machines.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["machine"]: (row["accelerator"], float(row["accelerators"]))
            for row in csv.DictReader(file)
        }


def _key(alias: str) -> str:
    return re.sub(r"[\s\-_()]+", " ", alias.strip().lower()).strip()


@cache
def chip_pattern() -> str:
    """A regular expression for any alias, in whatever way its words are joined."""
    words = sorted(aliases(), key=len, reverse=True)
    forms = "|".join(re.escape(w).replace(r"\ ", r"[\s\-_]?") for w in words)
    begin = r"(?:(?<=\dx)|(?<=\d\*)|(?<=Cloud)|(?<=Tesla)|(?<![A-Za-z0-9]))"
    return rf"{begin}(?:{forms})(?=(?:s|GPUs?)?(?![A-Za-z0-9]))"


VENDOR: Final = (
    r"(?:(?:NVIDIA|AMD|Google|Cloud|Intel|Habana|Huawei|AWS|Volta|Ampere|Hopper|Blackwell|Pascal|Tesla|GeForce|Instinct|Ascend|Quadro"
    r"|HGX|DGX|GPUs?|high-end|dedicated|interconnected|parallel|older|new|cloud|free|kaggle|colab|rented|昇腾|英伟达|华为|SXM\d?|PCIe"
    r"|cards?|cartes?|tarjetas|placas|schede|kart(?:y|ach|ami)?|karten|grafikkarten|видеокарт\w*|ускорител\w*"
    r"|\(?\d{2,3}[\s-]?Gi?B?\)?(?: RAM| VRAM| memory)?)[\s\-]*){0,4}"
)
_COUNT_WORDS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "a dozen": 12, "twelve": 12, "sixteen": 16, "zwei": 2, "vier": 4, "acht": 8,
    "deux": 2, "quatre": 4, "huit": 8, "dos": 2, "cuatro": 4, "ocho": 8, "quattro": 4, "otto": 8,
    "dois": 2, "quatro": 4, "oito": 8, "un seul": 1, "une seule": 1, "un solo": 1, "una sola": 1,
    "un unico": 1, "una única": 1, "una": 1, "uma única": 1, "uma": 1, "eine einzelne": 1,
    "einer einzelnen": 1, "einer einzigen": 1, "einer": 1, "одной": 1, "одном": 1, "двух": 2,
    "четырёх": 4, "четырех": 4, "восьми": 8,
}  # fmt: skip
COUNT: Final = (
    r"(?<![A-Za-z0-9_.,\-/])(?P<n>\d{1,3}(?:,\d{3})+|\d{1,6}|(?:"
    + "|".join(_COUNT_WORDS)
    + r")(?![^\W\d_]))(?![\d,.%]\d)"
)
COUNTERS: Final = "枚|基|台|张|張|块|塊|卡|個|个|片|颗|개|장|대"
UNIT: Final = r"(?:GPU|TPU|NPU|accelerator|chip|device|card|显卡|顯卡|加速卡)s?"
"""What accelerators are called where their model is not named."""
TIMES: Final = (
    r"\s?(?:[x×*]|adet|个|個|块|塊|张|張|枚|基|台|片|颗|つの|개의|장의)?\s?"
    r"(?:\d{2,3}\s?Gi?B(?=\s?[的の]))?(?:[的の]\s?)?"
)


def number(text: str) -> float:
    """The number of devices that a match of `COUNT` gives in digits or as a word."""
    word = _COUNT_WORDS.get(text.lower())
    return float(word) if word is not None else float(text.replace(",", ""))


_MEMORY = Folded(
    r"^s?[\s\-_(]*(?:(?:SXM\d?|PCI-?e|NVL|HBM\w*|Tensor Core|GPUs?|with|of"
    r"|memory)[\s\-_(,]*){0,3}"
    r"(?P<gb>\d{2,3})\s?-?Gi?B?(?![A-Za-z])"
)


def model_at(text: str, start: int, end: int) -> tuple[str | None, float | None, int]:
    """The accelerator at a span, its stated memory in bytes, and where the mention ends."""
    known = aliases()
    key = _key(text[start:end])
    name = known.get(key) or known.get(_key(text[start:end].rstrip("s")))
    if name is None:  # joined forms: "tpuv4", "rtx3090"
        squeezed = key.replace(" ", "")
        name = next((v for k, v in known.items() if k.replace(" ", "") == squeezed), None)
    memory = _MEMORY.match(text[end : end + 40])
    if memory is None:
        inside = re.search(r"(\d{2,3})\s?gb?$", key)
        return name, float(inside[1]) * 1e9 if inside else None, end
    gigabytes = memory["gb"]
    name = known.get(f"{key} {gigabytes}gb", name)
    return name, float(gigabytes) * 1e9, end + memory.end()

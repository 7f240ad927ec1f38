"""Collects what configuration classes assume for keys a file leaves out.

Published files leave out what equals the default of their class, nested sections above all.
The defaults are facts about the classes of the transformers library; this writes them to
`data/architecture_defaults.csv`. Needs transformers (not a dependency), no network:

    python benchmarks/config_defaults.py
"""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def _plain(value: object) -> str | None:
    """A default as text: a finite number or a flag; anything else is no default."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)) and math.isfinite(value):
        return f"{value:.15g}"
    return None


def _declared(kind: type[Any]) -> dict[str, object]:
    """The defaults a class declares; what it derives from other keys is none."""
    return {field.name: field.default for field in dataclasses.fields(kind)}


def rows() -> list[dict[str, str]]:
    """One row a model type and quantity, and one a nested section with its model type."""
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    source = f"transformers {transformers.__version__}"
    with (ROOT / "data/config_keys.csv").open(encoding="utf-8") as lines:
        keys = [r for r in csv.DictReader(lines) if r["kind"] in ("number", "flag")]
    with (ROOT / "data/config_sections.csv").open(encoding="utf-8") as lines:
        nested = [r["section"] for r in csv.DictReader(lines)]
    out: list[dict[str, str]] = []
    for model_type in sorted(CONFIG_MAPPING.keys()):
        try:
            declared = _declared(CONFIG_MAPPING[model_type])
            config = CONFIG_MAPPING[model_type]().to_dict()
            declared.setdefault("tie_word_embeddings", config.get("tie_word_embeddings"))
        except Exception as error:  # noqa: BLE001  classes that need arguments have no defaults
            print(model_type, type(error).__name__)
            continue
        for key in keys:
            found = (_plain(declared.get(s)) for s in key["spellings"].split())
            value = next((v for v in found if v is not None), None)
            if value is not None:
                out.append(dict(model_type=model_type, quantity=key["quantity"], value=value))
        for section in nested:
            below = config.get(section)
            if isinstance(below, dict) and below.get("model_type"):
                kind = below["model_type"]
                out.append(dict(model_type=model_type, quantity=section, value=kind))
    return [row | {"source": source} for row in out]


def main() -> None:
    found = rows()
    target = ROOT / "data/architecture_defaults.csv"
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    print(f"{len(found)} rows to {target}")


if __name__ == "__main__":
    main()

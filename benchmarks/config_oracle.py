"""How far the arithmetic over configurations is from the tensors of each class.

Every model type the transformers library knows is built from its class's defaults on the meta
device, which makes shapes and no data, and its parameters are counted; the same configuration,
written as the library writes it, goes through `gpai_scan.evidence.configs`. With `--diffusers`
the parts of image and video pipelines likewise. Needs torch and the libraries, which are no
dependencies of the project; no network.

    python -m benchmarks.config_oracle [--types llama qwen3_moe] [--diffusers] [--misses]

With `--nameless` type and class are taken out of every configuration, so that all of them go
through the fallback: how far it is off, and how often its range holds the true count.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from gpai_scan.evidence.configs.decode import decode
from gpai_scan.evidence.configs.documents import documents

_MAPPINGS = (
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES",
    "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES",
    "MODEL_MAPPING_NAMES",
)


@dataclass(frozen=True)
class Counted:
    """A class with the parameters of its tensors and its configuration as text."""

    kind: str
    architecture: str
    parameters: int
    text: str


def _class_name(kind: str) -> str | None:
    """The class a checkpoint of a type is published as."""
    names = importlib.import_module("transformers.models.auto.modeling_auto")
    for mapping in _MAPPINGS:
        found = getattr(names, mapping).get(kind)
        if found is not None:
            return found if isinstance(found, str) else found[0]
    return None


def _build(build: Callable[[], Any]) -> int:
    import torch

    with torch.device("meta"):
        model = build()
    if hasattr(model, "tie_weights"):
        model.tie_weights()
    return sum(parameter.numel() for parameter in model.parameters())


def transformers_classes(wanted: list[str]) -> Iterator[Counted]:
    """Every type whose class can be built from its defaults."""
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    for kind in wanted or sorted(CONFIG_MAPPING.keys()):
        name = _class_name(kind)
        if name is None:
            continue
        try:
            config = CONFIG_MAPPING[kind]()
            count = _build(lambda: getattr(transformers, name)(config))  # noqa: B023
        except Exception as error:  # noqa: BLE001  some classes need further libraries
            print(f"left out {kind}: {type(error).__name__}")
            continue
        config.architectures = [name]
        yield Counted(kind, name, count, config.to_json_string(use_diff=False))


def diffusers_classes(wanted: list[str]) -> Iterator[Counted]:
    """Every part of a pipeline whose class can be built from its defaults."""
    import diffusers

    for name in wanted or sorted(dir(diffusers)):
        kind = getattr(diffusers, name)
        is_part = inspect.isclass(kind) and hasattr(kind, "load_config")
        if not is_part or (
            not name.startswith(("UNet2D", "AutoencoderKL"))
            and ("Transformer" not in name or not name.endswith("DModel"))
        ):
            continue
        try:
            model: list[Any] = []
            count = _build(lambda: model.append(kind()) or model[0])  # noqa: B023
        except Exception as error:  # noqa: BLE001  some classes have no defaults
            print(f"left out {name}: {type(error).__name__}")
            continue
        stated = dict(model[0].config) | {"_class_name": name}
        yield Counted(name, name, count, json.dumps(stated, default=str))


def _nameless(text: str) -> str:
    """A configuration without its type and class, as nobody has met it before."""
    stated = json.loads(text) | {"model_type": "unmet", "architectures": ["UnmetForCausalLM"]}
    return json.dumps(stated)


def compare(counted: list[Counted], nameless: bool = False) -> pl.DataFrame:
    """One row a class: counted and reckoned parameters, their ratio, the family."""
    texts = [_nameless(each.text) if nameless else each.text for each in counted]
    reckoned = documents(decode(texts)).collect()
    frame = pl.DataFrame(
        {
            "document": range(len(counted)),
            "kind": [each.kind for each in counted],
            "architecture": [each.architecture for each in counted],
            "counted": [float(each.parameters) for each in counted],
        },
        schema_overrides={"document": pl.Int64},
    )
    joined = frame.join(
        reckoned.select("document", "total", "low", "high", "generic", "family"),
        on="document",
        how="left",
    )
    return joined.with_columns(
        error=(pl.col("total") / pl.col("counted") - 1.0),
        known=~pl.col("generic").fill_null(True),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--types", nargs="*", default=[])
    parser.add_argument("--diffusers", action="store_true")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--nameless", action="store_true")
    options = parser.parse_args()
    source = diffusers_classes if options.diffusers else transformers_classes
    table = compare(list(source(options.types)), options.nameless)
    near = (pl.col("error").abs() <= 0.01).fill_null(False)
    generates = pl.col("architecture").str.contains("CausalLM")
    for name, rows in {
        "all classes": table,
        "known families": table.filter("known"),
        "causal language models": table.filter(generates),
        "causal, known families": table.filter(generates & pl.col("known")),
        "fallback": table.filter(~pl.col("known") & pl.col("total").is_not_null()),
    }.items():
        median = rows["error"].abs().median()
        held = rows.filter(pl.col("counted").is_between("low", "high")).height
        print(
            f"{name:24} {rows.height:4} within 1 %: {rows.filter(near).height:4} "
            f"in range: {held:4} median error {median}"
        )
    if options.misses:
        with pl.Config(tbl_rows=-1, tbl_width_chars=140):
            print(table.filter(~near).sort(pl.col("error").abs()))


if __name__ == "__main__":
    main()

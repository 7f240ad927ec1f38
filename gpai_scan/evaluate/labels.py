"""Labelled sets: which columns each file needs, and what the labels are called in the schema.

`docs/evaluation.md` documents the layout for those who bring their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan.errors import InvalidInput

FACTS: Final = ("repo", "hf_id", "field", "value")
TRUTH: Final = ("repo_id", "training_compute_flop")
PARAMETERS: Final = ("repo", "parameters_total")
COVERAGE: Final = ("repo", "field_group", "stated")
QUOTES: Final = ("quote", "field")


@dataclass(frozen=True, slots=True)
class Field:
    """What a labelled field is in the schema: quantity, stages in order of preference, unit.

    A labelled value times `factor` is in the quantity's unit; `tolerance` is the relative error
    that counts as right. `tolerance` None: a text.
    """

    name: str
    quantity: str
    stages: tuple[str, ...]
    tolerance: float | None
    factor: float = 1.0


_ANY: Final = ("pretraining", "", "all_training", "continued_pretraining", "post_training")
_FIRST: Final = ("pretraining", "", "all_training")

FIELDS: Final = (
    Field("params_total", "parameters_total", _ANY, 0.02),
    Field("params_active", "parameters_active", _ANY, 0.02),
    Field("tokens_pretrain", "tokens", _FIRST, 0.05),
    Field("tokens_cpt", "tokens", ("continued_pretraining",), 0.05),
    Field("tokens_post", "tokens", ("post_training",), 0.05),
    Field("unique_tokens", "unique_tokens", _ANY, 0.05),
    Field("epochs", "epochs", _ANY, 0.02),
    Field("steps", "steps", _ANY, 0.02),
    Field("batch_tokens", "batch_tokens", _ANY, 0.05),
    Field("batch_sequences", "batch_sequences", _ANY, 0.02),
    Field("seq_len", "sequence_length", _ANY, 0.02),
    Field("samples_seen", "samples_seen", _ANY, 0.05),
    Field("audio_hours", "audio_hours", _ANY, 0.05),
    Field("gpu_hours", "accelerator_hours", _FIRST, 0.05),
    Field("gpu_hours_total", "accelerator_hours", ("all_training",), 0.05),
    Field("gpu_count", "accelerator_count", _ANY, 0.02),
    Field("gpu_model", "accelerator_model", _ANY, None),
    Field("train_days", "training_hours", _ANY, 0.05, 24.0),
    Field("hardware_time", "accelerator_hours", _ANY, 0.05),
    Field("mfu", "utilisation", _ANY, 0.05),
    Field("flop_stated", "training_flop", _ANY, 0.05),
    Field("base_model", "base_model", _ANY, None),
    Field("relation", "relation", _ANY, None),
    Field("licence", "licence", _ANY, None),
)
"""The fields that are scored; others in a labelled set are left out.

`hardware_time` is not labelled: it is accelerator-hours, or accelerators × duration of the same
model. A label `train_hours` counts as `train_days`.
"""

NEGATIVE: Final = "NEG_"
_NEGATIVE_FIELDS: Final = {
    "tokens": ("tokens_pretrain", "tokens_cpt", "tokens_post"),
    "params": ("params_total",),
    "gpu_hours": ("gpu_hours", "gpu_hours_total"),
}

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "parameters": ("params_total", "params_active"),
    "tokens": ("tokens_pretrain", "tokens_cpt", "tokens_post", "unique_tokens"),
    "hours_or_hardware_time": ("gpu_hours", "gpu_hours_total", "train_days", "hardware_time"),
    "base_model": ("base_model", "relation"),
    "licence": ("licence",),
}
"""The groups of a coverage table and the fields each stands for."""


def negative_fields(name: str) -> tuple[str, ...]:
    """The fields that a `NEG_` label forbids: `NEG_tokens` all fields of tokens seen."""
    bare = name.removeprefix(NEGATIVE)
    return _NEGATIVE_FIELDS.get(bare, (bare,))


def read(path: Path, needed: tuple[str, ...]) -> pl.DataFrame:
    """A labelled table as text, an absent cell null. `InvalidInput` where a column is missing."""
    try:
        if path.suffix == ".jsonl":
            table = pl.read_ndjson(path, infer_schema_length=None)
        else:
            table = pl.read_csv(path, infer_schema=False)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InvalidInput(f"there is no labelled file {path}.") from error
    except pl.exceptions.PolarsError as error:
        raise InvalidInput(f"{path} cannot be read as a table: {error}.") from error
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise InvalidInput(
            f"{path} lacks {', '.join(missing)}; it needs {', '.join(needed)} "
            "(docs/evaluation.md has the layout)."
        )
    return table


def facts(path: Path) -> pl.DataFrame:
    """Labelled facts: `card, hf_id, label, value, note, line` with absent columns null."""
    table = read(path, FACTS)
    optional = [
        pl.col(name) if name in table.columns else pl.lit(None, pl.String).alias(name)
        for name in ("note", "line", "quote")
    ]
    return table.select(
        pl.col("repo").alias("card"), "hf_id", pl.col("field").alias("label"), "value", *optional
    )

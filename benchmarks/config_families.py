"""Finds the fields of a family whose arithmetic gives the tensors of a class, to the parameter.

For each type every combination of the fields of `data/architectures.toml` is counted at once, one
frame a type, and compared with the class built on the meta device. An exact match over some 10⁹
parameters is rarely chance; where several combinations match, equal sizes in the defaults hide
which is meant, and the names of the tensors decide. Needs torch and transformers; no network.

    python -m benchmarks.config_families gpt2 bert
"""

from __future__ import annotations

import itertools
import json
import sys
from typing import Any, Final

import polars as pl

from benchmarks.config_oracle import Counted, transformers_classes
from gpai_scan.evidence.configs import families, layers, shapes, towers
from gpai_scan.evidence.configs.decode import decode

POLICIES: Final = ["never", "always"]
FIELDS: Final[dict[str, list[Any]]] = {
    "mlp_matrices": [3.0, 2.0],
    "norm_vectors": [1.0, 2.0, 0.0],
    "layer_norms": [2.0, 1.0, 4.0, 3.0],
    "final_norms": [1.0, 0.0, 2.0],
    "embedding_norms": [0.0, 1.0],
    "qkv_policy": POLICIES,
    "out_policy": POLICIES,
    "mlp_policy": POLICIES,
    "query_norm": ["none", "head", "full"],
    "position_table": [False, True],
    "position_offset": [0.0, 2.0],
    "token_type_table": [False, True],
    "masked_head": [False, True],
}


def combinations(arithmetic: str) -> pl.DataFrame:
    """Every combination of the fields, the plainest first."""
    plain = families.table().filter(pl.col("kind") == "llama").drop("kind", "family")
    values = [dict(zip(FIELDS, each, strict=True)) for each in itertools.product(*FIELDS.values())]
    grid = pl.DataFrame(values).with_row_index("cost")
    rest = plain.drop(FIELDS).with_columns(arithmetic=pl.lit(arithmetic))
    return grid.join(rest, how="cross")


def matches(counted: Counted, arithmetic: str) -> pl.DataFrame:
    """The combinations that give the parameters of a class, the nearest first."""
    grid = combinations(arithmetic)
    section = shapes.shapes(decode([counted.text]).lazy()).filter(pl.col("section") == 0)
    bare = section.drop([c for c in grid.columns if c != "cost"], strict=False).with_columns(
        root_architecture=pl.col("architecture"),
        root_tied=pl.col("embedding_tied"),
        attention_bias=pl.lit(True),
        mlp_bias=pl.lit(True),
    )
    frame = bare.join(grid.lazy(), how="cross").pipe(towers.sizes)
    sized = frame.pipe(layers.token_mixing).pipe(layers.feed_forward).pipe(towers.tied)
    error = (pl.col("total") - counted.parameters).abs()
    return (
        towers.ARITHMETIC[arithmetic](sized)
        .with_columns(error=error)
        .filter(pl.col("error").is_not_null())
        .sort("error", "cost")
        .select("error", *FIELDS)
        .head(5)
        .collect()
    )


def main() -> None:
    for counted in transformers_classes(sys.argv[1:]):
        print(counted.kind, counted.architecture, f"{counted.parameters:,}")
        for arithmetic in ("decoder", "encoder_decoder"):
            for row in matches(counted, arithmetic).iter_rows(named=True):
                print(f"  {arithmetic:16}", json.dumps(row))


if __name__ == "__main__":
    main()

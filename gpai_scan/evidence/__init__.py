"""The places a number can come from: one module each, one signature for all.

A reader takes the raw frames of a shard and returns claims with the columns of
`schema.EVIDENCE`. It is pure, vectorised, and never raises on what a repository contains.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from gpai_scan.sources import Raw

Reader = Callable[[Raw], pl.LazyFrame]

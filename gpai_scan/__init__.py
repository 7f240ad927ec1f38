"""How many models and entities lie above a training-compute threshold, with the evidence.

    import gpai_scan

    gpai_scan.Scans("gpai-scan.duckdb").count(threshold=1e23)

See `gpai_scan.api`; it is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpai_scan.api import Scans
    from gpai_scan.errors import GpaiScanError

__version__ = "0.1.0"
__all__ = ["GpaiScanError", "Scans", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Scans":
        from gpai_scan.api import Scans

        return Scans
    if name == "GpaiScanError":
        from gpai_scan.errors import GpaiScanError

        return GpaiScanError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

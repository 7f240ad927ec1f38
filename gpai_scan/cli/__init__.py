"""The commands. Each module reads options, calls one function and prints."""

from __future__ import annotations

import errno
import importlib
import os
import pkgutil
import sys
from typing import Final

from gpai_scan.cli import logs
from gpai_scan.cli.app import app
from gpai_scan.errors import GpaiScanError

_UNWRITABLE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What a disk says that takes no more; Python names no file where it comes while writing."""


def main() -> None:
    """Run the command line; errors raised on purpose become one sentence and an exit code."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"gpai_scan.cli.{module}")
    try:
        app()
    except GpaiScanError as error:
        logs.error(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.filename is None and error.errno not in _UNWRITABLE:
            raise
        what = "a file" if error.filename is None else f"'{error.filename}'"
        logs.error(
            f"{what} cannot be used: {error.strerror}. Choose another place or make "
            "room, and run the same command again to go on."
        )
        sys.exit(2)
    except KeyboardInterrupt:
        logs.error("stopped; run the same command again to go on.")
        sys.exit(75)

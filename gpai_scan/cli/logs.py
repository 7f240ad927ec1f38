"""What is said on standard error: sentences for people, or one JSON object a line for programs."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum

PACKAGE = logging.getLogger("gpai_scan")


class LogFormat(StrEnum):
    """How messages are written to standard error."""

    text = "text"
    json = "json"


class JsonLines(logging.Formatter):
    """Each record as one JSON object: time, level, logger, message, error if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


class _Stderr(logging.Handler):
    """Writes to whatever standard error is at the time, as tests and daemons change it."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


def setup(kind: LogFormat) -> None:
    """Send the package's log to standard error in the chosen form."""
    handler = _Stderr()
    if kind is LogFormat.json:
        handler.setFormatter(JsonLines())
    handler.setLevel(logging.INFO if kind is LogFormat.json else logging.WARNING)
    PACKAGE.handlers = [handler]
    PACKAGE.setLevel(logging.INFO)
    PACKAGE.propagate = False


def as_json() -> bool:
    """Whether programs read standard error."""
    return any(isinstance(handler.formatter, JsonLines) for handler in PACKAGE.handlers)


def error(text: str) -> None:
    """One sentence about what went wrong, in the chosen form."""
    if as_json():
        PACKAGE.error(text)
    else:
        sys.stderr.write(f"Error: {text}\n")

"""Log lines: one JSON object a line, or plain text; never what people wrote.

Messages of exceptions are left out: a database error quotes whole rows, and a `ValueError` what
was typed. A line has the type of the exception and the lines of code that led to it.
"""

from __future__ import annotations

import json
import logging
import logging.config
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context

FORMS = ("json", "text")
FIELDS = "fields"
"""The name under which a log call hands over the fields of its line, in ``extra``."""


def configuration(form: str) -> dict[str, Any]:
    """Return what ``logging.config.dictConfig`` needs to write every line in ``form``.

    gunicorn's own lines are among them. The requests that werkzeug's development server notes
    are not: their paths hold tokens, and each request has a line of ours.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter if form == "json" else TextFormatter}},
        "handlers": {
            "line": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": sys.stderr,
            }
        },
        "root": {"level": "INFO", "handlers": ["line"]},
        "loggers": {
            "gunicorn.error": {"level": "WARNING", "handlers": ["line"], "propagate": False},
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
            "werkzeug": {"level": "WARNING"},
            "alembic": {"level": "WARNING"},
        },
    }


def configure(form: str) -> None:
    """Write every log line of this process to standard error, in ``form``."""
    logging.config.dictConfig(configuration(form))


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line says besides its message: the request it belongs to, and its fields."""
    fields: dict[str, Any] = {}
    if has_request_context() and (request_id := g.get("request_id")):
        fields["request_id"] = request_id
    more = getattr(record, FIELDS, None)
    if isinstance(more, Mapping):
        fields |= more
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        fields["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
        fields["stack"] = "".join(traceback.format_tb(error.__traceback__))
    return fields


class JsonFormatter(logging.Formatter):
    """One JSON object a line: when, how grave, by which module, what, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of ``record``."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """One line for a person to read: when, how grave, what, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of ``record``, and below it the lines of code of an error."""
        at = datetime.fromtimestamp(record.created, UTC)
        fields = fields_of(record)
        stack = fields.pop("stack", "")
        parts = [f"{at:%Y-%m-%d %H:%M:%S} {record.levelname} {record.getMessage()}"]
        parts += [f"{name}={value}" for name, value in fields.items() if value is not None]
        return " ".join(parts) + (f"\n{stack.rstrip()}" if stack else "")

"""The server's log: one line per message on standard error, as text or JSON, without anything that a person sent.

Messages say sequence numbers, tables, codes and sites. What an exception says may quote a row, an id, an address: so of
exceptions only their kinds and where in the program they came from are written.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

Form = Literal["text", "json"]
ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

SITE: ContextVar[str] = ContextVar("site", default="")
"""The site that the running task works for."""


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at that moment."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class TextFormatter(logging.Formatter):
    """`2026-11-29T03:55:00.123Z WARNING lenticular.app.flush [shop] message`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        fields = _fields(record)
        site = f" [{fields['site']}]" if "site" in fields else ""
        error = f" ({fields['exception']})" if "exception" in fields else ""
        return f"{fields['time']} {fields['level']} {fields['logger']}{site} {fields['message']}{error}"


def configure(form: Form) -> None:
    """Send every logger's messages, also those of libraries, to standard error. May be called again."""
    handler = _Stderr()
    handler.setFormatter(_json_formatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    for other in [each for each in root.handlers if isinstance(each, _Stderr)]:
        root.removeHandler(other)
    root.addHandler(handler)
    logging.getLogger("lenticular").setLevel(logging.INFO)


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """Let a loop say of an error that nobody waits for what may be said of it: asyncio itself would quote it."""

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        told = (type(error), error, error.__traceback__) if isinstance(error, BaseException) else None
        logging.getLogger("asyncio").error("An error that nobody waited for.", exc_info=told)

    loop.set_exception_handler(handle)


def _json_formatter() -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter

    class Formatter(JsonFormatter):
        def format(self, record: logging.LogRecord) -> str:
            return self.serialize_log_record(_fields(record))

    return Formatter()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields: dict[str, Any] = {
        "time": moment.replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
        "message": " | ".join(record.getMessage().splitlines()),
    }
    site = getattr(record, "site", "") or SITE.get()
    if site:
        fields["site"] = site
    if record.exc_info and record.exc_info[0]:
        fields["exception"] = told(record.exc_info)
    return fields


def told(error: ExcInfo) -> str:
    """Return the kind of an exception, its codes if it has any, and where it came from, innermost first."""
    kind, value, trace = error
    frames = reversed(traceback.extract_tb(trace)[-8:])
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    codes = " ".join(problem.code for problem in getattr(value, "problems", ()))
    name = kind.__name__ if kind else "unknown"
    cause = value.__cause__ if value is not None else None
    return " ".join(part for part in (name, codes, f"by {type(cause).__name__}" if cause else "", where) if part)

"""Whether a plain value is one of a type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from lenticular.criteria.tables import Type

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")


def fits(value: Any, kind: Type) -> bool:
    """Return whether a JSON value is one of a property's type, as rules compare it."""
    return _TESTS[kind][1](value)


def expected(kind: Type) -> str:
    """Return what a type wants to have, in words."""
    return _TESTS[kind][0]


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number, and not a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_day(value: Any) -> bool:
    """Return whether a value is the text of a day, `2026-01-31`."""
    return isinstance(value, str) and bool(_DATE.fullmatch(value)) and _exists(date.fromisoformat, value)


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and bool(_DATETIME.fullmatch(value)) and _exists(datetime.fromisoformat, value)


def _exists(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _all(value: Any, kind: type) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(member, kind) for member in value)


_TESTS: dict[Type, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text", lambda value: isinstance(value, str)),
    "number": ("a number", is_number),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "date": ('a day such as "2026-01-31"', is_day),
    "datetime": ('a time with its offset such as "2026-01-31T12:00Z"', _is_instant),
    "list": ("a list of texts", lambda value: _all(value, str)),
    "objects": ("a list of objects", lambda value: _all(value, dict)),
}

"""Values on their way into a query: bound parameters in ClickHouse's escaped form."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from lenticular.errors import LenticularError, Problem

_PLAIN = re.compile(r"[A-Za-z0-9 _.,:;/@+=#!?()-]*")
_INTEGERS = range(-(2**63), 2**64)


def parameters_of(sql: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the parameters that a query uses, each in a form that arrives exactly; None if it uses none.

    What the query does not name is left out: with no `{name:Type}` in it at all, the client would take the query
    for a Python format string. Raises LenticularError for a value of a type that can't be bound.
    """
    used = {name: _value(name, value) for name, value in parameters.items() if f"{{{name}:" in sql}
    return used or None


def _value(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _text(name, value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and value in _INTEGERS:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list | tuple) and not any(isinstance(item, list | tuple) for item in value):
        return [_value(name, item) for item in value]
    raise _unbound(name, value)


def _text(name: str, text: str) -> str | bytes:
    """Return a text as it is if nothing in it means anything to a parser, else as bytes, which the client escapes.

    The client's own escaping of texts leaves out NUL, carriage returns and others.
    """
    if _PLAIN.fullmatch(text):
        return text
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _unbound(name, text) from None


def _unbound(name: str, value: Any) -> LenticularError:
    return LenticularError(
        Problem(
            "value-not-bindable",
            f"The value {value!r:.80} can't be given to a query.",
            f"parameter {name}",
            "Give a text, a finite number, an integer of 64 bits, a truth value, or a list of these.",
        )
    )

"""What a context says of the whole visit: cookies, and attributes of the site's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lenticular.criteria.tables import stored_key
from lenticular.criteria.types import FREE, SESSION
from lenticular.intake.values import MAX_NAME, Typed, Types, plain, typed_values

MAX_COOKIES = 50
"""So many cookies of a message are kept."""
_TAKEN = frozenset(prefix.rstrip(".") for prefix in FREE["session"])


def visit_values(context: Mapping[str, Any], types: Types) -> Typed:
    """Return the values of `context.custom` and `context.cookies`, as properties of the session.

    A custom attribute never takes the name of a property that every session has: it is left out. Raises RefusedError.
    """
    custom, cookies = context.get("custom"), context.get("cookies")
    typed = Typed()
    if type(custom) is dict:
        own = {name: value for name, value in custom.items() if not _is_ours(name)}
        typed = typed_values(own, "session", types, "/context/custom")
    if type(cookies) is dict:
        kept = [(name, value) for name, value in cookies.items() if value is not None and 0 < len(name) < MAX_NAME]
        for name, value in kept[:MAX_COOKIES]:
            typed.values[stored_key(f"cookies.{name}", "text")] = plain(value, "/context/cookies", name)
    return typed


def _is_ours(name: str) -> bool:
    return name in SESSION or name.partition(".")[0] in _TAKEN

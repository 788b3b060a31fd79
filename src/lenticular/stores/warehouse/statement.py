"""Whether a text is one SELECT, as far as that can be told without the database's own grammar."""

from __future__ import annotations

import re

_SKIPPED = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHANGES = frozenset(
    ("insert", "update", "delete", "merge", "drop", "alter", "create", "truncate", "grant", "revoke", "into")
)
"""What a database may let stand inside a SELECT or behind a WITH, and is no reading."""
_BOUND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


def wrong_with(query: str) -> str:
    """Return what is wrong with a query, "" if it is one SELECT or WITH that names nothing that changes data."""
    bare = _SKIPPED.sub(" ", query).strip().rstrip(";").strip()
    if ";" in bare:
        return "There are several statements in it."
    words = [word.lower() for word in _WORD.findall(bare)]
    if not words or words[0] not in ("select", "with"):
        return "It does not begin with SELECT or WITH."
    found = sorted(_CHANGES.intersection(words))
    if found:
        return f"It says {found[0].upper()}, which is no reading."
    others = sorted({name for name in _BOUND.findall(bare) if name != "since"})
    return f"Nothing is known of :{others[0]}; only :since is." if others else ""


def asks_since(query: str) -> bool:
    """Return whether a query has the parameter `:since`."""
    return "since" in _BOUND.findall(_SKIPPED.sub(" ", query))


def escaped(query: str) -> str:
    """Return a query in which only `:since` is a parameter: colons inside texts and comments are what they are."""
    return _SKIPPED.sub(lambda found: found[0].replace(":", r"\:"), query)

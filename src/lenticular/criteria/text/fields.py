"""Read a property: `user.plan`, `user["any name"]`, and inside a behaviour or an organization bare names."""

from __future__ import annotations

import ast
from typing import cast

from lenticular.criteria.text.literals import is_storable
from lenticular.criteria.text.reading import Reading
from lenticular.criteria.tree import Field, Scope
from lenticular.errors import did_you_mean

SCOPES = ("user", "session")
_FILTER_ONLY = dict.fromkeys(
    ("context", "field"), 'That belongs inside count(…): count("Page Viewed", context.path == "/") >= 1.'
)


def read_field(reading: Reading, at: ast.expr) -> Field:
    """Read a property. Raises RuleError."""
    names: list[str] = []
    part = at
    while True:
        match part:
            case ast.Attribute(value, name):
                names.append(name)
                part = value
            case ast.Subscript(value, ast.Constant(value=str(name))) if name:
                if not is_storable(name):
                    raise reading.error(part, "This name holds a character that no data can have.", "Take it out.")
                names.append(name)
                part = value
            case ast.Subscript():
                root = "field" if reading.scope else "user"
                raise reading.error(part, "Brackets take a name in quotes.", f'Write {root}["any name"].')
            case ast.Name(name):
                names.append(name)
                break
            case ast.Call(ast.Attribute(_, name)):
                raise reading.error(at, f".{name}() gives a value that has no parts.", "Calls come last.")
            case _:
                raise reading.error(part, "A property goes here.", 'Write user.plan or user["any name"].')
    root, *rest = reversed(names)
    name = ".".join(rest)
    if reading.scope:
        return _inner(reading, at, root, name)
    if root not in SCOPES:
        hint = did_you_mean(root, SCOPES) or _FILTER_ONLY.get(root) or _of_organization(root, rest)
        raise reading.error(
            at,
            f"{root!r} is unknown here.",
            hint or f"A property starts with user. or session.: user.{'.'.join([root, *rest])}",
        )
    if not name:
        raise reading.error(at, f"{root} alone is not a property.", f"Write {root}.some_property.")
    return Field(cast(Scope, root), name)


def _of_organization(root: str, rest: list[str]) -> str:
    return f'Write organization({".".join(rest) or "tier"} == "gold").' if root == "organization" else ""


_PLACES = {"event": "A filter", "organization": "organization()", "element": ".any()"}


def _inner(reading: Reading, at: ast.expr, root: str, name: str) -> Field:
    bare = isinstance(at, ast.Name)
    if root == "field" and not bare:
        return Field(cast(Scope, reading.scope), name)
    if root == "context" and not bare and reading.scope == "event":
        return Field("context", name)
    if root in SCOPES and not bare:
        raise reading.error(
            at,
            f"{_PLACES[reading.scope]} reads only {reading.reads}, not {root}.{name}.",
            f"Move `{root}.{name} ...` outside and join it with `and`.",
        )
    return Field(cast(Scope, reading.scope), f"{root}.{name}" if name else root)

"""Structured fields of HTTP (RFC 9651, once RFC 8941), as far as client hints need them: items, and lists of items."""

from __future__ import annotations

import re
from typing import NamedTuple

Bare = str | bool
"""A text, a token or a number (as they are written), or a truth value."""

_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,3})?")
_BOOLEAN = re.compile(r"\?([01])")
_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")


class Item(NamedTuple):
    """One value with its parameters."""

    value: Bare
    parameters: dict[str, Bare]


class _WrongError(ValueError):
    """The field is no structured field: then all of it is to be ignored (RFC 9651, 4.2)."""


def items(field: str) -> list[Item]:
    """Return the members of a list; none for a field that is malformed, or has inner lists.

    >>> items('"Chromium";v="126", "Not A;Brand";v="8"')[0]
    Item(value='Chromium', parameters={'v': '126'})
    """
    found: list[Item] = []
    text = field.strip(" ")
    at = 0
    try:
        while at < len(text):
            item, at = _item(text, at)
            found.append(item)
            at = _skip(text, at)
            if at == len(text):
                return found
            if text[at] != ",":
                return []
            at = _skip(text, at + 1)
            if at == len(text):
                return []
    except _WrongError:
        return []
    return found


def item(field: str) -> Bare | None:
    """Return the one value of a field, without its parameters; None for a field that is malformed."""
    found = items(field)
    return found[0].value if len(found) == 1 else None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _item(text: str, at: int) -> tuple[Item, int]:
    value, at = _bare(text, at)
    parameters: dict[str, Bare] = {}
    while text.startswith(";", at):
        key = _KEY.match(text, _skip(text, at + 1))
        if key is None:
            raise _WrongError
        at = key.end()
        parameters[key[0]], at = _bare(text, at + 1) if text.startswith("=", at) else (True, at)
    return Item(value, parameters), at


def _bare(text: str, at: int) -> tuple[Bare, int]:
    string = _STRING.match(text, at)
    if string:
        return re.sub(r"\\(.)", r"\1", string[1]), string.end()
    boolean = _BOOLEAN.match(text, at)
    if boolean:
        return boolean[1] == "1", boolean.end()
    plain = _TOKEN.match(text, at) or _NUMBER.match(text, at)
    if plain is None:
        raise _WrongError
    return plain[0], plain.end()

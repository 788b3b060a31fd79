"""Ignoring case with one table for both engines: Python's and ClickHouse's Unicode differ, so neither's own is used.

A character changes to its lower case if that is one character (`İ`, whose lower case is two, stays).
"""

from __future__ import annotations

from functools import cache

_LAST_CASED = 0x1F000


@cache
def lower_table() -> tuple[str, str]:
    """Return the characters that have a lower case, and those, in the same order: what `translateUTF8` takes."""
    pairs = [
        (chr(code), chr(code).lower())
        for code in range(_LAST_CASED)
        if not 0xD800 <= code <= 0xDFFF and chr(code).lower() != chr(code) and len(chr(code).lower()) == 1
    ]
    return "".join(upper for upper, _ in pairs), "".join(low for _, low in pairs)


@cache
def _translation() -> dict[int, int]:
    return str.maketrans(*lower_table())


def lower(text: str) -> str:
    """Return a text in lower case."""
    return text.lower() if text.isascii() else text.translate(_translation())

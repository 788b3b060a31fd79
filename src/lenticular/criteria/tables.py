"""All table and column names, and the key under which a typed value is kept.

A value is kept under one key per (name, type), in profiles, events and columns alike: the number `price` is
`n_price`, the text `price` is `t_price`. So a value that does not fit its property's type is not lost: it lies
under the key of the type that it has, and a change of type reads another key.
"""

from __future__ import annotations

from typing import Literal

Type = Literal["text", "number", "boolean", "date", "datetime", "list", "objects"]
TYPES: tuple[Type, ...] = ("text", "number", "boolean", "date", "datetime", "list", "objects")

LETTER: dict[str, str] = {
    "text": "t",
    "number": "n",
    "boolean": "b",
    "date": "d",  # days since 1970-01-01
    "datetime": "i",  # milliseconds since 1970-01-01T00:00Z
    "list": "l",  # of texts
    "objects": "o",
}
TYPE_OF_LETTER: dict[str, Type] = {LETTER[kind]: kind for kind in TYPES}

EVENTS = "events"
PROFILES = "profiles"
SESSIONS = "sessions"
MERGES = "merges"
ORGANIZATIONS = "organizations"
SEGMENT_MEMBERS = "segment_members"
SEGMENT_SIZES = "segment_sizes"

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def stored_key(name: str, kind: Type) -> str:
    """Return the key of a typed value: `stored_key("shirt.size", "text") == "t_shirt~2Esize"`.

    Characters other than ASCII letters, digits and `_` are written as `~` and two hexadecimal digits per UTF-8
    byte, so that a key is always one plain path of a ClickHouse JSON column.
    """
    if name.isidentifier() and name.isascii():
        return f"{LETTER[kind]}_{name}"
    out = [
        char if char in _PLAIN else "".join(f"~{byte:02X}" for byte in char.encode("utf-8", "replace")) for char in name
    ]
    return f"{LETTER[kind]}_{''.join(out)}"


def every_key(name: str) -> list[str]:
    """Return the keys under which a name can be kept, one for each type."""
    return [stored_key(name, kind) for kind in TYPES]


def split_key(key: str) -> tuple[str, Type]:
    """Return the name and the type of a stored key; the inverse of `stored_key`."""
    letter, _, escaped = key.partition("_")
    raw = bytearray()
    at = 0
    while at < len(escaped):
        if escaped[at] == "~":
            raw.append(int(escaped[at + 1 : at + 3], 16))
            at += 3
        else:
            raw += escaped[at].encode()
            at += 1
    return raw.decode(), TYPE_OF_LETTER[letter]

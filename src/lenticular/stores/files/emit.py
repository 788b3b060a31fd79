"""Plain data as YAML that the reader reads back as it was: block style, nothing that needs a second look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lenticular.stores.files.yaml import is_plain_text

_PLAIN = re.compile(r"[A-Za-z0-9/_(][^\n\r\t]*")
_STEP = "  "


def emit(data: dict[str, Any]) -> str:
    """Return the text of a file."""
    return "".join(f"{line}\n" for line in _mapping(data, "")) or "{}\n"


def _mapping(data: dict[str, Any], indent: str) -> Iterator[str]:
    for name, value in data.items():
        yield from _member(f"{indent}{_scalar(name)}:", value, indent)


def _member(ahead: str, value: Any, indent: str) -> Iterator[str]:
    """Yield what follows a name or a dash."""
    if isinstance(value, dict) and value:
        yield ahead
        yield from _mapping(value, indent + _STEP)
    elif isinstance(value, list) and value:
        yield ahead
        yield from _list(value, indent + _STEP)
    elif isinstance(value, str) and _is_block(value):
        yield f"{ahead} {'|' if value.endswith(chr(10)) else '|-'}"
        for line in value.removesuffix("\n").split("\n"):
            yield f"{indent}{_STEP}{line}" if line else ""
    else:
        yield f"{ahead} {_leaf(value)}"


def _list(members: list[Any], indent: str) -> Iterator[str]:
    for one in members:
        if isinstance(one, dict) and one:
            first, *rest = _mapping(one, indent + _STEP)
            yield f"{indent}- {first[len(indent) + len(_STEP) :]}"
            yield from rest
        else:
            yield from _member(f"{indent}-", one, indent)


def _leaf(value: Any) -> str:
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value)


def _scalar(text: str) -> str:
    """Return a text without quotes where nobody could take it for anything else."""
    odd = ": " in text or " #" in text or text.endswith((":", " "))
    if _PLAIN.fullmatch(text) and not odd and text.isprintable() and is_plain_text(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _is_block(text: str) -> bool:
    """Return whether a text is written line by line: what people would read so."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and bool(lines[0])
        and bool(lines[-1])
        and not any(line != line.rstrip() or not line.isprintable() for line in lines)
        and not lines[0].startswith(" ")
    )

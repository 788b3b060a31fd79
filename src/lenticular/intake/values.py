"""A JSON value -> a typed value under its stored key (DESIGN §4.2, Types)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import msgspec

from lenticular.criteria.tables import Type, stored_key
from lenticular.intake.refused import refuse
from lenticular.profiles.builtin import MAX_PROPERTIES as MAX_PROPERTIES
from lenticular.profiles.event import Value, Values

Scope = Literal["user", "organization", "session", "event", "context"]
Types = Mapping[tuple[str, str], str]
"""Registered properties: (scope, name) to type."""

Element = dict[str, str | float | bool | int | list[str]]
"""One object of a list of objects: plain values by name."""

MAX_NAME = 255
MAX_DEPTH = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MILLISECOND = timedelta(milliseconds=1)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
_key = lru_cache(maxsize=1 << 14)(stored_key)


class Typed(msgspec.Struct, gc=False):
    """What became of an object: values by stored key, properties never seen before, names set to null."""

    values: Values = {}
    new: dict[tuple[str, str], Type] = {}
    removed: tuple[str, ...] = ()


def typed_values(raw: Mapping[str, Any], scope: Scope, types: Types, place: str = "") -> Typed:
    """Return an object's typed values, flattened with dots.

    A registered type coerces; what it can't coerce keeps its own type, under that type's key. An unseen
    property gets the type of its first value. `place` is where the object lies, for problems.
    Raises RefusedError.
    """
    values: Values = {}
    new: dict[tuple[str, str], Type] = {}
    removed: list[str] = []
    for name, item in _flat(raw, place):
        registered = types.get((scope, name))
        kind_of_item = type(item)
        if kind_of_item is str and registered == "text":
            values[_key(name, "text")] = sound(item, place, name)
            continue
        if (kind_of_item is float or kind_of_item is int) and registered == "number":
            values[_key(name, "number")] = number(item, place, name)
            continue
        if item is None:
            removed.append(name)
            continue
        value = coerced(item, registered, place, name) if registered else None
        if value is not None:
            values[_key(name, registered)] = value
            continue
        kind, value = natural(item, place, name)
        values[_key(name, kind)] = value
        if registered is None and len(types) + len(new) < MAX_PROPERTIES:
            new[scope, name] = kind
    return Typed(values, new, tuple(removed))


def natural(item: Any, place: str, name: str) -> tuple[Type, Value]:
    """Return the type that a JSON value has by itself, and the value in it."""
    if isinstance(item, str):
        return _natural_text(sound(item, place, name))
    if isinstance(item, bool):
        return "boolean", item
    if isinstance(item, int | float):
        return "number", number(item, place, name)
    elements = [element for element in item if element is not None]
    if elements and all(isinstance(element, dict) for element in elements):
        return "objects", [_plain_object(element, place, name) for element in elements]
    return "list", [plain(element, place, name) for element in elements]


def coerced(item: Any, kind: str, place: str, name: str) -> Value | None:
    """Return a JSON value in a registered type, or None where it does not fit."""
    if isinstance(item, str):
        return _coerced_text(sound(item, place, name), kind)
    if isinstance(item, list):
        if kind == "objects" and not any(element is not None for element in item):
            return []
        found, value = natural(item, place, name)
        return value if found == kind else None
    if kind == "text":
        return plain(item, place, name)
    if isinstance(item, bool):
        return item if kind == "boolean" else None
    return number(item, place, name) if kind == "number" else None


def _coerced_text(text: str, kind: str) -> Value | None:
    if kind == "text":
        return text
    if kind == "number":
        value = float(text) if _NUMBER.fullmatch(text) else math.inf
        return value + 0.0 if math.isfinite(value) else None
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower())
    if kind == "date":
        return as_date(text)
    return as_datetime(text) if kind == "datetime" else None


def _natural_text(text: str) -> tuple[Type, Value]:
    if 10 <= len(text) <= 40 and text[4] == "-":
        day = as_date(text)
        if day is not None:
            return "date", day
        instant = as_datetime(text)
        if instant is not None:
            return "datetime", instant
    return "text", text


def as_date(text: str) -> int | None:
    """Return the day number of a text that is wholly a real date, `YYYY-MM-DD`."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH_DAY
    except ValueError:
        return None


def as_datetime(text: str) -> int | None:
    """Return the milliseconds of a text that is wholly an ISO datetime with `Z` or an offset."""
    if not _DATETIME.fullmatch(text):
        return None
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        return None


def number(item: float, place: str, name: str) -> float:
    """Return a finite float; -0.0 becomes 0.0."""
    try:
        value = item + 0.0
    except OverflowError:
        value = math.inf
    if value - value != 0.0:
        raise refuse("bad_number", "This number is not finite.", f"{place}/{name}", "Leave it out or send a text.")
    return value


def plain(item: Any, place: str, name: str) -> str:
    """Return a value as plain text: 5 -> `5`, 5.5 -> `5.5`, true -> `true`; nested ones as JSON."""
    if isinstance(item, str):
        return sound(item, place, name)
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int | float):
        value = number(item, place, name)
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    return sound(msgspec.json.encode(item).decode(), place, name)


def sound(text: str, place: str, name: str) -> str:
    """Return a text that every store can keep. Raises RefusedError for NUL and half a surrogate pair."""
    if "\0" in text:
        raise refuse("bad_text", "This text contains a NUL character.", f"{place}/{name}", "Remove it.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise refuse(
                "bad_text",
                "This text contains half of a surrogate pair.",
                f"{place}/{name}",
                "Send valid Unicode.",
            ) from None
    return text


def _plain_object(item: Mapping[str, Any], place: str, name: str) -> Element:
    out: Element = {}
    for field, value in _flat(item, f"{place}/{name}"):
        if isinstance(value, str):
            out[field] = sound(value, place, name)
        elif isinstance(value, bool):
            out[field] = value
        elif isinstance(value, int | float):
            out[field] = number(value, place, name)
        elif isinstance(value, list):
            out[field] = [plain(element, place, name) for element in value if element is not None]
    return out


def _flat(raw: Mapping[str, Any], place: str) -> Iterable[tuple[str, Any]]:
    """Return dotted names and values, each name once: where two paths spell one name, the later counts."""
    out = raw
    if dict in map(type, raw.values()):
        collected: dict[str, Any] = {}
        out = collected
        _collect(raw, "", collected, place, MAX_DEPTH)
    for name in out:
        if not _is_name(name):
            _refuse_name(name, place)
    return out.items()


@lru_cache(maxsize=1 << 14)
def _is_name(name: str) -> bool:
    return len(name) <= MAX_NAME and name.isascii() and "\0" not in name


def _refuse_name(name: str, place: str) -> None:
    if len(name) > MAX_NAME:
        message = f"The property name {name[:40]!r}… is longer than {MAX_NAME} characters."
        raise refuse("bad_name", message, place, "Shorten it.")
    sound(name, place, name.encode("ascii", "replace").decode())


def _collect(raw: Mapping[str, Any], prefix: str, out: dict[str, Any], place: str, depth: int) -> None:
    if not depth:
        raise refuse("too_deep", f"Objects are nested more than {MAX_DEPTH} deep.", place, "Flatten them.")
    for name, value in raw.items():
        if isinstance(value, dict):
            _collect(value, f"{prefix}{name}.", out, place, depth - 1)
        else:
            out[f"{prefix}{name}"] = value

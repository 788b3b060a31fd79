"""Whether plain data has the shape of a definition: every misfit at once, not only the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from lenticular.catalog.places import Path
from lenticular.errors import did_you_mean


class Misfit(msgspec.Struct, frozen=True):
    """One part of some data that does not fit; `name` says that it is the member's name that is wrong."""

    path: Path
    message: str
    hint: str = ""
    name: bool = False


def misfits(data: Any, struct: type[msgspec.Struct]) -> list[Misfit]:
    """Return every way in which plain data differs from a Struct's shape."""
    return list(_walk(data, _type_info(struct), ()))


@cache
def _type_info(struct: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(struct)


def _walk(data: Any, expected: inspect.Type, path: Path) -> Iterator[Misfit]:
    expected = _unwrapped(expected)
    if isinstance(expected, inspect.UnionType):
        if data is None:
            return
        expected = _option(data, expected)
    if isinstance(expected, inspect.StructType):
        yield from _struct(data, expected, path)
    elif isinstance(expected, inspect.VarTupleType) and isinstance(data, list):
        for at, value in enumerate(data):
            yield from _walk(value, expected.item_type, (*path, at))
    elif isinstance(expected, inspect.DictType) and isinstance(data, dict):
        for name, value in data.items():
            yield from _walk(value, expected.value_type, (*path, name))
    elif isinstance(expected, inspect.LiteralType):
        if data not in expected.values:
            known = [str(value) for value in expected.values]
            hint = did_you_mean(str(data), known) or f"Write one of {', '.join(known)}."
            yield Misfit(path, f"{_found(data)} is not a known {_label(path)}.", hint)
    else:
        yield from _leaf(data, expected, path)


def _unwrapped(expected: inspect.Type) -> inspect.Type:
    while isinstance(expected, inspect.Metadata):
        expected = expected.type
    return expected


def _option(data: Any, expected: inspect.UnionType) -> inspect.Type:
    """Return the type of a union that data is meant to have: a map or Struct for named settings, else the first."""
    options = [_unwrapped(option) for option in expected.types if not isinstance(option, inspect.NoneType)]
    named = [option for option in options if isinstance(option, inspect.DictType | inspect.StructType)]
    return named[0] if named and isinstance(data, dict) else options[0]


def _struct(data: Any, expected: inspect.StructType, path: Path) -> Iterator[Misfit]:
    if not isinstance(data, dict):
        yield Misfit(path, f"Expected named settings for {_label(path)}, found {_found(data)}.")
        return
    known = {field.encode_name: field for field in expected.fields}
    for name, value in data.items():
        if name in known:
            yield from _walk(value, known[name].type, (*path, name))
        else:
            hint = did_you_mean(name, known) or f"Known here: {', '.join(known)}."
            yield Misfit((*path, name), f'There is no setting "{name}" here.', hint, name=True)
    for name, field in known.items():
        if field.required and name not in data:
            yield Misfit(path, f'"{name}" is missing.', f"Add a line `{name}: …`.")


_LEAVES: tuple[tuple[type[inspect.Type], str, Callable[[Any], bool]], ...] = (
    (inspect.StrType, "a text", lambda data: isinstance(data, str)),
    (inspect.BoolType, "true or false", lambda data: isinstance(data, bool)),
    (inspect.IntType, "a whole number", lambda data: isinstance(data, int) and not isinstance(data, bool)),
    (inspect.FloatType, "a number", lambda data: isinstance(data, int | float) and not isinstance(data, bool)),
    (inspect.VarTupleType, "a list", lambda data: isinstance(data, list)),
    (inspect.DictType, "named settings", lambda data: isinstance(data, dict)),
)


def _leaf(data: Any, expected: inspect.Type, path: Path) -> Iterator[Misfit]:
    for kind, words, fits in _LEAVES:
        if isinstance(expected, kind) and not fits(data):
            quotes = isinstance(expected, inspect.StrType) and isinstance(data, int | float)
            hint = "Put it into quotes to make it a text." if quotes else ""
            yield Misfit(path, f"Expected {words} for {_label(path)}, found {_found(data)}.", hint)


def _label(path: Path) -> str:
    names = [step for step in path if isinstance(step, str)]
    return f'"{names[-1]}"' if names else "the definition"


def _found(data: Any) -> str:
    if data is None:
        return "nothing"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return f'"{data[:60]}"'
    if isinstance(data, int | float):
        return f"the number {data}"
    return "a list" if isinstance(data, list) else "named settings"

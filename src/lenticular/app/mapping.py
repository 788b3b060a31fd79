"""The mapping of a file as YAML: what `--mapping` reads and `--write-mapping` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lenticular.app.columns import Columns, What
from lenticular.app.row_events import zone_of
from lenticular.catalog.places import Places, Source
from lenticular.catalog.shape import misfits
from lenticular.criteria.tables import Type
from lenticular.errors import LenticularError, Problem
from lenticular.stores.files.yaml import read_yaml

_LARGEST = 1_000_000
_ROLES: dict[What, tuple[str, ...]] = {
    "events": ("user_id", "anonymous_id", "event", "timestamp", "message_id"),
    "people": ("user_id", "anonymous_id", "timestamp"),
    "organizations": ("group_id", "user_id", "timestamp"),
    "members": ("user_id", "anonymous_id"),
}


def read_mapping(path: Path) -> Columns:
    """Return the mapping of a file. Raises LenticularError with file, line and column of everything wrong in it."""
    try:
        if path.stat().st_size > _LARGEST:
            raise LenticularError(Problem("mapping.file", f"It is larger than {_LARGEST:,} bytes.", str(path)))
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        hint = "`--write-mapping` writes one to start from."
        raise LenticularError(
            Problem("mapping.file", f"It can't be read: {error.strerror}.", str(path), hint)
        ) from None
    except UnicodeDecodeError:
        raise LenticularError(Problem("mapping.file", "This is not UTF-8.", str(path), "Save it as UTF-8.")) from None
    document = read_yaml(text, str(path))
    if document.problems:
        raise LenticularError(*document.problems)
    return mapping_of({} if document.data is None else document.data, document.source)


def mapping_of(data: Any, source: Source, at: tuple[str | int, ...] = ()) -> Columns:
    """Return the mapping that plain data says; `at` is where in its source it stands.

    Raises LenticularError with the place of everything wrong in it.
    """
    places = Places({("mapping", ""): source})

    def place(path: tuple[str | int, ...], name: bool = False) -> str:
        return places.of(("mapping", "", *at, *path), name)

    problems = [
        Problem("mapping.shape", one.message, place(one.path, one.name), one.hint) for one in misfits(data, Columns)
    ]
    if problems:
        raise LenticularError(*problems)
    columns = msgspec.convert(data, Columns)
    for name, value in columns.constants.items():
        if not isinstance(value, str | int | float | bool):
            hint = "Write a text, a number, true or false."
            problems.append(Problem("mapping.constant", "This is no constant.", place(("constants", name)), hint))
    doubles = [name for name in columns.rename if list(columns.rename.values()).count(columns.rename[name]) > 1]
    problems += [
        Problem(
            "mapping.rename",
            f"Several columns become {columns.rename[name]!r}.",
            place(("rename", name)),
            "Give each another name.",
        )
        for name in doubles
    ]
    if wrong := _wrong_format(columns.format):
        hint = "Write it like %d/%m/%Y %H:%M, in the letters of Python's strptime."
        problems.append(Problem("mapping.format", wrong, place(("format",)), hint))
    try:
        zone_of(columns)
    except LenticularError as error:
        problems += [msgspec.structs.replace(one, place=place(("zone",))) for one in error.problems]
    if problems:
        raise LenticularError(*problems)
    return columns


def _wrong_format(form: str) -> str:
    try:
        datetime.strptime(datetime(2024, 1, 31, 12, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007  # thrown away
    except ValueError as error:
        return f"This is no form of a time: {error}."
    return ""


def mapping_text(columns: Columns, types: Mapping[str, Type], header: Iterable[str], what: What) -> str:
    """Return a mapping as YAML, with the types of its columns, to start from."""
    names = list(header)
    lines = [
        f"# How `lenticular import {what}` reads this file: left of each colon what is meant, right of it a column."
    ]
    for field in _ROLES[what]:
        said = msgspec.structs.fields(Columns)[Columns.__struct_fields__.index(field)].encode_name
        column = getattr(columns, field)
        lines.append(f"{said}: {_quoted(column)}" if column in names else f"# {said}: {_quoted(column)}")
    given = msgspec.to_builtins(columns)
    if what == "events":
        lines += _list("traits", columns.traits, "describe the person")
    lines.append("types:  # text number boolean date datetime list objects")
    listed = [f"  {_quoted(name)}: {kind}" for name, kind in types.items() if columns.target(name, what)]
    lines = [*lines, *listed] if listed else [*lines[:-1], "types: {}"]
    for name, why in (("rename", "column: the property's name"), ("constants", "column that the file lacks: value")):
        lines += [f"{name}:  # {why}"] if given[name] else [f"{name}: {{}}  # {why}"]
        lines += [f"  {_quoted(column)}: {_quoted(value)}" for column, value in given[name].items()]
    lines += _list("ignore", columns.ignore, "columns to leave out")
    lines.append(
        f"format: {_quoted(columns.format)}  # of times, such as %d/%m/%Y %H:%M; empty: ISO 8601 or since 1970"
    )
    lines.append(f"zone: {_quoted(columns.zone)}  # of times that name none; empty: UTC")
    return "\n".join(lines) + "\n"


def _list(name: str, values: Iterable[str], why: str) -> list[str]:
    return [f"{name}: [{', '.join(map(_quoted, values))}]  # {why}"]


def _quoted(value: Any) -> str:
    """Return a value as JSON has it, which YAML reads; a plain name as it is."""
    if isinstance(value, str) and value.isidentifier() and value.lower() not in ("true", "false", "null"):
        return value
    return msgspec.json.encode(value).decode()

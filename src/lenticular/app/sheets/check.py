"""See that a sheet is what sheets are: it comes from another process."""

from __future__ import annotations

from lenticular.app.check_part import types_of
from lenticular.app.sheets.lay_out import codes_of
from lenticular.intake.values import sound
from lenticular.profiles.sheet import NONE, Column, Sheet

_TIME, _CODE = 8, 4
"""Bytes."""


def check_sheet(sheet: Sheet) -> None:
    """Raises ValueError, KeyError or RefusedError."""
    if len(sheet.times) != len(sheet) * _TIME:
        raise ValueError("it has times for other rows")
    for text in sheet.message_ids:
        _check_text(text, "id")
    for column in (sheet.anonymous_ids, sheet.user_ids, sheet.names):
        _check_column(column, len(sheet), (str,), "id")
        if "" in column.values:
            raise ValueError("an id is empty")
    someone = (codes_of(sheet.anonymous_ids) != NONE) | (codes_of(sheet.user_ids) != NONE)
    if not (someone & (codes_of(sheet.names) != NONE)).all():
        raise ValueError("a row names nobody, or no event")
    for key, column in sheet.properties.items():
        _check_column(column, len(sheet), types_of(key), key)


def _check_column(column: Column, rows: int, types: tuple[type, ...], name: str) -> None:
    if len(column.codes) != rows * _CODE:
        raise ValueError(f"{name} has other rows")
    codes = codes_of(column)
    if rows and not (codes.min() >= NONE and codes.max() < len(column.values)):
        raise ValueError(f"{name} has values that are not there")
    for value in column.values:
        if type(value) not in types:
            raise ValueError(f"{name} is not of its type")
        if type(value) is str:
            _check_text(value, name)


def _check_text(text: str, name: str) -> None:
    if "\0" in text:
        sound(text, "", name)

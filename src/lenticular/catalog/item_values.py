"""The fields of a content item as conditions and sorts read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.content_type import ContentField, ContentType
from lenticular.catalog.values import is_day, is_number
from lenticular.criteria.tables import Type, stored_key
from lenticular.criteria.types import Schema

_TYPES: dict[str, Type] = {"number": "number", "boolean": "boolean", "date": "date", "list": "list"}
_EPOCH = date(1970, 1, 1).toordinal()


def type_of(field: ContentField) -> Type:
    """Return the type that a field has in conditions: of images and links the address, of references the key."""
    return _TYPES.get(field.type, "text")


def schema_of_fields(types: Iterable[ContentType]) -> Schema:
    """Return the fields of some types as conditions are checked against them; the first to have a name types it."""
    found: dict[tuple[str, str], Type] = {}
    for one in types:
        for field in one.fields:
            found.setdefault(("event", field.key), type_of(field))
    return Schema(types=found)


def plain_value(item: ContentItem, field: str, languages: Sequence[str], localized: bool | None = None) -> Any:
    """Return what a field says; a localized one says it in the first of the languages that it has, else in any.

    Of an item without a type (`localized` is None) any map that is no image and no link is one of languages.
    """
    value = item.fields.get(field)
    if isinstance(value, Mapping) and (localized or (localized is None and not _address(value))):
        known = (value[language] for language in languages if language in value)
        value = next(known, next(iter(value.values()), None))
    return _address(value) if isinstance(value, Mapping) else value


def typed_values(item: ContentItem, kind: ContentType | None, languages: Sequence[str]) -> dict[str, Any]:
    """Return an item's fields by stored key; without a type, each in every type that its value can have."""
    values: dict[str, Any] = {}
    if kind is None:
        for name in item.fields:
            for of in ("text", "number", "boolean", "date", "list"):
                _put(values, name, of, plain_value(item, name, languages))
    else:
        for field in kind.fields:
            _put(values, field.key, type_of(field), plain_value(item, field.key, languages, field.localized))
    return values


def _put(values: dict[str, Any], name: str, kind: str, value: Any) -> None:
    if kind == "text" and isinstance(value, str):
        values[stored_key(name, "text")] = value
    elif kind == "number" and is_number(value):
        values[stored_key(name, "number")] = float(value)
    elif kind == "boolean" and isinstance(value, bool):
        values[stored_key(name, "boolean")] = value
    elif kind == "date" and is_day(value):
        values[stored_key(name, "date")] = date.fromisoformat(value).toordinal() - _EPOCH
    elif kind == "list" and isinstance(value, list | tuple):
        values[stored_key(name, "list")] = [_text(one) for one in value]


def _address(value: Mapping[str, Any]) -> str | None:
    found = value.get("src", value.get("url"))
    return found if isinstance(found, str) else None


def _text(member: Any) -> str:
    if isinstance(member, Mapping):
        return _address(member) or ""
    if isinstance(member, bool):
        return "true" if member else "false"
    return f"{member:.15g}" if isinstance(member, float) else str(member)

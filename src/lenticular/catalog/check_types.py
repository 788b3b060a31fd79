"""Checks of content types, and of content items against theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lenticular.catalog.check_lists import doubles
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.content_type import ContentField, ContentType
from lenticular.catalog.findings import Findings
from lenticular.catalog.places import Path
from lenticular.catalog.values import is_day, is_number
from lenticular.errors import did_you_mean

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def is_language(tag: str) -> bool:
    """Return whether a text is a language tag such as `en` or `es-MX` (BCP 47)."""
    return bool(_LANGUAGE.fullmatch(tag))


def check_types(findings: Findings) -> None:
    """Check every content type, and every item whose type is defined."""
    for key, one in findings.catalog.types.items():
        path: Path = ("types", key, "fields")
        for at, field in enumerate(one.fields):
            _check_field(findings, (*path, at), field)
        for name, at in doubles(field.key for field in one.fields):
            findings.add("duplicate-field", f'There is a field "{name}" already.', (*path, at, "key"), "Rename it.")
    for key, item in findings.catalog.content.items():
        kind = findings.catalog.types.get(item.type)
        if kind is not None:
            _check_item(findings, ("content", key, "fields"), item, kind)


def _check_field(findings: Findings, path: Path, field: ContentField) -> None:
    if not _NAME.fullmatch(field.key):
        hint = "Begin with a letter; then letters, digits, underscores."
        findings.add("key", f'"{field.key}" is no name of a field.', (*path, "key"), hint)
    if (field.of is not None) != (field.type == "list"):
        message = "A list says what it has members of." if field.type == "list" else "Only a list has members."
        findings.add("field", message, (*path, "of"), "Write `type: list` and `of: text`, or leave `of` out.")
    if field.to is not None:
        if "reference" in (field.type, field.of):
            findings.refer("types", field.to, (*path, "to"))
        else:
            findings.add("field", "Only a reference leads to a type.", (*path, "to"), "Leave it out.")


def _check_item(findings: Findings, path: Path, item: ContentItem, kind: ContentType) -> None:
    known = {field.key: field for field in kind.fields}
    for name, value in item.fields.items():
        if name not in known:
            hint = did_you_mean(name, known) or f"Known: {', '.join(known)}." if known else "The type has no fields."
            message = f'The type "{kind.key}" has no field "{name}".'
            findings.add("unknown-field", message, (*path, name), hint, name=True)
        else:
            _check_value(findings, (*path, name), known[name], value)
    for name, field in known.items():
        if field.required and _is_empty(item.fields.get(name)):
            message = f'"{name}" is missing, and the type "{kind.key}" requires it.'
            findings.add("missing-field", message, path, f"Add a line `{name}: …`.")


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _check_value(findings: Findings, path: Path, field: ContentField, value: Any) -> None:
    if not field.localized:
        _check_plain(findings, path, field, value)
    elif not isinstance(value, dict):
        findings.add("value", "This is localized: a value for each language.", path, "Write `en: …` below it.")
    else:
        for language, one in value.items():
            if not is_language(language):
                hint = "Write a tag such as en or es-MX."
                findings.add("language", f'"{language}" is no language.', (*path, language), hint, name=True)
            _check_plain(findings, (*path, language), field, one)


def _check_plain(findings: Findings, path: Path, field: ContentField, value: Any) -> None:
    if field.type != "list":
        _check_one(findings, path, field.type, field.to, value)
    elif not isinstance(value, list | tuple):
        findings.add("value", "Expected a list.", path, "Write `[…]`.")
    else:
        for at, member in enumerate(value):
            _check_one(findings, (*path, at), field.of or "text", field.to, member)


def _check_one(findings: Findings, path: Path, kind: str, to: str | None, value: Any) -> None:
    words, test = _KINDS[kind]
    if not test(value):
        findings.add("value", f"Expected {words}.", path)
    elif kind == "reference":
        findings.refer("content", value, path)
        target = findings.catalog.content.get(value)
        if target is not None and to is not None and target.type != to:
            message = f'"{value}" is of the type "{target.type}", not "{to}".'
            findings.add("value", message, path, f'Choose an item of the type "{to}".')


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_link(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, dict) and _is_text(value.get("url")))


def _is_image(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, dict) and _is_text(value.get("src")))


_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text", _is_text),
    "richText": ("a text", _is_text),
    "number": ("a number", is_number),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "date": ('a day such as "2026-01-31"', is_day),
    "image": ("an address, or `src` with `alt` and `focus`", _is_image),
    "link": ("an address, or `url` with `label`", _is_link),
    "reference": ("the key of a content item", _is_text),
}

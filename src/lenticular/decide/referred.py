"""Items that other items refer to: an answer has them where the reference stands, one level deep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.content_type import ContentType
from lenticular.decide.decision import Item
from lenticular.decide.faces import face

Span = tuple[int | None, int | None]
"""From when until when (ms) an item is shown; None: always."""
_EVER = -(1 << 62)


class Phase(msgspec.Struct, frozen=True):
    """An item as it is from a moment (ms) on, with those of the items it refers to that are shown then; its `face`."""

    since: int
    item: Item
    face: str


def phases_of(
    item: ContentItem, kind: ContentType | None, told: Mapping[str, Item], spans: Mapping[str, Span]
) -> list[Phase]:
    """Return an item as it is from each moment on at which one that it refers to begins or ends to be shown.

    `told` are all items that can be used. Of one that is not among them, or not shown then, nothing is there. Raises
    ValueError for fields that are not plain data.
    """
    fields = [one.key for one in kind.fields if "reference" in (one.type, one.of)] if kind is not None else []
    named = [name for name in fields if name in item.fields]
    keys = {key for name in named for key in _keys(item.fields[name])}
    moments = {moment for key in keys for moment in spans.get(key, ()) if moment is not None}
    found: list[Phase] = []
    for since in (_EVER, *sorted(moments)):
        shown = {key: told[key] for key in keys if key in told and _is_on(spans[key], since)}
        seen = {name: value for name, value in item.fields.items() if name not in named}
        for name in named:
            value = _resolved(item.fields[name], shown)
            if value is not None:
                seen[name] = value
        found.append(Phase(since, Item(item.key, item.type, seen), face(item.key, item.type, seen)))
    return found


def _keys(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return {key for one in members for key in _keys(one)}


def _is_on(span: Span, now: int) -> bool:
    start, end = span
    return (start is None or start <= now) and (end is None or now < end)


def _resolved(value: Any, shown: Mapping[str, Item]) -> Any:
    """Return the items that a value names, in its form: one, a list, or either by language; None for nothing."""
    if isinstance(value, str):
        found = shown.get(value)
        return None if found is None else {"key": found.key, "type": found.type, "fields": found.fields}
    if isinstance(value, dict):
        by_language = {language: _resolved(one, shown) for language, one in value.items()}
        return {language: one for language, one in by_language.items() if one is not None} or None
    if isinstance(value, list | tuple):
        return [one for one in (_resolved(each, shown) for each in value) if one is not None]
    return None

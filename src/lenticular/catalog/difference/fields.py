"""Differences of plain fields, whatever their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lenticular.catalog.difference.phrases import Phrases

_KEYS = ("key", "segment", "value", "by")
_NAMES = ("name", "key", "label", "segment", "value")


def field_lines(phrases: Phrases, name: str, before: Any, after: Any, label: str = "") -> Iterator[str]:
    """Yield what is different in one field; None stands for one that is not there."""
    label = label or phrases.label(name)
    if phrases.is_secret(name):
        yield phrases.say("altered", label=label)
    elif isinstance(before or {}, dict) and isinstance(after or {}, dict) and (before or after):
        yield from _objects(phrases, label, before or {}, after or {})
    elif isinstance(before or [], list) and isinstance(after or [], list) and (before or after):
        yield from _lists(phrases, label, before or [], after or [])
    elif not phrases.is_short(before, after):
        yield phrases.say("altered", label=label)
    elif before is None:
        yield phrases.say("now", label=label, after=phrases.value(after))
    elif after is None:
        yield phrases.say("no_longer", label=label, before=phrases.value(before))
    else:
        yield phrases.say("was_now", label=label, before=phrases.value(before), after=phrases.value(after))


def _objects(phrases: Phrases, label: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield from field_lines(phrases, name, old, new, f"{label}: {phrases.label(name)}")


def _lists(phrases: Phrases, label: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    old, new = _named(before), _named(after)
    if old is None or new is None:
        yield phrases.say("altered", label=label)
        return
    if added := [_shown(phrases, one) for name, one in new.items() if name not in old]:
        yield phrases.say("list_added", label=label, names=phrases.names(added))
    if removed := [_shown(phrases, one) for name, one in old.items() if name not in new]:
        yield phrases.say("list_removed", label=label, names=phrases.names(removed))
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield phrases.say("list_order", label=label, names=phrases.names(_shown(phrases, one) for one in after))
    for name in kept:
        if isinstance(old[name], dict) and old[name] != new[name]:
            yield from _objects(phrases, f"{label}: {_shown(phrases, new[name])}", old[name], new[name])


def _named(members: list[Any]) -> dict[Any, Any] | None:
    found: dict[Any, Any] = {}
    for one in members:
        name = next((one[key] for key in _KEYS if key in one), None) if isinstance(one, dict) else one
        if not isinstance(name, str | int | float) or name in found:
            return None
        found[name] = one
    return found


def _shown(phrases: Phrases, member: Any) -> Any:
    if not isinstance(member, dict):
        return member
    if "by" in member:  # a sort
        by = phrases.label(f"by:{member['by']}")
        return f"{by} {member['field']}" if member.get("field") else by
    return next((member[name] for name in _NAMES if member.get(name)), "")

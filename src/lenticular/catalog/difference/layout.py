"""Differences of pages and slots: blocks and experiences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lenticular.catalog.difference.fields import field_lines
from lenticular.catalog.difference.phrases import Phrases

Blocks = dict[str, Any]


def block_lines(phrases: Phrases, before: Blocks, after: Blocks, ahead: str = "") -> Iterator[str]:
    """Yield what is different between two flat maps of blocks, or two patches over one; `ahead` is said first."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new and (name in before) == (name in after):
            continue
        shown = phrases.value(name)
        if ahead and name not in after:
            yield f"{ahead}{phrases.say('block', id=shown)}: {phrases.say('following')}"
            continue
        for line in _block(phrases, shown, old, new):
            yield f"{ahead}{line}"


def _block(phrases: Phrases, shown: str, old: Any, new: Any) -> Iterator[str]:
    if new is None:
        yield phrases.say("block_removed", id=shown)
    elif old is None and "kind" in new:
        yield phrases.say("block_added", id=shown, kind=new["kind"])
    else:
        yield from one_block(phrases, shown, old or {}, new)


def one_block(phrases: Phrases, shown: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield what is different between two versions of a block."""
    for field in dict.fromkeys((*old, *new)):
        before, after = old.get(field), new.get(field)
        if before == after:
            continue
        if field == "position":
            yield phrases.say("block_moved", id=shown)
        elif field == "hidden":
            yield phrases.say("block_hidden" if after else "block_shown", id=shown)
        elif field == "parent":
            key = "block_inside" if after else "block_top"
            yield phrases.say(key, id=shown, parent=phrases.value(after))
        else:
            own = "" if field == "settings" else f"{phrases.label(field)}: "
            block = phrases.say("block", id=shown)
            for name, one, other in _members(before, after, field):
                label = f"{block}: {own if own and name != field else ''}{phrases.label(name)}"
                yield from field_lines(phrases, name, one, other, label)


def _members(before: Any, after: Any, field: str) -> Iterator[tuple[str, Any, Any]]:
    if not (isinstance(before or {}, dict) and isinstance(after or {}, dict)):
        yield field, before, after
        return
    old, new = before or {}, after or {}
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def experience_lines(
    phrases: Phrases, before: list[Any], after: list[Any], names: dict[str, str], blocks: bool
) -> Iterator[str]:
    """Yield what is different between two ordered lists of experiences; `names` are those of segments by key."""
    old, new = ({one["key"]: one for one in each} for each in (before, after))

    def called(one: dict[str, Any]) -> str:
        return phrases.value(one.get("name") or one["key"])

    for key, one in new.items():
        if key not in old:
            segment = one.get("segment")
            whom = phrases.value(names.get(segment, segment)) if segment else phrases.say("anyone")
            yield phrases.say("experience_added", name=called(one), segment=whom)
    for key, one in old.items():
        if key not in new:
            yield phrases.say("experience_removed", name=called(one))
    if [key for key in old if key in new] != [key for key in new if key in old]:
        order = ", ".join(map(called, after))
        yield phrases.say("list_order", label=phrases.label("experiences"), names=order)
    for key, one in new.items():
        if key in old and old[key] != one:
            ahead = f"{phrases.say('experience', name=called(one))}: "
            yield from _experience(phrases, old[key], one, ahead, (names, blocks))


def _experience(
    phrases: Phrases, old: dict[str, Any], new: dict[str, Any], ahead: str, how: tuple[dict[str, str], bool]
) -> Iterator[str]:
    names, blocks = how
    for field in dict.fromkeys((*old, *new)):
        before, after = old.get(field), new.get(field)
        if before == after:
            continue
        if field == "overrides" and blocks:
            yield from block_lines(phrases, before or {}, after or {}, ahead)
        elif field == "overrides":
            for line in one_block(phrases, "", before or {}, after or {}):
                yield f"{ahead}{line}".replace("  ", " ").replace(" :", ":", 1)
        else:
            if field == "segment":
                before, after = (names.get(one, one) if one else phrases.say("anyone") for one in (before, after))
            for line in field_lines(phrases, field, before, after):
                yield f"{ahead}{line}"

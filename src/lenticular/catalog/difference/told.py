"""What is different in one definition, told in one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from lenticular.catalog.difference.fields import field_lines
from lenticular.catalog.difference.layout import block_lines, experience_lines, one_block
from lenticular.catalog.difference.phrases import Phrases
from lenticular.catalog.difference.rule import rule_lines
from lenticular.catalog.site import Signals
from lenticular.catalog.stored import Body, State
from lenticular.criteria.types import Schema

What = Literal["added", "changed", "archived", "deleted", "back"]
_MOST = 12


class Difference(msgspec.Struct, frozen=True):
    """What is different in one definition: what happened to it, line by line, and all of it in one sentence."""

    kind: str
    key: str
    name: str
    what: What
    lines: tuple[str, ...]
    sentence: str


class Naming(msgspec.Struct, frozen=True):
    """What things were and are called: the labels of properties before and after, the names of segments by key."""

    before: Schema
    after: Schema
    segments: Mapping[str, str]


Version = tuple[State, Body | None]


def difference(of: tuple[str, str], before: Version, after: Version, naming: Naming, language: str) -> Difference:
    """Return what is different in a definition (by kind and key) between two of its versions."""
    kind, key = of
    phrases = Phrases(language)
    old, new = before[1] or {}, after[1] or {}
    what = _what(before[0], after[0])
    lines = tuple(_lines(phrases, kind, old, new, naming)) if what in ("changed", "back") else ()
    name = _name(new) or _name(old) or key
    return Difference(kind, key, name, what, lines, _sentence(phrases, kind, name, what, lines))


def follows_keys(of: tuple[str, str], body: Body, keys: Iterable[str], language: str) -> Difference:
    """Return the difference of a definition that refers to others by new keys, and is otherwise as it was."""
    kind, key = of
    phrases = Phrases(language)
    name = _name(body) or key
    lines = (phrases.say("follows", names=phrases.names(sorted(keys))),)
    return Difference(kind, key, name, "changed", lines, _sentence(phrases, kind, name, "changed", lines))


def _what(before: State, after: State) -> What:
    if after == "archived" or after == "deleted":
        return after
    if before in ("archived", "deleted"):
        return "back"
    return "added" if before == "new" else "changed"


def _name(body: Body) -> str:
    return str(body.get("name") or body.get("label") or body.get("key") or "")


def _sentence(phrases: Phrases, kind: str, name: str, what: What, lines: tuple[str, ...]) -> str:
    said = phrases.say(what, name=name, noun=phrases.noun(kind))
    if not lines:
        return f"{phrases.say('same', name=name, noun=phrases.noun(kind)) if what == 'changed' else said}."
    shown = list(lines[:_MOST])
    if len(lines) > _MOST:
        shown.append(phrases.say("more", count=len(lines) - _MOST))
    return f"{said}: {'; '.join(shown)}."


def _lines(phrases: Phrases, kind: str, old: Body, new: Body, naming: Naming) -> Iterator[str]:
    for field in dict.fromkeys((*old, *new)):
        if old.get(field) != new.get(field):
            told = list(_field(phrases, kind, field, (old.get(field), new.get(field)), naming))
            yield from told or [phrases.say("altered", label=phrases.label(field))]


def _field(phrases: Phrases, kind: str, field: str, values: tuple[Any, Any], naming: Naming) -> Iterator[str]:
    (before, after), names = values, dict(naming.segments)
    match field:
        case "rule":
            yield from rule_lines(phrases, before or "", after or "", (naming.before, naming.after))
        case "blocks":
            yield from block_lines(phrases, before or {}, after or {})
        case "block" if kind == "slots":
            for line in one_block(phrases, "", before or {}, after or {}):
                yield line.replace("  ", " ").replace(" :", ":", 1)
        case "experiences":
            yield from experience_lines(phrases, before or [], after or [], names, kind == "pages")
        case _:
            yield from field_lines(phrases, field, *_named(field, before, after, names))


def _named(field: str, before: Any, after: Any, names: dict[str, str]) -> tuple[Any, Any]:
    """Return two values of a field as people read them: segments by their names, signals with what holds unsaid."""
    if field == "signals":
        return _all_signals(before), _all_signals(after)
    if field == "segments":
        old, new = ([names.get(key, key) for key in one or ()] for one in (before, after))
        return old, new
    return before, after


def _all_signals(written: Any) -> dict[str, list[str]]:
    found = msgspec.convert(written or {}, Signals)
    return {name: list(purposes) for name, purposes in msgspec.structs.asdict(found).items()}

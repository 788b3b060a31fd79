"""The events that a rule names and the fields that it asks of them, each with its path in the tree."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lenticular.criteria.tree import (
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Field,
    Node,
    Sequence,
    behaviour_of,
    children,
    field_of,
    operand_of,
)


class MentionedEvent(msgspec.Struct, frozen=True):
    """An event by name, and the fields of its own that are asked for: (path, name)."""

    path: str
    name: str
    fields: tuple[tuple[str, str], ...]


def mentioned_events(tree: Node) -> list[MentionedEvent]:
    """Return every mention of an event, in the order of the rule. Paths are those of `criteria.check`'s problems."""
    found: list[MentionedEvent] = []
    waiting: list[tuple[str, Node]] = [("", tree)]
    while waiting:
        path, node = waiting.pop()
        match node:
            case Sequence(steps, without):
                named = [(f"{path}/steps/{at}", step) for at, step in enumerate(steps)]
                named += [(f"{path}/without", without)] if without else []
                found += [MentionedEvent(place, one.event, _fields(place, one.where)) for place, one in named]
                continue
            case Compare() | Between() if behaviour := behaviour_of(node):
                found.append(_of_behaviour(node, behaviour, path))
                continue
        waiting.extend((f"{path}/{step}", part) for step, part in reversed(children(node)))
    return found


def _of_behaviour(node: Compare | Between, behaviour: Behaviour, path: str) -> MentionedEvent:
    place = f"{path}/{'left' if isinstance(node, Compare) else 'of'}"
    place += "/of" if isinstance(operand_of(node), Call) else ""
    own = [(f"{place}/field", behaviour.field.name)] if _is_own(behaviour.field) and behaviour.field else []
    return MentionedEvent(place, behaviour.event, (*own, *_fields(place, behaviour.where)))


def _fields(place: str, where: tuple[Node, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(one for at, part in enumerate(where) for one in _inside(f"{place}/where/{at}", part))


def _inside(path: str, node: Node) -> Iterator[tuple[str, str]]:
    waiting = [(path, node)]
    while waiting:
        here, part = waiting.pop()
        field, step = None, ""
        if isinstance(part, AnyOf):
            field, step = part.of, "of"
        elif isinstance(part, Compare | Between):
            field, step = field_of(operand_of(part)), "left" if isinstance(part, Compare) else "of"
        if field is not None and _is_own(field):
            yield f"{here}/{step}", field.name
        if not isinstance(part, AnyOf):
            waiting.extend((f"{here}/{one}", child) for one, child in reversed(children(part)))


def _is_own(field: Field | None) -> bool:
    return field is not None and field.scope == "event"

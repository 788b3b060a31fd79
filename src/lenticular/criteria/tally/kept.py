"""What must be kept of a condition's behaviour, and under which key: the same for identical behaviours."""

from __future__ import annotations

import math

import msgspec

from lenticular.criteria.operands import conditions, key_of
from lenticular.criteria.tables import Type
from lenticular.criteria.tree import (
    AnyOf,
    Behaviour,
    Between,
    Compare,
    Node,
    Right,
    Sequence,
    Window,
    behaviour_of,
    behaviours_in,
    field_of,
    walk,
)
from lenticular.criteria.types import Schema, measured_type, source_type
from lenticular.criteria.window import reach
from lenticular.ids import short_hash

_MOST_CAPPED = 256


class Kept(msgspec.Struct, frozen=True):
    """A behaviour to keep a tally of.

    `kind` is the type under which its field is stored. `most` says how many of the newest times a rolling count
    needs at most, whatever it is compared with; None for all.
    """

    behaviour: Behaviour | Sequence
    kind: Type
    most: int | None
    key: str


def kept(node: Compare | Between | Sequence, schema: Schema) -> Kept | None:
    """Return what a condition needs kept; None if it asks for no behaviour."""
    if isinstance(node, Sequence):
        return Kept(node, "number", None, _key(node, "", _types(node, schema)))
    behaviour = behaviour_of(node)
    if behaviour is None:
        return None
    parts = conditions(node, schema)
    kind = measured_type(behaviour, parts[0].kind, schema)
    most = _most(behaviour, [one.right for one in parts])
    types = [key_of(behaviour.field, kind)] if behaviour.field else []
    return Kept(behaviour, kind, most, _key(behaviour, str(most or ""), [*types, *_types(node, schema)]))


def all_kept(tree: Node, schema: Schema) -> list[Kept]:
    """Return what a tree needs kept."""
    if not behaviours_in(tree):
        return []
    found = (kept(part, schema) for part in walk(tree, filters=False) if isinstance(part, Compare | Between | Sequence))
    return [one for one in found if one is not None]


def _key(behaviour: Behaviour | Sequence, most: str, types: list[str]) -> str:
    return short_hash(f"{msgspec.json.encode(behaviour).decode()}|{most}|{'|'.join(types)}")


def _types(node: Compare | Between | Sequence, schema: Schema) -> list[str]:
    """The types that filters read with: with another type of a field it is another tally."""
    found = []
    for part in walk(node)[1:]:
        if isinstance(part, Compare | Between):
            field, right = field_of(part.left if isinstance(part, Compare) else part.of), _right(part)
            if field is not None:
                operand, operator = (part.left, part.operator) if isinstance(part, Compare) else (part.of, "<=")
                found.append(key_of(field, source_type(operand, right, operator, schema)))
        elif isinstance(part, AnyOf):
            found.append(key_of(part.of, "objects"))
    return found


def _right(part: Compare | Between) -> Right:
    return part.right if isinstance(part, Compare) else part.low


def _most(behaviour: Behaviour, rights: list[Right]) -> int | None:
    """A count that ends now need not know more than one event above the highest number it is compared with."""
    if behaviour.measure != "count" or not _ends_now(behaviour.window):
        return None
    numbers = [
        number
        for right in rights
        for number in (right if isinstance(right, tuple) else (right,))
        if isinstance(number, int | float)
    ]
    highest = max((math.floor(min(number, 1e9)) for number in numbers), default=0)
    if highest >= _MOST_CAPPED:
        return None
    return 1 << max(highest + 1, 7).bit_length()


def _ends_now(window: Window) -> bool:
    return reach(window) is not None and window.before is None and not isinstance(window.within, tuple)

"""What a segment needs of the people it looks at: the purposes of all that it reads, and whether that can be forged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lenticular.criteria.purposes import PURPOSES
from lenticular.criteria.tree import (
    AnyOf,
    Between,
    Compare,
    Field,
    Node,
    Organization,
    Sequence,
    behaviour_of,
    field_of,
    operand_of,
    segments_in,
    walk,
)
from lenticular.criteria.types import Schema

_PERSONALIZATION = PURPOSES["personalization"]
_OF_SCOPE = {"user": _PERSONALIZATION, "organization": _PERSONALIZATION}
"""What a property needs by itself. How a visit came about is told by the visit, and needs nothing."""


def needed_purposes(trees: Mapping[str, Node], order: Iterable[str], schema: Schema) -> dict[str, int]:
    """Return the mask of purposes that each segment needs, with those of the segments that it names.

    `order` has every segment after those that it names.
    """
    needs: dict[str, int] = {}
    for key in order:
        needs[key] = purposes_of(trees[key], schema)
        for inner in segments_in(trees[key]):
            needs[key] |= needs.get(inner, 0)
    return needs


def purposes_with(tree: Node, trees: Mapping[str, Node], schema: Schema) -> int:
    """Return the mask of purposes that a tree needs, with those of all segments that it leads to."""
    mask = 0
    for each in _reached(tree, trees):
        mask |= purposes_of(each, schema)
    return mask


def _reached(tree: Node, trees: Mapping[str, Node]) -> Iterator[Node]:
    """Yield a tree and those of all segments that it leads to, each once."""
    seen, waiting = set[str](), [tree]
    while waiting:
        current = waiting.pop()
        yield current
        for key in segments_in(current):
            if key not in seen and key in trees:
                seen.add(key)
                waiting.append(trees[key])


def purposes_of(tree: Node, schema: Schema) -> int:
    """Return the mask of purposes that a tree needs, without the segments that it names."""
    mask = 0
    for field in fields_of(tree):
        purpose = schema.purposes.get((field.scope, field.name))
        mask |= PURPOSES[purpose] if purpose else _OF_SCOPE.get(field.scope, 0)
    for part in walk(tree, filters=False):
        if isinstance(part, Sequence | Organization) or (isinstance(part, Compare | Between) and behaviour_of(part)):
            mask |= _PERSONALIZATION
    return mask


def is_forgeable(tree: Node, trees: Mapping[str, Node], schema: Schema) -> bool:
    """Return whether a visitor could talk themselves into a segment: it reads anything that a browser may say.

    What can't be forged: static lists, and properties that only servers can write.
    """
    return any(_reads_forgeable(each, schema) for each in _reached(tree, trees))


def _reads_forgeable(tree: Node, schema: Schema) -> bool:
    for part in walk(tree, filters=False):
        if isinstance(part, Sequence | Organization) or (isinstance(part, Compare | Between) and behaviour_of(part)):
            return True
    return any((field.scope, field.name) not in schema.trusted for field in fields_of(tree))


def fields_of(tree: Node) -> Iterator[Field]:
    """Yield the properties that a tree reads, those of filters too, but not the fields of objects."""
    for part in walk(tree):
        if isinstance(part, AnyOf):
            yield part.of
        elif isinstance(part, Compare | Between):
            behaviour = behaviour_of(part)
            field = behaviour.field if behaviour else field_of(operand_of(part))
            if field is not None and field.scope != "element":
                yield field

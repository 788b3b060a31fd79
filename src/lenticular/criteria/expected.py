"""The types that rules expect of event fields that no event has had yet: publishing a rule registers them."""

from __future__ import annotations

from collections.abc import Iterable

from lenticular.criteria.operands import conditions
from lenticular.criteria.tables import Type
from lenticular.criteria.tree import Between, Call, Compare, Count, Node, walk
from lenticular.criteria.types import Schema


def expected_types(trees: Iterable[Node], schema: Schema) -> dict[tuple[str, str], Type]:
    """Return (scope, name) to type for every field that the trees read and the schema lacks; the first rule decides."""
    found: dict[tuple[str, str], Type] = {}
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, Compare | Between):
                for one in conditions(node, schema):
                    field = one.left.of if isinstance(one.left, Call) else one.left
                    if not isinstance(field, Count) and schema.type_of(field) is None:
                        found.setdefault((field.scope, field.name), one.kind)
    return found

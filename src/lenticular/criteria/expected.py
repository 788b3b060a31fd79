"""The types that rules expect of event fields that no event has had yet: publishing a rule registers them."""

from __future__ import annotations

from collections.abc import Iterable

from lenticular.criteria.operands import conditions
from lenticular.criteria.tables import Type
from lenticular.criteria.tree import AnyOf, Between, Call, Compare, Field, Node, walk
from lenticular.criteria.types import Schema, measured_type


def expected_types(trees: Iterable[Node], schema: Schema) -> dict[tuple[str, str], Type]:
    """Return (scope, name) to type for every field that the trees read and the schema lacks; the first rule decides."""
    found: dict[tuple[str, str], Type] = {}

    def expect(field: Field, kind: Type) -> None:
        if field.scope != "element" and schema.type_of(field) is None:
            found.setdefault((field.scope, field.name), kind)

    for tree in trees:
        for node in walk(tree):
            if isinstance(node, AnyOf):
                expect(node.of, "objects")
            elif isinstance(node, Compare | Between):
                for one in conditions(node, schema):
                    source = one.left.of if isinstance(one.left, Call) else one.left
                    if isinstance(source, Field):
                        expect(source, one.kind)
                    elif source.field is not None:
                        expect(source.field, measured_type(source, one.kind, schema))
    return found

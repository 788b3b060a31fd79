"""Which purposes a rule needs, for the reference evaluator: those of everything that it reads, however deep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Field,
    InSegment,
    Node,
    Not,
    Operand,
    Or,
    Organization,
    Sequence,
)
from lenticular.criteria.types import Schema


def purposes_of(tree: Node, trees: Mapping[str, Node], schema: Schema) -> frozenset[str]:
    """Return the purposes that a tree needs."""
    return frozenset(_of(tree, trees, schema))


def _of(node: Node, trees: Mapping[str, Node], schema: Schema) -> Iterator[str]:
    match node:
        case And(of) | Or(of):
            for part in of:
                yield from _of(part, trees, schema)
        case Not(of):
            yield from _of(of, trees, schema)
        case InSegment(key):
            yield from _of(trees[key], trees, schema)
        case Organization(where):
            yield "personalization"  # to belong to an organization at all is something known of the person
            for part in where:
                yield from _of(part, trees, schema)
        case AnyOf(of, where):
            yield from _field(of, schema)
            yield from _of(where, trees, schema)
        case Sequence(steps, without):
            yield "personalization"
            for step in (*steps, *([without] if without else [])):
                for part in step.where:
                    yield from _of(part, trees, schema)
        case Compare(operand) | Between(operand):
            yield from _operand(operand, trees, schema)


def _operand(operand: Operand, trees: Mapping[str, Node], schema: Schema) -> Iterator[str]:
    match operand:
        case Call(_, of):
            yield from _operand(of, trees, schema)
        case Field():
            yield from _field(operand, schema)
        case Behaviour(field=field, where=where):
            yield "personalization"
            if field is not None:
                yield from _field(field, schema)
            for part in where:
                yield from _of(part, trees, schema)


def _field(field: Field, schema: Schema) -> Iterator[str]:
    if (field.scope, field.name) in schema.purposes:
        yield schema.purposes[field.scope, field.name]
    elif field.scope in ("user", "organization"):
        yield "personalization"

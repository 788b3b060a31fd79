"""Check a tree against a site's properties: every problem, with its path, its reason and the form that works."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lenticular.criteria.check_operands import Inside, check_field, check_operand, check_sequence, needs_now
from lenticular.criteria.check_values import a_type, check_condition
from lenticular.criteria.limits import check_size
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.text.print import operand_text
from lenticular.criteria.tree import (
    AnyOf,
    Between,
    Compare,
    InSegment,
    Node,
    OnList,
    Organization,
    Sequence,
    children,
)
from lenticular.criteria.types import Schema
from lenticular.errors import Problem, did_you_mean


def check(tree: Node, schema: Schema, segments: Collection[str] = ()) -> list[Problem]:
    """Return every problem of a tree, its place given as a path such as `/of/0/left`. An empty list means it works."""
    check_size(tree)
    problems: list[Problem] = []
    waiting: list[tuple[str, Node, Inside]] = [("", tree, Inside())]
    while waiting:
        path, node, inside = waiting.pop()
        problems += _node(node, path, schema, inside, segments)
        below = inside.within(_SCOPE[type(node)]) if type(node) in _SCOPE else inside
        waiting.extend((f"{path}/{step}", part, below) for step, part in reversed(children(node)))
    return list(dict.fromkeys(problems))


_SCOPE: dict[type, str] = {
    Compare: "event",  # what stands in a comparison are the filters of its behaviour
    Between: "event",
    Sequence: "event",
    Organization: "organization",
    AnyOf: "element",
}


def _node(node: Node, path: str, schema: Schema, inside: Inside, segments: Collection[str]) -> Iterator[Problem]:
    match node:
        case InSegment(key) | OnList(key) if inside.scope or key not in segments:
            yield _segment(key, path, inside, segments)
        case Organization(where):
            if inside.scope:
                yield Problem("rule.filter", "organization() can't stand inside a filter.", place=path)
            if not where:
                yield Problem("rule.group", "This organization is asked for nothing.", place=path)
        case AnyOf():
            yield from _any(node, path, schema, inside)
        case Sequence():
            yield from check_sequence(node, path, inside)
        case Compare():
            yield from _compare(node, path, schema, inside)
        case Between():
            yield from _between(node, path, schema, inside)


def _segment(key: str, path: str, inside: Inside, segments: Collection[str]) -> Problem:
    if inside.scope:
        return Problem(
            "rule.filter",
            "A filter can't ask for a segment.",
            place=path,
            hint="Move it outside and join it with `and`.",
        )
    known = f"Known segments: {', '.join(sorted(segments)[:8])}." if segments else "There are no segments yet."
    return Problem(
        "rule.segment", f"There is no segment {key!r}.", place=path, hint=did_you_mean(key, segments) or known
    )


def _any(node: AnyOf, path: str, schema: Schema, inside: Inside) -> Iterator[Problem]:
    if inside.scope == "element":
        yield Problem("rule.filter", ".any() can't stand inside .any().", place=path)
        return
    yield from check_field(node.of, f"{path}/of", schema, inside)
    known = schema.type_of(node.of)
    if known and known != "objects":
        hint = 'Write .has("a") or .has_any(["a", "b"]).' if known == "list" else "Compare it directly."
        yield Problem(
            "rule.type",
            f"{operand_text(node.of)} is {a_type(known)}; .any() is for a list of objects.",
            place=path,
            hint=hint,
        )


def _compare(node: Compare, path: str, schema: Schema, inside: Inside) -> Iterator[Problem]:
    operator, right = node.operator, node.right
    if operator not in OPERATORS:
        hint = did_you_mean(operator, OPERATORS) or f"Known: {', '.join(OPERATORS)}."
        yield Problem("rule.operator", f"There is no operator {operator!r}.", place=path, hint=hint)
        return
    problems = list(check_operand(node.left, f"{path}/left", schema, inside))
    if inside.timeless:
        problems += needs_now(right, f"{path}/right")
    yield from problems or check_condition(node.left, operator, right, path, f"{path}/right", schema)


def _between(node: Between, path: str, schema: Schema, inside: Inside) -> Iterator[Problem]:
    problems = list(check_operand(node.of, f"{path}/of", schema, inside))
    for end, value in (("low", node.low), ("high", node.high)):
        if inside.timeless:
            problems += needs_now(value, f"{path}/{end}")
    yield from problems
    if not problems:
        yield from check_condition(node.of, "<=", node.low, path, f"{path}/low", schema)
        yield from check_condition(node.of, "<=", node.high, path, f"{path}/high", schema)

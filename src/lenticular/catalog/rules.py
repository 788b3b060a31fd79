"""What a catalog asks of the rule language: is this rule right, and which segments does it name?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.property import Property
from lenticular.catalog.segment import Segment
from lenticular.criteria.check import check
from lenticular.criteria.text import parse
from lenticular.criteria.text.places import placed
from lenticular.criteria.tree import Compare, Field, Node, OnList, Or, children, segments_in, walk
from lenticular.criteria.types import Schema
from lenticular.errors import Problem, RuleError, did_you_mean


class RuleFacts(msgspec.Struct, frozen=True):
    """`segments` are the keys that a rule names with `segment("…")`, `lists` those it names with `on_list("…")`.

    `problems` is what else is wrong. The place of a problem is `line 1, column 8` of the rule. That a named segment is
    unknown or has no static list, or that segments name each other in a circle, is found by the catalog's check and is
    not among the problems. `compared` are the values that properties are said to be, each with its place.
    """

    segments: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    compared: tuple[tuple[str, Any, str], ...] = ()


def schema_of(catalog: Catalog) -> Schema:
    """Return the properties of a catalog as rules are checked against them."""
    properties = catalog.properties.values()
    return Schema(
        types={(one.scope, one.name): one.type for one in properties},
        labels={one.key: one.label for one in properties if one.label},
        purposes=purposes_of(catalog.properties),
        trusted=trusted_of(catalog.properties),
    )


def purposes_of(properties: Mapping[str, Property]) -> dict[tuple[str, str], str]:
    """Return the purposes that properties name, by scope and name."""
    return {(one.scope, one.name): one.purpose for one in properties.values() if one.purpose is not None}


def trusted_of(properties: Mapping[str, Property]) -> frozenset[tuple[str, str]]:
    """Return the (scope, name) of each property that only servers can write."""
    return frozenset((one.scope, one.name) for one in properties.values() if one.trusted)


def tree_of(segment: Segment) -> Node:
    """Return who belongs to a segment: those on its list, if it has one, and those whom its rule says.

    Raises RuleError.
    """
    if not segment.static:
        return parse(segment.rule).tree
    listed = OnList(segment.key)
    return Or((listed, parse(segment.rule).tree)) if segment.rule.strip() else listed


def lists_in(tree: Node) -> list[str]:
    """Return the keys of the segments whose static list a tree asks for, in order, each once."""
    return list(dict.fromkeys(part.key for part in walk(tree, filters=False) if isinstance(part, OnList)))


def without_list(tree: Node, segments: Mapping[str, Segment]) -> list[Problem]:
    """Return a problem for each part of a tree that asks for the list of a segment that has none.

    Its place is a path in the tree. A segment that does not exist is `criteria.check`'s to find.
    """
    problems = []
    waiting: list[tuple[str, Node]] = [("", tree)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, OnList) and node.key in segments and not segments[node.key].static:
            problems.append(no_list(node.key, segments, path))
        waiting.extend((f"{path}/{step}", part) for step, part in reversed(children(node)))
    return problems


def no_list(key: str, segments: Mapping[str, Segment], place: str = "") -> Problem:
    """Return the refusal of a list that a segment does not have."""
    hint = did_you_mean(key, [each for each, one in segments.items() if one.static])
    hint = hint or f'Define it with static: true, or ask for segment("{key}").'
    return Problem("catalog.no-list", f'The segment "{key}" has no static list.', place, hint)


_SAYING = frozenset({"==", "!=", "in", "not in", "has", "has_any", "has_all"})


def _compared(tree: Node) -> Iterator[tuple[str, Any, str]]:
    """Yield what properties are compared with: the property, the value, the path of the condition."""
    waiting: list[tuple[str, Node]] = [("", tree)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, Compare) and isinstance(node.left, Field) and node.operator in _SAYING:
            for value in node.right if isinstance(node.right, tuple) else (node.right,):
                if isinstance(value, str | int | float):
                    yield f"{node.left.scope}.{node.left.name}", value, path
        waiting.extend((f"{path}/{step}", part) for step, part in reversed(children(node)))


def _place(path: str, places: Mapping[str, str]) -> str:
    while path not in places and path:
        path = path.rpartition("/")[0]
    return places.get(path, "")


RuleReader = Callable[[Segment, Catalog], RuleFacts]
"""Reads one segment's rule against the properties of its catalog."""


def rule_reader(schema: Schema | None = None) -> RuleReader:
    """Return the reader of rules in text form, against a schema or, without one, the catalog's own properties."""

    def read(segment: Segment, catalog: Catalog) -> RuleFacts:
        if segment.static and not segment.rule.strip():
            return RuleFacts()
        try:
            parsed = parse(segment.rule)
            named, lists = tuple(segments_in(parsed.tree)), tuple(lists_in(parsed.tree))
            found = check(parsed.tree, schema or schema_of(catalog), {*named, *lists})
        except RuleError as error:
            return RuleFacts(problems=error.problems)
        said = tuple((name, value, _place(path, parsed.places)) for name, value, path in _compared(parsed.tree))
        return RuleFacts(named, lists, tuple(placed(problem, parsed.places) for problem in found), said)

    return read

"""What a catalog asks of the rule language: is this rule right, and which segments does it name?"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.segment import Segment
from lenticular.criteria.check import check
from lenticular.criteria.text import parse
from lenticular.criteria.text.places import placed
from lenticular.criteria.tree import segments_in
from lenticular.criteria.types import Schema
from lenticular.errors import Problem, RuleError


class RuleFacts(msgspec.Struct, frozen=True):
    """`segments` are the keys that a rule names with `segment("…")`; `problems` is what else is wrong.

    The place of a problem is `line 1, column 8` of the rule. That a named segment is unknown, or that
    segments name each other in a circle, is found by the catalog's check and is not among the problems.
    """

    segments: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


RuleReader = Callable[[Segment, Catalog], RuleFacts]
"""Reads one segment's rule against the properties of its catalog."""


def schema_of(catalog: Catalog) -> Schema:
    """Return the properties of a catalog as rules are checked against them."""
    properties = catalog.properties.values()
    return Schema(
        types={(one.scope, one.name): one.type for one in properties},
        labels={one.key: one.label for one in properties if one.label},
    )


def rule_reader(schema: Schema | None = None) -> RuleReader:
    """Return the reader of rules in text form, against a schema or, without one, the catalog's own properties."""

    def read(segment: Segment, catalog: Catalog) -> RuleFacts:
        try:
            parsed = parse(segment.rule)
            named = tuple(segments_in(parsed.tree))
            found = check(parsed.tree, schema or schema_of(catalog), named)
        except RuleError as error:
            return RuleFacts((), error.problems)
        return RuleFacts(named, tuple(placed(problem, parsed.places) for problem in found))

    return read

"""Which content items a query finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.item_values import schema_of_fields, typed_values
from lenticular.catalog.query import Query
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.python import compile_filter
from lenticular.criteria.text import Parsed, parse
from lenticular.criteria.tree import Behaviour, Compare, Node, Window
from lenticular.criteria.types import Schema
from lenticular.errors import Problem, RuleError

AHEAD = len('count("item", ')
"""So many characters stand before a query's condition in the rule that it is read as."""
_Passes = Callable[[ContentItem], bool]


def read_condition(where: str) -> tuple[Parsed, tuple[Node, ...]]:
    """Return a query's condition, parsed as that of a behaviour, and its parts, which all must hold.

    Raises RuleError.
    """
    parsed = parse(f'count("item", {where}) >= 1')
    tree = parsed.tree
    if isinstance(tree, Compare) and isinstance(tree.left, Behaviour) and tree.left.window == Window():
        return parsed, tree.left.where
    hint = 'Write for example `price > 50 and category == "shoes"`.'
    raise RuleError(Problem("rule.filter", "This is no condition on an item's fields.", "line 1, column 1", hint))


def schema_for(kind: str, query: Query, catalog: Catalog) -> Schema:
    """Return the fields by which items of one type are looked at: its own, then those of the query's other types."""
    named = [kind, *(query.types or catalog.types)]
    return schema_of_fields(catalog.types[name] for name in named if name in catalog.types)


def found_items(query: Query, catalog: Catalog, calendar: Calendar) -> Iterator[ContentItem]:
    """Yield the items that a query finds, in no order that means anything. Raises RuleError for what can't be read."""
    conditions = read_condition(query.where)[1] if query.where.strip() else ()
    passes: dict[str, _Passes] = {}
    every, some, none = set(query.all), set(query.any), set(query.none)
    for item in catalog.content.values():
        if query.types and item.type not in query.types:
            continue
        if not (every.issubset(item.tags) and none.isdisjoint(item.tags)) or (some and some.isdisjoint(item.tags)):
            continue
        if conditions:
            if item.type not in passes:
                passes[item.type] = _passes(conditions, item.type, query, catalog, calendar)
            if not passes[item.type](item):
                continue
        yield item


def _passes(conditions: tuple[Node, ...], kind: str, query: Query, catalog: Catalog, calendar: Calendar) -> _Passes:
    passes = compile_filter(conditions, schema_for(kind, query, catalog), calendar)
    languages = catalog.site.locales
    defined = catalog.types.get(kind)
    return lambda item: passes(typed_values(item, defined, languages), {})

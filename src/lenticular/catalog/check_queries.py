"""Checks of queries for content, and of what groups of items may be seen together."""

from __future__ import annotations

import re

import msgspec

from lenticular.catalog.check_lists import check_cap, check_instead, doubles
from lenticular.catalog.findings import Findings
from lenticular.catalog.found import AHEAD, read_condition, schema_for
from lenticular.catalog.places import Path
from lenticular.catalog.query import MOST_DAYS, Query, Sort
from lenticular.criteria.check import check as check_tree
from lenticular.criteria.duration import parse_duration
from lenticular.criteria.needs import fields_of
from lenticular.criteria.text.places import placed
from lenticular.errors import Problem, RuleError, did_you_mean

WINDOWS = ("ever", "session", "day", "week", "month")
"""How long an item counts as seen, beside durations."""
_SORTABLE = frozenset({"text", "number", "boolean", "date"})
_COLUMN = re.compile(r"line 1, column (\d+)")


def check_queries(findings: Findings) -> None:
    """Check every collection's queries, its cap and what it hides."""
    for key, collection in findings.catalog.collections.items():
        path: Path = ("collections", key)
        lists = [(path, collection.query)]
        lists += [((*path, "variations", at), one.query) for at, one in enumerate(collection.variations)]
        for where, query in lists:
            if query is not None:
                _check_query(findings, (*where, "query"), query)
        if collection.cap:
            check_cap(findings, (*path, "cap"), collection.cap)
            check_instead(findings, (*path, "cap"), collection.cap, "")
        seen = collection.hide_seen
        if seen is not None and seen not in WINDOWS:
            duration = parse_duration(seen)
            if duration is None or duration.months or not duration.milliseconds:
                hint = f'Write {", ".join(WINDOWS[:-1])}, {WINDOWS[-1]}, or a duration such as "7d".'
                findings.add(
                    "hide-seen", f'"{seen}" is no time in which something was seen.', (*path, "hideSeen"), hint
                )


def check_pressure(findings: Findings) -> None:
    """Check every group of items of the site that has a cap."""
    site = findings.catalog.site
    for at, one in enumerate(site.pressure):
        path: Path = ("site", site.key, "pressure", at)
        if not one.types and not one.tags:
            findings.add("pressure", "Of which items?", path, "Write `tags: [promotion]`, or `types`, or both.")
        _check_types(findings, path, one.types)
        check_cap(findings, (*path, "cap"), one.cap)
        check_instead(findings, (*path, "cap"), one.cap, "")
    for name, at in doubles(one.key for one in site.pressure):
        path = ("site", site.key, "pressure", at, "key")
        findings.add("pressure", f'There is a group "{name}" already.', path, "Rename it.")


def _check_query(findings: Findings, path: Path, query: Query) -> None:
    _check_types(findings, path, query.types)
    for name in ("types", "all", "any", "none"):
        for double, at in doubles(getattr(query, name)):
            findings.add("duplicate-name", f'"{double}" is in this list already.', (*path, name, at), "Take it out.")
    if query.where.strip():
        _check_where(findings, (*path, "where"), query)
    for at, sort in enumerate(query.sort):
        _check_sort(findings, (*path, "sort", at), sort, query)


def _check_types(findings: Findings, path: Path, types: tuple[str, ...]) -> None:
    known = {*findings.known("types"), *(item.type for item in findings.catalog.content.values())}
    for at, kind in enumerate(types):
        if kind not in known:
            hint = did_you_mean(kind, known) or (
                f"Known: {', '.join(sorted(known)[:8])}." if known else "There is no content type yet."
            )
            findings.add("unknown-content-type", f'There is no content type "{kind}".', (*path, "types", at), hint)


def _check_where(findings: Findings, path: Path, query: Query) -> None:
    catalog = findings.catalog
    try:
        parsed, conditions = read_condition(query.where)
    except RuleError as error:
        findings.problems += [_placed(findings, path, query.where, problem) for problem in error.problems]
        return
    problems: dict[Problem, None] = {}
    for kind in query.types or catalog.types or ("",):
        found = check_tree(parsed.tree, schema_for(kind, query, catalog))
        problems.update(dict.fromkeys(placed(problem, parsed.places) for problem in found))
    findings.problems += [_placed(findings, path, query.where, problem) for problem in problems]
    known = _fields(findings, query)
    for field in dict.fromkeys(field for one in conditions for field in fields_of(one)):
        if field.scope != "event":
            findings.add("unknown-field", f"{field.scope}.{field.name} can't be read of an item.", path)
        elif known is not None and field.name not in known:
            hint = did_you_mean(field.name, known) or f"Known: {', '.join(known)}."
            findings.add("unknown-field", f'No such item has a field "{field.name}".', path, hint)


def _check_sort(findings: Findings, path: Path, sort: Sort, query: Query) -> None:
    if (sort.field is not None) != (sort.by == "field"):
        hint = "Write `{by: field, field: price}`, or leave `field` out."
        findings.add("sort", '"by: field" and "field" go together.', path, hint)
    elif sort.field is not None:
        known = _fields(findings, query)
        if known is not None and sort.field not in known:
            hint = did_you_mean(sort.field, known) or f"Known: {', '.join(known)}."
            findings.add("unknown-field", f'No such item has a field "{sort.field}".', (*path, "field"), hint)
        elif known is not None and known[sort.field] not in _SORTABLE:
            findings.add("sort", f'"{sort.field}" is a {known[sort.field]}, which has no order.', (*path, "field"))
    if sort.days is not None and sort.counted is None:
        findings.add("sort", "Only views and clicks are counted in days.", (*path, "days"), "Leave it out.")
    elif sort.days is not None and not 1 <= sort.days <= MOST_DAYS:
        findings.add("sort", f"Days lie between 1 and {MOST_DAYS}; this is {sort.days}.", (*path, "days"))
    if sort.order is not None and sort.by in ("interests", "random"):
        findings.add("sort", "Interests and chance have one order only.", (*path, "order"), "Leave it out.")


def _fields(findings: Findings, query: Query) -> dict[str, str] | None:
    """Return the fields that a query's items have by their types, None if items of no defined type are among them."""
    catalog = findings.catalog
    named = query.types or {*catalog.types, *(item.type for item in catalog.content.values())}
    if not named or any(kind not in catalog.types for kind in named):
        return None
    return {name: kind for (_, name), kind in schema_for("", query, catalog).types.items()}


def _placed(findings: Findings, path: Path, where: str, problem: Problem) -> Problem:
    """Return a problem of the rule that a condition was read as, with its place in the condition."""
    found = _COLUMN.search(problem.place)
    column = int(found[1]) - AHEAD if found else 0
    place = f"line 1, column {column}" if column > 0 else problem.place if found is None else "line 1, column 1"
    return msgspec.structs.replace(problem, place=findings.places.within(path, where, place))

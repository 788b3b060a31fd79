"""Recorded visits, and what is needed to know who the visitors were then: read in bulk, person by person, in order."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lenticular.criteria.operands import conditions, key_of
from lenticular.criteria.sql_people import survivors
from lenticular.criteria.sql_sides import COLUMN_TYPE, Query
from lenticular.criteria.tables import EVENTS, ORGANIZATIONS, PROFILES, SESSIONS, Type
from lenticular.criteria.tally.kept import kept
from lenticular.criteria.tree import AnyOf, Between, Compare, Field, Node, behaviour_of, field_of, operand_of, walk
from lenticular.criteria.types import Schema

Key = tuple[str, str, Type]
"""A value of an event: the column (`properties`, `context`), its stored key, its type."""
_EVER = -(1 << 62)
_WHERE = (("s.properties", "landing_path"), ("context", "path"))
"""Where a visit tells by which page it came, and an event on which it happened."""
_COLUMN = {"event": "properties", "context": "context"}


class Visits(msgspec.Struct, frozen=True):
    """Visits that began from `start` to before `end` (ms), and came by a `path`, or (empty) by any; one that is a
    `pattern` is an expression in RE2's form that all of a path must match.

    Of all people only one in `of` is looked at. `merged`: whether any profiles were joined.
    """

    start: int
    end: int
    path: str
    merged: bool
    of: int = 1
    pattern: bool = False


class Needs(msgspec.Struct, frozen=True):
    """What must be read of events: of which names, which values (None: all), and whether topics too.

    `back` is how far before the first visit (ms) events still count, None for ever.
    """

    names: list[str]
    keys: list[Key] | None
    topics: bool
    back: int | None


def visit_count_query(of: Visits) -> Query:
    """Return the query for how many visits there are: one row."""
    return Query(f"SELECT count() FROM ({_visits(of)})", _bound(of))


def visits_query(of: Visits) -> Query:
    """Return the query for visits in the order of (profile id, moment).

    (profile id, the moment it was first there, start, session's properties as JSON).
    """
    sql = f"SELECT profile_id, moment, start, toJSONString(properties) FROM ({_visits(of)}) ORDER BY profile_id, moment"
    return Query(sql, _bound(of))


def visitors_query(of: Visits) -> Query:
    """Return the query for who the visitors are now: (profile id, traits as JSON, organizations, withheld, lists)."""
    sql = (
        f"SELECT profile_id, toJSONString(traits), organizations, withheld, lists FROM {PROFILES} FINAL"
        f" WHERE NOT gone AND profile_id IN (SELECT profile_id FROM ({_visits(of)}))"
    )
    return Query(sql, _bound(of))


def their_organizations_query() -> Query:
    """Return the query for all organizations: (id, traits as JSON)."""
    return Query(f"SELECT organization_id, toJSONString(traits) FROM {ORGANIZATIONS} FINAL", {})


def visitors_events_query(of: Visits, needs: Needs) -> Query:
    """Return the query for the visitors' events in the order of (profile id, time, tie).

    (profile id, name, time, tie, topics, each of the keys); without keys the whole properties and context as JSON. With
    topics, events of all names that can tell an interest.
    """
    keys, topics = needs.keys, needs.topics
    source = survivors(EVENTS) if of.merged else EVENTS
    if keys is None:
        values = ["toJSONString(e.properties)", "toJSONString(e.context)"]
    else:
        values = [f"e.{column}.`{key}`.:{COLUMN_TYPE[kind]}" for column, key, kind in keys]
    told = "e.properties.l_topics.:`Array(Nullable(String))`" if topics else "NULL"
    named = "e.name IN {names:Array(String)}" + (" OR e.name NOT IN ('', 'Impression')" if topics else "")
    sql = (
        f"SELECT e.profile_id, e.name, e.time, e.tie, {', '.join([told, *values])} FROM {source} AS e"
        f" WHERE ({named}) AND e.time >= {{first:Int64}} AND e.time < {{end:Int64}}"
        f" AND e.profile_id IN (SELECT profile_id FROM ({_visits(of)})) ORDER BY e.profile_id, e.time, e.tie"
    )
    first = _EVER if needs.back is None else of.start - needs.back
    return Query(sql, {**_bound(of), "names": needs.names, "first": first})


def _visits(of: Visits) -> str:
    """A visit came by a page if it landed there, else when its first event there happened."""
    source = f"(SELECT * FROM {SESSIONS} FINAL)"
    if of.merged:
        # A visit that went over to the other profile has a row under either id.
        both = survivors(SESSIONS, final=True)
        source = f"(SELECT * FROM {both} ORDER BY version DESC LIMIT 1 BY profile_id, session_id)"
    within = "s.start >= {start:Int64} AND s.start < {end:Int64}"
    if of.of > 1:
        within += " AND cityHash64(s.profile_id) % {of:UInt32} = 0"
    if not of.path:
        return (
            "SELECT s.profile_id AS profile_id, s.start AS start, s.start AS moment, s.properties AS properties"
            f" FROM {source} AS s WHERE {within}"
        )
    landed, seen = (_here(of, f"{column}.t_{name}.:String") for column, name in _WHERE)
    return (
        "SELECT s.profile_id AS profile_id, s.start AS start, s.properties AS properties,"
        f" if(ifNull({landed}, 0), s.start, v.first) AS moment"
        f" FROM {source} AS s LEFT JOIN (SELECT session_id, min(time) AS first FROM {EVENTS}"
        " WHERE time >= {start:Int64} AND session_id != 0"
        f" AND {seen} GROUP BY session_id) AS v ON v.session_id = s.session_id"
        f" WHERE {within} AND (v.first != 0 OR ifNull({landed}, 0))"
    )


def _here(of: Visits, value: str) -> str:
    return f"match({value}, {{path:String}})" if of.pattern else f"{value} IN ({{path:String}}, {{slashed:String}})"


def _bound(of: Visits) -> dict[str, int | str]:
    bound: dict[str, int | str] = {"start": of.start, "end": of.end}
    if of.of > 1:
        bound["of"] = of.of
    if of.pattern:
        bound["path"] = of.path
    elif of.path:
        bound |= {"path": of.path, "slashed": f"{of.path.rstrip('/')}/"}
    return bound


def keys_of_events(trees: Iterable[Node], schema: Schema) -> list[Key] | None:
    """Return the values of events that some rules read, None if they look into objects: then all are needed."""
    found: dict[Key, None] = {}
    for part in (part for tree in trees for part in walk(tree)):
        if isinstance(part, AnyOf) and part.of.scope in _COLUMN:
            return None
        if not isinstance(part, Compare | Between):
            continue
        behaviour, read = behaviour_of(part), kept(part, schema)
        if behaviour is not None and behaviour.field is not None and read is not None:
            _add(found, behaviour.field, read.kind)
        field = field_of(operand_of(part))
        if field is not None:
            for one in conditions(part, schema):
                _add(found, field, one.kind)
    return None if any(kind == "objects" for _, _, kind in found) else list(found)


def _add(found: dict[Key, None], field: Field, kind: Type) -> None:
    if field.scope in _COLUMN:
        found[_COLUMN[field.scope], key_of(field, kind), kind] = None

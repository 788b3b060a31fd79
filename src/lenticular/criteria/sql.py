"""The ClickHouse face: a tree as one query over `profiles`, a behaviour as `profile_id IN (… GROUP BY … HAVING …)`.

Values are always bound parameters, numbers as Float64. Time is bound too: SQL does no calendar arithmetic but integer
formulas over day numbers (see `calendar.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from lenticular.criteria import sql_time
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.limits import MAX_NODES, too_large
from lenticular.criteria.lower import lower_table
from lenticular.criteria.operands import Condition, conditions, is_moment, key_of
from lenticular.criteria.operators import OPERATORS, holds
from lenticular.criteria.tables import EVENTS, MERGES, PROFILES, SESSIONS
from lenticular.criteria.tree import (
    And,
    Between,
    Call,
    Compare,
    Count,
    Everyone,
    Field,
    InSegment,
    Moment,
    Node,
    Not,
    Or,
    operand_of,
    walk,
)
from lenticular.criteria.types import Schema
from lenticular.criteria.window import EVER, bounds, moment
from lenticular.errors import RuleError

_COLUMN_TYPE = {
    "text": "String",
    "number": "Float64",
    "boolean": "Bool",
    "date": "Int64",
    "datetime": "Int64",
    "list": "Array(Nullable(String))",
    "objects": "Array(JSON)",
}
_COLUMN = {"user": "p.traits", "session": "properties", "event": "e.properties", "context": "e.context"}


class Query(msgspec.Struct, frozen=True):
    """A SELECT and its bound values."""

    sql: str
    parameters: dict[str, Any]


class Question(msgspec.Struct, frozen=True):
    """Who belongs to `tree` at `at` (ms)? `trees` holds the segments it may name.

    `merged` says whether any profile has been joined to another and its events not yet been rewritten.
    """

    tree: Node
    trees: Mapping[str, Node]
    schema: Schema
    calendar: Calendar
    at: int
    merged: bool = False


def count_query(question: Question) -> Query:
    """Return the query for how many people belong, and how many of them are known: one row of two numbers."""
    return _select("count(), countIf(p.user_id != '')", question)


def counts_query(question: Question, trees: Sequence[Node]) -> Query:
    """Return the query for how many people belong to each of several trees, as of one moment.

    One row: everyone, then for each tree all who belong and those of them who are known. `question.tree` says whom
    to look at in the first place.
    """
    writer = _Writer(question)
    tests = [writer.node(tree) for tree in trees]
    counts = "".join(f", countIf({test}), countIf({test} AND p.user_id != '')" for test in tests)
    return writer.select(f"count(){counts}")


def members_query(question: Question, limit: int, after: int = 0) -> Query:
    """Return the query for members in the order of their ids: rows of (id, user id, anonymous ids, first seen)."""
    query = _select("p.profile_id, p.user_id, p.anonymous_ids, p.first_seen", question, "p.profile_id > {after:UInt64}")
    tail = " ORDER BY p.profile_id LIMIT {limit:UInt64}"
    return Query(query.sql + tail, {**query.parameters, "after": after, "limit": limit})


def _select(what: str, question: Question, extra: str = "1") -> Query:
    return _Writer(question).select(what, extra)


class _Writer:
    """Writes conditions as SQL, and collects the values to bind."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.parameters: dict[str, Any] = {}
        self.session = False
        self._size = 0
        self.named: list[str] = []
        self._bound: dict[Any, str] = {}
        self._aliases: dict[str, str] = {}
        self._visit: dict[str, str] = {}

    def select(self, what: str, extra: str = "1") -> Query:
        """Return the query over everyone who belongs to the question's tree."""
        test = self.node(self.question.tree)
        at = self.bind(self.question.at, "Int64")
        sessions = f" LEFT JOIN ({self.latest_session()}) AS s ON s.profile_id = p.profile_id" if self.session else ""
        named = f"WITH {', '.join(self.named)} " if self.named else ""
        sql = (
            f"{named}SELECT {what} FROM {PROFILES} AS p FINAL{sessions}"
            f" WHERE p.gone = 0 AND p.first_seen <= {at} AND {extra} AND {test}"
        )
        return Query(sql, self.parameters)

    def bind(self, value: Any, kind: str) -> str:
        """Return the placeholder of a value; the same value is bound once, for tables of zones and letters are long."""
        what = (kind, tuple(value) if isinstance(value, list) else value)
        if what not in self._bound:
            self._bound[what] = name = f"p{len(self.parameters)}"
            self.parameters[name] = value
        return f"{{{self._bound[what]}:{kind}}}"

    def node(self, node: Node) -> str:
        """Return the boolean (never NULL) of a condition or a group."""
        self._size += 1
        if self._size > MAX_NODES * 4:  # segments that name segments can multiply
            raise RuleError(too_large())
        match node:
            case Everyone():
                return "1"
            case Not(of):
                return f"NOT {self.node(of)}"
            case And(of):
                return f"({' AND '.join(self.node(part) for part in of)})"
            case Or(of):
                return f"({' OR '.join(self.node(part) for part in of)})"
            case InSegment(key):
                return self._segment(key)
            case Compare() | Between():
                parts = conditions(node, self.question.schema)
                operand = operand_of(node)
                return self._behaviour(operand, parts) if isinstance(operand, Count) else self._all(parts)

    def _segment(self, key: str) -> str:
        """A segment is written once and named, however many others name it: copies would multiply with each level."""
        if key not in self._aliases:
            test = self.node(self.question.trees[key])
            self._aliases[key] = alias = f"in_{len(self._aliases)}"
            self.named.append(f"({test}) AS {alias}")
        return self._aliases[key]

    def _all(self, parts: list[Condition]) -> str:
        tests = [self._condition(one, self._left(one)) for one in parts]
        return tests[0] if len(tests) == 1 else f"({' AND '.join(tests)})"

    def _condition(self, one: Condition, left: str) -> str:
        row = OPERATORS[one.operator]
        if row.negates:
            row = OPERATORS[row.negates]
            return f"NOT ifNull({row.sql.format(left=left, right=self._right(one))}, 0)"
        return f"ifNull({row.sql.format(left=left, right=self._right(one))}, 0)"

    def _left(self, one: Condition) -> str:
        field = one.left.of if isinstance(one.left, Call) else cast(Field, one.left)
        self.session = self.session or field.scope == "session"
        path = f"{_COLUMN[field.scope]}.`{key_of(field, one.kind)}`"
        if field.scope == "session":
            path = self._of_visit(path, one.kind)
        if one.kind in ("list", "objects"):
            if isinstance(one.left, Call):  # the only function of a list is its size
                return f"if({path} IS NULL, NULL, length({path}.:`{_COLUMN_TYPE[one.kind]}`))"
            return path if one.right is None else f"{path}.:`{_COLUMN_TYPE[one.kind]}`"
        raw = path if field.scope == "session" else f"{path}.:{_COLUMN_TYPE[one.kind]}"
        if isinstance(one.left, Call):
            return f"if(isNull({raw}), NULL, {self._function(one.left.function, one.kind, f'assumeNotNull({raw})')})"
        if one.kind == "datetime" and one.compared == "date":
            return f"if(isNull({raw}), NULL, {self._local_day(f'assumeNotNull({raw})')})"
        return raw

    def _of_visit(self, path: str, kind: str) -> str:
        """Only what rules ask of a session is taken out of it: a whole JSON column is slow to sort."""
        column = path if kind in ("list", "objects") else f"{path}.:{_COLUMN_TYPE[kind]}"
        return f"s.{self._visit.setdefault(column, f'v{len(self._visit)}')}"

    def _function(self, function: str, kind: str, value: str) -> str:
        if function == "lower":
            upper, low = lower_table()
            return f"translateUTF8({value}, {self.bind(upper, 'String')}, {self.bind(low, 'String')})"
        if function == "hour":
            return sql_time.hour(self._local(value))
        day = self._local_day(value) if kind == "datetime" else value
        today = self.question.calendar.day(self.question.at)
        match function:
            case "weekday":
                return sql_time.weekday(day)
            case "month":
                return sql_time.month(day)
            case "day":
                return sql_time.day_of_month(day)
            case "age":
                return sql_time.age(day, today)
        return sql_time.days_until_anniversary(day, self.bind(sql_time.anniversaries(today), "Array(Int64)"))

    def _local(self, instant: str) -> str:
        calendar = self.question.calendar
        if not calendar.transitions:
            return f"({instant} + {calendar.offsets[0]})"
        transitions = self.bind(calendar.transitions, "Array(Int64)")
        offsets = self.bind(calendar.offsets, "Array(Int64)")
        return f"({instant} + {offsets}[1 + arrayCount(change -> change <= {instant}, {transitions})])"

    def _local_day(self, instant: str) -> str:
        return sql_time.day(self._local(instant))

    def _right(self, one: Condition) -> str:
        value = one.right
        if value is None:
            return ""
        if is_moment(value):
            found = moment(cast(Moment, value), self.question.at, self.question.calendar)
            if one.compared == "date" and one.right_kind == "datetime":
                found = self.question.calendar.day(found)
            return self.bind(found, "Int64")
        if isinstance(value, tuple):
            return self.bind(list(value), "Array(String)" if isinstance(value[0], str) else "Array(Float64)")
        if isinstance(value, bool):
            return "true" if value else "false"
        return self.bind(value, "String" if isinstance(value, str) else "Float64")

    def _behaviour(self, count: Count, parts: list[Condition]) -> str:
        """People with such a count; where 0 is such a count, everyone but those with another one."""
        zero = all(holds(one.operator, 0.0, one.right) for one in parts)
        having = " AND ".join(self._condition(one, "count()") for one in parts)
        return (
            f"p.profile_id {'NOT IN' if zero else 'IN'} ({self._events(count, f'NOT ({having})' if zero else having)})"
        )

    def _events(self, count: Count, having: str) -> str:
        question = self.question
        in_session = count.window.within == "session"
        # A session's start differs from person to person, so it is joined; the rest of the window is one interval.
        first, end = bounds(count.window, question.at, question.calendar, EVER if in_session else None)
        tests = [f"e.name = {self.bind(count.event, 'String')}", f"e.time < {self.bind(end, 'Int64')}"]
        if first > EVER:
            tests.append(f"e.time >= {self.bind(first, 'Int64')}")
        source = f"{self._source()} AS e"
        if in_session:
            source += f" INNER JOIN ({self.latest_session()}) AS v ON v.profile_id = e.profile_id"
            tests.append("e.time >= v.start")
        outer, self.session = self.session, False
        tests += [self.node(part) for part in count.where]
        self.session = outer
        return f"SELECT e.profile_id FROM {source} WHERE {' AND '.join(tests)} GROUP BY e.profile_id HAVING {having}"

    def _source(self) -> str:
        return survivors(EVENTS) if self.question.merged else EVENTS

    def latest_session(self) -> str:
        """Return the query for everyone's latest session begun by `at`."""
        source = survivors(SESSIONS, final=True) if self.question.merged else f"{SESSIONS} FINAL"
        at = self.bind(self.question.at, "Int64")
        columns = "".join(f", {column} AS {alias}" for column, alias in self._visit.items())
        return (
            f"SELECT profile_id, start{columns} FROM {source} WHERE start <= {at}"
            " ORDER BY profile_id, start DESC, number DESC, version DESC LIMIT 1 BY profile_id"
        )


def survivors(table: str, final: bool = False) -> str:
    """Return a table whose rows of merged profiles stand under the profile that they were joined to."""
    return (
        f"(SELECT t.* EXCEPT profile_id, if(m.survivor != 0, m.survivor, t.profile_id) AS profile_id"
        f" FROM {table} AS t{' FINAL' if final else ''}"
        f" LEFT ANY JOIN (SELECT loser, survivor FROM {MERGES} FINAL) AS m ON m.loser = t.profile_id)"
    )


def reads_session(tree: Node) -> bool:
    """Return whether a tree asks for a property of the session, so that its answer is as of the last visit."""
    return any(isinstance(part, Compare | Between) and "session" in _scope(part) for part in walk(tree, filters=False))


def _scope(node: Compare | Between) -> str:
    operand = operand_of(node)
    if isinstance(operand, Count):
        return "session" if operand.window.within == "session" else ""
    return operand.of.scope if isinstance(operand, Call) else operand.scope

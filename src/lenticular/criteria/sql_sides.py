"""The two sides of a condition in SQL, and the values that are bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from lenticular.criteria import sql_time
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.here import LOCAL, offsets_now
from lenticular.criteria.interests import DECAY, INTERESTED
from lenticular.criteria.lower import lower_table
from lenticular.criteria.measures import MILLION
from lenticular.criteria.operands import Condition, is_moment, key_of
from lenticular.criteria.sample import Sample, mixed_sql, offset
from lenticular.criteria.sql_people import interests, latest_session
from lenticular.criteria.tables import TYPES, Type
from lenticular.criteria.tree import Call, Field, Moment, Node
from lenticular.criteria.types import INTEREST, Schema
from lenticular.criteria.window import moment

COLUMN_TYPE = {
    "text": "String",
    "number": "Float64",
    "boolean": "Bool",
    "date": "Int64",
    "datetime": "Int64",
    "list": "`Array(Nullable(String))`",
    "objects": "`Array(JSON)`",
}
"""The type under which a value lies in a JSON column."""
_COLUMN = {
    "user": "p.traits",
    "session": "properties",
    "organization": "o.traits",
    "event": "e.properties",
    "context": "e.context",
    "element": "x",
}


class Query(msgspec.Struct, frozen=True):
    """A SELECT and its bound values."""

    sql: str
    parameters: dict[str, Any]


class Question(msgspec.Struct, frozen=True):
    """Who belongs to `tree` at `at` (ms)? `trees` holds the segments it may name.

    `merged` says whether any profile has been joined to another and its events not yet been rewritten. With a
    `sample`, only its profiles are asked about.
    """

    tree: Node
    trees: Mapping[str, Node]
    schema: Schema
    calendar: Calendar
    at: int
    merged: bool = False
    sample: Sample | None = None


class Sides:
    """Writes operands and right sides, and collects the values to bind and what must be joined."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.parameters: dict[str, Any] = {}
        self._bound: dict[Any, str] = {}
        self._visit: dict[str, str] = {}
        self._joins_interests = False

    def joins(self) -> str:
        """Return what must be joined to `profiles`."""
        joined = ""
        at, merged = self.bind(self.question.at, "Int64"), self.question.merged
        if self._visit:
            visits = latest_session(at, self._visit, merged, self.chosen("profile_id"))
            joined += f" LEFT JOIN ({visits}) AS s ON s.profile_id = p.profile_id"
        if self._joins_interests:
            decay = self.bind(list(DECAY), "Array(Int64)")
            topics = interests(self.today, at, decay, merged, self.chosen("e.profile_id"))
            joined += f" LEFT JOIN ({topics}) AS i ON i.profile_id = p.profile_id"
        return joined

    def bind(self, value: Any, kind: str) -> str:
        """Return the placeholder of a value; the same value is bound once, for tables of zones and letters are long."""
        what = (kind, tuple(value) if isinstance(value, list) else value)
        if what not in self._bound:
            self._bound[what] = name = f"p{len(self.parameters)}"
            self.parameters[name] = value
        return f"{{{self._bound[what]}:{kind}}}"

    def chosen(self, profile_id: str) -> str:
        """Return whether a profile is in the sample, if there is one."""
        sample = self.question.sample
        if sample is None:
            return "1"
        return f"{self.mixed(profile_id, sample.seed)} < {self.bind(sample.below, 'UInt64')}"

    def mixed(self, profile_id: str, seed: int) -> str:
        """Return the number of a profile by which samples of a seed are drawn."""
        return mixed_sql(profile_id, self.bind(offset(seed), "UInt64"))

    @property
    def today(self) -> int:
        """The day number of the moment that is asked about, local to the site."""
        return self.question.calendar.day(self.question.at)

    def left(self, one: Condition, measured: str = "") -> str:
        """Return the left side, NULL if it is missing; `measured` is what a behaviour gives, which is known."""
        field = one.left.of if isinstance(one.left, Call) else one.left
        if measured:
            value, known = measured, ""
        elif isinstance(field, Field) and _is_computed(field):
            value, known = self._computed(field), ""
        else:
            value, known = self.column(cast(Field, field), one.kind), self.known(cast(Field, field), one.kind)
        if one.right is None:
            if isinstance(one.left, Field) and one.left.scope == "element":
                known = self._known_in_any_type(one.left)
            return f"if({known}, 1, NULL)" if known else "1"
        if isinstance(one.left, Call):
            value = self._function(one.left.function, one.kind, f"assumeNotNull({value})" if known else value)
        elif one.kind == "datetime" and one.compared == "date":
            value = self._local_day(f"assumeNotNull({value})" if known else value)
        else:
            return value
        return f"if({known}, {value}, NULL)" if known else value

    def column(self, field: Field, kind: Type) -> str:
        """Return a property in its type: NULL, or an empty list, if it is missing."""
        raw, kept_as = self._raw(field, kind), COLUMN_TYPE[kind]
        return raw if field.scope == "session" and kind not in ("list", "objects") else f"{raw}.:{kept_as}"

    def known(self, field: Field, kind: Type) -> str:
        """Return whether a property is known."""
        found = self._raw(field, kind) if kind in ("list", "objects") else self.column(field, kind)
        return f"{found} IS NOT NULL"

    def _known_in_any_type(self, field: Field) -> str:
        """Fields of objects have no registered type: whether one is known is asked of them all."""
        return f"({' OR '.join(self.known(field, kind) for kind in TYPES)})"

    def _raw(self, field: Field, kind: Type) -> str:
        path = f"{_COLUMN[field.scope]}.`{key_of(field, kind)}`"
        if field.scope != "session":
            return path
        # Only what rules ask of a session is taken out of it: a whole JSON column is slow to sort.
        taken = path if kind in ("list", "objects") else f"{path}.:{COLUMN_TYPE[kind]}"
        return f"s.{self._visit.setdefault(taken, f'v{len(self._visit)}')}"

    def _computed(self, field: Field) -> str:
        if field.scope == "session":
            return self._here(field.name)
        self._joins_interests = True
        if field.name == "interests":
            least = self.bind(round(INTERESTED * MILLION), "Int64")
            return f"arrayFilter((topic, weight) -> weight >= {least}, i.topics, i.weights)"
        topic = self.bind(field.name.removeprefix(INTEREST), "String")
        return f"toFloat64(i.weights[indexOf(i.topics, {topic})]) / {MILLION}"

    def _here(self, part: str) -> str:
        zone = self.column(Field("session", "timezone"), "text")
        names, offsets = offsets_now(self.question.at)
        site = self.question.calendar.local(self.question.at) - self.question.at
        known = f"{self.bind(names, 'Array(String)')}, {self.bind(offsets, 'Array(Int64)')}"
        offset = f"transform(ifNull({zone}, ''), {known}, {self.bind(site, 'Int64')})"
        local = f"({self.bind(self.question.at, 'Int64')} + {offset})"
        if part == "local_hour":
            return sql_time.hour(local)
        day = sql_time.day(local)
        return sql_time.weekday(day) if part == "local_weekday" else day

    def _function(self, function: str, kind: str, value: str) -> str:
        match function:
            case "lower":
                upper, low = lower_table()
                return f"translateUTF8({value}, {self.bind(upper, 'String')}, {self.bind(low, 'String')})"
            case "size":
                return f"length({value})"
            case "hour":
                return sql_time.hour(self._local(value))
        day = self._local_day(value) if kind == "datetime" else value
        match function:
            case "weekday":
                return sql_time.weekday(day)
            case "month":
                return sql_time.month(day)
            case "day":
                return sql_time.day_of_month(day)
            case "age":
                return sql_time.age(day, self.today)
        return sql_time.days_until_anniversary(day, self.bind(sql_time.anniversaries(self.today), "Array(Int64)"))

    def _local(self, instant: str) -> str:
        calendar = self.question.calendar
        if not calendar.transitions:
            return f"({instant} + {calendar.offsets[0]})"
        transitions = self.bind(calendar.transitions, "Array(Int64)")
        offsets = self.bind(calendar.offsets, "Array(Int64)")
        return f"({instant} + {offsets}[1 + arrayCount(change -> change <= {instant}, {transitions})])"

    def _local_day(self, instant: str) -> str:
        return sql_time.day(self._local(instant))

    def right(self, one: Condition) -> str:
        """Return what is compared with."""
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


def _is_computed(field: Field) -> bool:
    if field.scope == "session":
        return field.name in LOCAL
    return field.scope == "user" and (field.name == "interests" or field.name.startswith(INTEREST))

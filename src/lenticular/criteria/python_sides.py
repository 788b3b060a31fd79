"""The two sides of a condition as Python expressions: what is read, and what it is compared with."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, cast

from lenticular.criteria import calendar as days
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.check_values import pattern
from lenticular.criteria.code import Code, attribute, call, name
from lenticular.criteria.here import LOCAL, local_now, local_part
from lenticular.criteria.interests import topics, weight
from lenticular.criteria.lower import lower
from lenticular.criteria.measures import MEASURES
from lenticular.criteria.operands import Condition, depends_on_now, is_moment, key_of
from lenticular.criteria.tables import every_key
from lenticular.criteria.tally.kept import kept
from lenticular.criteria.tally.tally import Tally
from lenticular.criteria.tree import Behaviour, Between, Call, Compare, Field, Moment, Right, Scalar, Sequence, Window
from lenticular.criteria.types import INTEREST, Schema
from lenticular.criteria.window import momentary, reader


class Sides(Code):
    """Writes operands and right sides. `scopes` says where the properties of a scope lie."""

    def __init__(
        self, schema: Schema, calendar: Calendar, tallies: Mapping[str, Tally], scopes: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.schema, self.calendar, self.tallies, self.scopes = schema, calendar, tallies, scopes

    def left(self, one: Condition, node: Compare | Between) -> tuple[ast.expr, ast.expr | None]:
        """Return the value that is compared, and what it is made from if that may be missing."""
        source = one.left.of if isinstance(one.left, Call) else one.left
        if isinstance(source, Behaviour):
            raw = self.behaviour(node)
            known = MEASURES[source.measure].counts
        else:
            raw, known = self._source(source, one), False
        if isinstance(one.left, Call):
            return self._function(one.left.function, one.kind, raw), None if known else raw
        if one.kind == "datetime" and one.compared == "date":
            return self._local_day(raw), raw
        return raw, None if known else raw

    def property(self, field: Field, key: str) -> ast.expr:
        """Return the value of a property, None if it is missing; each is read once."""
        scope = self.scopes[field.scope]
        source = name(scope)
        if "." in scope:
            source = self.once(scope, lambda: attribute(name("person"), scope.partition(".")[2]))
        return self.once((scope, key), lambda: call(attribute(source, "get"), ast.Constant(key)))

    def behaviour(self, node: Compare | Between | Sequence) -> ast.expr:
        """Return what a behaviour gives; each is read once, each window worked out once."""
        found = kept(node, self.schema)
        if found is None:
            raise TypeError("This condition asks for no behaviour.")
        return self.once(("tally", found.key), lambda: self._read(found.key, found.behaviour.window))

    def _read(self, key: str, window: Window) -> ast.expr:
        tallies = self.once("tallies", lambda: attribute(name("person"), "tallies"))
        state = call(attribute(tallies, "get"), ast.Constant(key))
        tally = self.tallies[key]
        read = self.constant(tally.read)
        if tally.collapses:
            return call(read, state, name("now"), ast.Constant(0), ast.Constant(0))
        between = self.once(("window", window), lambda: self._window(window))
        return call(read, state, name("now"), ast.Starred(between, ast.Load()))

    def _window(self, window: Window) -> ast.expr:
        start: ast.expr = ast.Constant(None)
        if window.within == "session":
            start = self.once("session start", lambda: attribute(name("person"), "session_start"))
        return call(self.constant(reader(window, self.calendar)), name("now"), start)

    def _source(self, field: Field, one: Condition) -> ast.expr:
        if field.scope == "session" and field.name in LOCAL:
            return self._here(field.name)
        if field.scope == "user" and (field.name == "interests" or field.name.startswith(INTEREST)):
            return self._interest(field.name)
        if one.left == field and field.scope == "element" and one.right is None:
            return self._of_any_type(field)
        return self.property(field, key_of(field, one.kind))

    def _of_any_type(self, field: Field) -> ast.expr:
        """Fields of objects have no registered type: whether one is known is asked of them all."""
        keys = every_key(field.name)

        def known(values: Mapping[str, Any]) -> bool | None:
            return True if any(key in values for key in keys) else None

        return call(self.constant(known), name(self.scopes[field.scope]))

    def _here(self, part: str) -> ast.expr:
        zone = self.property(Field("session", "timezone"), key_of(Field("session", "timezone"), "text"))
        calendar = self.calendar

        def here(zone: str | None, now: int) -> Any:
            return local_part(part, local_now(zone, now, calendar))

        return self.once(("here", part), lambda: call(self.constant(here), zone, name("now")))

    def _interest(self, field: str) -> ast.expr:
        interests = self.once("interests", lambda: attribute(name("person"), "interests"))
        if field == "interests":
            return self.once(("interest", ""), lambda: call(self.constant(topics), interests, self._today()))
        topic = ast.Constant(field.removeprefix(INTEREST))
        return self.once(("interest", field), lambda: call(self.constant(weight), interests, topic, self._today()))

    def _today(self) -> ast.expr:
        return self.once("today", lambda: call(self.constant(self.calendar.day), name("now")))

    def _function(self, function: str, kind: str, raw: ast.expr) -> ast.expr:
        match function:
            case "lower":
                return call(self.constant(lower), raw)
            case "size":
                return call(name("len"), raw)
            case "hour":
                return call(self.constant(self.calendar.hour), raw)
        day = self._local_day(raw) if kind == "datetime" else raw
        plain = {"weekday": days.weekday, "month": days.month_of, "day": days.day_of_month}
        if function in plain:
            return call(self.constant(plain[function]), day)
        dated = {"age": days.age, "days_until_anniversary": days.days_until_anniversary}
        return call(self.constant(dated[function]), day, self._today())

    def _local_day(self, instant: ast.expr) -> ast.expr:
        return call(self.constant(self.calendar.day), instant)

    def right(self, one: Condition) -> ast.expr:
        """Return what is compared with."""
        value: Right = one.right
        if is_moment(value):
            return self._moment(cast(Moment, value), as_day=one.compared == "date" and one.right_kind == "datetime")
        if isinstance(value, tuple):
            return self.constant(frozenset(value))
        if one.operator == "matches":
            return self.constant(pattern(str(value)))
        return ast.Constant(cast(Scalar, value))

    def _moment(self, value: Moment, as_day: bool) -> ast.expr:
        calendar, found_at = self.calendar, momentary(value, self.calendar)

        def at(now: int) -> int:
            found = found_at(now)
            return calendar.day(found) if as_day else found

        if not depends_on_now(value):
            return ast.Constant(at(0))
        return self.once((value, as_day), lambda: call(self.constant(at), name("now")))

"""A tree as a ClickHouse condition over one row of `profiles`."""

from __future__ import annotations

from collections.abc import Sequence

from lenticular.criteria import sql_time
from lenticular.criteria.limits import MAX_NODES, too_large
from lenticular.criteria.measures import LARGEST_SUMMED, MEASURES
from lenticular.criteria.needs import purposes_with
from lenticular.criteria.operands import Condition, conditions
from lenticular.criteria.operators import OPERATORS, holds
from lenticular.criteria.sql_people import events_of, latest_session
from lenticular.criteria.sql_sequence import chain
from lenticular.criteria.sql_sides import Question, Sides
from lenticular.criteria.tables import ORGANIZATIONS
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Compare,
    Everyone,
    InSegment,
    Node,
    Not,
    OnList,
    Or,
    Organization,
    Window,
    behaviour_of,
)
from lenticular.criteria.tree import Sequence as Steps
from lenticular.criteria.types import measured_type
from lenticular.criteria.window import EVER, bounds, edges
from lenticular.errors import RuleError


class Writer(Sides):
    """Writes conditions as SQL."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.named: list[str] = []
        self._size = 0
        self._aliases: dict[str, str] = {}

    def whole(self, tree: Node) -> str:
        """Return the condition of a segment: its tree, for those who withhold no purpose that it needs."""
        return self._consented(self.node(tree), purposes_with(tree, self.question.trees, self.question.schema))

    def _consented(self, test: str, purposes: int) -> str:
        return f"(bitAnd(p.withheld, {purposes}) = 0 AND {test})" if purposes else test

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
                return self._joined(of, "AND")
            case Or(of):
                return self._joined(of, "OR")
            case InSegment(key):
                return self._segment(key)
            case OnList(key):
                return f"has(p.lists, {self.bind(key, 'String')})"
            case Organization(where):
                inner = f"SELECT o.organization_id FROM {ORGANIZATIONS} AS o FINAL WHERE {self._joined(where, 'AND')}"
                return f"arrayExists(id -> id IN ({inner}), p.organizations)"
            case AnyOf(of, where):
                return f"arrayExists(x -> {self.node(where)}, {self.column(of, 'objects')})"
            case Steps():
                return f"p.profile_id IN ({self._sequence(node)})"
            case Compare() | Between():
                parts = conditions(node, self.question.schema)
                behaviour = behaviour_of(node)
                return self._behaviour(behaviour, parts) if behaviour else self._all(parts)

    def _joined(self, parts: Sequence[Node], operator: str) -> str:
        return f"({f' {operator} '.join(self.node(part) for part in parts)})"

    def _segment(self, key: str) -> str:
        """A segment is written once and named, however many others name it: copies would multiply with each level."""
        if key not in self._aliases:
            test = self.whole(self.question.trees[key])
            self._aliases[key] = alias = f"in_{len(self._aliases)}"
            self.named.append(f"({test}) AS {alias}")
        return self._aliases[key]

    def _all(self, parts: list[Condition], measured: str = "") -> str:
        tests = [self._condition(one, self.left(one, measured)) for one in parts]
        return tests[0] if len(tests) == 1 else f"({' AND '.join(tests)})"

    def _condition(self, one: Condition, left: str) -> str:
        row = OPERATORS[one.operator]
        if row.negates:
            row = OPERATORS[row.negates]
            return f"NOT ifNull({row.sql.format(left=left, right=self.right(one))}, 0)"
        return f"ifNull({row.sql.format(left=left, right=self.right(one))}, 0)"

    def _behaviour(self, behaviour: Behaviour, parts: list[Condition]) -> str:
        """People for whom it holds; where it holds over nothing, everyone but those for whom it does not."""
        holds_over_nothing = all(_over_nothing(one, behaviour) for one in parts)
        kind = measured_type(behaviour, parts[0].kind, self.question.schema)
        value = self.column(behaviour.field, kind) if behaviour.field else ""
        row = MEASURES[behaviour.measure]
        known = f"assumeNotNull({value})" if value and kind != "list" else value
        measured = row.sql.format(value=known, when="(e.time, e.tie)", period=_period(behaviour.every))
        having = self._all(parts, measured)
        tests = [self.known(behaviour.field, kind)] if behaviour.field else []
        if behaviour.measure in ("sum", "avg"):
            tests.append(f"abs({value}) <= {LARGEST_SUMMED!r}")
        events = self._events(behaviour, tests, f"NOT ({having})" if holds_over_nothing else having)
        return f"p.profile_id {'NOT IN' if holds_over_nothing else 'IN'} ({events})"

    def _events(self, behaviour: Behaviour, tests: list[str], having: str) -> str:
        first, end, visit = self._bounds(behaviour.window)
        where = [f"e.name = {self.bind(behaviour.event, 'String')}", f"e.time < {end}"]
        where += [f"e.time >= {first}"] if first else []
        where += [*tests, *(self.node(part) for part in behaviour.where)]
        where += [self.chosen("e.profile_id")] if self.question.sample else []
        source = f"{events_of(self.question.merged)} AS e{visit}"
        return f"SELECT e.profile_id FROM {source} WHERE {' AND '.join(where)} GROUP BY e.profile_id HAVING {having}"

    def _bounds(self, window: Window) -> tuple[str, str, str]:
        """Return first and end of a window, and what must be joined to know them.

        A session's start differs from person to person, so it is joined; the rest of the window is one interval.
        """
        question = self.question
        in_session = window.within == "session"
        first, end = bounds(window, question.at, question.calendar, EVER if in_session else None)
        start = self.bind(first, "Int64") if first > EVER else ""
        if not in_session:
            return start, self.bind(end, "Int64"), ""
        visits = latest_session(self.bind(question.at, "Int64"), {}, question.merged, self.chosen("profile_id"))
        joined = f" INNER JOIN ({visits}) AS v ON v.profile_id = e.profile_id"
        return f"greatest({start}, v.start)" if start else "v.start", self.bind(end, "Int64"), joined

    def _sequence(self, steps: Steps) -> str:
        first, end, visit = self._bounds(steps.window)
        after, _ = edges(steps.window, self.question.calendar)
        within = f"e.time < {end}" + (f" AND e.time >= {first}" if first else "")
        marks = [self._step(step.event, step.where) for step in steps.steps]
        without = ""
        if steps.without:
            at = self.bind(self.question.at, "Int64")
            without = f"{self._step(steps.without.event, steps.without.where)} AND e.time <= {at}"
            without += f" AND e.time >= {self.bind(after, 'Int64')}" if after > EVER else ""
        names = {step.event for step in steps.steps} | ({steps.without.event} if steps.without else set())
        source = f"{events_of(self.question.merged)} AS e{visit}"
        where = f"e.name IN {self.bind(sorted(names), 'Array(String)')} AND {self.chosen('e.profile_id')}"
        return chain(source, where, within, marks, without, steps.span)

    def _step(self, event: str, where: Sequence[Node]) -> str:
        return " AND ".join([f"e.name = {self.bind(event, 'String')}", *(self.node(part) for part in where)])


def _over_nothing(one: Condition, behaviour: Behaviour) -> bool:
    if not MEASURES[behaviour.measure].counts:
        return bool(OPERATORS[one.operator].negates)
    return holds(one.operator, 0.0, one.right)


def _period(every: str | None) -> str:
    match every:
        case "1h":
            return "toInt64(e.day) * 24 + intDiv(e.minute, 60)"
        case "1w":
            return sql_time.week("toInt64(e.day)")
        case "1mo":
            return sql_time.month_number("toInt64(e.day)")
    return "e.day"

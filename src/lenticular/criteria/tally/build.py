"""A behaviour becomes a tally: its filters compiled, its window's fixed edges worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.operands import key_of
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.count import COUNT
from lenticular.criteria.tally.distinct import DISTINCT, period_of
from lenticular.criteria.tally.extreme import MAX, MIN
from lenticular.criteria.tally.first_last import FIRST_TIME, FIRST_VALUE, LAST_TIME, LAST_VALUE
from lenticular.criteria.tally.gather import Gather
from lenticular.criteria.tally.kept import Kept
from lenticular.criteria.tally.occurrence import Occurrence, Passes
from lenticular.criteria.tally.sequence import broken, happened
from lenticular.criteria.tally.tally import Read, State, Tally, read_ever, read_recent
from lenticular.criteria.tally.total import AVG, SUM, millionths
from lenticular.criteria.tree import Behaviour, Node, Sequence
from lenticular.criteria.window import duration, edges, reach

GATHERS: dict[str, Gather] = {
    "count": COUNT,
    "sum": SUM,
    "avg": AVG,
    "min": MIN,
    "max": MAX,
    "distinct": DISTINCT,
    "first_time": FIRST_TIME,
    "last_time": LAST_TIME,
    "first_value": FIRST_VALUE,
    "last_value": LAST_VALUE,
    "periods": DISTINCT,
}
CompileFilter = Callable[[tuple[Node, ...]], Passes]


def build(one: Kept, calendar: Calendar, compile_filter: CompileFilter) -> Tally:
    """Return the tally of a behaviour."""
    behaviour = one.behaviour
    if isinstance(behaviour, Sequence):
        return _of_sequence(one.key, behaviour, calendar, compile_filter)
    gather = GATHERS[behaviour.measure]
    back = reach(behaviour.window)
    return Tally(
        one.key,
        frozenset({behaviour.event}),
        _take(behaviour, _measured(behaviour, one.kind, calendar), calendar, compile_filter(behaviour.where)),
        gather,
        read_ever(gather) if back is None else read_recent(gather),
        back,
        one.most,
        behaviour.window.within == "session",
    )


def _take(
    behaviour: Behaviour, measured: Callable[[Occurrence], Any], calendar: Calendar, passes: Passes
) -> Callable[[Occurrence], Any]:
    after, end = edges(behaviour.window, calendar)

    def take(event: Occurrence) -> Any:
        if not after <= event.time < end or not passes(event.properties, event.context):
            return None
        return measured(event)

    return take


def _measured(behaviour: Behaviour, kind: Type, calendar: Calendar) -> Callable[[Occurrence], Any]:
    """Return what is measured of an event: a field, or None if it lacks it; True where the time alone counts."""
    if behaviour.measure == "periods":
        period = period_of(behaviour.every or "1d", calendar)
        return lambda event: period(event.time)
    if behaviour.field is None:
        return lambda event: True
    key = key_of(behaviour.field, kind)
    if behaviour.field.scope == "context":
        return _summed(behaviour, lambda event: event.context.get(key))
    return _summed(behaviour, lambda event: event.properties.get(key))


def _summed(behaviour: Behaviour, value_of: Callable[[Occurrence], Any]) -> Callable[[Occurrence], Any]:
    if behaviour.measure not in ("sum", "avg"):
        return value_of

    def exact(event: Occurrence) -> int | None:
        value = value_of(event)
        return None if value is None else millionths(value)

    return exact


def _of_sequence(key: str, one: Sequence, calendar: Calendar, compile_filter: CompileFilter) -> Tally:
    after, end = edges(one.window, calendar)
    steps = [(step.event, compile_filter(step.where), 1 << at) for at, step in enumerate(one.steps)]
    ends = (one.without.event, compile_filter(one.without.where)) if one.without else None
    by_name: Mapping[str, list[tuple[Passes, int]]] = {
        name: [(passes, bit) for event, passes, bit in steps if event == name] for name, _, _ in steps
    }

    def take(event: Occurrence) -> int | None:
        mask = 0
        if after <= event.time < end:
            for passes, bit in by_name.get(event.name, ()):
                if passes(event.properties, event.context):
                    mask |= bit
        if ends and event.time >= after and event.name == ends[0] and ends[1](event.properties, event.context):
            mask |= 1 << len(steps)
        return mask or None

    names = frozenset({name for name, _, _ in steps} | ({ends[0]} if ends else set()))
    session = one.window.within == "session"
    return Tally(key, names, take, None, _sequence_reader(one), reach(one.window), None, session)


def _sequence_reader(one: Sequence) -> Read:
    steps, span, ends = len(one.steps), duration(one.span).milliseconds if one.span else None, one.without is not None

    def read(state: State | None, now: int, first: int, end: int) -> bool:
        done = happened(state, steps, span, first, end) if state else None
        return done is not None and not (ends and broken(state or [], steps, done, now))

    return read

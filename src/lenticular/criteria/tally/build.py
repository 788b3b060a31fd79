"""A behaviour becomes a tally: its filters compiled, its window's fixed edges worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.operands import key_of
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.count import COUNT
from lenticular.criteria.tally.distinct import DISTINCT, periods
from lenticular.criteria.tally.extreme import MAX, MIN
from lenticular.criteria.tally.first_last import FIRST_TIME, FIRST_VALUE, LAST_TIME, LAST_VALUE
from lenticular.criteria.tally.gather import Entry, Gather
from lenticular.criteria.tally.kept import Kept
from lenticular.criteria.tally.occurrence import Occurrence, Passes
from lenticular.criteria.tally.sequence import happened
from lenticular.criteria.tally.tally import Read, State, Tally, read_count, read_ever, read_recent
from lenticular.criteria.tally.total import AVG, SUM
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
}
CompileFilter = Callable[[tuple[Node, ...]], Passes]


def build(one: Kept, calendar: Calendar, compile_filter: CompileFilter) -> Tally:
    """Return the tally of a behaviour."""
    behaviour = one.behaviour
    if isinstance(behaviour, Sequence):
        return _of_sequence(one.key, behaviour, calendar, compile_filter)
    gather = GATHERS.get(behaviour.measure) or periods(behaviour.every or "1d", calendar)
    back = reach(behaviour.window)
    read = read_ever(gather) if back is None else read_count if gather is COUNT else read_recent(gather)
    return Tally(
        one.key,
        frozenset({behaviour.event}),
        _take(behaviour, one.kind, gather, edges(behaviour.window, calendar), compile_filter(behaviour.where)),
        gather,
        read,
        back,
        one.most,
        behaviour.window.within == "session",
    )


def _take(
    behaviour: Behaviour, kind: Type, gather: Gather, window: tuple[int, int], passes: Passes
) -> Callable[[Occurrence], Entry | None]:
    after, end = window
    value_of = _reader(behaviour, kind)

    def take(event: Occurrence) -> Entry | None:
        if not after <= event.time < end or not passes(event.properties, event.context):
            return None
        if value_of is None:
            return gather.entry(event.time, 0, None)
        value = value_of(event)
        return None if value is None else gather.entry(event.time, event.tie, value)

    return take


def _reader(behaviour: Behaviour, kind: Type) -> Callable[[Occurrence], Any] | None:
    if behaviour.field is None:
        return None
    key = key_of(behaviour.field, kind)
    if behaviour.field.scope == "context":
        return lambda event: event.context.get(key)
    return lambda event: event.properties.get(key)


def _of_sequence(key: str, one: Sequence, calendar: Calendar, compile_filter: CompileFilter) -> Tally:
    after, end = edges(one.window, calendar)
    steps = [(step.event, compile_filter(step.where), 1 << at) for at, step in enumerate(one.steps)]
    ends = (one.without.event, compile_filter(one.without.where)) if one.without else None
    by_name: Mapping[str, list[tuple[Passes, int]]] = {
        name: [(passes, bit) for event, passes, bit in steps if event == name] for name, _, _ in steps
    }

    def take(event: Occurrence) -> Entry | None:
        mask = 0
        if after <= event.time < end:
            for passes, bit in by_name.get(event.name, ()):
                if passes(event.properties, event.context):
                    mask |= bit
        if ends and event.time >= after and event.name == ends[0] and ends[1](event.properties, event.context):
            mask |= 1 << len(steps)
        return [event.time, mask] if mask else None

    names = frozenset({name for name, _, _ in steps} | ({ends[0]} if ends else set()))
    session = one.window.within == "session"
    return Tally(key, names, take, None, _sequence_reader(one), reach(one.window), None, session)


def _sequence_reader(one: Sequence) -> Read:
    steps, span = len(one.steps), duration(one.span).milliseconds if one.span else None

    def read(state: State | None, now: int, first: int, end: int) -> bool:
        return happened(state, steps, span, first, end, now) if state else False

    return read

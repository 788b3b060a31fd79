"""Recorded visits decided again by two catalogs, the live one and another: rows in, numbers out, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from lenticular.app.engine import Engine, compile_engine
from lenticular.catalog.catalog import Catalog
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.interests import MOST_TOPICS
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.sql_history import typed
from lenticular.criteria.sql_visits import Key, keys_of_events
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.criteria.tree import Between, Compare, Node, field_of, operand_of, walk
from lenticular.criteria.types import INTEREST
from lenticular.decide.place import Place
from lenticular.errors import LenticularError, Problem

Pair = tuple[str | None, str | None]
_rows = msgspec.json.Decoder(list[Any]).decode_lines
_LANDING = (("t_landing_url", "t_url"), ("t_landing_path", "t_path"), ("t_landing_host", "t_host"))


class Setting(msgspec.Struct, frozen=True):
    """What is simulated: the live catalog and the other one, a page's path or a slot's key, the registered types."""

    live: Catalog
    other: Catalog
    page: str | None
    slot: str | None
    types: list[tuple[str, str, Type]]


class Rows(msgspec.Struct, frozen=True):
    """What the events store has of it, a JSON list on each line: see `criteria.sql_visits`."""

    visits: bytes
    visitors: bytes
    organizations: bytes
    events: bytes


class Flow(msgspec.Struct, frozen=True):
    """So many visits, of so many people, that saw `before` would see `after`; None is the default."""

    before: str | None
    after: str | None
    visits: int
    people: int


class Outcome(msgspec.Struct, frozen=True):
    """All visits and people, and who would have seen what, the largest flow first."""

    visits: int
    people: int
    flows: list[Flow]


class Needs(msgspec.Struct, frozen=True):
    """What must be read of events: of which names, which values (None: all), and whether topics too."""

    names: list[str]
    keys: list[Key] | None
    topics: bool


class _Logged(msgspec.Struct):
    """An event as tallies read it; it counts as received when it happened."""

    name: str
    time: int
    received: int
    tie: int
    properties: dict[str, Any]
    context: dict[str, Any]


class Simulation:
    """Two engines, and the place whose experiences they choose."""

    def __init__(self, setting: Setting) -> None:
        types = {(scope, name): kind for scope, name, kind in setting.types}
        engines = [compile_engine(setting.live, types)]
        engines.append(compile_engine(setting.other, types) if setting.other != setting.live else engines[0])
        self._sides = [(engine, _place(engine, setting)) for engine in engines]
        self._calendar: Calendar = engines[0].snapshot.calendar
        known = set[str]()
        self._plans: list[TallyPlan] = []
        trees: list[Node] = []
        keys: list[list[Key] | None] = []
        for engine, place in self._sides:
            segments = engine.segments
            wanted = engine.behaviours_of(place.segments & segments.trees.keys()) - known
            known |= wanted
            self._plans.append(segments.plan.only(sorted(wanted)))
            own = [
                segments.trees[key] for key in in_order(segments.trees, sorted(place.segments & segments.trees.keys()))
            ]
            keys.append(keys_of_events(own, segments.schema))
            trees += own
        every = None if None in keys else list(dict.fromkeys(key for some in keys for key in some or ()))
        names = sorted({name for plan in self._plans for name in plan.events})
        self.needs = Needs(names, every, any(_asks_topics(tree) for tree in trees))

    def run(self, rows: Rows) -> Outcome:
        """Decide every visit twice."""
        organizations = {key: typed(traits) for key, traits in _rows(rows.organizations)}
        visitors = {one[0]: one for one in _rows(rows.visitors)}
        events = groupby(_rows(rows.events), key=itemgetter(0))
        waiting = next(events, None)
        visits, people, flows = 0, 0, (Counter[Pair](), Counter[Pair]())
        for profile_id, own in groupby(_rows(rows.visits), key=itemgetter(0)):
            while waiting is not None and waiting[0] < profile_id:
                waiting = next(events, None)
            past = waiting[1] if waiting is not None and waiting[0] == profile_id else iter(())
            if profile_id not in visitors:
                continue
            pairs = list(self._person(_person(visitors[profile_id], organizations), own, past))
            people, visits = people + 1, visits + len(pairs)
            flows[0].update(pairs)
            flows[1].update(set(pairs))
        told = [Flow(*pair, count, flows[1][pair]) for pair, count in flows[0].most_common()]
        return Outcome(visits, people, told)

    def _person(self, base: Person, visits: Iterable[Sequence[Any]], past: Iterable[Sequence[Any]]) -> Iterator[Pair]:
        """Yield what one person would have seen at each visit: tallies are stepped once, in the order of time."""
        states: dict[str, Any] = {}
        views: dict[str, dict[int, int]] = {}
        rest = iter(past)
        event = next(rest, None)
        for _, moment, start, properties in visits:
            while event is not None and event[2] <= moment:
                self._step(states, views, event)
                event = next(rest, None)
            session = _as_of(typed(properties), start, moment)
            person = Person(base.user, session, start, states, base.organizations, base.withheld, base.lists, views)
            old, new = self._sides
            before = _shown(*old, person, moment)
            yield before, before if new[0] is old[0] else _shown(*new, person, moment)

    def _step(self, states: dict[str, Any], views: dict[str, dict[int, int]], row: Sequence[Any]) -> None:
        _, name, time, tie, topics, *values = row
        if topics and name != "Impression":
            day = self._calendar.day(time)
            for topic in set(topics[:MOST_TOPICS]):
                days = views.setdefault(topic, {})
                days[day] = days.get(day, 0) + 1
        properties: dict[str, Any] = {}
        context: dict[str, Any] = {}
        if self.needs.keys is None:
            properties, context = typed(values[0]), typed(values[1])
        else:
            for (column, key, kind), value in zip(self.needs.keys, values, strict=True):
                if value is not None:
                    into = properties if column == "properties" else context
                    into[key] = float(value) if kind == "number" else value
        happened = _Logged(name, time, time, tie, properties, context)
        for plan in self._plans:
            plan.step(states, happened)


def _place(engine: Engine, setting: Setting) -> Place:
    snapshot = engine.snapshot
    found = snapshot.page(setting.page) if setting.page is not None else snapshot.slots.get(setting.slot or "")
    if found is None:
        what, name = ("page", setting.page) if setting.page is not None else ("slot", setting.slot)
        hint = "It must be there before and after."
        raise LenticularError(Problem(f"simulate.unknown-{what}", f'There is no {what} "{name}".', what, hint))
    return found


def _person(row: Sequence[Any], organizations: Mapping[str, dict[str, Any]]) -> Person:
    _, traits, belongs, withheld, lists = row
    own = [organizations[one] for one in belongs if one in organizations]
    return Person(typed(traits), organizations=own, withheld=withheld, lists=lists)


def _as_of(session: dict[str, Any], start: int, moment: int) -> dict[str, Any]:
    """Return what was known of a visit when it came by: how it landed and on what device never changes."""
    session["n_seconds"] = (moment - start) / 1000
    if moment == start:
        for landing, here in _LANDING:
            if landing in session:
                session[here] = session[landing]
    return session


def _shown(engine: Engine, place: Place, person: Person, now: int) -> str | None:
    """Return the experience that wins, None for the default."""
    matching = engine.segments.matching(place.segments, person, now) if place.segments else frozenset()
    for option in place.options:
        if option.start is not None and now < option.start:
            continue
        if option.end is not None and option.end <= now:
            continue
        if option.segment is None or option.segment in matching:
            return None if option.arrangement.problem else option.key
    return None


def _asks_topics(tree: Node) -> bool:
    fields = (field_of(operand_of(part)) for part in walk(tree) if isinstance(part, Compare | Between))
    return any(
        one is not None and one.scope == "user" and (one.name == "interests" or one.name.startswith(INTEREST))
        for one in fields
    )

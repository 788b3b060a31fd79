"""Recorded visits decided again by two catalogs, the live one and another: rows in, numbers out, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from lenticular.app.engine import Engine, compile_engine
from lenticular.catalog.catalog import Catalog
from lenticular.criteria.calendar import DAY, Calendar
from lenticular.criteria.interests import HORIZON, MOST_TOPICS
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.sql_history import typed
from lenticular.criteria.sql_visits import Key, Needs, keys_of_events
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.criteria.tree import Between, Compare, Node, field_of, operand_of, walk
from lenticular.criteria.types import INTEREST
from lenticular.decide.picker import Picker
from lenticular.decide.place import Place
from lenticular.decide.request import Visitor
from lenticular.decide.snapshot import Snapshot
from lenticular.errors import LenticularError, Problem

Pair = tuple[str | None, str | None]
_rows = msgspec.json.Decoder(list[Any]).decode_lines
_LANDING = (("t_landing_url", "t_url"), ("t_landing_path", "t_path"), ("t_landing_host", "t_host"))


class Where(msgspec.Struct, frozen=True):
    """A page, by its path, or a slot or a collection, by its key: one of the three."""

    page: str | None = None
    slot: str | None = None
    collection: str | None = None

    @property
    def named(self) -> list[tuple[str, str]]:
        """What is named, as (what, name)."""
        all_of_it = (("page", self.page), ("slot", self.slot), ("collection", self.collection))
        return [(what, name) for what, name in all_of_it if name is not None]

    def unknown(self) -> LenticularError:
        """Return the refusal of a place that is not there."""
        what, name = self.named[0]
        hint = "It must be there with the drafts and without them."
        return LenticularError(Problem(f"simulate.unknown-{what}", f'There is no {what} "{name}".', what, hint))


class Setting(msgspec.Struct, frozen=True):
    """What is simulated: the live catalog and the other one, at which place, the registered types."""

    live: Catalog
    other: Catalog
    where: Where
    types: list[tuple[str, str, Type]]


class Rows(msgspec.Struct, frozen=True):
    """What the events store has of it, a JSON list on each line: see `criteria.sql_visits`."""

    visits: bytes
    visitors: bytes
    organizations: bytes
    events: bytes


class Flow(msgspec.Struct, frozen=True):
    """So many visits, of so many people, that saw `before` would see `after`; None is the default.

    They are the keys of experiences, or of the segments of a collection's variations.
    """

    before: str | None
    after: str | None
    visits: int
    people: int


class Outcome(msgspec.Struct, frozen=True):
    """All visits and people, and who would have seen what, the largest flow first."""

    visits: int
    people: int
    flows: list[Flow]


class _Logged(msgspec.Struct, gc=False):
    """An event as tallies read it; it counts as received when it happened."""

    name: str
    time: int
    received: int
    tie: int
    properties: dict[str, Any]
    context: dict[str, Any]


class _Side(msgspec.Struct, frozen=True):
    """One of the two catalogs: the segments that the place asks about, and what it shows to whoever is in some."""

    engine: Engine
    segments: frozenset[str]
    choose: Callable[[frozenset[str], int], str | None]

    def shown(self, person: Person, now: int) -> str | None:
        """Return what a person sees at a moment (ms)."""
        wanted = self.segments
        return self.choose(self.engine.segments.matching(wanted, person, now) if wanted else wanted, now)


class Simulation:
    """Two engines, and the place whose experiences they choose."""

    def __init__(self, setting: Setting) -> None:
        types = {(scope, name): kind for scope, name, kind in setting.types}
        engines = [compile_engine(setting.live, types)]
        engines.append(compile_engine(setting.other, types) if setting.other != setting.live else engines[0])
        self._sides = [_side(engine, setting.where) for engine in engines]
        self._calendar: Calendar = engines[0].snapshot.calendar
        known = set[str]()
        self._plans: list[TallyPlan] = []
        trees: list[Node] = []
        keys: list[list[Key] | None] = []
        for side in self._sides:
            engine, segments = side.engine, side.engine.segments
            wanted = engine.behaviours_of(side.segments & segments.trees.keys()) - known
            known |= wanted
            self._plans.append(segments.plan.only(sorted(wanted)))
            own = [
                segments.trees[key] for key in in_order(segments.trees, sorted(side.segments & segments.trees.keys()))
            ]
            keys.append(keys_of_events(own, segments.schema))
            trees += own
        every = None if None in keys else list(dict.fromkeys(key for some in keys for key in some or ()))
        names = sorted({name for plan in self._plans for name in plan.events})
        backs = [tally.back for plan in self._plans for tally in plan.tallies.values()]
        topics = any(_asks_topics(tree) for tree in trees)
        backs += [(HORIZON + 2) * DAY] if topics else []
        far = None if None in backs else max((back for back in backs if back is not None), default=0)
        self.needs = Needs(names, every, topics, far)

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
            before = old.shown(person, moment)
            yield before, before if new.engine is old.engine else new.shown(person, moment)

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


def _side(engine: Engine, where: Where) -> _Side:
    snapshot = engine.snapshot
    if where.collection is not None:
        found = snapshot.collections.get(where.collection)
        if found is None:
            raise where.unknown()
        return _Side(engine, found.segments, lambda matching, now: _variation(snapshot, found.key, matching, now))
    place = snapshot.page(where.page) if where.page is not None else snapshot.slots.get(where.slot or "")
    if place is None:
        raise where.unknown()
    asked = frozenset(option.segment for option in place.options if option.segment is not None)
    return _Side(engine, asked, lambda matching, now: _experience(place, matching, now))


def _experience(place: Place, matching: frozenset[str], now: int) -> str | None:
    """Return the experience that wins, None for the default."""
    for option in place.options:
        if option.start is not None and now < option.start:
            continue
        if option.end is not None and option.end <= now:
            continue
        if option.segment is None or option.segment in matching:
            return None if option.arrangement.problem else option.key
    return None


def _variation(snapshot: Snapshot, collection: str, matching: frozenset[str], now: int) -> str | None:
    """Return the segment of the variation that is used, None for the default list; no cap keeps anything back."""
    return Picker(snapshot, matching, Visitor(), now, explain=False).pick("", collection).variation


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


def _asks_topics(tree: Node) -> bool:
    fields = (field_of(operand_of(part)) for part in walk(tree) if isinstance(part, Compare | Between))
    return any(
        one is not None and one.scope == "user" and (one.name == "interests" or one.name.startswith(INTEREST))
        for one in fields
    )

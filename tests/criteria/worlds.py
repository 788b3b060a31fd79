"""Small worlds: people, organizations, events and rules drawn at random, rich in edges. One seed, one world."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec

from lenticular.criteria.calendar import DAY, Calendar, calendar_of
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.tree import Node
from lenticular.ports import Batch
from lenticular.profiles.event import Event
from tests.criteria.draw import Draw
from tests.criteria.draw_rules import Rules
from tests.criteria.reference import Reference, Visitor
from tests.criteria.reference_past import Happened
from tests.criteria.rows import batch, event_row, profile_row, session_row
from tests.criteria.vocabulary import NIGHTS, NOWS, ORGANIZATION, SCHEMA, USER, ZONES

Visit = tuple[int, dict[str, Any]]
"""When a session began (ms), and what is known of it."""


class Someone(msgspec.Struct):
    """A person with a raw history. `halves` maps profile ids to the events that were collected under them.

    Of several ids all but the first are of profiles that turned out to be the same person.
    """

    traits: dict[str, Any]
    halves: dict[int, list[Event]]
    sessions: list[Visit]
    organizations: list[str]
    lists: list[str]
    withheld: int

    @property
    def events(self) -> list[Event]:
        """All events, whatever profile they came in for."""
        return [event for events in self.halves.values() for event in events]


class World(msgspec.Struct):
    """People, by the id of the profile that stands for them, and what is asked about them."""

    now: int
    calendar: Calendar
    trees: dict[str, Node]
    organizations: dict[str, dict[str, Any]]
    people: dict[int, Someone]

    @property
    def merged(self) -> bool:
        """Whether any two profiles turned out to be one person."""
        return any(len(someone.halves) > 1 for someone in self.people.values())

    def reference(self) -> Reference:
        """Return the slow evaluator of this world's rules."""
        return Reference(self.trees, SCHEMA, self.calendar.zone)

    def visitor(self, profile_id: int) -> Visitor:
        """Return what the slow evaluator reads: the raw history."""
        someone = self.people[profile_id]
        return Visitor(
            someone.traits,
            [Happened(one.time, one.message_id, one.name, one.properties, one.context) for one in someone.events],
            someone.sessions,
            [self.organizations[name] for name in someone.organizations],
            frozenset(someone.lists),
            someone.withheld,
        )

    def person(self, profile_id: int, segments: Segments) -> Person:
        """Fold a person's events, in an order of their own and each half for itself; return what rules can read."""
        someone = self.people[profile_id]
        tallies: dict[str, Any] = {}
        for number, events in someone.halves.items():
            half: dict[str, Any] = {}
            for event in Random(number).sample(events, len(events)):
                segments.plan.step(half, event)
            segments.plan.merge(tallies, half)
        begun = [visit for visit in someone.sessions if visit[0] <= self.now]
        start, session = max(begun, key=lambda visit: visit[0], default=(None, {}))
        return Person(
            someone.traits,
            session,
            start,
            tallies,
            organizations=[self.organizations[name] for name in someone.organizations],
            withheld=someone.withheld,
            lists=someone.lists,
            interests=self.views(someone.events),
        )

    def views(self, events: list[Event]) -> dict[str, dict[int, int]]:
        """Return how often each topic was seen on each local day, up to now."""
        found: dict[str, dict[int, int]] = {}
        for event in events:
            if event.name != "Impression" and event.time <= self.now:
                day = self.calendar.day(event.time)
                topics: Any = event.properties.get("l_topics", [])
                for topic in set(topics[:20]):
                    days = found.setdefault(topic, {})
                    days[day] = days.get(day, 0) + 1
        return found

    def batches(self) -> list[Batch]:
        """Return the world as rows of the events store."""
        tables: dict[str, list[dict[str, Any]]] = {
            "profiles": list(self._profiles()),
            "organizations": [
                {"organization_id": name, "version": 1, "traits": traits} for name, traits in self.organizations.items()
            ],
            "sessions": list(self._sessions()),
            "merges": [
                {"loser": loser, "survivor": survivor, "version": 1}
                for survivor, someone in self.people.items()
                for loser in list(someone.halves)[1:]
            ],
            "events": list(self._events()),
        }
        return [batch(table, rows) for table, rows in tables.items() if rows]

    def _profiles(self) -> Iterator[dict[str, Any]]:
        for key, someone in self.people.items():
            row = profile_row(key, someone.traits)
            yield {
                **row,
                "organizations": someone.organizations,
                "lists": someone.lists,
                "withheld": someone.withheld,
            }
            for loser in list(someone.halves)[1:]:
                yield {**profile_row(loser, {}), "gone": 1, "version": 2}

    def _sessions(self) -> Iterator[dict[str, Any]]:
        for someone in self.people.values():
            keys = list(someone.halves)
            for number, (start, properties) in enumerate(someone.sessions):
                row = session_row(keys[number % len(keys)], start, properties)
                yield {**row, "session_id": keys[0] * 10 + number, "number": number + 1}

    def _events(self) -> Iterator[dict[str, Any]]:
        seq = 0
        for someone in self.people.values():
            for key, events in someone.halves.items():
                for event in events:
                    seq += 1
                    yield event_row(seq, key, event, self.calendar)


def make_world(seed: int, people: int = 200, rules: int = 20) -> World:
    """Draw a world. In every other one some people were two before."""
    random = Random(seed)
    if random.random() < 0.5:
        zone, now = random.choice(NIGHTS)
        now += random.choice([0, 1, -1, random.randrange(DAY), -random.randrange(DAY)])
    else:
        zone, now = random.choice(ZONES), random.choice(NOWS) + random.choice([0, 0, 1, -1, random.randrange(DAY)])
    calendar = calendar_of(zone)
    draw, drawn = Draw(random, now, calendar), Rules(random)
    trees: dict[str, Node] = {}
    for at in range(rules):
        trees[f"s{at}"] = drawn.tree(3, list(trees))
    organizations = {f"o{at}": draw.values(ORGANIZATION) for at in range(8)}
    world = World(now, calendar, trees, organizations, {})
    for key in range(1, people + 1):
        world.people[key] = _someone(draw, world, key, splits=seed % 2 == 1)
    return world


def _someone(draw: Draw, world: World, key: int, splits: bool) -> Someone:
    random = draw.random
    events = draw.events(random.choice([0, 1, 2, 3, 5, 8]), f"m{key}")
    halves: dict[int, list[Event]] = {key: events}
    if splits and random.random() < 0.4:
        ids = [key, *(key + 1_000_000 * at for at in range(1, random.choice([2, 3])))]
        halves = {one: events[at :: len(ids)] for at, one in enumerate(ids)}
    sessions: list[Visit] = []
    if random.random() < 0.8:
        start = draw.session_start(events)
        # Before a visit that is still to come lies none: the latest one begun holds the newest event.
        before = random.choice([0, 0, 1, 2]) if start <= world.now else 0
        starts = [start - random.randrange(1, 90 * DAY) for _ in range(before)]
        starts += [world.now + random.randrange(1, DAY)] if random.random() < 0.1 else []
        sessions = [(at, draw.visit()) for at in dict.fromkeys([start, *starts])]
        random.shuffle(sessions)
    return Someone(
        draw.values(USER),
        halves,
        sessions,
        random.sample(list(world.organizations), random.choice([0, 1, 1, 2, 3])),
        random.sample(list(world.trees), min(len(world.trees), random.choice([0, 0, 1, 3]))),
        random.choice([0] * 12 + [1, 2, 3]),
    )

"""Small worlds: people, events and rules drawn at random, rich in edges. One seed, one world."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from lenticular.criteria.calendar import DAY, WEEKDAYS, Calendar, calendar_of
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.tables import Type, stored_key
from lenticular.criteria.tree import (
    Ago,
    Ahead,
    And,
    Between,
    Call,
    Compare,
    Count,
    Date,
    Datetime,
    Everyone,
    Field,
    InSegment,
    Node,
    Not,
    Operand,
    Or,
    Right,
    Today,
    Window,
)
from lenticular.criteria.types import FUNCTIONS, Schema
from lenticular.ids import tie
from lenticular.ports import Batch
from lenticular.profiles.event import Event

ZONES = ("UTC", "America/New_York", "Europe/Madrid", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo")
NOWS = (
    1_709_210_096_123,  # 29 February 2024
    1_710_054_000_000,  # the night of the clock change in New York, 2024
    1_711_846_800_000,  # and in Madrid, to the millisecond
    1_730_610_000_000,  # and back in New York
    1_764_547_200_000,  # first instant of December 2025, UTC
    1_795_442_400_000,
)
TEXTS = [
    "",
    "a",
    "A",
    "shoes",
    "São Paulo",
    "SÃO PAULO",
    "İi",
    "ß",
    "ΑΣ",
    "a\nb",
    "5",
    "2024-02-29",
    "'\"\\`",
    "日本",
    "\u1c89",
    "x" * 40,
]
NUMBERS = [0.0, 1.0, -1.0, 0.1, 0.30000000000000004, 5.0, 49.5, 50.0, 100_000.0, 1e15, 9e12, -2.5, 1e-9, 1e300]
PATTERNS = ["a", "^a.b$", "(?i)são", "[0-9]+", "^$", "o{1,2}", "\\\\", "b|x"]
PROPERTIES: dict[tuple[str, str], Type] = {
    ("user", "city"): "text",
    ("user", "any name"): "text",
    ("user", "balance"): "number",
    ("user", "open"): "boolean",
    ("user", "birth.date"): "date",
    ("user", "since"): "datetime",
    ("user", "tags"): "list",
    ("event", "category"): "text",
    ("event", "price"): "number",
    ("event", "at"): "datetime",
    ("event", "gift"): "boolean",
    ("event", "sizes"): "list",
}
SCHEMA = Schema(types=PROPERTIES)
USER = [Field("user", name) for scope, name in PROPERTIES if scope == "user"]
EVENT = [Field("event", name) for scope, name in PROPERTIES if scope == "event"] + [Field("context", "path")]
SESSION = [Field("session", name) for name in ("landing_path", "utm_campaign", "number", "started")]
EVENTS = ["Viewed", "Ordered", "Never"]


class World(msgspec.Struct):
    """People with their events; `rows` are what the events store gets."""

    now: int
    calendar: Calendar
    trees: dict[str, Node]
    people: dict[int, dict[str, Any]]
    events: dict[int, list[Event]]
    sessions: dict[int, tuple[int, dict[str, Any]]]

    def person(self, profile_id: int, segments: Segments) -> Person:
        """Fold a person's events, in an order of their own, and return what rules can read."""
        tallies: dict[str, Any] = {}
        for event in Random(profile_id).sample(self.events[profile_id], len(self.events[profile_id])):
            segments.plan.step(tallies, event)
        start, session = self.sessions.get(profile_id, (None, {}))
        if start is not None and start > self.now:
            start, session = None, {}
        return Person(self.people[profile_id], session, start, tallies)

    def batches(self) -> list[Batch]:
        """Return the world as rows of the events store."""
        profiles = [
            {
                "profile_id": key,
                "version": 1,
                "user_id": "",
                "anonymous_ids": [],
                "first_seen": 0,
                "traits": traits,
                "gone": 0,
            }
            for key, traits in self.people.items()
        ]
        sessions = [
            {
                "profile_id": key,
                "session_id": key,
                "start": start,
                "last": start,
                "number": 1,
                "properties": properties,
                "version": 1,
            }
            for key, (start, properties) in self.sessions.items()
        ]
        events = [
            {
                "seq": at,
                "time": event.time,
                "tie": tie(event.message_id),
                "profile_id": key,
                "name": event.name,
                "type": "track",
                "session_id": key,
                "day": self.calendar.day(event.time),
                "minute": self.calendar.minute(event.time),
                "received": event.received,
                "message_id": event.message_id,
                "properties": event.properties,
                "context": event.context,
            }
            for at, (key, event) in enumerate((key, event) for key, events in self.events.items() for event in events)
        ]
        return [
            Batch(table, 1, len(rows), len(rows), b"\n".join(map(msgspec.json.encode, rows)))
            for table, rows in (("profiles", profiles), ("sessions", sessions), ("events", events))
            if rows
        ]


def make_world(seed: int, people: int = 200, rules: int = 20) -> World:
    """Draw a world."""
    random = Random(seed)
    now = random.choice(NOWS) + random.choice([0, 0, 1, -1, random.randrange(DAY)])
    calendar = calendar_of(random.choice(ZONES))
    draw = Draw(random, now, calendar)
    trees: dict[str, Node] = {}
    for at in range(rules):
        trees[f"s{at}"] = draw.node(3, list(trees))
    world = World(now, calendar, trees, {}, {}, {})
    for key in range(1, people + 1):
        world.people[key] = draw.values([(field, PROPERTIES[field.scope, field.name]) for field in USER])
        world.events[key] = [draw.event(f"{key}-{at}") for at in range(random.choice([0, 1, 2, 3, 8]))]
        if random.random() < 0.8:
            kinds: list[tuple[Field, Type]] = [(field, SCHEMA.type_of(field) or "text") for field in SESSION]
            world.sessions[key] = draw.session_start(world.events[key]), draw.values(kinds)
    return world


class Draw:
    """Draws values, events and trees."""

    def __init__(self, random: Random, now: int, calendar: Calendar) -> None:
        self.random, self.now, self.calendar = random, now, calendar

    def instant(self) -> int:
        """Near now, or exactly on an edge."""
        edges = [self.calendar.start_of(self.calendar.day(self.now) - back) for back in (0, 1, 7, 30)]
        exact = [self.now, self.now - 7 * DAY, self.now - 30 * DAY, self.now - 3_600_000, self.now - 60 * DAY, *edges]
        if self.random.random() < 0.5:
            return self.random.choice(exact) + self.random.choice([0, 0, 1, -1])
        return self.now - self.random.randrange(90 * DAY) + self.random.choice([0, 0, 0, DAY])

    def session_start(self, events: list[Event]) -> int:
        """The latest visit holds the newest event, lasts a local day at most, or begins after all events."""
        newest = max([event.time for event in events if event.time <= self.now], default=self.instant())
        if self.random.random() < 0.3:
            return max(self.instant(), newest)
        return newest - self.random.choice([0, 1, 60_000, self.random.randrange(DAY)])

    def day(self) -> int:
        today = self.calendar.day(self.now)
        return self.random.choice([today, today - 1, 19782, 11016, 0, -1, -3000, today - self.random.randrange(30_000)])

    def value(self, kind: Type) -> Any:
        match kind:
            case "text":
                return self.random.choice(TEXTS)
            case "number":
                return self.random.choice(NUMBERS)
            case "boolean":
                return self.random.random() < 0.5
            case "date":
                return self.day()
            case "datetime":
                return self.instant()
        return self.random.sample(TEXTS, self.random.choice([0, 1, 2, 3]))

    def values(self, kinds: list[tuple[Field, Type]]) -> dict[str, Any]:
        return {stored_key(field.name, kind): self.value(kind) for field, kind in kinds if self.random.random() < 0.7}

    def event(self, message_id: str) -> Event:
        kinds: list[tuple[Field, Type]] = [(field, SCHEMA.type_of(field) or "text") for field in EVENT]
        values = self.values(kinds)
        path = values.pop("t_path", None)
        time = self.instant()
        return Event(
            type="track",
            message_id=message_id,
            time=time,
            received=self.random.choice([self.now, min(time, self.now)]),
            name=self.random.choice(EVENTS[:2]),
            properties=values,
            context={} if path is None else {"t_path": path},
        )

    def node(self, depth: int, segments: list[str]) -> Node:
        kind = self.random.random()
        if depth and kind < 0.45:
            parts = tuple(self.node(depth - 1, segments) for _ in range(self.random.choice([2, 2, 3])))
            return And(parts) if self.random.random() < 0.5 else Or(parts)
        if depth and kind < 0.55:
            return Not(self.node(depth - 1, segments))
        if kind < 0.6 and segments:
            return InSegment(self.random.choice(segments))
        if kind < 0.62:
            return Everyone()
        if kind < 0.85:
            return self.condition(self.random.choice(USER + SESSION))
        return self.behaviour()

    def behaviour(self) -> Node:
        where = tuple(self.filter(2) for _ in range(self.random.choice([0, 1, 2])))
        count = Count(self.random.choice(EVENTS), where, self.window())
        if self.random.random() < 0.2:
            return Between(count, 1, 3, *(self.random.random() < 0.5 for _ in range(2)))
        if self.random.random() < 0.2:
            return Compare(count, self.random.choice(["in", "not in"]), (0, 2))
        operator = self.random.choice(["==", "!=", "<", "<=", ">", ">="])
        return Compare(count, operator, self.random.choice([0, 1, 2, 1.5, -1]))

    def filter(self, depth: int) -> Node:
        if depth and self.random.random() < 0.3:
            parts = tuple(self.filter(depth - 1) for _ in range(2))
            groups: list[Node] = [And(parts), Or(parts), Not(parts[0])]
            return self.random.choice(groups)
        return self.condition(self.random.choice(EVENT))

    def window(self) -> Window:
        within: Any = self.random.choice(
            [
                None,
                "7d",
                "1h",
                "30s",
                "1mo",
                "2w",
                "1y",
                "today",
                "week",
                "month",
                "session",
                ("60d", "30d"),
                ("2mo", "1d"),
            ]
        )
        edge = Datetime("2024-02-29T12:00:00.5+05:30") if self.random.random() < 0.5 else Date("2024-03-10")
        after, before = self.random.random() < 0.2, self.random.random() < 0.2
        return Window(within, edge if after else None, Date("2026-11-01") if before else None)

    def condition(self, field: Field) -> Node:
        kind = SCHEMA.type_of(field)
        assert kind
        operand: Operand = field
        functions = [
            name
            for name, (takes, _) in FUNCTIONS.items()
            if kind in takes and not (field.scope == "event" and name in ("age", "days_until_anniversary"))
        ]
        compared: Type = kind
        if functions and self.random.random() < 0.5:
            function = self.random.choice(functions)
            operand, compared = Call(function, field), FUNCTIONS[function][1]
        rows = [row for row in OPERATORS.values() if compared in row.takes]
        if compared in ("number", "date", "datetime") and self.random.random() < 0.2:
            low, high = self.right(compared, operand), self.right(compared, operand)
            return Between(operand, low, high, *(self.random.random() < 0.5 for _ in range(2)))
        row = self.random.choice(rows)
        if row.right == "none":
            return Compare(operand, row.name)
        if row.name == "matches":
            return Compare(operand, row.name, self.random.choice(PATTERNS))
        if row.right == "many":
            return Compare(operand, row.name, tuple(self.plain(compared, operand) for _ in range(2)))
        return Compare(operand, row.name, self.right(compared, operand))

    def plain(self, kind: Type, operand: Operand) -> Any:
        if isinstance(operand, Call):
            if operand.function == "weekday":
                return self.random.choice(WEEKDAYS)
            small = {"weekday": "mon", "lower": None, "size": 2, "hour": 3, "month": 2, "day": 29, "age": 21}
            if self.random.random() < 0.6 and small.get(operand.function) is not None:
                return small[operand.function]
        return self.value("text" if kind == "list" else kind)

    def right(self, kind: Type, operand: Operand) -> Right:
        if kind in ("date", "datetime"):
            field = operand.of if isinstance(operand, Call) else operand
            if isinstance(field, Field) and field.scope == "event":
                fixed: list[Right] = [Date("2024-02-29"), Datetime("2024-03-10T02:30-05:00")]
                return self.random.choice(fixed)
            moments: list[Right] = [
                Date("2024-02-29"),
                Datetime("2024-03-10T02:30-05:00"),
                Ago("7d"),
                Ago("1mo"),
                Ahead("1y"),
                Today(),
            ]
            return self.random.choice(moments)
        value: Right = self.plain(kind, operand)
        return value

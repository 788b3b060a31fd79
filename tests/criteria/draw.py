"""Draws what people are and did: values of every type, most of them on an edge, and events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.criteria.tables import Type, stored_key
from lenticular.criteria.tree import Field
from lenticular.profiles.event import Event
from tests.criteria import reference_time as times
from tests.criteria.vocabulary import CLOCKS, ELEMENT, EVENT, EVENTS, NUMBERS, TEXTS, TOPICS, VISIT

BACK = ("30s", "1h", "36h", "1d", "7d", "2w", "30d", "60d", "1mo", "2mo", "1y")
APART = (1, 30_000, 3_600_000, DAY, 7 * DAY)
FIXED_DAYS = (date(2010, 1, 1), date(2024, 3, 10), date(2026, 11, 1))
"""Those of the rules' windows."""
FAR = (5, 30, 60, 61, 300, 301)
"""Days back, some of them edges of what an interest remembers."""


class Draw:
    """Values as of `now` (ms), in one zone."""

    def __init__(self, random: Random, now: int, calendar: Calendar) -> None:
        self.random, self.now, self.calendar = random, now, calendar
        zone, at = ZoneInfo(calendar.zone), times.instant(now)
        today = at.astimezone(zone).date()
        edges = [times.shifted(at, back, -1, zone) for back in BACK]
        days = [today, today - timedelta(days=today.weekday()), today.replace(day=1), *FIXED_DAYS]
        edges += [times.first_instant(day, zone) for day in days]
        edges.append(times.literal_instant("2024-02-29T12:00:00.5+05:30"))
        self.edges = [(edge - times.EPOCH) // times.MILLISECOND for edge in edges] + [now, now]

    def some(self, share: float) -> bool:
        """Return true that often."""
        return self.random.random() < share

    def instant(self) -> int:
        """Near now, or exactly on an edge."""
        if self.some(0.5):
            return self.random.choice(self.edges) + self.random.choice([0, 0, 0, 1, -1])
        if self.some(0.2):
            return self.calendar.start_of(self.calendar.day(self.now) - self.random.choice(FAR))
        return self.now - self.random.randrange(90 * DAY) + self.random.choice([0, 0, 0, DAY])

    def day(self) -> int:
        """A day number: today, a leap day, long ago."""
        today = self.calendar.day(self.now)
        return self.random.choice(
            [today, today - 1, 19_782, 11_016, 0, -1, -3000, today - self.random.randrange(30_000)]
        )

    def value(self, kind: Type) -> Any:
        """A known value of a type."""
        match kind:
            case "text":
                return self.random.choice(TEXTS)
            case "number":
                return self.random.choice(NUMBERS)
            case "boolean":
                return self.some(0.5)
            case "date":
                return self.day()
            case "datetime":
                return self.instant()
            case "objects":
                return [self.element() for _ in range(self.random.choice([0, 1, 1, 2, 3]))]
        return self.random.sample(TEXTS, self.random.choice([0, 1, 2, 3]))

    def values(self, kinds: Mapping[Field, Type], share: float = 0.7) -> dict[str, Any]:
        """Typed values by stored key, some missing."""
        return {stored_key(field.name, kind): self.value(kind) for field, kind in kinds.items() if self.some(share)}

    def element(self) -> dict[str, Any]:
        """One object of a list."""
        return {stored_key(name, kind): self.value(kind) for name, kind in ELEMENT.items() if self.some(0.7)}

    def visit(self) -> dict[str, Any]:
        """What is known of a session."""
        found = self.values(VISIT)
        return {**found, "t_timezone": self.random.choice(CLOCKS)} if self.some(0.7) else found

    def topics(self) -> list[str]:
        """What an event is about; of more than twenty topics the rest counts nothing."""
        few = [self.random.choice(TOPICS) for _ in range(self.random.choice([0, 1, 2, 3]))]
        return [*(f"topic {number}" for number in range(19)), *few, "loans"] if self.some(0.1) else few

    def events(self, how_many: int, prefix: str) -> list[Event]:
        """Events with ids of their own, some at the same moment, some exactly a span apart."""
        times_so_far: list[int] = []
        for _ in range(how_many):
            time = self.instant()
            if times_so_far and self.some(0.4):
                time = self.random.choice(times_so_far) + self.random.choice([0, 0, *APART, *(-gap for gap in APART)])
            times_so_far.append(time)
        return [self._event(time, f"{prefix}-{at}") for at, time in enumerate(times_so_far)]

    def _event(self, time: int, message_id: str) -> Event:
        values = self.values(EVENT)
        values.pop("l_topics", None)
        if self.some(0.5):
            values["l_topics"] = self.topics()
        path = values.pop("t_path", None)
        return Event(
            type="track",
            message_id=message_id,
            time=time,
            received=self.random.choice([self.now, min(time, self.now)]),
            name=self.random.choice(["Viewed", "Viewed", "Ordered", EVENTS[2]]),
            properties=values,
            context={} if path is None else {"t_path": path},
        )

    def session_start(self, events: list[Event]) -> int:
        """The latest visit holds the newest event, lasts a local day at most, or begins after all events."""
        newest = max([event.time for event in events if event.time <= self.now], default=self.instant())
        if self.some(0.3):
            return min(max(self.instant(), newest), self.now)
        return newest - self.random.choice([0, 1, 60_000, self.random.randrange(DAY)])

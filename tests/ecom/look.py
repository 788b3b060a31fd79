"""The visitors of `tests/data/ecom.csv.gz`, and one of them looked at from one moment: plain Python over the file.

Naive timestamps are UTC. Every line is an event of its own, also where two lines are equal. The file has no numbers
and no days, so two columns are made up from a line's place in it: `amount`, missing on every seventh line, and for
purchases the day of `delivery`.
"""

from __future__ import annotations

import csv
import gzip
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict, Unpack
from zoneinfo import ZoneInfo

FILE = Path(__file__).parent.parent / "data" / "ecom.csv.gz"
TRAITS = ("acquisition_channel", "user_cohort", "user_lifecycle")
"""Columns that say something of the visitor: the latest value by time counts, over the whole file."""
Kind = Literal["text", "number", "date"]
FIELDS: dict[str, Kind] = {"platform": "text", "session_id": "text", "amount": "number", "delivery": "date"}
"""Columns that say something of the event, with their types; the last two are made up."""
ZONES = ("UTC", "America/New_York", "Asia/Tokyo")
"""In Tokyo midnight falls into the busy hours of the file."""
MOMENTS = (
    datetime(2024, 2, 15, 21, 30, tzinfo=UTC),
    datetime(2024, 3, 11, 3, 59, 59, tzinfo=UTC),  # the last second of New York's day of 23 hours
    datetime(2024, 4, 1, 12, tzinfo=UTC),
    datetime(2024, 6, 1, tzinfo=UTC),
    datetime(2024, 6, 29, 22, 2, 40, tzinfo=UTC),  # that of the last line
)


class Happened(NamedTuple):
    """One line of the file."""

    at: datetime
    name: str
    fields: dict[str, str]


class Visitor(NamedTuple):
    """One user: all events in order of time, and the traits as of now."""

    user_id: str
    events: list[Happened]
    traits: dict[str, str]


def rows(file: Path = FILE) -> Iterator[dict[str, str]]:
    """Read the lines of a file, with the columns that are made up if it lacks them."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=1):
            yield row if "amount" in row else {**row, **_made_up(number, row)}


def _made_up(number: int, row: dict[str, str]) -> dict[str, str]:
    amount = "" if number % 7 == 0 else f"{number % 97}.{number % 10}{number % 3}"
    day = date.fromisoformat(row["timestamp"][:10]) + timedelta(days=1 + number % 9)
    return {"amount": amount, "delivery": day.isoformat() if row["event"] == "purchase" else ""}


def write(chosen: Iterable[Mapping[str, object]], path: Path) -> Path:
    """Write lines as such a file."""
    found = list(chosen)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, found[0])
        writer.writeheader()
        writer.writerows(found)
    return path


def visitors(file: Path = FILE) -> list[Visitor]:
    """Read the file. Fails if the latest value of a trait is not the only one of its second."""
    by_user: dict[str, list[dict[str, str]]] = {}
    for row in rows(file):
        by_user.setdefault(row["user_id"], []).append(row)
    return [_visitor(user_id, lines) for user_id, lines in by_user.items()]


def _visitor(user_id: str, unsorted: list[dict[str, str]]) -> Visitor:
    lines = sorted(unsorted, key=lambda row: row["timestamp"])
    latest = [row for row in lines if row["timestamp"] == lines[-1]["timestamp"]]
    traits = {name: latest[0][name] for name in TRAITS}
    if any(row[name] != traits[name] for row in latest for name in TRAITS):
        raise ValueError(f"{user_id} has two latest values of a trait")
    events = [
        Happened(
            datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC),
            row["event"],
            {name: row[name] for name in FIELDS if row[name]},
        )
        for row in lines
    ]
    return Visitor(user_id, events, traits)


def session_starts(events: list[Happened], zone: ZoneInfo) -> list[datetime]:
    """Return when each visit began: after more than 30 minutes without an event, or on another local day."""
    starts: list[datetime] = []
    before: datetime | None = None
    for event in events:
        pause = before is None or event.at - before > timedelta(minutes=30)
        if pause or before is None or event.at.astimezone(zone).date() != before.astimezone(zone).date():
            starts.append(event.at)
        before = event.at
    return starts


Passes = Callable[[dict[str, str]], bool]
"""Whether an event's fields pass."""


class Edges(TypedDict, total=False):
    """Between which moments."""

    since: datetime
    until: datetime
    after: datetime


class Look:
    """One visitor at one moment, in one zone."""

    def __init__(self, visitor: Visitor, at: datetime, zone: ZoneInfo) -> None:
        self.events = [event for event in visitor.events if event.at <= at]
        self.traits, self.at, self.zone = visitor.traits, at, zone

    @property
    def exists(self) -> bool:
        """Whether anything of the visitor was known at that moment."""
        return bool(self.events)

    def happened(self, name: str, passes: Passes = lambda fields: True, **edges: Unpack[Edges]) -> list[Happened]:
        """Return events with `since <= time`, `after < time` and `time <= until` (`at`, if not given)."""
        since, after, until = edges.get("since"), edges.get("after"), edges.get("until")
        return [
            event
            for event in self.events
            if event.name == name
            and passes(event.fields)
            and (since is None or event.at >= since)
            and (after is None or event.at > after)
            and (until is None or event.at <= until)
        ]

    def count(self, name: str, passes: Passes = lambda fields: True, **edges: Unpack[Edges]) -> int:
        """Return how many events there are."""
        return len(self.happened(name, passes, **edges))

    def ago(self, **duration: float) -> datetime:
        """Return the instant an exact duration before."""
        return self.at - timedelta(**duration)

    def months_ago(self, months: int) -> datetime:
        """Return the same local time on the same day of an earlier month, or on that month's last day."""
        local = self.at.astimezone(self.zone)
        year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
        last = monthrange(year, month + 1)[1]
        moved = local.replace(year=year, month=month + 1, day=min(local.day, last), fold=0)
        return moved.astimezone(UTC)

    def start_of(self, day: date) -> datetime:
        """Return the first instant of a local day; neither zone skips a midnight."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    @property
    def today(self) -> date:
        """The local day."""
        return self.at.astimezone(self.zone).date()

    @property
    def week(self) -> datetime:
        """When this week began, on Monday."""
        return self.start_of(self.today - timedelta(days=self.today.weekday()))

    @property
    def month(self) -> datetime:
        """When this month began."""
        return self.start_of(self.today.replace(day=1))

    @property
    def session(self) -> datetime:
        """When the latest visit began."""
        return session_starts(self.events, self.zone)[-1]


Check = Callable[[Look], bool]
Segments = list[tuple[str, str, Check]]
"""Name, rule, and what it means."""

"""Who belongs to which segment of `tests/data/ecom.csv.gz`, by plain Python over the file.

Nothing of the project is imported here, so that its answers can be compared with these. What a rule means is written
once more, as a function of one visitor at one moment; naive timestamps are UTC, windows are those of the rules' page.
Every line is an event of its own, also where two lines are equal.
"""

from __future__ import annotations

import csv
import gzip
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

FILE = Path(__file__).parent.parent / "data" / "ecom.csv.gz"
TRAITS = ("acquisition_channel", "user_cohort", "user_lifecycle")
"""Columns that say something of the visitor: the latest value by time counts, over the whole file."""
FIELDS = ("platform", "session_id")
"""Columns that say something of the event."""
ZONES = ("UTC", "America/New_York", "Asia/Tokyo")
"""In Tokyo midnight falls into the busy hours of the file."""
MOMENTS = (
    datetime(2024, 2, 15, 21, 30, tzinfo=UTC),
    datetime(2024, 4, 1, 12, tzinfo=UTC),
    datetime(2024, 6, 1, tzinfo=UTC),
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


def visitors(file: Path = FILE) -> list[Visitor]:
    """Read the file. Fails if the latest value of a trait is not the only one of its second."""
    by_user: dict[str, list[dict[str, str]]] = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            by_user.setdefault(row["user_id"], []).append(row)
    return [_visitor(user_id, rows) for user_id, rows in by_user.items()]


def _visitor(user_id: str, rows: list[dict[str, str]]) -> Visitor:
    rows = sorted(rows, key=lambda row: row["timestamp"])
    latest = [row for row in rows if row["timestamp"] == rows[-1]["timestamp"]]
    traits = {name: latest[0][name] for name in TRAITS}
    if any(row[name] != traits[name] for row in latest for name in TRAITS):
        raise ValueError(f"{user_id} has two latest values of a trait")
    events = [
        Happened(
            datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC),
            row["event"],
            {name: row[name] for name in FIELDS},
        )
        for row in rows
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


class Look:
    """One visitor at one moment, in one zone."""

    def __init__(self, visitor: Visitor, at: datetime, zone: ZoneInfo) -> None:
        self.events = [event for event in visitor.events if event.at <= at]
        self.traits, self.at, self.zone = visitor.traits, at, zone

    @property
    def exists(self) -> bool:
        """Whether anything of the visitor was known at that moment."""
        return bool(self.events)

    def count(
        self,
        name: str,
        passes: Callable[[dict[str, str]], bool] = lambda fields: True,
        since: datetime | None = None,
        until: datetime | None = None,
        after: datetime | None = None,
    ) -> int:
        """Count events with `since <= time`, `after < time` and `time <= until` (`at`, if not given)."""
        return sum(
            event.name == name
            and passes(event.fields)
            and (since is None or event.at >= since)
            and (after is None or event.at > after)
            and (until is None or event.at <= until)
            for event in self.events
        )

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


_ERRORS = ("error_page", "payment_error", "checkout_bug")

Check = Callable[[Look], bool]


def _mobile(fields: dict[str, str]) -> bool:
    return fields["platform"] == "mobile"


def _stopped(look: Look) -> bool:
    then = look.count("product_view", after=look.ago(days=60), until=look.ago(days=30))
    return then >= 3 and look.count("product_view", after=look.ago(days=30)) == 0


def _abandoned(look: Look) -> bool:
    since = look.ago(days=30)
    return look.count("add_to_cart", after=since) >= 1 and look.count("purchase", after=since) == 0


def _spring(look: Look) -> bool:
    # before= is open: the last instant that counts is the one before the day begins.
    end = look.start_of(date(2024, 5, 1)) - timedelta(milliseconds=1)
    return look.count("promo_page", since=look.start_of(date(2024, 3, 10)), until=end) >= 1


def _trouble(look: Look) -> bool:
    return any(look.count(name, after=look.ago(days=90)) for name in _ERRORS)


def _buyer(look: Look) -> bool:
    return look.count("purchase") >= 1


def _loyal(look: Look) -> bool:
    return look.traits["user_lifecycle"] == "loyal"


def _early(look: Look) -> bool:
    return look.traits["user_cohort"] in ("2024-01", "2024-02")


def _won_or_troubled(look: Look) -> bool:
    searching = "search" in look.traits["acquisition_channel"]
    return (_buyer(look) and not _trouble(look)) or (_loyal(look) and not _buyer(look) and searching)


def _not_on_desktop(look: Look) -> bool:
    return look.count("search", lambda fields: fields["platform"] != "desktop") in (1, 2, 3)


def _since_easter(look: Look) -> bool:
    easter = datetime(2024, 3, 31, 10, tzinfo=UTC)
    return look.count("purchase", since=easter, after=look.ago(days=30)) >= 1


def _a_month_before(look: Look) -> bool:
    return look.count("catalog", after=look.months_ago(2), until=look.months_ago(1)) >= 2


SEGMENTS: list[tuple[str, str, Check]] = [
    ("everyone", "True", lambda look: True),
    ("buyers", 'count("purchase") >= 1', _buyer),
    (
        "buyers-this-week",
        'count("purchase", within="7d") > 0',
        lambda look: look.count("purchase", after=look.ago(days=7)) > 0,
    ),
    (
        "viewers",
        'count("product_view", within="30d") >= 5',
        lambda look: look.count("product_view", after=look.ago(days=30)) >= 5,
    ),
    (
        "carts-in-a-month",
        'count("add_to_cart", within="1mo") > 1',
        lambda look: look.count("add_to_cart", after=look.months_ago(1)) > 1,
    ),
    (
        "half-a-year",
        'count("search", within="1y") >= 10',
        lambda look: look.count("search", after=look.months_ago(12)) >= 10,
    ),
    ("last-hours", 'count("home", within="36h") != 0', lambda look: look.count("home", after=look.ago(hours=36)) != 0),
    (
        "here-today",
        'count("product_view", within="today") >= 1',
        lambda look: look.count("product_view", since=look.start_of(look.today)) >= 1,
    ),
    ("this-week", 'count("catalog", within="week") >= 2', lambda look: look.count("catalog", since=look.week) >= 2),
    (
        "some-this-month",
        '1 <= count("search", within="month") < 4',
        lambda look: 1 <= look.count("search", since=look.month) < 4,
    ),
    (
        "deep-visit",
        'count("product_view", within="session") >= 3',
        lambda look: look.count("product_view", since=look.session) >= 3,
    ),
    (
        "quiet-visit",
        'count("product_view", within="session") == 0',
        lambda look: look.count("product_view", since=look.session) == 0,
    ),
    (
        "stopped",
        'count("product_view", within=("60d", "30d")) >= 3 and count("product_view", within="30d") == 0',
        _stopped,
    ),
    ("a-month-before", 'count("catalog", within=("2mo", "1mo")) >= 2', _a_month_before),
    (
        "mobile",
        'count("product_view", platform == "mobile", within="30d") >= 2',
        lambda look: look.count("product_view", _mobile, after=look.ago(days=30)) >= 2,
    ),
    ("not-on-desktop", 'count("search", not platform.lower().starts_with("DESK")) in [1, 2, 3]', _not_on_desktop),
    ("abandoned-cart", 'count("add_to_cart", within="30d") >= 1 and count("purchase", within="30d") == 0', _abandoned),
    ("spring-promotion", 'count("promo_page", after=date("2024-03-10"), before=date("2024-05-01")) >= 1', _spring),
    ("since-easter", 'count("purchase", after=datetime("2024-03-31T12:00+02:00"), within="30d") >= 1', _since_easter),
    (
        "some-catalogs",
        '2 < count("catalog", within="2w") <= 6',
        lambda look: 2 < look.count("catalog", after=look.ago(weeks=2)) <= 6,
    ),
    ("trouble", " or ".join(f'count("{name}", within="90d") > 0' for name in _ERRORS), _trouble),
    (
        "early-by-mail",
        'user.acquisition_channel == "email" and user.user_cohort in ["2024-01", "2024-02"]',
        lambda look: look.traits["acquisition_channel"] == "email" and _early(look),
    ),
    ("loyal", 'user.user_lifecycle == "loyal"', _loyal),
    (
        "loyal-without-a-purchase",
        'segment("loyal") and not segment("buyers")',
        lambda look: _loyal(look) and not _buyer(look),
    ),
    (
        "won-or-troubled",
        '(segment("buyers") and not segment("trouble"))'
        ' or (segment("loyal-without-a-purchase") and user.acquisition_channel.contains("search"))',
        _won_or_troubled,
    ),
]


def sizes(at: datetime, zone: str, everyone: list[Visitor] | None = None) -> dict[str, int]:
    """Return how many visitors belong to each segment at a moment."""
    return {name: len(found) for name, found in members(at, zone, everyone).items()}


def members(at: datetime, zone: str, everyone: list[Visitor] | None = None) -> dict[str, set[str]]:
    """Return the user ids of each segment at a moment."""
    looks = [(visitor.user_id, Look(visitor, at, ZoneInfo(zone))) for visitor in everyone or visitors()]
    return {name: {user_id for user_id, look in looks if look.exists and check(look)} for name, _, check in SEGMENTS}

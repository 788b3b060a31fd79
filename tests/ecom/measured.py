"""Segments by what was bought for how much, when, how regularly and where last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Unpack

from tests.ecom.look import Edges, Happened, Look, Segments


def _amounts(events: Iterable[Happened]) -> list[Fraction]:
    """The numbers of events that have one, exactly as they are written."""
    return [Fraction(event.fields["amount"]) for event in events if "amount" in event.fields]


def _values(name: str, events: list[Happened]) -> list[str]:
    """The values of a field in order of time. Fails if what comes first or last is not the only one of its second."""
    found = [event for event in events if name in event.fields]
    for edge in found[:1] + found[-1:]:
        if len({event.fields[name] for event in found if event.at == edge.at}) > 1:
            raise ValueError(f"two values of {name} at {edge.at}")
    return [event.fields[name] for event in found]


def _days(name: str, events: list[Happened]) -> list[date]:
    return [date.fromisoformat(event.fields[name]) for event in events if name in event.fields]


def _spent(look: Look, **edges: Unpack[Edges]) -> Fraction:
    return sum(_amounts(look.happened("purchase", **edges)), Fraction())


def _average(amounts: list[Fraction]) -> Fraction | None:
    return sum(amounts, Fraction()) / len(amounts) if amounts else None


def _average_basket(look: Look) -> bool:
    average = _average(_amounts(look.happened("purchase")))
    return average is not None and average >= Fraction("45.5")


def _cheap_carts_on_phones(look: Look) -> bool:
    carts = look.happened("add_to_cart", lambda fields: fields["platform"] == "mobile", after=look.ago(days=60))
    average = _average(_amounts(carts))
    return average is not None and average < 30


def _no_dear_average(look: Look) -> bool:
    average = _average(_amounts(look.happened("purchase", after=look.ago(days=90))))
    return not (average is not None and average > 40)


def _small_first(look: Look) -> bool:
    return min(_amounts(look.happened("purchase")), default=Fraction(11)) <= 10


def _dear_carts_before(look: Look) -> bool:
    carts = look.happened("add_to_cart", after=look.ago(days=60), until=look.ago(days=30))
    return max(_amounts(carts), default=Fraction()) > 80


def _times(look: Look, name: str, **edges: Unpack[Edges]) -> list[datetime]:
    return [event.at.astimezone(look.zone) for event in look.happened(name, **edges)]


def _gone_quiet(look: Look) -> bool:
    times = _times(look, "product_view")
    return bool(times) and times[-1] < look.ago(days=30)


def _never_or_long_ago(look: Look) -> bool:
    times = _times(look, "search")
    return not (times and times[-1] >= look.ago(days=14))


def _first_in_march(look: Look) -> bool:
    times = _times(look, "purchase")
    return bool(times) and date(2024, 3, 1) <= times[0].date() <= date(2024, 3, 31)


def _weekend_buyers(look: Look) -> bool:
    times = _times(look, "purchase")
    return bool(times) and times[-1].weekday() in (5, 6)


def _night_owls(look: Look) -> bool:
    times = _times(look, "search")
    return bool(times) and times[-1].hour < 6


def _late_in_the_month(look: Look) -> bool:
    times = _times(look, "add_to_cart")
    return bool(times) and times[0].day >= 25 and times[0].month in (1, 2, 3)


def _soon_a_year_here(look: Look) -> bool:
    """Nobody has been here for a year, so the anniversary lies in the next one, but for today's newcomers."""
    times = _times(look, "home")
    if not times or times[0].date() == look.today:
        return False
    first = times[0].date()
    leap = (first.month, first.day) == (2, 29)
    return (first.replace(year=first.year + 1, day=28 if leap else first.day) - look.today).days <= 300


def _switched(look: Look) -> bool:
    found = _values("platform", look.happened("search"))
    return bool(found) and found[0] == "desktop" and found[-1] != "desktop"


def _last_on_a_phone(look: Look) -> bool:
    found = _values("platform", look.happened("product_view", after=look.ago(days=60)))
    return bool(found) and found[-1] == "mobile"


def _last_not_on_a_phone(look: Look) -> bool:
    found = _values("platform", look.happened("cart", since=look.month))
    return not found or found[-1] != "mobile"


def _odd_visits(look: Look) -> bool:
    found = _values("session_id", look.happened("purchase"))
    return bool(found) and found[-1][-1] in "13579"


def _last_dear(look: Look) -> bool:
    found = _values("amount", look.happened("purchase", after=look.months_ago(3)))
    return bool(found) and Fraction(found[-1]) >= 50


def _periods(look: Look, name: str, every: str, **edges: Unpack[Edges]) -> int:
    return len({_period(at, every) for at in _times(look, name, **edges)})


def _period(at: datetime, every: str) -> tuple[int, ...]:
    match every:
        case "1h":
            return (*at.timetuple()[:4],)
        case "1d":
            return (*at.timetuple()[:3],)
        case "1w":
            return (*at.isocalendar()[:2],)
    return (*at.timetuple()[:2],)


def _delivered_on_monday(look: Look) -> bool:
    found = _values("delivery", look.happened("purchase"))
    return bool(found) and date.fromisoformat(found[-1]).weekday() == 0


def _still_to_come(look: Look) -> bool:
    return max(_days("delivery", look.happened("purchase")), default=date.min) > look.today


def _delivered_long_ago(look: Look) -> bool:
    days = _days("delivery", look.happened("purchase"))
    return bool(days) and min(days) < look.ago(days=60).astimezone(look.zone).date()


def _distinct(look: Look, field: str, name: str, **edges: Unpack[Edges]) -> int:
    return len({event.fields[field] for event in look.happened(name, **edges) if field in event.fields})


def _between(fields: dict[str, str]) -> bool:
    return "amount" in fields and 10 < Fraction(fields["amount"]) <= 50


SEGMENTS: Segments = [
    ("big-spenders", 'sum("purchase", amount) > 60', lambda look: _spent(look) > 60),
    (
        "some-spending",
        '50 <= sum("purchase", amount, within="90d") < 200',
        lambda look: 50 <= _spent(look, after=look.ago(days=90)) < 200,
    ),
    (
        "nothing-spent",
        'sum("purchase", amount, within="month") == 0',
        lambda look: _spent(look, since=look.month) == 0,
    ),
    ("average-basket", 'avg("purchase", amount) >= 45.5', _average_basket),
    (
        "cheap-carts-on-phones",
        'avg("add_to_cart", amount, platform == "mobile", within="60d") < 30',
        _cheap_carts_on_phones,
    ),
    ("no-dear-average", 'not avg("purchase", amount, within="90d") > 40', _no_dear_average),
    ("small-first", 'min("purchase", amount) <= 10', _small_first),
    ("dear-carts-before", 'max("add_to_cart", amount, within=("60d", "30d")) > 80', _dear_carts_before),
    (
        "never-priced",
        'max("purchase", amount) is None and count("purchase") >= 1',
        lambda look: look.count("purchase") >= 1 and not _amounts(look.happened("purchase")),
    ),
    (
        "two-devices",
        'distinct("product_view", platform) >= 2',
        lambda look: _distinct(look, "platform", "product_view") >= 2,
    ),
    (
        "many-visits",
        'distinct("product_view", session_id, within="1mo") >= 3',
        lambda look: _distinct(look, "session_id", "product_view", after=look.months_ago(1)) >= 3,
    ),
    (
        "some-visits",
        'distinct("home", session_id, within="week") in [1, 2]',
        lambda look: _distinct(look, "session_id", "home", since=look.week) in (1, 2),
    ),
    ("gone-quiet", 'last_time("product_view") < ago("30d")', _gone_quiet),
    ("never-or-long-ago", 'not last_time("search") >= ago("2w")', _never_or_long_ago),
    (
        "newcomers",
        'first_time("home") >= ago("1mo")',
        lambda look: bool(_times(look, "home")) and _times(look, "home")[0] >= look.months_ago(1),
    ),
    ("first-in-march", 'date("2024-03-01") <= first_time("purchase") <= date("2024-03-31")', _first_in_march),
    ("weekend-buyers", 'last_time("purchase").weekday() in ["sat", "sun"]', _weekend_buyers),
    ("night-owls", 'last_time("search").hour() < 6', _night_owls),
    (
        "late-in-the-month",
        'first_time("add_to_cart").day() >= 25 and first_time("add_to_cart").month() in [1, 2, 3]',
        _late_in_the_month,
    ),
    (
        "soon-a-year-here",
        '0 < first_time("home").days_until_anniversary() <= 300 and first_time("home").age() == 0',
        _soon_a_year_here,
    ),
    (
        "switched",
        'first_value("search", platform) == "desktop" and last_value("search", platform) != "desktop"',
        _switched,
    ),
    ("last-on-a-phone", 'last_value("product_view", platform, within="60d").lower() == "MOBILE"', _last_on_a_phone),
    ("last-not-on-a-phone", 'last_value("cart", platform, within="month") != "mobile"', _last_not_on_a_phone),
    ("odd-visits", 'last_value("purchase", session_id).matches("[13579]$")', _odd_visits),
    ("last-dear", 'last_value("purchase", amount, within="3mo") >= 50', _last_dear),
    (
        "regulars",
        'periods("product_view", every="1d", within="30d") >= 4',
        lambda look: _periods(look, "product_view", "1d", after=look.ago(days=30)) >= 4,
    ),
    (
        "week-after-week",
        'periods("product_view", every="1w") >= 6',
        lambda look: _periods(look, "product_view", "1w") >= 6,
    ),
    (
        "three-months",
        'periods("catalog", every="1mo", after=date("2024-01-15")) == 3',
        lambda look: _periods(look, "catalog", "1mo", since=look.start_of(date(2024, 1, 15))) == 3,
    ),
    (
        "hours-of-the-week",
        'periods("catalog", every="1h", within="week") >= 2',
        lambda look: _periods(look, "catalog", "1h", since=look.week) >= 2,
    ),
    ("delivered-on-monday", 'last_value("purchase", delivery).weekday() == "mon"', _delivered_on_monday),
    ("still-to-come", 'max("purchase", delivery) > today()', _still_to_come),
    ("delivered-long-ago", 'min("purchase", delivery) < ago("60d")', _delivered_long_ago),
    (
        "two-deliveries",
        'distinct("purchase", delivery) >= 2',
        lambda look: _distinct(look, "delivery", "purchase") >= 2,
    ),
    (
        "middling-views",
        'count("product_view", 10 < amount <= 50, within="2w") >= 2',
        lambda look: look.count("product_view", _between, after=look.ago(weeks=2)) >= 2,
    ),
    (
        "without-a-price",
        'count("purchase", amount is None) >= 1',
        lambda look: look.count("purchase", lambda fields: "amount" not in fields) >= 1,
    ),
]

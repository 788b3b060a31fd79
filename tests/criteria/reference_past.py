"""What somebody did, for the reference evaluator: windows, measures, sequences and interests over raw events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lenticular.criteria.tree import Date, Datetime, Window
from lenticular.ids import tie
from tests.criteria import reference_time as times


class Happened(NamedTuple):
    """One event: `time` in ms, typed values by stored key."""

    time: int
    message_id: str
    name: str
    properties: Mapping[str, Any] = {}
    context: Mapping[str, Any] = {}


def in_order(events: list[Happened]) -> list[Happened]:
    """Return events by time; of the same millisecond the message id's hash decides."""
    return sorted(events, key=lambda event: (event.time, tie(event.message_id)))


def in_window(event: Happened, window: Window, now: datetime, session: datetime | None, zone: ZoneInfo) -> bool:
    """Return whether an event lies in a window as of `now`."""
    at = times.instant(event.time)
    if at > now or not _within(at, window.within, now, session, zone):
        return False
    if window.after is not None and at < _edge(window.after, zone):
        return False
    return window.before is None or at < _edge(window.before, zone)


def _within(
    at: datetime, within: str | tuple[str, str] | None, now: datetime, session: datetime | None, zone: ZoneInfo
) -> bool:
    today = now.astimezone(zone).date()
    match within:
        case None:
            return True
        case "session":
            return session is not None and at >= session
        case "today":
            return at >= times.first_instant(today, zone)
        case "week":
            return at >= times.first_instant(today - timedelta(days=today.weekday()), zone)
        case "month":
            return at >= times.first_instant(today.replace(day=1), zone)
        case (far, near):
            return times.shifted(now, far, -1, zone) < at <= times.shifted(now, near, -1, zone)
        case duration:
            return at > times.shifted(now, duration, -1, zone)


def _edge(value: Date | Datetime, zone: ZoneInfo) -> datetime:
    if isinstance(value, Date):
        return times.first_instant(date.fromisoformat(value.day), zone)
    return times.literal_instant(value.at)


def measure_events(measure: str, events: Sequence[Happened], every: str | None, zone: ZoneInfo) -> Any:
    """Return what a measure that looks at no field gives over events in order; None where it is missing."""
    match measure:
        case "count":
            return len(events)
        case "periods":
            return len({times.period(times.instant(event.time), every or "", zone) for event in events})
        case "first_time":
            return events[0].time if events else None
        case "last_time":
            return events[-1].time if events else None
    raise ValueError(measure)


def measure_values(measure: str, values: Sequence[Any]) -> Any:
    """Return what a measure gives over the known values of its field, in order; None where it is missing."""
    match measure:
        case "distinct":
            return len(set(values))
        case "sum":
            return total(summable(values))
        case "avg":
            return total(summable(values)) / len(summable(values)) if summable(values) else None
        case "min":
            return min(values, default=None)
        case "max":
            return max(values, default=None)
        case "first_value":
            return values[0] if values else None
        case "last_value":
            return values[-1] if values else None
    raise ValueError(measure)


def summable(values: Sequence[float]) -> list[Fraction]:
    """Return the numbers that enter a sum, each rounded to a millionth (to the even one, if two are as near)."""
    return [Fraction(round(value * 1_000_000), 1_000_000) for value in values if abs(value) <= 9e12]


def total(values: Sequence[Fraction]) -> float:
    """Return an exact sum as a float; past 2^53 millionths only its whole part counts."""
    exact = sum(values, Fraction())
    millionths = int(exact * 1_000_000)
    return millionths / 1_000_000 if abs(millionths) < 2**53 else float(int(exact))


def chained(steps: Sequence[Sequence[Happened]], without: Sequence[Happened], span: str | None) -> bool:
    """Return whether one event can be chosen for each step, each strictly later than the one before.

    `span` limits first to last, inclusive; after the last no event of `without` may come. Every choice is tried.
    """
    if span is not None:
        longest = times.shifted(times.EPOCH, span, 1, ZoneInfo("UTC")) - times.EPOCH
    for chain in product(*steps):
        if any(one.time >= other.time for one, other in pairwise(chain)):
            continue
        if span is not None and times.instant(chain[-1].time) - times.instant(chain[0].time) > longest:
            continue
        if not any(event.time > chain[-1].time for event in without):
            return True
    return False


def interests(events: Sequence[Happened], now: datetime, zone: ZoneInfo) -> dict[str, float]:
    """Return the weight of each topic: what was seen halves in 30 days, and is forgotten after 300."""
    weights: dict[str, int] = {}
    today = now.astimezone(zone).date()
    for event in events:
        at = times.instant(event.time)
        if at > now or event.name in ("", "Impression"):
            continue
        days = (today - at.astimezone(zone).date()).days
        for topic in set(event.properties.get("l_topics", [])[:20]):
            counts = round(1_000_000 * 2 ** (-days / 30)) if 0 <= days <= 300 else 0
            weights[topic] = weights.get(topic, 0) + counts
    return {topic: millionths / 1_000_000 for topic, millionths in weights.items() if millionths}

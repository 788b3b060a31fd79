"""Whatever happens in whichever tab: a cap never shows an item more often than it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.cap import FrequencyCap
from lenticular.criteria.calendar import calendar_of
from lenticular.decide.cap import Moment, kept_back, ready_cap
from lenticular.decide.reservations import RESERVED, Reservations
from lenticular.profiles.profile import Shown

ZONES = [
    "America/New_York",
    "Europe/Madrid",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Pacific/Apia",
    "UTC",
    "Asia/Kolkata",
]
STARTS = [  # around changes of clocks, the ends of months, and the day that Samoa left out
    "2026-11-01T00:00", "2026-03-08T00:00", "2018-11-03T20:00", "2024-04-25T18:00", "2011-12-29T08:00",
    "2026-12-30T22:00",
]  # fmt: skip
CAPS = st.builds(
    FrequencyCap,
    limit=st.integers(1, 3),
    per=st.sampled_from(["session", "day", "week", "month", "lifetime"]),
    gap=st.sampled_from([None, "10m", "5h"]),
) | st.builds(FrequencyCap, gap=st.sampled_from(["30s", "2h", "2d"]))
# What happens: ask in a tab; an impression of what an open tab was given; time passes; a new session.
STEPS = st.lists(
    st.sampled_from(["ask", "ask", "see", "see", "second", "minute", "hours", "session"]), min_size=4, max_size=40
)


def local(ms: int, zone: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).astimezone(ZoneInfo(zone))


def bucket(ms: int, per: str | None, zone: str, sessions: list[int]) -> object:
    """Return the window that an impression falls into, by the standard library's calendar."""
    at = local(ms, zone)
    if per == "day":
        return at.date()
    if per == "week":
        return at.isocalendar()[:2]
    if per == "month":
        return at.year, at.month
    return max(start for start in sessions if start <= ms) if per == "session" else "ever"


@settings(max_examples=300, deadline=None)
@given(CAPS, STEPS, st.sampled_from(ZONES), st.sampled_from(STARTS))
def test_never_more_than_the_cap_allows(cap: FrequencyCap, steps: list[str], zone: str, start: str) -> None:
    ready, calendar, book = ready_cap(cap), calendar_of(zone), Reservations()
    now = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp() * 1000)
    sessions, seen, open_tabs = [now], list[int](), list[tuple[str, int]]()
    for number, step in enumerate(steps):
        moment = Moment(now, sessions[-1], calendar)
        if step == "ask":
            shown = Shown(len(seen), seen[-100:]) if seen else None
            kept = kept_back(ready, shown, book.active([1], now).get("ad", ()), moment)
            if kept is None:
                book.reserve([1], ["ad"], f"d{number}", now)
                open_tabs.append((f"d{number}", now))
            else:
                assert kept.until is None or kept.until > now
        elif step == "see" and open_tabs:
            decision, asked = open_tabs.pop(0)
            if now < asked + RESERVED:
                seen.append(now)
                book.release([1], "ad", decision)
        else:
            now += {"second": 1_000, "minute": 61_000, "hours": 7 * 3_600_000 + 13}.get(step, 0)
        if step == "session":
            now += 1
            sessions.append(now)
    if cap.limit is not None:
        buckets = [bucket(at, cap.per, zone, sessions) for at in seen]
        assert all(buckets.count(one) <= cap.limit for one in buckets)
    if ready.gap:
        assert all(after - before >= ready.gap for before, after in pairwise(seen))


@settings(max_examples=300, deadline=None)
@given(
    CAPS,
    st.lists(st.integers(-40 * 86_400, 0), max_size=6),
    st.lists(st.integers(-30, 60), max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from(STARTS),
)
def test_until_is_the_first_moment_at_which_it_is_free(
    cap: FrequencyCap, ago: list[int], reserved: list[int], zone: str, start: str
) -> None:
    ready, calendar = ready_cap(cap), calendar_of(zone)
    now = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp() * 1000)
    times = sorted(now + seconds * 1_000 for seconds in ago)
    ends = [now + seconds * 1_000 for seconds in reserved]
    session = now - 3_600_000

    def kept(at: int) -> bool:
        return kept_back(ready, Shown(len(times), times), ends, Moment(at, session, calendar)) is not None

    found = kept_back(ready, Shown(len(times), times), ends, Moment(now, session, calendar))
    if found is None:
        return
    if found.until is None:
        assert kept(now + 400 * 86_400_000)
        assert cap.per in ("session", "lifetime")
    else:
        assert not kept(found.until)
        assert kept(found.until - 1)

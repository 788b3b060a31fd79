"""Who is who after what was said, as a table of stories; and visits by the clock of the site, also of imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.criteria.calendar import calendar_of
from lenticular.ids import hash64
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Session
from lenticular.profiles.session import advance
from tests.profiles.worlds import World, event, identify

Said = tuple[str, str]
"""`("a1", "u1")`: an event of this device with this user, either may be empty; `("=u1", "u2")`: a server's alias of the
first for the second, `("~u1", "u2")`: the same with the public key."""

STORIES: list[tuple[str, list[Said], list[set[str]]]] = [
    ("a stranger", [("a1", "")], [{"a1"}]),
    ("a stranger signs in", [("a1", ""), ("a1", "u1")], [{"a1", "u1"}]),
    ("only a server knows them", [("", "u1")], [{"u1"}]),
    ("two devices", [("a1", "u1"), ("a2", ""), ("a2", "u1")], [{"a1", "a2", "u1"}]),
    ("a shared device", [("a1", "u1"), ("a1", "u2")], [{"u1"}, {"a1", "u2"}]),
    ("and back", [("a1", "u1"), ("a1", "u2"), ("a1", "u1")], [{"a1", "u1"}, {"u2"}]),
    ("signed out on a shared device", [("a1", "u1"), ("a1", "u2"), ("a1", "")], [{"u1"}, {"a1", "u2"}]),
    ("two strangers stay two", [("a1", ""), ("a2", "")], [{"a1"}, {"a2"}]),
    ("an alias of a device", [("a1", ""), ("a2", "u1"), ("~a1", "u1")], [{"a1", "a2", "u1"}]),
    ("an alias of a device of another", [("a1", "u2"), ("", "u1"), ("~a1", "u1")], [{"u2"}, {"a1", "u1"}]),
    ("an alias of someone unknown", [("", "u1"), ("~x", "u1")], [{"x", "u1"}]),
    ("an alias of two unknown", [("=x", "u1")], [{"x", "u1"}]),
    ("an alias of oneself", [("a1", "u1"), ("=u1", "u1")], [{"a1", "u1"}]),
    ("users are joined by servers", [("a1", "u1"), ("a2", "u2"), ("=u1", "u2")], [{"a1", "a2", "u1", "u2"}]),
    ("and not by browsers", [("a1", "u1"), ("a2", "u2"), ("~u1", "u2")], [{"a1", "u1"}, {"a2", "u2"}]),
    ("a new name for a user", [("a1", "u1"), ("=u1", "u9")], [{"a1", "u1", "u9"}]),
    ("a chain", [("a1", "u1"), ("", "u2"), ("", "u3"), ("=u1", "u2"), ("=u2", "u3")], [{"a1", "u1", "u2", "u3"}]),
    ("from its end", [("a1", "u1"), ("", "u2"), ("", "u3"), ("=u2", "u3"), ("=u1", "u2")], [{"a1", "u1", "u2", "u3"}]),
    ("a circle", [("", "u1"), ("", "u2"), ("=u1", "u2"), ("=u2", "u1")], [{"u1", "u2"}]),
    (
        "a device of someone who was joined",
        [("a1", "u1"), ("", "u2"), ("=u1", "u2"), ("a1", "u2")],
        [{"a1", "u1", "u2"}],
    ),
    ("a former name signs in", [("a1", "u1"), ("", "u2"), ("=u1", "u2"), ("a2", "u1")], [{"a1", "a2", "u1", "u2"}]),
    ("an id that is both", [("x", ""), ("", "x")], [{"x"}, {"x"}]),
]


def told(at: int, said: Said) -> Event:
    first, user_id = said
    if first[:1] in ("=", "~"):
        trusted = first[0] == "="
        return event(f"m{at}", at, type="alias", name="", previous_id=first[1:], user_id=user_id, trusted=trusted)
    return event(f"m{at}", at, anonymous_id=first, user_id=user_id)


@pytest.mark.parametrize("slices", [True, False])
@pytest.mark.parametrize(("name", "story", "expected"), STORIES)
def test_stories(name: str, story: list[Said], expected: list[set[str]], slices: bool) -> None:
    world, events = World(), [told(at, said) for at, said in enumerate(story)]
    for part in [[each] for each in events] if slices else [events]:
        world.fold(*part)
    people = [profile for profile in map(world.get, world.profiles) if profile]
    groups = [{value for _, value in profile.names} for profile in people]
    assert sorted(map(sorted, groups)) == sorted(map(sorted, expected))
    for profile in people:
        assert {world.identities[each] for each in profile.names} == {profile.id}
    counted = sum(profile.tallies.get("Seen", 0) for profile in people)
    assert counted == sum(each.name == "Seen" for each in events)


@pytest.mark.parametrize("order", list(permutations([("=u1", "u2"), ("=u2", "u3"), ("=u3", "u4")])))
def test_a_chain_is_one_person_in_whatever_order_it_is_told(order: Sequence[Said]) -> None:
    world = World()
    for at, who in enumerate(("u1", "u2", "u3", "u4")):
        world.fold(identify(f"i{at}", at, user_id=who, traits={f"t_{who}": who, "t_last": who}), told(at, ("", who)))
    world.fold(*(told(at + 10, said) for at, said in enumerate(order)))
    profile = world.of(user_id="u1")
    assert {value for _, value in profile.names} == {"u1", "u2", "u3", "u4"}
    assert profile.traits == {"t_u1": "u1", "t_u2": "u2", "t_u3": "u3", "t_u4": "u4", "t_last": "u4"}
    assert (profile.tallies, sorted([profile.id, *profile.merged])) == ({"Seen": 4}, [1, 2, 3, 4])
    rows = {row["loser"]: row["survivor"] for row in sorted(world.rows("merges"), key=lambda row: row["version"])}
    assert rows == dict.fromkeys(profile.merged, profile.id)


NIGHTS = [
    ("Europe/Madrid", (2026, 3, 29)),  # 02:00 becomes 03:00
    ("Europe/Madrid", (2026, 10, 25)),  # 03:00 becomes 02:00
    ("America/New_York", (2026, 11, 1)),
    ("America/Santiago", (2026, 9, 6)),  # midnight becomes 01:00
    ("America/Santiago", (2026, 4, 5)),  # midnight becomes 23:00 of the day before
    ("Asia/Beirut", (2026, 3, 29)),
    ("Australia/Lord_Howe", (2026, 4, 5)),  # half an hour
    ("Asia/Kathmandu", (2026, 1, 1)),
]


@st.composite
def nights(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A zone, and moments (ms) around a midnight at which its clocks may change."""
    zone, midnight = draw(st.sampled_from(NIGHTS))
    around = int(datetime(*midnight, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000
    steps = draw(st.lists(st.sampled_from([1, 5, 29, 30, 31, 45, 120]), min_size=1, max_size=12))
    at, moments = around - draw(st.integers(0, 240)) * 60_000, []
    for step in steps:
        moments.append(at)
        at += step * 60_000
    return zone, moments


def local_day(moment: int, zone: str) -> int:
    """By Python's own zone table, with no code of ours."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)).astimezone(ZoneInfo(zone)).toordinal()


def visits_of(moments: Sequence[int], zone: str) -> tuple[Session, dict[int, list[int]]]:
    """Fold rows of an import in this order; return the latest visit, and the moments of each by its id."""
    session, visits, calendar = None, dict[int, list[int]](), calendar_of(zone)
    for at, moment in enumerate(moments):
        row = Event("track", f"row {at}", moment, max(moments) + 86_400_000, "a", name="Seen", imported=True)
        session, own = advance(session, row, hash64(row.message_id), calendar)
        visits.setdefault(own.id, []).append(moment)
    assert session is not None
    return session, visits


@given(nights())
def test_rows_in_order_are_cut_at_pauses_and_at_midnight(night: tuple[str, list[int]]) -> None:
    zone, moments = night
    expected = [[moments[0]]]
    for before, moment in pairwise(moments):
        pause = moment - before > 30 * 60_000
        if pause or local_day(moment, zone) != local_day(expected[-1][0], zone):
            expected.append([])
        expected[-1].append(moment)
    latest, visits = visits_of(moments, zone)
    assert list(visits.values()) == expected
    assert (latest.start, latest.last, latest.number) == (expected[-1][0], expected[-1][-1], len(expected))


@given(nights(), st.randoms(use_true_random=False))
def test_rows_in_any_order_never_join_what_a_pause_or_midnight_parts(
    night: tuple[str, list[int]], random: Random
) -> None:
    zone, moments = night
    latest, visits = visits_of(random.sample(moments, len(moments)), zone)
    for found in visits.values():
        assert len({local_day(moment, zone) for moment in found}) == 1
        assert all(later - earlier <= 30 * 60_000 for earlier, later in pairwise(sorted(found)))
    assert max(moments) in visits[latest.id]
    assert latest.start == min(visits[latest.id])

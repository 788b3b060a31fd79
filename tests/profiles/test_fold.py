"""Folding: profiles, rows, merges; and that slices make no difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.ids import hash64, tie
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold
from lenticular.profiles.merge import NoTallies
from tests.profiles.worlds import MADRID, MINUTE, NOON, World, event, histories, identify


def test_an_events_row() -> None:
    world = World().fold(
        event("m1", 11 * 60 + 1, anonymous_id="a", properties={"n_price": 5.0}, context={"t_path": "/x"})
    )
    assert world.rows("events") == [
        {
            "seq": 1,
            "time": NOON + 661 * MINUTE,
            "tie": tie("m1"),
            "profile_id": 1,
            "name": "Seen",
            "type": "track",
            "session_id": hash64("m1"),
            "day": 20485,  # already the next day in Madrid
            "minute": 1,
            "received": NOON + 661 * MINUTE,
            "message_id": "m1",
            "properties": {"n_price": 5.0},
            "context": {"t_path": "/x"},
        }
    ]
    assert b'"n_price":5.0' in world.results[0].rows["events"][0]


def test_a_message_counts_once() -> None:
    world = World().fold(event("m1", anonymous_id="a"), event("m1", 5, anonymous_id="a"))
    world.fold(event("m1", 9, anonymous_id="b"), event("m2", anonymous_id="a"))
    assert world.outcomes == ["folded", "duplicate", "duplicate", "folded"]
    assert world.of("a").tallies == {"Seen": 2}
    assert ("anonymous", "b") not in world.identities


def test_the_last_write_of_a_trait_wins_whatever_the_order_of_arrival() -> None:
    writes = [
        identify("m1", 1, user_id="u", traits={"n_x": 1.0, "t_y": "early"}),
        identify("m2", 3, user_id="u", traits={"t_x": "three"}),
        identify("m3", 2, user_id="u", traits={"n_x": 2.0}, removed=("y",)),
    ]
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]):
        profile = World().fold(*(writes[each] for each in order)).of(user_id="u")
        assert profile.traits == {"t_x": "three"}
        assert profile.stamps == {"x": (NOON + 3 * MINUTE, tie("m2")), "y": (NOON + 2 * MINUTE, tie("m3"))}


def test_ties_in_time_break_by_the_message_id() -> None:
    a, b = identify("m1", user_id="u", traits={"n_x": 1.0}), identify("m2", user_id="u", traits={"n_x": 2.0})
    expected = {"n_x": 2.0 if tie("m2") > tie("m1") else 1.0}
    assert World().fold(a, b).of(user_id="u").traits == World().fold(b, a).of(user_id="u").traits == expected


def test_an_anonymous_profile_joins_a_users() -> None:
    world = World()
    world.fold(identify("m1", 0, user_id="u", anonymous_id="laptop", traits={"t_plan": "gold", "t_city": "Faro"}))
    seen: dict[str, Any] = {"name": "Impression", "properties": {"t_item": "ad"}}
    world.fold(event("m2", 10, anonymous_id="phone"), event("m3", 11, anonymous_id="phone", **seen))
    world.fold(event("m4", -9, user_id="u", **seen))
    world.fold(identify("m5", 12, user_id="u", anonymous_id="phone", traits={"t_city": "Porto"}))
    profile = world.of("phone")
    assert profile.id == world.of("laptop").id == 1
    assert profile.traits == {"t_plan": "gold", "t_city": "Porto"}
    assert profile.anonymous_ids == ["laptop", "phone"]
    assert (profile.merged, profile.first_seen) == ([2], NOON - 9 * MINUTE)
    assert profile.tallies == {"Seen": 1, "Impression": 2}
    assert (profile.shown["ad"].count, profile.shown["ad"].times) == (
        2,
        [NOON - 9 * MINUTE, NOON + 11 * MINUTE],
    )
    assert profile.session is not None
    assert profile.session.id == hash64("m2")
    assert world.results[-1].gone == [2]
    assert world.rows("merges") == [{"loser": 2, "survivor": 1, "version": 5}]
    gone = [row for row in world.rows("profiles") if row["profile_id"] == 2]
    assert [row["gone"] for row in gone] == [0, 1]
    assert gone[0]["version"] < gone[1]["version"]
    assert set(world.profiles) == {1}


def test_a_shared_device_is_re_bound_and_nothing_merges() -> None:
    world = World()
    world.fold(identify("m1", user_id="ana", anonymous_id="tablet"), event("m2", 1, anonymous_id="tablet"))
    world.fold(identify("m3", 2, user_id="rui", anonymous_id="tablet"), event("m4", 3, anonymous_id="tablet"))
    ana, rui = world.of(user_id="ana"), world.of(user_id="rui")
    assert (ana.anonymous_ids, rui.anonymous_ids) == ([], ["tablet"])
    assert (ana.tallies, rui.tallies) == ({"Seen": 1}, {"Seen": 1})
    assert world.rows("merges") == []
    assert world.rows("profiles")[-2]["anonymous_ids"] == [] or world.rows("profiles")[-1]["anonymous_ids"] == []


def test_paths_of_merges_are_compressed() -> None:
    world = World().fold(event("m1", anonymous_id="a"), identify("m2", user_id="u1"), identify("m3", user_id="u2"))
    world.fold(identify("m4", 1, anonymous_id="a", user_id="u1"))
    world.fold(event("m5", type="alias", name="", previous_id="u1", user_id="u2", trusted=True))
    assert world.rows("merges") == [
        {"loser": 1, "survivor": 2, "version": 4},
        {"loser": 2, "survivor": 3, "version": 5},
        {"loser": 1, "survivor": 3, "version": 5},
    ]
    assert world.of("a").id == world.of(user_id="u1").id == 3
    assert (world.of("a").user_id, world.of("a").other_user_ids, world.of("a").merged) == (
        "u2",
        ["u1"],
        [2, 1],
    )


def test_an_alias_between_two_users_needs_trust() -> None:
    world = World().fold(identify("m1", user_id="u1"), identify("m2", user_id="u2"))
    world.fold(event("m3", type="alias", name="", previous_id="u1", user_id="u2"))
    assert world.of(user_id="u1").id != world.of(user_id="u2").id
    assert world.ignored == [(3, "An alias between two users needs the site's secret key.")]


def test_a_profiles_row_follows_only_what_is_in_it() -> None:
    world = World().fold(identify("m1", user_id="u", traits={"n_x": 1.0}))
    before = len(world.rows("profiles"))
    world.fold(event("m2", 5, user_id="u"), identify("m3", 6, user_id="u", traits={"n_x": 1.0}))
    assert len(world.rows("profiles")) == before
    world.fold(identify("m4", 7, user_id="u", traits={"n_x": 2.0}))
    last = world.rows("profiles")[-1]
    assert last == {
        "profile_id": 1,
        "version": 4,
        "user_id": "u",
        "anonymous_ids": [],
        "first_seen": NOON,
        "traits": {"n_x": 2.0},
        "gone": 0,
        "organizations": [],
        "withheld": 0,
        "lists": [],
    }


def test_a_visit_has_one_row_per_slice() -> None:
    world = World().fold(event("m1", anonymous_id="a", context={"t_path": "/"}), event("m2", 5, anonymous_id="a"))
    assert [(row["last"], row["version"]) for row in world.rows("sessions")] == [(NOON + 5 * MINUTE, 2)]
    world.fold(event("m3", 6, anonymous_id="a"), event("m4", 66, anonymous_id="a"))
    assert [row["number"] for row in world.rows("sessions")] == [1, 1, 2]
    assert world.rows("sessions")[0]["properties"] == {
        "n_number": 1.0,
        "i_started": NOON,
        "t_landing_path": "/",
        "t_path": "/",
        "n_pages": 0.0,
        "n_seconds": 300.0,
        "b_signed_in": False,
        "b_returning": False,
    }


def test_what_is_early_or_to_come_never_becomes_the_latest_visit() -> None:
    world = World().fold(event("m1", anonymous_id="a"))
    world.fold(event("m2", -300, anonymous_id="a"), event("m3", 500, anonymous_id="a", received=NOON, imported=True))
    session = world.of("a").session
    assert session is not None
    assert session.id == hash64("m1")
    assert [(row["number"], row["session_id"]) for row in world.rows("sessions")] == [
        (1, hash64("m1")),
        (0, hash64("m2")),
    ]
    assert [row["session_id"] for row in world.rows("events")] == [hash64("m1"), hash64("m2"), hash64("m3")]


def test_a_servers_identify_is_no_visit() -> None:
    world = World().fold(identify("m1", user_id="u"))
    assert world.of(user_id="u").session is None
    world.fold(identify("m2", 1, user_id="u", context={"t_path": "/login"}))
    assert world.of(user_id="u").session is not None
    assert [row["session_id"] for row in world.rows("events")] == [0, hash64("m2")]


def test_a_visit_opens_a_session_and_is_no_event() -> None:
    world = World().fold(event("m1", type="visit", name="", anonymous_id="a", context={"t_path": "/college"}))
    session = world.of("a").session
    assert session is not None
    assert session.properties["t_landing_path"] == "/college"
    assert (world.of("a").tallies, world.rows("events")) == ({}, [])


def test_new_properties_are_registered_with_the_type_of_their_first_value() -> None:
    world = World().fold(
        event("m1", anonymous_id="a", properties={"n_price": 1.0}, traits={"t_plan": "x"}),
        event("m2", anonymous_id="a", properties={"t_price": "free", "d_due": 3}),
        identify("m3", anonymous_id="a", properties={"t_group_id": "g"}),
    )
    assert world.properties == {
        ("event", "price"): "number",
        ("user", "plan"): "text",
        ("event", "due"): "date",
    }
    world.fold(event("m4", anonymous_id="a", properties={"t_price": "free"}))
    assert world.results[-1].properties == {}


def test_impressions_keep_the_newest_hundred_times() -> None:
    world = World(NoTallies())
    seen: dict[str, Any] = {"anonymous_id": "a", "name": "Impression", "properties": {"t_item": "ad"}}
    world.fold(*(event(f"m{at}", at, **seen) for at in reversed(range(130))))
    shown = world.of("a").shown["ad"]
    assert (shown.count, len(shown.times), shown.times[-1]) == (130, 100, NOON + 129 * MINUTE)
    assert shown.times == sorted(shown.times)


def test_a_fold_over_a_fold_leaves_the_lower_one_alone() -> None:
    world = World().fold(event("m1", anonymous_id="a"))
    lower = Fold(world, MADRID, {}, world.tallies)
    lower.apply(2, event("m2", 1, anonymous_id="a"))
    before = msgspec.msgpack.encode(lower.result(2))
    upper = Fold(lower, MADRID, {}, world.tallies)
    assert upper.apply(3, event("m2", 1, anonymous_id="a")) == "duplicate"
    assert upper.apply(3, event("m1", 1, anonymous_id="a")) == "duplicate"
    upper.apply(3, identify("m3", 2, anonymous_id="a", user_id="u", traits={"n_x": 1.0}))
    seen = upper.profile_of("a", "")
    assert seen is not None
    assert (seen.tallies, seen.user_id) == ({"Seen": 2}, "u")
    assert msgspec.msgpack.encode(lower.result(2)) == before
    assert world.of("a").tallies == {"Seen": 1}


def _state(world: World) -> Any:
    stored = (world.profiles, world.organizations)
    found = ({key: msgspec.msgpack.decode(value) for key, value in each.items()} for each in stored)
    return *found, world.identities


@settings(max_examples=300, deadline=None)
@given(histories(), st.lists(st.integers(0, 12)))
def test_slices_make_no_difference_and_identities_hold_together(events: Sequence[Event], cuts: list[int]) -> None:
    whole = World().fold(*events)
    sliced = World()
    at = 0
    for cut in [*sorted(cuts), len(events)]:
        if cut > at:
            sliced.fold(*events[at:cut])
            at = cut
    assert _state(sliced) == _state(whole)
    assert sliced.rows("events") == whole.rows("events")
    assert _latest(sliced) == _latest(whole)
    for profile_id, row in _latest(whole).items():
        found = whole.get(profile_id)
        assert row["gone"] == (found is None)
        if found is not None:
            assert (row["organizations"], row["withheld"]) == (found.organizations, found.withheld)
            assert (row["lists"], row["traits"]) == (found.lists, found.traits)
    _check_identities(whole)
    distinct = {each.message_id: each for each in reversed(events)}.values()
    counted = sum(profile.tallies.get("Seen", 0) for profile in map(whole.get, whole.profiles) if profile)
    assert counted == sum(each.name == "Seen" for each in distinct)


def _latest(world: World) -> dict[int, Any]:
    """The rows that count, without the version: an earlier cut may have left an earlier row as the latest."""
    rows = sorted(world.rows("profiles"), key=lambda row: row.pop("version"))
    return {row["profile_id"]: row for row in rows}


def _check_identities(world: World) -> None:
    for (kind, value), profile_id in world.identities.items():
        profile = world.get(profile_id)
        assert profile is not None
        assert value in (profile.anonymous_ids if kind == "anonymous" else [profile.user_id, *profile.other_user_ids])
    for profile_id in world.profiles:
        profile = world.get(profile_id)
        assert profile is not None
        assert len(set(profile.anonymous_ids)) == len(profile.anonymous_ids)
        assert all(world.identities["anonymous", each] == profile_id for each in profile.anonymous_ids)
    latest = {row["loser"]: row["survivor"] for row in world.rows("merges")}
    assert not set(latest.values()) & set(latest)
    assert set(latest.values()) <= set(world.profiles)

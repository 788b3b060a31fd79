"""Undoing a merge: who comes back, what is given back, what stays, and when it can't be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.profiles.away import LOG
from lenticular.profiles.event import Event
from lenticular.profiles.kept import KEPT_DAYS
from lenticular.profiles.profile import Profile
from tests.profiles.worlds import MINUTE, NOON, Counting, World, belonging, event, histories, identify

DAY = 1_440


def undo(message_id: str, at: float = 100, **identity: str) -> Event:
    return event(message_id, at, type="unmerge", name="", trusted=True, **identity)


def joined(*before: Event) -> World:
    """A phone and a user on a laptop, one after the other one person."""
    world = World(Counting())
    world.fold(identify("i1", anonymous_id="laptop", user_id="u"), event("m1", 1, anonymous_id="phone"), *before)
    return world.fold(identify("i2", 50, anonymous_id="phone", user_id="u"))


def plain(profile: Profile | None) -> dict[str, Any]:
    """A profile but for what an undone merge leaves behind."""
    assert profile is not None
    raw: dict[str, Any] = msgspec.to_builtins(profile)
    return {name: value for name, value in raw.items() if name not in ("version", "apart", "away", "tallies")}


def test_both_are_as_they_were_and_the_events_stay_with_whom_they_came_in_for() -> None:
    world = World(Counting())
    world.fold(
        identify("i1", anonymous_id="laptop", user_id="u", traits={"n_x": 1.0}), event("s", anonymous_id="laptop")
    )
    world.fold(
        event("m1", 1, anonymous_id="phone", context={"t_url": "https://x/"}), event("m2", 2, anonymous_id="phone")
    )
    user, phone = world.get(1), world.get(2)
    world.fold(event("i2", 50, type="alias", name="", user_id="u", previous_id="phone"))
    assert [world.owner_of(each) for each in (1, 2)] == [1, 1]
    world.fold(undo("x", anonymous_id="phone"))
    assert (plain(world.get(1)), plain(world.get(2))) == (plain(user), plain(phone))
    for profile_id in (1, 2):
        profile = world.get(profile_id)
        assert profile and (profile.tallies, profile.away) == ({}, {"Seen": LOG})
        assert world.owner_of(profile_id) == profile_id
    rows = {row["profile_id"]: row for row in sorted(world.rows("profiles"), key=lambda row: row["version"])}
    assert [(each, rows[each]["gone"], rows[each]["anonymous_ids"]) for each in rows] == [
        (1, 0, ["laptop"]),
        (2, 0, ["phone"]),
    ]
    assert world.merges == {}
    assert world.ignored == []


def test_they_stay_apart_whoever_signs_in_until_a_server_says_otherwise() -> None:
    world = joined().fold(undo("x", anonymous_id="phone"))
    both: dict[str, Any] = {"anonymous_id": "phone", "user_id": "u"}
    world.fold(event("m3", 101, **both), identify("i3", 102, **both))
    world.fold(event("a1", 103, type="alias", name="", previous_id="phone", user_id="u"))
    assert world.identities["anonymous", "phone"] == 2 != world.identities["user", "u"]
    assert [row["profile_id"] for row in world.rows("events")][-3:] == [1, 1, 1]
    other = World(Counting())
    other.profiles, other.identities, other.next = dict(world.profiles), dict(world.identities), world.next
    other.fold(identify("i4", anonymous_id="phone", user_id="someone else"))
    assert other.of("phone").user_id == "someone else"
    world.fold(event("a2", 104, type="alias", name="", previous_id="phone", user_id="u", trusted=True))
    assert world.identities["anonymous", "phone"] == 1
    world.fold(undo("y", 105, anonymous_id="phone"))
    assert world.identities["anonymous", "phone"] == 2


def test_what_was_written_since_stays() -> None:
    phone: dict[str, Any] = {"anonymous_id": "phone"}
    user: dict[str, Any] = {"user_id": "u"}
    topics = {"l_topics": ["art"]}
    seen = {"name": "Impression", "properties": {"t_item": "ad"}}
    world = joined(
        identify("t1", 2, **user, traits={"t_a": "user", "t_b": "user"}),
        identify("t2", 3, **phone, traits={"t_b": "phone", "t_c": "phone", "t_d": "phone"}),
        event("c1", 4, **phone, consent={"analytics": False}),
        event("c2", 4, **user, consent={"personalization": False}),
        event("g1", 5, **phone, type="group", name="", group_id="acme"),
        event("g2", 5, **phone, type="group", name="", group_id="bolt"),
        event("g3", 5, **user, type="group", name="", group_id="core"),
        event("l1", 6, **phone, type="member", name="", lists={"vip": True, "beta": True}),
        event("v1", 7, **phone, properties=topics),
        event("v2", 8, **user, properties=topics),
        event("p1", 9, **phone, **seen),
        event("p2", 10, **user, **seen),
    )
    world.fold(
        identify("t3", 60, **phone, traits={"t_d": "since"}, removed=("a",)),
        event("g4", 61, **user, type="group", name="", group_id="bolt"),
        event("l2", 62, **user, type="member", name="", lists={"beta": True}),
        event("v3", 63, **user, properties=topics),
        event("p3", 64, **phone, **seen),
        event("b1", 65, anonymous_id="tablet", user_id="u"),
    )
    world.fold(undo("x", anonymous_id="phone"))
    found, back = world.of(user_id="u"), world.of("phone")
    assert found.traits == {"t_b": "user", "t_d": "since"}
    assert back.traits == {"t_b": "phone", "t_c": "phone", "t_d": "phone"}
    assert (sorted(found.consents), sorted(back.consents)) == (["personalization"], ["analytics"])
    assert (found.organizations, back.organizations) == (["core", "bolt"], ["acme", "bolt"])
    assert (found.lists, back.lists) == (["beta"], ["beta", "vip"])
    [mine], [theirs] = found.interests["art"].values(), back.interests["art"].values()
    assert (mine, theirs) == (2, 1)
    assert [(shown.count, len(shown.times)) for shown in (found.shown["ad"], back.shown["ad"])] == [(2, 2), (1, 1)]
    assert (found.anonymous_ids, back.anonymous_ids) == (["laptop", "tablet"], ["phone"])


VISIT = {"type": "visit", "name": "", "context": {"t_url": "https://x/"}}


@pytest.mark.parametrize(
    ("phone", "user", "since", "expected"),
    [
        ([0], [], [], None),  # the visit was the phone's, and goes with it
        ([0], [5], [], (5, 1)),
        ([5], [0], [], (0, 1)),
        ([0], [5], [30], (5, 1)),  # it went on
        ([5], [0], [30], (0, 1)),  # and so did this one, but it was the phone's
        ([0, 500], [5, 200], [600], (600, 3)),
        ([0, 200], [5, 500], [600, 700], (700, 4)),
        ([], [5], [], (5, 1)),
        ([5], [], [600], (600, 1)),
    ],
)
def test_visits(phone: list[int], user: list[int], since: list[int], expected: tuple[int, int] | None) -> None:
    world = World(Counting())
    world.fold(identify("u", -9_000, user_id="u"), identify("p", -9_000, anonymous_id="phone"))
    world.fold(*(event(f"p{at}", at, anonymous_id="phone", **VISIT) for at in phone))
    world.fold(*(event(f"u{at}", at, user_id="u", **VISIT) for at in user))
    before = world.of("phone").session
    world.fold(event("a", 5_000, type="alias", name="", user_id="u", previous_id="phone"))
    world.fold(*(event(f"s{at}", at, user_id="u", **VISIT) for at in since))
    world.fold(undo("x", 6_000, anonymous_id="phone"))
    session = world.of(user_id="u").session
    told = None if session is None else (round((session.start - NOON) / MINUTE), session.number)
    assert told == expected
    assert world.of("phone").session == before
    if session:
        assert session.properties["n_number"] == session.number
        assert session.properties["b_returning"] is (session.number > 1)
    assert _latest_visit(world, 1) == (None if session is None else session.id)
    assert _latest_visit(world, 2) == (None if before is None else before.id)


def _latest_visit(world: World, profile_id: int) -> int | None:
    """The latest visit as the events store has it: of the newest rows of all who belong to a profile."""
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for row in sorted(world.rows("sessions"), key=lambda row: row["version"]):
        rows[row["profile_id"], row["session_id"]] = row
    mine = [row for (of, _), row in rows.items() if world.owner_of(of) == profile_id and row["start"] < NOON * 2]
    latest = max(mine, key=lambda row: (row["start"], row["number"], row["version"]), default=None)
    return None if latest is None else int(latest["session_id"])


def test_a_chain_comes_apart_from_its_end() -> None:
    world = World(Counting())
    for who in "abc":
        world.fold(event(f"m {who}", anonymous_id=f"device of {who}", user_id=who))
    for one, into in (("a", "b"), ("b", "c")):
        world.fold(event(f"j {one}", 10, type="alias", name="", previous_id=one, user_id=into, trusted=True))
    assert [world.owner_of(each) for each in (1, 2, 3)] == [3, 3, 3]
    world.fold(undo("x1", user_id="a"))  # a leaves c with b, into whom it went before
    assert [world.owner_of(each) for each in (1, 2, 3)] == [2, 2, 3]
    assert [world.of(user_id=who).id for who in "abc"] == [2, 2, 3]
    world.fold(undo("x2", user_id="a"))
    assert [world.owner_of(each) for each in (1, 2, 3)] == [1, 2, 3]
    assert [world.of(f"device of {who}").id for who in "abc"] == [1, 2, 3]
    assert [world.of(user_id=who).other_user_ids for who in "abc"] == [[], [], []]
    assert world.ignored == []


@pytest.mark.parametrize(
    ("identity", "at", "said"),
    [
        ({"anonymous_id": "nobody"}, 100, "Nobody is known as 'nobody'."),
        ({"user_id": "alone"}, 100, "Nobody was joined to the profile of 'alone'."),
        (
            {"user_id": "u"},
            100,
            "Not 'u' but the anonymous id 'tablet' came last to this profile. Undo that first, or nothing.",
        ),
        ({"anonymous_id": "phone"}, 100, "Not 'phone' but the anonymous id 'tablet' came last"),
        ({"anonymous_id": "tablet"}, 100, ""),
        ({"anonymous_id": "tablet"}, KEPT_DAYS * DAY, ""),
        ({"anonymous_id": "tablet"}, (KEPT_DAYS + 1) * DAY, "Merges are kept for 30 days; what was joined to"),
    ],
)
def test_what_cannot_be_undone_says_why(identity: dict[str, str], at: int, said: str) -> None:
    world = joined(event("m9", anonymous_id="tablet"), identify("alone", user_id="alone"))
    world.fold(identify("i9", 60, anonymous_id="tablet", user_id="u"))
    before = {profile_id: world.get(profile_id) for profile_id in world.profiles}
    world.fold(undo("x", at, **identity))
    assert [reason.startswith(said) for _, reason in world.ignored] == ([True] if said else [])
    assert ({profile_id: world.get(profile_id) for profile_id in world.profiles} == before) is bool(said)


def test_it_counts_once_by_its_message_id() -> None:
    world = joined(event("m9", anonymous_id="tablet"))
    world.fold(identify("i9", 60, anonymous_id="tablet", user_id="u"))
    world.fold(undo("x", anonymous_id="tablet"), undo("x", anonymous_id="phone"))
    assert world.outcomes[-2:] == ["folded", "duplicate"]
    assert world.identities["anonymous", "phone"] == world.identities["user", "u"]


def test_an_id_that_another_user_has_claimed_since_stays_with_them() -> None:
    world = joined()
    world.fold(identify("i8", 60, anonymous_id="laptop", user_id="v"), event("m7", 61, anonymous_id="phone"))
    world.fold(identify("i9", 62, anonymous_id="phone", user_id="v"), event("m8", 63, anonymous_id="phone"))
    world.fold(event("m9", anonymous_id="spare"), identify("i10", 64, anonymous_id="spare", user_id="u"))
    assert world.identities["anonymous", "phone"] == world.identities["user", "v"]
    world.fold(undo("x", anonymous_id="phone"))
    assert len(world.ignored) == 1  # the phone is v's, to whom nobody was joined
    world.fold(undo("y", anonymous_id="spare"))
    assert world.of("spare").user_id == ""
    assert world.of("phone").user_id == "v"


@settings(max_examples=300, deadline=None)
@given(histories(unmerges=True), st.lists(st.integers(0, 12)))
def test_slices_make_no_difference(events: Sequence[Event], cuts: list[int]) -> None:
    whole, sliced, at = World(Counting()).fold(*events), World(Counting()), 0
    for cut in [*sorted(cuts), len(events)]:
        if cut > at:
            sliced.fold(*events[at:cut])
            at = cut
    for name in ("profiles", "identities", "merges", "properties", "outcomes", "ignored"):
        assert getattr(sliced, name) == getattr(whole, name), name
    assert sliced.rows("events") == whole.rows("events")
    for profile_id in range(1, whole.next):
        assert sliced.owner_of(profile_id) == whole.owner_of(profile_id)
        assert _latest_visit(sliced, profile_id) == _latest_visit(whole, profile_id)
    _check(whole)


def _check(world: World) -> None:
    """Every profile is what the events store says it is."""
    logged = [row for row in world.rows("events") if row["name"] == "Seen"]
    rows = {row["profile_id"]: row for row in sorted(world.rows("profiles"), key=lambda row: row["version"])}
    for profile_id, row in rows.items():
        profile = world.get(profile_id)
        assert row["gone"] == (profile is None)
        if profile is None:
            assert world.get(world.owner_of(profile_id)) is not None
            continue
        assert world.owner_of(profile_id) == profile_id
        assert {each for each in rows if world.owner_of(each) == profile_id} == {profile_id, *profile.merged}
        assert (row["traits"], row["lists"], row["organizations"]) == (
            profile.traits,
            profile.lists,
            profile.organizations,
        )
        assert (row["withheld"], row["user_id"], row["anonymous_ids"]) == (
            profile.withheld,
            profile.user_id,
            profile.anonymous_ids,
        )
        assert [world.identities[name] for name in profile.names] == [profile_id] * len(profile.names)
        mine = [row for row in logged if world.owner_of(row["profile_id"]) == profile_id]
        if profile.away:
            assert (profile.away, profile.tallies) == ({"Seen": LOG}, {})
        else:
            assert profile.tallies.get("Seen", 0) == len(mine)
        views = sum(1 for row in mine if row["properties"].get("l_topics"))
        assert sum(count for days in profile.interests.values() for count in days.values()) == views
        assert _latest_visit(world, profile_id) == (profile.session.id if profile.session else None)
    assert set(world.identities.values()) <= world.profiles.keys()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_merge_undone_at_once_never_was(data: st.DataObject) -> None:
    said = data.draw(st.lists(belonging("u"), max_size=6)), data.draw(st.lists(belonging("v"), max_size=6))
    world = World(Counting()).fold(identify("u", user_id="u"), identify("v", user_id="v"))
    for number, one in enumerate((*said[0], *said[1])):
        world.fold(msgspec.structs.replace(one, message_id=f"m{number}"))
    before = [plain(world.of(user_id=who)) for who in "uv"]
    world.fold(event("j", type="alias", name="", previous_id="v", user_id="u", trusted=True))
    world.fold(undo("x", 0, user_id="v"))
    after = [plain(world.of(user_id=who)) for who in "uv"]
    # Views so old that the other one let go of them stay forgotten.
    since = max(each.pop("views_from", -1 << 31) for each in (*before, *after))
    for each in (*before, *after):
        found = each.pop("interests", {})
        kept = {topic: {day: n for day, n in views.items() if int(day) >= since} for topic, views in found.items()}
        each["young"] = {topic: views for topic, views in kept.items() if views}
    assert after == before


def test_the_price_of_keeping_is_small() -> None:
    world = joined()
    assert {went: len(kept) < 1_000 for went, kept in world.merges.items()} == {2: True}

"""Organizations, consent, static lists and interests: each order of arrival, each cut and each merge gives the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.criteria.calendar import DAY
from lenticular.criteria.interests import MOST_TOPICS
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile
from tests.profiles.worlds import MADRID, MINUTE, NOON, World, belonging, event, identify

TODAY = MADRID.day(NOON)


def group(message_id: str, at: float = 0, of: str = "acme", **fields: Any) -> Event:
    return event(message_id, at, type="group", name="", group_id=of, **{"user_id": "u", **fields})


def member(message_id: str, at: float = 0, **fields: Any) -> Event:
    return event(message_id, at, type="member", name="", **{"user_id": "u", **fields})


def test_a_group_makes_a_member_and_describes_the_organization() -> None:
    world = World().fold(
        group("m1", 1, properties={"t_tier": "gold", "n_seats": 5.0}),
        group("m2", 3, user_id="v", properties={"t_tier": "tin"}, group_removed=("seats",)),
        group("m3", 2, properties={"t_tier": "silver"}),
        group("m4", 4, of="bolt"),
    )
    assert (world.of(user_id="u").organizations, world.of(user_id="v").organizations) == (["acme", "bolt"], ["acme"])
    acme = world.organization("acme")
    assert acme is not None
    assert (acme.traits, acme.version) == ({"t_id": "acme", "t_tier": "tin"}, 3)
    assert world.properties == {("organization", "tier"): "text", ("organization", "seats"): "number"}
    assert world.rows("organizations") == [
        {"organization_id": "acme", "version": 3, "traits": {"t_id": "acme", "t_tier": "tin"}},
        {"organization_id": "bolt", "version": 1, "traits": {"t_id": "bolt"}},
    ]
    assert world.rows("events")[0]["properties"] == {"t_tier": "gold", "n_seats": 5.0, "t_group_id": "acme"}
    assert (world.rows("events")[0]["name"], world.of(user_id="u").session) == ("", None)
    world.fold(group("m5", 9, properties={"t_tier": "tin"}))
    assert len(world.rows("organizations")) == 2, "a row follows only what is in it"


def test_leaving_and_coming_back() -> None:
    world = World().fold(group("m1", 1), group("m2", 2, of="bolt"), group("m3", 5, active=False))
    assert world.of(user_id="u").organizations == ["bolt"]
    assert world.rows("profiles")[-1]["organizations"] == ["bolt"]
    world.fold(group("m4", 4))
    assert world.of(user_id="u").organizations == ["bolt"], "joined before the leaving, told after it"
    world.fold(group("m5", 6))
    assert world.of(user_id="u").organizations == ["acme", "bolt"]


def test_a_message_from_before_organizations_were_kept_joins_none() -> None:
    world = World().fold(group("m1", of="", properties={"t_group_id": "acme"}))
    assert (world.of(user_id="u").organizations, world.organizations) == ([], {})
    assert world.rows("events")[0]["properties"] == {"t_group_id": "acme"}


def test_the_last_word_on_consent_counts_by_purpose() -> None:
    world = World().fold(
        event("m1", 5, user_id="u", consent={"analytics": False, "personalization": False}),
        event("m2", 4, user_id="u", consent={"analytics": True}),
        event("m3", 6, user_id="u", consent={"personalization": True}),
        event("m4", 7, user_id="u"),
    )
    assert world.of(user_id="u").withheld == 1
    assert world.rows("profiles")[-1]["withheld"] == 1


@pytest.mark.parametrize(("mine", "theirs", "withheld"), [(True, False, 1), (False, True, 1), (True, True, 0)])
def test_of_two_consents_the_stricter_holds_until_the_next_word(mine: bool, theirs: bool, withheld: int) -> None:
    world = World().fold(
        event("m1", 1, user_id="u", consent={"analytics": mine}),
        event("m2", 2, anonymous_id="a", consent={"analytics": theirs}),
        identify("m3", 3, user_id="u", anonymous_id="a"),
    )
    assert world.of("a").withheld == withheld
    assert world.fold(event("m4", 9, user_id="u", consent={"analytics": True})).of("a").withheld == 0


def test_static_lists() -> None:
    world = World().fold(
        member("m1", 1, lists={"vip": True, "beta": True}),
        member("m2", 3, lists={"vip": False}),
        member("m3", 2, lists={"vip": True}),
        member("m4", 1, user_id="", anonymous_id="a", lists={"vip": True}),
    )
    assert (world.of(user_id="u").lists, world.of("a").lists) == (["beta"], ["vip"])
    assert (world.rows("events"), world.rows("sessions")) == ([], [])
    assert [row["lists"] for row in world.rows("profiles")] == [["beta"], ["vip"]]
    world.fold(identify("m5", 4, user_id="u", anonymous_id="a"))
    assert world.of("a").lists == ["beta", "vip"]


def test_taking_a_stranger_off_a_list_makes_nobody() -> None:
    world = World().fold(member("m1", lists={"vip": False}), member("m2", user_id="new", lists={"vip": True}))
    assert set(world.identities) == {("user", "new")}
    assert world.outcomes == ["folded", "folded"]


def test_events_raise_the_weight_of_their_topics() -> None:
    topics = {"l_topics": ["travel", "cars", "travel"]}
    world = World().fold(
        event("m1", user_id="u", properties=topics),
        event("m2", 11 * 60 + 1, user_id="u", properties={"l_topics": ["cars"]}),  # the next day in Madrid
        event("m3", user_id="u", name="Impression", properties={**topics, "t_item": "ad"}),
        event("m4", user_id="u", properties={"t_topics": "art"}),
        group("m5", properties={"l_topics": ["groups"]}),
    )
    assert world.of(user_id="u").interests == {"travel": {TODAY: 1}, "cars": {TODAY: 1, TODAY + 1: 1}}
    many = [f"t{at}" for at in range(30)]
    world.fold(event("m6", user_id="v", properties={"l_topics": many}))
    assert list(world.of(user_id="v").interests) == many[:MOST_TOPICS]


def test_old_views_go_when_a_new_one_arrives() -> None:
    def view(name: str, days: int, received: int = 0) -> Event:
        when = NOON + received * DAY
        fields = {"properties": {"l_topics": [name]}, "received": when, "imported": True}
        return event(name, days * DAY / MINUTE, user_id="u", **fields)

    views = [view("old", -301), view("edge", -300), view("new", -1), view("later", 5)]
    world = World().fold(*views)
    assert world.of(user_id="u").interests == {
        "edge": {TODAY - 300: 1},
        "new": {TODAY - 1: 1},
        "later": {TODAY + 5: 1},
    }
    world.fold(view("newest", 1, received=1))
    assert list(world.of(user_id="u").interests) == ["new", "later", "newest"]
    other = World().fold(view("newest", 1, received=1), *reversed(views))
    assert other.of(user_id="u").interests == world.of(user_id="u").interests


def test_a_profile_stored_before_all_this_can_be_read() -> None:
    old = {"id": 3, "first_seen": 5, "version": 2, "user_id": "u", "traits": {"n_x": 1.0}, "stamps": {"x": [1, 2]}}
    profile = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=Profile)
    assert (profile.organizations, profile.withheld, profile.lists, profile.interests) == ([], 0, [], {})
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(profile), type=Profile) == profile


def _belongings(profile: Profile) -> Any:
    return profile.organizations, profile.withheld, profile.lists, profile.interests, profile.views_from, profile.traits


@settings(max_examples=200, deadline=None)
@given(st.data(), st.lists(belonging("u"), min_size=1, max_size=10))
def test_the_order_of_arrival_and_the_cuts_make_no_difference(data: st.DataObject, said: Sequence[Event]) -> None:
    events = [msgspec.structs.replace(each, message_id=f"m{at}") for at, each in enumerate(said)]
    someone = identify("first", -9_000_000, user_id="u")
    first = World().fold(someone, *events)
    other = World().fold(someone)
    for each in data.draw(st.permutations(events)):
        other.fold(each)
    mine, theirs = first.of(user_id="u"), other.of(user_id="u")
    assert _belongings(mine) == _belongings(theirs)
    assert (mine.memberships, mine.consents, mine.listed) == (theirs.memberships, theirs.consents, theirs.listed)
    assert {key: first.organization(key) for key in first.organizations} == {
        key: other.organization(key) for key in other.organizations
    }
    for world, profile in ((first, mine), (other, theirs)):
        row = world.rows("profiles")[-1]
        assert (row["organizations"], row["withheld"], row["lists"]) == _belongings(profile)[:3]
        latest = {row["organization_id"]: row["traits"] for row in world.rows("organizations")}
        assert latest == {key: found.traits for key in world.organizations if (found := world.organization(key))}


@settings(max_examples=200, deadline=None)
@given(st.data(), st.lists(belonging("u"), min_size=1, max_size=10))
def test_two_who_become_one_are_as_if_they_had_always_been(data: st.DataObject, said: Sequence[Event]) -> None:
    """But for consent and static lists, where the stricter and the fuller hold."""
    events = [msgspec.structs.replace(each, message_id=f"m{at}") for at, each in enumerate(said)]
    joins = identify("join", 9_000, user_id="u", anonymous_id="a")
    someone = identify("first", -9_000_000, user_id="u")
    one = World().fold(someone, *events, joins)
    two = World().fold(someone)
    apart = [data.draw(st.booleans()) for _ in events]
    for each, elsewhere in zip(events, apart, strict=True):
        two.fold(msgspec.structs.replace(each, user_id="", anonymous_id="a") if elsewhere else each)
    two.fold(joins)
    mine, theirs = one.of(user_id="u"), two.of(user_id="u")
    assert mine.organizations == theirs.organizations
    assert (mine.interests, mine.views_from, mine.traits) == (theirs.interests, theirs.views_from, theirs.traits)
    assert mine.withheld & ~theirs.withheld == 0
    assert set(mine.lists) <= set(theirs.lists)
    assert two.rows("profiles")[-1]["lists"] == theirs.lists


def test_an_organization_is_described_without_a_member() -> None:
    world = World().fold(group("m1", 1, user_id="", properties={"t_tier": "gold"}), group("m2", 2, of="bolt"))
    acme = world.organization("acme")
    assert acme is not None and acme.traits == {"t_id": "acme", "t_tier": "gold"}
    assert list(world.profiles) == [1] and world.of(user_id="u").organizations == ["bolt"]
    assert [row["organization_id"] for row in world.rows("organizations")] == ["acme", "bolt"]
    assert len(world.rows("events")) == 1, "nobody did anything"
    assert world.properties["organization", "tier"] == "text"

"""What lots are drawn by stays what it was: through sign-in, merges and their undoing."""

from __future__ import annotations

import msgspec

from tests.profiles.worlds import World, event, identify


def test_it_is_the_identity_under_which_someone_was_first_seen() -> None:
    world = World().fold(event("m1", anonymous_id="a"), identify("m2", 1, user_id="u", anonymous_id="a"))
    world.fold(event("m3", 2, user_id="v"), identify("m4", 3, user_id="v", anonymous_id="b"))
    assert (world.of("a").bucketing_id, world.of(user_id="v").bucketing_id) == ("a", "v")


def test_of_two_who_become_one_the_first_assignment_holds() -> None:
    known_first = World().fold(
        event("m1", 0, anonymous_id="laptop"), identify("m2", 1, user_id="u", anonymous_id="laptop")
    )
    known_first.fold(event("m3", 10, anonymous_id="phone"), identify("m4", 11, user_id="u", anonymous_id="phone"))
    assert known_first.of("phone").bucketing_id == "laptop"
    seen_first = World().fold(event("m1", 0, anonymous_id="phone"), identify("m2", 10, user_id="u"))
    seen_first.fold(identify("m3", 11, user_id="u", anonymous_id="phone"))
    assert seen_first.of(user_id="u").bucketing_id == "phone"


def test_a_device_that_changes_hands_takes_nobody_along() -> None:
    world = World().fold(identify("m1", 0, user_id="u", anonymous_id="shared"))
    world.fold(identify("m2", 10, user_id="v", anonymous_id="shared"), event("m3", 11, anonymous_id="shared"))
    assert (world.of(user_id="u").bucketing_id, world.of("shared").bucketing_id) == ("shared", "v")


def test_who_was_taken_apart_has_their_own_again() -> None:
    world = World().fold(event("m1", 0, anonymous_id="phone"), identify("m2", 10, user_id="u"))
    world.fold(identify("m3", 11, user_id="u", anonymous_id="phone"))
    world.fold(event("m4", 12, type="unmerge", name="", anonymous_id="phone", trusted=True))
    assert (world.of(user_id="u").bucketing_id, world.of("phone").bucketing_id) == ("u", "phone")


def test_a_profile_of_before_lots_were_drawn_gets_its_first_identity() -> None:
    world = World().fold(event("m1", anonymous_id="a"), identify("m2", 1, user_id="u", anonymous_id="a"))
    before = world.of("a")
    before.bucketing_id = ""
    world.profiles[before.id] = msgspec.msgpack.encode(before)
    assert world.of("a").bucketing_id == "a"

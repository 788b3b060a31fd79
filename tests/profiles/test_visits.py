"""What the fold keeps of a visit: the same in any order of arrival, and when someone signed in."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lenticular.profiles.event import Event
from tests.profiles.worlds import MINUTE, NOON, World, event, identify

KEPT = ("n_pages", "n_seconds", "t_url", "t_path", "t_host", "t_query~2Eq", "i_started", "b_signed_in", "t_tier")
PLACES: list[dict[str, Any]] = [
    {},
    {"t_path": "/app"},
    {"t_url": "https://b.example/", "t_path": "/", "t_host": "b.example"},
    {"t_url": "https://b.example/s?q=1", "t_path": "/s", "t_host": "b.example", "t_search": "?q=1", "t_query~2Eq": "1"},
]


@st.composite
def visits(draw: st.DrawFn) -> list[Event]:
    """The events of one visit, some at the same moment, all within half an hour: so none opens another."""
    return [
        event(
            f"m{at}",
            draw(st.integers(0, 4)) * 7,
            type=draw(st.sampled_from(["page", "screen", "track", "visit"])),
            context=draw(st.sampled_from(PLACES)),
            session=draw(st.sampled_from([{}, {"t_tier": f"t{at}"}])),
            anonymous_id="a",
            user_id="u" if draw(st.integers(0, 4)) == 4 else "",
        )
        for at in range(draw(st.integers(1, 7)))
    ]


def kept(events: list[Event], slices: bool) -> dict[str, Any]:
    world = World()
    if slices:
        for one in events:
            world.fold(one)
    else:
        world.fold(*events)
    session = world.of("a").session
    assert session is not None
    return {name: session.properties.get(name) for name in KEPT}


@given(visits(), st.randoms(use_true_random=False), st.booleans())
def test_a_visit_is_the_same_in_any_order_of_arrival(events: list[Event], random: Any, slices: bool) -> None:
    shuffled = random.sample(events, len(events))
    assert kept(shuffled, slices) == kept(events, False)
    newest = max(one.time for one in events)
    assert kept(events, slices)["n_seconds"] == (newest - min(one.time for one in events)) / 1000
    assert kept(events, slices)["n_pages"] == sum(one.type in ("page", "screen") for one in events)


def test_a_page_that_arrives_twice_counts_once_and_the_rows_say_what_the_profile_says() -> None:
    first = event("m1", type="page", anonymous_id="a", context=PLACES[3])
    second = event("m2", 5, type="page", anonymous_id="a", context=PLACES[2])
    for order in permutations((first, second, first, second)):
        world = World().fold(*order)
        session = world.of("a").session
        assert session is not None
        assert session.properties["n_pages"] == 2.0
        assert world.rows("sessions")[-1]["properties"] == session.properties


def sign_in(world: World, who: str = "a") -> tuple[int | None, Any]:
    profile = world.of(who)
    shown = profile.session.properties.get("i_last_sign_in") if profile.session else None
    assert shown == profile.last_sign_in
    return profile.last_sign_in, profile.session.properties.get("b_signed_in") if profile.session else None


def test_a_sign_in_is_when_a_visit_first_knows_the_user() -> None:
    page = PLACES[2]
    world = World().fold(event("m1", anonymous_id="a"))
    assert sign_in(world) == (None, False)
    world.fold(identify("m2", 3, anonymous_id="a", user_id="u", context=page))
    assert sign_in(world) == (NOON + 3 * MINUTE, True)
    world.fold(event("m3", 5, anonymous_id="a", user_id="u"))
    world.fold(event("m4", 2, anonymous_id="a", user_id="u"))
    assert sign_in(world) == (NOON + 2 * MINUTE, True)
    # Still signed in when the next visit begins: no sign-in. That visit's next begins without, and then they sign in.
    world.fold(event("m5", 100, anonymous_id="a", user_id="u"))
    assert sign_in(world) == (NOON + 2 * MINUTE, True)
    world.fold(event("m6", 200, anonymous_id="a"))
    assert sign_in(world) == (NOON + 2 * MINUTE, False)
    world.fold(event("m7", 201, anonymous_id="a", user_id="u"))
    assert sign_in(world) == (NOON + 201 * MINUTE, True)


def test_a_sign_in_on_another_device_is_known_once_the_profiles_are_one() -> None:
    world = World().fold(event("m1", anonymous_id="a", user_id="u"), event("m2", 60, anonymous_id="b"))
    world.fold(identify("m3", 61, anonymous_id="b", user_id="u", context=PLACES[2]))
    assert sign_in(world, "b") == (NOON + 61 * MINUTE, True)
    assert world.of("a").id == world.of("b").id
    # An alias brings two users together; it is no visit, but the visit that stays shows what is known now.
    world.fold(event("m4", 70, anonymous_id="c"))
    world.fold(event("m5", 71, type="alias", name="", user_id="u", previous_id="c"))
    assert sign_in(world, "c") == (NOON + 61 * MINUTE, False)


def test_what_a_site_sends_of_its_own_registers_itself_but_cookies_need_not() -> None:
    told = {"t_tier": "gold", "t_cookies~2Etheme": "dark", "n_cart.total": 3.0}
    world = World().fold(event("m1", anonymous_id="a", session=told))
    assert {name: kind for name, kind in world.properties.items() if name[0] == "session"} == {
        ("session", "tier"): "text",
        ("session", "cart.total"): "number",
    }
    session = world.of("a").session
    assert session is not None
    assert session.properties["t_cookies~2Etheme"] == "dark"

"""Which visit an event belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.ids import hash64
from lenticular.profiles.profile import Session
from lenticular.profiles.session import MAX_OWN, advance, joined
from tests.profiles.worlds import MADRID, MINUTE, NOON, event

HOME = {
    "t_url": "https://b.example/college?utm_source=s",
    "t_path": "/college",
    "t_host": "b.example",
    "t_utm_source": "s",
}
OTHER = {"t_url": "https://b.example/other", "t_path": "/other", "t_host": "b.example", "t_language": "pt"}


def at(
    minutes: float,
    session: Session | None = None,
    zone: str = "Europe/Madrid",
    context: dict[str, Any] | None = None,
    **fields: Any,
) -> tuple[Session, int]:
    told = event(f"m{minutes}", minutes, context=context or {}, **fields)
    latest, own = advance(session, told, hash64(told.message_id), calendar_of(zone))
    return latest, own.id


@pytest.mark.parametrize(
    ("second", "same"),
    [
        (0, True),
        (30, True),
        (30 + 1 / 60_000, False),  # more than 30 minutes, by a millisecond
        (-30, True),
        (-30 - 1 / 60_000, False),
        (600, False),
    ],
)
def test_thirty_minutes_without_activity_end_a_visit(second: float, same: bool) -> None:
    first, first_id = at(0)
    latest, second_id = at(second, first)
    assert (second_id == first_id) is same
    assert latest.number == (1 if same or second < 0 else 2)
    assert latest.id == (second_id if second > 0 else first_id)


def test_midnight_of_the_sites_zone_ends_a_visit() -> None:
    night = 11 * 60 - 5  # 23:55 in Madrid, 22:55 in UTC
    first, first_id = at(night)
    assert at(night + 10, first)[1] != first_id
    first, first_id = at(night, zone="UTC")
    assert at(night + 10, first, zone="UTC")[1] == first_id


def test_an_earlier_event_of_another_day_does_not_join() -> None:
    first, first_id = at(11 * 60 + 5)
    latest, second_id = at(11 * 60 - 5, first)
    assert second_id != first_id
    assert latest.id == first_id


def test_a_long_visit_goes_on_as_long_as_it_is_active() -> None:
    session, first_id = at(0)
    for minutes in range(20, 400, 20):
        session, session_id = at(minutes, session)
        assert session_id == first_id
    assert session.last == NOON + 380 * MINUTE
    assert at(0.5, session)[1] == first_id


def test_the_id_comes_from_the_first_message_and_properties_are_fixed_at_the_start() -> None:
    session, session_id = at(0, context=HOME)
    assert session_id == hash64("m0")
    session, _ = at(1, session, context=OTHER)
    assert session.properties == {
        "n_number": 1.0,
        "i_started": NOON,
        "t_landing_url": HOME["t_url"],
        "t_landing_path": "/college",
        "t_landing_host": "b.example",
        "t_utm_source": "s",
        "t_language": "pt",
        "t_url": OTHER["t_url"],
        "t_path": "/other",
        "t_host": "b.example",
        "n_pages": 0.0,
        "n_seconds": 60.0,
        "b_signed_in": False,
        "b_returning": False,
    }


def test_the_first_page_is_the_landing_page() -> None:
    session, _ = at(0)
    session, _ = at(1, session, context=HOME)
    assert session.properties["t_landing_path"] == "/college"
    session, _ = at(-1, session, context=OTHER)
    assert session.properties["t_landing_path"] == "/other"
    assert "t_utm_source" not in session.properties
    assert (session.start, session.properties["i_started"]) == (NOON - MINUTE, NOON - MINUTE)


def test_visits_are_counted() -> None:
    session, _ = at(0)
    session, _ = at(60, session)
    session, _ = at(120, session)
    assert (session.number, session.properties["n_number"]) == (3, 3.0)


def test_pages_are_looks_at_a_page_or_a_screen_and_seconds_lie_between_the_first_and_the_newest_activity() -> None:
    session, _ = at(0, context=HOME, type="page")
    session, _ = at(1, session, context=HOME)
    session, _ = at(2.5, session, context=OTHER, type="visit")
    session, _ = at(2, session, type="screen")
    assert (session.properties["n_pages"], session.properties["n_seconds"]) == (2.0, 150.0)
    session, _ = at(-1, session, type="page")
    assert (session.properties["n_pages"], session.properties["n_seconds"]) == (3.0, 210.0)


def test_where_the_visit_is_now_is_its_newest_page_with_its_query_alone() -> None:
    asked = {"t_url": "https://b.example/s?q=x", "t_path": "/s", "t_search": "?q=x", "t_query~2Eq": "x"}
    session, _ = at(0, context=HOME)
    session, _ = at(2, session, context=asked)
    assert session.properties["t_query~2Eq"] == "x"
    assert "t_host" not in session.properties
    session, _ = at(1, session, context=OTHER)
    assert session.properties["t_url"] == asked["t_url"]
    session, _ = at(3, session, context=OTHER)
    assert session.properties["t_path"] == "/other"
    assert "t_query~2Eq" not in session.properties


def test_device_and_place_are_those_told_first_each_as_a_whole() -> None:
    session, _ = at(0, context={"t_timezone": "UTC"})
    session, _ = at(1, session, context={"t_os": "iOS", "t_browser": "Safari", "t_country": "ES"})
    session, _ = at(
        2, session, context={"t_os": "macOS", "t_device_brand": "Apple", "t_country": "FR", "t_city": "Paris"}
    )
    told = {
        name: session.properties.get(name) for name in ("t_os", "t_browser", "t_device_brand", "t_country", "t_city")
    }
    assert told == {
        "t_os": "iOS",
        "t_browser": "Safari",
        "t_device_brand": None,
        "t_country": "ES",
        "t_city": None,
    }


def test_of_what_a_site_sends_of_its_own_the_newest_counts() -> None:
    session, _ = advance(None, event("m0", 0, session={"t_tier": "a"}), 1, MADRID)
    session, _ = advance(session, event("m2", 2, session={"t_tier": "c", "t_cookies~2Ex": "1"}), 2, MADRID)
    session, _ = advance(session, event("m1", 1, session={"t_tier": "b", "b_beta": True}), 3, MADRID)
    own = {key: session.properties[key] for key in ("t_tier", "t_cookies~2Ex", "b_beta")}
    assert own == {"t_tier": "c", "t_cookies~2Ex": "1", "b_beta": True}
    many = {f"n_{at}": 1.0 for at in range(MAX_OWN + 50)}
    session, _ = advance(session, event("m3", 3, session=many), 4, MADRID)
    assert len(session.stamps) == MAX_OWN


def test_of_two_profiles_the_later_visit_wins_and_visits_add_up() -> None:
    earlier, later = (
        Session(1, NOON, NOON, 4, {"n_number": 4.0}),
        Session(2, NOON + 1, NOON + 1, 1, {"n_number": 1.0}),
    )
    both = joined(earlier, later)
    assert both is later
    assert (later.number, later.properties["n_number"], later.properties["b_returning"]) == (5, 5.0, True)
    assert joined(None, later) is later
    assert joined(None, None) is None


def test_the_zone_of_the_tests_is_the_one_that_is_meant() -> None:
    assert MADRID.day(NOON + 11 * 60 * MINUTE) == MADRID.day(NOON) + 1

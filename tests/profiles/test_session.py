"""Which visit an event belongs to."""

from __future__ import annotations

import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.ids import hash64
from lenticular.profiles.profile import Session
from lenticular.profiles.session import advance, joined
from tests.profiles.worlds import MADRID, MINUTE, NOON

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
    context: dict[str, str] | None = None,
) -> tuple[Session, int]:
    return advance(session, NOON + round(minutes * MINUTE), f"m{minutes}", dict(context or {}), calendar_of(zone))


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


def test_of_two_profiles_the_later_visit_wins_and_visits_add_up() -> None:
    earlier, later = (
        Session(1, NOON, NOON, 4, {"n_number": 4.0}),
        Session(2, NOON + 1, NOON + 1, 1, {"n_number": 1.0}),
    )
    both = joined(earlier, later)
    assert both is later
    assert (later.number, later.properties["n_number"]) == (5, 5.0)
    assert joined(None, later) is later
    assert joined(None, None) is None


def test_the_zone_of_the_tests_is_the_one_that_is_meant() -> None:
    assert MADRID.day(NOON + 11 * 60 * MINUTE) == MADRID.day(NOON) + 1

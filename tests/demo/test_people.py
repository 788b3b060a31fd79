"""The five, through intake, fold and the bank's own rules: each in the place that the story gives them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from lenticular.app.engine import Engine, compile_engine, person_of
from lenticular.criteria.calendar import DAY, calendar_of
from lenticular.criteria.segments import Segments, read_rule
from lenticular.demo.bank import bank_catalog
from lenticular.demo.people import HOUR, MINUTE, Person, people
from lenticular.demo.wire import ZONE, Message, iso
from lenticular.intake.message import Accepted, Door, accepted
from lenticular.profiles.fold import Fold
from tests.profiles.worlds import World

NEW_YORK = calendar_of(ZONE)
MONDAY = 1_795_462_320_000  # 23 November 2026, 14:32 in New York
MIDNIGHT = NEW_YORK.start_of(NEW_YORK.day(MONDAY))
NOWS = {
    "an afternoon": MONDAY,
    "the first instant of a day": MIDNIGHT,
    "a millisecond later": MIDNIGHT + 1,
    "too early for 9:14": MIDNIGHT + 3 * HOUR,
    "9:14 itself": MIDNIGHT + 9 * HOUR + 14 * MINUTE,
    "after the clocks went forward": 1_773_558_000_000,
    "a leap day": 1_709_210_096_123,
    "new year": 1_798_779_600_000,
}
STORY = {
    "ana": "students",
    "thomas": "advanced-customers",
    "elena": "near-retirement",
    "9f2c": "free-checking-prospects",
    "lena": "returning-visitors",
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return compile_engine(bank_catalog(), {})


def fold(engine: Engine, messages: Iterable[Message], now: int) -> Fold:
    """Fold messages as the server does."""
    types = dict(engine.types)
    folded = Fold(World(), NEW_YORK, types, engine.segments.plan)
    for seq, message in enumerate(messages, 1):
        event = accepted(message, types, Door(received=now, new_id=lambda: "none"))
        assert isinstance(event, Accepted), event
        types.update(event.new)
        assert folded.apply(seq, event.event) == "folded"
    return folded


def places(engine: Engine, five: list[Person], now: int, segments: Segments | None = None) -> dict[str, str]:
    """Return the first segment of the page's order that each person is in at `now`."""
    folded = fold(engine, [message for person in five for message in person.messages], now)
    order = [one.segment for one in engine.catalog.pages["home"].experiences if one.segment]
    found = {}
    for person in five:
        look = person_of(folded.profile_of(person.anonymous_id, person.user_id))
        matching = (segments or engine.segments).matching(order, look, now)
        found[person.key] = next((segment for segment in order if segment in matching), "")
    return found


@pytest.mark.parametrize("now", NOWS.values(), ids=NOWS.keys())
def test_each_has_the_place_of_the_story(engine: Engine, now: int) -> None:
    assert places(engine, people(now), now) == STORY


@pytest.mark.parametrize("now", NOWS.values(), ids=NOWS.keys())
def test_time_alone_moves_two_of_them(engine: Engine, now: int) -> None:
    five = people(now)
    midnight = NEW_YORK.start_of(NEW_YORK.day(now) + 1)
    assert places(engine, five, midnight - 1)["lena"] == "returning-visitors"
    assert places(engine, five, midnight)["lena"] == "students"
    leaves = now + 2 * DAY + HOUR + 48 * MINUTE
    assert places(engine, five, leaves - 1)["9f2c"] == "free-checking-prospects"
    assert places(engine, five, leaves)["9f2c"] == "returning-visitors"
    in_a_week = places(engine, five, now + 7 * DAY)
    assert in_a_week == {**STORY, "lena": "students", "9f2c": "returning-visitors"}


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (("< 26", "< 66"), {"elena": "students"}),
        ((' and count("Offer Viewed", offer == "gold-card", within="today") == 0', ""), {"lena": "students"}),
        (("18 <=", "21 <="), {"ana": "free-checking-prospects"}),
    ],
)
def test_a_changed_rule_turns_pages(engine: Engine, change: tuple[str, str], moved: dict[str, str]) -> None:
    rule = " ".join(engine.catalog.segments["students"].rule.split())
    assert change[0] in rule
    trees = engine.segments.trees
    tree = read_rule(rule.replace(*change), engine.segments.schema, trees)
    other = Segments({**trees, "students": tree}, engine.segments.schema, NEW_YORK)
    assert places(engine, people(MONDAY), MONDAY, other) == {**STORY, **moved}


def test_what_they_did_lies_before_now_and_in_order() -> None:
    for now in NOWS.values():
        for person in people(now):
            times = [message["timestamp"] for message in person.messages]
            assert times == sorted(times)
            assert times[-1] <= iso(now)
            assert len({message["messageId"] for message in person.messages}) == len(times)
            assert all("sentAt" not in message for message in person.messages)


def test_the_same_moment_gives_the_same_people() -> None:
    assert people(MONDAY) == people(MONDAY)
    assert [person.key for person in people(MONDAY)] == list(STORY)

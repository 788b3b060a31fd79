"""Four weeks of traffic: the same for the same seed, shaped like people, taken by the server's door."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import chain

import pytest

from lenticular.app.engine import compile_engine, person_of
from lenticular.criteria.calendar import DAY, calendar_of, weekday
from lenticular.demo.bank import bank_catalog
from lenticular.demo.traffic import BATCH, Sent, messages, plan, size
from lenticular.demo.wire import ZONE, Message
from lenticular.intake.clock import instant
from tests.demo.test_people import MONDAY, fold

PEOPLE = 600


@pytest.fixture(scope="module")
def traffic() -> list[list[Message]]:
    return list(messages(MONDAY, PEOPLE, seed=7))


def at(message: Message) -> int:
    time = instant(message["timestamp"], "/timestamp")
    assert time is not None
    return time


def test_one_seed_gives_one_traffic(traffic: list[list[Message]]) -> None:
    assert list(messages(MONDAY, PEOPLE, seed=7)) == traffic
    assert list(messages(MONDAY, PEOPLE, seed=8)) != traffic


def test_a_plan_knows_its_size(traffic: list[list[Message]]) -> None:
    total = size(plan(MONDAY, PEOPLE, seed=7))
    assert total == Sent(PEOPLE, sum(len(batch) for batch in traffic))
    assert 20 <= total.messages / total.people <= 40


def test_batches_are_what_a_client_sends(traffic: list[list[Message]]) -> None:
    assert max(len(batch) for batch in traffic) <= BATCH
    assert max(len(json.dumps({"batch": batch})) for batch in traffic) < 500_000
    everything = list(chain.from_iterable(traffic))
    assert len({message["messageId"] for message in everything}) == len(everything)
    assert not [message for message in everything if "sentAt" in message]
    for message in everything:
        assert message["context"]["page"]["url"].startswith("https://www.aurora.example/")
        assert message["anonymousId"]


def test_the_weeks_end_now_and_come_roughly_in_order(traffic: list[list[Message]]) -> None:
    times = [at(message) for message in chain.from_iterable(traffic)]
    assert MONDAY - 28 * DAY <= min(times) < MONDAY - 26 * DAY
    assert MONDAY - DAY < max(times) <= MONDAY
    firsts = [at(batch[0]) for batch in traffic]
    assert firsts == sorted(firsts)
    mine = defaultdict(list)
    for message in chain.from_iterable(traffic):
        mine[message["messageId"].rsplit("-", 1)[0]].append(at(message))
    assert all(own == sorted(own) for own in mine.values())


def test_people_sleep_and_have_weekends(traffic: list[list[Message]]) -> None:
    calendar = calendar_of(ZONE)
    hours = Counter(calendar.hour(at(message)) for message in chain.from_iterable(traffic))
    assert sum(hours[hour] for hour in range(1, 5)) * 6 < sum(hours[hour] for hour in range(18, 22))
    days = Counter(weekday(calendar.day(at(message))) for message in chain.from_iterable(traffic))
    assert days["sat"] < days["tue"]


def test_the_door_takes_all_of_it_and_the_segments_have_plausible_sizes(traffic: list[list[Message]]) -> None:
    engine = compile_engine(bank_catalog(), {})
    folded = fold(engine, chain.from_iterable(traffic), MONDAY)
    profiles = folded.result(1).profiles
    keys = list(engine.catalog.segments)
    sizes = Counter(
        chain.from_iterable(engine.segments.matching(keys, person_of(one), MONDAY) for one in profiles),
    )
    shares = {key: 100 * count / len(profiles) for key, count in sizes.items()}
    assert PEOPLE <= len(profiles) < 1.03 * PEOPLE  # a second device may not have signed in yet
    assert 4 < shares["students"] < 11
    assert 3 < shares["advanced-customers"] < 9
    assert 8 < shares["near-retirement"] < 16
    assert 6 < shares["free-checking-prospects"] < 15
    assert 50 < shares["returning-visitors"] < 75
    assert 0.35 < sum(bool(one.user_id) for one in profiles) / len(profiles) < 0.65
    assert any(one.merged for one in profiles)
    assert any(one.traits and not one.user_id for one in profiles)

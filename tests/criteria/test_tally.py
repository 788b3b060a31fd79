"""Tallies: the same answer in any order of arrival, after a merge, and however much was forgotten in between."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from lenticular.criteria.calendar import DAY, Calendar, calendar_of
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.plan import TallyPlan, tally_key
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Compare, Count, Node
from lenticular.criteria.types import Schema
from lenticular.criteria.values import Look
from lenticular.criteria.window import bounds
from lenticular.profiles.event import Event

SCHEMA = Schema(types={("event", "price"): "number"})
NOW = 1_710_054_000_000  # the night of a clock change in New York
WINDOWS = (
    *("", 'within="1h"', 'within="7d"', 'within="1mo"', 'within="2mo"', 'within="today"', 'within="week"'),
    *('within="month"', 'within="session"', 'within=("7d", "1d")', 'within=("2mo", "1mo")', 'after=date("2024-03-01")'),
    *(
        'before=date("2024-03-05")',
        'within="30d", after=date("2024-02-20")',
        'within="session", after=date("2024-03-09")',
    ),
)


def _count(window: str, filters: str = "") -> Count:
    inside = ", ".join(part for part in ('"A"', filters, window) if part)
    tree = parse(f"count({inside}) >= 1").tree
    assert isinstance(tree, Compare)
    assert isinstance(tree.left, Count)
    return tree.left


COUNTS = [_count(window) for window in WINDOWS] + [_count('within="7d"', "price > 5"), _count("", "price is None")]
TREES: dict[str, Node] = {str(at): Compare(count, ">=", 1) for at, count in enumerate(COUNTS)}


def _plan(calendar: Calendar) -> TallyPlan:
    return TallyPlan(TREES.values(), SCHEMA, calendar)


def _draw(dice: Random, prefix: str, upto: int) -> list[Event]:
    """Events of about three months, in the order of their arrival, some late, some early; and of another name."""
    events = []
    for at in range(dice.randrange(40)):
        received = upto - dice.choice([0, 1, dice.randrange(DAY), dice.randrange(90 * DAY)])
        late = dice.choice([0, 0, 0, dice.randrange(3 * DAY), -dice.randrange(2 * DAY), 60 * DAY])
        events.append(
            Event(
                type="track",
                message_id=f"{prefix}{at}",
                time=received - late,
                received=received,
                name=dice.choice(["A", "A", "A", "B"]),
                properties=dice.choice([{}, {"n_price": 5.0}, {"n_price": 9.0}]),
            )
        )
    return sorted(events, key=lambda event: event.received)


def _passes(count: Count, event: Event) -> bool:
    price = event.properties.get("n_price")
    if count == COUNTS[-1]:
        return price is None
    return not count.where or price == 9.0


def _expected(count: Count, events: list[Event], now: int, calendar: Calendar, session_start: int | None) -> int:
    first, end = bounds(count.window, now, calendar, session_start)
    return sum(event.name == "A" and first <= event.time < end and _passes(count, event) for event in events)


def _found(tallies: dict[str, Any], now: int, calendar: Calendar, session_start: int | None) -> list[int]:
    look = Look({}, {}, session_start, tallies, schema=SCHEMA, calendar=calendar, now=now)
    return [look.count(count, tally_key(count, SCHEMA)) for count in COUNTS]


def _session_start(events: list[Event], now: int, dice: Random) -> int | None:
    """A visit that holds the newest event so far, and began at most a local day before it."""
    newest = max((event.time for event in events if event.time <= now), default=None)
    return None if newest is None else newest - dice.choice([0, 1, dice.randrange(DAY)])


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_any_order_gives_what_the_whole_history_gives(seed: int, zone: str) -> None:
    dice, calendar = Random(seed), calendar_of(zone)
    events = _draw(dice, "e", NOW)
    plan, start = _plan(calendar), _session_start(events, NOW, dice)
    expected = [_expected(count, events, NOW, calendar, start) for count in COUNTS]
    for order in (events, events[::-1], dice.sample(events, len(events))):
        tallies: dict[str, Any] = {}
        for event in order:
            plan.step(tallies, event)
        assert _found(tallies, NOW, calendar, start) == expected


@pytest.mark.parametrize("seed", range(25))
def test_what_is_forgotten_is_never_asked_for_again(seed: int) -> None:
    """After each arrival, and at later moments, the answer is that of the whole history so far."""
    dice, calendar = Random(1_000 + seed), calendar_of("America/New_York")
    events = _draw(dice, "e", NOW)
    tallies: dict[str, Any] = {}
    plan = _plan(calendar)
    moments = set(dice.sample(range(len(events)), min(3, len(events))))
    for at, event in enumerate(events):
        plan.step(tallies, event)
        if at in moments:
            for now in (event.received, event.received + 1, event.received + dice.randrange(40 * DAY)):
                start = _session_start(events[: at + 1], now, dice)
                expected = [_expected(count, events[: at + 1], now, calendar, start) for count in COUNTS]
                assert _found(tallies, now, calendar, start) == expected


@pytest.mark.parametrize("seed", range(25))
def test_a_merge_is_both_histories(seed: int) -> None:
    dice, calendar = Random(2_000 + seed), calendar_of("America/New_York")
    one, other = _draw(dice, "a", NOW), _draw(dice, "b", NOW)
    plan = _plan(calendar)
    states: list[dict[str, Any]] = [{}, {}]
    for state, events in zip(states, (one, other), strict=True):
        for event in events:
            plan.step(state, event)
    joined, unmerged = states
    plan.merge(joined, unmerged)
    later = _draw(dice, "c", NOW + DAY)
    for event in later:
        plan.step(joined, event)
    everything, now = [*one, *other, *later], NOW + DAY
    start = _session_start(everything, now, dice)
    assert _found(joined, now, calendar, start) == [
        _expected(count, everything, now, calendar, start) for count in COUNTS
    ]


def test_a_state_stays_small() -> None:
    """A rolling window keeps what it can need, a count without one keeps a number."""
    calendar = calendar_of("UTC")
    plan = _plan(calendar)
    tallies: dict[str, Any] = {}
    for hour in range(24 * 400):
        time = NOW + hour * 3_600_000
        plan.step(tallies, Event(type="track", message_id=str(hour), time=time, received=time, name="A"))
    sizes = {count.window.within: len(tallies[tally_key(count, SCHEMA)]) for count in COUNTS[:10]}
    assert sizes[None] == 2
    assert sizes["1h"] <= 2
    assert sizes["7d"] <= 24 * 7 + 1
    assert sizes["today"] <= 49
    assert sizes["session"] <= 49
    assert sizes["month"] <= 24 * 32 + 1


def test_equal_behaviours_share_a_tally_and_others_do_not() -> None:
    plan = TallyPlan(
        [
            parse(text).tree
            for text in ('count("A") >= 1', '1 <= count("A") < 5', 'count("A", within="7d") >= 1', "True")
        ],
        SCHEMA,
        calendar_of("UTC"),
    )
    assert len(plan.tallies) == 2
    assert plan.events == ["A"]


def test_a_type_is_part_of_the_key() -> None:
    """After a change of type the same words read other values: the old tally must not be taken for the new one."""
    count = _count("", "price == 5")
    kinds: list[Type] = ["number", "text"]
    keys = {tally_key(count, Schema(types={("event", "price"): kind})) for kind in kinds}
    assert len(keys) == 2


def test_a_merge_drops_what_no_rule_asks_for_any_more() -> None:
    plan = _plan(calendar_of("UTC"))
    tallies: dict[str, Any] = {"gone": [1, []]}
    plan.merge(tallies, {"gone too": [1, []]})
    assert tallies == {}


def test_an_event_that_is_still_to_come_waits() -> None:
    calendar = calendar_of("UTC")
    plan, key = _plan(calendar), tally_key(COUNTS[0], SCHEMA)
    tallies: dict[str, Any] = {}
    due = NOW + DAY
    plan.step(tallies, Event(type="track", message_id="m", time=due, received=NOW, name="A"))
    assert tallies[key] == [0, [due]]
    assert _found(tallies, due - 1, calendar, None)[0] == 0
    assert _found(tallies, due, calendar, None)[0] == 1

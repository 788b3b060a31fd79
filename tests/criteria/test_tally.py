"""Tallies: the same answer in any order of arrival, after a merge, and however much was forgotten in between."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from lenticular.criteria.calendar import DAY, Calendar, calendar_of
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.kept import Kept, kept
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Behaviour, Compare, Node, Sequence, Window
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
MEASURED = (
    *('sum("A", price, {}) > 0', 'avg("A", price, {}) > 0', 'min("A", price, {}) > 0', 'max("A", price, {}) > 0'),
    *('distinct("A", price, {}) > 0', 'first_value("A", price, {}) > 0', 'last_value("A", price, {}) > 0'),
    *('first_time("A", {}) is not None', 'last_time("A", {}) is not None', 'periods("A", every="1d", {}) > 0'),
    *('periods("A", every="1w", {}) > 0', 'sequence(event("A"), event("B"), {})'),
    'sequence(event("A"), without=event("B"), {})',
)


def _rule(text: str) -> Compare | Sequence:
    tree = parse(text).tree
    assert isinstance(tree, Compare | Sequence)
    return tree


def _count(window: str, filters: str = "") -> Compare | Sequence:
    inside = ", ".join(part for part in ('"A"', filters, window) if part)
    return _rule(f"count({inside}) >= 1")


COUNTS = [_count(window) for window in WINDOWS] + [_count('within="7d"', "price > 5"), _count("", "price is None")]
OTHERS = [_rule(one.format(window).replace(", )", ")")) for one in MEASURED for window in WINDOWS]
RULES = [*COUNTS, *OTHERS]
TREES: dict[str, Node] = {str(at): rule for at, rule in enumerate(RULES)}


def _plan(calendar: Calendar) -> TallyPlan:
    return TallyPlan(TREES.values(), SCHEMA, calendar)


def _kept(rule: Compare | Sequence, schema: Schema = SCHEMA) -> Kept:
    found = kept(rule, schema)
    assert found
    return found


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


def _passes(rule: Compare | Sequence, event: Event) -> bool:
    price = event.properties.get("n_price")
    if rule == COUNTS[-1]:
        return price is None
    return rule != COUNTS[-2] or price == 9.0


def _expected(
    rule: Compare | Sequence, events: list[Event], now: int, calendar: Calendar, session_start: int | None
) -> Any:
    behaviour = _kept(rule).behaviour
    first, end = bounds(behaviour.window, now, calendar, session_start)
    ordered = sorted(events, key=lambda event: (event.time, event.tie))
    inside = [event for event in ordered if first <= event.time < end]
    own = [event for event in inside if event.name == "A" and _passes(rule, event)]
    if isinstance(behaviour, Sequence):
        others = inside if behaviour.without is None else [event for event in ordered if event.time <= now]
        later = [event.time for event in others if event.name == "B"]
        if behaviour.without is None:
            return any(event.time < time for event in own for time in later)
        return bool(own) and not any(own[-1].time < time for time in later)
    return _measured(behaviour, own, calendar)


def _measured(behaviour: Behaviour, own: list[Event], calendar: Calendar) -> Any:
    prices: list[Any] = [event.properties["n_price"] for event in own if "n_price" in event.properties]
    days = {calendar.day(event.time) for event in own}
    match behaviour.measure:
        case "count":
            return float(min(len(own), 8))
        case "sum":
            return sum(prices, 0.0)
        case "avg":
            return sum(prices) / len(prices) if prices else None
        case "min" | "max" as name:
            return (min if name == "min" else max)(prices, default=None)
        case "distinct":
            return float(len(set(prices)))
        case "periods":
            return float(len(days) if behaviour.every == "1d" else len({(day + 3) // 7 for day in days}))
        case "first_time" | "last_time" as name:
            return None if not own else own[0 if name == "first_time" else -1].time
        case "first_value" | "last_value" as name:
            return None if not prices else prices[0 if name == "first_value" else -1]
    raise AssertionError(behaviour)


def _found(plan: TallyPlan, tallies: dict[str, Any], now: int, calendar: Calendar, start: int | None) -> list[Any]:
    look = Look({}, {}, start, tallies, schema=SCHEMA, calendar=calendar, now=now, plan=plan.tallies)
    found = [look.behaviour(rule) for rule in RULES]
    # A count is known up to what it is compared with.
    return [min(value, 8.0) if rule in COUNTS else value for rule, value in zip(RULES, found, strict=True)]


def _session_start(events: list[Event], now: int, dice: Random) -> int | None:
    """A visit that holds the newest event so far, and began at most a local day before it."""
    newest = max((event.time for event in events if event.time <= now), default=None)
    return None if newest is None else newest - dice.choice([0, 1, dice.randrange(DAY)])


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_any_order_gives_what_the_whole_history_gives(seed: int, zone: str) -> None:
    dice, calendar = Random(seed), calendar_of(zone)
    events = _draw(dice, "e", NOW)
    plan, start = _plan(calendar), _session_start(events, NOW, dice)
    expected = [_expected(count, events, NOW, calendar, start) for count in RULES]
    for order in (events, events[::-1], dice.sample(events, len(events))):
        tallies: dict[str, Any] = {}
        for event in order:
            plan.step(tallies, event)
        assert _found(plan, tallies, NOW, calendar, start) == expected


@pytest.mark.parametrize("seed", range(12))
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
                expected = [_expected(count, events[: at + 1], now, calendar, start) for count in RULES]
                assert _found(plan, tallies, now, calendar, start) == expected


@pytest.mark.parametrize("seed", range(12))
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
    assert _found(plan, joined, now, calendar, start) == [
        _expected(count, everything, now, calendar, start) for count in RULES
    ]


def test_a_state_stays_small() -> None:
    """A rolling window keeps what it can need, a count what it is compared with, one without a window a number."""
    calendar = calendar_of("UTC")
    plan = _plan(calendar)
    tallies: dict[str, Any] = {}
    for hour in range(24 * 400):
        time = NOW + hour * 3_600_000
        plan.step(tallies, Event(type="track", message_id=str(hour), time=time, received=time, name="A"))
    counts = [len(tallies[_kept(count).key]) for count in COUNTS[:9]]
    assert counts[0] == 2
    assert all(size <= 8 for size in counts)
    days = [one for one in map(_kept, OTHERS) if isinstance(one.behaviour, Behaviour) and one.behaviour.every == "1d"]
    rolling = [one for one in days if one.behaviour.window == Window(one.behaviour.window.within)]
    sizes = {one.behaviour.window.within: len(tallies[one.key]) for one in rolling if one.key in tallies}
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
    kinds: list[Type] = ["number", "text"]
    for rule in (_count("", "price == 5"), _rule('last_value("A", price) is None')):
        assert len({_kept(rule, Schema(types={("event", "price"): kind})).key for kind in kinds}) == 2


def test_a_merge_drops_what_no_rule_asks_for_any_more() -> None:
    plan = _plan(calendar_of("UTC"))
    tallies: dict[str, Any] = {"gone": [1, [[]]]}
    plan.merge(tallies, {"gone too": [1, [[]]]})
    assert tallies == {}


def test_an_event_that_is_still_to_come_waits() -> None:
    calendar = calendar_of("UTC")
    plan, key = _plan(calendar), _kept(COUNTS[0]).key
    tallies: dict[str, Any] = {}
    due = NOW + DAY
    plan.step(tallies, Event(type="track", message_id="m", time=due, received=NOW, name="A"))
    assert tallies[key] == [0, [[due]]]
    assert _found(plan, tallies, due - 1, calendar, None)[0] == 0
    assert _found(plan, tallies, due, calendar, None)[0] == 1

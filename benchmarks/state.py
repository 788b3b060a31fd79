"""What behaviours cost: folding an event with 0, 50 and 500 live tallies, and a profile's size after 10,000 events."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from random import Random
from time import process_time
from typing import Any

import msgspec

from benchmarks.table import show
from lenticular.criteria.calendar import DAY, calendar_of
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.limits import Limits
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.criteria.text import parse
from lenticular.criteria.types import Schema
from lenticular.ids import hash64
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold
from lenticular.profiles.kept import Kept
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile

NOW = 1_767_225_600_000
NAMES = tuple(f"Event {at}" for at in range(10))
EVENTS = 10_000
PEOPLE = 1_000
_ZONE = calendar_of("Europe/Madrid")
_TYPES: dict[tuple[str, str], Type] = {("event", "price"): "number", ("event", "category"): "text"}
_SCHEMA = Schema(types=_TYPES)
_RULES = (
    'count("{name}", category == "c{at}", within="7d") >= 3',
    'sum("{name}", price, category != "c{at}", within="90d") > 500',
    'count("{name}", price > {at}) >= 10',
    'last_time("{name}", price > {at}) > ago("30d")',
    'sequence(event("{name}", price > {at}), event("{next}"), within="30d")',
)


def main() -> None:
    """Measure and print."""
    before = gc.get_threshold()
    gc.set_threshold(20_000, 50, 100)  # as the server does
    try:
        rows = [(f"{count} live tallies", f"{microseconds_per_event(count):.0f} µs") for count in (0, 50, 500)]
    finally:
        gc.set_threshold(*before)
    show(("fold of an event, one of ten names", "per event"), rows)
    home, beside, given_up = profile_size(50)
    print(f"\nA profile after {EVENTS:,} events in a year, 50 tallies: {home:,} bytes;")
    print(f"{beside:,} more in rows of their own, {given_up} tallies are left to the log.")


def plan(count: int) -> TallyPlan:
    """Return the plan of so many behaviours as sites have them: each event name has its share."""
    trees = []
    for at in range(count):
        name, then = NAMES[at % len(NAMES)], NAMES[(at + 1) % len(NAMES)]
        rule = _RULES[at // len(NAMES) % len(_RULES)]
        trees.append(parse(rule.format(name=name, next=then, at=at // (len(NAMES) * len(_RULES)))).tree)
    found = TallyPlan(trees, _SCHEMA, _ZONE)
    assert len(found.tallies) == count
    return found.counting(1, dict.fromkeys(found.tallies, 1), Limits())


def microseconds_per_event(count: int) -> float:
    """Return how long it takes to fold an event of one of a thousand people who have been here before."""
    tallies, people = plan(count), _People()
    for at, event in enumerate(_events(PEOPLE * 20, PEOPLE, NOW - 30 * DAY, "before")):
        people.fold(at, [event], tallies)
    times = []
    for part in range(5):
        slices = _events(4_000, PEOPLE, NOW + part * DAY, f"part {part}")
        start = process_time()
        for at in range(0, len(slices), 1_000):
            people.fold(at, slices[at : at + 1_000], tallies)
        times.append((process_time() - start) / len(slices))
    return min(times) * 1e6


def profile_size(count: int) -> tuple[int, int, int]:
    """Return a profile's bytes after 10,000 events, those of its tallies in rows, and how many tallies the log has."""
    people, tallies = _People(), plan(count)
    people.fold(0, _events(EVENTS, 1, NOW - 365 * DAY, "all", 365 * DAY), tallies)
    [value] = people.values.values()
    away = msgspec.msgpack.decode(value, type=Profile).away
    return len(value), sum(map(len, people.rows.values())), list(away.values()).count("log")


def _events(count: int, people: int, start: int, mark: str, span: int = DAY) -> list[Event]:
    dice = Random(mark)
    return [
        Event(
            "track",
            f"{mark} {at}",
            start + at * span // count,
            start + at * span // count,
            f"a{dice.randrange(people)}",
            name=dice.choice(NAMES),
            properties={"n_price": float(dice.randrange(100)), "t_category": f"c{dice.randrange(5)}"},
        )
        for at in range(count)
    ]


class _People:
    """Profiles as a store keeps them, without its disk."""

    def __init__(self) -> None:
        self.values: dict[int, bytes] = {}
        self.rows: dict[tuple[int, str], bytes] = {}
        self.ids: dict[tuple[str, str], int] = {}

    def fold(self, first: int, events: list[Event], tallies: TallyPlan) -> None:
        fold = Fold(self, _ZONE, _TYPES, tallies)
        for seq, event in enumerate(events, first):
            fold.apply(seq, event)
        result = fold.result(first + len(events))
        self.ids.update(result.identities)
        self.values.update((each.id, msgspec.msgpack.encode(each)) for each in result.profiles)
        for at, state in result.tallies.items():
            self.rows.pop(at, None)
            if state is not None:
                self.rows[at] = msgspec.msgpack.encode(state)

    def find(self, kind: str, value: str) -> int | None:
        return self.ids.get((kind, value))

    def get(self, profile_id: int) -> Profile | None:
        value = self.values.get(profile_id)
        return None if value is None else msgspec.msgpack.decode(value, type=Profile)

    def tally(self, profile_id: int, key: str) -> Any:
        value = self.rows.get((profile_id, key))
        return None if value is None else msgspec.msgpack.decode(value)

    def organization(self, organization_id: str) -> Organization | None:
        return None

    def next_id(self) -> int:
        return len(self.values) + 1

    def kept(self, profile_id: int) -> Kept | None:
        return None

    def mark(self, message_id: str) -> int:
        return hash64(message_id)

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        return set()

"""Runs: folding many plain events of one person at once is folding them one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.profiles.event import Event
from lenticular.profiles.fold import IMPRESSION, Fold
from lenticular.profiles.run import LONGEST, run_at
from tests.profiles.worlds import MADRID, MINUTE, NOON, Counting, World, event, histories

LATER = NOON + 9000 * MINUTE
OTHERS: list[dict[str, Any]] = [
    {"type": "page"},
    {"context": {"t_path": "/x"}},
    {"session": {"t_tier": "gold"}},
    {"traits": {"t_x": "y"}},
    {"removed": ("x",)},
    {"consent": {"analytics": False}},
    {"type": "group", "name": "", "group_id": "acme"},
    {"type": "member", "name": "", "lists": {"vip": True}},
    {"name": IMPRESSION, "properties": {"t_item": "ad"}},
    {"properties": {"l_topics": ["art"]}},
    {"received": NOON},
    {"anonymous_id": "b"},
    {"user_id": "u"},
]


class Honest(Counting):
    """A plan that says of each event that it counts it, but for those that it does not count."""

    def concerned(self, event: str) -> Sequence[str]:
        return [event] if event == "Seen" else []

    def step(self, states: dict[str, Any], event: Event) -> Sequence[str]:
        return super().step(states, event) if event.name == "Seen" else ()


@st.composite
def files(draw: st.DrawFn) -> Sequence[Event]:
    """What was there before, and then people one after another, each in the order of time, as files are taken in."""
    events = list(draw(histories(unmerges=True)))
    for person in range(draw(st.integers(1, 3))):
        ids = {
            "anonymous_id": draw(st.sampled_from(["a1", "a2", "a9", ""])),
            "user_id": draw(st.sampled_from(["u1", "u2", "u9", ""])),
        }
        if not any(ids.values()):
            ids["user_id"] = "u1"
        at: float = draw(st.sampled_from([-3000, 0, 30, 700, 2100]))
        for place in range(draw(st.integers(1, 9))):
            at += draw(st.sampled_from([0, 0, 1, 29.99, 30, 30.01, 31, 600, 1440]))
            name = draw(st.sampled_from(["Seen", "Seen", "Left"]))
            properties = draw(st.sampled_from([{}, {"n_price": 5.0}, {"t_x": "y"}]))
            odd = draw(st.sampled_from([{}] * 12 + OTHERS))
            given = {"name": name, "properties": properties, "received": LATER, "imported": True, **ids, **odd}
            number = place if draw(st.integers(0, 9)) else 0
            events.append(event(f"f{person}-{number}", at, **given))
    return events


def fold_by_runs(world: World, events: Sequence[Event], cut: int) -> None:
    """Fold events as the collector does, in slices of a size."""
    for start in range(0, len(events), cut):
        pairs = list(enumerate(events[start : start + cut], start + 1))
        fold = Fold(world, MADRID, world.properties, world.tallies)
        at = 0
        while at < len(pairs):
            run = fold.apply_run(pairs, at)
            world.outcomes += ["folded"] * run if run else [fold.apply(*pairs[at])]
            at += run or 1
        world.seq = pairs[-1][0]
        world.ignored += fold.ignored
        world.commit(fold.result(world.seq))


@settings(max_examples=300, deadline=None)
@given(files(), st.sampled_from([3, 7, 100]))
def test_a_run_is_its_events_one_after_another(events: Sequence[Event], cut: int) -> None:
    runs, singly = World(Honest()), World(Honest())
    fold_by_runs(runs, events, cut)
    for start in range(0, len(events), cut):
        singly.fold(*events[start : start + cut])
    assert runs.outcomes == singly.outcomes
    assert runs.ignored == singly.ignored
    for name in ("profiles", "identities", "properties", "seen", "merges", "organizations", "next"):
        assert getattr(runs, name) == getattr(singly, name), name
    for table in ("events", "profiles", "sessions", "merges"):
        assert runs.rows(table) == singly.rows(table), table


def test_what_is_a_run() -> None:
    plain = [(at, event(f"m{at}", at, anonymous_id="a", received=LATER)) for at in range(1, LONGEST + 50)]
    assert run_at(plain, 0, IMPRESSION) == LONGEST
    assert run_at(plain, LONGEST, IMPRESSION) == 49
    for other in OTHERS:
        odd = event("odd", 3, **{"anonymous_id": "a", "received": LATER, **other})
        assert run_at([*plain[:2], (3, odd), *plain[2:]], 0, IMPRESSION) == 2, other
    earlier = event("early", 0, anonymous_id="a", received=LATER)
    assert run_at([*plain[:2], (3, earlier)], 0, IMPRESSION) == 2


def test_a_run_makes_one_visit_of_many_events() -> None:
    world = World(Honest())
    fold_by_runs(world, [event(f"m{at}", at, anonymous_id="a", received=LATER) for at in range(100)], 100)
    [visit] = world.rows("sessions")
    assert (visit["start"], visit["last"], visit["number"], visit["version"]) == (NOON, NOON + 99 * MINUTE, 1, 100)
    assert visit["properties"]["n_seconds"] == 99 * 60
    assert world.of("a").version == 100
    assert {row["session_id"] for row in world.rows("events")} == {visit["session_id"]}

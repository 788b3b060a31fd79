"""States that outgrow their profile: wherever they lie, the answers are those of the whole history."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.tally.limits import Limits
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.criteria.text import parse
from lenticular.profiles.away import LOG, ROW
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold
from lenticular.profiles.profile import Profile
from tests.criteria.reference import Visitor
from tests.criteria.vocabulary import SCHEMA
from tests.criteria.worlds import World as Drawn
from tests.criteria.worlds import make_world
from tests.profiles.worlds import MADRID, MINUTE, NOON, World, event, identify

TINY = Limits(home=2, row=3, log=6)


def whole(world: World, profile: Profile, plan: TallyPlan, events: list[Event]) -> dict[str, Any]:
    """Return all states of a profile: its own, those in rows, and those that are counted from the log."""
    fold = Fold(world, MADRID, {}, plan)
    fold.bring(profile, profile.away)
    counted: dict[str, Any] = {}
    for each in events:
        plan.step(counted, each)
    given_up = {key: counted[key] for key, where in profile.away.items() if where == LOG and key in counted}
    return {**profile.tallies, **given_up}


def test_wherever_states_lie_a_folded_profile_is_its_history() -> None:
    """In any order, cut into any slices, joined at any time: the slow evaluator says the same."""
    assert set[str]().union(*(_compare(seed) for seed in range(500, 508))) == {ROW, LOG}


def _compare(seed: int) -> set[str]:
    """Compare everyone in a world; return where states lay in the end."""
    drawn, dice = msgspec.structs.replace(make_world(seed, people=40), calendar=MADRID), Random(seed)
    segments = Segments(drawn.trees, SCHEMA, MADRID)
    plan = segments.plan.counting(1, dict.fromkeys(segments.plan.tallies, 1), Limits(2, 2, 4))
    world, reference, places = World(plan), drawn.reference(), set[str]()
    for key, someone in drawn.people.items():
        arrived = [msgspec.structs.replace(one, **_of(key, dice)) for one in someone.events]
        arrived += dice.sample(arrived, len(arrived) // 3)  # sent again
        arrived += [identify(f"early{key}", anonymous_id=f"a{key}", user_id=f"u{key}")] if dice.random() < 0.5 else []
        dice.shuffle(arrived)
        while arrived:
            size = dice.randrange(1, 5)
            world.fold(*arrived[:size])
            arrived = arrived[size:]
        world.fold(identify(f"late{key}", anonymous_id=f"a{key}", user_id=f"u{key}"))
        profile = world.get(world.identities["user", f"u{key}"])
        assert profile
        places.update(profile.away.values())
        rows = {state_key for one, state_key in world.rows_of_tallies if one == profile.id}
        assert rows == {state_key for state_key, where in profile.away.items() if where == ROW}
        assert not profile.away.keys() & profile.tallies.keys()
        person = _person(drawn, key, profile, whole(world, profile, plan, someone.events))
        visitor = _visitor(drawn, key, profile)
        expected = {name for name, tree in drawn.trees.items() if reference.member(tree, visitor, drawn.now)}
        assert segments.matching(drawn.trees, person, drawn.now) == expected
    assert {one for one, _ in world.rows_of_tallies} <= world.profiles.keys()
    return places


def _of(key: int, dice: Random) -> dict[str, str]:
    return {"anonymous_id": f"a{key}"} if dice.random() < 0.5 else {"user_id": f"u{key}"}


def _session(drawn: Drawn, profile: Profile) -> tuple[int, dict[str, Any]] | None:
    visit = profile.session
    return (visit.start, dict(visit.properties)) if visit and visit.start <= drawn.now else None


def _person(drawn: Drawn, key: int, profile: Profile, tallies: dict[str, Any]) -> Person:
    start, session = _session(drawn, profile) or (None, {})
    views = drawn.views(drawn.people[key].events)
    return Person(session=session, session_start=start, tallies=tallies, interests=views)


def _visitor(drawn: Drawn, key: int, profile: Profile) -> Visitor:
    visit = _session(drawn, profile)
    return Visitor(events=drawn.visitor(key).events, sessions=[visit] if visit else [])


def counted_by(rule: str, limits: Limits = TINY) -> tuple[TallyPlan, str]:
    """Return the plan of one behaviour, and its key."""
    plan = TallyPlan([parse(rule).tree], SCHEMA, MADRID)
    [key] = plan.tallies
    return plan.counting(1, {key: 1}, limits), key


def _many(state: Any) -> int:
    """How many events a rolling window's state has."""
    return len(state[0]) if state else 0


def test_a_state_moves_out_comes_home_and_does_not_flutter() -> None:
    plan, key = counted_by('max("Seen", n, within="60m") > 1')
    world = World(plan)
    places = []
    for at in [0, 1, 2, 3, 4, 62, 63, 64, 123, 124, 200]:
        world.fold(event(f"m{at}", at, anonymous_id="a", properties={"n_n": 1.0}))
        profile = world.of("a")
        places.append((_many(profile.tallies.get(key)), _many(world.tally(profile.id, key))))
        assert profile.away == ({} if places[-1][0] else {key: ROW})
    home, row = [(1, 0), (2, 0), (3, 0)], [(0, 4), (0, 5)]
    assert places == [*home, *row, (0, 3), (0, 3), (0, 3), (0, 2), (0, 2), (1, 0)]


def test_a_state_that_is_given_up_stays_so_also_in_a_merge() -> None:
    plan, key = counted_by('max("Seen", n, within="60m") > 1')
    world = World(plan)
    for who, many in (("a", 7), ("b", 5), ("c", 2)):
        world.fold(*(event(f"{who}{at}", at, anonymous_id=who, properties={"n_n": 1.0}) for at in range(many)))
    assert [world.of(who).away for who in "abc"] == [{key: LOG}, {key: ROW}, {}]
    for at, who in enumerate("bca"):
        world.fold(identify(f"i{at}", anonymous_id=who, user_id="u"))
    profile = world.get(world.identities["user", "u"])
    assert profile
    assert (profile.away, profile.tallies, world.rows_of_tallies) == ({key: LOG}, {}, {})
    world.fold(event("later", 500, anonymous_id="a", properties={"n_n": 1.0}))
    assert (world.of("a").away, world.of("a").tallies, world.rows_of_tallies) == ({key: LOG}, {}, {})


def test_a_fold_on_top_of_another_reads_its_rows_and_changes_none() -> None:
    plan, key = counted_by('max("Seen", n, within="60m") > 1')
    world = World(plan)
    below = Fold(world, MADRID, {}, plan)
    for at in range(5):
        below.apply(at + 1, event(f"m{at}", at, anonymous_id="a", properties={"n_n": 1.0}))
    above = Fold(below, MADRID, {}, plan)
    above.apply(6, event("m6", 6, anonymous_id="a", properties={"n_n": 1.0}))
    assert (_many(above.tally(1, key)), _many(below.tally(1, key))) == (6, 5)
    seen = above.profile_of("a", "")
    assert seen
    above.bring(seen, [key])
    assert _many(seen.tallies[key]) == 6


def test_what_is_left_of_an_earlier_life_counts_nothing() -> None:
    plan, key = counted_by('max("Seen", n, within="60m") > 1')
    world = World(plan)
    for who, many in (("a", 2), ("b", 5)):
        world.fold(*(event(f"{who}{at}", at, anonymous_id=who, properties={"n_n": 1.0}) for at in range(many)))
    world.tallies = plan.counting(2, {key: 2}, TINY)
    world.fold(*(event(f"new {who}", 9, anonymous_id=who, properties={"n_n": 1.0}) for who in "ab"))
    assert [(_many(world.of(who).tallies[key]), world.of(who).away) for who in "ab"] == [(1, {}), (1, {})]
    assert world.rows_of_tallies == {}


def test_states_from_elsewhere_are_added() -> None:
    plan, key = counted_by('sum("Seen", n, within="60m") > 1')
    world = World(plan).fold(event("m", 1, anonymous_id="a", properties={"n_n": 1.0}))
    states: dict[str, Any] = {}
    for at in range(4):
        plan.step(states, event(f"before {at}", properties={"n_n": 2.0}, anonymous_id="a", at=at - 9))
    fold = Fold(world, MADRID, {}, plan)
    fold.add(1, states)
    fold.add(99, states)
    world.commit(fold.result(1))
    assert world.of("a").away == {key: ROW}
    assert world.tally(1, key)[0] == [NOON + at * MINUTE for at in (-9, -8, -7, -6, 1)]

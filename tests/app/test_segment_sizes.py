"""Segment sizes: what is kept equals the sets of people before and after, through merges, publishes and days."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from lenticular.app.count import Sampling
from lenticular.app.jobs.segment_sizes import SegmentSizesKind
from lenticular.app.members import Asking, members
from lenticular.app.open import Installation, installation
from lenticular.app.overlap import overlap
from lenticular.app.publish import publish
from lenticular.app.segment_history import Days, history, newest_sizes
from lenticular.app.segment_moves import Between, moved
from lenticular.app.segment_sizes import counting, keep_members
from lenticular.app.site import LiveSite
from lenticular.app.unmerge import Unmerging, unmerge
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.property import Property
from lenticular.catalog.segment import Segment
from lenticular.catalog.site import Site
from lenticular.errors import LenticularError
from lenticular.jobs.job import Job
from lenticular.profiles.event import Event

pytestmark = pytest.mark.asyncio(loop_scope="module")
START = 1_795_453_200_000
"""23 November 2026, 12:00 in New York."""
HOUR, DAY = 3_600_000, 86_400_000
RULES = {
    "often": 'count("Ping", n > 3, within="2d") >= 2',
    "pro": 'user.plan == "pro"',
    "both": 'segment("often") and segment("pro")',
    "neither": 'not segment("often") and not segment("pro")',
    "listed": "",
    "chain": 'sequence(event("Ping", n == 1), event("Ping", n == 2), within="3d")',
    "visit": 'count("Ping", within="session") >= 1',
}
PROPERTIES = {"user.plan": Property("user", "plan", "text"), "user.n": Property("user", "n", "number")}
Sets = Mapping[str, set[int]]


class World:
    """A site with a clock of its own, people who do things, and who was told to have moved."""

    def __init__(self, opened: Installation, dice: Random) -> None:
        self.opened, self.dice, self.now = opened, dice, START
        self.numbers = itertools.count(1)
        self.told: list[tuple[str, set[int], set[int], int]] = []

    @property
    def site(self) -> LiveSite:
        return self.opened.site("shop")

    async def publish(self, **rules: str) -> None:
        segments = {
            key: Segment(key=key, name=key, rule=rule, static=key == "listed") for key, rule in (RULES | rules).items()
        }
        await publish(self.site, Catalog(self.site.engine.catalog.site, properties=PROPERTIES, segments=segments))

    def something(self) -> Event:
        """Return what someone does or says now, perhaps as somebody whom they were not known to be."""
        dice, number = self.dice, next(self.numbers)
        device, user = f"d{dice.randrange(25)}", f"u{dice.randrange(12)}" if dice.random() < 0.15 else ""
        base = Event("track", f"m{number}", self.now, self.now, device, user)
        what = dice.random()
        if what < 0.2:
            return msgspec.structs.replace(base, type="identify", traits={"t_plan": dice.choice(["pro", "free"])})
        if what < 0.3:
            return msgspec.structs.replace(base, type="member", trusted=True, lists={"listed": dice.random() < 0.6})
        return msgspec.structs.replace(base, name="Ping", properties={"n_n": float(dice.randrange(6))})

    async def live(self, number: int) -> None:
        for _ in range(number):
            await self.site.accept([self.something()])
            self.now += self.dice.randrange(1, 600_000)

    async def count(self) -> Job:
        """Have everything counted now; return what became of the job."""
        return await self.done(self.opened.jobs.kind("segment-sizes").asked("shop", {}))

    async def done(self, order: Job) -> Job:
        """Have a job done; return what became of it."""
        async with asyncio.timeout(60):
            return await self.opened.jobs.done(await self.opened.jobs.ask(order))

    def moves(self, old: Sets, new: Sets, keys: Sequence[str]) -> dict[str, tuple[set[int], set[int]]]:
        """Return who joined and who left some segments, of those that anyone did."""
        was = {key: self.survivors(old[key]) for key in keys}
        found = {key: (new[key] - was[key], was[key] - new[key]) for key in keys}
        return {key: both for key, both in found.items() if any(both)}

    async def sets(self) -> dict[str, set[int]]:
        """Return who is in which segment now, as the lists of members have it."""
        await self.site.settle()
        found = {}
        for key in self.site.engine.segments.trees:
            page = await members(self.site, key, self.now, Asking(limit=1_000), Sampling(above=10_000))
            found[key] = {int(one.profile) for one in page.members}
        return found

    def survivors(self, ids: set[int]) -> set[int]:
        """Return who some profiles are by now."""
        merged = self.site.stores.profiles.survivors(ids)
        return {merged.get(each, each) for each in ids}


async def open_world(folder: Path, seed: int) -> AsyncIterator[World]:
    made: list[World] = []
    clock = lambda: made[0].now if made else START  # noqa: E731  # the clock of a world that is not there yet
    ids = (f"id{at}" for at in itertools.count())
    async with installation(folder, clock, lambda: next(ids), create=True, by_itself=False) as opened:
        await opened.ensure(Site(key="shop", timezone="America/New_York", write_key="w"))
        made.append(World(opened, Random(seed)))
        await made[0].publish()
        yield made[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async for world in open_world(tmp_path_factory.mktemp("sizes"), 5):
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def world(shared: World) -> AsyncIterator[World]:
    yield shared
    shared.opened.on_moved.clear()
    shared.told.clear()
    await shared.publish()


async def day(world: World, segment: str, at: str = "") -> Any:
    found = await history(world.site, segment, Days())
    return found.days[-1] if not at else next(one for one in found.days if one.day == at)


async def ids_of(world: World, segment: str, joined: bool, between: Between) -> set[int]:
    """Return who moved, all pages together."""
    found, after = set[int](), 0
    while True:
        page = await moved(world.site, segment, joined, between, Asking(limit=12, after=after))
        ids = [int(one.profile) for one in page.members]
        assert ids == sorted(ids) and not found & set(ids)
        found |= set(ids)
        if page.next is None:
            return found
        after = int(page.next)


async def test_days_counts_and_moves_equal_the_sets_of_people(world: World) -> None:
    """Six counts over five days, with merges in between: read at the end, through all of the merges."""
    kept: list[tuple[int, dict[str, set[int]]]] = []
    world.opened.on_moved.append(
        lambda site, key, joined, left, at: world.told.append((key, set(joined), set(left), at))
    )
    for hours in (0, 3, 24, 30, 20, 26):
        world.now += hours * HOUR
        await world.live(40)
        done = await world.count()
        assert done.state == "done" and (done.done, done.total) == (len(RULES), len(RULES))
        kept.append((world.now, await world.sets()))
        told = {key: (joined, left) for key, joined, left, at in world.told if at == world.now}
        assert told == (world.moves(kept[-2][1], kept[-1][1], list(RULES)) if len(kept) > 1 else {})
    assert world.site.stores.profiles.survivors(range(1, 100)), "nobody merged: this says little"
    calendar = world.site.engine.segments.calendar
    of_day = {calendar.day(at): (at, sets) for at, sets in kept}
    for key in RULES:
        found = await history(world.site, key, Days())
        assert len(found.days) == len(of_day) >= 5
        previous: set[int] | None = None
        for one, (at, sets) in zip(found.days, of_day.values(), strict=True):
            there = world.survivors(sets[key])
            assert (one.at, one.size) == (at, len(there)), (key, one)
            if previous is None:
                assert (one.joined, one.left, one.since) == (None, None, None)
            else:
                assert (one.joined, one.left) == (len(there - previous), len(previous - there)), (key, one)
                assert await ids_of(world, key, True, Between(one.day)) == there - previous
                assert await ids_of(world, key, False, Between(one.day)) == previous - there
            previous = there
        counts = (await history(world.site, key, Days(), "hour")).hours
        assert [(one.at, one.size) for one in counts] == [(at, len(sets[key])) for at, sets in kept]
        first, last = (world.survivors(of_day[end][1][key]) for end in (min(of_day), max(of_day)))
        ends = Between(found.days[-1].day, found.days[0].day)
        assert await ids_of(world, key, True, ends) == last - first, "between any two days"
    sizes = await newest_sizes(world.site, list(RULES))
    assert {key: (one.people, one.at) for key, one in sizes.items()} == {
        key: (len(there), kept[-1][0]) for key, there in kept[-1][1].items()
    }


async def test_an_unmerge_is_read_too(world: World) -> None:
    world.now += DAY
    for event in (
        Event("identify", "x1", world.now, world.now, "dx", "", traits={"t_plan": "pro"}),
        Event("identify", "x2", world.now, world.now, "", "ux", traits={"t_plan": "pro"}),
    ):
        await world.site.accept([event])
    await world.count()
    apart = (await day(world, "pro")).size
    world.now += DAY
    await world.site.accept([Event("identify", "x3", world.now, world.now, "dx", "ux")])
    await world.count()
    both = await history(world.site, "pro", Days())
    assert [one.size for one in both.days[-2:]] == [apart - 1, apart - 1], "one person, then too"
    assert (both.days[-1].joined, both.days[-1].left) == (0, 0), "a merge is nobody's going"
    world.now += 1_000
    await unmerge(world.site, Unmerging(anonymous_id="dx"))
    await world.site.settle()
    assert (await day(world, "pro", both.days[-2].day)).size == apart


async def test_a_publish_counts_what_it_changes_and_is_told(world: World) -> None:
    kind = world.opened.jobs.kind("segment-sizes")
    assert isinstance(kind, SegmentSizesKind)
    world.now += DAY
    await world.live(20)
    await world.count()
    [hourly] = await kind.due(world.now)
    assert (hourly.slot, hourly.arguments) == (world.now // HOUR * HOUR, {})
    world.now += 1
    await world.publish(pro='user.plan == "free"')
    world.now += 1
    _, order = await kind.due(world.now)
    assert order.arguments["segments"] == ["both", "neither", "pro"], "and what depends on it"
    assert len(await kind.due(world.now)) == 1, "once"
    before = await world.sets()
    job = await world.opened.jobs.done(await world.opened.jobs.ask(order))
    assert job.state == "done" and job.result["segments"] == 3
    there = await world.sets()
    assert before == there
    today = await day(world, "both")
    assert today.size == len(there["both"]) and today.at == world.now
    assert [one.key for one in today.publishes][-1:] == ["pro"] and today.publishes[-1].sentence
    assert (await day(world, "often")).at < world.now
    [*_, hour] = (await history(world.site, "pro", Days(), "hour")).hours
    assert [one.key for one in hour.publishes] == ["pro"] and hour.joined > 0


async def test_a_count_goes_on_behind_what_was_told(world: World) -> None:
    """As a process that died leaves it: within the hour at the moment of then; later anew, and nobody is left out."""
    world.now += DAY
    await world.live(10)
    await world.count()
    first = await world.sets()
    heard = dict[str, tuple[set[int], set[int]]]()
    world.opened.on_moved.append(lambda site, key, joined, left, at: heard.update({key: (set(joined), set(left))}))
    await world.live(40)
    begun, then = world.now, await world.sets()
    world.now += 60_000
    note = {"at": begun, "told": "chain"}
    done = await world.done(Job("segment-sizes", "shop", note=note))
    assert done.state == "done" and done.result["at"] == begun
    behind = [key for key in RULES if key > "chain"]
    assert heard == world.moves(first, then, behind)
    assert [(await day(world, key)).at == begun for key in RULES] == [key > "chain" for key in RULES]

    await world.live(40)
    died = world.now
    by = await counting(world.site, died)
    at_death = await world.sets()
    for key in ("both", "chain", "listed"):  # the last one is kept, and was not told yet
        await keep_members(world.site.stores.events, by, key)
    world.now += 2 * HOUR
    await world.live(40)
    heard.clear()
    done = await world.done(Job("segment-sizes", "shop", note={"at": died, "told": "chain"}))
    assert done.state == "done" and done.result["at"] == world.now
    now = await world.sets()
    assert heard == world.moves(at_death, now, ["both", "chain"]) | world.moves(then, now, behind)


async def test_a_segment_that_can_not_be_counted_stops_no_other(world: World) -> None:
    world.now += DAY
    parts = {f"a{at}": " or ".join(f"user.n == {at * 3_000 + number}" for number in range(2_400)) for at in range(9)}
    await world.publish(**parts, all_of_them=" or ".join(f'segment("{key}")' for key in parts))
    kind = world.opened.jobs.kind("segment-sizes")
    done = await world.done(kind.asked("shop", {"segments": ["all_of_them", "visit"]}))
    assert done.state == "failed" and done.reason is not None
    assert done.reason.place == "segments/all_of_them" and done.reason.message.startswith("1 of 2 segments can't")
    assert (await day(world, "visit")).at == world.now


async def test_overlap_is_every_combination(world: World) -> None:
    await world.live(30)
    there = await world.sets()
    for keys in (["often", "pro", "listed", "visit"], ["pro"], ["pro", "pro", "neither"]):
        found = await overlap(world.site, keys)
        wanted = list(dict.fromkeys(keys))
        everyone = set[int]().union(*(there[key] for key in wanted))
        expected: dict[frozenset[str], int] = {}
        for each in everyone:
            which = frozenset(key for key in wanted if each in there[key])
            expected[which] = expected.get(which, 0) + 1
        assert {frozenset(one.segments): one.people for one in found.combinations} == expected
        assert [one.people for one in found.combinations] == sorted(expected.values(), reverse=True)
    for wrong in ([], ["pro", "often", "both", "listed", "visit"], ["nothing"]):
        with pytest.raises(LenticularError):
            await overlap(world.site, wrong)


@pytest.mark.parametrize(
    ("segment", "between", "code"),
    [
        ("pro", Between("2020-01-01"), "history.day"),
        ("pro", Between("yesterday"), "history.day"),
        ("nothing", Between("2026-11-23"), "segment.unknown"),
    ],
)
async def test_what_was_not_counted_is_said(world: World, segment: str, between: Between, code: str) -> None:
    with pytest.raises(LenticularError) as error:
        await moved(world.site, segment, True, between, Asking())
    assert error.value.problems[0].code == code

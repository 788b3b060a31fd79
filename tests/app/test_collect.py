"""Collecting: on disk before the answer, known to the next decision, folded once, also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenticular.app import collect
from lenticular.app.collect import Collector
from lenticular.errors import StoreError
from lenticular.profiles.event import Event
from lenticular.profiles.merge import NoTallies
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles
from tests.profiles.worlds import MADRID, NOON, Sums, World, event, histories, identify


class Site:
    """One site's stores and collector, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.journal, self.profiles = SqliteJournal(folder), SqliteProfiles(folder)
        self.collector = Collector(self.journal, self.profiles, MADRID, Sums())


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Site]:
    site = Site(folder)
    await site.collector.open()
    try:
        async with asyncio.timeout(30):
            yield site
    finally:
        await site.collector.close()
        site.journal.close()
        site.profiles.close()


async def test_what_is_accepted_is_on_disk_and_in_the_next_decision(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.collector.accept([event("m1", anonymous_id="a", traits={"n_x": 1.0})])
        assert [each.message_id for _, each in site.journal.read(0, 10)] == ["m1"]
        profile = site.collector.current("a", "")
        assert profile is not None
        assert (profile.traits, profile.tallies) == ({"n_x": 1.0}, {"Seen": 1})
        await site.collector.drain()
        assert site.collector.pending == 0
        assert site.profiles.get(1) == site.collector.current("a", "")
        assert site.profiles.waiting() == 3  # an event, a profile, a session
        assert site.collector.current("stranger", "") is None
        assert site.collector.current("", "stranger") is None


async def test_a_decision_sees_what_another_identity_of_the_same_person_did(tmp_path: Path) -> None:
    async with opened(tmp_path) as site, site.collector.paused():
        await site.collector.accept([event("m1", anonymous_id="phone")])
        await site.collector.accept([identify("m2", anonymous_id="laptop", user_id="u")])
        await site.collector.accept([identify("m3", anonymous_id="phone", user_id="u")])
        profile = site.collector.current("laptop", "")
        assert profile is not None
        assert (profile.tallies, profile.anonymous_ids) == ({"Seen": 1}, ["laptop", "phone"])


async def test_an_identity_that_only_the_store_knows_leads_to_what_is_pending(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.collector.accept([identify("m1", anonymous_id=each, user_id="u") for each in ("phone",)])
        await site.collector.accept([identify("m2", anonymous_id="laptop", user_id="u")])
        await site.collector.drain()
        async with site.collector.paused():
            await site.collector.accept([event("m3", anonymous_id="laptop")])
            profile = site.collector.current("phone", "")
            assert profile is not None
            assert profile.tallies == {"Seen": 1}


async def test_an_extra_event_counts_for_this_decision_only(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        visit = event("v1", type="visit", name="", anonymous_id="a", context={"t_path": "/college"})
        seen = site.collector.current("a", "", visit)
        assert seen is not None
        assert seen.session is not None
        assert seen.session.properties["t_landing_path"] == "/college"
        assert site.collector.current("a", "") is None
        await site.collector.accept([visit])
        await site.collector.drain()
        kept = site.collector.current("a", "")
        assert kept is not None
        assert kept.session == seen.session


async def test_callers_at_the_same_time_share_one_append(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        appends: list[int] = []
        append = site.journal.append

        def counted(events: Sequence[Event]) -> range:
            appends.append(len(events))
            return append(events)

        site.journal.append = counted  # type: ignore[method-assign]  # to count
        await asyncio.gather(*(site.collector.accept([event(f"m{at}", anonymous_id="a")]) for at in range(200)))
        assert sum(appends) == 200
        assert len(appends) <= 3
        assert [each.message_id for _, each in site.journal.read(0, 1000)] == [f"m{at}" for at in range(200)]


async def test_a_restart_folds_what_was_left(tmp_path: Path) -> None:
    async with opened(tmp_path) as site, site.collector.paused():
        await site.collector.accept([event(f"m{at}", anonymous_id=f"a{at % 7}") for at in range(50)])
        await site.collector.accept([event("n", anonymous_id="a1", properties={"n_price": 5.0})])
        assert site.profiles.folded() == 0
    async with opened(tmp_path) as site:
        assert site.collector.types["event", "price"] == "number"
        await site.collector.drain()
        assert site.profiles.folded() == 51
        assert sum(each.tallies["Seen"] for each in site.profiles.everyone()) == 51
        await site.collector.accept([event("m1", anonymous_id="a1")])
        await site.collector.drain()
        assert sum(each.tallies["Seen"] for each in site.profiles.everyone()) == 51


async def test_folding_takes_turns_with_other_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "SLICE", 0.0)
    monkeypatch.setattr(collect, "_COMMIT", 16)
    world = World()
    async with opened(tmp_path) as site:
        events = [
            identify(f"m{at}", at % 5, anonymous_id=f"a{at % 9}", user_id=f"u{at % 4}", traits={"n_x": float(at)})
            if at % 3
            else event(f"m{at}", at % 7, anonymous_id=f"a{at % 9}")
            for at in range(90)
        ]
        world.fold(*events)
        expected = {each: world.of(f"a{each}").tallies for each in range(9)}
        await site.collector.accept(events)
        looks = 0
        while site.collector.pending:
            for each in range(9):
                profile = site.collector.current(f"a{each}", "")
                assert profile is not None
                assert profile.tallies == expected[each]
                looks += 1
            await asyncio.sleep(0)
        await site.collector.drain()
        assert looks > 100
        assert {each.id: each for each in site.profiles.everyone()} == {
            each: world.get(each) for each in world.profiles
        }


async def test_a_plan_is_swapped_while_nothing_is_folded(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        with pytest.raises(RuntimeError, match="paused"):
            site.collector.swap(NoTallies())
        async with site.collector.paused():
            await site.collector.accept([event("m1", anonymous_id="a")])
            site.collector.swap(NoTallies())
        await site.collector.drain()
        profile = site.collector.current("a", "")
        assert profile is not None
        assert profile.tallies == {}


async def test_a_failing_journal_refuses_and_recovers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(tmp_path) as site:
        site.journal._database._writer.execute("PRAGMA query_only=1")
        with pytest.raises(StoreError) as caught:
            await site.collector.accept([event("m1", anonymous_id="a")])
        assert caught.value.problems[0].code == "data_read_only"
        assert site.collector.current("a", "") is None
        site.journal._database._writer.execute("PRAGMA query_only=0")
        await site.collector.accept([event("m1", anonymous_id="a")])
        await site.collector.drain()
        assert site.collector.current("a", "") is not None


async def test_a_failing_profile_store_holds_up_the_folding_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(collect, "_BACK_OFF", (0.01,))
    async with opened(tmp_path) as site:
        site.profiles._database._writer.execute("PRAGMA query_only=1")
        await site.collector.accept([event("m1", anonymous_id="a")])
        while "trying again" not in caplog.text:
            await asyncio.sleep(0.005)
        profile = site.collector.current("a", "")
        assert profile is not None
        assert profile.tallies == {"Seen": 1}
        site.profiles._database._writer.execute("PRAGMA query_only=0")
        await site.collector.drain()
        assert site.profiles.get(1) == profile


async def test_an_event_that_can_not_be_folded_does_not_hold_up_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Fussy(Sums):
        def step(self, states: dict[str, Any], event: Event) -> Sequence[str]:
            if event.name == "Bad":
                raise ValueError("a defect")
            return super().step(states, event)

    async with opened(tmp_path) as site:
        async with site.collector.paused():
            site.collector.swap(Fussy())
            names = enumerate(["Good", "Bad", "Good"])
            await site.collector.accept([event(f"m{at}", anonymous_id="a", name=name) for at, name in names])
        await site.collector.drain()
        assert site.collector.skipped == 1
        assert "Event 2 can't be folded" in caplog.text
        profile = site.collector.current("a", "")
        assert profile is not None
        assert profile.tallies == {"Good": 2}


async def test_too_much_waiting_is_said(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        collector = Collector(site.journal, site.profiles, MADRID, Sums(), max_pending=5, max_waiting=3)
        before = collector.overloaded
        await site.collector.accept([event(f"m{at}", anonymous_id="a") for at in range(4)])
        await site.collector.drain()
        assert (before, collector.overloaded) == (False, True)
        await collector.close()


async def test_after_closing_nothing_is_accepted(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.collector.close()
        with pytest.raises(StoreError):
            await site.collector.accept([event("m1", anonymous_id="a")])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.one_of(histories(), histories(unmerges=True)))
def test_a_decision_in_between_equals_the_folded_profile(
    history: Sequence[Event], tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def run() -> None:
        async with opened(tmp_path_factory.mktemp("site")) as site:
            folded, pending = history[: len(history) // 2], history[len(history) // 2 :]
            await site.collector.accept(folded)
            await site.collector.drain()
            ids = [(each.anonymous_id, each.user_id) for each in history]
            async with site.collector.paused():
                await site.collector.accept(pending)
                before = [_shape(site.collector, *each) for each in ids]
            await site.collector.drain()
            assert [_shape(site.collector, *each) for each in ids] == before

    asyncio.run(run())


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(unmerges=True), committed=st.integers(0, 6))
def test_at_every_point_a_decision_sees_what_a_fresh_fold_of_the_journal_gives(
    history: Sequence[Event], committed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def run() -> None:
        async with opened(tmp_path_factory.mktemp("site")) as site:
            await site.collector.accept(history[:committed])
            await site.collector.drain()
            async with site.collector.paused():
                for upto in range(committed, len(history) + 1):
                    await site.collector.accept(history[max(upto - 1, committed) : upto])
                    fresh = World().fold(*(each for _, each in site.journal.read(0, 100)))
                    for kind, value in sorted(
                        {("anonymous", f"a{at}") for at in (1, 2, 3)} | {("user", "u1"), ("user", "u2")}
                    ):
                        asked = (value, "") if kind == "anonymous" else ("", value)
                        expected = (
                            fresh.get(fresh.identities[kind, value]) if (kind, value) in fresh.identities else None
                        )
                        assert _plain(site.collector.current(*asked)) == _plain(expected)

    asyncio.run(run())


def _shape(collector: Collector, anonymous_id: str, user_id: str) -> Any:
    """A profile without what only the whole journal settles: ids of profiles that are new."""
    return _plain(collector.current(anonymous_id, user_id))


def _plain(profile: Profile | None) -> Any:
    if profile is None:
        return None
    raw = msgspec.to_builtins(profile)
    return {name: value for name, value in raw.items() if name not in ("id", "merged", "apart", "behind")}


def test_the_clock_of_these_tests() -> None:
    assert MADRID.day(NOON) == 20484

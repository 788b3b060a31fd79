"""Retention and purge: what is old goes, what can be asked is the same everywhere, and nothing else goes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import msgspec
import pytest

from lenticular.accounts.entry import Entry, Wanted
from lenticular.accounts.session import Session
from lenticular.accounts.user import User
from lenticular.app.check_log import check_log
from lenticular.app.count import Sampling
from lenticular.app.members import Asking, members
from lenticular.app.open import Installation, installation
from lenticular.app.publish import publish
from lenticular.app.segment_history import Days, history
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.segment import Segment
from lenticular.catalog.site import Site
from lenticular.errors import CatalogError, LenticularError
from lenticular.jobs.job import Job
from lenticular.profiles.event import Event
from lenticular.settings import Settings

pytestmark = pytest.mark.asyncio
NOW = 1_795_453_200_000
HOUR, DAY = 3_600_000, 86_400_000
RULES = {
    "ever": 'count("Ping") >= 4',
    "long": 'sum("Ping", n, within="60d") > 12',
    "short": 'count("Ping", within="20d") >= 2',
    "first": 'first_time("Ping") < ago("40d")',
    "value": 'last_value("Ping", n) >= 4',
    "visit": 'count("Ping", within="session") >= 2 or session.number > 3',
    "chain": 'sequence(event("Ping", n == 1), event("Ping", n == 2))',
}


class House:
    """An installation with one site and a clock."""

    def __init__(self, opened: Installation) -> None:
        self.opened, self.now = opened, NOW

    @property
    def site(self) -> LiveSite:
        return self.opened.site("shop")

    async def publish(self, retention: int) -> None:
        segments = {key: Segment(key=key, name=key, rule=rule) for key, rule in RULES.items()}
        site = msgspec.structs.replace(self.site.engine.catalog.site, retention_days=retention)
        await publish(self.site, Catalog(site, segments=segments))

    async def do(self, kind: str, site: str = "shop") -> Job:
        async with asyncio.timeout(60):
            job = await self.opened.jobs.done(await self.opened.jobs.ask(self.opened.jobs.kind(kind).asked(site, {})))
        assert job.state == "done", job
        return job

    async def agree(self) -> dict[str, set[int]]:
        """Return who is in which segment, as decisions and lists say alike."""
        await self.site.settle()
        async with asyncio.timeout(60):
            await self.site.backfill.complete()
        segments, found = self.site.engine.segments, {}
        found_by = [one.anonymous_ids[0] for one in self.site.stores.profiles.everyone()]
        people = [self.site.collector.current(each, "", wanted=lambda: segments.plan.tallies) for each in found_by]
        for key in segments.trees:
            page = await members(self.site, key, self.now, Asking(limit=1_000), Sampling(above=10_000))
            found[key] = {int(one.profile) for one in page.members}
            live = {one.id for one in people if one and segments.matching([key], self.site.person(one), self.now)}
            assert found[key] == live, key
        return found


@asynccontextmanager
async def house(folder: Path, settings: Settings | None = None) -> AsyncIterator[House]:
    made: list[House] = []
    clock = lambda: made[0].now if made else NOW  # noqa: E731  # the clock of a house that is not there yet
    ids = (f"id{at}" for at in itertools.count())
    new_id = lambda: next(ids)  # noqa: E731
    async with installation(folder, clock, new_id, create=True, settings=settings, by_itself=False) as opened:
        await opened.ensure(Site(key="shop", timezone="Europe/Madrid", write_key="w"))
        made.append(House(opened))
        await made[0].publish(0)
        yield made[0]


async def live(there: House, dice: Random, first: int = 120) -> None:
    """Let thirty people do things on random days of the last `first`."""
    for number in range(400):
        time = there.now - dice.randrange(first * 24) * HOUR
        device = f"d{dice.randrange(30)}"
        ping = Event("track", f"m{number}-{first}", time, there.now, device, "", "Ping")
        event = msgspec.structs.replace(ping, properties={"n_n": float(dice.randrange(6))})
        await there.site.accept([event])


async def test_old_events_go_and_every_answer_stays_the_same_everywhere(tmp_path: Path) -> None:
    async with house(tmp_path) as there:
        await live(there, Random(3))
        all_of_it = await there.agree()
        assert (await there.do("retention")).result == {"counts": 0}, "a site without a retention keeps all"
        await there.publish(35)
        assert await there.agree() == all_of_it
        kept_from = there.site.engine.catalog.site.kept_from(there.now)
        assert kept_from is not None and there.now - 42 * DAY <= kept_from <= there.now - 35 * DAY
        [[old]] = await there.site.stores.events.query(f"SELECT count() FROM events WHERE time < {kept_from}", {})
        done = await there.do("retention")
        assert done.result["events"] == old > 100 and done.result["recounted"] >= 4
        [[least]] = await there.site.stores.events.query("SELECT min(time) FROM events", {})
        assert least >= kept_from
        after = await there.agree()
        assert after["short"] == all_of_it["short"] and after["ever"] < all_of_it["ever"]
        assert not after["first"] and len(list(there.site.stores.profiles.everyone())) == 30
        [[visits]] = await there.site.stores.events.query(
            f"SELECT countIf(last < {kept_from} AND n > 1) FROM (SELECT last, count() OVER (PARTITION BY profile_id)"
            " AS n FROM sessions FINAL WHERE start < 4611686018427387904)",
            {},
        )
        assert visits == 0, "of a person's visits the latest stays, however old"
        again = await there.do("retention")
        assert (again.result["events"], again.result["recounted"]) == (0, 0)
        assert [one.level for one in await check_log(there.site)] == ["ok"], "the doctor does not miss them"
        await there.site.check_log()


async def test_a_recount_that_was_broken_off_is_made_up_for(tmp_path: Path) -> None:
    """As a process leaves it that dies between letting go of events and counting anew."""
    async with house(tmp_path) as there:
        await live(there, Random(4))
        await there.publish(35)
        await there.agree()
        kept_from = there.site.engine.catalog.site.kept_from(there.now)
        assert kept_from is not None
        for week in range(kept_from // (7 * DAY)):
            if week > kept_from // (7 * DAY) - 20:
                await there.site.stores.parts.command(f"ALTER TABLE events DROP PARTITION ID '{week}'")
        order = Job("retention", "shop", note={"events": 99})
        async with asyncio.timeout(60):
            done = await there.opened.jobs.done(await there.opened.jobs.ask(order))
        assert done.result["recounted"] >= 4
        await there.agree()


async def test_the_history_of_segments_is_thinned_and_ends(tmp_path: Path) -> None:
    async with house(tmp_path, Settings(segment_days=20)) as there:
        await live(there, Random(5), 5)
        for _ in range(2):
            for _ in range(3):
                await there.do("segment-sizes")
                there.now += HOUR
            there.now += 2 * DAY
        before = await history(there.site, "ever", Days())
        rows = "SELECT count() FROM segment_members"
        assert await there.site.stores.events.query(rows, {}) == [(6 * len(RULES),)]
        await there.do("retention")
        assert await there.site.stores.events.query(rows, {}) == [(2 * len(RULES),)]
        assert await history(there.site, "ever", Days()) == before and len(before.days) == 2
        there.now += 70 * DAY
        assert (await there.do("retention")).result["counts"] == (2 + 6) * len(RULES)
        assert (await history(there.site, "ever", Days("2026-01-01"))).days == []


async def test_what_is_over_is_purged(tmp_path: Path) -> None:
    settings = Settings(job_days=10, export_days=3, audit_days=5)
    async with house(tmp_path, settings) as there:
        await live(there, Random(6), 3)
        accounts, jobs = there.opened.accounts, there.opened.jobs
        accounts.put_user(User("u", "a@example.com", "A", "", NOW, {}))
        accounts.add(Session("s", "u", NOW, NOW, NOW + DAY, ""))
        for at in (NOW - 6 * DAY, NOW):
            accounts.note(Entry(at, "A", "u", "sign-in", "", "", "signed in"))
        export = jobs.kind("export").asked("shop", {"what": "events"})
        first = await jobs.done(await jobs.ask(export))
        folder = there.site.stores.folder / "exports"
        (folder / "99999.part").write_bytes(b"what a killed server left")
        assert {path.name for path in folder.iterdir()} == {f"{first.id}.file", "99999.part"}
        there.now += 2 * DAY
        second = await jobs.done(await jobs.ask(export))
        done = await there.do("purge", "")
        assert done.result == {"jobs": 0, "files": 1, "audit": 1}
        assert accounts.sessions("u") == [] and len(accounts.audit(Wanted(), None, 9)) == 1
        there.now += 2 * DAY
        assert (await there.do("purge", "")).result["files"] == 1
        assert {path.name for path in folder.iterdir()} == {f"{second.id}.file"}
        there.now += 9 * DAY
        assert (await there.do("purge", "")).result == {"jobs": 3, "files": 1, "audit": 1}
        with pytest.raises(LenticularError):
            await jobs.job(first.id)


async def test_the_audit_log_stays_unless_a_setting_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as there:
        there.opened.accounts.note(Entry(0, "A", "u", "sign-in", "", "", "signed in"))
        await there.do("purge", "")
        assert len(there.opened.accounts.audit(Wanted(), None, 9)) == 1


@pytest.mark.parametrize("days", [-1, 1, 29, 36_501])
async def test_a_retention_that_can_not_be(tmp_path: Path, days: int) -> None:
    async with house(tmp_path) as there:
        with pytest.raises(CatalogError) as error:
            await there.publish(days)
        assert error.value.problems[0].code == "catalog.retention"

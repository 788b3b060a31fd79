"""Sources: what is new is taken in, lists are replaced, what fails is tried again, nothing secret is told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow
import pyarrow.parquet
import pytest
import pytest_asyncio

from lenticular.app.audience import Someone, why
from lenticular.app.count import count
from lenticular.app.open import Installation
from lenticular.app.publish import publish
from lenticular.app.pulling import SourceInfo, put_source, remove_source
from lenticular.app.site import LiveSite
from lenticular.app.source import SourceState, next_run, read_source
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.segment import Segment
from lenticular.catalog.site import Site
from lenticular.errors import LenticularError
from tests.running import MONDAY, running

HOUR = 3_600_000
PEOPLE = """\
what: people
url: sqlite:///{path}
query: SELECT id, plan, seats, updated FROM people WHERE updated >= :since ORDER BY id
mapping: {{userId: id, ignore: [updated]}}
watermark: updated
since: "2026-01-01"
every: 1h
"""
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Pulled:
    """An installation, its clock, and a database to pull from."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation, self.folder = installation, folder
        self.now = MONDAY
        self.path = folder / "people.db"
        self.change("PRAGMA user_version = 1")  # whichever test is the first

    def change(self, sql: str) -> None:
        with sqlite3.connect(self.path) as file:
            file.executescript(sql)
        file.close()

    async def site(self, key: str) -> LiveSite:
        definition = Site(key=key, timezone="Europe/Madrid", write_key=key)
        site = await self.installation.ensure(definition)
        segments = {"invited": Segment(key="invited", name="Invited", static=True)}
        await publish(site, Catalog(definition, segments=segments))
        return site

    async def run(self, site: LiveSite, name: str) -> SourceInfo:
        pulling = self.installation.pulling
        self.now += 1
        await pulling.ask(site, name)
        return await self.done(site, name)

    async def done(self, site: LiveSite, name: str) -> SourceInfo:
        pulling = self.installation.pulling
        async with asyncio.timeout(60):
            while pulling.info(site, name).running:
                await asyncio.sleep(0.01)
        await site.settle()
        return pulling.info(site, name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pulled]:
    folder = tmp_path_factory.mktemp("pull")
    clock: list[Pulled] = []
    async with running(folder, lambda: clock[0].now if clock else MONDAY) as (installation, _):
        clock.append(Pulled(installation, folder))
        yield clock[0]


async def people(site: LiveSite, rule: str) -> int:
    return (await count(site, rule, None)).people


async def test_what_is_new_is_taken_in(opened: Pulled) -> None:
    site = await opened.site("new")
    opened.change(
        "CREATE TABLE people (id TEXT, plan TEXT, seats INTEGER, updated TEXT);"
        "INSERT INTO people VALUES ('u1', 'gold', 5, '2026-02-01'), ('u2', 'tin', 3, '2026-02-02'),"
        " ('u3', NULL, NULL, '2025-01-01')"
    )
    put_source(site, "crm", PEOPLE.format(path=opened.path))
    first = await opened.run(site, "crm")
    assert (first.problem, first.report.accepted, first.report.duplicate) == ("", 2, 0)
    assert await people(site, 'user.plan == "gold" and user.seats == 5') == 1
    second = await opened.run(site, "crm")
    assert (second.rows, second.report.accepted, second.report.duplicate) == (1, 0, 1), "from the watermark on"
    opened.change("UPDATE people SET plan = 'tin', updated = '2026-02-03' WHERE id = 'u1'")
    assert (await opened.run(site, "crm")).report.accepted == 1
    opened.change("UPDATE people SET plan = 'gold', seats = NULL, updated = '2026-02-04' WHERE id = 'u1'")
    assert (await opened.run(site, "crm")).report.accepted == 1, "as it was before, and yet new"
    assert await people(site, 'user.plan == "gold" and user.seats is None') == 1
    assert (await why(site, "user.plan is not None", Someone(user_id="u1"))).member


async def test_a_list_is_replaced(opened: Pulled) -> None:
    site = await opened.site("list")
    opened.change("CREATE TABLE guests (id TEXT); INSERT INTO guests VALUES ('g1'), ('g2'), ('g3')")
    text = (
        f"what: members\nsegment: invited\ncreate: true\nurl: sqlite:///{opened.path}\n"
        "query: SELECT id FROM guests\nmapping: {userId: id}\n"
    )
    put_source(site, "guests", text)
    assert (await opened.run(site, "guests")).report.accepted == 3
    assert await people(site, "invited") == 3
    opened.change("DELETE FROM guests WHERE id = 'g1'; INSERT INTO guests VALUES ('g4')")
    assert (await opened.run(site, "guests")).report.accepted == 1
    assert await people(site, "invited") == 3
    assert not (await why(site, "invited", Someone(user_id="g1"))).member
    opened.change("DELETE FROM guests")
    failed = await opened.run(site, "guests")
    assert failed.problem.startswith("Nobody came") and failed.failures == 1
    assert await people(site, "invited") == 3
    put_source(site, "guests", text + "allowEmpty: true\n")
    assert (await opened.run(site, "guests")).problem == ""
    assert await people(site, "invited") == 0


async def test_unknown_ones_stay_away_and_merged_ones_stay_on(opened: Pulled) -> None:
    site = await opened.site("known")
    rows = [{"userId": "k1", "anonymousId": ""}, {"userId": "", "anonymousId": "a2"}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), opened.folder / "known-1.parquet")
    files = f"files: {opened.folder}/known-*.parquet\n"
    put_source(site, "people", f"what: people\n{files}")
    put_source(site, "invited", f"what: members\nsegment: invited\n{files}")
    unknown = await opened.run(site, "invited")
    assert (unknown.report.accepted, unknown.report.unknown) == (0, 2)
    assert (await opened.run(site, "people")).report.accepted == 2
    assert (await opened.run(site, "invited")).report.accepted == 2
    both = [{"userId": "k1", "anonymousId": "a2"}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(both), opened.folder / "known-2.parquet")
    assert (await opened.run(site, "people")).report.accepted == 1
    assert (await opened.run(site, "people")).report.duplicate == 3
    assert (await opened.run(site, "invited")).report.duplicate == 3
    assert await people(site, "invited") == 1


async def test_organizations_and_who_belongs_to_them(opened: Pulled) -> None:
    site = await opened.site("orgs")
    opened.change(
        "CREATE TABLE staff (org TEXT, tier TEXT, who TEXT);"
        "INSERT INTO staff VALUES ('acme', 'gold', 'u1'), ('acme', 'gold', 'u2'), ('bolt', NULL, NULL)"
    )
    text = (
        f"what: organizations\nurl: sqlite:///{opened.path}\nquery: SELECT * FROM staff\n"
        "mapping: {groupId: org, userId: who}\n"
    )
    put_source(site, "staff", text)
    assert (await opened.run(site, "staff")).report.accepted == 3
    assert (await opened.run(site, "staff")).report.duplicate == 3
    assert await people(site, 'organization(tier == "gold")') == 2


async def test_it_runs_by_itself_and_a_failure_is_tried_again_later(opened: Pulled) -> None:
    site, pulling = await opened.site("schedule"), opened.installation.pulling
    text = (
        f"what: people\nurl: sqlite:///{opened.path}\nquery: SELECT id FROM later\nmapping: {{userId: id}}\nevery: 1h\n"
    )
    pulling.scheduled = True
    put_source(site, "later", text)
    pulling.wake()
    async with asyncio.timeout(60):
        while not pulling.info(site, "later").failures:
            await asyncio.sleep(0.01)
    info = pulling.info(site, "later")
    assert "no such table: later" in info.problem
    assert info.next_run == info.ended + 60_000
    opened.change("CREATE TABLE later (id TEXT); INSERT INTO later VALUES ('l1')")
    opened.now += 60_001
    pulling.wake()
    async with asyncio.timeout(60):
        while pulling.info(site, "later").failures:
            await asyncio.sleep(0.01)
    done = await opened.done(site, "later")
    assert (done.problem, done.report.accepted, done.next_run) == ("", 1, done.began + HOUR)
    pulling.scheduled = False
    remove_source(site, "later")
    assert [one.name for one in pulling.infos(site)] == []


async def test_a_query_that_takes_too_long_is_stopped(opened: Pulled) -> None:
    site = await opened.site("slow")
    query = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS id FROM n"
    put_source(
        site,
        "slow",
        f"what: people\nurl: sqlite:///{opened.path}\nquery: {query}\nmapping: {{userId: id}}\ntimeout: 1s\n",
    )
    opened.change("CREATE TABLE IF NOT EXISTS empty (x)")
    await opened.installation.pulling.ask(site, "slow")
    info = await opened.done(site, "slow")
    assert info.problem.startswith("Nothing came within 1s")


async def test_a_trial_changes_nothing(opened: Pulled) -> None:
    site, pulling = await opened.site("trial"), opened.installation.pulling
    opened.change("CREATE TABLE tried (id TEXT, plan TEXT); INSERT INTO tried VALUES ('t1', 'gold'), ('', 'tin')")
    put_source(
        site,
        "tried",
        f"what: people\nurl: sqlite:///{opened.path}\nquery: SELECT * FROM tried\nmapping: {{userId: id}}\n",
    )
    found = await pulling.trial(site, "tried")
    assert found.sample == [{"id": "t1", "plan": "gold"}, {"id": "", "plan": "tin"}]
    assert (found.report.accepted, found.report.refused) == (1, 1)
    assert await people(site, "True") == 0 and ("user", "plan") not in site.types
    assert pulling.info(site, "tried").began == 0


async def test_secrets_come_from_the_environment_and_are_not_told(opened: Pulled) -> None:
    site, pulling = await opened.site("secret"), opened.installation.pulling
    put_source(site, "hidden", "what: people\nurl: sqlite:///${PLACE}\nquery: SELECT 1 AS userId\n")
    assert "PLACE is not set" in (await opened.run(site, "hidden")).problem
    pulling.environment = {"PLACE": str(opened.path)}
    info = await opened.run(site, "hidden")
    assert (info.problem, info.place) == ("", "sqlite:///${PLACE}")


def _state(**fields: Any) -> SourceState:
    return SourceState(**fields)


@pytest.mark.parametrize(
    ("schedule", "state", "expected"),
    [
        ("", _state(), None),
        ("every: 1h", _state(), 0),
        ("every: 1h", _state(began=MONDAY, ended=MONDAY + 5), MONDAY + HOUR),
        ("every: 1h", _state(began=MONDAY, ended=MONDAY + 5, failures=1), MONDAY + 5 + 60_000),
        ("every: 1h", _state(began=MONDAY, ended=MONDAY + 5, failures=3), MONDAY + 5 + 240_000),
        ("every: 1h", _state(began=MONDAY, ended=MONDAY + 5, failures=30), MONDAY + 5 + HOUR),
        # Monday, 15:30 in Madrid
        ('daily: "16:00"', _state(began=MONDAY, ended=MONDAY), MONDAY + HOUR // 2),
        ('daily: "15:30"', _state(began=MONDAY, ended=MONDAY), MONDAY + 24 * HOUR),
        ('daily: "03:30"', _state(began=MONDAY, ended=MONDAY), MONDAY + 12 * HOUR),
    ],
)
async def test_when_a_source_runs_next(schedule: str, state: SourceState, expected: int | None) -> None:
    source = read_source(f"what: people\nfiles: x.csv\n{schedule}\n", "x.yaml")
    assert next_run(source, state, ZoneInfo("Europe/Madrid")) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("what: peple\nfiles: x", 'x.yaml:1:7: "peple" is not a known "what".'),
        ("what: people", "x.yaml:1:7: It needs a database or files."),
        ("what: people\nurl: sqlite:///x\nquery: DROP TABLE x", "x.yaml:3:8: It does not begin with SELECT or WITH."),
        ("what: people\nurl: postgresql://a:b@c/d\nquery: SELECT 1", "x.yaml:2:6: There is a password in it."),
        ("what: people\nfiles: x\nevery: soon", "x.yaml:3:8: This is no duration"),
        ("what: people\nfiles: x\nevery: 1s", "x.yaml:3:8: This is no duration of at least 10 seconds."),
        ('what: people\nfiles: x\ndaily: "25:00"', "x.yaml:3:8: This is no time of the day."),
        ("what: people\nfiles: x\nevery: 1h\ndaily: '03:00'", "x.yaml:4:8: `every` and `daily`"),
        ("what: members\nfiles: x", "x.yaml:1:7: Whose members?"),
        ("what: people\nfiles: x\nsegment: y", "x.yaml:3:10: This goes with members only."),
        ("what: people\nfiles: x\nmapping: {zone: Mars}", "x.yaml:3:17: There is no time zone 'Mars'."),
        ("what: people\nfiles: x\nmapping: {usrId: a}", 'x.yaml:3:11: There is no setting "usrId" here.'),
        ("what: people\nurl: sqlite:///x\nquery: SELECT :since", "x.yaml:3:8: `watermark` and `:since` go together."),
        ("what: people\nfiles: x\nfiles: y", 'x.yaml:3:1: "files" stands here twice.'),
    ],
)
async def test_what_is_wrong_with_a_source_is_said_with_its_place(text: str, says: str) -> None:
    with pytest.raises(LenticularError) as caught:
        read_source(text, "x.yaml")
    assert str(caught.value.problems[0]).startswith(says), caught.value.problems

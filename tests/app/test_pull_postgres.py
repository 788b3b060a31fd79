"""A source that is a real PostgreSQL: what becomes of its types, and a database that goes away for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import create_engine

from lenticular.app.pulling import put_source
from tests.app.test_pull import Pulled, people
from tests.postgres import POSTGRES, READING, schema
from tests.running import MONDAY, running

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not POSTGRES, reason="LENTICULAR_TEST_POSTGRES names none"),
]


class Warehouse:
    """A schema of its own, and what is done to it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def change(self, *statements: str) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for each in statements:
                connection.exec_driver_sql(each)
        engine.dispose()

    def source(self, query: str, more: str = "") -> str:
        return f"what: people\nurl: {self.url}\nquery: {query}\nmapping: {{userId: id, ignore: [at]}}\n{more}"


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    with schema() as url:
        yield Warehouse(url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pulled]:
    folder: Path = tmp_path_factory.mktemp("pull")
    clock: list[Pulled] = []
    async with running(folder, lambda: clock[0].now if clock else MONDAY) as (installation, _):
        clock.append(Pulled(installation, folder))
        yield clock[0]


async def test_types_become_traits(opened: Pulled, warehouse: Warehouse) -> None:
    site = await opened.site("types")
    warehouse.change(
        "CREATE TABLE typed (id text, plan text, score numeric, seats int, since date, seen timestamptz, ok boolean,"
        " tags text[], shirt jsonb, orders jsonb)",
        "INSERT INTO typed VALUES ('u1', 'gold', 12.5, 3, '2026-01-31', '2026-01-31 12:00+02', true, '{a,b}',"
        """ '{"size": 5}', '[{"sku": "x", "n": 2}]'),"""
        " ('u2', NULL, 'NaN', NULL, NULL, NULL, false, '{}', NULL, NULL)",
    )
    put_source(site, "typed", warehouse.source("SELECT * FROM typed ORDER BY id"))
    done = await opened.run(site, "typed")
    assert (done.problem, done.report.accepted, done.report.refused) == ("", 2, 0)
    for rule in (
        'user.plan == "gold" and user.score == 12.5 and user.seats == 3 and user.ok == True',
        'user.since == date("2026-01-31") and user.seen == datetime("2026-01-31T10:00Z")',
        'user.tags.has_all(["a", "b"]) and user.shirt.size == 5 and user.orders.any(sku == "x" and n == 2)',
        "user.ok == False and user.plan is None and user.score is None and user.seats is None and user.since is None",
    ):
        assert await people(site, rule) == 1, rule
    again = await opened.run(site, "typed")
    assert (again.report.accepted, again.report.duplicate) == (0, 2), "nothing of it is new"


async def test_a_moment_is_a_watermark(opened: Pulled, warehouse: Warehouse) -> None:
    site = await opened.site("moment")
    warehouse.change(
        "CREATE TABLE moved (id text, plan text, at timestamptz)",
        "INSERT INTO moved VALUES ('u1', 'tin', '2026-02-01 10:00:00.123456+00'), ('u2', 'tin', '2025-12-31 23:59+00')",
    )
    more = 'watermark: at\nsince: "2026-01-01"\n'
    put_source(site, "moved", warehouse.source("SELECT * FROM moved WHERE at >= :since", more))
    first, second = await opened.run(site, "moved"), await opened.run(site, "moved")
    assert (first.report.accepted, second.report.accepted, second.rows) == (1, 0, 1)
    warehouse.change("INSERT INTO moved VALUES ('u3', 'tin', '2026-02-01 10:00:00.123457+00')")
    assert (await opened.run(site, "moved")).report.accepted == 1
    assert await people(site, 'user.plan == "tin"') == 2


async def test_a_database_that_goes_away_is_asked_again(opened: Pulled, warehouse: Warehouse) -> None:
    """What came before it went is there; the run after that begins at the same place, and counts nothing twice."""
    site = await opened.site("away")
    warehouse.change(
        "CREATE TABLE crowd AS SELECT 'u' || n AS id, 'gold' AS plan, n AS at FROM generate_series(1, 6000) n",
        # Its last page takes as long as it must.
        "CREATE FUNCTION held(n int) RETURNS int LANGUAGE plpgsql AS"
        " 'BEGIN IF n > 4000 THEN PERFORM pg_sleep(120); END IF; RETURN n; END'",
    )
    more = 'watermark: at\nsince: "0"\n'
    slow = "SELECT id, plan, held(at::int) AS at FROM crowd WHERE at >= :since"
    put_source(site, "crowd", warehouse.source(slow, more))
    pulling = opened.installation.pulling
    await pulling.ask(site, "crowd")
    async with asyncio.timeout(60):
        while site.stores.profiles.count_people() < 4_000:
            await asyncio.sleep(0.01)
    warehouse.change(f"SELECT pg_terminate_backend(pid) {READING}")
    failed = await opened.done(site, "crowd")
    assert failed.problem.startswith("The database says") and failed.failures == 1
    assert failed.next_run is None and failed.report.accepted == 4_000
    warehouse.change("CREATE OR REPLACE FUNCTION held(n int) RETURNS int LANGUAGE sql AS 'SELECT n'")
    done = await opened.run(site, "crowd")
    assert (done.problem, done.failures, done.report.accepted, done.report.duplicate) == ("", 0, 2_000, 4_000)
    assert await people(site, 'user.plan == "gold"') == 6_000


async def test_a_query_that_is_too_slow_is_given_up(opened: Pulled, warehouse: Warehouse) -> None:
    site = await opened.site("slow")
    put_source(site, "slow", warehouse.source("SELECT 'u1' AS id, pg_sleep(120) AS at", "timeout: 1s\n"))
    done = await opened.run(site, "slow")
    assert "timeout" in done.problem or done.problem.startswith("Nothing came within 1s")
    engine = create_engine(warehouse.url)
    async with asyncio.timeout(60):
        while True:
            with engine.connect() as connection:
                if not connection.exec_driver_sql(f"SELECT 1 {READING} AND state = 'active'").fetchall():
                    break
            await asyncio.sleep(0.05)
    engine.dispose()

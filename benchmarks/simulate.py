"""Replay 100,000 visits against a draft: seconds until the flows are there, of rules of several sorts.

50,000 people with two visits and ten events each; BENCH_VISITS says otherwise.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec

from benchmarks.table import show
from lenticular.app.simulating import simulating
from lenticular.app.simulation import Outcome, Setting, Where
from lenticular.catalog.catalog import Catalog
from lenticular.criteria.calendar import DAY
from lenticular.criteria.sql_visits import (
    Visits,
    their_organizations_query,
    visitors_events_query,
    visitors_query,
    visits_query,
)
from lenticular.criteria.tables import Type
from lenticular.stores.clickhouse.connection import Connection
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild

NOW = 1_795_442_400_000
BUDGET = 10.0
"""Seconds for 100,000 visits on two cores (DESIGN §10, issue 5)."""
_EVENTS = 10
_TYPES: list[tuple[str, str, Type]] = [
    ("user", "plan", "text"),
    ("user", "balance", "number"),
    ("event", "category", "text"),
    ("event", "price", "number"),
]
_RULES = {
    "gold": 'user.plan == "p3" and user.balance > 500',
    "landed": 'session.landing_path.starts_with("/c")',
    "viewers": 'count("Product Viewed", category == "c3" and price > 50, within="30d") >= 1',
    "buyers": 'sum("Order Completed", price, within="30d") > {limit}',
    "quiet": 'last_time("Signed In") < ago("10d")',
    "left": 'sequence(event("Cart Added"), without=event("Order Completed"), within="30d")',
}


def main() -> None:
    """Print the figures."""
    visits = int(os.environ.get("BENCH_VISITS", "100000"))
    with TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder), visits))


async def _run(folder: Path, visits: int) -> None:
    child = ClickHouseChild(folder)
    await child.start()
    events = ClickHouseEvents(child, "bench")
    await events.open()
    try:
        await _fill(Connection(child, "bench"), visits)
        rows = []
        for name, path in (("slot", ""), ("page", "/college")):
            began = perf_counter()
            found = await _simulate(events, Visits(NOW - 14 * DAY, NOW, path, merged=False))
            seconds = perf_counter() - began
            rows.append([name, f"{found.visits:,}", f"{found.people:,}", str(len(found.flows)), f"{seconds:.1f}"])
        show(["", "visits", "people", "flows", "seconds"], rows)
        limit = BUDGET * visits / 100_000
        slowest = max(float(row[-1]) for row in rows)
        print(f"{'met' if slowest <= limit else 'MISSED'}: {slowest:.1f} s (budget {limit:.0f} s)")
    finally:
        await events.close()
        await child.stop()


async def _simulate(events: ClickHouseEvents, of: Visits) -> Outcome:
    where = Where(page=of.path) if of.path else Where(slot="promo")
    setting = Setting(_catalog(100), _catalog(150), where, _TYPES)
    async with simulating() as process:
        needs = await process.needs(setting)
        queries = (
            visits_query(of),
            visitors_query(of),
            their_organizations_query(),
            visitors_events_query(of, needs),
        )
        return await process.run([events.lines(one.sql, one.parameters) for one in queries])


def _catalog(limit: int) -> Catalog:
    segments = {key: {"key": key, "rule": rule.format(limit=limit)} for key, rule in _RULES.items()}
    experiences = [{"key": key, "segment": key} for key in reversed(_RULES)]
    slot = {"key": "promo", "block": {"kind": "ad"}, "experiences": experiences}
    page = {"key": "college", "path": "/college", "experiences": experiences}
    body = {"site": {"key": "b", "timezone": "Europe/Madrid", "writeKey": "b"}, "segments": segments}
    return msgspec.convert({**body, "slots": {"promo": slot}, "pages": {"college": page}}, Catalog)


async def _fill(connection: Connection, visits: int) -> None:
    client, people = await connection.client(), visits // 2
    names = "'Page Viewed', 'Product Viewed', 'Cart Added', 'Order Completed', 'Signed In'"
    traits = "'{\"t_plan\":\"p', toString(number % 7), '\",\"n_balance\":', toString(number % 1000 + 0.5), '}'"
    fields = "'{\"t_category\":\"c', toString(dice % 12), '\",\"n_price\":', toString(dice % 90 + 0.25), '}'"
    seen = "'{\"t_landing_path\":\"', ['/', '/college', '/shoes'][1 + number % 3], '\",\"n_number\":1}'"
    where = "'{\"t_path\":\"', ['/', '/college', '/shoes', '/cart'][1 + dice % 4], '\"}'"
    await client.command(
        "INSERT INTO profiles (profile_id, version, user_id, anonymous_ids, first_seen, traits, gone)"
        f" SELECT number + 1, 1, toString(number), [], {NOW - 400 * DAY}, CAST(concat({traits}) AS"
        f" JSON(max_dynamic_paths = 1024)), 0 FROM numbers({people})"
    )
    await client.command(
        "INSERT INTO sessions (profile_id, session_id, start, last, number, properties, version)"
        f" SELECT number % {people} + 1, number + 1, {NOW} - toInt64(intHash64(number) % {13 * DAY}) AS start,"
        f" start + 60000, 1, CAST(concat({seen}) AS JSON(max_dynamic_paths = 256)), 1 FROM numbers({visits})"
    )
    await client.command(
        "INSERT INTO events (seq, time, tie, profile_id, name, type, session_id, day, minute, received,"
        " message_id, properties, context) SELECT number + 1 AS seq,"
        f" {NOW} - toInt64(intHash64(number) % {60 * DAY}) AS time, toInt64(intHash32(number)),"
        f" number % {people} + 1, [{names}][1 + intHash32(number + 7) % 5], 'track', number % {visits} + 1,"
        f" intDiv(time, {DAY}), intDiv(time % {DAY}, 60000), time, toString(number),"
        f" CAST(concat({fields}) AS JSON(max_dynamic_paths = 1024)),"
        f" CAST(concat({where}) AS JSON(max_dynamic_paths = 256))"
        f" FROM (SELECT number, intHash32(number) AS dice FROM numbers({people * _EVENTS}))"
    )
    await connection.close()

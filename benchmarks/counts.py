"""One count, and 200 of them, over a log of ten events for each profile; with the memory of the events store.

A tenth of the size that DESIGN §10 speaks of, unless BENCH_PEOPLE says otherwise (5000000 is all of it; filling that
takes a while and some gigabytes of disk).
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.table import show
from lenticular.criteria.calendar import DAY, calendar_of
from lenticular.criteria.sql import Question, count_query
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Node
from lenticular.criteria.types import Schema
from lenticular.stores.clickhouse.connection import Connection
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild

NOW = 1_795_442_400_000
FULL = 5_000_000
BUDGET_ONE, BUDGET_ALL = 0.3, 6.0
"""Seconds at full size (DESIGN §10)."""
_SLICE = 2_000_000
_EVENTS = 10
_NAMES = ("Page Viewed", "Product Viewed", "Cart Added", "Order Completed", "Signed In", "Searched", "Shared", "Left")
_SCHEMA = Schema(
    types={
        ("user", "plan"): "text",
        ("user", "balance"): "number",
        ("event", "category"): "text",
        ("event", "price"): "number",
    }
)
_RULES = (
    'user.plan == "p3" and user.balance > 500',
    'count("Product Viewed", within="{days}d") >= {number}',
    'count("Order Completed", within="{days}d") == 0',
    'count("Product Viewed", category == "c{number}" and price > 50, within="{days}d") >= 1',
    'sum("Order Completed", price, within="{days}d") > 100',
    'last_time("Signed In") < ago("{days}d")',
    'last_value("Product Viewed", category) in ["c1", "c{number}"]',
    'distinct("Product Viewed", category, within="{days}d") >= 2',
    'periods("Signed In", every="1d", within="{days}d") >= 2',
    'sequence(event("Product Viewed"), event("Cart Added"), span="1d", within="{days}d")',
    'sequence(event("Cart Added"), without=event("Order Completed"), within="{days}d")',
    'user.plan == "p1" and count("Searched", within="{days}d") >= 1 and not segment("payers")',
)
_TREES: dict[str, Node] = {"payers": parse('count("Order Completed", within="30d") >= 2').tree}


def main() -> None:
    """Print the figures."""
    people = int(os.environ.get("BENCH_PEOPLE", FULL // 10))
    with TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder), people))


async def _run(folder: Path, people: int) -> None:
    child = ClickHouseChild(folder)
    await child.start()
    events = ClickHouseEvents(child, "bench")
    await events.open()
    try:
        start = perf_counter()
        await _fill(Connection(child, "bench"), people)
        print(f"{people:,} profiles, {people * _EVENTS:,} events, made in {perf_counter() - start:,.0f} s")
        rows = []
        for rule in _RULES:
            text = rule.format(days=30, number=3)
            seconds = [await _count(events, text) for _ in range(3)]
            rows.append([text, f"{median(seconds):.2f}"])
        show(["rule", "seconds"], rows)
        ones = sorted(float(row[1]) for row in rows)
        every = await _many(events)
        share = people / FULL
        print(f"{_met(ones[-1] <= BUDGET_ONE * share)} one count: {ones[0]:.2f} … {ones[-1]:.2f} s", end="")
        print(f" (budget {BUDGET_ONE} s at {FULL:,} profiles: {BUDGET_ONE * share:.2f} s here)")
        print(f"{_met(every <= BUDGET_ALL * share)} 200 counts, two at a time: {every:.1f} s", end="")
        print(f" (budget {BUDGET_ALL:.0f} s at {FULL:,} profiles: {BUDGET_ALL * share:.1f} s here)")
        print(f"memory of the events store at most {_memory(child.pid or 0):,.0f} MB")
    finally:
        await events.close()
        await child.stop()


async def _fill(connection: Connection, people: int) -> None:
    client = await connection.client()
    names = ", ".join(f"'{name}'" for name in _NAMES)
    traits = "'{\"t_plan\":\"p', toString(number % 7), '\",\"n_balance\":', toString(number % 1000 + 0.5), '}'"
    fields = "'{\"t_category\":\"c', toString(dice % 12), '\",\"n_price\":', toString(dice % 200 + 0.25), '}'"
    for first in range(0, people, _SLICE):
        many = min(_SLICE, people - first)
        await client.command(
            "INSERT INTO profiles (profile_id, version, user_id, anonymous_ids, first_seen, traits, gone)"
            f" SELECT number + 1, 1, toString(number), [], {NOW - 400 * DAY}, CAST(concat({traits}) AS"
            f" JSON(max_dynamic_paths = 1024)), 0 FROM numbers({first}, {many})"
        )
    for first in range(0, people * _EVENTS, _SLICE):
        many = min(_SLICE, people * _EVENTS - first)
        await client.command(
            "INSERT INTO events (seq, time, tie, profile_id, name, type, session_id, day, minute, received,"
            " message_id, properties, context) SELECT number + 1 AS seq,"
            f" {NOW} - toInt64(intHash64(number) % {90 * DAY}) AS time, toInt64(intHash32(number)),"
            f" number % {people} + 1, [{names}][1 + intHash32(number + 7) % {len(_NAMES)}], 'track', number,"
            f" intDiv(time, {DAY}), intDiv(time % {DAY}, 60000), time, toString(number),"
            f" CAST(concat({fields}) AS JSON(max_dynamic_paths = 1024)), '{{}}'"
            f" FROM (SELECT number, intHash32(number) AS dice FROM numbers({first}, {many}))"
        )
    await connection.close()


async def _count(events: ClickHouseEvents, rule: str) -> float:
    question = Question(parse(rule).tree, _TREES, _SCHEMA, calendar_of("Europe/Madrid"), NOW)
    query = count_query(question)
    start = perf_counter()
    await events.query(query.sql, query.parameters)
    return perf_counter() - start


async def _many(events: ClickHouseEvents) -> float:
    rules = [_RULES[at % len(_RULES)].format(days=7 + at % 60, number=1 + at % 5) for at in range(200)]
    waiting = iter(rules)

    async def work() -> None:
        for rule in waiting:
            await _count(events, rule)

    start = perf_counter()
    await asyncio.gather(work(), work())
    return perf_counter() - start


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def _met(good: bool) -> str:
    return "met   " if good else "MISSED"

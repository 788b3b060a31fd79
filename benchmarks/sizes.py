"""An hourly count of 200 segments, one after another, twice: the second finds who moved. And what their days take.

A fifth of a million people unless BENCH_PEOPLE says otherwise; the budget is a tenth of an hour for a million.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.counts import _RULES, _SCHEMA, NOW, _fill, _met
from lenticular.app.segment_sizes import Counting, keep_members
from lenticular.criteria.calendar import DAY, calendar_of
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql_sizes import days_query
from lenticular.criteria.text import parse
from lenticular.stores.clickhouse.connection import Connection
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild

_SEGMENTS = 200
_BUDGET, _FULL = 360.0, 1_000_000
"""Seconds at full size."""


def main() -> None:
    """Print the figures."""
    people = int(os.environ.get("BENCH_PEOPLE", _FULL // 5))
    with TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder), people))


async def _run(folder: Path, people: int) -> None:
    child = ClickHouseChild(folder)
    await child.start()
    events = ClickHouseEvents(child, "bench")
    await events.open()
    try:
        await _fill(Connection(child, "bench"), people)
        rules = {f"s{at}": _rule(at) for at in range(_SEGMENTS)} | {"payers": 'count("Order Completed") >= 2'}
        trees = {key: parse(rule).tree for key, rule in rules.items()}
        segments = Segments(trees, _SCHEMA, calendar_of("Europe/Madrid"))
        for day in (1, 0):
            start, worked = perf_counter(), _worked(child.pid or 0)
            by = Counting(segments, NOW - day * DAY, merged=False)
            counts = [await keep_members(events, by, key) for key in segments.trees]
            seconds, worked = perf_counter() - start, _worked(child.pid or 0) - worked
            moved, largest = sum(one.joined + one.left for one in counts), max(one.size for one in counts)
            budget = _BUDGET * people / _FULL
            print(f"{_met(seconds <= budget)} {len(counts)} segments over {people:,} people: {seconds:.1f} s", end="")
            print(f" (budget {budget:.0f} s; {worked:.0f} s of work), {moved:,} moves; the largest has {largest:,}")
        start = perf_counter()
        for key in list(segments.trees)[:20]:
            query = days_query(key, 0, 1 << 20, True)
            await events.query(query.sql, query.parameters)
        print(f"days of one segment: {(perf_counter() - start) / 20 * 1000:.0f} ms")
        [[size]] = await events.query(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'segment_members'", {}
        )
        print(f"kept: {size / len(trees) / 2 / 1024:,.1f} KB a count")
    finally:
        await events.close()
        await child.stop()


def _worked(pid: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rule(at: int) -> str:
    return _RULES[at % len(_RULES)].format(days=7 + at % 60, number=1 + at % 5)

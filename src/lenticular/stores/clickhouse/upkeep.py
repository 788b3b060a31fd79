"""Let go of what is old in the tables of one site: whole partitions, so that nothing is rewritten that stays."""

from __future__ import annotations

from collections.abc import Callable

from lenticular.stores.clickhouse.parts import ClickHouseParts
from lenticular.stores.clickhouse.values import parameters_of

WEEK = 604_800_000
_SIZES = 2_592_000_000
"""Milliseconds in a partition of segment sizes."""
_PARTITIONS = """SELECT partition_id, sum(rows) FROM system.parts
WHERE database = {database:String} AND table = {table:String} AND active AND rows > 0
GROUP BY partition_id ORDER BY partition_id"""
_LATEST_VISITS = (
    "SELECT profile_id, argMax(session_id, (start, number, version)) FROM sessions FINAL"
    " WHERE start < 4611686018427387904 GROUP BY profile_id"
)
_LAST_COUNTS = "SELECT segment, day, max(at) FROM segment_members GROUP BY segment, day"
_NOW = {"mutations_sync": "1"}


class ClickHouseUpkeep:
    """Every method raises EventsUnavailableError while the child is not running."""

    def __init__(self, parts: ClickHouseParts) -> None:
        self._parts = parts

    async def old_events(self, before: int) -> int:
        """Return how many events `forget_events` would drop."""
        return sum([rows for _, rows in await self._old("events", lambda week: (week + 1) * WEEK <= before)])

    async def forget_events(self, before: int) -> int:
        """Drop the events of all weeks that ended by a moment (ms); return how many that were."""
        return await self._drop("events", lambda week: (week + 1) * WEEK <= before)

    async def forget_visits(self, before: int) -> None:
        """Delete the visits that ended before a moment (ms), but the latest one of each profile."""
        old = f"last < {int(before)} AND (profile_id, session_id) NOT IN ({_LATEST_VISITS})"
        if await self._any("sessions FINAL", old):
            await self._parts.command(f"ALTER TABLE sessions DELETE WHERE {old}", _NOW)

    async def forget_counts(self, before_day: int, before: int) -> int:
        """Drop members of segments from before a day, and sizes from before a moment (ms); return how many rows."""
        members = await self._drop("segment_members", lambda week: (week + 1) * 7 <= before_day)
        return members + await self._drop("segment_sizes", lambda month: (month + 1) * _SIZES <= before)

    async def thin_counts(self, today: int) -> None:
        """Keep of each day before today (its number) the last count of each segment."""
        old = f"day < {int(today)} AND (segment, day, at) NOT IN ({_LAST_COUNTS})"
        weeks = await self._parts.ask(f"SELECT DISTINCT intDiv(day, 7) FROM segment_members WHERE {old}")
        for (week,) in weeks:
            await self._parts.command(f"ALTER TABLE segment_members DELETE IN PARTITION {int(week)} WHERE {old}", _NOW)

    async def _any(self, table: str, test: str) -> bool:
        return bool(await self._parts.ask(f"SELECT 1 FROM {table} WHERE {test} LIMIT 1"))

    async def _drop(self, table: str, is_old: Callable[[int], bool]) -> int:
        """Drop the partitions, named by a number, that are old; return how many rows went."""
        gone = 0
        for partition, rows in await self._old(table, is_old):
            await self._parts.command(f"ALTER TABLE `{table}` DROP PARTITION ID '{partition}'")
            gone += rows
        return gone

    async def _old(self, table: str, is_old: Callable[[int], bool]) -> list[tuple[int, int]]:
        """Return the old partitions of a table, and how many rows each has."""
        asked = parameters_of(_PARTITIONS, {"database": self._parts.database, "table": table})
        found = [(int(name), int(rows)) for name, rows in await self._parts.ask(_PARTITIONS, asked)]
        return [(name, rows) for name, rows in found if is_old(name)]

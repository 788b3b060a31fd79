"""What is asked of the tables of one site to know whether they are whole."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from lenticular.stores.clickhouse.parts import ClickHouseParts
from lenticular.stores.clickhouse.values import parameters_of

_BROKEN = """SELECT table, name, path FROM system.detached_parts
WHERE database = {database:String} AND startsWith(reason, 'broken') ORDER BY table, name"""
_SLICE = """SELECT seq, count() FROM events WHERE seq BETWEEN {first:UInt64} AND {last:UInt64}
GROUP BY seq, profile_id ORDER BY seq"""
_KNOWN = "SELECT DISTINCT message_id FROM events WHERE message_id IN {ids:Array(String)}"
_LOCAL = "SELECT time, day, minute FROM events WHERE seq > {after:UInt64} ORDER BY seq LIMIT 1000"


class Part(msgspec.Struct, frozen=True):
    """A part of a table, and where it lies."""

    table: str
    name: str
    path: Path


class ClickHouseCheck:
    """Looks at the tables of a site. Every method raises EventsUnavailableError while the child is not running."""

    def __init__(self, parts: ClickHouseParts) -> None:
        self._parts = parts

    async def set_aside(self) -> list[Part]:
        """Return the parts that ClickHouse set aside because they are broken."""
        rows = await self._parts.ask(_BROKEN, {"database": self._parts.database})
        return [Part(table, name, Path(path)) for table, name, path in rows]

    async def broken(self) -> list[tuple[str, str]]:
        """Read every part; return table and name of those that are not what was written (CHECK TABLE)."""
        found = []
        for table in await self._parts.names():
            rows = await self._parts.lines(f"CHECK TABLE `{table}` SETTINGS check_query_single_value_result = 0")
            found += [(table, str(row[0])) for row in rows if not row[1]]
        return found

    async def detach(self, table: str, part: str) -> None:
        """Take a broken part out of its table; its files stay in the table's detached folder."""
        await self._parts.command(f"ALTER TABLE `{table}` DETACH PART '{part}'")

    async def slice(self, first: int, last: int) -> tuple[set[int], int]:
        """Return which numbers of a stretch the log has, and how many rows there are more than once."""
        rows = await self._parts.ask(_SLICE, {"first": first, "last": last})
        return {int(seq) for seq, _ in rows}, sum(int(count) - 1 for _, count in rows)

    async def known(self, message_ids: Collection[str]) -> set[str]:
        """Return which messages the log has, under whatever number."""
        rows = await self._parts.ask(_KNOWN, parameters_of(_KNOWN, {"ids": list(message_ids)}) or {})
        return {str(message_id) for (message_id,) in rows}

    async def local(self, after: int) -> list[tuple[int, int, int]]:
        """Return time, local day and minute of a thousand events after a number."""
        rows: list[tuple[Any, ...]] = await self._parts.ask(_LOCAL, {"after": after})
        return [(int(time), int(day), int(minute)) for time, day, minute in rows]

    async def single(self) -> None:
        """Let every event be there once."""
        await self._parts.command("OPTIMIZE TABLE events FINAL DEDUPLICATE BY name, profile_id, time, seq")


def remove(parts: Collection[Part]) -> None:
    """Delete parts that were set aside."""
    for part in parts:
        shutil.rmtree(part.path, ignore_errors=True)

"""The tables of one site as files: frozen for a backup, given back from one, looked at for damage."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from clickhouse_connect.driver.exceptions import Error
from clickhouse_connect.driver.summary import QuerySummary

from lenticular.criteria.tables import EVENTS
from lenticular.errors import LenticularError, Problem
from lenticular.stores.clickhouse.connection import Connection, query_may_pass_later, unavailable
from lenticular.stores.clickhouse.migrate import migrate, newest_step
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from lenticular.stores.clickhouse.values import parameters_of

_TABLES = """SELECT name, toString(uuid) FROM system.tables
WHERE database = {database:String} AND endsWith(engine, 'MergeTree') AND name != 'migrations' ORDER BY name"""

_FILLED = "SELECT DISTINCT table FROM system.parts WHERE database = {database:String} AND active AND rows > 0"

_WEEK = 604_800_000
# What was written before and is lost must not be taken for a retry.
_ONCE = {"insert_deduplicate": "0", "max_insert_threads": "1"}


class Frozen(msgspec.Struct, frozen=True):
    """A table's parts as they were at one moment: the folder that holds them (None: no part), and how many rows."""

    table: str
    folder: Path | None
    rows: int


class ClickHouseParts:
    """What keeps the files of one site's database. `database` is its name, such as `site_aurora`.

    Every method raises EventsUnavailableError while the child is not running.
    """

    def __init__(self, child: ClickHouseChild, database: str) -> None:
        self.child, self.database = child, database
        self._connection = Connection(child, database)
        self._store = child.folder / "store"

    async def close(self) -> None:
        """Let go of the connections."""
        await self._connection.close()

    async def step(self) -> int:
        """Return the newest migration that the tables have seen, 0 for none."""
        return newest_step(await self.ask("SELECT step FROM migrations"))

    async def freeze(self, name: str) -> list[Frozen]:
        """Keep all parts of all tables as they are now, by hard links: milliseconds, whatever their size.

        They stay until `thaw`. While nothing is inserted, all tables are frozen at the same position. `name` is of
        letters and digits: ClickHouse would write others differently.
        """
        tables = await self._tables()
        filled = {str(table) for (table,) in await self.ask(_FILLED, {"database": self.database})}
        for table in tables:
            await self.command(f"ALTER TABLE `{table}` FREEZE WITH NAME '{name}'")
        found = [_frozen(table, self._shadow(name) / "store" / uuid[:3] / uuid) for table, uuid in tables.items()]
        if any(each.table in filled and not each.rows for each in found):
            raise LenticularError(Problem("events.frozen", "The events store's files are not where they belong."))
        return found

    def thaw(self, name: str) -> None:
        """Let go of what was frozen under a name."""
        shutil.rmtree(self._shadow(name), ignore_errors=True)

    async def create(self, step: int | None) -> None:
        """Create the tables as they were after a step of the migrations (None: all); opening the site does the rest."""
        client = await self._connection.client()
        try:
            await migrate(client, self._connection.database, step)
        except (Error, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise unavailable(error) from error

    async def detached(self, table: str) -> Path:
        """Return the folder from which `attach` takes the parts of a table. Raises LenticularError if it has none."""
        uuid = (await self._tables()).get(table)
        if uuid is None:
            hint = "It comes from another version: restore it with that one, then upgrade."
            raise LenticularError(Problem("backup.table", f"There is no table {table!r} here.", hint=hint))
        return self._store / "store" / uuid[:3] / uuid / "detached"

    async def attach(self, table: str, part: str) -> None:
        """Take a part that lies in the table's detached folder into the table."""
        await self.command(f"ALTER TABLE `{table}` ATTACH PART '{part}'")

    async def drop(self) -> None:
        """Drop the whole database."""
        client = await self._connection.client()
        try:
            await client.command(f"DROP DATABASE IF EXISTS `{self.database}` SYNC", use_database=False)
        except (Error, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _told(error) from error

    async def take_missing(self, other: str) -> int:
        """Copy what this database lacks of another one with the same tables; return how many events that were.

        Events are told apart by `seq` and `profile_id`, week by week; rows of the other tables replace each other.
        """
        copied = 0
        for table in await self._tables():
            if table != EVENTS:
                await self.command(f"INSERT INTO `{table}` SELECT * FROM `{other}`.`{table}`", _ONCE)
        weeks = await self.ask(f"SELECT DISTINCT intDiv(time, {_WEEK}) FROM `{other}`.events")
        for (week,) in weeks:
            of_week = f"intDiv(time, {_WEEK}) = {int(week)}"
            copied += await self.command(
                f"INSERT INTO events SELECT * FROM `{other}`.events WHERE {of_week}"
                f" AND (seq, profile_id) NOT IN (SELECT seq, profile_id FROM events WHERE {of_week})",
                _ONCE,
            )
        return copied

    async def rows(self, table: str) -> int:
        """Return how many rows a table has."""
        return int((await self.ask(f"SELECT count() FROM `{table}`"))[0][0])

    async def has_any(self, first: int, last: int, message_ids: list[str]) -> bool:
        """Return whether the log has any event of a stretch of numbers, or one of these messages under another."""
        by_number = "SELECT 1 FROM events WHERE seq BETWEEN {first:UInt64} AND {last:UInt64} LIMIT 1"
        if await self.ask(by_number, {"first": first, "last": last}):
            return True
        by_message = "SELECT 1 FROM events WHERE message_id IN {ids:Array(String)} LIMIT 1"
        return bool(await self.ask(by_message, parameters_of(by_message, {"ids": message_ids})))

    async def names(self) -> list[str]:
        """Return the names of the tables."""
        return list(await self._tables())

    def _shadow(self, name: str) -> Path:
        return self._store / "shadow" / name

    async def _tables(self) -> dict[str, str]:
        rows = await self.ask(_TABLES, {"database": self._connection.database})
        return {str(table): str(uuid) for table, uuid in rows}

    async def ask(self, sql: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a question. Raises LenticularError."""
        client = await self._connection.client()
        try:
            return [tuple(row) for row in (await client.query(sql, parameters=parameters)).result_rows]
        except (Error, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _told(error) from error

    async def lines(self, sql: str) -> list[list[Any]]:
        """Return the rows of a statement that is no SELECT. Raises LenticularError."""
        client = await self._connection.client()
        try:
            answer = await client.raw_query(f"{sql} FORMAT JSONCompactEachRow")
        except (Error, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _told(error) from error
        return [msgspec.json.decode(row) for row in answer.splitlines() if row]

    async def command(self, sql: str, settings: dict[str, Any] | None = None) -> int:
        """Run a statement of upkeep; return how many rows it wrote. Raises LenticularError."""
        client = await self._connection.client()
        try:
            told = await client.command(sql, settings=settings)
        except (Error, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _told(error) from error
        return int(told.written_rows) if isinstance(told, QuerySummary) else 0


def _frozen(table: str, folder: Path) -> Frozen:
    parts = [part for part in folder.iterdir() if part.is_dir()] if folder.is_dir() else []
    return Frozen(table, folder if parts else None, sum(int((part / "count.txt").read_text()) for part in parts))


def _told(error: BaseException) -> LenticularError:
    if query_may_pass_later(error):
        return unavailable(error)
    code = error.code if isinstance(error, Error) else None
    return LenticularError(Problem("events.upkeep", f"The events store refuses: error {code}.", "", "See child.log."))

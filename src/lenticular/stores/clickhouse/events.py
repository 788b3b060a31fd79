"""The events port over ClickHouse: one database per site."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp
import msgspec
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import Error

from lenticular.criteria.tables import EVENTS
from lenticular.ports import Batch
from lenticular.stores.clickhouse.connection import (
    Connection,
    insert_may_pass_later,
    query_may_pass_later,
    refused_query,
    refused_rows,
    unavailable,
)
from lenticular.stores.clickhouse.migrate import migrate
from lenticular.stores.clickhouse.missing import missing, settled
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from lenticular.stores.clickhouse.values import parameters_of
from lenticular.stores.streams import INSERT, is_stream

_FAILURES = (Error, aiohttp.ClientError, OSError, TimeoutError)

# Values are typed by us: a JSON number with a point is a Float64, without one an Int64, and a text stays a text
# whatever it looks like.
_AS_WRITTEN = {
    "input_format_try_infer_dates": "0",
    "input_format_try_infer_datetimes": "0",
    "input_format_json_try_infer_numbers_from_strings": "0",
    "input_format_json_try_infer_named_tuples_from_objects": "0",
    "input_format_skip_unknown_fields": "0",
}
# A batch becomes one block, so that it is refused or written as a whole, and cut alike when it is sent again.
_ONE_BLOCK = {
    "async_insert": "0",
    "max_insert_threads": "1",
    "input_format_parallel_parsing": "0",
    "max_insert_block_size": "100000000",
    "min_insert_block_size_rows": "100000000",
    "min_insert_block_size_bytes": "0",
    "max_partitions_per_insert_block": "0",
}

_AS_NUMBERS = {"output_format_json_quote_64bit_integers": "0"}


class ClickHouseEvents:
    """`ports.Events` for one site. `database` is its name, such as `site_aurora`."""

    def __init__(self, child: ClickHouseChild, database: str) -> None:
        self._connection = Connection(child, database)
        self._writing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        # By table: the life of the child in which something was sent last, and the highest number that was.
        self._sent: dict[str, tuple[str, int]] = {}
        self._taken = 0
        self._migrated, self._migrating = "", asyncio.Lock()

    async def open(self) -> None:
        """Create or migrate the site's tables. Raises EventsUnavailableError."""
        await self._ready()

    async def _ready(self) -> AsyncClient:
        """Return a client whose child has the site's tables: it may have begun anew, its folder deleted under it."""
        client = await self._connection.client()
        if self._migrated == self._connection.incarnation:
            return client
        async with self._migrating:
            if self._migrated != self._connection.incarnation:
                try:
                    await migrate(client, self._connection.database)
                except _FAILURES as error:
                    raise unavailable(error) from error
                self._migrated = self._connection.incarnation
        return client

    async def close(self) -> None:
        """Let go of the connections; the child runs on."""
        await self._connection.close()

    async def insert(self, batch: Batch) -> None:
        """Write a batch durably, exactly once; one at a time per table.

        Its token counts once within the life of one child; the first batch of each life, and one that overlaps what
        was sent before, is compared with what is there (see missing.py). In the other tables, whose rows replace
        each other by version, a batch may then come twice.
        Raises EventsUnavailableError when it should be tried again, and LenticularError when a row is refused:
        nothing of the batch is written then.
        """
        await self._insert(batch, False)

    async def insert_missing(self, batch: Batch) -> None:
        """Write what the table lacks of a batch that may be there in parts; of tables other than `events`, all of it.

        Raises what `insert` raises.
        """
        await self._insert(batch, True)

    async def _insert(self, batch: Batch, doubtful: bool) -> None:
        async with self._writing[batch.table]:
            client = await self._ready()
            incarnation = self._connection.incarnation
            known, newest = self._sent.get(batch.table, ("", 0))
            token = f"{batch.token}@{incarnation}"
            try:
                if batch.table == EVENTS and (doubtful or known != incarnation or batch.first <= newest):
                    await self._write_missing(client, batch, token)
                elif doubtful:
                    self._taken += 1
                    await _write(client, batch.table, batch.lines, f"{token}!{self._taken}")
                else:
                    self._sent[batch.table] = (incarnation, max(batch.last, newest))
                    await _write(client, batch.table, batch.lines, token)
                if not doubtful:
                    self._sent[batch.table] = (incarnation, max(batch.last, newest))
            except msgspec.DecodeError as error:
                raise refused_rows(error, batch.token) from error
            except _FAILURES as error:
                if insert_may_pass_later(error):
                    raise unavailable(error) from error
                raise refused_rows(error, batch.token) from error

    async def _write_missing(self, client: AsyncClient, batch: Batch, token: str) -> None:
        """Write the rows of a batch that are not there, and see that they are: a token may be taken without rows."""
        await settled(client, token)
        lines = await missing(client, batch)
        if not lines:
            return
        await _write(client, batch.table, lines, token)
        lines = await missing(client, batch)
        if lines:
            self._taken += 1
            await _write(client, batch.table, lines, f"{token}~{self._taken}")

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT whose values are bound as `{name:Type}`.

        A value may be a text, a finite float, an integer of 64 bits, a bool (as 0 or 1), or a list of these.
        Raises EventsUnavailableError, and LenticularError for what ClickHouse refuses or gives up.
        """
        bound = parameters_of(sql, parameters)
        client = await self._ready()
        try:
            result = await client.query(sql, parameters=bound)
            return [tuple(row) for row in result.result_rows]
        except _FAILURES as error:
            if query_may_pass_later(error):
                raise unavailable(error) from error
            raise refused_query(error) from error

    async def write(self, sql: str, parameters: Mapping[str, Any]) -> None:
        """Run an INSERT … SELECT whose values are bound as `{name:Type}`. Raises what `query` raises."""
        bound = parameters_of(sql, parameters)
        client = await self._ready()
        try:
            await client.raw_query(sql, parameters=bound)
        except _FAILURES as error:
            if query_may_pass_later(error):
                raise unavailable(error) from error
            raise refused_query(error) from error

    async def lines(self, sql: str, parameters: Mapping[str, Any]) -> AsyncGenerator[bytes]:
        """Yield the rows of a SELECT as JSON lists, a line each, cut anywhere: nothing of them is read here.

        Raises what `query` raises.
        """
        bound = parameters_of(sql, parameters)
        client = await self._ready()
        try:
            stream = await client.raw_stream(sql, bound, settings=_AS_NUMBERS, fmt="JSONCompactEachRow")
            async with stream:
                async for piece in stream:
                    yield bytes(piece)
        except _FAILURES as error:
            if query_may_pass_later(error):
                raise unavailable(error) from error
            raise refused_query(error) from error


async def _write(client: AsyncClient, table: str, lines: bytes, token: str) -> None:
    settings = {**_AS_WRITTEN, **_ONE_BLOCK, "insert_deduplication_token": token}
    if is_stream(lines):
        await client.raw_insert(insert_block=INSERT + lines, settings=settings)
    else:
        await client.raw_insert(f"`{table}`", insert_block=lines, fmt="JSONEachRow", settings=settings)

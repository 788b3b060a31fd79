"""Which rows of a batch are not in the log yet, asked when a crash may have come between the batch and its token.

ClickHouse writes a batch's token to the deduplication log of a table *before* it renames the new part into place. A
process that dies in between leaves a token without rows, and the same token sent again inserts nothing: the batch
would be lost. So the first batch of `events` after each start of the child, and each one that is sent again, is
compared with what is there, and goes out under a token that no earlier process has seen.
"""

from __future__ import annotations

import asyncio

import msgspec
from clickhouse_connect.driver.asyncclient import AsyncClient

from lenticular.ports import Batch
from lenticular.stores.streams import is_stream, lines_in


class _Key(msgspec.Struct, frozen=True):
    seq: int
    profile_id: int


_KEYS = msgspec.json.Decoder(_Key, strict=False)
_PRESENT = """SELECT seq, profile_id FROM events
WHERE seq BETWEEN {first:UInt64} AND {last:UInt64}"""


_RUNNING = """SELECT count() FROM system.processes
WHERE startsWith(Settings['insert_deduplication_token'], {token:String})"""
_PATIENCE = 60.0


async def settled(client: AsyncClient, token: str) -> None:
    """Return when no insert with this token runs any more: one whose sender gave up may be on its way still.

    Raises TimeoutError after a minute.
    """
    async with asyncio.timeout(_PATIENCE):
        while (await client.query(_RUNNING, parameters={"token": token})).result_rows[0][0]:
            await asyncio.sleep(0.05)


async def missing(client: AsyncClient, batch: Batch) -> bytes:
    """Return the lines of an `events` batch that the table lacks; rows are told apart by `seq` and `profile_id`.

    Raises msgspec.DecodeError for a line without these two.
    """
    text = await asyncio.to_thread(lines_in, batch.lines) if is_stream(batch.lines) else batch.lines
    lines = [line for line in text.splitlines() if line.strip()]
    keys = await asyncio.to_thread(_keys, lines)
    if not keys:
        return b""
    seqs = [seq for seq, _ in keys]
    result = await client.query(_PRESENT, parameters={"first": min(seqs), "last": max(seqs)})
    present = {(int(row[0]), int(row[1])) for row in result.result_rows}
    if not present:
        return batch.lines
    return b"\n".join(line for line, key in zip(lines, keys, strict=True) if key not in present)


def _keys(lines: list[bytes]) -> list[tuple[int, int]]:
    return [(key.seq, key.profile_id) for key in map(_KEYS.decode, lines)]

"""Rows that were refused: sent again once their table takes them, each once; or dropped."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lenticular.app.quarantine import Retried, drop, retry
from lenticular.errors import LenticularError
from lenticular.ports import Batch
from lenticular.profiles.fold import FoldResult
from tests.app.saved_world import opened_shop
from tests.stores.clickhouse.rows import event_row


async def test_a_row_is_taken_once_its_table_fits(tmp_path: Path) -> None:
    async with opened_shop(tmp_path) as (_, site):
        rows = [msgspec.json.encode(event_row(seq)) for seq in (1, 2, 3, 4)]
        rows[1] = msgspec.json.encode(event_row(2, extra="x"))
        rows[3] = msgspec.json.encode(event_row(4, time="noon"))
        sessions = [b'{"profile_id": 1, "session_id": 2, "version": "none"}']
        site.stores.profiles.commit(FoldResult(4, [], {}, [], {"events": rows, "sessions": sessions}, {}, []))
        await site.flusher.drain()
        ids = [row.token for row in site.stores.profiles.set_aside()]
        assert ids == ["events:1-4/1-1", "events:1-4/3-3", "sessions:1-4/0-0"]
        assert await retry(site) == Retried(0, 3)
        # The table is mended; what was taken meanwhile is not taken twice.
        await site.stores.parts.command("ALTER TABLE events ADD COLUMN extra String")
        assert await retry(site, ids[:1]) == Retried(1, 0)
        assert await retry(site) == Retried(0, 2)
        site.stores.profiles.quarantine(Batch("events", 2, 2, 1, rows[1]), "as if the answer had been lost")
        assert await retry(site, ["events:2-2"]) == Retried(1, 0)
        found = await site.stores.events.query("SELECT seq FROM events ORDER BY seq", {})
        assert found == [(1,), (2,), (3,)]
        with pytest.raises(LenticularError, match="no such row"):
            await drop(site, ["events:9-9"])
        assert (await drop(site, ids[1:2]), await drop(site, []), await drop(site, None)) == (1, 0, 1)
        assert site.stores.profiles.quarantined() == []

"""Streams: rows of files go to the log column by column, and are there as if they had gone line by line."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lenticular.app.flush import Flusher
from lenticular.errors import EventsUnavailableError, LenticularError
from lenticular.profiles.fold import FoldResult
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from lenticular.stores.sqlite.profiles import SqliteProfiles
from lenticular.stores.streams import is_stream, joined, lines_in
from tests.stores.clickhouse.rows import batch_of, event_row, stream_batch_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT = "SELECT count(), countDistinct(seq) FROM events"
NASTY = [
    event_row(1, properties={}, name='Read "it"', message_id="a\nb\n\nc"),
    event_row(2, properties={"t_x": "ñ \u2028 \x01 \\", "b_x": True, "l_x": ["a", 'b"']}),
    event_row(3, properties={"n_x": 1e21, "o_x": [{"t_sku": "é", "n_price": 1.0}]}, tie=2**63 - 1, time=-5, day=-1),
]


async def test_a_stream_says_what_lines_say(events: ClickHouseEvents) -> None:
    batch = stream_batch_of(NASTY)
    assert is_stream(batch.lines)
    assert not is_stream(batch_of(NASTY).lines)
    assert [msgspec.json.decode(line) for line in lines_in(batch.lines).split(b"\n")] == NASTY
    await events.insert(batch)
    other = [{**row, "seq": row["seq"] + 10} for row in NASTY]
    await events.insert(batch_of(other))
    fields = "seq, time, tie, profile_id, name, type, session_id, day, minute, received, message_id"
    rows = await events.query(
        f"SELECT {fields}, toString(properties), toString(context), JSONAllPathsWithTypes(properties) FROM events "
        "ORDER BY seq",
        {},
    )
    assert [(row[0] + 10, *row[1:]) for row in rows[:3]] == rows[3:]


async def test_a_stream_counts_once(events: ClickHouseEvents, child: ClickHouseChild) -> None:
    batch = stream_batch_of(event_row(seq) for seq in range(1, 3001))
    for _ in range(3):
        await events.insert(batch)
    await events.insert(stream_batch_of(event_row(seq) for seq in range(3001, 3003)))
    assert await events.query(COUNT, {}) == [(3002, 3002)]


async def test_what_is_there_in_part_is_completed(events: ClickHouseEvents) -> None:
    await events.insert(batch_of(event_row(seq) for seq in range(1, 51)))
    await events.insert(stream_batch_of((event_row(seq) for seq in range(26, 101)), first=26))
    assert await events.query(COUNT, {}) == [(100, 100)]


async def test_a_refused_row_is_set_aside_and_the_others_are_there(events: ClickHouseEvents, tmp_path: Path) -> None:
    bad = stream_batch_of(event_row(seq, properties={"n_x": 0.5}) for seq in range(1, 41))
    one = bad.lines[: bad.lines.rindex(b"0.5")] + b"0x5" + bad.lines[bad.lines.rindex(b"0.5") + 3 :]
    with pytest.raises(LenticularError) as caught:
        await events.insert(msgspec.structs.replace(bad, lines=one))
    assert not isinstance(caught.value, EventsUnavailableError)
    assert await events.query(COUNT, {}) == [(0, 0)]
    store = SqliteProfiles(tmp_path)
    store.commit(FoldResult(40, [], {}, [], {}, {}, [], text={"events": (40, one)}))
    flusher = Flusher(store, events)
    await flusher.drain()
    await flusher.close()
    assert await events.query(COUNT, {}) == [(39, 39)]
    [(table, line, _)] = store.quarantined()
    assert (table, line.count(b"0x5")) == ("events", 1)
    store.close()


async def test_lines_and_streams_are_batches_of_their_own(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    few = [stream_batch_of([event_row(seq)]).lines for seq in (1, 2, 4)]
    store.commit(FoldResult(1, [], {}, [], {}, {}, [], text={"events": (1, few[0])}))
    store.commit(FoldResult(2, [], {}, [], {}, {}, [], text={"events": (1, few[1])}))
    store.commit(FoldResult(3, [], {}, [], {"events": [b"three"]}, {}, []))
    store.commit(FoldResult(4, [], {}, [], {}, {}, [], text={"events": (1, few[2])}))
    found = []
    while batches := store.cut(100):
        found += batches
        store.done(batches[0])
    assert [(batch.first, batch.last, batch.rows) for batch in found] == [(1, 2, 2), (3, 3, 1), (4, 4, 1)]
    assert found[0].lines == joined(few[:2])
    assert [msgspec.json.decode(line)["seq"] for line in lines_in(found[0].lines).split(b"\n")] == [1, 2]
    assert store.waiting() == 0
    store.close()

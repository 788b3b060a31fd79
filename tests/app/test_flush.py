"""Flushing: everything once, whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lenticular.app import flush
from lenticular.app.flush import Flusher
from lenticular.errors import EventsUnavailableError
from lenticular.profiles.fold import FoldResult
from lenticular.stores.sqlite.profiles import SqliteProfiles
from tests.app.recording import RecordingEvents


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteProfiles]:
    store = SqliteProfiles(tmp_path)
    yield store
    store.close()


@pytest.fixture
def events() -> RecordingEvents:
    return RecordingEvents()


@pytest.fixture
async def flusher(store: SqliteProfiles, events: RecordingEvents) -> AsyncIterator[Flusher]:
    flusher = Flusher(store, events, interval=0.02)
    yield flusher
    await flusher.close()


def add(store: SqliteProfiles, upto: int, **rows: list[bytes]) -> None:
    store.commit(FoldResult(upto, [], {}, [], dict(rows), {}, []))


async def until_sent(store: SqliteProfiles) -> None:
    async with asyncio.timeout(10):
        while store.waiting():
            await asyncio.sleep(0.005)


async def test_rows_are_sent_by_and_by(store: SqliteProfiles, events: RecordingEvents, flusher: Flusher) -> None:
    add(store, 2, events=[b"1", b"2"], profiles=[b"p"])
    await flusher.open()
    await until_sent(store)
    add(store, 3, events=[b"3"])
    await until_sent(store)
    assert events.rows == {"events": [b"1", b"2", b"3"], "profiles": [b"p"]}
    assert events.tokens == ["events:1-2", "profiles:1-2", "events:3-3"]


async def test_an_outage_delays_and_loses_nothing(
    store: SqliteProfiles, events: RecordingEvents, flusher: Flusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, "_BACK_OFF", (0.01,))
    events.unavailable, events.lose_answers = 3, 2
    add(store, 2, events=[b"1", b"2"])
    await flusher.open()
    await until_sent(store)
    assert events.tries == ["events:1-2"] * 6
    assert events.rows == {"events": [b"1", b"2"]}


async def test_a_crash_between_sending_and_forgetting_doubles_nothing(tmp_path: Path, events: RecordingEvents) -> None:
    store = SqliteProfiles(tmp_path)
    add(store, 2, events=[b"1", b"2"])
    await events.insert(store.cut(100)[0])
    store.close()
    store = SqliteProfiles(tmp_path)
    add(store, 3, events=[b"3"])
    flusher = Flusher(store, events)
    await flusher.drain()
    assert events.rows == {"events": [b"1", b"2", b"3"]}
    await flusher.close()
    store.close()


async def test_a_refused_row_is_set_aside_and_the_others_arrive_once(
    store: SqliteProfiles, events: RecordingEvents, flusher: Flusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, "_BACK_OFF", (0.01,))
    rows = [b"%d" % at for at in range(100)]
    rows[17], rows[63] = b"\xff17", b"\xff63"
    add(store, 100, events=rows)
    events.lose_answers = 4
    await flusher.drain()
    assert sorted(events.rows["events"], key=int) == [row for row in rows if events.bad not in row]
    assert [(name, line) for name, line, _ in store.quarantined()] == [("events", b"\xff17"), ("events", b"\xff63")]
    assert "does not fit" in store.quarantined()[0][2]
    assert store.waiting() == 0


async def test_a_table_that_fits_nothing_waits_instead_of_setting_all_aside(
    store: SqliteProfiles, events: RecordingEvents, flusher: Flusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, "_BACK_OFF", (0.01,))
    add(store, 1, events=[b"\xff%d" % at for at in range(300)])
    await flusher.open()
    async with asyncio.timeout(10):
        while flusher.failures < 2:
            await asyncio.sleep(0.005)
    assert store.waiting() == 300
    events.bad = b"nothing"
    await until_sent(store)
    assert len(events.rows["events"]) == 300


async def test_drain_gives_up_when_nobody_answers(
    store: SqliteProfiles, events: RecordingEvents, flusher: Flusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, "_BACK_OFF", (0.01,))
    events.unavailable = 10**9
    add(store, 1, events=[b"1"])
    with pytest.raises(EventsUnavailableError):
        await flusher.drain(patience=0.05)
    assert store.waiting() == 1


async def test_a_full_batch_does_not_wait_for_its_time(store: SqliteProfiles, events: RecordingEvents) -> None:
    flusher = Flusher(store, events, interval=3600)
    await flusher.open()
    await asyncio.sleep(0)
    add(store, 1, events=[b"1"] * (flush.MAX_ROWS + 1))
    flusher.poke()
    await until_sent(store)
    await flusher.close()

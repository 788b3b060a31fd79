"""Exports: page by page, everything once, as of one moment, and no longer than someone listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

import lenticular.app.export as exporting
from lenticular.app.export import Asked, What, export
from lenticular.app.open import Installation
from lenticular.app.site import LiveSite
from lenticular.catalog.site import Site
from lenticular.profiles.event import Event
from tests.running import MONDAY, TOKEN, running

_WEEK = 604_800_000
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Installation, str]]:
    async with running(tmp_path_factory.mktemp("export")) as found:
        yield found


def _event(at: int, time: int, **fields: Any) -> Event:
    values = {"user_id": f"u{at % 30}", "name": "Seen", "properties": {"n_at": float(at)}, **fields}
    return Event(type="track", message_id=f"m{at}", time=time, received=MONDAY, imported=True, **values)


async def _site(opened: tuple[Installation, str], key: str, events: list[Event]) -> LiveSite:
    site = await opened[0].ensure(Site(key=key, timezone="Europe/Madrid", write_key=key))
    await site.accept(events)
    return site


async def _all(site: LiveSite, asked: Asked) -> list[dict[str, Any]]:
    return [row async for page in (await export(site, asked)).pages for row in page]


async def test_every_event_once_also_of_one_millisecond_and_of_many_weeks(
    opened: tuple[Installation, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 7)
    times = [*([MONDAY - 5] * 60), *(MONDAY - at * _WEEK // 3 for at in range(50)), -5, -_WEEK, 0, -_WEEK - 1]
    site = await _site(opened, "weeks", [_event(at, time) for at, time in enumerate(times)])
    rows = await _all(site, Asked("events"))
    assert sorted(row["at"] for row in rows) == list(range(len(times)))
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)
    part = await _all(site, Asked("events", start=MONDAY - 5, end=MONDAY))
    assert len(part) == 60
    assert len(await _all(site, Asked("events", start=MONDAY - 4, end=MONDAY))) == 0


@pytest.mark.parametrize("what", ["events", "people", "organizations"])
async def test_what_comes_meanwhile_is_left_out(
    opened: tuple[Installation, str], monkeypatch: pytest.MonkeyPatch, what: What
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 10)
    before = [_event(at, MONDAY - 1000 + at, user_id=f"u{at}") for at in range(35)]
    before += [
        Event(type="group", message_id=f"g{at}", time=MONDAY, received=MONDAY, group_id=f"o{at:02}") for at in range(35)
    ]
    site = await _site(opened, f"meanwhile-{what}", before)
    pages = (await export(site, Asked(what))).pages
    rows = list(await anext(pages))
    await site.accept([_event(1000 + at, MONDAY - 1000 + at, user_id=f"v{at}") for at in range(35)])
    await site.settle()
    rows += [row async for page in pages for row in page]
    assert len(rows) == 35
    assert len({str(row) for row in rows}) == 35


async def test_who_was_merged_is_one(opened: tuple[Installation, str]) -> None:
    joined = Event(type="identify", message_id="i", time=MONDAY, received=MONDAY, user_id="ana", anonymous_id="a1")
    events = [_event(1, MONDAY - 9, user_id="", anonymous_id="a1"), _event(2, MONDAY - 8, user_id="ana"), joined]
    site = await _site(opened, "merged", events)
    rows = await _all(site, Asked("events"))
    assert [(row["userId"], row["anonymousId"]) for row in rows] == [("ana", "a1")] * 2
    assert [row["userId"] for row in await _all(site, Asked("people"))] == ["ana"]


async def test_who_hangs_up_stops_the_export(opened: tuple[Installation, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 5)
    text = "x" * 30_000
    site = await _site(opened, "long", [_event(at, MONDAY - at, properties={"t_x": text}) for at in range(1_000)])
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with (
        httpx.AsyncClient(base_url=opened[1], headers=headers, timeout=60) as client,
        client.stream("GET", "/api/sites/long/export/events", params={"format": "jsonl"}) as answer,
    ):
        assert answer.status_code == 200
        assert await anext(answer.aiter_raw())
        assert site.exporting == 1
    async with asyncio.timeout(60):
        while site.exporting:
            await asyncio.sleep(0.02)

"""Segment's wire over real HTTP: every form that its libraries send, and every refusal."""

from __future__ import annotations

import asyncio
import base64
import gzip
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import segment.analytics.request
from segment.analytics.client import Client

from lenticular.profiles.event import Event
from lenticular.settings import OFF
from lenticular.web.collect import MAX_BATCH, MAX_EVENT, SiteDoor, collect_app
from lenticular.web.sender import sender_reader
from tests.app.test_collect import Site, opened
from tests.profiles.worlds import NOON
from tests.web.serving import serving

TRACK: dict[str, Any] = {"type": "track", "event": "Seen", "anonymousId": "a", "messageId": "m1"}


class Door:
    """A site with a public and a secret key behind a real server."""

    def __init__(self, site: Site, url: str, http: httpx.AsyncClient) -> None:
        self.site, self.url, self.http = site, url, http

    async def post(self, path: str, content: Any, **options: Any) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return await self.http.post(f"{self.url}{path}", content=body, **options)

    def events(self) -> list[Event]:
        return [event for _, event in self.site.journal.read(0, 10_000)]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(tmp_path) as site, httpx.AsyncClient() as http:
        ids = (f"made{at}" for at in itertools.count())
        doors = {
            key: SiteDoor(site.collector, lambda: NOON, lambda: next(ids), trusted=key == "secret")
            for key in ("public", "secret")
        }
        async with serving(collect_app(doors.get, sender_reader(OFF, None))) as url:
            yield Door(site, url, http)


def basic(text: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    ("path", "message", "kind"),
    [
        ("/v1/track", TRACK, "track"),
        ("/v1/t", TRACK, "track"),
        ("/v1/identify", {"userId": "u", "traits": {"plan": "x"}}, "identify"),
        ("/v1/i", {"userId": "u"}, "identify"),
        ("/v1/page", {"anonymousId": "a"}, "page"),
        ("/v1/p", {"anonymousId": "a"}, "page"),
        ("/v1/screen", {"anonymousId": "a"}, "screen"),
        ("/v1/s", {"anonymousId": "a"}, "screen"),
        ("/v1/group", {"userId": "u", "groupId": "g"}, "group"),
        ("/v1/g", {"userId": "u", "groupId": "g"}, "group"),
        ("/v1/alias", {"userId": "u", "previousId": "a"}, "alias"),
        ("/v1/a", {"userId": "u", "previousId": "a"}, "alias"),
        ("/v1/batch", {"batch": [TRACK]}, "track"),
        ("/v1/b", {"batch": [TRACK]}, "track"),
        ("/v1/import", {"batch": [TRACK]}, "track"),
    ],
)
async def test_every_route_accepts(door: Door, path: str, message: dict[str, Any], kind: str) -> None:
    response = await door.post(path, {**message, "writeKey": "public"})
    assert (response.status_code, response.content) == (200, b'{"success": true}')
    assert response.headers["content-type"] == "application/json"
    assert [event.type for event in door.events()] == [kind]


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        (basic("public:"), None),
        (basic("public"), None),
        (basic("public:ignored"), None),
        (basic("unknown:"), "public"),
        ({"authorization": "Bearer public"}, None),
        ({"authorization": "Bearer some.opaque.token"}, "public"),
        ({"authorization": "Basic !!!"}, "public"),
        ({"content-type": "text/plain"}, "public"),
        ({}, "public"),
    ],
)
async def test_every_way_to_show_a_key(door: Door, headers: dict[str, str], key: str | None) -> None:
    response = await door.post("/v1/t", TRACK if key is None else {**TRACK, "writeKey": key}, headers=headers)
    assert response.status_code == 200


async def test_gzip_and_the_batchs_own_context_and_clock(door: Door) -> None:
    batch = {
        "batch": [{**TRACK, "timestamp": NOON - 5000}, {**TRACK, "messageId": "m2", "context": {"locale": "pt"}}],
        "sentAt": NOON - 1000,
        "context": {"timezone": "Europe/Madrid"},
    }
    body = gzip.compress(json.dumps(batch).encode())
    response = await door.post("/v1/batch", body, headers={"content-encoding": "gzip", **basic("public:")})
    assert response.status_code == 200
    first, second = door.events()
    assert (first.time, first.context) == (NOON - 4000, {"t_timezone": "Europe/Madrid"})
    assert (second.time, second.context) == (NOON, {"t_timezone": "Europe/Madrid", "t_language": "pt"})


async def test_a_message_without_an_id_gets_one(door: Door) -> None:
    await door.post("/v1/t", {"event": "Seen", "anonymousId": "a", "writeKey": "public"})
    assert door.events()[0].message_id == "made0"


@pytest.mark.parametrize(("key", "trusted"), [("public", False), ("secret", True)])
async def test_only_a_secret_key_imports_and_is_trusted(door: Door, key: str, trusted: bool) -> None:
    await door.post("/v1/import", {"batch": [{**TRACK, "timestamp": NOON + 5000}], "writeKey": key})
    event = door.events()[0]
    assert (event.trusted, event.imported) == (trusted, trusted)
    assert event.time == (NOON + 5000 if trusted else NOON)


def _large(size: int) -> dict[str, Any]:
    return {**TRACK, "properties": {"x": "y" * size}}


@pytest.mark.parametrize(
    ("path", "content", "status", "code", "says"),
    [
        ("/v1/t", TRACK, 401, "bad_key", "no write key"),
        ("/v1/t", {**TRACK, "writeKey": "nope"}, 401, "bad_key", "unknown"),
        ("/v1/t", b"{", 400, "bad_json", "not JSON"),
        ("/v1/t", b"", 400, "bad_json", "not JSON"),
        ("/v1/t", b"[]", 400, "bad_message", "object"),
        ("/v1/t", b'{"writeKey": "public", "event": "\xff"}', 400, "", "utf-8"),
        ("/v1/t", b"[" * 5000, 400, "", ""),
        ("/v1/t", {"writeKey": "public", "event": "Seen"}, 400, "no_id", "userId"),
        ("/v1/t", {**TRACK, "writeKey": 5}, 400, "bad_message", "writeKey"),
        ("/v1/t", {**_large(MAX_EVENT), "writeKey": "public"}, 400, "too_large", "32 KB"),
        ("/v1/b", {"writeKey": "public"}, 400, "bad_message", "batch"),
        ("/v1/b", {"writeKey": "public", "batch": {}}, 400, "bad_message", "batch"),
        ("/v1/b", {"writeKey": "public", "batch": [TRACK, 5]}, 400, "bad_message", "batch[1]"),
        ("/v1/b", {"writeKey": "public", "batch": [TRACK], "sentAt": "x"}, 400, "bad_time", "sentAt"),
        ("/v1/b", {"writeKey": "public", "batch": [_large(MAX_EVENT)]}, 400, "too_large", "batch[0]"),
        ("/v1/b", {"writeKey": "public", "batch": [_large(30_000)] * 20}, 400, "too_large", "500 KB"),
        ("/v1/nothing", TRACK, 404, "not_found", "/v1/nothing"),
    ],
)
async def test_refusals(door: Door, path: str, content: Any, status: int, code: str, says: str) -> None:
    response = await door.post(path, content)
    said = response.json()
    assert response.status_code == status
    assert set(said) == {"code", "message"}
    assert said["code"] == code or not code
    assert says in said["message"]
    assert door.events() == []


async def test_one_bad_message_refuses_the_batch_and_teaches_nothing(door: Door) -> None:
    known = dict(door.site.collector.types)
    bad = {**TRACK, "properties": {"price": 5, "note": "a\0b"}}
    batch = [{**TRACK, "properties": {"colour": "red"}}, TRACK, TRACK, bad]
    response = await door.post("/v1/b", {"writeKey": "public", "batch": batch})
    assert response.status_code == 400
    assert response.json()["message"].startswith("batch[3]/properties/note: This text contains a NUL character.")
    assert (door.events(), door.site.collector.types) == ([], known)


async def test_what_one_message_teaches_the_next_one_keeps(door: Door) -> None:
    batch = [{**TRACK, "properties": {"price": 5}}, {**TRACK, "messageId": "m2", "properties": {"price": "7.5"}}]
    await door.post("/v1/b", {"writeKey": "public", "batch": batch})
    assert [event.properties for event in door.events()] == [{"n_price": 5.0}, {"n_price": 7.5}]
    await door.site.collector.drain()
    assert door.site.profiles.properties() == {("event", "price"): "number"}


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"{}", mtime=0)[:-4]])
async def test_gzip_that_is_none_is_refused(door: Door, body: bytes) -> None:
    response = await door.post("/v1/b", body, headers={"content-encoding": "gzip"})
    assert (response.status_code, response.json()["code"]) == (400, "bad_encoding")


async def test_a_gzip_bomb_is_refused_before_it_unpacks(door: Door) -> None:
    bomb = gzip.compress(b" " * 200_000_000, 1)
    assert len(bomb) > MAX_BATCH
    small = gzip.compress(b" " * 20_000_000)
    assert len(small) < MAX_BATCH
    for body in (bomb, small):
        response = await door.post("/v1/b", body, headers={"content-encoding": "gzip"})
        assert (response.status_code, response.json()["code"]) == (400, "too_large")


async def test_an_overloaded_site_says_when_to_come_back(door: Door) -> None:
    door.site.collector._limits = 0, 0
    async with door.site.collector.paused():
        await door.post("/v1/t", {**TRACK, "writeKey": "public"})
        response = await door.post("/v1/t", {**TRACK, "messageId": "m2", "writeKey": "public"})
    assert (response.status_code, response.json()["code"]) == (429, "overloaded")
    assert int(response.headers["retry-after"]) > 0


async def test_a_journal_that_can_not_write_says_so(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.site.journal._database._writer.execute("PRAGMA query_only=1")
    response = await door.post("/v1/t", {**TRACK, "writeKey": "public"})
    assert (response.status_code, response.json()["code"]) == (503, "data_read_only")
    assert int(response.headers["retry-after"]) > 0


async def test_browsers_may_send_from_anywhere(door: Door) -> None:
    origin = {"origin": "https://shop.example"}
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-retry-count"}
    preflight = await door.http.options(f"{door.url}/v1/t", headers={**origin, **asks})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
    for header in ("authorization", "content-type", "x-retry-count"):
        assert header in preflight.headers["access-control-allow-headers"]
    for key in ("public", "nope"):
        response = await door.post("/v1/t", {**TRACK, "writeKey": key}, headers=origin)
        assert response.headers["access-control-allow-origin"] == "https://shop.example"
        assert response.headers["vary"] == "Origin"


async def test_metrics_are_taken_and_dropped(door: Door) -> None:
    response = await door.post("/v1/m", {"series": []}, headers={"content-type": "text/plain"})
    assert (response.status_code, door.events()) == (200, [])


async def test_the_browser_librarys_settings(door: Door) -> None:
    response = await door.http.get(f"{door.url}/v1/projects/public/settings")
    segment_io = response.json()["integrations"]["Segment.io"]
    assert segment_io == {"apiKey": "public", "apiHost": f"{door.url.removeprefix('http://')}/v1", "protocol": "http"}
    assert (await door.http.get(f"{door.url}/v1/projects/nope/settings")).status_code == 404
    assert (await door.http.get(f"{door.url}/v1/track")).status_code == 405


async def test_many_at_once_are_all_on_disk(door: Door) -> None:
    async def one(at: int) -> None:
        batch = [{**TRACK, "messageId": f"m{at}-{each}", "anonymousId": f"a{each}"} for each in range(20)]
        response = await door.post("/v1/b", {"writeKey": "public", "batch": batch})
        assert response.status_code == 200

    await asyncio.gather(*(one(at) for at in range(30)))
    assert len(door.events()) == 600
    await door.site.collector.drain()
    assert sum(each.tallies["Seen"] for each in door.site.profiles.everyone()) == 600


@pytest.mark.parametrize("zipped", [False, True])
async def test_segments_own_python_library(door: Door, zipped: bool) -> None:
    errors: list[Any] = []

    def talk() -> None:
        client = Client("public", host=door.url, gzip=zipped, on_error=lambda *each: errors.append(each), max_retries=0)
        context = {"page": {"url": "https://bank.example/college?utm_campaign=campus", "path": "/college"}}
        client.identify("u1", {"plan": "gold", "age": 21}, anonymous_id="a1")
        client.track("u1", "Order Completed", {"revenue": 12.5, "products": [{"sku": "x"}]}, context=context)
        client.page("u1", "Offers", "Home", {"url": "https://bank.example/"}, context=context)
        client.group("u1", "g1", {"tier": "gold"})
        client.alias("a9", "u1")
        client.flush()
        client.shutdown()
        segment.analytics.request._session.close()

    await asyncio.to_thread(talk)
    assert errors == []
    assert [event.type for event in door.events()] == ["identify", "track", "page", "group", "alias"]
    await door.site.collector.drain()
    profile = door.site.collector.current("a1", "")
    assert profile is not None
    assert (profile.user_id, profile.anonymous_ids) == ("u1", ["a1", "a9"])
    assert profile.traits == {"t_plan": "gold", "n_age": 21.0}
    assert profile.tallies == {"Order Completed": 1, "Page Viewed": 1}
    assert profile.session is not None
    assert profile.session.properties["t_utm_campaign"] == "campus"


async def test_segments_library_is_told_what_is_wrong(door: Door) -> None:
    errors: list[Any] = []

    def talk() -> None:
        client = Client("nope", host=door.url, on_error=lambda error, _: errors.append(error), max_retries=0)
        client.track("u1", "Seen")
        client.flush()
        client.shutdown()
        segment.analytics.request._session.close()

    await asyncio.to_thread(talk)
    assert [(error.status, error.code) for error in errors] == [(401, "bad_key")]
    assert "write key" in errors[0].message

"""Clients that are slow, say nothing, or never end: they are told, closed, and stop nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from lenticular.settings import OFF
from lenticular.web.asgi import ASGI, WHOLE, Receive, Scope, Send, answer
from lenticular.web.collect import SiteDoor, collect_app
from lenticular.web.connection import MAX_HEAD, connections
from lenticular.web.decide import DecideHandler
from lenticular.web.sender import sender_reader
from tests.app.test_collect import Site, opened
from tests.profiles.worlds import NOON
from tests.web.serving import serving
from tests.web.shop import Shop

SHORT = 0.2
PATIENCE = 60
"""Seconds that a busy machine is given."""
MESSAGE = json.dumps({"event": "Seen", "anonymousId": "a", "messageId": "m1", "writeKey": "public"}).encode()


class Line:
    """A connection on which a test says what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answered(self) -> tuple[int, dict[str, str], Any]:
        """Return one answer's status, headers and JSON."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await asyncio.wait_for(self.reader.readexactly(int(headers.get("content-length", 0))), PATIENCE)
        return int(head[0].split()[1]), headers, json.loads(body) if body else None

    async def ended(self) -> bytes:
        """Return what still comes until the server closes the connection; fails if it does not."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE)
        except ConnectionResetError:
            return b""


@asynccontextmanager
async def line(url: str) -> AsyncIterator[Line]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def trickle(to: Line, data: bytes) -> None:
    """Say something byte by byte until nobody listens any more."""
    try:
        for at in range(len(data)):
            await to.say(data[at : at + 1])
            await asyncio.sleep(SHORT / 20)
    except ConnectionError:
        return


@pytest.fixture
async def site(tmp_path: Any) -> AsyncIterator[Site]:
    async with opened(tmp_path) as site:
        yield site


def collect_of(site: Site, seconds: float) -> ASGI:
    door = SiteDoor(site.collector, lambda: NOON, lambda: "made")
    return collect_app({"public": door}.get, sender_reader(OFF), body_seconds=seconds)


def head(path: str, length: int, *more: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "host: x", f"content-length: {length}", *more, "", ""]).encode()


async def nothing_more(to: Line) -> None:
    """Say nothing more."""


Ending = Callable[[Line], Awaitable[None]]


@pytest.mark.parametrize("rest", [nothing_more, lambda to: trickle(to, b" " * 900)], ids=["nothing", "trickle"])
async def test_a_body_that_does_not_end_is_told_so(site: Site, rest: Ending) -> None:
    async with serving(collect_of(site, SHORT), connections(most=10, rest_seconds=SHORT)) as url, line(url) as slow:
        await slow.say(head("/v1/t", 1000) + b"{")
        saying = asyncio.ensure_future(rest(slow))
        status, _, said = await slow.answered()
        assert (status, said["code"]) == (408, "slow_body")
        assert await slow.ended() == b""
        await saying


async def test_a_body_in_parts_is_taken(site: Site) -> None:
    async with serving(collect_of(site, PATIENCE)) as url, line(url) as slow:
        await slow.say(head("/v1/t", len(MESSAGE), "origin: https://shop.example"))
        await trickle(slow, MESSAGE)
        status, headers, said = await slow.answered()
        assert (status, said) == (200, {"success": True})
        assert "connection" not in headers
    assert [event.name for _, event in site.journal.read(0, 10)] == ["Seen"]


async def test_a_question_that_does_not_end_is_told_so(shop: Shop) -> None:
    handler = DecideHandler(shop.installation, sender_reader(OFF), body_seconds=SHORT)
    async with serving(handler, connections(most=10, rest_seconds=SHORT)) as url, line(url) as slow:
        await slow.say(head("/v1/decide", 1000) + b"{")
        status, headers, said = await slow.answered()
        assert (status, said["code"]) == (408, "decide.slow")
        assert headers["access-control-allow-origin"] == "*"
        assert await slow.ended() == b""


@pytest.mark.parametrize(
    ("says", "hears"),
    [
        (b"", b""),
        (b"\r\n", b"408"),
        (b"POST /v1/t HT", b"408"),
        (b"POST /v1/t HTTP/1.1\r\nhost: x\r\nx-one: 1\r\n", b"408"),
    ],
)
async def test_a_request_that_does_not_begin_is_closed(site: Site, says: bytes, hears: bytes) -> None:
    protocol = connections(most=10, head_seconds=SHORT)
    async with serving(collect_of(site, PATIENCE), protocol) as url, line(url) as slow:
        await slow.say(says)
        said = await slow.ended()
        assert said.split(b" ")[1:2] == ([hears] if hears else [])


async def test_a_head_that_trickles_is_closed(site: Site) -> None:
    protocol = connections(most=10, head_seconds=SHORT)
    async with serving(collect_of(site, PATIENCE), protocol) as url, line(url) as slow:
        saying = asyncio.ensure_future(trickle(slow, b"GET /v1/t HTTP/1.1\r\n" + b"x-header: 1\r\n" * 100))
        # Whoever sends on while the connection closes may be reset before the answer is read.
        assert (await slow.ended())[:13] in (b"HTTP/1.1 408 ", b"")
        await saying


async def test_nor_does_a_blank_line_after_an_answer_hold_it(site: Site) -> None:
    protocol = connections(most=10, head_seconds=SHORT)
    async with serving(collect_of(site, PATIENCE), protocol) as url, line(url) as slow:
        await slow.say(head("/v1/t", len(MESSAGE)) + MESSAGE)
        assert (await slow.answered())[0] == 200
        await slow.say(b"\r\n")
        assert (await slow.ended()).startswith(b"HTTP/1.1 408 ")


async def test_what_is_refused_at_once_need_not_be_sent_to_its_end(site: Site) -> None:
    protocol = connections(most=10, rest_seconds=SHORT)
    async with serving(collect_of(site, PATIENCE), protocol) as url:
        async with line(url) as slow:
            await slow.say(head("/v1/nothing", 1_000_000) + b"{")
            assert (await slow.answered())[0] == 404
            assert await slow.ended() == b""
        async with line(url) as kept:
            await kept.say(head("/v1/nothing", 4) + b"{")
            assert (await kept.answered())[0] == 404
            await kept.say(b"   " + head("/v1/t", len(MESSAGE)) + MESSAGE)
            assert (await kept.answered())[0] == 200


async def test_the_end_of_a_long_body_is_no_head(site: Site) -> None:
    """What is refused before it is there may end in one long piece, and the connection lives on."""
    async with serving(collect_of(site, PATIENCE)) as url, line(url) as kept:
        for _ in range(3):
            await kept.say(head("/v1/nothing", 4 * MAX_HEAD) + b"{")
            assert (await kept.answered())[0] == 404
            await kept.say(b" " * (4 * MAX_HEAD - 1))
        await kept.say(head("/v1/t", len(MESSAGE)) + MESSAGE)
        assert (await kept.answered())[0] == 200


async def test_a_head_has_a_limit(site: Site) -> None:
    async with serving(collect_of(site, PATIENCE)) as url, line(url) as endless:
        await endless.say(b"GET /v1/t HTTP/1.1\r\n" + b"x-header: 1\r\n" * (MAX_HEAD // 12))
        status, _, said = await endless.answered()
        assert (status, said["code"]) == (431, "too_large")


async def test_many_that_say_nothing_stop_nobody(site: Site) -> None:
    async with serving(collect_of(site, PATIENCE), connections(most=5)) as url:
        idle = [await asyncio.open_connection("127.0.0.1", urlsplit(url).port) for _ in range(40)]
        for at in range(3):
            async with line(url) as one:
                message = MESSAGE.replace(b"m1", b"m%d" % at)
                await one.say(head("/v1/t", len(message)) + message)
                assert (await one.answered())[0] == 200
        for reader, _ in idle[:30]:
            assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        for _, writer in idle:
            writer.close()


async def test_what_is_being_answered_is_not_closed_for_others() -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await go_on.wait()
        await answer(send, 200, b'"well"', [])

    async with serving(app, connections(most=2)) as url, line(url) as busy:
        await busy.say(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await asked.wait()
        idle = [await asyncio.open_connection("127.0.0.1", urlsplit(url).port) for _ in range(10)]
        for reader, _ in idle[:8]:
            assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        go_on.set()
        assert (await busy.answered())[::2] == (200, "well")
        for _, writer in idle:
            writer.close()


async def test_a_body_that_came_with_its_head_needs_no_clock() -> None:
    whole: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        whole.append(WHOLE in scope)
        while (await receive())["more_body"]:
            pass
        await answer(send, 200, b"1", [])

    async with serving(app) as url, line(url) as one:
        await one.say(head("/", 2) + b"{}")
        await one.answered()
        await one.say(head("/", 2) + b"{")
        while len(whole) < 2:
            await asyncio.sleep(0.001)
        await one.say(b"}")
        await one.answered()
    assert whole == [True, False]

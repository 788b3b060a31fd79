"""HTTP that is none, or lies: an answer below 500 or a closed connection, and the next visitor is served."""

from __future__ import annotations

import asyncio

import pytest

from tests.hostile.test_visitors import RIGHT
from tests.web.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /v1/track HTTP/1.1\r\nHost: x\r\n"
CASES: dict[str, tuple[bytes, set[int]]] = {
    "garbage": (b"\0\1\2garbage\r\n\r\n", {400}),
    "TLS": (b"\x16\x03\x01\x02\0\1\0\1\xfc\x03\x03", {400}),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}),
    "no method": (b"FOO /health/live HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "a path of bytes": (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "a path of dots": (b"GET /v1/../api/sites HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "two slashes": (b"GET //api/sites HTTP/1.1\r\nHost: x\r\n\r\n", {401, 404}),
    "another host's address": (b"GET http://evil.example/api/sites HTTP/1.1\r\nHost: x\r\n\r\n", {401}),
    "a proxy's request": (b"CONNECT evil.example:80 HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405}),
    "a star": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404}),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", {400}),
    "a length and chunks": (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "chunks and a length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", {400}),
    "another transfer encoding": (POST + b"Transfer-Encoding: gzip\r\n\r\n{}", {400}),
    "a hidden transfer encoding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n{}", {400}),
    "a negative length": (POST + b"Content-Length: -2\r\n\r\n{}", {400}),
    "a length of words": (POST + b"Content-Length: two\r\n\r\n{}", {400}),
    "a length without end": (POST + b"Content-Length: 99999999999999999999\r\n\r\n{}", {400}),
    "a long body": (POST + b"Content-Length: 99999999999\r\n\r\n" + b"x" * 200_000, {400}),
    "too short a length": (POST + b"Content-Length: 1\r\n\r\n{}", {400, 401}),
    "a chunk of nothing": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", {400}),
    "a chunk without end": (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}", {400}),
    "a space in a name": (b"GET /health/live HTTP/1.1\r\nHo st: x\r\n\r\n", {400}),
    "a folded header": (GET + b"A: b\r\n c\r\n\r\n", {400}),
    "NUL in a header": (GET + b"A: \0\r\n\r\n", {400}),
    "lines without CR": (b"GET /health/live HTTP/1.1\nHost: x\n\n", {400}),
    "a token that comes second": (
        b"GET /api/sites HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n"
        b"Authorization: Bearer the token of the tests\r\n\r\n",
        {401, 400},
    ),
    "an address of 70 KB": (b"GET /health/live?" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400, 414, 431}),
    "ten thousand headers": (GET + b"".join(b"a%d: b\r\n" % at for at in range(10_000)) + b"\r\n", {200, 400, 431}),
    "a header of 1 MB": (GET + b"A: " + b"b" * (1 << 20) + b"\r\n\r\n", {200, 400, 431}),
    "an upgrade": (GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", {200, 400, 426}),
}


async def say(url: str, data: bytes) -> bytes:
    """Send bytes, and that no more will come; return what is answered."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(30):
            writer.write(data)
            await writer.drain()
            return await reader.readuntil(b"\r\n")
    except (ConnectionError, asyncio.IncompleteReadError):
        return b""
    finally:
        writer.close()


async def test_what_is_no_request(shop: Shop) -> None:
    for what, (data, statuses) in CASES.items():
        said = await say(shop.url, data)
        assert not said or int(said.split()[1]) in statuses, (what, said)


@pytest.mark.parametrize("offer", [b"Upgrade: h2c", b"upgrade: websocket", b"UPGRADE: TLS/1.0"])
async def test_an_offer_of_another_protocol_loses_no_body(shop: Shop, offer: bytes) -> None:
    body = str({**RIGHT, "context": {"note": "upgrade: x"}}).replace("'", '"').encode()
    head = POST + b"Connection: Upgrade\r\n" + offer + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert (await say(shop.url, head + body)).startswith(b"HTTP/1.1 200"), offer


async def test_what_comes_behind_a_refused_request_is_no_request(shop: Shop) -> None:
    """A second request in the body of one that lies about its length is not answered for another visitor."""
    hidden = b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n"
    for head in (
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
    ):
        said = await say(shop.url, POST + head + hidden)
        assert not said or said.startswith(b"HTTP/1.1 400"), said


async def test_who_goes_away_in_the_middle(shop: Shop) -> None:
    """Of a body, of a head: nothing of it is kept, and nothing waits for it."""
    before = shop.site.stores.journal.last()
    body = str(RIGHT).replace("'", '"').encode()
    for at in range(0, len(body), 20):
        host, _, port = shop.url.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body[:at])
        await writer.drain()
        writer.close()
    await shop.settled()
    assert shop.site.stores.journal.last() == before

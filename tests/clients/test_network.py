"""A bad network between the libraries of servers and the server: what they tell comes once all the same."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from lenticular.web.connection import MAX_HEAD
from tests.clients.client import pings
from tests.clients.home import Home
from tests.clients.libraries import Library, each_library
from tests.clients.network import Network, network
from tests.process import PATIENCE


@each_library
async def test_what_fails_is_told_again_and_counts_once(home: Home, library: Library) -> None:
    kept = home.site(f"again-{library.name.replace('.', '-')}")
    async with network(home.url) as net, library.start(net.url, kept.write_key) as told:
        net.faults = list(library.retried)
        assert await told.tell(pings(0, 10)) == []
        assert [fate for fate in net.fates if fate != "passed"] == list(library.retried)
        _looks_like_the_library(net, library)
        # A restart in between: what is told while nobody listens comes when somebody does.
        home.stop()
        try:
            await told.begin(pings(10, 20))
            await net.until_unreachable()
        finally:
            home.go_on()
        assert await told.done() == []
    kept.settle()
    assert {event.properties["n_n"] for event in kept.events()} == set(range(20))
    assert kept.people('count("Ping") == 20 and distinct("Ping", n) == 20') == 1


def _looks_like_the_library(net: Network, library: Library) -> None:
    assert max(int(post.headers.get("x-retry-count", 0)) for post in net.posts) == library.tried
    for post in net.posts:
        assert post.path == "/v1/batch"
        assert ("authorization" in post.headers) == library.basic
        assert (post.headers.get("content-encoding") == "gzip") == library.zipped


@each_library
async def test_what_is_refused_for_good_is_told_once(home: Home, library: Library) -> None:
    kept = home.site(f"no-{library.name.replace('.', '-')}")
    async with network(home.url) as net:
        async with library.start(net.url, "not-a-key") as told:
            [said] = await told.tell(pings(0, 1))
            assert "401" in said
        async with library.start(net.url, kept.write_key) as told:
            net.faults = [library.given_up]
            [said] = await told.tell(pings(0, 1))
            assert library.given_up in said
        assert net.fates == ["passed", library.given_up]
    assert kept.events() == []


async def test_the_server_that_is_served_has_its_limits(home: Home) -> None:
    address = urlsplit(home.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"GET /v1/t HTTP/1.1\r\n" + b"x-header: 1\r\n" * (MAX_HEAD // 12))
    assert (await asyncio.wait_for(reader.readline(), PATIENCE)).startswith(b"HTTP/1.1 431 ")
    writer.close()

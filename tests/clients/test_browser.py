"""Segment's browser library, unmodified, in real Chromium on a page of another origin."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any

import pytest

from lenticular.profiles.event import Event
from tests.clients.browsing import AGENT, PATH, Shop, shop, tell
from tests.clients.client import needs
from tests.clients.home import Home, bare
from tests.clients.network import network
from tests.clients.story import GROUP, KEPT_GROUP, KEPT_ORDER, KEPT_TRAITS, ORDER, ORDERED, ORDERED_AT, TRAITS
from tests.demo.test_browser import CHROMIUM

pytestmark = [
    needs("node"),
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("LENTICULAR_REQUIRE_CHROMIUM"),
        reason="no Chromium is installed (Debian: apt install chromium)",
    ),
]


def pings(first: int, last: int) -> list[list[Any]]:
    return [["track", "Ping", {"n": n}] for n in range(first, last)]


def batching(**config: Any) -> dict[str, Any]:
    """Return the options that make the library send batches."""
    strategy = {"strategy": "batching", "config": {"size": 10, "timeout": 300, **config}}
    return {"integrations": {"Segment.io": {"deliveryStrategy": strategy}}}


CALLS: list[list[Any]] = [
    ["setAnonymousId", "anon-1"],
    ["identify", "maya", TRAITS],
    [
        "track",
        "Order Completed",
        ORDER,
        {
            "timestamp": {"$date": ORDERED_AT},
            "integrations": {"All": False, "Segment.io": True},
            "context": {"campaign": {"name": "Natal 2026", "source": "app", "medium": "email"}},
        },
    ],
    ["page", "Speisen", "Kaffee", {"depth": 3}],
    ["screen", "Bank", "Konten", {"tab": "alle"}],
    ["group", "acme", GROUP],
    ["alias", "maya", "anon-0"],
    ["track", "Ping"],
]


def _expected(shop: Shop, agent: str, version: str) -> list[Event]:
    path, search = PATH.replace("é", "%C3%A9").split("?")
    url = f"{shop.url}{path}?{search}"
    page = {
        "t_url": url,
        "t_path": path,
        "t_search": f"?{search}",
        "t_title": "Café ☕ – Shop",
        "t_referrer": "https://www.google.com/",
    }
    context = {
        **page,
        "t_user_agent": agent,
        "t_browser": "Chromium",
        "t_browser_version": version,
        "t_os": "Linux",
        "t_device_type": "desktop",
        "t_language": "pt-BR",
        "t_timezone": "America/Sao_Paulo",
        "t_host": "127.0.0.1",
        "t_query~2Eutm_source": "boletim",
        "t_query~2Eutm_campaign": "Natal",
        "t_query~2Eq": "pão",
        "t_utm_source": "boletim",
        "t_utm_campaign": "Natal",
        "t_referrer_host": "www.google.com",
        "t_channel": "other",
    }
    mail = {"t_utm_campaign": "Natal 2026", "t_utm_source": "app", "t_utm_medium": "email", "t_channel": "email"}
    menu = {**page, "n_depth": 3.0, "t_category": "Speisen", "t_name": "Kaffee"}
    tab = {"t_tab": "alle", "t_name": "Konten", "t_category": "Bank"}

    def event(kind: Any, name: str = "", **fields: Any) -> Event:
        return Event(kind, "", 0, 0, "anon-1", "maya", name, **{"context": context, **fields})

    return [
        event("identify", traits=KEPT_TRAITS, removed=("nickname",)),
        event("track", "Order Completed", properties=KEPT_ORDER, context={**context, **mail}),
        event("page", "Page Viewed", properties=menu),
        event("screen", "Screen Viewed", properties=tab),
        event("group", properties=KEPT_GROUP, group_id="acme"),
        event("alias", previous_id="anon-0"),
        event("track", "Ping"),
    ]


@pytest.mark.parametrize("options", [{}, batching(size=7, timeout=60_000)], ids=["one by one", "batches"])
async def test_everything_is_kept_as_it_was_told(home: Home, options: dict[str, Any]) -> None:
    kept = home.site("browser-batches" if options else "browser-single")
    began = time.time_ns() // 1_000_000
    async with shop() as at:
        page = await at.open()
        agent = await page.evaluate("navigator.userAgent")
        await tell(page, home.url, kept.write_key, CALLS, **options)
        events = await kept.arrived(len(CALLS) - 1)
        assert at.wrong == []
    ended = time.time_ns() // 1_000_000
    version = agent.partition("Chrome/")[2].partition(".")[0]
    assert agent == AGENT.format(version)
    for event in events:
        assert event.context.pop("t_ip", "127.0.0.0") == "127.0.0.0"  # where addresses are kept, without their ends
    assert {event.type + event.name: bare(event) for event in events} == {
        event.type + event.name: event for event in _expected(at, agent, version)
    }
    for event in events:
        late = ORDERED if event.name == "Order Completed" else began
        assert late <= event.time <= event.received <= ended
        assert event.time - late <= ended - began
    posts = Counter(url.rpartition("/v1/")[2] for method, url in at.asked if method == "POST")
    assert posts == ({"b": 1} if options else {**dict.fromkeys("ipsga", 1), "t": 2})
    kept.settle()
    profile = kept.profile("user", "maya")
    assert sorted(profile.anonymous_ids) == ["anon-0", "anon-1"]
    assert (profile.traits, profile.organizations) == (KEPT_TRAITS, ["acme"])
    for rule in ("True", 'count("Order Completed", products.any(sku == "x" and price == 1.5)) == 1'):
        assert kept.people(rule) == 1


async def test_what_waits_is_sent_when_the_page_is_left(home: Home) -> None:
    kept = home.site("browser-leaving")
    async with shop() as at:
        page = await at.open()
        await tell(page, home.url, kept.write_key, pings(0, 5), **batching(timeout=600_000))
        assert kept.events() == []
        await page.goto(f"{at.url}/elsewhere")
        events = await kept.arrived(5)
    assert [event.properties["n_n"] for event in events] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("options", [{}, batching()], ids=["one by one", "batches"])
async def test_what_fails_is_told_again_and_counts_once(home: Home, options: dict[str, Any]) -> None:
    kept = home.site("browser-again-batches" if options else "browser-again")
    faults = ["429", "503", "502 bare", "lost"]
    async with network(home.url) as net, shop() as at:
        page = await at.open()
        net.faults = list(faults)
        await tell(page, net.url, kept.write_key, [["setAnonymousId", "a"], *pings(0, 10)], **options)
        await kept.arrived(10)
        assert [fate for fate in net.fates if fate != "passed"] == faults
        assert any(post.headers.get("x-retry-count") for post in net.posts)
        home.stop()
        try:
            await page.evaluate("(calls) => tell(calls)", pings(10, 20))
            await net.until_unreachable()
        finally:
            home.go_on()
        await kept.arrived(20)
    kept.settle()
    assert kept.people('count("Ping") == 20 and distinct("Ping", n) == 20') == 1


async def test_what_could_not_be_sent_comes_with_the_next_page(home: Home) -> None:
    kept = home.site("browser-later")
    async with network(home.url) as net, shop() as at:
        page = await at.open()
        net.faults = ["503"] * 1_000
        await tell(page, net.url, kept.write_key, pings(0, 3))
        assert len(net.posts) >= 3
        await page.goto(f"{at.url}/elsewhere")
        net.faults.clear()
        assert kept.events() == []
        await tell(page, net.url, kept.write_key, [])
        events = await kept.arrived(3)
    assert {event.properties["n_n"] for event in events} == {0, 1, 2}
    kept.settle()
    assert kept.people('count("Ping") == 3') == 1


async def test_a_clock_that_is_wrong_is_put_right(home: Home) -> None:
    kept = home.site("browser-clock")
    began = time.time_ns() // 1_000_000
    async with shop() as at:
        await at.context.add_init_script(
            """{ const Right = Date, off = -400 * 86_400_000;
                 Date = class extends Right {
                   constructor(...parts) { super(...(parts.length ? parts : [Right.now() + off])); }
                   static now() { return Right.now() + off; } }; }"""
        )
        page = await at.open()
        await tell(page, home.url, kept.write_key, pings(0, 3))
        await tell(await at.open(), home.url, kept.write_key, pings(3, 6), **batching())
        events = await kept.arrived(6)
        assert at.wrong == []
    ended = time.time_ns() // 1_000_000
    assert all(began <= event.time <= event.received <= ended for event in events)


async def test_a_beacon_of_the_sites_own_comes_in(home: Home) -> None:
    kept = home.site("browser-beacon")
    async with shop() as at:
        page = await at.open()
        message = {"type": "track", "event": "Left", "anonymousId": "a", "messageId": "m1"}
        sent = await page.evaluate(
            "([url, body]) => navigator.sendBeacon(url, JSON.stringify(body))",
            [f"{home.url}/v1/batch", {"writeKey": kept.write_key, "batch": [message]}],
        )
        assert sent
        with_cookies = """([url, body]) => fetch(url, {method: "POST", credentials: "include", keepalive: true,
            headers: {traceparent: "00-1"}, body: JSON.stringify(body)}).then((answer) => answer.json())"""
        body = {**message, "messageId": "m2", "writeKey": kept.write_key}
        assert await page.evaluate(with_cookies, [f"{home.url}/v1/track", body]) == {"success": True}
        await kept.arrived(2)
        assert at.wrong == []

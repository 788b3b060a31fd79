"""/metrics says what happened, to those who may ask, and names nobody."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from lenticular.web.counts import BOUNDS, Counts, Histogram
from lenticular.web.server import server
from tests.decide.world import SITE
from tests.web.shop import TOKEN, Shop

ABROAD = ("203.0.113.9", 4000)


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Read what Prometheus reads: (name, label values …) to value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def measured(shop: Shop) -> dict[tuple[str, ...], float]:
    answer = await shop.visitor.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return samples(answer.text)


@pytest.mark.asyncio(loop_scope="session")
async def test_what_happens_is_counted(shop: Shop) -> None:
    await shop.settled()
    before = await measured(shop)
    who = shop.someone()
    for _ in range(2):
        await shop.track(who, "Bought", messageId=f"once-{who}", properties={"price": 12})
    await shop.track(who, "Bought", messageId=f"twice-{who}")
    refused = await shop.visitor.post("/v1/track", content=b"{")
    assert refused.status_code == 400
    await shop.visitor.post("/v1/track", json={"event": "x", "anonymousId": who, "writeKey": "wrong"})
    await shop.visitor.post("/v1/decide", json={"site": "nowhere", "page": "/"})
    for _ in range(3):
        await shop.decide(who, page="/", slots=["plain"])
    await shop.settled()
    await shop.site.settle()
    after = await measured(shop)
    key = SITE.key

    def grown(*name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert (
        grown("lenticular_accepted_events_total", key) == 6
    )  # three messages, the visit of the decisions, two exposures
    assert grown("lenticular_duplicate_events_total", key) == 1
    assert grown("lenticular_collect_refused_total", "bad_json") == 1
    assert grown("lenticular_collect_refused_total", "bad_key") == 1
    assert grown("lenticular_decide_refused_total", "site.unknown") == 1
    assert grown("lenticular_decisions_total", "DEFAULT", key) + grown("lenticular_decisions_total", "STATIC", key) == 6
    assert grown("lenticular_decide_seconds_count", key) == grown("lenticular_decide_seconds_bucket", "+Inf", key) == 3
    assert grown("lenticular_profiles", key) == 1
    for name in ("pending_events", "waiting_rows", "journal_lag_seconds", "flush_lag_seconds", "quarantined_rows"):
        assert after[f"lenticular_{name}", key] == 0
    assert after["lenticular_events_store_up",] == after["lenticular_backfill_progress", key] == 1
    assert after["lenticular_events_store_restarts_total",] == 0
    assert not any(who in part for name in after for part in name)
    assert not any(name[0].startswith(("python_", "process_")) for name in after)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("rule", "client", "headers", "status"),
    [
        ("token", ("127.0.0.1", 1), {}, 200),
        ("token", ("::1", 1), {}, 200),
        ("token", ("127.0.0.1", 1), {"x-forwarded-for": "203.0.113.9"}, 404),
        ("token", ABROAD, {}, 404),
        ("token", ABROAD, {"authorization": "Bearer wrong"}, 404),
        ("token", ABROAD, {"authorization": f"Bearer {TOKEN}"}, 200),
        ("open", ABROAD, {}, 200),
        ("off", ("127.0.0.1", 1), {"authorization": f"Bearer {TOKEN}"}, 404),
    ],
)
async def test_who_may_ask(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    rule: Any,
    client: tuple[str, int],
    headers: dict[str, str],
    status: int,
) -> None:
    settings = msgspec.structs.replace(shop.installation.settings, metrics=rule)
    monkeypatch.setattr(shop.installation, "settings", settings)
    transport = httpx.ASGITransport(server(shop.installation, TOKEN), client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        answer = await http.get("/metrics", headers=headers)
        assert answer.status_code == status


def test_a_histogram_puts_a_duration_below_its_bound() -> None:
    histogram = Histogram()
    for seconds in (0.0, BOUNDS[0], BOUNDS[0] + 1e-9, BOUNDS[-1], BOUNDS[-1] + 1):
        histogram.observe(seconds)
    assert histogram.counts[0] == 2 and histogram.counts[1] == 1
    assert histogram.counts[-2:] == [1, 1]
    assert sum(histogram.counts) == 5
    assert Counts().decided == {}

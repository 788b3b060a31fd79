"""A server that is killed at any moment tells everything, and nobody's move twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

from tests.process import ServerProcess, start
from tests.webhooks.receiver import PATIENCE, Receiver, receiving, silence, status

ALLOWED = {"LENTICULAR_WEBHOOK_NETWORKS": "127.0.0.0/8"}
PEOPLE, TIMES = 40, 3


def begin(server: ServerProcess, url: str) -> str:
    """Make a site with a segment and a webhook; return the site's key for events."""
    server.api("PUT", "/api/sites/shop", {})
    for kind, body in (("segments/rich", {"rule": "user.balance > 10"}), ("properties/user.balance", BALANCE)):
        server.api("PUT", f"/api/sites/shop/drafts/{kind}", {"body": body})
    answer = server.http.post(
        "/api/sites/shop/publications", json={"drafts": ["properties/user.balance", "segments/rich"]}
    )
    assert answer.status_code == 201, answer.text
    hook = {"url": url, "events": ["segment.entered", "catalog.published"], "segments": ["rich"]}
    answer = server.http.post("/api/sites/shop/webhooks", json=hook)
    assert answer.status_code == 201, answer.text
    return str(server.api("GET", "/api/sites/shop/catalog")["site"]["writeKey"])


BALANCE = {"scope": "user", "name": "balance", "type": "number"}


async def test_what_was_accepted_is_told_though_the_server_is_killed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with receiving() as receiver:
        receiver.always = silence  # so that something is under way whenever the server is killed
        server = await asyncio.to_thread(start, data, environment=ALLOWED)
        try:
            key = await asyncio.to_thread(begin, server, receiver.url)
            for time in range(TIMES):
                batch = [
                    {"type": "identify", "userId": f"u{time}-{at}", "traits": {"balance": 50}} for at in range(PEOPLE)
                ]
                answer = await asyncio.to_thread(server.post, "/v1/batch", {"batch": batch}, key)
                assert answer.status_code == 200
                if time == 1:
                    published = {"drafts": ["segments/other"]}
                    draft = {"body": {"rule": "True"}}
                    await asyncio.to_thread(server.api, "PUT", "/api/sites/shop/drafts/segments/other", draft)
                    assert server.http.post("/api/sites/shop/publications", json=published).status_code == 201
                await asyncio.sleep(0.4 * time)  # before it is folded, while it is told, while it is sent
                server.kill()
                if time == TIMES - 1:
                    receiver.always = status(200)
                server = await asyncio.to_thread(start, data, environment=ALLOWED)
            await told_all(receiver)
        finally:
            await asyncio.to_thread(server.stop)
    by_id = {one.id: one.body for one in receiver.got}
    assert all(one.body == by_id[one.id] for one in receiver.got), "an id has one body"
    entered = [json.loads(body)["data"]["people"] for body in by_id.values() if b"segment.entered" in body]
    times = Counter(person["userId"] for people in entered for person in people)
    assert times == {f"u{time}-{at}": 1 for time in range(TIMES) for at in range(PEOPLE)}
    assert sum(b'"type":"catalog.published"' in body for body in by_id.values()) == 1


async def told_all(receiver: Receiver) -> None:
    """Return when everybody was told of, and the publication."""
    async with asyncio.timeout(PATIENCE * 2):
        while True:
            people = {
                person["userId"]
                for one in receiver.got
                if one.event == "segment.entered"
                for person in one.json["data"]["people"]
            }
            good = [one for one in receiver.got if one.event == "catalog.published"]
            if len(people) == PEOPLE * TIMES and good:
                return
            await asyncio.sleep(0.05)

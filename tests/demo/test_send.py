"""Sending the traffic: to a real server, and to endpoints that are busy, broken or closed to it."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lenticular.demo.bank import bank_catalog
from lenticular.demo.traffic import Sent, messages, send
from lenticular.errors import LenticularError
from lenticular.web.asgi import ASGI, Receive, Scope, Send
from tests.demo.test_people import MONDAY
from tests.running import running
from tests.web.serving import serving

ANSWERS = dict[int, tuple[int, list[tuple[bytes, bytes]]]]


class Endpoint:
    """Keeps what it answers 200 to; `answers` says which requests (from 0) it answers otherwise."""

    def __init__(self, answers: ANSWERS | None = None) -> None:
        self.answers = answers or {}
        self.requests = itertools.count()
        self.kept: list[str] = []
        self.keys: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, reply: Send) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        status, headers = self.answers.get(next(self.requests), (200, []))
        if status == 200:
            self.kept += [message["messageId"] for message in json.loads(body)["batch"]]
        auth = dict(scope["headers"])[b"authorization"].decode()
        self.keys.add(base64.b64decode(auth.removeprefix("Basic ")).decode())
        await reply({"type": "http.response.start", "status": status, "headers": headers})
        await reply({"type": "http.response.body", "body": b"{}"})


def some() -> Iterator[list[dict[str, object]]]:
    return itertools.islice(messages(MONDAY, 80, seed=3), 12)


def ids() -> list[str]:
    return sorted(str(message["messageId"]) for batch in some() for message in batch)


async def sent_to(app: ASGI) -> tuple[Sent, list[int]]:
    seen: list[int] = []
    async with serving(app) as url:
        return await send(url, "a-key", some(), lambda sent: seen.append(sent.messages)), seen


async def test_everything_arrives_once_and_progress_counts_it() -> None:
    endpoint = Endpoint()
    sent, seen = await sent_to(endpoint)
    assert sorted(endpoint.kept) == ids()
    assert seen == sorted(seen)
    assert seen[-1] == sent.messages == len(ids())
    assert sent.people == sum(one.endswith("-0") for one in ids())
    assert endpoint.keys == {"a-key:"}


async def test_a_busy_or_failing_server_gets_the_batch_again() -> None:
    endpoint = Endpoint({1: (429, [(b"retry-after", b"1")]), 2: (503, []), 5: (500, [])})
    await sent_to(endpoint)
    assert sorted(endpoint.kept) == ids()


async def test_a_refusal_is_an_error_with_the_servers_words() -> None:
    with pytest.raises(LenticularError, match="401"):
        await sent_to(Endpoint(dict.fromkeys(range(3), (401, []))))


async def test_a_real_server_takes_it(tmp_path: Path) -> None:
    site = bank_catalog().site
    async with running(tmp_path, lambda: MONDAY) as (installation, url):
        live = await installation.ensure(site)
        await send(url, site.write_key, messages(MONDAY, 20, seed=3), lambda _: None)
        assert live.collector.current("a00000", "", None) is not None
        with pytest.raises(LenticularError, match="401"):
            await send(url, "another-key", messages(MONDAY, 1, seed=3), lambda _: None)

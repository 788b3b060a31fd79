"""Collect and decide: every field, wrong in every way; bodies of every wrong size and form; forged headers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import httpx
import msgspec
import pytest

from lenticular.app.decide import DecideRequest, Where
from lenticular.criteria.tables import stored_key
from lenticular.web import collect
from tests.hostile.test_admin import HEADERS, RAW_NAMES
from tests.hostile.values import DEEP, NO_JSON, VALUES, bomb
from tests.web.shop import SECRET, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
KINDS = ("track", "identify", "page", "screen", "group", "alias")
ROUTES = sorted(path for path in collect._ROUTES if path != "/v1/m")
FIELDS = [
    *("type", "event", "userId", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt", "properties"),
    *("traits", "context", "groupId", "previousId", "integrations", "name", "category", "writeKey", "version"),
]
IN_CONTEXT = {
    "page": ("url", "path", "title", "search", "referrer"),
    "campaign": ("name", "source", "medium", "term", "content"),
    "userAgentData": ("brands", "mobile", "platform", "model", "fullVersionList"),
    "device": ("type", "manufacturer", "model"),
    "os": ("name", "version"),
    "screen": ("width", "height"),
    "location": ("country", "region", "city"),
    "consent": ("categoryPreferences",),
    **dict.fromkeys(("cookies", "custom", "traits", "referrer", "app", "library", "network"), ("x",)),
    **dict.fromkeys(("userAgent", "locale", "language", "timezone", "active", "ip", "groupId"), ()),
}
RIGHT: dict[str, Any] = {
    **{"event": "Seen", "anonymousId": "hostile", "userId": "hostile-user", "groupId": "hostile-group"},
    **{"previousId": "hostile-before", "writeKey": "w"},
}


def _nested(names: Iterable[str], value: str) -> str:
    for name in reversed(list(names)):
        value = json.dumps({name: "\x01"}).replace(json.dumps("\x01"), value)
    return value


def wrong_messages() -> Iterator[tuple[str, str]]:
    """Yield every field of a message with every value, as the JSON text of the message."""
    for what, value in VALUES.items():
        for field in FIELDS:
            yield f"{what} as {field}", _with(RIGHT, field, value)
        for name, inside in IN_CONTEXT.items():
            for path in ((name,), *((name, each) for each in inside)):
                yield f"{what} as context/{'/'.join(path)}", _with(RIGHT, "context", _nested(path, value))
        for field in ("properties", "traits"):
            yield f"{what} in {field}", _with(RIGHT, field, _nested(["x"], value))
            yield f"{what} deeper in {field}", _with(RIGHT, field, _nested(["y", "x"], value))
        preferences = _nested(["consent", "categoryPreferences", "analytics"], value)
        yield f"{what} as a preference", _with(RIGHT, "context", preferences)


def _with(message: dict[str, Any], field: str, value: str) -> str:
    return json.dumps({**message, field: "\x01"}).replace(json.dumps("\x01"), value)


def taken_or_refused(answer: httpx.Response, what: str, *statuses: int) -> bool:
    """Whether it was taken; else it was refused with a code and a message."""
    told = f"{what[:100]}: {answer.status_code} {answer.text[:300]}"
    if answer.status_code == 200:
        assert answer.json() == {"success": True}, told
        return True
    assert answer.status_code in (statuses or (400,)), told
    refusal = answer.json()
    assert refusal.keys() - {"place"} == {"code", "message"}, told
    assert all(refusal.values()), told
    assert len(answer.content) < 32 * 1024, "nobody wants to have that told back"
    return False


async def test_every_field_of_every_message(shop: Shop) -> None:
    """One by one what is wrong in any kind; what is taken alone is taken in a batch as well, beside good ones."""
    messages = list(wrong_messages())
    taken, refused = list[str](), 0
    for at, (what, text) in enumerate(messages):
        route = f"/v1/{KINDS[at % len(KINDS)] if ' type' not in what else 'batch'}"
        answer = await shop.visitor.post(route, content=text.encode())
        if taken_or_refused(answer, what, 400, 401):
            taken.append(text)
        refused += answer.status_code == 400
    assert len(messages) > 1_500
    assert refused > 300
    assert len(taken) > 300
    await shop.settled()


@pytest.mark.soak
async def test_the_fields_that_matter_to_each_kind(shop: Shop) -> None:
    for kind, (what, value) in product(KINDS, VALUES.items()):
        for field in ("event", "userId", "anonymousId", "messageId", "groupId", "previousId", "timestamp", "traits"):
            text = _with({**RIGHT, "type": kind}, field, value)
            for body in (text, f'{{"writeKey": "w", "batch": [{text}]}}'):
                route = "/v1/batch" if body is not text else f"/v1/{kind}"
                taken_or_refused(await shop.visitor.post(route, content=body.encode()), f"{kind}: {what} as {field}")


async def test_every_field_of_a_batch(shop: Shop) -> None:
    batch: dict[str, Any] = {"writeKey": "w", "batch": [{"type": "track", **RIGHT}], "sentAt": None, "context": {}}
    for what, value in VALUES.items():
        for field in batch:
            for route in ("/v1/batch", "/v1/import"):
                answer = await shop.visitor.post(route, content=_with(batch, field, value).encode())
                taken_or_refused(answer, f"{what} as {field}", 400, 401)


async def test_bodies_that_are_no_messages(shop: Shop) -> None:
    for route in ROUTES:
        for what, body in NO_JSON.items():
            answer = await shop.visitor.post(route, content=body)
            assert not taken_or_refused(answer, f"{route}: {what}", 400, 401)


async def test_sizes(shop: Shop) -> None:
    """An event of 33 KB, a batch of 501 KB, a message of 33 KB in a small batch are refused, those below are not."""
    for route in ROUTES:
        of_one = route.removeprefix("/v1/") in KINDS or collect._ROUTES[route] in KINDS
        for size, fits in ((30, True), (33, not of_one and None), (499, not of_one), (501, False), (5_000, False)):
            body = sized(size << 10, of_one, 33 if size == 33 else 20)
            taken = taken_or_refused(await shop.visitor.post(route, content=body), f"{route}, {size} KB")
            assert taken == bool(fits), (route, size)
    refusal = (await shop.visitor.post("/v1/batch", content=sized(33 << 10, False, 33))).json()
    assert (refusal["code"], refusal["message"][:8]) == ("too_large", "batch[0]")


def sized(size: int, of_one: bool, kilobytes: int) -> bytes:
    """Return a right body of exactly that size."""
    if of_one:
        body = {**RIGHT, "properties": {"x": ""}}
        return json.dumps({**body, "properties": {"x": "y" * (size - len(json.dumps(body)))}}).encode()
    message = {**RIGHT, "type": "track", "properties": {"x": ""}}
    filled = {**message, "properties": {"x": "y" * ((kilobytes << 10) - len(json.dumps(message)))}}
    count = max(1, (size - 200) // (kilobytes << 10)) if kilobytes < 33 else 1
    text = json.dumps({"writeKey": "w", "batch": [filled] * count})
    return text.encode().ljust(size)


async def test_a_gigabyte_of_zeros(shop: Shop) -> None:
    for route in ROUTES:
        answer = await shop.visitor.post(route, content=bomb(1 << 30), headers={"content-encoding": "gzip"})
        assert not taken_or_refused(answer, route)
        assert answer.json()["code"] == "too_large"
    small = gzip.compress(bytes(600 << 10))
    for body in (small, gzip.compress(bomb(64 << 20)), small[:-4], small + b"more", b"\x1f\x8b"):
        answer = await shop.visitor.post("/v1/batch", content=body, headers={"content-encoding": "gzip"})
        assert not taken_or_refused(answer, "gzip")


async def test_a_property_that_changes_its_type(shop: Shop) -> None:
    """Each is taken; what fits no more is kept under a type of its own, and the rule goes on with the first."""
    me, name = shop.someone(), f"turning {shop.someone()}"
    values = [5, "x", True, None, "2026-01-31", "2026-01-31T12:00:00Z", [1], [{"a": 1}], {"a": 1}, "7.5", 1e300]
    for value in values:
        await shop.track(me, "Turned", properties={name: value})
    await shop.settled()
    await shop.ask("settle")
    assert (await shop.ask("count", rule=f'count("Turned", field["{name}"] >= 5) == 3'))["people"] == 1
    kept = [event.properties for _, event in shop.site.stores.journal.read(0, 10**7) if event.name == "Turned"]
    assert {key for each in kept for key in each} > {stored_key(name, kind) for kind in ("number", "text", "list")}


async def test_forged_headers(shop: Shop) -> None:
    decision = json.dumps({"site": "shop", "page": "/", "anonymousId": "hostile"})
    for name, value in HEADERS:
        for agent in (b"x", b"Mozilla/5.0 (X11; Linux x86_64) Chrome/120 " + b"\xff" * 50):
            headers = [(name, value), (b"user-agent", agent)]
            answer = await shop.visitor.post("/v1/track", content=json.dumps(RIGHT), headers=headers)
            taken_or_refused(answer, f"{name!r}: {value[:40]!r}")
            answer = await shop.visitor.post("/v1/decide", content=decision, headers=headers)
            assert answer.status_code == 200, (name, value, answer.text)
    for token in (b"Basic", b"Basic \xff", b"Basic " + b"A" * 10_000, b"Bearer " + b"x" * 10_000, b"Digest x"):
        answer = await shop.visitor.post("/v1/track", content=json.dumps(RIGHT), headers={b"authorization": token})
        assert taken_or_refused(answer, "the key in the body counts")


async def test_addresses(shop: Shop) -> None:
    for value in RAW_NAMES:
        for path in (f"/v1/{value}", f"/v1/track/{value}", f"/v1/projects/{value}/settings", f"/v1/projects/w/{value}"):
            for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "TRACE"):
                answer = await shop.visitor.request(method, path)
                assert answer.status_code in (404, 405), (method, path, answer.text)
    for method in ("PUT", "DELETE", "PATCH", "GET", "HEAD"):
        assert (await shop.visitor.request(method, "/v1/track")).status_code == 405


def wrong_questions() -> Iterator[tuple[str, str]]:
    """Yield every field of a question for a decision with every value, from the Structs that it is read into."""
    right = {"site": "shop", "page": "/", "slots": ["promo"], "anonymousId": "hostile"}
    names = [field.encode_name for field in msgspec.structs.fields(DecideRequest)]
    inside = [field.encode_name for field in msgspec.structs.fields(Where)]
    for what, value in VALUES.items():
        for name in (*names, "unheardOf"):
            yield f"{what} as {name}", _with(right, name, value)
        for name in (*inside, "unheardOf"):
            for more in ((), *((each,) for each in IN_CONTEXT.get(name, ("width", "x")))):
                yield f"{what} as context/{name}", _with(right, "context", _nested((name, *more), value))
    yield "deep", _with(right, "unheardOf", DEEP)


async def test_every_field_of_a_question(shop: Shop) -> None:
    refused = 0
    for what, text in wrong_questions():
        answer = await shop.visitor.post("/v1/decide", content=text.encode(), headers=SECRET if len(what) % 2 else {})
        assert answer.status_code in (200, 400, 403, 404, 413), (what, answer.status_code, answer.text[:300])
        if answer.status_code != 200:
            taken_or_refused(answer, what, 400, 403, 404, 413)
            refused += 1
        else:
            assert answer.json()["id"]
    assert refused > 300


async def test_questions_that_are_none(shop: Shop) -> None:
    for what, body in NO_JSON.items():
        assert not taken_or_refused(await shop.visitor.post("/v1/decide", content=body), what, 400, 413)
    many = {"site": "shop", "page": "/", "slots": ["x"] * 10_000}
    answer = await shop.visitor.post("/v1/decide", content=json.dumps(many))
    assert len(answer.content) < 32 * 1024
    names = ["site", "page", "slots", "anonymousId", "userId", "locale", "url", "referrer", "timezone", "screen", "x"]
    for name in [*names, "userAgent", "explain", "impression", "%00", "%ff"]:
        for value in [*RAW_NAMES, "1x1", "999999x999999", "http://[::1", "x" * 20_000]:
            query = f"site=shop&page=/&anonymousId=hostile&{name}={value}"
            answer = await shop.visitor.get(f"/v1/decide?{query}")
            assert answer.status_code in (200, 400, 404), (query[:100], answer.status_code, answer.text[:300])
    for query in ("", "&" * 20_000, "=" * 20_000, "%" * 20_000, "site=shop&page=/&" + "a=1&" * 10_000):
        answer = await shop.visitor.get(f"/v1/decide?{query}")
        assert answer.status_code in (200, 400), (query[:100], answer.text[:300])

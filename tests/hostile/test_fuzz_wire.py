"""A fuzzer on the wire: whatever comes is taken or refused in order; never a 5xx, and the server goes on."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.world import SITE
from tests.hostile.mutated import almost_json, fuzz, mutated, replaced
from tests.hostile.running import Running
from tests.hostile.test_visitors import IN_CONTEXT, RIGHT
from tests.web.shop import TOKEN

FEW, MANY = 90, 15_000
MESSAGES: list[Any] = [
    {
        **RIGHT,
        "type": kind,
        "timestamp": "2026-11-23T12:00:00Z",
        "sentAt": 1_795_453_200_000,
        "properties": {"price": 11.5, "topics": ["a"], "day": "2026-01-31", "o": {"a": [{"b": 1}]}},
        "traits": {"plan": "gold", "address": {"city": "Porto"}},
        "context": {name: dict.fromkeys(inside, "x") if inside else "x" for name, inside in IN_CONTEXT.items()},
    }
    for kind in ("track", "identify", "page", "screen", "group", "alias")
]
BATCHES: list[Any] = [{"writeKey": "w", "batch": MESSAGES, "context": {"locale": "pt"}, "sentAt": None}]
QUESTION: dict[str, Any] = {
    **{"site": "shop", "page": "/", "slots": ["promo", "plain"], "anonymousId": "a", "userId": "u", "locale": "pt"},
    **{"explain": True, "impression": True},
    "context": {
        "url": "https://shop.example/?utm_source=x",
        "screen": {"width": 5, "height": 5},
        "cookies": {"a": "b"},
    },
}
QUERY = urlencode({**QUESTION, "slots": "promo,plain", "explain": "1", "url": "https://shop.example/", "screen": "1x1"})
ROUTES = st.sampled_from(["track", "identify", "page", "screen", "group", "alias", "batch", "import", "t", "b", "m"])
REQUESTS = [
    b"POST /v1/%b HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
    % (route, len(body), body)
    for route, body in ((b"track", json.dumps(RIGHT).encode()), (b"decide", json.dumps(QUESTION).encode()))
] + [
    b"POST /v1/track HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"GET /v1/decide?" + QUERY.encode() + b" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n",
    b"GET /api/sites HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer x\r\nCookie: a=b\r\nConnection: close\r\n\r\n",
]
CATALOG: dict[str, Any] = {}


class Client:
    """What asks, and says what must be true of every answer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=60)

    def send(self, method: str, path: str, body: bytes = b"", *statuses: int, **headers: str) -> None:
        """Send a request; 200 or one of the statuses must come, with something to read."""
        answer = self.http.request(method, path, content=body, headers=headers)
        assert answer.status_code in (200, *statuses), (path, body[:300], answer.status_code, answer.text[:300])
        answer.json()

    def raw(self, data: bytes) -> None:
        """Send bytes; whatever comes back begins like HTTP and is no 5xx, or nothing comes."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                said = connection.recv(1 << 16)
            except (ConnectionResetError, BrokenPipeError):
                return
        assert not said or said.startswith(b"HTTP/1.1 "), said[:100]
        assert not said.startswith(b"HTTP/1.1 5"), (data[:300], said[:300])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    running = Running(tmp_path_factory.mktemp("fuzz"))
    running.start()
    found = Client(running.url)
    with found.http:
        CATALOG.update(found.http.get("/api/sites/shop/catalog", headers={"authorization": f"Bearer {TOKEN}"}).json())
        yield found
        found.send("PUT", "/api/sites/shop/catalog", json.dumps(CATALOG).encode(), authorization=f"Bearer {TOKEN}")
        alive = found.http.get("/health/live")
        assert alive.status_code == 200
    running.stop()


AnyBody = st.one_of(
    st.binary(max_size=200),
    mutated([json.dumps(one).encode() for one in (*MESSAGES, *BATCHES)]),
    replaced(MESSAGES),
    replaced(BATCHES),
    st.builds(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"), almost_json),
)
AnyQuestion = st.one_of(
    st.binary(max_size=200),
    mutated([json.dumps(QUESTION).encode()]),
    replaced([QUESTION]),
)
Zipped = st.one_of(
    mutated([gzip.compress(json.dumps(BATCHES[0]).encode(), mtime=0)]),
    st.builds(lambda body: gzip.compress(body, mtime=0), AnyBody),
)


def message(client: Client, route: str, body: bytes, secret: bool) -> None:
    key = SITE.secret_key if secret else "w"
    client.send("POST", f"/v1/{route}", body, 400, 401, authorization=f"Bearer {key}")


def packed(client: Client, body: bytes) -> None:
    client.send("POST", "/v1/batch", body, 400, 401, **{"content-encoding": "gzip"})


@fuzz(FEW)
@given(route=ROUTES, body=AnyBody, secret=st.booleans())
def test_messages(client: Client, route: str, body: bytes, secret: bool) -> None:
    message(client, route, body, secret)


@fuzz(FEW)
@given(body=Zipped)
def test_zipped(client: Client, body: bytes) -> None:
    packed(client, body)


@fuzz(FEW)
@given(body=AnyQuestion)
def test_questions(client: Client, body: bytes) -> None:
    client.send("POST", "/v1/decide", body, 400, 404, 413)


@fuzz(FEW)
@given(query=mutated([QUERY.encode()]))
def test_queries(client: Client, query: bytes) -> None:
    client.raw(b"GET /v1/decide?" + query + b" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")


@fuzz(FEW)
@given(data=st.one_of(st.binary(max_size=300), mutated(REQUESTS)))
def test_broken_http(client: Client, data: bytes) -> None:
    client.raw(data)


@fuzz(FEW // 3)
@given(data=st.data())
def test_catalogs(client: Client, data: st.DataObject) -> None:
    """What is wrong with a catalog is said, and changes nothing; what is right is live."""
    body = data.draw(st.one_of(replaced([CATALOG]), mutated([json.dumps(CATALOG).encode()])))
    client.send("PUT", "/api/sites/shop/catalog", body, 400, 422, authorization=f"Bearer {TOKEN}")
    client.send("POST", "/v1/decide", json.dumps({**QUESTION, "anonymousId": "", "userId": ""}).encode(), 404)


@pytest.mark.soak
@fuzz(MANY, derandomize=False)
@given(route=ROUTES, body=AnyBody, zipped=Zipped, question=AnyQuestion, secret=st.booleans())
def test_much_of_everything(
    client: Client, route: str, body: bytes, zipped: bytes, question: bytes, secret: bool
) -> None:
    message(client, route, body, secret)
    packed(client, zipped)
    client.send("POST", "/v1/decide", question, 400, 404, 413)


@pytest.mark.soak
@fuzz(MANY, derandomize=False)
@given(data=st.one_of(st.binary(max_size=300), mutated(REQUESTS)))
def test_much_broken_http(client: Client, data: bytes) -> None:
    client.raw(data)


@pytest.mark.soak
@fuzz(MANY // 10, derandomize=False)
@given(data=st.data())
def test_many_catalogs(client: Client, data: st.DataObject) -> None:
    body = data.draw(st.one_of(replaced([CATALOG]), mutated([json.dumps(CATALOG).encode()])))
    client.send("PUT", "/api/sites/shop/catalog", body, 400, 422, authorization=f"Bearer {TOKEN}")

"""Two small servers in threads: a static site on an origin of its own, and the network between it and Lenticular."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import msgspec

_HOP = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length", "date", "server")
)


class Post(msgspec.Struct):
    """What a page has sent: where to, when (s), what became of it, its body."""

    path: str
    at: float
    status: int
    body: Any
    headers: dict[str, str]


class Door:
    """The way to the server. `faults` are the answers to the next posts to /v1/batch; decisions
    wait until `decides` is set.

    While it is `shut` each connection is closed without an answer, as where there is no network.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.url = ""
        self.faults: list[int] = []
        self.decides = threading.Event()
        self.decides.set()
        self.shut = False
        self.posts: list[Post] = []
        self.http = httpx.Client(timeout=60, trust_env=False)

    def to(self, path: str) -> list[Post]:
        """Return the posts to a path so far."""
        return [post for post in self.posts if post.path == path]

    def messages(self) -> list[dict[str, Any]]:
        """Return every message that was sent, also twice."""
        return [message for post in self.to("/v1/batch") for message in post.body["batch"]]


class Site:
    """A static site: `pages` by path, each with its headers."""

    def __init__(self) -> None:
        self.url = ""
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # the standard library's name
        pass

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that went away, or tests that have ended, in the middle of an answer."""


@contextmanager
def _listening(handler: type[_Handler]) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def static_site() -> Iterator[Site]:
    """Serve a static site."""
    site = Site()

    class Handler(_Handler):
        def do_GET(self) -> None:
            text, headers = site.pages.get(self.path.partition("?")[0], ("Nothing here.", {}))
            self.reply(200, text.encode(), {"content-type": "text/html; charset=utf-8", **headers})

    with _listening(Handler) as site.url:
        yield site


@contextmanager
def door_to(upstream: str) -> Iterator[Door]:
    """Serve the way to a server."""
    door = Door(upstream)

    class Handler(_Handler):
        def do_GET(self) -> None:
            self._pass(None)

        def do_OPTIONS(self) -> None:
            self._pass(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if door.shut:
                self.close_connection = True
                return
            post = Post(self.path, time.monotonic(), 0, json.loads(body), dict(self.headers.items()))
            door.posts.append(post)
            if self.path == "/v1/batch" and door.faults:
                post.status = door.faults.pop(0)
                cors = {"access-control-allow-origin": "*", "access-control-expose-headers": "Retry-After"}
                self.reply(post.status, b"{}", cors | ({"retry-after": "2"} if post.status == 429 else {}))
                return
            if self.path == "/v1/decide":
                door.decides.wait(60)
            post.status = self._pass(body)

        def _pass(self, body: bytes | None) -> int:
            kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            answer = door.http.request(self.command, upstream + self.path, content=body, headers=kept)
            headers = {name: value for name, value in answer.headers.items() if name not in _HOP}
            self.reply(answer.status_code, answer.content, headers)
            return answer.status_code

    with _listening(Handler) as door.url:
        try:
            yield door
        finally:
            door.http.close()

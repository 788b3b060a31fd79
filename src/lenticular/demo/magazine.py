"""The Harbor Post: a site that has nothing to do with the bank but for the tag on its pages. Static files, loopback."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lenticular.errors import LenticularError, Problem

_FILES = Path(__file__).parent / "harbor"
_WRITTEN = "http://127.0.0.1:8400"
"""How the files name the address of Lenticular; the real one takes its place."""
_PAGES = {"/": "index.html", "/tides": "tides.html"}
_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY = (
    "default-src 'none'; script-src 'self' {url}; style-src 'self' {url}; img-src 'self' {url}; connect-src {url}; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types lenticular"
)


class Magazine:
    """Serves the magazine in a thread of its own, on `port` of 127.0.0.1 or, if that is taken, on a free one.

    `bank` says where Lenticular answers. Raises LenticularError if no port can be had.
    """

    def __init__(self, port: int, bank: Callable[[], str]) -> None:
        class Handler(_Handler):
            """Knows where the bank is."""

            address = staticmethod(bank)

        self._server = _listening(port, Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.wanted = port
        self.moved = port not in (0, self._server.server_address[1])
        """Whether the port that was asked for is another program's."""

    def __enter__(self) -> Magazine:
        threading.Thread(target=self._server.serve_forever, name="magazine", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers with a page or one of its files."""

    address: Callable[[], str]
    server_version = "harbor"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """Answer with a file."""
        path = self.path.partition("?")[0]
        name = _PAGES.get(path, path[1:])
        known = {file.name for file in _FILES.iterdir()}
        if name not in known:
            self._answer(404, b"This page is not in the magazine.\n", "text/plain")
            return
        body = (_FILES / name).read_text("utf-8").replace(_WRITTEN, self.address())
        self._answer(200, body.encode(), _TYPES[Path(name).suffix])

    do_HEAD = do_GET

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("cache-control", "no-cache")
        self.send_header("content-security-policy", _POLICY.format(url=self.address()))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is the demo's."""


def _listening(port: int, handler: type[_Handler]) -> ThreadingHTTPServer:
    ThreadingHTTPServer.daemon_threads = True
    for wanted in (port, 0):
        try:
            return ThreadingHTTPServer(("127.0.0.1", wanted), handler)
        except (OSError, OverflowError) as error:
            if not wanted or getattr(error, "errno", errno.EADDRINUSE) not in (errno.EADDRINUSE, errno.EACCES):
                message = f"The magazine finds no port: {error}."
                raise LenticularError(Problem("demo.port", message, hint="Say --foreign-port 8501.")) from None
    raise AssertionError("a free port was tried")

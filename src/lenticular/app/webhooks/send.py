"""One request to a receiver: to a checked address, signed, and never longer or larger than it may be."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any

import httpcore
import msgspec

from lenticular.errors import LenticularError
from lenticular.webhooks.address import Network, may_be_asked
from lenticular.webhooks.delivery import ANSWER
from lenticular.webhooks.target import target_of

PATIENCE = 15.0
"""Seconds for all of it: finding the address, connecting, sending, and the first KB of the answer."""
_AGENT = f"Lenticular/{version('lenticular')}"
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""A host's name and a port -> its addresses."""


class Answer(msgspec.Struct, frozen=True):
    """What came back: a status (None: nothing, and `error` says why) and the first KB, within so many ms.

    `retry_after` is the header of that name.
    """

    status: int | None
    ms: int
    error: str = ""
    answer: str = ""
    retry_after: str = ""


class _RefusedError(httpcore.ConnectError):
    """An address must not be asked."""


async def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host as the system knows them; also of a host that is a number in any form."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to the very address that was looked at: who answers for a name may say something else a moment later.

    One address that must not be asked refuses the whole name.
    """

    def __init__(self, allowed: Sequence[Network], resolve: Resolve) -> None:
        self._allowed, self._resolve = allowed, resolve
        self._real = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except OSError:
            raise httpcore.ConnectError("The host's name is not known.") from None
        if not addresses or not all(may_be_asked(one, self._allowed) for one in addresses):
            raise _RefusedError("Its address is not a public one; see LENTICULAR_WEBHOOK_NETWORKS.")
        last: Exception = httpcore.ConnectError("It can't be reached.")
        for address in addresses[:3]:
            try:
                return await self._real.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Sender:
    """Sends requests. `allowed` are the networks that may be asked beside public addresses.

    No proxy, no redirect, no second try: what is not answered well is the courier's.
    """

    def __init__(
        self, allowed: Sequence[Network] = (), patience: float = PATIENCE, resolve: Resolve = resolved
    ) -> None:
        self.allowed, self.patience = tuple(allowed), patience
        self._backend = _Checked(self.allowed, resolve)
        self.tls: ssl.SSLContext | None = None
        """Whom to believe; the usual authorities, once it is needed."""

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Post a body; return what came back, or why nothing did."""
        began = time.perf_counter()
        try:
            target = target_of(url)
            if self.tls is None and target.scheme == "https":
                self.tls = await asyncio.to_thread(httpcore.default_ssl_context)
            where = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
            own = {"host": target.authority, "content-type": "application/json", "user-agent": _AGENT}
            own |= {"content-length": str(len(body)), "accept-encoding": "identity", "connection": "close"}
            async with asyncio.timeout(self.patience):
                status, text, after = await self._post(where, {**own, **headers}, body)
        except (TimeoutError, httpcore.TimeoutException):
            return Answer(None, _since(began), f"It did not answer within {self.patience:g} seconds.")
        except LenticularError as error:
            return Answer(None, _since(began), str(error.problems[0]))
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
            return Answer(None, _since(began), str(error)[:300] or "The connection broke off.")
        return Answer(status, _since(began), "", text, after)

    async def _post(self, url: httpcore.URL, headers: dict[str, str], body: bytes) -> tuple[int, str, str]:
        given: list[tuple[bytes, bytes]] = [(name.encode(), value.encode()) for name, value in headers.items()]
        async with (
            httpcore.AsyncConnectionPool(ssl_context=self.tls, network_backend=self._backend) as pool,
            pool.stream("POST", url, headers=given, content=body) as answer,
        ):
            found = bytearray()
            pieces: Any = answer.aiter_stream()
            async for piece in pieces:
                found += piece[: ANSWER - len(found)]
                if len(found) >= ANSWER:
                    break
            after = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
            return answer.status, bytes(found).decode("utf-8", "replace"), after.decode("latin-1")


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)

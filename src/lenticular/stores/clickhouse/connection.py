"""The async client of one site's database, made anew when the child has another port."""

from __future__ import annotations

import asyncio
import re

import aiohttp
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import Error

from lenticular.errors import EventsUnavailableError, LenticularError, Problem
from lenticular.stores.clickhouse.supervisor import ClickHouseChild

# Numbers of ClickHouse that say nothing about the rows or the question, only about the moment or the place.
# https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
_FOR_NOW = frozenset(
    (
        *(3, 23, 24, 60, 74, 75, 76, 77, 81, 84, 173, 198, 202, 203, 209, 210, 216, 218, 236, 241, 243, 252),
        *(279, 319, 326, 335, 341, 373, 394, 425, 439, 516, 574, 657, 692, 740, 1000, 1001, 1002),
    )
)
# Of these, what a question alone can bring about: asked again, it would fail again.
_OF_THE_QUESTION = frozenset((60, 81, 173, 241, 394))
_TOO_MUCH = {
    158: "it reads too many rows",
    159: "it takes too long",
    160: "it would take too long",
    173: "it needs more memory than there is",
    241: "it needs too much memory",
    307: "it reads too much",
    394: "it was stopped",
    396: "its answer is too large",
}


_WRAPPING = re.compile(r"^.*?DB::Exception: |\s*\(version [^()]*\)|\s*\(for url [^()]*\)\s*$", re.DOTALL)


class Connection:
    """Gives out a client that is connected to the running child. Closed, it connects again when asked.

    `incarnation` names the life of the child that the client talks to.
    """

    def __init__(self, child: ClickHouseChild, database: str) -> None:
        self.child = child
        self.database = database
        self._client: AsyncClient | None = None
        self.incarnation = ""
        self._lock = asyncio.Lock()

    async def client(self) -> AsyncClient:
        """Return the client. Raises EventsUnavailableError while the child is not running."""
        async with self._lock:
            port, incarnation = self.child.port, self.child.incarnation
            if self._client and self.incarnation == incarnation:
                return self._client
            await self._close()
            client = AsyncClient(
                "http",
                "127.0.0.1",
                port,
                username="default",
                password=self.child.token,
                compress=False,
                connect_timeout=5,
                send_receive_timeout=900,
                query_retries=0,
                autogenerate_session_id=False,
                # A rule may hold long lists: values travel in the body, for a URL has its limits.
                form_encode_query_params=True,
                connector_limit=32,
                connector_limit_per_host=32,
            )
            # Loopback never goes through a proxy that the environment names for the outside world.
            client._backend.proxy_url = None
            try:
                await client.__aenter__()
            except (Error, aiohttp.ClientError, OSError) as error:
                raise unavailable(error) from error
            client.database = self.database
            self._client, self.incarnation = client, incarnation
            return client

    async def close(self) -> None:
        """Close the client."""
        async with self._lock:
            await self._close()

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client:
            await client.close()


def insert_may_pass_later(error: BaseException) -> bool:
    """Return whether an insert should be tried again: no answer came, or it was not about the rows."""
    code = error.code if isinstance(error, Error) else None
    return code is None or code in _FOR_NOW or code in _TOO_MUCH


def query_may_pass_later(error: BaseException) -> bool:
    """Return whether a question should be asked again: no answer came, or it was about the moment."""
    code = error.code if isinstance(error, Error) else None
    return code is None or (code in _FOR_NOW and code not in _OF_THE_QUESTION)


def unavailable(error: BaseException) -> EventsUnavailableError:
    """Say that the events store can't answer now, and why."""
    return EventsUnavailableError(
        Problem(
            "clickhouse-unavailable",
            f"The events store does not answer: {_short(error)}",
            f"ClickHouse's error {error.code}" if isinstance(error, Error) and error.code else type(error).__name__,
            "It is tried again by itself; what was accepted waits in the journal.",
        )
    )


def refused_rows(error: BaseException, place: str) -> LenticularError:
    """Say that a batch has a row that does not fit its table."""
    return LenticularError(
        Problem("row-refused", f"A row does not fit its table: {_short(error)}", place, "The row is set aside.")
    )


def refused_query(error: BaseException) -> LenticularError:
    """Say why a question has no answer."""
    code = error.code if isinstance(error, Error) else None
    if code in _TOO_MUCH:
        return LenticularError(
            Problem(
                "query-too-large",
                f"The question was given up: {_TOO_MUCH[code]}.",
                hint="Ask for a shorter time or for fewer things at once.",
            )
        )
    return LenticularError(Problem("query-refused", f"The events store refuses the question: {_short(error)}"))


def _short(error: BaseException) -> str:
    """Return an error's own words in one line, without what the client and the server wrap them in."""
    text = " ".join(_WRAPPING.sub("", str(error)).split()) or type(error).__name__
    return text if len(text) <= 500 else text[:497] + "..."

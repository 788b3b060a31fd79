"""Ask the server that owns the data folder, or, if none does, be it for the length of a command.

Either way a command speaks HTTP to the same application, so that it gets the same answers.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from lenticular.app.folder import Folder
from lenticular.cli.context import Options, options
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.web.running import running_server


class Api:
    """The admin API, over the network or, `alone`, in this process."""

    def __init__(self, client: httpx.AsyncClient, alone: bool = False) -> None:
        self._client, self.alone = client, alone

    @property
    def url(self) -> str:
        """Where it answers; for `alone`, nowhere that a browser could ask."""
        return str(self._client.base_url).rstrip("/")

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        patience: float | None = 600,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return what the API answers within `patience` seconds (None: whenever). `headers` are sent with the rest.

        Raises LenticularError with the problems that it names.
        """
        content = None if body is None else msgspec.json.encode(body)
        sent = {"content-type": "application/json", **(headers or {})}
        return await self._ask(method, path, content, sent, patience)

    async def send(self, path: str, body: bytes, kind: str = "application/vnd.msgpack") -> Any:
        """Post some bytes; return what the API answers. Raises LenticularError with the problems that it names."""
        return await self._ask("POST", path, body, {"content-type": kind}, 600)

    async def download(self, path: str, query: Sequence[tuple[str, str]], to: Callable[[bytes], object]) -> None:
        """Hand a file to a function, piece by piece. Raises LenticularError, also when it breaks off."""
        try:
            async with self._client.stream("GET", path, params=list(query)) as answer:
                if answer.status_code >= 400:
                    await answer.aread()
                    raise LenticularError(*_problems(answer))
                async for piece in answer.aiter_raw():
                    to(piece)
        except httpx.InvalidURL:
            raise _unspeakable(path) from None
        except httpx.HTTPError as error:
            raise LenticularError(
                Problem(
                    "server.silent", f"The answer broke off: {error}.", hint="Try again; the server's log says why."
                )
            ) from None

    async def _ask(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str], patience: float | None
    ) -> Any:
        try:
            answer = await self._client.request(
                method,
                path,
                content=content,
                headers=headers,
                timeout=httpx.Timeout(patience, connect=5),
            )
        except httpx.InvalidURL:
            raise _unspeakable(path) from None
        except httpx.HTTPError as error:
            raise LenticularError(
                Problem("server.silent", f"The server does not answer: {error}.", hint="Look whether it runs.")
            ) from None
        if answer.status_code >= 400:
            raise LenticularError(*_problems(answer))
        return msgspec.json.decode(answer.content) if answer.content else None


@asynccontextmanager
async def asking(data: Path, create: bool = False) -> AsyncIterator[Api]:
    """Open the API of a data folder. Raises StoreError if the folder can't be used."""
    try:
        folder = Folder(data, create)
    except StoreError as error:
        running = running_server(data) if error.problems[0].code == "data.in-use" else None
        if running is None:
            raise
        headers = {"authorization": f"Bearer {running.token}"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers) as client:
            yield Api(client)
        return
    async with _alone(folder) as api:
        yield api


@asynccontextmanager
async def _alone(folder: Folder) -> AsyncIterator[Api]:
    """Be the server, with no socket, for the length of a block."""
    # Half a second that a command which asks a running server need not spend.
    from lenticular.app.open import Installation
    from lenticular.cli.here import Here
    from lenticular.web.now import new_id, now
    from lenticular.web.server import server

    installation = Installation(folder, now, new_id, options().settings)
    installation.pulling.environment = os.environ
    installation.by_itself = False  # a command does what it was asked for
    try:
        await installation.open()
        token = secrets.token_urlsafe(16)
        transport = Here(server(installation, token))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as client:
            yield Api(client, alone=True)
    finally:
        await installation.close()


async def chosen_site(api: Api, given: Options) -> str:
    """Return the site that is meant: the one that was named, or the only one. Raises LenticularError."""
    zones = {site["key"]: site["timezone"] for site in await api.ask("GET", "/api/sites")}
    key = given.site or (next(iter(zones)) if len(zones) == 1 else None)
    if key is None and not zones:
        hint = "Import a catalog or events first."
        raise LenticularError(Problem("site.none", "There is no site in this data folder yet.", str(given.data), hint))
    if key is None:
        raise LenticularError(
            Problem("site.which", "There are several sites.", hint=f"Say --site {' or --site '.join(zones)}.")
        )
    if key not in zones:
        message = f"There is no site {key!r}."
        raise LenticularError(Problem("site.unknown", message, hint=f"Known: {', '.join(zones) or 'none yet'}."))
    check_zone(key, zones.get(key), given.zone)
    return key


def _unspeakable(path: str) -> LenticularError:
    hint = "Letters, digits, - and _ make a name."
    return LenticularError(Problem("server.name", "There can't be anything of this name.", repr(path)[:200], hint))


def check_zone(site: str, zone: str | None, wanted: str | None) -> None:
    """Refuse a time zone that is not a site's own. Raises LenticularError."""
    if zone is not None and wanted is not None and wanted != zone:
        hint = "Leave --tz out, or import into another site or data folder."
        raise LenticularError(Problem("site.timezone", f"The site {site} is in {zone}, and that is fixed.", hint=hint))


def _problems(answer: httpx.Response) -> list[Problem]:
    try:
        document = answer.json()
        found = [msgspec.convert(one, Problem) for one in document.get("problems", [])]
        return found or [Problem("server", str(document.get("title") or document))]
    except (ValueError, msgspec.ValidationError, AttributeError):
        return [Problem("server", f"The server answered {answer.status_code}.", hint=answer.text[:200])]

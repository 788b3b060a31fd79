"""A real server, and what it has kept of what a client sent."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from lenticular.errors import StoreError
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles
from tests.process import PATIENCE, start

Read = TypeVar("Read")


class Home:
    """A server in a process of its own, which can be stopped and started again on its port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.server = start(data)

    @property
    def url(self) -> str:
        return self.server.url

    def stop(self) -> None:
        """Stop the server."""
        assert self.server.stop() == 0

    def go_on(self) -> None:
        """Start it again, where it was."""
        port = urlsplit(self.server.url).port
        self.server = start(self.data, "--port", str(port))

    def site(self, key: str) -> Kept:
        """Make a site for one test."""
        self.server.api("PUT", f"/api/sites/{key}", {"timezone": "Europe/Madrid"})
        return Kept(self, key)


class Kept:
    """What one site has of its events."""

    def __init__(self, home: Home, key: str) -> None:
        self.home, self.key = home, key
        self.folder = home.data / "sites" / key
        self.write_key: str = home.server.api("GET", f"/api/sites/{key}/catalog")["site"]["writeKey"]

    def events(self) -> list[Event]:
        """Return every event that was accepted, in order; one that was sent twice is there twice."""
        return _beside(self.folder, "journal.db", _events)

    async def arrived(self, wanted: int) -> list[Event]:
        """Return the events once there are so many different ones. Fails with what is there if they do not come."""
        for _ in range(int(PATIENCE / 0.05)):
            found = self.events()
            if len({event.message_id for event in found}) >= wanted:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{wanted} events were awaited, there are {Counter(e.name or e.type for e in found)}")

    def settle(self) -> None:
        """Return when everything is in the profiles and in the events store."""
        self.home.server.api("POST", f"/api/sites/{self.key}/settle")

    def people(self, rule: str) -> int:
        """Return of how many people a rule is true, as the events store counts."""
        return int(self.home.server.api("POST", f"/api/sites/{self.key}/count", {"rule": rule})["people"])

    def profile(self, kind: str, identity: str) -> Profile:
        """Return the profile that an identity leads to, as of the last `settle`."""
        found = _beside(self.folder, "profiles.db", lambda copy: _profile(copy, kind, identity))
        assert found is not None
        return found


def _events(folder: Path) -> list[Event]:
    journal = SqliteJournal(folder)
    try:
        return [event for _, event in journal.read(0, 10_000)]
    finally:
        journal.close()


def _profile(folder: Path, kind: str, identity: str) -> Profile | None:
    profiles = SqliteProfiles(folder)
    try:
        found = profiles.find(kind, identity)
        return profiles.get(found) if found is not None else None
    finally:
        profiles.close()


def _beside(folder: Path, name: str, read: Callable[[Path], Read]) -> Read:
    """Return what is read from a copy of a file that the server has for itself, and whose log another must not touch.

    Nothing keeps it still while it is copied, so a copy that is torn is made again.
    """
    for left in reversed(range(20)):
        with TemporaryDirectory() as copy:
            for each in (f"{name}-wal", name):
                with suppress(FileNotFoundError):
                    copyfile(folder / each, Path(copy) / each)
            try:
                return read(Path(copy))
            except StoreError:
                if not left:
                    raise
        time.sleep(0.05)
    raise AssertionError


def bare(event: Event, **fields: Any) -> Event:
    """Return an event without what differs from run to run: its id, its times, and `fields` of your choice."""
    return msgspec.structs.replace(event, message_id="", time=0, received=0, **fields)

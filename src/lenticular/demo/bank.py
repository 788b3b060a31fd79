"""The demo bank while it runs: its catalog made live, its five people, its traffic, and the page's state."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from lenticular.app.open import Installation
from lenticular.app.pictures.folder import take_folder
from lenticular.app.publish import publish
from lenticular.app.site import LiveSite
from lenticular.app.static_members import Listing, change_list
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import fatal
from lenticular.demo import traffic
from lenticular.demo.people import Person, people
from lenticular.demo.traffic import Sent
from lenticular.errors import CatalogError, LenticularError, Problem
from lenticular.profiles.profile import Shown
from lenticular.stores.files.catalog import read_catalog

CATALOG = Path(__file__).parent / "aurora"
SEED = 7
_INVITED = "invited"
_NOTES = "demo.json"


class Notes(msgspec.Struct):
    """What the demo remembers between two starts: when its traffic ends (ms), and whether all of it came in.

    `started` is when its clock began: on the same day it begins there again, so that the five people do the same.
    """

    until: int
    finished: bool = False
    started: int = 0


class Traffic(msgspec.Struct, rename="camel"):
    """How much of the four weeks has come in."""

    done: int = 0
    total: int = 0
    events: int = 0
    events_total: int = 0
    finished: bool = False


class Demo:
    """One run of `lenticular demo`."""

    def __init__(self, people_count: int, routes: Callable[[Demo], Sequence[Any]]) -> None:
        self.people_count = people_count
        self._routes = routes
        self.traffic = Traffic()
        self.started = 0
        """The moment (ms) at which the demo's clock begins."""
        self.people: list[Person] = []
        self.shown: dict[str, dict[str, Shown]] = {}
        """Impressions that were clicked on the page, by person and item; they are no events."""
        self._site: LiveSite | None = None
        self.url = self.magazine = ""
        self._key = ""
        self._installation: Installation | None = None

    @property
    def site(self) -> LiveSite:
        """The bank's site. Raises LenticularError while it is being prepared."""
        if self._site is None:
            raise LenticularError(Problem("demo.starting", "The demo is starting.", hint="Try again in a second."))
        return self._site

    def routes(self, installation: Installation) -> Sequence[Any]:
        """Return the demo's routes."""
        return self._routes(self)

    async def prepare(self, installation: Installation, url: str) -> None:
        """Publish the bank's catalog and let its five people come by. Raises LenticularError."""
        catalog = bank_catalog()
        site = await installation.ensure(catalog.site)
        await take_folder(installation.pictures, site.key, CATALOG)
        [newest] = await site.in_store(site.stores.catalogs.publications, site.key, None, 1, "done")
        # What somebody has edited since stays; a newer version of the bank's files is taken.
        if newest.kind == "import" and site.engine.snapshot.revision != catalog.revision:
            await publish(site, catalog)
        await site.backfill.complete()
        self._installation, self.url, self._key = installation, url, catalog.site.write_key
        self.started = self._beginning(site)
        self.people = people(self.started, catalog.site.timezone)
        await self._arrive(catalog.site.write_key)
        await self._invite(site)
        self._site = site

    def _beginning(self, site: LiveSite) -> int:
        calendar, now = site.engine.snapshot.calendar, site.clock()
        notes = self._notes(now)
        if calendar.day(notes.started) != calendar.day(now):
            notes.started = now
            self._write_notes(notes)
        return notes.started

    async def _arrive(self, write_key: str) -> None:
        """The five people's messages come in as any browser's would."""
        async with httpx.AsyncClient(base_url=self.url, auth=(write_key, ""), timeout=30, trust_env=False) as client:
            for person in self.people:
                answer = await client.post("/v1/batch", json={"batch": person.messages})
                if answer.status_code != 200:
                    raise LenticularError(Problem("demo.people", f"{person.name} was refused: {answer.text}"))

    async def _invite(self, site: LiveSite) -> None:
        """Elena's branch has put her on its list; whoever takes her off it has done so for good."""
        elena = site.collector.current("", "elena")
        if elena is not None and _INVITED not in elena.listed and _INVITED in site.engine.catalog.segments:
            await change_list(site, _INVITED, Listing(user_ids=("elena",)))

    async def send_traffic(self) -> None:
        """Send four weeks of traffic through the HTTP API, unless an earlier start did."""
        notes = self._notes(self.started)
        visits = await asyncio.to_thread(traffic.plan, notes.until, self.people_count, SEED)
        total = traffic.size(visits)
        self.traffic.total, self.traffic.events_total = total.people, total.messages
        if notes.finished:
            self.traffic.done, self.traffic.events, self.traffic.finished = total.people, total.messages, True
            return

        await self._send(notes.until)
        self.traffic.finished = True
        notes.finished = True
        self._write_notes(notes)

    async def _send(self, until: int) -> None:
        """Send from a process of its own: this one answers the page meanwhile. Raises LenticularError."""
        key = self.site.engine.catalog.site.write_key
        arguments = (self.url, key, str(until), str(self.people_count), str(SEED))
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lenticular.demo.sender", *arguments, stdin=PIPE, stdout=PIPE
        )
        try:
            while sender.stdout and (line := await sender.stdout.readline()):
                sent = msgspec.json.decode(line, type=Sent)
                self.traffic.done, self.traffic.events = sent.people, sent.messages
            if await sender.wait():
                raise LenticularError(Problem("demo.traffic", "The traffic stopped.", hint="Start the demo again."))
        finally:
            if sender.returncode is None:
                sender.kill()
                await sender.wait()

    def curl(self, url: str) -> list[str]:
        """Return commands to try."""
        key = self._key
        return [
            f"curl -s '{url}/v1/decide?site=aurora&page=/&slots=promo,partner&anonymousId=me&url={url}/college'",
            f"""curl -s -u {key}: {url}/v1/identify -d '{{"anonymousId":"me","userId":"me","traits":"""
            """{"birth_date":"2005-05-05"}}'""",
            f"""curl -s -u {key}: {url}/v1/track -d '{{"userId":"me","event":"Offer Viewed","properties":"""
            """{"offer":"gold-card"}}'""",
            f"""curl -s '{url}/v1/decide?site=aurora&slots=promo&userId=me&impression=1'""",
        ]

    def _notes(self, now: int) -> Notes:
        path = self._notes_path()
        try:
            return msgspec.json.decode(path.read_bytes(), type=Notes)
        except (OSError, msgspec.DecodeError):
            return Notes(now)

    def _write_notes(self, notes: Notes) -> None:
        self._notes_path().write_bytes(msgspec.json.encode(notes))

    def _notes_path(self) -> Path:
        if self._installation is None:
            raise LenticularError(Problem("demo.starting", "The demo is starting."))
        return self._installation.folder.path / _NOTES


def bank_catalog() -> Catalog:
    """Return the catalog of the bank. Raises CatalogError."""
    catalog, problems = read_catalog(CATALOG)
    if catalog is None or fatal(problems):
        raise CatalogError(*problems)
    return catalog

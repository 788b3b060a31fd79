"""One site while it runs: its stores, its way in, and the engine that decides now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import msgspec

from lenticular.app.backfill import Backfill
from lenticular.app.collect import Collector
from lenticular.app.engine import Engine, Types, compile_engine, person_of
from lenticular.app.exposures import Exposures
from lenticular.app.flush import Flusher
from lenticular.app.import_part import Note
from lenticular.app.pictures.pictures import Pictures
from lenticular.app.report import Report
from lenticular.app.site_keys import SiteKeys
from lenticular.app.source import SourceState
from lenticular.app.stream.stream import Stream
from lenticular.app.stream.told import Measuring, told_publication
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.stored import Live, Publication
from lenticular.criteria.calendar import DAY
from lenticular.criteria.person import Person
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.limits import Limits
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.decide.popular import UNCOUNTED, Popular
from lenticular.decide.reservations import Reservations
from lenticular.errors import EventsUnavailableError, Problem, StoreError
from lenticular.intake.topics import about
from lenticular.logs import SITE
from lenticular.ports import CatalogStore, Clock
from lenticular.profiles.event import Event
from lenticular.profiles.fold import IMPRESSION, register
from lenticular.profiles.profile import Profile
from lenticular.settings import Settings
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.parts import ClickHouseParts
from lenticular.stores.files.notes import Notes
from lenticular.stores.files.sources import SourceFiles
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles

P = ParamSpec("P")
T = TypeVar("T")
_STRETCH = 2_000
"""Events of which the log must have one: at the beginning and at the end of the journal, at most a quarter of it."""
_EVER = -(1 << 62)
_TIDY = 60
"""Seconds between two looks at the journal's size."""
_LIMITS = Limits()
_NO_TASK: asyncio.Task[None] | None = None
_log = logging.getLogger(__name__)


class SiteStores(msgspec.Struct, frozen=True):
    """Where one site's things are kept; `folder` holds the SQLite files, `parts` keeps those of the events store.

    `catalogs`, `keys` and `pictures` are those of all sites, `threads` those in which their database is asked.
    """

    folder: Path
    parts: ClickHouseParts
    journal: SqliteJournal
    profiles: SqliteProfiles
    catalogs: CatalogStore
    keys: SiteKeys
    pictures: Pictures
    threads: ThreadPoolExecutor
    events: ClickHouseEvents
    imports: Notes[Note]
    sources: SourceFiles
    source_states: Notes[SourceState]
    close: Callable[[], Awaitable[None]]


class LiveSite:
    """A site that collects and decides. `clock` gives now in ms, `new_id` a random id."""

    def __init__(
        self, live: Live, stores: SiteStores, clock: Clock, new_id: Callable[[], str], settings: Settings
    ) -> None:
        self.stores, self.clock, self.new_id = stores, clock, new_id
        self._keeping = settings
        self.engine: Engine = compile_engine(live.catalog, cast(Types, stores.profiles.properties()))
        self.publication = live.publication
        """The id of the publication that decisions are made from."""
        self.publishing = asyncio.Lock()
        """Held by whoever publishes: one at a time."""
        self.on_published: list[Callable[[Publication], None]] = [self._tell_published]
        """Told of each publication, with its changes, once decisions are made from it."""
        self.on_renamed: list[Callable[[dict[str, str]], Awaitable[None]]] = []  # by old key the new one of a segment
        self.failed_plans = 0
        """How many planned publications did not come about since the start."""
        self.going: set[asyncio.Task[Any]] = set()
        """Publications that are coming about."""
        self.reservations = Reservations()
        self.visits: dict[tuple[str, str], tuple[int, int, int]] = {}
        """By (anonymous id, user id): the session that a decision noted last, when (ms), what it told of the site's own
        (a hash)."""
        self.exposures = Exposures()
        calendar = self.engine.snapshot.calendar
        self._plan = self.count(self.engine)
        self.collector = Collector(stores.journal, stores.profiles, calendar, self._plan)
        self.collector.types.update(self.engine.types)
        self.flusher = Flusher(stores.profiles, stores.events)
        self.backfill = Backfill(stores.profiles, stores.events, self.collector, self.flusher, calendar, clock)
        self.importing: dict[str, Report] = {}
        """What became of the rows of imports behind the position that is noted, by the import's id."""
        self.looked_at_log, self.log_is_old = 0, False
        """When (ms) an import looked whether the log has what the profiles do not remember, and whether it had."""
        self.simulating, self.exporting = False, 0
        """Whether recorded visits are being replayed, one simulation at a time; how many exports run."""
        self.backfill.check, self.asking = self.check_log, 0
        """How many decisions wait for the log."""
        self.stream = Stream(clock, new_id(), Measuring(self._doing))
        """What open screens are told."""
        self.reading = asyncio.Lock()
        """Held by what reads the whole journal: nothing is let go of meanwhile."""
        self._tidying, self._besides = _NO_TASK, list[asyncio.Task[None]]()
        self.popular: Popular = UNCOUNTED
        """How often items were seen and clicked when that was counted last."""

    @property
    def types(self) -> dict[tuple[str, str], Type]:
        """Every property known by now, also those that the door has seen and no fold has registered yet."""
        return cast(dict[tuple[str, str], Type], self.collector.types)

    @property
    def key(self) -> str:
        """The site's key."""
        return self.engine.catalog.site.key

    async def open(self) -> None:
        """Take up what lies in the journal and begin. Raises StoreError."""
        before = SITE.set(self.key)  # for the log of all tasks that are begun here
        try:
            await self.collector.open()
            self.collector.on_commit.append(self.flusher.poke)
            await self.flusher.open()
            self.backfill.open(self._plan)
            self._tidying = asyncio.create_task(self._tidy())
        finally:
            SITE.reset(before)

    def count(self, engine: Engine) -> TallyPlan:
        """Count an engine's tallies, and no others, in all that is folded from now on; return the plan to fold by.

        Only while nothing is folded. Raises StoreError.
        """
        profiles, plan = self.stores.profiles, engine.segments.plan
        profiles.count(plan.tallies)
        generation, counted = profiles.counted()
        return plan.counting(generation, {one.key: one.generation for one in counted}, _LIMITS)

    def recount(self, keys: Collection[str]) -> None:
        """Count some tallies anew, from what the log has. Only while nothing is folded. Raises StoreError."""
        tallies = self.engine.segments.plan.tallies
        self.stores.profiles.count([key for key in tallies if key not in keys])
        plan = self.count(self.engine)
        self.collector.swap(plan)
        self.backfill.follow(plan)

    async def in_store(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the catalog's database in a thread of its own. Raises what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.stores.threads, partial(ask, *args, **kwargs))

    async def _tidy(self) -> None:
        """Every minute, let go of what the journal need not keep any longer: folded, sent, and old or too much."""
        while True:
            profiles, keeping = self.stores.profiles, self._keeping
            before = self.clock() // DAY - keeping.journal_days
            try:
                unsent = await asyncio.to_thread(profiles.unsent)
                upto = profiles.folded() if unsent is None else min(profiles.folded(), unsent - 1)
                async with self.reading:
                    await asyncio.to_thread(self.stores.journal.forget, upto, before, keeping.journal_bytes)
            except StoreError as error:
                _log.warning("What is old stays in the journal: %s.", error.codes)
            await asyncio.sleep(_TIDY)

    def besides(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside everything else for as long as the site is open."""
        before = SITE.set(self.key)
        self._besides.append(asyncio.create_task(work))
        SITE.reset(before)

    async def close(self) -> None:
        """Stop; nothing accepted is lost."""
        self.stream.close()
        if self._tidying is not None:
            self._tidying.cancel()
        for task in self._besides:
            task.cancel()
        await asyncio.gather(*self.going, *self._besides, return_exceptions=True)
        await self.backfill.close()
        await self.collector.close()
        await self.flusher.close()
        await self.stores.close()

    def _tell_published(self, publication: Publication) -> None:
        self.stream.tell("published", told_publication(publication, publication.changes))

    def _doing(self) -> tuple[int, int, int, int]:
        """Return events accepted since the start, people, events that are not folded, and how long (ms) they wait."""
        oldest = self.collector.oldest
        lag = max(self.clock() - oldest.received, 0) if oldest else 0
        return self.collector.accepted, self.stores.profiles.count_people(), self.collector.pending, lag

    @property
    def overloaded(self) -> bool:
        """Whether new events should be refused for a while (429)."""
        return self.collector.overloaded

    async def accept(self, events: Sequence[Event]) -> None:
        """Return when the events are on disk; an impression ends the reservation that its decision took.

        One that names a content item is about its tags. Raises StoreError.
        """
        if content := self.engine.catalog.content:
            events = [self._about(event, content) for event in events]
        await self.collector.accept(events)
        for event in events:
            if event.name == IMPRESSION and not event.bot:
                self._seen(event)

    def _about(self, event: Event, content: Mapping[str, ContentItem]) -> Event:
        told = about(event, content) if not event.bot else event
        if told is not event:
            register(told, self.collector.types)
        return told

    def _seen(self, event: Event) -> None:
        profile = self.collector.current(event.anonymous_id, event.user_id)
        item, decision = event.properties.get("t_item"), event.properties.get("t_decision")
        if profile is not None and isinstance(item, str) and isinstance(decision, str):
            self.reservations.release(profile.names, item, decision)

    def person(self, profile: Profile | None) -> Person:
        """Return what rules can read of a profile, its organizations as of everything accepted. Raises StoreError."""
        if profile is None or not profile.organizations:
            return person_of(profile)
        return person_of(profile, self.collector.organizations(profile.organizations))

    async def check_log(self) -> None:
        """Look whether the log has any of the oldest and of the newest events of the journal: its folder may be gone.

        Raises EventsUnavailableError if it lacks them, or can't be asked.
        """
        journal, unsent = self.stores.journal, self.stores.profiles.unsent()
        upto = self.stores.profiles.folded() if unsent is None else unsent - 1
        kept_from = self.engine.catalog.site.kept_from(self.clock()) or _EVER
        size = min(_STRETCH, max(10, (upto - journal.first()) // 4))
        for after in (0, max(upto - size, 0)):
            read = [(seq, event) for seq, event in journal.read(after, size) if seq <= upto and event.name]
            stretch = {seq: event.message_id for seq, event in read if event.time >= kept_from}
            if stretch and not await self.stores.parts.has_any(
                min(stretch), max(stretch), list(stretch.values())[:100]
            ):
                hint = "lenticular doctor --repair brings them back."
                raise EventsUnavailableError(Problem("log.missing", "The log lacks events that were sent.", hint=hint))

    async def settle(self) -> None:
        """Return when everything accepted so far is in the profiles and in the events store."""
        await self.collector.drain()
        await self.flusher.drain()

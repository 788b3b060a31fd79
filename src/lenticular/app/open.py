"""Open a data folder: the one place that builds stores.

data/lock                       held by the process that owns the folder
data/server.json                where that process answers, while it serves
data/catalog.db                 definitions, drafts, revisions of all sites, unless a setting names another database
data/pictures/                  the files of all pictures
data/clickhouse/                the events store of all sites, a database each
data/sites/<key>/               journal.db  profiles.db
data/sites/<key>/imports/       how far imports have come that are not complete
data/sites/<key>/sources/       where data is pulled from, and how that went
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from lenticular.app.block_kinds import block_kinds
from lenticular.app.folder import CATALOG_FILE, Folder
from lenticular.app.import_part import Note
from lenticular.app.jobs.kinds import kinds
from lenticular.app.jobs.loop import Jobs
from lenticular.app.jobs.segment_sizes import OnMoved
from lenticular.app.pictures.lacking import keep_lacking
from lenticular.app.pictures.pictures import Pictures
from lenticular.app.popular import keep_counting
from lenticular.app.preview_links import PreviewLinks
from lenticular.app.pulling import Pulling
from lenticular.app.sentences import first_sentences
from lenticular.app.site import LiveSite, SiteStores
from lenticular.app.site_keys import SiteKeys
from lenticular.app.site_refused import closed_site, unfolded_site, unknown_site
from lenticular.app.source import SourceState
from lenticular.app.takeover import take_over
from lenticular.app.webhooks.hooks import Hooks
from lenticular.catalog.author import ADMIN
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.compose import body_of
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Change, Publishing
from lenticular.criteria.calendar import calendar_of
from lenticular.errors import CatalogError, ConflictError, EventsUnavailableError, LenticularError, Problem, StoreError
from lenticular.intake.agent import load_parser
from lenticular.jobs.job import Job
from lenticular.ports import AccountStore, CatalogStore, Clock
from lenticular.settings import OFF, Settings
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.parts import ClickHouseParts
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from lenticular.stores.files.notes import Notes
from lenticular.stores.files.places import PlaceFile
from lenticular.stores.files.sources import SourceFiles
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles

if TYPE_CHECKING:
    from lenticular.stores.sql.database import SqlDatabase

P = ParamSpec("P")
T = TypeVar("T")
_THREADS = 4
_MOST_UNFOLDED = 40_000
"""Events that decisions take from the journal of a folder that can't be written to."""
_log = logging.getLogger(__name__)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


class Installation:
    """All sites of one data folder, open."""

    def __init__(
        self, folder: Folder, clock: Clock, new_id: Callable[[], str], settings: Settings | None = None
    ) -> None:
        self.folder, self.clock, self.new_id = folder, clock, new_id
        self.settings = limits = settings or Settings()
        self.places: PlaceFile | None = None
        """Places by address, where a setting names a file; there once the installation is open."""
        self.child = events_child(folder.path, limits)
        self.sites: dict[str, LiveSite] = {}
        self.jobs = Jobs(self.sites, clock)
        """What the server does beside answering."""
        self.on_moved: list[OnMoved] = []
        """Told of who joined and who left a segment since it was counted the time before."""
        self.hooks = Hooks(self)
        """Webhooks: who is told what happens."""
        self.pulling = Pulling(self.sites, clock, self.jobs)
        self.threads = ThreadPoolExecutor(_THREADS, "lenticular-catalog")
        """In which the catalog's database is asked."""
        self._database: SqlDatabase | None = None
        self._catalogs: CatalogStore | None = None
        self._accounts: AccountStore | None = None
        self.keys = SiteKeys(clock, new_id, self.in_store)
        """What opens which site."""
        self.preview_links = PreviewLinks(clock, self.in_store)
        """Which preview links were made, and which taken back."""
        self.pictures = Pictures(folder.path, clock, self.in_store)
        """The pictures of all sites."""
        self.closed: dict[str, LenticularError] = {}
        """Sites that could not be opened, and why."""
        self.by_itself = True
        """Whether what is due by itself is done; a command does what it was asked for."""
        self.before_close: list[Callable[[], Awaitable[None]]] = []
        """What still brings events when no request does any more; awaited before the sites close."""
        self._creating = asyncio.Lock()
        self.caring = asyncio.Lock()
        """Held by what repairs: one at a time."""

    async def open(self) -> None:
        """Start the events store and every site that can be. Raises StoreError if the folder or the catalog's database
        can't be used, and LenticularError for a wrong setting.
        """
        self.hooks.allow(self.settings)
        if self.settings.place_file != OFF:
            self.places = PlaceFile(Path(self.settings.place_file))
        (self.folder.path / "sites").mkdir(exist_ok=True)
        parser = asyncio.create_task(asyncio.to_thread(load_parser))
        blocks = asyncio.create_task(asyncio.to_thread(block_kinds))
        database = asyncio.create_task(asyncio.to_thread(self._open_database))
        try:
            if not self.to_read:
                await self.child.start(insist=False)
        finally:
            await asyncio.gather(parser, database, blocks, return_exceptions=True)
        parser.result()
        database.result()
        from lenticular.stores.sql.keys import SqlKeys
        from lenticular.stores.sql.pictures import SqlPictures
        from lenticular.stores.sql.previews import SqlPreviews

        await self.keys.open(SqlKeys(self.database))
        await self.preview_links.open(SqlPreviews(self.database), noting=not self.to_read)
        await self.pictures.open(SqlPictures(self.database), self.folder.refusal)
        self.jobs.on_change += [self.hooks.job, self._tell_job]
        self.on_moved.append(self.hooks.moved)
        await self.open_sites()
        if not self.to_read:
            if self.by_itself:
                self.hooks.start()
            self.jobs.by_itself = self.by_itself
            await self.jobs.open(kinds(self), alone=self.catalog_file is not None)

    def _open_database(self) -> None:
        # SQLAlchemy takes a third of a second to load: here it does so while the events store starts.
        from lenticular.stores.sql.accounts import SqlAccounts
        from lenticular.stores.sql.catalog import SqlCatalogs
        from lenticular.stores.sql.database import SqlDatabase
        from lenticular.stores.sql.jobs import SqlJobs
        from lenticular.stores.sql.webhooks import SqlWebhooks

        own = self.catalog_file
        self._database = SqlDatabase(self.settings.database if own is None else own, self.to_read)
        self._catalogs, self._accounts = SqlCatalogs(self._database), SqlAccounts(self._database)
        self.jobs.use(SqlJobs(self._database), self.threads)
        self.hooks.use(SqlWebhooks(self._database))

    @property
    def to_read(self) -> bool:
        """Whether the folder can't be written to: decisions are made from what is there, and nothing is taken in."""
        return bool(self.folder.refusal)

    @property
    def catalog_file(self) -> Path | None:
        """The file of the catalog's database; None where a setting names another database."""
        return self.folder.path / CATALOG_FILE if self.settings.database == "sqlite" else None

    @property
    def database(self) -> SqlDatabase:
        """The relational database; there once the installation is open."""
        if self._database is None:
            raise RuntimeError("The installation is not open.")
        return self._database

    @property
    def catalogs(self) -> CatalogStore:
        """The catalogs of all sites; there once the installation is open."""
        if self._catalogs is None:
            raise RuntimeError("The installation is not open.")
        return self._catalogs

    @property
    def accounts(self) -> AccountStore:
        """Users, tokens, the audit log; there once the installation is open."""
        if self._accounts is None:
            raise RuntimeError("The installation is not open.")
        return self._accounts

    async def in_store(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the catalog's database in a thread of its own. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(ask, *args, **kwargs))

    async def open_sites(self) -> None:
        """Open every site that is not open; one that can't be is left in `closed`, and stops no other.

        Raises StoreError if the catalog's database can't be asked, or knows none of the sites that there is data of.
        """
        home = self.folder.path / "sites"
        untaken = await self.in_store(take_over, home, self.catalogs, self.keys.store, self.new_id)
        await self.keys.load()
        known = await self.in_store(self.catalogs.sites)
        with_data = [path.name for path in sorted(home.iterdir()) if any(path.glob("*.db"))]
        if with_data and not known and not untaken:
            raise unknown_site(with_data[0], home)
        for key in sorted({*known, *with_data} - set(self.sites)):
            try:
                if key in untaken:
                    raise untaken[key]
                await self._start(key)
                self.closed.pop(key, None)
            except LenticularError as error:
                _log.error("A site can't be opened: %s.", error.codes, extra={"site": key})
                self.closed[key] = error
            except Exception:
                _log.exception("A site can't be opened.", extra={"site": key})
                hint = "The server's log says where it failed. Restore the site from a backup."
                self.closed[key] = StoreError(Problem("site.unreadable", "It can't be read.", str(home / key), hint))

    def _tell_job(self, job: Job) -> None:
        if job.site in self.sites:
            self.sites[job.site].stream.job(job)

    def end_streams(self) -> None:
        """End what would keep answering: the streams of open screens."""
        for site in self.sites.values():
            site.stream.close()

    async def close(self) -> None:
        """Stop everything; nothing accepted is lost."""
        await self.jobs.stop()
        await self.hooks.stop()
        for settle in self.before_close:
            await settle()
        for site in self.sites.values():
            await site.close()
        await self.child.stop()
        await self.keys.close()
        await self.preview_links.close()
        self.threads.shutdown()
        if self._database is not None:
            self._database.close()
        if self.places is not None:
            self.places.close()
        self.folder.release()

    def site(self, key: str) -> LiveSite:
        """Return a site. Raises LenticularError, naming those there are."""
        found = self.sites.get(key)
        if found is None and key in self.closed:
            raise closed_site(key, self.closed[key])
        if found is None:
            known = (
                f"Known: {', '.join(self.sites)}." if self.sites else "There is none yet: import a catalog or events."
            )
            raise LenticularError(Problem("site.unknown", f"There is no site {key!r}.", hint=known))
        return found

    def by_write_key(self, key: str) -> tuple[LiveSite, bool] | None:
        """Return the site that a key opens, and whether it is the secret one."""
        found = self.keys.ring.opens(key)
        site = None if found is None else self.sites.get(found[0])
        return None if found is None or site is None else (site, found[1])

    async def ensure(self, definition: Site) -> LiveSite:
        """Return a site, created with an empty catalog if it is new. Raises CatalogError, StoreError."""
        if definition.key in self.sites:
            return self.sites[definition.key]
        if not _KEY.fullmatch(definition.key):
            hint = "Letters, digits, - and _; at most 63."
            raise CatalogError(Problem("site.key", f"{definition.key!r} can't be a site's key.", hint=hint))
        self._refuse_twin(definition.key)
        try:
            await asyncio.to_thread(calendar_of, definition.timezone)
        except ValueError as error:
            raise CatalogError(Problem("site.timezone", str(error), hint="Give it with --tz.")) from None
        async with self._creating:
            if definition.key in self.closed:
                raise closed_site(definition.key, self.closed[definition.key])
            if definition.key in self.sites:
                return self.sites[definition.key]
            if definition.key not in await self.in_store(self.catalogs.sites):
                await self.keys.take_in_all(definition, ADMIN)
                await self.in_store(self._create, self.keys.plain(definition))
            return await self._start(definition.key)

    def _create(self, definition: Site) -> None:
        """Publish the empty catalog of a new site. Raises StoreError."""
        change = Change(self.new_id(), "site", definition.key, 0, "live", body_of(definition))
        changes = first_sentences([change])
        given = Publishing(self.clock(), ADMIN, changes, Catalog(definition).revision, (), kind="import")
        self.catalogs.publish(definition.key, given, lambda: None)

    def _refuse_twin(self, key: str) -> None:
        """Refuse a key whose folder or database another site has: `a-b` beside `a_b`, on some disks `A` beside `a`."""
        taken = [each for each in (*self.sites, *self.closed) if each != key]
        twin = next((each for each in taken if database_of(each).lower() == database_of(key).lower()), None)
        if twin is not None:
            hint = "Choose a key that differs in more than case, - and _."
            raise CatalogError(
                Problem("site.key", f"There is a site {twin!r} already: {key!r} is too near.", hint=hint)
            )

    async def _start(self, key: str) -> LiveSite:
        with contextlib.ExitStack() as opened:
            site = await self._site(key, opened)
            self.sites[site.key] = site
            opened.pop_all()  # closed by the site from now on
        try:
            await self.keys.settle_all(await self.keys.take_in_all(site.engine.catalog.site, ADMIN))
        except ConflictError as error:
            _log.error("The public key of a site is another one's: %s.", error.codes, extra={"site": key})
        return site

    async def _site(self, key: str, opened: contextlib.ExitStack) -> LiveSite:
        path = self.folder.path / "sites" / key
        live = await self.in_store(self.catalogs.live, key)
        if live is None:
            raise unknown_site(key, path.parent)
        path.mkdir(parents=True, exist_ok=True)
        journal = SqliteJournal(path, self.to_read)
        opened.callback(journal.close)
        profiles = SqliteProfiles(path, lambda: self.new_id().encode(), self.to_read)
        opened.callback(profiles.close)
        database = database_of(key)
        if self.to_read and journal.last() - profiles.folded() > _MOST_UNFOLDED:
            raise unfolded_site(path)
        events, parts = ClickHouseEvents(self.child, database), ClickHouseParts(self.child, database)

        # Reports wait for the events store, decisions do not; it makes its tables when it is asked first.
        with contextlib.suppress(EventsUnavailableError):
            await events.open()
        stores = SiteStores(
            folder=path,
            parts=parts,
            journal=journal,
            profiles=profiles,
            catalogs=self.catalogs,
            keys=self.keys,
            pictures=self.pictures,
            threads=self.threads,
            events=events,
            imports=Notes(path / "imports", Note),
            sources=SourceFiles(path / "sources"),
            source_states=Notes(path / "sources", SourceState, ".state.json"),
            close=partial(_close, events, parts, journal, profiles),
        )
        site = LiveSite(live, stores, self.clock, self.new_id, self.settings)
        await self.hooks.attach(site)
        await site.open()
        site.besides(keep_counting(site))
        keep_lacking(site, self.pictures)
        self.hooks.opened(site)
        return site


async def _close(
    events: ClickHouseEvents, parts: ClickHouseParts, journal: SqliteJournal, profiles: SqliteProfiles
) -> None:
    await events.close()
    await parts.close()
    journal.close()
    profiles.close()


def events_child(folder: Path, limits: Settings) -> ClickHouseChild:
    """Return the events store of a data folder, not started."""
    return ClickHouseChild(folder / "clickhouse", threads=limits.events_threads, memory=limits.events_memory)


def database_of(site: str) -> str:
    """Return the name of a site's database in the events store."""
    return f"site_{site.replace('-', '_')}"


@contextlib.asynccontextmanager
async def installation(
    path: Path,
    clock: Clock,
    new_id: Callable[[], str],
    create: bool = False,
    settings: Settings | None = None,
    by_itself: bool = True,
) -> AsyncIterator[Installation]:
    """Open a data folder for the length of a block; `by_itself`: what is due is done. Raises StoreError."""
    opened = Installation(Folder(path, create), clock, new_id, settings)
    opened.by_itself = by_itself
    try:
        await opened.open()
        yield opened
    finally:
        await opened.close()

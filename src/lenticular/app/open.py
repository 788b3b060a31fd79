"""Open a data folder: the one place that builds stores.

data/lock                       held by the process that owns the folder
data/server.json                where that process answers, while it serves
data/clickhouse/                the events store of all sites, a database each
data/sites/<key>/               journal.db  profiles.db  catalog.db
data/sites/<key>/imports/       how far imports have come that are not complete
data/sites/<key>/sources/       where data is pulled from, and how that went
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from lenticular.app.folder import Folder
from lenticular.app.import_part import Note
from lenticular.app.pulling import Pulling
from lenticular.app.site import LiveSite, SiteStores
from lenticular.app.source import SourceState
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.site import Site
from lenticular.criteria.calendar import calendar_of
from lenticular.errors import CatalogError, EventsUnavailableError, LenticularError, Problem, StoreError
from lenticular.intake.agent import load_parser
from lenticular.ports import Clock
from lenticular.settings import OFF, Settings
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.parts import ClickHouseParts
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from lenticular.stores.files.notes import Notes
from lenticular.stores.files.places import PlaceFile
from lenticular.stores.files.sources import SourceFiles
from lenticular.stores.sqlite.catalog import SqliteCatalogs
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles

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
        self.pulling = Pulling(self.sites, clock)
        self.closed: dict[str, LenticularError] = {}
        """Sites that could not be opened, and why."""
        self.before_close: list[Callable[[], Awaitable[None]]] = []
        """What still brings events when no request does any more; awaited before the sites close."""
        self._creating = asyncio.Lock()
        self.caring = asyncio.Lock()
        """Held by what repairs: one at a time."""

    async def open(self) -> None:
        """Start the events store and every site that can be. Raises StoreError if the folder can't be used, and
        LenticularError for a wrong setting.
        """
        if self.settings.place_file != OFF:
            self.places = PlaceFile(Path(self.settings.place_file))
        parser = asyncio.create_task(asyncio.to_thread(load_parser))
        home = self.folder.path / "sites"
        home.mkdir(exist_ok=True)
        try:
            await self.child.start(insist=False)
        finally:
            await parser
        await self.open_sites()
        self.pulling.open()

    async def open_sites(self) -> None:
        """Open every site that is not open; one that can't be is left in `closed`, and stops no other."""
        for path in sorted((self.folder.path / "sites").iterdir()):
            if path.name in self.sites or not any(path.glob("*.db")):
                continue
            try:
                await self._start(path, None)
                self.closed.pop(path.name, None)
            except LenticularError as error:
                _log.error("A site can't be opened: %s.", error.codes, extra={"site": path.name})
                self.closed[path.name] = error
            except Exception:
                _log.exception("A site can't be opened.", extra={"site": path.name})
                hint = "The server's log says where it failed. Restore the site from a backup."
                self.closed[path.name] = StoreError(Problem("site.unreadable", "It can't be read.", str(path), hint))

    async def close(self) -> None:
        """Stop everything; nothing accepted is lost."""
        await self.pulling.close()
        for settle in self.before_close:
            await settle()
        for site in self.sites.values():
            await site.close()
        await self.child.stop()
        if self.places is not None:
            self.places.close()
        self.folder.release()

    def site(self, key: str) -> LiveSite:
        """Return a site. Raises LenticularError, naming those there are."""
        found = self.sites.get(key)
        if found is None and key in self.closed:
            raise _closed(key, self.closed[key])
        if found is None:
            known = (
                f"Known: {', '.join(self.sites)}." if self.sites else "There is none yet: import a catalog or events."
            )
            raise LenticularError(Problem("site.unknown", f"There is no site {key!r}.", hint=known))
        return found

    def by_write_key(self, key: str) -> tuple[LiveSite, bool] | None:
        """Return the site that a key opens, and whether it is the secret one."""
        for site in self.sites.values():
            definition = site.engine.catalog.site
            if key and key in (definition.write_key, definition.secret_key):
                return site, key == definition.secret_key
        return None

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
                raise _closed(definition.key, self.closed[definition.key])
            if definition.key in self.sites:
                return self.sites[definition.key]
            path = self.folder.path / "sites" / definition.key
            path.mkdir(parents=True, exist_ok=True)
            return await self._start(path, Catalog(definition))

    def _refuse_twin(self, key: str) -> None:
        """Refuse a key whose folder or database another site has: `a-b` beside `a_b`, on some disks `A` beside `a`."""
        twin = next((each for each in self.sites if database_of(each).lower() == database_of(key).lower()), None)
        if twin is not None:
            hint = "Choose a key that differs in more than case, - and _."
            raise CatalogError(
                Problem("site.key", f"There is a site {twin!r} already: {key!r} is too near.", hint=hint)
            )

    async def _start(self, path: Path, first: Catalog | None) -> LiveSite:
        with contextlib.ExitStack() as opened:
            site = await self._site(path, first, opened)
            self.sites[site.key] = site
            opened.pop_all()  # closed by the site from now on
            return site

    async def _site(self, path: Path, first: Catalog | None, opened: contextlib.ExitStack) -> LiveSite:
        catalogs = SqliteCatalogs(path)
        opened.callback(catalogs.close)
        live = catalogs.live()
        if live is None and first is not None:
            catalogs.publish(first, self.clock(), [])
        catalog = live.catalog if live else first
        if catalog is None:
            raise StoreError(Problem("site.empty", "The site has no catalog.", str(path), "Restore it from a backup."))
        journal = SqliteJournal(path)
        opened.callback(journal.close)
        profiles = SqliteProfiles(path, lambda: self.new_id().encode())
        opened.callback(profiles.close)
        database = database_of(catalog.site.key)
        events, parts = ClickHouseEvents(self.child, database), ClickHouseParts(self.child, database)

        async def close() -> None:
            await events.close()
            await parts.close()
            for store in (journal, profiles, catalogs):
                store.close()

        # Reports wait for the events store, decisions do not; it makes its tables when it is asked first.
        with contextlib.suppress(EventsUnavailableError):
            await events.open()
        imports = Notes(path / "imports", Note)
        sources = SourceFiles(path / "sources")
        states = Notes(path / "sources", SourceState, ".state.json")
        stores = SiteStores(path, parts, journal, profiles, catalogs, events, imports, sources, states, close)
        site = LiveSite(catalog, stores, self.clock, self.new_id, self.settings)
        await site.open()
        return site


def _closed(key: str, error: LenticularError) -> StoreError:
    """Say that a site is there and can't be served."""
    return StoreError(
        Problem("site.closed", f"The site {key!r} could not be opened.", hint="lenticular doctor says what to do."),
        *error.problems,
    )


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
) -> AsyncIterator[Installation]:
    """Open a data folder for the length of a block. Raises StoreError."""
    opened = Installation(Folder(path, create), clock, new_id, settings)
    try:
        await opened.open()
        yield opened
    finally:
        await opened.close()

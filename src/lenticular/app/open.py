"""Open a data folder: the one place that builds stores.

data/lock                       held by the process that owns the folder
data/server.json                where that process answers, while it serves
data/catalog.db                 definitions, drafts, revisions of all sites, unless a setting names another database
data/clickhouse/                the events store of all sites, a database each
data/sites/<key>/               journal.db  profiles.db
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from lenticular.app.folder import Folder
from lenticular.app.planned import Planner
from lenticular.app.sentences import first_sentences
from lenticular.app.site import LiveSite, SiteStores
from lenticular.app.takeover import take_over
from lenticular.catalog.author import ADMIN
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.compose import body_of
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Change, Publishing
from lenticular.criteria.calendar import calendar_of
from lenticular.errors import CatalogError, LenticularError, Problem, StoreError
from lenticular.intake.agent import load_parser
from lenticular.ports import CatalogStore, Clock
from lenticular.settings import OFF, Settings
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from lenticular.stores.files.places import PlaceFile
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles

if TYPE_CHECKING:
    from lenticular.stores.sql.database import SqlDatabase

_THREADS = 4
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
        self.child = ClickHouseChild(
            folder.path / "clickhouse", threads=limits.events_threads, memory=limits.events_memory
        )
        self.sites: dict[str, LiveSite] = {}
        self.planner = Planner(self.sites)
        """Publishes what is planned when it is due."""
        self.threads = ThreadPoolExecutor(_THREADS, "lenticular-catalog")
        """In which the catalog's database is asked."""
        self._database: SqlDatabase | None = None
        self._catalogs: CatalogStore | None = None
        self.before_close: list[Callable[[], Awaitable[None]]] = []
        """What still brings events when no request does any more; awaited before the sites close."""
        self._creating = asyncio.Lock()

    async def open(self) -> None:
        """Start the events store and every site. Raises StoreError, and LenticularError for a wrong setting."""
        if self.settings.place_file != OFF:
            self.places = PlaceFile(Path(self.settings.place_file))
        parser = asyncio.create_task(asyncio.to_thread(load_parser))
        database = asyncio.create_task(asyncio.to_thread(self._open_database))
        try:
            await self.child.start()
        finally:
            await asyncio.gather(parser, database, return_exceptions=True)
        for key in database.result():
            await self._start(key)
        if self.settings.catalog != "files":
            self.planner.start()

    def _open_database(self) -> list[str]:
        """Open the catalog's database; return the keys of the sites. Raises StoreError."""
        # SQLAlchemy takes a third of a second to load: here it does so while the events store starts.
        from lenticular.stores.sql.catalog import SqlCatalogs
        from lenticular.stores.sql.database import SqlDatabase

        url, home = self.settings.database, self.folder.path / "sites"
        home.mkdir(exist_ok=True)
        self._database = SqlDatabase(f"sqlite:///{self.folder.path / 'catalog.db'}" if url == "sqlite" else url)
        catalogs = self._catalogs = SqlCatalogs(self._database)
        take_over(home, catalogs, self.new_id)
        known = catalogs.sites()
        lost = [path for path in sorted(home.iterdir()) if path.name not in known and (path / "profiles.db").exists()]
        if lost:
            message = f"The database of the catalog knows no site {lost[0].name!r}, and there is data of it."
            hint = "Look whether LENTICULAR_DATABASE names the right database, or restore it from a backup."
            raise StoreError(Problem("site.empty", message, str(lost[0]), hint))
        return known

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

    async def close(self) -> None:
        """Stop everything; nothing accepted is lost."""
        await self.planner.stop()
        for settle in self.before_close:
            await settle()
        for site in self.sites.values():
            await site.close()
        await self.child.stop()
        self.threads.shutdown()
        if self._database is not None:
            self._database.close()
        if self.places is not None:
            self.places.close()
        self.folder.release()

    def site(self, key: str) -> LiveSite:
        """Return a site. Raises LenticularError, naming those there are."""
        found = self.sites.get(key)
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
        try:
            await asyncio.to_thread(calendar_of, definition.timezone)
        except ValueError as error:
            raise CatalogError(Problem("site.timezone", str(error), hint="Give it with --tz.")) from None
        async with self._creating:
            if definition.key in self.sites:
                return self.sites[definition.key]
            await asyncio.get_running_loop().run_in_executor(self.threads, self._create, definition)
            return await self._start(definition.key)

    def _create(self, definition: Site) -> None:
        """Publish the empty catalog of a new site. Raises StoreError."""
        change = Change(self.new_id(), "site", definition.key, 0, "live", body_of(definition))
        changes = first_sentences([change])
        given = Publishing(self.clock(), ADMIN, changes, Catalog(definition).revision, (), kind="import")
        self.catalogs.publish(definition.key, given, lambda: None)

    async def _start(self, key: str) -> LiveSite:
        path, catalogs = self.folder.path / "sites" / key, self.catalogs
        live = await asyncio.get_running_loop().run_in_executor(self.threads, catalogs.live, key)
        if live is None:
            raise StoreError(Problem("site.empty", "The site has no catalog.", key, "Restore it from a backup."))
        path.mkdir(parents=True, exist_ok=True)
        journal, profiles = SqliteJournal(path), SqliteProfiles(path)
        events = ClickHouseEvents(self.child, f"site_{key.replace('-', '_')}")

        async def close() -> None:
            await events.close()
            for store in (journal, profiles):
                store.close()

        try:
            await events.open()
            stores = SiteStores(journal, profiles, catalogs, self.threads, events, close)
            site = LiveSite(live, stores, self.clock, self.new_id)
            await site.open()
        except BaseException:
            await close()
            raise
        self.sites[key] = site
        return site


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

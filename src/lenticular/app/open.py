"""Open a data folder: the one place that builds stores.

data/lock                       held by the process that owns the folder
data/server.json                where that process answers, while it serves
data/clickhouse/                the events store of all sites, a database each
data/sites/<key>/               journal.db  profiles.db  catalog.db
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from lenticular.app.folder import Folder
from lenticular.app.site import LiveSite, SiteStores
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.site import Site
from lenticular.criteria.calendar import calendar_of
from lenticular.errors import CatalogError, LenticularError, Problem, StoreError
from lenticular.intake.agent import load_parser
from lenticular.ports import Clock
from lenticular.settings import OFF, Settings
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from lenticular.stores.files.places import PlaceFile
from lenticular.stores.sqlite.catalog import SqliteCatalogs
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles

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
        self.before_close: list[Callable[[], Awaitable[None]]] = []
        """What still brings events when no request does any more; awaited before the sites close."""
        self._creating = asyncio.Lock()

    async def open(self) -> None:
        """Start the events store and every site. Raises StoreError, and LenticularError for a wrong setting."""
        if self.settings.place_file != OFF:
            self.places = PlaceFile(Path(self.settings.place_file))
        parser = asyncio.create_task(asyncio.to_thread(load_parser))
        home = self.folder.path / "sites"
        home.mkdir(exist_ok=True)
        try:
            await self.child.start()
        finally:
            await parser
        for path in sorted(home.iterdir()):
            if (path / "catalog.db").exists():
                await self._start(path, None)

    async def close(self) -> None:
        """Stop everything; nothing accepted is lost."""
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
            if definition.key in self.sites:
                return self.sites[definition.key]
            path = self.folder.path / "sites" / definition.key
            path.mkdir(parents=True, exist_ok=True)
            return await self._start(path, Catalog(definition))

    def _refuse_twin(self, key: str) -> None:
        """Refuse a key whose folder or database another site has: `a-b` beside `a_b`, on some disks `A` beside `a`."""
        twin = next((each for each in self.sites if _database(each).lower() == _database(key).lower()), None)
        if twin is not None:
            hint = "Choose a key that differs in more than case, - and _."
            raise CatalogError(
                Problem("site.key", f"There is a site {twin!r} already: {key!r} is too near.", hint=hint)
            )

    async def _start(self, path: Path, first: Catalog | None) -> LiveSite:
        catalogs = SqliteCatalogs(path)
        live = catalogs.live()
        if live is None and first is not None:
            catalogs.publish(first, self.clock(), [])
        catalog = live.catalog if live else first
        if catalog is None:
            raise StoreError(Problem("site.empty", "The site has no catalog.", str(path), "Restore it from a backup."))
        journal, profiles = SqliteJournal(path), SqliteProfiles(path)
        events = ClickHouseEvents(self.child, _database(catalog.site.key))

        async def close() -> None:
            await events.close()
            for store in (journal, profiles, catalogs):
                store.close()

        await events.open()
        site = LiveSite(catalog, SiteStores(journal, profiles, catalogs, events, close), self.clock, self.new_id)
        await site.open()
        self.sites[catalog.site.key] = site
        return site


def _database(key: str) -> str:
    return f"site_{key.replace('-', '_')}"


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

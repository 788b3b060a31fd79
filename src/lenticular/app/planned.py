"""Publications at a set time: a small loop that publishes what is due."""

from __future__ import annotations

import asyncio
import logging

from lenticular.app.prepare import prepare
from lenticular.app.publishing import publish_changes
from lenticular.app.site import LiveSite
from lenticular.catalog.stored import Publication, Publishing
from lenticular.errors import CatalogError, ConflictError, LenticularError, Problem

_log = logging.getLogger(__name__)
_PAUSE = 1.0


class Planner:
    """Publishes what is due at the sites of an installation."""

    def __init__(self, sites: dict[str, LiveSite]) -> None:
        self._sites = sites
        self._looping: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why nothing that is planned can be published now."""

    def start(self) -> None:
        """Begin to look every second."""
        self._looping = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """Stop; what is coming about comes to its end."""
        if self._looping is not None:
            self._looping.cancel()
            await asyncio.gather(self._looping, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                await self.publish_due()
                self.trouble = ""
            except LenticularError as error:
                if not self.trouble:  # said once, not every second
                    _log.warning("What is planned waits: %s.", error.codes)
                self.trouble = str(error.problems[0])
            except Exception:
                if not self.trouble:
                    _log.exception("What is planned waits.")
                self.trouble = "A defect of ours; the server's log says more."

    async def publish_due(self) -> list[Publication]:
        """Publish what is due, the earliest first; return what became of it. Raises StoreError."""
        found = next(iter(self._sites.values()), None)
        if found is None:
            return []
        due = await found.in_store(found.stores.catalogs.due, found.clock())
        settled = [await _publish(self._sites[one.site], one) for one in due if one.site in self._sites]
        return [one for one in settled if one is not None]


async def _publish(site: LiveSite, planned: Publication) -> Publication | None:
    """Publish what was planned, if it still can be; else keep the reason."""
    store = site.stores.catalogs
    try:
        async with site.publishing:
            prepared = await prepare(site, planned.changes)
            given = Publishing(0, planned.author, (), "", (), planned.drafts, planned=planned.id)
            return await publish_changes(site, prepared, given)
    except (CatalogError, ConflictError) as error:
        if all(one.code == "catalog.changed" and not one.place for one in error.problems):
            return None  # another process was faster with something else: it is looked at again
        if await site.in_store(store.settle, planned.id, "failed", str(error)):
            _log.warning("What was planned did not come about: %s.", _codes(error), extra={"site": site.key})
            site.failed_plans += 1
    return await site.in_store(store.publication, site.key, planned.id)


def _codes(error: LenticularError) -> str:
    """Return what may be written into a log: places in a catalog are an editor's words."""
    return ", ".join(sorted({one.code for one in error.problems}))


async def cancel(site: LiveSite, identity: int) -> Publication:
    """Cancel a planned publication; its drafts stay. Raises LenticularError, ConflictError, StoreError."""
    store = site.stores.catalogs
    if await site.in_store(store.publication, site.key, identity) is None:
        raise LenticularError(unknown_publication(identity))
    if not await site.in_store(store.settle, identity, "cancelled", ""):
        raise ConflictError(Problem("publication.settled", "It is not planned any more.", hint="Undo it instead."))
    found = await site.in_store(store.publication, site.key, identity)
    if found is None:
        raise LenticularError(unknown_publication(identity))
    return found


def unknown_publication(identity: int) -> Problem:
    """Return the refusal of a publication that is not there."""
    return Problem("publication.unknown", f"There is no publication {identity}.", hint="Look at the list of them.")

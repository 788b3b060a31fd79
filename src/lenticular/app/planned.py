"""Publications at a set time: what is planned is published, or keeps the reason why not."""

from __future__ import annotations

import logging

from lenticular.app.prepare import prepare
from lenticular.app.publishing import publish_changes
from lenticular.app.site import LiveSite
from lenticular.catalog.stored import Publication, Publishing
from lenticular.errors import CatalogError, ConflictError, LenticularError, Problem

_log = logging.getLogger(__name__)


async def publish_planned(site: LiveSite, planned: Publication) -> None:
    """Publish what was planned.

    Raises CatalogError, ConflictError if it can't be, which the publication then says too, StoreError. A ConflictError
    without a place (`is_outrun`) means that another process was faster with something else: it is to be tried again.
    """
    store = site.stores.catalogs
    try:
        async with site.publishing:
            prepared = await prepare(site, planned.changes)
            given = Publishing(0, planned.author, (), "", (), planned.drafts, planned=planned.id)
            await publish_changes(site, prepared, given)
    except (CatalogError, ConflictError) as error:
        if is_outrun(error):
            raise
        if await site.in_store(store.settle, planned.id, "failed", str(error)):
            _log.warning("What was planned did not come about: %s.", _codes(error), extra={"site": site.key})
            site.failed_plans += 1
        raise


def is_outrun(error: LenticularError) -> bool:
    """Return whether nothing stands against a publication but that another one came first."""
    return all(one.code == "catalog.changed" and not one.place for one in error.problems)


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

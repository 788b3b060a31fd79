"""A site's definitions: list and find them, and who uses which."""

from __future__ import annotations

import msgspec

from lenticular.app.site import LiveSite
from lenticular.catalog.compose import struct_of
from lenticular.catalog.findings import NOUNS
from lenticular.catalog.references import Use, references, uses_of
from lenticular.catalog.stored import Body, Draft, Search, Stored
from lenticular.errors import LenticularError, Problem


class DefinitionPage(msgspec.Struct, frozen=True):
    """Definitions in the order of their kinds and keys; `next` is where the next page begins, if there is one."""

    definitions: list[Stored]
    next: str | None


class Definition(msgspec.Struct, frozen=True):
    """A definition: what lists show of it, its newest revision's body (None: there is none), and its draft."""

    definition: Stored
    body: Body | None
    draft: Draft | None


class Uses(msgspec.Struct, frozen=True):
    """Who uses a live definition, directly or through segments."""

    uses: list[Use]


async def list_definitions(site: LiveSite, search: Search) -> DefinitionPage:
    """Return a page of definitions. Raises CatalogError for an unknown kind, StoreError."""
    if search.kind:
        struct_of(search.kind)
    asked = msgspec.structs.replace(search, limit=search.limit + 1)
    found = await site.in_store(site.stores.catalogs.definitions, site.key, asked)
    page = found[: search.limit]
    more = len(found) > search.limit
    return DefinitionPage(page, f"{page[-1].kind}/{page[-1].key}" if more else None)


async def stored(site: LiveSite, kind: str, name: str) -> Stored:
    """Return a definition by its id or key. Raises CatalogError for an unknown kind, LenticularError for none."""
    struct_of(kind)
    found = await site.in_store(site.stores.catalogs.find, site.key, kind, name)
    if found is None:
        raise LenticularError(_unknown(kind, name))
    return found


async def definition(site: LiveSite, kind: str, name: str) -> Definition:
    """Return a definition with its newest body and its draft. Raises LenticularError, StoreError."""
    found = await stored(site, kind, name)
    body = await body_at(site, found.id, found.revision)
    draft = await site.in_store(site.stores.catalogs.draft, found.id)
    return Definition(found, body, draft)


async def body_at(site: LiveSite, definition: str, number: int) -> Body | None:
    """Return a definition's body as of a revision; of one that deleted it, None. Raises StoreError."""
    if not number:
        return None
    found = await site.in_store(site.stores.catalogs.revision, definition, number)
    return found.body if found else None


async def uses(site: LiveSite, kind: str, name: str) -> Uses:
    """Return who uses a live definition. Raises LenticularError, StoreError."""
    found = await stored(site, kind, name)
    engine = site.engine
    return Uses(uses_of(kind, found.key, engine.catalog, references(engine.catalog, engine.segments.trees)))


def _unknown(kind: str, name: str) -> Problem:
    return Problem(
        "definition.unknown", f"There is no {NOUNS[kind]} {name!r}.", hint="Look at the list of definitions."
    )

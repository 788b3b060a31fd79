"""The history of definitions and of a site: look at it, restore a revision, undo a publication."""

from __future__ import annotations

import msgspec

from lenticular.app.definitions import stored
from lenticular.app.drafts import ANY, DraftView, NewDraft, save_draft
from lenticular.app.planned import unknown_publication
from lenticular.app.publish import known_definitions
from lenticular.app.publishing import publish_now
from lenticular.app.site import LiveSite
from lenticular.catalog.author import Author
from lenticular.catalog.compose import body_of, read_body
from lenticular.catalog.merge import merge
from lenticular.catalog.stored import Body, Change, Publication, PublicationState, Revision, State
from lenticular.errors import CatalogError, ConflictError, LenticularError, Problem


class RevisionPage(msgspec.Struct, frozen=True):
    """A definition's revisions, the newest first; `next` is where the next page begins, if there is one."""

    revisions: list[Revision]
    next: int | None


class PublicationPage(msgspec.Struct, frozen=True):
    """A site's publications, the newest first; `next` is where the next page begins, if there is one."""

    publications: list[Publication]
    next: int | None


class PublicationDetail(msgspec.Struct, frozen=True):
    """A publication, and the revisions that it brought."""

    publication: Publication
    revisions: list[Revision]


async def revisions(site: LiveSite, of: tuple[str, str], before: int | None, limit: int) -> RevisionPage:
    """Return a definition's revisions. Raises LenticularError, StoreError."""
    one = await stored(site, *of)
    found = await site.in_store(site.stores.catalogs.revisions, one.id, before, limit + 1)
    page = found[:limit]
    return RevisionPage(page, page[-1].number if len(found) > limit else None)


async def revision(site: LiveSite, of: tuple[str, str], number: int) -> Revision:
    """Return one revision. Raises LenticularError, StoreError."""
    one = await stored(site, *of)
    found = await site.in_store(site.stores.catalogs.revision, one.id, number)
    if found is None:
        message = f'"{one.name}" has no revision {number}.'
        raise LenticularError(Problem("revision.unknown", message, hint=f"Its newest is {one.revision}."))
    return found


async def restore(
    site: LiveSite, of: tuple[str, str], number: int, at_once: bool, author: Author
) -> DraftView | Publication:
    """Make a revision the definition's draft again, or publish it at once.

    Raises CatalogError for one that does not fit any more, ConflictError, LenticularError, StoreError.
    """
    found = await revision(site, of, number)
    if found.body is None:
        hint = "Restore an earlier one."
        raise CatalogError(Problem("revision.deleted", "This revision is a deletion.", hint=hint))
    newest = await stored(site, found.kind, found.definition)
    if not at_once:
        given = NewDraft(found.body, base=newest.revision)
        return await save_draft(site, (found.kind, found.definition), given, ANY, author)
    body = body_of(read_body(found.kind, found.key, found.body))
    change = Change(found.definition, found.kind, found.key, newest.revision, "live", body)
    async with site.publishing:
        return await publish_now(site, [change], author, "", "restore", None)


async def publications(
    site: LiveSite, before: int | None, limit: int, state: PublicationState | None
) -> PublicationPage:
    """Return a site's publications. Raises StoreError."""
    found = await site.in_store(site.stores.catalogs.publications, site.key, before, limit + 1, state)
    page = found[:limit]
    return PublicationPage(page, page[-1].id if len(found) > limit else None)


async def publication(site: LiveSite, identity: int) -> PublicationDetail:
    """Return a publication and what it brought. Raises LenticularError, StoreError."""
    found = await site.in_store(site.stores.catalogs.publication, site.key, identity)
    if found is None:
        raise LenticularError(unknown_publication(identity))
    brought = await site.in_store(site.stores.catalogs.brought, identity)
    return PublicationDetail(found, brought)


async def undo(site: LiveSite, identity: int, author: Author) -> Publication:
    """Publish what was there before a publication. What was changed since in other fields is kept.

    Raises ConflictError where the same fields were changed since, CatalogError, LenticularError, StoreError.
    """
    async with site.publishing:
        found = await publication(site, identity)
        if found.publication.state != "done":
            raise ConflictError(Problem("publication.settled", "It did not come about.", hint="Cancel it instead."))
        changes, problems = [], []
        for one in found.revisions:
            if one.kind == "site" and one.number == 1:
                continue  # a site does not go
            change, problem = await _undone(site, one)
            changes += [change] if change else []
            problems += [problem] if problem else []
        if problems:
            raise ConflictError(*problems)
        if not changes:
            raise ConflictError(Problem("publication.undone", "Nothing of it is left to undo."))
        return await publish_now(site, changes, author, "", "undo", identity)


async def restore_site(site: LiveSite, identity: int, author: Author) -> Publication:
    """Publish the catalog as it was once a publication was done. The site's own definition stays.

    Raises LenticularError, ConflictError if nothing is different, CatalogError for what does not fit, StoreError.
    """
    async with site.publishing:
        found = await publication(site, identity)
        if found.publication.state != "done":
            raise ConflictError(Problem("publication.settled", "It did not come about."))
        then = {one.definition: one for one in await site.in_store(site.stores.catalogs.as_of, site.key, identity)}
        changes = []
        for now in await known_definitions(site):
            old = then.get(now.id)
            if now.kind == "site" or not now.revision or (old is not None and old.number == now.revision):
                continue
            state: State = old.state if old else "deleted"
            key, body = (old.key, old.body) if old else (now.key, None)
            current = await site.in_store(site.stores.catalogs.revision, now.id, now.revision)
            if current is None or (current.state, current.body, current.key) != (state, body, key):
                changes.append(Change(now.id, now.kind, key, now.revision, state, body))
        if not changes:
            raise ConflictError(Problem("publication.undone", "Everything is as it was then."))
        return await publish_now(site, changes, author, "", "restore", None)


async def _undone(site: LiveSite, brought: Revision) -> tuple[Change | None, Problem | None]:
    """Return the change that takes a revision back, or why it can't be."""
    store, identity = site.stores.catalogs, brought.definition
    newest = await stored(site, brought.kind, identity)
    before = await site.in_store(store.revision, identity, brought.number - 1)
    state = before.state if before else "deleted"
    body: Body | None = before.body if before else None
    if newest.revision != brought.number:
        current = await site.in_store(store.revision, identity, newest.revision)
        if current is None or body is None or current.body is None or current.state != brought.state:
            return None, _changed(brought, newest.author.name, ())
        merged = merge(brought.body, body, current.body)
        if merged.conflicts:
            return None, _changed(brought, newest.author.name, merged.conflicts)
        if merged.merged == current.body and state == current.state:
            return None, None
        body = merged.merged
    key = str(body["key"]) if body and "key" in body else brought.key
    return Change(identity, brought.kind, key, newest.revision, state, body), None


def _changed(brought: Revision, who: str, where: tuple[str, ...]) -> Problem:
    fields = f" ({', '.join(where)})" if where else ""
    message = f'"{brought.key}" was changed by {who} since{fields}.'
    hint = "Restore a revision of it, or change it by hand."
    return Problem("publication.changed-since", message, f"{brought.kind}/{brought.key}", hint)

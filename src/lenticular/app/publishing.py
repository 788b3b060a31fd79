"""Publish drafts: several together, all or nothing, now or at a set time; and look at what that would do."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lenticular.app.accounts.refusals import ForbiddenError
from lenticular.app.affected import Affected, affected
from lenticular.app.changes import changes_to
from lenticular.app.drafts import change_of
from lenticular.app.following import drafts_after, planned_after
from lenticular.app.go_live import go_live
from lenticular.app.prepare import Prepared, prepare
from lenticular.app.publish import known_definitions, live_of, plain_catalog, refuse_other_site
from lenticular.app.sentences import differences
from lenticular.app.site import LiveSite
from lenticular.catalog.author import Author
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.compose import struct_of
from lenticular.catalog.difference import Difference
from lenticular.catalog.findings import NOUNS
from lenticular.catalog.proposal import Proposal
from lenticular.catalog.stored import Change, Draft, Publication, PublicationKind, Publishing
from lenticular.errors import ConflictError, EventsUnavailableError, LenticularError, Problem


class DraftRef(msgspec.Struct, frozen=True):
    """A draft by its definition's kind and id or key. With a `version`, that one or none."""

    kind: str
    definition: str
    version: int | None = None


class Preview(msgspec.Struct, frozen=True):
    """What publishing would do: differences, who is affected (None: not known), what stands against it, warnings."""

    differences: list[Difference]
    affected: Affected | None
    problems: list[Problem]
    warnings: list[Problem]


async def publish_drafts(
    site: LiveSite,
    refs: Sequence[DraftRef],
    author: Author,
    note: str = "",
    at: int | None = None,
    approved: Proposal | None = None,
) -> Publication:
    """Publish drafts together, or plan to at a moment (ms); `approved` is the proposal that this comes from.

    Everything is checked as one catalog. Raises LenticularError for a draft that is not there, CatalogError with all
    that is wrong, ConflictError where someone else was faster, ForbiddenError where it needs approval, StoreError.
    """
    if approved is None and site.engine.catalog.site.approval:
        hint = "Propose it: POST /api/sites/{key}/proposals."
        raise ForbiddenError(
            Problem("approval.needed", "At this site another person approves what goes live.", hint=hint)
        )
    if at is not None and at <= site.clock():
        hint = "Leave `at` out to publish now."
        raise LenticularError(Problem("publication.past", "This moment is past.", "at", hint))
    async with site.publishing:
        drafts = await chosen(site, refs)
        changes = [change_of(one) for one in drafts]
        done = tuple((one.definition, one.version) for one in drafts)
        prepared = await prepare(site, changes)
        if at is None:
            given = Publishing(0, author, (), "", (), done, note, proposal=approved)
            return await publish_changes(site, prepared, given)
        prepared.ready()
        now, store = site.clock(), site.stores.catalogs
        planned = Publication(
            0, site.key, now, author, note, "publish", "planned", due=at, changes=prepared.changes, drafts=done
        )
        return await site.in_store(store.plan, planned, approved)


async def publish_changes(site: LiveSite, prepared: Prepared, given: Publishing) -> Publication:
    """Publish what was prepared, with the author, drafts and note of `given`. Only while `site.publishing` is held."""
    engine = prepared.ready()
    full = msgspec.structs.replace(
        given,
        following=tuple(await drafts_after(site, prepared.renames, prepared.changes, given.drafts)),
        replanned=tuple(await planned_after(site, prepared.renames, prepared.changes)),
        at=site.clock(),
        changes=prepared.changes,
        revision=engine.catalog.revision,
        tallies=tuple(sorted(engine.segments.plan.tallies)),
        expected=prepared.live.publication,
    )
    done = await go_live(site, engine, full)
    if renamed := prepared.renames.of_segments():
        for tell in site.on_renamed:
            await tell(renamed)
    return done


async def publish_now(
    site: LiveSite, changes: Sequence[Change], author: Author, note: str, kind: PublicationKind, undoes: int | None
) -> Publication:
    """Publish changes that are no drafts. Only while `site.publishing` is held. Raises like `publish_drafts`."""
    prepared = await prepare(site, changes)
    given = Publishing(0, author, (), "", (), note=note, kind=kind, undoes=undoes)
    return await publish_changes(site, prepared, given)


async def preview(site: LiveSite, refs: Sequence[DraftRef], language: str = "en") -> Preview:
    """Return what publishing drafts would do, also if something stands against it.

    Raises LenticularError for a draft that is not there, CatalogError for one that does not fit, StoreError.
    """
    drafts = await chosen(site, refs)
    return await preview_changes(site, [change_of(one) for one in drafts], language)


async def preview_catalog(site: LiveSite, catalog: Catalog, language: str = "en") -> Preview:
    """Return what publishing a whole catalog would do. Raises CatalogError for another site's, StoreError."""
    refuse_other_site(site, catalog.site)
    plain = plain_catalog(site, catalog)
    changes = changes_to(plain, await live_of(site), await known_definitions(site), site.new_id)
    return await preview_changes(site, changes, language, whole=True)


async def preview_changes(
    site: LiveSite, changes: Sequence[Change], language: str = "en", whole: bool = False
) -> Preview:
    """Return what publishing changes would do; `whole`: they are those to a whole catalog."""
    prepared = await prepare(site, changes, whole, language)
    moves = None
    if prepared.engine is not None:
        try:
            await site.settle()
            moves = await affected(site, prepared.engine, prepared.renames.of_segments())
        except EventsUnavailableError:
            moves = None
    told = differences(prepared.changes, prepared.before, prepared.names, language, prepared.renames.follows)
    return Preview(told, moves, [*prepared.conflicts, *prepared.problems], list(prepared.warnings))


async def chosen(site: LiveSite, refs: Sequence[DraftRef]) -> list[Draft]:
    """Return the drafts that are meant, each once. Raises LenticularError, ConflictError for another version."""
    if not refs:
        raise LenticularError(Problem("publication.empty", "There is nothing to publish.", "drafts", "Name drafts."))
    store = site.stores.catalogs
    found: dict[str, Draft] = {}
    unknown, changed = [], []
    for at, ref in enumerate(refs):
        struct_of(ref.kind)
        stored = await site.in_store(store.find, site.key, ref.kind, ref.definition)
        one = await site.in_store(store.draft, stored.id) if stored else None
        if one is None and stored is not None and stored.version:
            message = f'The draft of "{stored.key}" is not there any more: it was published or discarded.'
            changed.append(Problem("draft.gone", message, f"drafts/{at}", "Look at its history."))
        elif one is None:
            message = f'There is no draft of the {NOUNS[ref.kind]} "{ref.definition}".'
            unknown.append(Problem("draft.unknown", message, f"drafts/{at}", "Look at the list of drafts."))
        elif ref.version not in (None, one.version):
            message = f'The draft of "{one.key}" was changed by {one.author.name} since you looked at it.'
            changed.append(Problem("draft.changed", message, f"drafts/{at}", "Look at it again."))
        else:
            found[one.definition] = one
    if changed:
        raise ConflictError(*changed, *unknown)
    if unknown:
        raise LenticularError(*unknown)
    return list(found.values())

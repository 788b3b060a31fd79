"""Proposals: an editor asks for drafts to be published, a publisher approves them or sends them back (ADR 0034)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lenticular.accounts.actor import Actor
from lenticular.app.accounts.refusals import ForbiddenError
from lenticular.app.drafts import change_of
from lenticular.app.publishing import DraftRef, Preview, chosen, preview, publish_drafts
from lenticular.app.sentences import Before, naming
from lenticular.app.site import LiveSite
from lenticular.catalog.author import Author
from lenticular.catalog.difference import Difference, difference
from lenticular.catalog.proposal import Proposal, ProposalState, ProposedDraft
from lenticular.catalog.stored import Change, Draft, Publication
from lenticular.errors import ConflictError, LenticularError, Problem

_LONGEST = 2_000


class ProposalPage(msgspec.Struct, frozen=True):
    """A site's proposals, the newest first; `next` is where the next page begins, if there is one."""

    proposals: list[Proposal]
    next: int | None


class ProposalDetail(msgspec.Struct, frozen=True):
    """A proposal, and what became of its drafts since: `problems` says which are not as they were proposed.

    `changed` tells how they differ by now, for those whose proposed version is still kept.
    """

    proposal: Proposal
    problems: list[Problem]
    changed: list[Difference]


class Approved(msgspec.Struct, frozen=True):
    """A proposal that was approved, and what came of it: what went live, or is planned."""

    proposal: Proposal
    publication: Publication


async def propose(
    site: LiveSite, refs: Sequence[DraftRef], author: Author, note: str = "", at: int | None = None
) -> Proposal:
    """Ask for drafts to be published as they are now, or at a moment (ms) once they are approved.

    What stands against publishing them is told when it is looked at, and refused when it is approved. Raises
    LenticularError, ConflictError for a draft that is another version by now, StoreError.
    """
    _check_words(note, "note")
    if at is not None and at <= site.clock():
        raise LenticularError(
            Problem("publication.past", "This moment is past.", "at", "Leave `at` out, or set another.")
        )
    found = await chosen(site, refs)
    drafts = tuple(ProposedDraft(one.definition, one.kind, one.key, one.version) for one in found)
    given = Proposal(0, site.key, site.clock(), author, note, at, drafts)
    return await site.in_store(site.stores.catalogs.propose, given)


async def proposals(site: LiveSite, before: int | None, limit: int, state: ProposalState | None) -> ProposalPage:
    """Return a site's proposals. Raises StoreError."""
    found = await site.in_store(site.stores.catalogs.proposals, site.key, before, limit + 1, state)
    page = found[:limit]
    return ProposalPage(page, page[-1].id if len(found) > limit else None)


async def proposal(site: LiveSite, identity: int) -> Proposal:
    """Return one proposal. Raises LenticularError, StoreError."""
    found = await site.in_store(site.stores.catalogs.proposal, site.key, identity)
    if found is None:
        message = f"There is no proposal {identity}."
        raise LenticularError(Problem("proposal.unknown", message, hint="Look at the list of proposals."))
    return found


async def proposal_detail(site: LiveSite, identity: int, language: str = "en") -> ProposalDetail:
    """Return a proposal and what became of its drafts since. Raises LenticularError, StoreError."""
    found = await proposal(site, identity)
    if found.state != "open":
        return ProposalDetail(found, [], [])
    problems, changed = await _changed(site, found, language)
    return ProposalDetail(found, problems, changed)


async def preview_proposal(site: LiveSite, identity: int, language: str = "en") -> Preview:
    """Return what approving would do. Raises ConflictError where a draft changed since, LenticularError, StoreError."""
    found = await _open(site, identity)
    await _refuse_changed(site, found, language)
    return await preview(site, _refs(found), language)


async def approve(site: LiveSite, identity: int, actor: Actor, comment: str = "", language: str = "en") -> Approved:
    """Publish what was proposed, exactly that; plan it if its moment is still to come.

    Raises ForbiddenError for one's own where another person must approve, ConflictError where a draft changed since or
    someone was faster, CatalogError, LenticularError, StoreError.
    """
    _check_words(comment, "comment")
    found = await _open(site, identity)
    if site.engine.catalog.site.approval and _is_own(found, actor.author):
        message = "You proposed this yourself: at this site another person approves it."
        raise ForbiddenError(Problem("approval.own", message, hint="Ask another publisher."))
    await _refuse_changed(site, found, language)
    now = site.clock()
    at = found.due if found.due is not None and found.due > now else None
    settled = msgspec.structs.replace(found, state="approved", comment=comment, settled=now, by=actor.author)
    done = await publish_drafts(site, _refs(found), actor.author, found.note, at, settled)
    return Approved(await proposal(site, identity), done)


async def send_back(site: LiveSite, identity: int, author: Author, comment: str) -> Proposal:
    """Send a proposal back; its drafts stay. Raises LenticularError, ConflictError, StoreError."""
    _check_words(comment, "comment")
    if not comment.strip():
        raise LenticularError(Problem("proposal.comment", "Say what is to be different.", "comment"))
    return await _settle(site, await _open(site, identity), "returned", author, comment)


async def withdraw(site: LiveSite, identity: int, actor: Actor) -> Proposal:
    """Take a proposal back; its drafts stay. Raises ForbiddenError for somebody else's, ConflictError, StoreError."""
    found = await _open(site, identity)
    if not _is_own(found, actor.author) and not actor.may("admin", site.key):
        hint = "A publisher can send it back."
        raise ForbiddenError(Problem("proposal.other", "Only who proposed this withdraws it.", hint=hint))
    return await _settle(site, found, "withdrawn", actor.author, "")


async def _settle(site: LiveSite, found: Proposal, state: ProposalState, author: Author, comment: str) -> Proposal:
    settled = msgspec.structs.replace(found, state=state, comment=comment, settled=site.clock(), by=author)
    if not await site.in_store(site.stores.catalogs.settle_proposal, settled):
        raise _settled()
    return settled


async def _open(site: LiveSite, identity: int) -> Proposal:
    found = await proposal(site, identity)
    if found.state != "open":
        raise _settled()
    return found


def _settled() -> ConflictError:
    hint = "Look at what became of it."
    return ConflictError(Problem("proposal.settled", "This proposal is not open any more.", hint=hint))


def _is_own(found: Proposal, author: Author) -> bool:
    """Whether somebody proposed this themselves; a token of theirs is them."""
    if found.author.id or author.id:
        return found.author.id == author.id
    return found.author.name == author.name


def _refs(found: Proposal) -> list[DraftRef]:
    return [DraftRef(one.kind, one.definition, one.version) for one in found.drafts]


async def _refuse_changed(site: LiveSite, found: Proposal, language: str) -> None:
    problems, _ = await _changed(site, found, language)
    if problems:
        raise ConflictError(*problems)


async def _changed(site: LiveSite, found: Proposal, language: str) -> tuple[list[Problem], list[Difference]]:
    """Return a problem for each draft that is not as it was proposed, and how it differs."""
    store = site.stores.catalogs
    problems, changed = [], []
    for at, one in enumerate(found.drafts):
        current = await site.in_store(store.draft, one.definition)
        if current is not None and current.version == one.version:
            continue
        if current is None:
            message = f'The draft of "{one.key}" is not there any more: it was published or discarded.'
            problems.append(Problem("draft.gone", message, f"drafts/{at}", "Look at its history."))
            continue
        before = await site.in_store(store.draft, one.definition, one.version)
        told = _difference(site, before, current, language) if before else None
        changed += [told] if told else []
        message = f'The draft of "{one.key}" was changed by {current.author.name} since it was proposed.'
        more = f" {told.sentence}" if told else ""
        problems.append(Problem("draft.changed", message + more, f"drafts/{at}", "Look at it, and propose it again."))
    return problems, changed


def _difference(site: LiveSite, before: Draft, after: Draft, language: str) -> Difference:
    old, new = change_of(before), change_of(after)
    names = naming(site, site.engine.catalog, site.engine.segments.schema)
    return difference((after.kind, after.key), _version(old), _version(new), names, language)


def _version(change: Change) -> Before:
    return change.state, change.body


def _check_words(text: str, place: str) -> None:
    if len(text) > _LONGEST:
        raise LenticularError(Problem("proposal.long", f"At most {_LONGEST:,} letters.", place, "Say it shorter."))

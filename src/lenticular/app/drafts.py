"""Drafts: what is being edited. Nobody else's visitors see any of it until it is published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from lenticular.app.definitions import body_at
from lenticular.app.engine import problems_of
from lenticular.app.following import LIST_HINT, LIST_KEY
from lenticular.app.publish import live_of
from lenticular.app.site import LiveSite
from lenticular.app.stream.told import told_draft
from lenticular.catalog.author import ADMIN, Author
from lenticular.catalog.check import is_key
from lenticular.catalog.compose import body_of, compose, read_body, struct_of
from lenticular.catalog.findings import NOUNS
from lenticular.catalog.merge import Merge, merge
from lenticular.catalog.property import Property
from lenticular.catalog.segment import Segment
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Action, Body, Change, Draft, State, Stored
from lenticular.errors import CatalogError, ConflictError, LenticularError, Problem


class NewDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a draft is to be: `body` for a change; to archive or delete needs none.

    `base` is the revision that the body takes into account; left out, the one that the draft began from.
    """

    body: Body | None = None
    action: Action = "change"
    base: int | None = None


class DraftView(Draft, frozen=True):
    """A draft, and what stands against publishing it now."""

    problems: tuple[Problem, ...] = ()


class MergeNeededError(ConflictError):
    """Someone else was first: `current` is what is there now, `merge` what became of both."""

    def __init__(self, problem: Problem, current: Draft | None, merged: Merge) -> None:
        super().__init__(problem)
        self.current, self.merge = current, merged


MOST_BYTES = 900_000
"""A definition has at most so many: it must fit into a file, too."""

ANY = -1
"""Stands for whatever version there is."""


async def save_draft(site: LiveSite, of: tuple[str, str], given: NewDraft, expected: int, author: Author) -> DraftView:
    """Create or change the draft `of` a definition, by kind and id or key; one that is new gets that as its key.

    `expected` is the version that the body began from: 0 for none. Raises MergeNeededError if there is another one by
    now, CatalogError for a body that does not fit, ConflictError, StoreError.
    """
    store, (kind, name) = site.stores.catalogs, of
    struct_of(kind)
    found = await site.in_store(store.find, site.key, kind, name)
    current = await site.in_store(store.draft, found.id) if found else None
    draft = await _drafted(site, _Target(kind, name, found, current), given, author)
    if expected == ANY:
        expected = current.version if current else 0
    if current and current.version == expected and _says(draft) == _says(current):
        return await view(site, current)
    try:
        saved = await site.in_store(store.save, site.key, draft, expected)
    except ConflictError as error:
        if error.problems[0].code != "draft.changed":
            raise
        raise await _merge_needed(site, error.problems[0], draft, expected) from None
    site.stream.tell("draft", told_draft(saved, author, "saved"))
    return await view(site, saved)


class _Target(msgspec.Struct, frozen=True):
    """What a draft is of: the definition that is there under a name, and its draft."""

    kind: str
    name: str
    found: Stored | None
    current: Draft | None


async def _drafted(site: LiveSite, target: _Target, given: NewDraft, author: Author) -> Draft:
    kind, name, found, current = target.kind, target.name, target.found, target.current
    body = given.body
    if found is None or found.state == "new":
        _refuse_ending(kind, name, given)
        if kind == "site":
            raise CatalogError(Problem("catalog.site", "A site is not created by a draft.", hint="Create it first."))
    if body is None and given.action != "change" and found is not None:
        body = await body_at(site, found.id, found.revision)
    if body is None:
        raise CatalogError(Problem("draft.body", "There is no body.", "body", "Send the definition, `{…}`."))
    key = found.key if found else name
    read = read_body(kind, key, body)
    if isinstance(read, Site) and read.secret_key:
        hint = "Leave it out; lenticular site keys new --secret makes one."
        raise CatalogError(Problem("draft.secret", "A secret key does not lie about in a draft.", "secretKey", hint))
    if not is_key(kind, read.key):
        hint = "Begin with a letter or digit; then letters, digits, points, hyphens, underscores."
        raise CatalogError(Problem("catalog.key", f'"{read.key}" is no key.', "key", hint))
    plain = body_of(read)
    if len(msgspec.json.encode(plain)) > MOST_BYTES:
        hint = "Split it; keep images and documents elsewhere, and name their addresses."
        raise CatalogError(Problem("catalog.large", f"It is larger than {MOST_BYTES:,} bytes.", f"{kind}/{key}", hint))
    if found is None and read.key != key:
        hint = f"Put it under {kind}/{read.key}."
        raise CatalogError(Problem("draft.key", f'The body is that of "{read.key}", not of "{key}".', "key", hint))
    if isinstance(read, Property) and found is not None and read.key != found.key:
        hint = "Define another property, and delete this one."
        raise CatalogError(Problem("draft.key", "A property's scope and name are fixed.", "name", hint))
    if isinstance(read, Segment) and found is not None and found.revision and read.key != found.key and read.static:
        raise CatalogError(Problem("catalog.list-key", LIST_KEY, "key", LIST_HINT))
    base = given.base if given.base is not None else current.base if current else found.revision if found else 0
    identity = found.id if found else site.new_id()
    return Draft(identity, kind, read.key, 0, base, given.action, plain, author, site.clock())


def _refuse_ending(kind: str, name: str, given: NewDraft) -> None:
    if given.action != "change":
        message = f'The {NOUNS[kind]} "{name}" was never published.'
        raise CatalogError(Problem("draft.action", message, "action", "Discard its draft instead."))


def _says(draft: Draft) -> tuple[Body, str, int]:
    return draft.body, draft.action, draft.base


async def _merge_needed(site: LiveSite, problem: Problem, mine: Draft, expected: int) -> MergeNeededError:
    """Merge a body that came too late with what is there, by what it began from."""
    store, identity = site.stores.catalogs, mine.definition
    found = await site.in_store(store.find, site.key, mine.kind, identity)
    revision = found.revision if found else 0
    before = await site.in_store(store.draft, identity, expected) if expected else None
    current = await site.in_store(store.draft, identity)
    base = before.body if before else await body_at(site, identity, mine.base)
    theirs = current.body if current else await body_at(site, identity, revision)
    return MergeNeededError(problem, current, merge(base, mine.body, theirs))


async def draft_of(site: LiveSite, kind: str, name: str) -> DraftView:
    """Return the draft of a definition. Raises LenticularError if there is none, StoreError."""
    return await view(site, await _draft(site, kind, name))


async def merge_draft(site: LiveSite, kind: str, name: str) -> Merge:
    """Return how a draft merges with what was published since it began. Raises LenticularError, StoreError."""
    draft = await _draft(site, kind, name)
    found = await site.in_store(site.stores.catalogs.find, site.key, kind, draft.definition)
    base = await body_at(site, draft.definition, draft.base)
    return merge(base, draft.body, await body_at(site, draft.definition, found.revision if found else 0))


async def discard_draft(site: LiveSite, kind: str, name: str, expected: int, author: Author = ADMIN) -> None:
    """Drop the draft of a definition, in an author's name.

    Raises LenticularError if there is none, ConflictError, StoreError.
    """
    draft = await _draft(site, kind, name)
    version = draft.version if expected == ANY else expected
    await site.in_store(site.stores.catalogs.discard, draft.definition, version)
    site.stream.tell("draft", told_draft(draft, author, "discarded"))


async def _draft(site: LiveSite, kind: str, name: str) -> Draft:
    struct_of(kind)
    store = site.stores.catalogs
    found = await site.in_store(store.find, site.key, kind, name)
    draft = await site.in_store(store.draft, found.id) if found else None
    if draft is None:
        message = f'There is no draft of the {NOUNS[kind]} "{name}".'
        raise LenticularError(Problem("draft.unknown", message, hint="Look at the list of drafts."))
    return draft


async def drafts(site: LiveSite) -> list[DraftView]:
    """Return all drafts of a site, each with what stands against publishing all of them now. Raises StoreError."""
    found = await site.in_store(site.stores.catalogs.drafts, site.key)
    return await _views(site, found, found)


async def view(site: LiveSite, draft: Draft) -> DraftView:
    """Return a draft with what stands against publishing it, beside all others. Raises StoreError."""
    all_drafts = await site.in_store(site.stores.catalogs.drafts, site.key)
    others = [one for one in all_drafts if one.definition != draft.definition]
    return (await _views(site, [draft], [*others, draft]))[0]


async def _views(site: LiveSite, shown: Sequence[Draft], applied: Sequence[Draft]) -> list[DraftView]:
    live = await live_of(site)
    try:
        catalog = compose(live.catalog, live.revisions, [change_of(one) for one in applied])
        problems = await asyncio.to_thread(problems_of, catalog, dict(site.types), site.engine)
    except CatalogError as error:
        problems = list(error.problems)
    told = {name: [one for one in problems if _belongs(one, *name)] for name in {(one.kind, one.key) for one in shown}}
    return [
        DraftView(
            **{field: getattr(one, field) for field in Draft.__struct_fields__},
            problems=tuple(told[one.kind, one.key]) if one.action == "change" else (),
        )
        for one in shown
    ]


def _belongs(problem: Problem, kind: str, key: str) -> bool:
    rest = problem.place.removeprefix(f"{kind}/{key}")
    return (rest != problem.place and rest[:1] in ("", "/", ",")) or problem.place == f"{kind} {key}"


_ENDS: dict[Action, State] = {"change": "live", "archive": "archived", "delete": "deleted"}


def change_of(draft: Draft) -> Change:
    """Return what publishing a draft changes."""
    body = None if draft.action == "delete" else draft.body
    return Change(draft.definition, draft.kind, draft.key, draft.base, _ENDS[draft.action], body)

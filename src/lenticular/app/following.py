"""What a rename takes with it: live and archived definitions, drafts, and what is planned, all in one publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lenticular.app.definitions import body_at
from lenticular.app.site import LiveSite
from lenticular.catalog.compose import body_of
from lenticular.catalog.references import Name
from lenticular.catalog.rename import Names, Types, follow, renames_in
from lenticular.catalog.stored import Change, Draft, Live, Publication, Stored
from lenticular.errors import Problem

_ALL = 1_000_000


class Renames(msgspec.Struct, frozen=True):
    """New keys; the fields of content types by their keys, old and new; the definitions that follow, by id.

    Of those that follow and are not changed otherwise, `follows` has the new keys that they refer to by now.
    """

    names: dict[Name, str] = {}
    types: dict[str, list[Any]] = {}
    follows: dict[str, tuple[str, ...]] = {}

    def of_segments(self) -> dict[str, str]:
        """Return the new keys of segments."""
        return {old: new for (kind, old), new in self.names.items() if kind == "segments"}


async def followed(
    site: LiveSite, live: Live, known: Mapping[str, Stored], changes: Sequence[Change]
) -> tuple[list[Change], Renames]:
    """Return changes, with all that has to follow the renames among them. Raises StoreError."""
    keys = {identity: name for name, (identity, _) in live.revisions.items()}
    names = renames_in(changes, keys)
    if not names:
        return list(changes), Renames()
    types = _types(live, changes, names)
    own = [_changed(one, names, types)[0] for one in changes]
    changing = {one.definition for one in changes}
    more = []
    follows = {}
    for one in [*_live(live), *await _archived(site, known.values())]:
        if one.definition not in changing:
            change, targets = _changed(one, names, types)
            if targets:
                more.append(change)
                follows[one.definition] = targets
    return [*own, *more], Renames(names, types, follows)


def _changed(change: Change, names: Names, types: Types) -> tuple[Change, tuple[str, ...]]:
    if change.body is None:
        return change, ()
    found = follow(change.kind, change.body, names, types)
    return msgspec.structs.replace(change, body=found.body), found.targets


def _live(live: Live) -> Iterable[Change]:
    for kind, key, definition in live.catalog.parts():
        identity, number = live.revisions[kind, key]
        yield Change(identity, kind, key, number, "live", body_of(definition))


async def _archived(site: LiveSite, known: Iterable[Stored]) -> list[Change]:
    found = []
    for one in known:
        body = await body_at(site, one.id, one.revision) if one.state == "archived" else None
        if body is not None:
            found.append(Change(one.id, one.kind, one.key, one.revision, "archived", body))
    return found


def _types(live: Live, changes: Iterable[Change], names: Names) -> dict[str, list[Any]]:
    found = {key: list(body_of(one).get("fields", [])) for key, one in live.catalog.types.items()}
    found |= {one.key: list(one.body.get("fields", [])) for one in changes if one.kind == "types" and one.body}
    renamed = {old: found[new] for (kind, old), new in names.items() if kind == "types" and new in found}
    return {**found, **renamed}


def static_problems(changes: Iterable[Change], live: Live, names: Names) -> list[Problem]:
    """Return a problem for each segment that would leave the members of its static list behind."""
    after = {one.key: one.body or {} for one in changes if one.kind == "segments"}
    return [
        Problem("catalog.list-key", LIST_KEY, f"segments/{new}/key", LIST_HINT)
        for (kind, old), new in names.items()
        if kind == "segments" and (live.catalog.segments[old].static or after.get(new, {}).get("static"))
    ]


LIST_KEY = "A segment with a static list keeps its key: its members are kept under it."
LIST_HINT = "Change its name; or make another segment, and give that the list."


async def drafts_after(
    site: LiveSite, renames: Renames, changes: Iterable[Change], done: Iterable[tuple[str, int]]
) -> list[Draft]:
    """Return the drafts, but for those that are done, that are to follow too; each with the version that it has now.

    Raises StoreError.
    """
    if not renames.names:
        return []
    published = {one.definition: one for one in changes if one.definition in renames.follows}
    gone = set(done)
    found = []
    for draft in await site.in_store(site.stores.catalogs.drafts, site.key):
        if (draft.definition, draft.version) in gone:
            continue
        after = follow(draft.kind, draft.body, renames.names, renames.types)
        base = _base(published, draft.definition, draft.base)
        if after.targets or base != draft.base:
            found.append(msgspec.structs.replace(draft, body=after.body, base=base))
    return found


async def planned_after(site: LiveSite, renames: Renames, changes: Iterable[Change]) -> list[Publication]:
    """Return the planned publications that are to follow too. Raises StoreError."""
    if not renames.names:
        return []
    published = {one.definition: one for one in changes if one.definition in renames.follows}
    found = []
    for one in await site.in_store(site.stores.catalogs.publications, site.key, None, _ALL, "planned"):
        after = tuple(
            msgspec.structs.replace(
                _changed(change, renames.names, renames.types)[0],
                base=_base(published, change.definition, change.base),
            )
            for change in one.changes
        )
        if after != one.changes:
            found.append(msgspec.structs.replace(one, changes=after))
    return found


def _base(published: Mapping[str, Change], definition: str, base: int) -> int:
    """Return what a draft began from, once what was published under it is the same but for new keys."""
    change = published.get(definition)
    return base + 1 if change is not None and change.base == base else base

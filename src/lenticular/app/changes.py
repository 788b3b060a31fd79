"""What publishing a whole catalog changes, definition by definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.compose import body_of
from lenticular.catalog.stored import Change, Live, Stored


def changes_to(
    catalog: Catalog, live: Live | None, known: Iterable[Stored], new_id: Callable[[], str]
) -> tuple[Change, ...]:
    """Return the changes that lead from what is live to a catalog.

    What is live and not in the catalog is deleted. `known` are all definitions that there are or were: what was deleted
    or archived comes back under its old id.
    """
    named = _by_key(known)
    before = {(kind, key): one for kind, key, one in live.catalog.parts()} if live else {}
    changes = []
    after = set()
    for kind, key, definition in catalog.parts():
        after.add((kind, key))
        if before.get((kind, key)) == definition:
            continue
        found = named.get((kind, key))
        identity, number = (found.id, found.revision) if found else (new_id(), 0)
        changes.append(Change(identity, kind, key, number, "live", body_of(definition)))
    revisions = live.revisions if live else {}
    for kind, key in before.keys() - after:
        identity, number = revisions[kind, key]
        changes.append(Change(identity, kind, key, number, "deleted", None))
    return tuple(sorted(changes, key=lambda change: (change.kind, change.key)))


def _by_key(known: Iterable[Stored]) -> dict[tuple[str, str], Stored]:
    """Return definitions by kind and key: of several with one key the one that is there, else the newest."""
    found: dict[tuple[str, str], Stored] = {}
    for one in sorted(known, key=lambda each: (each.state != "deleted", each.at)):
        found[one.kind, one.key] = one
    return found

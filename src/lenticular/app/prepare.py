"""Look at changes as one catalog, before they are published: what they lead to, and all that stands against it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec

from lenticular.app.engine import Engine, compile_engine, problems_of, schema_with
from lenticular.app.following import Renames, followed, static_problems
from lenticular.app.publish import known_definitions, live_of, refuse_other_site
from lenticular.app.sentences import Before, naming, versions_before, with_sentences
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import fatal
from lenticular.catalog.check_pictures import check_pictures
from lenticular.catalog.compose import compose
from lenticular.catalog.difference import Naming
from lenticular.catalog.findings import NOUNS
from lenticular.catalog.references import references, uses_of
from lenticular.catalog.rules import tree_of
from lenticular.catalog.stored import Change, Live, Stored
from lenticular.criteria.tree import Node
from lenticular.errors import CatalogError, ConflictError, Problem, RuleError

_MOST_NAMED = 8


class Prepared(msgspec.Struct, frozen=True):
    """Changes with their sentences, and the engine of the catalog that they lead to; None if there is none.

    `conflicts` are changes that someone else was faster with, `problems` what is wrong, `warnings` what does no harm.
    `renames` are new keys among the changes, which what refers to them follows.
    """

    live: Live
    changes: tuple[Change, ...]
    before: Mapping[str, Before]
    names: Naming
    engine: Engine | None
    conflicts: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    renames: Renames = Renames()

    def ready(self) -> Engine:
        """Return the engine. Raises ConflictError, CatalogError with all that stands against it."""
        if self.conflicts:
            raise ConflictError(*self.conflicts, *self.problems)
        if self.engine is None:
            raise CatalogError(*self.problems)
        return self.engine


async def prepare(site: LiveSite, changes: Sequence[Change], whole: bool = False, language: str = "en") -> Prepared:
    """Look at changes as one catalog. Raises CatalogError for bodies that do not fit, StoreError.

    Where the changes are those of a `whole` catalog, what refers to something that goes has been told by its check.
    Warnings of what can never be shown are in a `language`.
    """
    live = await live_of(site)
    known = {one.id: one for one in await known_definitions(site)}
    changes = [site.stores.keys.plain_change(site.key, one) for one in changes]
    changes, renames = (list(changes), Renames()) if whole else await followed(site, live, known, changes)
    catalog = compose(live.catalog, live.revisions, changes)
    refuse_other_site(site, catalog.site)
    registered = dict(site.types)
    conflicts = _outdated(known, changes)
    wrong = [*_taken(known, changes), *static_problems(changes, live, renames.names)]
    wrong += [] if whole else await asyncio.to_thread(_used, catalog, known, changes)
    gone = {one.place.rpartition("/")[2] for one in wrong if one.code == "catalog.used"}
    found = await asyncio.to_thread(problems_of, catalog, registered, site.engine, language)
    found += await asyncio.to_thread(check_pictures, catalog, partial(site.stores.pictures.has, site.key))
    wrong += [one for one in fatal(found) if not _follows(one, gone)]
    engine = None
    if not wrong:
        engine = await asyncio.to_thread(compile_engine, catalog, registered)
    before = await versions_before(site, live, known, changes)
    schema = engine.segments.schema if engine else schema_with(catalog, registered)[0]
    names = naming(site, catalog, schema)
    warnings = [one for one in found if one not in fatal(found)]
    told = with_sentences(changes, before, names, renames.follows)
    return Prepared(live, told, before, names, engine, tuple(conflicts), tuple(wrong), tuple(warnings), renames)


def _outdated(known: Mapping[str, Stored], changes: Iterable[Change]) -> list[Problem]:
    found = []
    for change in changes:
        stored = known.get(change.definition)
        if (stored.revision if stored else 0) != change.base:
            who = f" by {stored.author.name}" if stored else ""
            message = f'"{change.key}" was changed{who} since this was begun.'
            hint = "Look at how the two merge, save the draft with its new base, and publish again."
            found.append(Problem("catalog.changed", message, f"{change.kind}/{change.key}", hint))
    return found


def _taken(known: Mapping[str, Stored], changes: Sequence[Change]) -> list[Problem]:
    """Return a problem for each key that two definitions would have."""
    changing = {change.definition for change in changes}
    owners = {
        (one.kind, one.key): one.id for one in known.values() if one.state != "deleted" and one.id not in changing
    }
    found = []
    for change in changes:
        name = (change.kind, change.key)
        if change.state != "deleted" and owners.setdefault(name, change.definition) != change.definition:
            message = f'The key "{change.key}" is taken.'
            found.append(Problem("catalog.taken", message, "/".join(name), "Choose another key."))
    return found


def _used(catalog: Catalog, known: Mapping[str, Stored], changes: Iterable[Change]) -> list[Problem]:
    """Return a problem for each definition that goes while something that stays refers to it."""
    going = [known[one.definition] for one in changes if one.definition in known]
    going = [one for one in going if one.state == "live" and one.kind != "site" and not _is_there(catalog, one)]
    if not going:
        return []
    all_references = list(references(catalog, _trees(catalog)))
    found = []
    for one in going:
        uses = [use for use in uses_of(one.kind, one.key, catalog, all_references) if not use.through]
        users = list(dict.fromkeys(f"{NOUNS[use.kind]} {use.name}" for use in uses))
        if users:
            more = f" and {len(users) - _MOST_NAMED} more" if len(users) > _MOST_NAMED else ""
            message = f'"{one.name}" is used by {", ".join(users[:_MOST_NAMED])}{more}.'
            hint = "Take it out there, and publish that together with this."
            found.append(Problem("catalog.used", message, f"{one.kind}/{one.key}", hint))
    return found


def _is_there(catalog: Catalog, one: Stored) -> bool:
    return one.key in getattr(catalog, one.kind)


def _trees(catalog: Catalog) -> dict[str, Node]:
    trees = {}
    for key, segment in catalog.segments.items():
        try:
            trees[key] = tree_of(segment)
        except RuleError:
            continue
    return trees


def _follows(problem: Problem, gone: Iterable[str]) -> bool:
    """Return whether a problem only says again that something used is gone."""
    return problem.code.startswith("catalog.unknown-") and any(f'"{key}"' in problem.message for key in gone)

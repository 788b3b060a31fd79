"""The engine of a catalog with what is being edited in it: what is wrong is told, and the rest is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from lenticular.app.block_kinds import block_kinds
from lenticular.app.engine import Engine, compile_engine, recounted_engine, schema_with
from lenticular.app.site import LiveSite
from lenticular.blocks.decided import DecisionRenderer
from lenticular.catalog.catalog import KINDS, AnyDefinition, Catalog
from lenticular.catalog.check import check
from lenticular.catalog.check_kinds import check_kinds
from lenticular.catalog.languages import languages_of
from lenticular.catalog.lenient import read_leniently
from lenticular.catalog.page import Page, plain_path
from lenticular.catalog.proofs import NOTHING_PROVEN
from lenticular.catalog.rules import rule_reader
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Body, Draft
from lenticular.decide.changed import changed
from lenticular.errors import CatalogError, Problem

RULES = ("properties", "segments", "goals")
"""What rules follow from: where these are as they were, nothing is compiled but what is shown."""
_LARGE = ("content", "collections", "types", "site")
"""What may take long to make ready."""


class Edited(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A definition as it stands in an editor: its kind, the key it has by now, its body (None: as if it were gone)."""

    kind: str
    key: str
    body: Body | None = None


class EditedEngine(msgspec.Struct, frozen=True):
    """An engine, and what is wrong with the definitions that were given."""

    engine: Engine
    problems: tuple[Problem, ...]


_Edit = tuple[Edited, AnyDefinition | Site | None]


class _Ruled(msgspec.Struct, frozen=True):
    """An engine with edited rules, kept until they are others: an editor asks again with each letter."""

    base: Engine
    given: tuple[object, ...]
    engine: Engine
    problems: tuple[Problem, ...]


_ruled: WeakKeyDictionary[LiveSite, _Ruled] = WeakKeyDictionary()


async def edited_engine(site: LiveSite, given: Sequence[Edited], drafts: bool) -> EditedEngine:
    """Return the engine of what is live, or of all `drafts`, with definitions that are being edited in it.

    Raises CatalogError for a kind that is not there, StoreError.
    """
    every = await _drafts(site) if drafts else []
    own = {(one.kind, one.key) for one in given}
    every = [one for one in every if (one.kind, one.key) not in own]
    problems: list[Problem] = []
    edits: list[_Edit] = []
    named: set[tuple[str, str]] = set()
    for one in (*every, *given):
        definition, found = read_leniently(one.kind, one.key, one.body) if one.body is not None else (None, [])
        if definition is not None or one.body is None:
            edits.append((one, definition))
        if (one.kind, one.key) in own:
            problems += found
            if definition is not None and one.kind not in RULES:
                named.add((one.kind, getattr(definition, "key", one.key)))
    base = site.engine
    if not edits:
        return EditedEngine(base, tuple(problems))
    ruled = await _with_rules(site, base, [one for one in edits if one[0].kind in RULES])
    catalog = _composed(ruled.engine.catalog, [one for one in edits if one[0].kind not in RULES], site)
    problems += [*ruled.problems, *_problems(site, catalog, named)]
    large = any(getattr(catalog, part) != getattr(ruled.engine.catalog, part) for part in _LARGE)
    make = partial(_engine, ruled.engine, catalog, site)
    return EditedEngine(await asyncio.to_thread(make) if large else make(), tuple(problems))


async def _drafts(site: LiveSite) -> list[Edited]:
    found: list[Draft] = await site.in_store(site.stores.catalogs.drafts, site.key)
    return [Edited(one.kind, one.key, one.body if one.action == "change" else None) for one in found]


async def _with_rules(site: LiveSite, base: Engine, edits: Sequence[_Edit]) -> _Ruled:
    """Return an engine with edited rules; with those of before where they can't be compiled."""
    if not edits:
        return _Ruled(base, (), base, ())
    given = tuple((one.kind, one.key, definition) for one, definition in edits)
    kept = _ruled.get(site)
    if kept is not None and kept.base is base and kept.given == given:
        return kept
    catalog = _composed(base.catalog, edits, site)
    engine, problems = base, tuple[Problem, ...]()
    try:
        compiled = await asyncio.to_thread(compile_engine, catalog, dict(site.types))
        engine = recounted_engine(compiled, site.popular)
    except CatalogError as error:
        problems = error.problems
    _ruled[site] = kept = _Ruled(base, given, engine, problems)
    return kept


def _composed(catalog: Catalog, edits: Sequence[_Edit], site: LiveSite) -> Catalog:
    """Return a catalog with edited definitions in it. Of two pages with one path the edited one is there."""
    own: Site | None = None
    parts: dict[str, dict[str, Any]] = {}
    for one, definition in edits:
        if isinstance(definition, Site):
            # Which site it is, and where its days begin, is not to be edited.
            fixed = msgspec.structs.replace(definition, key=catalog.site.key, timezone=catalog.site.timezone)
            own = site.stores.keys.plain(fixed)
            continue
        part = parts.setdefault(one.kind, dict(getattr(catalog, one.kind)))
        part.pop(one.key, None)
        if isinstance(definition, Page):
            path = plain_path(definition.path)
            for key in [key for key, page in part.items() if plain_path(page.path) == path]:
                del part[key]
        if definition is not None:
            part[getattr(definition, "key", one.key)] = definition
    return msgspec.structs.replace(catalog, site=own or catalog.site, **parts)


def _problems(site: LiveSite, catalog: Catalog, named: set[tuple[str, str]]) -> list[Problem]:
    """Return what is wrong with some definitions of a catalog, without a look at all the others."""
    if not named:
        return []
    parts = {kind: {key: one for key, one in getattr(catalog, kind).items() if (kind, key) in named} for kind in KINDS}
    few = msgspec.structs.replace(Catalog(catalog.site), **{**parts, "types": catalog.types})
    others = {kind: getattr(catalog, kind).keys() for kind in KINDS}
    schema, _ = schema_with(catalog, dict(site.types))
    found = check(few, read_rule=rule_reader(schema), unreadable=others, proofs=NOTHING_PROVEN)
    found += check_kinds(few, block_kinds())
    return [one for one in found if _is_of(one, named)]


def _is_of(problem: Problem, named: set[tuple[str, str]]) -> bool:
    kind, _, rest = problem.place.partition("/")
    return any(of == kind and (rest == key or rest.startswith((f"{key}/", f"{key},"))) for of, key in named)


def _engine(base: Engine, catalog: Catalog, site: LiveSite) -> Engine:
    snapshot = changed(base.snapshot, base.catalog, catalog, site.popular)
    spoken = base.rendering().spoken | languages_of(_differing(base.catalog, catalog))
    renderer = DecisionRenderer(catalog, snapshot, block_kinds(), spoken)
    renderer.do_without(base.rendering().missing)
    pages = {plain_path(page.path): page for page in reversed(catalog.pages.values())}
    return msgspec.structs.replace(base, catalog=catalog, snapshot=snapshot, rendering=lambda: renderer, pages=pages)


def _differing(before: Catalog, after: Catalog) -> Catalog:
    """Return the catalog of those texts that another one does not have."""

    def news(kind: str) -> Mapping[str, Any]:
        old = getattr(before, kind)
        return {key: one for key, one in getattr(after, kind).items() if old.get(key) is not one}

    return msgspec.structs.replace(Catalog(after.site), **{kind: news(kind) for kind in ("pages", "slots", "content")})

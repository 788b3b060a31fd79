"""A catalog with some changes made to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from lenticular.catalog.catalog import KINDS, AnyDefinition, Catalog
from lenticular.catalog.places import Places
from lenticular.catalog.shape import misfits
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Body, Change
from lenticular.errors import CatalogError, Problem, did_you_mean


def struct_of(kind: str) -> type[AnyDefinition] | type[Site]:
    """Return the Struct of a kind. Raises CatalogError."""
    if kind == "site":
        return Site
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or f"Known: {', '.join(KINDS)}."
        raise CatalogError(Problem("kind.unknown", f"There is no kind of definition called {kind!r}.", hint=hint))
    return KINDS[kind]


def read_body(kind: str, key: str, body: Body) -> AnyDefinition | Site:
    """Return the definition of a body; without a key in it, the one given. Raises CatalogError with every misfit."""
    struct = struct_of(kind)
    data = dict(body)
    if struct.__struct_fields__[0] == "key":
        data.setdefault("key", key)
    found = misfits(data, struct)
    if found:
        raise CatalogError(
            *(Problem("catalog.shape", one.message, Places().of((kind, key, *one.path)), one.hint) for one in found)
        )
    definition: AnyDefinition | Site = msgspec.convert(data, struct)
    return definition


def body_of(definition: AnyDefinition | Site) -> Body:
    """Return a definition as plain JSON, with nothing in it that is as if it were left out."""
    body: Body = msgspec.json.decode(msgspec.json.encode(definition))
    return body


def compose(catalog: Catalog, revisions: dict[tuple[str, str], tuple[str, int]], changes: Iterable[Change]) -> Catalog:
    """Return a catalog with changes made to it; `revisions` has the id of each of its definitions first.

    Of two with one key the last stays: whoever publishes finds out. Raises CatalogError for bodies that don't fit.
    """
    parts: dict[str, dict[str, Any]] = {kind: dict(getattr(catalog, kind)) for kind in KINDS}
    keys = {identity: name for name, (identity, _) in revisions.items()}
    site = catalog.site
    changes = list(changes)
    for change in changes:
        kind, key = keys.get(change.definition, ("", ""))
        if kind in parts:
            parts[kind].pop(key, None)
    for change in changes:
        if change.state != "live" or change.body is None:
            continue
        definition = read_body(change.kind, change.key, change.body)
        if isinstance(definition, Site):
            site = definition
        else:
            parts[change.kind][change.key] = definition
    ordered = {kind: dict(sorted(of.items())) for kind, of in parts.items()}
    return msgspec.structs.replace(catalog, site=site, **ordered)

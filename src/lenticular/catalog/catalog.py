"""Everything that is defined for one site, by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lenticular.catalog.collection import Collection
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.content_type import ContentType
from lenticular.catalog.definition import Definition
from lenticular.catalog.goal import Goal
from lenticular.catalog.page import Page
from lenticular.catalog.persona import Persona
from lenticular.catalog.property import Property
from lenticular.catalog.segment import Segment
from lenticular.catalog.site import Site
from lenticular.catalog.slot import Slot
from lenticular.errors import CatalogError, Problem
from lenticular.ids import short_hash

AnyDefinition = Property | Segment | Page | Slot | ContentType | ContentItem | Collection | Persona | Goal

KINDS: dict[str, type[AnyDefinition]] = {
    "properties": Property,
    "segments": Segment,
    "types": ContentType,
    "content": ContentItem,
    "collections": Collection,
    "pages": Page,
    "slots": Slot,
    "personas": Persona,
    "goals": Goal,
}
"""The definitions by the name of their part of a catalog, which is also their folder's."""


class Catalog(Definition, frozen=True):
    """One site's definitions by key, properties by scope and name (`user.birth_date`)."""

    site: Site
    properties: dict[str, Property] = msgspec.field(default_factory=dict)
    segments: dict[str, Segment] = msgspec.field(default_factory=dict)
    content: dict[str, ContentItem] = msgspec.field(default_factory=dict)
    collections: dict[str, Collection] = msgspec.field(default_factory=dict)
    pages: dict[str, Page] = msgspec.field(default_factory=dict)
    slots: dict[str, Slot] = msgspec.field(default_factory=dict)
    types: dict[str, ContentType] = msgspec.field(default_factory=dict)
    personas: dict[str, Persona] = msgspec.field(default_factory=dict)
    goals: dict[str, Goal] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, site: Site, *definitions: AnyDefinition) -> Catalog:
        """Return the catalog of some definitions. Raises CatalogError for two with one key."""
        catalog, problems = gather(site, ((definition, "") for definition in definitions))
        if problems:
            raise CatalogError(*problems)
        return catalog

    def parts(self) -> Iterator[tuple[str, str, AnyDefinition | Site]]:
        """Yield every definition with its kind and key, the site itself first."""
        yield "site", self.site.key, self.site
        for kind in KINDS:
            for key, definition in getattr(self, kind).items():
                yield kind, key, definition

    @property
    def revision(self) -> str:
        """16 hexadecimal digits that stand for the content: equal for equal catalogs, in whatever order."""
        return short_hash(msgspec.json.encode(self, order="sorted", enc_hook=repr).decode())


def kind_of(definition: AnyDefinition) -> str:
    """Return the name of the part of a catalog that a definition belongs to."""
    return next(kind for kind, struct in KINDS.items() if isinstance(definition, struct))


def gather(site: Site, definitions: Iterable[tuple[AnyDefinition, str]]) -> tuple[Catalog, list[Problem]]:
    """Return the catalog of some definitions, each with its place, and a problem for each key used twice.

    The first of two with one key is kept.
    """
    parts: dict[str, dict[str, AnyDefinition]] = {kind: {} for kind in KINDS}
    seen: dict[tuple[str, str], str] = {}
    problems = []
    for definition, where in definitions:
        kind = kind_of(definition)
        if definition.key in parts[kind]:
            first = seen[kind, definition.key] or "an earlier one"
            problems.append(
                Problem(
                    "catalog.duplicate-key",
                    f'The key "{definition.key}" is used twice in {kind}: {first} has it too.',
                    place=where,
                    hint="Give one of them another key.",
                )
            )
            continue
        parts[kind][definition.key] = definition
        seen[kind, definition.key] = where
    return msgspec.structs.replace(Catalog(site), **parts), problems

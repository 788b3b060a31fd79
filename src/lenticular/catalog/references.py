"""Who refers to whom in a catalog, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lenticular.catalog.block import Block, slot_in
from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check_people import goal_rule
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.content_type import ContentType
from lenticular.catalog.experience import Experience
from lenticular.catalog.query import Query
from lenticular.catalog.rules import lists_in
from lenticular.criteria.needs import fields_of
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Field, Node, Sequence, behaviours_in, segments_in
from lenticular.errors import RuleError

Name = tuple[str, str]
"""A definition by kind and key."""


class Reference(msgspec.Struct, frozen=True):
    """`source` refers to `target`; `pointer` says in which part of it (RFC 6901)."""

    source: Name
    target: Name
    pointer: str


class Use(msgspec.Struct, frozen=True):
    """One definition that uses another. `through` are the segments that lead to it; none if it names it itself."""

    kind: str
    key: str
    name: str
    pointer: str
    through: tuple[str, ...] = ()


def references(catalog: Catalog, trees: Mapping[str, Node]) -> Iterator[Reference]:
    """Yield all references of a catalog; `trees` are those of its segments' rules."""
    for key, tree in trees.items():
        for name in dict.fromkeys((*segments_in(tree), *lists_in(tree))):
            if name != key:
                yield Reference(("segments", key), ("segments", name), "/rule")
        yield from _of_rule(("segments", key), tree, "/rule")
    yield from _of_content(catalog)
    for key, collection in catalog.collections.items():
        source = ("collections", key)
        yield from _items(source, collection.items, "/items")
        yield from _of_query(source, collection.query, catalog, "/query")
        yield from _of_cap(source, collection.cap)
        for at, variation in enumerate(collection.variations):
            yield Reference(source, ("segments", variation.segment), f"/variations/{at}/segment")
            yield from _items(source, variation.items, f"/variations/{at}/items")
            yield from _of_query(source, variation.query, catalog, f"/variations/{at}/query")
    yield from _of_places(catalog)
    for at, segment in enumerate(catalog.site.holdout.without):
        yield Reference(("site", catalog.site.key), ("segments", segment), f"/holdout/without/{at}")
    for at, group in enumerate(catalog.site.pressure):
        source = ("site", catalog.site.key)
        yield from _types(source, group.types, catalog, f"/pressure/{at}/types")
        yield from _of_cap(source, group.cap, f"/pressure/{at}/cap")
    for key, persona in catalog.personas.items():
        for at, segment in enumerate(persona.segments):
            yield Reference(("personas", key), ("segments", segment), f"/segments/{at}")
    for key, goal in catalog.goals.items():
        try:
            tree = parse(goal_rule(goal)[0]).tree
        except RuleError:
            continue
        yield from _of_rule(("goals", key), tree, "/where" if goal.where else "/value")


def uses_of(kind: str, key: str, catalog: Catalog, found: Iterable[Reference]) -> list[Use]:
    """Return who uses a definition: those that name it, and those that name a segment which leads to it."""
    by_target: dict[Name, list[Reference]] = {}
    for one in found:
        by_target.setdefault(one.target, []).append(one)
    uses: list[Use] = []
    waiting: list[tuple[Name, tuple[str, ...]]] = [((kind, key), ())]
    seen = {(kind, key)}
    while waiting:
        target, through = waiting.pop(0)
        for one in by_target.get(target, []):
            uses.append(Use(*one.source, name_of(catalog, *one.source), one.pointer, through))
            if one.source[0] == "segments" and one.source not in seen:
                seen.add(one.source)
                waiting.append((one.source, (*through, one.source[1])))
    return uses


def name_of(catalog: Catalog, kind: str, key: str) -> str:
    """Return what a definition is called: its name, its label, or its key."""
    one: Any = catalog.site if kind == "site" else getattr(catalog, kind).get(key)
    return getattr(one, "name" if kind != "properties" else "label", "") or key


def _of_rule(source: Name, tree: Node, pointer: str) -> Iterator[Reference]:
    read = set[Field](fields_of(tree))
    for behaviour in behaviours_in(tree):
        if not isinstance(behaviour, Sequence) and behaviour.field is not None:
            read.add(behaviour.field)
    for field in sorted(read, key=lambda one: (one.scope, one.name)):
        yield Reference(source, ("properties", f"{field.scope}.{field.name}"), pointer)


def _of_content(catalog: Catalog) -> Iterator[Reference]:
    for key, one in catalog.types.items():
        for at, field in enumerate(one.fields):
            if field.to:
                yield Reference(("types", key), ("types", field.to), f"/fields/{at}/to")
    for key, item in catalog.content.items():
        yield from _of_cap(("content", key), item.cap)
        if item.type in catalog.types:
            yield Reference(("content", key), ("types", item.type), "/type")
            yield from _of_fields(("content", key), item, catalog.types[item.type])


def _of_fields(source: Name, item: ContentItem, kind: ContentType) -> Iterator[Reference]:
    for field in kind.fields:
        if "reference" in (field.type, field.of):
            for pointer, value in _leaves(item.fields.get(field.key), f"/fields/{field.key}"):
                yield Reference(source, ("content", value), pointer)


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in members:
        yield from _leaves(one, f"{pointer}/{name}")


def _items(source: Name, items: Iterable[str], pointer: str) -> Iterator[Reference]:
    for at, item in enumerate(items):
        yield Reference(source, ("content", item), f"{pointer}/{at}")


def _of_cap(source: Name, cap: FrequencyCap | None, pointer: str = "/cap") -> Iterator[Reference]:
    if cap is not None and cap.instead is not None:
        yield Reference(source, ("content", cap.instead), f"{pointer}/instead")


def _of_query(source: Name, query: Query | None, catalog: Catalog, pointer: str) -> Iterator[Reference]:
    if query is not None:
        yield from _types(source, query.types, catalog, f"{pointer}/types")


def _types(source: Name, types: Iterable[str], catalog: Catalog, pointer: str) -> Iterator[Reference]:
    for at, kind in enumerate(types):
        if kind in catalog.types:
            yield Reference(source, ("types", kind), f"{pointer}/{at}")


def _of_places(catalog: Catalog) -> Iterator[Reference]:
    for key, page in catalog.pages.items():
        for block_id, block in page.blocks.items():
            if block.collection:
                pointer = f"/blocks/{escaped(block_id)}/collection"
                yield Reference(("pages", key), ("collections", block.collection), pointer)
            if block.slot is not None:
                yield Reference(("pages", key), ("slots", block.slot), f"/blocks/{escaped(block_id)}/settings/slot")
        yield from _of_experiences(("pages", key), page.experiences, page.blocks)
    for key, slot in catalog.slots.items():
        if slot.block.collection:
            yield Reference(("slots", key), ("collections", slot.block.collection), "/block/collection")
        yield from _of_experiences(("slots", key), slot.experiences, None)


def _of_experiences(
    source: Name, experiences: Iterable[Experience], blocks: Mapping[str, Block] | None
) -> Iterator[Reference]:
    """Yield what experiences refer to, of a page with its default `blocks`, or of a slot."""
    for at, one in enumerate(experiences):
        if one.segment is not None:
            yield Reference(source, ("segments", one.segment), f"/experiences/{at}/segment")
        pointer = f"/experiences/{at}/overrides"
        patches = {f"{pointer}/{escaped(name)}": patch for name, patch in one.overrides.items()}
        for where, patch in (patches if blocks is not None else {pointer: one.overrides}).items():
            collection = patch.get("collection") if isinstance(patch, dict) else None
            if isinstance(collection, str):
                yield Reference(source, ("collections", collection), f"{where}/collection")
        for name, patch in one.overrides.items() if blocks is not None else ():
            slot = slot_of_patch(patch, blocks[name].kind if blocks and name in blocks else "")
            if slot is not None:
                yield Reference(source, ("slots", slot), f"{pointer}/{escaped(name)}/settings/slot")


def slot_of_patch(patch: Any, kind: str) -> str | None:
    """Return the key of the slot that a patch of a block of a kind puts there, None if it puts none."""
    settings = patch.get("settings") if isinstance(patch, dict) else None
    return slot_in(str(patch.get("kind", kind)), settings) if isinstance(settings, dict) else None


def escaped(name: str) -> str:
    """Return a name as a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")

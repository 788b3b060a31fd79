"""The HTML of a page's or slot's blocks. A block that can't be shown costs itself, never the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
from markupsafe import Markup, escape

from lenticular.blocks.items import item_view
from lenticular.blocks.registry import BlockError, Kinds
from lenticular.blocks.scene import Scene, Shown
from lenticular.blocks.view import view
from lenticular.blocks.words import words_of
from lenticular.catalog.block import SLOT, slot_in
from lenticular.catalog.content_type import ContentType
from lenticular.catalog.picture import without_pictures
from lenticular.decide.decision import Item
from lenticular.errors import Problem

_ODD = re.compile(r"[^A-Za-z0-9_-]")
_MOST_KEPT = 20_000
_FIRST, _SECOND = 1, 2


class BrokenBlockError(BlockError):
    """A block could not be shown: its place, and from which kind of error; nothing that a person wrote."""


class Rendered(msgspec.Struct, frozen=True):
    """HTML, and why some of it is not what was decided; empty if all of it is."""

    html: str
    failures: tuple[BrokenBlockError, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """Where a block stands: the level of its title, and whether it is what a page begins with."""

    level: int
    first: bool


class BlockRenderer:
    """Renders with the kinds and content types of one published catalog, and keeps what it has made ready."""

    def __init__(self, kinds: Kinds, types: Mapping[str, ContentType], site: str) -> None:
        self._kinds = kinds
        self._site = site
        self._types = types
        self._views: dict[tuple[int, str, tuple[str, ...]], tuple[object, SimpleNamespace]] = {}
        self._items: dict[tuple[int, tuple[str, ...]], tuple[Item, SimpleNamespace]] = {}
        self._missing: frozenset[str] = frozenset()

    @property
    def missing(self) -> frozenset[str]:
        """The pictures of which nothing is shown, by their hashes."""
        return self._missing

    def do_without(self, pictures: frozenset[str]) -> None:
        """Show nothing of some pictures, by their hashes."""
        self._missing = pictures
        self._views.clear()
        self._items.clear()

    def render(self, blocks: Sequence[Shown], scene: Scene, each: dict[str, str] | None = None) -> Rendered:
        """Return the HTML of blocks, of which containers stand before what they contain; put that of `each` there."""
        opening = self._opening(blocks, scene)
        return _Rendering(self, scene, opening, _first(blocks, scene) | {opening}, each).html(blocks)

    def _opening(self, blocks: Iterable[Shown], scene: Scene) -> str:
        """Return the id of the block whose title is the page's own; none in a slot, whose page has its title."""
        if scene.where != "page":
            return ""
        opening = (one.id for one in blocks if one.kind in self._kinds and self._kinds.kind(one.kind).opens)
        return next(opening, "")

    def element(self, block: Shown, scene: Scene, inside: Sequence[Markup], place: Place) -> Markup:
        """Return the element of one block; of a slot without anything to show none. Raises whatever goes wrong."""
        settings = self._view(block, scene)
        if block.kind == SLOT and not inside:
            return Markup("")
        items = [self._item(item, scene) for item in block.items[: self._kinds.kind(block.kind).most]]
        identity = f"{scene.prefix}-{_ODD.sub('-', block.id)}"
        body = self._kinds.template(block.kind).render(
            settings=settings,
            items=items,
            children=inside,
            id=identity,
            level=place.level,
            first=place.first,
            site=self._site,
            lang=scene.languages[0] if scene.languages else "en",
            dir=scene.direction,
            words=words_of(scene.languages),
        )
        language = ""
        if scene.language and block.parent is None:
            language = f' lang="{scene.language}" dir="{scene.direction}"'
        about = f'data-lenticular-block="{escape(block.id)}" data-lenticular-kind="{block.kind}"'
        return Markup(f'<div class="lt-block" {about}{language}>{body.strip()}</div>\n')  # noqa: S704  # Jinja escaped it

    def _view(self, block: Shown, scene: Scene) -> SimpleNamespace:
        key = (id(block.settings), block.kind, scene.languages)
        kept = self._views.get(key)
        if kept is None:
            settings = without_pictures(block.settings, self._missing) if self._missing else block.settings
            read = self._kinds.read(block.kind, settings)
            # What an id stands for must stay alive as long as the id is used for it.
            kept = self._views[key] = block.settings, view(read, scene.languages)
            _bound(self._views)
        return kept[1]

    def _item(self, item: Item, scene: Scene) -> SimpleNamespace:
        key = (id(item), scene.languages)
        kept = self._items.get(key)
        if kept is None:
            shown = item
            if self._missing:
                shown = msgspec.structs.replace(item, fields=without_pictures(item.fields, self._missing))
            kept = self._items[key] = item, item_view(shown, self._types, scene.languages)
            _bound(self._items)
        return kept[1]


def _first(blocks: Sequence[Shown], scene: Scene) -> frozenset[str]:
    """Return the ids of what a page begins with: its first block, the first one in that, and so on."""
    found: list[str] = []
    if scene.where == "page" and blocks:
        found.append(next((one.id for one in blocks if one.parent is None), blocks[0].id))
        while (inner := next((one.id for one in blocks if one.parent == found[-1]), None)) is not None:
            found.append(inner)
    return frozenset(found)


def _bound(kept: dict[Any, Any]) -> None:
    if len(kept) > _MOST_KEPT:
        kept.clear()


class _Rendering:
    """One page or slot while it becomes HTML."""

    def __init__(
        self, renderer: BlockRenderer, scene: Scene, opening: str, first: frozenset[str], each: dict[str, str] | None
    ) -> None:
        self._renderer = renderer
        self._each = each
        self._scene = scene
        self._opening = opening
        self._first = first
        self._failures: list[BrokenBlockError] = []
        self._placed: dict[str, str] = {}

    def html(self, blocks: Sequence[Shown]) -> Rendered:
        for block in blocks:
            if (slot := slot_in(block.kind, block.settings)) is not None:
                self._placed.setdefault(slot, block.id)
        inside: dict[str | None, list[Markup]] = {}
        # Backwards: what a block contains is ready before the block.
        for block in reversed(blocks):
            children = inside.pop(block.id, [])[::-1]
            made = self._block(block, children)
            if self._each is not None:
                self._each[block.id] = str(made)
            inside.setdefault(block.parent, []).append(made)
        parts = [part for group in inside.values() for part in reversed(group)]
        return Rendered("".join(parts).rstrip("\n"), tuple(self._failures))

    def _block(self, block: Shown, children: list[Markup]) -> Markup:
        """Return a block's element; the default's if an experience broke it; what it contains if that fails too."""
        tries = [block]
        default = self._scene.defaults.get(block.id)
        if default is not None and (default.kind, default.settings) != (block.kind, block.settings):
            items = block.items if default.collection == block.collection else ()
            tries.append(msgspec.structs.replace(default, items=items, parent=block.parent))
        for one in tries:
            try:
                level = _FIRST if block.id == self._opening else _SECOND
                place = Place(level, block.id in self._first)
                return self._renderer.element(one, self._scene, self._inside(one, children), place)
            except Exception as error:  # whatever a template does, the page stays
                self._failures.append(_broken(one, self._scene, error))
        return Markup("").join(children)

    def _inside(self, block: Shown, children: list[Markup]) -> list[Markup]:
        """Return what lies in a block: of one that shows a slot what that shows, once on a page."""
        slot = slot_in(block.kind, block.settings)
        if slot is None:
            return children
        html = self._scene.slots.get(slot, "") if self._placed.get(slot) == block.id else ""
        return [Markup(html)] if html else []  # noqa: S704  # our own HTML of its block


def _broken(block: Shown, scene: Scene, error: Exception) -> BrokenBlockError:
    place = f"{scene.where} {scene.at}/{block.id}" if scene.where == "page" else f"slot {scene.at}"
    problems = getattr(error, "problems", ())
    code = problems[0].code if problems else "block.template"
    broken = BrokenBlockError(Problem(code, f'The block "{block.id}" ({block.kind}) can\'t be shown.', place))
    broken.__cause__ = error
    return broken

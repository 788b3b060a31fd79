"""A decision's HTML: worked out when it is asked for, and remembered by what is visible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from lenticular.blocks.locale import language_chain
from lenticular.blocks.registry import Kinds
from lenticular.blocks.render import BlockRenderer, Rendered
from lenticular.blocks.scene import Scene, Shown
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.languages import languages_of
from lenticular.decide.arrangement import Arrangement
from lenticular.decide.decision import Outcome, PageDecision, SlotDecision
from lenticular.decide.snapshot import Snapshot
from lenticular.errors import Problem

Part = TypeVar("Part", PageDecision, SlotDecision)
_MOST_BYTES = 64 * 1024 * 1024
"""So much HTML is remembered for one catalog; then all of it is forgotten."""


class DecisionRenderer:
    """Renders the decisions of one published catalog.

    Two decisions with the same `cache_key` show the same, so in one language they have the same HTML. What could not be
    shown is told once, with the decision for which that was found out; `problems` say it each time.
    """

    def __init__(
        self, catalog: Catalog, snapshot: Snapshot, kinds: Kinds, spoken: frozenset[str] | None = None
    ) -> None:
        self._site = catalog.site
        self._snapshot = snapshot
        self._spoken = languages_of(catalog) if spoken is None else spoken
        self._blocks = BlockRenderer(kinds, catalog.types, catalog.site.key)
        self._known: dict[tuple[str, tuple[str, ...], bool], _Html] = {}
        self._bytes = 0

    def render(self, outcome: Outcome, locale: str = "", each: dict[str, str] | None = None) -> Outcome:
        """Return an outcome whose page and slots have their HTML; text is in `locale`, or as near to it as there is.

        The HTML of each block is put into `each`: those of the page by their ids, without a page slots by their keys.
        """
        languages = language_chain(locale, self._site.locales, self._spoken)
        decision, language = outcome.decision, languages[0] if locale and languages else ""
        key = decision.cache_key, languages, bool(language)
        html, failures = self._known.get(key) if each is None else None, outcome.failures
        if html is None:
            html = self._html(outcome, languages, language, each)
            failures += tuple(one for part in html.parts() for one in part.failures)
            self._remember(key, html)
        slots = {name: _with_html(slot, html.slots[name]) for name, slot in decision.slots.items()}
        page = _with_html(decision.page, html.page) if decision.page and html.page else decision.page
        problems = [*(decision.problems or ()), *html.problems()] or msgspec.UNSET
        decided = msgspec.structs.replace(decision, page=page, slots=slots, problems=problems)
        return msgspec.structs.replace(outcome, decision=decided, failures=failures)

    @property
    def spoken(self) -> frozenset[str]:
        """The languages, without their countries, in which the catalog has anything to say."""
        return self._spoken

    def language(self, locale: str) -> str:
        """Return the language in which somebody with a locale sees the site; empty if it has none."""
        return next(iter(language_chain(locale, self._site.locales, self._spoken)), "")

    def item(self, shown: Shown, locale: str = "") -> Rendered:
        """Return the HTML of one block on no page."""
        languages = language_chain(locale, self._site.locales, self._spoken)
        return self._blocks.render([shown], Scene("slot", shown.id, languages))

    @property
    def missing(self) -> frozenset[str]:
        """The pictures of which nothing is shown, by their hashes."""
        return self._blocks.missing

    def do_without(self, pictures: frozenset[str]) -> None:
        """Show blocks and items without some pictures, by their hashes: their files are not there."""
        self._blocks.do_without(pictures)
        self._known.clear()
        self._bytes = 0

    def _html(self, outcome: Outcome, languages: tuple[str, ...], language: str, each: dict[str, str] | None) -> _Html:
        decision = outcome.decision
        slots = {name: self._slot(name, slot, languages, language) for name, slot in decision.slots.items()}
        inside = {name: part.html for name, part in slots.items()}
        if each is not None and decision.page is None:
            each.update(inside)
        page = self._page(decision.page, languages, language, inside, each) if decision.page else None
        return _Html(page, slots)

    def _page(
        self,
        page: PageDecision,
        languages: tuple[str, ...],
        language: str,
        slots: Mapping[str, str],
        each: dict[str, str] | None = None,
    ) -> Rendered:
        place = self._snapshot.pages.get(page.path)
        defaults = _defaults(place.default) if place and page.experience is not None else {}
        blocks = [Shown(one.id, one.kind, one.settings, one.items, one.collection, one.parent) for one in page.blocks]
        return self._blocks.render(blocks, Scene("page", page.path, languages, language, defaults, slots), each)

    def _slot(self, name: str, slot: SlotDecision, languages: tuple[str, ...], language: str) -> Rendered:
        if slot.block is None:
            return Rendered("")
        place = self._snapshot.slots.get(name)
        defaults = _defaults(place.default) if place and slot.experience is not None else {}
        block = Shown(slot.block.id, slot.block.kind, slot.block.settings, slot.items, slot.collection)
        return self._blocks.render([block], Scene("slot", name, languages, language, defaults))

    def _remember(self, key: tuple[str, tuple[str, ...], bool], html: _Html) -> None:
        size = sum(len(part.html) for part in html.parts()) + 1_000
        if self._bytes + size > _MOST_BYTES:
            self._known.clear()
            self._bytes = 0
        self._known[key] = html
        self._bytes += size


class _Html(msgspec.Struct, frozen=True):
    """The HTML of one decision."""

    page: Rendered | None
    slots: Mapping[str, Rendered]

    def parts(self) -> list[Rendered]:
        return [*([self.page] if self.page else []), *self.slots.values()]

    def problems(self) -> list[Problem]:
        return [problem for part in self.parts() for one in part.failures for problem in one.problems]


def _defaults(arrangement: Arrangement) -> dict[str, Shown]:
    shown = (ready.shown for ready in arrangement.blocks)
    return {
        one.id: Shown(one.id, one.kind, one.settings, collection=one.collection, parent=one.parent) for one in shown
    }


def _with_html(part: Part, rendered: Rendered) -> Part:
    return msgspec.structs.replace(part, html=rendered.html)

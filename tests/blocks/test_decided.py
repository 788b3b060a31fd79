"""The HTML of whole decisions: in which language, what is remembered, what stands in for what an experience broke."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.app.block_kinds import block_kinds
from lenticular.blocks.decided import DecisionRenderer
from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision, Outcome
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.world import catalog_of

PARTS: dict[str, Any] = {
    "segments": {"s": {"rule": "True"}, "t": {"rule": "True"}, "u": {"rule": "True"}},
    "types": {"offer": {"fields": [{"key": "title", "type": "text", "localized": True}]}},
    "content": {
        "a": {"type": "offer", "fields": {"title": {"en": "One", "es": "Uno"}}},
        "b": {"type": "offer", "fields": {"title": {"en": "Two", "es": "Dos"}}},
    },
    "collections": {"c": {"items": ["a"], "variations": [{"segment": "u", "items": ["b"]}]}},
    "pages": {
        "home": {
            "path": "/",
            "blocks": {
                "h": {
                    "kind": "heading",
                    "position": "a",
                    "settings": {"text": {"en": "Hello", "es": "Hola", "he": "Shalom"}},
                },
                "l": {"kind": "card-list", "position": "b", "collection": "c"},
            },
            "experiences": [
                {"key": "broken", "segment": "s", "overrides": {"h": {"settings": {"txet": "x"}}}},
                {"key": "other", "segment": "t", "overrides": {"l": {"kind": "gone"}}},
            ],
        }
    },
    "slots": {"p": {"block": {"kind": "offer", "collection": "c"}}, "q": {"block": {"kind": "banner", "hidden": True}}},
}


class Site:
    def __init__(self) -> None:
        catalog = catalog_of(**PARTS)
        site = msgspec.structs.replace(catalog.site, locales=("es", "en"))
        self.snapshot = compile_snapshot(msgspec.structs.replace(catalog, site=site))
        self.renderer = DecisionRenderer(msgspec.structs.replace(catalog, site=site), self.snapshot, block_kinds())

    def outcome(self, *matching: str, page: str | None = "/", slots: tuple[str, ...] = ()) -> Outcome:
        return decide(self.snapshot, Request(page, slots), frozenset(matching), Visitor(), 0, "d")

    def render(self, *matching: str, locale: str = "", slots: tuple[str, ...] = (), page: str | None = "/") -> Outcome:
        return self.renderer.render(self.outcome(*matching, page=page, slots=slots), locale)


@pytest.fixture
def site() -> Site:
    return Site()


def html(decision: Decision) -> str:
    assert decision.page is not None and isinstance(decision.page.html, str)
    return decision.page.html


@pytest.mark.parametrize(
    ("locale", "title", "item", "says"),
    [
        ("en", "Hello", "One", ' lang="en" dir="ltr"'),
        ("es-MX", "Hola", "Uno", ' lang="es-MX" dir="ltr"'),
        ("ar", "Hola", "Uno", ' lang="es" dir="ltr"'),
        ("he-IL", "Shalom", "Uno", ' lang="he-IL" dir="rtl"'),
        ("", "Hola", "Uno", ""),
    ],
)
def test_texts_come_in_the_language_that_is_nearest(site: Site, locale: str, title: str, item: str, says: str) -> None:
    shown = html(site.render(locale=locale).decision)
    assert f">{title}</h1>" in shown and f">{item}</h2>" in shown and ("lang=" in shown) == bool(says)
    assert says in shown


def test_slots_have_their_html_and_a_hidden_one_an_empty_one(site: Site) -> None:
    slots = site.render(slots=("p", "q"), page=None, locale="en").decision.slots
    assert isinstance(slots["p"].html, str) and 'data-lenticular-item="a"' in slots["p"].html
    assert slots["q"].html == ""


@pytest.mark.parametrize(
    ("matching", "shows", "place"),
    [
        (("s",), ['id="h"', ">Hola</h1>"], "page //h"),
        (("t", "u"), [">Hola</h1>", 'data-lenticular-item="b"'], "page //l"),
    ],
)
def test_what_an_experience_broke_shows_the_default(
    site: Site, matching: tuple[str, ...], shows: list[str], place: str
) -> None:
    outcome = site.render(*matching)
    for text in shows[1:]:
        assert text in html(outcome.decision)
    assert [one.place for one in outcome.decision.problems or ()] == [place]
    assert len(outcome.failures) == 1
    again = site.render(*matching)
    assert again.failures == () and again.decision.problems == outcome.decision.problems


def test_what_shows_the_same_is_rendered_once(site: Site) -> None:
    first, second = html(site.render().decision), html(site.render().decision)
    assert first is second
    assert html(site.render("u").decision) != first
    assert html(site.render(locale="en").decision) != first


def test_the_decision_itself_stays(site: Site) -> None:
    plain = site.outcome("u", slots=("p",))
    rendered = site.renderer.render(plain).decision
    assert msgspec.structs.replace(
        rendered,
        page=msgspec.structs.replace(rendered.page, html=msgspec.UNSET) if rendered.page else None,
        slots={name: msgspec.structs.replace(slot, html=msgspec.UNSET) for name, slot in rendered.slots.items()},
    ) == plain.decision  # fmt: skip
